"""The control API under /__mock__: what the Python object offers, for every other language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock._version import __version__
from voipbin_mock.api.lint import CODES
from voipbin_mock.api.modes import Modes
from voipbin_mock.areas.calls.phones import MAGIC
from voipbin_mock.insight.coverage import Tally, surface_of
from voipbin_mock.wire.errors import ApiError, MockUsageError, SeedError
from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.wire.values import Reply, Request, json_reply
from voipbin_mock.world.clock import DEFAULT_LIMIT, Clock
from voipbin_mock.world.world import World


def index(world: World, request: Request) -> Reply:
    calls = [operation.label for operation in world.catalog.operations if operation.control]
    return json_reply({"voipbin-mock": __version__, "calls": calls})


def health(world: World, request: Request) -> Reply:
    return json_reply({"status": "ok", "version": __version__, **_settings(world)})


def _settings(world: World) -> dict[str, Any]:
    seed = world.seed
    return {
        "profile": world.profile.name,
        "strict": world.strict,
        "seed": seed if isinstance(seed, str) else "(given)",
        "random_seed": world.settings.random_seed,
    }


def object_of(request: Request) -> Mapping[str, Any]:
    raw = {} if request.raw is None else request.raw
    if not isinstance(raw, dict):
        raise ApiError("INVALID_JSON_BODY", "The body must be a JSON object.")
    return raw


def reset(world: World, request: Request) -> Reply:
    """Back to the seed."""
    world.reset()
    return json_reply({"status": "ok", **_settings(world)})


def seed(world: World, request: Request) -> Reply:
    """Start over from another seed: {"seed": "tutorial"}, or the seed itself as an object."""
    wanted = object_of(request).get("seed")
    if not isinstance(wanted, (str, dict)):
        raise ApiError("INVALID_ARGUMENT", 'Send {"seed": "<name>"} or {"seed": {<resource>: [<records>]}}.')
    try:
        world.reset(wanted)
    except SeedError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return json_reply({"status": "ok", **_settings(world)})


def clock(world: World, request: Request) -> Reply:
    return json_reply(_clock(world))


def _clock(world: World) -> dict[str, Any]:
    clock = world.clock
    shown: dict[str, Any] = {"now": rfc3339_stamp_full(clock.microseconds()), "frozen": clock.frozen}
    return shown if clock.speed == 1 else {**shown, "speed": clock.speed}


_CLOCK_CALLS = '"freeze" (true or a moment), "advance" (seconds), "until_idle" (true, or seconds), "resume", "speed"'


def set_clock(world: World, request: Request) -> Reply:
    """{"freeze": true | "<moment>"}, {"advance": <seconds>}, {"until_idle": true | <seconds at most>},
    {"resume": true}, {"speed": <factor>}; any of them, done in this order.
    """
    raw = object_of(request)
    unknown = raw.keys() - {"freeze", "advance", "until_idle", "resume", "speed"}
    if unknown or not raw:
        raise ApiError("INVALID_ARGUMENT", f"Send one or more of {_CLOCK_CALLS}.")
    freeze, advance, until_idle, speed = (raw.get(name) for name in ("freeze", "advance", "until_idle", "speed"))
    for name in ("advance", "speed"):
        value = raw.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float, type(None))):
            raise ApiError("INVALID_ARGUMENT", f'"{name}" is a number' + (" of seconds." if name == "advance" else "."))
    if freeze not in (None, False, True) and not isinstance(freeze, str):
        raise ApiError("INVALID_ARGUMENT", '"freeze" is true, or a moment such as 2026-03-01T09:00:00Z.')
    if not isinstance(until_idle, (bool, int, float, type(None))):
        raise ApiError("INVALID_ARGUMENT", '"until_idle" is true, or a number of seconds at most.')
    if raw.get("resume") not in (None, False, True):
        raise ApiError("INVALID_ARGUMENT", '"resume" is true or false.')
    try:
        # Tried on another clock first: a refused call changes nothing.
        trial = Clock(freeze if isinstance(freeze, str) else world.clock.now)
        trial.advance(advance)
        if speed is not None:
            trial.resume(speed=speed)
        if freeze:
            world.clock.freeze(None if freeze is True else freeze)
        world.clock.advance(advance)
        if until_idle is not None and until_idle is not False:
            world.clock.run_until(limit=DEFAULT_LIMIT if until_idle is True else until_idle)
    except (ValueError, OverflowError) as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    except TimeoutError as error:
        raise ApiError("STATE_INVALID", str(error)) from None
    if raw.get("resume") or speed is not None:
        world.clock.resume(speed=speed)
    world.journal.touch()
    return json_reply(_clock(world))


def dump(world: World, request: Request) -> Reply:
    """The whole state as one versioned document. It holds passwords and hashes of the mock's own."""
    return json_reply(world.dump())


def load(world: World, request: Request) -> Reply:
    try:
        world.load(request.raw)
    except SeedError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return json_reply({"status": "ok", **_settings(world)})


def modes(world: World, request: Request) -> Reply:
    """Which modes are on."""
    return json_reply(world.modes.as_dict())


def set_modes(world: World, request: Request) -> Reply:
    """{"pages_of": 1, "forward_compatible": true}; what is left out is off."""
    try:
        world.modes = Modes.of(object_of(request))
    except MockUsageError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return modes(world, request)


def phones(world: World, request: Request) -> Reply:
    """The scripts given, and the numbers that behave by themselves."""
    magic = {digits: meaning for digits, (meaning, _) in MAGIC.items()}
    return json_reply({"phones": world.phones.rules(), "magic": {"numbers": "+1 NXX 555 01xx", "last_two": magic}})


def script_phones(world: World, request: Request) -> Reply:
    """{"<number, pattern or default>": ["busy", {"outcome": "answer", "talk": "12s"}], ...}; others stay."""
    try:
        world.phones.read(request.raw)
    except ValueError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return phones(world, request)


def forget_phones(world: World, request: Request) -> Reply:
    world.phones.forget()
    return phones(world, request)


def journal(world: World, request: Request) -> Reply:
    """The requests seen, oldest first; `?limit=` for the newest few, `?after=` for those since a number."""
    exchanges = world.journal.exchanges()
    after, limit = count_of(request, "after"), count_of(request, "limit")
    if after is not None:
        exchanges = [exchange for exchange in exchanges if exchange.number > after]
    if limit is not None:
        exchanges = exchanges[-limit:] if limit else []
    return json_reply({"requests": [exchange.as_dict() for exchange in exchanges], "seen": world.exchanges})


def count_of(request: Request, name: str) -> int | None:
    text = request.parameter(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ApiError("INVALID_REQUEST_PARAMETER", f"{name} must be a count.")
    return int(text)


def clear_journal(world: World, request: Request) -> Reply:
    world.journal.clear()
    world.findings.clear()
    return json_reply({"status": "ok"})


def warnings(world: World, request: Request) -> Reply:
    """Every lint finding, with the number of its request and its operation."""
    found = [
        {"request": number, "operation": operation, **finding.as_dict()}
        for number, operation, finding in world.findings
    ]
    return json_reply({"warnings": found, "codes": dict(CODES)})


def coverage(world: World, request: Request) -> Reply:
    """What of the API was exercised since the start, resets and all."""
    from voipbin_mock.insight.coverage_report import Report

    return json_reply(Report(surface_of(world.catalog), _tally(world)).as_dict())


def clear_coverage(world: World, request: Request) -> Reply:
    _tally(world).clear()
    return json_reply({"status": "ok"})


def _tally(world: World) -> Tally:
    if world.tally is None:
        raise ApiError("STATE_INVALID", "Coverage is not recorded; make the mock with coverage=True.")
    return world.tally


def operations(world: World, request: Request) -> Reply:
    """What is mocked, and what of the real API is not yet."""
    mine = [o.label for o in world.catalog.operations if not (o.control or o.dead)]
    known = [operation.label for operation in world.catalog.real.operations]
    return json_reply({"mocked": mine, "not_mocked_yet": [label for label in known if label not in set(mine)]})
