"""Calls: making them, and ending them from the caller's side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit, referred
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.addresses import Address
from voipbin_mock.areas.calls import simulation
from voipbin_mock.areas.calls.differences import ALL_OR_NONE, ANONYMOUS_CHECKED
from voipbin_mock.areas.flows.flows import REFUSALS, UNLINKED, check_actions, check_anonymous
from voipbin_mock.areas.flows.resources import FLOWS
from voipbin_mock.wire.errors import ApiError, Reason, Violation, join_pointer
from voipbin_mock.wire.values import NIL_UUID, Caller, Reply, text_reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.world import World

INVALID_VARIABLES = Reason("INVALID_VARIABLES", "INVALID_ARGUMENT", "The variables are too many, or too long.")
MOST_VARIABLES = 100
LONGEST_VARIABLE = 32_768  # bytes
ALL_VARIABLES = 65_536  # bytes, with their names


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST /calls may be refused with."""
    told = ("STATE_INVALID", "INSUFFICIENT_BALANCE") if ALL_OR_NONE.by(profile) else ("INTERNAL",)
    return (*UNLINKED, *REFUSALS, INVALID_VARIABLES.name, "IDENTITY_VERIFICATION_REQUIRED", *told)


def create(world: World, request: Request) -> Reply:
    """POST /calls: one call to each destination that can be called."""
    resource, values = request.resource, request.values
    _check_variables(values["variables"] or {})
    caller = permit(request)
    if ANONYMOUS_CHECKED.of(world):
        check_anonymous(values["anonymous"], "/anonymous")
    for position, destination in enumerate(values["destinations"]):
        refused = simulation.refusal(world, caller.account, destination)
        if refused is not None and refused.reason == "IDENTITY_VERIFICATION_REQUIRED":
            raise _refused(position, destination, refused)
    flow_id = _flow(world, request)
    placeable = _placeable(world, caller, values["destinations"])
    crud.lint(world, request, values)
    texts = []
    for destination in placeable:
        call = {
            "id": world.ids.uuid(),
            "customer_id": caller.customer_id,
            "flow_id": flow_id,
            "activeflow_id": world.ids.uuid(),
            "source": values["source"],
            "destination": destination,
        }
        texts.append(world.text(resource, simulation.place(world, caller.account, call)))
    return text_reply(f'{{"calls":[{",".join(texts)}],"groupcalls":[]}}')


def _check_variables(variables: Mapping[str, Any]) -> None:
    """What a flow is given to start with: texts, and not too much of it. Raises ApiError."""
    for name, value in variables.items():
        if value is not None and not isinstance(value, str):
            violation = Violation(join_pointer("/variables", name), "expected a string", "a string", value)
            raise ApiError("INVALID_JSON_BODY", violations=[violation], hint=str(violation))
    sizes = [len((value or "").encode("utf-8", "surrogatepass")) for value in variables.values()]
    names = sum(len(name.encode("utf-8", "surrogatepass")) for name in variables)
    if len(sizes) > MOST_VARIABLES or max(sizes, default=0) > LONGEST_VARIABLE or sum(sizes) + names > ALL_VARIABLES:
        wanted = f"at most {MOST_VARIABLES}, of {LONGEST_VARIABLE} bytes each and {ALL_VARIABLES} in all"
        raise ApiError(INVALID_VARIABLES, violations=[Violation("/variables", f"expected {wanted}", wanted, variables)])


def _flow(world: World, request: Request) -> str:
    """The flow that is given, or the one that the actions would make."""
    flow_id: str = request.values["flow_id"]
    if flow_id == NIL_UUID:
        check_actions(world, request.values["actions"])
        return world.ids.uuid()
    return referred(world, request, FLOWS, flow_id, "flow_id").id


def _placeable(world: World, caller: Caller, destinations: Sequence[Address]) -> list[Address]:
    """Those that can be called: all, or else none (documents); or whoever is left (server). Raises ApiError."""
    found, left_out = [], []
    for position, destination in enumerate(destinations):
        refused = simulation.refusal(world, caller.account, destination)
        if refused is None:
            found.append(destination)
        elif ALL_OR_NONE.of(world):
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
