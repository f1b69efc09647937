"""The records of storage."""

from __future__ import annotations

from voipbin_mock.world.resource import GONE, Resource

# What happens to them is told to nobody outside.
FILES = Resource("storage_files", singular="file", deleted=GONE, groups=("owner_id",))
ACCOUNTS = Resource("storage_accounts", singular="account", told_as="storage_account", deleted=GONE)
