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

from voipbin_mock.wire.errors import SeedError
from voipbin_mock.wire.packing import packed, unpacked
from voipbin_mock.wire.stamps import is_moment
from voipbin_mock.wire.values import parse_uuid
from voipbin_mock.world.dumped import reader_of_some
from voipbin_mock.world.part import Part
from voipbin_mock.world.state import dumped_value

if TYPE_CHECKING:
    from voipbin_mock.world.resource import Resource
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.world import World

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


class Past:
    """What happened to one record. Changed by the histories that made it only, until a snapshot shares it."""

    __slots__ = (
        "era",
        "kept",
        "loose",
        "many",
        "microseconds",
        "noted",
        "number",
        "packs",
        "resource",
        "type",
    )

    def __init__(
        self,
        resource: str,
        number: int,
        microseconds: int,
        type: str,
        kept: Kept,
        loose: bytes = b"",
        many: int = 0,
        packs: tuple[bytes, ...] = (),
    ) -> None:
        self.resource = resource
        self.number = number
        self.microseconds = microseconds
        self.type = type
        self.kept = kept  # of the record, as it is since this event
        self.loose = loose  # those before, the oldest first: number, microseconds, type, what was different then
        self.many = many  # of the loose ones
        self.packs = packs  # those before them, the newest last
        self.era: object = None  # of the histories that may change it
        self.noted = -1  # the step for which it was noted what it was like

    def state(self) -> tuple[Any, ...]:
        """All that another event changes."""
        return self.number, self.microseconds, self.type, self.kept, self.loose, self.many, self.packs

    def before(self, number: int, microseconds: int, type: str, kept: Kept) -> None:
        """Another event: what was the present is one of those before."""
        self.loose += marshal.dumps((self.number, self.microseconds, self.type, _different(self.kept, kept)))
        self.many += 1
        self.number, self.microseconds, self.type, self.kept = number, microseconds, type, kept

    def pack(self) -> None:
        """The same in less space."""
        if self.loose:
            self.packs = (*self.packs[-MOST_PACKS + 1 :], packed(self.loose))
            self.loose, self.many = b"", 0


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
        self._era = object()  # since the last snapshot
        self.number = 0  # of the newest event

    # --- writing ---------------------------------------------------------------------------------

    def note(self, type: str, resource: Resource, row: Row, microseconds: int, kept: Kept) -> None:
        """Something happened to a record: this is what it is like since. kept: `Resource.recall` of it."""
        if self._shared:
            self._part_ways()
        past, trail = self._pasts.get(row.id), self._trail
        if trail.depth and (past is None or past.noted != trail.steps):
            trail.notes.append((self._put_back, (row.id, self.number, past, past and past.state())))
        self.number += 1
        # Seeds may give two records of different kinds one id.
        if past is None or past.resource != resource.name:
            past = self._pasts[row.id] = Past(resource.name, self.number, microseconds, type, kept)
            past.era = self._era
        else:
            if past.era is not self._era:
                past = self._pasts[row.id] = Past(past.resource, *past.state())
                past.era = self._era
            past.before(self.number, microseconds, type, kept)
            if past.many > MOST_LOOSE or (len(past.loose) > LITTLE and row.data[resource.history]):
                past.pack()
        past.noted = trail.steps if trail.depth else -1

    def _part_ways(self) -> None:
        if self._shared:
            self._pasts, self._shared = dict(self._pasts), False

    def _put_back(self, row_id: str, number: int, past: Past | None, state: Any) -> None:
        self._part_ways()
        self.number = number
        if past is None:
            self._pasts.pop(row_id, None)
        else:
            self._pasts[row_id] = Past(past.resource, *state)

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
        self._shared, self._era = True, object()
        return self._pasts, self.number

    def bring_back(self, kept: Any) -> None:
        self._trail.note(self._all_back, self._pasts, self.number)
        self._all_back(*kept)

    def _all_back(self, pasts: dict[str, Past], number: int) -> None:
        self._pasts, self.number, self._shared, self._era = pasts, number, True, object()

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
        number, when, kind, members = events[0]
        kept = resource.recall({**resource.initial, **members, "id": row_id})
        past = Past(resource.name, number, when, kind, kept)
        if len(events) > 1:
            place = {name: number for number, name in enumerate(resource.remembered)}
            for number, when, kind, members in reversed(events[1:]):
                different = {place[name]: value for name, value in members.items() if name in place}
                past.loose += marshal.dumps((number, when, kind, different))
                past.many += 1
                if past.many > MOST_LOOSE:
                    past.pack()
        return past


def _event(resource: Resource, event: Any, where: str) -> tuple[int, int, str, Record]:
    number, when, kind, members = event
    if type(number) is not int or not is_moment(when) or type(kind) is not str:
        raise ValueError(f"{where}: must be an array: number, microseconds, type, members of the record")
    try:
        return number, when, kind, reader_of_some(resource)(members)
    except SeedError as error:
        raise SeedError(f"{where}{error}") from None


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
