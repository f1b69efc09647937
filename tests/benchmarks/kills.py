"""`python -m tests.benchmarks.kills`: many clients at a mock whose processes are killed and started again.

Each client owns the records that it makes and keeps a ledger. What it was answered 200 has to be there at the end,
once; what it was not answered, or 503, may have happened, but once at most. Exit 1 if anything was lost, doubled or
torn.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from tests.benchmarks import floors
from tests.benchmarks.in_process import PATH
from tests.benchmarks.on_socket import Connection, connection, free_port, process, served
from tests.support.redis_servers import SERVER, WHY_NOT, Server

CLIENTS = 64
KEPT = 8  # records that a client has at a time
AGAIN = 0.1  # seconds until a client that was let down tries the next address
EVERY = 2.0  # seconds until the next one is killed
PATIENCE = 60.0  # seconds in which a page has to come
SAME_PORT = ("-m", "voipbin_mock", "serve", "--json", "--quiet", "--port")


@dataclass
class Outcome:
    """What the clients saw."""

    codes: Counter[int] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)  # requests of which nobody knows what became of them
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # answers that nothing explains
    walks: int = 0

    def add(self, other: Outcome) -> None:
        self.codes += other.codes
        self.unknown += other.unknown
        self.walks += other.walks
        for name in ("lost", "doubled", "torn", "refused"):
            getattr(self, name).extend(getattr(other, name))

    @property
    def faults(self) -> list[str]:
        return [*self.lost, *self.doubled, *self.torn, *self.refused]


class Client:
    """One user: creates, updates, lists and deletes its own records, wherever somebody answers."""

    def __init__(self, number: int, origins: Sequence[str], headers: dict[str, str]) -> None:
        self.number, self.headers, self.outcome = number, headers, Outcome()
        self._connections: list[Connection] = [connection(origin) for origin in origins]
        self._at = number % len(origins)
        self.mine: dict[str, set[str]] = {}  # id -> the names that it may have
        self.gone: set[str] = set()
        self.doomed: set[str] = set()  # whose delete was not answered
        self.maybe: set[str] = set()  # marks of records whose create was not answered
        self.made = 0

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer, or None if nobody knows whether it was done."""
        to = self._connections[self._at]
        try:
            text = None if body is None else json.dumps(body).encode()
            to.request(method, path, text, {"Content-Type": "application/json", **self.headers})
            reply = to.getresponse()
            told = reply.read()
        except (OSError, HTTPException) as error:
            to.close()
            self._let_down(type(error).__name__)
            return None
        self.outcome.codes[reply.status] += 1
        if reply.status == 503:
            self._let_down("503")
            return None
        try:
            answer = json.loads(told)
        except ValueError:
            self.outcome.torn.append(f"{method} {path}: {reply.status} {told[:200]!r}")
            return None
        if reply.status != 200:
            self.outcome.refused.append(f"{method} {path}: {reply.status} {told[:200]!r}")
            return None
        return answer

    def _let_down(self, why: str) -> None:
        self.outcome.unknown[why] += 1
        self._at = (self._at + 1) % len(self._connections)
        time.sleep(AGAIN)

    def turn(self) -> None:
        """A create and an update; a delete if there are enough; now and then a walk."""
        self.made += 1
        mark = f"client {self.number} record {self.made}"
        made = self.ask("POST", PATH, {**floors.BODY, "name": mark, "detail": mark})
        if made is None:
            self.maybe.add(mark)
        else:
            self._own(made, mark)
        if len(self.mine) > KEPT:
            oldest = next(iter(self.mine))
            del self.mine[oldest]
            (self.doomed if self.ask("DELETE", f"{PATH}/{oldest}") is None else self.gone).add(oldest)
        if self.made % 8 == self.number % 8:
            self.check(self.walk())

    def _own(self, made: Any, mark: str) -> None:
        row_id = made["id"]
        if row_id in self.mine or row_id in self.gone:
            self.outcome.doubled.append(f"the id {row_id} was given twice")
        if made["detail"] != mark:
            self.outcome.torn.append(f"a create of {mark} was answered with {made}")
        new = f"{mark} updated"
        shown = self.ask("PUT", f"{PATH}/{row_id}", {"name": new, "detail": mark})
        self.mine[row_id] = {new} if shown is not None else {new, mark}
        if shown is not None and (shown["id"], shown["name"]) != (row_id, new):
            self.outcome.torn.append(f"an update of {mark} was answered with {shown}")

    def walk(self) -> list[dict[str, Any]]:
        """All pages, from the newest record to the last; each is asked for until it comes."""
        rows: list[dict[str, Any]] = []
        token = ""
        until = time.monotonic() + PATIENCE
        while True:
            page = self.ask("GET", f"{PATH}?page_size=100" + (f"&page_token={quote(token)}" if token else ""))
            if page is None:
                if time.monotonic() > until:
                    raise TimeoutError("no page came")
                continue
            if not page["result"]:
                self.outcome.walks += 1
                return rows
            rows += page["result"]
            token = page["next_page_token"]

    def check(self, rows: list[dict[str, Any]]) -> None:
        seen = Counter(row["id"] for row in rows)
        named = {row["id"]: row["name"] for row in rows}
        self.outcome.doubled += [f"{row_id} was listed {count} times" for row_id, count in seen.items() if count > 1]
        for row_id, names in self.mine.items():
            if row_id not in named:
                self.outcome.lost.append(f"client {self.number} made {row_id} ({names}), which a walk did not meet")
            elif named[row_id] not in names:
                self.outcome.lost.append(f"{row_id} is called {named[row_id]}, not {names}")

    def run(self, until: float) -> None:
        try:
            while time.monotonic() < until:
                self.turn()
        except (TimeoutError, LookupError, TypeError) as error:
            self.outcome.refused.append(f"client {self.number}: {error!r}")

    def close(self) -> None:
        for each in self._connections:
            each.close()


def ledger(users: Sequence[Client], before: set[str], rows: list[dict[str, Any]]) -> Outcome:
    """What is there at the end, held against what everybody was told."""
    outcome = Outcome()
    gone = set().union(*(user.gone for user in users))
    known = before | gone | set().union(*(user.doomed | user.mine.keys() for user in users))
    maybe = set().union(*(user.maybe for user in users))
    outcome.lost += [f"{row['id']} was deleted, and is there" for row in rows if row["id"] in gone]
    marks = Counter(row["detail"] for row in rows if row["id"] not in before)
    outcome.doubled += [f"{mark} is there {count} times" for mark, count in marks.items() if count > 1]
    outcome.doubled += [
        f"nobody was told of {row['id']} ({row['detail']})"
        for row in rows
        if row["id"] not in known and row["detail"] not in maybe
    ]
    return outcome


class Fleet:
    """The processes of one mock, each on a port of its own, and on the same after it was killed."""

    def __init__(self, count: int, *flags: str) -> None:
        self._flags = flags
        self.ports = [free_port() for _ in range(count)]
        self._running: list[Any] = [None] * count
        self._starting: list[int] = []
        self._stack = ExitStack()
        self.kills = 0
        for number in range(count):
            self.start(number)

    @property
    def origins(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def start(self, number: int, *, wait: bool = True) -> None:
        self._run(number)
        self._starting.append(number)
        if wait:
            self.wait()

    def _run(self, number: int) -> None:
        running = process(*SAME_PORT, str(self.ports[number]), *self._flags)
        self._running[number] = self._stack.enter_context(running)

    def wait(self) -> None:
        """Until all that were started have caught up; who finds no Redis ends, and is started again, as ever."""
        until = time.monotonic() + PATIENCE
        while self._starting:
            number = self._starting[0]
            try:
                _, self.headers = served(self._running[number])
            except RuntimeError:
                if time.monotonic() > until:
                    raise
                time.sleep(AGAIN)
                self._run(number)
            else:
                del self._starting[0]

    def kill(self, number: int) -> None:
        self.wait()
        self._running[number].kill()
        self._running[number].wait()
        self.kills += 1

    def kill_a_child(self) -> None:
        """One of the workers that a process has started: the oldest."""
        parent = self._running[0].pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        self.kills += 1

    def health(self, number: int) -> Any:
        to = connection(self.origins[number])
        with closing(to):
            return to.ask("GET", "/__mock__/health", {})[1]

    def close(self) -> None:
        self._stack.close()


def rush(fleet: Fleet, seconds: float, clients: int, trouble: Callable[[float], None]) -> Outcome:
    """Let so many clients at it for a while, and trouble as well; then add up what they saw."""
    first = Client(-1, fleet.origins, fleet.headers)
    before = {row["id"] for row in first.walk()}
    users = [Client(number, fleet.origins, fleet.headers) for number in range(clients)]
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=user.run, args=(until,)) for user in users]
    for thread in threads:
        thread.start()
    trouble(until)
    for thread in threads:
        thread.join()
    total = Outcome()
    for number in range(len(fleet.origins)):
        last = Client(number, fleet.origins[number : number + 1], fleet.headers)
        rows = last.walk()
        for user in users:
            user.check(rows)
        total.add(ledger(users, before, rows))
        last.close()
    for user in (first, *users):
        total.add(user.outcome)
        user.close()
    return total


@contextmanager
def kept(directory: Path) -> Iterator[Fleet]:
    with closing(Fleet(1, "--state", str(directory / "mock.state"))) as fleet:
        yield fleet


def kept_is_killed(directory: Path, seconds: float, clients: int, kills: int = 10) -> tuple[Outcome, Fleet]:
    """One process with a state, killed so often and started again."""
    with kept(directory) as fleet:

        def trouble(until: float) -> None:
            apart = seconds / kills
            for _ in range(kills):
                time.sleep(apart / 2)  # what it takes to start is the other half, or more
                fleet.kill(0)
                fleet.start(0)

        return rush(fleet, seconds, clients, trouble), fleet


def shared_is_killed(directory: Path, seconds: float, clients: int, processes: int = 3) -> tuple[Outcome, Fleet]:
    """Three that are one mock: one of them is killed every two seconds, and once Redis is started anew."""
    durable = ("--appendonly", "yes", "--appendfsync", "always")
    with ExitStack() as stack:
        redis = stack.enter_context(closing(Server(directory, *durable)))
        fleet = stack.enter_context(closing(Fleet(processes, "--shared", redis.url, "--name", "kills")))

        def trouble(until: float) -> None:
            began, turn, has_restarted = time.monotonic(), 0, False
            while time.monotonic() < until - 1:
                time.sleep(min(EVERY, seconds / 4))
                if not has_restarted and time.monotonic() > began + seconds / 2:
                    has_restarted = True
                    redis.kill()
                    redis.start()
                    continue
                fleet.kill(turn % processes)
                fleet.start(turn % processes, wait=False)
                turn += 1
            fleet.wait()

        outcome = rush(fleet, seconds, clients, trouble)
        told = [fleet.health(number).get("log", {}) for number in range(processes)]
        for each in told:
            said = ("role", "position", "lag", "reloads")
            print("    " + ", ".join(f"{name} {each.get(name)}" for name in said))
        return outcome, fleet


def workers_are_killed(directory: Path, seconds: float, clients: int, workers: int = 3) -> tuple[Outcome, Fleet]:
    """Three on one port, of which one is killed every two seconds; whoever started them starts another."""
    with closing(Fleet(1, "--workers", str(workers), "--state", str(directory / "mock.state"))) as fleet:

        def trouble(until: float) -> None:
            while time.monotonic() < until - 1:
                time.sleep(min(EVERY, seconds / 4))
                fleet.kill_a_child()

        outcome = rush(fleet, seconds, clients, trouble)
        fleet.kill(0)  # all of them, and then it has to be there again
        fleet.start(0)
        return outcome, fleet


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.kills", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--only", choices=("kept", "shared", "workers"))
    given = parser.parse_args()
    kinds: dict[str, Callable[[Path, float, int], tuple[Outcome, Fleet]]] = {
        "kept": kept_is_killed,
        "shared": shared_is_killed,
        "workers": workers_are_killed,
    }
    wrong = False
    for kind, killed in kinds.items():
        if given.only not in (None, kind):
            continue
        if kind == "shared" and SERVER is None:
            print(f"{kind}: {WHY_NOT}")
            continue
        with TemporaryDirectory() as directory:
            outcome, fleet = killed(Path(directory), given.seconds, given.clients)
        answered = outcome.codes[200]
        print(
            f"{kind}: {given.clients} clients, {given.seconds:g} s, {fleet.kills} kills: {answered} requests answered "
            f"({answered / given.seconds:.0f}/s), {outcome.unknown.total()} unknown {dict(outcome.unknown)}, "
            f"{outcome.walks} walks; {len(outcome.lost)} lost, {len(outcome.doubled)} doubled, "
            f"{len(outcome.torn)} torn, {len(outcome.refused)} refused",
            flush=True,
        )
        for fault in outcome.faults[:10]:
            print(f"    {fault[:300]}")
        wrong |= bool(outcome.faults) or not outcome.walks
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
