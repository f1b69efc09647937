"""Interception: while a mock is entered, client libraries reach it under the service's own URLs.

A library is patched if it is loaded, or when it gets loaded; none is ever imported here. Patches are
of classes, so clients made before count too. The first mock in sets them, the last one out takes
them back.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib.machinery import ExtensionFileLoader, SourceFileLoader, SourcelessFileLoader
from typing import Any, NamedTuple

from voipbin_mock.doors import aiohttp, guard, http_client, httpx, neighbours, requests, urllib3
from voipbin_mock.doors.switchboard import Line, Switchboard

Make = Callable[[Switchboard, Any], Any]


class Door(NamedTuple):
    """An attribute of a class (or of the module itself) and what is put in its place."""

    owner: str  # dotted name inside the module; "" is the module
    name: str
    make: Make


DOORS: Mapping[str, tuple[Door, ...]] = {
    "socket": (
        Door("", "getaddrinfo", guard.looks_up("getaddrinfo")),
        Door("", "gethostbyname", guard.looks_up("gethostbyname")),
        Door("", "gethostbyname_ex", guard.looks_up("gethostbyname_ex")),
        Door("socket", "connect", guard.connects("connect")),
        Door("socket", "connect_ex", guard.connects("connect_ex")),
    ),
    "asyncio.base_events": (Door("BaseEventLoop", "getaddrinfo", guard.loop_looks_up),),
    "http.client": (
        Door("HTTPConnection", "connect", lambda board, original: http_client.connect(board, original, False)),
        Door("HTTPSConnection", "connect", lambda board, original: http_client.connect(board, original, True)),
        Door("HTTPConnection", "putrequest", http_client.putrequest),
    ),
    "urllib3.connection": (
        Door("HTTPConnection", "connect", lambda board, original: http_client.connect(board, original, False)),
        Door("HTTPSConnection", "connect", lambda board, original: http_client.connect(board, original, True)),
    ),
    "urllib3.connectionpool": (
        Door("HTTPConnectionPool", "_make_request", urllib3.make_request),
        Door("HTTPSConnectionPool", "_prepare_proxy", urllib3.prepare_proxy),
    ),
    "requests.adapters": (Door("HTTPAdapter", "send", requests.send),),
    "httpx._transports.default": (
        Door("HTTPTransport", "handle_request", httpx.handle_request),
        Door("AsyncHTTPTransport", "handle_async_request", httpx.handle_async_request),
    ),
    "aiohttp.connector": (Door("TCPConnector", "_create_connection", aiohttp.create_connection),),
    "responses": (Door("RequestsMock", "_on_request", neighbours.responses_refuses),),
    "respx.router": (
        Door("Router", "handler", neighbours.respx_refuses),
        Door("Router", "async_handler", neighbours.respx_refuses_async),
    ),
    "pytest_httpx._httpx_mock": (
        Door("HTTPXMock", "_explain_that_no_response_was_found", neighbours.pytest_httpx_refuses),
    ),
}


class _Patch:
    """One attribute replaced, and how to put it back."""

    __slots__ = ("_name", "_original", "_own", "_owner", "wrapper")

    def __init__(self, board: Switchboard, owner: Any, door: Door) -> None:
        self._owner, self._name = owner, door.name
        self._own = door.name in vars(owner)
        self._original = getattr(owner, door.name)
        self.wrapper = door.make(board, self._original)
        setattr(owner, door.name, self.wrapper)

    @property
    def on_top(self) -> bool:
        return vars(self._owner).get(self._name) is self.wrapper

    def covers(self, owner: Any, name: str) -> bool:
        return self._owner is owner and self._name == name

    def undo(self) -> bool:
        """Put the original back; False while another library's patch stands on top of this one."""
        if not self.on_top:
            return False
        if self._own:
            setattr(self._owner, self._name, self._original)
        else:
            delattr(self._owner, self._name)
        return True


class Interception:
    """The patches of a process and the mocks behind them."""

    def __init__(self) -> None:
        self.board = Switchboard()
        self._patches: list[_Patch] = []
        self._buried: list[_Patch] = []  # left in place by the last one out: another's patch was on top
        self._late = _Late(self)

    def enter(self, line: Line) -> None:
        with self.board.lock:
            if self.board.plug(line):
                for module in DOORS:
                    if module in sys.modules:
                        self.open(module)
                sys.meta_path.insert(0, self._late)

    def leave(self, line: Line) -> None:
        with self.board.lock:
            if self.board.unplug(line):
                if self._late in sys.meta_path:
                    sys.meta_path.remove(self._late)
                patches = self._buried + self._patches
                # Later ones first; one that cannot go now does nothing without a mock, and goes next time.
                self._buried = [patch for patch in reversed(patches) if not patch.undo()][::-1]
                self._patches = []

    def open(self, module: str) -> None:
        """Patch a module that is loaded. What a version of it does not have is left alone."""
        with self.board.lock:
            if not self.board.lines:
                return
            for door in DOORS[module]:
                owner: Any = sys.modules.get(module)
                if door.owner:
                    owner = getattr(owner, door.owner, None)
                if owner is None or not hasattr(owner, door.name):
                    continue
                if any(patch.covers(owner, door.name) for patch in self._patches):
                    continue
                known = next((p for p in self._buried if p.covers(owner, door.name) and p.on_top), None)
                if known is None:
                    self._patches.append(_Patch(self.board, owner, door))
                else:
                    self._buried.remove(known)
                    self._patches.append(known)


class _Late:
    """Sees libraries that get loaded while a mock is entered."""

    def __init__(self, interception: Interception) -> None:
        self._interception = interception

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname not in DOORS:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(fullname, path, target) if find is not None and finder is not self else None
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


def enter(line: Line) -> None:
    """Let a mock answer from now on."""
    _INTERCEPTION.enter(line)


def leave(line: Line) -> None:
    """No more; the last one out takes the patches back."""
    _INTERCEPTION.leave(line)
