"""The threads that answer requests: as many as were asked for, and one more for each that only waits."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from waitress.task import ThreadedTaskDispatcher

MOST_SPARE = 256
MOST_SECONDS = 60.0  # a request can be made to wait so long
# The dispatcher remarks on every request that finds all workers busy; nobody needs to know.
_no_remarks = logging.Logger("voipbin_mock.server.queue", logging.CRITICAL)


class Workers(ThreadedTaskDispatcher):  # type: ignore[misc]
    """The worker threads of one server. They are waited for when it ends."""

    queue_logger = _no_remarks

    def __init__(self) -> None:
        super().__init__()
        self.started: list[threading.Thread] = []
        self._adjusting = threading.Lock()
        self._regular = 0
        self._spare = 0
        self._ending = False

    def start_new_thread(self, target: Callable[..., None], thread_no: int) -> None:
        thread = threading.Thread(target=target, args=(thread_no,), name=f"voipbin-mock-{thread_no}", daemon=True)
        self.started.append(thread)
        thread.start()

    def wait(self, end: threading.Event, seconds: float) -> None:
        """Let the caller, a worker itself, wait so long or until the end; another takes its place meanwhile."""
        if seconds > 0:
            granted = self._adjust(+1)
            end.wait(min(seconds, MOST_SECONDS))
            self._adjust(-granted)

    def _adjust(self, step: int) -> int:
        """So many spare workers more; the answer is how many it were."""
        with self._adjusting:
            if self._ending or step == 0 or self._spare + step > MOST_SPARE:
                return 0
            self._spare += step
            self.started = [thread for thread in self.started if thread.is_alive()]
            self.set_thread_count(self._regular + self._spare)
            return step

    def begin(self, count: int) -> None:
        self._regular = count
        self.set_thread_count(count)

    def end(self, timeout: float) -> None:
        with self._adjusting:
            self._ending = True
        self.shutdown(timeout=timeout)

    def join(self, timeout: float) -> None:
        until = time.monotonic() + timeout
        for thread in self.started:
            thread.join(max(0.0, until - time.monotonic()))
