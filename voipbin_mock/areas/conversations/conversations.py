"""Conversations over the API."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import caller_of, find
from voipbin_mock.api.lists import id_parameter, narrowed
from voipbin_mock.api.lists import list_ as every
from voipbin_mock.api.operations import ANYONE, Request
from voipbin_mock.areas.accounts.resources import AGENTS
from voipbin_mock.areas.conversations.differences import CHANGES_NOTHING, OWNER_TYPE_ALONE, UNFIT_OWNER
from voipbin_mock.areas.conversations.partial import given, uuid_of, zeros
from voipbin_mock.areas.conversations.resources import CONVERSATIONS
from voipbin_mock.wire.errors import ApiError, Reason, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

AGENT_NOT_FOUND = Reason("AGENT_NOT_FOUND", "INVALID_ARGUMENT", "The owner must be an agent.")
AGENT_CUSTOMER_MISMATCH = Reason(
    "AGENT_CUSTOMER_MISMATCH", "INVALID_ARGUMENT", "The owner must be an agent of the conversation's customer."
)
_OWN = {reason.name: reason for reason in (AGENT_NOT_FOUND, AGENT_CUSTOMER_MISMATCH)}


def list_(world: World, request: Request) -> Reply:
    """GET /conversations: all, or those of an agent. Every agent may see its own."""
    owner_id = id_parameter(request, "owner_id")
    if owner_id in (None, NIL_UUID):
        return every(world, request)
    own = caller_of(request).agent_id == owner_id
    return narrowed(world, request, lambda row: row.data["owner_id"] == owner_id, ANYONE if own else None)


def update(world: World, request: Request) -> Reply:
    """PUT /conversations/{id}: whatever is left out stays as it is."""
    values = given(request)
    if values.get("owner_id"):
        values["owner_id"] = uuid_of(values, "owner_id")
    row = find(world, request)
    return changed(world, request, row, values)


def changed(world: World, request: Request, row: Row, values: dict[str, Any]) -> Reply:
    """The conversation with other values, and what follows from its owner."""
    kept = dict(values)
    if "owner_id" in kept:
        kept |= owned_by(world, row, kept["owner_id"] or NIL_UUID)
    elif not OWNER_TYPE_ALONE.of(world):
        kept.pop("owner_type", None)
    if not values:
        return zeros(world, CONVERSATIONS) if CHANGES_NOTHING.of(world) else crud.shown(world, CONVERSATIONS, row)
    return crud.save(world, request, row, kept)


def owned_by(world: World, row: Row, agent_id: str) -> dict[str, str]:
    """The members that say who owns a conversation. Raises ApiError for one who cannot."""
    if agent_id == NIL_UUID:
        return {"owner_type": "", "owner_id": NIL_UUID}
    unknown, foreign = UNFIT_OWNER.of(world)
    agent = world.table(AGENTS).get(agent_id)
    if agent is None or agent.account != row.account:
        reason = unknown if agent is None else foreign
        problem = f"{agent_id} is " + ("no agent" if agent is None else "another customer's agent")
        violation = Violation("/owner_id", problem, "the id of one of the customer's agents", agent_id)
        raise ApiError(_OWN.get(reason, reason), violations=[violation])
    return {"owner_type": "agent", "owner_id": agent_id}


def unassign(world: World, request: Request) -> Reply:
    """POST /conversations/{id}/unassign: nobody owns it any more. The owner itself may, too."""
    row = world.table(CONVERSATIONS).get(request.id)
    if row is None or row.data["owner_id"] != (caller_of(request).agent_id or ""):
        row = find(world, request)
    changed = crud.change(world, CONVERSATIONS, row, owned_by(world, row, NIL_UUID), "updated")
    return crud.shown(world, CONVERSATIONS, changed)


def refusals(profile: Profile) -> tuple[str, ...]:
    """What PUT /conversations/{id} may be refused with."""
    return ("INVALID_ARGUMENT", *UNFIT_OWNER.by(profile))
