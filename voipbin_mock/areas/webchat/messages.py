"""Messages of web chats over the API."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import caller_of, permit
from voipbin_mock.api.lists import id_parameter, list_, list_of
from voipbin_mock.api.operations import Request, Schema
from voipbin_mock.areas.webchat.resources import MESSAGES, UNKNOWN
from voipbin_mock.areas.webchat.sending import LONGEST, said
from voipbin_mock.areas.webchat.sessions import id_form, wanted
from voipbin_mock.areas.webchat.visitors import named, named_session
from voipbin_mock.wire.errors import ApiError, Reason
from voipbin_mock.wire.values import NIL_UUID, Reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.world import World

INVALID_SESSION_ID = Reason("INVALID_SESSION_ID", "INVALID_ARGUMENT", "session_id must be the id of a session.")


def all_(world: World, request: Request) -> Reply:
    """GET /webchat_messages: all of the customer's, or a session's. A visitor names the session."""
    session_id = id_parameter(request, "session_id")
    if session_id is not None:
        return list_of(world, request, "session_id", named_session(world, request, session_id).id)
    permit(request)
    return list_(world, request)


def create(world: World, request: Request) -> Reply:
    """POST /webchat_messages: which way it goes follows from who sends it."""
    session_id = wanted(request, "session_id", INVALID_SESSION_ID)
    session, caller = named_session(world, request, session_id), caller_of(request)
    if session.data["status"] == "ended":
        raise ApiError(UNKNOWN, hint="the session has ended; begin another")
    crud.lint(world, request, request.values)
    direction = "inbound" if caller.kind == "direct" else "outbound"
    sender = caller.agent_id or caller.accesskey_id or NIL_UUID
    return crud.shown(world, MESSAGES, said(world, session, request.values["text"], direction, sender))


def get(world: World, request: Request) -> Reply:
    return crud.shown(world, MESSAGES, named(world, request))


def delete(world: World, request: Request) -> Reply:
    return crud.delete_row(world, request, named(world, request))


def body(profile: Profile, strict: bool) -> Schema:
    """For OpenAPI: what is asked of a message beside its schema."""
    properties = {"session_id": id_form(), "text": {"type": "string", "maxLength": LONGEST}}
    return {"properties": properties, "required": ["session_id"]}
