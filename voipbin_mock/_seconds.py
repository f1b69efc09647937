"""Seconds of the machine, for waits that must end whatever a test has made of its time."""

from __future__ import annotations

import time

_EVERYWHERE_BUT_WINDOWS = hasattr(time, "clock_gettime")


def seconds() -> float:
    """Seconds that only ever grow. Libraries that freeze or move a test's time (freezegun, time-machine) leave
    this clock alone, where the system has it.
    """
    if _EVERYWHERE_BUT_WINDOWS:
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()
