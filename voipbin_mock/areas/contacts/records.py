"""Contacts and their addresses as Python objects."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.records import Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class Contact(Stored):
    customer_id: str
    first_name: str
    last_name: str
    display_name: str
    company: str
    job_title: str
    source: str
    external_id: str
    notes: str
    addresses: list[dict[str, Any]]
    tag_ids: list[str]


class ContactAddress(Stored):
    customer_id: str
    contact_id: str
    type: str
    target: str
    target_name: str
    name: str
    detail: str
    is_primary: bool


TYPES: dict[str, type[Stored]] = {
    "contacts": Contact,
    "contact_addresses": ContactAddress,
}
