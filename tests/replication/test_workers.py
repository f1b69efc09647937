"""The workers of one server, as processes: what whoever asks them is told, and what they leave."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from tests.support.processes import COMMAND, facts_of, get, serving, stop
from tests.support.replicas import Memory, OneOf
from tests.support.targets import Target
from voipbin_mock._seconds import seconds
from voipbin_mock._version import __version__
from voipbin_mock.command.main import main
from voipbin_mock.replication import duties, sqlite_log
from voipbin_mock.replication.log import Kept
from voipbin_mock.replication.sqlite_log import SqliteLog

FLAGS = ("--port", "0", "--json", "--quiet", "--clock", "2026-03-01T09:00:00Z")
OF_ITS_OWN_TERMINAL = [
    *(sys.executable, "-c", "import os, sys; os.setsid(); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"),
    *COMMAND[1:],
]
WITHIN = 15.0  # seconds


def workers_of(facts: dict[str, Any]) -> set[int]:
    """The processes that are there, by their health."""
    return {int(one["id"].rpartition(":")[2]) for one in get(f"{facts['control_url']}/health")["log"]["replicas"]}


def code_of(facts: dict[str, Any]) -> int:
    """What a request on a connection of its own is answered; 0: that went with its worker."""
    try:
        with urlopen(f"{facts['url']}/tags?accesskey={facts['accesskey']}", timeout=10) as reply:
            return int(reply.status)
    except HTTPError as error:
        return error.code
    except (URLError, ConnectionError):
        return 0


def test_a_worker_has_caught_up_before_it_answers_and_the_last_leaves_one_file(tmp_path: Path) -> None:
    path = tmp_path / "mock.state"
    with serving(*FLAGS, "--state", str(path), "--workers", "3") as server:
        facts = facts_of(server)
        until = seconds() + WITHIN
        while len(workers_of(facts)) < 3 and seconds() < until:
            assert code_of(facts) == 200
        with closing(Target("kept", [facts])) as mock:
            for _ in range(100):
                mock.done("POST", "/v1.0/tags", {"name": "vip", "detail": ""})
        before = workers_of(facts)
        os.kill(min(before), signal.SIGKILL)
        until = seconds() + WITHIN
        while not workers_of(facts) - before and seconds() < until:
            assert code_of(facts) in (0, 200)
        assert workers_of(facts) - before
        assert {code_of(facts) for _ in range(20)} == {200}
        code, log = stop(server)
        assert code == 0
        assert "is started again" in log
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_ctrl_c_in_a_terminal_which_all_of_them_hear_is_a_clean_end(tmp_path: Path) -> None:
    path = tmp_path / "mock.state"
    with serving(*FLAGS, "--state", str(path), "--workers", "2", command=OF_ITS_OWN_TERMINAL) as server:
        facts = facts_of(server)
        with closing(Target("kept", [facts])) as mock:
            mock.done("POST", "/v1.0/tags", {"name": "vip", "detail": ""})
        os.killpg(server.pid, signal.SIGINT)
        _, log = server.communicate(timeout=WITHIN)
        assert (server.returncode, log) == (0, "")
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == (0,)


def test_a_file_that_workers_cannot_go_on_with_is_told_and_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mock.state"
    with closing(SqliteLog(str(path))) as log:
        log.found({"version": __version__, "settings": {"profile": "documented"}})
    before = path.read_bytes()
    with serving(*FLAGS, "--state", str(path), "--workers", "2", "--profile", "server") as server:
        _, said = server.communicate(timeout=WITHIN)
    assert server.returncode == 2
    assert "begun with --profile documented, not with --profile server" in said
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == before

    path.write_text('{"format": "voipbin-mock-state"}')
    assert main(["serve", *FLAGS, "--state", str(path), "--workers", "2"]) == 2
    assert "a state to start from, which nothing can be kept in; --seed takes it" in capsys.readouterr().err


def test_inputs_that_are_large_are_cut_before_there_are_many_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duties, "KEEP_EVERY_BYTES", 100_000)
    memory = Memory()
    one = OneOf(memory, "one")
    its = duties.Duties(one.replica)
    one.replica.leads = True
    for detail in ("", "x" * 600_000):
        kept = memory.kept
        assert one.call("POST", "/v1.0/tags", {"name": "vip", "detail": detail})[0] == 200
        its._look()
        if its._keeping is not None:
            its._keeping.join(WITHIN)
        assert (memory.kept is not kept) == bool(detail)
    assert (memory.cut, memory.kept.position if memory.kept else 0) == (one.replica.position, one.replica.position)
    its._look()
    assert not its._is_long()


def test_the_file_does_not_grow_with_the_webhooks_that_were_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_log, "MOST_CLAIMS", 10)
    with closing(SqliteLog(str(tmp_path / "mock.state"))) as log:
        log.found({})
        for number in range(30):
            assert log.claim(f"sent 1:{number}")
        log.append(b"x", 0)
        log.keep(Kept(1, 1, b"{}"))
        assert not any(log.claim(f"sent 1:{number}") for number in range(20, 30)), "may be under way"
        assert log.claim("sent 1:5"), "is long over"
