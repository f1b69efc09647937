"""Cases and notes as Python objects."""

from __future__ import annotations

from datetime import datetime

from voipbin_mock.api.records import Address, Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class ContactCase(Stored):
    customer_id: str
    peer: Address
    local: Address
    reference_type: str
    reference_id: str
    contact_id: str | None
    owner_type: str
    owner_id: str
    status: str
    opened_at: datetime
    closed_at: datetime | None
    closed_reason: str
    closed_by_type: str
    closed_by_id: str | None
    name: str
    detail: str
    previous_case_id: str | None
    tag_ids: list[str]


class ContactCaseNote(Stored):
    customer_id: str
    case_id: str
    author_type: str
    author_id: str | None
    text: str


TYPES: dict[str, type[Stored]] = {
    "contact_cases": ContactCase,
    "contact_case_notes": ContactCaseNote,
}
