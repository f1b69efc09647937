"""Files and storage accounts as Python objects."""

from __future__ import annotations

from datetime import datetime

from voipbin_mock.api.records import Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class StorageFile(Stored):
    customer_id: str
    owner_type: str
    owner_id: str
    reference_type: str
    reference_id: str
    type: str
    name: str
    detail: str
    filename: str
    filesize: int  # bytes
    uri_download: str
    tm_download_expire: datetime | None


class StorageAccount(Stored):
    customer_id: str
    total_file_count: int
    total_file_size: int  # bytes


TYPES: dict[str, type[Stored]] = {"storage_accounts": StorageAccount, "storage_files": StorageFile}
