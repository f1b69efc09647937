"""How audits come about: what a call's metadata says is checked first, then a model judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.ai_jobs import jobs
from voipbin_mock.areas.ai_jobs.differences import AUDIT_LANGUAGE
from voipbin_mock.areas.ai_jobs.languages import USUAL, is_language
from voipbin_mock.areas.ai_jobs.outcomes import AUDITS as KIND
from voipbin_mock.areas.ai_jobs.resources import AUDITS
from voipbin_mock.areas.ais.models import FAILING_KEY
from voipbin_mock.areas.ais.resources import AICALLS, AIS, MESSAGES, PARTICIPANTS
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

MOST_MESSAGES = 1000  # of an AI call that are looked at
BEST = 5
SOON = 1_000  # milliseconds from the end of an AI call to the audit that it asks for itself
NO_METADATA, NO_SNAPSHOT, NO_HISTORY = (
    "invalid_call_metadata",
    "prompt_snapshot_not_found",
    "prompt_snapshot_has_no_history_id",
)
_TIMER, _AUTO = "audit_ends", "audit_begins"


# --- who is judged -------------------------------------------------------------------------------------


def judged(world: World, aicall: Row) -> list[str]:
    """The ids of the AIs that an AI call is about: its own, or those of a team that took part, the newest first."""
    if aicall.data["assistance_type"] != "team":
        return [aicall.data["assistance_id"]]
    rows = world.table(PARTICIPANTS).group("aicall_id", aicall.id, None, MOST_MESSAGES)
    return list(dict.fromkeys(row.data["ai_id"] for row in rows))


def language_of(world: World, aicall: Row, ai_id: str, asked: str) -> str:
    """The language of an audit: as it was asked for, the AI's or the call's, or the usual one."""
    if asked:
        return asked
    ai = world.table(AIS).get(ai_id)
    of_ai = "" if ai is None else ai.data["stt_language"]
    found = of_ai if AUDIT_LANGUAGE.of(world) == "ai" else aicall.data["stt_language"]
    return found if is_language(found) else USUAL


def going_on(world: World, account: str) -> list[Row]:
    return [row for row in world.table(AUDITS).listed(account) if row.data["status"] == "progressing"]


def of(world: World, aicall_id: str, ai_id: str) -> Row | None:
    """The audit of an AI in an AI call, even one that was deleted."""
    rows = (row for row in world.table(AUDITS) if row.data["aicall_id"] == aicall_id and row.data["ai_id"] == ai_id)
    return next(rows, None)


# --- beginning and ending ------------------------------------------------------------------------------


def begin(world: World, aicall: Row, ai_id: str, asked: str = "") -> Row:
    """An AI is judged from now on, in the language that is asked for. There is one audit of it in an AI call: it
    begins anew."""
    snapshot = _snapshot(aicall, ai_id)
    fresh: dict[str, Any] = {
        "prompt_history_id": str((snapshot or {}).get("prompt_history_id") or NIL_UUID),
        "status": "progressing",
        "overall_score": None,
        "evaluation": None,
        "message_ids": [],
        "language": language_of(world, aicall, ai_id, asked),
        "error": "",
    }
    known = of(world, aicall.id, ai_id)
    if known is None:
        own = {"customer_id": aicall.data["customer_id"], "aicall_id": aicall.id, "ai_id": ai_id}
        row = crud.made(world, AUDITS, aicall.account, {**own, **fresh})
    else:
        jobs.calls_off(world, known.data["job"])
        row = world.table(AUDITS).replace({**known.data, **fresh, "tm_update": None, "tm_delete": None, "job": None})
    return _job(world, row)


def _job(world: World, row: Row) -> Row:
    ai = world.table(AIS).get(row.data["ai_id"])
    dead = ai is not None and ai.data["key"] == FAILING_KEY
    return crud.keep(world, AUDITS, row, {"job": jobs.begins(world, KIND, _TIMER, row.id, dead=dead)})


def take_up(world: World, row: Row) -> Row:
    """One that was put in place goes on."""
    goes_on = row.data["status"] == "progressing" and not row.deleted and not row.data["job"]
    return _job(world, row) if goes_on else row


def leaving(world: World, row: Row) -> Row:
    """It is about to be deleted: nothing more comes of it."""
    jobs.calls_off(world, row.data["job"])
    return row


def terminated(world: World, aicall: Row) -> None:
    """An AI call is over: it may want to be audited."""
    if (aicall.data["metadata"] or {}).get("auto_audit_enabled"):
        world.timers.call_in(SOON, _AUTO, aicall.id)


def begins(world: World, aicall_id: str) -> None:
    aicall = world.table(AICALLS).get(aicall_id)
    if aicall is None:
        return
    for ai_id in reversed(judged(world, aicall)):
        known = of(world, aicall.id, ai_id)
        if known is None or known.data["status"] != "progressing":
            begin(world, aicall, ai_id)


def _snapshot(aicall: Row, ai_id: str) -> Mapping[str, Any] | None:
    several = (aicall.data["metadata"] or {}).get("prompt_snapshots")
    found = [each for each in several or () if isinstance(each, Mapping) and each.get("ai_id") == ai_id]
    return found[0] if found else None


def _unfit(aicall: Row | None, ai_id: str) -> str:
    """Why a call cannot be judged by its metadata; empty if it can."""
    snapshots = None if aicall is None else (aicall.data["metadata"] or {}).get("prompt_snapshots")
    if aicall is None or not isinstance(snapshots, Sequence) or not snapshots:
        return NO_METADATA
    snapshot = _snapshot(aicall, ai_id)
    if snapshot is None:
        return NO_SNAPSHOT
    return "" if (snapshot.get("prompt_history_id") or NIL_UUID) != NIL_UUID else NO_HISTORY


def ends(world: World, audit_id: str) -> None:
    row = world.table(AUDITS).get(audit_id)
    if row is None or row.deleted or row.data["status"] != "progressing":
        return
    aicall, ai_id = world.table(AICALLS).get(row.data["aicall_id"]), row.data["ai_id"]
    outcome = jobs.outcome_of(world, row.data["job"])
    why = _unfit(aicall, ai_id) or jobs.failure(KIND, outcome)
    if why:
        crud.change(world, AUDITS, row, {"status": "failed", "error": why, "job": None}, "")
        return
    messages = world.table(MESSAGES).group("aicall_id", row.data["aicall_id"], None, MOST_MESSAGES)
    values = {"status": "completed", "message_ids": [each.id for each in messages], "job": None}
    crud.change(world, AUDITS, row, {**values, **_judgement(messages, jobs.results(outcome))}, "")


def _judgement(messages: Sequence[Row], scripted: Mapping[str, Any]) -> dict[str, Any]:
    """The score and the evaluation, which agree unless a script has them differ."""
    given = scripted.get("evaluation") or {}
    score = scripted.get("overall_score", given.get("overall_score", BEST))
    reason = "Nothing to complain of." if score == BEST else "It could be better."
    each = {"score": score, "reason": reason}
    used = any(message.data["tool_calls"] for message in messages)
    dimensions: dict[str, Any] = dict.fromkeys(("helpfulness", "accuracy", "tone", "goal_completion"), each)
    usual = {
        "overall_score": score,
        "dimensions": {**dimensions, "tool_usage": each if used else None},
        "summary": f"{len(messages)} messages were looked at. {reason}",
    }
    return {"overall_score": score, "evaluation": {**usual, **given}}


TIMERS: Mapping[str, TimerHandler] = {_TIMER: ends, _AUTO: begins}
FOLLOWS = {"aicall_status_terminated": terminated}
