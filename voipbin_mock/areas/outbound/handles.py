"""What a mock offers for outbound configs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.outbound.records import OutboundConfig


class HasOutbound(HasRecords):
    """A part of `Mock`."""

    @property
    def outbound_configs(self) -> Records[OutboundConfig]:
        """Which countries each customer may call."""
        return self.records("outbound_configs")
