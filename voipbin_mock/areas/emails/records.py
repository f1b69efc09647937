"""E-mails as Python objects."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.records import Address, Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class Email(Stored):
    customer_id: str
    source: Address
    destinations: list[Address]
    status: str
    subject: str
    content: str
    attachments: list[dict[str, Any]]


TYPES: dict[str, type[Stored]] = {"emails": Email}
