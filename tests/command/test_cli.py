"""The standalone server, as its user meets it: a process, its output, its exit code."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.support.processes import (
    COMMAND,
    codes,
    connect,
    environment,
    facts_of,
    get,
    line_of,
    port_of,
    serving,
    stop,
    talk,
    until,
    until_end,
)
from voipbin_mock import Mock


def refused(*flags: str, env: dict[str, str] | None = None) -> str:
    """The one line that the command ends with, having exited with 2."""
    done = subprocess.run(
        [*COMMAND, "serve", *flags], capture_output=True, text=True, timeout=30, env=environment(**(env or {}))
    )
    assert done.returncode == 2, done
    assert done.stdout == ""
    return one_line(done.stderr)


def one_line(said: str) -> str:
    *usage, line = said.strip().splitlines()
    assert not usage or usage[0].startswith("usage: ")
    return line


def test_the_first_line_comes_when_it_answers_and_then_a_ready_curl_line() -> None:
    with serving("--port", "0") as server:
        first = re.fullmatch(r"voipbin-mock listening on (http://127\.0\.0\.1:\d+/v1\.0)", line_of(server))
        assert first is not None
        second = re.fullmatch(r"curl '(.*/outplans\?accesskey=[\w-]+)'", line_of(server))
        assert second is not None
        assert second[1].startswith(first[1])
        assert get(second[1])["result"][0]["name"] == "test outplan"
        third = re.fullmatch(r"console at (http://127\.0\.0\.1:\d+/__mock__/console)", line_of(server))
        assert third is not None
        with urlopen(third[1]) as page:
            assert page.headers.get_content_type() == "text/html"
        code, log = stop(server)
        assert code == 0
        assert "GET /v1.0/outplans?accesskey=*** -> 200" in log


@pytest.mark.parametrize(
    ("flags", "shown"),
    [
        ((), "/__mock__/console"),
        (("--control-token", "p q/ü"), "/__mock__/console#token=p%20q%2F%C3%BC"),
        (("--host", "0.0.0.0"), None),
        (("--no-console", "--control-token", "secret"), None),
    ],
)
def test_a_terminal_is_shown_where_the_console_is_and_the_token_with_it(
    flags: tuple[str, ...], shown: str | None
) -> None:
    ours, theirs = os.openpty()
    command = [*COMMAND, "serve", "--port", "0", "--quiet", *flags]
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env=environment()) as server:
        os.close(theirs)
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            said = b""
            while said.count(b"\n") < (2 if shown is None else 3):
                said += terminal.read(4096)
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=20)
    printed = said.decode().splitlines()
    assert ["".join(line.partition("/__mock__")[1:]) for line in printed[2:]] == ([] if shown is None else [shown])
    assert all("console" not in line and "token" not in line for line in printed[:2])


def test_to_a_pipe_the_token_is_not_told() -> None:
    with serving("--port", "0", "--control-token", "hush-hush") as server:
        lines = [line_of(server) for _ in range(3)]
        assert lines[2].endswith("/__mock__/console")
        assert "hush" not in "".join(lines)
        stop(server)


def test_with_json_the_first_line_says_all_a_program_needs() -> None:
    with serving("--port", "0", "--json") as server:
        facts = facts_of(server)
        assert facts.keys() >= {"url", "token", "accesskey", "username", "password", "control_url"}
        assert get(f"{facts['url']}/me?token={facts['token']}")["username"] == facts["username"]
        assert get(f"{facts['url']}/outplans?accesskey={facts['accesskey']}")["result"]
        assert get(f"{facts['control_url']}/health")["profile"] == "documented"
        assert stop(server, signal.SIGINT)[0] == 0


def test_violations_and_warnings_are_in_the_log() -> None:
    with serving("--port", "0", "--json") as server:
        facts = facts_of(server)
        connection = HTTPConnection(facts["url"].split("/")[2], timeout=10)
        body = json.dumps({"name": "n", "detail": "d", "dial_timeout": "30"})
        target = f"/v1.0/outplans?accesskey={facts['accesskey']}"
        connection.request("POST", target, body, {"Content-Type": "application/json"})
        assert connection.getresponse().status == 400
        connection.close()
        _, log = stop(server)
        assert "POST /v1.0/outplans?accesskey=*** -> 400 INVALID_JSON_BODY" in log
        assert "/dial_timeout" in log
        assert '"try_interval" is missing' in log


def test_the_port_file_holds_the_port_for_as_long_as_the_server_answers(tmp_path: Path) -> None:
    file = tmp_path / "port"
    with serving("--port", "0", "--port-file", str(file)) as server:
        url = line_of(server).rpartition(" ")[2]
        assert url == f"http://127.0.0.1:{int(file.read_text())}/v1.0"
        assert stop(server)[0] == 0
    assert list(tmp_path.iterdir()) == []


def test_a_port_file_of_an_earlier_run_is_gone_before_a_server_listens_or_fails(tmp_path: Path) -> None:
    file = tmp_path / "port"
    file.write_text("1\n")
    assert "no seed" in refused("--port", "0", "--port-file", str(file), "--seed", "nonsense")
    assert not file.exists()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        file.write_text("1\n")
        assert "cannot listen" in refused("--port", str(taken.getsockname()[1]), "--port-file", str(file))
    assert not file.exists()


def test_links_where_the_port_file_goes_are_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("precious")
    file = tmp_path / "port"
    for name in ("port", "port.new", ".port"):
        (tmp_path / name).symlink_to(kept)
    with serving("--port", "0", "--port-file", str(file), "--json", "--quiet") as server:
        port = port_of(facts_of(server))
        assert (int(file.read_text()), file.is_symlink()) == (port, False)
        stop(server)
    assert kept.read_text() == "precious"


def test_servers_with_one_port_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    file = tmp_path / "port"
    flags = ("--port", "0", "--port-file", str(file), "--json", "--quiet")
    with serving(*flags) as first, serving(*flags) as second:
        ports = {port_of(facts_of(server)) for server in (first, second)}
        last = int(file.read_text())
        assert last in ports
        assert [stop(server)[0] for server in (first, second)] == [0, 0]
    assert list(tmp_path.iterdir()) == []
    file.mkdir()
    assert "is no plain file" in refused(*flags)


def test_every_flag_can_be_an_environment_variable(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text('{"outplans": [{"name": "mine"}]}')
    env = {
        "VOIPBIN_MOCK_PORT": "0",
        "VOIPBIN_MOCK_PROFILE": "server",
        "VOIPBIN_MOCK_STRICT": "true",
        "VOIPBIN_MOCK_FIXTURES": str(tmp_path),
        "VOIPBIN_MOCK_SEED": "mine",
        "VOIPBIN_MOCK_CLOCK": "2026-03-01T09:00:00Z",
        "VOIPBIN_MOCK_JSON": "1",
        "VOIPBIN_MOCK_QUIET": "yes",
        "VOIPBIN_MOCK_RANDOM_SEED": "7",
        "VOIPBIN_MOCK_IGNORE": "no-tries, content-type",
    }
    with serving(env=env) as server:
        facts = facts_of(server)
        health = get(f"{facts['control_url']}/health")
        assert (health["profile"], health["strict"], health["seed"]) == ("server", True, "mine")
        assert health["random_seed"] == "7"
        assert get(f"{facts['control_url']}/clock") == {"now": "2026-03-01T09:00:00.000000Z", "frozen": True}
        (plan,) = get(f"{facts['url']}/outplans?accesskey={facts['accesskey']}")["result"]
        assert plan["name"] == "mine"
        assert stop(server) == (0, "")


def test_a_flag_wins_over_the_environment() -> None:
    env = {"VOIPBIN_MOCK_PROFILE": "server", "VOIPBIN_MOCK_STRICT": "false"}
    with serving("--port", "0", "--json", "--profile", "documented", "--strict", env=env) as server:
        health = get(f"{facts_of(server)['control_url']}/health")
        assert (health["profile"], health["strict"]) == ("documented", True)


def test_a_taken_port_gives_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert refused("--port", str(port)).startswith(f"voipbin-mock: cannot listen on 127.0.0.1:{port}: ")


def test_a_bad_seed_or_fixture_file_gives_one_clear_line(tmp_path: Path) -> None:
    assert "did you mean 'tutorial'?" in refused("--seed", "tutoral")
    file = tmp_path / "outplans.json"
    file.write_text('[{"name": 3}]')
    assert f"{file}: /outplans/0/name: expected a string" in refused("--fixtures", str(tmp_path))
    file.write_text("{")
    assert f"{file}: not JSON" in refused("--fixtures", str(tmp_path))
    assert "no such directory" in refused("--fixtures", str(tmp_path / "nowhere"))


# Each command in turn, in one process: its exit code, and what it says.
EACH = """
import contextlib, io, json, os, sys
from voipbin_mock.command.main import main
for flags, env in json.load(sys.stdin):
    os.environ.update(env)
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            code = main(["serve", *flags])
        except SystemExit as end:
            code = end.code
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
    for name in env:
        del os.environ[name]
"""
MENDABLE: list[tuple[tuple[str, ...], dict[str, str], str]] = [
    (("--port", "65536"), {}, "is no port"),
    (("--port", "http"), {}, "is no port"),
    (("--profile", "documentd"), {}, "choose one of documented, server"),
    (("--error", "nonsense"), {}, "unknown lint code"),
    (("--clock", "soon"), {}, "is no timestamp"),
    (("--strict", "--lenient"), {}, "not allowed with argument"),
    (("--port", "0", "--port-file", "/nowhere/at/all"), {}, "--port-file /nowhere/at/all: "),
    ((), {"VOIPBIN_MOCK_STRICT": "perhaps"}, "VOIPBIN_MOCK_STRICT must be true or false"),
    ((), {"VOIPBIN_MOCK_PORT": "x"}, "VOIPBIN_MOCK_PORT: 'x' is no port"),
    ((), {"VOIPBIN_MOCK_SPEED": "fast"}, "VOIPBIN_MOCK_SPEED: 'fast' is no speed"),
    (("--state", "/nowhere/state.json"), {}, "--state /nowhere/state.json: No such file"),
]


def test_what_the_user_can_mend_gives_one_clear_line() -> None:
    commands = json.dumps([(flags, env) for flags, env, _ in MENDABLE])
    words = [sys.executable, "-W", "error", "-c", EACH]
    done = subprocess.run(words, input=commands, capture_output=True, text=True, timeout=60, env=environment())
    assert (done.returncode, done.stderr) == (0, "")
    for (flags, _, said), line in zip(MENDABLE, done.stdout.splitlines(), strict=True):
        code, out, err = json.loads(line)
        assert (code, out) == (2, ""), flags
        assert said in one_line(err), flags


def test_a_variable_that_nobody_reads_is_told_of() -> None:
    env = {"VOIPBIN_MOCK_PROT": "1", "VOIPBIN_MOCK_SESSION": "ctl's own"}
    with serving("--port", "0", "--json", env=env) as server:
        facts_of(server)
        code, log = stop(server)
    assert code == 0
    assert log.splitlines() == [
        "voipbin-mock: warning: VOIPBIN_MOCK_PROT is no variable that is read; did you mean VOIPBIN_MOCK_PORT?"
    ]


@pytest.mark.parametrize("flag", ["--state", "--seed"])
def test_a_server_starts_from_a_state_that_was_kept(flag: str, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with Mock(clock="2026-03-01T09:00:00Z") as mock:
        mock.outplans.create(name="kept")
        file.write_text(json.dumps(mock.dump()))
    with serving("--port", "0", "--json", flag, str(file)) as server:
        facts = facts_of(server)
        found = get(f"{facts['url']}/outplans?accesskey={facts['accesskey']}")["result"]
        assert [plan["name"] for plan in found] == ["kept"]
        assert get(f"{facts['control_url']}/clock") == {"now": "2026-03-01T09:00:00.000000Z", "frozen": True}
    file.write_text('{"format": "voipbin-mock-state", "records": 5}')
    assert f"{flag} {file}: state: /" in refused(flag, str(file), "--port", "0")


def test_a_server_can_end_with_whoever_started_it() -> None:
    reader, writer = os.pipe()
    command = [*COMMAND, "serve", "--port", "0", "--json", "--exit-with-stdin"]
    with subprocess.Popen(command, stdin=reader, stdout=subprocess.PIPE, text=True, env=environment()) as server:
        os.close(reader)
        facts = facts_of(server)
        os.write(writer, b"not read\n")
        assert get(f"{facts['control_url']}/health")["status"] == "ok"
        os.close(writer)  # as it is when a test runner is killed
        assert server.wait(timeout=20) == 0


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_server_whose_output_is_closed_stops_cleanly(closed: str, tmp_path: Path) -> None:
    file = tmp_path / "port"
    command = shlex.join([*COMMAND, "serve", "--port", "0", "--port-file", str(file), "--exit-with-stdin"])
    shell = ["bash", "-c", f"{command} {closed}"]
    with subprocess.Popen(shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        until(file.exists)
        assert get(f"http://127.0.0.1:{int(file.read_text())}/ping") == {"message": "pong"}
        out, err = server.communicate(timeout=20)  # which closes its input
    assert server.returncode == 0
    assert b"Traceback" not in out + err


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_the_address_that_is_printed_can_be_called(host: str) -> None:
    with serving("--port", "0", "--host", host, "--json") as server:
        facts = facts_of(server)
        assert facts["url"].startswith("http://127.0.0.1:")
        assert facts["control_url"].startswith("http://127.0.0.1:")
        assert get(f"{facts['control_url']}/health")["status"] == "ok"


def test_beyond_loopback_it_warns_and_the_control_api_is_off() -> None:
    with serving("--host", "0.0.0.0", "--port", "0", "--json") as server:
        port = facts_of(server)["url"].split(":")[2].split("/")[0]
        connection = HTTPConnection("127.0.0.1", int(port), timeout=10)
        connection.request("GET", "/__mock__/state")
        assert connection.getresponse().status == 403
        connection.close()
        code, log = stop(server)
        assert code == 0
        assert "can be reached from other machines" in log


def test_a_control_token_is_asked_for() -> None:
    with serving("--port", "0", "--json", "--control-token", "sesame") as server:
        port = facts_of(server)["url"].split(":")[2].split("/")[0]
        connection = HTTPConnection("127.0.0.1", int(port), timeout=10)
        codes = []
        for headers in ({}, {"X-VoIPBIN-Mock-Control-Token": "x"}, {"X-VoIPBIN-Mock-Control-Token": "sesame"}):
            connection.request("GET", "/__mock__/state", headers=headers)
            reply = connection.getresponse()
            reply.read()
            codes.append(reply.status)
        connection.close()
        assert codes == [403, 403, 200]


@pytest.mark.parametrize(
    "flags", [("--host", "0.0.0.0"), ("--control-token", "s"), ("--host", "0.0.0.0", "--control-token", "s")]
)
def test_whoever_reaches_it_may_see_that_it_is_well_and_read_its_page_but_no_more(flags: tuple[str, ...]) -> None:
    with serving("--port", "0", "--json", "--quiet", *flags) as server:
        port = port_of(facts_of(server))

        def asked(method: str, path: str, **headers: str) -> bytes:
            fields = {"Host": "mock:8484", "Connection": "close", "Content-Length": "0", **headers}
            lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
            return talk(port, "\r\n".join([*lines, "", ""]).encode())

        health = asked("GET", "/__mock__/health")
        assert codes(health) == [200]
        told = json.loads(health.partition(b"\r\n\r\n")[2])
        assert (told["status"], told["profile"]) == ("ok", "documented")
        assert "random_seed" not in told, "tokens are made from it"
        assert codes(asked("GET", "/__mock__/docs/")) == [200]
        assert codes(asked("GET", "/__session__/new/__mock__/health")) == [200]
        for method, path in (("GET", "/__mock__/sessions"), ("GET", "/__mock__"), ("POST", "/__mock__/health")):
            assert codes(asked(method, path)) == [403], (method, path)
        assert codes(asked("GET", "/__mock__/health", Origin="http://evil.example")) == [403]
        assert codes(asked("GET", "/__mock__/health", **{"X-VoIPBIN-Mock-Control-Token": "x"})) == [403]


def test_a_control_token_may_be_any_text() -> None:
    token = "sésame-ключ"
    with serving("--port", "0", "--json", "--quiet", env={"VOIPBIN_MOCK_CONTROL_TOKEN": token}) as server:
        url = facts_of(server)["control_url"]
        for given, code in ((token, 0), ("sésame", 1)):
            command = [*COMMAND, "ctl", "--url", url, "--control-token", given, "session", "list"]
            assert subprocess.run(command, capture_output=True, timeout=30, env=environment()).returncode == code


def test_the_version_is_told() -> None:
    from voipbin_mock import __version__

    done = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == f"voipbin-mock {__version__}"


# --- ending --------------------------------------------------------------------------------------


def refuses(port: int) -> bool:
    """Wait until the server takes no more connections; it closes the port before it finishes the rest."""
    pause = threading.Event()
    for _ in range(2000):
        try:
            connect(port).close()
        except OSError:
            return True
        pause.wait(0.005)
    return False


def half_a_request(facts: dict[str, Any]) -> tuple[socket.socket, bytes]:
    """A connection on which half of a create was sent, and the other half."""
    body = json.dumps({"name": "late", "detail": "", "dial_timeout": 30000, "try_interval": 600000}).encode()
    head = (
        f"POST /v1.0/outplans?accesskey={facts['accesskey']} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    )
    connection = connect(port_of(facts))
    connection.sendall(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body[:20])
    return connection, body[20:]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_a_request_in_flight_finish(how: signal.Signals) -> None:
    with serving("--port", "0", "--json", "--lenient") as server:
        facts = facts_of(server)
        idle = HTTPConnection("127.0.0.1", port_of(facts), timeout=10)
        idle.request("GET", "/ping")
        assert idle.getresponse().read() == b'{"message":"pong"}'
        late, rest = half_a_request(facts)
        server.send_signal(how)
        assert refuses(port_of(facts))
        late.sendall(rest)
        answer = until_end(late)
        assert codes(answer) == [200]
        assert b"Connection: close" in answer
        assert until_end(idle.sock) == b""  # kept alive until now
        idle.close()
        late.close()
        assert server.wait(10) == 0


def test_a_second_signal_ends_it_at_once() -> None:
    with serving("--port", "0", "--json") as server:
        facts = facts_of(server)
        late, _ = half_a_request(facts)
        server.send_signal(signal.SIGTERM)
        assert refuses(port_of(facts))
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 128 + signal.SIGTERM
        late.close()


def test_it_serves_on_when_nobody_reads_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "port"
    command = [*COMMAND, "serve", "--port", "0", "--port-file", str(file), "--quiet"]
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen(command, stdout=writer, stderr=subprocess.PIPE, text=True, env=environment()) as server:
        os.close(writer)
        while not file.exists():
            assert server.poll() is None
        assert get(f"http://127.0.0.1:{file.read_text().strip()}/ping") == {"message": "pong"}
        assert stop(server) == (0, "")


# --- who may drive it ----------------------------------------------------------------------------

ALLOWED = [
    {},
    {"Host": "localhost:{port}"},
    {"Host": "[::1]:{port}"},
    {"Origin": "http://127.0.0.1:{port}", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
]
FOREIGN = [
    {"Host": "evil.example"},
    {"Host": "127.0.0.1.evil.example:{port}"},
    {"Host": "localhost.evil.example"},
    {"Host": "[::1].evil.example"},
    {"Host": ""},
    {"Host": "evil.example:{port}", "Origin": "http://evil.example:{port}", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "null"},
    {"Origin": "http://evil.example"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "http://localhost:{port}"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


def test_no_page_in_a_browser_can_drive_the_control_api() -> None:
    with serving("--port", "0", "--json", "--quiet") as server:
        port = port_of(facts_of(server))

        def call(method: str, path: str, headers: dict[str, str]) -> int:
            fields = {"Host": "127.0.0.1:{port}", "Content-Length": "0", "Connection": "close", **headers}
            lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
            (code,) = codes(talk(port, "\r\n".join([*lines, "", ""]).replace("{port}", str(port)).encode()))
            return code

        for headers in ALLOWED:
            assert call("GET", "/__mock__/health", headers) == 200, headers
            assert call("POST", "/__mock__/reset", headers) == 200, headers
        # What is asked of another host is not ours, whatever the header says.
        assert call("POST", "http://evil.example/__mock__/reset", {}) == 403
        assert call("POST", "http://127.0.0.1:{port}/__mock__/reset", {}) == 200
        # A form of a browser that sends neither of the two; curl says nothing of where it comes from.
        assert call("POST", "/__mock__/reset", {"Referer": "http://evil.example/page"}) == 403
        assert call("POST", "/__mock__/reset", {"Referer": "http://127.0.0.1:{port}/__mock__/docs"}) == 200
        assert call("POST", "/__mock__/reset", {"Content-Type": "application/x-www-form-urlencoded"}) == 200
        for headers in FOREIGN:
            for method, path in (("GET", "/__mock__/state"), ("POST", "/__mock__/reset"), ("PUT", "/__mock__/state")):
                assert call(method, path, headers) == 403, (method, headers)
            assert call("GET", "/%5F_mock__/state", headers) == 403
            assert call("GET", "http://127.0.0.1/__mock__/state", headers) == 403
            assert call("POST", "http://127.0.0.1:{port}/__mock__/reset", headers) == 403
            # A browser asks first whether it may; it may not.
            asked = {**headers, "Access-Control-Request-Method": "PUT"}
            assert call("OPTIONS", "/__mock__/state", asked) == 403


@pytest.mark.parametrize("host", ["::1", "127.0.0.2"])
def test_every_loopback_address_will_do(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.bind((host, 0))
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with serving("--host", host, "--port", "0", "--json", "--quiet") as server:
        facts = facts_of(server)
        assert facts["url"].startswith(f"http://[{host}]:" if ":" in host else f"http://{host}:")
        assert get(f"{facts['url']}/outplans?accesskey={facts['accesskey']}")["result"]
        assert get(f"{facts['control_url']}/health")["status"] == "ok"
        assert stop(server) == (0, "")


def test_strict_and_lenient_cannot_both_be_asked_for() -> None:
    env = {"VOIPBIN_MOCK_STRICT": "yes", "VOIPBIN_MOCK_LENIENT": "yes"}
    assert "contradict each other" in refused(env=env)
