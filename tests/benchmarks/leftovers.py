"""What is still there after a mock was reset, or entered and left, very often."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from collections.abc import Iterator

from tests.benchmarks import floors
from tests.benchmarks.measure import Call, Effort, Row
from voipbin_mock import Mock

WARMING = 40
LEAST = 256  # bytes; a kept exchange, record or event takes more


def growth(cycle: Call, count: int) -> int:
    """Bytes that so many cycles leave behind. A few before fill the caches, when what replaces them is counted."""
    tracemalloc.start()
    try:
        for _ in range(WARMING):
            cycle()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(count):
            cycle()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def resetting() -> Call:
    """A reset of a mock that has seen a write, a refusal and a page."""
    mock = Mock()
    client = mock.client

    def cycle() -> None:
        client.post("/v1.0/outplans", json=floors.BODY)
        client.post("/v1.0/outplans", json=floors.REJECTED)
        client.get("/v1.0/outplans")
        mock.reset()

    return cycle


def entering() -> Call:
    """The life of a mock that answered one call and stopped none."""

    def cycle() -> None:
        with Mock() as mock:
            mock.client.get("/v1.0/outplans")

    return cycle


def leftovers(effort: Effort) -> Iterator[Row]:
    count = round(1000 * effort.load)  # ten thousand, unless it has to be quick
    threads = threading.active_count()
    for name, cycle in (("resets", resetting()), ("intercepts and restores", entering())):
        left = growth(cycle, count)
        note = f"bytes a cycle; {threading.active_count() - threads} threads"
        yield Row(f"left by {count} {name}", max(left, 0) / count, LEAST, unit="", note=note)
