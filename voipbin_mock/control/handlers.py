"""The control API under /__mock__: what the Python object offers, for every other language."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from voipbin_mock._version import __version__
from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.control import count_of, object_of
from voipbin_mock.api.lint import Findings
from voipbin_mock.api.modes import Modes
from voipbin_mock.api.operations import Request
from voipbin_mock.control.snapshots import Snapshots
from voipbin_mock.insight.coverage import Counting, Tally, surface_of
from voipbin_mock.wire.errors import ApiError, MockUsageError, SeedError, WindingStopped
from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.wire.values import CONTROL_PREFIX, Reply, json_reply
from voipbin_mock.world import telling
from voipbin_mock.world.clock import DEFAULT_LIMIT, Clock
from voipbin_mock.world.winding import LONGEST_WAIT
from voipbin_mock.world.world import World

DUE_SHOWN = 10
_PATHS = (str, os.PathLike)
# The first words of the calls, in the order in which the index has them.
ORDER = (
    "", "health", "console", "notices", "stream", "reset", "seed", "clock", "state", "snapshots", "modes", "records",
    "agents", "campaigns", "phones", "calls", "requests", "warnings", "events", "websockets", "webhooks", "operations",
    "docs", "coverage", "faults", "stubs", "limits", "sessions",
)  # fmt: skip


def index(world: World, request: Request) -> Reply:
    calls = [operation.label for operation in catalog_of(world).operations if operation.control]
    return json_reply({"voipbin-mock": __version__, "calls": sorted(calls, key=_place)})


def _place(label: str) -> tuple[int, str]:
    """Where a call stands in the index: in the order of a day's work, new ones at the end."""
    word = label.partition(f"{CONTROL_PREFIX}/")[2].partition("/")[0]
    return (ORDER.index(word), "") if word in ORDER else (len(ORDER), label)


def health(world: World, request: Request) -> Reply:
    """To whom may not see more (see the door), only that it answers, and as what."""
    told = {"profile": world.profile.name} if request.stranger else _settings(world)
    replication: Any = world.named.get("replication")
    if replication is not None:
        told |= {"log": replication.told(request.stranger)}
    return json_reply({"status": "ok", "version": __version__, **told})


def _settings(world: World) -> dict[str, Any]:
    seed = world.seed
    return {
        "profile": world.profile.name,
        "strict": world.strict,
        "seed": seed if isinstance(seed, str) else "(given)",
        "random_seed": world.settings.random_seed,
    }


def reset(world: World, request: Request) -> Reply:
    """Back to the seed."""
    return _started_over(world, world.reset, "reset")


def _started_over(world: World, start_over: Callable[[], None], what: str) -> Reply:
    world.stop_winding("the mock was reset meanwhile")
    with world.step():
        with world.part(Snapshots).undoable(what):
            start_over()
        return json_reply({"status": "ok", **_settings(world)})


def seed(world: World, request: Request) -> Reply:
    """Start over from another seed: {"seed": "tutorial"}, or the seed itself as an object."""
    wanted = object_of(request).get("seed")
    if not isinstance(wanted, (str, dict)):
        raise ApiError("INVALID_ARGUMENT", 'Send {"seed": "<name>"} or {"seed": {<resource>: [<records>]}}.')
    # What it was started with may be named as it was; no other path, or it could be asked what files there are.
    given = [os.fspath(seed) for seed in (world.settings.seed, world.settings.fixtures) if isinstance(seed, _PATHS)]
    try:
        return _started_over(world, partial(world.reset, wanted, named=wanted not in given), "seed")
    except SeedError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None


def clock(world: World, request: Request) -> Reply:
    """The time, and if anything is due, what is next: `?limit=` so many."""
    limit = count_of(request, "limit")
    due = telling.coming(world, DUE_SHOWN if limit is None else limit)
    return json_reply({**_clock(world), **({"next": due} if due else {})})


def _clock(world: World) -> dict[str, Any]:
    clock = world.clock
    shown: dict[str, Any] = {"now": rfc3339_stamp_full(clock.microseconds()), "frozen": clock.frozen}
    return shown if clock.speed == 1 else {**shown, "speed": clock.speed}


_CLOCK_CALLS = (
    '"freeze" (true or a moment), "advance" (seconds), "next" (true), "until_idle" (true, or seconds), "resume", '
    '"speed", "patience"'
)


def set_clock(world: World, request: Request) -> Reply:
    """{"patience": <seconds of the machine>}, {"freeze": true | "<moment>"}, {"advance": <seconds>}, {"next": true},
    {"until_idle": true | <seconds at most>}, {"resume": true}, {"speed": <factor>}; any of them, in this order.
    """
    raw = object_of(request)
    _check_clock_call(raw)
    clock = world.clock
    freeze, advance, until_idle, speed, patience = (
        raw.get(name) for name in ("freeze", "advance", "until_idle", "speed", "patience")
    )
    limit = DEFAULT_LIMIT if until_idle is True else until_idle or 0
    try:
        # Tried on another clock first: a refused call changes nothing.
        trial = Clock(freeze if isinstance(freeze, str) else clock.now)
        trial.advance(advance)
        trial.run_until(limit=limit)
        trial.resume(speed=speed)
    except (ValueError, OverflowError) as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    if patience is not None:
        clock.patience = patience
    try:
        _wind(clock, raw, limit)
    except (TimeoutError, WindingStopped) as error:
        raise ApiError("STATE_INVALID", str(error)) from None
    except ValueError as error:  # others have moved the clock since
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    if raw.get("resume") or speed is not None:
        clock.resume(speed=speed)
    world.stir()
    return json_reply(_clock(world))


def _wind(clock: Clock, raw: Mapping[str, Any], limit: float | timedelta) -> None:
    freeze, until_idle = raw.get("freeze"), raw.get("until_idle")
    if freeze:
        clock.freeze(None if freeze is True else freeze)
    if raw.get("advance") is not None:
        clock.advance(raw["advance"])
    if raw.get("next"):
        _to_what_is_next(clock)
    if until_idle is not None and until_idle is not False:
        clock.run_until(limit=limit)


def _to_what_is_next(clock: Clock) -> None:
    """To the instant at which something is due next, with all that is due then; if nothing is, nowhere."""
    clock.catch_up()
    due = clock.next_due()
    if due is not None:
        clock.advance(timedelta(microseconds=max(0, due - clock.microseconds())))


def _check_clock_call(raw: Mapping[str, Any]) -> None:
    """Raises ApiError for what is no call of the clock, or has a member of the wrong kind."""
    if not raw or raw.keys() - {"freeze", "advance", "next", "until_idle", "resume", "speed", "patience"}:
        raise ApiError("INVALID_ARGUMENT", f"Send one or more of {_CLOCK_CALLS}.")
    kinds = {name: type(value) for name, value in raw.items()}
    number = (int, float)
    for name, allowed, wanted in (
        ("freeze", (bool, str), "true, or a moment such as 2026-03-01T09:00:00Z"),
        ("advance", number, "a number of seconds"),
        ("next", (bool,), "true or false"),
        ("until_idle", (bool, *number), "true, or a number of seconds at most"),
        ("resume", (bool,), "true or false"),
        ("speed", number, "a number"),
        ("patience", number, "a number of seconds of the machine, more than 0"),
    ):
        if kinds.get(name, allowed[0]) not in allowed:
            raise ApiError("INVALID_ARGUMENT", f'"{name}" is {wanted}.')
    if raw.get("until_idle", 0) < 0:
        raise ApiError("INVALID_ARGUMENT", '"until_idle" is true, or a number of seconds at most.')
    if not 0 < raw.get("patience", 1) <= LONGEST_WAIT:
        raise ApiError("INVALID_ARGUMENT", f'"patience" is a number of seconds, more than 0, {LONGEST_WAIT:g} at most.')


def dump(world: World, request: Request) -> Reply:
    """The whole state as one versioned document. It holds passwords and hashes of the mock's own."""
    return json_reply(world.dump())


def load(world: World, request: Request) -> Reply:
    try:
        with world.part(Snapshots).undoable("load"):
            world.load(request.raw)
    except SeedError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return json_reply({"status": "ok", **_settings(world)})


def modes(world: World, request: Request) -> Reply:
    """Which modes are on."""
    return json_reply(world.part(Modes).dump())


def set_modes(world: World, request: Request) -> Reply:
    """{"pages_of": 1, "forward_compatible": true}; what is left out is off."""
    try:
        world.part(Modes).load(object_of(request))
    except MockUsageError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return modes(world, request)


def warnings(world: World, request: Request) -> Reply:
    """Every lint finding, with the number of its request and its operation."""
    found = [
        {"request": number, "operation": operation, **finding.as_dict()}
        for number, operation, finding in world.part(Findings).noted
    ]
    return json_reply({"warnings": found, "codes": dict(catalog_of(world).lints)})


def coverage(world: World, request: Request) -> Reply:
    """What of the API was exercised since the start, resets and all."""
    from voipbin_mock.insight.coverage_report import Report

    return json_reply(Report(surface_of(catalog_of(world)), _tally(world)).as_dict())


def clear_coverage(world: World, request: Request) -> Reply:
    _tally(world).clear()
    return json_reply({"status": "ok"})


def _tally(world: World) -> Tally:
    counting = world.has(Counting)
    if counting is None or counting.tally is None:
        raise ApiError("STATE_INVALID", "Coverage is not recorded; make the mock with coverage=True.")
    counting.count_runs()
    return counting.tally
