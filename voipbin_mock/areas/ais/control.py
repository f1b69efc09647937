"""Scripts of models, and what was said in AI calls, over the control API."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.api.control import count_of
from voipbin_mock.api.operations import Handler, Request
from voipbin_mock.areas.ais.live import LiveAicall
from voipbin_mock.areas.ais.models import Models
from voipbin_mock.areas.ais.resources import AICALLS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world import telling
from voipbin_mock.world.world import World

MOST = 100  # AI calls of a list


def models(world: World, request: Request) -> Reply:
    """The scripts given."""
    return json_reply({"ais": world.part(Models).rules()})


def script_models(world: World, request: Request) -> Reply:
    """{"<id or name of an AI, pattern or default>": ["Hello.", {"outcome": "call", "tool": "stop_flow"}]}."""
    try:
        world.part(Models).read(request.raw)
    except ValueError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return models(world, request)


def forget_models(world: World, request: Request) -> Reply:
    world.part(Models).forget()
    return models(world, request)


def aicalls(world: World, request: Request) -> Reply:
    """The newest AI calls, deleted ones too, without what was said; `due`: when the next thing happens there."""
    most = count_of(request, "limit")
    rows = sorted(world.table(AICALLS), key=lambda row: row.created, reverse=True)[: MOST if most is None else most]
    due = telling.due(world)
    return json_reply({"aicalls": [{**LiveAicall(world, row.id).brief(), "due": due.get(row.id)} for row in rows]})


def aicall(world: World, request: Request) -> Reply:
    """One of them, with what was said."""
    try:
        told = LiveAicall(world, request.id).as_dict()
    except LookupError as error:
        raise ApiError(AICALLS.missing, str(error)) from None
    return json_reply({**told, "due": telling.due(world).get(request.id)})


CONTROLS: Mapping[str, Handler] = {
    "GET /__mock__/ais": models,
    "PUT /__mock__/ais": script_models,
    "DELETE /__mock__/ais": forget_models,
    "GET /__mock__/aicalls": aicalls,
    "GET /__mock__/aicalls/{id}": aicall,
}
