"""How a mock behaves: the settings that a world is built from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
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
    unused: str = "warn"  # what becomes of faults and stubs that were never met: warn, error, ignore

    def __post_init__(self) -> None:
        profiles.get(self.profile)
        if self.strict not in (None, False, True):
            raise MockUsageError(f"strict must be True, False or None, not {self.strict!r}")
        if type(self.journal_size) is not int or self.journal_size < 1:
            raise MockUsageError(f"journal_size must be a number, at least 1, not {self.journal_size!r}")
        if self.unused not in ("warn", "error", "ignore"):
            raise MockUsageError(f"unused must be warn, error or ignore, not {self.unused!r}")
        if type(self.random_seed) not in (int, str):
            raise MockUsageError(f"random_seed must be a number or a text, not {self.random_seed!r}")
        if self.fixtures is not None and not Path(self.fixtures).is_dir():
            raise MockUsageError(f"fixtures: {os.fspath(self.fixtures)} is no directory")


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
