"""What handlers of accounts ask of a body beside its schema, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.operations import BodyRule, Schema
from voipbin_mock.areas.accounts.addresses import OF_AGENTS
from voipbin_mock.areas.accounts.differences import (
    ACCESSKEY_LIFE,
    AGENT_NEEDS_ADDRESS,
    RING_METHODS,
    USERNAME_IS_EMAIL,
)
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.profiles import Profile

ID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_LABEL = "[A-Za-z0-9]+"
EMAIL = f"^[^@\\s.]+@{_LABEL}([.]{_LABEL})*$"  # the service takes some more


def required(name: str, **words: Any) -> BodyRule:
    """A text that must be there, with what else is asked of it."""
    return lambda profile, strict: {"properties": {name: {"type": "string", **words}}, "required": [name]}


def accesskey(profile: Profile, strict: bool) -> Schema:
    about = "How long the key lives, in seconds. The service reads 32 bits of it, whatever is above."
    life = {"type": "integer", "minimum": 86_400, "maximum": (1 << 31) - 1, "description": about}
    return {"properties": {"expire": life}, "required": ["expire"] if ACCESSKEY_LIFE.by(profile) is None else []}


def agent(profile: Profile, strict: bool) -> Schema:
    properties: Schema = {"ring_method": {"type": "string", "enum": [*RING_METHODS.by(profile)]}}
    needed = ["ring_method"]
    if USERNAME_IS_EMAIL.by(profile):
        properties["username"] = {"type": "string", "maxLength": 255, "pattern": EMAIL}
        needed.append("username")
    if AGENT_NEEDS_ADDRESS.by(profile):
        properties["addresses"] = {"type": "array", "minItems": 1}
        needed.append("addresses")
    return {"properties": properties, "required": needed}


def agent_addresses(profile: Profile, strict: bool) -> Schema:
    one = {
        "type": "object",
        "properties": {"type": {"enum": list(OF_AGENTS)}, "target": {"type": "string", "minLength": 1}},
        "required": ["type", "target"],
    }
    several = {"type": "array" if strict else ["array", "null"]}
    return {"properties": {"addresses": {**several, "items": {"$ref": "#/components/schemas/Address", **one}}}}


def billing_account(profile: Profile, strict: bool) -> Schema:
    rule = {"pattern": f"^{ID}$", "not": {"const": NIL_UUID}}
    return required("billing_account_id", **rule)(profile, strict)
