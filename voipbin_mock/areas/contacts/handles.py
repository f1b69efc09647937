"""What a mock offers for contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.contacts.records import Contact, ContactAddress


class HasContacts(HasRecords):
    """A part of `Mock`."""

    @property
    def contacts(self) -> Records[Contact]:
        return self.records("contacts")

    @property
    def contact_addresses(self) -> Records[ContactAddress]:
        """Addresses of contacts, and those that nobody has claimed."""
        return self.records("contact_addresses")
