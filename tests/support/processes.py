"""The standalone server as a process, and raw talk with it: what several test files need."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

COMMAND = [sys.executable, "-W", "error", "-m", "voipbin_mock"]


def environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOIPBIN_MOCK_")}
    return kept | variables


@contextmanager
def serving(
    *flags: str, env: dict[str, str] | None = None, memory: int | None = None, command: list[str] = COMMAND
) -> Iterator[subprocess.Popen[str]]:
    """`voipbin-mock serve` in a process of its own; with `memory`, of so many bytes at most."""

    def bound() -> None:
        if memory is not None and sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    with subprocess.Popen(
        [*command, "serve", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**(env or {})),
        preexec_fn=bound,  # so that a bad case ends the server and not the machine
    ) as server:
        try:
            yield server
        finally:
            if server.poll() is None:
                server.kill()


def line_of(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    return server.stdout.readline().strip()


def facts_of(server: subprocess.Popen[str]) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(line_of(server))
    return facts


def port_of(facts: dict[str, Any]) -> int:
    return int(facts["url"].rpartition(":")[2].partition("/")[0])


def get(url: str) -> Any:
    with urlopen(url, timeout=10) as reply:
        return json.load(reply)


def stop(server: subprocess.Popen[str], how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    server.send_signal(how)
    _, log = server.communicate(timeout=15)
    return server.returncode, log


def connect(port: int, timeout: float = 10) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=timeout)


def until(there: Callable[[], bool]) -> None:
    """Look until something outside this process is there; that it never is, is a failure."""
    nothing = threading.Event()
    for _ in range(1000):
        if there():
            return
        nothing.wait(0.02)
    raise AssertionError("it never came")


def until_end(connection: socket.socket) -> bytes:
    """What comes until the other side closes; a server that does not is a failure."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def talk(port: int, data: bytes, *, half_close: bool = False) -> bytes:
    """Send these bytes as they are, and read until the server closes the connection."""
    with connect(port) as connection:
        try:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it may close early; what it said is read all the same
        return until_end(connection)


def codes(answers: bytes) -> list[int]:
    """The status of each answer in a stream of them."""
    return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answers)]


def resident(pid: int) -> float:
    """The memory a process has in use, in MiB; 0 where the system does not tell."""
    statm = Path(f"/proc/{pid}/statm")
    return int(statm.read_text().split()[1]) * resource.getpagesize() / 2**20 if statm.exists() else 0.0
