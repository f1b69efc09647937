"""Kept moments of a world as documents, and back: another process that takes one goes on exactly as this one would.

A moment is written in a twin, a world of its own that is brought to it: so the world that it was kept of need not
wait. It holds the state, what parts remember beside it, and where a reset leads back to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from voipbin_mock.wire import rows
from voipbin_mock.wire.errors import SeedError
from voipbin_mock.wire.stamps import parse_stamp, to_datetime
from voipbin_mock.world import seeding, state
from voipbin_mock.world.clock import Clock
from voipbin_mock.world.part import Part
from voipbin_mock.world.steps import Snapshot
from voipbin_mock.world.store import Row
from voipbin_mock.world.winding import ClockState

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

NOTES = rows.Kind(lambda value: type(value) is dict and all(map(_is_note, value.values())), "an object of notes")


def _is_note(value: Any) -> bool:
    return type(value) is str or (type(value) is dict and all(map(_is_note, value.values())))


def label(kind: type[Part]) -> str:
    """What a document calls a kind of part; empty if it does not hold one."""
    return kind.kept_as or kind.name


def _twin(world: World) -> World:
    """A world as this one, without records, whose clock stands still, and of which nobody hears."""
    settings = replace(world.settings, seed="empty", fixtures=None)
    twin = type(world)(world.blueprint, settings, Clock(to_datetime(seeding.FIXTURE_TIME)), hears=False)
    twin.session, twin.own_tokens_seed = world.session, world.own_tokens_seed
    return twin


def _beside(world: World) -> Iterator[tuple[str, Part]]:
    """The parts that a kept moment holds and that remember more than they dump."""
    for kind in world.blueprint.parts():
        part = world.has(kind)
        if part is not None and label(kind) and not kind.survives:
            yield label(kind), part


class Shared:
    """Where records stand in a document that holds several moments: in those after it, numbers stand for them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._places = {
            table.name: {row.id: (place, row.data) for place, row in enumerate(table)} for table in snapshot.store
        }

    def place(self, name: str, row: Row) -> int | None:
        """Where the same record stands in the table of this name."""
        place, data = self._places.get(name, {}).get(row.id, (None, None))
        return place if data is row.data or data == row.data else None


def written(world: World, snapshot: Snapshot, shared: Shared | None = None) -> dict[str, Any]:
    """A kept moment as JSON, in which iterators stand for what is long (`rows.pieces` writes it). Needs no lock."""
    kinds = set(world.blueprint.parts())
    listeners = {label(kind): snapshot.parts[kind] for kind in world.blueprint.listeners() if kind in snapshot.parts}
    parts = {kind: kept for kind, kept in snapshot.parts.items() if kind in kinds}
    twin = _twin(world)
    with twin.lock:
        twin.restore(replace(snapshot, parts=parts))
        dumped = state.without_records(twin, snapshot.clock)
        remembered = {name: told() for name, part in _beside(twin) if (told := part.remember()) is not None}
    place = None if shared is None else shared.place
    records = {table.name: state.records(twin, table, place) for table in twin.store if len(table)}
    seed: Any = snapshot.seed
    if seed == world.settings.seed:
        seed = None
    elif isinstance(seed, os.PathLike):
        seed = os.fspath(seed)
    return {
        "state": {**dumped, "records": records},
        "beside": remembered,
        "listeners": listeners,
        "looked_at": snapshot.looked[1],
        "accounts": dict(snapshot.accounts),
        "notes": snapshot.notes,
        "seed": seed,
    }


def read(world: World, document: Any, where: str = "", shared: Snapshot | None = None) -> Snapshot:
    """Take back what `written` gave. Raises SeedError and ValueError."""
    known = {} if shared is None else {table.name: [row.data for row in table] for table in shared.store}
    looked_at, accounts, notes, beside, listeners = (
        rows.member(document, name, kind, where) for name, kind in _MEMBERS
    )
    seed = document.get("seed")
    seed = world.settings.seed if seed is None else seed
    base = seeding.of(seed, world.settings.fixtures, world.blueprint, world.profile)
    twin = _twin(world)
    with twin.lock, twin.step():
        try:
            state.load(twin, document.get("state"), taken_up=True, known=known)
        except SeedError as error:
            raise SeedError(f"{where}/{error}") from None
        for kind in world.blueprint.parts():
            if not kind.survives and (name := label(kind)) in beside:  # also one that has dumped nothing
                recall(twin.part(kind), beside[name], f"{where}/beside/{name}")
    kept = twin.snapshot()
    parts = {kind: listeners[label(kind)] for kind in world.blueprint.listeners() if label(kind) in listeners}
    return replace(
        kept,
        accounts=accounts,
        notes=notes,
        clock=_clock(document["state"], where),
        looked=(kept.looked[0], looked_at),
        parts={**kept.parts, **parts},
        base=base,
        seed=seed,
    )


_MEMBERS = (
    ("looked_at", rows.MOMENT),
    ("accounts", rows.TEXT_BY_NAME),
    ("notes", NOTES),
    ("beside", rows.OBJECT),
    ("listeners", rows.OBJECT),
)


def recall(part: Part, document: Any, where: str) -> None:
    """Let a part remember. Raises ValueError: where in the whole document."""
    try:
        part.recall(document)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise ValueError(f"{where}{error}") from error


# --- clocks ------------------------------------------------------------------------------------------

_PACE = (rows.NUMBER, rows.NUMBER, rows.Kind(lambda value: type(value) in (int, float) and value > 0, "a speed"))
_STANDING = rows.Kind(lambda value: value is None or rows.MOMENT.fits(value), "a moment or null")
_CLOCK = (_STANDING, rows.LIST, rows.NUMBER, _PACE[2], _STANDING, rows.LIST)


def clock_of(clock: Clock) -> list[Any]:
    """All that a clock goes by, as JSON: for one of the same machine's time that goes on as this one would."""
    with clock._lock:
        begun, first_pace = clock._begun
        return [clock._frozen, [*clock._pace], clock._last_stamp, clock.patience, begun, [*first_pace]]


def set_clock(clock: Clock, document: Any, where: str) -> None:
    """Let a clock go on as the one that this is of. Raises ValueError."""
    frozen, pace, last_stamp, patience, begun, first_pace = rows.row(document, _CLOCK, where)
    real, virtual, speed = rows.row(pace, _PACE, f"{where}/1")
    first_real, first_virtual, first_speed = rows.row(first_pace, _PACE, f"{where}/5")
    with clock._lock:
        clock._set()
        clock._frozen, clock._pace, clock._last_stamp = frozen, (real, virtual, speed), last_stamp
        clock._begun, clock.patience = (begun, (first_real, first_virtual, first_speed)), patience
    clock.poke()


def _clock(dumped: Mapping[str, Any], where: str) -> ClockState:
    """Of a state that was loaded, so that its clock is one."""
    clock = dumped["clock"]
    try:
        now, last_stamp = parse_stamp(clock["now"]), parse_stamp(clock["last_stamp"])
    except KeyError as missing:
        raise ValueError(f"{where}/state/clock/{missing.args[0]}: is missing") from None
    return ClockState(now, clock.get("frozen", False), last_stamp, clock.get("speed", 1))
