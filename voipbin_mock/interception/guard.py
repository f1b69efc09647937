"""The leak guard: names of the service are not looked up, and not connected to."""

from __future__ import annotations

from typing import Any

from voipbin_mock.interception.switchboard import Switchboard, is_service, plain_host


def looks_up(name: str) -> Any:
    """For `socket.getaddrinfo` and its like, whose first argument is a host."""

    def make(board: Switchboard, original: Any) -> Any:
        def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
            if host and board.lines:
                _check(board, host, f"socket.{name}")
            return original(host, *args, **kwargs)

        return look_up

    return make


def loop_looks_up(board: Switchboard, original: Any) -> Any:
    """For `BaseEventLoop.getaddrinfo`, which looks up in a thread, where nobody's frame is to be seen."""

    async def getaddrinfo(self: Any, host: Any, *args: Any, **kwargs: Any) -> Any:
        if host and board.lines:
            _check(board, host, "a look-up by asyncio")
        return await original(self, host, *args, **kwargs)

    return getaddrinfo


def loop_connects(board: Switchboard, original: Any) -> Any:
    """For `create_connection` of a loop that does not look up by `socket`."""

    async def create_connection(self: Any, protocol_factory: Any, host: Any = None, *args: Any, **kwargs: Any) -> Any:
        if host and board.lines:
            _check(board, host, "a connection of asyncio")
        return await original(self, protocol_factory, host, *args, **kwargs)

    return create_connection


def connects(name: str) -> Any:
    """For `socket.socket.connect` and `connect_ex`, whose first argument is an address."""

    def make(board: Switchboard, original: Any) -> Any:
        def connect(self: Any, address: Any) -> Any:
            if board.lines and isinstance(address, tuple) and address:
                _check(board, address[0], f"socket.{name}")
            return original(self, address)

        return connect

    return make


def _check(board: Switchboard, host: Any, way: str) -> None:
    if isinstance(host, (str, bytes)):
        plain = plain_host(host)
        if is_service(plain):
            board.guard(plain, way)
