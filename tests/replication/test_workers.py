"""The workers of one server, as processes: what whoever asks them is told, and what they leave."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from tests.support.processes import facts_of, get, serving, stop
from tests.support.targets import Target
from voipbin_mock._seconds import seconds
from voipbin_mock.replication import sqlite_log
from voipbin_mock.replication.log import Kept
from voipbin_mock.replication.sqlite_log import SqliteLog

FLAGS = ("--port", "0", "--json", "--quiet", "--clock", "2026-03-01T09:00:00Z")
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


def test_the_file_does_not_grow_with_the_webhooks_that_were_sent(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(sqlite_log, "MOST_CLAIMS", 10)
    with closing(SqliteLog(str(tmp_path / "mock.state"))) as log:
        log.found({})
        for number in range(30):
            assert log.claim(f"sent 1:{number}")
        log.append(b"x", 0)
        log.keep(Kept(1, 1, b"{}"))
        assert not any(log.claim(f"sent 1:{number}") for number in range(20, 30)), "may be under way"
        assert log.claim("sent 1:5"), "is long over"
