"""What a mock offers for money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.billing.asserting import Charges
    from voipbin_mock.areas.billing.records import Billing, BillingAccount


class HasBilling(HasRecords):
    """A part of `Mock`."""

    @property
    def billing(self) -> Charges:
        """What things cost, and what is left: `billing.assert_charged(kind="sms", credit=-10_000)`."""
        from voipbin_mock.areas.billing.asserting import Charges

        return Charges(self.world)

    @property
    def billing_accounts(self) -> Records[BillingAccount]:
        return self.records("billing_accounts")

    @property
    def billings(self) -> Records[Billing]:
        """The rows of the ledger."""
        return self.records("billings")
