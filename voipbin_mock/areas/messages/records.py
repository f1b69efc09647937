"""Messages as Python objects."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.records import Address, Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class Message(Stored):
    customer_id: str
    type: str
    source: Address
    targets: list[dict[str, Any]]
    text: str
    direction: str


TYPES: dict[str, type[Stored]] = {"messages": Message}
