"""Lanes: what is to be done for one receiver or client is done in order, by a thread that nobody else waits for."""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable

logger = logging.getLogger("voipbin_mock")

LINGER = 5.0  # seconds that a thread stays for the next call
MOST_STUCK = 8  # calls of one lane that never came back; then it makes no more


class Lane:
    """Calls made one after the other. Its thread comes with the first one and goes when there are no more.

    A call that does not come back can be left behind: the rest goes on without it.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most, self._name = most, name
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._changed = threading.Condition(threading.Lock())
        self._calls: deque[Callable[[], None]] = deque()
        self._thread: threading.Thread | None = None
        self._stuck = 0
        self._busy = False
        self.is_slow = False  # whether its last call took longer than anybody waits for

    @property
    def behind(self) -> bool:
        """Whether a call that came now would have to wait for others."""
        return self._busy or bool(self._calls)

    @property
    def is_stuck(self) -> bool:
        return self._stuck >= MOST_STUCK

    def put(self, call: Callable[[], None]) -> bool:
        """Make this call when its turn comes; False if too many wait already."""
        if self._process != os.getpid():
            self._begin()  # a forked child has none of its parent's threads, nor its calls
        with self._changed:
            if len(self._calls) >= self._most:
                return False
            self._calls.append(call)
            if self._thread is None:
                self._start()
            else:
                self._changed.notify()
        return True

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    @property
    def is_own_thread(self) -> bool:
        return threading.current_thread() is self._thread

    def leave_behind(self) -> None:
        """The call that is being made does not come back: another thread goes on with the next."""
        with self._changed:
            self._stuck += 1
            self._thread, self._busy = None, False
            if self._calls:
                self._start()

    def clear(self) -> None:
        """Make none of the calls that wait."""
        if self._process == os.getpid():
            with self._changed:
                self._calls.clear()

    def stop(self) -> None:
        """The same, and let the thread go once it can."""
        if self._process == os.getpid():
            with self._changed:
                self._calls.clear()
                self._thread = None
                self._changed.notify_all()

    def _run(self) -> None:
        me = threading.current_thread()
        while True:
            with self._changed:
                if not self._calls and self._thread is me:
                    self._changed.wait(LINGER)
                if self._thread is not me:
                    return
                if not self._calls:
                    self._thread = None
                    return
                call = self._calls.popleft()
                self._busy = True
            try:
                call()
            except BaseException:  # the next one is made all the same
                logger.exception("what was to be delivered could not be")
            with self._changed:
                if self._thread is not me:
                    self._stuck = max(0, self._stuck - 1)  # left behind, and now it came back
                    return
                self._busy = False
