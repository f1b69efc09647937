"""A way to a server on which answers get lost."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable


class LossyWay:
    """Passes on what is asked and answered, but for the answers to what holds `mark`: so many of them are lost.

    The connection breaks with the answer, after `meanwhile` was done, or hangs.
    """

    def __init__(self, port: int, mark: bytes, lost: int, hangs: bool = False) -> None:
        self._port, self._mark, self.lost, self._hangs = port, mark, lost, hangs
        self.meanwhile: Callable[[], object] = lambda: None
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._door.getsockname()[1]}/0"
        self._sockets = [self._door]
        threading.Thread(target=self._let_in, daemon=True).start()

    def _let_in(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._port))
            self._sockets += [client, server]
            threading.Thread(target=self._pass_on, args=(client, server), daemon=True).start()

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        loses = False
        try:
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    if not (data := ready.recv(1 << 16)):
                        return
                    if ready is server and loses:
                        if not self._hangs:
                            self.meanwhile()
                            return
                        continue
                    if ready is client and self.lost and self._mark in data:
                        self.lost, loses = self.lost - 1, True
                    (server if ready is client else client).sendall(data)
        except (OSError, ValueError):
            pass
        finally:
            for end in (client, server):
                end.close()

    def close(self) -> None:
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
