"""The records of routing: numbers, and those on offer."""

from __future__ import annotations

from voipbin_mock.world.resource import GONE, Resource

NUMBERS = Resource("numbers", deleted=GONE, lookups=("number",), on_delete={"status": "deleted"}, events=True)
AVAILABLE_NUMBERS = Resource("available_numbers", stored=False)
