"""How flows run: one step after another, on the virtual clock.

A run is an activeflow. It has lists of actions ("stacks"; the flow's own is `main`), and does one action at a time.
What takes no time is done at once; what lasts is resumed by a timer, or by whoever knows that it is over. All state
is in members of the record that are not shown, so snapshots and dumps keep it. Times are milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api.flow_actions import Run
from voipbin_mock.areas.flows.differences import (
    POPS_BELOW,
)
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS
from voipbin_mock.areas.flows.runs import (
    CAME,
    FINISH,
    FOLLOWING,
    ID,
    MADE,
    MAIN,
    NOTHING,
    OPTION,
    OUTCOME,
    STACK,
    START,
    TYPE,
    WHEN,
    WHY,
    Plan,
    append,
    chain,
    change,
    counts,
    fails,
    locate,
    made,
    of,
    outcome_of,
    plan,
    running,
    soon,
    start,
    stop,
)
from voipbin_mock.areas.flows.steps import Steps
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

__all__ = [
    "CAME", "FINISH", "FOLLOWING", "ID", "MADE", "MAIN", "NOTHING", "OPTION", "OUTCOME", "STACK", "START", "TYPE",
    "WHEN", "WHY", "Plan", "Run", "append", "begins", "forced_next", "holds", "jump", "made", "of", "plan", "pop",
    "resume", "running", "soon", "start", "stop",
]  # fmt: skip


def begins(world: World, activeflow_id: str, unless_empty: bool = False) -> None:
    """Begin a run that did not begin yet: as far as its first action that lasts."""
    row = world.table(ACTIVEFLOWS).get(activeflow_id)
    if row is None or row.data["status"] == "ended" or row.data["begun"]:
        return
    if row.data["stacks"][MAIN][0] or not unless_empty:
        Steps(world, activeflow_id).go({"begun": True}, "the flow begins")


def first_step(world: World, activeflow_id: str) -> None:
    begins(world, activeflow_id)


# --- going on ----------------------------------------------------------------------------------------


def resume(world: World, activeflow_id: str, count: int, outcome: str = "", why: str = "") -> bool:
    """What its present action waited for has come. count: which one is meant (`Run.count`); is it another, nothing
    happens. Whether it went on."""
    row = world.table(ACTIVEFLOWS).get(activeflow_id)
    if row is None or row.data["status"] == "ended" or row.data["execute_count"] != count or not row.data["waits"]:
        return False
    data, values = _rests(world, row)
    values |= outcome_of(data, outcome, why)
    if data["trace"][-1][WHEN] != world.clock.microseconds():  # what took no time does not begin a new cycle
        values["cycle"] = 0
    if counts(data):
        values["resumes"] = data["resumes"] + 1
    Steps(world, activeflow_id).go(values, why if data["forward"] else FOLLOWING)
    return True


def _rests(world: World, row: Row) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """The present action lasts no longer: the record since, and what is to be written of it."""
    if row.data["timer"]:
        world.timers.cancel(row.data["timer"])
    values = {"waits": False, "timer": 0}
    declared = world.blueprint.action(row.data["present"].get("type", ""))
    if declared is None or declared.leaves is None or not row.data["waits"]:
        return row.data, values
    run = Run(world, row.id)
    change(world, row, values)
    declared.leaves(run)
    return run.data, {}


def resumes(world: World, activeflow_id: str, count: int, outcome: str, why: str) -> None:
    resume(world, activeflow_id, count, outcome, why)


def forced_next(world: World, activeflow_id: str, why: str, outcome: str = "cut") -> bool:
    """Cut the present action short, and go on. Whether there was one that lasted."""
    row = world.table(ACTIVEFLOWS).get(activeflow_id)
    return row is not None and resume(world, activeflow_id, row.data["execute_count"], outcome, why)


def jump(world: World, activeflow_id: str, target: str, why: str, stack_id: str = "", outcome: str = "cut") -> bool:
    """Cut the present action short, and go on with this one. Whether it is there, and there was one that lasted."""
    row = world.table(ACTIVEFLOWS).get(activeflow_id)
    if row is None or row.data["status"] == "ended" or not row.data["waits"]:
        return False
    found = locate(row.data, target, stack_id)
    if found is None:
        return False
    change(world, row, {"forward": list(found)})
    return resume(world, activeflow_id, row.data["execute_count"], outcome, why)


def holds(world: World, activeflow_id: str, stack_id: str) -> bool:
    """Whether a run is within this list of actions, however deep."""
    row = world.table(ACTIVEFLOWS).get(activeflow_id)
    return row is not None and row.data["status"] != "ended" and any(s == stack_id for s, _ in chain(row.data))


def pop(world: World, activeflow_id: str, stack_id: str, why: str, outcome: str = "") -> bool:
    """Leave a list of actions, and go on after what pushed it. Whether it could be done."""
    row = world.table(ACTIVEFLOWS).get(activeflow_id)
    if row is None or row.data["status"] == "ended":
        return False
    data = row.data
    if data["stack"] != stack_id and not (POPS_BELOW.of(world) and holds(world, activeflow_id, stack_id)):
        return False
    _, back, position, *_ = data["stacks"][stack_id]
    data, values = _rests(world, row)
    values |= {"cycle": 0, "stack": back, "position": position}
    values |= {"present": data["stacks"][back][0][position], "forward": None, **outcome_of(data, outcome, why)}
    Steps(world, activeflow_id).go(values, why)
    return True


TIMERS: Mapping[str, TimerHandler] = {
    "flow_begins": first_step,
    "flow_fails": fails,
    "flow_resumes": resumes,
}
