"""A world's state as one versioned document, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from voipbin_mock._version import __version__
from voipbin_mock.schema.members import Member
from voipbin_mock.wire.errors import SeedError, shorten
from voipbin_mock.wire.stamps import parse_stamp, rfc3339_stamp_full
from voipbin_mock.wire.values import replace_surrogates
from voipbin_mock.world import dumped, seeding
from voipbin_mock.world.ids import MOST_DRAWN, Ids, is_random_seed
from voipbin_mock.world.store import Record, Row, Store, Table
from voipbin_mock.world.winding import checked_speed

if TYPE_CHECKING:
    from voipbin_mock.world.part import Part
    from voipbin_mock.world.winding import ClockState
    from voipbin_mock.world.world import World

FORMAT = seeding.STATE_FORMAT
AHEAD = 64  # ids that are looked at, whether they are free
VERSION = 1
# Where the sections stand that belong to no part, by the same measure as `Part.rank`.
TIMERS, ALIASES = 20, 40
# Among a world's notes: those that it had before a state was loaded, which has no secrets of its own.
EARLIER = "earlier"


def dump(world: World) -> dict[str, Any]:
    """To be called under the world's lock."""
    return {
        **without_records(world, world.clock.state()),
        "records": {table.name: list(records(world, table)) for table in world.store if len(table)},
    }


def without_records(world: World, clock: ClockState) -> dict[str, Any]:
    """The same but for the records. clock: what its clock is to be shown as."""
    sections: list[tuple[int, str, Any]] = [
        (kind.rank, kind.name, (world.has(kind) or kind(world)).dump()) for kind in _kinds(world)
    ]
    sections.append((TIMERS, "timers", _timers(world)))
    aliases = {name: account for name, account in world.accounts.items() if name != account}
    sections.append((ALIASES, "aliases", aliases))
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_by": f"voipbin-mock {__version__}",
        "profile": world.profile.name,
        "clock": {
            "now": rfc3339_stamp_full(clock.now),
            "frozen": clock.frozen,
            "last_stamp": rfc3339_stamp_full(clock.last_stamp),
            **({} if clock.speed == 1 else {"speed": clock.speed}),
        },
        "ids": {
            "random_seed": world.ids.random_seed,
            "drawn": world.ids.drawn,
            **({} if world.tokens_seed == world.ids.random_seed else {"tokens_seed": world.tokens_seed}),
        },
        **{
            name: section
            for _, name, section in sorted(sections, key=lambda section: section[:2])
            if section is not None
        },
    }


def _timers(world: World) -> dict[str, Any]:
    """The timers; `looked` says that those that wait for a change know of all there was so far."""
    shown = world.timers.dump()
    return {**shown, "looked": True} if world.timers.polling and world.polls_know else shown


def _kinds(world: World) -> list[type[Part]]:
    return [kind for kind in world.blueprint.parts() if kind.name and kind.dumped]


def records(world: World, table: Table, stands_for: Callable[[str, Row], Any] | None = None) -> Iterator[Any]:
    """The records of a table as a dump has them. stands_for: what does for a record, if anything but itself."""
    resource = world.blueprint.resource(table.name)
    members = (*resource.record.members, *resource.hidden)
    for row in table:
        known = None if stands_for is None else stands_for(table.name, row)
        if known is None:
            yield {member.name: dumped_value(member, row.data[member.name]) for member in members}
        else:
            yield known


def dumped_value(member: Member, value: Any) -> Any:
    """A member of a record as it stands in a state."""
    if member.kind == "stamp":
        return None if value is None else rfc3339_stamp_full(value)
    if member.kind == "objects":
        return [{part.name: dumped_value(part, each[part.name]) for part in member.members} for each in value]
    return value


# --- taking it back --------------------------------------------------------------------------------


def load(
    world: World, document: Any, *, taken_up: bool = False, known: Mapping[str, Sequence[Record]] | None = None
) -> None:
    """Raises SeedError. To be called in a step, which then takes back what was done.

    taken_up: it was dumped by a mock and not touched since, so that all that is to come of its records is in it.
    known: records that numbers stand for then.
    """
    sections = _sections(document)
    if not taken_up:
        # Of a document that never was JSON text. What half a character is in a record, reading records replaces.
        document = {name: part if name == "records" else replace_surrogates(part) for name, part in document.items()}
    ids, last_stamp = _ids(world, sections["ids"]), _last_stamp(sections["clock"])
    content = {**sections["records"], "aliases": document.get("aliases", {})}
    if taken_up:
        base = dumped.tables(content, world.blueprint, world.profile, known or {})
    else:
        base = seeding.build([("state: /records", content)], world.blueprint, world.profile)
    timers = world.new_timers()
    _refused("timers", lambda: timers.load(sections["timers"], world.blueprint))
    world.replacing()
    notes = world.notes
    world.ids, world.tokens_seed = ids, sections["ids"].get("tokens_seed", ids.random_seed)
    world.drop_parts()
    for kind in _kinds(world):
        _load_part(world, kind, document)
    _set_clock(world, sections["clock"])
    world.timers = timers
    world.store = Store(base.table, base.names, world.trail)
    _check_drawn(ids, world.store)
    world.accounts = dict(base.accounts)
    world.notes = {**base.notes, EARLIER: notes}
    world.replaced(sections["timers"].get("looked") is True, world.clock.microseconds())
    if last_stamp is not None:
        world.clock.restore(world.clock.state()._replace(last_stamp=last_stamp))
    else:
        newest = max((_newest(row) for table in world.store for row in table), default=0)
        if newest <= world.clock.microseconds():
            world.clock.seen(newest)
    if not taken_up:
        world.take_up(base)


def _check_drawn(ids: Ids, store: Store) -> None:
    """Raises SeedError if what is drawn next are ids of records that are there."""
    coming = Ids(ids.random_seed, ids.drawn)
    for _ in range(AHEAD):
        drawn = coming.uuid()
        if any(table.get(drawn) is not None for table in store):
            raise SeedError(f"state: /ids/drawn: must be as it was dumped: after {ids.drawn} comes {drawn}, a record's")


def _sections(document: Any) -> dict[str, Mapping[str, Any]]:
    """The sections that every state has. Raises SeedError for what is none, or another version's."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise SeedError(f'state: /format: must be "{FORMAT}"; is this a state document?')
    if document.get("version") != VERSION:
        raise SeedError(
            f"state: /version: this version of voipbin-mock reads {VERSION}, not {shorten(document.get('version'))!r}"
        )
    if "records" not in document:
        raise SeedError("state: /records: is missing")  # or it would silently empty the mock
    sections = {name: document.get(name, {}) for name in ("records", "ids", "clock", "timers")}
    for name, value in sections.items():
        if not isinstance(value, Mapping):
            raise SeedError(f"state: /{name}: must be an object")
    for section, known in _MEMBERS.items():
        for name in sections[section]:
            if name not in known:
                raise SeedError(f"state: /{section}/{shorten(name)}: no such member; they are {', '.join(known)}")
    for section, name in (("clock", "frozen"), ("timers", "looked")):
        if type(sections[section].get(name, False)) is not bool:
            raise SeedError(f"state: /{section}/{name}: must be true or false")
    try:
        checked_speed(sections["clock"].get("speed", 1))
    except ValueError as error:
        raise SeedError(f"state: /clock/{error}") from None
    return sections


_MEMBERS: Mapping[str, Sequence[str]] = {
    "clock": ("now", "frozen", "last_stamp", "speed"),
    "ids": ("random_seed", "drawn", "tokens_seed"),
    "timers": ("drawn", "timers", "looked"),
}


def _ids(world: World, ids: Mapping[str, Any]) -> Ids:
    drawn, random_seed = ids.get("drawn", 0), ids.get("random_seed", world.settings.random_seed)
    if type(drawn) is not int or not 0 <= drawn < MOST_DRAWN:
        raise SeedError(f"state: /ids/drawn: must be a count below {MOST_DRAWN}")
    for name, seed in (("random_seed", random_seed), ("tokens_seed", ids.get("tokens_seed", random_seed))):
        if not is_random_seed(seed):
            raise SeedError(f"state: /ids/{name}: must be a number of 64 bits, or a text")
    return Ids(random_seed, drawn)


def _last_stamp(clock: Mapping[str, Any]) -> int | None:
    if "last_stamp" not in clock:
        return None
    try:
        return parse_stamp(clock["last_stamp"])
    except (ValueError, TypeError, AttributeError) as error:
        raise SeedError(f"state: /clock/last_stamp: {error}") from None


def _set_clock(world: World, clock: Mapping[str, Any]) -> None:
    if "now" in clock:
        try:
            state = world.clock.state()._replace(now=parse_stamp(str(clock["now"])))
            world.clock.restore(state._replace(frozen=bool(clock.get("frozen")), speed=clock.get("speed", 1)))
        except ValueError as error:
            raise SeedError(f"state: /clock/now: {error}") from None


def _load_part(world: World, kind: type[Part], document: Mapping[str, Any]) -> None:
    if kind.name in document:
        _refused(kind.name, lambda: world.part(kind).load(document[kind.name]))
    elif (part := world.has(kind)) is not None:
        part.start_over()


def _refused(name: str, take: Callable[[], None]) -> None:
    try:
        take()
    except (ValueError, AttributeError, LookupError, TypeError) as error:  # MockUsageError is a ValueError
        said = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise SeedError(f"state: /{name}: {said}") from error


def _newest(row: Row) -> int:
    return max(row.created, row.data.get("tm_update") or 0, row.data.get("tm_delete") or 0)
