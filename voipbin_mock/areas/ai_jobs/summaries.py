"""Summaries over the API."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.ai_jobs import summarising
from voipbin_mock.areas.ai_jobs.differences import LISTENS_ON, SUMMARISES_ENDED, SUMMARISES_LATER
from voipbin_mock.areas.ai_jobs.resources import SUMMARIES
from voipbin_mock.areas.ai_jobs.summarising import CALL, CONFERENCE, KINDS
from voipbin_mock.areas.calls.transcribes import TRANSCRIBED_ALREADY
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply, uuid_or_nil
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST /aisummaries may be refused with."""
    missing = tuple(dict.fromkeys(kind.unfound(profile) for kind in KINDS.values()))
    found = ("INVALID_ARGUMENT", "RESOURCE_NOT_FOUND", *missing)
    state = () if SUMMARISES_ENDED.by(profile) else ("INTERNAL",)
    again = (TRANSCRIBED_ALREADY.name,) if LISTENS_ON.by(profile) else ()
    late = () if SUMMARISES_LATER.by(profile) else ("REQUEST_TIMEOUT",)
    return (*found, *state, *again, *late)


def create(world: World, request: Request) -> Reply:
    """POST /aisummaries: the one that there is already, or a new one."""
    values = request.values
    kind, language = values["reference_type"], values["language"]
    reference = _reference(world, request, kind, values["reference_id"])
    caller = permit(request)
    known = summarising.there_is(world, caller.account, reference.id, language)
    if known is not None:
        return crud.shown(world, SUMMARIES, known)
    if kind in (CALL, CONFERENCE):
        _check_state(world, reference, language, caller.account)
    members = {
        "customer_id": caller.customer_id,
        "activeflow_id": reference.data["activeflow_id"] if kind == CALL else NIL_UUID,
        "on_end_flow_id": uuid_or_nil(values["on_end_flow_id"]),
        "reference_type": kind,
        "reference_id": reference.id,
        "language": language,
    }
    crud.check_columns(SUMMARIES, members)
    return crud.shown(world, SUMMARIES, summarising.start(world, caller.account, members, reference))


def _reference(world: World, request: Request, kind: str, reference_id: str) -> Row:
    """What it is to be about. Raises ApiError."""
    if kind not in KINDS:
        wanted = f"one of {', '.join(KINDS)}"
        violation = Violation("/reference_type", f"expected {wanted}", wanted, kind)
        raise ApiError("INVALID_ARGUMENT", violations=[violation])
    return find(world, request, KINDS[kind], reference_id or NIL_UUID)


def _check_state(world: World, reference: Row, language: str, account: str) -> None:
    if not summarising.goes_on(reference):
        if not SUMMARISES_ENDED.of(world):
            raise ApiError("INTERNAL", hint=f"/reference_id: its status is {reference.data['status']}")
        return
    if LISTENS_ON.of(world) and any(
        row.account == account and row.data["reference_id"] == reference.id and row.data["language"] == language
        for row in world.table(SUMMARIES)
    ):
        raise ApiError(TRANSCRIBED_ALREADY, hint="a summary of it was deleted, and what that listened to goes on")


def delete(world: World, request: Request) -> Reply:
    """DELETE /aisummaries/{id}: nothing more comes of it."""
    return crud.delete_row(world, request, summarising.leaving(world, find(world, request)))
