"""GET /v1.0/ws, and the same for agents: the way to a websocket."""

from __future__ import annotations

from voipbin_mock.api.access import caller_of
from voipbin_mock.api.operations import Request
from voipbin_mock.api.upgrading import upgraded
from voipbin_mock.delivery.differences import DESK_IS_FOR_AGENTS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.world import World


def connect(world: World, request: Request) -> Reply:
    """Whether this is a websocket's handshake; whoever holds the connection does the rest."""
    _check_delegate(request)
    return upgraded(request)


def _check_delegate(request: Request) -> None:
    """Who acts for a customer hears of nothing (server). Raises ApiError."""
    if request.caller is not None and request.caller.kind == "delegate":
        raise ApiError("PERMISSION_DENIED", hint="a delegate token opens no websocket")


def connect_at_desk(world: World, request: Request) -> Reply:
    """GET /v1.0/service_agents/ws: the same, for agents (the server takes all that may come in)."""
    if DESK_IS_FOR_AGENTS.of(world):
        caller_of(request)
    _check_delegate(request)
    return upgraded(request)
