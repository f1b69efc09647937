"""What the far end of a call does by itself: the steps that it was given, each at its action."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.calls import far_end, voice
from voipbin_mock.areas.calls.far_end import Step, fits, waits
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.flows import engine
from voipbin_mock.areas.flows.runs import trace_of
from voipbin_mock.wire.durations import milliseconds
from voipbin_mock.wire.matching import near_name
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import PHONE
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

TALKING = {"confbridge_join", "hangup"}  # what a call does that is made for another one
NEVER = ", which never comes: this call only talks to another one, which runs the flow"


def checked(world: World, steps: Iterable[Any]) -> tuple[Step, ...]:
    """Steps that wait for actions there are. Raises ValueError."""
    several = far_end.checked(steps)
    for step in several:
        if step.at and world.blueprint.action(step.at) is None:
            near = near_name(step.at, world.blueprint.action_types)
            hint = f"; did you mean {near!r}?" if near else "; at= takes the type of an action, such as 'talk'"
            raise ValueError(f"{step}: there is no action {step.at!r}{hint}")
    return several


def give(world: World, call_id: str, steps: Iterable[Step], since: int | None = None) -> None:
    """The far end of a call is to do this, from now on; what it was to do else is forgotten.

    since: from which action of its run on, by number, the first step looks for its own; None: the present one.
    """
    row = voice.live(world, call_id)
    if row is not None:
        seen = _present(world, row) if since is None else since
        script = [step.as_dict() for step in steps]
        crud.keep(world, CALLS, row, {"script": script, "step": 0, "armed": False, "met": 0, "seen": seen, "keyed": 0})
        never = next((step for step in steps if _may_never_come(step)), None)
        if never is not None and _only_talks(world, row):
            logger.warning("call %s: %s", call_id, said(world, never, row))
        _next(world, call_id)


def _may_never_come(step: Step) -> bool:
    """Whether a step waits for what a call does not do that only talks."""
    return bool(step.waits_for) and step.at not in TALKING


def _only_talks(world: World, row: Row) -> bool:
    """Whether a call does nothing but talk to another one, which runs the flow."""
    run = engine.of(world, row.data["activeflow_id"])
    lists = [] if run is None else run.data["stacks"].values()
    return {action.get("type") for actions, *_ in lists for action in actions} == TALKING


def said(world: World, step: Step, row: Row, pressed: int = 0, met: int = 0) -> str:
    """A step that was not done, and what it waits for. pressed: how many of its keys were. met: how many of the actions
    that it waits for came."""
    if pressed:
        return f"{step}: {step.value[:pressed]} is pressed, {step.value[pressed:]} is not"
    if not step.waits_for:
        return str(step)
    never = NEVER if _may_never_come(step) and _only_talks(world, row) else ""
    return f"{step} waits for {step.waits_for}{_nth(step, met)}{never}"


def _nth(step: Step, met: int) -> str:
    """Which one it waits for, if not the first that comes."""
    return f": number {step.nth} since the step before, and {met} came" if step.nth > 1 else ""


def left(row: Row) -> list[Mapping[str, Any]]:
    """The steps that were not done."""
    return list((row.data["script"] or ())[row.data["step"] :])


def cue(world: World, row: Row) -> None:
    """An action of the call's flow has begun that lasts."""
    if not row.data["script"] or row.data["armed"]:
        return
    step = _pending(row)
    if step is not None and waits(step):
        _meet(world, row, step)


def _count(world: World, row: Row) -> int:
    """How many actions the call's flow has begun."""
    run = engine.of(world, row.data["activeflow_id"])
    return 0 if run is None else run.count


def _present(world: World, row: Row) -> int:
    """The number, from 0, of the action that lasts now; else of the one that comes next."""
    run = engine.of(world, row.data["activeflow_id"])
    return 0 if run is None else max(0, run.count - bool(run.data["waits"]))


def _pending(row: Row) -> Mapping[str, Any] | None:
    script, position = row.data["script"] or (), row.data["step"]
    found: Mapping[str, Any] | None = script[position] if position < len(script) else None
    return found


def _next(world: World, call_id: str) -> None:
    """The next step is due: at once, or at the action that it waits for, which may be the present one."""
    row = voice.live(world, call_id)
    step = _pending(row) if row is not None else None
    if row is None or step is None:
        return
    if not waits(step):
        _arm(world, row, step)
        return
    _meet(world, row, step)


def _meet(world: World, row: Row, step: Mapping[str, Any]) -> None:
    """Whether the action that a step waits for has begun: the first such one, or the nth. It may be over already."""
    run = engine.running(world, row.data["activeflow_id"])
    if run is None:
        return
    trace, count = trace_of(run.data), run.count
    met = row.data["met"]
    for entry in trace[max(0, row.data["seen"] - (count - len(trace))) :]:
        if entry[engine.OUTCOME] != "skipped":
            met += fits(step, entry[engine.TYPE], entry[engine.ID], entry[engine.OPTION])
    row = crud.keep(world, CALLS, row, {"met": met, "seen": count})
    if met >= step.get("nth", 1):
        _arm(world, row, step)


def _arm(world: World, row: Row, step: Mapping[str, Any]) -> None:
    row = crud.keep(world, CALLS, row, {"armed": True})
    _plan(world, row, milliseconds(step["after"]), 0)


def _plan(world: World, row: Row, milliseconds: int, key: int) -> None:
    args = (row.id, row.data["step"], key)
    timer = world.timers.call_in(milliseconds, "far_end_acts", *args, order=PHONE, rank=row.data["rank"])
    crud.keep(world, CALLS, row, {"timers": [*(row.data["timers"] or ()), timer]})


def acts(world: World, call_id: str, position: int, key: int) -> None:
    """A step is done, or one key of it."""
    row = voice.live(world, call_id)
    if row is None or row.data["step"] != position or not row.data["armed"]:
        return
    step, count = _pending(row), _count(world, row)
    assert step is not None
    if "press" in step and key + 1 < len(step["press"]):
        _plan(
            world,
            crud.keep(world, CALLS, row, {"keyed": key + 1}),
            milliseconds(step.get("every", far_end.BETWEEN)),
            key + 1,
        )
    else:
        crud.keep(world, CALLS, row, {"step": position + 1, "armed": False, "met": 0, "seen": count, "keyed": 0})
    if "press" in step:
        voice.press(world, call_id, step["press"][key])
    elif "say" in step:
        voice.says(world, call_id, step["say"])
    elif "hangup" in step:
        voice.hangs_up(world, call_id, step.get("reason", far_end.NORMAL))
    now = world.table(CALLS).get(call_id)
    if now is not None and not now.data["armed"] and now.data["step"] == position + 1:
        if _count(world, now) == count:  # the action that it was done at may be the next one's, too
            crud.keep(world, CALLS, now, {"seen": _present(world, now)})
        _next(world, call_id)


TIMERS: Mapping[str, TimerHandler] = {"far_end_acts": acts}
