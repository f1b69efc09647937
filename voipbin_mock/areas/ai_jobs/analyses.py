"""Analyses of runs of flows: asked for over the API, and found on the virtual clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import owned, permit
from voipbin_mock.api.lists import narrowed
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.ai_jobs import jobs
from voipbin_mock.areas.ai_jobs.outcomes import ANALYSES as KIND
from voipbin_mock.areas.ai_jobs.resources import ANALYSES
from voipbin_mock.areas.ai_jobs.verdicts import verdict
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID, Reply, parse_uuid
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

MOST = 20  # of a customer that go on
COOLDOWN = 60_000_000  # microseconds until one may be done anew
_TIMER = "analysis_ends"


def list_(world: World, request: Request) -> Reply:
    """GET /timeline-analyses: all, or those of one run or one status. A run's id that is none is passed over."""
    run_id, status = parse_uuid(request.parameter("activeflow_id") or ""), request.parameter("status")
    wanted = {**({"activeflow_id": run_id} if run_id else {}), **({"status": status} if status else {})}
    return narrowed(world, request, lambda row: all(row.data[name] == value for name, value in wanted.items()))


def _found(world: World, request: Request) -> Row:
    """The analysis that a path names; another customer's is none. Raises ApiError."""
    caller, row_id = permit(request), parse_uuid(request.id)
    if row_id is None or row_id == NIL_UUID:
        raise ApiError("INVALID_ARGUMENT", hint="the id in the path is not a UUID, or all zeros")
    row = owned(world, caller.account, ANALYSES, row_id)
    if row is None:
        raise ApiError(ANALYSES.unfound(world.profile))
    return row


def get(world: World, request: Request) -> Reply:
    return crud.shown(world, ANALYSES, _found(world, request))


def create(world: World, request: Request) -> Reply:
    """POST /timeline-analyses: the one that there is already, or one that begins now."""
    wanted = request.values["activeflow_id"]
    if wanted == NIL_UUID:
        raise ApiError("INVALID_ARGUMENT", "activeflow_id must be the id of a run.")
    caller = permit(request)
    run = owned(world, caller.account, ACTIVEFLOWS, wanted)
    if run is None:
        raise ApiError("RESOURCE_NOT_FOUND", hint=f"/activeflow_id: no run of this customer is {wanted}")
    if run.data["status"] != "ended":
        raise ApiError("STATE_INVALID", "The run has not ended.")
    known = next(iter(world.table(ANALYSES).find("activeflow_id", run.id)), None)
    if known is not None:
        return crud.shown(world, ANALYSES, _again(world, known) if request.values["reanalyze"] else known)
    rows = world.table(ANALYSES).listed(caller.account)
    if sum(row.data["status"] == "progressing" for row in rows) >= MOST:
        raise ApiError("RATE_LIMIT_EXCEEDED", hint=f"{MOST} analyses of this customer go on already")
    row = crud.insert(world, request, caller, {"activeflow_id": run.id, "status": "progressing"})
    return crud.shown(world, ANALYSES, _begin(world, row))


def _again(world: World, row: Row) -> Row:
    """What was found is dropped, and looked for anew. Raises ApiError."""
    if row.data["status"] == "progressing":
        return row
    if world.clock.microseconds() < (row.data["tm_update"] or row.created) + COOLDOWN:
        raise ApiError("RATE_LIMIT_EXCEEDED", hint="an analysis may be done anew a minute after it last changed")
    return _begin(world, crud.change(world, ANALYSES, row, {"status": "progressing", "result": None, "error": ""}, ""))


def _begin(world: World, row: Row) -> Row:
    return crud.keep(world, ANALYSES, row, {"job": jobs.begins(world, KIND, _TIMER, row.id)})


def take_up(world: World, row: Row) -> Row:
    """One that was put in place goes on."""
    return _begin(world, row) if row.data["status"] == "progressing" and not row.data["job"] else row


def ends(world: World, analysis_id: str) -> None:
    row = world.table(ANALYSES).get(analysis_id)
    if row is None or row.data["status"] != "progressing":
        return
    outcome = jobs.outcome_of(world, row.data["job"])
    run, why = world.table(ACTIVEFLOWS).get(row.data["activeflow_id"]), jobs.failure(KIND, outcome)
    values: dict[str, Any]
    if run is None or why:
        values = {"status": "failed", "error": why or "the run is not there any more"}
    else:
        values = {"status": "completed", "result": verdict(world, run, jobs.results(outcome))}
    crud.change(world, ANALYSES, row, {**values, "job": None}, "")


def delete(world: World, request: Request) -> Reply:
    """DELETE /timeline-analyses/{id}: it is gone altogether, and the run may be analysed as if it never was."""
    row = leaving(world, _found(world, request))
    world.table(ANALYSES).remove(row.id)
    return crud.shown(world, ANALYSES, row)


def leaving(world: World, row: Row) -> Row:
    jobs.calls_off(world, row.data["job"])
    return row


TIMERS: Mapping[str, TimerHandler] = {_TIMER: ends}
