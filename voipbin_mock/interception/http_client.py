"""http.client and all that stands on it: urllib.request, and bare connections of urllib3."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from voipbin_mock.interception.loopback import Socket
from voipbin_mock.interception.switchboard import Switchboard

_ASKED = "_voipbin_mock_asked"  # on a connection to a proxy: what it is asked for


def connect(board: Switchboard, original: Any, secure: bool) -> Any:
    """For `HTTPConnection.connect`: our hosts get a socket that is none."""

    def connect(self: Any) -> Any:
        if not board.lines:
            return original(self)
        asked = self.__dict__.pop(_ASKED, None)
        host, port = asked or (self._tunnel_host or self.host, self._tunnel_port or self.port)
        way = f"{type(self).__module__}.{type(self).__name__}"
        if board.find(host, port, way) is None:
            return original(self)
        self.sock = Socket(board, host, port, self.timeout, way)
        if secure and hasattr(type(self), "is_verified"):
            self.is_verified = True  # urllib3 asks for it
        return None

    return connect


def putrequest(board: Switchboard, original: Any) -> Any:
    """For `HTTPConnection.putrequest`: a request through a proxy names its host only here."""

    def putrequest(self: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        if board.lines and url[:4].lower() == "http" and "://" in url:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            if board.find(parts.hostname, port, "a request through a proxy") is not None:
                setattr(self, _ASKED, (parts.hostname, port))
        return original(self, method, url, *args, **kwargs)

    return putrequest
