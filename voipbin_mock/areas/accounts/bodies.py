"""What handlers of accounts ask of a body beside its schema, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.operations import BodyRule, Schema
from voipbin_mock.areas.accounts.differences import ACCESSKEY_LIFE
from voipbin_mock.world.profiles import Profile


def required(name: str, **words: Any) -> BodyRule:
    """A text that must be there, with what else is asked of it."""
    return lambda profile, strict: {"properties": {name: {"type": "string", **words}}, "required": [name]}


def accesskey(profile: Profile, strict: bool) -> Schema:
    about = "How long the key lives, in seconds. The service reads 32 bits of it, whatever is above."
    life = {"type": "integer", "minimum": 86_400, "maximum": (1 << 31) - 1, "description": about}
    return {"properties": {"expire": life}, "required": ["expire"] if ACCESSKEY_LIFE.by(profile) is None else []}
