"""What a mock offers for queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.queues.records import Queue, Queuecall


class HasQueues(HasRecords):
    """A part of `Mock`."""

    @property
    def queues(self) -> Records[Queue]:
        return self.records("queues")

    @property
    def queuecalls(self) -> Records[Queuecall]:
        """Callers in queues, and those who were."""
        return self.records("queuecalls")
