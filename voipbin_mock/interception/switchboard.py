"""Which mock answers for a host, and what becomes of calls to the service that none answers.

Patches of client classes hold for a whole process, so this is the one thing here that does: it knows
the mocks that intercept at present. The innermost that answers for a host gets the call.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import urlsplit

from voipbin_mock.edge.carrier import Place, is_between, user_frame
from voipbin_mock.edge.door import Door
from voipbin_mock.wire.errors import LeakError, MockUsageError
from voipbin_mock.wire.values import printable

logger = logging.getLogger("voipbin_mock")

SERVICE_DOMAIN = "voipbin.net"
SERVICE_HOST = "api.voipbin.net"
HOOK_HOST = "hook.voipbin.net"  # what providers call
_OWN_HOSTS = (SERVICE_HOST, HOOK_HOST)
_USUAL_PORTS = (None, 80, 443)
ANSWERED = "requests, urllib3, httpx, aiohttp, http.client and urllib.request"

Hosts = Mapping[tuple[str, "int | None"], str]  # host and port (None: any) -> path before the service's own


def is_service(host: str) -> bool:
    """Whether a host belongs to the real service."""
    return host == SERVICE_DOMAIN or host.endswith("." + SERVICE_DOMAIN)


def plain_host(host: str | bytes) -> str:
    text = host.decode("latin-1") if isinstance(host, bytes) else host
    return text.lower().strip("[]").rstrip(".")


def hosts_of(base_urls: tuple[str, ...]) -> dict[tuple[str, int | None], str]:
    """Where a mock is reached, by its settings. Raises MockUsageError for what is no base URL."""
    hosts: dict[tuple[str, int | None], str] = {(host, None): "" for host in _OWN_HOSTS}
    for url in base_urls:
        try:
            parts = urlsplit(url)
            port = parts.port
        except (ValueError, AttributeError):
            parts = None
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise MockUsageError(f"base_urls: {url!r} is no base URL; write it as https://staging.example.com/v1.0")
        # What people call the base URL ends with the version, as `Mock.url` does.
        prefix = parts.path.rstrip("/").removesuffix("/v1.0")
        for number in _USUAL_PORTS if port is None else (port,):
            hosts[plain_host(parts.hostname), number] = prefix
    return hosts


class Line:
    """One mock's connection to the switchboard."""

    def __init__(self, app: Door, hosts: Hosts, guard: bool, leaked: Callable[[str], None]) -> None:
        self.app = app
        self.hosts = hosts
        self.guard = guard
        self.leaked = leaked
        self.forks = 0  # of this process, when it was entered

    @property
    def stops(self) -> bool:
        """Whether a call to the service that nobody answers is stopped."""
        return self.guard

    def advice(self, host: str, answered: list[str]) -> str:
        """What to do about a call that was stopped, by the hosts that are answered."""
        if host in answered:
            return (
                f"The mock answers {ANSWERED} for this host; this call came another way (a raw socket, a websocket, "
                "or a client it does not know). Point that client at the URL of `mock.serve()`, "
                "or turn the guard off with leak_guard=False."
            )
        if not answered:
            return (
                "This mock was made with intercept=False. Point the code at its own URL, "
                "or turn the guard off with leak_guard=False."
            )
        return (
            f"The mock answers for {', '.join(answered)}; name further base URLs with base_urls=[...], "
            "or turn the guard off with leak_guard=False."
        )

    def place(self, host: str, port: int | None) -> Place | None:
        prefix = self.hosts.get((host, port))
        if prefix is None:
            prefix = self.hosts.get((host, None)) if host in _OWN_HOSTS else None
        return None if prefix is None else Place(self.app, prefix)


class AnyLine(Protocol):
    """A mock's, or a guard's without a mock."""

    @property
    def hosts(self) -> Hosts: ...
    @property
    def leaked(self) -> Callable[[str], None]: ...
    @property
    def stops(self) -> bool: ...
    def place(self, host: str, port: int | None) -> Place | None: ...
    def advice(self, host: str, answered: list[str]) -> str: ...


class Switchboard:
    """The mocks that intercept now. Reading it takes no lock: the tuple is replaced as a whole."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.forks = 0  # how often this process was forked, since it is watched
        self.lines: tuple[AnyLine, ...] = ()
        self.ready = threading.local()  # an answer on its way from one door of a library to the next

    def plug(self, line: AnyLine) -> bool:
        """True for the first."""
        self.lines = (*self.lines, line)
        return len(self.lines) == 1

    def unplug(self, line: AnyLine) -> bool:
        """True for the last one out."""
        kept = list(self.lines)
        for index in range(len(kept) - 1, -1, -1):
            if kept[index] is line:
                del kept[index]
                self.lines = tuple(kept)
                return not kept
        return False

    def find(self, host: str | bytes | None, port: int | None, way: str) -> Place | None:
        """Who answers for a host; None if it is no business of ours. Raises LeakError."""
        lines = self.lines
        if not lines or not host:
            return None
        name = plain_host(host)
        for line in reversed(lines):
            place = line.place(name, port)
            if place is not None:
                return place
        if is_service(name):
            self.guard(name, way)
        return None

    def before(self, line: Line) -> Line | None:
        """Of the mocks entered after this one, the one that gets its calls."""
        lines = self.lines
        if line not in lines:
            return None
        later = [other for other in lines[len(lines) - lines[::-1].index(line) :] if isinstance(other, Line)]
        return next((other for other in reversed(later) if other is not line and other.hosts.keys() & line.hosts), None)

    def guard(self, host: str, way: str) -> None:
        """Stop a call to the service that nobody answers. Raises LeakError."""
        lines = self.lines
        if not lines or not lines[-1].stops:
            return
        frame = user_frame(2)
        place = "" if is_between(frame) else f", at {frame.f_code.co_filename}:{frame.f_lineno}"
        answered = sorted({name for line in lines for name, _ in line.hosts})
        advice = lines[-1].advice(host, answered)
        text = f"voipbin-mock stopped a call to the real service: {way} to {printable(host)}{place}. {advice}"
        logger.warning("%s", text)
        lines[-1].leaked(text)
        raise LeakError(text)
