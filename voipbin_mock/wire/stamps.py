"""Moments as text: every way the service and its documents write them, and how they are read.

Time is kept in whole microseconds since 1970 (UTC), the service's own resolution, and turned into text only
where it leaves the mock.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


FIRST_SECOND = int((datetime(1, 1, 2, tzinfo=timezone.utc) - EPOCH).total_seconds())


EARLIEST = int((datetime(1, 1, 1, tzinfo=timezone.utc) - EPOCH).total_seconds())  # that can be written


LAST_SECOND = int((datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc) - EPOCH).total_seconds())


MICROSECOND = timedelta(microseconds=1)


SECOND = 1_000_000


_STAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|z|[+-]\d\d:?\d\d|\d\d:\d\d)?",
    re.ASCII,
)


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970; a naive datetime is read as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return (moment - EPOCH) // MICROSECOND


def to_datetime(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def parse_stamp(text: str) -> int:
    """Read any timestamp the service or its documents write; microseconds since 1970.

    `2022-04-28 01:50:23.414000`, `2022-04-28T01:50:23.414Z`, with an offset, or a bare date. An offset
    whose `+` was eaten by URL decoding is understood too. Raises ValueError for anything else.
    """
    match = _STAMP.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text[:80]!r} is no timestamp; write it as 2022-04-28 01:50:23.414000")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    moment = datetime(
        int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=timezone.utc
    )
    micros = to_microseconds(moment) + int((fraction or "").ljust(6, "0")[:6])
    if zone and zone not in "Zz":
        sign = -1 if zone[0] == "-" else 1
        digits = zone.lstrip("+-").replace(":", "")
        hours, minutes = int(digits[:2]), int(digits[2:])
        if hours > 23 or minutes > 59:
            raise ValueError(f"{zone} is no offset from UTC; write it as +01:00")
        micros -= sign * (hours * 3600 + minutes * 60) * SECOND
    return micros


@lru_cache(maxsize=4096)
def _second_text(second: int, separator: str) -> str:
    """The text of a whole second: the dear part, and most stamps of a run share it."""
    second = min(max(second, EARLIEST), LAST_SECOND)  # a stamp beyond what can be written stays at the edge
    text = (EPOCH + timedelta(seconds=second)).strftime(f"%Y-%m-%d{separator}%H:%M:%S")
    return text.rjust(19, "0")  # %Y does not pad years before 1000 everywhere


def documented_stamp(microseconds: int) -> str:
    """`2022-04-28 01:50:23.414000`: a space, six digits, no zone (the documents)."""
    second, fraction = divmod(microseconds, SECOND)
    return f"{_second_text(second, ' ')}.{fraction:06d}"


def rfc3339_stamp(microseconds: int) -> str:
    """`2022-04-28T01:50:23.414Z`: trailing zeros trimmed (the server)."""
    second, fraction = divmod(microseconds, SECOND)
    text = _second_text(second, "T")
    return f"{text}.{fraction:06d}".rstrip("0") + "Z" if fraction else text + "Z"


def rfc3339_stamp_full(microseconds: int) -> str:
    """`2022-04-28T01:50:23.414000Z`: always six digits (the server's page tokens and JWT claims)."""
    second, fraction = divmod(microseconds, SECOND)
    return f"{_second_text(second, 'T')}.{fraction:06d}Z"


def is_moment(value: object) -> bool:
    """Whether this is a number of microseconds since 1970 that can be written as a stamp."""
    return type(value) is int and EARLIEST * SECOND <= value <= LAST_SECOND * SECOND


def span(milliseconds: int | None) -> str:
    """So long after the beginning: `2:00:01.500`, hours first."""
    if milliseconds is None:
        return "any time"
    seconds, rest = divmod(milliseconds, 1000)
    text = f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{rest:03d}" if rest else text
