"""Campaigns: what they refer to, and when they run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.catalog import Resource
from voipbin_mock.api.lint import Lint
from voipbin_mock.areas.calls import simulation as calling
from voipbin_mock.areas.campaigns import dialer
from voipbin_mock.areas.campaigns import states as states
from voipbin_mock.areas.flows.flows import check_actions
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply, Request, encode, parse_uuid, text_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def create(world: World, request: Request) -> Reply:
    """POST /campaigns: it rests until it is told to run."""
    resource: Resource = request.operation.resource
    caller = crud.permit(world, request, resource.permission)
    values = request.values
    states.check_references(world, caller.account, values, NIL_UUID)
    check_actions(values["actions"])
    row = crud.insert(world, request, caller, {**values, "flow_id": world.ids.uuid()})
    _take_outdial(world, row)
    return text_reply(world.text(resource, row))


def _take_outdial(world: World, row: Row) -> None:
    """The outdial learns whose it is; the one a campaign had before is not told (server)."""
    outdial = world.store["outdials"].get(row.data["outdial_id"])
    if outdial is not None:
        crud.change(world, world.catalog.resources["outdials"], outdial, {"campaign_id": row.id})


def status(world: World, request: Request) -> Reply:
    """PUT /campaigns/{id}/status."""
    row = crud.find(world, request)
    crud.lint(world, request, request.values)
    wanted = request.values["status"]
    if wanted == "run":
        row = dialer.run(world, row)
    elif wanted == "stop":
        row = dialer.stop(world, row)
    else:
        violation = Violation("/status", f'"{wanted[:40]}" is not acceptable', 'one of "run", "stop"', wanted)
        raise ApiError("INVALID_ARGUMENT", "A campaign can be run or stopped.", violations=[violation])
    return text_reply(world.text(request.operation.resource, row))


def run_lints(world: World, request: Request, values: Mapping[str, Any]) -> Iterator[Lint]:
    """What surprises those who run a campaign."""
    row = world.store["campaigns"].get(request.id)
    if values["status"] != "run" or row is None or row.data["status"] == "run":
        return
    for member in ("outplan_id", "outdial_id"):
        if row.data[member] == NIL_UUID:
            name = states.REFERENCES[member].removesuffix("s")
            yield Lint("no-dialing", "", f"the campaign has no {name}, so it dials nobody", f"set its {member} first")
    outplan = world.store["outplans"].get(row.data["outplan_id"])
    if outplan is None:
        return
    head = dialer.head(world, row.data["outdial_id"], outplan.data)
    refused = head and row.data["type"] == "call" and calling.refusal(world, row.account, head.destination)
    if refused:
        message = f"the first call is refused, for {refused.why}, and the campaign ends with it"
        yield Lint("refused-call", "", message, refused.advice or f"give the target {refused.expected}")
    if row.data["end_handle"] == "continue":
        return
    tries = sum(outplan.data[f"max_try_count_{n}"] for n in range(5))
    targets = world.store["targets"]
    idle = [t for t in targets.group(row.data["outdial_id"], None, len(targets)) if t.data["status"] == "idle"]
    if tries > 1 and len(idle) == 1:
        message = "no other target is idle while the only one is called, so the run ends and does not retry it"
        yield Lint("one-try", "", message, 'set end_handle to "continue" for retries')


def actions(world: World, request: Request) -> Reply:
    row = crud.find(world, request)
    check_actions(request.values["actions"])
    return crud.save(world, request, row, request.values)


def resource_info(world: World, request: Request) -> Reply:
    """PUT /campaigns/{id}/resource_info: replaces all four references."""
    row = crud.find(world, request)
    states.check_references(world, row.account, request.values, row.id)
    reply = crud.save(world, request, row, request.values)
    changed = world.table(request.operation.resource).get(row.id)
    assert changed is not None, "a saved record is in its table"
    _take_outdial(world, changed)
    return reply


def next_campaign_id(world: World, request: Request) -> Reply:
    """PUT /campaigns/{id}/next_campaign_id: empty for none; whether it exists is not asked (server)."""
    sent = _sent(request.raw, "next_campaign_id")
    if sent and parse_uuid(sent) is None:
        violation = Violation("/next_campaign_id", f'"{sent[:40]}" is not a UUID', "a UUID, or an empty text", sent)
        raise ApiError("INVALID_ARGUMENT", violations=[violation])
    return crud.save(world, request, crud.find(world, request), request.values)


def _sent(raw: Any, name: str) -> str:
    """A text of a body as it was sent, whatever the case of its name; the last one counts."""
    given: Mapping[str, Any] = raw or {}
    texts = [value for key, value in given.items() if key.casefold() == name]
    return (texts[-1] or "") if texts else ""


def delete(world: World, request: Request) -> Reply:
    """DELETE /campaigns/{id}: only one that rests."""
    row = crud.find(world, request)
    if row.data["status"] != "stop":
        return too_early(world, request, "stop it first, and wait until its calls have ended")
    return crud.delete_row(world, request, row)


def delete_call(world: World, request: Request) -> Reply:
    """DELETE /campaigncalls/{id}: only one that is done."""
    row = crud.find(world, request)
    if row.data["status"] != "done":
        return too_early(world, request, "wait until it is done")
    return crud.delete_row(world, request, row)


def too_early(world: World, request: Request, advice: str) -> Reply:
    """A deletion that is not done: refused, or answered with a record of zeros (a defect of the server)."""
    resource: Resource = request.operation.resource
    if world.profile.refuses_early_delete:
        raise ApiError("STATE_INVALID", f"This {resource.noun} cannot be deleted now.", hint=advice)
    zeros = {member.name: None if member.kind == "actions" else member.zero() for member in resource.record.members}
    reply = text_reply(encode(world.view(resource, zeros)))
    reply.note = f"nothing was deleted: {advice}"
    return reply
