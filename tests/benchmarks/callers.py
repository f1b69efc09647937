"""Many callers in a menu of twenty actions, within one virtual minute: time for an action, and how it grows.

Each number of callers runs in a process of its own. `python -m tests.benchmarks.callers 1000` lets so many call.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from tests.benchmarks.measure import Effort, Row
from tests.support.callers import executed, let_call
from voipbin_mock import Mock

SOME, MANY = 1_000, 10_000
PATIENCE = 900.0  # seconds of the machine, which may be busy with something else
MOST_MICROSECONDS, MOST_KILOBYTES, MOST_GROWTH = 60.0, 20.0, 11.0


def play(callers: int) -> dict[str, Any]:
    """Let them call, and say what it took."""
    with Mock(clock="2026-03-01T09:00:00Z", ignore="all") as mock:
        mock.clock.patience = PATIENCE
        let_call(mock, 10)
        mock.advance(minutes=5)
        before, began = _kilobytes(), time.process_time()
        let_call(mock, callers)
        mock.advance(minutes=5)
        seconds = time.process_time() - began
        return {"seconds": seconds, "actions": executed(mock), "kilobytes": _kilobytes() - before}


def _kilobytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _played(callers: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.callers", str(callers)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def callers(effort: Effort) -> Iterator[Row]:
    """Time of the processor for an action, how it grows with the callers, and memory for an ended call."""
    some = min((_played(SOME) for _ in range(max(2, effort.spawns // 3))), key=lambda found: float(found["seconds"]))
    many = _played(MANY)
    each = some["seconds"] / some["actions"] * 1e6
    yield Row(f"an action of {SOME:,} callers", each, MOST_MICROSECONDS, unit="us")
    yield Row(f"{MANY:,} callers, of {SOME:,}", many["seconds"] / some["seconds"], MOST_GROWTH)
    yield Row(f"an ended call of {MANY:,}", many["kilobytes"] / MANY, MOST_KILOBYTES, unit="KB")


if __name__ == "__main__":
    print(json.dumps(play(int(sys.argv[1]))))
