"""Agents: who they are, and what one may do to oneself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import caller_of, find, permit
from voipbin_mock.api.lint import Lint
from voipbin_mock.api.lists import list_ as list_rows
from voipbin_mock.api.lists import page_of, page_reply
from voipbin_mock.api.operations import SUPER_ADMIN, Request
from voipbin_mock.areas.accounts.resources import AGENTS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Reply, parse_uuid
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

# Permission bits of a whole project; only a super admin hands them out.
PROJECT_BITS = 0x0F


def me(world: World, request: Request) -> Reply:
    """GET /me: the agent whose login token this is."""
    caller = request.caller
    resource = request.resource
    if caller is None or caller.kind != "agent" or caller.agent_id is None:
        raise ApiError("AGENT_AUTH_REQUIRED")
    row = world.table(resource).get(caller.agent_id)
    if row is None:
        raise ApiError(resource.missing, hint="the token's agent does not exist in this world; was it reset?")
    return crud.shown(world, resource, row)


def _find(world: World, request: Request) -> Row:
    """An agent may always look at and change itself."""
    caller = caller_of(request)
    if caller.agent_id == request.id:
        row = world.table(request.resource).get(request.id)
        if row is not None:
            return row
    return find(world, request)


def get(world: World, request: Request) -> Reply:
    return crud.shown(world, request.resource, _find(world, request))


def update(world: World, request: Request) -> Reply:
    values = dict(request.values)
    values["ring_method"] = values["ring_method"] or "ringall"  # server: the default when left out
    return crud.save(world, request, _find(world, request), values)


def status(world: World, request: Request) -> Reply:
    return crud.save(world, request, _find(world, request), request.values, "status_updated")


def permission(world: World, request: Request) -> Reply:
    row = find(world, request)
    wanted = request.values["permission"]
    if wanted & PROJECT_BITS and not caller_of(request).permission & SUPER_ADMIN:
        raise ApiError("PERMISSION_DENIED", hint="only a super admin hands out project permissions")
    return crud.save(world, request, row, request.values)


def password(world: World, request: Request) -> Reply:
    if not request.values["password"]:
        raise ApiError("INVALID_ARGUMENT", "The password must not be empty.")
    return crud.save(world, request, find(world, request), request.values)


def create(world: World, request: Request) -> Reply:
    """POST /agents: starts offline, whatever else it is."""
    resource = request.resource
    caller = permit(request)
    if request.values["permission"] & PROJECT_BITS and not caller.permission & SUPER_ADMIN:
        raise ApiError("PERMISSION_DENIED", hint="only a super admin hands out project permissions")
    row = crud.insert(world, request, caller, {**request.values, "status": "offline"})
    return crud.shown(world, resource, row)


def list_(world: World, request: Request) -> Reply:
    """As any list, narrowed by `status` and by `tag_ids` (any of them)."""
    wanted_status, tag_ids = request.parameter("status"), request.parameter("tag_ids")
    if not wanted_status and tag_ids is None:
        return list_rows(world, request)
    resource = request.resource
    caller, size, before = page_of(world, request)
    tags = {parse_uuid(text.strip()) for text in (tag_ids or "").split(",")}
    if tag_ids is not None and None in tags:
        raise ApiError("INVALID_ARGUMENT", "tag_ids must be UUIDs, separated by commas.")
    table = world.table(resource)
    rows = [
        row
        for row in table.page(caller.account, before, len(table))
        if (not wanted_status or row.data["status"] == wanted_status)
        and (tag_ids is None or tags.intersection(row.data["tag_ids"]))
    ]
    return page_reply(world, resource, rows[:size])


def same_username(world: World, request: Request, values: Mapping[str, Any]) -> Iterator[Lint]:
    if world.table(AGENTS).find("username", values["username"]):
        yield Lint(
            "duplicate-username",
            "/username",
            "another agent has this user name",
            "give every agent a name of its own",
        )
