"""What became of records: every event of those whose resource keeps a history, with the record as it was then.

Of each record the newest event holds the members that are kept; each older one holds only those that were different
before the next, as bytes: Python's collector would otherwise look at each of them again and again. What is older
still, and of records that are over, is packed.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from itertools import chain, compress, count
from operator import is_not
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.wire.packing import packed, unpacked
from voipbin_mock.wire.stamps import is_moment
from voipbin_mock.wire.values import parse_uuid
from voipbin_mock.world.part import Part
from voipbin_mock.world.seeding import read_record
from voipbin_mock.world.state import dumped_value

if TYPE_CHECKING:
    from voipbin_mock.world.resource import Resource
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.world import World

_new = tuple.__new__  # of many pasts, without a call for each of their members
MOST_LOOSE = 32  # events of a record that are not packed yet
LITTLE = 2048  # bytes, of a record that is over, that to pack costs more than it saves
MOST_PACKS = 200  # of one record, so many events each: the oldest are forgotten

Record = Mapping[str, Any]
Kept = tuple[Any, ...]  # the values of the members that a history keeps, in their order
# By their places among those. A tuple says where in the record after it the value is: of a list that has only become
# longer, how long it was; or the place of a list, and which of its items.
Different = dict[int, Any]


class Moment(NamedTuple):
    """One event: its number in the world, when it was (microseconds since 1970), its type, the record then."""

    number: int
    microseconds: int
    type: str
    data: Record


class Past(NamedTuple):
    """What happened to one record. Never changed: another event makes another one."""

    number: int
    microseconds: int
    type: str
    kept: Kept  # of the record, as it is since this event
    loose: bytes  # those before, the oldest first: number, microseconds, type, what was different then
    many: int  # of the loose ones
    packs: tuple[bytes, ...]  # those before them, the newest last
    resource: str


class Histories(Part):
    """The past of a world's records, by their ids."""

    name = "histories"
    trailed = True
    rank = 60

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._trail = world.trail
        self._pasts: dict[str, Past] = {}
        self._shared = False  # with a snapshot, until something happens
        self.number = 0  # of the newest event

    # --- writing ---------------------------------------------------------------------------------

    def note(self, type: str, resource: Resource, row: Row, microseconds: int, kept: Kept) -> None:
        """Something happened to a record: this is what it is like since. kept: `Resource.recall` of it."""
        if self._shared:
            self._part_ways()
        before = self._pasts.get(row.id)
        if self._trail.depth:
            self._trail.notes.append((self._put_back, (row.id, before, self.number)))
        self.number += 1
        if before is None or before.resource != resource.name:  # seeds may give two records of different kinds one id
            past = _new(Past, (self.number, microseconds, type, kept, b"", 0, (), resource.name))
        else:
            number, when, kind, old, loose, many, packs, name = before
            loose += marshal.dumps((number, when, kind, _different(old, kept)))
            past = _new(Past, (self.number, microseconds, type, kept, loose, many + 1, packs, name))
            if many >= MOST_LOOSE or (len(loose) > LITTLE and row.data[resource.history]):
                past = _packed(past)
        self._pasts[row.id] = past

    def _part_ways(self) -> None:
        if self._shared:
            self._pasts, self._shared = dict(self._pasts), False

    def _put_back(self, row_id: str, before: Past | None, number: int) -> None:
        self._part_ways()
        self.number = number
        if before is None:
            self._pasts.pop(row_id, None)
        else:
            self._pasts[row_id] = before

    # --- looking ---------------------------------------------------------------------------------

    def of(self, row_id: str) -> list[Moment]:
        """What happened to a record, the newest first."""
        past = self._pasts.get(row_id)
        return [] if past is None else list(self._moments(past))

    def all(self, belongs: Callable[[str, Record], bool]) -> list[tuple[str, Moment]]:
        """What happened to those records that belong, by the name of their resource and by what they are like: with
        that name, the newest first."""
        found = [
            (past.resource, moment)
            for past in self._pasts.values()
            if belongs(past.resource, self._record(past.resource, past.kept))
            for moment in self._moments(past)
        ]
        return sorted(found, key=lambda one: one[1].number, reverse=True)

    def _record(self, resource: str, kept: Kept) -> Record:
        return dict(zip(self._world.blueprint.resource(resource).remembered, kept, strict=True))

    def _moments(self, past: Past) -> Iterator[Moment]:
        """The newest first."""
        for number, when, kind, kept in _events(past):
            yield Moment(number, when, kind, self._record(past.resource, kept))

    # --- keeping ---------------------------------------------------------------------------------

    @property
    def revision(self) -> int:
        return self.number

    def keep(self) -> Any:
        self._shared = True
        return self._pasts, self.number

    def bring_back(self, kept: Any) -> None:
        self._trail.note(self._all_back, self._pasts, self.number)
        self._all_back(*kept)

    def _all_back(self, pasts: dict[str, Past], number: int) -> None:
        self._pasts, self.number, self._shared = pasts, number, True

    def dump(self) -> Any:
        return {row_id: self._dumped(past) for row_id, past in self._pasts.items()} or None

    def _dumped(self, past: Past) -> dict[str, Any]:
        """The newest event with all that is kept of the record, the others with what was different."""
        members = self._world.blueprint.resource(past.resource).members
        events: list[list[Any]] = []
        after: Record | None = None
        for number, when, kind, data in self._moments(past):
            names = [name for name in data if after is None or data[name] != after[name]]
            events.append([number, when, kind, {name: dumped_value(members[name], data[name]) for name in names}])
            after = data
        return {"resource": past.resource, "events": events}

    def load(self, document: Any) -> None:
        """Take back what `dump` gave. Raises ValueError."""
        if not isinstance(document, Mapping):
            raise ValueError("must be an object: the id of a record -> what happened to it")
        pasts = {row_id: self._read(row_id, given) for row_id, given in document.items()}
        self._trail.note(self._all_back, self._pasts, self.number)
        self._all_back(pasts, max((past.number for past in pasts.values()), default=0))

    def _read(self, row_id: str, given: Any) -> Past:
        resource = self._world.blueprint.resource(given["resource"])
        if parse_uuid(row_id) != row_id or not resource.history:
            raise ValueError(f"{row_id[:80]}: no history is kept of {resource.name} with this id")
        events = [_event(resource, event, f"{row_id}/events/{n}") for n, event in enumerate(given["events"])]
        numbers = [number for number, *_ in events]
        if not events or numbers != sorted({*numbers}, reverse=True) or not 0 < numbers[-1] <= numbers[0] < 1 << 53:
            raise ValueError(f"{row_id}/events: must be numbered, the newest first")
        loose = b""
        place = {name: number for number, name in enumerate(resource.remembered)}
        for number, when, kind, members in reversed(events[1:]):
            different = {place[name]: value for name, value in members.items() if name in place}
            loose += marshal.dumps((number, when, kind, different))
        number, when, kind, members = events[0]
        kept = resource.recall({**resource.initial, **members, "id": row_id})
        return _packed(Past(number, when, kind, kept, loose, len(events) - 1, (), resource.name))


def _event(resource: Resource, event: Any, where: str) -> tuple[int, int, str, Record]:
    number, when, kind, members = event
    if type(number) is not int or not is_moment(when) or type(kind) is not str:
        raise ValueError(f"{where}: must be an array: number, microseconds, type, members of the record")
    record = read_record(resource, members, "histories", f"/{where}")
    return number, when, kind, {name: record[name] for name in members}


def remember(world: World, type: str, resource: Resource, row: Row) -> None:
    """Keep what happened to a record, if a history is kept of its resource."""
    if resource.history:
        world.part(Histories).note(type, resource, row, world.clock.microseconds(), resource.recall(row.data))


# --- one record ------------------------------------------------------------------------------------


def _different(before: Kept, after: Kept) -> Different:
    """The members that were different before."""
    found: Different = {}
    grown = -1
    for place in compress(count(), map(is_not, before, after)):
        value = before[place]
        if type(value) is list and after[place][: len(value)] == value:
            value, grown = (len(value),), place
        found[place] = value
    if grown >= 0 and after[grown]:  # what was the present one has mostly become the newest of the past ones
        newest = after[grown][-1]
        for place, value in found.items():
            if value is newest:
                found[place] = (grown, len(after[grown]) - 1)
    return found


def _before(after: Kept, different: Different) -> Kept:
    """What a record was like."""
    kept = list(after)
    for place, value in different.items():
        if type(value) is tuple:
            value = after[place][: value[0]] if len(value) == 1 else after[value[0]][value[1]]
        kept[place] = value
    return tuple(kept)


def _packed(past: Past) -> Past:
    """The same in less space."""
    if not past.loose:
        return past
    return past._replace(loose=b"", many=0, packs=(*past.packs[-MOST_PACKS + 1 :], packed(past.loose)))


def _events(past: Past) -> Iterator[tuple[int, int, str, Kept]]:
    """Number, microseconds, type and what is kept of the record, the newest first."""
    kept = past.kept
    yield past.number, past.microseconds, past.type, kept
    for loose in chain([past.loose], map(unpacked, reversed(past.packs))):
        for number, when, kind, different in reversed(list(_loose(loose))):
            kept = _before(kept, different)
            yield number, when, kind, kept


def _loose(loose: bytes) -> Iterator[tuple[int, int, str, Different]]:
    stream = BytesIO(loose)
    while stream.tell() < len(loose):
        yield marshal.load(stream)
