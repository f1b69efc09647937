"""Where the profiles part in flows."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

HASH_PREFIX = Difference(
    "flow-hash",
    "the `direct_hash` of a flow",
    documented="",
    server="direct.",
    told=("twelve hex digits", "`direct.` and twelve hex digits"),
)

ALL = (HASH_PREFIX,)
