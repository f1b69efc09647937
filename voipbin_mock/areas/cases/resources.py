"""The records of cases and the notes on them; and what an event with somebody on the other side is like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.world.differences import NEVER_IS_NULL, STAMPS_RFC3339
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.resource import Resource

OPEN, CLOSED = "open", "closed"
CALL, TEXT = "call", "conversation_message"  # where cases come up


def key_of(peer: Mapping[str, str], reference_type: str) -> str:
    """What a customer has one open case of: who is on the other side, and where it came up."""
    return "\n".join([peer.get("type", ""), peer.get("target", ""), reference_type])


def _keyed(given: Mapping[str, Any], ids: Ids | None) -> Mapping[str, Any]:
    if "peer" not in given:
        return {}
    return {"key": key_of(given["peer"] or {}, given.get("reference_type", CALL))}


CASES = Resource(
    "contact_cases",
    unknown="RESOURCE_NOT_FOUND",
    lookups=("key",),
    rfc3339=STAMPS_RFC3339,
    never_is_null=NEVER_IS_NULL,
    updated_on_create=True,
    completes=_keyed,
)
NOTES = Resource(
    "contact_case_notes",
    unknown="RESOURCE_NOT_FOUND",
    groups=("case_id",),
    rfc3339=STAMPS_RFC3339,
    never_is_null=NEVER_IS_NULL,
)
PEER_EVENTS = Resource("contact_peer_events", rfc3339=STAMPS_RFC3339, never_is_null=NEVER_IS_NULL, stored=False)
