"""Runs of flows as records: how they begin and end, and where in their lists of actions they are."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from voipbin_mock.api.flow_actions import (
    FINISH_ID,
    START_ID,
    Action,
    Run,
)
from voipbin_mock.areas.flows import lineage
from voipbin_mock.areas.flows import variables as names
from voipbin_mock.areas.flows.differences import (
    CHAIN_ENDS,
    FAILURES_COMPLETE,
)
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS, FLOWS
from voipbin_mock.wire.packing import packed, unpacked
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import PHONE
from voipbin_mock.world.world import World

MAIN = "main"
FOLLOWING = "the next in the list"  # why an action comes, if nothing else is to be said
START = {"id": START_ID, "next_id": NIL_UUID, "tm_execute": None}
FINISH = {"id": FINISH_ID, "next_id": NIL_UUID, "tm_execute": None}
DEEPEST = 100  # lists that lead back from one to another
LONGEST_CHAIN = 5  # runs that follow one another
MOST_KEPT = 1000  # actions that a run remembers
MOST_NEW = 8  # of them that are not made text of
LARGEST_TRACE = 64 * 1024 * 1024  # bytes of them as text
EVENT_SIZE = 2000  # bytes that an event of a run is taken to hold
# A row of the trace: when (microseconds), in which list, which action, of what type, with which option, why it came
# next, what came of it, why that, and whether the service made it.
WHEN, STACK, ID, TYPE, OPTION, CAME, OUTCOME, WHY, MADE = range(9)
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode  # JSON values hold no circle


def of(world: World, activeflow_id: str) -> Run | None:
    """The run of this id, if there is one."""
    return None if world.table(ACTIVEFLOWS).get(activeflow_id) is None else Run(world, activeflow_id)


def running(world: World, activeflow_id: str) -> Run | None:
    """The same, if it has not ended."""
    run = of(world, activeflow_id)
    return None if run is None or run.over else run


# --- beginning -------------------------------------------------------------------------------------


def made(world: World, type: str, option: Mapping[str, Any] | None = None) -> Action:
    """An action that the service makes itself."""
    named = {"id": world.ids.uuid(), "next_id": NIL_UUID, "type": type}
    return {**named, **({"option": option} if option else {}), "tm_execute": None}


class Plan(NamedTuple):
    """What is to be run: a flow's id, its actions, and the flow to run after it."""

    flow_id: str
    actions: Sequence[Action] = ()
    on_complete_flow_id: str = NIL_UUID


NOTHING = Plan(NIL_UUID)


def plan(world: World, flow_id: str) -> Plan:
    """What a flow's run would do; nothing if there is none of this id."""
    flow = world.table(FLOWS).get(flow_id)
    return Plan(flow_id) if flow is None else Plan(flow.id, flow.data["actions"], flow.data["on_complete_flow_id"])


def start(
    world: World,
    account: str,
    customer_id: str,
    what: Plan,
    *,
    reference_type: str = "",
    reference_id: str = NIL_UUID,
    variables: Mapping[str, str] | None = None,
    system: Mapping[str, str] | None = None,
    before: Row | None = None,
    own: Mapping[str, Any] | None = None,
) -> Row:
    """A run, which `begins` (or `soon`) begins. Told of as `activeflow_created`.

    variables: that a request gave. system: those of the service beside the run's own. before: the run whose
    variables it inherits, which it follows or was started by. own: members of the record (`id`, `webhook_uri`).
    """
    table = world.table(ACTIVEFLOWS)
    values = dict(own or {})
    run_id = values.get("id") or world.ids.uuid()
    count = before.data["complete_count"] + 1 if before is not None else 0
    record: dict[str, Any] = {
        **ACTIVEFLOWS.blank,
        "customer_id": customer_id,
        "flow_id": what.flow_id,
        "status": "running",
        "reference_type": reference_type,
        "reference_id": reference_id,
        "reference_activeflow_id": before.id if before is not None else NIL_UUID,
        "on_complete_flow_id": what.on_complete_flow_id,
        "current_action": START,
        "present": START,
        "stacks": {MAIN: [what.actions, "", 0, True, False]},
        "stack": MAIN,
        "position": -1,
        "complete_count": count,
        **values,
        "id": run_id,
        "tm_create": world.stamp_for(table, account),
    }
    record["variables"] = {
        **(before.data["variables"] or {} if before is not None else {}),
        **names.given(variables),
        "voipbin.activeflow.id": run_id,
        "voipbin.activeflow.reference_type": reference_type,
        "voipbin.activeflow.reference_id": reference_id,
        "voipbin.activeflow.reference_activeflow_id": record["reference_activeflow_id"],
        "voipbin.activeflow.flow_id": what.flow_id,
        "voipbin.activeflow.complete_count": str(count),
        **(system or {}),
    }
    row = table.insert(record, account)
    world.publish("activeflow_created", ACTIVEFLOWS, row, EVENT_SIZE)
    return row


def soon(world: World, row: Row) -> None:
    """Begin a run at this very instant, but not within whatever is going on."""
    world.timers.call_in(0, "flow_begins", row.id, order=PHONE)


# --- ending ------------------------------------------------------------------------------------------


def stop(world: World, activeflow_id: str, why: str, *, failed: bool = False) -> None:
    """End a run, whatever it does; nothing happens to one that is over, or not there."""
    row = world.table(ACTIVEFLOWS).get(activeflow_id)
    if row is None or row.data["status"] == "ended":
        return
    data = row.data
    if data["timer"]:
        world.timers.cancel(data["timer"])
    values: dict[str, Any] = {
        "status": "ended",
        "waits": False,
        "timer": 0,
        "failed": failed,
        "ended_by": why,
        "tm_end": world.clock.microseconds(),
        "tm_update": world.clock.stamp(),
        **(outcome_of(data, "failed" if failed else "", why) if data["waits"] or _open(data, failed) else {}),
    }
    values |= _closed({**data, **values})
    row = world.table(ACTIVEFLOWS).replace({**data, **values})
    world.publish("activeflow_updated", ACTIVEFLOWS, row, EVENT_SIZE)
    _follow_on(world, row)
    world.follow("activeflow_ended", row)


def _follow_on(world: World, row: Row) -> None:
    """The flow that is to run after this one."""
    data = row.data
    if data["on_complete_flow_id"] == NIL_UUID or (data["failed"] and not FAILURES_COMPLETE.of(world)):
        return
    following = plan(world, data["on_complete_flow_id"])
    lost = data["complete_count"] + 1 >= LONGEST_CHAIN
    if (lost and CHAIN_ENDS.of(world)) or lineage.refusal(world, row):
        return
    after = start(
        world,
        row.account,
        data["customer_id"],
        following,
        reference_type=data["reference_type"],
        reference_id=data["reference_id"],
        before=row,
        own={
            "after": data["reference_type"] == "call",
            **({"complete_count": 0} if lost else {}),
        },
    )
    if lost:  # it has lost its variables, and fails at its first step
        after = world.table(ACTIVEFLOWS).replace({**after.data, "variables": {}, "complete_count": -1})
        world.timers.call_in(0, "flow_fails", after.id, order=PHONE)
    else:
        soon(world, after)
    lineage.adopt(world, after.id, row.id)


def fails(world: World, activeflow_id: str) -> None:
    stop(world, activeflow_id, "it has no variables: it follows too many others", failed=True)


def append(world: World, activeflow_id: str, stack_id: str, actions: Sequence[Action]) -> bool:
    """More actions at the end of a list of a run's. Whether there is such a list."""
    row = world.table(ACTIVEFLOWS).get(activeflow_id)
    if row is None or stack_id not in row.data["stacks"]:
        return False
    had, *rest = row.data["stacks"][stack_id]
    change(world, row, {"stacks": {**row.data["stacks"], stack_id: [[*had, *actions], *rest]}})
    return True


# --- where a run is -----------------------------------------------------------------------------------


def change(world: World, row: Row, values: Mapping[str, Any]) -> Row:
    return world.table(ACTIVEFLOWS).amend(row.id, values)


def outcome_of(data: Mapping[str, Any], outcome: str, why: str) -> dict[str, Any]:
    """The trace, with what came of its last action."""
    trace = data["trace"]
    if not trace or not (outcome or why):
        return {}
    last = trace[-1].copy()
    last[OUTCOME], last[WHY] = outcome or last[OUTCOME], why or last[WHY]
    changed = trace.copy()
    changed[-1] = last
    return {"trace": changed}


# The trace of a run is kept in two members, for thousands of runs are to hold few objects: `trace` has the newest rows,
# `trace_text` those before them: lines of JSON, so many rows each. Once the run is over it has all of them, packed.


def trace_of(data: Mapping[str, Any]) -> list[Any]:
    """What a run did, a row an action: see `WHEN` and those after it."""
    text = data["trace_text"]
    return [*(_opened(text) if text else ()), *data["trace"]]


@lru_cache(maxsize=4)  # whoever follows a run asks again and again
def _opened(text: str) -> Sequence[Any]:
    try:
        rows = [row for line in _lines(text).splitlines() for row in json.loads(line)]
        return [row for row in rows if isinstance(row, list) and len(row) > MADE]
    except (ValueError, TypeError):  # of a state that somebody has written by hand
        return ()


def _lines(text: str) -> str:
    return text if text[:1] == "[" else unpacked(b64decode(text), LARGEST_TRACE).decode()


def did_anything(data: Mapping[str, Any]) -> bool:
    return bool(data["trace"] or data["trace_text"])


def with_more(data: Mapping[str, Any], row: list[Any]) -> dict[str, Any]:
    """The members of a run that does one more action."""
    trace = data["trace"]
    if len(trace) < MOST_NEW:
        return {"trace": [*trace, row]}
    text = data["trace_text"] + _text(trace)
    over = text.count("\n") + 1 - MOST_KEPT // MOST_NEW if data["execute_count"] >= MOST_KEPT - MOST_NEW else 0
    return {"trace": [row], "trace_text": text.split("\n", over)[over] if over > 0 else text}


def with_trace(data: Mapping[str, Any], trace: list[Any]) -> dict[str, Any]:
    """The members of a run whose trace is another."""
    whole = {"trace": trace[-MOST_NEW:], "trace_text": _text(trace[:-MOST_NEW])}
    return _closed(whole) if data["status"] == "ended" else whole


def _text(trace: Sequence[Any]) -> str:
    return "".join([f"{_encode(trace[at : at + MOST_NEW])}\n" for at in range(0, len(trace), MOST_NEW)])


def _closed(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same members of a run that is over."""
    text = data["trace_text"] + _text(data["trace"])
    return {"trace": [], "trace_text": b64encode(packed(text.encode())).decode() if text else ""}


def _open(data: Mapping[str, Any], failed: bool) -> bool:
    """Whether a failure is that of the present action, of which nothing else is known."""
    return failed and bool(data["trace"]) and not data["trace"][-1][OUTCOME]


def counts(data: Mapping[str, Any]) -> bool:
    """Whether what it does counts: a queue's waiting may take as long as it takes (documents)."""
    return bool(data["stacks"][data["stack"]][3])


def chain(data: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Action]]]:
    """The list that runs, and those that it leads back to."""
    name = data["stack"]
    for _ in range(DEEPEST):
        stack = data["stacks"].get(name)
        if stack is None:
            return
        yield name, stack[0]
        name = stack[1]


def locate(data: Mapping[str, Any], target: str, stack_id: str = "") -> tuple[str, int] | None:
    """Where the action of this id is: in the list that runs, or in one that it leads back to."""
    for name, actions in chain(data):
        if stack_id and name != stack_id:
            continue
        for position, action in enumerate(actions):
            if action.get("id") == target:
                return name, position
    if target == START_ID and data["stack"] == MAIN and data["stacks"][MAIN][0]:
        return MAIN, 0
    return None


def following(data: Mapping[str, Any]) -> tuple[str, int] | None:
    """Where the following action is; None at the end."""
    if data["forward"]:
        return data["forward"][0], data["forward"][1]
    name, position, present = data["stack"], data["position"], data["present"]
    for _ in range(DEEPEST):
        following = present.get("next_id", NIL_UUID)
        if following != NIL_UUID and position >= 0:
            return locate({**data, "stack": name}, following)
        actions, back, back_position, *_ = data["stacks"][name]
        if position + 1 < len(actions):
            return name, position + 1
        if not back:
            return None
        name, position = back, back_position
        present = data["stacks"][name][0][position]
    return None


def more(entries: list[Any], entry: Any) -> list[Any]:
    """A list with one more, of which the newest are kept."""
    return [*entries, entry] if len(entries) < MOST_KEPT else [*entries[1 - MOST_KEPT :], entry]
