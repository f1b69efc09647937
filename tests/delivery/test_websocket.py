"""GET /v1.0/ws on a live server: who may subscribe to what, and what then comes."""

from __future__ import annotations

import json
import socket as socket_module
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import simple_websocket
from wsproto.utilities import ProtocolError

from voipbin_mock import Mock

PROFILES = pytest.mark.parametrize("profile", ["documented", "server"])
CUSTOMER = "7a1b2c3d-4e5f-6789-abcd-ef0123456789"
LONG = 5.0  # seconds; waited for in full only when something is broken


@contextmanager
def client(mock: Mock, credential: str = "", at: str = "") -> Iterator[simple_websocket.Client]:
    url = mock.url.replace("http://", "ws://") + at
    socket = simple_websocket.Client(f"{url}/ws?{credential or 'token=' + mock.token}")
    try:
        yield socket
    finally:
        with suppress(simple_websocket.ConnectionClosed, ProtocolError):  # the server may have been first
            socket.close()
        socket.thread.join(LONG)


def subscriptions(mock: Mock) -> list[list[str]]:
    return [each["topics"] for each in mock.anonymous.get("/__mock__/websockets").json["websockets"]]


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    waiting = threading.Event()
    for _ in range(500):
        if condition():
            return
        waiting.wait(0.01)
    raise AssertionError("it never came true")


def subscribe(mock: Mock, socket: simple_websocket.Client, *topics: str) -> None:
    socket.send(json.dumps({"type": "subscribe", "topics": list(topics)}))
    until(lambda: list(topics) in subscriptions(mock))


def buy(mock: Mock, number: str = "+899100000001") -> Any:
    return mock.client.post("/v1.0/numbers", json={"number": number, "type": "virtual"}).json


@pytest.fixture(params=["documented", "server"])
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock="2026-03-01T09:00:00Z") as mock:
        mock.serve()
        yield mock


@pytest.mark.differs("ws-envelope")
def test_a_short_topic_gets_each_event_twice_and_a_records_own_once(mock: Mock) -> None:
    with client(mock) as wide, client(mock) as narrow:
        subscribe(mock, wide, f"customer_id:{CUSTOMER}:number")
        first = buy(mock)
        subscribe(mock, narrow, f"customer_id:{CUSTOMER}:number:{first['id']}")
        mock.client.delete(f"/v1.0/numbers/{first['id']}")
        frames = [json.loads(wide.receive(LONG)) for _ in range(4)]
        only = json.loads(narrow.receive(LONG))
        assert narrow.receive(0) is None
    if mock.world.profile.name == "documented":
        assert frames[0] == {"type": "number_created", "data": first}
        assert [frame["type"] for frame in frames] == ["number_created"] * 2 + ["number_deleted"] * 2
        assert only["data"]["status"] == "deleted"
    else:
        assert frames[:2] == [first, first]
        assert only == frames[2] == frames[3]
        assert only["status"] == "deleted"


def test_who_unsubscribes_hears_no_more(mock: Mock) -> None:
    topic = f"customer_id:{CUSTOMER}:number"
    with client(mock, f"accesskey={mock.accesskey}") as socket:
        subscribe(mock, socket, topic)
        socket.send(json.dumps({"type": "unsubscribe", "topics": [topic]}))
        until(lambda: subscriptions(mock) == [[]])
        buy(mock)
        assert socket.receive(0) is None


@pytest.mark.parametrize(
    "message",
    [
        json.dumps({"type": "subscribe", "topics": ["customer_id"]}),
        json.dumps({"type": "subscribe", "topics": ["customer_id:nonsense:number"]}),
        json.dumps({"type": "subscribe", "topics": ["customer_id:00000000-0000-4000-8000-000000000001"]}),
        json.dumps({"type": "subscribe", "topics": ["agent_id:00000000-0000-4000-8000-000000000001"]}),
        json.dumps({"type": "nonsense", "topics": ["nonsense"]}),
        b"\x00binary",
    ],
)
def test_an_invalid_topic_or_a_binary_frame_drops_the_connection_without_a_close_frame(
    message: Any, mock: Mock, caplog: pytest.LogCaptureFixture
) -> None:
    with client(mock) as socket:
        socket.send(message)
        with pytest.raises(simple_websocket.ConnectionClosed) as closed:
            socket.receive(LONG)
        assert closed.value.reason == 1005  # what this client calls it when no frame told it of the end
    assert "websocket closed: " in caplog.text
    (told,) = mock.anonymous.get("/__mock__/websockets").json["refused"]
    assert told in dict(mock.sections())["voipbin-mock websockets that were closed"]


def test_on_the_wire_nothing_says_goodbye(mock: Mock) -> None:
    host, _, port = mock.origin.removeprefix("http://").partition(":")
    with socket_module.create_connection((host, int(port)), timeout=LONG) as raw:
        raw.sendall(
            f"GET /v1.0/ws?accesskey={mock.accesskey} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        stream = raw.makefile("rb")
        assert stream.readline().startswith(b"HTTP/1.1 101")
        while stream.readline() != b"\r\n":
            pass
        raw.sendall(b"\x82\x80\x00\x00\x00\x00")  # an empty binary frame
        assert stream.read() == b""


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("number", "write customer_id:<uuid>:number, say"),
        ("customer_id:nonsense:number", "write customer_id:<uuid>:number, say"),
        ("customer_id:00000000-0000-0000-0000-000000000000:number", "write customer_id:<uuid>:number, say"),
        ("customer_id:00000000-0000-4000-8000-000000000001:number", f"yours is customer_id:{CUSTOMER}"),
        ("agent_id:00000000-0000-4000-8000-000000000001", "it is another agent's"),
    ],
)
def test_the_log_says_which_topic_was_refused_and_what_to_write(
    topic: str, said: str, mock: Mock, caplog: pytest.LogCaptureFixture
) -> None:
    with client(mock) as socket:
        socket.send(json.dumps({"type": "subscribe", "topics": [f"customer_id:{CUSTOMER}", topic]}))
        until(lambda: "websocket closed" in caplog.text)
    assert f"topic {topic!r} is refused: " in caplog.text
    assert said in caplog.text
    until(lambda: subscriptions(mock) == [])  # none of them was subscribed


@pytest.mark.parametrize(
    "message",
    ["{", "[]", "5", "null", '{"topics": "x"}', '{"topics": [5]}', '{"type": 5, "topics": []}',
     json.dumps({"type": "nonsense", "topics": []})],
)  # fmt: skip
def test_what_makes_no_sense_is_ignored(message: str, mock: Mock) -> None:
    with client(mock) as socket:
        socket.send(message)
        subscribe(mock, socket, f"customer_id:{CUSTOMER}")
        buy(mock)
        assert socket.receive(LONG)


@pytest.mark.parametrize("message", ["garbage", json.dumps({"type": "listen", "topics": [f"customer_id:{CUSTOMER}"]})])
def test_what_is_ignored_is_told_in_the_log(message: str, mock: Mock, caplog: pytest.LogCaptureFixture) -> None:
    with client(mock) as socket:
        socket.send(message)
        until(lambda: "websocket message ignored: " in caplog.text)


@pytest.mark.parametrize(("bound", "most"), [("MOST_FRAMES", 3), ("MOST_WAITING", 4000)])
def test_clients_that_do_not_read_hold_nobody_up(
    bound: str, most: int, mock: Mock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from voipbin_mock.delivery import websockets

    monkeypatch.setattr(websockets, bound, most)
    sent = threading.Event()
    stuck = threading.Event()
    real = websockets.Connection._send

    def send(self: Any, data: str) -> None:
        sent.set()
        stuck.wait(LONG)  # as a socket whose buffers are full
        real(self, data)

    with client(mock) as silent:
        subscribe(mock, silent, f"customer_id:{CUSTOMER}:number")
        monkeypatch.setattr(websockets.Connection, "_send", send)
        for number in range(10):
            buy(mock, f"+89910000000{number}")  # each is answered while the first frame is still on its way
        assert sent.wait(LONG)
        assert caplog.text.count("a websocket does not read: too many frames wait for it") == 1
        monkeypatch.setattr(websockets.Connection, "_send", real)
        stuck.set()
        frames = [silent.receive(LONG) for _ in range(3)]
    assert all(frames)


@PROFILES
@pytest.mark.parametrize("topic", ["customer_id:00000000-0000-4000-8000-000000000001", "anything", "customer_id"])
def test_only_a_super_admin_may_hear_of_others_and_their_topics_are_not_looked_at(topic: str, profile: str) -> None:
    with Mock(profile, seed="tutorial") as mock:
        mock.serve()
        with client(mock, "token=" + mock.token_for("superadmin@localhost")) as socket:
            subscribe(mock, socket, topic)
            assert socket.connected


def test_without_a_credential_there_is_no_connection(mock: Mock) -> None:
    handshake = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "x",
        "Sec-WebSocket-Version": "13",
    }
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(f"{mock.url}/ws", headers=handshake))
    assert refused.value.code == 401
    refused.value.close()


def test_a_plain_get_is_answered_with_400_in_words(mock: Mock) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(f"{mock.url}/ws?accesskey={mock.accesskey}"))
    assert refused.value.code == 400
    assert refused.value.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert refused.value.read() == b"Bad Request\n"
    refused.value.close()


def test_in_process_there_is_nothing_to_upgrade_and_the_report_says_so() -> None:
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "x",
        "Sec-WebSocket-Version": "13",
    }
    with Mock() as mock:
        assert mock.client.get("/v1.0/ws", headers=handshake).status_code == 400
        assert "websockets need a live server" in mock.report()


def test_closing_the_mock_closes_its_connections() -> None:
    with Mock() as mock:
        mock.serve()
        url = f"{mock.url.replace('http', 'ws')}/ws?accesskey={mock.accesskey}"
        socket = simple_websocket.Client(url)
        until(lambda: subscriptions(mock) == [[]])
    with pytest.raises(simple_websocket.ConnectionClosed):
        socket.receive(LONG)


@pytest.mark.differs("desk-ws")
def test_the_desk_has_a_websocket_for_agents(mock: Mock) -> None:
    with client(mock, at="/service_agents") as socket:
        subscribe(mock, socket, f"customer_id:{mock.customers.list()[0].id}:number")
        number = buy(mock)
        data = json.loads(socket.receive(LONG))
        assert data.get("data", data)["id"] == number["id"]
    key = f"accesskey={mock.accesskey}"
    if mock.world.profile.name == "server":
        with client(mock, key, at="/service_agents") as socket:
            assert socket.connected
    else:
        reply = mock.anonymous.get(f"/v1.0/service_agents/ws?{key}")
        assert reply.json["error"]["reason"] == "AUTHENTICATION_REQUIRED"


def test_an_agent_hears_of_its_chat_once_and_a_plain_one_of_nothing_else(mock: Mock) -> None:
    ann, bob = (mock.agents.create(username=f"{name}@example.com", permission=0x10) for name in ("ann", "bob"))
    desk, at = mock.client_for(ann), "/v1.0/service_agents"
    people = [{"owner_type": "agent", "owner_id": bob.id}]
    chat = desk.post(f"{at}/talk_chats", json={"type": "group", "participants": people}).json["id"]
    with client(mock, f"token={mock.token_for(bob)}", at="/service_agents") as socket:
        subscribe(mock, socket, f"agent_id:{bob.id}:chat:{chat}")
        said = desk.post(f"{at}/talk_messages", json={"chat_id": chat, "type": "normal", "text": "hello"}).json["id"]
        desk.post(f"{at}/talk_messages/{said}/reactions", json={"emoji": "x"})
        desk.delete(f"{at}/talk_messages/{said}")
        frames = [json.loads(socket.receive(LONG)) for _ in range(3)]
        heard = [frame.get("data", frame) for frame in frames]
        assert [(one["id"], len(one["metadata"]["reactions"]), bool(one["tm_delete"])) for one in heard] == [
            (said, 0, False),
            (said, 1, False),
            (said, 1, True),
        ]
        socket.send(json.dumps({"type": "subscribe", "topics": [f"customer_id:{mock.customers.list()[0].id}:chat"]}))
        with pytest.raises(simple_websocket.ConnectionClosed):
            socket.receive(LONG)
