"""A flow as a test looks at it before it runs: its graph, as text and as pictures, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from voipbin_mock.areas.flows import diagram, linting
from voipbin_mock.areas.flows.diagram import PLAIN, Marks
from voipbin_mock.areas.flows.findings import HINT, Finding
from voipbin_mock.areas.flows.graph import Graph, Node
from voipbin_mock.areas.flows.resources import FLOWS
from voipbin_mock.wire.values import id_of
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from voipbin_mock.api.records import Stored
    from voipbin_mock.areas.flows.callers import Caller


class FlowView:
    """What `voipbin.flow(id)` gives: the flow as it is at that moment. `print` shows it, a line an action."""

    def __init__(self, graph: Graph, found: Sequence[Finding], look: Callable[[str], Marks] = lambda of: PLAIN) -> None:
        self.id, self.name = graph.id, graph.name
        self.graph = graph
        self._found = found
        self._look = look

    @property
    def actions(self) -> tuple[Node, ...]:
        """Its actions in order, each with `position`, `id`, `type`, `text` and `option`."""
        return self.graph.nodes

    def __iter__(self) -> Iterator[Node]:
        return iter(self.graph.nodes)

    def __len__(self) -> int:
        return len(self.graph)

    def lint(self) -> list[Finding]:
        """What is wrong with it: each with `code`, `severity` (error, warning, hint), `pointer`, `message`, `advice`.

        Codes that the setting `ignore` names are left out; "all" leaves out none of them here.
        """
        return list(self._found)

    def text(self) -> str:
        """A line for each action, and where it leads if not to the next."""
        return self.graph.text()

    def mermaid(self, runs: bool | str | Stored = False) -> str:
        """A flowchart as Mermaid text. What is wrong with an action stands in its box.

        runs: True shows what all runs in this mock took, and dashed what none did; a call, or a run of the flow
        (record or id), what that one took, its steps numbered. Raises LookupError.
        """
        return diagram.mermaid(self.graph, self._marks(runs))

    def svg(self, runs: bool | str | Stored = False) -> str:
        """The same as a picture: one SVG document without script, light or dark as it is looked at."""
        return diagram.svg(self.graph, self._marks(runs))

    def callers(self) -> list[Caller]:
        """Few callers that take every outcome that can be taken: for each, what it presses where (`presses`), what it
        takes, and what has to be arranged beside (`needs`), such as the value of a variable."""
        from voipbin_mock.areas.flows.callers import callers

        return callers(self.graph)

    def outcome(self, position: int, outcome: str) -> str:
        """An outcome of an action, in words: `3 branch: default`."""
        return self.graph.outcome(position, outcome)

    def as_dict(self) -> dict[str, Any]:
        """The graph as JSON: actions with their ways on, and the findings."""
        return {**self.graph.as_dict(), "lint": [finding.as_dict() for finding in self._found]}

    def _marks(self, runs: bool | str | Stored) -> Marks:
        taken = PLAIN if runs is False else self._look("" if runs is True else id_of(runs))
        return replace(taken, notes=noted(self._found))

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<flow {self.name or self.id}: {len(self)} actions>"


def noted(found: Sequence[Finding]) -> Mapping[int, list[str]]:
    """Position -> the codes of what is wrong there, hints left out."""
    notes: dict[int, list[str]] = {}
    for finding in found:
        position = finding.position
        if position >= 0 and finding.severity != HINT and finding.code not in notes.get(position, ()):
            notes.setdefault(position, []).append(finding.code)
    return notes


def view(world: World, flow_id: str) -> FlowView:
    """Of a flow that is there, deleted or not. Raises LookupError."""
    row = world.table(FLOWS).get(flow_id)
    if row is None:
        raise LookupError(f"no flow {flow_id!r} in this mock")
    data = row.data
    several, named = data["actions"], {"flow_id": row.id, "name": str(data["name"])}
    graph = linting.graph_of(world, several, row.account, **named)
    found = linting.of_actions(world, several, several, row.account, **named, on_complete=data["on_complete_flow_id"])
    return FlowView(graph, found, partial(_looked, world, row.id, several))


def _looked(world: World, flow_id: str, actions: Sequence[Any], of: str) -> Marks:
    from voipbin_mock.areas.flows import taken

    with world.looking():
        return taken.marks(world, flow_id, actions, of)


def of_body(world: World, body: Mapping[str, Any]) -> FlowView:
    """Of the body of a request that makes a flow; what it refers to is not looked for."""
    raw = body["actions"]
    several = [each if isinstance(each, Mapping) else {} for each in raw]
    name = str(body.get("name") or "")
    graph = linting.graph_of(world, several, "", name=name)
    return FlowView(graph, linting.of_actions(world, several, several, None, name=name))
