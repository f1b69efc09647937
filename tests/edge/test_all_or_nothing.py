"""Whatever fails on its way through the mock: all of it is done, or nothing, and what comes next is well.

Errors are put in at every function of the package that a request, a control call, a load, a reset or a run passes.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from inspect import CO_GENERATOR
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import voipbin_mock
from tests.support.dialing import CAMPAIGN, NIL, OUTPLAN, START
from tests.support.toys.area import AREA as TOYS
from voipbin_mock import Busy, Mock, SeedError
from voipbin_mock.wire.errors import TimerError

PACKAGE = os.path.dirname(voipbin_mock.__file__)
PROFILES = ("documented", "server")
# An answer that was made and does not get out is as one whose connection breaks: what was done stands.
TELLS = ("/edge/observing.py", "/world/world.py: aftermath", "/world/world.py: deliver")
ON_ITS_WAY_OUT = ("/edge/carrier.py", "/edge/door.py", "/edge/environ.py", *TELLS)
NAMED = "req-of-the-test"  # or each answer would draw an id
ADDRESS = {"type": "tel", "target": "+12025550115", "target_name": "", "name": "", "detail": ""}


class Failed(Exception):
    """Put in by the test."""


class Interrupted(BaseException):
    """The same, as Ctrl-C and the time limits of test runners come."""


def observed(frame: FrameType | None) -> str:
    """What tells of something that was done, if it is on the stack."""
    while frame is not None:
        where = f"{frame.f_code.co_filename.removeprefix(PACKAGE)}: {frame.f_code.co_name}"
        if where.startswith(TELLS):
            return where
        frame = frame.f_back
    return ""


class Fuse:
    """Counts the calls of the package's functions in this thread, and fails at one of them."""

    def __init__(self, at: int | None = None, error: type[BaseException] = Failed) -> None:
        self.at, self.error, self.calls, self.where = at, error, 0, ""

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if event != "call" or code.co_flags & CO_GENERATOR or not code.co_filename.startswith(PACKAGE):
            return  # generators are also entered to be closed, where nobody hears of an error
        if code.co_filename.endswith("/delivery/alarm.py"):
            return  # it ends receivers in time, and rings in this thread if it cannot be put off
        self.calls += 1
        if self.calls - 1 == self.at:
            told = observed(frame)
            self.where = f"{told or frame.f_code.co_filename.removeprefix(PACKAGE)}: {frame.f_code.co_name}"
            raise self.error(self.where)

    @contextmanager
    def burning(self) -> Iterator[None]:
        before = sys.getprofile()
        sys.setprofile(self)
        try:
            yield
        finally:
            sys.setprofile(before)


def ask(mock: Mock, method: str, path: str, json: Any = None) -> int:
    headers = {"X-Request-Id": NAMED, "Authorization": f"Bearer {mock.token}"}
    return int(mock.anonymous.open(path, method=method, json=json, headers=headers).status_code)


def scene(profile: str, record: bool = False) -> Mock:
    """A mock in which much goes on: a campaign that dials, faults, limits, a receiver, a toy that runs."""
    mock = Mock(profile, clock=START, ignore="all", areas=[TOYS], record=record)

    def post(path: str, body: Any) -> str:
        answer = mock.client.post("/v1.0" + path, json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json["id"])

    mock.webhooks.connect(lambda webhook: 200)
    outplan = post("/outplans", OUTPLAN)
    outdial = mock.outdials.create(name="list", detail="d", data="d").id
    slots = {f"destination_{n}": ADDRESS if n == 0 else None for n in range(5)}
    post(f"/outdials/{outdial}/targets", {"name": "t", "detail": "d", "data": "d", **slots})
    post("/campaigns", {**CAMPAIGN, "outplan_id": outplan, "outdial_id": outdial})
    post("/toys", {"name": "bear", "owner_id": mock.agents.list()[0].id, "detail": "brown"})
    mock.phone("+1202*").script(Busy("1s"))
    mock.faults.latency("any", 0, times=1000, probability=0.5)
    mock.limits.set({"customer": (17, 1000)})
    assert mock.token
    return mock


def campaign(mock: Mock) -> str:
    return mock.campaigns.list()[0].id


def newest(mock: Mock, resource: str) -> str:
    return str(mock.records(resource).list()[0].id)


@cache
def state() -> Any:
    """Of another mock, with a campaign that runs."""
    other = scene("documented")
    ask(other, "PUT", f"/v1.0/campaigns/{campaign(other)}/status", {"status": "run"})
    other.advance(seconds=2)
    return other.dump()


RECORD = {"name": "x", "detail": "y"}
REQUESTS: dict[str, Callable[[Mock], int]] = {
    "create": lambda mock: ask(mock, "POST", "/v1.0/outplans", OUTPLAN),
    "create and follow": lambda mock: ask(
        mock, "POST", "/v1.0/toys", {"name": "duck", "owner_id": newest(mock, "agents"), "detail": "yellow"}
    ),
    "update": lambda mock: ask(mock, "PUT", f"/v1.0/outplans/{newest(mock, 'outplans')}", RECORD),
    "delete": lambda mock: ask(mock, "DELETE", f"/v1.0/toys/{newest(mock, 'toys')}"),
    "list": lambda mock: ask(mock, "GET", "/v1.0/campaigns?page_size=1"),
    "run a campaign": lambda mock: ask(mock, "PUT", f"/v1.0/campaigns/{campaign(mock)}/status", {"status": "run"}),
    "call": lambda mock: ask(
        mock, "POST", "/v1.0/calls", {"flow_id": NIL, "source": ADDRESS, "destinations": [ADDRESS], "actions": []}
    ),
    "refused": lambda mock: ask(mock, "POST", "/v1.0/outplans", {"name": 3}),
    "script phones": lambda mock: ask(mock, "PUT", "/__mock__/phones", {"+1202*": ["busy"], "default": ["busy"]}),
    "plan a fault": lambda mock: ask(
        mock, "POST", "/__mock__/faults", {"kind": "error", "on": "any", "reason": "INTERNAL"}
    ),
    "limit": lambda mock: ask(mock, "PUT", "/__mock__/limits", {"rate_limits": True}),
    "modes": lambda mock: ask(mock, "PUT", "/__mock__/modes", {"pages_of": 2}),
    "reset": lambda mock: ask(mock, "POST", "/__mock__/reset"),
    "seed": lambda mock: ask(mock, "POST", "/__mock__/seed", {"seed": "tutorial"}),
    "load": lambda mock: ask(mock, "PUT", "/__mock__/state", state()),
}
CALLS: dict[str, Callable[[Mock], object]] = {
    "Mock.reset": lambda mock: mock.reset("empty"),
    "Mock.load": lambda mock: mock.load(state()),
    "Mock.restore": lambda mock: mock.restore(mock.snapshot()),
    "create a record": lambda mock: mock.campaigns.create(name="placed", execute="run"),
    "update a record": lambda mock: mock.outplans.update(newest(mock, "outplans"), name="changed"),
    "delete a record": lambda mock: mock.outplans.delete(newest(mock, "outplans")),
}
ACTS: dict[str, Callable[[Mock], Any]] = {**REQUESTS, **CALLS}


@cache
def passes(kind: str, profile: str, record: bool) -> int:
    """How many functions something passes."""
    mock, fuse = scene(profile, record), Fuse()
    with fuse.burning():
        ACTS[kind](mock)
    return fuse.calls


def lives(mock: Mock) -> None:
    """Nothing is held, locked or left open: another thread is answered, and time goes on."""
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.append(ask(mock, "GET", "/v1.0/toys")), daemon=True)
    thread.start()
    thread.join(10)
    assert answers == [200]
    before = mock.now
    assert mock.advance(0) == before


def check(kind: str, profile: str, record: bool, share: float, error: type[BaseException]) -> None:
    """Do something that fails after this share of the functions that it passes, and then do it again."""
    undisturbed = scene(profile, record)
    before = undisturbed.dump()
    with suppress(TimeoutError):
        ACTS[kind](undisturbed)
    done = undisturbed.dump()
    mock, fuse = scene(profile, record), Fuse(int(share * passes(kind, profile, record)), error)
    assert mock.dump() == before
    failed = False
    with fuse.burning():
        try:
            failed = ACTS[kind](mock) == 500
        except (error, TimerError, SeedError):
            failed = True
    after = mock.dump()
    if fuse.where.startswith(TELLS):  # what was done stands; of what was not told, there is another attempt
        assert after["records"] in (before["records"], done["records"]), fuse.where
        return lives(mock)
    assert after in (before, done), fuse.where
    if failed and error is Failed and not fuse.where.startswith(ON_ITS_WAY_OUT):
        assert after == before, fuse.where
    if after == before:
        ACTS[kind](mock)
        assert mock.dump() == done, fuse.where
    lives(mock)


SHARES = st.floats(0, 1, exclude_max=True)
each_profile = pytest.mark.parametrize("profile", PROFILES)


@each_profile
@pytest.mark.parametrize("kind", ACTS)
@settings(max_examples=3)
@given(share=SHARES, record=st.booleans(), error=st.sampled_from([Failed, Interrupted]))
def test_what_fails_anywhere_is_done_whole_or_not_at_all(
    profile: str, kind: str, share: float, record: bool, error: type[BaseException]
) -> None:
    check(kind, profile, record, share, error)
