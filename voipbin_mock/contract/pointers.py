"""JSON pointers into answers."""

from __future__ import annotations

from typing import Any

from voipbin_mock.contract.answers import nothing


def at(value: Any, pointer: str) -> Any:
    """What a pointer leads to, or `nothing()`. Items of an array count from the end below zero."""
    if value is nothing():
        return value
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and _is_number(name) and -len(value) <= int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            return nothing()
    return value


def _is_number(name: str) -> bool:
    digits = name.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) < 10
