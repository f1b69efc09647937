"""Proposals for a prompt over the API: made, accepted, rejected."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import find
from voipbin_mock.api.lists import id_parameter
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.ai_jobs import jobs, paths, proposing
from voipbin_mock.areas.ai_jobs.audits import deleted
from voipbin_mock.areas.ai_jobs.resources import AUDITS, PROPOSALS
from voipbin_mock.areas.ais import prompts
from voipbin_mock.areas.ais.resources import AIS, HISTORIES
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

MOST, MOST_AUDITS = 3, 20  # that go on of a customer; that one is made from


def list_(world: World, request: Request) -> Reply:
    """GET /aipromptproposals: all, or those of one AI or one status."""
    status = request.parameter("status") or None
    return paths.listed(world, request, ai_id=id_parameter(request, "ai_id"), status=status)


def create(world: World, request: Request) -> Reply:
    """POST /aipromptproposals."""
    ai_id, audit_ids = request.values["ai_id"], request.values["audit_ids"]
    for pointer, each in (("/ai_id", ai_id), *((f"/audit_ids/{n}", each) for n, each in enumerate(audit_ids))):
        if each == NIL_UUID:
            raise ApiError("INVALID_ID", violations=[Violation(pointer, "is no UUID", "a UUID", each)])
    ai = find(world, request, AIS, ai_id)
    if not 0 < len(audit_ids) <= MOST_AUDITS:
        wanted = f"1 to {MOST_AUDITS} audits"
        problem = Violation("/audit_ids", f"expected {wanted}", wanted, audit_ids)
        raise ApiError("INVALID_ARGUMENT", violations=[problem])
    if ai.deleted:
        raise ApiError("RESOURCE_NOT_FOUND", hint="this AI was deleted")
    rows = world.table(PROPOSALS).listed(ai.account)
    if sum(row.data["status"] == "progressing" for row in rows) >= MOST:
        raise ApiError("RATE_LIMIT_EXCEEDED", hint=f"{MOST} proposals of this customer go on already")
    for number, audit_id in enumerate(audit_ids):
        _check_audit(world, ai, audit_id, f"/audit_ids/{number}")
    basis = ai.data["current_prompt_history_id"]
    history = world.table(HISTORIES).get(basis)
    values: dict[str, Any] = {
        "customer_id": ai.data["customer_id"],
        "ai_id": ai.id,
        "audit_ids": audit_ids,
        "basis_prompt_history_id": basis,
        "original_prompt": "" if history is None else history.data["prompt"],
        "status": "progressing",
    }
    row = proposing.begin(world, crud.made(world, PROPOSALS, ai.account, values))
    return jobs.accepted(crud.shown(world, PROPOSALS, row))


def _check_audit(world: World, ai: Row, audit_id: str, pointer: str) -> None:
    """Raises ApiError for an audit that says nothing of the AI's present prompt."""
    audit, why = world.table(AUDITS).get(audit_id), ""
    if audit is None or audit.deleted or audit.account != ai.account:
        why = "is no audit of the customer's"
    elif audit.data["ai_id"] != ai.id:
        why = "is an audit of another AI"
    elif audit.data["status"] != "completed":
        why = f"is {audit.data['status']}"
    elif audit.data["prompt_history_id"] != ai.data["current_prompt_history_id"]:
        why = "is about another prompt than the AI has now"
    if why:
        wanted = "a completed audit of the AI's present prompt"
        problem = Violation(pointer, f"{why}: expected {wanted}", wanted, audit_id)
        raise ApiError("INVALID_ARGUMENT", violations=[problem])


def delete(world: World, request: Request) -> Reply:
    """DELETE /aipromptproposals/{id}."""
    paths.check(request)
    row = find(world, request)
    proposing.leaving(world, row)
    return deleted(world, request, PROPOSALS, row)


# --- deciding -------------------------------------------------------------------------------------------


def accept(world: World, request: Request) -> Reply:
    """POST /aipromptproposals/{id}/accept: the AI has this prompt from now on."""
    paths.check(request)
    row = find(world, request)
    if row.data["status"] == "accepted":
        return crud.shown(world, PROPOSALS, row)
    _insist(row)
    ai = world.table(AIS).get(row.data["ai_id"])
    if proposing.lacks_audits(world, row):
        raise _expired(world, row, proposing.NO_AUDITS)
    if ai is not None and proposing.drifted(world, row):
        raise _expired(world, row, proposing.DRIFTED)
    if ai is None or ai.deleted:
        raise ApiError("RESOURCE_NOT_FOUND", hint="its AI was deleted")
    ai, history = prompts.write(world, ai, row.data["proposed_prompt"], row.id)
    values = {"status": "accepted", "applied_prompt_history_id": history.id}
    row = crud.change(world, PROPOSALS, row, values, "")
    proposing.prompt_moves(world, ai)
    return crud.shown(world, PROPOSALS, row)


def reject(world: World, request: Request) -> Reply:
    """POST /aipromptproposals/{id}/reject."""
    paths.check(request)
    row = find(world, request)
    if row.data["status"] == "rejected":
        return crud.shown(world, PROPOSALS, row)
    _insist(row)
    return crud.shown(world, PROPOSALS, crud.change(world, PROPOSALS, row, {"status": "rejected"}, ""))


def _insist(row: Row) -> None:
    if row.data["status"] != "completed":
        raise ApiError("STATE_INVALID", "The proposal is not completed.", hint=f"it is {row.data['status']}")


def _expired(world: World, row: Row, why: str) -> ApiError:
    """What is refused because it came too late, which stays known."""
    proposing.expire(world, row, why)
    return ApiError("STATE_INVALID", "The proposal has expired.", hint=why, stands=True)
