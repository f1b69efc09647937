"""The same mock served in three ways: by one process, by one that keeps its state, by two that are one mock."""

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
from tests.support.processes import facts_of, serving
from voipbin_mock.contract import HttpTarget, Run, Runner
from voipbin_mock.contract.answers import Answer
from voipbin_mock.contract.casebook import load
from voipbin_mock.contract.targets import SEED, SEEDED

KINDS = ("plain", "kept", "shared")
NINE = "2026-03-01T09:00:00Z"
TIMEOUT = 30.0


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
        self._connections = [HTTPConnection(origin.removeprefix("http://"), timeout=TIMEOUT) for origin in self.origins]
        self._turn = cycle(self._connections)

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
        connection.request(method, (f"/__session__/{session}" if session else "") + path, text, sent)
        reply = connection.getresponse()
        return Replied(reply.status, dict(reply.getheaders()), reply.read().decode())

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
        "shared": ["--shared", redis, "--name", f"{name}-{profile}"],
    }[kind]
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(*flags, *more)) for _ in range(2 if kind == "shared" else 1)]
        facts = [facts_of(server) for server in servers]
        yield stack.enter_context(closing(Target(kind, facts)))


class InTurns(HttpTarget):
    """What contract cases are asked of: each request goes to another of the addresses."""

    def __init__(self, served: Target) -> None:
        facts = served.facts
        credentials = {name: facts[name] for name in ("accesskey", "token", "username", "password")}
        values = {**SEEDED, "unique": "a1b2c3d4"}
        self._served = served
        self._others = cycle([HttpTarget(origin) for origin in served.origins])
        super().__init__(served.origins[0], **credentials, values=values)

    def send(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        other = next(self._others)
        return HttpTarget.send(other, method, path, query, headers, body)

    def pause(self, seconds: float) -> None:
        self._served.advance(seconds)


def run_cases(served: Target, profile: str, only: str | tuple[str, ...] = (), every: int = 1) -> Run:
    """Contract cases, or every so manyth of them."""
    cases = load(only=only, profile=profile)[::every]
    return Runner(InTurns(served), profile, allowed=EVERYTHING).run(cases)
