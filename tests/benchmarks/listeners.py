"""What open pages cost: `python -m tests.benchmarks --only listeners`.

The same load on one server, with ten streams of notices open, with ten pages that draw, and with none, in turns. It is
the server's own time of the processor that is compared, and pages draw once in each second of that: so what else the
machine does counts little. What pages ask is timed by itself, too.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from statistics import median

from tests.benchmarks import load
from tests.benchmarks.measure import Effort, Row, in_turns, ratio
from tests.benchmarks.on_socket import SERVE, connection, process, served

STREAMS = 10
CLIENTS = 8
TURNS = 20  # of each client: some tenths of a second, so that the two of a pair meet the same machine
HEARD = 3  # of ten pages in one browser that have a stream; the others ask for notices
PAGE = "/__mock__/requests?brief=yes&limit=100"  # what a page of the console draws, once a second while requests rush
CLOCK = "/__mock__/clock?limit=0"  # and what stands above it
LOOK = 0.01  # seconds between two looks at how much time a server has had
ASKED = 60  # times, of each call of a page


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


@contextmanager
def pages(pid: int, origin: str, count: int) -> Iterator[None]:
    """So many pages of the console that show requests as they come, as far as the server can tell."""
    over = threading.Event()
    threads = [threading.Thread(target=_draw, args=(pid, origin, over, number >= HEARD)) for number in range(count)]
    with streams(origin, min(HEARD, count)):
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()


def _draw(pid: int, origin: str, over: threading.Event, asks: bool) -> None:
    """One page; it is somewhere in its second as it is opened."""
    page, noticed, newest = connection(origin), "", 0
    due = processor(pid) + random.random()
    while not over.wait(LOOK):
        if processor(pid) < due:
            continue
        due += 1.0
        if asks:
            noticed = f"?after={page.ask('GET', f'/__mock__/notices{noticed}', {})[1]['after']}"
        rows = page.ask("GET", f"{PAGE}&after={newest}", {})[1]["requests"]
        newest = rows[-1]["number"] if rows else newest
        page.ask("GET", CLOCK, {})
    page.close()


def what_pages_ask(pid: int, origin: str) -> float:
    """Seconds of the server's that ten pages take each second, of a journal that is full."""
    page = connection(origin)
    seen = page.ask("GET", PAGE, {})[1]["seen"]
    after = page.ask("GET", "/__mock__/notices", {})[1]["after"]

    def one(path: str) -> float:
        before = processor(pid)
        for _ in range(ASKED):
            page.ask("GET", path, {})
        return (processor(pid) - before) / ASKED

    drawn, noticed = one(f"{PAGE}&after={max(0, seen - 1000)}") + one(CLOCK), one(f"/__mock__/notices?after={after}")
    page.close()
    return STREAMS * drawn + (STREAMS - HEARD) * noticed


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

        def a_request(listening: Callable[[str, int], AbstractContextManager[None]], count: int) -> float:
            """Seconds of the server's that one request takes while so many listen."""
            code, _ = connection(origin).ask("POST", "/__mock__/reset", {})
            assert code == 200
            with listening(origin, count):
                before = processor(running.pid)
                asked = take_turns(origin, headers, TURNS)
                return (processor(running.pid) - before) / asked

        a_request(streams, STREAMS)
        rounds = 6 * effort.spawns
        times = in_turns(
            {
                "listened to": partial(a_request, streams, STREAMS),
                "drawn": partial(a_request, partial(pages, running.pid), STREAMS),
                "alone": partial(a_request, streams, 0),
            },
            rounds,
        )
        asked = sorted(what_pages_ask(running.pid, origin) for _ in range(effort.spawns))
    yield ratio(
        f"a request while {STREAMS} streams listen", times, "listened to", "alone", 1.05, "the server's own time"
    )
    yield ratio(f"a request while {STREAMS} pages draw", times, "drawn", "alone", 1.05, "the server's own time")
    yield Row(
        f"what {STREAMS} pages ask, of a second",
        median(asked),
        0.05,
        unit="s",
        note="the server's own time",
        spread=(asked[len(asked) // 4], asked[len(asked) * 3 // 4]),
    )
