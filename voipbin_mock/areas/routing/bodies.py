"""What handlers of routing ask of a body beside its schema, for the OpenAPI document."""

from __future__ import annotations

from voipbin_mock.api.operations import Schema
from voipbin_mock.areas.routing.differences import VIRTUAL_BY_NUMBER
from voipbin_mock.world.profiles import Profile

_VIRTUAL = r"^\+899(?!000)[0-9]{9}$"


def number(profile: Profile, strict: bool) -> Schema:
    virtual = {"properties": {"type": {"const": "virtual"}}}
    in_range = {"properties": {"number": {"pattern": r"^\+899"}}}
    said = virtual if VIRTUAL_BY_NUMBER.by(profile) else {**virtual, "required": ["type"]}
    return {
        "properties": {"number": {"type": "string", "minLength": 1}},
        "required": ["number"],
        "allOf": [
            {"if": {**virtual, "required": ["type"]}, "then": {"properties": {"number": {"pattern": _VIRTUAL}}}},
            {"if": in_range, "then": {"properties": {"number": {"pattern": _VIRTUAL}}, "allOf": [said]}},
        ],
    }
