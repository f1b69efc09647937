"""requests: a plain adapter is answered at once, without a turn through urllib3's pools.

Only where nobody could tell: an adapter of requests' own class, without retries, whose answer comes
undisturbed. All else takes the way through urllib3.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from voipbin_mock.edge.carrier import ask, whole
from voipbin_mock.interception.switchboard import Switchboard
from voipbin_mock.interception.urllib3 import response_of, second


def send(board: Switchboard, original: Any) -> Any:
    """For `HTTPAdapter.send`."""

    def send(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not board.lines or not _plain(self) or not second():
            return original(self, request, *args, **kwargs)
        parts = urlsplit(request.url)
        place = board.find(parts.hostname, parts.port, "requests")
        if place is None:
            return original(self, request, *args, **kwargs)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        host = parts.netloc.rpartition("@")[2]
        reply = ask(place, request.method, target, host, request.headers.items(), whole(request.body))
        if reply.disruption is not None:
            board.ready.reply = reply  # for the pool to enact
            try:
                return original(self, request, *args, **kwargs)
            finally:
                vars(board.ready).clear()
        raw = response_of(reply, request.method, target, preload_content=False, decode_content=False)
        return self.build_response(request, raw)

    return send


def _plain(adapter: Any) -> bool:
    from requests.adapters import HTTPAdapter

    retries = adapter.max_retries
    return type(adapter) is HTTPAdapter and retries.total == 0 and not retries.status_forcelist
