"""Receivers in the user's program: a WSGI or ASGI app, or a callable.

One attempt each, no retries: those are the sender's business. An answer is an HTTP code, at once or after a loop has
run for it (`Answering`).
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from voipbin_mock.wire.apps import ask_wsgi, kind_of

KINDS = ("callable", "wsgi", "asgi")
SENT_BY_FLOW = "webhook_send"  # the type of what the action of that name sends


class Webhook(NamedTuple):
    """One webhook as a receiver gets it."""

    type: str  # "campaign_created"
    url: str
    method: str
    headers: dict[str, str]
    body: bytes
    attempt: int  # from 1

    @property
    def json(self) -> Any:
        """The body, read as JSON. Raises ValueError."""
        return json.loads(self.body)

    @property
    def data(self) -> dict[str, Any]:
        """The record, as the API shows it; of what a flow sends (`webhook_send`) all of the body."""
        found: dict[str, Any] = self.json if self.type == SENT_BY_FLOW else self.json["data"]
        return found

    @property
    def signature(self) -> str:
        """`sha256=<hex>` of the body under the customer's webhook secret; "" if the customer has none."""
        return self.headers.get("X-VoIPBIN-Signature", "")


class Answering(NamedTuple):
    """A receiver that an event loop has to run."""

    awaitable: Awaitable[Any]
    code_of: Callable[[Any], int]  # what the result says
    answered: Callable[[], int | None]  # the code, if it has answered already and is only working on


Receiver = Callable[[Webhook], "int | Answering"]


def receiver_of(target: Any, kind: str | None = None) -> Receiver:
    """A receiver for whatever was given. kind: "callable", "wsgi" or "asgi", where it cannot be seen."""
    if not callable(target):
        raise TypeError(f"a receiver is a callable, a WSGI app or an ASGI app, not {target!r}")
    if kind is None:
        kind = kind_of(target)
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    if kind == "asgi":
        return lambda webhook: _in_asgi(target, webhook)
    if kind == "wsgi":
        return lambda webhook: _in_wsgi(target, webhook)
    return lambda webhook: _called(target, webhook)


def _called(target: Callable[[Webhook], Any], webhook: Webhook) -> int | Answering:
    """A callable may answer with an HTTP code; nothing means 200."""
    answer = target(webhook)
    return Answering(answer, _code, _not_yet) if inspect.isawaitable(answer) else _code(answer)


def _code(answer: Any) -> int:
    if answer is None:
        return 200
    code = getattr(answer, "status_code", answer)
    if type(code) is not int:
        raise TypeError(f"a webhook receiver returns an HTTP code or nothing, not {answer!r}")
    return code


def _not_yet() -> int | None:
    """Whoever answers at the end has not done so before."""
    return None


def _in_wsgi(app: Any, webhook: Webhook) -> int:
    code, _ = ask_wsgi(app, webhook.url, webhook.method, webhook.headers, webhook.body)
    return code


def _in_asgi(app: Any, webhook: Webhook) -> Answering:
    """It has answered once its response is whole; what it does then (background tasks) belongs to nobody's waiting."""
    codes: list[int] = []
    whole: list[int] = []
    waiting: list[Any] = []
    asked: list[bool] = []

    async def receive() -> dict[str, Any]:
        if not asked:
            asked.append(True)
            return {"type": "http.request", "body": webhook.body, "more_body": False}
        if not whole:  # a client that is there until it has its answer
            import asyncio

            waiting.append(asyncio.Event())
            await waiting[-1].wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            codes.append(int(message["status"]))
        elif codes and not message.get("more_body", False):
            whole.append(codes[-1])
            for event in waiting:
                event.set()

    def code_of(_: Any) -> int:
        if not codes:
            raise OSError("the ASGI app started no response")
        return codes[-1]

    return Answering(app(_scope(webhook), receive, send), code_of, lambda: whole[-1] if whole else None)


def _scope(webhook: Webhook) -> dict[str, Any]:
    parts = urlsplit(webhook.url)
    path = unquote_to_bytes(parts.path or "/")
    headers = [("host", parts.netloc), *webhook.headers.items(), ("content-length", str(len(webhook.body)))]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": webhook.method,
        "scheme": parts.scheme or "http",
        "path": path.decode("utf-8", "replace"),
        "raw_path": path,
        "query_string": parts.query.encode("utf-8"),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("utf-8")) for name, value in headers],
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname or "localhost", parts.port or 80),
    }
