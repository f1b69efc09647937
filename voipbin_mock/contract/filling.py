"""`${name}` in what is asked and expected: values of the file, of the target, and kept ones put in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from voipbin_mock.wire.errors import join_pointer

VARIABLE = re.compile(r"\$\{([A-Za-z0-9_]+)\}", re.ASCII)
MOST_TEXT = 1_000_000  # characters that a value may grow to
MERGE, WITHOUT = "$merge", "$without"


class Unkept(LookupError):
    """A value that is named and was never kept."""


class Unfillable(ValueError):
    """A template that cannot be filled with the values there are."""


class Values(dict[str, Any]):
    """Values by name. Those of a file may name others; what a target gave or an answer held is taken as it is."""

    def __init__(self, templates: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        super().__init__({**given, **templates})
        self.literal = {name for name in given if name not in templates}

    def keep(self, name: str, value: Any) -> None:
        self[name] = value
        self.literal.add(name)


def fill(template: Any, values: Mapping[str, Any]) -> Any:
    """The same with `${name}` replaced, and `$merge` and `$without` done. Raises Unkept, Unfillable."""
    if isinstance(template, str):
        whole = VARIABLE.fullmatch(template)
        if whole:
            return _value(whole[1], values)
        return VARIABLE.sub(lambda match: _as_text(_value(match[1], values)), template)
    if isinstance(template, list):
        return [fill(item, values) for item in template]
    if isinstance(template, dict):
        if MERGE in template:
            return _merged(fill(template[MERGE], values))
        if WITHOUT in template:
            return _without(fill(template[WITHOUT], values))
        return {_as_text(fill(name, values)): fill(item, values) for name, item in template.items()}
    return template


def _value(name: str, values: Mapping[str, Any]) -> Any:
    if name not in values:
        raise Unkept(name)
    value = values[name]
    return value if name in getattr(values, "literal", ()) else fill(value, values)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _merged(items: Any) -> dict[str, Any]:
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Unfillable("$merge takes an array of objects")
    merged: dict[str, Any] = {}
    for item in items:
        merged.update(item)
    return merged


def _without(items: Any) -> dict[str, Any]:
    if not isinstance(items, list) or not items or not isinstance(items[0], dict):
        raise Unfillable("$without takes an array: an object, and names of its members")
    whole, *names = items
    return {name: item for name, item in whole.items() if name not in names}


def names_in(template: Any) -> Iterator[str]:
    """Every name that a template mentions itself."""
    for text, _ in texts_in(template, ""):
        yield from VARIABLE.findall(text)


def texts_in(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Every text in a value, names of members too, with its place."""
    if isinstance(value, str):
        yield value, pointer
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts_in(item, join_pointer(pointer, index))
    elif isinstance(value, dict):
        for name, item in value.items():
            where = join_pointer(pointer, name)
            yield name, where
            yield from texts_in(item, where)


def reached(template: Any, templates: Mapping[str, Any]) -> set[str]:
    """Every name that filling a template needs, also by way of the file's own values."""
    found: set[str] = set()
    waiting = list(names_in(template))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += names_in(templates.get(name))
    return found


def circle(templates: Mapping[str, Any]) -> list[str]:
    """Values that name each other in a circle, in order; empty if there is none."""
    state: dict[str, int] = {}  # 1: being looked at, 2: done

    def visit(name: str, way: list[str]) -> list[str]:
        if state.get(name) == 1:
            return [*way[way.index(name) :], name]
        if name not in templates or state.get(name) == 2:
            return []
        state[name] = 1
        for other in names_in(templates[name]):
            found = visit(other, [*way, name])
            if found:
                return found
        state[name] = 2
        return []

    return next(filter(None, (visit(name, []) for name in templates)), [])


def grown(templates: Mapping[str, Any]) -> str:
    """The name of a value that grows beyond all measure when it is filled; "" if none does. There is no circle."""
    sizes: dict[str, int] = {}

    def size(name: str) -> int:
        if name not in templates:
            return 1
        if name not in sizes:
            texts = [text for text, _ in texts_in(templates[name], "")]
            sizes[name] = sum(map(len, texts)) + sum(size(other) for text in texts for other in VARIABLE.findall(text))
        return sizes[name]

    return next((name for name in templates if size(name) > MOST_TEXT), "")
