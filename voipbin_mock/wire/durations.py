"""Lengths of time as people write them: `250ms`, `3s`, `1m30s`, `2h`, `1d`."""

from __future__ import annotations

import re

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)", re.ASCII)


def read_milliseconds(text: str) -> float:
    """The milliseconds that a text means. Raises ValueError."""
    parts, place = [], 0
    while part := _PART.match(text, place):  # each where the last one ended, so that nothing is looked at again
        parts.append(part)
        place = part.end()
    if not parts or text[place:].strip():
        raise ValueError(f'{text!r} is no duration; write "3s", "1m30s" or "250ms"')
    return sum(float(part[1]) * _UNITS[part[2]] for part in parts)
