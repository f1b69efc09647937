"""Campaigns that lead back to each other by their `next_campaign_id`.

Each follows when the one before has run out of targets and rests, so a loop with nobody left to dial would turn for
ever, once a second. It is told of, and rests when none of its campaigns has anybody to dial.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voipbin_mock.areas.campaigns.differences import CHAINS
from voipbin_mock.areas.campaigns.resources import CAMPAIGNS
from voipbin_mock.world.store import Record
from voipbin_mock.world.world import World

_SHOWN = 4  # campaigns named of a longer loop


def of(world: World, account: str, campaign: Record) -> list[Record]:
    """The loop that a campaign is in or leads to, from where it comes round; empty if there is none.

    campaign: as it would be, so that a change can be judged before it is made.
    """
    if not CHAINS.of(world):
        return []
    table, line = world.table(CAMPAIGNS), {}
    while campaign["id"] not in line:
        line[campaign["id"]] = campaign
        row = table.get(campaign["next_campaign_id"])
        if campaign["end_handle"] != "stop" or row is None or row.account != account or row.deleted:
            return []  # it waits for more targets, or nobody follows
        campaign = line.get(row.id, row.data)
    ids = list(line)
    return list(line.values())[ids.index(campaign["id"]) :]


def told(loop: Sequence[Mapping[str, Any]]) -> str:
    """The loop in words."""
    names = [str(campaign["name"] or campaign["id"]) for campaign in loop]
    shown = [*names[:_SHOWN], *(["..."] if len(names) > _SHOWN else []), names[0]]
    return f"the campaigns follow each other in a loop ({' -> '.join(shown)}), until none of them has anybody to dial"
