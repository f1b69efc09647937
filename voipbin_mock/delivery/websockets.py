"""Websockets of one world: GET /v1.0/ws, and who is told of which events.

A connection subscribes to topics and hears of every event published under one that begins with them.
Each event is published under two topics (four if an agent owns the record), so a short topic gets it twice; some
resources have topics of their own.
Source: server. The protocol itself is simple-websocket's, loaded when a connection comes.
"""

from __future__ import annotations

import json
import logging
import socket as socket_module
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from voipbin_mock.api.operations import ADMIN, MANAGER, SUPER_ADMIN
from voipbin_mock.delivery.differences import FRAMES_HAVE_ENVELOPE
from voipbin_mock.delivery.lanes import Lane
from voipbin_mock.delivery.media_streams import MediaStream
from voipbin_mock.wire import rows
from voipbin_mock.wire.errors import shorten
from voipbin_mock.wire.values import NIL_UUID, Caller, Stream, parse_uuid, printable
from voipbin_mock.world.bus import Event
from voipbin_mock.world.part import Part
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

PING = 10.0  # seconds of the machine
SEND_TIMEOUT = 5.0
MAX_MESSAGE = 64 * 1024
MAX_TOPICS = 1000
MOST_FRAMES = 2000  # that wait for a client to read; more are dropped, as on the service
MOST_WAITING = 16 * 1024 * 1024  # characters of these frames
MOST_REFUSED = 20  # connections sent away that are told of
SUBSCRIBE = '{"type": "subscribe", "topics": ["customer_id:<uuid>:number"]}'
# How a connection that is gone shows; the library's own errors are RuntimeErrors.
ENDED = (OSError, RuntimeError, ValueError)


def topics_of(world: World, event: Event) -> Iterator[str]:
    """What an event is published under; a customer id of an account stands for all of them."""
    if event.topics:
        yield from event.topics
        return
    resource = event.type.partition("_")[0]
    owners = [("customer_id", world.account_of(event.customer_id))]
    if event.owner_id and event.owner_id != NIL_UUID:
        owners.append(("agent_id", event.owner_id))
    for kind, owner in owners:
        yield f"{kind}:{owner}:{resource}:{event.record_id}"
        yield f"{kind}:{owner}:{resource}:{event.type}:{event.record_id}"


def refused(world: World, caller: Caller, topic: str) -> str:
    """Why the caller may not hear of a topic, and what to write instead; "" if they may."""
    if caller.kind != "direct" and caller.permission & SUPER_ADMIN:
        return ""  # whatever it is: theirs are not even looked at
    kind, *rest = topic.split(":")
    owner = parse_uuid(rest[0]) if rest else None
    if owner is None or owner == NIL_UUID or kind not in ("customer_id", "agent_id"):
        return "a topic begins with customer_id:<uuid> or agent_id:<uuid>; write customer_id:<uuid>:number, say"
    ours = world.account_of(owner) == caller.account
    if caller.kind == "direct":
        types = (caller.claims or {}).get("direct", {}).get("allowed_resource_types", ())
        if kind == "customer_id" and ours and len(rest) == 3 and rest[1] in types:
            return ""
        return "a direct token hears of customer_id:<own>:<allowed type>:<id> only"
    if kind == "agent_id":
        return "" if owner == caller.agent_id else "it is another agent's; with a login token, agent_id:<own> is heard"
    if not ours:
        return f"it is another customer's; yours is customer_id:{caller.customer_id}"
    if not caller.permission & (ADMIN | MANAGER):
        return "only an admin or a manager hears of all that the customer has; write agent_id:<own>"
    return ""


def _as_events_know_it(world: World, topic: str) -> str:
    """The topic, with the account for a customer id that stands for one."""
    kind, _, rest = topic.partition(":")
    owner, colon, rest = rest.partition(":")
    known = parse_uuid(owner)
    if kind != "customer_id" or known is None or world.account_of(known) == known:
        return topic
    return f"{kind}:{world.account_of(known)}{colon}{rest}"


class Connection:
    """One client: what it subscribed to, and its socket."""

    def __init__(
        self,
        world: World,
        caller: Caller,
        socket: Any,
        ended: tuple[type[Exception], ...] = ENDED,
        drop: Callable[[], object] = lambda: None,
    ) -> None:
        self._world, self._caller, self._socket, self._ended, self.drop = world, caller, socket, ended, drop
        self._frames = Lane(MOST_FRAMES, "voipbin-mock-websocket")
        self._lost = False  # whether frames were dropped
        self._waiting = 0  # characters of the frames that wait
        self._counting = threading.Lock()
        self.topics: tuple[str, ...] = ()

    def hear(self, event: Event) -> None:
        """Told of every event; it is sent as often as it was published under a topic of ours, by a thread of ours."""
        topics = self.topics
        if not topics:
            return
        data = f'{{"type":"{event.type}","data":{event.data}}}' if FRAMES_HAVE_ENVELOPE.of(self._world) else event.data
        for published in topics_of(self._world, event):
            if published.startswith(topics) and not self._queue(data) and not self._lost:
                self._lost = True
                logger.warning("a websocket does not read: too many frames wait for it, and more are dropped")

    def _queue(self, data: str) -> bool:
        """Whether there is room for one more frame."""
        with self._counting:
            if self._waiting and self._waiting + len(data) > MOST_WAITING:
                return False
            put = self._frames.put(lambda: self._send(data))
            self._waiting += len(data) if put else 0
            return put

    def _send(self, data: str) -> None:
        with self._counting:
            self._waiting -= len(data)
        try:
            self._socket.send(data)
        except self._ended:  # gone, or not reading: its own thread ends it
            self.end()

    def run(self) -> str:
        """Read what the client says until it goes; the answer says why it was sent away, or ""."""
        try:
            while True:
                problem = self._said(self._socket.receive())
                if problem:
                    self._frames.stop()
                    return problem
        except self._ended as error:
            logger.debug("websocket ended: %r", error)
            return ""

    def _said(self, message: Any) -> str:
        """Obey a message; why it ends the connection, or ""."""
        if not isinstance(message, str):
            return "a binary frame; send JSON as text"
        said = _decoded(message)
        if said is None:
            told = shorten(message), SUBSCRIBE
            logger.warning("websocket message ignored: %s is not %s", *told, extra=self._world.logged)
            return ""
        given = said.get("topics") or []
        for topic in given:
            problem = refused(self._world, self._caller, topic or "")
            if problem:
                return f"topic {shorten(topic)!r} is refused: {problem}"
        topics = [_as_events_know_it(self._world, topic) for topic in given if topic is not None]
        if len(topics) + len(self.topics) > MAX_TOPICS:
            return f"more than {MAX_TOPICS} topics"
        if said.get("type") == "subscribe":
            self.topics = tuple(dict.fromkeys([*self.topics, *topics]))
        elif said.get("type") == "unsubscribe":
            self.topics = tuple(topic for topic in self.topics if topic not in topics)
        elif topics:
            logger.warning("websocket message ignored: type %s is neither subscribe nor unsubscribe",
                           shorten(json.dumps(said.get("type"))), extra=self._world.logged)  # fmt: skip
        return ""

    def end(self) -> None:
        """Close it; frames that wait are not sent any more."""
        self._frames.stop()
        try:
            self._socket.close()
        except self._ended as error:
            logger.debug("websocket closed already: %r", error)


def _decoded(message: str) -> Mapping[str, Any] | None:
    """What a message says; None for what the service cannot decode, and ignores."""
    try:
        said = json.loads(message)
    except (ValueError, RecursionError):
        return None
    if said is None:
        return {}
    if not isinstance(said, Mapping) or not isinstance(said.get("type", ""), (str, type(None))):
        return None
    topics = said.get("topics")
    if topics is not None and not (
        isinstance(topics, list) and all(isinstance(topic, (str, type(None))) for topic in topics)
    ):
        return None
    return said


class Sockets(Part):
    """The connections of one world."""

    survives, kept_as = True, "websockets"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._connections: dict[int, Connection | MediaStream] = {}
        self.refused: deque[str] = deque(maxlen=MOST_REFUSED)  # why connections were closed
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._connections)

    def take_over(
        self,
        environ: Mapping[str, Any],
        caller: Caller,
        take_socket: Callable[[], Any],
        stream: Stream | None = None,
    ) -> str:
        """Make a connection of a request. The answer says why it cannot be, or "".

        take_socket: gives the request's socket away, for good. stream: sound, instead of events.
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
            if stream is None:
                self._serve(Connection(self._world, caller, socket, ended, lambda: _dropped(raw)))
            else:
                self._serve(MediaStream(self._world, stream, socket, ended, lambda: _dropped(raw)))

        _daemon(target=serve).start()
        return ""

    def _serve(self, connection: Connection | MediaStream) -> None:
        with self._lock:
            self._connections[id(connection)] = connection
        leave = self._world.bus.subscribe(connection.hear)
        try:
            problem = connection.run()
            if problem:
                self.refuse(problem)
                connection.drop()
        finally:
            leave()
            connection.end()
            with self._lock:
                self._connections.pop(id(connection), None)

    def refuse(self, problem: str) -> None:
        """Tell why a connection was closed, or never made: the service does not."""
        self.refused.append(problem)
        logger.warning("websocket closed: %s", printable(problem), extra=self._world.logged)

    def listed(self) -> list[list[str]]:
        """The topics of each connection, oldest first."""
        with self._lock:
            told = [each for each in self._connections.values() if isinstance(each, Connection)]
            return [list(connection.topics) for connection in told]

    def close(self) -> None:
        """End all connections."""
        with self._lock:
            connections = list(self._connections.values())
        for connection in connections:
            connection.end()

    def start_over(self) -> None:
        self.refused.clear()

    def remember(self) -> Callable[[], Any]:
        refused = list(self.refused)
        return lambda: {"refused": refused}

    def recall(self, document: Any) -> None:
        refused = rows.member(document, "refused", rows.TEXTS)
        self.refused.clear()
        self.refused.extend(refused)


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


def _dropped(raw: Any) -> None:
    """Break the connection as the service does: no frame says goodbye, and the client sees 1006."""
    with suppress(OSError):
        raw.shutdown(socket_module.SHUT_RDWR)
    raw.close()


def _daemon(target: Callable[[], None]) -> threading.Thread:
    return threading.Thread(target=target, name="voipbin-mock-websocket", daemon=True)
