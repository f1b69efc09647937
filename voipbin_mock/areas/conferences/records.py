"""Conferences and who is in them as Python objects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from voipbin_mock.api.records import Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class Conference(Stored):
    customer_id: str
    type: str
    status: str
    name: str
    detail: str
    data: dict[str, Any] | None
    timeout: int  # seconds
    pre_flow_id: str
    post_flow_id: str
    conferencecall_ids: list[str]
    recording_id: str
    recording_ids: list[str]
    transcribe_id: str
    transcribe_ids: list[str]
    direct_hash: str
    tm_end: datetime | None


class Conferencecall(Stored):
    customer_id: str
    activeflow_id: str
    conference_id: str
    reference_type: str
    reference_id: str
    status: str


TYPES: dict[str, type[Stored]] = {
    "conferences": Conference,
    "conferencecalls": Conferencecall,
}
