"""One request through the mock, without any web framework.

The order of the checks is the service's own: route, credential, ids in the path, body, and then
whatever the handler looks at.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import quote

from voipbin_mock.api import lint
from voipbin_mock.api.catalog import Operation
from voipbin_mock.api.modes import from_the_future
from voipbin_mock.areas.accounts import auth
from voipbin_mock.trouble.faults import Asked, Plan
from voipbin_mock.trouble.targets import label_of
from voipbin_mock.wire.errors import MAX_FAULTS, ApiError, Violation
from voipbin_mock.wire.exchange import Exchange, discreet
from voipbin_mock.wire.values import (
    CONTROL_PREFIX,
    JSON_TYPE,
    NIL_UUID,
    TEXT_TYPE,
    Caller,
    Reply,
    Request,
    encode,
    parse_json,
    parse_query,
    parse_uuid,
    printable,
)
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

WARNING_HEADER = "X-VoIPBIN-Mock-Warning"
MAX_WARNING_HEADERS = 20  # clients refuse answers of too many headers
LARGE_BODY = 256 * 1024  # bytes
_NO_LOCK = nullcontext()
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^:\[\]]+))(?::[0-9]*)?", re.ASCII)
REQUEST_ID_HEADER = "X-Request-Id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
# What answers a login before the service's own handler of it does.
_NEVER_BARE = frozenset({"ROUTE_NOT_FOUND", "RATE_LIMIT_EXCEEDED"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PREFLIGHT = [
    ("Access-Control-Allow-Methods", "POST,GET,PUT,DELETE,PATCH,HEAD,OPTIONS"),
    ("Access-Control-Allow-Headers", "Origin,X-Requested-With,Content-Type,Accept,Authorization"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Max-Age", "43200"),
]
_CORS = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "Content-Length")]


@dataclass(frozen=True)
class ControlPolicy:
    """Who may use the control API: nobody else's web page, and beyond loopback only with a token."""

    enabled: bool = True
    token: str | None = None
    hosts: frozenset[str] = field(default_factory=frozenset)  # names the mock is reached by, beside loopback


@dataclass(slots=True)
class Incoming:
    """A request as it arrived."""

    method: str
    path: str
    query_string: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    cookies: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    body_fault: str = ""  # why the body could not be read
    upgradable: bool = False  # whether the connection can be made a websocket
    address: str = ""  # the client's
    base: str = ""  # what the path was cut by: the base path of a session


def respond(world: World, incoming: Incoming, control: ControlPolicy) -> tuple[Reply, Exchange | None]:
    """The answer to a request, and its entry in the journal (calls of the control API have none)."""
    method, path = incoming.method, incoming.path
    origin = incoming.headers.get("origin")
    if path.startswith(CONTROL_PREFIX):
        return _respond_control(world, incoming, control), None
    if method == "OPTIONS" and origin:
        return _without_handler(world, incoming, Reply(204, b"", None, list(_PREFLIGHT)), named=True)
    routed = world.catalog.route(method, path)
    if routed is None and path.endswith("/") and len(path) > 1:
        redirect = _redirect(world, incoming)
        if redirect is not None:
            return _without_handler(world, incoming, redirect)
    operation, path_ids = routed or (None, ())
    request = Request(
        method=method,
        path=path,
        query=parse_query(incoming.query_string) if incoming.query_string else {},
        headers=incoming.headers,
        body=incoming.body,
        path_ids=path_ids,
        operation=operation,
        upgradable=incoming.upgradable,
    )
    if world.timers:
        world.catch_up()
    fault = None
    # Reading JSON needs no lock; but large bodies are read one at a time, as they take thirty times their size then.
    with _NO_LOCK if len(incoming.body) < LARGE_BODY else world.lock:
        # Whether it failed is told only after the credential was looked at.
        problem = _parse(world, request, incoming.body_fault) if operation and operation.part_name else ""
        with world.lock:
            recorder = world.recorder
            if recorder is not None:
                recorder.before(world)
            if world.plans.active:
                fault, reply, error = _handle_as_planned(world, request, incoming, problem)
            else:
                reply, error = _handle(world, request, incoming, problem)
            request_id = _request_id(world, incoming)
            if error is not None:
                reply = envelope(error, request_id, world)
            if world.modes.forward is not None and reply.content_type == JSON_TYPE:
                _age(world, request, reply, error)
            exchange = _note(world, request, incoming, reply, error, request_id, fault)
            if recorder is not None:
                recorder.after(world, incoming, reply, exchange)
            if fault is not None and reply.disruption is None:
                fault.disturb(reply)
    if world.bus.waiting:
        world.bus.deliver()
    if world.timers:
        world.catch_up()  # what the request brought about at this very instant
    reply.headers.append((REQUEST_ID_HEADER, request_id))
    if origin:
        reply.headers += _CORS
    for finding in request.warnings[:MAX_WARNING_HEADERS]:
        reply.headers.append((WARNING_HEADER, _header_text(str(finding))))
    return reply, exchange


# --- the steps -----------------------------------------------------------------------------------


def _request_id(world: World, incoming: Incoming) -> str:
    """The request's own id if it is one, else a new one."""
    request_id = incoming.headers.get("x-request-id", "")
    return request_id if _REQUEST_ID.fullmatch(request_id) else world.ids.request_id()


def _parse(world: World, request: Request, body_fault: str) -> str:
    if body_fault:
        return body_fault
    try:
        request.raw = parse_json(request.body, ignore_trailing=not world.strict)
    except ValueError as error:
        return str(error)
    return ""


def _handle_as_planned(
    world: World, request: Request, incoming: Incoming, problem: str
) -> tuple[Plan | None, Reply, ApiError | None]:
    """The same while faults or stubs are planned: the fault that is met, the reply, the error."""
    plans = world.plans
    caller = _Caller(world, request, incoming.cookies)
    fault, stub = plans.choose(
        Asked(request, label_of(world.catalog, request), incoming.cookies, caller, caller.agent_id), world.ids
    )
    if fault is not None and not fault.handles:
        if fault.kind == "error":
            return fault, Reply(), fault.error(request.path)
        return fault, fault.refusal(), None
    reply, error = (stub.canned(), None) if stub is not None else _handle(world, request, incoming, problem)
    if fault is not None and fault.kind == "error":
        return fault, Reply(), fault.error(request.path)
    return fault, reply, error


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
        rows = self._world.store["agents"].find("username", agent)
        return rows[0].id if rows else agent


def _handle(world: World, request: Request, incoming: Incoming, problem: str) -> tuple[Reply, ApiError | None]:
    operation: Operation | None = request.operation
    try:
        if operation is None or not world.serves(operation):
            hint = world.catalog.explain_unrouted(request.method, request.path)
            raise ApiError("ROUTE_NOT_FOUND", hint=hint)
        if world.limits.tiers:
            world.limits.check_address(request.path, incoming.address)
        if not operation.public:
            request.caller = auth.authenticate(world, request, incoming.cookies)
            if world.limits.tiers:
                world.limits.check_caller(request.path, request.caller)
        if request.path_ids:
            _check_ids(request)
        if operation.part_name is not None:
            _check_body(world, request, problem)
        return operation.handler(world, request), None
    except ApiError as error:
        if operation is not None and operation.part_name == "login" and error.reason not in _NEVER_BARE:
            return _bare(400, error)
        return Reply(), error
    except auth.LoginRefused as refusal:
        return _bare(400, ApiError("INVALID_ARGUMENT", hint=str(refusal)))
    except Exception as error:  # a fault of the mock must be an answer, and be told
        logger.exception("%s %s failed inside the mock", request.method, printable(request.path))
        return Reply(), ApiError("INTERNAL", hint=f"a fault of the mock, please report it: {error!r}")


def _bare(http_code: int, error: ApiError) -> tuple[Reply, None]:
    """A failure with an empty body; why it failed is for the journal alone."""
    reply = Reply(http_code, b"", None)
    reply.note = "; ".join([*(str(discreet(v)) for v in error.violations), error.hint]).strip("; ") or error.message
    return reply, None


def _check_ids(request: Request) -> None:
    canonical = []
    for text in request.path_ids:
        row_id = parse_uuid(text)
        if row_id is None or row_id == NIL_UUID:
            raise ApiError("INVALID_ID", hint=f"{printable(text[:80])!r} in the path is not a UUID, or all zeros")
        canonical.append(row_id)
    request.path_ids = tuple(canonical)


def _check_body(world: World, request: Request, problem: str) -> None:
    """Decode the body as the service does; in strict mode, hold it against the schema as well."""
    if problem:
        raise ApiError("INVALID_JSON_BODY", violations=[Violation("", problem, "a JSON object")], hint=problem)
    part = request.operation.part
    raw = request.raw
    values, undecodable = part.decode(raw)
    violations = part.violations({} if raw is None else raw) if world.strict else []
    if violations or undecodable:
        told = {violation.pointer for violation in violations}
        found = violations + [v for v in undecodable[:MAX_FAULTS] if v.pointer not in told]
        reason = _reason(undecodable, found)
        strangers = list(lint.unknown_members(islice(part.strangers(raw), MAX_FAULTS)))
        hints = [f"{s.pointer}: {s.message}; {s.advice}" for s in strangers]
        hints += [f'write "{right}", not "{wrong}"' for wrong, right in islice(part.miswritten(raw), 5)]
        raise ApiError(reason, violations=found + world.refused(strangers, request.raw), hint="; ".join(hints[:5]))
    request.values = values
    findings: list[lint.Lint] = []
    if raw:
        request.sent = frozenset(raw)
        if not part.knows(raw):
            request.sent |= {name.casefold() for name in raw}
            findings += lint.unknown_members(islice(part.strangers(raw), MAX_FAULTS))
    content_type = request.headers.get("content-type", "")
    if not content_type.lower().startswith("application/json"):
        message = f"Content-Type is {content_type[:80]!r}" if content_type else "Content-Type is missing"
        advice = "send Content-Type: application/json; the service ignores it, its documents ask for it"
        findings.append(lint.Lint("content-type", "", message, advice))
    if findings:
        if world.refused(findings):  # then name what the handler would find, too
            findings += [finding for rule in request.operation.lints for finding in rule(world, request, values)]
        world.warn(request, findings)


def _reason(undecodable: list[Violation], violations: list[Violation]) -> str:
    """What the service's decoder refuses has its own reason; so have ids, by the error catalogue."""
    if undecodable:
        return "INVALID_JSON_BODY"
    if all(violation.expected == "a UUID" for violation in violations):
        return "INVALID_ID"
    return "INVALID_ARGUMENT"


def envelope(error: ApiError, request_id: str, world: World) -> Reply:
    """An error as the service's error object; its keys come in alphabetical order."""
    inside: dict[str, Any] = {}
    if error.details:
        inside["details"] = error.details
    inside["message"] = error.message
    inside["reason"] = error.reason
    inside["request_id"] = request_id
    inside["status"] = error.status
    text = error.reason == "INVALID_JSON_BODY" and world.profile.undecodable_body_is_text
    body = encode({"error": inside}).encode("utf-8")
    reply = Reply(error.http_code, body, TEXT_TYPE if text else JSON_TYPE)
    if error.retry_after is not None:
        reply.headers.append(("Retry-After", str(error.retry_after)))
    return reply


def _age(world: World, request: Request, reply: Reply, error: ApiError | None) -> None:
    """Make an answer look like a later version's."""
    resource = request.operation.resource if request.operation is not None and error is None else None
    members = resource.record.members if resource is not None and resource.has_part("record") else ()
    choices = {m.name: m.schema["enum"] for m in members if "enum" in m.schema}
    assert world.modes.forward is not None
    seed = f"{world.ids.random_seed}:{world.exchanges}"
    reply.body = from_the_future(reply.body, world.modes.forward, choices, seed)


def _redirect(world: World, incoming: Incoming) -> Reply | None:
    """A known path with a slash too many leads to the path without it (server)."""
    path = incoming.path.rstrip("/")
    routed = world.catalog.route(incoming.method, path) if path + "/" == incoming.path else None
    if routed is None or not world.serves(routed[0]):
        return None
    target = quote(incoming.base + path, safe="/-._~!$&'()*+,;=:@")
    if incoming.query_string:
        target += "?" + quote(incoming.query_string, safe="/-._~!$&'()*+,;=:@%?")
    return Reply(301 if incoming.method == "GET" else 307, b"", None, [("Location", target)])


def _without_handler(world: World, incoming: Incoming, reply: Reply, *, named: bool = False) -> tuple[Reply, Exchange]:
    """What is answered before any handler: preflights have a request id, the router's redirects none."""
    with world.lock:
        recorder = world.recorder
        if recorder is not None:
            recorder.before(world)
        request_id = _request_id(world, incoming) if named else None
        if request_id is not None:
            reply.headers.append((REQUEST_ID_HEADER, request_id))
        request = Request(incoming.method, incoming.path)
        exchange = _note(world, request, incoming, reply, None, request_id)
        if recorder is not None:
            recorder.after(world, incoming, reply, exchange)
        return reply, exchange


def _note(
    world: World,
    request: Request,
    incoming: Incoming,
    reply: Reply,
    error: ApiError | None,
    request_id: str | None,
    fault: Plan | None = None,
) -> Exchange:
    world.exchanges += 1
    operation: Operation | None = request.operation
    exchange = Exchange(
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
        confidential=operation is not None and operation.confidential,
    )
    world.journal.append(exchange)
    if world.counting:
        seen = request.raw if request.caller is not None or (operation is not None and operation.public) else None
        for tally in world.counting:
            tally.note(world.catalog, operation, exchange.reason, seen)
    for finding in request.warnings:
        world.findings.append((exchange.number, operation.label if operation else "", finding))
    return exchange


def _hint(hint: str, fault: Plan | None) -> str:
    return hint if fault is None or fault.note in hint else f"{fault.note}; {hint}".rstrip("; ")


def _header_text(text: str) -> str:
    return printable(text).encode("ascii", "backslashreplace").decode("ascii")[:400]


# --- the control API -----------------------------------------------------------------------------


def _respond_control(world: World, incoming: Incoming, policy: ControlPolicy) -> Reply:
    """The mock's own API: no credential of the service, but no foreign web page either."""
    try:
        _admit(incoming, policy)
        routed = world.catalog.route(incoming.method, incoming.path.rstrip("/") or incoming.path)
        if routed is None:
            raise ApiError("ROUTE_NOT_FOUND", f"no such control call; GET {CONTROL_PREFIX} lists them")
        query = parse_query(incoming.query_string)
        request = Request(incoming.method, incoming.path, query, incoming.headers, incoming.body, routed[1])
        request.operation = routed[0]
        if incoming.body_fault:
            raise ApiError("INVALID_JSON_BODY", incoming.body_fault)
        if incoming.body:
            try:
                request.raw = parse_json(incoming.body)
            except ValueError as error:
                raise ApiError("INVALID_JSON_BODY", str(error)) from None
        world.catch_up()
        if routed[0].unlocked:
            return routed[0].handler(world, request)
        with world.lock:
            return routed[0].handler(world, request)
    except ApiError as error:
        return envelope(error, "", world)
    except Exception as error:  # as for the service's own paths
        logger.exception("control call %s failed inside the mock", printable(incoming.path))
        return envelope(ApiError("INTERNAL", repr(error)), "", world)


def _admit(incoming: Incoming, policy: ControlPolicy) -> None:
    headers = incoming.headers
    if not policy.enabled:
        raise ApiError("PERMISSION_DENIED", "The control API is off; start the server with --control-token.")
    host = headers.get("host", "")
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in (f"http://{host.lower()}", f"https://{host.lower()}"):
        raise ApiError("PERMISSION_DENIED", "A page of another origin may not drive the control API.")
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise ApiError("PERMISSION_DENIED", "A page of another site may not drive the control API.")
    if policy.token is not None:
        if headers.get("x-voipbin-mock-control-token", "") != policy.token:
            raise ApiError("PERMISSION_DENIED", "Send the control token in X-VoIPBIN-Mock-Control-Token.")
    elif _host_name(host) not in _LOOPBACK | policy.hosts:
        raise ApiError("PERMISSION_DENIED", "The control API answers to a loopback Host only.")


def _host_name(host: str) -> str:
    """The name or address in a Host header, without its port; empty if it is none."""
    match = _HOST.fullmatch(host.lower())
    return match[1] or match[2] if match else ""
