"""Where requests may have gone that a mock did not see."""

from __future__ import annotations

import weakref

from voipbin_mock.interception.switchboard import Line


def elsewhere(line: weakref.ref[Line]) -> str:
    """Where the requests may have gone, if the mock of this line saw none."""
    from voipbin_mock.interception import patches

    ours = line()
    if ours is None:
        return ""
    told = ""
    other = patches.before(ours)
    if other is not None:
        seen = other.app.world.exchanges
        told = f"; another mock was entered after this one and answers in its place (requests seen: {seen})"
    if patches.forked(ours):
        told += "; a child process was forked meanwhile, and calls its own copy of the mock (use voipbin_server for it)"
    return told
