"""Which target is dialed next: the idle ones of an outdial, in the order in which they were last touched.

Derived from the table of targets and never saved: it is built when first asked for, and kept by what the
table says was written since.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

from voipbin_mock.world.part import Part
from voipbin_mock.world.store import Record, Row, Table

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

SLOTS = range(5)
DESTINATIONS = tuple(f"destination_{n}" for n in SLOTS)
TRY_COUNTS = tuple(f"try_count_{n}" for n in SLOTS)
MAX_TRY_COUNTS = tuple(f"max_try_count_{n}" for n in SLOTS)
# So many pairs of outdial and try counts are kept in order at once.
MOST_LINES = 64

TryLimits = tuple[int, ...]
_Entry = tuple[int, int, str]


def limits_of(outplan: Mapping[str, Any]) -> TryLimits:
    return tuple([outplan[name] for name in MAX_TRY_COUNTS])


def is_empty(address: Mapping[str, str] | None) -> bool:
    """Whether a destination is none: missing, or with no member set."""
    return not address or not any(address.values())


def next_slot(target: Record, limits: TryLimits, dials_empty: bool) -> int | None:
    """The lowest destination that may be tried once more, or None."""
    for n in SLOTS:
        if target[TRY_COUNTS[n]] < limits[n] and (dials_empty or not is_empty(target[DESTINATIONS[n]])):
            return n
    return None


def touched_at(target: Record) -> int:
    """When a target was last changed, or created (microseconds): the try interval counts from here."""
    touched: int | None = target["touched"]
    if touched is None:
        touched = target["tm_update"] if target["tm_update"] is not None else target["tm_create"]
    return touched


def never_tried(target: Record) -> bool:
    """Not changed since it was created; the profiles print that in different ways."""
    return target["tm_update"] is None or target["tm_update"] == target["tm_create"]


def touch_of(target: Record) -> int:
    """Stamps are strictly increasing, so they tell which of two touches of one instant was first."""
    touch: int = target["tm_create"] if target["tm_update"] is None else target["tm_update"]
    return touch


def _entry(target: Record) -> _Entry:
    return touched_at(target), touch_of(target), target["id"]


class DialingOrder(Part):
    """The order of one world's targets. To be used under the world's lock."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._table: Table | None = None
        self._lines: dict[str, dict[TryLimits, list[_Entry]]] = {}

    def head(self, table: Table, outdial_id: str, limits: TryLimits, dials_empty: bool) -> tuple[Row, int] | None:
        """The target to be dialed next, with the number of its destination; None if none is left.

        `dials_empty` is a profile's and so the same at every call.
        """
        self._follow(table, dials_empty)
        line = self._lines.get(outdial_id, {}).get(limits)
        if line is None:
            line = self._build(table, outdial_id, limits, dials_empty)
        while line:
            row = table.get(line[0][2])
            if row is not None and _entry(row.data) == line[0]:
                slot = self._slot(row, outdial_id, limits, dials_empty)
                if slot is not None:
                    return row, slot
            heappop(line)  # touched since: if it is still to be dialed, it stands further back
        return None

    @staticmethod
    def _slot(row: Row, outdial_id: str, limits: TryLimits, dials_empty: bool) -> int | None:
        target = row.data
        if target["status"] != "idle" or target["outdial_id"] != outdial_id:
            return None
        return next_slot(target, limits, dials_empty)

    def _build(self, table: Table, outdial_id: str, limits: TryLimits, dials_empty: bool) -> list[_Entry]:
        if sum(map(len, self._lines.values())) >= MOST_LINES:
            self._lines.clear()
        line = [_entry(row.data) for row in table if self._slot(row, outdial_id, limits, dials_empty) is not None]
        heapify(line)
        self._lines.setdefault(outdial_id, {})[limits] = line
        return line

    def _follow(self, table: Table, dials_empty: bool) -> None:
        """Take in what was written since the last look."""
        if table is not self._table or table.changed is None:
            self._table, table.changed = table, []
            self._lines.clear()
            return
        for row_id in table.changed:
            row = table.get(row_id)
            if row is not None:
                for limits, line in self._lines.get(row.data["outdial_id"], {}).items():
                    if self._slot(row, row.data["outdial_id"], limits, dials_empty) is not None:
                        heappush(line, _entry(row.data))
        table.changed.clear()
