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


class BillingAccount(Stored):
    customer_id: str
    name: str
    detail: str
    plan_type: str
    plan_status: str
    balance_credit: int  # millionths of a US dollar
    balance_token: int
    payment_type: str
    payment_method: str
    paddle_subscription_id: str
    paddle_customer_id: str
    tm_last_topup: datetime | None
    tm_next_topup: datetime | None


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


class Tag(Stored):
    customer_id: str
    name: str
    detail: str


TYPES: dict[str, type[Stored]] = {
    "accesskeys": Accesskey,
    "agents": Agent,
    "billing_accounts": BillingAccount,
    "customers": Customer,
    "tags": Tag,
}
