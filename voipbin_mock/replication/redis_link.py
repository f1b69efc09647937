"""Connections to Redis that say at once when it is gone, and never ask for the same thing twice unnoticed."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.retry import Retry

from voipbin_mock.replication.log import LogGone, Unusable
from voipbin_mock.replication.redis_scripts import Script

CONNECT = 0.5  # seconds to connect in
ANSWER = 2.0  # seconds to answer in
LONG_ANSWER = 30.0  # the same, where a whole state is sent
REST = 0.5  # seconds in which nobody asks, after an answer did not come in time

# Errors that are an answer: nothing was done. The others are of the way there or back.
_ANSWERS = (redis.ResponseError, redis.BusyLoadingError, redis.AuthenticationError)
_LOST = (redis.ConnectionError, redis.TimeoutError, OSError)


class InDoubt(LogGone):
    """The answer did not come. It may have been done: if it was, it will be among the entries that are read."""


class Refused(LogGone):
    """Redis answered that it does not do it now (it is loading, full, read-only, ...), or not for us."""


class Loading(Refused):
    """Redis was just started, and reads what it has."""


class Try(NamedTuple):
    """One of those to run a script."""

    run: str  # of the server that it comes to
    is_again: bool  # the one before may have done it


Arguments = Callable[[Try], Sequence[Any]]


class Wire:
    """A connection, and which run of the server is at its other end."""

    def __init__(self, connection: Any, answer: float) -> None:
        self.connection = connection
        self.answer = answer  # seconds
        self.server: dict[str, str] = {}

    @property
    def run(self) -> str:
        return self.server.get("run_id", "")

    def connect(self) -> None:
        self.connection.connect()
        self.server = self.info("server")

    def info(self, section: str) -> dict[str, str]:
        """What the server says of itself; nothing if it must not or cannot."""
        try:
            said = self.ask("INFO", section)
        except redis.BusyLoadingError:
            raise
        except redis.ResponseError:
            return {}
        lines = (line.partition(":") for line in said.decode("utf-8", "replace").splitlines())
        return {name: value for name, _, value in lines}

    def ask(self, *command: Any) -> Any:
        self.connection.send_command(*command)
        return self.connection.read_response()

    def close(self) -> None:
        self.connection.disconnect()

    def interrupt(self) -> None:
        """Wake the thread that waits for an answer on it; it gets an error."""
        own = getattr(self.connection, "_sock", None)
        try:
            if own is not None:
                own.shutdown(2)
        except OSError:
            pass  # it is closed already


class Link:
    """What a process has of a server of Redis: as many connections as threads ask at a time.

    Nothing is asked again that might have been done, but for scripts: each of them does the same if it is run twice.
    """

    def __init__(self, url: str, seconds: Callable[[], float], answer: float = ANSWER) -> None:
        self.place = ""
        self.answer = answer
        self._seconds = seconds
        self._how, self._kind = _settings(url)
        self.place = _place(self._how)
        self._free: dict[float, deque[Wire]] = {answer: deque(), LONG_ANSWER: deque()}
        self._lock = threading.Lock()
        self._rests_until = 0.0
        self._why = ""
        self._closed = False

    def run(self, script: Script, keys: Sequence[str], arguments: Arguments, long: bool) -> Any:
        """Run a script: once, or once more over a new connection if that it had was broken."""
        try:
            return self._run(script, keys, arguments, long)
        except _Broken:
            try:
                return self._run(script, keys, arguments, long, again=True)
            except LogGone as error:
                raise InDoubt(str(error)) from None

    def _run(self, script: Script, keys: Sequence[str], arguments: Arguments, long: bool, again: bool = False) -> Any:
        wire = self.wire(LONG_ANSWER if long else self.answer)
        rest = (len(keys), *keys, *arguments(Try(wire.run, again)))
        try:
            answer = wire.ask("EVALSHA", script.digest, *rest)
        except redis.exceptions.NoScriptError:
            answer = self._ask(wire, "EVAL", script.text, *rest)
        except (*_ANSWERS, *_LOST) as error:
            raise self._failed(wire, error) from None
        self.give_back(wire)
        return answer

    def _ask(self, wire: Wire, *command: Any) -> Any:
        try:
            return wire.ask(*command)
        except (*_ANSWERS, *_LOST) as error:
            raise self._failed(wire, error) from None

    def command(self, *command: Any, wire: Wire | None = None) -> Any:
        """Any command that may be lost or done twice."""
        own = wire or self.wire(self.answer)
        try:
            answer = self._ask(own, *command)
        except _Broken as error:
            raise InDoubt(str(error)) from None
        if wire is None:
            self.give_back(own)
        return answer

    def wire(self, answer: float, fresh: bool = False) -> Wire:
        """A connection that nobody else uses; a new one, if it is to be, or if there is none."""
        with self._lock:
            if self._closed:
                raise LogGone("the log was closed")
            now = self._seconds()
            if self._why and now < self._rests_until:
                raise LogGone(self._why)
            self._rests_until = now + REST  # one asks whether it is back, the others are told what was
            if not fresh and self._free[answer]:
                return self._free[answer].pop()
        wire = Wire(self._kind(**self._how, socket_timeout=answer), answer)
        try:
            wire.connect()
        except (*_ANSWERS, *_LOST) as error:
            wire.close()
            raise self._gone(error) from None
        if fresh:
            self._why = ""
        return wire

    def give_back(self, wire: Wire) -> None:
        self._why = ""
        with self._lock:
            if not self._closed:
                self._free[wire.answer].append(wire)
                return
        wire.close()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            wires = [wire for free in self._free.values() for wire in free]
        for wire in wires:
            wire.close()

    def _failed(self, wire: Wire, error: Exception) -> LogGone:
        if isinstance(error, _ANSWERS) and not isinstance(error, redis.AuthenticationError):
            gone = self._gone(error)
            self.give_back(wire)
            return gone
        wire.close()
        gone = self._gone(error)
        if isinstance(error, redis.TimeoutError):
            return InDoubt(str(gone))
        with self._lock:  # those beside it are broken as well, as a rule
            others = [other for free in self._free.values() for other in free]
            for free in self._free.values():
                free.clear()
        for other in others:
            other.close()
        return _Broken(str(gone))

    def _gone(self, error: Exception) -> LogGone:
        said = str(error) or type(error).__name__
        if isinstance(error, _ANSWERS):
            kind = Loading if isinstance(error, redis.BusyLoadingError) else Refused
            return kind(f"Redis at {self.place} refuses: {said}")
        why = f"Redis at {self.place} cannot be reached: {said}"
        if isinstance(error, redis.TimeoutError):
            self._why, self._rests_until = why, self._seconds() + REST
        return LogGone(why)


class _Broken(LogGone):
    """The connection broke, and whether it was done is not known."""


def _settings(url: str) -> tuple[dict[str, Any], Any]:
    try:
        how: dict[str, Any] = parse_url(url)  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise Unusable(f"not a URL of Redis (redis://HOST:PORT/DB): {error}") from None
    database = urlsplit(url).path.strip("/")
    if not url.startswith("unix:") and database and not database.isdigit():
        raise Unusable(f"the database of redis://HOST:PORT/DB is a number, not {database!r}")
    kind = how.pop("connection_class", redis.Connection)
    how.pop("socket_timeout", None)
    how |= {"socket_connect_timeout": CONNECT, "protocol": 2, "decode_responses": False, "health_check_interval": 0}
    how |= {"retry_on_timeout": False, "retry": Retry(NoBackoff(), 0)}
    return how, kind


def _place(how: dict[str, Any]) -> str:
    if "path" in how:
        return str(how["path"])
    return f"{how.get('host', 'localhost')}:{how.get('port', 6379)}/{how.get('db', 0)}"
