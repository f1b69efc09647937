"""The same mock served in four ways: by one process, by one that keeps its state, by two that are one mock over Redis,
and by two workers on one port.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tests.support.contracting import EVERYTHING
from tests.support.processes import facts_of, serving, until
from voipbin_mock.contract import Run, Runner
from voipbin_mock.contract import Target as ContractTarget
from voipbin_mock.contract.answers import Answer, make_answer
from voipbin_mock.contract.casebook import load
from voipbin_mock.contract.targets import SEED, SEEDED

KINDS = ("plain", "kept", "shared", "workers")
NINE = "2026-03-01T09:00:00Z"
TIMEOUT = 30.0
WORKERS = 2


Raw = tuple[int, list[tuple[str, str]], bytes]


class Replied(NamedTuple):
    """An answer."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Target:
    """A mock that is served at one address or several, which are asked in turns."""

    def __init__(self, kind: str, facts: list[Mapping[str, Any]]) -> None:
        self.kind, self.facts = kind, facts[0]
        self.origins = [each["url"].removesuffix("/v1.0") for each in facts]
        self._connections = [self._connected(origin) for origin in self.origins]
        if kind == "workers":
            self._connections = self._one_to_each_worker()
        self._turn = cycle(self._connections)

    @property
    def processes(self) -> int:
        return len(self._connections)

    @staticmethod
    def _connected(origin: str) -> HTTPConnection:
        return HTTPConnection(origin.removeprefix("http://"), timeout=TIMEOUT)

    def _one_to_each_worker(self) -> list[HTTPConnection]:
        """Connections to one port, of which the system gives each to whichever worker it likes."""
        found: dict[str, HTTPConnection] = {}

        def all_are_met() -> bool:
            to = self._connected(self.origins[0])
            health = self._asked(to, "GET", "/__mock__/health", None, "", {})
            if health.status != 200 or health.json["log"]["id"] in found:
                to.close()
            else:
                found[health.json["log"]["id"]] = to
            return len(found) == WORKERS

        until(all_are_met)
        return list(found.values())

    def ask(
        self, method: str, path: str, body: Any = None, session: str = "", headers: Mapping[str, str] | None = None
    ) -> Replied:
        """A request to whoever's turn it is; below /v1.0 with the access key."""
        return self._asked(next(self._turn), method, path, body, session, headers or {})

    def everywhere(self, path: str, session: str = "") -> Any:
        """What all of them answer to a GET; they have to answer the same."""
        replies = [self._asked(each, "GET", path, None, session, {}) for each in self._connections]
        assert [reply.status for reply in replies] == [200] * len(replies), replies
        assert len({reply.text for reply in replies}) == 1, f"{path} is not the same everywhere"
        return replies[0].json

    def _asked(
        self,
        connection: HTTPConnection,
        method: str,
        path: str,
        body: Any,
        session: str,
        headers: Mapping[str, str],
    ) -> Replied:
        sent = {"Content-Type": "application/json", **headers} if body is not None else dict(headers)
        if path.startswith("/v1.0") and "Authorization" not in sent:
            path += ("&" if "?" in path else "?") + urlencode({"accesskey": self.facts["accesskey"]})
        text = None if body is None else json.dumps(body).encode()
        path = (f"/__session__/{session}" if session else "") + path
        status, found, told = self._over(connection, method, path, sent, text)
        return Replied(status, dict(found), told.decode())

    def raw(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Raw:
        """A request as it is, to whoever's turn it is."""
        return self._over(next(self._turn), method, path, headers, body)

    @staticmethod
    def _over(
        connection: HTTPConnection, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> Raw:
        connection.request(method, path, body, dict(headers))
        reply = connection.getresponse()
        return reply.status, reply.getheaders(), reply.read()

    def done(self, method: str, path: str, body: Any = None, session: str = "") -> Any:
        """The JSON of a request that has to go well."""
        reply = self.ask(method, path, body, session)
        assert reply.status == 200, (method, path, reply)
        return reply.json

    def control(self, method: str, path: str, body: Any = None, session: str = "") -> Any:
        return self.done(method, f"/__mock__/{path}", body, session)

    def advance(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance": seconds})

    def reset(self) -> None:
        """As it was at the start."""
        for path in ("sessions", "snapshots", "modes"):
            method, body = ("PUT", {}) if path == "modes" else ("DELETE", None)
            self.control(method, path, body)
        for path in ("faults", "stubs", "limits", "phones", "requests", "webhooks"):
            self.control("DELETE", path)
        self.control("POST", "reset")

    def close(self) -> None:
        for connection in self._connections:
            connection.close()


@contextmanager
def target(
    kind: str, directory: Path, redis: str = "", profile: str = "documented", name: str = "one"
) -> Iterator[Target]:
    """One of them, with the records that contract cases look for, its clock standing still."""
    seed = directory / "seed.json"
    seed.write_text(json.dumps(dict(SEED)))
    flags = ["--port", "0", "--json", "--quiet", "--profile", profile, "--seed", str(seed), "--clock", NINE]
    flags += ["--ignore", "all"]
    more = {
        "plain": [],
        "kept": ["--state", str(directory / f"{profile}.state")],
        "workers": ["--workers", str(WORKERS)],
        "shared": ["--shared", redis, "--name", f"{name}-{profile}"],
    }[kind]
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(*flags, *more)) for _ in range(2 if kind == "shared" else 1)]
        facts = [facts_of(server) for server in servers]
        yield stack.enter_context(closing(Target(kind, facts)))


class InTurns(ContractTarget):
    """What contract cases are asked of: each request goes over another of the connections."""

    remote = True

    def __init__(self, served: Target) -> None:
        facts = served.facts
        credentials = {name: facts[name] for name in ("accesskey", "token", "username", "password")}
        super().__init__(served.kind, **credentials, values={**SEEDED, "unique": "a1b2c3d4"})
        self._served = served

    def send(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        return make_answer(*self._served.raw(method, path + (f"?{query}" if query else ""), headers, body))

    def pause(self, seconds: float) -> None:
        self._served.advance(seconds)


def run_cases(served: Target, profile: str, only: str | tuple[str, ...] = (), every: int = 1) -> Run:
    """Contract cases, or every so manyth of them."""
    cases = load(only=only, profile=profile)[::every]
    return Runner(InTurns(served), profile, allowed=EVERYTHING).run(cases)
