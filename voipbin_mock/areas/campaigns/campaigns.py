"""Campaigns: what they refer to, and when they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.campaigns import dialer
from voipbin_mock.areas.campaigns import states as states
from voipbin_mock.areas.campaigns.differences import EARLY_DELETE
from voipbin_mock.areas.campaigns.resources import OUTDIALS
from voipbin_mock.areas.flows.flows import check_actions
from voipbin_mock.wire.errors import ApiError, MockUsageError, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply, encode, parse_uuid, text_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def create(world: World, request: Request) -> Reply:
    """POST /campaigns: it rests until it is told to run."""
    resource = request.resource
    caller = permit(request)
    values = request.values
    states.check_references(world, caller.account, values, NIL_UUID)
    check_actions(world, values["actions"])
    row = crud.insert(world, request, caller, {**values, "flow_id": world.ids.uuid()})
    _take_outdial(world, row)
    return crud.shown(world, resource, row)


def _take_outdial(world: World, row: Row) -> None:
    """The outdial learns whose it is; the one a campaign had before is not told (server)."""
    outdial = world.table(OUTDIALS).get(row.data["outdial_id"])
    if outdial is not None:
        crud.change(world, OUTDIALS, outdial, {"campaign_id": row.id})


def status(world: World, request: Request) -> Reply:
    """PUT /campaigns/{id}/status."""
    row = find(world, request)
    crud.lint(world, request, request.values)
    wanted = request.values["status"]
    if wanted == "run":
        row = dialer.run(world, row)
    elif wanted == "stop":
        row = dialer.stop(world, row)
    else:
        violation = Violation("/status", f'"{wanted[:40]}" is not acceptable', 'one of "run", "stop"', wanted)
        raise ApiError("INVALID_ARGUMENT", "A campaign can be run or stopped.", violations=[violation])
    return crud.shown(world, request.resource, row)


def actions(world: World, request: Request) -> Reply:
    row = find(world, request)
    check_actions(world, request.values["actions"])
    return crud.save(world, request, row, request.values)


def resource_info(world: World, request: Request) -> Reply:
    """PUT /campaigns/{id}/resource_info: replaces all four references."""
    row = find(world, request)
    states.check_references(world, row.account, request.values, row.id)
    reply = crud.save(world, request, row, request.values)
    changed = world.table(request.resource).get(row.id)
    assert changed is not None, "a saved record is in its table"
    _take_outdial(world, changed)
    return reply


def next_campaign_id(world: World, request: Request) -> Reply:
    """PUT /campaigns/{id}/next_campaign_id: empty for none; whether it exists is not asked (server)."""
    sent = _sent(request.raw, "next_campaign_id")
    if sent and parse_uuid(sent) is None:
        violation = Violation("/next_campaign_id", f'"{sent[:40]}" is not a UUID', "a UUID, or an empty text", sent)
        raise ApiError("INVALID_ARGUMENT", violations=[violation])
    return crud.save(world, request, find(world, request), request.values)


def _sent(raw: Any, name: str) -> str:
    """A text of a body as it was sent, whatever the case of its name; the last one counts."""
    given: Mapping[str, Any] = raw or {}
    texts = [value for key, value in given.items() if key.casefold() == name]
    return (texts[-1] or "") if texts else ""


STOP_FIRST = "stop it first, and wait until its calls have ended"
AWAIT_ITS_END = "wait until it is done"


def must_rest(world: World, row: Row) -> Row:
    """A test deletes a campaign. Raises MockUsageError for one that goes on."""
    if row.data["status"] != "stop":
        raise MockUsageError(f"campaign {row.id} is not deleted while its status is {row.data['status']}: {STOP_FIRST}")
    return row


def must_be_done(world: World, row: Row) -> Row:
    """A test deletes a campaigncall. Raises MockUsageError for one that goes on."""
    if row.data["status"] != "done":
        status = row.data["status"]
        raise MockUsageError(f"campaigncall {row.id} is not deleted while its status is {status}: {AWAIT_ITS_END}")
    return row


def delete(world: World, request: Request) -> Reply:
    """DELETE /campaigns/{id}: only one that rests."""
    row = find(world, request)
    if row.data["status"] != "stop":
        return too_early(world, request, STOP_FIRST)
    return crud.delete_row(world, request, row)


def delete_call(world: World, request: Request) -> Reply:
    """DELETE /campaigncalls/{id}: only one that is done."""
    row = find(world, request)
    if row.data["status"] != "done":
        return too_early(world, request, AWAIT_ITS_END)
    return crud.delete_row(world, request, row)


def too_early(world: World, request: Request, advice: str) -> Reply:
    """A deletion that is not done: refused, or answered with a record of zeros (a defect of the server)."""
    resource = request.resource
    if not EARLY_DELETE.of(world):
        raise ApiError("STATE_INVALID", f"This {resource.noun} cannot be deleted now.", hint=advice)
    zeros = {member.name: None if member.kind == "actions" else member.zero() for member in resource.record.members}
    reply = text_reply(encode(world.view(resource, zeros)))
    reply.note = f"nothing was deleted: {advice}"
    return reply
