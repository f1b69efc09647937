"""Samples of bodies and answers for a reader, made of nothing but the document's schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from voipbin_mock.wire.values import NIL_UUID

_COMPONENT = "#/components/schemas/"
_DEEPEST = 8
_UUID = "b0d6e1a4-0000-4000-8000-000000000001"
_OWN = "+15559876543"  # of the seeds, to call from
# What members of a name hold in a sample, if their schema takes it.
_VALUES: Mapping[str, Any] = {
    "name": "Main",
    "detail": "Calls back whoever asked for it",
    "dial_timeout": 30_000,
    "try_interval": 600_000,
    "max_try_count_0": 3,
    "max_try_count_1": 1,
    "expire": 31_536_000,
    "service_level": 100,
    "wait_timeout": 100_000,
    "service_timeout": 100_000,
    "permission": 64,
    "username": "agent@example.com",
    "password": "password",
    "email": "office@example.com",
    "direction": "outgoing",
    "status": "available",
    "routing_method": "random",
    "ring_method": "ringall",
    "end_handle": "stop",
    "webhook_method": "POST",
    "webhook_uri": "https://hooks.example.com/voipbin",
    "number": "+15550100001",
    "target": "+15550100001",
    "customer_id": _UUID,
    "type": "call",
    "address type": "tel",
    "action type": "talk",
}
# What has not happened to a record that is shown: null, or the last moment there is.
_NOT_YET = ("tm_delete", "tm_update", "tm_hangup", "tm_progressing", "tm_ringing", "tm_execute")
_NEVER = "9999-01-01 00:00:00.000000"
# What an object has of these stands in its sample, required or not: an address is nothing without, nor is a target.
_USUAL = ("type", "target", "destination_0")
# For whatever has a form: the first that fits.
_TEXTS = (
    _UUID,
    "2026-03-01 09:00:00.000000",
    "2026-03-01T09:00:00Z",
    "+15550100001",
    "+899100000001",
    "https://hooks.example.com/voipbin",
    "sip.example.com",
    f"vb_{32 * 'x'}",
    "",
)


def sample(schema: Mapping[str, Any], components: Mapping[str, Any], name: str = "", depth: int = 0) -> Any:
    """A value that a schema of the document takes. Of an object it has what is required, or else all it may have.

    schema: of OpenAPI, whose references lead into `components`. name: of the member that it is for.
    """
    while "$ref" in schema:
        beside = {word: value for word, value in schema.items() if word != "$ref"}
        schema = {**components[schema["$ref"].removeprefix(_COMPONENT)], **beside}
    for word in ("anyOf", "oneOf"):
        if word in schema and "properties" not in schema:
            choice = -1 if name in _NOT_YET else 0
            beside = {"not": schema["not"]} if "not" in schema else {}
            return sample({**schema[word][choice], **beside}, components, name, depth)
    if schema.get("examples"):
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    kinds = schema.get("type", "string")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "null":
        return None
    if kind == "object":
        return _object(schema, components, name, depth)
    if kind == "array":
        empty = schema.get("maxItems") == 0 or name == "tag_ids" or depth > _DEEPEST or not schema.get("items")
        return [] if empty else [sample(schema["items"], components, name, depth + 1)]
    return next((value for value in _candidates(schema, kind, name) if _fits(value, schema)), None)


def _object(schema: Mapping[str, Any], components: Mapping[str, Any], name: str, depth: int) -> dict[str, Any]:
    if depth > _DEEPEST:
        return {}
    members = schema.get("properties", {})
    usual = [each for each in _USUAL if each in members] if "required" not in schema or "not" in schema else []
    others = {each for choice in schema.get("oneOf", ())[1:] for each in choice.get("required", ())}
    wanted = [*schema.get("required", ()), *usual] or [each for each in members if each not in others]
    kinds = {"type": "address type" if "target" in members else "action type" if "option" in members else "type"}
    made = {each: sample(members[each], components, kinds.get(each, each), depth + 1) for each in dict.fromkeys(wanted)}
    return {**made, "target": _OWN} if name == "source" and made.get("type") == "tel" else made


def _candidates(schema: Mapping[str, Any], kind: str, name: str) -> Iterator[Any]:
    if name in _VALUES and isinstance(_VALUES[name], str) == (kind == "string"):
        yield _VALUES[name]
    yield from (_NEVER,) if name in _NOT_YET else ()
    yield from (choice for choice in schema.get("enum", ()) if choice not in ("", None))
    if kind == "boolean":
        yield True
    elif kind in ("integer", "number"):
        yield from (0, schema.get("minimum", 0))
    elif kind == "string":
        if name != "id" and name.endswith("_id"):
            yield NIL_UUID
        yield from ("some text",) if "pattern" not in schema and schema.get("format") is None else ()
        yield from _TEXTS


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    if "enum" in schema and value not in schema["enum"]:
        return False
    forbidden = schema.get("not", {})
    if forbidden == {"const": value} or value in forbidden.get("enum", ()):
        return False
    if isinstance(value, str):
        form = schema.get("pattern", "[0-9a-f]{8}-" if schema.get("format") == "uuid" else "")
        long_enough = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        return long_enough and re.search(form, value) is not None
    return isinstance(value, bool) or schema.get("minimum", value) <= value <= schema.get("maximum", value)
