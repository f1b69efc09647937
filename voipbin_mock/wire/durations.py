"""Lengths of time as people write them: `250ms`, `3s`, `1m30s`, `2h`, `1d`."""

from __future__ import annotations

import re
from datetime import timedelta

Duration = int | str | timedelta
MAX_DURATION = 7 * 86_400_000  # milliseconds; a week
SHORTEST = 100  # milliseconds that a bare number of a script means: fewer were meant to be seconds
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


def milliseconds(value: Duration) -> int:
    """`"3s"`, `"1m30s"`, `"250ms"`, a timedelta, or a number of milliseconds. Raises ValueError."""
    if isinstance(value, timedelta):
        found = value / timedelta(milliseconds=1)
    elif isinstance(value, str):
        found = read_milliseconds(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        found = value
    else:
        raise ValueError(f'{value!r} is no duration; give milliseconds, a timedelta, or a text such as "3s"')
    if not (0 <= found <= MAX_DURATION and found == int(found)):
        raise ValueError(f"{value!r} is no whole number of milliseconds from 0 to a week")
    return int(found)


def meant(length: Duration, name: str) -> int:
    """Milliseconds. Raises ValueError, also for a number so small that whoever wrote it meant seconds."""
    if type(length) in (int, float) and 0 < length < SHORTEST:  # type: ignore[operator]
        raise ValueError(
            f'{name}: {length:g} would be {length:g} milliseconds; write "{length:g}s", or "{length:g}ms" if they are'
        )
    try:
        return milliseconds(length)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def written(length: int | None) -> int | str | None:
    """Milliseconds, as `meant` reads them; None stays."""
    return length if not length or length >= SHORTEST else f"{length}ms"
