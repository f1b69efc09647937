"""What cases are asked of: a mock in process, any base URL, or a client of the user's own."""

from __future__ import annotations

import http.client
import inspect
import json
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from voipbin_mock.api.area import Area
from voipbin_mock.api.catalog import Catalog, catalog_of
from voipbin_mock.api.operations import PREFIX
from voipbin_mock.contract.answers import Answer, make_answer
from voipbin_mock.interception.clients import CredentialClient
from voipbin_mock.mock import Mock
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.redaction import REDACTED
from voipbin_mock.world.clock import Clock

TIMEOUT = 30.0  # seconds
SHORTEST_SECRET = 4
FOREIGN_OUTPLAN = "f0000000-0000-4000-8000-000000000001"
FOREIGN_ACCESSKEY = "f0000000-0000-4000-8000-000000000002"
_FOREIGN_CUSTOMER = "f0000000-0000-4000-8000-00000000000c"
# The published records, and a second customer with something of its own.
SEED: Mapping[str, Any] = {
    "extends": "tutorial",
    "customers": [
        {"id": _FOREIGN_CUSTOMER, "name": "Somebody else", "status": "active", "metadata": {"rtp_debug": False}}
    ],
    "outplans": [{"id": FOREIGN_OUTPLAN, "customer_id": _FOREIGN_CUSTOMER, "name": "not yours"}],
    "accesskeys": [
        {
            "id": FOREIGN_ACCESSKEY,
            "customer_id": _FOREIGN_CUSTOMER,
            "name": "not yours",
            "token": "vb_voipbin-mock-foreign-key-0000001",
            "tm_expire": "9998-12-31 00:00:00.000000",
        }
    ],
    "calls": [
        {
            "id": "f0000000-0000-4000-8000-000000000003",
            "customer_id": "7a1b2c3d-4e5f-6789-abcd-ef0123456789",
            "type": "flow",
            "source": {"type": "tel", "target": "+15559876543"},
            "destination": {"type": "tel", "target": "+15550100001"},
            "status": "hangup",
            "direction": "outgoing",
            "hangup_by": "remote",
            "hangup_reason": "normal",
        }
    ],
    "campaigncalls": [
        {
            "id": f"f0000000-0000-4000-8000-00000000000{number}",
            "customer_id": "7a1b2c3d-4e5f-6789-abcd-ef0123456789",
            "campaign_id": "183c0d5c-691e-42f3-af2b-9bffc2740f83",
            "reference_type": "call",
            "status": status,
            "result": result,
            "source": {"type": "tel", "target": "+15559876543"},
            "destination": {"type": "tel", "target": f"+1555010000{number}"},
            "try_count": 1,
        }
        for number, status, result in ((4, "done", "success"), (5, "dialing", ""), (6, "done", "fail"))
    ],
}
# Records of that seed that another target has none of, by the names that cases use.
SEEDED = {
    "foreign_outplan": FOREIGN_OUTPLAN,
    "foreign_accesskey": FOREIGN_ACCESSKEY,
    "done_campaigncall": "f0000000-0000-4000-8000-000000000006",
    "unfinished_campaigncall": "f0000000-0000-4000-8000-000000000005",
}


class TargetError(Exception):
    """A target that cannot be asked: it does not answer, or not in HTTP."""


class Secrets:
    """Whatever must not be seen in any output."""

    def __init__(self) -> None:
        self._texts: set[str] = set()

    def add(self, *texts: Any) -> None:
        for text in texts:
            if isinstance(text, str) and len(text) >= SHORTEST_SECRET:
                self._texts |= {text, quote(text, safe=""), json.dumps(text)[1:-1]}

    def clean(self, text: str) -> str:
        for secret in sorted(self._texts, key=len, reverse=True):
            text = text.replace(secret, REDACTED)
        return text


class Target:
    """Somebody to ask, with the credentials to do it. Subclasses `send`."""

    catalog: Catalog | None = None  # of its own, if it is known
    remote = False  # whether asking may change or cost something

    def __init__(
        self,
        name: str,
        *,
        accesskey: str | None = None,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.accesskey, self.token = accesskey, token
        self.username, self.password = username, password
        self.secrets = Secrets()
        self.stopping = threading.Event()  # set: ask no more, but clean up
        self.secrets.add(accesskey, token, password)
        self.values: dict[str, Any] = {"unique": format(Clock().microseconds(), "x"), **(values or {})}
        if username is not None and password is not None:
            self.values |= {"username": username, "password": password}
        if accesskey is not None:
            self.values["accesskey"] = accesskey

    def send(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """One request, sent as it is. Raises TargetError."""
        raise NotImplementedError

    def pause(self, seconds: float) -> None:
        """Let time pass, as a 429 asks for; being told to stop ends it, unless that is past already."""
        (threading.Event() if self.stopping.is_set() else self.stopping).wait(seconds)

    def log_in(self) -> None:
        """Turn the user name and password into a token, if there is none yet. Raises TargetError."""
        if self.token is not None or self.username is None:
            return
        body = json.dumps({"username": self.username, "password": self.password}).encode("utf-8")
        answer = self.send("POST", "/auth/login", "", {"Content-Type": "application/json"}, body)
        try:
            token = answer.json()["token"] if answer.status == 200 else None
        except (ValueError, LookupError, TypeError):
            token = None
        if not isinstance(token, str):
            raise TargetError(f"{self.name}: logging in as {self.username} was answered with {answer.status}")
        self.token = token
        self.secrets.add(token)

    def close(self) -> None:
        """Let go of it."""


class MockTarget(Target):
    """A mock in this process: a fresh one, or one that is given."""

    def __init__(
        self,
        profile: str = "documented",
        mock: Mock | None = None,
        name: str | None = None,
        areas: Iterable[Area | str] = (),
    ) -> None:
        given = mock is not None
        self.mock = mock or Mock(
            profile,
            seed=dict(SEED),
            clock="2026-03-01 09:00:00",
            ignore=("all",),
            intercept=False,
            leak_guard=False,
            areas=areas,
        )
        super().__init__(
            name or f"mock:{self.mock.world.profile.name}",
            accesskey=self.mock.accesskey,
            token=self.mock.token,
            username=self.mock.username,
            password=self.mock.password,
            values={"unique": "0", **({} if given else SEEDED)},
        )
        self.catalog = catalog_of(self.mock.world)
        # Without a jar: the cookie of a login would win over every other credential.
        self._client = CredentialClient(self.mock.door, {}, use_cookies=False)

    def send(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        reply = self._client.open(path, method=method, query_string=query, headers=dict(headers), data=body)
        return make_answer(reply.status_code, list(reply.headers), reply.get_data())

    def pause(self, seconds: float) -> None:
        self.mock.advance(seconds)


class HttpTarget(Target):
    """A base URL: the service itself, a gateway before it, or a mock that serves."""

    remote = True

    def __init__(self, base_url: str, *, timeout: float = TIMEOUT, **credentials: Any) -> None:
        parts = urlsplit(base_url)
        try:
            port = parts.port
        except ValueError:
            port = 0
        if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or parts.query or parts.username:
            raise MockUsageError(f"{base_url!r} is no base URL such as https://api.voipbin.net/v1.0")
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname, port
        self._base = parts.path.rstrip("/").removesuffix(PREFIX)
        self._timeout = timeout
        self._tls = ssl.create_default_context() if self._secure else None  # dear to make
        super().__init__(f"{parts.scheme}://{parts.netloc}{self._base}", **credentials)

    def send(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        connection: http.client.HTTPConnection
        if self._secure:
            connection = http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._tls)
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        target = self._base + path + (f"?{query}" if query else "")
        try:
            connection.request(method, target, body=body, headers=dict(headers))
            reply = connection.getresponse()
            return make_answer(reply.status, reply.getheaders(), reply.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = str(error) or type(error).__name__
            raise TargetError(f"{self.name} does not answer {method} {path}: {why}") from None
        finally:
            connection.close()


class ClientTarget(Target):
    """A client of the user's own.

    client: an object with `request(method, url, headers=..., content= or data= or json=...)`, such as a
    session of requests or httpx, or a function of (method, url, headers, body) that returns a response,
    or a tuple of status, headers and body. `base_url` is put before every path. A cookie jar that the client
    has is emptied after each answer; redirects should not be followed.
    """

    def __init__(self, client: Any, base_url: str = "https://api.voipbin.net", **credentials: Any) -> None:
        self._base = base_url.rstrip("/").removesuffix(PREFIX)
        self._ask = _caller(client)
        jar = _first(client, "cookies", "cookie_jar")
        self._jar = jar if hasattr(jar, "clear") else None
        super().__init__(f"{type(client).__name__} at {self._base}", **credentials)

    def send(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        url = self._base + path + (f"?{query}" if query else "")
        answer = _answer_of(self._ask(method, url, dict(headers), body))
        if self._jar is not None:  # the cookie of a login would win over every other credential
            self._jar.clear()
        return answer


def _caller(client: Any) -> Callable[[str, str, dict[str, str], bytes | None], Any]:
    request = getattr(client, "request", None)
    if request is None:
        if not callable(client):
            raise MockUsageError(f"{client!r} has no method `request`, and cannot be called itself")
        called: Callable[[str, str, dict[str, str], bytes | None], Any] = client
        return called
    names = inspect.signature(request).parameters
    takes = next((name for name in ("content", "data", "body") if name in names), None)

    def ask(method: str, url: str, headers: dict[str, str], body: bytes | None) -> Any:
        if body is None:
            return request(method, url, headers=headers)
        if takes is not None:
            return request(method, url, headers=headers, **{takes: body})
        return request(method, url, headers=headers, json=json.loads(body))

    return ask


def _answer_of(response: Any) -> Answer:
    """Whatever a client calls a response."""
    if isinstance(response, tuple):
        status, headers, body = response[:3]
        return make_answer(status, headers, body or b"")
    status = _first(response, "status_code", "status")
    body = _first(response, "content", "data", "body", "text")
    if isinstance(body, str):
        body = body.encode("utf-8")
    if status is None or not isinstance(body, bytes):
        raise MockUsageError(
            f"{type(response).__name__} is no response: it needs a status, headers and bytes of a body"
        )
    return make_answer(status, _first(response, "headers") or {}, body)


def _first(thing: Any, *names: str) -> Any:
    return next((getattr(thing, name) for name in names if getattr(thing, name, None) is not None), None)


def query_of(query: Mapping[str, Any]) -> str:
    return urlencode({name: value if isinstance(value, list) else str(value) for name, value in query.items()}, True)
