"""What jsonschema finds wrong with a body, in words for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from voipbin_mock.schema.decoding import type_violation
from voipbin_mock.schema.documents import resolve
from voipbin_mock.wire.errors import Violation, join_pointer, shorten, shown


def place(error: Any) -> str:
    """The pointer to what is wrong: where a member is missing, to the member."""
    missing = _missing(error)
    return join_pointer("", *error.absolute_path, *([missing] if missing else ()))


def _missing(error: Any) -> str:
    """The member that is missing: jsonschema reports one at a time."""
    argument = error.validator_value
    names: list[str]
    if error.validator == "required":
        names = argument
    elif error.validator == "dependentRequired":
        names = [name for group in argument.values() for name in group]
    else:
        return ""
    return next(name for name in names if error.message.startswith(repr(name)))


def words(error: Any, pointer: str, home: Mapping[str, Any]) -> Iterator[Violation]:
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    expected = str(schema.get("x-expected", ""))
    word, argument, value = error.validator, error.validator_value, error.instance
    missing = _missing(error)
    if missing:
        sub = schema.get("properties", {}).get(missing, {})
        try:
            sub, _ = resolve(sub, home)
        except LookupError:  # written in another document than the part
            sub = {}
        wanted = str(sub.get("x-expected") or _type_words(sub.get("type")))
        yield Violation(join_pointer(pointer, missing), f'"{missing}" is missing', wanted)
    elif word == "type":
        yield type_violation(pointer, expected or _type_words(argument), value)
    elif word == "additionalProperties":
        for name in sorted(set(value) - set(schema.get("properties", {}))):
            yield Violation(join_pointer(pointer, name), f'unknown member "{shorten(name)}"', "no such member")
    else:
        wanted = expected or _LIMIT_WORDS.get(word, "{}").format(_listed(argument))
        yield Violation(pointer, f"{shown(value)} is not acceptable: expected {wanted}", wanted, value)


_LIMIT_WORDS = {
    "enum": "one of {}",
    "const": "{}",
    "minimum": "a number not below {}",
    "maximum": "a number not above {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "minProperties": "an object with at least {} of its members",
    "pattern": "text that matches {}",
}


def _listed(argument: Any) -> str:
    if isinstance(argument, list):
        return ", ".join(f'"{item}"' if isinstance(item, str) else str(item) for item in argument)
    return str(argument)


def _type_words(argument: Any) -> str:
    names = [argument] if isinstance(argument, str) else list(argument or ["value"])
    words = {"string": "a string", "integer": "an integer", "boolean": "true or false", "null": "null"}
    return " or ".join(words.get(name, f"an {name}" if name[0] in "aeio" else f"a {name}") for name in names)
