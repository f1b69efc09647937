"""Providers: carriers that take calls to telephone numbers. Only who runs the service has to do with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import permit
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.routing import health
from voipbin_mock.areas.routing.differences import REJECTED_CODE
from voipbin_mock.areas.routing.resources import PROVIDERS
from voipbin_mock.wire.errors import ApiError, Reason, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

INVALID_CODECS = Reason("INVALID_CODECS", "INVALID_ARGUMENT", "codecs is a list of codecs, separated by commas.")
REJECTED = Reason(
    "CARRIER_CREDENTIALS_REJECTED", "INVALID_ARGUMENT", "The carrier does not take the credentials that were given."
)
REASONS = (INVALID_CODECS, REJECTED)
LONGEST_CODECS = 255
# --- what a carrier has for whoever sets up a trunk there
HOST, FQDN = "sip.telnyx.com", "sip.voipbin.net:5060"
CARRIERS = ("telnyx",)
REJECTED_KEY, DOWN_KEY = "invalid", "down"  # what a key has in it that the carrier rejects, or fails at
FIRST_ID = 2_944_757_397_000_000_000


def create(world: World, request: Request) -> Reply:
    """POST /providers."""
    values = _checked(request.values)
    permit(request)
    return crud.shown(world, PROVIDERS, _made(world, _with_codecs(values)))


def _made(world: World, values: Mapping[str, Any], created: int | None = None) -> Row:
    crud.check_columns(PROVIDERS, values)
    return crud.made(world, PROVIDERS, NIL_UUID, {**values, "checked_since": world.clock.microseconds()}, created)


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Headers in the order of their names. Raises ApiError: that comes before the caller's permission."""
    headers = values["tech_headers"] or {}
    for name, text in headers.items():
        if not isinstance(text, str):
            violation = Violation(f"/tech_headers/{name[:40]}", "expected a text", "a text", text)
            raise ApiError("INVALID_ARGUMENT", violations=[violation])
    return {**values, "tech_headers": dict(sorted(headers.items()))}


def _with_codecs(values: Mapping[str, Any]) -> dict[str, Any]:
    """Codecs without spaces around commas. Raises ApiError."""
    text: str = values["codecs"]
    codecs = [codec.strip(" ") for codec in text.split(",")] if text else []
    if len(text) > LONGEST_CODECS or not all(codecs) or any(c in text for c in "\r\n()"):
        expected = f"names of codecs, separated by commas, {LONGEST_CODECS} characters at most; or nothing"
        raise ApiError(INVALID_CODECS, violations=[Violation("/codecs", f"expected {expected}", expected, text)])
    return {**values, "codecs": ",".join(codecs)}


def get(world: World, request: Request) -> Reply:
    """GET /providers/{id}: whether there is one is told to anybody."""
    row = world.table(PROVIDERS).get(request.id)
    if row is None:
        raise ApiError(PROVIDERS.missing)
    permit(request)
    return crud.shown(world, PROVIDERS, row)


def found(world: World, request: Request) -> Row:
    """The record that a path names, of a resource of whoever runs the service. Raises ApiError."""
    permit(request)
    row = world.table(request.resource).get(request.id)
    if row is None:
        raise ApiError(request.resource.missing)
    return row


def update(world: World, request: Request) -> Reply:
    """PUT /providers/{id}: another host is not known to be healthy, until it is checked."""
    values = _checked(request.values)
    row = found(world, request)
    values = _with_codecs(values)
    if values["hostname"] != row.data["hostname"]:
        now = world.clock.microseconds()
        fresh = {"health_status": health.UNKNOWN, "health_checked_at": None, "checked_since": now}
        row = world.table(PROVIDERS).replace({**row.data, **fresh})
    return crud.save(world, request, row, values)


def delete(world: World, request: Request) -> Reply:
    """DELETE /providers/{id}: it is checked no more. Routes keep pointing at it."""
    row = found(world, request)
    row = world.table(PROVIDERS).replace({**row.data, **health.settled(world, row)})
    return crud.delete_row(world, request, row)


def set_up(world: World, request: Request) -> Reply:
    """POST /providers/setup: a trunk is made at the carrier, and a provider for it."""
    values = request.values
    for name, given in (("carrier", values["carrier"]), ("name", values["name"])):
        if not given:
            raise ApiError("INVALID_ARGUMENT", violations=[Violation(f"/{name}", "must not be empty", "a text", given)])
    key = values["credentials"]["api_key"]
    if not key:
        violation = Violation("/credentials/api_key", "must not be empty", "the carrier's API key", key)
        raise ApiError("INVALID_ARGUMENT", violations=[violation])
    permit(request)
    if values["carrier"] not in CARRIERS:
        expected = f"one of {', '.join(CARRIERS)}"
        violation = Violation("/carrier", f"expected {expected}", expected, values["carrier"])
        raise ApiError("INVALID_ARGUMENT", violations=[violation])
    if REJECTED_KEY in key:
        hint = f"an api_key with {REJECTED_KEY!r} in it is one that the carrier rejects"
        raise ApiError(REJECTED, hint=hint, http_code=REJECTED_CODE.of(world))
    if DOWN_KEY in key:
        raise ApiError("INVALID_ARGUMENT", hint=f"with {DOWN_KEY!r} in its api_key the carrier cannot be reached")
    number = FIRST_ID + 3 * len(world.table(PROVIDERS))
    metadata = {
        "telnyx_connection_id": str(number + 1),
        "telnyx_fqdn": FQDN,
        "telnyx_fqdn_id": str(number + 2),
        "telnyx_profile_id": str(number),
    }
    created = world.stamp_for(world.table(PROVIDERS), NIL_UUID)
    row = {"type": "sip", "hostname": HOST, "name": values["name"], "detail": values["detail"], "metadata": metadata}
    return crud.shown(world, PROVIDERS, _made(world, {**row, "tm_update": created}, created))
