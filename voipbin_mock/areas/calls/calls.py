"""Calls: making them, and ending them from the caller's side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.calls import simulation
from voipbin_mock.areas.flows.flows import check_actions, check_anonymous, foreign
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import NIL_UUID, Caller, Reply, text_reply
from voipbin_mock.world.world import World


def create(world: World, request: Request) -> Reply:
    """POST /calls: one call to each destination. All are placed, or none is."""
    resource = request.resource
    caller = permit(request)
    values = request.values
    check_anonymous(values["anonymous"], "/anonymous")
    flow_id = _flow(world, caller, values)
    for position, destination in enumerate(values["destinations"]):
        _check(world, caller, position, destination)
    crud.lint(world, request, values)
    texts = []
    for destination in values["destinations"]:
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


def _flow(world: World, caller: Caller, values: Mapping[str, Any]) -> str:
    """The flow that is given, or the one that the actions would make."""
    flow_id: str = values["flow_id"]
    if flow_id == NIL_UUID:
        check_actions(world, values["actions"])
        return world.ids.uuid()
    if violation := foreign(world, caller.account, flow_id, "/flow_id"):
        raise ApiError("INVALID_ARGUMENT", violations=[violation])
    return flow_id


def _check(world: World, caller: Caller, position: int, destination: Mapping[str, str]) -> None:
    refused = simulation.refusal(world, caller.account, destination)
    if refused is not None:
        place, what = f"/destinations/{position}", f"cannot be called: {refused.why}"
        violation = Violation(place, what, refused.expected, destination)
        raise ApiError(refused.reason, hint=refused.advice or refused.why, violations=[violation])


def hang_up(world: World, request: Request) -> Reply:
    """POST /calls/{id}/hangup: the call is over in the same instant; one that is over stays as it is."""
    row = simulation.hang_up(world, find(world, request))
    return crud.shown(world, request.resource, row)


def delete(world: World, request: Request) -> Reply:
    """DELETE /calls/{id}: a call that goes on is hung up first."""
    row = simulation.hang_up(world, find(world, request))
    return crud.delete_row(world, request, row)
