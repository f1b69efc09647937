"""The door of one mock: a WSGI application, and the way in for calls that come without WSGI.

It needs no web framework. Whoever asks the mock for its Flask app has Flask stand before it: then whatever comes
over WSGI goes through that.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FrameType
from typing import TYPE_CHECKING, TypeVar

from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.delivery.attempts import AWAITED, Attempt
from voipbin_mock.delivery.running import running_loop
from voipbin_mock.delivery.webhooks import Webhooks
from voipbin_mock.edge import environ as wsgi
from voipbin_mock.edge.control_door import admit, admit_newcomer, refuse_webhooks
from voipbin_mock.edge.envelope import envelope
from voipbin_mock.edge.front import front_page, is_front
from voipbin_mock.edge.incoming import ControlPolicy, Incoming
from voipbin_mock.edge.pipeline import refuses, respond
from voipbin_mock.trouble.disruptions import REFUSED, RESET, Broken, PassTime, arrives, pieces
from voipbin_mock.trouble.real_sockets import enact, own_reach, reach_of
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.exchange import Exchange
from voipbin_mock.wire.values import CONTROL_PREFIX, SESSION_PREFIX, TEXT_TYPE, Disruption, Reply
from voipbin_mock.world.sessions import SESSION_HEADER, Sessions, split
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

T = TypeVar("T")

SESSION = "voipbin_mock.session"
FRAME = "voipbin_mock.frame"  # the frame that made the call, where that is not on the stack any more
_SESSION_NAME = SESSION_HEADER.lower()
_SESSION_HEADER = "HTTP_" + SESSION_HEADER.upper().replace("-", "_")

Observer = Callable[["WSGIEnvironment", Exchange], None]


class Visit:
    """One request on its way through the door."""

    __slots__ = ("base", "exchange", "reply", "trial", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.base = ""  # what its path was cut by: the base path of a session
        self.reply: Reply | None = None  # the mock's, as soon as there is one
        self.exchange: Exchange | None = None
        self.trial = ""  # the key of its session, if that is new


class Door:
    """A WSGI application bound to one world.

    `control` says who may use the control API, `observer` is told of every exchange; both may be replaced.
    """

    def __init__(self, world: World, control: ControlPolicy | None = None, observer: Observer | None = None) -> None:
        self.world = world
        self.control = control or ControlPolicy()
        self.observer = observer
        self.pid = os.getpid()  # of the process that its records are in
        # What stands before the door, if anything does. It holds the door, and not the other way round.
        self.before: Callable[[], WSGIApplication | None] = _nothing

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        before = self.before()
        return (self.plain if before is None else before)(environ, start_response)

    def plain(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The answer of the mock itself, whatever stands before it."""
        visit = self.enter(environ)
        reply = self.handle(visit, environ, wsgi.incoming_of(environ, visit.base))
        if reply.http_code == 307:
            wsgi.rewind(environ["wsgi.input"])
        start_response(wsgi.status_of(reply), wsgi.headers_of(reply))
        return self.leave(visit, environ, wsgi.body_of(reply, environ["REQUEST_METHOD"]))

    def enter(self, environ: WSGIEnvironment) -> Visit:
        """Find the world that a request is for. A session's path becomes the place that it is mounted at."""
        path = environ.get("PATH_INFO", "")
        visit = Visit(self.world)
        if _SESSION_HEADER not in environ and not path.startswith(SESSION_PREFIX):
            return visit
        try:
            key, rest, visit.base = _session(environ.get(_SESSION_HEADER, ""), path)
            self._lead(visit, key, environ["REQUEST_METHOD"], rest, wsgi.Headers(environ))
        except ApiError as error:
            visit.reply = envelope(error, "", self.world)
            return visit
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + visit.base
        environ["PATH_INFO"], environ[SESSION] = rest, key
        return visit

    def _lead(self, visit: Visit, key: str, method: str, path: str, headers: Mapping[str, str]) -> None:
        """To the world of a session, which is made if whoever asks may begin one. Raises ApiError."""
        refuse_webhooks(headers)
        sessions = self.world.part(Sessions)
        found = sessions.known(key)
        if found is not None:
            visit.world = found
        elif not path.startswith(CONTROL_PREFIX):
            admit_newcomer(method, headers, self.control)
            visit.world, visit.trial = sessions.on_trial(key), key
        elif admit(method, path, headers, self.control) and self._is_control_call(method, path):
            admit_newcomer(method, headers, self.control)
            visit.world = sessions.world(key)

    def _is_control_call(self, method: str, path: str) -> bool:
        """Whether there is such a call: a path that leads nowhere begins no session."""
        routed = catalog_of(self.world).route("GET" if method == "HEAD" else method, path.rstrip("/") or path)
        return routed is not None

    def _settle(self, visit: Visit) -> None:
        """A new session stays once a call of the service got past its door."""
        exchange = visit.exchange
        if exchange is not None and exchange.operation is not None and exchange.http_code not in (401, 403):
            self.world.part(Sessions).let_in(visit.trial, visit.world)

    def handle(self, visit: Visit, environ: WSGIEnvironment, incoming: Incoming) -> Reply:
        """The answer to a request that has entered."""
        reply = visit.reply
        if reply is not None:
            return reply
        if incoming.path == "/" and wsgi.is_served(environ) and is_front(incoming):
            return front_page(visit.world, incoming, self.control.has_console)
        reply, visit.exchange = respond(visit.world, incoming, self.control)
        if visit.trial:
            self._settle(visit)
        visit.reply = self.carried(visit, reply, environ, incoming)
        return visit.reply

    def carried(self, visit: Visit, reply: Reply, environ: WSGIEnvironment, incoming: Incoming) -> Reply:
        """What is left to answer of a reply that takes the connection over; all others are as they are."""
        if reply.takes is not None:
            reply = reply.takes(environ[wsgi.TAKE_SOCKET], environ["SERVER_PROTOCOL"])
        caller = reply.upgrade
        if caller is not None:
            # What is left to answer then is read by nobody, if nothing was wrong.
            from voipbin_mock.delivery.websockets import Sockets

            sockets = visit.world.part(Sockets)
            try:
                admit_newcomer(incoming.method, incoming.headers, self.control)
            except ApiError as error:
                sockets.refuse(f"{error.message} (Origin: {incoming.headers.get('origin')})")
                reply = Reply(403, b"Forbidden\n", TEXT_TYPE)
            else:
                problem = sockets.take_over(environ, caller, environ[wsgi.TAKE_SOCKET], reply.stream)
                reply = Reply(400, f"{problem}\n".encode(), TEXT_TYPE, disruption=reply.disruption)
        return reply

    def leave(self, visit: Visit, environ: WSGIEnvironment, answer: Iterable[bytes]) -> Iterable[bytes]:
        """The body as it is sent: what was planned to befall it does."""
        if visit.exchange is not None and self.observer is not None:
            self.observer(environ, visit.exchange)
        disruption = visit.reply.disruption if visit.reply is not None else None
        if disruption is None:
            return answer
        body = b"".join(answer)
        if wsgi.LIVE in environ:
            return enact(disruption, body, own_reach(environ))
        if wsgi.is_served(environ):
            return enact(disruption, body, reach_of(wsgi.socket_of(environ)))
        return _disrupted(body, disruption, lambda seconds: _pass_time(visit.world, seconds))

    def answer(self, incoming: Incoming, frame: FrameType | None = None) -> Reply:
        """The answer to a request that came without WSGI; `frame` is the user's, if it is not on the stack."""
        visit = self.visited(incoming)
        assert visit.reply is not None
        if visit.exchange is not None and self.observer is not None:
            self.observer({} if frame is None else {FRAME: frame}, visit.exchange)
        return visit.reply

    def visited(self, incoming: Incoming) -> Visit:
        """The visit of such a request, answered; nobody is told of it yet."""
        visit, path = Visit(self.world), incoming.path
        key = incoming.headers.get(_SESSION_NAME)
        if key is not None or path.startswith(SESSION_PREFIX):
            try:
                key, incoming.path, incoming.base = _session(key or "", path)
                self._lead(visit, key, incoming.method, incoming.path, incoming.headers)
            except ApiError as error:
                visit.reply = envelope(error, "", self.world)
                return visit
        visit.reply, visit.exchange = respond(visit.world, incoming, self.control)
        if visit.trial:
            self._settle(visit)
        return visit

    # --- who waits for webhooks ------------------------------------------------------------------------

    @property
    def under_way(self) -> frozenset[Attempt]:
        """The webhooks of its worlds that are being delivered just now, by others than the caller."""
        return frozenset().union(*(webhooks.under_way for webhooks in self._webhooks()))

    def _webhooks(self) -> list[Webhooks]:
        sessions = self.world.has(Sessions)
        worlds = [self.world, *(() if sessions is None else sessions.listed().values())]
        return [webhooks for world in worlds if (webhooks := world.has(Webhooks)) is not None]

    async def settled(self, begun: frozenset[Attempt]) -> None:
        """Wait for these, for a moment, without holding up the loop: the webhook comes first, and then the answer."""
        for webhooks in self._webhooks():
            mine = begun & webhooks.under_way
            if mine:
                await webhooks.settle(mine)

    async def awaited(self, ask: Callable[[], T]) -> T:
        """What is asked for by a client that can be awaited, once the webhooks that it brought about are delivered."""
        if running_loop() is None:  # none of asyncio's
            return ask()
        before, token = self.under_way, AWAITED.set(True)
        try:
            return ask()
        finally:
            AWAITED.reset(token)
            await self.settled(self.under_way - before)

    def refused(self, incoming: Incoming, frame: FrameType | None = None) -> Reply | None:
        """The answer to a request whose body nobody has read yet, if its connection is planned to be refused."""
        world, path = self._as_it_is(incoming)
        if not refuses(world, incoming, path):
            return None
        world.catch_up()  # what is due may need the lock for others
        with world.lock:
            return self.answer(incoming, frame) if refuses(world, incoming, path) else None

    def _as_it_is(self, incoming: Incoming) -> tuple[World, str]:
        """The world that a request is for and the path there, if no session has to be made for it."""
        key, path = incoming.headers.get(_SESSION_NAME), incoming.path
        if key is None and not path.startswith(SESSION_PREFIX):
            return self.world, path
        try:
            key, path, _ = _session(key or "", path)
        except ApiError:
            return self.world, path  # `answer` says what is wrong with it
        return self.world.part(Sessions).known(key) or self.world, path

    def pass_time(self, seconds: float) -> None:
        """Waiting, in virtual time."""
        _pass_time(self.world, seconds)


def _nothing() -> None:
    """Before most doors stands nothing."""


def session_of(incoming: Incoming) -> tuple[str, str, str]:
    """The key of a request's session, or "", its path there, and what that was cut by. Raises ApiError."""
    return _session(incoming.headers.get(_SESSION_NAME, ""), incoming.path)


def _session(key: str, path: str) -> tuple[str, str, str]:
    """The key that a session's path or header names, the path without the session's, and that. Raises ApiError."""
    key = key.strip()
    if not path.startswith(SESSION_PREFIX):
        return key, path, ""
    in_path, rest = split(path)
    if key and key != in_path:
        raise ApiError("INVALID_ARGUMENT", f"The path and {SESSION_HEADER} name two sessions.")
    return in_path, rest, SESSION_PREFIX + in_path


def _pass_time(world: World, seconds: float) -> None:
    if seconds > 0:
        world.clock.advance(seconds)


def _disrupted(body: bytes, disruption: Disruption, pass_time: PassTime) -> Iterable[bytes]:
    """For clients that call the app: they have no exceptions of their own and no timeouts."""
    if disruption.kind == "refuse":
        raise ConnectionRefusedError(*REFUSED)
    if disruption.kind == "reset":
        raise ConnectionResetError(*RESET)
    arrives(pass_time, disruption, None)
    return _broken(body, disruption, pass_time)


def _broken(body: bytes, disruption: Disruption, pass_time: PassTime) -> Iterator[bytes]:
    try:
        yield from pieces(pass_time, body, disruption, None)
    except Broken as broken:
        if broken.kind == "short":
            from http.client import IncompleteRead

            raise IncompleteRead(body[: broken.got], broken.wanted - broken.got) from None
        raise ConnectionResetError(*RESET) from None
