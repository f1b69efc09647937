"""What a mock offers for the customers' own affairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.customers.records import AccountMail


class HasCustomers(HasRecords):
    """A part of `Mock`."""

    @property
    def account_mails(self) -> Records[AccountMail]:
        """Mails of the service itself, each with the `token` and the `link` in it: `kind` verify, reset or welcome."""
        return self.records("account_mails")
