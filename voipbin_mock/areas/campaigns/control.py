"""Control calls that show campaigns: what is planned, and what was done."""

from __future__ import annotations

from voipbin_mock.api.operations import Request
from voipbin_mock.areas.campaigns.resources import CAMPAIGNS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Reply, json_reply, parse_uuid, printable
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def _campaign(world: World, request: Request) -> Row:
    row = world.table(CAMPAIGNS).get(parse_uuid(request.id) or "")
    if row is None:
        raise ApiError("CAMPAIGN_NOT_FOUND", f"There is no campaign {printable(request.id[:80])}.")
    return row


def show_plan(world: World, request: Request) -> Reply:
    """The plan of a campaign, if it were run now."""
    from voipbin_mock.areas.campaigns import plan  # what plans and tells is loaded by who asks

    return json_reply(plan.of_campaign(world, _campaign(world, request)).as_dict())


def show_timeline(world: World, request: Request) -> Reply:
    """What a campaign did: JSON, or with `?format=text` a table, or with `?format=svg` a picture."""
    from voipbin_mock.areas.campaigns import timeline

    found = timeline.of_campaign(world, _campaign(world, request))
    form = request.parameter("format") or "json"
    if form == "json":
        return json_reply(found.as_dict())
    if form == "text":
        return Reply(200, (found.text() + "\n").encode("utf-8"), "text/plain; charset=utf-8")
    if form == "svg":
        return Reply(200, found.svg().encode("utf-8"), "image/svg+xml")
    raise ApiError("INVALID_REQUEST_PARAMETER", "format is json, text or svg.")
