"""Lists: pages, newest first, cut at creation times."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from voipbin_mock.api.access import parent_of, permit
from voipbin_mock.api.operations import Request
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.stamps import parse_stamp
from voipbin_mock.wire.values import Caller, Reply, encode, parse_uuid, text_reply
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row, Table, in_group
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from voipbin_mock.api.modes import Modes, Paging

DEFAULT_PAGE = 100
_INTEGER = re.compile(r"([+-]?)0*([0-9]{1,19})", re.ASCII)


def list_(world: World, request: Request) -> Reply:
    """Newest first; the page token is the creation time of the last row of the page before.

    A page, or an array of the same rows where the operation is `unpaged`.
    """
    resource = request.resource
    caller, size, before = page_of(world, request)
    sees = request.operation.access.narrows(caller.permission)
    where = in_group(sees, caller.agent_id or "") if sees else caller.account
    return _listed(world, request, world.table(resource).page(where, before, size), where if sees else "")


def _listed(world: World, request: Request, rows: list[Row], where: str) -> Reply:
    resource, unpaged = request.resource, request.operation.unpaged
    if unpaged is not None and unpaged.of(world):
        return text_reply(f"[{','.join([world.text(resource, row) for row in rows])}]")
    return page_reply(world, resource, rows, where)


def narrowed(world: World, request: Request, keeps: Callable[[Row], bool], permission: int | None = None) -> Reply:
    """As `list_`, of those rows alone that are kept. permission: who may, if not as the operation has it."""
    caller, size, before = page_of(world, request, permission)
    return page_reply(world, request.resource, kept(world.table(request.resource), caller.account, before, size, keeps))


def kept(table: Table, where: str, before: int | None, size: int, keeps: Callable[[Row], bool]) -> list[Row]:
    """As `Table.page`, of those rows alone that are kept."""
    rows: list[Row] = []
    while len(rows) < size:
        page = table.page(where, before, size)
        rows += filter(keeps, page)
        if len(page) < size:
            break
        before = page[-1].created
    return rows[:size]


def page_of_all(
    world: World, request: Request, keeps: Callable[[Row], bool] | None = None, text: Callable[[Row], str] | None = None
) -> Reply:
    """As `list_`, of the records of all customers; for super admins. text: how a record is shown, if not as usual."""
    _, size, before = page_of(world, request)
    table = world.table(request.resource)
    found = [row for row in table if table.lists_deleted or not row.deleted]
    found = [row for row in found if (before is None or row.created < before) and (keeps is None or keeps(row))]
    rows = sorted(found, key=lambda row: (row.created, row.id), reverse=True)[:size]
    return page_reply(world, request.resource, rows, text=text)


def list_of(world: World, request: Request, member: str, value: str) -> Reply:
    """As `list_`, of those rows alone whose member has this value; it is one of the resource's `groups`."""
    size, where = cut(world, page_size(request)), in_group(member, value)
    rows = world.table(request.resource).page(where, page_token(request), size)
    return _listed(world, request, rows, where)


def list_under(world: World, request: Request) -> Reply:
    """The records that hang on one parent."""
    page_size(request)  # refused before anything of the parent is
    return list_of(world, request, request.resource.parent_key, parent_of(world, request).id)


def page_of(world: World, request: Request, permission: int | None = None) -> tuple[Caller, int, int | None]:
    """Who lists, `page_size` in rows and `page_token` in microseconds; refused in the service's order."""
    size = cut(world, page_size(request))
    caller = permit(request, permission)
    return caller, size, page_token(request)


def cut(world: World, size: int) -> int:
    """A page's size, as small as the mock was told to make pages."""
    modes: Modes | None = world.named.get("modes")
    return size if modes is None or modes.paging is None else min(size, modes.paging.size)


def page_size(request: Request, most: int = DEFAULT_PAGE) -> int:
    """How many rows are asked for; what is out of range counts as the usual number. Raises ApiError."""
    values = request.query.get("page_size")
    if values is None:
        return DEFAULT_PAGE
    match = _INTEGER.fullmatch(values[0]) if len(values) == 1 else None
    size = int(match[1] + match[2]) if match else 1 << 63
    if not -(1 << 63) <= size < 1 << 63:
        raise ApiError("INVALID_REQUEST_PARAMETER", "page_size must be one integer of 64 bits.")
    return size if 0 < size <= most else DEFAULT_PAGE


def id_parameter(request: Request, name: str) -> str | None:
    """A query parameter that is an id, if it is given. Raises ApiError."""
    values = request.query.get(name)
    if values is None:
        return None
    found = parse_uuid(values[0]) if len(values) == 1 else None
    if found is None:
        raise ApiError("INVALID_REQUEST_PARAMETER", f"{name} must be one UUID.")
    return found


def page_token(request: Request) -> int | None:
    """Rows must be older than this (microseconds); None for the first page. Raises ApiError."""
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


def page_reply(
    world: World, resource: Resource, rows: list[Row], where: str = "", text: Callable[[Row], str] | None = None
) -> Reply:
    """A page of a list: of an account's, or of the one named. text: how a record is shown, if not as usual."""
    token = world.profile.page_token(rows[-1].created) if rows else ""
    modes: Modes | None = world.named.get("modes")
    if rows and modes is not None and modes.paging is not None:
        token = _between_pages(world, modes.paging, resource, rows, token, where or rows[-1].account)
    shown = world.text
    if text is None and resource.seen is not None:
        text = partial(shown, resource)
    body = ",".join([row.text or shown(resource, row) for row in rows] if text is None else map(text, rows))
    return text_reply(f'{{"result":[{body}],"next_page_token":{encode(token)}}}')


def _between_pages(world: World, paging: Paging, resource: Resource, rows: list[Row], token: str, where: str) -> str:
    """What may happen between one page and the next; the page token, perhaps another one."""
    table, last = world.table(resource), rows[-1]
    following = table.page(where, last.created, 1)
    if following and paging.vanishing:
        table.replace({**following[0].data, **world.deletion(resource)})
    if following and paging.arriving:
        created = world.stamp_for(table, last.account)
        table.insert({**rows[0].data, "id": world.ids.uuid(), "tm_create": created}, last.account)
    if paging.coarse_tokens:
        return world.profile.page_token(last.created // 1_000_000 * 1_000_000)
    return token
