"""Create, get, update, facet and delete: written once, for every resource that is declared."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import chain
from typing import Any

from voipbin_mock.api.access import caller_of, find, parent_of, permit
from voipbin_mock.api.lint import cleared_members, warn
from voipbin_mock.api.lists import list_, list_under
from voipbin_mock.api.operations import Handlers, Request, declare
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Caller, Reply, text_reply
from voipbin_mock.world.differences import chosen
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.seeding import own_account
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

# --- handlers ------------------------------------------------------------------------------------


def create(world: World, request: Request) -> Reply:
    resource = request.resource
    if resource.nested:
        parent = parent_of(world, request)
        values = {**request.values, resource.parent_key: parent.id}
        return shown(world, resource, insert(world, request, caller_of(request), values))
    return shown(world, resource, insert(world, request, permit(request), request.values))


def get(world: World, request: Request) -> Reply:
    return shown(world, request.resource, find(world, request))


def update(world: World, request: Request) -> Reply:
    return save(world, request, find(world, request), request.values)


def facet(world: World, request: Request) -> Reply:
    """PUT on a part of a record: members of the record, or one member that is an object itself."""
    row = find(world, request)
    values = request.values
    if not values.keys() <= request.resource.blank.keys():
        values = {request.operation.facet: values}
    return save(world, request, row, values)


def delete(world: World, request: Request) -> Reply:
    return delete_row(world, request, find(world, request))


def delete_row(world: World, request: Request, row: Row) -> Reply:
    """Soft: the record stays, with both stamps. Deleting again refreshes them."""
    resource = request.resource
    row = world.table(resource).replace({**row.data, **world.deletion(resource)})
    published(world, resource, row, "deleted")
    return shown(world, resource, row)


def direct_hash(world: World, request: Request) -> Reply:
    """POST .../{id}/direct-hash-regenerate: the old one is dead at once. A deleted record has none to be renewed."""
    row = find(world, request)
    if row.deleted:
        raise ApiError("INTERNAL", hint=f"this {request.resource.noun} was deleted, and its direct hash with it")
    return save(world, request, row, {"direct_hash": new_hash(world, request.resource)})


PLAIN = Handlers(
    {
        "list": list_,
        "list_under": list_under,
        "create": create,
        "get": get,
        "update": update,
        "delete": delete,
    },
    facet,
    direct_hash,
)
# A resource with its operations: see `operations.declare`.
operations = partial(declare, PLAIN)


# --- what handlers are made of -------------------------------------------------------------------


def shown(world: World, resource: Resource, row: Row) -> Reply:
    """A record as the answer."""
    return text_reply(world.text(resource, row))


def lint(world: World, request: Request, values: Mapping[str, Any]) -> None:
    """Look for what the documents discourage. Raises ApiError for what is set to be an error."""
    rules = request.operation.lints
    if rules:
        warn(world, request, chain.from_iterable(rule(world, request, values) for rule in rules))


def check_columns(resource: Resource, values: Mapping[str, Any]) -> None:
    """What does not fit the service's columns is refused in every profile."""
    over = resource.record.over_limits(values)
    if over:
        raise ApiError("INVALID_ARGUMENT", "A value does not fit.", violations=over)


def new_hash(world: World, resource: Resource) -> str:
    """A name under which visitors reach a record."""
    assert resource.direct_hash is not None, "records of this resource have a direct hash"
    return chosen(resource.direct_hash.prefix, world.profile) + world.ids.uuid().replace("-", "")[:12]


def published(world: World, resource: Resource, row: Row, what: str) -> None:
    """Tell of a change, if the resource's changes are told; other areas hear of it anyway."""
    type, told = f"{resource.event_noun}_{what}", chosen(resource.events, world.profile)
    if what in told if isinstance(told, tuple) else told:
        world.publish(type, resource, row)
    else:
        world.happened(type, resource, row)


def change(world: World, resource: Resource, row: Row, values: Mapping[str, Any], what: str = "updated") -> Row:
    """A record with other values: it is touched, and told of as `<singular>_<what>` ("": not at all)."""
    row = world.table(resource).replace({**row.data, **world.touch(resource), **values})
    if what:
        published(world, resource, row, what)
    return row


def keep(world: World, resource: Resource, row: Row, values: Mapping[str, Any]) -> Row:
    """A record as it is by now, with other values that are no change of it: no stamp is set, and nobody is told."""
    table = world.table(resource)
    return table.replace({**(table.get(row.id) or row).data, **values})


def insert(
    world: World, request: Request, caller: Caller, values: Mapping[str, Any], created: int | None = None
) -> Row:
    """A new record of the caller's customer, created now unless the handler took the time already.

    An `id` among the values is that of the record.
    """
    resource = request.resource
    check_columns(resource, values)
    lint(world, request, values)
    if resource.nested:
        account = own_account(resource, values, world.accounts, world.store.__getitem__)
        return made(world, resource, account, values, created)
    return made(world, resource, caller.account, {**values, "customer_id": caller.customer_id}, created)


def made(
    world: World,
    resource: Resource,
    account: str,
    values: Mapping[str, Any],
    created: int | None = None,
    *,
    what: str = "created",
) -> Row:
    """A new record of an account, whoever it comes from; told of, as `<singular>_<what>` ("": not yet).

    An `id` among the values is that of the record.
    """
    table = world.table(resource)
    if created is None:
        created = world.stamp_for(table, account)
    record = {**resource.initial, **values, "id": values.get("id") or world.ids.uuid(), "tm_create": created}
    if chosen(resource.updated_on_create, world.profile):
        record["tm_update"] = created
    if resource.direct_hash is not None and chosen(resource.direct_hash.made, world.profile):
        record["direct_hash"] = new_hash(world, resource)
    if "touched" in record:
        record["touched"] = world.clock.microseconds()
    row = table.insert(record, account)
    if what:
        published(world, resource, row, what)
    return row


def save(world: World, request: Request, row: Row, values: Mapping[str, Any], what: str | None = None) -> Reply:
    """A changed record; every member of the body replaces the stored one. Told of as the operation says, or as this."""
    resource = request.resource
    if what is None:
        what = chosen(request.operation.tells, world.profile)
    check_columns(resource, values)
    warn(world, request, cleared_members(row.data, values, request.sent, resource.blank))
    lint(world, request, values)
    return shown(world, resource, change(world, resource, row, values, what))
