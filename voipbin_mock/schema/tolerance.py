"""What published clients do against the documents, and the service takes.

A member that the documents require stands in `required`. Those who leave it out all the same are named beside it:

* `x-left-out-by`: published clients (`vn`, `voipbin-mcp`) and pages of the documents. A member that a page leaves out
  is not in `required` at all: the documents contradict each other, and their examples should pass as they are.
* `x-empty-by`: published clients that send it as an empty text, which the service reads as none.

A body is tolerable if nothing else is wrong with it. What it leaves out or empty is told of as a lint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from voipbin_mock.schema.checks import OR_EMPTY
from voipbin_mock.schema.documents import resolve
from voipbin_mock.wire.errors import join_pointer

LEFT_OUT, EMPTY = "x-left-out-by", "x-empty-by"


class Gap(NamedTuple):
    """A member that a body leaves out, or has as an empty text, as some published client does."""

    word: str  # LEFT_OUT or EMPTY
    pointer: str
    by: tuple[str, ...]  # who does the same
    expected: str = ""  # instead of an empty text


def tolerant(schema: Any, home: Mapping[str, Any]) -> Any:
    """The schema by itself, without what gaps would break."""
    if isinstance(schema, bool):
        return schema
    schema, home = resolve(schema, home)
    found = dict(schema)
    properties = schema.get("properties", {})
    if properties:
        found["properties"] = {name: tolerant(member, home) for name, member in properties.items()}
    if "required" in schema:
        found["required"] = _insisted(schema["required"], properties)
    if "dependentRequired" in schema:
        found["dependentRequired"] = {
            n: _insisted(names, properties) for n, names in schema["dependentRequired"].items()
        }
    for word in ("items", "then"):
        if word in schema:
            found[word] = tolerant(schema[word], home)
    return {**found, OR_EMPTY: True} if EMPTY in schema else found


def _insisted(names: list[str], properties: Mapping[str, Any]) -> list[str]:
    return [name for name in names if LEFT_OUT not in properties.get(name, ())]


def gaps(schema: Mapping[str, Any], home: Mapping[str, Any], raw: Any, pointer: str = "") -> Iterator[Gap]:
    """The gaps of a body. A member whose name is in another letter case is there, and wrong."""
    schema, home = resolve(schema, home)
    if type(raw) is dict:
        properties = schema.get("properties", {})
        dependent = schema.get("dependentRequired", {})
        for name in [*schema.get("required", ()), *(n for key in dependent if key in raw for n in dependent[key])]:
            by = properties.get(name, {}).get(LEFT_OUT)
            if by and name not in raw and not any(key.casefold() == name for key in raw):
                yield Gap(LEFT_OUT, join_pointer(pointer, name), tuple(by))
        for name, value in raw.items():
            if name in properties:
                yield from gaps(properties[name], home, value, join_pointer(pointer, name))
    elif type(raw) is list:
        for index, item in enumerate(raw if "items" in schema else ()):
            yield from gaps(schema["items"], home, item, join_pointer(pointer, index))
    elif raw == "" and EMPTY in schema:
        expected = schema.get("x-expected") or "one of " + ", ".join(map(repr, schema.get("enum", ())))
        yield Gap(EMPTY, pointer, tuple(schema[EMPTY]), expected)
