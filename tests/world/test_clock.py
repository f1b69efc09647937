"""Virtual time and identity."""

from __future__ import annotations

import re
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voipbin_mock.wire.stamps import (
    documented_stamp,
    parse_stamp,
    rfc3339_stamp,
    rfc3339_stamp_full,
    to_datetime,
    to_microseconds,
)
from voipbin_mock.world.clock import Clock
from voipbin_mock.world.ids import Ids

UTC = timezone.utc
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
MOMENTS = st.datetimes(
    datetime(3, 1, 1),  # noqa: DTZ001  hypothesis adds the zone
    datetime(9998, 12, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
STEPS = st.timedeltas(timedelta(0), timedelta(days=36500))


# --- the clock -----------------------------------------------------------------------------------


@given(MOMENTS.filter(lambda moment: moment.year < 9000), STEPS, STEPS)
def test_two_steps_are_as_far_as_both_at_once(start: datetime, first: timedelta, second: timedelta) -> None:
    stepwise, at_once = Clock(start), Clock(start)
    stepwise.advance(first)
    stepwise.advance(second)
    assert stepwise.now == at_once.advance(first + second) == at_once.now == start + first + second


@pytest.mark.parametrize(
    ("step", "units", "seconds"),
    [
        (None, {}, 0),
        (90, {}, 90),
        (0.25, {}, 0.25),
        (timedelta(minutes=1), {}, 60),
        (None, {"days": 1}, 86400),
        (None, {"hours": 1, "minutes": 1, "seconds": 1, "milliseconds": 1}, 3661.001),
        (10, {"minutes": 1}, 70),
    ],
)
def test_a_step_is_given_in_any_unit(step: Any, units: Any, seconds: float) -> None:
    assert Clock(START).advance(step, **units) - START == timedelta(seconds=seconds)


@given(MOMENTS, st.lists(st.timedeltas(timedelta(0), timedelta(microseconds=2)), min_size=1, max_size=20))
@example(START, [timedelta(0)] * 10)
def test_stamps_are_strictly_increasing_even_when_time_stands_still(start: datetime, steps: list[timedelta]) -> None:
    clock = Clock(start)
    stamps = [clock.stamp()]
    for step in steps:
        clock.advance(step)
        stamps.append(clock.stamp())
        assert stamps[-1] >= clock.microseconds()
    assert stamps == sorted(set(stamps))
    assert stamps[0] == to_microseconds(start)


def test_stamps_are_strictly_increasing_when_time_is_set_back() -> None:
    clock = Clock(START)
    first = clock.stamp()
    clock.freeze("2020-01-01")
    assert clock.stamp() == first + 1


def test_no_two_threads_get_the_same_stamp() -> None:
    clock = Clock(START)
    barrier = threading.Barrier(8)

    def draw(_: int) -> list[int]:
        barrier.wait(5)
        return [clock.stamp() for _ in range(200)]

    with ThreadPoolExecutor(8) as pool:
        drawn = [stamp for stamps in pool.map(draw, range(8)) for stamp in stamps]
    assert len(set(drawn)) == 1600


def test_no_step_is_lost_between_threads() -> None:
    clock = Clock(START)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: clock.advance(1), range(400)))
    assert clock.now - START == timedelta(seconds=400)


def test_a_clock_with_a_start_stands_still_and_one_without_runs() -> None:
    still, running = Clock(START), Clock()
    assert still.frozen
    assert still.now == still.now == START
    assert not running.frozen
    before = running.microseconds()
    while running.microseconds() == before:
        pass
    assert running.microseconds() > before


def test_a_resumed_clock_runs_on_from_where_it_stood() -> None:
    clock = Clock(START)
    resumed = clock.resume()
    assert START <= resumed < START + timedelta(minutes=1)
    clock.advance(days=1)
    assert clock.now - resumed >= timedelta(days=1)
    stood = clock.freeze()
    assert clock.now == stood
    assert clock.resume() >= stood
    assert clock.resume() >= stood


@pytest.mark.parametrize(
    "moment",
    [
        "2026-03-01T09:00:00Z",
        "2026-03-01 09:00:00",
        "2026-03-01T18:00:00+09:00",
        START,
        datetime(2026, 3, 1, 18, tzinfo=timezone(timedelta(hours=9))),
        START.replace(tzinfo=None),
    ],
    ids=str,
)
def test_a_moment_is_read_in_any_form(moment: Any) -> None:
    assert Clock(moment).now == START
    assert Clock().freeze(moment) == START


@pytest.mark.parametrize("step", [-1, -0.000001, timedelta(seconds=-1)])
def test_time_only_moves_forward(step: Any) -> None:
    clock = Clock(START)
    with pytest.raises(ValueError, match=r"time only moves forward; use freeze\(at\)"):
        clock.advance(step)
    assert clock.now == START


@pytest.mark.parametrize("step", [1e12, float("inf"), timedelta.max])
def test_a_step_beyond_the_calendar_is_refused(step: Any) -> None:
    clock = Clock(START)
    with pytest.raises(ValueError, match="the clock goes from the year 2 to 9998"):
        clock.advance(step)
    assert clock.now == START


@pytest.mark.parametrize("moment", ["9999-01-01", "0001-06-01", datetime(9999, 1, 1, tzinfo=UTC)], ids=str)
def test_a_moment_beyond_the_calendar_is_refused(moment: Any) -> None:
    with pytest.raises(ValueError, match="the clock goes from the year 2 to 9998"):
        Clock(moment)


@pytest.mark.parametrize("moment", [5, 1.5, b"2026-03-01", ("2026",)], ids=repr)
def test_what_is_no_moment_is_refused(moment: Any) -> None:
    with pytest.raises(TypeError, match="a moment is a datetime or a text such as"):
        Clock(START).freeze(moment)


# --- stamps ---------------------------------------------------------------------------------------


@given(MOMENTS)
@example(datetime(2022, 4, 28, 1, 50, 23, 414000, tzinfo=UTC))
@example(datetime(3, 1, 1, tzinfo=UTC))
@example(datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
def test_every_form_of_a_stamp_is_read_back_as_it_was(moment: datetime) -> None:
    micros = to_microseconds(moment)
    assert to_datetime(micros) == moment
    for write in (documented_stamp, rfc3339_stamp, rfc3339_stamp_full):
        assert parse_stamp(write(micros)) == micros


@given(st.lists(MOMENTS, min_size=2, max_size=6))
def test_full_stamps_sort_as_their_moments_do(moments: list[datetime]) -> None:
    moments = sorted(moments)
    for write in (documented_stamp, rfc3339_stamp_full):
        written = [write(to_microseconds(moment)) for moment in moments]
        assert written == sorted(written)


@pytest.mark.parametrize(
    ("micros", "documented", "server", "full"),
    [
        (1651110623414000, "2022-04-28 01:50:23.414000", "2022-04-28T01:50:23.414Z", "2022-04-28T01:50:23.414000Z"),
        (1651110623000000, "2022-04-28 01:50:23.000000", "2022-04-28T01:50:23Z", "2022-04-28T01:50:23.000000Z"),
        (1651110623000001, "2022-04-28 01:50:23.000001", "2022-04-28T01:50:23.000001Z", "2022-04-28T01:50:23.000001Z"),
        (0, "1970-01-01 00:00:00.000000", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"),
        (-1, "1969-12-31 23:59:59.999999", "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_each_profile_writes_its_own_form(micros: int, documented: str, server: str, full: str) -> None:
    assert documented_stamp(micros) == documented
    assert rfc3339_stamp(micros) == server
    assert rfc3339_stamp_full(micros) == full


@pytest.mark.parametrize(
    "text",
    [
        "2022-04-28 01:50:23.414000",
        "2022-04-28T01:50:23.414Z",
        "2022-04-28t01:50:23.414z".upper(),
        "2022-04-28 01:50:23,414",
        "2022-04-28T01:50:23.414000999Z",
        " 2022-04-28 01:50:23.414000 ",
        "2022-04-28T10:50:23.414+09:00",
        "2022-04-28T10:50:23.414+0900",
        "2022-04-28T10:50:23.414 09:00",
        "2022-04-27T23:50:23.414-02:00",
    ],
)
def test_a_stamp_is_understood_however_it_is_written(text: str) -> None:
    assert parse_stamp(text) == 1651110623414000


@pytest.mark.parametrize(
    "text",
    ["", "now", "2022", "2022-04", "2022-13-01", "2022-02-30", "2022-04-28T25:00:00Z", "2022-04-28T01:60:00Z",
     "2022-04-28 01:50:23.", "2022-04-28 01:50:23.4140001112Z", "1651110623", "٢٠٢٢-٠٤-٢٨", "2022-04-28\n01:50:23Z x",
     "-2022-04-28", "2022-04-28T01:50:23+9", "2022-04-28T01:50:23+99:99", "2022-04-28T01:50:23+01:60",
     "2022-04-28T01:50:23-24:00"],
)  # fmt: skip
def test_what_is_no_stamp_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_stamp(text)


@given(st.text(max_size=30) | st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?"))
def test_any_text_is_a_stamp_or_a_value_error(text: str) -> None:
    try:
        parsed = parse_stamp(text)
    except ValueError:
        return
    assert isinstance(parsed, int)
    assert documented_stamp(parsed)


# --- identity -------------------------------------------------------------------------------------


@given(st.integers() | st.text(), st.integers(0, 1 << 40))
def test_ids_are_well_formed_whatever_the_seed(seed: int | str, drawn: int) -> None:
    ids = Ids(seed, drawn)
    made = uuid.UUID(ids.uuid())
    assert (made.version, made.variant) == (4, uuid.RFC_4122)
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", ids.token())
    assert re.fullmatch(r"req_[A-Z2-7]{26}", ids.request_id())


def test_the_same_seed_draws_the_same_and_another_draws_another() -> None:
    def draw(ids: Ids) -> list[str]:
        return [ids.uuid(), ids.token(), ids.request_id(), ids.uuid()]

    assert draw(Ids(7)) == draw(Ids(7))
    assert not set(draw(Ids(7))) & set(draw(Ids(8)))
    assert Ids(7).secret("a") == Ids(7, drawn=5).secret("a") != Ids(7).secret("b")


def test_drawing_goes_on_where_it_was_left() -> None:
    first = Ids(7)
    first.uuid()
    assert Ids(7, first.drawn).uuid() == first.uuid()


def test_no_id_comes_twice() -> None:
    ids = Ids()
    assert len({ids.uuid() for _ in range(20_000)}) == 20_000
