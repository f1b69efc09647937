"""Who may: agents and access keys as everywhere, and visitors, whose token is for one widget."""

from __future__ import annotations

from voipbin_mock.api.access import admit, caller_of, find, referred
from voipbin_mock.api.operations import Access, Request
from voipbin_mock.areas.webchat.differences import DELETED_IS_GONE
from voipbin_mock.areas.webchat.resources import SESSIONS, UNKNOWN, WIDGETS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID, Caller
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

VISITORS_TOO = Access(credentials=("agent", "accesskey", "direct"))
KIND = "webchat_widget"  # what a visitor's token is for


def named(world: World, request: Request) -> Row:
    """The record that a path names. Raises ApiError."""
    _check_named(request)
    return named_session(world, request, request.id) if request.resource is SESSIONS else find(world, request)


def _check_named(request: Request) -> None:
    if request.id == NIL_UUID:
        raise ApiError("INVALID_ID", hint="the id in the path is all zeros")


def named_session(world: World, request: Request, session_id: str) -> Row:
    """A session, if the caller may have to do with it. Raises ApiError."""
    caller = caller_of(request)
    row = world.table(SESSIONS).get(session_id)
    if row is None or (row.deleted and DELETED_IS_GONE.of(world)):
        raise ApiError(UNKNOWN, hint=f"there is no session {session_id}" + (": it was deleted" if row else ""))
    if caller.kind == "direct":
        _admit_visitor(world, caller, row.data["widget_id"])
    else:
        admit(world, request, caller, SESSIONS, row)
    return row


def named_widget(world: World, request: Request, widget_id: str) -> Row:
    """A widget that a member of the body or the query names. Raises ApiError."""
    caller = caller_of(request)
    if caller.kind == "direct":
        return _admit_visitor(world, caller, widget_id)
    return referred(world, request, WIDGETS, widget_id, "widget_id")


def _admit_visitor(world: World, caller: Caller, widget_id: str) -> Row:
    """The widget that a visitor's token is for. Raises ApiError: 403 for another one, 404 if it was deleted."""
    scope = (caller.claims or {}).get("direct", {})
    if (scope.get("resource_type"), scope.get("resource_id")) != (KIND, widget_id):
        raise ApiError(
            "PERMISSION_DENIED", hint=f"the token is for {scope.get('resource_type')} {scope.get('resource_id')}"
        )
    row = world.table(WIDGETS).get(widget_id)
    if row is None or row.deleted:
        raise ApiError(UNKNOWN, hint="the widget was deleted" if row else "there is no such widget")
    return row
