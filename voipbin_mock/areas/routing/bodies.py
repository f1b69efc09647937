"""What handlers of routing ask of a body beside its schema, for the OpenAPI document."""

from __future__ import annotations

from voipbin_mock.api.operations import Schema
from voipbin_mock.areas.routing.differences import VIRTUAL_BY_NUMBER
from voipbin_mock.areas.routing.providers import CARRIERS, DOWN_KEY, LONGEST_CODECS, REJECTED_KEY
from voipbin_mock.areas.routing.trunks import DOMAIN
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


def trunk(profile: Profile, strict: bool) -> Schema:
    return {"properties": {"domain_name": {"type": "string", "pattern": f"^{DOMAIN}$"}}, "required": ["domain_name"]}


def provider(profile: Profile, strict: bool) -> Schema:
    headers = {"type": ["object", "null"], "additionalProperties": {"type": "string"}}
    element = r" *[^ ,()\r\n][^,()\r\n]*"
    codecs = {"type": "string", "maxLength": LONGEST_CODECS, "pattern": rf"^({element}(,{element})*)?$"}
    return {"properties": {"tech_headers": headers, "codecs": codecs}}


def setup(profile: Profile, strict: bool) -> Schema:
    text = {"type": "string", "minLength": 1}
    key = {**text, "not": {"pattern": f"{REJECTED_KEY}|{DOWN_KEY}"}}
    return {
        "properties": {
            "carrier": {"type": "string", "enum": [*CARRIERS]},
            "name": text,
            "credentials": {"type": "object", "properties": {"api_key": key}, "required": ["api_key"]},
        },
        "required": ["carrier", "name", "credentials"],
    }
