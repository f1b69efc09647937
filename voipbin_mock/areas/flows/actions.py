"""Flow actions that need nothing but the flow: jumps, variables, other flows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from voipbin_mock.api.flow_actions import (
    ANY,
    ENDS,
    INTEGER,
    OBJECT,
    OTHERS,
    STRING,
    ActionFailed,
    Done,
    Ended,
    FlowAction,
    Goto,
    Option,
    Pushed,
    Result,
    Run,
    Waits,
)
from voipbin_mock.areas.flows import conditions
from voipbin_mock.areas.flows.differences import GOTOS_RUN_OUT
from voipbin_mock.areas.flows.resources import FLOWS
from voipbin_mock.areas.flows.variables import LONGEST, size_of, substituted
from voipbin_mock.world.profiles import Profile


def branch(run: Run, option: Option) -> Result:
    """By the exact text of a variable, which is empty from then on."""
    name = option.get("variable") or conditions.DIGITS
    value = run.variables.get(name, "")
    targets = option.get("target_ids") or {}
    if value in targets:
        why, target, outcome = f'"{value}" is a key of target_ids', targets[value], value
    else:
        keys = ", ".join(list(targets)[:10]) or "none"
        why = f'"{value}" is no key of target_ids ({keys}): default_target_id'
        target, outcome = option.get("default_target_id"), "default"
    run.set(name, "")
    return Goto(target if isinstance(target, str) else "", outcome, why)


def goto(run: Run, option: Option) -> Result:
    """So many times, counted for each goto of a run."""
    world, data = run.world, run.data
    key = data["present"].get("id", "")
    gotos = data["gotos"] or {}
    left: int = gotos[key] if key in gotos else option.get("loop_count") or 0
    if left <= 0:
        return Done("passed", "no jumps are left" if key in gotos else "loop_count is 0")
    now = left - 1
    if now == 0 and not GOTOS_RUN_OUT.of(world):
        now = 1  # the zero is lost on its way (server)
    run.count_goto(key, now)
    return Goto(option.get("target_id") or "", "jumped", f"jumps that are left: {now}")


def goto_never(option: Mapping[str, Any], profile: Profile) -> Collection[str]:
    count = option.get("loop_count")
    if type(count) is not int or count <= 0:
        return ("jumped",)
    return () if GOTOS_RUN_OUT.by(profile) else ("passed",)


def stop(run: Run, option: Option) -> Result:
    return Ended("the action stop")


def variable_set(run: Run, option: Option) -> Result:
    """The value is substituted a second time."""
    name, known = option.get("key") or "", run.variables
    value = substituted(option.get("value") or "", lambda each: known.get(each, ""))
    if size_of(value) > LONGEST:
        raise ActionFailed(
            f"{name} stays as it is: a value of {size_of(value)} bytes is too long, {LONGEST} are the most"
        )
    run.set(name, value)
    return Done("", f"{name} is now {value!r:.200}")


def fetch_flow(run: Run, option: Option) -> Result:
    """The actions that a flow has at this moment; a deleted flow has them still."""
    flow_id = option.get("flow_id") or ""
    flow = run.world.table(FLOWS).get(flow_id)
    if flow is None or flow.account != run.account:
        raise ActionFailed(f"flow {flow_id or '(none)'} is none of the customer's")
    return Pushed(flow.data["actions"], why=f'flow "{flow.data["name"]}"', made=False)


def block(run: Run, option: Option) -> Result:
    return Waits(None)


def empty(run: Run, option: Option) -> Result:
    return Done()


ACTIONS = (
    *conditions.ACTIONS,
    FlowAction("block", block, "wait until somebody says to go on", runs_in=OTHERS, outcomes=("continued",)),
    FlowAction(
        "branch",
        branch,
        "go on by the value of a variable",
        on_failure=ENDS,
        option={"variable": STRING, "target_ids": OBJECT, "default_target_id": STRING},
        targets=("target_ids/*", "default_target_id"),
        outcomes=("target_ids/*", "default"),
    ),
    FlowAction("empty", empty, "nothing", internal=True),
    FlowAction(
        "fetch_flow",
        fetch_flow,
        "run another flow's actions, then go on",
        on_failure=ENDS,
        option={"flow_id": STRING},
    ),
    FlowAction(
        "goto",
        goto,
        "jump, so many times",
        on_failure=ENDS,
        option={"target_id": STRING, "loop_count": INTEGER},
        targets=("target_id",),
        outcomes=("jumped", "passed"),
        never=goto_never,
    ),
    FlowAction("stop", stop, "end the flow", runs_in=ANY, last=True),
    FlowAction("variable_set", variable_set, "set a variable", option={"key": STRING, "value": STRING}),
)
