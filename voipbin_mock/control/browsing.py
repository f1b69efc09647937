"""The records there are, to look through: what hangs together, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.control import count_of
from voipbin_mock.api.operations import PLAIN, Request
from voipbin_mock.control.past import past_of
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.matching import near_name
from voipbin_mock.wire.values import NIL_UUID, Reply, encode, json_reply, parse_uuid, printable
from voipbin_mock.world.blueprint import stored
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row, Table
from voipbin_mock.world.world import World

USUAL, MOST = 100, 1000  # records that are shown at once
MOST_RELATED = 100
MOST_LOOKED_AT = 10_000  # records of one resource, the newest, for such as name another
_NO_IDS = ("integer", "boolean", "stamp")  # kinds of members in which no id can stand
_OWNER = "customer_id"  # names nearly every record's customer: no relation worth telling


def resources(world: World, request: Request) -> Reply:
    """Every resource that keeps records: how many there are, how many of them deleted, and its operations."""
    calls: dict[str, dict[str, str]] = {}
    for operation in catalog_of(world).operations:
        name, _, kind = operation.name.partition(".")
        if kind in PLAIN and not operation.control and operation.served_by(world.profile):
            calls.setdefault(name, {})[kind] = operation.label
    kinds = [kind for kind in catalog_of(world).resources.values() if kind.stored]
    return json_reply({"resources": [_counted(world, kind, calls.get(kind.name, {})) for kind in kinds]})


def _counted(world: World, resource: Resource, calls: Mapping[str, str]) -> dict[str, Any]:
    table = world.table(resource)
    deleted = sum(row.deleted for row in table)
    return {
        "name": resource.name,
        "area": world.blueprint.area_of(resource.name),
        "records": len(table) - deleted,
        "deleted": deleted,
        "parent": resource.parent_key,
        "operations": calls,
    }


def records(world: World, request: Request) -> Reply:
    """Those of a resource, the newest first, deleted ones too; `?find=` a text in them, `?limit=`, `?after=` an id."""
    resource = _resource(world, request.id)
    limit, text = count_of(request, "limit"), (request.parameter("find") or "").casefold()
    size = USUAL if limit is None else min(limit, MOST)
    table = world.table(resource)
    rows = sorted(table, key=lambda row: row.created)[::-1]
    if text:
        escaped = encode(text)[1:-1].casefold()  # as it stands in JSON; what is asked for may be a piece of JSON itself
        texts = ((row, world.text(resource, row).casefold()) for row in rows)
        rows = [row for row, told in texts if text in told or escaped in told]
    start = _behind(rows, request.parameter("after"))
    shown = rows[start : start + size]
    return json_reply(
        {
            "resource": resource.name,
            "records": [_shown(world, resource, row) for row in shown],
            "found": len(rows),
            "next": shown[-1].id if shown and start + size < len(rows) else None,
        }
    )


def _behind(rows: list[Row], after: str | None) -> int:
    if not after:
        return 0
    for position, row in enumerate(rows):
        if row.id == after:
            return position + 1
    raise ApiError("INVALID_REQUEST_PARAMETER", f"after: no record {printable(after[:80])} is among these.")


def record(world: World, request: Request) -> Reply:
    """One of them: with the records that it names, those that name it, and what changed it."""
    resource = _resource(world, request.path_ids[0])
    row = world.table(resource).get(parse_uuid(request.id) or "")
    if row is None:
        raise ApiError("RESOURCE_NOT_FOUND", f"There is no record {printable(request.id[:80])} of {resource.name}.")
    shown = _shown(world, resource, row)
    return json_reply(
        {
            "resource": resource.name,
            **shown,
            "links": list(links_of(world, shown["record"], row.id)),
            "related": list(islice(_related(world, row.id), MOST_RELATED)),
            "history": past_of(world, row),
        }
    )


def _resource(world: World, name: str) -> Resource:
    found = stored(world.blueprint, name)
    if found is None:
        known = [kind.name for kind in catalog_of(world).resources.values() if kind.stored]
        near = near_name(name, known)
        hint = f"; did you mean {near!r}?" if near else "; GET /__mock__/records lists them"
        raise ApiError("RESOURCE_NOT_FOUND", f"There are no records of {printable(name[:80])!r}{hint}")
    return found


def _shown(world: World, resource: Resource, row: Row) -> dict[str, Any]:
    seen = row if resource.seen is None else resource.seen(world, row)
    return {"id": row.id, "deleted": row.deleted, "record": world.view(resource, seen.data)}


# --- what hangs together -----------------------------------------------------------------------------


def links_of(world: World, value: Any, own: str = "", pointer: str = "") -> Iterator[dict[str, Any]]:
    """Every id in a record that is another's, with where it stands."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from links_of(world, item, own, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from links_of(world, item, own, f"{pointer}/{number}")
    elif isinstance(value, str) and len(value) == len(NIL_UUID) and value not in (own, NIL_UUID):
        for table in world.store if parse_uuid(value) == value else ():
            row = table.get(value)
            if row is not None:
                yield {"at": pointer, **_named(table, row)}
                return


def _related(world: World, wanted: str) -> Iterator[dict[str, Any]]:
    """The records that name this one, the newest of each resource first."""
    for table in world.store:
        members = world.blueprint.resource(table.name).record.members
        names = [one.name for one in members if one.kind not in _NO_IDS and one.name != _OWNER]
        for row in islice(reversed(list(table)), MOST_LOOKED_AT):
            member = next((name for name in names if _holds(row.data.get(name), wanted)), None)
            if member is not None and row.id != wanted:
                yield {"at": f"/{member}", **_named(table, row)}


def _holds(value: Any, wanted: str) -> bool:
    if type(value) is list:
        return wanted in value
    return value == wanted or (type(value) is dict and wanted in value.values())


def _named(table: Table, row: Row) -> dict[str, Any]:
    name = next((row.data[member] for member in ("name", "username", "number") if row.data.get(member)), "")
    return {"resource": table.name, "id": row.id, "name": name, "deleted": row.deleted}
