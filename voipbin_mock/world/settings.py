"""How a mock behaves: the settings that a world is built from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.matching import near_name
from voipbin_mock.world import profiles
from voipbin_mock.world.clock import Clock
from voipbin_mock.world.seed_files import Seed

JOURNAL_SIZE = 1000
EVERY_CODE = "all"


@dataclass(frozen=True)
class Settings:
    """How a mock behaves. Immutable; a world is built from it."""

    profile: str = "documented"
    seed: Seed = "account"
    strict: bool | None = None  # None: as the profile says
    random_seed: int | str = 0
    error: tuple[str, ...] = ()  # lint codes that refuse the request
    ignore: tuple[str, ...] = ()  # lint codes that say nothing
    fixtures: str | os.PathLike[str] | None = None  # where named seeds are looked for first
    journal_size: int = JOURNAL_SIZE
    rate_limits: Any = None  # see trouble.limits.read
    billing: Any = None  # see areas.billing.rates.read
    talk_time: Any = "2s"  # how long it takes to speak a text; per character: "60ms/character"
    play_time: Any = "5s"  # how long a file takes to be played
    unused: str = "warn"  # what becomes of faults and stubs that were never met: warn, error, ignore

    def __post_init__(self) -> None:
        profiles.get(self.profile)
        if self.strict not in (None, False, True):
            raise MockUsageError(f"strict must be True, False or None, not {self.strict!r}")
        if type(self.journal_size) is not int or self.journal_size < 1:
            raise MockUsageError(f"journal_size must be a number, at least 1, not {self.journal_size!r}")
        if self.unused not in ("warn", "error", "ignore"):
            raise MockUsageError(f"unused must be warn, error or ignore, not {self.unused!r}")
        _ = self.speaking, self.playing
        if type(self.random_seed) not in (int, str):
            raise MockUsageError(f"random_seed must be a number or a text, not {self.random_seed!r}")
        if self.fixtures is not None and not Path(self.fixtures).is_dir():
            raise MockUsageError(f"fixtures: {os.fspath(self.fixtures)} is no directory")

    @cached_property
    def speaking(self) -> tuple[int, int]:
        """How long a text takes, and each of its characters beside; milliseconds."""
        if self.talk_time == "2s":
            return 2000, 0
        given, _, unit = (
            str(self.talk_time).partition("/") if isinstance(self.talk_time, str) else (self.talk_time, "", "")
        )
        if unit.strip() in ("char", "character"):
            return 0, _milliseconds("talk_time", given)
        return _milliseconds("talk_time", self.talk_time), 0

    @cached_property
    def playing(self) -> int:
        """How long a file takes, in milliseconds."""
        return 5000 if self.play_time == "5s" else _milliseconds("play_time", self.play_time)


def _milliseconds(name: str, value: Any) -> int:
    """A length of time that a setting gives. Raises MockUsageError."""
    from voipbin_mock.wire.durations import milliseconds

    try:
        return milliseconds(value)
    except ValueError as problem:
        more = ', or a length per character such as "60ms/character"' if name == "talk_time" else ""
        raise MockUsageError(f"{name}: {problem}{more}") from None


def clock_of(clock: Clock | datetime | str | None, speed: float | None) -> Clock:
    """The clock that a setting means. Raises MockUsageError."""
    if isinstance(clock, Clock):
        if speed is not None:
            raise MockUsageError("speed= is for a clock of the mock's own; give Clock(speed=...) instead")
        return clock
    try:
        return Clock(clock, speed=speed)
    except (ValueError, TypeError) as problem:
        said = f"clock={clock!r}" if speed is None else f"clock={clock!r}, speed={speed!r}"
        raise MockUsageError(f"{said}: {problem}") from None


def no_setting(name: str, known: Sequence[str]) -> str:
    """What is said of a setting that there is not."""
    near = near_name(name, known)
    hint = f"did you mean {near!r}?" if near else f"known are {', '.join(known)}"
    return f"Mock({name}=...) is no setting; {hint}"


def several(texts: Iterable[str], rule: str) -> tuple[str, ...]:
    """One text or several, as several; `rule` is what is wanted. Raises MockUsageError."""
    try:
        return (texts,) if isinstance(texts, str) else tuple(texts)
    except TypeError:
        raise MockUsageError(f"{rule}, not {texts!r}") from None
