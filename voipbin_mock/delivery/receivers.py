"""Ways to hand a webhook over: to a URL on this machine, a WSGI or ASGI app, or a callable.

One attempt each, no retries: those are the sender's business. An answer is an HTTP code; no answer is
an OSError.
"""

from __future__ import annotations

import inspect
import json
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

MAX_REDIRECTS = 3
DEFAULT_TIMEOUT = 5.0  # seconds of the machine; the service waits 30
KINDS = ("callable", "wsgi", "asgi")


class Webhook(NamedTuple):
    """One webhook as a receiver gets it."""

    type: str  # "campaign_created"
    url: str
    method: str
    headers: dict[str, str]
    body: bytes
    attempt: int  # from 1

    @property
    def data(self) -> dict[str, Any]:
        """The record, as the API shows it."""
        found: dict[str, Any] = json.loads(self.body)["data"]
        return found

    @property
    def signature(self) -> str:
        """`sha256=<hex>` of the body under the customer's webhook secret; "" if the customer has none."""
        return self.headers.get("X-VoIPBIN-Signature", "")


Receiver = Callable[[Webhook], int]


@lru_cache(maxsize=256)
def is_local(url: str) -> bool:
    """Whether a URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        import ipaddress

        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def over_http(webhook: Webhook, timeout: float, admitted: Callable[[str], bool]) -> int:
    """Send it over the network; redirects are followed as the service does, and only to where we may."""
    url, method, body = webhook.url, webhook.method, webhook.body
    for _ in range(MAX_REDIRECTS + 1):
        if not admitted(url):
            raise OSError(f"redirected to {url}, which is not on this machine")
        code, location = _once(url, method, webhook.headers, body, timeout)
        if location is None or code not in (301, 302, 303, 307, 308):
            return code
        url = urljoin(url, location)
        if code in (301, 302, 303) and method not in ("GET", "HEAD"):
            method, body = "GET", b""
    raise OSError(f"more than {MAX_REDIRECTS} redirects")


def _once(url: str, method: str, headers: Mapping[str, str], body: bytes, timeout: float) -> tuple[int, str | None]:
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    except ValueError as error:
        raise OSError(str(error)) from None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target, body or None, dict(headers) if body else {})
        answer = connection.getresponse()
        answer.read(65536)
        return answer.status, answer.getheader("Location")
    except (HTTPException, ValueError) as error:
        raise OSError(f"{type(error).__name__}: {error}") from None
    finally:
        connection.close()


def receiver_of(target: Any, kind: str | None = None) -> Receiver:
    """A receiver for whatever was given. kind: "callable", "wsgi" or "asgi", where it cannot be seen."""
    if not callable(target):
        raise TypeError(f"a receiver is a callable, a WSGI app or an ASGI app, not {target!r}")
    if kind is None:
        kind = _kind_of(target)
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    if kind == "asgi":
        return lambda webhook: _in_asgi(target, webhook)
    if kind == "wsgi":
        return lambda webhook: _in_wsgi(target, webhook)
    return lambda webhook: _called(target, webhook)


def _kind_of(target: Any) -> str:
    """WSGI apps take two arguments, ASGI apps three and are coroutines, callables one."""
    if hasattr(target, "wsgi_app"):
        return "wsgi"
    called = target if inspect.isroutine(target) else type(target).__call__
    try:
        signature = inspect.signature(target)
    except (TypeError, ValueError):
        return "callable"
    needed = [
        p for p in signature.parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]  # fmt: skip
    if len(needed) == 3 or (len(needed) == 2 and inspect.iscoroutinefunction(called)):
        return "asgi"
    return "wsgi" if len(needed) == 2 else "callable"


def _called(target: Callable[[Webhook], Any], webhook: Webhook) -> int:
    """A callable may answer with an HTTP code; nothing means 200. Coroutines are run to their end."""
    answer = target(webhook)
    if inspect.isawaitable(answer):
        answer = _run(answer)
    if answer is None:
        return 200
    code = getattr(answer, "status_code", answer)
    if type(code) is not int:
        raise TypeError(f"a webhook receiver returns an HTTP code or nothing, not {answer!r}")
    return code


def _run(awaitable: Any) -> Any:
    """Wait for a coroutine, whether or not an event loop is running in this thread."""
    import asyncio  # dear, and only for receivers that are coroutines

    async def wait() -> Any:
        return await awaitable

    outcome: list[Any] = []

    def target() -> None:
        try:
            outcome.append(asyncio.run(wait()))
        except BaseException as error:  # noqa: BLE001  raised again in the thread that waits
            outcome.append(error)

    thread = threading.Thread(target=target, name="voipbin-mock-webhook", daemon=True)
    thread.start()
    thread.join()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def _in_wsgi(app: Any, webhook: Webhook) -> int:
    from werkzeug.test import create_environ, run_wsgi_app

    parts = urlsplit(webhook.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    base_url = f"{parts.scheme}://{parts.netloc}"
    environ = create_environ(target, base_url, method=webhook.method, headers=webhook.headers, data=webhook.body)
    _, status, _ = run_wsgi_app(app, environ, buffered=True)
    return int(status[:3])


def _in_asgi(app: Any, webhook: Webhook) -> int:
    parts = urlsplit(webhook.url)
    path = unquote_to_bytes(parts.path or "/")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": webhook.method,
        "scheme": parts.scheme or "http",
        "path": path.decode("utf-8", "replace"),
        "raw_path": path,
        "query_string": parts.query.encode("latin-1"),
        "root_path": "",
        "headers": [(b"host", parts.netloc.encode("latin-1"))]
        + [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in webhook.headers.items()]
        + [(b"content-length", str(len(webhook.body)).encode("latin-1"))],
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname or "localhost", parts.port or 80),
    }
    codes: list[int] = []
    asked: list[bool] = []

    async def receive() -> dict[str, Any]:
        if asked:
            return {"type": "http.disconnect"}
        asked.append(True)
        return {"type": "http.request", "body": webhook.body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            codes.append(int(message["status"]))

    _run(app(scope, receive, send))
    if not codes:
        raise OSError("the ASGI app started no response")
    return codes[-1]
