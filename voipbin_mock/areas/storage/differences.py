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
    told=("403", "works"),
)

ALL = (DELETED_FILE, READS_OWN)
