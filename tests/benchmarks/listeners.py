"""What open pages cost: `python -m tests.benchmarks --only listeners`.

The same load on one server, with ten streams of notices open and with none, in turns. It is the server's own time of
the processor that is compared, so what else the machine does counts little.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.benchmarks import load
from tests.benchmarks.measure import Effort, Row, in_turns, ratio
from tests.benchmarks.on_socket import SERVE, connection, process, served

STREAMS = 10
CLIENTS = 8
TURNS = 10  # of each client, for each second that the load has


def processor(pid: int) -> float:
    """Seconds of the processor that a process has had (Linux knows its clock by its number)."""
    return time.clock_gettime((~pid << 3) | 2)


@contextmanager
def streams(origin: str, count: int) -> Iterator[None]:
    """So many pages that listen, and read."""
    host, _, port = origin.rpartition("//")[2].partition(":")
    opened = [socket.create_connection((host, int(port))) for _ in range(count)]
    for one in opened:
        one.sendall(f"GET /__mock__/stream HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        while b'"hello"' not in one.recv(4096):
            pass
    threads = [threading.Thread(target=_read, args=(one,)) for one in opened]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for one in opened:
            one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in threads:
            thread.join()


def _read(one: socket.socket) -> None:
    try:
        while one.recv(65536):
            pass
    except OSError:  # closed, at the end
        pass


def take_turns(origin: str, headers: dict[str, str], turns: int) -> int:
    """The clients of the load do so much and no more, so that each round is the same; how many requests it was."""
    clients = [load.Client(number, origin, headers) for number in range(CLIENTS)]

    def run(client: load.Client) -> None:
        for _ in range(turns):
            client.turn()

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.connection.close()
        assert not client.outcome.faults, client.outcome.faults[:3]
    return sum(len(client.outcome.times) for client in clients)


def listeners(effort: Effort) -> Iterator[Row]:
    with process(*SERVE) as running:
        origin, headers = served(running)

        def a_request(count: int) -> float:
            """Seconds of the server's that one request takes while so many listen."""
            code, _ = connection(origin).ask("POST", "/__mock__/reset", {})
            assert code == 200
            with streams(origin, count):
                before = processor(running.pid)
                asked = take_turns(origin, headers, int(TURNS * effort.load))
                return (processor(running.pid) - before) / asked

        a_request(STREAMS)
        rounds = max(3, effort.spawns)
        times = in_turns({"listened to": partial(a_request, STREAMS), "alone": partial(a_request, 0)}, rounds)
    yield ratio(f"a request while {STREAMS} pages listen", times, "listened to", "alone", 1.05, "the server's own time")
