"""Flows, and the actions that they and campaigns are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, owned, permit, referred
from voipbin_mock.api.lists import narrowed
from voipbin_mock.api.operations import Request, Schema
from voipbin_mock.areas.flows.engine import Plan
from voipbin_mock.areas.flows.resources import FLOWS
from voipbin_mock.wire.errors import ApiError, Violation, shorten
from voipbin_mock.wire.values import NIL_UUID, Reply
from voipbin_mock.world.blueprint import Blueprint
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

ANONYMOUS = ("yes", "no", "auto")
# What an operation that takes actions may answer to them.
REFUSALS = ("INVALID_ACTION_TYPE", "INVALID_ANONYMOUS_VALUE")
# The same of one whose body names a flow.
UNLINKED = (FLOWS.missing, "RESOURCE_NOT_FOUND", "INVALID_ARGUMENT")
MOST_FLOWS = 10_000  # of a customer


def foreign(world: World, account: str, flow_id: str, pointer: str) -> Violation | None:
    """What is wrong with an id that should be a flow of this account, if anything is."""
    if owned(world, account, FLOWS, flow_id) is not None:
        return None
    problem = f"{flow_id} is none of the customer's flows"
    return Violation(pointer, problem, "the id of one of the customer's flows", flow_id)


def check_actions(world: World, actions: Sequence[Mapping[str, Any]]) -> None:
    """Raises ApiError: INVALID_ACTION_TYPE names every action of an unknown type."""
    violations = []
    known = world.blueprint.action_types
    for position, action in enumerate(actions):
        kind = action["type"]
        if kind not in known:
            near = get_close_matches(kind[:80], sorted(known), n=1)
            expected = f'a type of action; did you mean "{near[0]}"?' if near else "a type of action, such as talk"
            message = f'"{shorten(kind)}" is not acceptable: expected {expected}'
            violations.append(Violation(f"/actions/{position}/type", message, expected, kind))
    if violations:
        raise ApiError("INVALID_ACTION_TYPE", violations=violations)
    for position, action in enumerate(actions):
        anonymous = action.get("option", {}).get("anonymous")
        if action["type"] in ("call", "connect") and isinstance(anonymous, str):  # else the option is not read
            check_anonymous(anonymous, f"/actions/{position}/option/anonymous")


def check_anonymous(value: Any, pointer: str) -> None:
    """Whether a call hides its number. Raises ApiError INVALID_ANONYMOUS_VALUE; empty is the default."""
    if value not in (None, "", *ANONYMOUS):
        expected = f"one of {', '.join(ANONYMOUS)}"
        violation = Violation(pointer, f"{shorten(value)!r} is not acceptable: expected {expected}", expected, value)
        raise ApiError("INVALID_ANONYMOUS_VALUE", violations=[violation])


def known_actions(blueprint: Blueprint, actions: Schema) -> None:
    """For OpenAPI: what is asked of actions beside their shape."""
    action = actions["items"]
    action["properties"]["type"] = {
        **action["properties"]["type"],
        "type": "string",
        "enum": sorted(blueprint.action_types),
    }
    anonymous = {"properties": {"anonymous": {"enum": [None, "", *ANONYMOUS]}}}
    action["if"] = {"properties": {"type": {"enum": ["call", "connect"]}}, "required": ["type"]}
    action["then"] = {"properties": {"option": anonymous}}


def list_(world: World, request: Request) -> Reply:
    """Those that were made as flows: what campaigns and conferences have of their own is not listed."""
    return narrowed(world, request, lambda row: row.data["type"] == "flow" and not row.data["temporary"])


def create(world: World, request: Request) -> Reply:
    caller = permit(request)
    _check_next(world, request)
    table = world.table(FLOWS)
    if len(table) >= MOST_FLOWS <= sum(row.account == caller.account and not row.deleted for row in table):
        raise ApiError("INVALID_ARGUMENT", f"There are {MOST_FLOWS} flows already.")
    check_actions(world, request.values["actions"])
    values = {**request.values, "actions": named(world, request.values["actions"])}
    return crud.shown(world, FLOWS, crud.insert(world, request, caller, values))


def update(world: World, request: Request) -> Reply:
    row = find(world, request)
    _check_next(world, request)
    check_actions(world, request.values["actions"])
    return crud.save(world, request, row, {**request.values, "actions": named(world, request.values["actions"])})


def _check_next(world: World, request: Request) -> None:
    """The flow to go on with must be there, and the customer's own; it may be the flow itself. Raises ApiError."""
    wanted = request.values["on_complete_flow_id"]
    if wanted != NIL_UUID:
        referred(world, request, FLOWS, wanted, "on_complete_flow_id")


def named(world: World, actions: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each action with an id of its own, so that others can lead to it."""
    return [action if action["id"] != NIL_UUID else {**action, "id": world.ids.uuid()} for action in actions]


def placed(world: World, row: Row) -> Row:
    """Of one that no request made: its actions have ids, too, so that it can run."""
    actions = row.data["actions"] or ()
    if all("id" in action for action in actions):
        return row
    several = [action if "id" in action else {"id": world.ids.uuid(), **action} for action in actions]
    return world.table(FLOWS).replace({**row.data, "actions": several})


def of_request(world: World, request: Request) -> Plan:
    """The flow that the actions of a request make, looked at as those of a flow are. Raises ApiError."""
    actions = request.values["actions"]
    check_actions(world, actions)
    crud.lint(world, request, request.values)
    caller = permit(request)
    return temporary(world, caller.account, caller.customer_id, named(world, actions))


def temporary(world: World, account: str, customer_id: str, actions: Sequence[Mapping[str, Any]]) -> Plan:
    """A flow made of actions that were given for one run: found by its id, and not listed."""
    table = world.table(FLOWS)
    record = {
        **FLOWS.blank,
        "customer_id": customer_id,
        "type": "flow",
        "name": "tmp",
        "actions": list(actions),
        "temporary": True,
        "id": world.ids.uuid(),
        "tm_create": world.stamp_for(table, account),
    }
    return Plan(table.insert(record, account).id, record["actions"])
