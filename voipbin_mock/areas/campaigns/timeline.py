"""What a campaign did: its attempts as data, as a table, and as a picture.

Times are milliseconds from the campaign's first `run`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.campaigns.plan import span
from voipbin_mock.areas.campaigns.resources import CAMPAIGNCALLS, CAMPAIGNS, TARGETS
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import MILLISECOND
from voipbin_mock.world.world import World

MOST_LANES = 200  # of a picture; more would be no picture
MOST_ROWS = 100  # of a table in a test's report


@dataclass(frozen=True)
class Attempt:
    """One attempt. `answered` and `ended` are None while it did not come to that."""

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
    return Timeline(row.id, row.data["name"], row.data["status"], now, attempts)


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
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)
_LEAST = 3  # units that a ring or a talk is wide, however short it was
# Light or dark, as whoever looks has it.
_STYLE = """
svg { font: 12px sans-serif; color-scheme: light dark; }
.ground { fill: #ffffff } text { fill: #20262e } .grid { stroke: #e6e9ee }
.ring { fill: #e0a82e } .talk, .success { fill: #3c9a5f } .fail { fill: #c8453b } .wait { fill: #c9ced6 }
.mark { stroke: #ffffff; stroke-width: .8 }
@media (prefers-color-scheme: dark) {
.ground { fill: #16191d } text { fill: #dfe3e8 } .grid { stroke: #31363d }
.wait { fill: #525a64 } .mark { stroke: #16191d }
}
"""


def _picture(timeline: Timeline) -> str:
    lanes: dict[str, list[Attempt]] = {}
    for attempt in timeline.attempts:
        lanes.setdefault(attempt.target_id, []).append(attempt)
    shown = list(lanes.items())[:MOST_LANES]
    ends = [attempt.ended if attempt.ended is not None else timeline.now for attempt in timeline.attempts]
    end = max([*ends, 1000])
    width, height = _NAMES + _WIDTH + 30, _TOP + _LANE * max(1, len(shown)) + 34
    count = "1 attempt" if len(timeline) == 1 else f"{len(timeline)} attempts"
    title = f"campaign {timeline.name or timeline.campaign_id}: {timeline.status} at {span(timeline.now)}, {count}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'style="max-width:100%;height:auto" role="img">',
        f"<title>{escape(_printable(title))}</title><style>{_STYLE}</style>",
        '<rect class="ground" width="100%" height="100%"/>',
        _label(10, 20, title, "font-weight:bold"),
        *_legend(),
        *_axis(end, height),
    ]
    for position, (target_id, attempts) in enumerate(shown):
        parts += _lane(_TOP + _LANE * position, attempts, end, timeline.now, target_id)
    if len(shown) < len(lanes):
        parts.append(_label(10, height - 8, f"and {len(lanes) - len(shown)} more targets"))
    return "\n".join([*parts, "</svg>", ""])


def _x(milliseconds: int, end: int) -> float:
    return round(_NAMES + _WIDTH * milliseconds / end, 2)


def _label(x: float, y: float, text: str, style: str = "", anchor: str = "start") -> str:
    more = f' style="{style}"' if style else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}"{more}>{escape(_printable(text))}</text>'


def _printable(text: str, most: int = 80) -> str:
    """Without what XML cannot hold, and no longer than fits."""
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= most else text[: most - 1] + "…"


def _box(x: float, y: float, width: float, height: float, kind: str, title: str = "") -> str:
    inside = f"<title>{escape(_printable(title))}</title>" if title else ""
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{round(width, 2)}" height="{height}">{inside}</rect>'


def _mark(x: float, y: float, result: str, title: str = "") -> str:
    """How an attempt ended, by shape and colour: a disc for a success, a cross for a failure."""
    inside = f"<title>{escape(_printable(title))}</title>" if title else ""
    if result == "success":
        return f'<circle class="mark success" cx="{round(x, 2)}" cy="{y}" r="5">{inside}</circle>'
    arms = "M-5-3 L-3-5 0-2 3-5 5-3 2 0 5 3 3 5 0 2-3 5-5 3-2 0Z"
    return f'<path class="mark fail" transform="translate({round(x, 2)} {y})" d="{arms}">{inside}</path>'


def _legend() -> Iterable[str]:
    x = _NAMES
    for name, kind in (("rings", "ring"), ("talks", "talk"), ("waits", "wait")):
        yield _box(x, 28, 12, 12, kind)
        yield _label(x + 17, 38, name)
        x += 80
    for name, result in (("succeeded", "success"), ("failed", "fail")):
        yield _mark(x + 6, 34, result)
        yield _label(x + 17, 38, name)
        x += 95


def _axis(end: int, height: int) -> Iterable[str]:
    step = next((each for each in _STEPS if end / 1000 / each <= 9), -(-end // 9000 // 86_400 + 1) * 86_400)
    for moment in range(0, end + 1, step * 1000):
        x = _x(moment, end)
        yield f'<line class="grid" x1="{x}" y1="{_TOP - 6}" x2="{x}" y2="{height - 26}"/>'
        yield _label(x, height - 10, span(moment), anchor="middle")


def _lane(y: int, attempts: Sequence[Attempt], end: int, now: int, target_id: str) -> Iterable[str]:
    number = _printable(attempts[0].number, 17)
    yield _label(10, y + 15, _printable(attempts[0].target or target_id[:8], 32 - len(number)))
    yield _label(_NAMES - 10, y + 15, number, anchor="end")
    first, last = attempts[0], attempts[-1]
    stop = last.ended if last.ended is not None else now
    yield _box(_x(first.dialed, end), y + 9, _x(stop, end) - _x(first.dialed, end), 2, "wait")
    for attempt in attempts:
        over = attempt.ended if attempt.ended is not None else now
        answered = attempt.answered if attempt.answered is not None else over
        left, middle, right = (_x(each, end) for each in (attempt.dialed, answered, over))
        title = f"{span(attempt.dialed)} {attempt.number} try {attempt.try_count}: {attempt.outcome()}"
        middle = max(left + _LEAST, middle)
        yield _box(left, y + 4, middle - left, 12, "ring", title)
        if attempt.answered is not None:
            right = max(middle + _LEAST, right)
            yield _box(middle, y + 4, right - middle, 12, "talk", title)
        if attempt.result:
            yield _mark(max(middle, right), y + 10, attempt.result, title)
