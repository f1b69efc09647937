"""What a mock offers for cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.cases.records import ContactCase, ContactCaseNote


class HasCases(HasRecords):
    """A part of `Mock`."""

    @property
    def contact_cases(self) -> Records[ContactCase]:
        """Cases. `create(peer={"type": "tel", "target": "+15550100001"}, reference_type="call")` opens one."""
        return self.records("contact_cases")

    @property
    def contact_case_notes(self) -> Records[ContactCaseNote]:
        return self.records("contact_case_notes")
