"""Beside whatever else patches the same places, in whatever order all of them come and go.

While a mock is there, a call is answered by it, or refused by the one before it with advice; nothing leaves. In the
end everything is as it was.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FunctionType
from typing import Any
from unittest import mock as unittest_mock

import httpx
import pytest
import requests
import responses
import respx
import urllib3
from hypothesis import given, settings
from hypothesis import strategies as st

from voipbin_mock import LeakError, Mock

try:
    import requests_mock
except ImportError:
    requests_mock = None  # type: ignore[assignment]
try:
    import vcr
except ImportError:
    vcr = None

HOST, SIP = "api.voipbin.net", "sip.voipbin.net"
URL = f"https://{HOST}/ping"

# Whatever another library may have put there when this file is loaded, as it is then.
PLACES: list[tuple[Any, str]] = [
    (requests.Session, "send"),
    (requests.adapters.HTTPAdapter, "send"),
    (urllib3.HTTPConnectionPool, "_make_request"),
    (urllib3.HTTPConnectionPool, "urlopen"),
    (http.client, "HTTPConnection"),
    (http.client.HTTPConnection, "connect"),
    (http.client.HTTPConnection, "putrequest"),
    (http.client.HTTPSConnection, "connect"),
    (httpx.HTTPTransport, "handle_request"),
    (httpx.AsyncHTTPTransport, "handle_async_request"),
    (socket, "socket"),
    (socket.socket, "connect"),
    (socket.socket, "sendto"),
    *((socket, name) for name in ("getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo")),
]


def state() -> list[Any]:
    found: list[Any] = []
    for owner, name in PLACES:
        at = getattr(owner, name)
        found.append((name, at, (at.__code__, at.__kwdefaults__) if isinstance(at, FunctionType) else None))
    return [*found, list(sys.meta_path)]


# --- neighbours ------------------------------------------------------------------------------------


@contextmanager
def instrumented(owner: Any, name: str) -> Iterator[None]:
    """As a tracer does: a wrapper around what is found, and that is put back."""
    found = getattr(owner, name)

    def traced(*args: Any, **kwargs: Any) -> Any:
        return found(*args, **kwargs)

    with unittest_mock.patch.object(owner, name, traced):
        yield


@contextmanager
def blocking_sockets() -> Iterator[None]:
    """As pytest-socket does: its own functions, taken away only where they still stand."""

    def blocked(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("a socket was used")

    names = ("getaddrinfo", "gethostbyname")
    true = {name: getattr(socket, name) for name in names}
    for name in names:
        setattr(socket, name, blocked)
    try:
        yield
    finally:
        for name in names:
            if getattr(socket, name) is blocked:
                setattr(socket, name, true[name])


@contextmanager
def import_hook() -> Iterator[None]:
    """As pyfakefs does: first in, and the first is taken out, whoever it is."""

    class Hook:
        def find_spec(self, *args: Any) -> None:
            return None

    sys.meta_path.insert(0, Hook())  # type: ignore[arg-type]
    try:
        yield
    finally:
        assert type(sys.meta_path.pop(0)) is Hook


NEIGHBOURS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "responses": lambda: responses.RequestsMock(assert_all_requests_are_fired=False),
    "respx": lambda: respx.mock(assert_all_called=False),
    "traced httpx": lambda: instrumented(httpx.HTTPTransport, "handle_request"),
    "traced http.client": lambda: instrumented(http.client.HTTPConnection, "putrequest"),
    "traced urllib3": lambda: instrumented(urllib3.HTTPConnectionPool, "urlopen"),
    "traced sockets": lambda: instrumented(socket.socket, "sendto"),
    "blocking sockets": blocking_sockets,
    "import hook": import_hook,
}
if requests_mock is not None:
    NEIGHBOURS["requests_mock"] = lambda: requests_mock.Mocker()
if vcr is not None:
    NEIGHBOURS["vcrpy"] = lambda: vcr.VCR(record_mode="none").use_cassette("none.yaml")


# --- what must hold ---------------------------------------------------------------------------------


PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def through_http_client() -> int:
    connection = http.client.HTTPSConnection(HOST, context=PLAIN)
    connection.request("GET", "/ping")
    return connection.getresponse().status


SESSION, CLIENT, POOL = requests.Session(), httpx.Client(verify=PLAIN), urllib3.PoolManager(retries=False)
CALLS: list[Callable[[], int]] = [
    lambda: SESSION.get(URL, timeout=5).status_code,
    lambda: CLIENT.get(URL).status_code,
    lambda: POOL.request("GET", URL).status,
    through_http_client,
]


def answered_or_told() -> None:
    for call in CALLS:
        try:
            assert call() == 200
        except AssertionError:
            raise
        except Exception as refusal:  # noqa: BLE001 - of whichever library
            assert "voipbin-mock is active and would answer" in str(refusal)  # noqa: PT017
    with pytest.raises((LeakError, RuntimeError)):
        socket.getaddrinfo(SIP, 5060)


@st.composite
def comings_and_goings(draw: st.DrawFn) -> list[str]:
    """A mock and one or two neighbours, each name twice: it comes, it goes. Only the mock crosses others."""
    first, *second = draw(st.lists(st.sampled_from(sorted(NEIGHBOURS)), min_size=1, max_size=2, unique=True))
    among_themselves = draw(st.sampled_from([[first, *second, *second, first], [first, first, *second, *second]]))
    order = list(among_themselves)
    for _ in range(2):
        order.insert(draw(st.integers(0, len(order))), "mock")
    return order


@settings(max_examples=40)
@given(comings_and_goings())
def test_in_whatever_order_they_come_and_go_nothing_leaves_and_nothing_is_left(order: list[str]) -> None:
    before = state()
    there: dict[str, AbstractContextManager[Any]] = {}
    with unittest_mock.patch("_socket.getaddrinfo", side_effect=AssertionError("a name was really looked up")):
        for name in order:
            if name in there:
                there.pop(name).__exit__(None, None, None)
            else:
                there[name] = Mock() if name == "mock" else NEIGHBOURS[name]()
                there[name].__enter__()
            if "mock" in there:
                answered_or_told()
    # What is C has an attribute set, which a neighbour may put back when the mock is gone: it goes when first used.
    socket.gethostbyname("127.0.0.1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.sendto(b"", ("127.0.0.1", 9))
    assert [new for new, old in zip(state(), before, strict=True) if new != old] == []
