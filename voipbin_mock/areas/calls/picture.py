"""A call as a picture: a bar for each of its legs, and its flow's actions on one axis of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from voipbin_mock.api.drawing import Axis, box, disc_or_cross, label, picture

if TYPE_CHECKING:
    from voipbin_mock.areas.calls.live import LiveCall

LEFT, WIDTH, ROW, TOP = 190, 700, 24, 34
MOST_ACTIONS = 60
Shape = Callable[[int], str]  # made for the row that begins at this height
_STYLE = ".leg { fill: #9aa7b8 } .talked { fill: #5b8fd0 } .action { fill: #d9a441 } .service { fill: #b9b0d8 }"


def drawn(call: LiveCall) -> str:
    """The picture as SVG text."""
    end = max(
        1000, _milliseconds(call.lasted), *[_milliseconds(leg.began - call.began + leg.lasted) for leg in call.legs]
    )
    axis = Axis(LEFT, WIDTH, end)
    rows = [*_legs(call, axis), *_actions(call, axis)]
    bottom = TOP + ROW * len(rows)
    parts = [
        *axis.lines(TOP, bottom),
        label(8, 20, f"call {call.id[:8]}: {call.ended or call.status}", "font-weight:600"),
    ]
    for number, (title, shapes) in enumerate(rows):
        y = TOP + ROW * number
        parts.append(label(8, y + 16, title))
        parts += [shape(y) for shape in shapes]
    return picture(LEFT + WIDTH + 40, bottom + 30, f"call {call.id}", parts, _STYLE)


def _legs(call: LiveCall, axis: Axis) -> Iterator[tuple[str, list[Shape]]]:
    for leg in (call, *call.legs):
        record = leg.record
        began = _milliseconds(leg.began - call.began)
        over = began + _milliseconds(leg.lasted)
        other = record.source if record.direction == "incoming" else record.destination
        title = f"{leg.status} {leg.hangup_reason}".strip()
        shapes = [_bar(axis, began, over, "leg", f"{other['target']}: {title}")]
        if record.tm_progressing is not None:
            shapes.append(_bar(axis, _milliseconds(record.tm_progressing - call.began), over, "talked", "answered"))
        if leg.over:
            shapes.append(_end(axis, over, leg.hangup_reason == "normal", title))
        yield f"{record.direction} {other['target']}"[:26], shapes


def _actions(call: LiveCall, axis: Axis) -> Iterator[tuple[str, list[Shape]]]:
    trace = [row for row in call.trace if not row.skipped]
    end = _milliseconds(call.lasted)
    for number, row in enumerate(trace[-MOST_ACTIONS:], max(0, len(trace) - MOST_ACTIONS)):
        until = trace[number + 1].at if number + 1 < len(trace) else end
        title = " ".join(filter(None, [row.type, str(row.option.get("text", "")), row.outcome, row.why]))
        yield row.type, [_bar(axis, row.at, max(until, row.at), "service" if row.made else "action", title)]


def _bar(axis: Axis, start: int, end: int, kind: str, title: str) -> Shape:
    x = axis.x(start)
    return lambda y: box(x, y + 5, max(2.0, axis.x(end) - x), 14, kind, title)


def _end(axis: Axis, at: int, good: bool, title: str) -> Shape:
    return lambda y: disc_or_cross(axis.x(at), y + 12, good, title)


def _milliseconds(span: timedelta) -> int:
    return max(0, round(span / timedelta(milliseconds=1)))
