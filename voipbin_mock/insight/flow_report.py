"""The part of a coverage report that is about flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

from voipbin_mock.areas.flows import diagram
from voipbin_mock.areas.flows.diagram import Marks
from voipbin_mock.areas.flows.graph import Graph, build
from voipbin_mock.insight.shares import MOST_NAMED, figures, row, share, shown_share
from voipbin_mock.world.profiles import PROFILES

if TYPE_CHECKING:
    from voipbin_mock.api.catalog import Catalog
    from voipbin_mock.insight.flow_coverage import FlowCounts


class FlowReport:
    """What of one flow was taken. What no way leads to, and outcomes that cannot be, do not count."""

    def __init__(self, catalog: Catalog, key: str, counts: FlowCounts) -> None:
        self.key, self.name, self.counts = key, counts.name, counts
        graphs = [build(counts.actions, catalog.action, PROFILES[name], name=counts.name) for name in counts.profiles]
        self.graph: Graph = graphs[0]
        reached = set().union(*(graph.reached() for graph in graphs))
        # What ran was reached, whatever the graph says: a variable may name a target.
        self.actions = {node.position: counts.runs[node.position] for node in self.graph.nodes}
        self.unreachable = [place for place, count in self.actions.items() if place not in reached and not count]
        known = dict.fromkeys(each for graph in graphs for each in graph.outcomes())
        self.outcomes = {each: counts.outcomes[each] for each in known if each[0] not in self.unreachable}

    @property
    def covered(self) -> int:
        return sum(1 for several in (self.actions, self.outcomes) for count in several.values() if count)

    @property
    def total(self) -> int:
        return len(self.actions) - len(self.unreachable) + len(self.outcomes)

    @property
    def percent(self) -> float:
        return share(self.covered, self.total)

    @property
    def missing(self) -> list[str]:
        """What no test took, in words: `4 talk "Sales."`, `3 branch: default`."""
        actions = [str(place) for place, count in self.actions.items() if not count and place not in self.unreachable]
        named = [f"{place} {self.graph.nodes[int(place)]}" for place in actions]
        return [*named, *(self.graph.outcome(*each) for each, count in self.outcomes.items() if not count)]

    def marks(self) -> Marks:
        return Marks(runs=self.counts.runs, taken=self.counts.outcomes, counted=True)

    def svg(self) -> str:
        """The flow as a picture, with how often each action ran; dashed is what no test took."""
        return diagram.svg(self.graph, self.marks())

    def mermaid(self) -> str:
        return diagram.mermaid(self.graph, self.marks())

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "key": self.key,
            **figures(self.covered, self.total),
            "actions": [
                {
                    "position": node.position,
                    "type": node.type,
                    "text": node.text,
                    "count": self.actions[node.position],
                    "unreachable": node.position in self.unreachable,
                }
                for node in self.graph.nodes
            ],
            "outcomes": [
                {"position": position, "outcome": outcome, "count": count}
                for (position, outcome), count in self.outcomes.items()
            ],
        }


class FlowsReport:
    """What of all flows that ran was taken, by name. The shares are over actions and outcomes together."""

    def __init__(self, catalog: Catalog, counted: Mapping[str, FlowCounts]) -> None:
        self._catalog, self._counted = catalog, counted

    @cached_property
    def flows(self) -> list[FlowReport]:
        found = [FlowReport(self._catalog, key, counts) for key, counts in self._counted.items()]
        return sorted(found, key=lambda flow: (flow.name, flow.key))

    def __iter__(self) -> Iterator[FlowReport]:
        return iter(self.flows)

    def __len__(self) -> int:
        return len(self.flows)

    @property
    def covered(self) -> int:
        return sum(flow.covered for flow in self.flows)

    @property
    def total(self) -> int:
        return sum(flow.total for flow in self.flows)

    @property
    def percent(self) -> float:
        return share(self.covered, self.total)

    def rows(self) -> Iterator[tuple[str, int, int]]:
        """Title, covered, total: of actions, and of outcomes."""
        counts = [
            (
                "flow actions",
                [n for flow in self.flows for at, n in flow.actions.items() if at not in flow.unreachable],
            ),
            ("flow outcomes", [n for flow in self.flows for n in flow.outcomes.values()]),
        ]
        for title, several in counts:
            yield title, sum(1 for count in several if count), len(several)

    def text(self) -> Iterator[str]:
        """Lines for a terminal."""
        for title, covered, total in self.rows():
            yield row(title, covered, total)
        for flow in self.flows:
            missing = flow.missing
            if missing:
                more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
                named = ", ".join(missing[:MOST_NAMED])
                yield f"flow {flow.name}: {shown_share(flow.covered, flow.total)}, not taken: {named}{more}"

    def as_dict(self) -> dict[str, Any]:
        return {**figures(self.covered, self.total), "items": [flow.as_dict() for flow in self.flows]}

    def html(self) -> str:
        """A part of the page: each flow with its picture."""
        return "".join(map(_section, self.flows))


def _section(flow: FlowReport) -> str:
    title = f"flow {flow.name}: {shown_share(flow.covered, flow.total)}"
    missing = "".join(f"<li>{escape(each)}</li>\n" for each in flow.missing)
    listed = f"<p>Not taken:</p>\n<ul>\n{missing}</ul>\n" if missing else ""
    return f"<details><summary>{escape(title)}</summary>\n{listed}{flow.svg()}</details>\n"
