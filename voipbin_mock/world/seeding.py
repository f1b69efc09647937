"""Seeds made ready: tables filled with the records that a world starts from.

Members left out are zero; ids and times left out are made up, the same ones every time. The package's own seeds
are read area by area, when a table of the area is first opened; a seed of the user's is read whole, so that
whatever is wrong with it is told at once.
"""

from __future__ import annotations

import copy
import marshal
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from threading import RLock
from typing import Any

from voipbin_mock.schema import files
from voipbin_mock.schema.decoding import Decoder
from voipbin_mock.schema.members import Member
from voipbin_mock.wire.errors import MemberError, SeedError, Violation, join_pointer, shorten
from voipbin_mock.wire.stamps import parse_stamp
from voipbin_mock.wire.values import NIL_UUID, parse_uuid, replace_surrogates
from voipbin_mock.world import seed_files
from voipbin_mock.world.blueprint import Blueprint, stored
from voipbin_mock.world.differences import chosen
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.seed_files import META, Document, Seed
from voipbin_mock.world.store import Table

__all__ = ["Seed", "SeededTables", "build", "of", "own_account", "read_record"]

# When fixture records without a creation time were created: 2026-01-01 00:00:00 UTC.
STATE_FORMAT = "voipbin-mock-state"  # what a state document begins with: no seed
FIXTURE_TIME = parse_stamp("2026-01-01 00:00:00.000000")
# Among a seed's notes: the customer whose a record is that a test puts in place and that does not say.
OWNER = "owner"
# Bytes; a larger seed than this is read anew each time, and not kept.
LARGE = 1 << 20
# Whose records say who there is: read before all others.
FIRST_AREA = "accounts"


def of(seed: Seed, fixtures: Any, blueprint: Blueprint, profile: Profile, *, named: bool = False) -> SeededTables:
    """A seed made ready; `named` as for `seed_files.read`. Raises SeedError: where, and why."""
    if seed_files.is_ours(seed, fixtures):
        return _ours(seed, blueprint, profile)  # type: ignore[arg-type]
    documents = seed_files.read(seed, fixtures, named=named)
    try:
        written = marshal.dumps(documents, 2)  # says all that they say, and of what types it is
    except ValueError:  # there is something in it that JSON has no word for
        written = b""
    if not 0 < len(written) <= LARGE:
        return build(documents, blueprint, profile)
    return _theirs(written, blueprint, profile)  # type: ignore[arg-type]


@lru_cache(maxsize=32)
def _ours(name: Any, blueprint: Blueprint, profile: Profile) -> SeededTables:
    ready = SeededTables(blueprint, profile, seed_files.lineage(name))
    ready.open(FIRST_AREA)
    return ready


@lru_cache(maxsize=8)
def _theirs(written: bytes, blueprint: Blueprint, profile: Profile) -> SeededTables:
    """Of the user's: what a fixture gives to each test is read once, and none of the user's objects is kept."""
    return build(marshal.loads(written), blueprint, profile)


def build(documents: Iterable[Document], blueprint: Blueprint, profile: Profile) -> SeededTables:
    """The records of documents that are at hand. Raises SeedError."""
    ready = SeededTables(blueprint, profile, [])
    for source, document in documents:
        ready.add(source, document)
    return ready


class SeededTables:
    """A seed made ready: shared by all worlds that start from it, and changed by none."""

    def __init__(self, blueprint: Blueprint, profile: Profile, lineage: list[str]) -> None:
        self._blueprint, self._profile = blueprint, profile
        # Of the package's own seeds: those whose documents are still to be read, area by area.
        self._lineage = lineage
        self._opened: set[str] = set()
        self._lock = RLock()
        self._tables: dict[str, Table] = {}
        self._first_customer = NIL_UUID
        self.accounts: dict[str, str] = {}  # customer id or alias -> account
        self.notes: dict[str, Any] = {}  # what areas want to know beside the records
        for seed in lineage:
            self.accounts.update(files.seed_about(seed).get("aliases", {}))

    def table(self, name: str) -> Table:
        """The table of a resource. Raises KeyError for what keeps no records."""
        found = self._tables.get(name)
        if found is None or self._lineage:
            with self._lock:
                if self._lineage:
                    self.open(self._blueprint.area_of(name))
                found = self._table(name)
        return found

    def names(self) -> list[str]:
        """The resources that have records here."""
        with self._lock:
            for area in {area for seed in self._lineage for area in files.seed_areas(seed)}:
                self.open(area)
            return [name for name, table in self._tables.items() if len(table)]

    def arranged(self) -> list[str]:
        """Of a seed or state of the user's, the resources that have records: something may have to be taken up."""
        return [] if self._lineage else self.names()

    def open(self, area: str) -> None:
        """Read what the package's own seeds have for an area."""
        if area not in self._opened:
            self._opened.add(area)
            for source, document in seed_files.of_area(self._lineage, area):
                self.add(source, document)

    def _table(self, name: str) -> Table:
        table = self._tables.get(name)
        if table is None:
            resource = stored(self._blueprint, name)
            if resource is None:
                raise KeyError(name)
            table = self._tables[name] = Table(
                name,
                lists_deleted=chosen(resource.lists_deleted, self._profile),
                lookups=resource.lookups,
                grouped_by=resource.grouped_by,
            )
        return table

    # --- filling ---------------------------------------------------------------------------------

    def add(self, source: str, document: Mapping[str, Any]) -> None:
        """The records of one document. Raises SeedError."""
        if document.get("format") == STATE_FORMAT:
            way = "Mock.load(), PUT /__mock__/state, `ctl state --load` or `serve --state`"
            raise SeedError(f"{source}: /format: this is a state, and no seed; take it back with {way}")
        for name in document:
            if name not in META and stored(self._blueprint, name) is None:
                known = [n for n in self._blueprint.resource_names() if stored(self._blueprint, n)]
                near = get_close_matches(str(name), known, n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise SeedError(f"{source}: /{shorten(name)}: no such resource{hint}")
        self._alias(document.get("aliases", {}), source)
        # Who owns itself first, children last: the others refer to them, whatever the order in the file.
        for name in sorted(document.keys() - set(META), key=self._depth):
            records = document[name]
            if not isinstance(records, list):
                raise SeedError(f"{source}: /{name}: must be an array of records")
            resource, table = self._blueprint.resource(name), self._table(name)
            for position, record in enumerate(records):
                self._record(resource, table, record, source, f"/{name}/{position}")

    def _depth(self, name: str) -> tuple[bool, bool, str]:
        resource = self._blueprint.resource(name)
        return resource.account != "id", resource.nested, name

    def _alias(self, aliases: Any, source: str) -> None:
        """Further customer ids of an account: the published pages were printed from three."""
        ids = [*aliases, *aliases.values()] if isinstance(aliases, dict) else [None]
        if not all(isinstance(value, str) and parse_uuid(value) for value in ids):
            raise SeedError(f"{source}: /aliases: must map customer ids to the customer id they stand for")
        self.accounts.update(aliases)

    def _record(self, resource: Resource, table: Table, given: Any, source: str, pointer: str) -> None:
        record = read_record(resource, given, source, pointer, known=bool(self._lineage))
        made_up = Ids(f"seed:{resource.name}", len(table))
        if not given.get("id"):
            record["id"] = made_up.uuid()
        if resource.completes is not None:
            record |= resource.completes(given, made_up)
        if "customer_id" in record and record["customer_id"] == NIL_UUID:
            record["customer_id"] = self._first_customer
        try:
            account = self._account(resource, record)
        except SeedError as error:
            raise SeedError(f"{source}: {pointer}{error}") from None
        if record["tm_create"] is None:
            record["tm_create"] = FIXTURE_TIME + len(table)
        while table.taken(account, record["tm_create"]):
            record["tm_create"] += 1  # pages are cut at creation times: two rows of one instant lose one
        try:
            table.insert(record, account)
        except KeyError as error:
            raise SeedError(f"{source}: {pointer}/id: {error.args[0]}") from None
        if resource.noted is not None:
            resource.noted(record, given, self.notes)

    def _account(self, resource: Resource, record: Mapping[str, Any]) -> str:
        if resource.account == "id":
            account: str = record["id"]
            self.accounts[account] = account
            self._first_customer = account if self._first_customer == NIL_UUID else self._first_customer
            return account
        return own_account(resource, record, self.accounts, self._table)


def own_account(resource: Resource, record: Mapping[str, Any], accounts: Mapping[str, str], table: Any) -> str:
    """The account that a record belongs to: its customer's, or its parent's. Raises SeedError.

    table: gives the table of a name.
    """
    if not resource.nested:
        owner = record.get(resource.account, NIL_UUID)
        return accounts.get(owner, owner)
    parent = table(resource.parent).get(record[resource.parent_key])
    if parent is None:
        raise SeedError(f"/{resource.parent_key}: must be the id of one of the {resource.parent}")
    account: str = parent.account
    return account


# --- one record ------------------------------------------------------------------------------------


def read_record(resource: Resource, given: Any, source: str, pointer: str, *, known: bool = False) -> dict[str, Any]:
    """A record in wire form (of either profile) as it is stored. Raises SeedError.

    known: it is the package's own, which its tests hold to the schemas; so no schema is compiled for it.
    """
    if not isinstance(given, dict):
        raise SeedError(f"{source}: {pointer}: must be an object")
    given = replace_surrogates(given)
    hidden = {member.name for member in resource.hidden}
    for name in given:
        if name not in resource.record.names and name not in hidden:
            near = get_close_matches(name, [*resource.record.names, *hidden], n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise MemberError(f"{source}: {join_pointer(pointer, name)}: unknown member{hint}")
    for violation in () if known else _faults(resource, given):
        raise SeedError(f"{source}: {pointer}{violation.pointer}: {violation.message}")
    decoder = Decoder()
    record: dict[str, Any] = dict(resource.initial)
    for member in (*resource.record.members, *resource.hidden):
        if member.name in given:
            record[member.name] = _stored(member, given[member.name], decoder, source, pointer)
    for problem in decoder.problems:
        raise SeedError(f"{source}: {pointer}{problem.pointer}: {problem.message}")
    return record


def _faults(resource: Resource, given: Mapping[str, Any]) -> Iterator[Violation]:
    """What the schemas say against a record; members it leaves out are filled in, so never missing."""
    names = resource.record.names
    record = {name: given.get(name, value) for name, value in resource.initial.items() if name in names}
    yield from resource.record.violations(record)
    if resource.has_part("fixture"):
        fixture = resource.part("fixture")
        yield from fixture.violations({k: v for k, v in given.items() if k in fixture.names})


def _stored(member: Member, value: Any, decoder: Decoder, source: str, pointer: str) -> Any:
    if member.kind == "stamp":
        try:
            return read_stamp(value)
        except ValueError as error:
            raise SeedError(f"{source}: {pointer}/{member.name}: {error}") from None
    read = decoder.value(member, value, "")
    if member.kind == "objects" and not decoder.problems:
        place = f"{pointer}/{member.name}"
        return [
            {part.name: _stored(part, each[part.name], decoder, source, f"{place}/{index}") for part in member.members}
            for index, each in enumerate(read)
        ]
    if member.kind == "actions" and value is not None and not decoder.problems:
        read = value  # what a page prints without some member is shown without it
    return copy.deepcopy(read)


def read_stamp(value: str | None) -> int | None:
    """Null, an empty text and the year 9999 all mean: has not happened."""
    if not value or value.startswith("9999-01-01"):
        return None
    return parse_stamp(value)
