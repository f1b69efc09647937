"""Cases and contacts at the desk, where they differ: assigning, notes of one's own, everybody's history."""

from __future__ import annotations

import re

from voipbin_mock.api import crud
from voipbin_mock.api.access import caller_of, owned, permit
from voipbin_mock.api.lists import cut, page_size
from voipbin_mock.api.operations import ADMIN, MANAGER, Handler, Request
from voipbin_mock.areas.accounts.resources import AGENTS
from voipbin_mock.areas.cases import cases, casework, events
from voipbin_mock.areas.cases.resources import CASES, CLOSED, NOTES
from voipbin_mock.areas.contacts import addresses
from voipbin_mock.areas.service_agents.differences import ADDRESSES_FOR_ALL, HISTORY_OF_ALL
from voipbin_mock.wire.errors import ApiError, Reason
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.world import World

INVALID_SINCE = Reason("INVALID_SINCE", "INVALID_ARGUMENT", "since is a number of days, 1d to 180d.")
DAY = 86_400_000_000  # microseconds
MOST_DAYS = 180
_SINCE = re.compile(r"([0-9]{1,9})d", re.ASCII)


def only(handler: Handler, *names: str) -> Handler:
    """The same with these query parameters alone; others are not read."""

    def narrower(world: World, request: Request) -> Reply:
        request.query = {name: values for name, values in request.query.items() if name in names}
        return handler(world, request)

    return narrower


def assign(world: World, request: Request) -> Reply:
    """POST /service_agents/contact_cases/{id}/assign: to oneself or another, any number of times."""
    row = cases.of_path(world, request)
    if row.data["status"] == CLOSED:
        raise ApiError(casework.IS_CLOSED)
    agent = world.table(AGENTS).get(request.values["owner_id"])
    if agent is None or agent.account != row.account:  # a deleted one does
        raise ApiError("RESOURCE_NOT_FOUND", hint=f"/owner_id: the customer has no agent {request.values['owner_id']}")
    return crud.shown(world, CASES, crud.keep(world, CASES, row, {"owner_type": "agent", "owner_id": agent.id}))


# --- notes -----------------------------------------------------------------------------------------


def write_note(world: World, request: Request) -> Reply:
    """POST /service_agents/contact_cases/{id}/notes: the caller is its author."""
    caller = caller_of(request)
    row = casework.note(world, cases.of_path(world, request), "agent", caller.agent_id, request.values["text"])
    return crud.shown(world, NOTES, row)


def delete_note(world: World, request: Request) -> Reply:
    """DELETE /service_agents/contact_cases/{id}/notes/{note_id}: by its author alone."""
    caller, case = caller_of(request), cases.of_path(world, request)
    row = owned(world, case.account, NOTES, request.id)
    if row is None or row.data["case_id"] != case.id:
        raise ApiError("RESOURCE_NOT_FOUND", hint=f"the case has no note {request.id}")
    if row.data["author_id"] != caller.agent_id:
        raise ApiError("PERMISSION_DENIED", hint="somebody else wrote this note")
    crud.delete_row(world, request, row)
    return json_reply({})


# --- addresses, and what happened ------------------------------------------------------------------


def addresses_list(world: World, request: Request) -> Reply:
    """GET /service_agents/contact_addresses."""
    caller_of(request)
    if not ADDRESSES_FOR_ALL.of(world):
        permit(request, ADMIN | MANAGER)
    return addresses.list_(world, request)


def claim(world: World, request: Request) -> Reply:
    """POST /service_agents/contact_addresses/{id}/claim: never by force."""
    request.values["force"] = False
    return addresses.claim(world, request)


def interactions(world: World, request: Request) -> Reply:
    """GET /service_agents/contact_interactions: in one way, or of everybody for some days."""
    given = [bool(request.parameter(name)) for name in ("peer_type", "peer_target", "contact_id", "address_id")]
    if any(given):
        return events.interactions(world, request)
    size = cut(world, page_size(request))
    since = request.parameter("since")
    match = _SINCE.fullmatch("30d" if since is None else since)
    days = int(match[1]) if match else 0
    if not 0 < days <= MOST_DAYS:
        raise ApiError(INVALID_SINCE, hint=f"since is {str(since)[:40]!r}")
    caller = permit(request)
    if not HISTORY_OF_ALL.of(world):
        reason = "INVALID_ARGUMENT" if days == MOST_DAYS else events.INVALID_FILTER
        raise ApiError(reason, hint="the server asks for contact_id, address_id, or peer_type with peer_target")
    begin = world.clock.microseconds() - days * DAY
    return events.page(world, request, caller.account, None, size, at_end=False, begin=begin)


def interaction_refusals(profile: Profile) -> tuple[str, ...]:
    return (*events.interaction_refusals(profile), INVALID_SINCE.name, "INVALID_ARGUMENT")
