"""Tables of records. Knows no HTTP, no profile and no clock.

A write puts a new row in the place of the old one. So a snapshot is a shallow copy, a reader needs no copy at all,
and the wire text of a row can be kept beside it. Only `amend` changes a row, one that it made itself since the table
was copied last: for what is written again and again, and of which nobody holds an earlier row.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from voipbin_mock.world.steps import Trail

Record = Mapping[str, Any]


class Row:
    """One stored record, and its wire text once somebody asked for it."""

    __slots__ = ("account", "created", "data", "deleted", "id", "text")

    def __init__(self, record: Record, account: str) -> None:
        self.id: str = record["id"]
        self.account = account
        self.created: int = record["tm_create"]
        self.deleted = record.get("tm_delete") is not None
        self.data = record
        self.text: str | None = None


class _Amended(Row):
    """One that its table changes in place."""

    __slots__ = ("era", "noted")

    era: object  # of the one table that may change it
    noted: int  # the step for which it was noted what it was like


class _Index:
    """The listed rows of one account, oldest first: creation times and ids, side by side."""

    __slots__ = ("created", "ids")

    def __init__(self, created: list[int], ids: list[str]) -> None:
        self.created, self.ids = created, ids

    def add(self, created: int, row_id: str) -> None:
        if not self.created or created > self.created[-1]:
            self.created.append(created)
            self.ids.append(row_id)
            return
        position = bisect_left(self.created, created)
        self.created.insert(position, created)
        self.ids.insert(position, row_id)

    def remove(self, created: int, row_id: str) -> None:
        position = bisect_left(self.created, created)
        while self.ids[position] != row_id:
            position += 1
        del self.created[position]
        del self.ids[position]

    def discard(self, created: int, row_id: str) -> None:
        """The same, if it is there."""
        if row_id in self._ids_at(created):
            self.remove(created, row_id)

    def ensure(self, created: int, row_id: str) -> None:
        """Add it, unless it is there."""
        if row_id not in self._ids_at(created):
            self.add(created, row_id)

    def _ids_at(self, created: int) -> list[str]:
        return self.ids[bisect_left(self.created, created) : bisect_right(self.created, created)]

    def holds(self, created: int) -> bool:
        position = bisect_left(self.created, created)
        return position < len(self.created) and self.created[position] == created

    def page(self, before: int | None, size: int) -> list[str]:
        end = len(self.created) if before is None else bisect_left(self.created, before)
        return self.ids[max(0, end - size) : end][::-1]

    def copy(self) -> _Index:
        return _Index(self.created.copy(), self.ids.copy())


MOST_CHANGED = 10_000
Told = Callable[[str, str], object]  # of a resource and an id


class Table:
    """The records of one resource."""

    def __init__(
        self,
        name: str,
        *,
        lists_deleted: bool = False,
        lookups: Iterable[str | tuple[str, ...]] = (),
        grouped_by: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.lists_deleted = lists_deleted
        # Members whose every value has a list of its own, beside the accounts'.
        self.grouped_by = grouped_by
        self._rows: dict[str, Row] = {}
        self._indexes: dict[str, _Index] = {}
        # member (or several) -> value (or values) -> ids of the live rows that have it
        self._lookups: dict[str | tuple[str, ...], dict[Any, dict[str, None]]] = {member: {} for member in lookups}
        # Members by which rows are found or listed.
        several = chain.from_iterable([name] if isinstance(name, str) else name for name in self._lookups)
        self._placing = frozenset(["id", "tm_create", "tm_delete", *grouped_by, *several])
        self._shared = False  # with a copy, until either of them is written to
        self._era = object()  # since it was copied last
        self.writes = 0  # so far; a copy starts with its original's
        self.changed: list[str] | None = (
            None  # ids of what is written, for one who asked for it by a list; None again if they are too many
        )
        self.told: Told | None = None  # who hears of every write
        self.trail: Trail | None = None  # where is noted how writes are taken back

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def get(self, row_id: str) -> Row | None:
        return self._rows.get(row_id)

    def insert(self, record: Record, account: str) -> Row:
        """Add a record. Its id must be new, and so must its creation time among the account's rows."""
        row = Row(record, account)
        if row.id in self._rows:
            raise KeyError(f"{self.name} has a record {row.id} already")
        self._own(row.id, row)
        self._rows[row.id] = row
        self._enter(row)
        self._tell(row.id)
        return row

    def replace(self, record: Record, kind: type[Row] = Row) -> Row:
        """Put a changed record in the place of the old one (same id, same creation time)."""
        row_id = record["id"]
        old = self._rows[row_id]
        row = kind(record, old.account)
        self._own(row_id, row)
        moved = self.grouped_by and any(record[member] != old.data[member] for member in self.grouped_by)
        if moved or row.deleted != old.deleted:
            self._leave(old)
            self._enter(row)
        elif not row.deleted and old.data is not record:
            was = old.data
            for member, values in self._lookups.items():
                if type(member) is str:
                    now, before = record.get(member), was.get(member)
                else:
                    now, before = _value(row, member), _value(old, member)
                if now is not before and now != before:
                    _drop(values, before, row.id)
                    values.setdefault(now, {})[row.id] = None
        if self.told is not None or self.changed is not None:
            self._tell(row_id)
        self._rows[row_id] = row
        return row

    def amend(self, row_id: str, values: Record) -> Row:
        """Give a record other values, in the row that it has if that is this table's alone: quicker than `replace`.

        For resources of which a history is kept: events look there, and do not hold the row. Whoever needs to know
        what a value was looks before.
        """
        row = self._rows[row_id]
        if not self._placing.isdisjoint(values):
            return self.replace({**row.data, **values})
        if type(row) is not _Amended or row.era is not self._era:
            made: Any = self.replace({**row.data, **values}, _Amended)
            made.era, made.noted = self._era, -1
            return self._rows[row_id]
        data: Any = row.data
        trail = self.trail
        if trail is not None and trail.depth and row.noted != trail.steps:
            row.noted = trail.steps
            trail.notes.append((self._amend_back, (self.writes, row_id, data.copy())))
        self.writes += 1
        data.update(values)
        row.text = None
        if self.told is not None or self.changed is not None:
            self._tell(row_id)
        return row

    def _amend_back(self, writes: int, row_id: str, values: Record) -> None:
        row = self._rows[row_id]
        if type(row) is _Amended and row.era is self._era:
            data: Any = row.data
            data.update(values)
            row.text, row.noted = None, -1
        else:  # it was copied meanwhile
            self._part_ways()
            self._rows[row_id] = Row(values, row.account)
        self._tell(row_id)
        self.writes = writes

    def remove(self, row_id: str) -> None:
        """Forget a record altogether (the service only ever deletes softly)."""
        self._own(row_id, None)
        if self.trail is not None and self.trail.depth:
            self.trail.note(self._reorder, list(self._rows))
        self._leave(self._rows.pop(row_id))
        if self.told is not None:
            self.told(self.name, row_id)

    def taken(self, account: str, created: int) -> bool:
        """Whether an account's row has this creation time: pages are cut there, so it must be unique."""
        index = self._indexes.get(account)
        return index is not None and index.holds(created)

    def page(self, where: str, before: int | None, size: int) -> list[Row]:
        """The newest `size` listed rows of an account created before the given time, newest first."""
        index = self._indexes.get(where)
        if index is None:
            return []
        rows = self._rows
        return [rows[row_id] for row_id in index.page(before, size)]

    def listed(self, account: str) -> list[Row]:
        """All listed rows of an account, newest first."""
        return self.page(account, None, len(self._rows))

    def group(self, member: str, value: str, before: int | None, size: int) -> list[Row]:
        """As `page`, of the rows whose member has this value; it must be one of `grouped_by`."""
        return self.page(in_group(member, value), before, size)

    def count(self, member: str | tuple[str, ...], value: Any) -> int:
        """How many live rows `find` would find."""
        return len(self._lookups[member].get(value, ()))

    def find(self, member: str | tuple[str, ...], value: Any) -> list[Row]:
        """The live rows whose member has this value, oldest first; the member must be a lookup."""
        rows = [self._rows[row_id] for row_id in self._lookups[member].get(value, ())]
        return sorted(rows, key=lambda row: row.created) if len(rows) > 1 else rows

    def _enter(self, row: Row) -> None:
        if not row.deleted or self.lists_deleted:
            self._index(row.account).add(row.created, row.id)
            for group in self.grouped_by:
                self._index(in_group(group, row.data[group])).add(row.created, row.id)
        if not row.deleted:
            for member, values in self._lookups.items():
                values.setdefault(_value(row, member), {})[row.id] = None

    def _index(self, name: str) -> _Index:
        index = self._indexes.get(name)
        if index is None:
            index = self._indexes[name] = _Index([], [])
        return index

    def _leave(self, row: Row) -> None:
        if not row.deleted or self.lists_deleted:
            self._indexes[row.account].remove(row.created, row.id)
            for group in self.grouped_by:
                self._indexes[in_group(group, row.data[group])].remove(row.created, row.id)
        if not row.deleted:
            for member, values in self._lookups.items():
                _drop(values, _value(row, member), row.id)

    def copy(self) -> Table:
        """An independent table with the same rows. The work is put off until one of the two is written to."""
        twin = Table(self.name, lists_deleted=self.lists_deleted, grouped_by=self.grouped_by)
        twin._rows, twin._indexes, twin._lookups = self._rows, self._indexes, self._lookups
        twin._placing = self._placing
        twin._shared = self._shared = True
        self._era = object()
        twin.writes = self.writes
        return twin

    def _own(self, row_id: str, row: Row | None) -> None:
        """To be called before every write; `row` is what it puts in place."""
        trail = self.trail
        if trail is not None and trail.depth:
            trail.notes.append((self._put_back, (self.writes, self._rows.get(row_id), row)))
        self.writes += 1
        if self._shared:
            self._part_ways()

    def _part_ways(self) -> None:
        if self._shared:
            self._rows = self._rows.copy()
            self._indexes = {account: index.copy() for account, index in self._indexes.items()}
            self._lookups = {
                member: {value: ids.copy() for value, ids in values.items()} for member, values in self._lookups.items()
            }
            self._shared = False

    # --- taking back, even what was done by halves ---------------------------------------------------

    def _put_back(self, writes: int, old: Row | None, new: Row | None) -> None:
        self._part_ways()
        row = old or new
        assert row is not None
        before, after = self._places(old), self._places(new)
        for name in after - before:
            self._index(name).discard(row.created, row.id)
        for name in before - after:
            self._index(name).ensure(row.created, row.id)
        for member, values in self._lookups.items():
            had = None if old is None or old.deleted else (_value(old, member),)
            has = None if new is None or new.deleted else (_value(new, member),)
            if has is not None and has != had and row.id in values.get(has[0], ()):
                _drop(values, has[0], row.id)
            if had is not None:
                values.setdefault(had[0], {})[row.id] = None
        if old is None:
            self._rows.pop(row.id, None)
        else:
            self._rows[row.id] = old
        self._tell(row.id)
        self.writes = writes

    def _tell(self, row_id: str) -> None:
        if self.told is not None:
            self.told(self.name, row_id)
        changed = self.changed
        if changed is not None:
            changed.append(row_id)
            if len(changed) > MOST_CHANGED:  # nobody looked for long: a look at all is due then
                self.changed = None

    def _places(self, row: Row | None) -> set[str]:
        """The names of the lists that a row stands in."""
        if row is None or (row.deleted and not self.lists_deleted):
            return set()
        return {row.account, *(in_group(group, row.data[group]) for group in self.grouped_by)}

    def _reorder(self, ids: list[str]) -> None:
        self._rows = {row_id: self._rows[row_id] for row_id in ids}


def _value(row: Row, member: str | tuple[str, ...]) -> Any:
    if isinstance(member, str):
        return row.data.get(member)
    return tuple([row.data.get(name) for name in member])


def _drop(values: dict[Any, dict[str, None]], value: Any, row_id: str) -> None:
    ids = values[value]
    del ids[row_id]
    if not ids:
        del values[value]


def in_group(member: str, value: str) -> str:
    """The name of a group's list, for `Table.page`; no account has it."""
    return f"{member} {value}"


class _Twins(dict[str, Table]):
    """Tables by name, each copied from its source when it is first asked for."""

    def __init__(self, source: Callable[[str], Table], trail: Trail) -> None:
        super().__init__()
        self.source, self.trail = source, trail
        self.told: Told | None = None

    def __missing__(self, name: str) -> Table:
        twin = self.source(name).copy()
        twin.writes = 0  # its own; the others' source is not written to
        twin.trail, twin.told = self.trail, self.told
        return self.setdefault(name, twin)  # threads get the same


class Store:
    """All tables of one mock, each opened when it is first asked for.

    source: gives the table that one begins as; it is not written to. names: of those with records in the source.
    trail: where is noted how writes are taken back.
    """

    def __init__(
        self, source: Callable[[str], Table], names: Callable[[], Iterable[str]], trail: Trail | None = None
    ) -> None:
        self.tables = _Twins(source, trail or Trail())
        self._names = names

    def __getitem__(self, name: str) -> Table:
        """Raises KeyError for what keeps no records."""
        return self.tables[name]

    def __iter__(self) -> Iterator[Table]:
        """Every table that may have records, by name."""
        return iter([self.tables[name] for name in self.names()])

    def names(self) -> list[str]:
        return sorted({*self._names(), *self.tables})

    def tell(self, told: Told) -> None:
        """Let it hear of every write from now on, even of those that are taken back. It is called under the lock."""
        self.tables.told = told
        for table in list(self.tables.values()):
            table.told = told

    @property
    def writes(self) -> int:
        """How many writes there were, in all tables."""
        return sum([table.writes for table in list(self.tables.values())])

    def copy(self) -> Store:
        """An independent store with the same records."""
        twin = Store(self.tables.source, self._names)
        twin.tables.update({name: table.copy() for name, table in self.tables.items()})
        return twin

    def fresh(self, trail: Trail | None = None) -> Store:
        """The same at next to no cost, of a store that is written to no more."""
        return Store(self.__getitem__, self.names, trail)
