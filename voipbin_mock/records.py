"""Records as Python objects, by their public names."""

from __future__ import annotations

from voipbin_mock.api.records import (
    Accesskey,
    Address,
    Agent,
    Call,
    Campaign,
    Campaigncall,
    Customer,
    Flow,
    Number,
    Outdial,
    Outplan,
    Queue,
    Record,
    Records,
    Stored,
    Tag,
    Target,
    compare,
)

__all__ = [
    "Accesskey", "Address", "Agent", "Call", "Campaign", "Campaigncall", "Customer", "Flow", "Number", "Outdial",
    "Outplan", "Queue", "Record", "Records", "Stored", "Tag", "Target", "compare",
]  # fmt: skip
