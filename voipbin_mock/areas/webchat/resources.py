"""The records of web chats: widgets, the sessions of their visitors, and what is said there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.schema.members import empty_address
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.differences import UPDATED_ON_CREATE
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.resource import GONE, DirectHash, Resource

UNKNOWN = "RESOURCE_NOT_FOUND"


def ends_of(session_id: str, widget_id: str) -> dict[str, Any]:
    """Who speaks in a session, and where."""
    return {
        "widget_id": widget_id,
        "peer": {**empty_address(), "type": "web_session", "target": session_id},
        "local": {**empty_address(), "type": "webchat", "target": widget_id},
    }


def completed(given: Mapping[str, Any], ids: Ids | None) -> Mapping[str, Any]:
    """What a session has that a seed or a test does not give."""
    if ids is None:
        return {}
    session_id = given.get("id") or ids.uuid()
    missing = {"id": session_id, **ends_of(session_id, given.get("widget_id", NIL_UUID))}
    return {name: value for name, value in missing.items() if name not in given}


WIDGETS = Resource(
    "webchat_widgets",
    deleted=GONE,
    unknown=UNKNOWN,
    lookups=("direct_hash",),
    direct_hash=DirectHash(path="direct_hash_regenerate"),
    updated_on_create=UPDATED_ON_CREATE,
)
SESSIONS = Resource(
    "webchat_sessions",
    unknown=UNKNOWN,
    groups=("widget_id",),
    events=("ended",),
    completes=completed,
    updated_on_create=UPDATED_ON_CREATE,
)
MESSAGES = Resource("webchat_messages", deleted=GONE, unknown=UNKNOWN, groups=("session_id",), events=("created",))
