"""Receivers of webhooks on real ports, well-behaved and not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from voipbin_mock import Mock

LONG = 10.0  # seconds; waited for in full only when something is broken


def buy(mock: Mock, number: int = 1) -> Any:
    """Something that one event is published for: the answer."""
    return mock.client.post("/v1.0/numbers", json={"number": f"+8991{number:08}", "type": "virtual"})


def point(mock: Mock, url: str, method: str = "POST") -> None:
    """The customer's webhooks go there."""
    mock.customers.update(mock.customers.list()[0].id, webhook_uri=url, webhook_method=method)


def until(condition: Callable[[], object]) -> None:
    """Wait for what another thread does."""
    waiting = threading.Event()
    for _ in range(1000):
        if condition():
            return
        waiting.wait(0.01)
    raise AssertionError("it never came true")


Behaviour = Callable[[socket.socket, threading.Event], None]


class RawPort:
    """A port on which every connection is treated by hand, once its request has begun to come."""

    def __init__(self, behave: Behaviour) -> None:
        self._behave = behave
        self.over = threading.Event()
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/hooks"
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._treat, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _treat(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self.requests.append(connection.recv(65536))
            self._behave(connection, self.over)

    def close(self) -> None:
        self.over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(LONG)


@contextmanager
def raw_port(behave: Behaviour) -> Iterator[RawPort]:
    port = RawPort(behave)
    try:
        yield port
    finally:
        port.close()


def well(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def silent(connection: socket.socket, over: threading.Event) -> None:
    over.wait(LONG)


def trickling_headers(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not over.wait(0.02):
        connection.sendall(b"X")


def trickling_body(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not over.wait(0.02):
        connection.sendall(b"x")


def continuing_slowly(connection: socket.socket, over: threading.Event) -> None:
    while not over.wait(0.02):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def continuing_for_ever(connection: socket.socket, over: threading.Event) -> None:
    while not over.is_set():
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def endless_body(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not over.is_set():
        connection.sendall(b"x" * 65536)


def garbage(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"\x00\x01 nonsense\r\n\r\n")
