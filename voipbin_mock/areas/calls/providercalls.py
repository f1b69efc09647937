"""Calls by way of one provider, to try it. Only who runs the service may make them, for any customer."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.lists import page_of_all
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.addresses import normalized
from voipbin_mock.areas.calls import groups, simulation
from voipbin_mock.areas.calls.differences import SOURCELESS
from voipbin_mock.areas.calls.resources import PROVIDERCALLS
from voipbin_mock.areas.flows import engine
from voipbin_mock.areas.flows.flows import REFUSALS, of_request
from voipbin_mock.areas.routing.resources import PROVIDERS
from voipbin_mock.schema.members import empty_address
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply, parse_uuid
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.world import World


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST /providercalls may be refused with."""
    return (
        *REFUSALS,
        "INVALID_ARGUMENT",
        "RESOURCE_NOT_FOUND",
        *(() if SOURCELESS.by(profile) else ("SERVICE_UNAVAILABLE",)),
    )


def list_(world: World, request: Request) -> Reply:
    """GET /providercalls: of all customers, the newest first; `provider_id` narrows."""
    wanted = request.parameter("provider_id")
    provider = parse_uuid(wanted) if wanted else None
    if wanted and provider is None:
        raise ApiError("INVALID_REQUEST_PARAMETER", "provider_id must be a UUID.")
    return page_of_all(world, request, lambda row: provider is None or row.data["provider_id"] == provider)


def create(world: World, request: Request) -> Reply:
    """POST /providercalls: a call to each destination, by this provider; the record never follows them."""
    values = request.values
    ids = {name: parse_uuid(values[name]) or NIL_UUID for name in ("provider_id", "flow_id")}
    for name, found in ids.items():
        given = values[name]
        if given and found == NIL_UUID and given != NIL_UUID:
            violation = Violation(f"/{name}", "expected a UUID", "a UUID", given)
            raise ApiError("INVALID_JSON_BODY", violations=[violation], hint=str(violation))
    destinations = [normalized(each) for each in values["destinations"] if each]
    if ids["provider_id"] == NIL_UUID or not destinations:
        pointer = "/provider_id" if ids["provider_id"] == NIL_UUID else "/destinations"
        violation = Violation(pointer, "is missing", "a provider, and at least one address", None)
        raise ApiError("INVALID_ARGUMENT", violations=[violation])
    caller = permit(request)
    if world.table(PROVIDERS).get(ids["provider_id"]) is None:
        raise ApiError("RESOURCE_NOT_FOUND", hint=f"/provider_id: there is no provider {ids['provider_id']}")
    plan = engine.NOTHING
    if ids["flow_id"] != NIL_UUID:
        plan = engine.plan(world, ids["flow_id"])
    elif values["actions"]:
        plan = of_request(world, request)
    why = [groups.why_not(world, caller.account, each) for each in destinations]
    if all(why):
        violations = [Violation(f"/destinations/{n}", f"cannot be called: {said}", "somebody who can be called", None)
                      for n, said in enumerate(why)]  # fmt: skip
        raise ApiError("INVALID_ARGUMENT", violations=violations)
    if not values["source"] and not SOURCELESS.of(world):
        raise ApiError("SERVICE_UNAVAILABLE", hint="/source: the server fails without it")
    call_ids: list[str] = []
    group_ids: list[str] = []
    source = normalized(values["source"] or empty_address())
    for destination, refused in zip(destinations, why, strict=True):
        if refused:
            continue
        if destination.get("type") in groups.GROUPED:
            made = groups.create(world, caller.account, caller.customer_id, source, [destination], plan)
            group_ids.append(made.id)
            continue
        call = {
            "customer_id": caller.customer_id,
            "source": source,
            "destination": destination,
            "provider_ids": [ids["provider_id"]],
            "metadata": {"rtp_debug": True, "route_provider_ids": [ids["provider_id"]],
                         "skip_source_validation": True},
        }  # fmt: skip
        call_ids.append(simulation.place(world, caller.account, call, plan=plan).id)
    record = {
        "provider_id": ids["provider_id"],
        "source": source if values["source"] else None,
        "destinations": destinations,
        "flow_id": plan.flow_id,
        "anonymous": values["anonymous"] or "auto",
        "call_ids": call_ids,
        "groupcall_ids": group_ids,
    }
    return crud.shown(world, PROVIDERCALLS, crud.insert(world, request, caller, record))


def delete(world: World, request: Request) -> Reply:
    """DELETE /providercalls/{id}: the record only."""
    try:
        return crud.delete_row(world, request, find(world, request))
    except ApiError as error:
        if error.reason == PROVIDERCALLS.missing:
            raise ApiError("RESOURCE_NOT_FOUND", hint=error.hint) from None
        raise
