"""Agents: who they are, and what one may do to oneself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import caller_of, find, permit
from voipbin_mock.api.lint import Lint
from voipbin_mock.api.lists import narrowed
from voipbin_mock.api.operations import ADMIN, SUPER_ADMIN, Request
from voipbin_mock.areas.accounts import addresses, differences
from voipbin_mock.areas.accounts.plans import Allowance, check_room
from voipbin_mock.areas.accounts.resources import AGENTS
from voipbin_mock.wire.errors import ApiError, Reason, Violation
from voipbin_mock.wire.values import Reply, parse_uuid
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

# Permission bits of a whole project; only a super admin hands them out.
PROJECT_BITS = 0x0F
MOST_TAGS = 100  # that a list can be narrowed by
LONGEST_NAME = 255  # bytes
LONGEST_PASSWORD = 72  # bytes; what it is hashed with takes no more

GUEST = "d819c626-0284-4df8-99d6-d03e1c6fba88"
ALLOWED = Allowance(5, 50, 500)

INVALID_TAG_IDS = Reason("INVALID_TAG_IDS", "INVALID_ARGUMENT", "tag_ids must be UUIDs, separated by commas.")
INVALID_USERNAME_FORMAT = Reason(
    "INVALID_USERNAME_FORMAT", "INVALID_ARGUMENT", "The user name of an agent is an e-mail address."
)
INVALID_RING_METHOD = Reason("INVALID_RING_METHOD", "INVALID_ARGUMENT", "An agent cannot be rung in this way.")
AGENT_ALREADY_EXISTS = Reason("AGENT_ALREADY_EXISTS", "ALREADY_EXISTS", "Another agent has this user name.")
ADDRESS_ALREADY_ASSIGNED = Reason(
    "ADDRESS_ALREADY_ASSIGNED", "ALREADY_EXISTS", "Another agent of the customer has this address."
)
RESOURCE_LIMIT_EXCEEDED = Reason(
    "RESOURCE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED", "The customer's plan allows no more of them."
)
REASONS = (
    INVALID_TAG_IDS,
    INVALID_USERNAME_FORMAT,
    INVALID_RING_METHOD,
    AGENT_ALREADY_EXISTS,
    ADDRESS_ALREADY_ASSIGNED,
    RESOURCE_LIMIT_EXCEEDED,
)


def me(world: World, request: Request) -> Reply:
    """GET /me: the agent whose login token this is."""
    caller = request.caller
    resource = request.resource
    if caller is None or caller.kind != "agent" or caller.agent_id is None:
        raise ApiError("AGENT_AUTH_REQUIRED")
    row = world.table(resource).get(caller.agent_id)
    if row is None:
        raise ApiError(resource.missing, hint="the token's agent does not exist in this world; was it reset?")
    return crud.shown(world, resource, row)


def _find(world: World, request: Request) -> Row:
    """An agent may always look at and change itself."""
    caller = caller_of(request)
    if caller.agent_id == request.id:
        row = world.table(request.resource).get(request.id)
        if row is not None:
            return row
    return find(world, request)


# --- changing one ------------------------------------------------------------------------------------


def get(world: World, request: Request) -> Reply:
    return crud.shown(world, request.resource, _find(world, request))


def update(world: World, request: Request) -> Reply:
    values = dict(request.values)
    values["ring_method"] = values["ring_method"] or "ringall"  # server: the default when left out
    row = _find(world, request)
    check_name(values["name"])
    return crud.save(world, request, row, values)


def check_name(name: str) -> None:
    """Whether it can be an agent's. Raises ApiError."""
    if _bytes(name) > LONGEST_NAME:
        wanted = f"at most {LONGEST_NAME} bytes"
        raise ApiError(
            "INVALID_ARGUMENT", violations=[Violation("/name", f"too long: expected {wanted}", wanted, name)]
        )


def status(world: World, request: Request) -> Reply:
    return crud.save(world, request, _find(world, request), request.values)


def permission(world: World, request: Request) -> Reply:
    """PUT /agents/{id}/permission: a customer keeps an admin."""
    row = find(world, request)
    wanted = request.values["permission"]
    if wanted & PROJECT_BITS and not caller_of(request).permission & SUPER_ADMIN:
        raise ApiError("PERMISSION_DENIED", hint="only a super admin hands out project permissions")
    if is_guest(row):
        raise ApiError("INVALID_ARGUMENT", "The guest's permission stays.")
    if wanted != ADMIN and _is_last_admin(world, row):
        raise ApiError("INVALID_ARGUMENT", "A customer needs an admin.", hint="make another agent an admin first")
    return crud.save(world, request, row, request.values)


def is_guest(row: Row) -> bool:
    """Whether it is the one agent that is there for guests of the whole service."""
    return row.id == GUEST


def _is_last_admin(world: World, row: Row) -> bool:
    def is_admin(agent: Row) -> bool:
        return bool(agent.data["permission"] & (ADMIN | SUPER_ADMIN)) and not agent.deleted

    others = (agent for agent in world.table(AGENTS) if agent.account == row.account and agent.id != row.id)
    return is_admin(row) and not any(map(is_admin, others))


def password(world: World, request: Request) -> Reply:
    row = find(world, request)
    check_password(request.values["password"])
    return crud.save(world, request, row, request.values)


def fits(password: str, least: int = 1) -> bool:
    """Whether it can be an agent's."""
    return least <= _bytes(password) <= LONGEST_PASSWORD


def check_password(password: str, least: int = 1) -> None:
    """The same. Raises ApiError."""
    if not fits(password, least):
        raise ApiError("INVALID_ARGUMENT", f"A password has {least} to {LONGEST_PASSWORD} bytes.")


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def replace_addresses(world: World, request: Request) -> Reply:
    """PUT /agents/{id}/addresses: all of them, and none that another agent has."""
    row = find(world, request)
    wanted = [addresses.normalized(address) for address in request.values["addresses"]]
    if row.deleted:
        raise ApiError("INVALID_ARGUMENT", "A deleted agent has no addresses.")
    if found := addresses.faults(world, row, wanted):
        raise ApiError("INVALID_ARGUMENT", violations=found)
    return crud.save(world, request, row, {"addresses": wanted})


def delete(world: World, request: Request) -> Reply:
    """DELETE /agents/{id}: a customer keeps an admin. Its addresses are free again."""
    row = find(world, request)
    if _is_last_admin(world, row):
        raise ApiError("INTERNAL", hint="a customer keeps its last admin; make another agent an admin first")
    if is_guest(row) or (row.data["first"] and differences.FIRST_AGENT_STAYS.of(world)):
        raise ApiError("INTERNAL", hint="this agent came with its customer, or is the service's guest: it stays")
    return crud.delete_row(world, request, row)


# --- a new one ---------------------------------------------------------------------------------------


def create(world: World, request: Request) -> Reply:
    """POST /agents: starts offline, whatever else it is."""
    resource, values = request.resource, request.values
    if differences.AGENT_NEEDS_ADDRESS.of(world) and not values["addresses"]:
        violation = Violation("/addresses", "must not be empty", "an array of at least one address", [])
        raise ApiError("INVALID_ARGUMENT", violations=[violation])
    caller = permit(request)
    guarded = differences.PROJECT_BITS_GUARDED.of(world)
    if guarded and values["permission"] & PROJECT_BITS and not caller.permission & SUPER_ADMIN:
        raise ApiError("PERMISSION_DENIED", hint="only a super admin hands out project permissions")
    check_name(values["name"])
    check_room(world, caller.account, AGENTS, ALLOWED, RESOURCE_LIMIT_EXCEEDED)
    _check_username(world, caller.account, values["username"])
    _check_ring_method(world, values["ring_method"])
    wanted = [addresses.normalized(address) for address in values["addresses"]]
    _check_free(world, caller.account, wanted)
    if _bytes(values["password"]) > LONGEST_PASSWORD:
        raise ApiError("INTERNAL", hint=f"the service cannot keep a password of more than {LONGEST_PASSWORD} bytes")
    row = crud.insert(
        world,
        request,
        caller,
        {**values, "ring_method": values["ring_method"] or "ringall", "addresses": wanted, "status": "offline"},
    )
    return crud.shown(world, resource, row)


def is_email(text: str) -> bool:
    """Whether a text looks like an e-mail address to the service: a domain needs no dot."""
    name, _, domain = text.partition("@")
    if not name or name.endswith(".") or ".." in name or any(map(str.isspace, name)):
        return False
    labels = domain.split(".")
    return all(
        label.isascii() and label.replace("-", "").isalnum() and label[0] != "-" != label[-1] for label in labels
    )


def _check_username(world: World, account: str, username: str) -> None:
    """Each profile has its own idea of a user name, and of whose must differ. Raises ApiError."""
    everywhere = differences.USERNAME_IS_EMAIL.of(world)
    if everywhere and not is_email(username):
        expected = "an e-mail address, such as ann@example.com"
        violation = Violation("/username", f"is no e-mail address: expected {expected}", expected, username)
        raise ApiError(INVALID_USERNAME_FORMAT, violations=[violation])
    same = [row for row in world.table(AGENTS).find("username", username) if everywhere or row.account == account]
    if any(not row.data["reprinted"] for row in same) or (same and everywhere):
        expected = "a user name that no other agent has"
        violation = Violation("/username", f"is in use already: expected {expected}", expected, username)
        raise ApiError(AGENT_ALREADY_EXISTS, violations=[violation])


def _check_ring_method(world: World, wanted: str) -> None:
    methods = differences.RING_METHODS.of(world)
    if wanted not in methods:
        expected = f"one of {', '.join(methods)}"
        violation = Violation("/ring_method", f"is not acceptable: expected {expected}", expected, wanted)
        raise ApiError(INVALID_RING_METHOD, violations=[violation])


def _check_free(world: World, account: str, wanted: list[Any]) -> None:
    for position, address in enumerate(wanted):
        taken = addresses.holder(world, account, address)
        if taken is not None or address in wanted[:position]:
            who = f"agent {taken.data['username']} has it" if taken is not None else "it is given twice"
            violation = Violation(f"/addresses/{position}", who, "an address that no other agent has", address)
            raise ApiError(ADDRESS_ALREADY_ASSIGNED, violations=[violation])


# --- lists -------------------------------------------------------------------------------------------


def list_(world: World, request: Request) -> Reply:
    """As any list, narrowed by `status` and by `tag_ids` (any of them)."""
    status, text = request.parameter("status"), request.parameter("tag_ids")
    tags = None if text is None else [parse_uuid(tag.strip()) for tag in text.split(",")]
    if tags is not None and (None in tags or len(tags) > MOST_TAGS):
        raise ApiError(INVALID_TAG_IDS, f"tag_ids must be 1 to {MOST_TAGS} UUIDs, separated by commas.")

    def keeps(row: Row) -> bool:
        of_status = not status or row.data["status"] == status
        return of_status and (tags is None or not set(tags).isdisjoint(row.data["tag_ids"]))

    return narrowed(world, request, keeps)


def same_username(world: World, request: Request, values: Mapping[str, Any]) -> Iterator[Lint]:
    if world.table(AGENTS).find("username", values["username"]):
        yield Lint(
            "duplicate-username",
            "/username",
            "another agent has this user name",
            "give every agent a name of its own",
        )
