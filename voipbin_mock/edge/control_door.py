"""The door of the control API: who may use it, and its answers."""

from __future__ import annotations

import logging
import re

from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.operations import Request
from voipbin_mock.edge.envelope import envelope
from voipbin_mock.edge.incoming import ControlPolicy, Incoming
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import CONTROL_PREFIX, Reply, parse_json, parse_query, printable
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^:\[\]]+))(?::[0-9]*)?", re.ASCII)


_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def respond_control(world: World, incoming: Incoming, policy: ControlPolicy) -> Reply:
    """The mock's own API: no credential of the service, but no foreign web page either."""
    try:
        _admit(incoming, policy)
        routed = catalog_of(world).route(incoming.method, incoming.path.rstrip("/") or incoming.path)
        if routed is None:
            raise ApiError("ROUTE_NOT_FOUND", f"no such control call; GET {CONTROL_PREFIX} lists them")
        query = parse_query(incoming.query_string)
        request = Request(incoming.method, incoming.path, query, incoming.headers, incoming.body, *routed[::-1])
        request.base = incoming.base
        if incoming.body_fault:
            raise ApiError("INVALID_JSON_BODY", incoming.body_fault)
        if incoming.body:
            try:
                request.raw = parse_json(incoming.body)
            except ValueError as error:
                raise ApiError("INVALID_JSON_BODY", str(error)) from None
        world.catch_up()
        if routed[0].unlocked:
            return routed[0].answer(world, request)
        with world.lock:
            return routed[0].answer(world, request)
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
