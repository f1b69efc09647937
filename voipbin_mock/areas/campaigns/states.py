"""A campaign's status: what may follow what, and what is told of it.

Beside its status a campaign has a hidden `execute`: whether the dialer is at work for it. A user's stop
makes a running campaign `stopping`; the dialer notices at its next tick, and the campaign rests once no
call is in flight. All that writes to a campaign goes through `write`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.campaigns.resources import CAMPAIGNCALLS, CAMPAIGNS, OUTDIALS, OUTPLANS
from voipbin_mock.areas.queues.resources import QUEUES
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

IN_FLIGHT = ("dialing", "progressing")
# What a campaign refers to: member -> resource.
REFERENCES: Mapping[str, Resource] = {
    "outplan_id": OUTPLANS,
    "outdial_id": OUTDIALS,
    "queue_id": QUEUES,
    "next_campaign_id": CAMPAIGNS,
}


def write(world: World, row: Row, values: Mapping[str, Any], what: str = "updated") -> Row:
    """Change a campaign: it is touched, and told of as `campaign_<what>` ("": not at all)."""
    return crud.change(world, CAMPAIGNS, row, values, what)


def check_references(world: World, account: str, ids: Mapping[str, Any], campaign_id: str) -> None:
    """Everything a campaign refers to must exist, be the customer's own, and not be deleted (server).

    Its outdial must be free, or this campaign's already. All zeros refers to nothing.
    Raises ApiError INVALID_ARGUMENT.
    """
    for member, resource in REFERENCES.items():
        wanted = ids[member]
        if wanted == NIL_UUID:
            continue
        row = world.table(resource).get(wanted)
        if row is None or row.account != account:
            problem = "does not exist"
        elif row.deleted:
            problem = "was deleted"
        elif member == "outdial_id" and row.data["campaign_id"] not in (NIL_UUID, campaign_id):
            problem = f"is used by campaign {row.data['campaign_id']}"
        else:
            continue
        expected = f"the id of one of the customer's {resource.name}"
        violation = Violation(f"/{member}", f"{wanted} {problem}: expected {expected}", expected, wanted)
        raise ApiError("INVALID_ARGUMENT", "The campaign refers to something it cannot use.", violations=[violation])


def in_flight(world: World, campaign_id: str) -> int:
    """How many of a campaign's calls are dialing or progressing."""
    calls = world.table(CAMPAIGNCALLS)
    return sum(calls.count(("campaign_id", "status"), (campaign_id, status)) for status in IN_FLIGHT)


def stoppable(world: World, row: Row) -> bool:
    return row.data["execute"] != "run" and not in_flight(world, row.id)


def run(world: World, row: Row) -> tuple[Row, bool]:
    """PUT status `run`. The answer says whether the dialer must begin to tick (after a second).

    It must not if it still ticks: a run, a stop and a run before the next tick make one run.
    Raises ApiError INVALID_ARGUMENT for a campaign whose references cannot be used.
    """
    if row.data["status"] == "run":
        return row, False
    check_references(world, row.account, row.data, row.id)
    begins = row.data["execute"] != "run"
    return write(world, row, {"status": "run", "execute": "run"}, "status_run"), begins


def stop(world: World, row: Row) -> Row:
    """PUT status `stop`, and what the dialer does when it has noticed: to rest, or to wait for its calls."""
    status = row.data["status"]
    if stoppable(world, row):
        return row if status == "stop" else write(world, row, {"status": "stop"}, "status_stop")
    if status == "run":
        return write(world, row, {"status": "stopping"}, "status_stopping")
    return row


def halt(world: World, row: Row) -> Row:
    """A tick found nothing more to do: the dialer ends its work, and ticks no more."""
    return stop(world, write(world, row, {"execute": "stop"}, ""))


def settle(world: World, row: Row) -> Row:
    """A call has ended: a campaign that only waited for its calls rests."""
    return stop(world, row) if stoppable(world, row) else row
