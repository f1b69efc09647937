"""Transcribes and their transcripts over the API."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit, referred
from voipbin_mock.api.lists import DEFAULT_PAGE, narrowed, page_of, page_reply
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.calls import conference_bridges, transcribing
from voipbin_mock.areas.calls.controls import HUNG_UP, NOT_ANSWERED
from voipbin_mock.areas.calls.media_differences import (
    CONFERENCE_TYPE,
    MISSING_IS_TOLD,
    PAGES_TRANSCRIPTS,
    TRANSCRIBES_ANSWERED,
)
from voipbin_mock.areas.calls.media_resources import RECORDINGS, TRANSCRIBES, TRANSCRIPTS
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.wire.errors import ApiError, Reason, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply, parse_uuid
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row, in_group
from voipbin_mock.world.world import World

INVALID_FILTER = Reason(
    "INVALID_REFERENCE_FILTER", "INVALID_ARGUMENT", "reference_type and reference_id are given together, or not at all."
)
TRANSCRIBED_ALREADY = Reason(
    "TRANSCRIBE_ALREADY_PROGRESSING", "ALREADY_EXISTS", "It is being transcribed in this language already."
)
REASONS = (INVALID_FILTER, TRANSCRIBED_ALREADY)
_NOTHING = Reply(500, b"", None, note="the server panics: there is no such record")


def list_(world: World, request: Request) -> Reply:
    """GET /transcribes: all, or those of one call, bridge or recording."""
    kind, given = request.parameter("reference_type") or "", request.parameter("reference_id") or ""
    page_of(world, request)  # refused first
    if bool(kind) != bool(given):
        raise ApiError(INVALID_FILTER)
    wanted = parse_uuid(given) if given else ""
    if wanted is None:
        raise ApiError("INVALID_REQUEST_PARAMETER", "reference_id must be a UUID.")
    if not wanted:
        return narrowed(world, request, lambda row: not row.deleted)
    return narrowed(
        world, request, lambda row: row.data["reference_type"] == kind and row.data["reference_id"] == wanted
    )


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST /transcribes may be refused with."""
    found = ("CALL_NOT_FOUND", "STATE_INVALID", "INVALID_ARGUMENT", TRANSCRIBED_ALREADY.name, "RESOURCE_NOT_FOUND")
    told = ("CONFERENCE_NOT_FOUND", "RECORDING_NOT_FOUND") if MISSING_IS_TOLD.by(profile) else ("INTERNAL",)
    state = (HUNG_UP.name, NOT_ANSWERED.name) if TRANSCRIBES_ANSWERED.by(profile) else ("INTERNAL",)
    return (*found, *told, *state)


def create(world: World, request: Request) -> Reply:
    """POST /transcribes."""
    caller, values = permit(request), request.values
    kind, language = values["reference_type"], transcribing.canonical(values["language"])
    reference: tuple[str, str] | None
    if kind == transcribing.CALL:
        reference = (kind, _call(world, request).id)
    elif kind == CONFERENCE_TYPE.of(world):
        reference = _conference(world, request)
    elif kind == transcribing.RECORDING:
        reference = _recording(world, request)
    else:
        wanted = f"one of {transcribing.CALL}, {CONFERENCE_TYPE.of(world)}, {transcribing.RECORDING}"
        raise ApiError(
            "INVALID_ARGUMENT", violations=[Violation("/reference_type", f"expected {wanted}", wanted, kind)]
        )
    if reference is None:
        return _NOTHING
    known = _known(world, reference, language)
    if known is not None:
        return crud.shown(world, TRANSCRIBES, known)
    crud.lint(world, request, values)
    row = transcribing.start(
        world,
        caller.account,
        caller.customer_id,
        reference,
        language=language,
        direction=values["direction"],
        provider=values["provider"],
        on_end_flow_id=values["on_end_flow_id"],
    )
    return crud.shown(world, TRANSCRIBES, row)


def _known(world: World, reference: tuple[str, str], language: str) -> Row | None:
    """What was written down of a recording before. Raises ApiError while it goes on."""
    kind, reference_id = reference
    if kind != transcribing.RECORDING:
        other = transcribing.in_language(world, reference_id, language)
        if other is not None:
            raise ApiError(TRANSCRIBED_ALREADY, hint=f"by {other.id}")
        return None
    found = world.table(TRANSCRIBES).find("reference_id", reference_id)
    return next((row for row in found if row.data["language"] == language and not row.deleted), None)


def _call(world: World, request: Request) -> Row:
    call = find(world, request, CALLS, request.values["reference_id"])
    status = call.data["status"]
    ended = status in ("terminating", "canceling", "hangup")
    hint = f"/reference_id: the call's status is {status}"
    if TRANSCRIBES_ANSWERED.of(world) and status != "progressing":
        raise ApiError(HUNG_UP if ended else NOT_ANSWERED, hint=hint)
    if ended:
        raise ApiError("INTERNAL", hint=hint)
    return call


def _conference(world: World, request: Request) -> tuple[str, str] | None:
    """The bridge of a conference, as a transcribe shows it: by the conference's id, or by its own (server)."""
    conference = conference_bridges.named(world, request, request.values["reference_id"], MISSING_IS_TOLD.of(world))
    if conference is None:
        return None
    own_id = CONFERENCE_TYPE.of(world) == transcribing.CONFBRIDGE
    return transcribing.CONFBRIDGE, conference.id if own_id else conference.data["confbridge_id"]


def _recording(world: World, request: Request) -> tuple[str, str] | None:
    wanted = request.values["reference_id"]
    row = world.table(RECORDINGS).get(wanted)
    if (row is None or row.deleted) and not MISSING_IS_TOLD.of(world):
        return None
    row = referred(world, request, RECORDINGS, wanted, "reference_id")
    if TRANSCRIBES_ANSWERED.of(world) and row.data["status"] != "ended":
        raise ApiError("STATE_INVALID", "This recording has not ended.")
    return transcribing.RECORDING, row.id


def stop(world: World, request: Request) -> Reply:
    """POST /transcribes/{id}/stop: one that is done stays as it is."""
    return crud.shown(world, TRANSCRIBES, transcribing.finish(world, find(world, request)))


def delete(world: World, request: Request) -> Reply:
    """DELETE /transcribes/{id}: with its transcripts; one that goes on is stopped first."""
    row = find(world, request)
    if row.deleted:
        return crud.shown(world, TRANSCRIBES, row)
    row = transcribing.finish(world, row)
    table = world.table(TRANSCRIPTS)
    while rows := table.group("transcribe_id", row.id, None, DEFAULT_PAGE):
        for written in rows:
            table.remove(written.id)
            world.follow("transcript_deleted", written)
    return crud.delete_row(world, request, row)


def transcripts(world: World, request: Request) -> Reply:
    """GET /transcripts: of one transcribe, newest first."""
    if PAGES_TRANSCRIPTS.of(world):
        return paged_transcripts(world, request)
    permit(request)
    return _transcripts(world, request, DEFAULT_PAGE, None)


def paged_transcripts(world: World, request: Request) -> Reply:
    """The same in pages, whatever the profile."""
    _, size, before = page_of(world, request)
    return _transcripts(world, request, size, before)


def _transcripts(world: World, request: Request, size: int, before: int | None) -> Reply:
    given = request.parameter("transcribe_id")
    if not given:
        raise ApiError("MISSING_REQUEST_PARAMETER", "transcribe_id must be given.")
    row = find(world, request, TRANSCRIBES, parse_uuid(given) or NIL_UUID)
    where = in_group("transcribe_id", row.id)
    return page_reply(world, TRANSCRIPTS, world.table(TRANSCRIPTS).page(where, before, size), where)
