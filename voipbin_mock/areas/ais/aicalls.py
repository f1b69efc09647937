"""AI calls over the API."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.lists import cut, list_of, page_reply, page_size, page_token
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.ais.callers import named_aicall, talker
from voipbin_mock.areas.ais.resources import AICALLS
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.world import World


def list_(world: World, request: Request) -> Reply:
    """GET /aicalls: the customer's."""
    size = cut(world, page_size(request))
    account = talker(request).account
    return page_reply(world, AICALLS, world.table(AICALLS).page(account, page_token(request), size))


def get(world: World, request: Request) -> Reply:
    return crud.shown(world, AICALLS, named_aicall(world, request, request.id))


def delete(world: World, request: Request) -> Reply:
    """DELETE /aicalls/{id}: it is not listed any more, and goes on."""
    return crud.delete_row(world, request, named_aicall(world, request, request.id))


def participants(world: World, request: Request) -> Reply:
    """GET /aicalls/{id}/participants."""
    page_size(request)
    return list_of(world, request, "aicall_id", named_aicall(world, request, request.id).id)
