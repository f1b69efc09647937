"""What became of records: every event of those whose resource keeps a history, with the record as it was then.

Of each record the newest event has the members that are kept; each older one only those that were different before
the next, as bytes: Python's collector would otherwise look at each of them again and again. What is older still, and
of records that are over, is packed. An event that is told of holds its number here, and no copy of the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, compress, count
from marshal import dumps, loads
from operator import is_not
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.wire.errors import SeedError
from voipbin_mock.wire.packing import packed, unpacked
from voipbin_mock.wire.stamps import is_moment
from voipbin_mock.wire.values import parse_uuid
from voipbin_mock.world.dumped import reader_of_some
from voipbin_mock.world.part import Part
from voipbin_mock.world.shown import text_maker
from voipbin_mock.world.state import dumped_value
from voipbin_mock.world.store import Row

if TYPE_CHECKING:
    from voipbin_mock.world.resource import Resource
    from voipbin_mock.world.world import World

MOST_LOOSE = 32  # events of a record that are not packed yet
LITTLE = 4096  # bytes, of a record that is over, that to pack costs more than it saves
MOST_PACKS = 200  # of one record, so many events each: the oldest are forgotten
NEAR = 4  # of the newest events, which whoever hears of each as it happens asks for
MOST_OPENED = 200  # records of one kind whose events are read one after the other

NONE = -1  # no place of an event
_PLACE = 4  # bytes of one
Record = Mapping[str, Any]
Kept = tuple[Any, ...]  # the values of the members that a history keeps, in their order
# By their places among those. A tuple says where in the record after it the value is: of a list that has only become
# longer, how long it was; or the place of a list, and which of its items.
Different = dict[int, Any]
_type = type
_NOTHING: Mapping[int, Kept] = {}


class Moment(NamedTuple):
    """One event: its number in the world, when it was (microseconds since 1970), its type, the record then."""

    number: int
    microseconds: int
    type: str
    data: Record


class Kind(NamedTuple):
    """What the pasts of a resource's records have in common, in one world."""

    resource: Resource
    places: Mapping[str, int]  # of the members that are kept, among those
    text: Callable[[Sequence[Any]], str]  # of a record, of which this is kept
    lock: Any  # the world's: pasts change under it
    # Of those whose events somebody reads one after the other: what was kept at each, by its number.
    opened: dict[Past, dict[int, Kept]]


class Past:
    """What happened to one record. Changed by the histories that made it only, until a snapshot shares it.

    Its events hold their numbers alone: what the record was like is found here.
    """

    __slots__ = (
        "customer_id", "era", "kept", "kind", "last", "loose", "many", "microseconds", "number", "owner_id", "packs",
        "record_id", "resource", "row", "type",
    )  # fmt: skip

    def __init__(
        self,
        kind: Kind,
        number: int,
        microseconds: int,
        type: str,
        now: Row | Sequence[Any],
        loose: bytes | bytearray = b"",
        last: int = NONE,
        many: int = 0,
        packs: tuple[bytes, ...] = (),
    ) -> None:
        self.kind = kind
        self.number = number
        self.microseconds = microseconds
        self.type = type
        # What the record is since this event: the row if nobody changes that, else what is kept of it.
        self.row: Row | None = None
        self.kept: list[Any] | None = None
        if isinstance(now, Row):
            self.record_id = now.id
            self._hold(now)
        else:
            self.kept = list(now)
            self.record_id = self.kept[kind.places["id"]]
        # Those before, the oldest first: number, microseconds, type, what was different then, where the one before it
        # begins. Grows in place.
        self.loose = bytearray(loose)
        self.last = last  # where the newest of them begins
        self.many = many  # of the loose ones
        self.packs = packs  # those before them, the newest last
        self.resource = kind.resource.name
        self.customer_id = self.owner_id = ""  # whose it is
        self.era: object = None  # of the histories that may change it

    def _hold(self, row: Row) -> None:
        if _type(row) is Row:
            self.row, self.kept = row, None
        elif self.kept is None:
            self.row, self.kept = None, [*self.kind.resource.recall(row.data)]

    @property
    def now(self) -> Sequence[Any]:
        """What is kept of the record, as it is since this event."""
        return self.kind.resource.recall(self.row.data) if self.row is not None else self.kept or ()

    def copy(self) -> Past:
        loose, last, many, packs = self.loose, self.last, self.many, self.packs
        return Past(self.kind, self.number, self.microseconds, self.type, self.now, loose, last, many, packs)

    def before(self, number: int, microseconds: int, type: str, row: Row, different: Different) -> None:
        """Another event: what was the present is one of those before. different: is filled with what was so then."""
        recall, grown = self.kind.resource.recall, -1
        if (kept := self.kept) is None:
            kept = self.kept = list(self.now)
            self.row = None
        after = recall(row.data)
        for place in compress(count(), map(is_not, kept, after)):
            value, now = kept[place], after[place]
            if _type(value) is list and now[: len(value)] == value:
                value, grown = (len(value),), place
            different[place] = value
            kept[place] = now
        if grown >= 0 and after[grown]:  # what was the present one has mostly become the newest of the past ones
            newest = after[grown][-1]
            for place, value in different.items():
                if value is newest:
                    different[place] = (grown, len(after[grown]) - 1)
        self.add(self.number, self.microseconds, self.type, different)
        self.number, self.microseconds, self.type = number, microseconds, type
        if _type(row) is Row:
            self.row, self.kept = row, None

    def add(self, number: int, microseconds: int, type: str, different: Different) -> None:
        """One more of the loose ones."""
        loose = self.loose
        begin = len(loose)
        loose += dumps((number, microseconds, type, different, self.last))
        self.last = begin
        self.many += 1

    def go_back(self, different: Different, state: tuple[Any, ...]) -> None:
        """The newest event did not come about: what the past was like before."""
        self.kept, self.row = list(_before(self.now, different)), None
        self.number, self.microseconds, self.type, loose, size, self.last, self.many, self.packs = state
        self.loose = loose[:size]

    def pack(self) -> None:
        """The same in less space."""
        if self.loose:
            whole = bytes(self.loose) + self.last.to_bytes(_PLACE, "big")
            self.packs = (*self.packs[-MOST_PACKS + 1 :], packed(whole))
            self.loose, self.last, self.many = bytearray(), NONE, 0

    # --- as the events of a record know it ---------------------------------------------------------

    def text(self, number: int) -> str:
        """The record as it was at this event, as JSON text."""
        with self.kind.lock:
            kept = self.now if number == self.number else self._at(number)
            return self.kind.text(kept)

    def _at(self, number: int) -> Kept:
        opened = self.kind.opened
        found = opened.get(self, _NOTHING).get(number)
        if found is not None:
            return found
        moments: dict[int, Kept] = {}
        for each, _, _, kept in _events(self):
            moments[each] = kept
            if each == number and len(moments) <= NEAR:
                return kept
        while len(opened) >= MOST_OPENED:
            del opened[next(iter(opened))]
        opened[self] = moments
        return moments[number]


class Histories(Part):
    """The past of a world's records, by their ids."""

    name = "histories"
    trailed = True
    rank = 60

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._trail = world.trail
        self._kinds: dict[str, Kind] = {}
        self._pasts: dict[str, Past] = {}
        self._shared = False  # with a snapshot, until something happens
        self._era = object()  # since the last snapshot
        self.number = 0  # of the newest event

    def _kind(self, resource: Resource) -> Kind:
        found = self._kinds.get(resource.name)
        if found is None:
            world = self._world
            places = {name: place for place, name in enumerate(resource.remembered)}
            found = Kind(resource, places, text_maker(resource, world.profile), world.lock, {})
            self._kinds[resource.name] = found
        return found

    # --- writing ---------------------------------------------------------------------------------

    def note(self, type: str, resource: Resource, row: Row, microseconds: int) -> Past:
        """Something happened to a record, which is as it is now since: its newest event."""
        if self._shared:
            self._part_ways()
        row_id, data, trail = row.id, row.data, self._trail
        past = self._pasts.get(row_id)
        if (
            past is None
            or past.era is not self._era
            or past.customer_id != data.get("customer_id", row.account)
            or past.owner_id != data.get("owner_id", "")
            or past.kind.resource is not resource
        ):
            trail.note(self._put_back, row_id, self.number, past)
            # Seeds may give two records of different kinds one id.
            if past is None or past.resource != resource.name:
                self.number += 1
                past = Past(self._kind(resource), self.number, microseconds, type, row)
                return self._take(past, row)
            past = self._take(past.copy(), row)
        different: Different = {}
        if trail.depth:
            loose = past.loose
            state = past.number, past.microseconds, past.type, loose, len(loose), past.last, past.many, past.packs
            trail.notes.append((self._go_back, (row_id, self.number, different, state)))
        number = self.number = self.number + 1
        past.before(number, microseconds, type, row, different)
        if past.many > MOST_LOOSE or (len(past.loose) > LITTLE and data[resource.history]):
            if len(past.packs) == MOST_PACKS:  # those that hold its oldest events have them still
                trail.note(self._put_back, row_id, number, past)
                past = self._take(past.copy(), row)
            past.pack()
        return past

    def _take(self, past: Past, row: Row) -> Past:
        """One that no event has heard of yet."""
        past.era = self._era
        past.customer_id, past.owner_id = row.data.get("customer_id", row.account), row.data.get("owner_id", "")
        self._pasts[row.id] = past
        return past

    def _part_ways(self) -> None:
        if self._shared:
            self._pasts, self._shared = dict(self._pasts), False

    def _put_back(self, row_id: str, number: int, past: Past | None) -> None:
        """This was a record's past."""
        self._part_ways()
        self.number = number
        for kind in self._kinds.values():
            kind.opened.clear()
        if past is None:
            self._pasts.pop(row_id, None)
        else:
            self._pasts[row_id] = past

    def _go_back(self, row_id: str, number: int, different: Different, state: tuple[Any, ...]) -> None:
        """The newest event of a record did not come about."""
        past = self._pasts[row_id]
        if past.era is not self._era:  # a snapshot has it
            past = past.copy()
        past.go_back(different, state)
        self._put_back(row_id, number, past)

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
            if belongs(past.resource, self._record(past.resource, past.now))
            for moment in self._moments(past)
        ]
        return sorted(found, key=lambda one: one[1].number, reverse=True)

    def _record(self, resource: str, kept: Sequence[Any]) -> Record:
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
        past = Past(self._kind(resource), number, when, kind, kept)
        if len(events) > 1:
            places = past.kind.places
            for number, when, kind, members in reversed(events[1:]):
                different = {places[name]: value for name, value in members.items() if name in places}
                past.add(number, when, kind, different)
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


def _before(after: Sequence[Any], different: Different) -> Kept:
    """What a record was like."""
    kept = list(after)
    for place, value in different.items():
        if type(value) is tuple:
            value = after[place][: value[0]] if len(value) == 1 else after[value[0]][value[1]]
        kept[place] = value
    return tuple(kept)


def _events(past: Past) -> Iterator[tuple[int, int, str, Kept]]:
    """Number, microseconds, type and what is kept of the record, the newest first."""
    kept = tuple(past.now)
    yield past.number, past.microseconds, past.type, kept
    for loose, last in chain([(bytes(past.loose), past.last)], map(_opened, reversed(past.packs))):
        while last != NONE:
            number, when, kind, different, last = loads(memoryview(loose)[last:])
            kept = _before(kept, different)
            yield number, when, kind, kept


def _opened(pack: bytes) -> tuple[bytes, int]:
    """Loose ones, and where the newest of them begins."""
    whole = unpacked(pack)
    return whole, int.from_bytes(whole[-_PLACE:], "big")
