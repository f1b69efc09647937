"""Visitors of web chats over the control API."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.control import object_of
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.auth import issue_direct_token
from voipbin_mock.areas.webchat.resources import MESSAGES, SESSIONS, WIDGETS
from voipbin_mock.areas.webchat.sending import said
from voipbin_mock.areas.webchat.sessions import begun, check_url, ended
from voipbin_mock.areas.webchat.visitors import KIND
from voipbin_mock.wire.errors import ApiError, shorten
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

MOST = 100  # visits that are told of at once


def visits(world: World, request: Request) -> Reply:
    """The newest visits, and what was written there."""
    rows = sorted(world.table(SESSIONS), key=lambda row: row.created, reverse=True)
    return json_reply({"visits": [_told(world, row) for row in rows[:MOST]]})


def visit(world: World, request: Request) -> Reply:
    """{"widget": "<its id or direct hash>", "page_url": "https://example.com", "referrer": ""}: somebody comes."""
    body = object_of(request)
    unknown = sorted(body.keys() - {"widget", "page_url", "referrer"})
    if unknown or not all(isinstance(value, str) for value in body.values()) or not body.get("widget"):
        raise ApiError("INVALID_ARGUMENT", 'Send {"widget": "direct.a1b2c3d4e5f6"}, and a "page_url" if you like.')
    widget, came = _widget(world, body["widget"]), {n: body.get(n, "") for n in ("page_url", "referrer")}
    for member, url in came.items():
        check_url(member, url)
    row = begun(world, widget, **came)
    token = issue_direct_token(world, widget.data["customer_id"], KIND, widget.id)
    return json_reply({**_told(world, row), "token": token, "theme": widget.data["theme_config"]})


def _widget(world: World, wanted: str) -> Row:
    table = world.table(WIDGETS)
    row = next(iter(table.find("direct_hash", wanted)), None) or table.get(wanted)
    if row is None or row.deleted:
        raise ApiError("INVALID_ARGUMENT", f"widget: {shorten(wanted)!r} is no widget's id, and no direct hash of one.")
    return row


def shown(world: World, request: Request) -> Reply:
    """A visit: what was said and heard."""
    return json_reply(_told(world, _session(world, request)))


def act(world: World, request: Request) -> Reply:
    """What the visitor does now: {"say": "hello"}, or {"leave": true}."""
    row, body = _session(world, request), object_of(request)
    if row.data["status"] == "ended":
        raise ApiError("STATE_INVALID", "The visit is over.")
    if body.keys() == {"say"} and isinstance(body["say"], str):
        said(world, row, body["say"], "inbound")
    elif body == {"leave": True}:
        ended(world, row)
    else:
        raise ApiError("INVALID_ARGUMENT", 'Send {"say": "hello"}, or {"leave": true}.')
    return json_reply(_told(world, world.table(SESSIONS).get(row.id) or row))


def _session(world: World, request: Request) -> Row:
    row = world.table(SESSIONS).get(request.id)
    if row is None:
        raise ApiError("RESOURCE_NOT_FOUND", f"There is no visit {request.id}.")
    return row


def _told(world: World, row: Row) -> dict[str, Any]:
    rows = world.table(MESSAGES).group("session_id", row.id, None, len(world.table(MESSAGES)))[::-1]
    texts = {way: [m.data["text"] for m in rows if m.data["direction"] == way] for way in ("inbound", "outbound")}
    return {
        "session_id": row.id,
        "widget_id": row.data["widget_id"],
        "status": row.data["status"],
        "said": texts["inbound"],
        "heard": texts["outbound"],
    }


CONTROLS = {
    "GET /__mock__/visits": visits,
    "POST /__mock__/visits": visit,
    "GET /__mock__/visits/{id}": shown,
    "POST /__mock__/visits/{id}": act,
}
