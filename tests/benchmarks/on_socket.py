"""Requests through a socket to a server in a process of its own, and what starting one takes."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks import floors
from tests.benchmarks.in_process import PATH
from tests.benchmarks.measure import Call, Effort, Row, calls_in_turns, compiled, in_turns, once, plain, ratio
from voipbin_mock import Mock

ROOT = Path(__file__).resolve().parents[2]
SERVE = ("-m", "voipbin_mock", "serve", "--port", "0", "--json")
FLOOR = ("-m", "tests.benchmarks.floor_server")
MOTO = ("-m", "moto.server", "-H", "127.0.0.1", "-p")
WAIT = 60.0  # seconds until a server has to answer


@contextmanager
def process(*arguments: str, root: Path = ROOT) -> Iterator[subprocess.Popen[str]]:
    """A Python process in a checkout, ended at the end."""
    command = [sys.executable, *arguments]
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(
        command,
        cwd=root,
        env={**compiled(), "PYTHONPATH": path},
        stdin=pipe,
        stdout=pipe,
        stderr=nowhere,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.terminate()


def first_line(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    said = running.stdout.readline()
    if not said:
        raise RuntimeError(f"{running.args} said nothing")
    return said


def served(running: subprocess.Popen[str]) -> tuple[str, dict[str, str]]:
    """Origin and credential of `voipbin-mock serve --json`."""
    facts = json.loads(first_line(running))
    return facts["url"].removesuffix("/v1.0"), {"Authorization": f"Bearer {facts['token']}"}


class Connection(http.client.HTTPConnection):
    """One client's connection; counts how often it had to be opened."""

    opened = 0

    def connect(self) -> None:
        self.opened += 1
        super().connect()

    def ask(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> tuple[int, Any]:
        text = None if body is None else json.dumps(body).encode()
        self.request(method, path, text, {"Content-Type": "application/json", **headers})
        response = self.getresponse()
        return response.status, json.loads(response.read() or b"null")


def connection(origin: str) -> Connection:
    return Connection(urlsplit(origin).netloc, timeout=WAIT)


def asking(origin: str, method: str, path: str, headers: dict[str, str], body: Any = None) -> Call:
    """The same request over one connection, tried once."""
    to = connection(origin)
    status, answer = to.ask(method, path, headers, body)
    if status != 200:
        raise RuntimeError(f"{status}: {answer}")
    return lambda: to.ask(method, path, headers, body)


def over_socket(effort: Effort) -> Iterator[Row]:
    with ExitStack() as stack:
        origin, headers = served(stack.enter_context(process(*SERVE)))
        floor = first_line(stack.enter_context(process(*FLOOR))).strip()
        contenders = {
            "ours": asking(origin, "POST", PATH, headers, floors.BODY),
            "floor": asking(floor, "POST", PATH, headers, floors.BODY),
            "warned": asking(origin, "POST", PATH, headers, floors.WARNED),
        }
        if importlib.util.find_spec("moto") is not None:
            contenders |= moto(stack)
        times = calls_in_turns(contenders, effort)
        yield ratio("create over a socket", times, "ours", "floor", 1.12, "one keep-alive connection")
        yield ratio("the same with two warnings", times, "warned", "ours", 1.20, "of the same body without")
        if "dynamodb" in times:
            yield ratio("the same, of moto DynamoDB", times, "ours", "dynamodb", 0.30, "PutItem")
            yield ratio("the same, of moto SSM", times, "ours", "ssm", 0.30, "PutParameter")
        one = connection(origin)
        for number in range(600):
            body = floors.REJECTED if number % 10 == 0 else floors.BODY
            one.ask("POST", PATH, headers, body)
        yield Row("connections for 600 requests", one.opened, 1, unit="", note="one in ten is rejected")


def moto(stack: ExitStack) -> dict[str, Call]:
    """What comes nearest to a create, in moto's server, by plain HTTP."""
    port = free_port()
    stack.enter_context(process(*MOTO, str(port)))
    origin = f"http://127.0.0.1:{port}"
    wait_for(origin)

    def asks(service: str, version: str, action: str, body: Any) -> Call:
        scope = f"AKIAEXAMPLE/20260101/us-east-1/{service}/aws4_request"
        headers = {
            "Content-Type": f"application/x-amz-json-{version}",
            "X-Amz-Target": action,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        }
        return asking(origin, "POST", "/", headers, body)

    table = {
        "TableName": "outplans",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    asks("dynamodb", "1.0", "DynamoDB_20120810.CreateTable", table)
    numbers = {name: {"N": str(value)} for name, value in floors.BODY.items() if isinstance(value, int)}
    texts = {name: {"S": value} for name, value in floors.BODY.items() if isinstance(value, str)}
    source = {"M": {name: {"S": value} for name, value in floors.BODY["source"].items()}}
    item = {"id": {"S": "7a1b2c3d-4e5f-6789-abcd-ef0123456789"}, **texts, **numbers, "source": source}
    parameter = {"Name": "/outplan", "Value": json.dumps(floors.BODY), "Type": "String", "Overwrite": True}
    return {
        "dynamodb": asks("dynamodb", "1.0", "DynamoDB_20120810.PutItem", {"TableName": "outplans", "Item": item}),
        "ssm": asks("ssm", "1.1", "AmazonSSM.PutParameter", parameter),
    }


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(origin: str) -> None:
    until = time.monotonic() + WAIT
    while True:
        to = connection(origin)
        try:
            to.connect()
            to.close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def start_stop(effort: Effort) -> Iterator[Row]:
    """The live server in a thread here, against werkzeug's as pytest-httpserver uses it."""
    from werkzeug.serving import make_server

    from voipbin_mock.server.live import LiveServer

    app = Mock().app

    def live() -> None:
        with LiveServer(app):
            pass

    def werkzeug() -> None:
        server = make_server("127.0.0.1", 0, app)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        server.shutdown()
        thread.join()
        server.server_close()

    times = in_turns({"ours": lambda: once(live), "werkzeug": lambda: once(werkzeug)}, effort.spawns)
    yield plain("start and stop of LiveServer", times, "ours", "werkzeug", 0.020)


def first_page(root: Path = ROOT) -> float:
    """Seconds from starting the mock of a checkout to its first 200."""
    path = f"{PATH}?accesskey={Mock(seed='tutorial').accesskey}"
    before = time.perf_counter()
    with process("-m", "voipbin_mock", "serve", "--port", "0", root=root) as running:
        asking(first_line(running).split()[-1], "GET", path, {})
        return time.perf_counter() - before


def first_page_of_floor() -> float:
    before = time.perf_counter()
    with process(*FLOOR) as running:
        asking(first_line(running).strip(), "GET", PATH, {})
        return time.perf_counter() - before


def cold_start(effort: Effort) -> Iterator[Row]:
    """From starting the process to the first 200."""

    first_page()  # the first one compiles it
    times = in_turns({"ours": first_page, "floor": first_page_of_floor}, effort.spawns)
    yield ratio("serve to its first 200", times, "ours", "floor", 1.15, "of a bare Flask app on the same server")
