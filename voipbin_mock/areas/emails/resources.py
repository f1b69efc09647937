"""The records of e-mails."""

from __future__ import annotations

from voipbin_mock.world.differences import UPDATED_ON_CREATE
from voipbin_mock.world.resource import GONE, Resource

EMAILS = Resource("emails", deleted=GONE, events=True, updated_on_create=UPDATED_ON_CREATE)
