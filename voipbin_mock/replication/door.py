"""The door of a mock whose inputs are written down: a request is written down, applied, and answered by that.

What only looks at the mock (GET under /__mock__) is answered by this process alone, once it has applied what others
wrote. Who may use the control API or begin a session is looked at here; what stands in the log was let in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import nullcontext
from typing import TYPE_CHECKING

from voipbin_mock.delivery.webhooks import Webhooks
from voipbin_mock.edge import environ as wsgi
from voipbin_mock.edge.control_door import admit, admit_newcomer, refuse_webhooks
from voipbin_mock.edge.door import Door, Visit, session_of
from voipbin_mock.edge.envelope import envelope
from voipbin_mock.edge.front import front_page, is_front
from voipbin_mock.edge.incoming import Incoming
from voipbin_mock.replication.log import LogGone
from voipbin_mock.replication.outward import Sending
from voipbin_mock.replication.replica import Replica
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import CONSOLE, CONTROL_PREFIX, Reply, json_reply
from voipbin_mock.world.sessions import Sessions
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HEALTH = f"{CONTROL_PREFIX}/health"
FLUSH = f"{CONTROL_PREFIX}/webhooks/flush"
COVERAGE = f"{CONTROL_PREFIX}/coverage"  # who looks at it has what is new counted: that is done by all or by none
FLUSHED_WITHIN = 30.0  # seconds of the machine


class ReplicaDoor:
    """A WSGI application in front of one replica. `door` is the mock's own: its policy and observer hold."""

    def __init__(self, door: Door, replica: Replica) -> None:
        self.door, self.replica = door, replica

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        incoming = wsgi.incoming_of(environ)
        visit, sendings = self._visited(environ, incoming)
        if sendings:
            self.replica.outward.settle(sendings)
        assert visit.reply is not None
        start_response(wsgi.status_of(visit.reply), wsgi.headers_of(visit.reply))
        return self.door.leave(visit, environ, wsgi.body_of(visit.reply, environ["REQUEST_METHOD"]))

    def _visited(self, environ: WSGIEnvironment, incoming: Incoming) -> tuple[Visit, list[Sending]]:
        visit = Visit(self.door.world)
        try:
            key, path, _ = session_of(incoming)
            if path == "/" and is_front(incoming):
                visit.reply = front_page(visit.world, incoming, self.door.control.has_console)
                return visit, []
            known = bool(key)
            if path.startswith(CONTROL_PREFIX):
                known = admit(incoming.method, path, incoming.headers, self.door.control)
                if incoming.method in ("GET", "HEAD") and path != COVERAGE:
                    return self._looked(environ, incoming, key, known, path), []
            elif key:
                refuse_webhooks(incoming.headers)
            if key and known and self._is_new(key):
                admit_newcomer(incoming.method, incoming.headers, self.door.control)
            return self._answered(environ, incoming, path)
        except LogGone as gone:
            error = ApiError("SERVICE_UNAVAILABLE", hint=f"the mock's log cannot be reached: {gone}")
        except ApiError as refused:
            error = refused
        visit.reply = envelope(error, "", visit.world)
        return visit, []

    def _is_new(self, key: str) -> bool:
        return bool(key) and self.door.world.part(Sessions).known(key) is None

    def _looked(self, environ: WSGIEnvironment, incoming: Incoming, key: str, known: bool, path: str) -> Visit:
        """Somebody looks. What shows the mock needs the log; health and the console's files do not.

        No session may begin or end meanwhile: it would be there in this process alone.
        """
        lean = path.startswith((HEALTH, CONSOLE))
        with self.replica.lock if key else nullcontext():
            try:
                self._need()
                self.replica.fresh()
                if known and self._is_new(key):  # a session begins in all processes
                    admit_newcomer(incoming.method, incoming.headers, self.door.control)
                    self.replica.answer(Incoming("GET", f"/__session__/{key}{CONTROL_PREFIX}/clock"))
            except LogGone:
                if not lean or self._is_new(key):
                    raise
            visit = self.door.visited(incoming)
        assert visit.reply is not None
        visit.reply = self.door.carried(visit, visit.reply, environ, incoming)
        return visit

    def _need(self) -> None:
        if not self.replica.ready:
            raise LogGone("it has not caught up yet")
        if self.replica.gone:
            raise LogGone(self.replica.gone)

    def _answered(self, environ: WSGIEnvironment, incoming: Incoming, path: str) -> tuple[Visit, list[Sending]]:
        self._need()
        if path == FLUSH and incoming.method == "POST":
            return self._flushed(incoming), []
        with self.replica.lock:
            visit = self.replica.answer(incoming)
            sendings = self.replica.outward.begun()
        assert visit.reply is not None
        visit.reply = self.door.carried(visit, visit.reply, environ, incoming)
        return visit, sendings

    def _flushed(self, incoming: Incoming) -> Visit:
        """Deliver all that waits, retries included: what becomes of each attempt is an input before the next."""
        before = None
        while True:
            with self.replica.lock:
                visit = self.replica.answer(incoming)
                if visit.exchange is not None or visit.reply is None or visit.reply.http_code != 200:
                    return visit
                if before is None:
                    before = _made(visit.world) - _attempts(visit.reply)
            self.replica.outward.wait(FLUSHED_WITHIN)
            self.replica.fresh()
            if not visit.world.part(Webhooks).pending:
                break
        visit.reply = json_reply({"status": "ok", "attempts": _made(visit.world) - before})
        return visit


def _made(world: World) -> int:
    made: int = world.part(Webhooks).made
    return made


def _attempts(reply: Reply) -> int:
    attempts: int = json.loads(reply.body)["attempts"]
    return attempts
