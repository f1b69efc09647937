"""Websockets of one world: GET /v1.0/ws, and who is told of which events.

A connection subscribes to topics and hears of every event published under one that begins with them.
Each event is published under two topics (four if an agent owns the record), so a short topic gets it twice.
Source: server. The protocol itself is simple-websocket's, loaded when a connection comes.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from voipbin_mock.api.operations import ADMIN, MANAGER, SUPER_ADMIN
from voipbin_mock.delivery.differences import FRAMES_HAVE_ENVELOPE
from voipbin_mock.wire.values import Caller, parse_uuid
from voipbin_mock.world.bus import Event
from voipbin_mock.world.part import Part
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

PING = 10.0  # seconds of the machine
SEND_TIMEOUT = 5.0
MAX_MESSAGE = 64 * 1024
MAX_TOPICS = 1000
POLICY_VIOLATION = 1008
# How a connection that is gone shows; the library's own errors are RuntimeErrors.
ENDED = (OSError, RuntimeError, ValueError)


def topics_of(world: World, event: Event) -> Iterator[str]:
    """What an event is published under; a customer id of an account stands for all of them."""
    resource = event.type.partition("_")[0]
    owners = [("customer_id", world.account_of(event.customer_id))]
    if event.owner_id:
        owners.append(("agent_id", event.owner_id))
    for kind, owner in owners:
        yield f"{kind}:{owner}:{resource}:{event.record_id}"
        yield f"{kind}:{owner}:{resource}:{event.type}:{event.record_id}"


def admitted(world: World, caller: Caller, topic: Any) -> str | None:
    """The topic as events know it, if the caller may hear of it."""
    if not isinstance(topic, str):
        return None
    kind, *rest = topic.split(":")
    owner = parse_uuid(rest[0]) if rest else None
    if owner is None:
        return None
    if kind == "customer_id":
        account = world.account_of(owner)
        allowed = account == caller.account and bool(caller.permission & (ADMIN | MANAGER))
        owner = account
    else:
        allowed = kind == "agent_id" and owner == caller.agent_id
    if caller.kind == "direct":
        inside = (caller.claims or {}).get("direct", {})
        types = inside.get("allowed_resource_types", ())
        allowed = kind == "customer_id" and owner == caller.account and len(rest) == 3 and rest[1] in types
    elif caller.permission & SUPER_ADMIN:
        allowed = True
    return ":".join([kind, owner, *rest[1:]]) if allowed else None


class Connection:
    """One client: what it subscribed to, and its socket."""

    def __init__(self, world: World, caller: Caller, socket: Any, ended: tuple[type[Exception], ...] = ENDED) -> None:
        self._world, self._caller, self._socket, self._ended = world, caller, socket, ended
        self.topics: tuple[str, ...] = ()

    def hear(self, event: Event) -> None:
        """Told of every event; sends it as often as it was published under a topic of ours."""
        topics = self.topics
        if not topics:
            return
        data = f'{{"type":"{event.type}","data":{event.data}}}' if FRAMES_HAVE_ENVELOPE.of(self._world) else event.data
        for published in topics_of(self._world, event):
            if published.startswith(topics):
                try:
                    self._socket.send(data)
                except self._ended:  # gone, or not reading: its own thread ends it
                    self.close()
                    return

    def run(self) -> None:
        """Read what the client says until it goes."""
        try:
            while True:
                message = self._socket.receive()
                if message is None or not self._said(message):
                    self.close(POLICY_VIOLATION)
                    return
        except self._ended as error:
            logger.debug("websocket ended: %r", error)

    def _said(self, message: Any) -> bool:
        """Obey a message; False closes the connection."""
        if not isinstance(message, str):
            return False
        try:
            said = json.loads(message)
        except (ValueError, RecursionError):
            return True
        if not isinstance(said, Mapping):
            return True
        given = said.get("topics") or []
        if not isinstance(given, list):
            return True
        topics = [admitted(self._world, self._caller, topic) for topic in given]
        if None in topics or len(topics) + len(self.topics) > MAX_TOPICS:
            return False
        if said.get("type") == "subscribe":
            self.topics = tuple(dict.fromkeys([*self.topics, *[t for t in topics if t]]))
        elif said.get("type") == "unsubscribe":
            self.topics = tuple(topic for topic in self.topics if topic not in topics)
        return True

    def close(self, reason: int | None = None) -> None:
        try:
            self._socket.close(reason)
        except self._ended as error:
            logger.debug("websocket closed already: %r", error)


class Sockets(Part):
    """The connections of one world."""

    survives = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._connections: dict[int, Connection] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._connections)

    def take_over(self, environ: Mapping[str, Any], caller: Caller, take_socket: Callable[[], Any]) -> str:
        """Make a connection of a request. The answer says why it cannot be, or "".

        take_socket: gives the request's socket away, for good.
        """
        try:
            server, ended = _library()
        except ImportError:
            return "websockets need the package simple-websocket: pip install 'voipbin-mock[ws]'"
        raw = take_socket()
        raw.settimeout(SEND_TIMEOUT)

        def serve() -> None:
            try:
                socket = server(
                    {**environ, "werkzeug.socket": raw},
                    ping_interval=PING,
                    max_message_size=MAX_MESSAGE,
                    thread_class=_daemon,
                )
            except ended as error:  # a handshake that is none
                logger.debug("no websocket: %r", error)
                raw.close()
                return
            self._serve(Connection(self._world, caller, socket, ended))

        _daemon(target=serve).start()
        return ""

    def _serve(self, connection: Connection) -> None:
        with self._lock:
            self._connections[id(connection)] = connection
        leave = self._world.bus.subscribe(connection.hear)
        try:
            connection.run()
        finally:
            leave()
            with self._lock:
                self._connections.pop(id(connection), None)

    def listed(self) -> list[list[str]]:
        """The topics of each connection, oldest first."""
        with self._lock:
            return [list(connection.topics) for connection in self._connections.values()]

    def close(self) -> None:
        """End all connections."""
        with self._lock:
            connections = list(self._connections.values())
        for connection in connections:
            connection.close()


def _library() -> tuple[Callable[..., Any], tuple[type[Exception], ...]]:
    """The class that serves a connection, and how one that is gone shows. Raises ImportError."""
    import simple_websocket
    from wsproto.utilities import ProtocolError

    class Server(simple_websocket.Server):  # type: ignore[misc]
        def _thread(self) -> None:
            """Read until the end; frames that are none end it too."""
            try:
                super()._thread()
            except ProtocolError as error:
                logger.debug("websocket ended: %r", error)
                self.connected = False
                self.event.set()

    return Server, (*ENDED, ProtocolError)


def _daemon(target: Callable[[], None]) -> threading.Thread:
    return threading.Thread(target=target, name="voipbin-mock-websocket", daemon=True)
