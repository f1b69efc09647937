"""Group calls over the API."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.addresses import normalized
from voipbin_mock.areas.calls import groups
from voipbin_mock.areas.calls.differences import DELETED_GROUPS, ENDED_GROUPS, GROUP_REFUSALS
from voipbin_mock.areas.calls.resources import GROUPCALLS
from voipbin_mock.areas.flows import engine
from voipbin_mock.areas.flows.flows import REFUSALS, of_request
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply, text_reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST /groupcalls may be refused with."""
    return (*REFUSALS, "INVALID_ARGUMENT" if GROUP_REFUSALS.by(profile) else "INTERNAL")


def create(world: World, request: Request) -> Reply:
    """POST /groupcalls: its calls are placed right after the answer, which has their ids."""
    values = request.values
    caller = permit(request)
    destinations = [normalized(each) for each in values["destinations"] if each]
    if not destinations:
        raise _refused(world, "/destinations", "nobody is named", "at least one address", values["destinations"])
    method = values["ring_method"]
    if method not in ("", groups.RING_ALL, groups.LINEAR):
        raise _refused(world, "/ring_method", f'"{method}" is not acceptable', "ring_all or linear", method)
    if len(destinations) == 1 and method != groups.LINEAR:
        why = groups.unresolved(world, caller.account, destinations[0])
        if why:
            raise _refused(world, "/destinations/0", why, "somebody who can be called", destinations[0])
    flow_id = values["flow_id"]
    plan = engine.plan(world, flow_id) if flow_id != NIL_UUID else of_request(world, request)
    row = groups.create(
        world,
        caller.account,
        caller.customer_id,
        normalized(values["source"]),
        destinations,
        plan,
        ring_method=method or groups.RING_ALL,
        answer_method=values["answer_method"],
    )
    return crud.shown(world, GROUPCALLS, row)


def _refused(world: World, pointer: str, what: str, expected: str, value: object) -> ApiError:
    reason = "INVALID_ARGUMENT" if GROUP_REFUSALS.of(world) else "INTERNAL"
    violation = Violation(pointer, f"{what}: expected {expected}", expected, value)
    return ApiError(reason, hint=f"{pointer}: {what}", violations=[violation] if reason != "INTERNAL" else ())


def hang_up(world: World, request: Request) -> Reply:
    """POST /groupcalls/{id}/hangup: told as hanging up; its calls are hung up, and then it is over."""
    row = find(world, request)
    if row.data["status"] == "hangup":
        if ENDED_GROUPS.of(world):
            row = crud.change(world, GROUPCALLS, row, {"status": "hangingup"}, "")
        return crud.shown(world, GROUPCALLS, row)
    shown = Row({**row.data, **world.touch(GROUPCALLS), "status": "hangingup"}, row.account)
    groups.hang_up(world, row)
    return text_reply(world.text(GROUPCALLS, shown))


def delete(world: World, request: Request) -> Reply:
    """DELETE /groupcalls/{id}: one that goes on is hung up first (server); a deleted one stays as it is."""
    row = find(world, request)
    if row.deleted:
        return crud.shown(world, GROUPCALLS, row)
    if DELETED_GROUPS.of(world):
        groups.hang_up(world, row)
    return crud.delete_row(world, request, world.table(GROUPCALLS).get(row.id) or row)
