"""Calls: making them, and ending them from the caller's side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit, referred
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.addresses import Address, normalized
from voipbin_mock.areas.calls import groups, simulation
from voipbin_mock.areas.calls.differences import ALL_OR_NONE, ANONYMOUS_CHECKED, UNROUTED
from voipbin_mock.areas.calls.resources import GROUPCALLS
from voipbin_mock.areas.flows import engine
from voipbin_mock.areas.flows.activeflows import INVALID_VARIABLES, check_texts, check_variables
from voipbin_mock.areas.flows.flows import REFUSALS, UNLINKED, check_anonymous, of_request
from voipbin_mock.areas.flows.resources import FLOWS
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import NIL_UUID, Caller, Reply, text_reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.world import World


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST /calls may be refused with."""
    told = ("STATE_INVALID", "INSUFFICIENT_BALANCE") if ALL_OR_NONE.by(profile) else ("INTERNAL", UNROUTED.server)
    return (*UNLINKED, *REFUSALS, INVALID_VARIABLES.name, "IDENTITY_VERIFICATION_REQUIRED", *told)


def create(world: World, request: Request) -> Reply:
    """POST /calls: one call to each destination that can be called."""
    resource, values = request.resource, request.values
    given = values["variables"] or {}
    check_texts(given)
    check_variables(given)
    caller = permit(request)
    if ANONYMOUS_CHECKED.of(world):
        check_anonymous(values["anonymous"], "/anonymous")
    destinations = [(each, groups.refusal(world, caller.account, each)) for each in values["destinations"]]
    for position, (destination, refused) in enumerate(destinations):
        if refused is not None and refused.reason == "IDENTITY_VERIFICATION_REQUIRED":
            raise _refused(position, destination, refused)
    table = world.table(resource)
    stamps = [world.stamp_for(table, caller.account) for _ in destinations]  # before what is made for them
    plan = _plan(world, request)
    placeable = _placeable(world, destinations)
    texts: list[str] = []
    group_texts: list[str] = []
    for created, destination in zip(stamps, placeable, strict=False):
        if destination["type"] in groups.GROUPED:
            group_texts.append(_group(world, caller, values["source"], destination, plan, given))
            continue
        call = {"customer_id": caller.customer_id, "source": values["source"], "destination": destination}
        row = simulation.place(world, caller.account, call, created=created, plan=plan, given=given)
        texts.append(world.text(resource, row))
    return text_reply(f'{{"calls":[{",".join(texts)}],"groupcalls":[{",".join(group_texts)}]}}')


def _group(
    world: World, caller: Caller, source: Address, destination: Address, plan: engine.Plan, given: Mapping[str, str]
) -> str:
    """An agent or an extension is called as a group: the record as it is shown."""
    found = normalized(source), [normalized(destination)]
    row = groups.create(world, caller.account, caller.customer_id, *found, plan, variables=dict(given))
    return world.text(GROUPCALLS, world.table(GROUPCALLS).get(row.id) or row)


def _plan(world: World, request: Request) -> engine.Plan:
    """The flow that is given, or the one that the actions make."""
    flow_id: str = request.values["flow_id"]
    if flow_id != NIL_UUID:
        return engine.plan(world, referred(world, request, FLOWS, flow_id, "flow_id").id)
    return of_request(world, request)


def _placeable(world: World, destinations: Sequence[tuple[Address, simulation.Refusal | None]]) -> list[Address]:
    """Those that can be called: all, or else none (documents); or whoever is left (server). Raises ApiError."""
    found, left_out = [], []
    for position, (destination, refused) in enumerate(destinations):
        if refused is None:
            found.append(destination)
        elif ALL_OR_NONE.of(world) or refused.reason == UNROUTED.server:
            raise _refused(position, destination, refused)
        else:
            left_out.append(f"/destinations/{position} {refused.why}")
    if not found:
        raise ApiError("INTERNAL", hint="nobody can be called: " + ("; ".join(left_out) or "there is no destination"))
    return found


def _refused(position: int, destination: Address, refused: simulation.Refusal) -> ApiError:
    place, what = f"/destinations/{position}", f"cannot be called: {refused.why}"
    violation = Violation(place, what, refused.expected, destination)
    return ApiError(refused.reason, hint=refused.advice or refused.why, violations=[violation])


def hang_up(world: World, request: Request) -> Reply:
    """POST /calls/{id}/hangup: the call is over in the same instant; one that is over stays as it is."""
    row = simulation.hang_up(world, find(world, request))
    return crud.shown(world, request.resource, row)


def delete(world: World, request: Request) -> Reply:
    """DELETE /calls/{id}: a call that goes on is hung up first."""
    row = simulation.hang_up(world, find(world, request))
    return crud.delete_row(world, request, row)
