"""What becomes of a conference's sound: it is recorded, and written down."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import find
from voipbin_mock.api.answers import NOTHING
from voipbin_mock.api.operations import Example, Operation, Query, Request, action
from voipbin_mock.api.upgrading import upgraded
from voipbin_mock.areas.calls import recordings, transcribing
from voipbin_mock.areas.calls.controls import done
from voipbin_mock.areas.calls.media_differences import CONFERENCE_TYPE, FORGETS_ENDED
from voipbin_mock.areas.calls.media_resources import RECORDINGS, TRANSCRIBES
from voipbin_mock.areas.calls.media_stream import ENCAPSULATIONS
from voipbin_mock.areas.calls.transcribes import TRANSCRIBED_ALREADY
from voipbin_mock.areas.conferences.differences import (
    ANSWERS_NOTHING,
    RECORDS_EMPTY,
    STARTS_IN_VAIN,
    STOPS_NOTHING,
    TELLS_OF_SOUND,
)
from voipbin_mock.areas.conferences.resources import CONFERENCES
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID, Reply, Stream, encode, text_reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def reference(world: World, row: Row) -> tuple[str, str]:
    """A conference as recordings and transcribes name it: by its own id, or (server) by its bridge's."""
    own = CONFERENCE_TYPE.of(world) == transcribing.CONFBRIDGE
    return transcribing.CONFBRIDGE, row.id if own else row.data["confbridge_id"]


def recording_start(world: World, request: Request) -> Reply:
    """POST /conferences/{id}/recording_start."""
    row = find(world, request)
    if row.data["recording_id"] != NIL_UUID:
        return _in_vain(world, f"it is being recorded already, by {row.data['recording_id']}")
    if row.data["status"] != "progressing":
        return _in_vain(world, f"the conference is {row.data['status']}")
    if not row.data["opened"] and not RECORDS_EMPTY.of(world):
        raise ApiError("INVALID_ARGUMENT", hint="nobody has ever been in this conference")
    if not recordings.can_pay(world, row.account):
        raise ApiError("INVALID_ARGUMENT", hint="the customer's balance is used up")
    values = request.values
    recording = recordings.start(
        world,
        row.account,
        row.data["customer_id"],
        reference(world, row),
        ends=recordings.Ends(duration=min(values["duration"], recordings.LONGEST)),
        on_end_flow_id=values["on_end_flow_id"],
        format=values["format"],
    )
    return _changed(world, row, "recording_id", recording.id)


def recording_stop(world: World, request: Request) -> Reply:
    """POST /conferences/{id}/recording_stop."""
    row = find(world, request)
    recording = world.table(RECORDINGS).get(row.data["recording_id"])
    if recording is None:
        return _nothing_to_stop(world, row, "is not being recorded")
    _insist(world, row)
    if recording.data["status"] == "ended":  # one that ended by itself never ends again (server)
        world.table(RECORDINGS).replace({**recording.data, "status": "stopping", **world.touch(RECORDINGS)})
    else:
        recordings.finish(world, recording.id)
    return _changed(world, row, "recording_id", NIL_UUID)


def transcribe_start(world: World, request: Request) -> Reply:
    """POST /conferences/{id}/transcribe_start: another language goes on beside the one before."""
    row = find(world, request)
    if row.data["status"] != "progressing":
        return _in_vain(world, f"the conference is {row.data['status']}")
    language, named = request.values["language"], reference(world, row)
    other = transcribing.in_language(world, named[1], transcribing.canonical(language))
    if other is not None:
        raise ApiError(TRANSCRIBED_ALREADY, hint=f"by {other.id}")
    customer_id = row.data["customer_id"]
    made = transcribing.start(world, row.account, customer_id, named, language=language, direction="in")
    return _changed(world, row, "transcribe_id", made.id)


def transcribe_stop(world: World, request: Request) -> Reply:
    """POST /conferences/{id}/transcribe_stop."""
    row = find(world, request)
    transcribe = world.table(TRANSCRIBES).get(row.data["transcribe_id"])
    if transcribe is None:
        return _nothing_to_stop(world, row, "is not being written down")
    _insist(world, row)
    transcribing.finish(world, transcribe)
    return _changed(world, row, "transcribe_id", NIL_UUID)


def media_stream(world: World, request: Request) -> Reply:
    """GET /conferences/{id}/media_stream: what is heard in a conference, on a websocket; it closes when that ends."""
    encapsulation = request.parameter("encapsulation")
    if encapsulation is None:
        raise ApiError("MISSING_REQUEST_PARAMETER", "encapsulation is missing.")
    row = find(world, request)
    return upgraded(request, Stream(row.id, ("conference_deleted",), encapsulation, lambda: _goes_on(world, row.id)))


def _goes_on(world: World, conference_id: str) -> bool:
    row = world.table(CONFERENCES).get(conference_id)
    return row is not None and row.data["status"] in ("starting", "progressing")


def _in_vain(world: World, why: str) -> Reply:
    """What cannot begin: refused, or answered with a conference of zeros (a defect of the server)."""
    if not STARTS_IN_VAIN.of(world):
        raise ApiError("INVALID_ARGUMENT", hint=why)
    zeros = {member.name: member.zero() for member in CONFERENCES.record.members}
    reply = text_reply(encode(world.view(CONFERENCES, zeros)))
    reply.note = f"nothing was started: {why}"
    return reply


def _nothing_to_stop(world: World, row: Row, why: str) -> Reply:
    if not STOPS_NOTHING.of(world):
        raise ApiError("INVALID_ARGUMENT", hint=f"the conference {why}")
    return _answered(world, row)


def _insist(world: World, row: Row) -> None:
    """The server stops nothing of a conference that ends."""
    if row.data["status"] != "progressing" and not STOPS_NOTHING.of(world):
        raise ApiError("INVALID_ARGUMENT", hint=f"the conference is {row.data['status']}")


def _changed(world: World, row: Row, member: str, value: str) -> Reply:
    row = world.table(CONFERENCES).get(row.id) or row
    values: dict[str, Any] = {member: value}
    if value != NIL_UUID:
        values[f"{member}s"] = [*row.data[f"{member}s"], value]
    told = "updated" if TELLS_OF_SOUND.of(world) else ""
    return _answered(world, crud.change(world, CONFERENCES, row, values, told))


def _answered(world: World, row: Row) -> Reply:
    return done() if ANSWERS_NOTHING.of(world) else crud.shown(world, CONFERENCES, row)


# --- what ends by itself -------------------------------------------------------------------------------


def recording_finished(world: World, recording: Row) -> None:
    """A conference whose recording is over has none any more (documents)."""
    if recording.data["reference_type"] != recordings.CONFBRIDGE or not FORGETS_ENDED.of(world):
        return
    for row in _named_by(world, recording.data["reference_id"]):
        if row.data["recording_id"] == recording.id:
            world.table(CONFERENCES).replace({**row.data, "recording_id": NIL_UUID})


def _named_by(world: World, reference_id: str) -> list[Row]:
    table = world.table(CONFERENCES)
    own = table.get(reference_id)
    return [own] if own is not None else table.find("confbridge_id", reference_id)


def ends(world: World, row: Row) -> Row:
    """A conference is over, and with it what goes on of its sound. The conference as it then is."""
    recordings.finish(world, row.data["recording_id"], "the conference is over")
    transcribing.reference_ended(world, reference(world, row)[1])
    if row.data["awaited"]:
        world.follow("awaited_conference_ended", row)
    return world.table(CONFERENCES).get(row.id) or row


# --- the declaration -----------------------------------------------------------------------------------


def _start_refusals(profile: Profile) -> tuple[str, ...]:
    return ("INVALID_ARGUMENT",)


def _stop_refusals(profile: Profile) -> tuple[str, ...]:
    return () if STOPS_NOTHING.by(profile) else ("INVALID_ARGUMENT",)


def _transcribe_refusals(profile: Profile) -> tuple[str, ...]:
    in_vain = () if STARTS_IN_VAIN.by(profile) else ("INVALID_ARGUMENT",)
    return (TRANSCRIBED_ALREADY.name, *in_vain)


def _action(word: str, handler: Any, part: str | None = None, **members: Any) -> Operation:
    path = f"POST /conferences/{{id}}/{word}"
    return action(path, word, handler, part, bare=ANSWERS_NOTHING, **members)


_VISITED = Example(needs=lambda profile: "" if RECORDS_EMPTY.by(profile) else "a conference that somebody has been in")

OPERATIONS = (
    action(
        "GET /conferences/{id}/media_stream", "media_stream", media_stream, websocket=True, answers=NOTHING,
        summary="Open a websocket with what is heard in a conference",
        note="Binary frames of 20 ms, 8 kHz, 16 bits, mono; they hold silence.",
        query={
            "encapsulation": Query(
                {"type": "string", "examples": list(ENCAPSULATIONS)},
                "Needed: how the sound is packed: rtp, sln or audiosocket; for any other there is none.",
            )
        },
        refuses=("MISSING_REQUEST_PARAMETER",),
    ),
    _action(
        "recording_start", recording_start, "recording_start", summary="Record a conference",
        refuses=_start_refusals, zeros=STARTS_IN_VAIN, example=_VISITED,
    ),
    _action(
        "recording_stop", recording_stop, summary="End the recording of a conference", refuses=_stop_refusals,
        example=_VISITED._replace(first="conferences.recording_start"),
    ),
    _action(
        "transcribe_start", transcribe_start, "transcribe_start", summary="Write down what is said in a conference",
        refuses=_transcribe_refusals, zeros=STARTS_IN_VAIN,
    ),
    _action(
        "transcribe_stop", transcribe_stop, summary="End writing down what is said in a conference",
        refuses=_stop_refusals, example=Example(first="conferences.transcribe_start"),
    ),
)  # fmt: skip
