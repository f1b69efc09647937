"""The only sources of time and of identity.

Time is kept in whole microseconds since 1970 (UTC), the service's own resolution, and turned into
text only where it leaves the mock. Identity is drawn from a random seed, so that two mocks with the
same seed and the same requests give the same answers to the byte.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FIRST = int((datetime(1, 1, 2, tzinfo=timezone.utc) - EPOCH).total_seconds())
_LAST = int((datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc) - EPOCH).total_seconds())
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000

# A character for each byte: alphabets whose lengths divide 256, so that all are equally likely.
_URL_SAFE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" * 4
_BASE32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 8

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
        micros -= sign * (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * SECOND
    return micros


@lru_cache(maxsize=4096)
def _second_text(second: int, separator: str) -> str:
    """The text of a whole second: the dear part, and most stamps of a run share it."""
    second = min(max(second, _FIRST), _LAST)  # a stamp beyond what can be written stays at the edge
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


class Clock:
    """Virtual time.

    Without a start it runs with the machine's clock (and so agrees with libraries that freeze that);
    with one it stands still there. `advance` moves it forward either way, `freeze` stops it, `resume`
    lets it run on from where it is.
    """

    def __init__(self, start: datetime | str | None = None) -> None:
        self._lock = threading.Lock()
        self._frozen: int | None = None
        self._offset = 0
        self._pinned: int | None = None
        self._last_stamp = _FIRST * SECOND  # earlier than any moment a clock may show
        if start is not None:
            self.freeze(start)

    @staticmethod
    def _machine() -> int:
        return time.time_ns() // 1000

    @staticmethod
    def _checked(microseconds: int) -> int:
        """A moment may lie in the years 2 to 9998: the year 9999 means never."""
        if not _FIRST + 366 * 86_400 <= microseconds // SECOND < _LAST - 366 * 86_400:
            raise ValueError("the clock goes from the year 2 to 9998")
        return microseconds

    def microseconds(self) -> int:
        frozen = self._frozen
        if frozen is not None:
            return frozen
        pinned = self._pinned
        return self._machine() + self._offset if pinned is None else pinned

    @property
    def now(self) -> datetime:
        """The present virtual moment, in UTC."""
        return to_datetime(self.microseconds())

    @property
    def frozen(self) -> bool:
        return self._frozen is not None

    def advance(
        self,
        delta: timedelta | float | None = None,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
        milliseconds: float = 0,
    ) -> datetime:
        """Move time forward and return the new moment. A bare number means seconds."""
        try:
            step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds)
            if delta is not None:
                step += delta if isinstance(delta, timedelta) else timedelta(seconds=delta)
        except OverflowError:
            raise ValueError("the clock goes from the year 2 to 9998") from None
        if step < timedelta(0):
            raise ValueError("time only moves forward; use freeze(at) to set a moment")
        with self._lock:
            micros = step // MICROSECOND
            self._checked(self.microseconds() + micros)
            if self._frozen is None:
                self._offset += micros
            else:
                self._frozen += micros
        return self.now

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Stand still, now or at the given moment (which may lie in the past)."""
        with self._lock:
            if at is None:
                self._frozen = self.microseconds()
            elif isinstance(at, (str, datetime)):
                self._frozen = self._checked(parse_stamp(at) if isinstance(at, str) else to_microseconds(at))
            else:
                raise TypeError(f"a moment is a datetime or a text such as 2026-03-01T09:00:00Z, not {at!r}")
        return self.now

    def resume(self) -> datetime:
        """Run on from the present virtual moment, at the machine's pace."""
        with self._lock:
            if self._frozen is not None:
                self._offset = self._frozen - self._machine()
                self._frozen = None
        return self.now

    def stamp(self) -> int:
        """The present moment, but strictly later than every stamp before.

        Pages are cut at a row's creation time, so two rows of one instant would lose one of them.
        """
        with self._lock:
            self._last_stamp = max(self.microseconds(), self._last_stamp + 1)
            return self._last_stamp

    def forget_stamps(self) -> None:
        """Let stamps begin at the present moment again (a world that was reset has no row to collide with)."""
        with self._lock:
            self._last_stamp = _FIRST * SECOND

    def seen(self, microseconds: int) -> None:
        """Let later stamps come after this one (a restored world brings its own)."""
        with self._lock:
            self._last_stamp = max(self._last_stamp, microseconds)

    def pin(self) -> None:
        """Let a running clock show one moment until `unpin`: what a recorded request sees can be seen again."""
        self._pinned = self.microseconds()

    def unpin(self) -> None:
        self._pinned = None

    def move_to(self, microseconds: int) -> None:
        """Stand at a moment: later ones are advanced to, earlier ones jumped to."""
        step = microseconds - self.microseconds()
        if self.frozen and step >= 0:
            self.advance(step * MICROSECOND)
        else:
            self.freeze(to_datetime(microseconds))

    def state(self) -> ClockState:
        """Where the clock stands, to be given to `restore`."""
        with self._lock:
            return ClockState(self.microseconds(), self.frozen, self._last_stamp)

    def restore(self, state: ClockState) -> None:
        """Go back to where the clock stood; a running one runs on from there."""
        with self._lock:
            self._frozen, self._offset = (
                (state.now, self._offset) if state.frozen else (None, state.now - self._machine())
            )
            self._last_stamp = state.last_stamp


class ClockState(NamedTuple):
    """A moment of a clock."""

    now: int  # microseconds since 1970
    frozen: bool
    last_stamp: int


class Ids:
    """UUIDs, tokens and request ids, drawn from a random seed.

    A counter through a keyed hash: the whole state is two small values, so it can be saved,
    compared and restored. Not a source of secrets.
    """

    def __init__(self, random_seed: int | str = 0, drawn: int = 0) -> None:
        self.random_seed = random_seed
        self.drawn = drawn
        self._key = hashlib.sha256(f"voipbin-mock:{random_seed}".encode()).digest()

    def _bytes(self, size: int) -> bytes:
        self.drawn += 1
        return hashlib.blake2b(self.drawn.to_bytes(8, "big"), digest_size=size, key=self._key).digest()

    def uuid(self) -> str:
        """A version 4 UUID in canonical form."""
        digits = self._bytes(16).hex()
        variant = "89ab"[int(digits[16], 16) & 3]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def token(self) -> str:
        """32 URL-safe characters."""
        return self._bytes(32).translate(_URL_SAFE).decode("ascii")

    def request_id(self) -> str:
        """`req_` and 26 base32 characters, as the service's own."""
        return "req_" + self._bytes(26).translate(_BASE32).decode("ascii")

    def secret(self, purpose: str) -> bytes:
        """A key for signing; depends on the seed alone, so it outlives a reset."""
        return hashlib.blake2b(purpose.encode(), digest_size=32, key=self._key).digest()
