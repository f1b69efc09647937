"""Extensions: SIP phones of the customer, whether one is registered, and where a call to one goes."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.api import crud
from voipbin_mock.api.access import permit
from voipbin_mock.api.lists import cut, page_size, page_token
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.plans import Allowance, check_room
from voipbin_mock.areas.routing.differences import CALLED_BY_NAME, DOMAIN, EXTENSION_FAILURES, OWN_PAGED
from voipbin_mock.areas.routing.resources import EXTENSIONS
from voipbin_mock.schema.members import empty_address
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import Reply, encode, parse_uuid, text_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

MOST = Allowance(free=5, basic=50, professional=500)
REGISTRAR = "registrar.voipbin.net"


def create(world: World, request: Request) -> Reply:
    """POST /extensions: of a name that no other live one of the customer has, as far as its plan goes."""
    values, caller = request.values, permit(request)
    failures = EXTENSION_FAILURES.of(world)
    check_room(world, caller.account, EXTENSIONS, MOST, failures["limit"])
    name = values["extension"]
    same = world.table(EXTENSIONS).find("extension", name)
    if any(row.account == caller.account and not row.data["reprinted"] for row in same):
        expected = "a name that no other extension of the customer has"
        violation = Violation("/extension", f"is in use already: expected {expected}", expected, name)
        raise ApiError(failures["taken"], violations=[violation])
    domain = f"{caller.customer_id}.{REGISTRAR}" if DOMAIN.of(world) else caller.customer_id
    values = {**values, "username": name, "domain_name": domain}
    return crud.shown(world, EXTENSIONS, crud.insert(world, request, caller, values))


# --- being called ------------------------------------------------------------------------------------


def why_not(world: World, account: str, destination: Mapping[str, str]) -> str:
    """Why nobody can be reached at an extension; empty if somebody can."""
    row, named = _called(world, account, destination)
    if not named:
        return "the extension has no `target_name`, by which it is registered"
    if row is not None:
        return "" if row.data["contacts"] else f"no phone is registered as extension {named}"
    has_some = any(one.account == account for one in world.table(EXTENSIONS))
    return f"the customer has no extension {named}" if has_some else ""


def contacts(world: World, account: str, destination: Mapping[str, str]) -> list[dict[str, str]]:
    """The SIP addresses of the phones that are registered; of a customer without extensions, whoever is named has one.

    destination: names it, or has its id.
    """
    row, named = _called(world, account, destination)
    if not named or why_not(world, account, destination):
        return []
    target = f"{named}@{account}.{REGISTRAR}"
    contact = {**empty_address(), "type": "sip", "target": target, "target_name": named}
    return [contact] * (1 if row is None else row.data["contacts"])


def _called(world: World, account: str, destination: Mapping[str, str]) -> tuple[Row | None, str]:
    """The extension that an address means, and what it registers as."""
    name, table = destination.get("target_name", ""), world.table(EXTENSIONS)
    if not name:
        row = table.get(parse_uuid(destination.get("target", "")) or "")
        return (row, row.data["extension"]) if row and row.account == account and not row.deleted else (None, "")
    found = [row for row in table.find("extension", name) if row.account == account]
    if not found and CALLED_BY_NAME.of(world):
        found = [row for row in table.listed(account)[::-1] if row.data["name"] == name]
    return (found[-1], found[-1].data["extension"]) if found else (None, name)


# --- at the desk -------------------------------------------------------------------------------------


def _own(world: World, request: Request) -> list[Row]:
    """Those among the addresses that the caller's token has of it, in that order."""
    addresses = (permit(request).claims or {}).get("agent", {}).get("addresses") or ()
    ids = [parse_uuid(str(one.get("target", ""))) for one in addresses if one.get("type") == "extension"]
    rows = [row for one in ids if one and (row := world.table(EXTENSIONS).get(one)) is not None]
    return [row for row in rows if not row.deleted]


def list_own(world: World, request: Request) -> Reply:
    """GET /service_agents/extensions: known since the caller's last login."""
    paged = OWN_PAGED.of(world)
    size = cut(world, page_size(request)) if paged else 0
    rows = _own(world, request)
    if paged:
        before = page_token(request)
        rows = sorted([row for row in rows if before is None or row.created < before], key=lambda row: -row.created)
        rows = rows[:size]
    token = world.profile.page_token(rows[-1].created) if rows else ""
    body = ",".join([world.text(EXTENSIONS, row) for row in rows])
    return text_reply(f'{{"result":[{body}],"next_page_token":{encode(token)}}}')


def get_own(world: World, request: Request) -> Reply:
    """GET /service_agents/extensions/{id}."""
    row = world.table(EXTENSIONS).get(request.id)
    own = _own(world, request)
    if row is None:
        raise ApiError(EXTENSIONS.missing)
    if row not in own:
        raise ApiError("RESOURCE_NOT_FOUND", hint="it is none of the addresses that the caller had when it logged in")
    return crud.shown(world, EXTENSIONS, row)
