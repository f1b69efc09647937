"""SIGINT, SIGTERM and SIGHUP, heard by a thread of their own.

Python looks at a signal between two steps of the main thread. One that arrives after the last look and before
a blocking call is only looked at when that call ends: a main thread that waits for an hour then waits for an
hour. The wake-up descriptor is written by the system's own handler, whatever any thread does, and the thread
that reads it sets an event, which wakes whoever waits for it.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


def end_at_once(number: int) -> None:
    """End the process as a shell reports a signal: nothing is cleaned up."""
    os._exit(128 + number)


def hold() -> None:
    """Signals that come to this thread wait, until `let_go()`."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def let_go() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


@contextmanager
def heard(first: Callable[[], object], again: Callable[[int], object] = end_at_once) -> Iterator[None]:
    """The first signal calls `first`, each further one `again` with its number: in a thread, at once.

    A SIGHUP that is ignored, as nohup has it, stays so. Outside the main thread, which alone may set handlers,
    nothing is heard.
    """
    kept = [name for name in SIGNALS[2:] if signal.getsignal(name) is signal.SIG_IGN]
    names = [name for name in SIGNALS if name not in kept]
    try:
        before = {name: signal.signal(name, _leave_it_to_the_thread) for name in names}
    except ValueError:
        yield
        return
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    thread = threading.Thread(target=_listen, args=(reader, first, again), name="voipbin-mock-signals", daemon=True)
    thread.start()
    earlier = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(earlier)
        for name, handler in before.items():
            signal.signal(name, handler)
        writer.close()
        thread.join()
        reader.close()


def _leave_it_to_the_thread(number: int, frame: Any) -> None:
    """Without a handler of Python's, the system would end the process."""


def _listen(reader: socket.socket, first: Callable[[], object], again: Callable[[int], object]) -> None:
    heard = False
    while numbers := reader.recv(64):
        for number in numbers:
            if number not in SIGNALS:  # handlers that others have set wake us too
                continue
            if heard:
                again(number)
            else:
                heard = True
                first()
