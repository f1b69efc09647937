"""Who is at work in an AI call: an AI, or a team and the member of it whose turn it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from voipbin_mock.areas.ais.resources import AIS, TEAMS, sorted_by_key
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

AI, TEAM = "ai", "team"
RESOURCES: Mapping[str, Resource] = {AI: AIS, TEAM: TEAMS}


class Assistance(NamedTuple):
    """type: ai or team. row: the AI, or the team. ai: that talks. member_id: which member; all zeros for an AI."""

    type: str
    row: Row
    ai: Row
    member_id: str

    @property
    def parameter(self) -> dict[str, Any]:
        """What the AI was given; what the team was goes before."""
        own = self.ai.data["parameter"] or {}
        return own if self.type == AI else sorted_by_key({**own, **(self.row.data["parameter"] or {})})


def assistance(world: World, type: str, row: Row) -> Assistance | None:
    """Who begins; None for a team whose first AI there is not."""
    if type == AI:
        return Assistance(type, row, row, NIL_UUID)
    member = member_of(row, row.data["start_member_id"])
    ai = world.table(AIS).get(member["ai_id"]) if member else None
    return None if member is None or ai is None else Assistance(type, row, ai, member["id"])


def member_of(team: Row, member_id: str) -> Mapping[str, Any] | None:
    return next((member for member in team.data["members"] if member["id"] == member_id), None)


def everyone(world: World, who: Assistance) -> list[tuple[str, Row]]:
    """All that may come to talk, each with the id of the member that it is."""
    if who.type == AI:
        return [(NIL_UUID, who.ai)]
    found = [(member["id"], world.table(AIS).get(member["ai_id"])) for member in who.row.data["members"]]
    return [(member_id, ai) for member_id, ai in found if ai is not None]
