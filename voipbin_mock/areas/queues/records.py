"""Queues as Python objects."""

from __future__ import annotations

from datetime import datetime

from voipbin_mock.api.records import Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class Queue(Stored):
    customer_id: str
    name: str
    detail: str
    routing_method: str
    tag_ids: list[str]
    direct_hash: str
    wait_flow_id: str
    wait_timeout: int  # milliseconds
    service_timeout: int  # milliseconds
    wait_queuecall_ids: list[str]
    service_queuecall_ids: list[str]
    total_incoming_count: int
    total_serviced_count: int
    total_abandoned_count: int


class Queuecall(Stored):
    customer_id: str
    reference_type: str
    reference_id: str
    status: str
    service_agent_id: str
    duration_waiting: int  # milliseconds
    duration_service: int  # milliseconds
    tm_service: datetime | None


TYPES: dict[str, type[Stored]] = {
    "queues": Queue,
    "queuecalls": Queuecall,
}
