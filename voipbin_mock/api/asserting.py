"""What a failed assertion says of several things that happened: what is like what was wanted, and what came nearest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from voipbin_mock.wire.matching import Mismatch, described, in_times

T = TypeVar("T")
NEAR_MISSES = 3
MOST_LISTED = 10


def mismatch(
    wanted: str,
    times: int | None,
    found: Sequence[T],
    everything: Sequence[T],
    *,
    unlike: Callable[[T], list[Mismatch]],
    distance: Callable[[T], float],
    nothing: str,
    seen: str,
) -> str:
    """wanted: in words. times: how often; None for once at least. nothing: what is said if there is nothing at all;
    seen: of what there is, as "of the 3 lines of the outbox".
    """
    often = "" if times is None else f", {in_times(times)}"
    if not everything:
        return f"expected {wanted}{often}, but {nothing}"
    if found:
        lines = [f"expected {wanted}{often}, got it {in_times(len(found))}:", *listed(found)]
        if times is not None and len(found) > times:
            return "\n".join(lines)
    else:
        lines = [f"expected {wanted}{often}, but none {seen} is that"]
    others = [(place, each) for place, each in enumerate(everything) if each not in found]
    ranked = sorted(others, key=lambda one: (distance(one[1]), -one[0]))
    lines += ["nearest:"] if ranked else []
    for _, each in ranked[:NEAR_MISSES]:
        lines.append(f"  {each}")
        lines += [f"      {line}" for line in described(unlike(each))]
    return "\n".join(lines)


def listed(several: Sequence[T]) -> list[str]:
    """Each on a line, some at most."""
    more = len(several) - MOST_LISTED
    return [*(f"  {each}" for each in several[:MOST_LISTED]), *([f"  and {more} more"] if more > 0 else [])]
