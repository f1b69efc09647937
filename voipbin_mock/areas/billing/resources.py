"""The rows of the ledger; billing accounts, which others ask for too, stand with the accounts."""

from __future__ import annotations

from voipbin_mock.areas.accounts.resources import BILLING_ACCOUNTS
from voipbin_mock.world.differences import NEVER_IS_NULL, STAMPS_RFC3339
from voipbin_mock.world.resource import Resource

__all__ = ["BILLINGS", "BILLING_ACCOUNTS"]

# One row for each thing that is used.
BILLINGS = Resource(
    "billings",
    lookups=(("reference_type", "reference_id"), "about"),
    rfc3339=STAMPS_RFC3339,
    never_is_null=NEVER_IS_NULL,
)
