"""One request through the mock, without any web framework.

The order of the checks is the service's own: route, credential, ids in the path, body, and then
whatever the handler looks at.
"""

from __future__ import annotations

import logging
import re
from contextlib import nullcontext
from typing import TYPE_CHECKING
from urllib.parse import quote

from voipbin_mock.api import lint
from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.operations import Operation, Request
from voipbin_mock.areas.accounts import auth
from voipbin_mock.areas.accounts.resources import AGENTS
from voipbin_mock.edge.bodies import check_body, check_ids
from voipbin_mock.edge.control_door import respond_control
from voipbin_mock.edge.envelope import envelope
from voipbin_mock.edge.front import routed_method
from voipbin_mock.edge.incoming import ControlPolicy, Incoming
from voipbin_mock.edge.recording import Recording
from voipbin_mock.insight.journal import Journal
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.exchange import Exchange, discreet
from voipbin_mock.wire.values import (
    CONTROL_PREFIX,
    JSON_TYPE,
    Caller,
    Reply,
    parse_json,
    parse_query,
    printable,
)
from voipbin_mock.world.steps import Step
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from voipbin_mock.api.modes import ForwardCompatibility, Modes
    from voipbin_mock.insight.coverage import Counting
    from voipbin_mock.trouble.faults import Asked, PlannedFault, PlannedFaults
    from voipbin_mock.trouble.limits import Limits

logger = logging.getLogger("voipbin_mock")

WARNING_HEADER = "X-VoIPBIN-Mock-Warning"
HINT_HEADER = "X-VoIPBIN-Mock-Hint"  # what to do about a refusal: the service's own envelope has no place for it
# Those that look like the caller's own mistake, and whose hints hold nothing of what was sent.
_HINTED = frozenset({"ROUTE_NOT_FOUND", "AUTHENTICATION_REQUIRED", "INVALID_CREDENTIALS"})
MAX_WARNING_HEADERS = 20  # clients refuse answers of too many headers
LARGE_BODY = 256 * 1024  # bytes
_NO_LOCK = nullcontext()
PROBE_SECONDS = 0.5  # of the machine
REQUEST_ID_HEADER = "X-Request-Id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
# What answers a login before the service's own handler of it does.
_NEVER_BARE = frozenset(
    {"ROUTE_NOT_FOUND", "RATE_LIMIT_EXCEEDED", "AUTHENTICATION_REQUIRED", "INVALID_CREDENTIALS", "ACCOUNT_FROZEN"}
)
_PREFLIGHT = [
    ("Access-Control-Allow-Methods", "POST,GET,PUT,DELETE,PATCH,HEAD,OPTIONS"),
    ("Access-Control-Allow-Headers", "Origin,X-Requested-With,Content-Type,Accept,Authorization"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Max-Age", "43200"),
]
_CORS = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "Content-Length")]


def respond(world: World, incoming: Incoming, control: ControlPolicy) -> tuple[Reply, Exchange | None]:
    """The answer to a request, and its entry in the journal; a call of the control API has none of its own."""
    path = incoming.path
    if path.startswith(CONTROL_PREFIX):
        reply = respond_control(world, incoming, control)
        if incoming.method not in ("GET", "HEAD"):
            world.aftermath()
        return reply, reply.made
    origin = incoming.headers.get("origin")
    if incoming.method == "OPTIONS" and origin:
        return _without_handler(world, incoming, Reply(204, b"", None, list(_PREFLIGHT)), named=True)
    method = incoming.method
    routed = catalog_of(world).route(method if method != "HEAD" else routed_method(incoming), path)
    if routed is None and path.endswith("/") and len(path) > 1:
        redirect = _redirect(world, incoming)
        if redirect is not None:
            return _without_handler(world, incoming, redirect)
    request = _request(incoming, routed)
    if routed is not None and routed[0].probe:
        reply, exchange = _probed(world, request, incoming)
    else:
        if world.timers:
            world.catch_up()
        reply, exchange = _handled(world, request, incoming)
        world.aftermath()
    return reply, exchange


# --- the steps -----------------------------------------------------------------------------------


def _request(incoming: Incoming, routed: tuple[Operation, tuple[str, ...]] | None) -> Request:
    operation, path_ids = routed or (None, ())
    return Request(
        method=incoming.method,
        path=incoming.path,
        query=parse_query(incoming.query_string) if incoming.query_string else {},
        headers=incoming.headers,
        body=incoming.body,
        path_ids=path_ids,
        found=operation,
        upgradable=incoming.upgradable,
        base=incoming.base,
    )


def _probed(world: World, request: Request, incoming: Incoming) -> tuple[Reply, Exchange | None]:
    """Somebody asks whether anybody is there: that is no time to wait for what others are doing."""
    if world.lock.acquire(timeout=PROBE_SECONDS):
        try:
            return _handled(world, request, incoming)
        finally:
            world.lock.release()
    assert request.found is not None
    return request.found.answer(world, request), None


def _handled(world: World, request: Request, incoming: Incoming) -> tuple[Reply, Exchange]:
    """The answer, made and noted under the world's lock. A request is one step: it does all, or nothing."""
    operation = request.found
    # Reading JSON needs no lock; but large bodies are read one at a time, as they take thirty times their size then.
    with _NO_LOCK if len(incoming.body) < LARGE_BODY else world.lock:
        # Whether it failed is told only after the credential was looked at.
        problem = _parse(world, request, incoming.body_fault) if operation and operation.part_name else ""
        with world.lock:
            step = Step(world)
            try:
                answered = _answered(world, request, incoming, problem)
                before, published = step.events[0], world.bus.published
                if published > before:
                    answered[1].events = range(before + 1, published + 1)
                world.done(step)
            except Exception as error:  # noqa: BLE001  a fault of the mock must be an answer, and be told
                world.undo(step)
                return _failed(world, request, incoming, error)
            except BaseException:
                world.undo(step)
                raise
            return answered


def _answered(world: World, request: Request, incoming: Incoming, problem: str) -> tuple[Reply, Exchange]:
    recorder = world.has(Recording)
    if recorder is not None:
        recorder.before(world)
    planned: PlannedFaults | None = world.named.get("plans")
    if planned is not None and planned.active:
        fault, reply, error = _handle_as_planned(world, planned, request, incoming, problem)
    else:
        fault, (reply, error) = None, _handle(world, request, incoming, problem)
    return _finished(world, request, incoming, reply, error, fault)


def _failed(world: World, request: Request, incoming: Incoming, error: Exception) -> tuple[Reply, Exchange]:
    """The answer to a request that could not be answered, and has changed nothing."""
    step = Step(world)
    try:
        recorder = world.has(Recording)
        if recorder is not None:
            recorder.before(world)
        request.warnings.clear()
        # What has failed draws no id.
        request_id = _own_id(incoming) or world.ids.request_id_aside(str(world.exchanges))
        answered = _finished(world, request, incoming, Reply(), _internal(world, request, error), None, request_id)
        world.done(step)
    except BaseException:
        world.undo(step)
        raise
    return answered


def _finished(
    world: World,
    request: Request,
    incoming: Incoming,
    reply: Reply,
    error: ApiError | None,
    fault: PlannedFault | None = None,
    request_id: str = "",
) -> tuple[Reply, Exchange]:
    """An answer as it is sent, and noted. What is noted outside the world's state comes last: it is not taken back."""
    request_id = request_id or _request_id(world, incoming)
    if error is not None:
        reply = envelope(error, request_id, world, request.found is not None and request.found.told_as_json)
    modes: Modes | None = world.named.get("modes")
    if modes is not None and modes.forward is not None and reply.content_type == JSON_TYPE:
        reply.body = _aged(world, modes.forward, request, reply.body, error)
    exchange = _exchange(world, request, incoming, reply, error, request_id, fault)
    if fault is not None and reply.disruption is None:
        fault.disturb(reply)
    reply.headers.append((REQUEST_ID_HEADER, request_id))
    if incoming.headers.get("origin") is not None:
        reply.headers += _CORS
    if exchange.reason in _HINTED and exchange.hint:
        reply.headers.append((HINT_HEADER, _header_text(exchange.hint)))
    for finding in request.warnings[:MAX_WARNING_HEADERS]:
        reply.headers.append((WARNING_HEADER, _header_text(str(finding))))
    _note(world, request, incoming, reply, exchange)
    return reply, exchange


def _request_id(world: World, incoming: Incoming) -> str:
    """The request's own id if it is one, else a new one."""
    return _own_id(incoming) or world.ids.request_id()


def _own_id(incoming: Incoming) -> str:
    request_id = incoming.headers.get("x-request-id", "")
    return request_id if request_id and _REQUEST_ID.fullmatch(request_id) else ""


def _parse(world: World, request: Request, body_fault: str) -> str:
    if body_fault:
        return body_fault
    try:
        request.raw = parse_json(request.body, ignore_trailing=not world.strict)
    except ValueError as error:
        return str(error)
    return ""


def _handle_as_planned(
    world: World, planned: PlannedFaults, request: Request, incoming: Incoming, problem: str
) -> tuple[PlannedFault | None, Reply, ApiError | None]:
    """The same while faults or stubs are planned: the fault that is met, the reply, the error."""
    fault, stub = planned.choose(_asked(world, request, incoming), world.ids)
    request.planned = tuple((met.kind, met.number) for met in (fault, stub) if met is not None)
    if fault is not None and not fault.handles:
        if fault.kind == "error":
            return fault, Reply(), fault.error(catalog_of(world), request.path)
        return fault, fault.refusal(), None
    reply, error = (stub.canned(), None) if stub is not None else _handle(world, request, incoming, problem)
    if fault is not None and fault.kind == "error":
        return fault, Reply(), fault.error(catalog_of(world), request.path)
    return fault, reply, error


def _asked(world: World, request: Request, incoming: Incoming) -> Asked:
    """A request as plans look at it."""
    from voipbin_mock.trouble.faults import Asked
    from voipbin_mock.trouble.targets import label_of

    caller = _Caller(world, request, incoming.cookies)
    return Asked(request, label_of(catalog_of(world), request), incoming.cookies, caller, caller.agent_id)


def refuses(world: World, incoming: Incoming, path: str) -> bool:
    """Whether the connection for a request is planned to be refused. Its body does not matter."""
    planned: PlannedFaults | None = world.named.get("plans")
    if planned is None or not planned.active:
        return False
    with world.lock:
        request = _request(incoming, catalog_of(world).route(incoming.method, path))
        request.path = path
        return planned.refuses(_asked(world, request, incoming), world.ids)


class _Caller:
    """Who a request comes from, for plans that ask; looked up once, and without a trace."""

    def __init__(self, world: World, request: Request, cookies: dict[str, str]) -> None:
        self._world, self._cookies = world, cookies
        self._request = Request(request.method, request.path, request.query, request.headers)
        self._found: Caller | None = None
        self._looked = False

    def __call__(self) -> Caller | None:
        if not self._looked:
            self._looked = True
            try:
                self._found = auth.authenticate(self._world, self._request, self._cookies)
            except ApiError:
                self._found = None
        return self._found

    def agent_id(self, agent: str) -> str:
        rows = self._world.table(AGENTS).find("username", agent)
        return rows[0].id if rows else agent


def _handle(world: World, request: Request, incoming: Incoming, problem: str) -> tuple[Reply, ApiError | None]:
    operation = request.found
    try:
        if operation is None or not operation.served_by(world.profile):
            hint = catalog_of(world).explain_unrouted(request.method, request.path)
            raise ApiError("ROUTE_NOT_FOUND", hint=hint)
        limits: Limits | None = world.named.get("limits")
        if limits is not None and limits.tiers:
            limits.check_address(request.path, incoming.address)
        if not operation.public:
            request.caller = auth.authenticate(world, request, incoming.cookies)
            if limits is not None and limits.tiers:
                limits.check_caller(request.path, request.caller)
        if request.path_ids:
            check_ids(request)
        if operation.part_name is not None:
            check_body(world, request, operation, problem)
        return _carried_out(world, operation, request), None
    except ApiError as error:
        if operation is not None and operation.bare_refusals and error.reason not in _NEVER_BARE:
            return _bare(400, error)
        return Reply(), error
    except auth.LoginRefused as refusal:
        return _bare(refusal.http_code, ApiError("INVALID_ARGUMENT", hint=str(refusal)))


def _carried_out(world: World, operation: Operation, request: Request) -> Reply:
    """The handler's answer. One that refuses has changed nothing, unless it says that it stands; what limits counted
    stays counted."""
    if request.method == "GET":  # which changes nothing
        return operation.answer(world, request)
    step = Step(world)
    try:
        reply = operation.answer(world, request)
        world.done(step)
    except BaseException as error:
        if isinstance(error, ApiError) and error.stands:
            world.done(step)
        else:
            world.undo(step)
        raise
    return reply


def _internal(world: World, request: Request, error: Exception) -> ApiError:
    """What failed, for the log and the report."""
    asked = request.method, printable(request.path)
    logger.error("%s %s failed inside the mock", *asked, exc_info=error, extra=world.logged)
    return ApiError("INTERNAL", hint=world.blueprint.blame(error))


def _bare(http_code: int, error: ApiError) -> tuple[Reply, None]:
    """A failure with an empty body; why it failed is for the journal alone."""
    reply = Reply(http_code, b"", None)
    reply.note = "; ".join([*(str(discreet(v)) for v in error.violations), error.hint]).strip("; ") or error.message
    return reply, None


def _aged(world: World, mode: ForwardCompatibility, request: Request, body: bytes, error: ApiError | None) -> bytes:
    """An answer as a later version might give it."""
    resource = request.found.resource if request.found is not None and error is None else None
    members = resource.record.members if resource is not None and resource.has_part("record") else ()
    choices = {m.name: m.schema["enum"] for m in members if "enum" in m.schema}
    from voipbin_mock.api.modes import from_the_future

    return from_the_future(body, mode, choices, f"{world.ids.random_seed}:{world.ids.drawn}")


def _redirect(world: World, incoming: Incoming) -> Reply | None:
    """A known path with a slash too many leads to the path without it (server)."""
    path = incoming.path.rstrip("/")
    routed = catalog_of(world).route(incoming.method, path) if path + "/" == incoming.path else None
    if routed is None or not routed[0].served_by(world.profile):
        return None
    target = quote(incoming.base + path, safe="/-._~!$&'()*+,;=:@")
    if incoming.query_string:
        target += "?" + quote(incoming.query_string, safe="/-._~!$&'()*+,;=:@%?")
    return Reply(301 if incoming.method == "GET" else 307, b"", None, [("Location", target)])


def _without_handler(world: World, incoming: Incoming, reply: Reply, *, named: bool = False) -> tuple[Reply, Exchange]:
    """What is answered before any handler: preflights have a request id, the router's redirects none."""
    with world.step():
        recorder = world.has(Recording)
        if recorder is not None:
            recorder.before(world)
        request_id = _request_id(world, incoming) if named else None
        if request_id is not None:
            reply.headers.append((REQUEST_ID_HEADER, request_id))
        request = Request(incoming.method, incoming.path)
        exchange = _exchange(world, request, incoming, reply, None, request_id)
        _note(world, request, incoming, reply, exchange)
        return reply, exchange


def _exchange(
    world: World,
    request: Request,
    incoming: Incoming,
    reply: Reply,
    error: ApiError | None,
    request_id: str | None,
    fault: PlannedFault | None = None,
) -> Exchange:
    world.exchanges += 1
    operation = request.found
    return Exchange(
        number=world.exchanges,
        microseconds=world.clock.microseconds(),
        method=incoming.method,
        path=incoming.path,
        query=incoming.query_string,
        http_code=reply.http_code,
        reason=error.reason if error is not None else None,
        operation=operation.name if operation is not None else None,
        request_id=request_id,
        body=incoming.body,
        reply_body=reply.body,
        violations=error.violations if error is not None else (),
        warnings=tuple(request.warnings),
        hint=_hint(error.hint if error is not None else reply.note, fault),
        headers=tuple(incoming.headers.items()),
        reply_headers=reply.headers,
        confidential=operation is not None and operation.secret,
        planned=request.planned,
        reply_type=reply.content_type,
    )


def _note(world: World, request: Request, incoming: Incoming, reply: Reply, exchange: Exchange) -> None:
    recorder = world.has(Recording)
    if recorder is not None:
        recorder.after(world, incoming, reply, exchange)
    operation = request.found
    world.part(Journal).append(exchange)
    counting: Counting | None = world.named.get("coverage")
    if counting is not None:
        seen = request.raw if request.caller is not None or (operation is not None and operation.public) else None
        for tally in counting.all:
            tally.note(operation, exchange.reason, seen)
    for finding in exchange.warnings if request.warnings else ():
        label = operation.label if operation else ""
        world.part(lint.Findings).noted.append((exchange.number, label, finding))


def _hint(hint: str, fault: PlannedFault | None) -> str:
    return hint if fault is None or fault.note in hint else f"{fault.note}; {hint}".rstrip("; ")


def _header_text(text: str) -> str:
    return printable(text).encode("ascii", "backslashreplace").decode("ascii")[:400]
