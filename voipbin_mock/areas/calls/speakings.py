"""Speakings: texts that are spoken to a call or a conference as they come."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.calls import conference_bridges, voice
from voipbin_mock.areas.calls.controls import HUNG_UP, NOT_ANSWERED
from voipbin_mock.areas.calls.media_differences import (
    SPEAKING_ENDS,
    SPEAKING_INITIATES,
    SPEAKING_IS_CHECKED,
    SPEAKING_TOLD,
    SPEAKS_ONCE,
)
from voipbin_mock.areas.calls.media_resources import SPEAKINGS
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply, parse_uuid, text_reply
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.differences import UPDATED_ON_CREATE
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

CALL, CONFBRIDGE = "call", "confbridge"
DIRECTIONS = ("", "in", "out", "both")
LONGEST = 5000  # bytes of a text
USUAL_PROVIDER = "elevenlabs"
INITIATING = 2000  # milliseconds (documents)


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST /speakings may be refused with."""
    if not SPEAKING_IS_CHECKED.by(profile):
        return ("INVALID_ARGUMENT", "INTERNAL")
    return (
        "INVALID_ARGUMENT", "CALL_NOT_FOUND", "CONFERENCE_NOT_FOUND", "RESOURCE_NOT_FOUND", "STATE_INVALID",
        HUNG_UP.name, NOT_ANSWERED.name,
    )  # fmt: skip


def state_refusals(profile: Profile) -> tuple[str, ...]:
    """What `flush` may be refused with."""
    return ("STATE_INVALID",) if SPEAKS_ONCE.by(profile) else ("RESOURCE_NOT_FOUND",)


def say_refusals(profile: Profile) -> tuple[str, ...]:
    return ("INVALID_ARGUMENT", *state_refusals(profile))


def create(world: World, request: Request) -> Reply:
    """POST /speakings: 201."""
    caller, values = permit(request), request.values
    _check(values)
    reference_id = parse_uuid(values["reference_id"]) or NIL_UUID
    account = _reached(world, request, values["reference_type"], reference_id)
    others = world.table(SPEAKINGS).find("reference_id", reference_id)
    if any(row.data["session"] and row.data["status"] != "stopped" for row in others):
        raise ApiError("STATE_INVALID" if SPEAKS_ONCE.of(world) else "INTERNAL", "Something is spoken there already.")
    crud.lint(world, request, values)
    table = world.table(SPEAKINGS)
    created = world.stamp_for(table, account or caller.account)
    status = SPEAKING_INITIATES.of(world)
    record = {
        **SPEAKINGS.blank,
        **values,
        "id": world.ids.uuid(),
        "customer_id": caller.customer_id,
        "reference_id": reference_id,
        "provider": values["provider"] or USUAL_PROVIDER,
        "session": True,
        "status": status,
        "tm_create": created,
        **({"tm_update": created} if UPDATED_ON_CREATE.of(world) else {}),
    }
    row = table.insert(record, caller.account)
    if status == "initiating":
        world.timers.call_in(INITIATING, "speaking_starts", row.id)
    else:
        _told(world, row, "started")
    reply = text_reply(world.text(SPEAKINGS, row))
    reply.http_code = 201
    return reply


def _check(values: Mapping[str, str]) -> None:
    for name, fits, wanted in (
        ("reference_type", values["reference_type"] in (CALL, CONFBRIDGE), "call or confbridge"),
        ("reference_id", parse_uuid(values["reference_id"]) not in (None, NIL_UUID), "a UUID"),
        ("direction", values["direction"] in DIRECTIONS, "in, out, both, or an empty text"),
    ):
        if not fits:
            violation = Violation(f"/{name}", f"expected {wanted}", wanted, values[name])
            raise ApiError("INVALID_ARGUMENT", violations=[violation])


def _reached(world: World, request: Request, kind: str, reference_id: str) -> str:
    """Whose the call or the conference is. Raises ApiError for one that nobody hears."""
    if not SPEAKING_IS_CHECKED.of(world):
        if kind == CALL:
            call = voice.live(world, reference_id)
            there = call.account if call is not None and not call.deleted else ""
        else:
            conference = conference_bridges.of_bridge(world, reference_id)
            members = conference_bridges.members(world, reference_id)
            there = conference.account if conference is not None else members[0].account if members else ""
        if not there:
            raise ApiError("INTERNAL", hint=f"/reference_id: there is no {kind} {reference_id} that goes on")
        return there
    if kind == CONFBRIDGE:
        conference = conference_bridges.named(world, request, reference_id, True)
        return conference.account if conference is not None else ""
    call = find(world, request, CALLS, reference_id)
    status = call.data["status"]
    if status != "progressing":
        ended = status in ("terminating", "canceling", "hangup")
        raise ApiError(HUNG_UP if ended else NOT_ANSWERED, hint=f"/reference_id: the call's status is {status}")
    return call.account


def starts(world: World, speaking_id: str) -> None:
    row = world.table(SPEAKINGS).get(speaking_id)
    if row is not None and row.data["status"] == "initiating":
        row = crud.change(world, SPEAKINGS, row, {"status": "active"}, "")
        _told(world, row, "started")


def _told(world: World, row: Row, what: str) -> None:
    if what == "started" and SPEAKING_TOLD.of(world):
        world.publish("speaking_started", SPEAKINGS, row)
    else:
        world.happened(f"speaking_{what}", SPEAKINGS, row)


def _stopped(world: World, row: Row) -> Row:
    if row.data["status"] == "stopped":
        return row
    row = crud.change(world, SPEAKINGS, row, {"status": "stopped"}, "")
    _told(world, row, "stopped")
    return row


def call_ended(world: World, call: Row) -> None:
    """Nobody is spoken to any more (documents)."""
    if SPEAKING_ENDS.of(world):
        for row in world.table(SPEAKINGS).find("reference_id", call.id):
            _stopped(world, row)


# --- actions -----------------------------------------------------------------------------------------


def _active(world: World, request: Request) -> Row:
    row = find(world, request)
    if row.data["status"] != "active":
        reason = "STATE_INVALID" if SPEAKS_ONCE.of(world) else "RESOURCE_NOT_FOUND"
        raise ApiError(reason, hint=f"its status is {row.data['status']}")
    return row


def say(world: World, request: Request) -> Reply:
    """POST /speakings/{id}/say."""
    text: str = request.values["text"]
    if not text or len(text.encode("utf-8", "surrogatepass")) > LONGEST:
        wanted = f"1 to {LONGEST} bytes"
        raise ApiError("INVALID_ARGUMENT", violations=[Violation("/text", f"expected {wanted}", wanted, text)])
    row = _active(world, request)
    for call in _listeners(world, row):
        voice.spoken(world, call, text)
    return crud.shown(world, SPEAKINGS, row)


def _listeners(world: World, row: Row) -> list[Row]:
    reference_id = row.data["reference_id"]
    if row.data["reference_type"] == CALL:
        call = voice.live(world, reference_id)
        return [call] if call is not None else []
    try:
        conference = world.store[conference_bridges.CONFERENCES].get(reference_id)
    except KeyError:
        conference = None
    bridge_id = conference.data["confbridge_id"] if conference is not None else reference_id
    return list(conference_bridges.members(world, bridge_id))


def flush(world: World, request: Request) -> Reply:
    """POST /speakings/{id}/flush: what is queued, and what is being said, is dropped."""
    return crud.shown(world, SPEAKINGS, _active(world, request))


def stop(world: World, request: Request) -> Reply:
    """POST /speakings/{id}/stop: one that is stopped stays so."""
    return crud.shown(world, SPEAKINGS, _stopped(world, find(world, request)))


def delete(world: World, request: Request) -> Reply:
    """DELETE /speakings/{id}: stopped first."""
    return crud.delete_row(world, request, _stopped(world, find(world, request)))


TIMERS: Mapping[str, TimerHandler] = {"speaking_starts": starts}
