"""Outbound configs: `/outbound_config` is the caller's own, `/outbound_configs` are everybody's, for super admins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, owned, permit
from voipbin_mock.api.lint import Lint
from voipbin_mock.api.lists import id_parameter, page_of_all
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.outbound import whitelist
from voipbin_mock.areas.outbound.differences import BAD_VALUES, DELETED_BLOCKS, LISTS_ALL, SOURCE_KEPT
from voipbin_mock.areas.outbound.resources import OUTBOUND_CONFIGS
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

SOURCE = "default_outgoing_source_number_id"


def own(world: World, request: Request) -> Reply:
    """GET /outbound_config."""
    return crud.shown(world, OUTBOUND_CONFIGS, _own(world, request))


def own_update(world: World, request: Request) -> Reply:
    """PUT /outbound_config: what is left out, or null, stays."""
    return _update(world, request, _own(world, request))


def _own(world: World, request: Request) -> Row:
    row = whitelist.config_of(world, permit(request).account)
    if row is None:
        raise ApiError("RESOURCE_NOT_FOUND", hint="the customer has no outbound config")
    return row


# --- everybody's -----------------------------------------------------------------------------------


def list_(world: World, request: Request) -> Reply:
    """GET /outbound_configs: of all customers, or of `customer_id`. The server answers with none, ever."""
    wanted, shows = id_parameter(request, "customer_id"), LISTS_ALL.of(world)
    account = wanted and world.account_of(wanted)
    return page_of_all(world, request, keeps=lambda row: shows and account in (None, row.account))


def create(world: World, request: Request) -> Reply:
    """POST /outbound_configs: the caller's own customer's, which has one at most."""
    caller = permit(request)
    blocks = DELETED_BLOCKS.of(world)
    if any(row.account == caller.account and (blocks or not row.deleted) for row in world.table(OUTBOUND_CONFIGS)):
        raise ApiError("STATE_INVALID", "The customer has an outbound config already.")
    values = _checked(world, request, caller.account)
    return crud.shown(world, OUTBOUND_CONFIGS, crud.insert(world, request, caller, values))


def get(world: World, request: Request) -> Reply:
    permit(request)  # told before whether there is such a config
    return crud.get(world, request)


def update(world: World, request: Request) -> Reply:
    permit(request)
    return _update(world, request, find(world, request))


def delete(world: World, request: Request) -> Reply:
    """DELETE /outbound_configs/{id}: that is no update of it (server)."""
    permit(request)
    row = find(world, request)
    stamps = {"tm_delete": world.deletion(OUTBOUND_CONFIGS)["tm_delete"]}
    row = world.table(OUTBOUND_CONFIGS).replace({**row.data, **stamps})
    crud.published(world, OUTBOUND_CONFIGS, row, "deleted")
    return crud.shown(world, OUTBOUND_CONFIGS, row)


# --- what is sent ----------------------------------------------------------------------------------


def _update(world: World, request: Request, row: Row) -> Reply:
    values = _checked(world, request, row.account)
    if "destination_whitelist" in values:
        values["enforced"] = True
    return crud.save(world, request, row, values)


def _checked(world: World, request: Request, account: str) -> dict[str, Any]:
    """The members that the body gives, if they can be stored. Raises ApiError."""
    raw = request.raw or {}
    nulls = {name.casefold() for name, value in raw.items() if value is None}
    values = {name: value for name, value in request.values.items() if name in request.sent and name not in nulls}
    countries = values.get("destination_whitelist", [])
    found = [
        Violation(f"/destination_whitelist/{place}", what, "the two letters of a country, once", countries[place])
        for place, what in whitelist.wrong_countries(countries).items()
    ]
    if not whitelist.are_codecs(values.get("codecs", "")):
        wanted = f"names such as PCMU with commas between them, at most {whitelist.LONGEST_CODECS} characters"
        found.append(Violation("/codecs", "are no codecs", wanted, values["codecs"]))
    if found:
        raise ApiError(BAD_VALUES.of(world), violations=found)
    if SOURCE in values and not SOURCE_KEPT.of(world):
        del values[SOURCE]
    elif values.get(SOURCE, NIL_UUID) != NIL_UUID:
        _check_source(world, account, values[SOURCE])
    return values


def _check_source(world: World, account: str, number_id: str) -> None:
    number = owned(world, account, world.blueprint.resource("numbers"), number_id)
    if number is None or (number.data["type"], number.data["status"]) != ("normal", "active"):
        wanted = "the id of an active, normal number of the customer's own"
        raise ApiError("INVALID_ARGUMENT", violations=[Violation(f"/{SOURCE}", "is none", wanted, number_id)])


def capitals(world: World, request: Request, values: Mapping[str, Any]) -> Iterator[Lint]:
    """Countries that are stored as they are given, and that no call will be found to go to."""
    for place, given in enumerate(values.get("destination_whitelist", ())):
        if given != given.strip().lower():
            yield Lint(
                "country-spelling",
                f"/destination_whitelist/{place}",
                f"{given!r} is stored as it is, and calls are held against small letters: it allows none",
                f"send {given.strip().lower()!r}",
            )


# --- customers come ----------------------------------------------------------------------------------


def customer_created(world: World, customer: Row) -> None:
    """A new customer may call nowhere until somebody says so (server)."""
    values = {"customer_id": customer.id, "enforced": True}
    if whitelist.config_of(world, customer.account) is None:
        crud.made(world, OUTBOUND_CONFIGS, customer.account, values)
