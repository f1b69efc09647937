"""Replies to what flows ask of URLs, over the control API."""

from __future__ import annotations

from voipbin_mock.api.operations import Request
from voipbin_mock.areas.flows.replies import Replies, read
from voipbin_mock.wire.errors import ApiError, MockUsageError
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.world import World


def replies(world: World, request: Request) -> Reply:
    """What is planned, and what flows asked of URLs so far."""
    part = world.part(Replies)
    planned, asked = [one.as_dict() for one in part.planned], [one.as_dict() for one in part.asked]
    return json_reply({"replies": planned, "asked": asked})


def plan_reply(world: World, request: Request) -> Reply:
    """{"url": "https://shop.example.com/menu", "json": [...]}, or a list of such."""
    given = request.raw if isinstance(request.raw, list) else [request.raw]
    try:
        planned = [read(one) for one in given]
        for one in planned:
            world.part(Replies).plan(one.url, status=one.status, body=one.body, times=one.times)
    except (MockUsageError, ValueError) as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return replies(world, request)


def forget_replies(world: World, request: Request) -> Reply:
    world.part(Replies).clear()
    return replies(world, request)
