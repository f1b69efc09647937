"""What a mock offers for calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.calls.records import Call


class HasCalls(HasRecords):
    """A part of `Mock`."""

    @property
    def calls(self) -> Records[Call]:
        return self.records("calls")
