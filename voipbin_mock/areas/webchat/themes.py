"""How a widget looks: kept as it is given, if it is given as it should be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from voipbin_mock.api.operations import Schema
from voipbin_mock.wire.errors import ApiError, Reason, Violation, shorten

INVALID_THEME_CONFIG = Reason("INVALID_THEME_CONFIG", "INVALID_ARGUMENT", "The widget cannot look like that.")
_COLOR = "^#[0-9a-fA-F]{6}$"
_COLOR_FORM = re.compile("#[0-9a-fA-F]{6}", re.ASCII)
_COLORED = {"type": "string", "pattern": _COLOR, "examples": ["#1a73e8"]}
# In the order of the wire. Bounds count bytes; what has none is not looked at.
MEMBERS: Mapping[str, Schema] = {
    "primary_color": _COLORED,
    "secondary_color": _COLORED,
    "header_background_color": _COLORED,
    "header_text_color": _COLORED,
    "logo_url": {"type": "string"},
    "position": {"type": "string"},
    "theme_mode": {"type": "string", "enum": ["light", "dark", "auto"]},
    "header_title": {"type": "string", "maxLength": 100},
    "header_subtitle": {"type": "string", "maxLength": 200},
    "connecting_indicator_enabled": {"type": "boolean"},
    "connecting_indicator_text": {"type": "string", "maxLength": 100},
    "typing_indicator_enabled": {"type": "boolean"},
    "border_radius": {"type": "string", "enum": ["sharp", "rounded", "pill"]},
    "font_size": {"type": "string", "enum": ["compact", "default", "large"]},
}
_TYPES = {"string": str, "boolean": bool}


def read(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A theme as it is kept: the members that are given, in order. Raises ApiError."""
    if given is None:
        return None
    kept = {name: given[name] for name in MEMBERS if given.get(name) is not None}
    mistyped = [
        _violation(name, f"is {shorten(value)!r}", f"a {MEMBERS[name]['type']}", value)
        for name, value in kept.items()
        if not isinstance(value, _TYPES[MEMBERS[name]["type"]])
    ]
    if mistyped:
        raise ApiError("INVALID_JSON_BODY", violations=mistyped)
    wrong = [violation for name, value in kept.items() if (violation := _judged(name, value)) is not None]
    if wrong:
        raise ApiError(INVALID_THEME_CONFIG, violations=wrong)
    return kept


def _judged(name: str, value: Any) -> Violation | None:
    rule = MEMBERS[name]
    if "pattern" in rule and not _COLOR_FORM.fullmatch(value):
        return _violation(name, f"{shorten(value)!r} is no color", "a color such as #1a73e8", value)
    if "enum" in rule and value not in rule["enum"]:
        expected = f"one of {', '.join(rule['enum'])}"
        return _violation(name, f"{shorten(value)!r} is not acceptable: expected {expected}", expected, value)
    size = len(value.encode("utf-8", "surrogatepass")) if "maxLength" in rule else 0
    if size > rule.get("maxLength", 0):
        expected = f"at most {rule['maxLength']} bytes"
        return _violation(name, f"{size} bytes: expected {expected}", expected, value)
    return None


def _violation(name: str, message: str, expected: str, value: Any) -> Violation:
    return Violation(f"/theme_config/{name}", message, expected, value)


def body() -> Schema:
    """For OpenAPI: what is asked of a theme."""
    return {"type": ["object", "null"], "properties": dict(MEMBERS)}
