"""How `voipbin-mock contract` ends: interrupted once or twice, with nothing checked, with something left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.support.contracting import credentials, live_rows, mock_of, without_deletes
from voipbin_mock import Mock
from voipbin_mock.command import contract as command
from voipbin_mock.command import main as cli
from voipbin_mock.contract import Comparison, HttpTarget, MockTarget, Runner, TargetError, compare
from voipbin_mock.contract.casebook import load
from voipbin_mock.contract.runner import Allowed
from voipbin_mock.server.live import LiveServer

App = Callable[[Any, Any], Any]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VOIPBIN_API_KEY", raising=False)


@pytest.fixture
def served() -> Iterator[tuple[Mock, str]]:
    with mock_of(intercept=False) as mock:
        yield mock, mock.serve().origin + "/v1.0"


# --- interrupted ------------------------------------------------------------------------------------


@contextmanager
def held_at_a_put(mock: Mock) -> Iterator[tuple[str, threading.Event, threading.Event]]:
    reached, go_on = threading.Event(), threading.Event()

    def slow(environ: Any, start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] == "PUT":
            reached.set()
            go_on.wait(10)
        return mock.app(environ, start_response)

    with LiveServer(slow) as server:
        try:
            yield server.origin, reached, go_on
        finally:
            go_on.set()


def started(mock: Mock, url: str, *more: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "voipbin_mock", "contract", "run", "--base-url", url, "--accesskey", mock.accesskey]
    words += ["--allow-writes", "--only", "outplans/is-updated", "--only", "outplans/lists-are-lists", *more]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name == "nt", reason="sends signals")
def test_a_second_interrupt_names_what_it_leaves(served: tuple[Mock, str]) -> None:
    mock, _ = served
    before = live_rows(mock, "outplans")
    with held_at_a_put(mock) as (url, reached, _go_on), started(mock, url) as process:
        assert reached.wait(20)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        first = process.stderr.readline()
        assert first.startswith("voipbin-mock: interrupted; the request under way may take 30 seconds, then")
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(20) == 130
    assert live_rows(mock, "outplans") == before + 1
    left = mock.outplans.list()[0].id
    assert f"LEFT BEHIND: /v1.0/outplans/{left}\n" in rest
    assert "deleted again" not in rest


@pytest.mark.skipif(os.name == "nt", reason="sends signals")
@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT"])
def test_an_interrupt_cleans_up_and_reports_what_was_done(name: str, served: tuple[Mock, str]) -> None:
    mock, _ = served
    before = live_rows(mock, "outplans")
    with held_at_a_put(mock) as (url, reached, go_on), started(mock, url, "--format", "json") as process:
        assert reached.wait(20)
        process.send_signal(getattr(signal, name))
        assert process.stderr is not None
        process.stderr.readline()
        go_on.set()
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert live_rows(mock, "outplans") == before
    assert err == "voipbin-mock: interrupted; what was made was deleted again\n"
    told = json.loads(out)
    assert told["interrupted"] is True
    assert [case["why"] for case in told["cases"] if case["outcome"] == "skipped"] == ["it was interrupted"]


@pytest.mark.skipif(os.name == "nt", reason="sends signals")
def test_an_interrupt_that_leaves_something_does_not_say_it_is_deleted(served: tuple[Mock, str]) -> None:
    mock, _ = served
    reached, go_on = threading.Event(), threading.Event()

    app = without_deletes(mock)

    def held(environ: Any, start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] == "PUT":
            reached.set()
            go_on.wait(10)
        return app(environ, start_response)

    with LiveServer(held) as server, started(mock, server.origin) as process:
        assert reached.wait(20)
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        process.stderr.readline()
        go_on.set()
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "LEFT BEHIND: /v1.0/outplans/" in err
    assert err.endswith("interrupted; not all that was made is deleted\n")


# --- nothing checked --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--only", "tags/are-listed"], "the target has no credential"),
        (["--only", "tags/lives-*", "--accesskey", "KEY"], "it writes: --allow-writes"),
        (["--only", "outplans/another-*", "--accesskey", "KEY"], "the target has no foreign_outplan"),
    ],
)
def test_a_run_that_checked_nothing_is_not_green(
    words: list[str], why: str, served: tuple[Mock, str], capsys: pytest.CaptureFixture[str]
) -> None:
    mock, url = served
    words = [mock.accesskey if word == "KEY" else word for word in words]
    assert cli.main(["contract", "run", "--base-url", url, *words]) == 2
    assert capsys.readouterr().err == f"voipbin-mock: nothing was checked: {why}\n"


def test_a_comparison_of_nothing_is_not_green(served: tuple[Mock, str], capsys: pytest.CaptureFixture[str]) -> None:
    _, url = served
    assert cli.main(["contract", "compare", "mock:documented", url, "--only", "tags/lives-*"]) == 2
    assert "nothing was compared: it writes: --allow-writes" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["--accesskey", "--token"])
def test_a_wrong_credential_is_one_line_and_not_every_case(
    kind: str, served: tuple[Mock, str], capsys: pytest.CaptureFixture[str]
) -> None:
    _, url = served
    for words in (["run", "--base-url", url], ["compare", "mock:documented", url]):
        assert cli.main(["contract", *words, kind, "vb_canary-0000000000000000000000000000"]) == 2
        said = capsys.readouterr()
        assert "is refused with 401" in said.err
        assert "INVALID_CREDENTIALS" in said.err
        assert said.err.count("\n") == 1
        assert "canary" not in said.err + said.out


# --- compare ----------------------------------------------------------------------------------------


def http_target(mock: Mock, url: str, **more: Any) -> HttpTarget:
    target = HttpTarget(url, accesskey=mock.accesskey, **more)
    target.pause = mock.advance  # type: ignore[assignment]
    return target


def both(mock: Mock, url: str, **more: Any) -> Comparison:
    cases = load(only=["tags/*", "outplans/*", "agents/*", "campaigns/*", "auth/a-login*", "targets/*"])
    allowed = Allowed(True, True)
    return compare(MockTarget("documented"), http_target(mock, url, **more), cases, allowed=(None, allowed))


def test_a_mock_and_the_same_served_have_no_difference(served: tuple[Mock, str]) -> None:
    mock, url = served
    found = both(mock, url)
    assert not found.differences
    assert found.ok
    assert found.left_out["outplans/another-customers-is-out-of-reach"].endswith(" has no foreign_outplan")
    assert "token to ask with" in " ".join(found.left_out.values()) or "username" in " ".join(found.left_out.values())


def test_two_servers_have_no_difference_by_their_names(served: tuple[Mock, str]) -> None:
    mock, url = served
    targets = [http_target(mock, url, values={"unique": unique}) for unique in ("6473a1b2c3d4e", "6473a1b2c9999")]
    cases = load(only=["tags/*", "outplans/is-*", "agents/lives-*"])
    found = compare(targets[0], targets[1], cases, allowed=[Allowed(True, True)] * 2)
    assert not found.differences
    assert found.checked > 5


def test_a_comparison_that_leaves_something_is_not_green(
    served: tuple[Mock, str], capsys: pytest.CaptureFixture[str]
) -> None:
    mock, _ = served

    with LiveServer(without_deletes(mock, "403 Forbidden")) as server:
        words = [server.origin, server.origin, "--accesskey", mock.accesskey, "--allow-writes"]
        assert cli.main(["contract", "compare", *words, "--only", "outplans/id-may-*"]) == 1
    out = capsys.readouterr().out
    assert "no difference" in out
    assert out.count("LEFT BEHIND: /v1.0/outplans/") == 2


# --- manners ----------------------------------------------------------------------------------------


def answering(*head: Any) -> App:
    def app(environ: Any, start_response: Any) -> Any:
        start_response(*head)
        return [b""]

    return app


def test_a_429_that_says_0_is_given_time() -> None:
    pauses: list[float] = []
    with LiveServer(answering("429 Too Many", [("Retry-After", "0"), ("Content-Length", "0")])) as server:
        target = HttpTarget(server.origin, accesskey="vb_x")
        target.pause = pauses.append  # type: ignore[method-assign]
        Runner(target, "documented").case(load(only="outplans/unknown-is-missing")[0])
    assert sum(pauses) > 5
    assert pauses == sorted(pauses)


def test_a_redirect_is_told_with_its_location() -> None:
    with LiveServer(answering("301 Moved", [("Location", "https://elsewhere/"), ("Content-Length", "0")])) as server:
        target = HttpTarget(server.origin, accesskey="vb_x")
        result = Runner(target, "documented").case(load(only="tags/are-listed")[0])
    assert "status: expected 200, got 301 to https://elsewhere/" in str(result.broken[0][1])


def test_a_timeout_is_for_the_whole_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("voipbin_mock.contract.remote.time.monotonic", lambda: now[0])

    def drips(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Length", "100")])
        for _ in range(100):
            now[0] += 1.0  # a byte a second
            yield b"x"

    with LiveServer(drips) as server:
        target = HttpTarget(server.origin, accesskey="vb_x", timeout=5)
        with pytest.raises(TargetError, match="timed out"):
            target.send("GET", "/ping", "", {}, None)


def test_a_report_says_its_version_and_how_long_each_case_took(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["contract", "run", "--only", "tags/*", "--format"]
    assert cli.main([*words, "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["format"], told["version"]) == ("voipbin-contract-run", 1)
    assert cli.main([*words, "junit"]) == 0
    suite = ElementTree.fromstring(capsys.readouterr().out)[0]
    assert float(suite.attrib["time"]) > 0
    assert sum(float(case.attrib["time"]) for case in suite) == pytest.approx(float(suite.attrib["time"]), abs=0.01)


@pytest.mark.parametrize("columns", [10, 40, 59, 60, 61, 200])
def test_the_bar_is_no_wider_than_the_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(command.shutil, "get_terminal_size", lambda: os.terminal_size((columns, 24)))
    assert cli.main(["contract", "run", "--only", "outplans/a*", "--only", "tags/*"]) == 0
    shown = capsys.readouterr().err.split("\r\033[K")
    assert max(map(len, shown)) < columns
    assert any("/" in line for line in shown)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
def test_a_full_disk_is_one_line() -> None:
    words = [sys.executable, "-m", "voipbin_mock", "contract", "run", "--only", "tags/*"]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "voipbin-mock: the report cannot be written: No space left on device\n"


def test_a_list_beyond_all_measure_is_told_and_not_looked_through(served: tuple[Mock, str]) -> None:
    mock, _ = served
    row = mock.client.get("/v1.0/outplans").json["result"][0]
    body = json.dumps({"result": [row] * 20_000, "next_page_token": ""}, separators=(",", ":")).encode()
    looked = [0]

    def large(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] != "/v1.0/outplans":
            return mock.app(environ, start_response)
        headers = [("Content-Type", "application/json; charset=utf-8"), ("X-Request-Id", "r")]
        start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [body]

    with LiveServer(large) as server, pytest.MonkeyPatch.context() as patch:
        part = type(Runner(http_target(mock, server.origin)).catalog.resources["outplans"].record)
        right = part.violations

        def counted(self: Any, raw: Any) -> Any:
            looked[0] += 1
            return right(self, raw)

        patch.setattr(part, "violations", counted)
        result = Runner(http_target(mock, server.origin), "documented").case(load(only="outplans/lists-are-lists")[0])
    assert "/result: expected at most 100" in " ".join(str(fault) for _, fault in result.broken)
    assert looked[0] <= 100


# --- a campaign that is looked at -------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["documented", "server"])
@pytest.mark.parametrize("seconds", [0.0, 0.9, 1.0, 5.0, 61.0, 3600.0])
def test_the_case_of_a_running_campaign_does_not_race_with_the_dialer(profile: str, seconds: float) -> None:
    class Slow(MockTarget):
        def send(self, *args: Any) -> Any:
            self.mock.advance(seconds)
            return super().send(*args)

    target = Slow(profile)
    result = Runner(target, profile).case(load(only="campaigns/runs-and-is-stopped")[0])
    assert (result.outcome, result.left_behind) == ("passed", [])


# --- auto -------------------------------------------------------------------------------------------


def test_a_target_that_mixes_the_profiles_fails(served: tuple[Mock, str], capsys: pytest.CaptureFixture[str]) -> None:
    mock, _ = served

    def mixed(environ: Any, start_response: Any) -> Any:
        held: list[Any] = []
        pieces = b"".join(mock.app(environ, lambda *head: held.append(head)))
        try:
            value = json.loads(pieces)
        except ValueError:
            value = None
        if isinstance(value, dict) and "tm_create" in value:
            value["tm_create"] = value["tm_create"].replace(" ", "T").rstrip("0") + "Z"
            pieces = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        status, headers = held[0][:2]
        headers = [(n, str(len(pieces)) if n.lower() == "content-length" else v) for n, v in headers]
        start_response(status, headers)
        return [pieces]

    with LiveServer(mixed) as server:
        words = ["contract", "run", "--base-url", server.origin, "--login", f"{mock.username}:{mock.password}"]
        words += ["--accesskey", mock.accesskey, "--allow-writes", "--only", "outplans/*", "--only", "auth/*"]
        assert cli.main([*words, "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["profile"] == "documented"
    faults = [fault for case in told["cases"] for fault in case["broken"]]
    assert "D1" in {fault["point"] for fault in faults}
    assert {fault["pointer"] for fault in faults if fault["point"]} == {"/tm_create"}


def test_credentials_of_a_target_are_needed_in_no_other_way(served: tuple[Mock, str]) -> None:
    mock, url = served
    target = HttpTarget(url, **credentials(mock))
    target.admitted()
    target.token = "not.a.token"
    with pytest.raises(TargetError, match="the token is refused with 401"):
        target.admitted()
