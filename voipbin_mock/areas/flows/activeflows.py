"""Runs of flows over the API: begun, looked at, stopped, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit, referred
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.flows import engine, variables
from voipbin_mock.areas.flows.differences import DELETED_RUN, DROPS_VARIABLES, MADE_RUN
from voipbin_mock.areas.flows.flows import REFUSALS, UNLINKED, of_request
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS, FLOWS
from voipbin_mock.wire.errors import ApiError, Reason, Violation, join_pointer
from voipbin_mock.wire.values import NIL_UUID, Reply, parse_uuid, text_reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

INVALID_VARIABLES = Reason("INVALID_VARIABLES", "INVALID_ARGUMENT", "The variables are too many, or too long.")
INVALID_URI = Reason("INVALID_WEBHOOK_URI", "INVALID_ARGUMENT", "The webhook's URI is not acceptable.")
INVALID_METHOD = Reason("INVALID_WEBHOOK_METHOD", "INVALID_ARGUMENT", "The webhook's method is not acceptable.")
METHODS = ("POST", "GET", "PUT", "DELETE")


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST /activeflows may be refused with."""
    told = () if DROPS_VARIABLES.by(profile) else (INVALID_VARIABLES.name,)
    return (*UNLINKED, *REFUSALS, *told, INVALID_URI.name, INVALID_METHOD.name)


def check_texts(given: Mapping[str, Any]) -> None:
    """Variables are texts. Raises ApiError INVALID_JSON_BODY."""
    for name, value in given.items():
        if value is not None and not isinstance(value, str):
            violation = Violation(join_pointer("/variables", name), "expected a string", "a string", value)
            raise ApiError("INVALID_JSON_BODY", violations=[violation], hint=str(violation))


def check_variables(given: Mapping[str, Any]) -> None:
    """Not too many, and not too long. Raises ApiError INVALID_VARIABLES."""
    if variables.too_many(given):
        wanted = f"at most {variables.MOST}, of {variables.LONGEST} bytes each and {variables.ALL} in all"
        violation = Violation("/variables", f"expected {wanted}", wanted, dict(given))
        raise ApiError(INVALID_VARIABLES, violations=[violation])


def create(world: World, request: Request) -> Reply:
    """POST /activeflows: run a flow for itself. It is executed at once, after the answer."""
    values = request.values
    given = values["variables"] or {}
    check_texts(given)
    if variables.too_many(given):
        if not DROPS_VARIABLES.of(world):
            check_variables(given)
        given = {}
    _check_webhook(values)
    caller = permit(request)
    if values["flow_id"] != NIL_UUID:
        flow = referred(world, request, FLOWS, values["flow_id"], "flow_id")
        what = engine.Plan(flow.id, flow.data["actions"], flow.data["on_complete_flow_id"])
    else:
        what = of_request(world, request)
    own: dict[str, Any] = {name: values[name] for name in ("webhook_uri", "webhook_method")}
    wanted = parse_uuid(values["id"])
    if wanted is not None and wanted != NIL_UUID:
        if world.table(ACTIVEFLOWS).get(wanted) is not None:
            raise ApiError("INVALID_ARGUMENT", f"There is an activeflow {wanted} already.")
        own["id"] = wanted
    row = engine.start(world, caller.account, caller.customer_id, what, reference_type="api", variables=given, own=own)
    engine.soon(world, row)
    return text_reply(world.text(ACTIVEFLOWS, _as_made(world, row, what)))


def _as_made(world: World, row: Row, what: engine.Plan) -> Row:
    """How a new run is shown: the documents print it with its first action."""
    if not MADE_RUN.of(world):
        return row
    first = what.actions[0] if what.actions else engine.START
    return Row({**row.data, "current_action": first, "tm_update": row.data["tm_create"]}, row.account)


def _check_webhook(values: Mapping[str, Any]) -> None:
    uri, method = values["webhook_uri"], values["webhook_method"]
    if uri:
        try:
            parts = urlsplit(uri)
            fits = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            fits = False
        if not fits:
            wanted = "an http or https URL with a host, or an empty text"
            raise ApiError(INVALID_URI, violations=[Violation("/webhook_uri", f"expected {wanted}", wanted, uri)])
    if method not in ("", *METHODS):
        wanted = f"one of {', '.join(METHODS)}, or an empty text"
        raise ApiError(INVALID_METHOD, violations=[Violation("/webhook_method", f"expected {wanted}", wanted, method)])


def stop(world: World, request: Request) -> Reply:
    """POST /activeflows/{id}/stop: the call that it leads is hung up. One that is over stays as it is."""
    row = find(world, request)
    engine.stop(world, row.id, "it was stopped over the API")
    return crud.shown(world, ACTIVEFLOWS, world.table(ACTIVEFLOWS).get(row.id) or row)


def delete(world: World, request: Request) -> Reply:
    """DELETE /activeflows/{id}."""
    row = find(world, request)
    if DELETED_RUN.of(world) == 200:
        engine.stop(world, row.id, "it was deleted")
        row = world.table(ACTIVEFLOWS).get(row.id) or row
        return crud.delete_row(world, request, row)
    crud.delete_row(world, request, row)
    return Reply(204, b"", "")


def leaving(world: World, row: Row) -> Row:
    """A test deletes it."""
    engine.stop(world, row.id, "it was deleted")
    return world.table(ACTIVEFLOWS).get(row.id) or row
