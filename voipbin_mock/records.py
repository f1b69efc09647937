"""Records as Python objects, by their public names."""

from __future__ import annotations

from voipbin_mock.api.records import Address, Record, Records, Stored, compare
from voipbin_mock.areas.accounts.records import Accesskey, Agent, BillingAccount, Customer, Tag
from voipbin_mock.areas.calls.records import Call
from voipbin_mock.areas.campaigns.records import Campaign, Campaigncall, Outdial, Outplan, Target
from voipbin_mock.areas.conferences.records import Conference, Conferencecall
from voipbin_mock.areas.flows.records import Flow
from voipbin_mock.areas.queues.records import Queue, Queuecall
from voipbin_mock.areas.routing.records import Number

__all__ = [
    "Accesskey", "Address", "Agent", "BillingAccount", "Call", "Campaign", "Campaigncall", "Conference",
    "Conferencecall", "Customer", "Flow", "Number", "Outdial", "Outplan", "Queue", "Queuecall", "Record", "Records",
    "Stored", "Tag", "Target", "compare",
]  # fmt: skip
