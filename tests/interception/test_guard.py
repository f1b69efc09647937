"""What the leak guard stops, beyond the clients that a mock answers: look-ups, UDP, and what was bound before."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from socket import getaddrinfo as bound_before
from typing import Any

import pytest

from voipbin_mock import LeakError, Mock

SIP = "sip.voipbin.net"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The names that were really looked up by `socket.getaddrinfo`, wherever it was bound."""
    import _socket

    names: list[Any] = []

    def nobody(host: Any, *args: Any, **kwargs: Any) -> Any:
        names.append(host)
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(_socket, "getaddrinfo", nobody)
    return names


@pytest.fixture
def udp() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        yield sender


def on_loop(call: Callable[[Any], Any]) -> Any:
    async def go() -> Any:
        return await call(asyncio.get_running_loop())

    return asyncio.run(go())


WAYS: dict[str, Callable[[socket.socket], Any]] = {
    "sendto": lambda udp: udp.sendto(b"OPTIONS", (SIP, 5060)),
    "sendto with flags": lambda udp: udp.sendto(b"OPTIONS", 0, (SIP, 5060)),
    "sendto, the name as bytes": lambda udp: udp.sendto(b"OPTIONS", (SIP.encode(), 5060)),
    "sendmsg": lambda udp: udp.sendmsg([b"OPTIONS"], [], 0, (SIP, 5060)),
    "connect": lambda udp: udp.connect((SIP, 5060)),
    "connect_ex": lambda udp: udp.connect_ex((SIP, 5060)),
    "gethostbyaddr": lambda udp: socket.gethostbyaddr(SIP),
    "getnameinfo": lambda udp: socket.getnameinfo((SIP, 5060), 0),
    "getfqdn": lambda udp: socket.getfqdn(SIP),
    "getaddrinfo by keyword": lambda udp: socket.getaddrinfo(host=SIP, port=5060),
    "getaddrinfo bound before": lambda udp: bound_before(SIP, 5060),
    "sock_sendto": lambda udp: on_loop(lambda loop: loop.sock_sendto(udp, b"OPTIONS", (SIP, 5060))),
    "sock_connect": lambda udp: on_loop(lambda loop: loop.sock_connect(udp, (SIP, 5060))),
    "loop.getaddrinfo": lambda udp: on_loop(lambda loop: loop.getaddrinfo(SIP, 5060)),
    "loop.getnameinfo": lambda udp: on_loop(lambda loop: loop.getnameinfo((SIP, 5060))),
    "datagram endpoint": lambda udp: on_loop(
        lambda loop: loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=(SIP, 5060))
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_way_out_is_stopped_with_an_explanation(way: str, udp: socket.socket, asked: list[Any]) -> None:
    with Mock() as mock, pytest.raises(LeakError, match=r"stopped a call to the real service.*sip\.voipbin\.net"):
        WAYS[way](udp)
    assert SIP in mock.report()
    assert asked == []


def test_what_a_datagram_transport_swallows_shows_in_the_report(asked: list[Any]) -> None:
    async def go() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: None)  # that is where asyncio takes it
        transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
        transport.sendto(b"OPTIONS", (SIP, 5060))
        transport.close()

    with Mock() as mock:
        asyncio.run(go())
        assert "socket.sendto to sip.voipbin.net" in mock.report()


def test_loopback_stays_free(udp: socket.socket) -> None:
    with Mock(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hears:
        hears.bind(("127.0.0.1", 0))
        hears.settimeout(5)
        where = hears.getsockname()
        udp.sendto(b"one", where)
        udp.sendto(b"two", 0, where)
        udp.sendmsg([b"thr", b"ee"], [], 0, where)
        udp.connect(where)
        udp.sendmsg((b"four",))
        assert [hears.recv(10) for _ in range(4)] == [b"one", b"two", b"three", b"four"]
        assert socket.gethostbyaddr("127.0.0.1")[2] == ["127.0.0.1"]
        assert socket.getnameinfo(where, socket.NI_NUMERICHOST)[0] == "127.0.0.1"
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
            pass


def test_a_guard_that_is_turned_off_stops_nothing(asked: list[Any]) -> None:
    with Mock(leak_guard=False), pytest.raises(socket.gaierror):
        bound_before(SIP, 5060)
    assert asked == [SIP]
