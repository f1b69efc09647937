"""Records as a mock dumped them, read back quickly: each value is of its kind, and nothing is made up or put right.

What people write by hand is read by `seeding`, which looks at schemas and says more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from voipbin_mock.schema.members import Member
from voipbin_mock.wire.errors import SeedError, join_pointer, shorten
from voipbin_mock.wire.stamps import EPOCH, parse_stamp
from voipbin_mock.wire.values import parse_uuid
from voipbin_mock.world.blueprint import Blueprint
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.seeding import SeededTables
from voipbin_mock.world.store import Record, Table

_NONE = type(None)
# What a value of a kind may be; of all others an array or an object, or null.
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str, _NONE),
    "uuid": (str, _NONE),
    "typed_uuid": (str, _NONE),
    "integer": (int, _NONE),
    "boolean": (bool, _NONE),
    "stamp": (str, _NONE),
    "any": (str, int, float, bool, list, dict, _NONE),
    **dict.fromkeys(("address", "slot", "map", "object", "action"), (dict, _NONE)),
}
_SEVERAL = (list, _NONE)


def tables(records: Any, blueprint: Blueprint, profile: Profile, known: Mapping[str, Sequence[Record]]) -> SeededTables:
    """The tables of a dump: resource -> records, and `aliases`. Raises SeedError.

    known: records that were read before, for which their places stand.
    """
    read = _DumpedTables(blueprint, profile, [])
    read.known = known
    read.add("state: /records", records)
    return read


class _DumpedTables(SeededTables):
    known: Mapping[str, Sequence[Record]]

    def _record(self, resource: Resource, table: Table, given: Any, source: str, pointer: str) -> None:
        try:
            record = reader(resource)(given) if type(given) is not int else self._known(resource.name, given)
            if parse_uuid(record["id"]) != record["id"]:
                raise SeedError("/id: must be a UUID in its usual form")
            if type(record["tm_create"]) is not int:
                raise SeedError("/tm_create: must be a moment")
            account = self._account(resource, record)
            if table.taken(account, record["tm_create"]):
                raise SeedError("/tm_create: is another's of the same account")
            table.insert(record, account)
        except SeedError as error:
            raise SeedError(f"{source}: {pointer}{error}") from None
        except KeyError as error:
            raise SeedError(f"{source}: {pointer}/id: {error.args[0]}") from None

    def _known(self, name: str, place: int) -> Record:
        known = self.known.get(name, ())
        if not 0 <= place < len(known):
            raise SeedError(f": there is no record {place} that it could stand for")
        return known[place]


Reader = Callable[[Any], dict[str, Any]]


@lru_cache(maxsize=1024)
def reader(resource: Resource) -> Reader:
    """Makes the record of what a dump has of it. Raises SeedError: where in it, and why."""
    blank, read = resource.initial, reader_of_some(resource)
    return lambda given: {**blank, **read(given)}


@lru_cache(maxsize=1024)
def reader_of_some(resource: Resource) -> Reader:
    """The same of some of its members, without those that are not there."""
    return _members_reader((*resource.record.members, *resource.hidden))


def _members_reader(members: tuple[Member, ...]) -> Reader:
    kinds = {member.name: _TYPES.get(member.kind, _SEVERAL) for member in members}
    stamps = [member.name for member in members if member.kind == "stamp"]
    inner = {member.name: _members_reader(member.members) for member in members if member.kind == "objects"}

    def read(given: Any) -> dict[str, Any]:
        if type(given) is not dict:
            raise SeedError(": must be an object")
        for name, value in given.items():
            if type(value) not in kinds.get(name, ()):
                raise SeedError(f"{join_pointer('', str(shorten(name)))}: {_why(kinds.get(name))}")
        made = dict(given)
        for name in stamps:
            if made.get(name) is not None:
                made[name] = _stamp(made[name], name)
        for name, each in inner.items():
            if made.get(name):
                made[name] = [_inner(each, one, f"/{name}/{n}") for n, one in enumerate(made[name])]
        return made

    return read


def _why(types: tuple[type, ...] | None) -> str:
    if types is None:
        return "unknown member"
    names = {str: "a text", int: "a whole number", bool: "true or false", dict: "an object", list: "an array"}
    return f"must be {names.get(types[0], 'JSON')}"


def _inner(read: Reader, given: Any, where: str) -> dict[str, Any]:
    try:
        return read(given)
    except SeedError as error:
        raise SeedError(f"{where}{error}") from None


def _stamp(text: str, name: str) -> int:
    """As dumps write it, else as anybody might."""
    try:
        if len(text) == 27 and text[26] == "Z":
            since = datetime.fromisoformat(f"{text[:26]}+00:00") - EPOCH
            return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        return parse_stamp(text)
    except ValueError as error:
        raise SeedError(f"/{name}: {error}") from None
