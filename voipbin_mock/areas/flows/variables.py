"""Variables of a run of a flow: substitution, and what a run starts with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

MOST = 100
LONGEST = 32_768  # bytes of a value
ALL = 65_536  # bytes of all, with their names
MOST_FILLED = 262_144  # characters of a text once its variables are in it
RESERVED = "voipbin."
DEEPEST = 100  # levels of an option that are looked into
_DEEP = (dict, list)


def substituted(value: Any, look: Callable[[str], str], numbers_too: bool = False, depth: int = 0) -> Any:
    """A value with its `${name}` replaced in every text, however deep; the value itself if there are none.

    numbers_too: numbers and booleans in lists become texts (server).
    """
    if type(value) is str:
        if "${" not in value:
            return value
        return _filled(value, look)
    if depth > DEEPEST:
        return value
    if type(value) is dict:
        changed = {}
        for name, item in value.items():
            if type(item) is str:
                if "${" in item:
                    changed[name] = _filled(item, look)
            elif type(item) in _DEEP and (new := substituted(item, look, numbers_too, depth + 1)) is not item:
                changed[name] = new
        return {**value, **changed} if changed else value
    if type(value) is list:
        several = [_item(item, look, numbers_too, depth) for item in value]
        return several if any(map(_differs, several, value)) else value
    return value


def _filled(text: str, look: Callable[[str], str]) -> str:
    """A text with its variables in it; of one that grows beyond all measure, only its beginning."""
    found, place, size = [], 0, 0
    while (opens := text.find("${", place)) >= 0 and (closes := text.find("}", opens)) >= 0:
        value = look(text[opens + 2 : closes])
        found += [text[place:opens], value]
        size += opens - place + len(value)
        place = closes + 1
        if size > MOST_FILLED:
            return "".join(found)[:MOST_FILLED]
    return "".join([*found, text[place:]])


def _differs(new: Any, old: Any) -> bool:
    return new is not old


def _item(item: Any, look: Callable[[str], str], numbers_too: bool, depth: int) -> Any:
    if numbers_too and isinstance(item, (bool, int, float)):
        return ("true" if item else "false") if isinstance(item, bool) else str(item)
    return substituted(item, look, numbers_too, depth + 1)


def too_many(variables: Mapping[str, Any]) -> bool:
    """Whether there are more, or longer ones, than a run may be given."""
    sizes = [size_of(value or "") for value in variables.values()]
    names = sum(map(size_of, variables))
    return len(sizes) > MOST or max(sizes, default=0) > LONGEST or sum(sizes) + names > ALL


def size_of(text: str) -> int:
    """Bytes of a text."""
    return len(text.encode("utf-8", "surrogatepass"))


def given(variables: Mapping[str, Any] | None) -> dict[str, str]:
    """What a request may set: names are trimmed; empty ones and those of the service are dropped."""
    kept = {}
    for name, value in (variables or {}).items():
        name = name.strip()
        if name and not name.lower().startswith(RESERVED):
            kept[name] = value or ""
    return kept


def address(prefix: str, value: Mapping[str, str] | None) -> dict[str, str]:
    """An address as variables: `voipbin.call.source.target`."""
    value = value or {}
    return {
        f"{prefix}.name": value.get("name", ""),
        f"{prefix}.detail": value.get("detail", ""),
        f"{prefix}.target": value.get("target", ""),
        f"{prefix}.target_name": value.get("target_name", ""),
        f"{prefix}.type": value.get("type", ""),
    }
