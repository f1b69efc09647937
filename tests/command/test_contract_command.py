"""`voipbin-mock contract run`: what it dares, what it leaves, what it tells."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from tests.support.contracting import CASES, credentials, live_rows, mock_of, without_deletes
from voipbin_mock import Mock
from voipbin_mock.command import main as cli
from voipbin_mock.contract import HttpTarget, Runner, TargetError
from voipbin_mock.contract.casebook import load
from voipbin_mock.contract.runner import Allowed
from voipbin_mock.server.live import LiveServer

CANARY = "canary-7d1c9f0e-52a4"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VOIPBIN_API_KEY", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def served() -> Iterator[tuple[Mock, str]]:
    with mock_of(intercept=False) as mock:
        yield mock, mock.serve().origin + "/v1.0"


def contract(*words: str) -> int:
    return cli.main(["contract", *words])


def as_json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


# --- a fresh mock ----------------------------------------------------------------------------------


def test_without_a_url_a_fresh_mock_keeps_every_promise(capsys: pytest.CaptureFixture[str]) -> None:
    assert contract("run", "--profile", "server", "--format", "json") == 0
    told = as_json(capsys)
    assert (told["failed"], told["skipped"], told["profile"]) == (0, 0, "server")
    assert told["passed"] == len([case for case in CASES if case.profile in (None, "server")])


def test_the_profile_is_found_out_and_its_points_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert contract("run", "--only", "outplans/*") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "profile: follows documented" in lines
    (d4,) = [line for line in lines if line.startswith("    D4 ")]
    assert d4.startswith("    D4 (members of an address that are empty): documented; /source")
    assert "in outplans/is-created-as-sent, step 1" in d4


# --- another host ----------------------------------------------------------------------------------


def test_another_host_is_only_read_from(served: tuple[Mock, str], capsys: pytest.CaptureFixture[str]) -> None:
    mock, url = served
    before = mock.dump()["records"]
    assert contract("run", "--base-url", url, "--login", f"{mock.username}:{mock.password}", "--format", "json") == 0
    told = as_json(capsys)
    assert mock.dump()["records"] == before
    ran = [case for case in told["cases"] if case["outcome"] == "passed"]
    assert {case["effect"] for case in ran} == {"reads"}
    assert len(ran) > 80
    assert told["profile"] == "documented"
    assert {"D1", "D2", "D4", "D10", "D13"} <= {point["point"] for point in told["points"]}


def test_writing_and_spending_need_flags_of_their_own(
    served: tuple[Mock, str], capsys: pytest.CaptureFixture[str]
) -> None:
    mock, url = served
    key = ("--accesskey", mock.accesskey, "--format", "json", "--only", "numbers/*")
    assert contract("run", "--base-url", url, *key, "--allow-writes") == 0
    effects = {case["effect"]: case for case in as_json(capsys)["cases"] if case["outcome"] == "skipped"}
    assert effects.keys() == {"costs"}
    assert effects["costs"]["why"] == "it may cost money: --allow-costs"
    assert not [e for e in mock.requests if e.method == "POST" and e.json and e.json.get("type") != "virtual"
                and e.path == "/v1.0/numbers"]  # fmt: skip
    assert contract("run", "--base-url", url, *key, "--allow-costs") == 0
    assert as_json(capsys)["skipped"] == 0


def test_a_run_with_a_short_mark_deletes_only_what_it_made(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Mock("server", seed="tutorial", intercept=False, ignore=("all",)) as mock:
        monkeypatch.setattr(HttpTarget, "pause", lambda _target, seconds: mock.advance(seconds))
        before = {name: {row.id for row in mock.records(name)} for name in ("numbers", "tags", "flows", "outplans")}
        words = ("--base-url", mock.serve().origin, "--accesskey", mock.accesskey, "--profile", "server")
        assert contract("run", *words, "--set", "unique=0", "--allow-costs") == 0
        after = {name: {row.id for row in mock.records(name)} for name in before}
    assert "LEFT BEHIND" not in capsys.readouterr().out
    assert all(ids and ids <= after[name] for name, ids in before.items())


def test_the_access_key_comes_from_the_environment(
    served: tuple[Mock, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mock, url = served
    assert contract("run", "--base-url", url, "--only", "outplans/lists-are-lists", "--format", "json") == 2
    assert as_json(capsys)["cases"][0]["why"] == "the target has no credential"
    monkeypatch.setenv("VOIPBIN_API_KEY", mock.accesskey)
    assert contract("run", "--base-url", url, "--only", "outplans/lists-are-lists", "--format", "json") == 0
    assert as_json(capsys)["passed"] == 1


def test_a_broken_promise_is_exit_one_with_the_place(
    served: tuple[Mock, str], capsys: pytest.CaptureFixture[str]
) -> None:
    mock, url = served
    words = ("--base-url", url, "--accesskey", mock.accesskey, "--profile", "server", "--only", "outplans/lists-*")
    assert contract("run", *words) == 1
    out = capsys.readouterr().out
    assert "FAILED outplans/lists-are-lists" in out
    assert "step 1: GET /v1.0/outplans -> 200" in out
    assert "[D1] /result/0/tm_create: expected as server has it, got '2022-04-28 01:50:23.414000'" in out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--base-url", "ftp://x"], "'ftp://x' is no base URL"),
        (["--base-url", "http://127.0.0.1:1/v1.0", "--accesskey", CANARY], "does not answer"),
        (["--base-url", "http://127.0.0.1:9", "--login", "nobody"], "--login: write USER:PASS"),
        (["--cases", "/nowhere"], "/nowhere: no such directory of cases"),
        (["--only", "nothing/*"], "no case is called nothing/"),
        (["--set", "x"], "--set x: write NAME=VALUE"),
        (["--only", "auth/ping*", "--output", "/nowhere/x"], "--output /nowhere/x: No such file"),
    ],
)
def test_what_the_user_can_mend_is_one_line_and_exit_two(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert contract("run", *words) == 2
    said = capsys.readouterr()
    assert why in said.err
    assert said.err.count("\n") == 1
    assert CANARY not in said.err + said.out


def test_unknown_words_are_usage_errors() -> None:
    with pytest.raises(SystemExit) as caught:
        contract("run", "--profile", "both")
    assert caught.value.code == 2


# --- output ----------------------------------------------------------------------------------------


def test_junit_is_written_where_it_is_wanted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "contract.xml"
    words = ("run", "--format", "junit", "--output", str(path), "--only", "auth/*", "--only", "outplans/*")
    assert contract(*words) == 0
    assert capsys.readouterr().out == ""
    suite = ElementTree.parse(path).getroot()[0]
    assert int(suite.attrib["tests"]) == len(list(suite)) > 100
    assert suite.attrib["failures"] == "0"
    assert {case.attrib["classname"] for case in suite} == {"auth", "outplans"}


def test_a_failure_in_junit_has_the_reason(served: tuple[Mock, str], capsys: pytest.CaptureFixture[str]) -> None:
    mock, url = served
    words = ("--base-url", url, "--accesskey", mock.accesskey, "--profile", "server", "--format", "junit")
    assert contract("run", *words, "--only", "tags/are-listed") == 1
    failure = ElementTree.fromstring(capsys.readouterr().out).find(".//failure")
    assert failure is not None
    assert "[D1]" in str(failure.text)


def test_output_has_colours_and_a_bar_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("run", "--only", "tags/*")
    contract(*words)
    plain = capsys.readouterr()
    assert "\033" not in plain.out + plain.err
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    contract(*words)
    shown = capsys.readouterr()
    assert "\033[32m" in shown.out
    assert "5/5" in shown.err
    assert shown.err.endswith("\r\033[K"), "the bar is gone at the end"
    monkeypatch.setenv("NO_COLOR", "1")
    contract(*words)
    assert "\033[32m" not in capsys.readouterr().out


def test_a_terminal_without_unicode_and_a_pipe_that_closes_are_no_trouble(tmp_path: Path) -> None:
    step = {"ask": "GET /ping", "as": "none", "expect": {"body": {"message": "p\u00f6ng"}}}
    case = {"name": "pings", "effect": "reads", "steps": [step]}
    document = {"format": "voipbin-contract-cases", "version": 1, "about": "mine", "cases": [case]}
    (tmp_path / "mine.json").write_text(json.dumps(document))
    words = [sys.executable, "-m", "voipbin_mock", "contract", "run", "--cases", str(tmp_path), "--only", "mine/*"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    plain = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)
    assert (plain.returncode, plain.stderr) == (1, "")
    assert 'expected "p\\xf6ng", got "pong"' in plain.stdout
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(60) == 1
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()


def test_two_runs_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("run", "--format", "json", "--only", "outplans/*", "--only", "agents/*")
    contract(*words)
    first = capsys.readouterr().out
    contract(*words)
    assert capsys.readouterr().out == first


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_no_credential_is_ever_shown(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    key, password = "vb_canary-of-the-account-0000000001", 'canary / of "the" agent'
    customer = "7a1b2c3d-4e5f-6789-abcd-ef0123456789"
    agent = {"username": "canary@localhost", "password": password, "permission": 32, "customer_id": customer}
    seed = {
        "extends": "tutorial",
        "agents": [agent],
        "accesskeys": [
            {"token": key, "name": "canary", "customer_id": customer, "tm_expire": "9998-12-31 00:00:00.000000"}
        ],
    }
    with Mock(seed=seed, intercept=False, ignore=("all",)) as mock:
        url = mock.serve().origin
        secrets = [key, password, json.dumps(password)[1:-1], quote(password, safe="")]
        # Held to the wrong profile, nearly everything fails, and failures show answers.
        words = ("--base-url", url, "--profile", "server", "--format", form, "--allow-costs", "--accesskey", key)
        words += ("--only", "a*/*")
        assert contract("run", *words, "--login", f"canary@localhost:{password}") == 1
        said = capsys.readouterr()
        given = [json.loads(e._reply_body) for e in mock.requests if e.method == "POST" and e.http_code == 200]
        secrets += [reply["token"] for reply in given if "token" in reply]
    shown = said.out + said.err
    assert "accesskeys/" in shown
    assert len(secrets) > 8, "logins and new access keys, too"
    assert not [secret for secret in secrets if secret in shown]


# --- manners ---------------------------------------------------------------------------------------


def answering(app: Callable[..., Any]) -> LiveServer:
    return LiveServer(app)


def test_a_429_is_waited_for_as_long_as_it_says(served: tuple[Mock, str]) -> None:
    mock, _ = served
    asked: list[str] = []

    def limited(environ: Any, start_response: Any) -> Any:
        asked.append(environ["PATH_INFO"])
        if len(asked) % 3:
            start_response("429 Too Many Requests", [("Retry-After", "7"), ("Content-Length", "0")])
            return [b""]
        return mock.app(environ, start_response)

    pauses: list[float] = []
    with answering(limited) as server:
        target = HttpTarget(server.origin, **credentials(mock))
        target.pause = pauses.append  # type: ignore[method-assign]
        (case,) = load(only="outplans/unknown-is-missing")
        assert Runner(target, "documented").case(case).outcome == "passed"
    assert pauses == [7, 7]
    assert len(asked) == 3


def test_a_limit_that_never_ends_is_not_waited_for_for_ever() -> None:
    def limited(environ: Any, start_response: Any) -> Any:
        start_response("429 Too Many Requests", [("Retry-After", "100000"), ("Content-Length", "0")])
        return [b""]

    pauses: list[float] = []
    with answering(limited) as server:
        target = HttpTarget(server.origin, accesskey="vb_x")
        target.pause = pauses.append  # type: ignore[method-assign]
        (case,) = load(only="outplans/unknown-is-missing")
        result = Runner(target, "documented").case(case)
    assert result.outcome == "failed"
    assert 0 < len(pauses) <= 5
    assert max(pauses) <= 120


def test_a_target_that_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = HttpTarget(f"http://127.0.0.1:{silent.getsockname()[1]}", accesskey="vb_x", timeout=0.2)
        with pytest.raises(TargetError, match=r"does not answer GET /ping: .*timed out"):
            Runner(target, "documented").run(load(only="auth/ping*"))


@pytest.mark.parametrize("nth", [3, 8, 20, 41])
def test_an_interrupt_leaves_nothing_behind(nth: int, served: tuple[Mock, str]) -> None:
    mock, url = served
    names = ("outplans", "outdials", "campaigns", "agents", "tags", "queues", "flows", "targets")
    before = {name: live_rows(mock, name) for name in names}
    target = HttpTarget(url, **credentials(mock))
    target.pause = mock.advance  # type: ignore[assignment]
    sent, send = [0], target.send

    def interrupted(*args: Any) -> Any:
        answer = send(*args)
        sent[0] += 1
        if sent[0] == nth:
            raise KeyboardInterrupt
        return answer

    cases = load(only=["campaigns/*", "queues/*", "outplans/is-*", "targets/*"])
    runner = Runner(target, "documented", allowed=Allowed(True, True))
    target.send = interrupted  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        runner.run(cases)
    # What the interrupted request itself made cannot be known, for its answer was never looked at.
    lost = 1 if mock.requests[-1].method == "POST" else 0
    assert sum(live_rows(mock, name) - before[name] for name in names) <= 1 + lost


def test_a_broken_step_leaves_nothing_behind(served: tuple[Mock, str]) -> None:
    mock, url = served
    before = live_rows(mock, "outplans")
    target = HttpTarget(url, **credentials(mock))
    run = Runner(target, "server", allowed=Allowed(True, True)).run(load(only="outplans/*", profile="server"))
    assert run.failed
    assert live_rows(mock, "outplans") == before
    assert not [result for result in run.results if result.left_behind]


def test_what_cannot_be_deleted_is_told(served: tuple[Mock, str]) -> None:
    mock, _ = served

    with answering(without_deletes(mock)) as server:
        target = HttpTarget(server.origin, **credentials(mock))
        (case,) = load(only="outplans/is-updated")
        run = Runner(target, "documented", allowed=Allowed(True)).run([case])
    assert not run.ok
    (left,) = run.results[0].left_behind
    assert left.startswith("/v1.0/outplans/")
    assert "503" in left


@pytest.mark.skipif(os.name == "nt", reason="sends signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_command_cleanly(number: int, served: tuple[Mock, str]) -> None:
    mock, _ = served
    reached, go_on = threading.Event(), threading.Event()

    def slow(environ: Any, start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] == "PUT":
            reached.set()
            go_on.wait(10)
        return mock.app(environ, start_response)

    before = live_rows(mock, "outplans")
    with answering(slow) as server:
        words = [sys.executable, "-m", "voipbin_mock", "contract", "run", "--base-url", server.origin]
        words += ["--accesskey", mock.accesskey, "--allow-writes", "--only", "outplans/is-updated"]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert reached.wait(20)
        assert live_rows(mock, "outplans") == before + 1
        process.send_signal(number)
        threading.Timer(0.2, go_on.set).start()
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err.strip().endswith("interrupted; what was made was deleted again")
    assert "Traceback" not in err
    assert live_rows(mock, "outplans") == before
