"""The records of queues, and of the callers in them."""

from __future__ import annotations

from voipbin_mock.areas.accounts.differences import KEPT_TO_ITSELF
from voipbin_mock.areas.queues.differences import ENDED_IS_DELETED
from voipbin_mock.world.resource import DirectHash, Resource

QUEUES = Resource("queues", events=KEPT_TO_ITSELF, direct_hash=DirectHash())
# An index lists those that only ended, whatever their stamp says; those that were deleted the list leaves out.
QUEUECALLS = Resource(
    "queuecalls", events=True, lists_deleted=ENDED_IS_DELETED, groups=("reference_id",), history="tm_end"
)
