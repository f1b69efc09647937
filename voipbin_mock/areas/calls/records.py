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


class Groupcall(Stored):
    customer_id: str
    owner_type: str
    owner_id: str
    status: str
    flow_id: str
    source: Address
    destinations: list[Address]
    master_call_id: str
    master_groupcall_id: str
    ring_method: str
    answer_method: str
    answer_call_id: str
    call_ids: list[str]
    answer_groupcall_id: str
    groupcall_ids: list[str]
    call_count: int
    groupcall_count: int
    dial_index: int


class Providercall(Stored):
    customer_id: str
    provider_id: str
    flow_id: str
    source: Address
    destinations: list[Address]
    anonymous: str
    call_ids: list[str]
    groupcall_ids: list[str]


class Transfer(Stored):
    customer_id: str
    type: str
    transferer_call_id: str
    transferee_addresses: list[Address]
    transferee_call_id: str
    groupcall_id: str
    confbridge_id: str


TYPES: dict[str, type[Stored]] = {
    "calls": Call,
    "groupcalls": Groupcall,
    "providercalls": Providercall,
    "transfers": Transfer,
    **media_records.TYPES,
}
