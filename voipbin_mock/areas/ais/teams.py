"""Teams over the API: AIs that hand over to one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.ais.differences import TEAMS_OF_OTHERS, UNFIT
from voipbin_mock.areas.ais.resources import AIS, TEAMS, UNKNOWN, sorted_by_key
from voipbin_mock.areas.ais.settings import INSIGHT, TOOLS, unfit
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID, Reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.world import World

Problem = tuple[str, str, str, Any]  # where, what is wrong, what is expected, what was given


def create(world: World, request: Request) -> Reply:
    """POST /teams."""
    caller = permit(request)
    return crud.shown(world, TEAMS, crud.insert(world, request, caller, _fitting(world, request, caller.account)))


def update(world: World, request: Request) -> Reply:
    """PUT /teams/{id}: replaced whole."""
    row = find(world, request)
    return crud.save(world, request, row, _fitting(world, request, row.account))


def _fitting(world: World, request: Request, account: str) -> dict[str, Any]:
    """The values of a team that can work. Raises ApiError for the first thing that is wrong, in the service's order."""
    values = request.values
    for problem in _problems(values["start_member_id"], values["members"]):
        raise unfit(world, *problem)
    for place, member in enumerate(values["members"]):
        _check_ai(world, f"/members/{place}/ai_id", member["ai_id"], account)
    return {**values, "parameter": sorted_by_key(values["parameter"] or {})}


def _problems(start: str, members: list[Mapping[str, Any]]) -> Iterator[Problem]:
    """What is wrong with who leads to whom."""
    ids = [member["id"] for member in members]
    if not members:
        yield "/members", "nobody is in it", "at least one member", members
    if start == NIL_UUID:
        yield "/start_member_id", "nobody begins", "the id of a member", start
    for place, id in enumerate(ids):
        if id == NIL_UUID:
            yield f"/members/{place}/id", "it has no id", "a UUID of your own", id
        elif id in ids[:place]:
            yield f"/members/{place}/id", f"{id} is another's already", "an id of its own", id
    if start not in ids:
        yield "/start_member_id", f"{start} is no member", "the id of a member", start
    for place, member in enumerate(members):
        yield from _of_member(f"/members/{place}", member, ids)


def _of_member(at: str, member: Mapping[str, Any], ids: list[str]) -> Iterator[Problem]:
    if not member["name"]:
        yield f"{at}/name", "it has no name", "a name", ""
    if member["ai_id"] == NIL_UUID:
        yield f"{at}/ai_id", "it is no AI", "the id of an AI", NIL_UUID
    seen: set[str] = set()
    for place, transition in enumerate(member["transitions"]):
        here, name, following = f"{at}/transitions/{place}", transition["function_name"], transition["next_member_id"]
        if not name:
            yield f"{here}/function_name", "it has no name", "a name", ""
        if name in TOOLS:
            yield f"{here}/function_name", f"{name} is a tool", "a name that no tool has", name
        if name in seen:
            yield f"{here}/function_name", f"{name} is there twice", "a name of its own", name
        if following not in ids:
            yield f"{here}/next_member_id", f"{following} is no member", "the id of a member", following
        seen.add(name)


def _check_ai(world: World, pointer: str, ai_id: str, account: str) -> None:
    """Whether an AI can be in a team; a deleted one can. Raises ApiError."""
    row = world.table(AIS).get(ai_id)
    if row is None or (row.account != account and not TEAMS_OF_OTHERS.of(world)):
        raise ApiError(UNKNOWN, hint=f"{pointer}: " + (f"{ai_id} is another customer's" if row else f"no AI {ai_id}"))
    if row.data["type"] == INSIGHT:
        raise unfit(world, pointer, f"{ai_id} is of type {INSIGHT}", "an AI of type normal", ai_id)


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST and PUT of a team may be refused with."""
    return (UNFIT.by(profile), UNKNOWN)
