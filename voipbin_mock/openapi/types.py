"""A schema in a few words, for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from voipbin_mock.schema.members import INT64

COMPONENT = "#/components/schemas/"
LONGEST_PATTERN = 60  # that is of use to a reader
DEEPEST = 3  # levels of a body whose members are listed

_LIMITS = {"minimum": "from", "maximum": "to", "minLength": "length from", "maxLength": "length to"}


class Marks(NamedTuple):
    """How names of schemas, values of JSON and plain words are written."""

    name: Callable[[str], str] = str
    code: Callable[[str], str] = str
    text: Callable[[str], str] = str


def type_of(schema: Mapping[str, Any], marks: Marks = Marks()) -> str:  # noqa: B008 - it cannot be changed
    """`Address or null`, `integer from 0, to 100`."""
    if "$ref" in schema:
        return marks.name(schema["$ref"].removeprefix(COMPONENT))
    for word, between in (("anyOf", " or "), ("oneOf", " or "), ("allOf", " and ")):
        named = [type_of(choice, marks) for choice in schema.get(word, ()) if "$ref" in choice or "type" in choice]
        if named and "properties" not in schema:
            return between.join(named)
    if "const" in schema:
        return marks.code(_value(schema["const"]))
    kinds = schema.get("type", "any value")
    kinds = " or ".join(kinds) if isinstance(kinds, list) else kinds
    if "items" in schema:
        return f"{marks.text(kinds)} of {type_of(schema['items'], marks)}"
    wide = (schema.get("minimum"), schema.get("maximum")) == INT64
    limits = [] if wide else [f"{text} {schema[word]}" for word, text in _LIMITS.items() if word in schema]
    choices = " | ".join(marks.code(_value(value)) for value in schema.get("enum", ()))
    pattern = schema.get("pattern", "")
    if len(pattern) > LONGEST_PATTERN:
        pattern = "of a pattern"
    elif pattern:
        pattern = marks.code(pattern)
    return " ".join(part for part in (marks.text(kinds), marks.text(", ".join(limits)), choices, pattern) if part)


def _value(value: Any) -> str:
    return "null" if value is None else f'"{value}"' if isinstance(value, str) else str(value)


def resolved(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same without a reference at its top."""
    while "$ref" in schema:
        beside = {word: value for word, value in schema.items() if word != "$ref"}
        schema = {**components[schema["$ref"].removeprefix(COMPONENT)], **beside}
    return schema


def members(schema: Mapping[str, Any], components: Mapping[str, Any], depth: int = DEEPEST) -> Iterator[dict[str, Any]]:
    """The members of an object, those of the objects in it too: `source.target`, `actions[].type`."""
    whole = resolved(schema, components)
    required = whole.get("required", ())
    for name, member in whole.get("properties", {}).items():
        one = resolved(member, components)
        yield {
            "name": name,
            "type": type_of(one),
            "required": name in required,
            "description": one.get("description", ""),
        }
        inner, mark = (one["items"], "[].") if "items" in one else (one, ".")
        if depth > 1:
            for further in members(inner, components, depth - 1):
                yield {**further, "name": f"{name}{mark}{further['name']}"}
