"""What a mock offers for conferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.conferences.records import Conference, Conferencecall


class HasConferences(HasRecords):
    """A part of `Mock`."""

    @property
    def conferences(self) -> Records[Conference]:
        return self.records("conferences")

    @property
    def conferencecalls(self) -> Records[Conferencecall]:
        """Callers in conferences, and those who were."""
        return self.records("conferencecalls")
