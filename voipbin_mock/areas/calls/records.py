"""Calls as Python objects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from voipbin_mock.api.records import Address, Stored
from voipbin_mock.areas.calls import media_records

# For editors and type checkers; a test holds the annotations against the schemas.


class Call(Stored):
    customer_id: str
    owner_type: str
    owner_id: str
    flow_id: str
    activeflow_id: str
    type: str
    master_call_id: str
    chained_call_ids: list[str]
    recording_id: str
    recording_ids: list[str]
    groupcall_id: str
    source: Address
    destination: Address
    status: str
    action: dict[str, Any] | None
    direction: str
    mute_direction: str
    hangup_by: str
    hangup_reason: str
    metadata: dict[str, Any] | None
    tm_progressing: datetime | None
    tm_ringing: datetime | None
    tm_hangup: datetime | None


TYPES: dict[str, type[Stored]] = {
    "calls": Call,
    **media_records.TYPES,
}
