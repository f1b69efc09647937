"""The records of calls."""

from __future__ import annotations

from voipbin_mock.areas.calls.differences import SAVED_AT_ONCE
from voipbin_mock.world.resource import CONFLICT, Resource

GROUPCALLS = Resource("groupcalls", events=True)
TRANSFERS = Resource("transfers", lookups=("confbridge_id", "groupcall_id", "transferer_call_id"))
PROVIDERCALLS = Resource("providercalls", updated_on_create=SAVED_AT_ONCE)
CALLS = Resource(
    "calls",
    deleted=CONFLICT,
    events=True,
    history="tm_hangup",
    event_size=3000,
    lookups=("confbridge_id", "joins"),
    groups=("owner_id",),
)
