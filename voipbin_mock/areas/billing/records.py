"""Records of billing as Python objects."""

from __future__ import annotations

from datetime import datetime

from voipbin_mock.api.records import Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class BillingAccount(Stored):
    customer_id: str
    status: str  # active, frozen or deleted; the server leaves it empty until it first changes
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


class Billing(Stored):
    customer_id: str
    account_id: str
    transaction_type: str
    status: str
    reference_type: str
    reference_id: str
    cost_type: str
    usage_duration: int  # seconds
    billable_units: int
    rate_token_per_unit: int
    rate_credit_per_unit: int  # millionths of a US dollar, as all of credit
    amount_token: int
    amount_credit: int
    balance_token_snapshot: int
    balance_credit_snapshot: int
    idempotency_key: str
    tm_billing_start: datetime | None
    tm_billing_end: datetime | None


TYPES: dict[str, type[Stored]] = {"billing_accounts": BillingAccount, "billings": Billing}
