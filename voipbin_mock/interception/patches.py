"""Interception: while a mock is entered, client libraries reach it under the service's own URLs.

A library is patched if it is loaded, or when it gets loaded; none is ever imported here. Patches are
of classes, so clients made before count too. The first mock in sets them, the last one out takes
them back.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ExtensionFileLoader, PathFinder, SourceFileLoader, SourcelessFileLoader
from typing import Any

from voipbin_mock.interception.doors import DOORS
from voipbin_mock.interception.places import Place, Swap, above, places
from voipbin_mock.interception.standing import Aftermath, Standing, outliving
from voipbin_mock.interception.switchboard import AnyLine, Line, Switchboard

STOPPED_KEPT = 20


class Interception:
    """The patches of a process and the mocks behind them."""

    def __init__(self) -> None:
        self.board = Switchboard()
        self._opened: dict[str, tuple[Any, list[Place]]] = {}  # module name -> the module, and what is patched in it
        self._above: list[Swap] = []  # of other libraries' functions that stood in the places; for this time only
        self._late = _Late(self)
        self._threads: list[threading.Thread] = []  # those that were there before the first mock
        self._aftermath: Aftermath | None = None
        self._watches_forks = False
        self.stopped: deque[str] = deque(maxlen=STOPPED_KEPT)  # calls that were stopped while no mock was there

    def enter(self, line: AnyLine) -> None:
        """Raises whatever hinders it, and then nothing has changed."""
        with self.board.lock:
            if not self._watches_forks:
                self._watch_forks()
            if isinstance(line, Line):
                line.forks = self.board.forks
            if not self.board.lines:
                self._threads = threading.enumerate()
            elif self._aftermath is not None:
                left = self._aftermath.threads
                self._threads = [thread for thread in threading.enumerate() if thread not in left]
                self._over()
            if self.board.plug(line):
                try:
                    self._put()
                except BaseException:
                    self.board.unplug(line)
                    self._take_back()
                    raise

    def _watch_forks(self) -> None:
        self._watches_forks = True

        def forked() -> None:
            self.board.forks += 1

        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_parent=forked)

    def leave(self, line: AnyLine) -> None:
        with self.board.lock:
            if not self.board.unplug(line):
                return
            left = outliving(self._threads) if line.stops else []
            self._threads = []
            if left:
                self._aftermath = Aftermath(left, self.stopped.append, self._over)
                self.board.plug(self._aftermath)
            else:
                self._take_back()

    def _over(self) -> None:
        """The threads that outlived the last mock have ended, or there is another."""
        with self.board.lock:
            if self._aftermath is not None and self.board.unplug(self._aftermath):
                self._take_back()
            self._aftermath = None

    def _take_back(self) -> None:
        finders = sys.meta_path
        while self._late in finders:
            finders.remove(self._late)
        for swap in self._above:
            swap.take_back()
        self._above.clear()
        for _, patched in self._opened.values():
            for _, _, _, _, take_back, _ in patched:
                take_back()

    def _put(self) -> None:
        """Every test with a mock comes here, and to `leave`."""
        opened, modules = self._opened, sys.modules
        for module in DOORS:
            loaded = modules.get(module)
            if loaded is not None:
                known = opened.get(module)
                if known is None or known[0] is not loaded:
                    self.open(module)
                else:
                    self._put_at(known[1])
        if self._late not in sys.meta_path:
            sys.meta_path.insert(_before_the_standard_finder(), self._late)

    def _put_at(self, patched: list[Place]) -> None:
        for place in patched:
            found, name, own, put, _, _ = place
            put()
            if found.get(name) is not own:
                swap = above(self.board, place)
                if swap is not None:
                    self._above.append(swap)
                    swap.put()

    def open(self, module: str) -> None:
        """Patch a module that is loaded."""
        with self.board.lock:
            loaded = sys.modules.get(module)
            known = self._opened.get(module)
            if not self.board.lines or loaded is None or (known is not None and known[0] is loaded):
                return
            for place in known[1] if known is not None else ():
                place.take_back()  # of a module of this name that is gone
            patched = list(places(self.board, loaded, DOORS[module]))
            self._opened[module] = (loaded, patched)
            self._put_at(patched)


def _before_the_standard_finder() -> int:
    """Where to stand among the finders. The first place belongs to those who come and go there, as pyfakefs does."""
    finders = sys.meta_path
    return finders.index(PathFinder) if PathFinder in finders else len(finders)


class _Late:
    """Sees libraries that get loaded while a mock is entered."""

    def __init__(self, interception: Interception) -> None:
        self._interception = interception

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname not in DOORS or not self._interception.board.lines:
            return None
        finders = list(sys.meta_path)
        for finder in finders[finders.index(self) + 1 if self in finders else 0 :]:
            find = getattr(finder, "find_spec", None)
            spec = find(fullname, path, target) if find is not None else None
            if spec is not None:
                self._follow(fullname, spec.loader)
                return spec
        return None

    def _follow(self, name: str, loader: Any) -> None:
        if not isinstance(loader, (SourceFileLoader, SourcelessFileLoader, ExtensionFileLoader)):
            return

        def exec_module(module: Any) -> None:
            vars(loader).pop("exec_module", None)
            loader.exec_module(module)
            self._interception.open(name)

        vars(loader)["exec_module"] = exec_module


_INTERCEPTION = Interception()


@contextmanager
def guard() -> Iterator[None]:
    """Stop calls to the real service that no mock answers, in every thread, from here to the end of the block.

    For what goes on between mocks: `with voipbin_mock.guard():` around a whole run. A mock with `leak_guard=False`
    turns it off while it is entered. Raises LeakError in the code that makes such a call.
    """
    line = Standing(_INTERCEPTION.stopped.append)
    _INTERCEPTION.enter(line)
    try:
        yield
    finally:
        _INTERCEPTION.leave(line)


def stopped() -> list[str]:
    """The calls that were stopped while no mock was there, since this was last asked."""
    found = list(_INTERCEPTION.stopped)
    _INTERCEPTION.stopped.clear()
    return found


def enter(line: AnyLine) -> None:
    """Let a mock answer from now on."""
    _INTERCEPTION.enter(line)


def forked(line: Line) -> bool:
    """Whether this process was forked since a mock was entered."""
    return _INTERCEPTION.board.forks > line.forks


def before(line: Line) -> Line | None:
    """The mock that gets the calls of this one, as it was entered later."""
    return _INTERCEPTION.board.before(line)


def leave(line: AnyLine) -> None:
    """No more; the last one out takes the patches back."""
    _INTERCEPTION.leave(line)
