"""The door of the control API: who may use it, and its answers."""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.operations import METHODS, Request
from voipbin_mock.edge.envelope import envelope
from voipbin_mock.edge.incoming import ControlPolicy, Incoming
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import (
    CONSOLE,
    CONTROL_PREFIX,
    STREAM,
    WEBHOOK_HEADER,
    Reply,
    parse_json,
    parse_query,
    printable,
)
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

TOKEN_HEADER = "x-voipbin-mock-control-token"
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^:\[\]]+))(?::[0-9]*)?", re.ASCII)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# What changes nothing and tells nobody's records: whoever reaches the server may read it, so that a container can
# be checked from outside, and its page be read.
_OPEN = frozenset({f"{CONTROL_PREFIX}/health", f"{CONTROL_PREFIX}/docs"})
_WITHOUT = f"there is neither a console nor its stream. {CONTROL_PREFIX}/notices tells what the stream would."


def respond_control(world: World, incoming: Incoming, policy: ControlPolicy) -> Reply:
    """The mock's own API: no credential of the service, but no foreign web page either."""
    try:
        known = admit(incoming.method, incoming.path, incoming.headers, policy)
        path = _plain(incoming.path)
        if not policy.console and (_is_console(path) or path == STREAM):
            raise ApiError("ROUTE_NOT_FOUND", f"The server was started with --no-console: {_WITHOUT}")
        # HEAD is GET without a body, for tools that wait until a server answers.
        routed = catalog_of(world).route("GET" if incoming.method == "HEAD" else incoming.method, path)
        if routed is None:
            return _unrouted(world, incoming.method, path)
        query = parse_query(incoming.query_string)
        request = Request(incoming.method, incoming.path, query, incoming.headers, incoming.body, *routed[::-1])
        request.base, request.upgradable = incoming.base, incoming.upgradable
        request.address, request.stranger, request.secret = incoming.address, not known, policy.token or ""
        request.has_console = policy.has_console
        if incoming.body_fault:
            raise ApiError("INVALID_JSON_BODY", incoming.body_fault)
        if incoming.body:
            try:
                request.raw = parse_json(incoming.body)
            except ValueError as error:
                raise ApiError("INVALID_JSON_BODY", str(error)) from None
        if routed[0].unlocked:
            return routed[0].answer(world, request)
        world.catch_up()
        with world.step():
            reply = routed[0].answer(world, request)
            if incoming.method not in ("GET", "HEAD"):
                world.stir()
        return reply
    except ApiError as error:
        return envelope(error, "", world)
    except Exception as error:  # as for the service's own paths
        logger.exception("control call %s failed inside the mock", printable(incoming.path))
        return envelope(ApiError("INTERNAL", world.blueprint.blame(error)), "", world)


def _unrouted(world: World, method: str, path: str) -> Reply:
    """405 with the methods that a path has, 404 for a path that there is not."""
    there_are = [other for other in METHODS if catalog_of(world).route(other, path) is not None]
    if not there_are:
        return envelope(
            ApiError("ROUTE_NOT_FOUND", f"no such control call; GET {CONTROL_PREFIX} lists them"), "", world
        )
    said = f"{printable(path)} takes {' and '.join(there_are)}, not {printable(method)}"
    reply = envelope(ApiError("ROUTE_NOT_FOUND", said), "", world)
    reply.http_code = 405
    reply.headers.append(("Allow", ", ".join(there_are)))
    return reply


def admit(method: str, path: str, headers: Mapping[str, str], policy: ControlPolicy) -> bool:
    """Let a control call in by who it comes from: whether it may see all, or what anybody may. Raises ApiError."""
    if policy.admitted:
        return True
    refuse_webhooks(headers)
    refuse_other_sites(method, headers)
    if policy.enabled and policy.token is None:
        refuse_other_hosts(headers, policy)
        return True
    sent = headers.get(TOKEN_HEADER, "")
    if policy.token is not None and _is_token(sent, policy.token):
        return True
    if not sent and method in ("GET", "HEAD") and _is_open(_plain(path), policy):
        return False
    if not policy.enabled:
        raise ApiError("PERMISSION_DENIED", "The control API is off; start the server with --control-token.")
    raise ApiError("PERMISSION_DENIED", "Send the control token in X-VoIPBIN-Mock-Control-Token.")


def admit_newcomer(method: str, headers: Mapping[str, str], policy: ControlPolicy) -> None:
    """Whether a call of the service may begin a session: no page of elsewhere may fill them up. Raises ApiError."""
    if policy.admitted:
        return
    if not _is_local_page(headers.get("origin", "") or headers.get("referer", "")):
        refuse_other_sites("POST", headers)  # whatever the method: a page that only links to it fills it up as well
    if policy.enabled and policy.token is None:
        refuse_other_hosts(headers, policy)


def refuse_webhooks(headers: Mapping[str, str]) -> None:
    """What a mock of this machine sends by itself drives none: anybody may say where to. Raises ApiError."""
    if WEBHOOK_HEADER.lower() in headers:
        raise ApiError("PERMISSION_DENIED", "A webhook may neither drive the mock nor use a session.")


def refuse_other_sites(method: str, headers: Mapping[str, str]) -> None:
    """No page of another site; programs that are no browser say nothing of where they come from. Raises ApiError."""
    host = headers.get("host", "").lower()
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
        raise ApiError("PERMISSION_DENIED", "A page of another origin may neither drive the mock nor begin a session.")
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        if headers.get("sec-fetch-mode") == "navigate":
            raise ApiError(
                "PERMISSION_DENIED", "A page of another site has led here. Enter this address in the browser by hand."
            )
        raise ApiError("PERMISSION_DENIED", "A page of another site may neither drive the mock nor begin a session.")
    referer = headers.get("referer", "")
    # A browser so old that it sends neither still says which page a form was on.
    if referer and method not in ("GET", "HEAD") and _authority(referer) != host:
        raise ApiError("PERMISSION_DENIED", "A form of another site may neither drive the mock nor begin a session.")


def refuse_other_hosts(headers: Mapping[str, str], policy: ControlPolicy) -> None:
    """A page whose name was made to lead to this machine is known by that name. Raises ApiError."""
    if _host_name(headers.get("host", "")) not in _LOOPBACK | policy.hosts:
        raise ApiError(
            "PERMISSION_DENIED",
            "The control API answers to a loopback Host only, and sessions begin there. To reach it by another name, "
            "start the server with --control-token.",
        )


def _is_open(path: str, policy: ControlPolicy) -> bool:
    return path in _OPEN or (policy.enabled and _is_console(path))


def _is_console(path: str) -> bool:
    """Whether it is the console's page, or one of its files: those hold nobody's data."""
    return path == CONSOLE or path.startswith(f"{CONSOLE}/")


def _plain(path: str) -> str:
    return path.rstrip("/") or path


def _host_name(host: str) -> str:
    """The name or address in a Host header, without its port; empty if it is none."""
    match = _HOST.fullmatch(host.lower())
    return match[1] or match[2] if match else ""


def _is_local_page(origin: str) -> bool:
    """Whether a page of this machine calls: the application that is tested, from a port of its own."""
    return bool(origin) and _host_name(_authority(origin)) in _LOOPBACK


def _authority(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return "?"


def _is_token(sent: str, token: str) -> bool:
    """Compared in constant time; beyond ASCII, headers come as Latin-1 that may be UTF-8 in disguise."""
    wanted = token.encode("utf-8", "surrogateescape")
    spelled = {sent.encode("utf-8", "surrogateescape")}
    if not sent.isascii():
        spelled.add(sent.encode("latin-1", "replace"))
    return True in [hmac.compare_digest(one, wanted) for one in spelled]
