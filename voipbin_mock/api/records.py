"""Records as Python objects: what a test reads and arranges without going over the wire."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from importlib import import_module
from types import NoneType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.schema.members import ADDRESS_KEYS, Member
from voipbin_mock.wire.errors import SeedError
from voipbin_mock.wire.matching import Mismatch, described, differences, near_name
from voipbin_mock.wire.stamps import rfc3339_stamp_full, to_datetime, to_microseconds
from voipbin_mock.wire.values import NIL_UUID, id_of
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.seeding import own_account, read_record, read_stamp
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

SHOWN = 3  # records named by a failed lookup


class Record:
    """A record as it was when it was read. Members are attributes; times are datetimes or None."""

    _values: dict[str, Any]
    _name: str

    def __init__(self, values: Mapping[str, Any], name: str = "record") -> None:
        self.__dict__["_values"] = dict(values)
        self.__dict__["_name"] = name

    if not TYPE_CHECKING:  # to a type checker, a record has the members annotated below and no others

        def __getattr__(self, name: str) -> Any:
            try:
                return self.__dict__["_values"][name]
            except KeyError:
                known = ", ".join(self.__dict__.get("_values", ()))
                noun = self.__dict__.get("_name")
                raise AttributeError(f"no member {name!r} in this {noun}; it has {known}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("a record is a snapshot; change it with <mock>.<resource>.update(id, ...)")

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def keys(self) -> Iterable[str]:
        """The names of the members, so that `dict(record)` works."""
        return self._values.keys()

    def as_dict(self) -> dict[str, Any]:
        """The members as a fresh dict; addresses are dicts too."""
        return {
            name: value.as_dict() if isinstance(value, Record) else copy.deepcopy(value)
            for name, value in self._values.items()
        }

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Record):
            return bool(self._values == other._values)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._values]

    def __repr__(self) -> str:
        return f"<{self._name} {', '.join(f'{k}={v!r}' for k, v in self._values.items())}>"


# The annotations below are for editors and type checkers; a test holds them against the schemas.


class Address(Record):
    type: str
    target: str
    target_name: str
    name: str
    detail: str


class Stored(Record):
    """What every record has."""

    id: str
    tm_create: datetime
    tm_update: datetime | None
    tm_delete: datetime | None


R = TypeVar("R", bound=Stored)


def _type_of(world: World, resource: Resource) -> type[Any]:
    """The class of a resource's records, for editors and type checkers; loaded with the first of them."""
    module = catalog_of(world).records_module(resource.name)
    found: type[Any] = Stored if not module else import_module(module).TYPES.get(resource.name, Stored)
    return found


class Records(Generic[R]):
    """The records of one resource, of all customers."""

    def __init__(self, world: World, resource: Resource) -> None:
        self._world = world
        self._resource = resource
        self._type = _type_of(world, resource)

    def _read(self, row: Row) -> R:
        if self._resource.seen is not None:
            row = self._resource.seen(self._world, row)
        values = {member.name: self._value(member, row.data[member.name]) for member in self._resource.record.members}
        record: R = self._type(values, self._resource.noun)
        return record

    @staticmethod
    def _value(member: Member, value: Any) -> Any:
        if member.kind == "stamp":
            return None if value is None else to_datetime(value)
        if member.kind in ("address", "slot"):
            return None if value is None else Address(value, "address")
        if member.kind == "objects":
            return [_moments(member, each) for each in value]
        return copy.deepcopy(value)

    def list(self, /, *, deleted: bool = False, **members: Any) -> list[R]:
        """Records whose members equal the given values, newest first; deleted ones only if asked for.

        A record stands for its id, and moments may be text. Raises TypeError for what no record can have.
        """
        self._check_names(members)
        members = {name: self._wanted(name, value) for name, value in members.items()}
        with self._world.looking():
            table = self._world.table(self._resource)
            named = table.get(members["id"]) if isinstance(members.get("id"), str) else None
            rows = sorted(table if named is None else [named], key=lambda row: row.created, reverse=True)
            found = [self._read(row) for row in rows if deleted or not row.deleted]
        return [record for record in found if all(_same(record[k], v) for k, v in members.items())]

    def get(self, id: str | Stored | None = None, /, **members: Any) -> R:
        """The one record with this id or these members. Raises LookupError if there is none, or several.

        A record stands for its id: it is read again.
        """
        if id is not None:
            members["id"] = id_of(id)
        if not members:
            raise TypeError("say which record: an id, or members by name")
        self._check_names(members)
        members = {name: self._wanted(name, value) for name, value in members.items()}
        found = self.list(deleted="id" in members, **members)
        if len(found) != 1:
            raise LookupError(self._not_one(members, found))
        return found[0]

    def _not_one(self, members: Mapping[str, Any], found: Sequence[R]) -> str:
        """Why a lookup failed: the records that fit, or the nearest ones with their differing fields."""
        said = ", ".join(f"{name}={value!r}" for name, value in members.items())
        if found:
            listed = "; ".join(_brief(record, members) for record in found[:SHOWN])
            return f"{len(found)} {self._resource.name} have {said}: {listed}; name more members, or use list()"
        others = self.list(deleted=True)
        if not others:
            return f"no {self._resource.noun} has {said}; there are none at all"
        misses = [(_differences(members, record), record) for record in others]
        misses.sort(key=lambda miss: (sum(d.weight for d in miss[0]), getattr(miss[1], "tm_delete", None) is not None))
        lines = [f"no {self._resource.noun} has {said}; of {len(others)}, the nearest:"]
        for unlike, record in misses[:SHOWN]:
            name = getattr(record, "name", "") if "name" in record.as_dict() else ""
            gone = "" if getattr(record, "tm_delete", None) is None else ", deleted"
            lines.append(f"  {self._resource.noun} {record.id}{f' {name!r}' if name else ''}{gone}")
            lines += [f"      {line}" for line in described(unlike)]
        return "\n".join(lines)

    def create(self, /, **members: Any) -> R:
        """Put a record in place, as a seed would: no request, no permission, no lint.

        Members left out are zero; the id, the creation time and the customer are filled in. Where an id is
        wanted, a record will do.
        Raises SeedError (a ValueError) with a pointer for members that break the schema.
        """
        world, resource = self._world, self._resource
        record = read_record(resource, self._plain(members), resource.noun, "")
        with world.changing():
            table = world.table(resource)
            if "touched" in record and not {"touched", "tm_create", "tm_update"} & members.keys():
                record["touched"] = world.clock.microseconds()
            if "id" not in members:
                record["id"] = world.ids.uuid()
            if resource.completes is not None:
                record |= resource.completes(members, world.ids)
            account = self._account(record)
            if record["tm_create"] is None or table.taken(account, record["tm_create"]):
                record["tm_create"] = world.stamp_for(table, account)
            try:
                row = world.placed(resource, table.insert(record, account))
            except KeyError as error:
                raise SeedError(f"{resource.noun}: /id: {error.args[0]}") from None
            return self._read(row)

    def _account(self, record: dict[str, Any]) -> str:
        """Whose a new record is; filled in, if it does not say."""
        world, resource = self._world, self._resource
        if resource.account == "id":
            return world.accounts.setdefault(record["id"], record["id"])
        if record.get("customer_id") == NIL_UUID:
            record["customer_id"] = world.owner
        try:
            return own_account(resource, record, world.accounts, world.store.__getitem__)
        except SeedError as error:
            raise SeedError(f"{resource.noun}: {error}") from None

    def update(self, id: str | Stored, /, **members: Any) -> R:
        """Change members of a record in place; the others stay. Touches `tm_update` unless given.

        id: or the record itself. Raises LookupError for one that there is not, and SeedError.
        """
        self._check_names(members, *(member.name for member in self._resource.hidden))
        world, resource = self._world, self._resource
        with world.changing():
            table = world.table(resource)
            row = self._row(id)
            fixed = {"id", "customer_id", "tm_create", resource.parent_key} & members.keys()
            if fixed:
                raise SeedError(f"{resource.noun}: /{min(fixed)}: cannot be changed")
            given = read_record(resource, self._plain(members), resource.noun, "")
            following = {} if resource.completes is None else resource.completes(members, None)
            changed = {**following, **{name: given[name] for name in members}, **following}
            touched = world.touch(resource)
            if "tm_update" in changed and "touched" in touched:
                touched["touched"] = changed["tm_update"]
            row = world.placed(resource, table.replace({**row.data, **touched, **changed}))
            return self._read(row)

    def delete(self, id: str | Stored, /) -> R:
        """Delete softly, as the service does: what goes on is ended first, or not deleted.

        id: or the record itself. Raises LookupError for one that there is not, and MockUsageError for one that
        the service keeps for now: a campaign that runs, a campaigncall that is not done.
        """
        world, resource = self._world, self._resource
        with world.changing():
            row = self._row(id)
            ends = world.blueprint.leaving(resource.name)
            if ends is not None:
                row = ends(world, row)
            return self._read(world.table(resource).replace({**row.data, **world.deletion(resource)}))

    def _row(self, wanted: str | Stored) -> Row:
        row_id = id_of(wanted)
        row = self._world.table(self._resource).get(row_id)
        if row is None:
            raise LookupError(f"there is no {self._resource.noun} {row_id}")
        return row

    # --- what is given ---------------------------------------------------------------------------

    def _wanted(self, name: str, value: Any) -> Any:
        """A value to look for, as records have it. Raises TypeError for one that none can have."""
        member = self._resource.members[name]
        if member.kind == "uuid":
            value = _id(value)
        try:
            if member.kind == "stamp" and value is not None:
                moment = read_stamp(value) if isinstance(value, str) else to_microseconds(value)
                return None if moment is None else to_datetime(moment)
            if member.kind in ("address", "slot") and isinstance(value, Mapping):
                _check_address(value)
            elif not _may_be(member, value):
                raise TypeError("no record can have it")
        except (TypeError, ValueError, AttributeError) as error:
            raise TypeError(f"{self._resource.name}: {name}={value!r}: {error}") from None
        return value

    def _plain(self, members: Mapping[str, Any]) -> dict[str, Any]:
        """Members in wire form: datetimes as text, addresses as dicts, records as ids."""
        known = self._resource.members
        return {name: _plain(value, known.get(name)) for name, value in members.items()}

    def __iter__(self) -> Iterator[R]:
        return iter(self.list())

    def __len__(self) -> int:
        return len(self.list())

    def __repr__(self) -> str:
        with self._world.lock:  # looking does nothing that is due
            count = sum(not row.deleted for row in self._world.table(self._resource))
        return f"<{self._resource.name}: {count}>"

    def _check_names(self, members: Mapping[str, Any], *hidden: str) -> None:
        known = self._resource.record.names.union(hidden)
        for name in members:
            if name not in known:
                near = near_name(name, known)
                hint = f"; did you mean {near!r}?" if near else ""
                listed = ", ".join(sorted(known))
                raise TypeError(f"{self._resource.name} have no member {name!r}; known are {listed}{hint}")


def _id(value: Any) -> Any:
    """An id for what stands for one."""
    return id_of(value) if isinstance(value, Stored) else value


def _plain(value: Any, member: Member | None) -> Any:
    if isinstance(value, datetime):
        return rfc3339_stamp_full(to_microseconds(value))
    if member is not None and member.kind in ("uuid", "uuids"):
        return [_plain(each, member) for each in value] if isinstance(value, (list, tuple)) else _id(value)
    if member is not None and member.kind == "objects" and isinstance(value, (list, tuple)):
        return [{n: _plain(v, None) for n, v in each.items()} if isinstance(each, Mapping) else each for each in value]
    return value.as_dict() if isinstance(value, Record) else value


def _moments(member: Member, value: Mapping[str, Any]) -> dict[str, Any]:
    """One of several objects in a record: its moments are datetimes, its addresses dicts."""
    stamps = [part.name for part in member.members if part.kind == "stamp" and value[part.name] is not None]
    return {**copy.deepcopy(dict(value)), **{name: to_datetime(value[name]) for name in stamps}}


# What a member of a kind can be; of other kinds, nothing is said.
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "uuid": (str,), "integer": (int, float), "boolean": (bool,), "address": (Record,),
    "slot": (Record, NoneType), "addresses": (list,), "uuids": (list,), "object": (Mapping, NoneType),
}  # fmt: skip


def _may_be(member: Member, value: Any) -> bool:
    types = _TYPES.get(member.kind)
    nullable = "null" in member.schema.get("type", ())
    if types is None or (value is None and nullable):
        return True
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def _check_address(value: Mapping[str, Any]) -> None:
    """Raises TypeError for a member that addresses do not have."""
    unknown = [name for name in value if name not in ADDRESS_KEYS]
    if unknown:
        near = get_close_matches(str(unknown[0]), ADDRESS_KEYS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(ADDRESS_KEYS)}"
        raise TypeError(f"an address has no member {unknown[0]!r}{hint}")


def _same(have: Any, wanted: Any) -> bool:
    if isinstance(have, Record) and isinstance(wanted, Mapping):
        return all(have[name] == value for name, value in wanted.items())
    return bool(have == wanted) and isinstance(have, bool) == isinstance(wanted, bool)


def _differences(members: Mapping[str, Any], record: Record) -> list[Mismatch]:
    values = record.as_dict()
    return [
        difference
        for name, wanted in members.items()
        if not _same(record[name], wanted)
        for difference in differences({name: wanted}, {name: values[name]})
    ]


def compare(left: Any, right: Any) -> list[str] | None:
    """Two records, or a record and a dict, that are not equal: the fields that differ, in words."""
    if isinstance(left, Record) and isinstance(right, Record):
        actual, expected = left.as_dict(), right.as_dict()
    elif isinstance(left, Record) and isinstance(right, Mapping):
        actual, expected = left.as_dict(), dict(right)
    elif isinstance(right, Record) and isinstance(left, Mapping):
        actual, expected = right.as_dict(), dict(left)
    else:
        return None
    found = differences(expected, actual, exact=True)
    if not found:
        return ["a record never equals a dict, though every member is the same; compare its as_dict()"]
    same = len(actual.keys() | expected.keys()) - len({d.pointer.split("/")[1] for d in found})
    return [*described(found, limit=20), f"({same} members are the same)"]


def _brief(record: Stored, members: Mapping[str, Any]) -> str:
    names = dict.fromkeys(["id", *members])
    return ", ".join(f"{name}={record[name]!r}" for name in names)
