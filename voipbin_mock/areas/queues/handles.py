"""What a mock offers for queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.queues.records import Queue


class HasQueues(HasRecords):
    """A part of `Mock`."""

    @property
    def queues(self) -> Records[Queue]:
        return self.records("queues")
