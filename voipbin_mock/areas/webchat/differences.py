"""Where the profiles part in web chats."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

SESSIONS_AGE = Difference(
    "webchat-idle",
    "a session in which nothing is said for its widget's `session_idle_timeout`",
    documented=True,
    server=False,
    told=(
        "ends; `tm_last_activity` follows what is said, and `tm_end` is set",
        "goes on; `tm_last_activity` stays as it was, and `tm_end` is never set",
    ),
)
DELETED_IS_GONE = Difference(
    "webchat-deleted-session",
    "a session that was deleted",
    documented=True,
    server=False,
    told=("404", "is not listed, and else as any other"),
)

ALL = (SESSIONS_AGE, DELETED_IS_GONE)
