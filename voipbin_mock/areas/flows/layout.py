"""Where the nodes of a graph stand in a picture: in layers, from the first action down.

Ways that lead back are turned round while it is laid out; a way over several layers passes a point in each, so that
lines go round boxes. Everything is done in an order that the graph decides: one graph has one picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

SWEEPS = 4
LONGEST = 40  # layers that a line is drawn over; longer ones are named at both ends


class Layout(NamedTuple):
    """x of every point, its layer, and the points that each edge passes."""

    x: Mapping[int, float]
    layer: Mapping[int, int]
    bends: Mapping[tuple[int, int], Sequence[int]]
    width: float
    layers: int
    cut: frozenset[tuple[int, int]]  # edges that are too long to be drawn


def lay_out(count: int, edges: Iterable[tuple[int, int]], wide: float, narrow: float) -> Layout:
    """Of nodes 0 to count - 1. wide: what a node needs, narrow: what a bend of a line needs."""
    edges = list(dict.fromkeys((a, b) for a, b in edges if a != b))
    layer = _layers(count, edges)
    cut = frozenset((a, b) for a, b in edges if abs(layer[b] - layer[a]) > LONGEST)
    bends: dict[tuple[int, int], list[int]] = {}
    links: list[tuple[int, int]] = []
    points = count
    for a, b in edges:
        if (a, b) in cut:
            continue
        upper, lower = (a, b) if layer[a] <= layer[b] else (b, a)
        passed = []
        for level in range(layer[upper] + 1, layer[lower]):
            layer[points] = level
            passed.append(points)
            points += 1
        chain = [upper, *passed, lower]
        if layer[upper] != layer[lower]:
            links += pairwise(chain)
        bends[a, b] = passed if upper == a else passed[::-1]
    rows: list[list[int]] = [[] for _ in range(max(layer.values(), default=0) + 1)]
    for point in range(points):
        rows[layer[point]].append(point)
    above: dict[int, list[int]] = {point: [] for point in range(points)}
    below: dict[int, list[int]] = {point: [] for point in range(points)}
    for a, b in links:
        below[a].append(b)
        above[b].append(a)
    _order(rows, above, below)
    x = _places(rows, above, below, {point: wide if point < count else narrow for point in range(points)})
    return Layout(x, layer, bends, max(x.values(), default=0) + wide / 2, len(rows), cut)


def _layers(count: int, edges: Sequence[tuple[int, int]]) -> dict[int, int]:
    """As far down as the longest way from above; ways back do not count."""
    leads: dict[int, list[int]] = {}
    for a, b in edges:
        leads.setdefault(a, []).append(b)
    state: dict[int, int] = {}  # 1 while it is being gone through, 2 when it is done
    order: list[int] = []
    back: set[tuple[int, int]] = set()
    for root in range(count):
        if root in state:
            continue
        state[root] = 1
        work = [(root, iter(leads.get(root, ())))]
        while work:
            node, rest = work[-1]
            target = next(rest, None)
            if target is None:
                state[node] = 2
                order.append(node)
                work.pop()
            elif state.get(target) == 1:
                back.add((node, target))
            elif target not in state:
                state[target] = 1
                work.append((target, iter(leads.get(target, ()))))
    layer = dict.fromkeys(range(count), 0)
    for node in reversed(order):
        for target in leads.get(node, ()):
            if (node, target) not in back:
                layer[target] = max(layer[target], layer[node] + 1)
    return layer


def _order(rows: list[list[int]], above: Mapping[int, list[int]], below: Mapping[int, list[int]]) -> None:
    """Few crossings: each point near the middle of those it is joined to."""
    place = {point: position for row in rows for position, point in enumerate(row)}
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        near = above if down else below
        for row in rows if down else reversed(rows):
            middle = {p: sum(place[q] for q in near[p]) / len(near[p]) if near[p] else place[p] for p in row}
            row.sort(key=lambda point: (middle[point], point))
            for position, point in enumerate(row):
                place[point] = position


def _places(
    rows: Sequence[Sequence[int]],
    above: Mapping[int, list[int]],
    below: Mapping[int, list[int]],
    width: Mapping[int, float],
) -> dict[int, float]:
    """x of each point: below what leads to it, as far as its neighbours leave room."""
    x: dict[int, float] = {}
    for row in rows:
        _spread(row, x, width, {})
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        near = above if down else below
        for row in rows if down else reversed(rows):
            wanted = {p: sum(x[q] for q in near[p]) / len(near[p]) for p in row if near[p]}
            _spread(row, x, width, wanted)
    least = min((x[point] - width[point] / 2 for row in rows for point in row), default=0.0)
    return {point: round(value - least, 1) for point, value in x.items()}


def _spread(row: Sequence[int], x: dict[int, float], width: Mapping[int, float], wanted: Mapping[int, float]) -> None:
    """Put the points of a layer where they want to be, in their order and without overlap: blocks of those that touch
    stand where they want to on the whole."""
    blocks: list[list[float]] = []  # the sum of wanted lefts, how many points, the width
    for point in row:
        want = wanted.get(point, x.get(point, 0.0)) - width[point] / 2
        blocks.append([want, 1, width[point]])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] + blocks[-2][2] > blocks[-1][0] / blocks[-1][1]:
            total, several, wide = blocks.pop()
            before = blocks[-1]
            before[0] += total - several * before[2]
            before[1] += several
            before[2] += wide
    position = 0
    for total, several, _ in blocks:
        left = total / several
        for point in row[position : position + int(several)]:
            x[point] = left + width[point] / 2
            left += width[point]
        position += int(several)
