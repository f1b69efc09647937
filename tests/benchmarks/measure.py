"""Timing in turns: every contender of a comparison is measured in every round, in shuffled order.

A machine has slow spells, so times of different rounds must not be compared. A round gives one ratio;
the median of the ratios is the result.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

Call = Callable[[], Any]
Times = dict[str, list[float]]  # contender -> seconds, one for each round


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    rounds: int = 31
    turn: float = 0.015  # seconds that a contender is called again and again, in one round
    spawns: int = 11  # rounds of whatever starts a process
    tests: int = 150  # tests of a kind in one pytest run
    load: float = 10.0  # seconds that many clients have

    @classmethod
    def quick(cls) -> Effort:
        return cls(rounds=7, turn=0.01, spawns=3, tests=60, load=2.0)


@dataclass
class Row:
    """One line of the table. `value` is what the target is held against: a ratio, or seconds."""

    name: str
    value: float
    target: float | None = None
    ours: float | None = None  # seconds, if it is a time
    floor: float | None = None
    unit: str = "x"
    note: str = ""
    spread: tuple[float, float] = field(default=(0.0, 0.0))  # quartiles of the rounds

    @property
    def reached(self) -> bool | None:
        return None if self.target is None else self.value <= self.target

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "reached": self.reached}


def compiled() -> dict[str, str]:
    """The environment, but that modules are compiled once: those of a floor, being installed, are so too."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def per_call(call: Call, turn: float) -> float:
    """The median time of one call, called again and again for a while."""
    clock = time.perf_counter
    times = []
    end = clock() + turn
    before = clock()
    while before < end:
        call()
        after = clock()
        times.append(after - before)
        before = clock()
    return median(times)


def once(call: Call) -> float:
    """The time of a single call."""
    before = time.perf_counter()
    call()
    return time.perf_counter() - before


def in_turns(contenders: Mapping[str, Callable[[], float]], rounds: int) -> Times:
    """Let contenders, which time themselves, take turns."""
    order = list(contenders)
    times: Times = {name: [] for name in order}
    for _ in range(rounds):
        random.shuffle(order)
        for name in order:
            times[name].append(contenders[name]())
    return times


def calls_in_turns(contenders: Mapping[str, Call], effort: Effort) -> Times:
    """Seconds a call, by contender and round; a first turn that does not count warms all up."""
    for call in contenders.values():
        per_call(call, effort.turn)
    timed = {name: lambda call=call: per_call(call, effort.turn) for name, call in contenders.items()}
    return in_turns(timed, effort.rounds)


def ratio(name: str, times: Times, ours: str, floor: str, target: float | None = None, note: str = "") -> Row:
    """`ours` as a multiple of `floor`."""
    ratios = sorted(a / b for a, b in zip(times[ours], times[floor], strict=True))
    return Row(
        name,
        median(ratios),
        target,
        median(times[ours]),
        median(times[floor]),
        note=note,
        spread=(ratios[len(ratios) // 4], ratios[len(ratios) * 3 // 4]),
    )


def extra(name: str, times: Times, ours: str, floor: str, target: float | None = None, note: str = "") -> Row:
    """What `ours` takes beyond `floor`, in seconds."""
    extras = sorted(a - b for a, b in zip(times[ours], times[floor], strict=True))
    return Row(
        name,
        median(extras),
        target,
        median(times[ours]),
        median(times[floor]),
        "s",
        note,
        (extras[len(extras) // 4], extras[len(extras) * 3 // 4]),
    )


def plain(name: str, times: Times, ours: str, floor: str | None = None, target: float | None = None) -> Row:
    """Seconds as they are, beside a floor that no target speaks of."""
    taken = sorted(times[ours])
    beside = None if floor is None else median(times[floor])
    middle = (taken[len(taken) // 4], taken[len(taken) * 3 // 4])
    return Row(name, median(taken), target, median(taken), beside, "s", spread=middle)
