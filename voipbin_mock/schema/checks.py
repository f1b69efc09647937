"""Checks compiled from JSON Schemas: much faster than the library, and never more lenient.

A compiled check is True only for values that are surely valid. What it does not understand, it is
not sure of, and jsonschema decides. Property-based tests hold the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from voipbin_mock.schema.documents import resolve

_MISSING: Any = object()
OR_EMPTY = "x-or-empty"  # a private word: an empty text will do as well

Check = Callable[[Any], bool]

# Words that cannot make a value invalid.
_ANNOTATIONS = {"$schema", "$id", "$defs", "$comment", "title", "description", "examples", "default", "deprecated"}


class _Unsupported(Exception):
    """A schema word the compiled check does not know: jsonschema decides alone."""


def _always(_: Any) -> bool:
    return True


def compile_check(schema: Any, home: Mapping[str, Any]) -> Check:
    """A function that is True only for values that are surely valid against the schema."""
    try:
        return _compile(schema, home)
    except (_Unsupported, RecursionError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        return lambda value: False  # jsonschema understands it, or says why not


def _compile(schema: Any, home: Mapping[str, Any]) -> Check:
    if isinstance(schema, bool):
        return _always if schema else (lambda value: False)
    if OR_EMPTY in schema:
        filled = _compile({word: argument for word, argument in schema.items() if word != OR_EMPTY}, home)
        return lambda value: value == "" or filled(value)
    if "$ref" in schema:
        beside = {word: argument for word, argument in schema.items() if word != "$ref"}
        target, target_home = resolve({"$ref": schema["$ref"]}, home)
        referred = _compile(target, target_home)
        if all(word in _ANNOTATIONS or word.startswith("x-") for word in beside):
            return referred
        own = _compile(beside, home)
        return lambda value: referred(value) and own(value)
    leaf = _leaf(schema)
    if leaf is not None:
        return leaf
    checks: list[Check] = []
    for word, argument in schema.items():
        if word in _ANNOTATIONS or word.startswith("x-") or word in ("then", "else", "format"):
            continue  # `format` only annotates in this dialect; then/else are read with `if`
        maker = _MAKERS.get(word)
        if maker is None:
            raise _Unsupported(word)
        checks.append(maker(argument, schema, home))
    if not checks:
        return _always
    if len(checks) == 1:
        return checks[0]
    first, *rest = checks
    if len(rest) == 1:
        second = rest[0]
        return lambda value: first(value) and second(value)

    def both(value: Any) -> bool:
        for check in checks:  # noqa: SIM110  a loop is twice as fast as all() over a generator
            if not check(value):
                return False
        return True

    return both


def _leaf(schema: Mapping[str, Any]) -> Check | None:
    """One closure for the commonest members: a text with a limit or pattern, an integer in a range."""
    words = {w: a for w, a in schema.items() if w not in _ANNOTATIONS and not w.startswith("x-") and w != "format"}
    kind = words.pop("type", None)
    if kind == "integer" and words.keys() == {"minimum", "maximum"}:
        low, high = words["minimum"], words["maximum"]
        return lambda value: type(value) is int and low <= value <= high
    if kind == "string" and words.keys() == {"maxLength"}:
        limit = words["maxLength"]
        return lambda value: type(value) is str and len(value) <= limit
    if kind == "string" and words.keys() == {"pattern"}:
        search = re.compile(words["pattern"]).search
        return lambda value: type(value) is str and search(value) is not None
    if kind == "string" and words.keys() == {"enum"}:
        texts = frozenset(item for item in words["enum"] if isinstance(item, str))
        return lambda value: type(value) is str and value in texts
    return None


_TYPES: Mapping[str, type] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}


def _type(argument: Any, schema: Any, home: Any) -> Check:
    names = [argument] if isinstance(argument, str) else argument
    # Exact types: True is no integer here, and 1.0, an integer to JSON Schema, is left to jsonschema.
    wanted = tuple(_TYPES[name] for name in names if name != "number")
    wanted += (int, float) if "number" in names else ()
    if len(wanted) == 1:
        only = wanted[0]
        return lambda value: type(value) is only
    return lambda value: type(value) in wanted


def _properties(argument: Any, schema: Any, home: Any) -> Check:
    checks = [(name, _compile(sub, home)) for name, sub in argument.items()]

    def check(value: Any) -> bool:
        if type(value) is not dict:
            return True
        for name, sub in checks:
            found = value.get(name, _MISSING)
            if found is not _MISSING and not sub(found):
                return False
        return True

    return check


def _required(argument: Any, schema: Any, home: Any) -> Check:
    names = frozenset(argument)
    return lambda value: type(value) is not dict or value.keys() >= names


def _dependent_required(argument: Any, schema: Any, home: Any) -> Check:
    pairs = [(name, frozenset(names)) for name, names in argument.items()]
    return lambda value: (
        type(value) is not dict or all(value.keys() >= needed for name, needed in pairs if name in value)
    )


def _items(argument: Any, schema: Any, home: Any) -> Check:
    sub = _compile(argument, home)
    return lambda value: type(value) is not list or all(sub(item) for item in value)


def _enum(argument: Any, schema: Any, home: Any) -> Check:
    texts = frozenset(item for item in argument if isinstance(item, str))
    numbers = frozenset(item for item in argument if type(item) is int)

    # Anything but a listed text or integer ("1 == true" and the like) is left to jsonschema.
    def check(value: Any) -> bool:
        return (type(value) is str and value in texts) or (type(value) is int and value in numbers)

    return check


def _const(argument: Any, schema: Any, home: Any) -> Check:
    return _enum([argument], schema, home)


def _pattern(argument: str, schema: Any, home: Any) -> Check:
    search = re.compile(argument).search
    return lambda value: type(value) is not str or search(value) is not None


def _minimum(argument: Any, schema: Any, home: Any) -> Check:
    return lambda value: type(value) not in (int, float) or value >= argument


def _maximum(argument: Any, schema: Any, home: Any) -> Check:
    return lambda value: type(value) not in (int, float) or value <= argument


def _min_length(argument: int, schema: Any, home: Any) -> Check:
    return lambda value: type(value) is not str or len(value) >= argument


def _max_length(argument: int, schema: Any, home: Any) -> Check:
    return lambda value: type(value) is not str or len(value) <= argument


def _min_items(argument: int, schema: Any, home: Any) -> Check:
    return lambda value: type(value) is not list or len(value) >= argument


def _max_items(argument: int, schema: Any, home: Any) -> Check:
    return lambda value: type(value) is not list or len(value) <= argument


def _min_properties(argument: int, schema: Any, home: Any) -> Check:
    return lambda value: type(value) is not dict or len(value) >= argument


def _additional(argument: Any, schema: Any, home: Any) -> Check:
    if argument is not False:
        raise _Unsupported("additionalProperties")
    names = frozenset(schema.get("properties", ()))
    return lambda value: type(value) is not dict or names.issuperset(value)


def _if(argument: Any, schema: Any, home: Any) -> Check:
    # "Not sure whether it applies" must not count as "does not apply": only conditions whose compiled
    # form is exact are taken, i.e. an object with a member equal to a text.
    properties = argument.get("properties", {})
    if set(argument) != {"properties", "required"} or len(properties) != 1 or "else" in schema:
        raise _Unsupported("if")
    ((name, condition),) = properties.items()
    if list(argument["required"]) != [name] or set(condition) != {"const"} or type(condition["const"]) is not str:
        raise _Unsupported("if")
    wanted = condition["const"]
    then = _compile(schema.get("then", True), home)
    return lambda value: type(value) is not dict or value.get(name) != wanted or then(value)


_MAKERS: Mapping[str, Callable[[Any, Any, Any], Check]] = {
    "type": _type,
    "properties": _properties,
    "required": _required,
    "dependentRequired": _dependent_required,
    "items": _items,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minimum": _minimum,
    "maximum": _maximum,
    "minLength": _min_length,
    "maxLength": _max_length,
    "minItems": _min_items,
    "maxItems": _max_items,
    "minProperties": _min_properties,
    "additionalProperties": _additional,
    "if": _if,
}
