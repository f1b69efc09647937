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

from voipbin_mock.interception import guard, http_client, httpx, neighbours, requests, urllib3
from voipbin_mock.interception.switchboard import Line, Switchboard

Make = Callable[[Switchboard, Any], Any]


class Door(NamedTuple):
    """An attribute of a class (or of the module itself) and what is put in its place."""

    owner: str  # dotted name inside the module; "" is the module
    name: str
    make: Make


def _aiohttp(board: Switchboard, original: Any) -> Any:
    from voipbin_mock.interception import aiohttp  # it loads asyncio, which is dear where nobody uses it

    return aiohttp.create_connection(board, original)


DOORS: Mapping[str, tuple[Door, ...]] = {
    "socket": (
        Door("", "getaddrinfo", guard.looks_up("getaddrinfo")),
        Door("", "gethostbyname", guard.looks_up("gethostbyname")),
        Door("", "gethostbyname_ex", guard.looks_up("gethostbyname_ex")),
        Door("socket", "connect", guard.connects("connect")),
        Door("socket", "connect_ex", guard.connects("connect_ex")),
    ),
    "asyncio.base_events": (Door("BaseEventLoop", "getaddrinfo", guard.loop_looks_up),),
    "uvloop": (
        Door("Loop", "getaddrinfo", guard.loop_looks_up),
        Door("Loop", "create_connection", guard.loop_connects),
    ),
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
    "aiohttp.connector": (Door("TCPConnector", "_create_connection", _aiohttp),),
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
    """One attribute and what is put in its place, made once and used again by every first mock in."""

    __slots__ = ("found", "name", "on", "owner", "replaced", "wrapper")

    def __init__(self, board: Switchboard, owner: Any, door: Door) -> None:
        self.owner, self.name = owner, door.name
        self.found = vars(owner)  # as it is at any time
        self.replaced = self.found.get(door.name)  # None: what is inherited
        self.wrapper = door.make(board, getattr(owner, door.name))
        self.on = False

    def is_of(self, owner: Any, name: str) -> bool:
        return self.owner is owner and self.name == name


def _put(patches: list[_Patch]) -> bool:
    """Put patches in place; False if what stands at one now is not what it was made for.

    Every test with a mock comes here and to `_take_back`, so they do many in one go.
    """
    for patch in patches:
        found = patch.found.get(patch.name)
        if found is not patch.wrapper:
            if found is not patch.replaced:
                return False
            setattr(patch.owner, patch.name, patch.wrapper)
        patch.on = True
    return True


def _take_back(patches: list[_Patch]) -> list[_Patch]:
    """Put the originals back; the answer is where another library's patch stands on top of ours."""
    covered = []
    for patch in patches:
        if not patch.on:
            continue
        if patch.found.get(patch.name) is not patch.wrapper:
            covered.append(patch)
            continue
        if patch.replaced is None:
            delattr(patch.owner, patch.name)
        else:
            setattr(patch.owner, patch.name, patch.replaced)
        patch.on = False
    return covered


class Interception:
    """The patches of a process and the mocks behind them."""

    def __init__(self) -> None:
        self.board = Switchboard()
        self._opened: dict[str, tuple[Any, list[_Patch]]] = {}  # module name -> the module, and what is patched in it
        self._buried: list[_Patch] = []  # left in place by the last one out: another's patch was on top
        self._late = _Late(self)

    def enter(self, line: Line) -> None:
        with self.board.lock:
            if self.board.plug(line):
                opened, modules = self._opened, sys.modules
                for module in DOORS:
                    loaded = modules.get(module)
                    if loaded is not None:
                        known = opened.get(module)
                        if known is None or known[0] is not loaded or not _put(known[1]):
                            self.open(module)
                sys.meta_path.insert(0, self._late)

    def leave(self, line: Line) -> None:
        with self.board.lock:
            if self.board.unplug(line):
                if self._late in sys.meta_path:
                    sys.meta_path.remove(self._late)
                # One that cannot go now does nothing without a mock, and goes next time.
                self._buried = _take_back(self._buried)
                for module, (_, patches) in list(self._opened.items()):
                    covered = _take_back(patches)
                    if covered:
                        self._buried += covered
                        del self._opened[module]

    def open(self, module: str) -> None:
        """Patch a module that is loaded. What a version of it does not have is left alone."""
        with self.board.lock:
            if not self.board.lines:
                return
            loaded = sys.modules.get(module)
            known = self._opened.get(module)
            if known is not None and known[0] is loaded and _put(known[1]):
                return
            patches = known[1] if known is not None and known[0] is loaded else []
            kept = []
            for door in DOORS[module]:
                owner = getattr(loaded, door.owner, None) if door.owner else loaded
                if owner is None or not hasattr(owner, door.name):
                    continue
                made = [p for p in (*patches, *self._buried) if p.is_of(owner, door.name) and _put([p])]
                patch = made[0] if made else _Patch(self.board, owner, door)
                _put([patch])
                kept.append(patch)
            self._buried = [patch for patch in self._buried if patch not in kept]
            self._opened[module] = (loaded, kept)


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


def before(line: Line) -> Line | None:
    """The mock that gets the calls of this one, as it was entered later."""
    return _INTERCEPTION.board.before(line)


def leave(line: Line) -> None:
    """No more; the last one out takes the patches back."""
    _INTERCEPTION.leave(line)
