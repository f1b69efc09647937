"""Records of accounts as Python objects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from voipbin_mock.api.records import Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class Accesskey(Stored):
    customer_id: str
    name: str
    detail: str
    token: str  # always empty: only a hash is kept
    token_prefix: str
    tm_expire: datetime | None


class Agent(Stored):
    customer_id: str
    username: str
    name: str
    detail: str
    ring_method: str
    status: str
    permission: int
    tag_ids: list[str]
    addresses: list[dict[str, str]]
    direct_hash: str


class Customer(Stored):
    name: str
    detail: str
    email: str
    phone_number: str
    address: str
    webhook_method: str
    webhook_uri: str
    billing_account_id: str
    metadata: dict[str, Any]
    email_verified: bool
    status: str
    identity_verification_status: str
    tm_deletion_scheduled: datetime | None
    webhook_secret: str
    terms_agreed_version: str
    terms_agreed_ip: str


class Tag(Stored):
    customer_id: str
    name: str
    detail: str


TYPES: dict[str, type[Stored]] = {
    "accesskeys": Accesskey,
    "agents": Agent,
    "customers": Customer,
    "tags": Tag,
}
