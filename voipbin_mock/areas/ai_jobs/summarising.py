"""How summaries come about: once a call or a conference is over, or soon, of what was said there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.ai_jobs import jobs
from voipbin_mock.areas.ai_jobs.differences import (
    CONFERENCES_END,
    NEWEST_SUMMARY,
    SILENCE_COUNTS,
    SUMMARISES_LATER,
)
from voipbin_mock.areas.ai_jobs.outcomes import SUMMARIES as KIND
from voipbin_mock.areas.ai_jobs.resources import SUMMARIES
from voipbin_mock.areas.calls import recordings, transcribing
from voipbin_mock.areas.calls.media_resources import RECORDINGS, TRANSCRIBES, TRANSCRIPTS
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.conferences.resources import CONFERENCECALLS, CONFERENCES
from voipbin_mock.areas.flows import engine
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

CALL, CONFERENCE, TRANSCRIBE, RECORDING = "call", "conference", "transcribe", "recording"
KINDS: Mapping[str, Resource] = {
    CALL: CALLS,
    CONFERENCE: CONFERENCES,
    TRANSCRIBE: TRANSCRIBES,
    RECORDING: RECORDINGS,
}
NOTHING_SAID = "Nothing was said."
PATIENCE = 50_000  # milliseconds that a request waits for a model (server)
_TIMER = "summary_ends"


def goes_on(row: Row) -> bool:
    """Whether there is still something to be said in a call or a conference."""
    return row.data["status"] in ("dialing", "ringing", "progressing")


def there_is(world: World, account: str, reference_id: str, language: str) -> Row | None:
    """The summary of it in this language, if there is one that was not deleted."""
    found = world.table(SUMMARIES).find("reference_id", reference_id)
    return next((row for row in found if row.account == account and row.data["language"] == language), None)


def start(
    world: World,
    account: str,
    values: Mapping[str, Any],
    reference: Row,
) -> Row:
    """A summary of a record, told of as `summary_created`. Raises ApiError where it has to be made at once and is not.

    values: its members, as they were asked for.
    """
    kind = values["reference_type"]
    if not (kind in (CALL, CONFERENCE) or SUMMARISES_LATER.of(world)):
        return _at_once(world, account, values, reference)
    row = crud.made(world, SUMMARIES, account, {**values, "status": "progressing"})
    _tell_run(world, row)
    if kind in (CALL, CONFERENCE) and goes_on(reference):
        crud.keep(world, KINDS[kind], reference, {"awaited": True})
        return row
    return _begin(world, row)


def _begin(world: World, row: Row) -> Row:
    return crud.keep(world, SUMMARIES, row, {"job": jobs.begins(world, KIND, _TIMER, row.id)})


def _at_once(world: World, account: str, values: Mapping[str, Any], reference: Row) -> Row:
    """A model is asked while the request waits (server)."""
    outcome = jobs.meets(world, KIND)
    if jobs.lasts(KIND, outcome) > PATIENCE:
        raise ApiError("REQUEST_TIMEOUT", hint="it takes longer than the service waits for it", stands=True)
    if outcome.kind == "failed":
        raise ApiError("INTERNAL", hint="no summary came of it", stands=True)
    text = jobs.results(outcome).get("content") or said(world, values["reference_type"], reference) or NOTHING_SAID
    row = crud.made(world, SUMMARIES, account, {**values, "status": "done", "content": text})
    _tell_run(world, row)
    recordings.run_after(world, row, "ai", row.id, variables(row))
    return row


def take_up(world: World, row: Row) -> Row:
    """One that was put in place is made, unless it waits for the end of what it is about."""
    if row.deleted or row.data["status"] != "progressing" or row.data["job"]:
        return row
    kind = KINDS.get(row.data["reference_type"])
    reference = None if kind is None else world.table(kind).get(row.data["reference_id"])
    if kind in (CALLS, CONFERENCES) and reference is not None and goes_on(reference):
        crud.keep(world, kind, reference, {"awaited": True})
        return row
    return _begin(world, row)


def leaving(world: World, row: Row) -> Row:
    """It is about to be deleted: nothing more comes of it."""
    jobs.calls_off(world, row.data["job"])
    return row


# --- when it is made -----------------------------------------------------------------------------------


def call_ended(world: World, call: Row) -> None:
    found = _waiting(world, call.id)
    for row in found[-1:] if NEWEST_SUMMARY.of(world) else found:
        _begin(world, row)


def conference_ended(world: World, conference: Row) -> None:
    for row in _waiting(world, conference.id) if CONFERENCES_END.of(world) else ():
        _begin(world, row)


def _waiting(world: World, reference_id: str) -> list[Row]:
    """Summaries that wait for the end of what they are about, the oldest first."""
    found = world.table(SUMMARIES).find("reference_id", reference_id)
    return [row for row in found if row.data["status"] == "progressing" and not row.data["job"]]


def ends(world: World, summary_id: str) -> None:
    """A model has answered, or has not: then it stays `progressing`."""
    row = world.table(SUMMARIES).get(summary_id)
    if row is None or row.deleted or row.data["status"] != "progressing":
        return
    outcome = jobs.outcome_of(world, row.data["job"])
    kind = KINDS.get(row.data["reference_type"])
    reference = None if kind is None else world.table(kind).get(row.data["reference_id"])
    text = str(jobs.results(outcome).get("content") or said(world, row.data["reference_type"], reference))
    if outcome.kind == "failed" or not (text or row.data["reference_type"] != CALL or SILENCE_COUNTS.of(world)):
        return
    row = crud.change(world, SUMMARIES, row, {"status": "done", "content": text or NOTHING_SAID, "job": None})
    _tell_run(world, row)
    recordings.run_after(world, row, "ai", row.id, variables(row))


def _tell_run(world: World, row: Row) -> None:
    run = engine.running(world, row.data["activeflow_id"])
    if run is not None:
        run.set_all(variables(row))


def variables(row: Row) -> dict[str, str]:
    """What flows know of a summary."""
    names = ("id", "reference_type", "reference_id", "language", "content")
    return {f"voipbin.ai_summary.{name}": str(row.data[name]) for name in names}


# --- what was said -------------------------------------------------------------------------------------


def said(world: World, kind: str, reference: Row | None) -> str:
    """A line for each thing that was said there."""
    if reference is None:
        return ""
    now = world.clock.microseconds()
    if kind == TRANSCRIBE:
        rows = world.table(TRANSCRIPTS).group("transcribe_id", reference.id, None, transcribing.MOST_HEARD)
        return "\n".join([row.data["message"] for row in reversed(rows)])
    if kind == RECORDING:
        found = transcribing.recorded(world, reference)
    elif kind == CONFERENCE:
        found = sorted(_in_conference(world, reference, now))
    else:
        found = transcribing.said(reference, 0, now)
    return "\n".join([text for _, _, text in found])


def _in_conference(world: World, conference: Row, now: int) -> list[tuple[int, str, str]]:
    """What those said who were in it, while they were."""
    table, found = world.table(CONFERENCECALLS), []
    for status in ("joined", "leaving", "leaved"):
        for caller in table.find(("conference_id", "status"), (conference.id, status)):
            call = world.table(CALLS).get(caller.data["reference_id"])
            if call is not None:
                left = caller.data["tm_update"] if status == "leaved" else now
                heard = transcribing.said(call, caller.created, left or now)
                found += [each for each in heard if each[1] == "in"]
    return found


TIMERS: Mapping[str, TimerHandler] = {_TIMER: ends}
FOLLOWS = {"awaited_call_ended": call_ended, "awaited_conference_ended": conference_ended}
