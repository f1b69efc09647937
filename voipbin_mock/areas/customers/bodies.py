"""What handlers ask of a body beside its schema, for the OpenAPI document."""

from __future__ import annotations

from voipbin_mock.api.operations import Answers, Schema
from voipbin_mock.areas.accounts.bodies import EMAIL
from voipbin_mock.areas.customers import delegating
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.profiles import Profile


def customer(profile: Profile, strict: bool) -> Schema:
    return {"properties": {"email": {"type": "string", "pattern": EMAIL}}, "required": ["email"]}


def signup(profile: Profile, strict: bool) -> Schema:
    return {"properties": {"email": {"minLength": 1}, "accepted_tos": {"const": True}}}


def unregister(profile: Profile, strict: bool) -> Schema:
    """One of the two, and not both."""
    one, other = ({"required": [name]} for name in ("password", "confirmation_phrase"))
    return {"properties": {"confirmation_phrase": {"enum": ["DELETE"]}}, "oneOf": [one, other]}


def delegation(profile: Profile, strict: bool) -> Schema:
    reason = {
        "minLength": delegating.SHORTEST, "maxLength": delegating.LONGEST, "pattern": "^[ -~]*$",
    }  # fmt: skip
    return {"properties": {"customer_id": {"format": "uuid", "not": {"const": NIL_UUID}}, "reason": reason}}


def signed_up() -> Answers:
    """Both, or neither: whether an address is known is told nobody."""
    members = {
        "id": {"type": "string", "format": "uuid"},
        "token": {"type": "string", "pattern": "^vb_[A-Za-z0-9_-]{32}$"},
    }
    key = {
        "type": "object",
        "description": "The access key, with its whole token.",
        "properties": members,
        "required": [*members],
    }
    return Answers(
        "",
        lambda shown: {
            "type": "object",
            "properties": {"customer": shown, "accesskey": key},
            "dependentRequired": {"customer": ["accesskey"], "accesskey": ["customer"]},
            "additionalProperties": False,
        },
    )


def verified() -> Answers:
    return Answers(
        "",
        lambda shown: {
            "type": "object",
            "properties": {"customer": shown},
            "required": ["customer"],
            "additionalProperties": False,
        },
    )
