"""Pictures of flows: Mermaid text, and SVG of our own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from voipbin_mock.api.drawing import box, disc_or_cross, label, picture, printable, tip
from voipbin_mock.areas.flows.graph import END, NOWHERE, UNKNOWN, Graph, Node, shorten_text
from voipbin_mock.areas.flows.layout import Layout, lay_out

MOST_DRAWN = 400  # actions; more would be no picture


@dataclass(frozen=True)
class Marks:
    """What a picture shows beside the flow itself. steps: position -> the numbers of the steps that were it. taken:
    (position, outcome) -> how often. notes: position -> what is wrong with it. counted: whether what has no step was
    never run, and is drawn so."""

    steps: Mapping[int, Sequence[int]] = field(default_factory=dict)
    runs: Mapping[int, int] = field(default_factory=dict)
    taken: Mapping[tuple[int, str], int] = field(default_factory=dict)
    notes: Mapping[int, Sequence[str]] = field(default_factory=dict)
    counted: bool = False

    def missed(self, position: int) -> bool:
        return self.counted and not self.runs.get(position)

    def times(self, graph: Graph, position: int, target: int) -> int:
        """How often a run went from here to there."""
        ways = [way for way in graph.ways[position] if way.target == target]
        if any(way.outcome for way in ways):
            return sum(self.taken.get((position, way.outcome), 0) for way in ways)
        return self.runs.get(position, 0)


PLAIN = Marks()


# --- Mermaid -------------------------------------------------------------------------------------------


def mermaid(graph: Graph, marks: Marks = PLAIN) -> str:
    """A flowchart as Mermaid text, which GitHub and others draw."""
    shown = graph.nodes[:MOST_DRAWN]
    lines = ["flowchart TD"]
    ends: set[int] = set()
    for node in shown:
        steps = marks.steps.get(node.position)
        said = _quoted(f"{node.position} {f'({_numbers(steps)}) ' if steps else ''}{node}")
        noted = "".join(f"<br/>⚠ {_quoted(code)}" for code in marks.notes.get(node.position, ()))
        opened, closed = ("{{", "}}") if len(graph.grouped(node.position)) > 1 else ("[", "]")
        lines.append(f'    a{node.position}{opened}"{said}{noted}"{closed}')
    for link, (source, target, outcomes) in enumerate(_edges(graph, len(shown))):
        ends |= {target} & {END, NOWHERE, UNKNOWN}
        arrow = f'-- "{_quoted(outcomes)}" -->' if outcomes else "-->"
        lines.append(f"    a{source} {arrow} {_MERMAID_ENDS.get(target, f'a{target}')}")
        if marks.counted and marks.times(graph, source, target):
            lines.append(f"    linkStyle {link} stroke-width:4px")
        elif marks.counted:
            lines.append(f"    linkStyle {link} stroke-dasharray:4")
    lines += [f"    {_MERMAID_ENDS[each]}([{_MERMAID_NAMES[each]}])" for each in sorted(ends, reverse=True)]
    missed = [f"a{node.position}" for node in shown if marks.missed(node.position)]
    if missed:
        lines += ["    classDef missed stroke-dasharray:4", f"    class {','.join(missed)} missed"]
    if len(shown) < len(graph):
        lines.append(f"    more[/{len(graph) - len(shown)} more actions/]")
    return "\n".join([*lines, ""])


_MERMAID_ENDS = {END: "over", NOWHERE: "nowhere", UNKNOWN: "elsewhere"}
_MERMAID_NAMES = {END: "end", NOWHERE: "cut off", UNKNOWN: "known when it runs"}


def _quoted(text: str) -> str:
    """Without what would end a label, or be read as markup."""
    text = shorten_text(printable(text, 90), 90)
    for character, code in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("`", "#96;")):
        text = text.replace(character, code)
    return text


def _edges(graph: Graph, count: int) -> Iterator[tuple[int, int, str]]:
    """From where, to where, and by which outcomes; of the first so many actions."""
    for position in range(count):
        for target, said in graph.grouped(position):
            if target < count:
                yield position, target, said


def _numbers(steps: Sequence[int]) -> str:
    return ", ".join(map(str, steps[:5])) + (", ..." if len(steps) > 5 else "")


# --- SVG -----------------------------------------------------------------------------------------------

_WIDE, _HIGH, _GAP, _BEND = 190, 40, 24, 22
_PITCH, _TOP, _LEFT = 92, 44, 14
_STYLE = """
.node { fill: #f3f6fa; stroke: #7a8696 } .asks { fill: #e8f0fe } .run { stroke-width: 2.5 }
.missed { stroke-dasharray: 4 3 } .line { fill: none; stroke: #7a8696 } .taken { stroke-width: 3 }
.small { font-size: 10.5px } .note { fill: #b3261e; font-weight: bold } .head { fill: #7a8696 }
@media (prefers-color-scheme: dark) {
.node { fill: #20262e; stroke: #8b97a7 } .asks { fill: #1d2b45 } .line { stroke: #8b97a7 } .head { fill: #8b97a7 }
.note { fill: #ffb4ab }
}
"""
_ARROW = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M0 0L8 4 0 8Z"/></marker></defs>'
)


def svg(graph: Graph, marks: Marks = PLAIN) -> str:
    """The same as a picture: a box for each action, from the first one down."""
    shown = min(len(graph), MOST_DRAWN)
    edges = list(_edges(graph, shown))
    layout = lay_out(shown, [(a, b) for a, b, _ in edges if b >= 0], _WIDE + _GAP, _BEND)
    title = f"flow {graph.name or graph.id}: {len(graph)} actions".replace(" :", ":")
    width = max(360, layout.width + 2 * _LEFT)
    height = _TOP + _PITCH * max(1, layout.layers if shown else 1) + (20 if shown < len(graph) else 0)
    parts = [_ARROW, label(10, 20, title, "font-weight:bold")]
    outs: dict[int, list[tuple[int, str]]] = {}
    for source, target, said in edges:
        outs.setdefault(source, []).append((target, said))
    for source, several in outs.items():
        parts += _lines(graph, layout, marks, source, several)
    for node in graph.nodes[:shown]:
        parts += _box(graph, layout, marks, node)
    if shown < len(graph):
        parts.append(label(10, height - 8, f"and {len(graph) - shown} more actions"))
    return picture(round(width), height, title, parts, _STYLE)


def _at(layout: Layout, point: int) -> tuple[float, float]:
    """The middle of the top of a box, or where a line bends."""
    return layout.x[point] + _LEFT, _TOP + _PITCH * layout.layer[point]


def _box(graph: Graph, layout: Layout, marks: Marks, node: Node) -> Iterable[str]:
    x, y = _at(layout, node.position)
    left = round(x - _WIDE / 2, 1)
    kind = "node"
    if len(graph.grouped(node.position)) > 1:
        kind += " asks"
    if marks.missed(node.position):
        kind += " missed"
    elif marks.runs.get(node.position):
        kind += " run"
    codes = marks.notes.get(node.position, ())
    title = f"{node.position} {node}" + (f" - {', '.join(codes)}" if codes else "")
    yield box(left, y, _WIDE, _HIGH, kind, title)
    steps = marks.steps.get(node.position, ())
    head = f"{node.position} {node.type}" + (f" ({_numbers(steps)})" if steps else "")
    yield label(left + 8, y + 16, printable(head, 28), "font-weight:bold")
    yield _small(left + 8, y + 32, printable(node.text, 32))
    if codes:
        yield _small(left + _WIDE - 6, y + 14, "!", "note", "end")
    elif marks.counted and not marks.steps:
        yield _small(left + _WIDE - 6, y + 14, f"{marks.runs.get(node.position, 0)}x", anchor="end")


def _small(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    place = f'x="{round(x, 1)}" y="{round(y, 1)}" text-anchor="{anchor}"'
    return f'<text class="{f"small {kind}".strip()}" {place}>{escape(printable(text))}</text>'


def _lines(
    graph: Graph, layout: Layout, marks: Marks, source: int, several: Sequence[tuple[int, str]]
) -> Iterable[str]:
    """The ways on from an action, side by side at its lower edge; those back up leave it at its upper one."""
    x, y = _at(layout, source)
    up = [(target, said) for target, said in several if _leads_up(layout, source, target)]
    down = [each for each in several if each not in up]
    down.sort(key=lambda each: _aim(layout, source, each[0], x))
    step = min(44.0, (_WIDE - 30) / max(len(down), 1))
    starts = [(x + step * (slot - (len(down) - 1) / 2), y + _HIGH) for slot in range(len(down))]
    starts += [(x + _WIDE / 2 - 14, y)] * len(up)
    for slot, ((target, said), start) in enumerate(zip([*down, *up], starts, strict=True)):
        times = marks.times(graph, source, target) if marks.counted else 0
        kind = "line" + (" taken" if times else " missed" if marks.counted else "")
        title = f"{source} to {graph.place(target)}" + (f" by {said}" if said else "")
        yield from _line(layout, source, target, start, kind, title)
        if said:
            below = slot < len(down)
            yield _small(start[0] + 3, start[1] + (12 + 11 * (slot % 2) if below else -6), printable(said, 18))


def _leads_up(layout: Layout, source: int, target: int) -> bool:
    drawn = target >= 0 and target != source and (source, target) not in layout.cut
    return drawn and layout.layer[target] <= layout.layer[source]


def _aim(layout: Layout, source: int, target: int, x: float) -> float:
    if target < 0:
        return x
    passed = layout.bends.get((source, target)) or [target]
    return layout.x[passed[0]] + _LEFT


def _line(layout: Layout, source: int, target: int, start: tuple[float, float], kind: str, title: str) -> Iterable[str]:
    x, y = start
    if target < 0 or (source, target) in layout.cut:
        yield _path(f"M{x:.1f} {y:.1f}v26", kind, title, head=target >= 0)
        if target >= 0:
            yield _small(x + 4, y + 38, f"to {target}")
        elif target == UNKNOWN:
            yield _small(x + 4, y + 38, "?")
        else:
            yield disc_or_cross(x, y + 31, target == END, title)
    elif source == target:
        yield _path(f"M{x:.1f} {y:.1f}c0 30 120 30 {_WIDE / 2 - 20:.1f} -{_HIGH - 6}", kind, title)
    else:
        tx, ty = _at(layout, target)
        points = [(px, py + _HIGH / 2) for px, py in (_at(layout, p) for p in layout.bends[source, target])]
        end = (tx + _WIDE / 2 - 14, ty + _HIGH) if _leads_up(layout, source, target) else (tx, ty)
        yield _path(_curve([start, *points, end]), kind, title)


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """Through these points, upright at each."""
    (x, y), *rest = points
    said = [f"M{x:.1f} {y:.1f}"]
    for px, py in rest:
        middle = (y + py) / 2
        said.append(f"C{x:.1f} {middle:.1f} {px:.1f} {middle:.1f} {px:.1f} {py:.1f}")
        x, y = px, py
    return "".join(said)


def _path(d: str, kind: str, title: str, head: bool = True) -> str:
    marker = ' marker-end="url(#head)"' if head else ""
    return f'<path class="{kind}" d="{d}"{marker}>{tip(title)}</path>'
