"""How much of something was exercised, as numbers and in words."""

from __future__ import annotations

import math
from typing import Any

MOST_NAMED = 12  # of what is missing, in the terminal


def share(covered: int, total: int) -> float:
    """Per cent; nothing of nothing is all of it."""
    return 100.0 * covered / total if total else 100.0


def shown_share(covered: int, total: int) -> str:
    """With one decimal, cut and not rounded: 100.0 means all."""
    return f"{math.floor(share(covered, total) * 10) / 10:.1f} %"


def row(title: str, covered: int, total: int) -> str:
    """A line of the table for a terminal."""
    return f"{title:<16} {covered:>5} of {total:>5} {shown_share(covered, total):>9}"


def figures(covered: int, total: int) -> dict[str, Any]:
    return {"covered": covered, "total": total, "percent": round(share(covered, total), 4)}
