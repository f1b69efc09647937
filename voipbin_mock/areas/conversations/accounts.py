"""Accounts of LINE and WhatsApp over the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.conversations.differences import CHANGES_NOTHING
from voipbin_mock.areas.conversations.outcomes import SETUP, Chats
from voipbin_mock.areas.conversations.partial import given, uuid_of, zeros
from voipbin_mock.areas.conversations.resources import ACCOUNTS
from voipbin_mock.wire.errors import ApiError, Violation, shorten
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.world import World

TYPES = ("line", "sms", "whatsapp")
_PROVIDER_DATA = ("app_secret", "phone_number_id")  # in the order of the wire


def create(world: World, request: Request) -> Reply:
    """POST /conversation_accounts: what its provider refuses is no account."""
    values = {**request.values, "provider_data": _provider_data(request.values["provider_data"])}
    caller = permit(request)
    if values["type"] not in TYPES:
        wanted = f"one of {', '.join(TYPES)}"
        raise _unfit("/type", f"{shorten(values['type'])!r} is not acceptable", wanted, values["type"])
    if wrong := _unready(values) or _unwelcome(world, values):
        raise wrong
    return crud.shown(world, ACCOUNTS, crud.insert(world, request, caller, values))


def update(world: World, request: Request) -> Reply:
    """PUT /conversation_accounts/{id}: whatever is left out stays. It is kept even if the provider then refuses it."""
    values = given(request, "provider_data")
    if "message_flow_id" in values:
        values["message_flow_id"] = uuid_of(values, "message_flow_id")
    if "provider_data" in values:
        values["provider_data"] = _provider_data(values["provider_data"])
    row = find(world, request)
    if not values:
        return zeros(world, ACCOUNTS) if CHANGES_NOTHING.of(world) else crud.shown(world, ACCOUNTS, row)
    if wrong := _unready({**row.data, **values}) or _unwelcome(world, row.data):
        crud.save(world, request, row, values, "")
        raise ApiError(
            "INTERNAL", hint=f"the change is kept, and its provider refuses it: {wrong.violations[0]}", stands=True
        )
    return crud.save(world, request, row, values)


def _provider_data(value: Mapping[str, Any] | None) -> dict[str, str]:
    """Raises ApiError for what is no text."""
    kept = {name: value[name] for name in _PROVIDER_DATA if value and value.get(name)}
    mistyped = [
        Violation(f"/provider_data/{name}", f"is {shorten(inner)!r}", "a string", inner)
        for name, inner in kept.items()
        if not isinstance(inner, str)
    ]
    if mistyped:
        raise ApiError("INVALID_JSON_BODY", violations=mistyped)
    return kept


def _unready(values: Mapping[str, Any]) -> ApiError | None:
    """Why an account of these values cannot be set up with its provider."""
    if values["type"] == "whatsapp" and not (values["provider_data"] or {}).get("phone_number_id"):
        expected = "the phone number id that Meta gave out"
        return _unfit("/provider_data/phone_number_id", "is empty", expected, "")
    if values["type"] == "line":
        for member in ("secret", "token"):
            if not values[member]:
                return _unfit(f"/{member}", "is empty", f"the {member} of the LINE channel", "")
    return None


def _unwelcome(world: World, values: Mapping[str, Any]) -> ApiError | None:
    """Whether its provider refuses it, as a test has planned. Only LINE is told of an account."""
    if values["type"] != "line" or world.part(Chats).meet(SETUP).accepted:
        return None
    refused = _unfit("/token", "LINE refuses to register the webhook", "a token that LINE takes", "")
    refused.stands = True  # the script has gone on
    return refused


def _unfit(pointer: str, problem: str, expected: str, value: Any) -> ApiError:
    violation = Violation(pointer, f"{problem}: expected {expected}", expected, value)
    return ApiError("INVALID_ARGUMENT", violations=[violation])
