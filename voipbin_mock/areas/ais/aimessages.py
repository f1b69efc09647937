"""AI messages over the API."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.lists import list_of, page_size
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.ais import ending, talking, writing
from voipbin_mock.areas.ais.callers import named, named_aicall
from voipbin_mock.areas.ais.differences import ANSWERS_AFTER_END, DELETES_MESSAGES, ROLE_COUNTS, TOO_SOON
from voipbin_mock.areas.ais.resources import AICALLS, MESSAGES
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply, parse_uuid
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def all_(world: World, request: Request) -> Reply:
    """GET /aimessages?aicall_id=: those of one AI call."""
    page_size(request)
    given = request.parameter("aicall_id")
    if given is None:
        raise ApiError("MISSING_REQUEST_PARAMETER", "aicall_id must be given.")
    found = parse_uuid(given)
    if found is None or found == NIL_UUID:
        raise ApiError("INVALID_ID", hint="aicall_id is no UUID, or all zeros")
    return list_of(world, request, "aicall_id", named_aicall(world, request, found).id)


COOLDOWN = 3_000_000  # microseconds


def create(world: World, request: Request) -> Reply:
    """POST /aimessages: answered with the message; what the model says comes later."""
    wanted = request.values["aicall_id"]
    if wanted == NIL_UUID:
        problem = "no AI call is named: expected the id of one"
        raise ApiError("INVALID_ARGUMENT", violations=[Violation("/aicall_id", problem, "an id", wanted)])
    return crud.shown(world, MESSAGES, said(world, request, named_aicall(world, request, wanted)))


def said(world: World, request: Request, aicall: Row) -> Row:
    """A message to a model. Raises ApiError."""
    content = request.values["content"]
    crud.lint(world, request, request.values)
    if aicall.data["status"] == ending.TERMINATED and not ANSWERS_AFTER_END.of(world):
        raise ApiError("STATE_INVALID", "The AI call is over.")
    since = world.clock.microseconds() - aicall.data["touched"]
    if since < COOLDOWN:
        raise ApiError(TOO_SOON.of(world), hint=f"the AI call changed {since / 1e6:.3f} s ago; wait for 3 s")
    if aicall.data["status"] == ending.TERMINATED and talking.talks(aicall):
        writing.write(world, aicall, writing.USER, content)
        raise ApiError("INTERNAL", hint="the AI call is over; the message is kept", stands=True)
    role = request.values["role"] if ROLE_COUNTS.of(world) else ""
    return talking.said(world, aicall, content, role=role or writing.USER)


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST /aimessages may be refused with."""
    ended = ("INTERNAL",) if ANSWERS_AFTER_END.by(profile) else ("STATE_INVALID",)
    return ("INVALID_ARGUMENT", AICALLS.missing, TOO_SOON.by(profile), *ended)


def get(world: World, request: Request) -> Reply:
    return crud.shown(world, MESSAGES, named(world, request, MESSAGES, request.id))


def delete(world: World, request: Request) -> Reply:
    """DELETE /aimessages/{id}: the server has no such thing, whatever its gateway offers."""
    row = named(world, request, MESSAGES, request.id)
    if not DELETES_MESSAGES.of(world):
        raise ApiError("RESOURCE_NOT_FOUND", hint="the server cannot delete AI messages")
    return crud.delete_row(world, request, row)


def delete_refusals(profile: Profile) -> tuple[str, ...]:
    return () if DELETES_MESSAGES.by(profile) else ("RESOURCE_NOT_FOUND",)
