"""The records of messages."""

from __future__ import annotations

from voipbin_mock.world.differences import LISTS_DELETED, UPDATED_ON_CREATE
from voipbin_mock.world.resource import Resource

MESSAGES = Resource("messages", events=True, lists_deleted=LISTS_DELETED, updated_on_create=UPDATED_ON_CREATE)
