"""Where the profiles part in storage."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

DELETED_FILE = Difference(
    "file-deleted",
    "a file that was deleted",
    documented="FILE_NOT_FOUND",
    server="RESOURCE_NOT_FOUND",
    told=("404 `FILE_NOT_FOUND`", "404 `RESOURCE_NOT_FOUND`"),
)
READS_OWN = Difference(
    "desk-files",
    "reading another agent's file at /service_agents/files",
    documented=True,
    server=False,
    told=("403, unless it came with a message of a chat of one's own", "works"),
)
NO_ACCOUNT = Difference(
    "storage-account-none",
    "GET /storage_account of a customer that has none",
    documented=True,
    server=False,
    told=("404 `ACCOUNT_NOT_FOUND`", "`null`, whoever asks"),
)
NULL_FOR_NONE = Difference(NO_ACCOUNT.name, NO_ACCOUNT.about, documented=False, server=True)
FOR_CUSTOMER = Difference(
    "storage-account-customer",
    "the `customer_id` of POST /storage_accounts",
    documented=True,
    server=False,
    told=("is whose it is", "is not read: it is the caller's own"),
)
SECOND_ACCOUNT = Difference(
    "storage-account-second",
    "a second storage account of a customer",
    documented="STATE_INVALID",
    server="INTERNAL",
    told=("409 `STATE_INVALID`", "500 `INTERNAL`"),
)

ALL = (DELETED_FILE, READS_OWN, NO_ACCOUNT, FOR_CUSTOMER, SECOND_ACCOUNT)
