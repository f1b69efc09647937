"""The leak guard: names of the service are not looked up, not connected to, and nothing is sent to them."""

from __future__ import annotations

from typing import Any

from voipbin_mock.interception.switchboard import Switchboard, is_service, plain_host

# Of the module `socket`: each takes a host first, or an address that begins with one.
LOOK_UPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")


def looks_up(name: str) -> Any:
    """For `socket.getaddrinfo` and its like."""

    def make(board: Switchboard, original: Any) -> Any:
        def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
            if host and board.lines:
                _check(board, host, f"socket.{name}")
            return original(host, *args, **kwargs)

        return look_up

    return make


def loop_looks_up(board: Switchboard, original: Any) -> Any:
    """For `BaseEventLoop.getaddrinfo` and `getnameinfo`, which look up in a thread, where nobody's frame is seen."""

    async def look_up(self: Any, host: Any, *args: Any, **kwargs: Any) -> Any:
        if host and board.lines:
            _check(board, host, "a look-up by asyncio")
        return await original(self, host, *args, **kwargs)

    return look_up


def loop_connects(board: Switchboard, original: Any) -> Any:
    """For `create_connection` of a loop that does not look up by `socket`."""

    async def create_connection(self: Any, protocol_factory: Any, host: Any = None, *args: Any, **kwargs: Any) -> Any:
        if host and board.lines:
            _check(board, host, "a connection of asyncio")
        return await original(self, protocol_factory, host, *args, **kwargs)

    return create_connection


def sends(name: str, least: int = 1) -> Any:
    """For the methods of `socket.socket` whose last argument is an address, if there are at least so many."""

    def make(board: Switchboard, original: Any) -> Any:
        def send(self: Any, *args: Any) -> Any:
            if board.lines and len(args) >= least:
                _check(board, args[-1], f"socket.{name}")
            return original(self, *args)

        return send

    return make


def _check(board: Switchboard, host: Any, way: str) -> None:
    if isinstance(host, tuple) and host:
        host = host[0]  # of an address
    if isinstance(host, (str, bytes, bytearray)):
        plain = plain_host(bytes(host) if isinstance(host, bytearray) else host)
        if is_service(plain):
            board.guard(plain, way)
