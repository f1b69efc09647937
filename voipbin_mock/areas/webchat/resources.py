"""The records of web chats: widgets, the sessions of their visitors, and what is said there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voipbin_mock.schema.members import empty_address
from voipbin_mock.wire.values import NIL_UUID, id_of
from voipbin_mock.world.differences import UPDATED_ON_CREATE
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.resource import GONE, DirectHash, Resource

if TYPE_CHECKING:
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.world import World

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
    missing = {"id": session_id, **ends_of(session_id, id_of(given.get("widget_id", NIL_UUID)))}
    return {name: value for name, value in missing.items() if name not in given}


def hashed(given: Mapping[str, Any], ids: Ids | None) -> Mapping[str, Any]:
    """What a widget has that a seed or a test does not give."""
    return {} if ids is None or given.get("direct_hash") else {"direct_hash": f"direct.{ids.uuid()[-12:]}"}


def topics(world: World, type: str, row: Row) -> tuple[str, ...]:
    """What is told of a session and of what is said in it, the visitor hears of, too."""
    customer = f"customer_id:{row.account}"
    session_id = row.data.get("session_id", row.id)
    return (f"{customer}:webchat_session:{session_id}", f"{customer}:webchat:{type}:{row.id}")


WIDGETS = Resource(
    "webchat_widgets",
    deleted=GONE,
    unknown=UNKNOWN,
    lookups=("direct_hash",),
    direct_hash=DirectHash(path="direct_hash_regenerate"),
    completes=hashed,
    updated_on_create=UPDATED_ON_CREATE,
)
SESSIONS = Resource(
    "webchat_sessions",
    unknown=UNKNOWN,
    groups=("widget_id",),
    events=("ended",),
    topics=topics,
    completes=completed,
    updated_on_create=UPDATED_ON_CREATE,
)
MESSAGES = Resource(
    "webchat_messages",
    deleted=GONE,
    unknown=UNKNOWN,
    groups=("session_id",),
    events=("created",),
    topics=topics,
)
