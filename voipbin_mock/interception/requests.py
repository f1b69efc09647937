"""requests: a plain adapter is answered at once, without a turn through urllib3's pools.

Only where nobody could tell: an adapter of requests' own class, without retries, whose answer comes
undisturbed. All else takes the way through urllib3.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from voipbin_mock.edge.carrier import ask, content, is_read_once, refused, whole
from voipbin_mock.interception.switchboard import Switchboard
from voipbin_mock.interception.urllib3 import response_of, second


def send(board: Switchboard, original: Any) -> Any:
    """For `HTTPAdapter.send`."""

    def send(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not board.lines or not _plain(self) or not second():
            return original(self, request, *args, **kwargs)
        parts = urlsplit(request.url)
        name, port, host = _address(parts.netloc)
        place = board.find(name, port, "requests")
        if place is None:
            return original(self, request, *args, **kwargs)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        headers = request.headers
        # Its `items` looks every name up again.
        named = headers.lower_items() if hasattr(headers, "lower_items") else headers.items()
        reply = None
        if is_read_once(request.body):
            reply = refused(place, request.method, target, host, headers.items())
        if reply is None:
            reply = ask(place, request.method, target, host, named, whole(request.body))
        if reply.disruption is not None:
            board.ready.reply = reply  # for the pool to enact
            try:
                return original(self, request, *args, **kwargs)
            finally:
                vars(board.ready).clear()
        raw = response_of(reply, request.method, target, preload_content=False, decode_content=False)
        response = self.build_response(request, raw)
        if not (args[0] if args else kwargs.get("stream")):
            _read(response, content(request.method, reply))
        return response

    return send


def _read(response: Any, body: bytes) -> None:
    """Leave a response as it is when its body was read to the end, without taking it through the stream."""
    raw = response.raw
    raw._fp.close()
    raw._fp_bytes_read = len(body)
    raw.length_remaining = 0 if raw.length_remaining is not None else None
    response._content, response._content_consumed = body, True


def _plain(adapter: Any) -> bool:
    retries = adapter.max_retries
    return type(adapter) is _adapter() and retries.total == 0 and not retries.status_forcelist


@lru_cache(maxsize=256)
def _address(netloc: str) -> tuple[str | None, int | None, str]:
    """The name and port in a URL, and both as a Host header has them."""
    parts = urlsplit(f"//{netloc}")
    return parts.hostname, parts.port, netloc.rpartition("@")[2]


@lru_cache(maxsize=1)
def _adapter() -> type:
    from requests.adapters import HTTPAdapter

    return HTTPAdapter
