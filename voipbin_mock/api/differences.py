"""Where the profiles part in what is the same for all records."""

from __future__ import annotations

from typing import Any

from voipbin_mock.world.differences import LISTS_DELETED, UPDATED_ON_CREATE, Difference
from voipbin_mock.world.profiles import WRITTEN

FOREIGN_IS_MISSING = Difference(
    "D12",
    "a record of another customer",
    documented=True,
    server=False,
    told=("404", "403 (access keys: 404)"),
)
# A record asked for under another parent than its own: refused as missing, or as this.
WRONG_PARENT: Difference[str | None] = Difference(
    "wrong-parent",
    "a target asked for under another outdial than its own",
    documented=None,
    server="INVALID_ARGUMENT",
    told=("404", "400"),
)
# The server's framework lets the type of an answer be guessed.
UNDECODABLE_IS_TEXT = Difference(
    "undecodable-type",
    "the content type of the answer to a body that cannot be decoded",
    documented=False,
    server=True,
    told=("`application/json`", "the same envelope as `text/plain`"),
)
COMMON: tuple[Difference[Any], ...] = (
    *WRITTEN,
    UPDATED_ON_CREATE,
    LISTS_DELETED,
    FOREIGN_IS_MISSING,
    WRONG_PARENT,
    UNDECODABLE_IS_TEXT,
)
