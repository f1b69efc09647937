"""Seeds: the records a world starts from.

A seed is a name (a document in `fixtures/`), a path to a JSON file or to a directory of them, or a
dict of the same form: resource -> list of records in wire form, beside `extends` and `description`.
Members left out are zero; ids and times left out are made up, the same ones every time.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from voipbin_mock.api.catalog import ADMIN, Catalog, Resource
from voipbin_mock.schema import files as data
from voipbin_mock.schema.parts import Decoder, Member
from voipbin_mock.wire.errors import SeedError, join_pointer, shorten
from voipbin_mock.wire.stamps import parse_stamp
from voipbin_mock.wire.values import NIL_UUID, parse_uuid, replace_surrogates
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Store

Seed = str | os.PathLike[str] | Mapping[str, Any]

META = ("extends", "description", "version", "aliases")
# Credentials and nothing else: what a seed without customers of its own is put on.
GROUND = "empty"
MAX_ANCESTORS = 20
# When fixture records without a creation time were created: 2026-01-01 00:00:00 UTC.
FIXTURE_TIME = parse_stamp("2026-01-01 00:00:00.000000")


@dataclass(frozen=True)
class Credentials:
    """What the user of a mock logs in with: the first admin agent and the first access key."""

    username: str = ""
    password: str = ""
    agent_id: str = ""
    customer_id: str = ""
    accesskey: str = ""


@dataclass(frozen=True)
class Base:
    """A seed made ready: shared by all worlds that start from it, and changed by none."""

    store: Store
    accounts: Mapping[str, str]  # customer id or alias -> account
    credentials: Credentials


# --- reading -------------------------------------------------------------------------------------


def read(
    seed: Seed, fixtures: str | os.PathLike[str] | None = None, heirs: tuple[str, ...] = ()
) -> list[tuple[str, Mapping[str, Any]]]:
    """The documents of a seed with where each came from, those it extends first."""
    if isinstance(seed, Mapping):
        documents = [("seed", dict(seed))]
    elif not isinstance(seed, (str, os.PathLike)):
        raise SeedError(f"a seed is a name, a path or a dict, not {shorten(seed)!r}")
    else:
        documents = [(str(path), _load(path)) for path in _paths(os.fspath(seed), fixtures)]
    found: list[tuple[str, Mapping[str, Any]]] = []
    for source, document in documents:
        parent = document.get("extends")
        if parent is not None:
            if not isinstance(parent, str):
                raise SeedError(f"{source}: /extends: must be the name of a seed")
            line = (*heirs, source)
            if len(line) > MAX_ANCESTORS:
                raise SeedError(f"{source}: /extends: seeds extend each other: {' -> '.join(line[:3])} ...")
            found += [item for item in read(parent, fixtures, line) if item not in found]
        found.append((source, document))
    if not heirs and not any(document.get("customers") for _, document in found) and seed != GROUND:
        found = [*read(GROUND), *found]
    return found


def _paths(name: str, fixtures: str | os.PathLike[str] | None) -> list[Path]:
    if fixtures is not None:
        named = Path(fixtures) / f"{name}.json"
        if _is(named.is_file):
            return [named]
    if os.sep not in name and name in data.names("fixtures"):
        return [data.path("fixtures", name)]
    path = Path(name)
    if name and _is(path.is_dir):
        inside = sorted(path.glob("*.json"))
        if not inside:
            raise SeedError(f"{name}: this directory has no .json file")
        return inside
    if _is(path.is_file):
        return [path]
    known = [*data.names("fixtures"), *(sorted(p.stem for p in Path(fixtures).glob("*.json")) if fixtures else [])]
    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise SeedError(
        f"no seed {shorten(name)!r}: it is neither a name ({', '.join(known)}) nor a file or directory{hint}"
    )


def _is(test: Callable[[], bool]) -> bool:
    """A text that cannot be a path is none."""
    try:
        return test()
    except (OSError, ValueError):
        return False


def _load(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_constant)
    except OSError as error:
        raise SeedError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise SeedError(f"{path}: not JSON: {error}") from None
    if isinstance(document, list):  # a file named after its resource: outplans.json
        return {path.stem: document}
    if not isinstance(document, dict):
        raise SeedError(f"{path}: must hold an object (resource -> records) or an array of records")
    return document


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")


# --- building ------------------------------------------------------------------------------------


def build(
    documents: Iterable[tuple[str, Mapping[str, Any]]], catalog: Catalog, profile: Profile, *, known: bool = False
) -> Base:
    """Tables filled with the records of seed documents. Raises SeedError: where, and why.

    known: they are the package's own, which its tests hold to the schemas; so no schema is compiled for them.
    """
    builder = _Builder(catalog, profile, known)
    for source, document in documents:
        builder.add(source, document)
    return builder.base()


class _Builder:
    def __init__(self, catalog: Catalog, profile: Profile, known: bool = False) -> None:
        self.catalog = catalog
        self.known = known
        self.store = catalog.tables(profile.lists_deleted)
        self.accounts: dict[str, str] = {}
        self.first_customer = NIL_UUID
        self.credentials = Credentials()

    def add(self, source: str, document: Mapping[str, Any]) -> None:
        for name in document:
            if name in META:
                continue
            if name not in self.store:
                near = get_close_matches(str(name), [table.name for table in self.store], n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise SeedError(f"{source}: /{shorten(name)}: no such resource{hint}")
        self._aliases(document.get("aliases", {}), source)
        # Customers first, children last: the others refer to them, whatever the order in the file.
        for name in sorted(document.keys() - set(META), key=self._depth):
            records = document[name]
            if not isinstance(records, list):
                raise SeedError(f"{source}: /{name}: must be an array of records")
            for position, record in enumerate(records):
                self.record(self.catalog.resources[name], record, source, f"/{name}/{position}")

    def _depth(self, name: str) -> tuple[bool, bool, str]:
        return name != "customers", self.catalog.resources[name].nested, name

    def _aliases(self, aliases: Any, source: str) -> None:
        """Further customer ids of an account: the published pages were printed from three."""
        ids = [*aliases, *aliases.values()] if isinstance(aliases, dict) else [None]
        if not all(isinstance(value, str) and parse_uuid(value) for value in ids):
            raise SeedError(f"{source}: /aliases: must map customer ids to the customer id they stand for")
        self.accounts.update(aliases)

    def record(self, resource: Resource, given: Any, source: str, pointer: str) -> None:
        record = read_record(resource, given, source, pointer, known=self.known)
        table = self.store[resource.name]
        made_up = Ids(f"seed:{resource.name}", len(table))
        if not given.get("id"):
            record["id"] = made_up.uuid()
        record |= signs(resource, given, made_up)
        if "customer_id" in record and record["customer_id"] == NIL_UUID:
            record["customer_id"] = self.first_customer
        if resource.name == "customers":
            account = record["id"]
            self.accounts[account] = account
            self.first_customer = account if self.first_customer == NIL_UUID else self.first_customer
        else:
            try:
                account = account_of(resource, record, self.store, self.accounts)
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
        self._credentials(resource, record, given)

    def _credentials(self, resource: Resource, record: dict[str, Any], given: Mapping[str, Any]) -> None:
        known = self.credentials
        if resource.name == "agents" and given.get("password") and record["tm_delete"] is None:
            may = record["permission"] & (ADMIN | 1)
            if may and not known.username:
                self.credentials = replace(
                    known,
                    username=record["username"],
                    password=record["password"],
                    agent_id=record["id"],
                    customer_id=record["customer_id"],
                )
        elif resource.name == "accesskeys" and given.get("token") and not known.accesskey:
            self.credentials = replace(known, accesskey=given["token"])

    def base(self) -> Base:
        return Base(self.store, self.accounts, self.credentials)


def account_of(resource: Resource, record: Mapping[str, Any], store: Store, accounts: Mapping[str, str]) -> str:
    """The account that a record belongs to: its customer's, or its parent's. Raises SeedError."""
    if not resource.nested:
        owner = record.get("customer_id", NIL_UUID)
        return accounts.get(owner, owner)
    parent = store[resource.parent].get(record[resource.parent_key])
    if parent is None:
        raise SeedError(f"/{resource.parent_key}: must be the id of one of the {resource.parent}")
    return parent.account


def read_record(resource: Resource, given: Any, source: str, pointer: str, *, known: bool = False) -> dict[str, Any]:
    """A record in wire form (of either profile) as it is stored. Raises SeedError."""
    if not isinstance(given, dict):
        raise SeedError(f"{source}: {pointer}: must be an object")
    given = replace_surrogates(given)
    hidden = {member.name for member in resource.hidden}
    for name in given:
        if name not in resource.record.names and name not in hidden:
            near = get_close_matches(name, [*resource.record.names, *hidden], n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise SeedError(f"{source}: {join_pointer(pointer, name)}: unknown member{hint}")
    for violation in () if known else _faults(resource, given):
        raise SeedError(f"{source}: {pointer}{violation.pointer}: {violation.message}")
    decoder = Decoder()
    record: dict[str, Any] = dict(resource.initial)
    for member in (*resource.record.members, *resource.hidden):
        if member.name in given:
            record[member.name] = _stored(member, given[member.name], decoder, source, pointer)
    for problem in decoder.problems:
        raise SeedError(f"{source}: {pointer}{problem.pointer}: {problem.message}")
    return record | _derived(resource, given)


def _faults(resource: Resource, given: Mapping[str, Any]) -> Iterator[Any]:
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
    if member.kind == "actions" and value is not None and not decoder.problems:
        read = value  # what a page prints without some member is shown without it
    return copy.deepcopy(read)


def read_stamp(value: str | None) -> int | None:
    """Null, an empty text and the year 9999 all mean: has not happened."""
    if not value or value.startswith("9999-01-01"):
        return None
    return parse_stamp(value)


# Members that no page prints and that follow from those given.
DERIVED: Mapping[str, tuple[str, ...]] = {"token": ("token_hash", "token_prefix"), "status": ("execute",)}


def _derived(resource: Resource, given: Mapping[str, Any]) -> dict[str, Any]:
    """Of an access key only the hash is kept, as the service does; a campaign that runs has the dialer at work."""
    if resource.name == "campaigns" and "status" in given and "execute" not in given:
        return {"execute": "stop" if given["status"] == "stop" else "run"}
    if resource.name != "accesskeys" or not given.get("token"):
        return {}
    token = given["token"]
    prefix = given.get("token_prefix") or token[:11]
    return {"token": "", "token_hash": hash_token(token), "token_prefix": prefix}


def signs(resource: Resource, given: Mapping[str, Any], made_up: Ids) -> dict[str, str]:
    """Each customer has a secret to sign webhooks with since its creation, as on the service."""
    missing = resource.name == "customers" and "webhook_secret" not in given
    return {"webhook_secret": made_up.token()} if missing else {}


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
