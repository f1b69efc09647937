"""Guards without a mock: one that is asked for, and one for the threads that outlive their mock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from weakref import WeakSet

from voipbin_mock.edge.carrier import Place
from voipbin_mock.interception.switchboard import Hosts

_OURS = "voipbin-mock"  # what our own threads' names begin with


class Standing:
    """A line to no mock: it answers nothing, and stops calls to the service that nobody answers."""

    hosts: Hosts = {}

    def __init__(self, leaked: Callable[[str], None]) -> None:
        self.leaked = leaked

    @property
    def stops(self) -> bool:
        return True

    def place(self, host: str, port: int | None) -> Place | None:
        return None

    def advice(self, host: str, answered: list[str]) -> str:
        return (
            "No mock answers for it now, and the guard is up. Use the fixture `voipbin` or `with Mock():`; "
            "if a thread made the call after its test, join that thread before the test ends."
        )


class Aftermath(Standing):
    """The same for threads alone that were started while a mock was there, and go on without it."""

    def __init__(
        self, threads: list[threading.Thread], leaked: Callable[[str], None], over: Callable[[], None]
    ) -> None:
        super().__init__(leaked)
        self.threads = WeakSet(threads)
        self._over = over

    @property
    def stops(self) -> bool:
        return threading.current_thread() in self.threads

    def place(self, host: str, port: int | None) -> Place | None:
        if not any(thread.is_alive() for thread in self.threads):
            self._over()
        return None

    def advice(self, host: str, answered: list[str]) -> str:
        return (
            f"It was made by the thread {threading.current_thread().name!r}, which was started while a mock was there "
            "and has outlived it. Join the thread before the test ends, or give the mock leak_guard=False."
        )


def outliving(before: Iterable[threading.Thread]) -> list[threading.Thread]:
    """The threads there are beside those before, our own, this one, and those that Python knows no end of."""
    if threading.active_count() == 1:
        return []
    known = {*before, threading.current_thread()}
    return [
        thread
        for thread in threading.enumerate()
        if thread not in known and not thread.name.startswith(_OURS) and type(thread).__name__ != "_DummyThread"
    ]
