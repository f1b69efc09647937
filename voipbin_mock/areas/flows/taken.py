"""Which actions and outcomes of which flows a run took, read from its trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.api.flow_actions import Action
from voipbin_mock.areas.flows.diagram import Marks
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS, FLOWS
from voipbin_mock.areas.flows.runs import ID, MAIN, OPTION, OUTCOME, STACK, TYPE, trace_of

if TYPE_CHECKING:
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.world import World

_FETCHED = "fetch_flow-"  # how the list of actions of a fetched flow is called in a run


class Taken(NamedTuple):
    """An action of a flow that a run did. outcome: what came of it; "" while that is open, or if it can only go on."""

    flow_id: str
    actions: Sequence[Action]
    position: int
    outcome: str
    open: bool = False  # whether actions that it began are still going on, which decide what comes of it


def numbered(world: World, row: Row) -> Iterator[tuple[int, Taken]]:
    """What a run did, oldest first, with the numbers of its steps from 0; what was skipped is left out.

    Flows that it fetched are told of as themselves; actions that no flow has (of a queue, a bridge) are not.
    """
    data = row.data
    flow_of: dict[str, str] = {MAIN: data["flow_id"]}
    actions_of: dict[str, Sequence[Action]] = {MAIN: data["stacks"][MAIN][0]}
    places: dict[str, Mapping[str, int]] = {}
    trace = trace_of(data)
    forgotten = data["execute_count"] - len(trace)  # of a long run the newest are kept
    fetched = ""
    for number, entry in enumerate(trace, forgotten):
        stack = entry[STACK]
        if stack not in actions_of:
            flow = world.table(FLOWS).get(fetched) if stack.startswith(_FETCHED) else None
            flow_of[stack], actions_of[stack] = (flow.id, flow.data["actions"]) if flow is not None else ("", ())
        fetched = str(entry[OPTION].get("flow_id") or "") if entry[TYPE] == "fetch_flow" else fetched
        if stack not in places:
            places[stack] = {action["id"]: place for place, action in reversed([*enumerate(actions_of[stack])])}
        position = places[stack].get(entry[ID])
        if position is not None and entry[OUTCOME] != "skipped":
            outcome, open_ = _outcome(world, data, trace, number - forgotten)
            yield number, Taken(flow_of[stack], actions_of[stack], position, outcome, open_)


def _outcome(world: World, data: Mapping[str, Any], trace: list[Any], index: int) -> tuple[str, bool]:
    """What came of an action, and whether that is open. One that began others (a connect, which waits in a bridge) came
    to what the last of these did."""
    entry = trace[index]
    declared = world.blueprint.action(entry[TYPE])
    if entry[OUTCOME] or declared is None or len(declared.outcomes) < 2:
        return entry[OUTCOME], False
    after = index + 1
    while after < len(trace) and trace[after][STACK] != entry[STACK]:
        after += 1
    last = trace[after - 1]
    known = last is not entry and last[OUTCOME] in declared.outcomes
    return (last[OUTCOME] if known else ""), not known and after == len(trace) and data["status"] != "ended"


def marks(world: World, flow_id: str, actions: Sequence[Action], of: str = "") -> Marks:
    """What runs took of a flow as it is now, for a picture. of: one run, or the call of one; empty: all."""
    table = world.table(ACTIVEFLOWS)
    rows = [row for row in table if not of or of in (row.id, row.data["reference_id"])]
    if of and not rows:
        raise LookupError(f"no run of a flow, and no call that had one, has the id {of!r}")
    runs: Counter[int] = Counter()
    outcomes: Counter[tuple[int, str]] = Counter()
    steps: dict[int, list[int]] = {}
    for row in rows:
        for number, each in numbered(world, row):
            if each.flow_id == flow_id and each.actions == actions:
                runs[each.position] += 1
                outcomes[each.position, each.outcome] += 1
                if of:
                    steps.setdefault(each.position, []).append(number + 1)
    return Marks(steps=steps, runs=runs, taken=outcomes, counted=True)
