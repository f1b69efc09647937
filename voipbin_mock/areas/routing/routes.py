"""Routes: which providers take the calls to a number, and in which order."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import permit
from voipbin_mock.api.lists import page_of_all
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.routing.differences import BY_PRIORITY, DELETED_PROVIDERS
from voipbin_mock.areas.routing.providers import found
from voipbin_mock.areas.routing.resources import PROVIDERS, ROUTES
from voipbin_mock.wire.values import NIL_UUID, Reply, parse_uuid
from voipbin_mock.world.world import World

EVERYBODY = "00000000-0000-0000-0000-000000000001"  # the customer whose routes are all customers'
ALL = "all"
# Calling codes of one digit and of two; all others have three.
_ONE = frozenset("17")
_TWOS = (20, 27, *range(30, 35), 36, *range(39, 42), *range(43, 50), *range(51, 59), *range(60, 67))
_TWO = frozenset(map(str, (*_TWOS, 81, 82, 84, 86, *range(90, 96), 98)))


def list_(world: World, request: Request) -> Reply:
    """GET /routes: of all customers, or of one."""
    wanted = parse_uuid(request.parameter("customer_id") or "")
    if wanted is None or wanted == NIL_UUID:
        return page_of_all(world, request)
    return page_of_all(world, request, lambda row: row.data["customer_id"] == wanted)


def create(world: World, request: Request) -> Reply:
    """POST /routes: for any customer, be there one or not."""
    permit(request)
    values = request.values
    crud.check_columns(ROUTES, values)
    return crud.shown(world, ROUTES, crud.made(world, ROUTES, world.account_of(values["customer_id"]), values))


def get(world: World, request: Request) -> Reply:
    return crud.shown(world, ROUTES, found(world, request))


def update(world: World, request: Request) -> Reply:
    return crud.save(world, request, found(world, request), request.values)


def delete(world: World, request: Request) -> Reply:
    return crud.delete_row(world, request, found(world, request))


# --- choosing ----------------------------------------------------------------------------------------


def calling_code(number: str) -> str:
    """What routes know a number by: a plus sign and the calling code of its country."""
    digits = number.lstrip("+")
    length = 1 if digits[:1] in _ONE else 2 if digits[:2] in _TWO else 3
    return f"+{digits[:length]}"


def providers(world: World, account: str, number: str) -> list[str]:
    """The ids of the providers that take a call to a number, in the order in which they are tried."""
    target = calling_code(number)
    ids: list[str] = []
    for owner in (account, EVERYBODY):
        for wanted in (target, ALL):
            several = [row for row in world.table(ROUTES).listed(owner) if row.data["target"] == wanted]
            if BY_PRIORITY.of(world):
                several.sort(key=lambda row: row.data["priority"])
            usable = [row.data["provider_id"] for row in several if _usable(world, row.data["provider_id"])]
            ids += [one for one in usable if one not in ids]
    return ids


def _usable(world: World, provider_id: str) -> bool:
    row = world.table(PROVIDERS).get(provider_id)
    return row is not None and (not row.deleted or DELETED_PROVIDERS.of(world))


def why_not(world: World, account: str, number: str) -> str:
    """Why no provider takes a call to a number; empty if one does, or if there never was a route."""
    if not len(world.store[ROUTES.name]) or providers(world, account, number):
        return ""
    return f"no route leads to {calling_code(number)}, the country of {number}"
