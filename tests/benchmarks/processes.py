"""`python -m tests.benchmarks.processes`: what it costs that a mock survives, and what several processes bring.

All ways to serve it take turns in every round, at the same reads and writes over sockets. What the machine does
beside falls on all of them; so, beside the requests a second, the processor time is told that a request takes in the
servers (with Redis) and in the clients, which share the same cores. And: how long a mock of so many entries takes to
be there again. Linux only: processor time is read from /proc.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.benchmarks import floors
from tests.benchmarks.in_process import PATH
from tests.benchmarks.on_socket import SERVE, connection, process, served
from tests.support.redis_servers import SERVER, Server
from voipbin_mock import Mock
from voipbin_mock.edge.incoming import Incoming
from voipbin_mock.replication.duties import KEEP_EVERY
from voipbin_mock.replication.replica import Replica
from voipbin_mock.replication.sqlite_log import SqliteLog
from voipbin_mock.world.clock import Clock

CLIENTS = 8


class Turn(NamedTuple):
    """What came of one contender in one round."""

    rate: float  # requests a second
    servers: float  # seconds of the processor, for each request
    clients: float


def processor(pids: Sequence[int]) -> float:
    """Seconds of the processor that these processes and their children have had."""
    return sum(_of_one(pid) for pid in pids)


def _of_one(pid: int) -> float:
    nanoseconds, children = 0, []
    for task in Path(f"/proc/{pid}/task").iterdir():
        nanoseconds += int((task / "schedstat").read_text().split()[0])
        children += [int(child) for child in (task / "children").read_text().split()]
    return nanoseconds / 1e9 + processor(children)


class Contender:
    """A mock that is served, and many connections to it."""

    def __init__(self, origins: Sequence[str], token: str, pids: Sequence[int]) -> None:
        self._pids = pids
        self._places = [origins[number % len(origins)].removeprefix("http://") for number in range(CLIENTS)]
        self._token = token

    def _text(self, place: str, method: str, path: str, body: bytes) -> bytes:
        head = f"{method} {path} HTTP/1.1\r\nHost: {place}\r\nAuthorization: {self._token}\r\n"
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    def turn(self, method: str, path: str, body: bytes, seconds: float) -> Turn:
        """All clients ask the same, again and again, for so long."""
        counts = [0] * len(self._places)
        ready, go = threading.Barrier(len(self._places) + 1), threading.Event()

        def ask(number: int) -> None:
            host, _, port = self._places[number].partition(":")
            text = self._text(self._places[number], method, path, body)
            with socket.create_connection((host, int(port)), timeout=60) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                answered(connection, text)
                ready.wait()
                while not go.is_set():
                    answered(connection, text)
                    counts[number] += 1

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(self._places))]
        for thread in threads:
            thread.start()
        ready.wait()
        servers, clients, began = processor(self._pids), time.process_time(), time.perf_counter()
        time.sleep(seconds)
        done, took = sum(counts), time.perf_counter() - began
        turn = Turn(done / took, (processor(self._pids) - servers) / done, (time.process_time() - clients) / done)
        go.set()
        for thread in threads:
            thread.join()
        return turn


def answered(connection: socket.socket, text: bytes) -> None:
    """One request, and its answer to the last byte."""
    connection.sendall(text)
    told = connection.recv(65536)
    head, _, rest = told.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), told
    left = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]) - len(rest)
    while left > 0:
        left -= len(connection.recv(65536))


@contextmanager
def contender(directory: Path, redis: Server | None, name: str) -> Iterator[Contender]:
    flags: dict[str, tuple[str, ...]] = {
        "plain": (),
        "state": ("--state", str(directory / "mock.state")),
        "workers 2": ("--workers", "2"),
    }
    count = 1
    if redis is not None:
        flags |= {
            f"shared {number}": ("--shared", redis.url, "--name", f"{directory.name}-{number}") for number in (1, 2, 3)
        }
        count = int(name[-1]) if name.startswith("shared") else 1
    with ExitStack() as stack:
        running = [stack.enter_context(process(*SERVE, "--quiet", *flags[name])) for _ in range(count)]
        origins, headers = zip(*map(served, running), strict=True)
        pids = [each.pid for each in running]
        if redis is not None and name.startswith("shared"):
            pids.append(redis.pid)
        yield Contender(origins, headers[0]["Authorization"], pids)


ASKED: dict[str, tuple[str, str, bytes]] = {
    "create": ("POST", PATH, json.dumps(floors.BODY).encode()),
    "get": ("GET", f"{PATH}?page_size=10", b""),
}


def rates(directory: Path, rounds: int, seconds: float) -> Iterator[str]:
    """A line for each contender and kind of request."""
    names = ["plain", "state", "workers 2"]
    with ExitStack() as stack:
        redis = None
        if SERVER is not None:
            redis = stack.enter_context(closing(Server(directory, "--appendonly", "yes")))
            names += ["shared 1", "shared 2"]
        for what, asked in ASKED.items():
            turns: dict[str, list[Turn]] = {name: [] for name in names}
            with ExitStack() as inner:
                known = {name: inner.enter_context(contender(_new(directory, what), redis, name)) for name in names}
                for _ in range(rounds):
                    for name in names:
                        turns[name].append(known[name].turn(*asked, seconds))
            plain = turns["plain"]
            for name, found in turns.items():
                dearer = median(one.servers / other.servers for one, other in zip(found, plain, strict=True))
                faster = median(one.rate / other.rate for one, other in zip(found, plain, strict=True))
                yield (
                    f"{what:<8}{name:<12}{median(one.rate for one in found):8.0f}/s {faster:6.2f}x  "
                    f"servers {1e6 * median(one.servers for one in found):6.0f} us {dearer:6.2f}x  "
                    f"clients {1e6 * median(one.clients for one in found):5.0f} us"
                )


def _new(directory: Path, name: str) -> Path:
    made = directory / name
    made.mkdir(exist_ok=True)
    return made


def catching_up(directory: Path, entries: int) -> Iterator[str]:
    """From starting a process to its first answer, with so many inputs behind it."""
    yield f"start    {'plain':<24}{_first_answer():6.1f} s"
    for name, is_kept in (("kept now and then", True), ("nothing kept", False)):
        path = directory / f"{is_kept}.state"
        records = _filled(path, entries, is_kept)
        taken = _first_answer("--state", str(path))
        yield f"start    {name:<24}{taken:6.1f} s   of {entries} inputs, {records} records"


def _first_answer(*flags: str) -> float:
    before = time.perf_counter()
    with process(*SERVE, "--quiet", *flags) as running:
        origin, headers = served(running)
        with closing(connection(origin)) as to:
            assert to.ask("GET", PATH, headers)[0] == 200
        return time.perf_counter() - before


def _filled(path: Path, entries: int, is_kept: bool) -> int:
    """A state with so many inputs, a third of them creates, as a server leaves it that is killed; how many records."""
    _first_answer("--state", str(path))
    log = SqliteLog(str(path))
    replica = Replica(log, log.found({})["founded"], "filling")
    mock = Mock(seed="tutorial", clock=Clock(driver=replica), coverage=True)
    replica.prepare(mock.world)
    replica.begin(lambda: None)
    query, headers = f"accesskey={mock.accesskey}", {"host": "localhost", "content-type": "application/json"}
    body, made = json.dumps(floors.BODY).encode(), ""
    for number in range(entries):
        if number % 3 == 0:
            reply = replica.answer(asks("POST", PATH, query, headers, body)).reply
            made = json.loads(reply.body)["id"] if reply is not None else ""
        elif number % 3 == 1:
            replica.answer(asks("PUT", f"{PATH}/{made}", query, headers, b'{"name": "other", "detail": "of it"}'))
        else:
            replica.answer(asks("GET", PATH, f"{query}&page_size=10", headers, b""))
        records = number // 3
        if is_kept and replica.position - replica.kept_at >= max(KEEP_EVERY, records // 4):
            log.keep(replica.picture()())
            replica.kept_at = replica.position
    log.close()
    mock.close()
    return entries // 3


def asks(method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Incoming:
    return Incoming(method, path, query, dict(headers), {}, body, "", False, "127.0.0.1", "")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.processes", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each turn")
    parser.add_argument("--entries", type=int, default=100_000, help="that a mock was told before it starts again")
    parser.add_argument("--entries-only", action="store_true")
    given = parser.parse_args()
    with TemporaryDirectory() as directory:
        for line in () if given.entries_only else rates(Path(directory), given.rounds, given.seconds):
            print(line, flush=True)
        for line in catching_up(Path(directory), given.entries):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
