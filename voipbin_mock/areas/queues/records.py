"""Queues as Python objects."""

from __future__ import annotations

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


TYPES: dict[str, type[Stored]] = {
    "queues": Queue,
}
