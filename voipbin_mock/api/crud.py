"""Create, get, list, update, facet and delete: written once, for every resource that is declared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain
from typing import Any
from urllib.parse import unquote

from voipbin_mock.api.catalog import CONFLICT, GONE, Handler, Resource
from voipbin_mock.api.lint import cleared_members
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.stamps import parse_stamp
from voipbin_mock.wire.values import Caller, Reply, Request, encode, text_reply
from voipbin_mock.world.seeding import account_of
from voipbin_mock.world.store import Row, in_group
from voipbin_mock.world.world import World

DEFAULT_PAGE = 100
_INTEGER = re.compile(r"([+-]?)0*([0-9]{1,19})", re.ASCII)


def caller_of(request: Request) -> Caller:
    """The authenticated caller; a direct token gets no further in any operation of ours."""
    caller = request.caller
    assert caller is not None, "a public operation has no caller"
    if caller.kind == "direct":
        raise ApiError("DIRECT_ACCESS_NOT_SUPPORTED")
    return caller


def permit(world: World, request: Request, permission: int) -> Caller:
    """The caller, if it may act for its own customer."""
    caller = caller_of(request)
    if not world.may(caller, caller.account, permission):
        raise ApiError("PERMISSION_DENIED", hint=f"the caller's permission bits are {caller.permission:#x}")
    return caller


def find(world: World, request: Request, resource: Resource | None = None, row_id: str | None = None) -> Row:
    """The record a path names: missing, foreign and not permitted are told apart as the service does."""
    caller = caller_of(request)
    resource = resource or request.operation.resource
    parent = parent_of(world, request, resource) if resource.nested else None
    row = world.table(resource).get(row_id or request.id)
    if row is None:
        raise ApiError(resource.missing)
    if parent is not None and row.data[resource.parent_key] != parent.id:
        reason = world.profile.wrong_parent or resource.missing
        raise ApiError(reason, hint=f"its {resource.parent_key} is {row.data[resource.parent_key]}")
    if row.deleted and resource.deleted == GONE:
        raise ApiError("RESOURCE_NOT_FOUND", hint=f"this {resource.noun} was deleted")
    if not world.may(caller, row.account, resource.permission):
        foreign = caller.account != row.account
        if foreign and world.profile.foreign_is_missing:
            raise ApiError(resource.missing, hint=f"it exists, but belongs to customer {row.data['customer_id']}")
        whose = "the record belongs to another customer" if foreign else "the caller lacks the permission"
        raise ApiError("PERMISSION_DENIED", hint=f"{whose} (permission bits {caller.permission:#x})")
    if row.deleted and resource.deleted == CONFLICT:
        raise ApiError("STATE_INVALID", f"This {resource.noun} was deleted.")
    return row


def parent_of(world: World, request: Request, resource: Resource | None = None) -> Row:
    """The record that a path names first, of the resource that the other one hangs on."""
    resource = resource or request.operation.resource
    return find(world, request, world.catalog.resources[resource.parent], request.path_ids[0])


# --- handlers ------------------------------------------------------------------------------------


def create(world: World, request: Request) -> Reply:
    resource: Resource = request.operation.resource
    if resource.nested:
        parent = parent_of(world, request)
        values = {**request.values, resource.parent_key: parent.id}
        return text_reply(world.text(resource, insert(world, request, caller_of(request), values)))
    caller = permit(world, request, resource.permission)
    return text_reply(world.text(resource, insert(world, request, caller, request.values)))


def get(world: World, request: Request) -> Reply:
    row = find(world, request)
    return text_reply(world.text(request.operation.resource, row))


def list_(world: World, request: Request) -> Reply:
    """Newest first; the page token is the creation time of the last row of the page before."""
    resource: Resource = request.operation.resource
    caller, size, before = page_of(world, request)
    return page_reply(world, resource, world.table(resource).page(caller.account, before, size))


def list_under(world: World, request: Request) -> Reply:
    """The records that hang on one parent."""
    resource: Resource = request.operation.resource
    size = _cut(world, page_size(request))
    where = in_group(parent_of(world, request).id)
    return page_reply(world, resource, world.table(resource).page(where, page_token(request), size), where)


def update(world: World, request: Request) -> Reply:
    return save(world, request, find(world, request), request.values)


def facet(world: World, request: Request) -> Reply:
    """PUT on a part of a record: members of the record, or one member that is an object itself."""
    row = find(world, request)
    name = request.operation.facet
    values = request.values
    if not values.keys() <= request.operation.resource.blank.keys():
        values = {name: values}
    return save(world, request, row, values)


def delete(world: World, request: Request) -> Reply:
    return delete_row(world, request, find(world, request))


def delete_row(world: World, request: Request, row: Row) -> Reply:
    """Soft: the record stays, with both stamps. Deleting again refreshes them."""
    resource: Resource = request.operation.resource
    row = world.table(resource).replace({**row.data, **world.deletion(resource)})
    published(world, resource, row, "deleted")
    return text_reply(world.text(resource, row))


def direct_hash(world: World, request: Request) -> Reply:
    """POST .../{id}/direct-hash-regenerate."""
    fresh = "direct." + world.ids.uuid().replace("-", "")[:12]
    return save(world, request, find(world, request), {"direct_hash": fresh})


PLAIN: dict[str, Handler] = {
    "list": list_,
    "list_under": list_under,
    "create": create,
    "get": get,
    "update": update,
    "delete": delete,
}


# --- what handlers are made of -------------------------------------------------------------------


def lint(world: World, request: Request, values: Mapping[str, Any]) -> None:
    rules = request.operation.lints
    if rules:
        world.warn(request, chain.from_iterable(rule(world, request, values) for rule in rules))


def check_columns(resource: Resource, values: Mapping[str, Any]) -> None:
    """What does not fit the service's columns is refused in every profile."""
    over = resource.record.over_limits(values)
    if over:
        raise ApiError("INVALID_ARGUMENT", "A value does not fit.", violations=over)


def published(world: World, resource: Resource, row: Row, what: str) -> None:
    """Tell of a change, if the resource's changes are told."""
    if resource.events:
        world.publish(f"{resource.noun}_{what}", resource, row)


def change(world: World, resource: Resource, row: Row, values: Mapping[str, Any], what: str = "updated") -> Row:
    """A record with other values: it is touched, and told of as `<singular>_<what>` ("": not at all)."""
    row = world.table(resource).replace({**row.data, **world.touch(resource), **values})
    if what:
        published(world, resource, row, what)
    return row


def insert(
    world: World, request: Request, caller: Caller, values: Mapping[str, Any], created: int | None = None
) -> Row:
    """A new record of the caller's customer, created now unless the handler took the time already."""
    resource: Resource = request.operation.resource
    check_columns(resource, values)
    lint(world, request, values)
    table = world.table(resource)
    record = {**resource.initial, **values}
    if resource.nested:
        account = account_of(resource, record, world.store, world.accounts)
    else:
        account = caller.account
        record["customer_id"] = caller.customer_id
    if created is None:
        created = world.stamp_for(table, account)
    record["id"] = world.ids.uuid()
    record["tm_create"] = created
    if resource.name in world.profile.updated_on_create:
        record["tm_update"] = created
    if "touched" in record:
        record["touched"] = world.clock.microseconds()
    row = table.insert(record, account)
    published(world, resource, row, "created")
    return row


def save(world: World, request: Request, row: Row, values: Mapping[str, Any], what: str = "updated") -> Reply:
    """A changed record; every member of the body replaces the stored one."""
    resource: Resource = request.operation.resource
    check_columns(resource, values)
    world.warn(request, cleared_members(row.data, values, request.sent, resource.blank))
    lint(world, request, values)
    return text_reply(world.text(resource, change(world, resource, row, values, what)))


def page_of(world: World, request: Request) -> tuple[Caller, int, int | None]:
    """Who lists, `page_size` in rows and `page_token` in microseconds; refused in the service's order."""
    size = _cut(world, page_size(request))
    caller = permit(world, request, request.operation.resource.permission)
    return caller, size, page_token(request)


def _cut(world: World, size: int) -> int:
    paging = world.modes.paging
    return size if paging is None else min(size, paging.size)


def page_size(request: Request) -> int:
    values = request.query.get("page_size")
    if values is None:
        return DEFAULT_PAGE
    match = _INTEGER.fullmatch(values[0]) if len(values) == 1 else None
    size = int(match[1] + match[2]) if match else 1 << 63
    if not -(1 << 63) <= size < 1 << 63:
        raise ApiError("INVALID_REQUEST_PARAMETER", "page_size must be one integer of 64 bits.")
    return size if 0 < size <= DEFAULT_PAGE else DEFAULT_PAGE


def page_token(request: Request) -> int | None:
    values = request.query.get("page_token")
    if values is None:
        return None
    if len(values) > 1:
        raise ApiError("INVALID_REQUEST_PARAMETER", "page_token must be given once.")
    if not values[0]:
        return None
    token = values[0]
    for _ in range(3):  # some clients encode what is encoded already
        if "%" not in token:
            break
        token = unquote(token)
    try:
        return parse_stamp(token.replace("+", " ", 1) if "+" in token[:11] else token)
    except ValueError:
        message = "page_token must be the next_page_token of a page before."
        raise ApiError("INVALID_ARGUMENT", message) from None


def page_reply(world: World, resource: Resource, rows: list[Row], where: str = "") -> Reply:
    """A page of a list: of an account's, or of the one named."""
    text = world.text
    token = world.profile.page_token(rows[-1].created) if rows else ""
    if rows and world.modes.paging is not None:
        token = _spring_traps(world, resource, rows, token, where or rows[-1].account)
    body = ",".join([row.text or text(resource, row) for row in rows])
    return text_reply(f'{{"result":[{body}],"next_page_token":{encode(token)}}}')


def _spring_traps(world: World, resource: Resource, rows: list[Row], token: str, where: str) -> str:
    """What may happen between one page and the next; the page token, perhaps another one."""
    table, last, paging = world.table(resource), rows[-1], world.modes.paging
    assert paging is not None
    following = table.page(where, last.created, 1)
    if following and paging.vanishing:
        table.replace({**following[0].data, **world.deletion(resource)})
    if following and paging.arriving:
        created = world.stamp_for(table, last.account)
        table.insert({**rows[0].data, "id": world.ids.uuid(), "tm_create": created}, last.account)
    if paging.coarse_tokens:
        return world.profile.page_token(last.created // 1_000_000 * 1_000_000)
    return token
