"""What a mock offers for flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.flows.records import Activeflow, Flow


class HasFlows(HasRecords):
    """A part of `Mock`."""

    @property
    def flows(self) -> Records[Flow]:
        return self.records("flows")

    @property
    def activeflows(self) -> Records[Activeflow]:
        return self.records("activeflows")
