"""What used mocks leave behind: nothing."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

from tests.benchmarks import leftovers
from voipbin_mock import Mock


@pytest.mark.parametrize("kind", ["resetting", "entering"])
def test_cycles_leave_no_memory_and_no_thread_behind(kind: str) -> None:
    cycle = getattr(leftovers, kind)()
    threads = threading.active_count()
    assert leftovers.growth(cycle, 60) < 60 * leftovers.LEAST
    assert threading.active_count() <= threads  # those of other tests may end meanwhile


def test_a_mock_nobody_holds_is_freed_without_the_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        with Mock() as mock:
            mock.outplans.list()
            mock.reset()
            mock.restore(mock.snapshot())
        parts = [weakref.ref(part) for part in (mock, mock.world, mock.webhooks, mock.app)]
        del mock
        assert [part() for part in parts] == [None] * len(parts)
    finally:
        gc.enable()


def test_what_belongs_to_a_mock_says_so_when_that_is_gone() -> None:
    webhooks = Mock().webhooks
    gc.collect()
    with pytest.raises(ReferenceError, match="is gone"):
        webhooks.pending  # noqa: B018
