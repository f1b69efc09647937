"""What a mock offers for numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.routing.records import Number


class HasRouting(HasRecords):
    """A part of `Mock`."""

    @property
    def numbers(self) -> Records[Number]:
        return self.records("numbers")
