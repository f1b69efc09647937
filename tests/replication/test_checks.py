"""Replicas compare what they have made of the inputs."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support.replicas import Memory, OneOf
from voipbin_mock.replication import replica
from voipbin_mock.replication.log import LogGone

EVERY = 8


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica, "CHECKED_EVERY", EVERY)


def asked(one: OneOf, times: int) -> None:
    for number in range(times):
        assert one.call("POST", "/v1.0/tags", {"name": f"tag {number}", "detail": ""})[0] == 200


def checked(leader: OneOf, follower: OneOf) -> None:
    """The leader tells what it has made of it, and the other hears of that."""
    check = leader.replica.to_check()
    assert check is not None
    leader.replica.submit(check)
    follower.replica.follow()


def log_of(one: OneOf) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(one.call("GET", "/__mock__/health")[1])["log"]
    return told


def tags(one: OneOf) -> bytes:
    body: bytes = one.call("GET", "/v1.0/tags")[1]
    return body


def test_one_that_makes_something_else_says_so_and_starts_from_the_kept_state(caplog: pytest.LogCaptureFixture) -> None:
    memory = Memory()
    leader, follower = OneOf(memory, "leader"), OneOf(memory, "follower")
    asked(leader, 3)
    leader.log.keep(leader.replica.picture()())
    follower.replica.follow()
    before = log_of(follower)["reloads"]
    follower.mock.world.ids.uuid()  # it draws what nobody else does
    asked(leader, EVERY)
    checked(leader, follower)
    assert "has made something else of the inputs up to 8 than its leader" in caplog.text
    assert "starts from the state that is kept again" in caplog.text
    assert (log_of(follower)["reloads"] - before, log_of(leader)["reloads"]) == (1, 0)
    assert tags(follower) == tags(leader)

    asked(leader, EVERY)
    caplog.clear()
    checked(leader, follower)
    assert caplog.text == ""


def test_a_reload_that_does_not_help_is_not_made_for_ever(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory()
    leader, follower = OneOf(memory, "leader"), OneOf(memory, "follower")
    leader.log.keep(leader.replica.picture()())
    take = follower.replica._take

    def differently(kept: Any) -> None:
        take(kept)
        follower.mock.world.ids.uuid()

    monkeypatch.setattr(follower.replica, "_take", differently)
    follower.mock.world.ids.uuid()
    for _ in range(2):
        asked(leader, EVERY)
        checked(leader, follower)
    assert "goes on as it is, until a newer state is kept" in caplog.text
    assert log_of(follower)["reloads"] == 1


def test_that_the_log_is_gone_is_said_once_however_often_it_is_looked_at(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = OneOf(Memory(), "one")

    def unsettled(*_: Any) -> Any:
        raise LogGone("who is there compares what each has")

    one.replica.lost("no connection")
    with monkeypatch.context() as patched:
        patched.setattr(one.log, "read", unsettled)
        for _ in range(3):
            with pytest.raises(LogGone):
                one.replica.found_again()
    assert caplog.text.count("the log cannot be reached") == 1
    assert log_of(one)["gone"] == "who is there compares what each has"
    one.replica.found_again()
    asked(one, 1)


def test_without_its_flags_a_server_loads_nothing_of_this() -> None:
    program = (
        "import sys, threading, voipbin_mock.command.main as main, voipbin_mock.command.serve as serve\n"
        "serve._announce = lambda *_: threading.main_thread() and __import__('_thread').interrupt_main()\n"
        "main.main(['serve', '--port', '0', '--quiet'])\n"
        "loaded = [name for name in sys.modules if name.partition('.')[0] in ('sqlite3', 'redis', 'fakeredis')"
        " or name.startswith(('voipbin_mock.replication', 'voipbin_mock.command.ctl'))]\n"
        "print(loaded)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr
