"""How proposals for a prompt come about, and how they grow stale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.ai_jobs import jobs
from voipbin_mock.areas.ai_jobs.outcomes import PROPOSALS as KIND
from voipbin_mock.areas.ai_jobs.resources import AUDITS, PROPOSALS
from voipbin_mock.areas.ais.models import FAILING_KEY
from voipbin_mock.areas.ais.resources import AIS
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

HOUR = 3_600_000  # milliseconds between two looks for those that are stale
STALE = 168 * 3_600_000_000  # microseconds
BETTER = "Ask what is meant whenever it is not clear."
WHY = "The audits found nothing that is wrong with it."
DRIFTED, NO_AUDITS = "prompt_version_drifted", "invalid_audit_set"
_TIMER, _STALE = "proposal_ends", "proposal_grows_stale"


def begin(world: World, row: Row) -> Row:
    ai = world.table(AIS).get(row.data["ai_id"])
    dead = ai is not None and ai.data["key"] == FAILING_KEY
    return crud.keep(world, PROPOSALS, row, {"job": jobs.begins(world, KIND, _TIMER, row.id, dead=dead)})


def take_up(world: World, row: Row) -> Row:
    """One that was put in place goes on, and grows stale."""
    if row.deleted:
        return row
    if row.data["status"] == "completed":
        _ages(world, row)
    return begin(world, row) if row.data["status"] == "progressing" and not row.data["job"] else row


def leaving(world: World, row: Row) -> Row:
    """It is about to be deleted: nothing more comes of it."""
    jobs.calls_off(world, row.data["job"])
    return row


def ends(world: World, proposal_id: str) -> None:
    row = world.table(PROPOSALS).get(proposal_id)
    if row is None or row.deleted or row.data["status"] != "progressing":
        return
    outcome = jobs.outcome_of(world, row.data["job"])
    values: dict[str, Any] = {"status": "failed", "error": jobs.failure(KIND, outcome)}
    if not values["error"]:
        found = {"proposed_prompt": f"{row.data['original_prompt']}\n{BETTER}".strip(), "rationale": WHY}
        values = {"status": "completed", **found, **jobs.results(outcome)}
    row = crud.change(world, PROPOSALS, row, {**values, "job": None}, "")
    if row.data["status"] == "completed":
        _ages(world, row)


# --- growing stale -------------------------------------------------------------------------------------


def drifted(world: World, row: Row) -> bool:
    """Whether the AI has another prompt by now than the one that this is to better."""
    ai = world.table(AIS).get(row.data["ai_id"])
    return ai is None or ai.data["current_prompt_history_id"] != row.data["basis_prompt_history_id"]


def lacks_audits(world: World, row: Row) -> bool:
    """Whether any of the audits that it was made from is gone, or is made anew."""
    several = (world.table(AUDITS).get(audit_id) for audit_id in row.data["audit_ids"])
    return any(audit is None or audit.deleted or audit.data["status"] != "completed" for audit in several)


def expire(world: World, row: Row, why: str) -> Row:
    return crud.change(world, PROPOSALS, row, {"status": "expired", "error": why}, "")


def _ages(world: World, row: Row) -> None:
    """A week after it was made it is looked at; one that is older, and for a prompt of before, within the hour."""
    due = row.created + STALE
    if world.timers.has(_STALE, row.id):
        return
    if due > world.clock.microseconds():
        world.timers.call_at(due, _STALE, row.id)
    elif drifted(world, row):
        world.timers.call_in(HOUR, _STALE, row.id)


def grows_stale(world: World, proposal_id: str) -> None:
    """What is for a prompt that the AI has no more expires."""
    row = world.table(PROPOSALS).get(proposal_id)
    if row is not None and not row.deleted and row.data["status"] == "completed" and drifted(world, row):
        expire(world, row, DRIFTED)


def prompt_moves(world: World, ai: Row) -> None:
    """An AI may have another prompt by now."""
    for row in tuple(world.table(PROPOSALS)):
        if row.data["ai_id"] == ai.id and row.data["status"] == "completed" and not row.deleted:
            _ages(world, row)


TIMERS: Mapping[str, TimerHandler] = {_TIMER: ends, _STALE: grows_stale}
FOLLOWS = {"ai_updated": prompt_moves}
