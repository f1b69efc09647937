"""The service itself, area by area. This is the index: what leads where, read without loading any area.

A test holds it against what the areas declare.
"""

from __future__ import annotations

from collections.abc import Mapping

# Area -> the first words of its paths, and the names of its resources.
WORDS: Mapping[str, tuple[str, ...]] = {
    "accounts": ("accesskeys", "agents", "auth", "billing_accounts", "customer", "customers", "me", "ping", "tags"),
    "calls": ("calls", "__mock__/phones"),
    "campaigns": ("campaigncalls", "campaigns", "outdials", "outplans", "targets", "__mock__/campaigns"),
    "flows": ("flows",),
    "queues": ("queuecalls", "queues"),
    "routing": ("available_numbers", "numbers"),
}
# Type of an event -> the areas that act on it in the moment it is published.
FOLLOWS: Mapping[str, tuple[str, ...]] = {
    "call_hangup": ("campaigns",),
    "call_progressing": ("campaigns",),
    "flow_deleted": ("routing",),
}
