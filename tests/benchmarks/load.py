"""Many clients at once: `python -m tests.benchmarks --only load`, and a short run of it in the tests.

Each client owns the records it makes, and holds the server to them: what was there before a walk through
the pages and is there after it must be met once, and nothing twice.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.parse import quote

from tests.benchmarks import floors
from tests.benchmarks.in_process import PATH
from tests.benchmarks.measure import Effort, Row
from tests.benchmarks.on_socket import SERVE, Connection, connection, process, served

CLIENTS = 64
KEPT = 8  # records that a client has at a time


@dataclass
class Outcome:
    """What the clients saw."""

    codes: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)  # seconds of each request
    walks: int = 0
    opened: int = 0  # connections


class Client:
    """One user of the server: creates, updates, lists and deletes its own records."""

    def __init__(self, number: int, origin: str, headers: dict[str, str]) -> None:
        self.number = number
        self.headers = headers
        self.connection: Connection = connection(origin)
        self.outcome = Outcome()
        self.mine: dict[str, str] = {}  # id -> name
        self.gone: set[str] = set()
        self.made = 0

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        before = time.perf_counter()
        code, answer = self.connection.ask(method, path, self.headers, body)
        self.outcome.times.append(time.perf_counter() - before)
        self.outcome.codes[code] += 1
        if code != 200:
            self.outcome.faults.append(f"{method} {path}: {code} {answer}")
        return answer

    def turn(self) -> None:
        """A create and an update; a delete if there are enough; now and then a walk."""
        self.made += 1
        name = f"client {self.number} record {self.made}"
        row_id = self.ask("POST", PATH, {**floors.BODY, "name": name})["id"]
        if row_id in self.mine:
            self.outcome.faults.append(f"the id {row_id} was given twice")
        self.mine[row_id] = f"{name} updated"
        shown = self.ask("PUT", f"{PATH}/{row_id}", {"name": self.mine[row_id], "detail": ""})
        if shown["name"] != self.mine[row_id]:
            self.outcome.faults.append(f"an update of {name} was answered with {shown['name']}")
        if len(self.mine) > KEPT:
            oldest = next(iter(self.mine))
            del self.mine[oldest]
            self.gone.add(oldest)
            self.ask("DELETE", f"{PATH}/{oldest}")
        if self.made % 8 == self.number % 8:
            self.check(self.walk())

    def walk(self) -> list[dict[str, Any]]:
        """All pages, from the newest record to the last."""
        rows: list[dict[str, Any]] = []
        token = ""
        while True:
            page = self.ask("GET", f"{PATH}?page_size=100" + (f"&page_token={quote(token)}" if token else ""))
            if not page["result"]:
                self.outcome.walks += 1
                return rows
            rows += page["result"]
            token = page["next_page_token"]

    def check(self, rows: list[dict[str, Any]]) -> None:
        seen = Counter(row["id"] for row in rows)
        self.outcome.faults += [f"{row_id} was listed {count} times" for row_id, count in seen.items() if count > 1]
        named = {row["id"]: row["name"] for row in rows if row["id"] in self.mine}
        if named != self.mine:
            self.outcome.faults.append(f"client {self.number} has {self.mine}, but a walk met {named}")

    def run(self, until: float) -> None:
        try:
            while time.monotonic() < until:
                self.turn()
        except (OSError, HTTPException, LookupError, TypeError, ValueError) as error:
            self.outcome.faults.append(f"client {self.number}: {error!r}")
        self.outcome.opened = self.connection.opened


def run(origin: str, headers: dict[str, str], seconds: float, clients: int = CLIENTS) -> Outcome:
    """Let so many clients at the server for a while, and add up what they saw."""
    first = Client(-1, origin, headers)
    before = {row["id"] for row in first.walk()}
    users = [Client(number, origin, headers) for number in range(clients)]
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=user.run, args=(until,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first.mine = {row_id: name for user in users for row_id, name in user.mine.items()}
    rows = first.walk()
    first.check(rows)
    # The server's own lists show deleted records too.
    strangers = {row["id"] for row in rows} - before - first.mine.keys() - set().union(*(user.gone for user in users))
    first.outcome.faults += [f"nobody made {row_id}" for row_id in strangers]
    total = Outcome()
    for user in (first, *users):
        total.codes += user.outcome.codes
        total.faults += user.outcome.faults
        total.times += user.outcome.times
        total.walks += user.outcome.walks
        total.opened += user.outcome.opened
        user.connection.close()
    total.times.sort()
    return total


def load(effort: Effort) -> Iterator[Row]:
    with process(*SERVE) as running:
        origin, headers = served(running)
        outcome = run(origin, headers, effort.load)
    note = f"{len(outcome.times) / effort.load:.0f} requests/s, {outcome.walks} walks"
    yield Row(f"faults with {CLIENTS} clients", len(outcome.faults), 0, unit="", note=note)
    yield Row("99th percentile of a request", outcome.times[len(outcome.times) * 99 // 100], unit="s")
    yield Row("connections a client", outcome.opened / CLIENTS, 1, unit="")
    for fault in outcome.faults[:5]:
        print(f"    {fault[:300]}")
