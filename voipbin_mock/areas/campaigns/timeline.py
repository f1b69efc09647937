"""What a campaign did: its attempts as data, as a table, and as a picture.

Times are milliseconds from the campaign's first `run`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from voipbin_mock.api.drawing import Axis, box, disc_or_cross, label, picture, printable
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.campaigns import dialer
from voipbin_mock.areas.campaigns.resources import CAMPAIGNCALLS, CAMPAIGNS, TARGETS
from voipbin_mock.wire.stamps import span
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import MILLISECOND
from voipbin_mock.world.world import World

MOST_LANES = 200  # of a picture; more would be no picture
MOST_ROWS = 100  # of a table in a test's report


@dataclass(frozen=True)
class Attempt:
    """One attempt. `answered` and `ended` are None while it did not come to that.

    Of a campaign of type flow nobody is called: it is answered at once, and talks for as long as its flow runs.
    """

    id: str
    target_id: str
    target: str  # its name
    number: str
    destination_index: int
    try_count: int
    dialed: int
    answered: int | None
    ended: int | None
    status: str  # dialing, progressing or done
    result: str  # success, fail, or "" while it goes on
    reason: str  # why the call was hung up: normal, busy, noanswer, ...
    refused: str  # why the call was not placed, or ""

    @property
    def rings(self) -> int | None:
        """How long it rang, or has been dialed in vain."""
        until = self.answered if self.answered is not None else self.ended
        return None if until is None else until - self.dialed

    @property
    def talks(self) -> int | None:
        return None if self.answered is None or self.ended is None else self.ended - self.answered

    def outcome(self) -> str:
        if not self.result:
            return "talks" if self.answered is not None else self.status
        if self.refused:
            return f"fail, refused: {self.refused}"
        return f"{self.result} {self.reason}".strip()


@dataclass(frozen=True)
class Timeline:
    """The attempts of a campaign, oldest first."""

    campaign_id: str
    name: str
    status: str
    now: int
    attempts: tuple[Attempt, ...]
    waits: str = ""  # what it waits for before it dials again

    def __iter__(self) -> Iterator[Attempt]:
        return iter(self.attempts)

    def __len__(self) -> int:
        return len(self.attempts)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def text(self, most: int | None = None) -> str:
        """A table; with `most`, of the newest attempts only."""
        shown = self.attempts if most is None else self.attempts[-most:]
        head = f"campaign {self.name or self.campaign_id}: {self.status} at {span(self.now)}, {len(self)} attempts"
        head += f"; it waits for {self.waits}" if self.waits else ""
        header = ("dialed", "target", "number", "slot", "try", "rings", "talks", "ended", "outcome")
        rows = [header, *(_cells(attempt) for attempt in shown)]
        widths = [max(len(row[n]) for row in rows) for n in range(len(header))]
        lines = [head, *("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)] if shown else [head]
        if len(shown) < len(self):
            lines.insert(1, f"... {len(self) - len(shown)} earlier ones")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text()

    def svg(self) -> str:
        """A picture: a lane for each target, in which rings, talks and waits follow each other."""
        return _picture(self)


def _cells(attempt: Attempt) -> tuple[str, ...]:
    return (
        span(attempt.dialed),
        attempt.target or attempt.target_id[:8],
        attempt.number,
        str(attempt.destination_index),
        str(attempt.try_count),
        *("" if each is None else f"{each / 1000:g}s" for each in (attempt.rings, attempt.talks)),
        "" if attempt.ended is None else span(attempt.ended),
        attempt.outcome(),
    )


def of_campaign(world: World, row: Row) -> Timeline:
    calls = [call for call in world.table(CAMPAIGNCALLS) if call.data["campaign_id"] == row.id]
    calls.sort(key=lambda call: call.created)
    started = row.data["started"]
    if started is None:
        started = calls[0].created if calls else world.clock.microseconds()
    now = max(0, world.clock.microseconds() - started) // MILLISECOND
    attempts = tuple(_attempt(world, call, started) for call in calls)
    return Timeline(row.id, row.data["name"], row.data["status"], now, attempts, dialer.waits_for(world, row))


def of_all(world: World) -> list[Timeline]:
    """Of every campaign that dialed, the one created first, first."""
    dialed = {call.data["campaign_id"] for call in world.table(CAMPAIGNCALLS)}
    rows = sorted((row for row in world.table(CAMPAIGNS) if row.id in dialed), key=lambda row: row.created)
    return [of_campaign(world, row) for row in rows]


def _attempt(world: World, call: Row, started: int) -> Attempt:
    data = call.data
    target = world.table(TARGETS).get(data["outdial_target_id"])
    made = world.table(CALLS).get(data["reference_id"]) if data["reference_id"] != NIL_UUID else None

    def since(moment: int | None) -> int | None:
        return None if moment is None else (moment - started) // MILLISECOND

    return Attempt(
        id=call.id,
        target_id=data["outdial_target_id"],
        target=target.data["name"] if target is not None else "",
        number=(data["destination"] or {}).get("target", ""),
        destination_index=data["destination_index"],
        try_count=data["try_count"],
        dialed=since(data["dialed"]) or 0 if data["dialed"] is not None else since(call.created) or 0,
        answered=since(data["answered"]),
        ended=since(data["ended"]),
        status=data["status"],
        result=data["result"],
        reason=made.data["hangup_reason"] if made is not None else "",
        refused=data["refused"],
    )


# --- the picture -----------------------------------------------------------------------------------

_NAMES, _WIDTH, _LANE, _TOP = 240, 760, 22, 62
_LEAST = 3  # units that a ring or a talk is wide, however short it was
_STYLE = """
.ring { fill: #e0a82e } .talk { fill: #3c9a5f } .wait { fill: #c9ced6 }
@media (prefers-color-scheme: dark) { .wait { fill: #525a64 } }
"""


def _picture(timeline: Timeline) -> str:
    lanes: dict[str, list[Attempt]] = {}
    for attempt in timeline.attempts:
        lanes.setdefault(attempt.target_id, []).append(attempt)
    shown = list(lanes.items())[:MOST_LANES]
    ends = [attempt.ended if attempt.ended is not None else timeline.now for attempt in timeline.attempts]
    width, height = _NAMES + _WIDTH + 30, _TOP + _LANE * max(1, len(shown)) + 34
    axis = Axis(_NAMES, _WIDTH, max([*ends, 1000]))
    count = "1 attempt" if len(timeline) == 1 else f"{len(timeline)} attempts"
    title = f"campaign {timeline.name or timeline.campaign_id}: {timeline.status} at {span(timeline.now)}, {count}"
    parts = [label(10, 20, title, "font-weight:bold"), *_legend(), *axis.lines(_TOP - 6, height - 26)]
    for position, (target_id, attempts) in enumerate(shown):
        parts += _lane(_TOP + _LANE * position, attempts, axis, timeline.now, target_id)
    if len(shown) < len(lanes):
        parts.append(label(10, height - 8, f"and {len(lanes) - len(shown)} more targets"))
    return picture(width, height, title, parts, _STYLE)


def _legend() -> Iterable[str]:
    x = _NAMES
    for name, kind in (("rings", "ring"), ("talks", "talk"), ("waits", "wait")):
        yield box(x, 28, 12, 12, kind)
        yield label(x + 17, 38, name)
        x += 80
    for name, good in (("succeeded", True), ("failed", False)):
        yield disc_or_cross(x + 6, 34, good)
        yield label(x + 17, 38, name)
        x += 95


def _lane(y: int, attempts: Sequence[Attempt], axis: Axis, now: int, target_id: str) -> Iterable[str]:
    number = printable(attempts[0].number, 17)
    yield label(10, y + 15, printable(attempts[0].target or target_id[:8], 32 - len(number)))
    yield label(_NAMES - 10, y + 15, number, anchor="end")
    first, last = attempts[0], attempts[-1]
    stop = last.ended if last.ended is not None else now
    yield box(axis.x(first.dialed), y + 9, axis.x(stop) - axis.x(first.dialed), 2, "wait")
    for attempt in attempts:
        over = attempt.ended if attempt.ended is not None else now
        answered = attempt.answered if attempt.answered is not None else over
        left, middle, right = (axis.x(each) for each in (attempt.dialed, answered, over))
        title = f"{span(attempt.dialed)} {attempt.number} try {attempt.try_count}: {attempt.outcome()}"
        middle = max(left + _LEAST, middle)
        yield box(left, y + 4, middle - left, 12, "ring", title)
        if attempt.answered is not None:
            right = max(middle + _LEAST, right)
            yield box(middle, y + 4, right - middle, 12, "talk", title)
        if attempt.result:
            yield disc_or_cross(max(middle, right), y + 10, attempt.result == "success", title)
