"""The threads that answer requests: as many as were asked for, and more for those that wait or hang."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from waitress.task import ThreadedTaskDispatcher

from voipbin_mock._seconds import seconds

MOST_SPARE = 256
MOST_SECONDS = 60.0  # a request can be made to wait so long
STUCK = 0.2  # seconds after which a request that nobody has taken up gets a worker of its own
QUIET = 1.0  # seconds between two looks at requests that wait, if none does
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
        self._first: Any = None  # the request that waits the longest, and since when
        self._since = 0.0
        self._relief = 0  # spare workers for what was stuck

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

    def relieve(self) -> float:
        """See to it that no request waits for others that take for ever; in how many seconds to look again."""
        with self.lock:
            first = self.queue[0] if self.queue else None
        if first is None:
            self._first = None
            self._relief += self._adjust(-1) if self._relief and self.idle() else 0
            return QUIET
        if first is not self._first:
            self._first, self._since = first, seconds()
        elif seconds() - self._since >= STUCK:
            self._relief += self._adjust(+1)
            self._first = None
        return STUCK / 2

    def idle(self) -> bool:
        """Whether no worker has anything to do."""
        with self.lock:
            return not self.queue and self.active_count <= 0

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
        """Let them finish what they do, for so many seconds at most."""
        with self._adjusting:
            self._ending = True
        self.set_thread_count(0)
        until = seconds() + timeout
        for thread in self.started:
            thread.join(max(0.0, until - seconds()))
        with self.lock:
            left, unanswered = len(self.threads), list(self.queue)
            self.queue.clear()
        for task in unanswered:
            task.cancel()
        if left or unanswered:
            self.logger.warning("%d requests are not done, and not waited for", left + len(unanswered))
