"""What became of records: every event of those whose resource keeps a history, with the record as it was then.

Of each record the newest event holds the record itself, which the table has anyway; each older one holds only those
members that were different before the next. What is older still, and of records that are over, is packed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import compress
from operator import is_not
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.wire.stamps import is_moment
from voipbin_mock.wire.values import parse_uuid
from voipbin_mock.world.part import Part
from voipbin_mock.world.seeding import read_record
from voipbin_mock.world.state import dumped_value

if TYPE_CHECKING:
    from voipbin_mock.world.resource import Resource
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.world import World

MOST_LOOSE = 32  # events of a record that are not packed yet
MOST_PACKS = 200  # of one record, so many events each: the oldest are forgotten
RUN = "activeflow_id"  # the run of a flow that a record belongs to: kept, even where it is not shown

Record = Mapping[str, Any]
# Number, microseconds, type, the members that were different then, and the event before.
Loose = tuple[int, int, str, Record, Any]


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
    data: Record  # as it is since this event
    loose: Loose | None  # the one before
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

    def note(self, type: str, resource: Resource, row: Row, microseconds: int) -> None:
        """Something happened to a record: this is what it is like since."""
        self._part_ways()
        data, before = row.data, self._pasts.get(row.id)
        self._trail.note(self._put_back, row.id, before, self.number)
        self.number += 1
        if before is None:
            past = Past(self.number, microseconds, type, data, None, 0, (), resource.name)
        else:
            number, when, kind, old, loose, many, packs, name = before
            loose = (number, when, kind, _different(resource.record.names, old, data), loose)
            past = Past(self.number, microseconds, type, data, loose, many + 1, packs, name)
            if many >= MOST_LOOSE or data[resource.history]:
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
        return [] if past is None else list(_moments(past))

    def all(self, belongs: Callable[[str, Record], bool]) -> list[tuple[str, Moment]]:
        """What happened to those records that belong, by the name of their resource and by what they are like: with
        that name, the newest first."""
        found = [
            (past.resource, moment)
            for past in self._pasts.values()
            if belongs(past.resource, past.data)
            for moment in _moments(past)
        ]
        return sorted(found, key=lambda one: one[1].number, reverse=True)

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
        resource = self._world.blueprint.resource(past.resource)
        members, shown = resource.members, resource.record.names
        events: list[list[Any]] = []
        after: Record | None = None
        for number, when, kind, data in _moments(past):
            names = [name for name in data if name in shown or name == RUN]
            if after is not None:
                names = [name for name in names if data[name] != after[name]]
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
        loose: Loose | None = None
        for number, when, kind, different in reversed(events[1:]):
            loose = (number, when, kind, different, loose)
        number, when, kind, members = events[0]
        complete = {
            **{member.name: resource.initial[member.name] for member in resource.record.members},
            **members,
            "id": row_id,
        }
        return _packed(Past(number, when, kind, complete, loose, len(events) - 1, (), resource.name))


def _event(resource: Resource, event: Any, where: str) -> tuple[int, int, str, Record]:
    number, when, kind, members = event
    if type(number) is not int or not is_moment(when) or type(kind) is not str:
        raise ValueError(f"{where}: must be an array: number, microseconds, type, members of the record")
    record = read_record(resource, members, "histories", f"/{where}")
    return number, when, kind, {name: record[name] for name in members}


def remember(world: World, type: str, resource: Resource, row: Row) -> None:
    """Keep what happened to a record, if a history is kept of its resource."""
    if resource.history:
        world.part(Histories).note(type, resource, row, world.clock.microseconds())


# --- one record ------------------------------------------------------------------------------------


def _different(shown: frozenset[str], before: Record, after: Record) -> Record:
    """The shown members that were different before. Of a list that has only become longer, how long it was."""
    if len(before) == len(after):  # one was made of the other, so their members stand in one order
        changed = compress(before.items(), map(is_not, before.values(), after.values()))
        found = {name: value for name, value in changed if name in shown}
    else:
        found = {name: value for name, value in before.items() if name in shown and value is not after[name]}
    for name, value in found.items():
        if type(value) is list and after[name][: len(value)] == value:
            found[name] = (len(value),)
    return found


def _before(after: Record, different: Record) -> Record:
    """What a record was like."""
    data = {**after, **different}
    for name, value in different.items():
        if type(value) is tuple:
            data[name] = after[name][: value[0]]
    return data


def _packed(past: Past) -> Past:
    """The same in less space."""
    import marshal
    import zlib

    loose, events = past.loose, []
    while loose is not None:
        *event, loose = loose
        events.append(event)
    if not events:
        return past
    pack = zlib.compress(marshal.dumps(events), 1)
    return past._replace(loose=None, many=0, packs=(*past.packs[-MOST_PACKS + 1 :], pack))


def _moments(past: Past) -> Iterator[Moment]:
    """The newest first."""
    import marshal
    import zlib

    data = past.data
    yield Moment(past.number, past.microseconds, past.type, data)
    loose = past.loose
    while loose is not None:
        number, when, kind, different, loose = loose
        data = _before(data, different)
        yield Moment(number, when, kind, data)
    for pack in reversed(past.packs):
        for number, when, kind, different in marshal.loads(zlib.decompress(pack)):
            data = _before(data, different)
            yield Moment(number, when, kind, data)
