"""Whatever a clock is wound through: it ends, says what does not, and nobody else has to wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import freezegun
import pytest
import time_machine

from tests.support.dialing import PROFILES, A, Stage
from voipbin_mock import Mock
from voipbin_mock._seconds import seconds
from voipbin_mock.api.area import Area
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.calls.phones import Busy
from voipbin_mock.wire.errors import WindingStopped
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world import clock as clocks
from voipbin_mock.world.world import World

START = "2026-03-01T09:00:00Z"
SHORT = 0.02  # seconds of the machine
SOON = 10.0  # what a test waits for at most; it comes at once


class Treadmill(Area):
    """An area with a timer that sets itself again for ever, and calls that hold what others need."""

    def __init__(self) -> None:
        self.turning, self.held, self.let_go = threading.Event(), threading.Event(), threading.Event()
        super().__init__(
            "treadmill",
            timers={"turn": self.turn, "hold": self.hold},
            controls={"POST /__mock__/wind": self.wind, "POST /__mock__/hang": self.hang},
            unlocked=(self.hang,),
        )

    def turn(self, world: World) -> None:
        self.turning.set()
        world.timers.call_in(1, "turn")

    def hold(self, world: World) -> None:
        self.held.set()
        self.let_go.wait(SOON)

    def wind(self, world: World, request: Request) -> Reply:
        """A handler that winds the clock itself, under the lock."""
        world.clock.run_until()
        return json_reply({})

    def hang(self, world: World, request: Request) -> Reply:
        self.held.set()
        self.let_go.wait(SOON)
        return json_reply({})


@pytest.fixture
def treadmill() -> Iterator[Treadmill]:
    found, before = Treadmill(), set(threading.enumerate())
    yield found
    found.let_go.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(SOON)
        assert not thread.is_alive()


def turning(treadmill: Treadmill, clock: str | None = START, **settings: Any) -> Mock:
    mock = Mock(areas=[treadmill], clock=clock, **settings)
    with mock.world.lock:
        mock.world.timers.call_in(1, "turn")
    return mock


def beside(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Do something in another thread; what became of it is in the list when the thread has ended."""
    found: list[object] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as error:  # noqa: BLE001  the test looks at it
            found.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, found


def ended(thread: threading.Thread) -> bool:
    thread.join(SOON)
    return not thread.is_alive()


# --- it ends -----------------------------------------------------------------------------------------

WAYS: dict[str, Callable[[Mock], object]] = {
    "advance": lambda mock: mock.advance(days=3000),
    "run_until": lambda mock: mock.clock.run_until(limit=1e9),
    "run_until a condition": lambda mock: mock.clock.run_until(lambda: False, limit=1e9),
    "freeze at": lambda mock: mock.freeze("2036-03-01"),
}


@pytest.mark.parametrize("way", WAYS)
def test_winding_that_does_not_end_is_given_up_and_says_what_does_not(treadmill: Treadmill, way: str) -> None:
    mock = turning(treadmill)
    mock.clock.patience = SHORT
    with pytest.raises(TimeoutError, match=r"after 0\.02 seconds of the machine .* no end to be seen of turn\."):
        WAYS[way](mock)
    assert mock.clock.frozen
    assert "2026-03-01" <= f"{mock.now:%Y-%m-%d}" < "2036"


@pytest.mark.parametrize("profile", PROFILES)
def test_a_campaign_that_does_not_end_is_named(profile: str) -> None:
    stage = Stage(profile, end_handle="continue", name="evening", outplan={"max_try_count_0": 2_000_000_000})
    stage.target(A, script=[Busy()])
    stage.mock.clock.patience = SHORT
    with pytest.raises(TimeoutError, match=f"campaign {stage.campaign} 'evening'"):
        stage.mock.run_campaign(stage.campaign, limit=1e10)


@pytest.mark.parametrize("times", [freezegun.freeze_time, time_machine.travel], ids=["freezegun", "time-machine"])
def test_it_ends_where_a_library_holds_the_time(treadmill: Treadmill, times: Callable[..., Any]) -> None:
    with times("2026-03-01"):
        mock = turning(treadmill, clock=None)
        mock.clock.patience = SHORT
        with pytest.raises(TimeoutError, match="turn"):
            mock.clock.run_until(limit=1e9)


def test_a_request_is_answered_though_something_is_due_for_ever_at_this_very_instant(
    treadmill: Treadmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clocks, "AT_ONCE", SHORT)
    treadmill.timers["turn"] = lambda world: world.timers.call_in(0, "turn") and None
    mock = turning(treadmill)
    mock.clock.patience = SHORT
    with pytest.raises(TimeoutError, match="turn"):
        mock.advance(1)
    assert mock.client.get("/v1.0/outplans").status_code == 200


@pytest.mark.parametrize("profile", PROFILES)
def test_winding_done_bit_by_bit_comes_to_the_same_as_in_one_go(profile: str) -> None:
    ends = []
    for patience in (30.0, 0.0):
        stage = Stage(profile, end_handle="stop", outplan={"max_try_count_0": 30, "try_interval": 1})
        for number in range(3):
            stage.target(f"+1202555010{number}")
        stage.run()
        stage.mock.clock.patience = patience
        gone_on = 0
        while True:
            try:
                stage.mock.clock.run_until()
                break
            except TimeoutError:
                gone_on += 1
        assert (gone_on > 3) is (patience == 0)
        ends.append(stage.mock.dump())
    assert ends[0] == ends[1]


# --- others get through --------------------------------------------------------------------------------

STOPS: dict[str, Callable[[Mock], object]] = {
    "freeze": lambda mock: mock.freeze(),
    "freeze by the control API": lambda mock: mock.anonymous.post("/__mock__/clock", json={"freeze": True}),
    "freeze at a moment": lambda mock: mock.freeze("2020-01-01"),
    "reset": lambda mock: mock.reset(),
    "reset by the control API": lambda mock: mock.anonymous.post("/__mock__/reset"),
    "another seed by the control API": lambda mock: mock.anonymous.post("/__mock__/seed", json={"seed": "account"}),
    "load": lambda mock: mock.load(Mock(clock=START).dump()),
    "close": lambda mock: mock.close(),
}


@pytest.mark.parametrize("stop", STOPS)
def test_winding_is_stopped_by_whoever_stops_the_time(treadmill: Treadmill, stop: str) -> None:
    mock = turning(treadmill)
    winder, found = beside(lambda: mock.clock.run_until(limit=1e10))
    assert treadmill.turning.wait(SOON)
    STOPS[stop](mock)
    at = mock.now
    assert ended(winder)
    assert isinstance(found[0], WindingStopped)
    assert "on no further: " in str(found[0])
    assert mock.now == at


@pytest.mark.parametrize("stop", ["freeze", "reset", "close"])
def test_even_if_a_handler_winds_and_holds_the_lock(treadmill: Treadmill, stop: str) -> None:
    mock = turning(treadmill)
    winder, _ = beside(lambda: mock.anonymous.post("/__mock__/wind"))
    assert treadmill.turning.wait(SOON)
    STOPS[stop](mock)
    assert ended(winder)
    assert mock.client.get("/v1.0/outplans").status_code == 200


def test_what_winds_is_told_by_the_control_api_too(treadmill: Treadmill) -> None:
    mock = turning(treadmill)
    winders = [beside(lambda: mock.anonymous.post("/__mock__/clock", json={"until_idle": True})) for _ in range(9)]
    assert treadmill.turning.wait(SOON)
    mock.anonymous.post("/__mock__/reset")
    assert all(ended(thread) for thread, _ in winders)
    answers: list[Any] = [found[0] for _, found in winders if found]
    stopped = [answer for answer in answers if answer.status_code == 409]
    assert stopped
    assert all("the mock was reset meanwhile" in answer.text for answer in stopped)
    assert mock.dump() == Mock(areas=[treadmill], clock=START).dump()


@pytest.mark.parametrize("path", ["/__mock__/health", "/__mock__", "/ping"])
def test_who_asks_whether_it_is_alive_need_not_wait_for_a_timer_that_hangs(treadmill: Treadmill, path: str) -> None:
    mock = Mock(areas=[treadmill], clock=START)
    with mock.world.lock:
        mock.world.timers.call_in(1, "hold")
    winder, _ = beside(lambda: mock.advance(1))
    assert treadmill.held.wait(SOON)
    assert mock.anonymous.get(path).status_code == 200
    assert mock.anonymous.post("/__mock__/clock", json={"freeze": True}).status_code == 200
    assert winder.is_alive()
    treadmill.let_go.set()
    assert ended(winder)


# --- a clock that runs by itself -----------------------------------------------------------------------


@pytest.fixture
def racing(treadmill: Treadmill, monkeypatch: pytest.MonkeyPatch) -> Mock:
    """A mock whose clock is faster than what is to be done in it."""
    monkeypatch.setattr(clocks, "AT_ONCE", SHORT)
    return turning(treadmill, speed=1_000_000)


def test_a_clock_faster_than_its_work_is_held_back(
    racing: Mock, treadmill: Treadmill, caplog: pytest.LogCaptureFixture
) -> None:
    assert treadmill.turning.wait(0) or racing.client.get("/v1.0/outplans").status_code == 200
    for _ in range(3):
        assert racing.client.get("/v1.0/outplans").status_code == 200
    assert [record.message for record in caplog.records if "held back" in record.message] == [
        "the clock is faster than what is to be done in it, and held back: turn"
    ]
    began = seconds()
    racing.freeze()
    due = racing.world.next_due()
    assert due is not None
    # Time that stands still is not far ahead of what was done: there is no pile of work left.
    assert due >= racing.clock.microseconds() - (seconds() - began + 1) * 1_000_000 * 1_000_000
    assert racing.client.get("/v1.0/outplans").status_code == 200


def test_one_that_is_frozen_while_it_lags_stands_where_its_work_is(racing: Mock, treadmill: Treadmill) -> None:
    racing.keep_time()
    assert treadmill.turning.wait(SOON)
    racing.freeze()
    due = racing.world.next_due()
    assert due is not None
    assert racing.clock.microseconds() - due <= 1000  # of the timer that was being done
    before = racing.now
    assert racing.client.get("/v1.0/outplans").status_code == 200
    assert racing.now == before
    racing.close()


def test_closing_does_not_wait_for_what_hangs_on_the_tickers_thread(
    treadmill: Treadmill, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("voipbin_mock.world.ticker.PATIENCE", SHORT)
    monkeypatch.setattr("voipbin_mock.trouble.handles.LOCK_SECONDS", SHORT)
    mock = Mock(areas=[treadmill], clock=START, speed=1000)
    mock.keep_time()
    with mock.world.lock:
        mock.world.timers.call_in(1, "hold")
    assert treadmill.held.wait(SOON)
    mock.close()
    assert "is not waited for" in caplog.text


# --- a server ------------------------------------------------------------------------------------------


def test_requests_that_hang_leave_a_server_that_answers_and_ends(
    treadmill: Treadmill, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from tests.support.processes import get, talk

    monkeypatch.setattr("voipbin_mock.server.workers.STUCK", SHORT)
    monkeypatch.setattr("voipbin_mock.server.live.STANDSTILL", 0.2)
    mock = Mock(areas=[treadmill], clock=START)
    server = mock.serve()
    hang = b"POST /__mock__/hang HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    hanging = [beside(lambda: talk(server.port, hang)) for _ in range(server.threads + 2)]
    assert treadmill.held.wait(SOON)
    for path in ("/__mock__/health", "/ping"):
        assert get(server.origin + path)
    began = seconds()
    mock.close()
    assert seconds() - began < 2
    assert "not waited for" in caplog.text
    assert all(ended(thread) for thread, _ in hanging)


# --- calls that are refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        {"advance": 1, "until_idle": 3e11},
        {"advance": 1, "until_idle": -1},
        {"advance": 1, "until_idle": "1"},
        {"advance": 1, "speed": 0},
        {"advance": 1, "speed": True},
        {"advance": 1, "patience": 0},
        {"advance": 1, "patience": 1e9},
        {"advance": 1, "resume": 1},
        {"advance": 1, "freeze": 1},
        {"freeze": 0},
        {"freeze": "2030-01-01", "advance": 1e30},
        {"freeze": "yesterday"},
        {"advance": True},
    ],
    ids=str,
)
def test_a_clock_call_that_is_refused_changes_nothing(call: dict[str, Any]) -> None:
    mock = Mock(clock=START)
    before, patience = mock.dump(), mock.clock.patience
    assert mock.anonymous.post("/__mock__/clock", json=call).status_code == 400
    assert mock.dump() == before
    assert mock.clock.frozen
    assert mock.clock.patience == patience


def test_how_long_winding_may_take_is_set_by_the_control_api(treadmill: Treadmill) -> None:
    mock = turning(treadmill)
    answer = mock.anonymous.post("/__mock__/clock", json={"patience": SHORT, "until_idle": True})
    assert (answer.status_code, answer.json["error"]["reason"]) == (409, "STATE_INVALID")
    assert "no end to be seen of turn" in answer.json["error"]["message"]
    assert mock.clock.patience == SHORT
