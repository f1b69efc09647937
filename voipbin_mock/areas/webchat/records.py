"""Widgets, sessions and their messages as Python objects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from voipbin_mock.api.records import Address, Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class WebchatWidget(Stored):
    customer_id: str
    name: str
    status: str
    session_flow_id: str
    message_flow_id: str
    session_idle_timeout: int  # seconds
    theme_config: dict[str, Any] | None
    direct_hash: str


class WebchatSession(Stored):
    customer_id: str
    widget_id: str
    status: str
    page_url: str
    referrer: str
    peer: Address
    local: Address
    tm_last_activity: datetime | None
    tm_end: datetime | None


class WebchatMessage(Stored):
    customer_id: str
    widget_id: str
    session_id: str
    direction: str
    status: str
    sender_id: str
    text: str


TYPES: dict[str, type[Stored]] = {
    "webchat_widgets": WebchatWidget,
    "webchat_sessions": WebchatSession,
    "webchat_messages": WebchatMessage,
}
