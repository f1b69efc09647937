"""How flows run: one step after another, on the virtual clock.

A run is an activeflow. It has lists of actions ("stacks"; the flow's own is `main`), and does one action at a time.
What takes no time is done at once; what lasts is resumed by a timer, or by whoever knows that it is over. All state
is in members of the record that are not shown, so snapshots and dumps keep it. Times are milliseconds.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from voipbin_mock.api.flow_actions import (
    ANY,
    CALLS,
    ENDS,
    FINISH_ID,
    START_ID,
    Action,
    ActionFailed,
    Done,
    Ended,
    FlowAction,
    Goto,
    Pushed,
    Result,
    Run,
    Waits,
)
from voipbin_mock.areas.flows import variables as names
from voipbin_mock.areas.flows.differences import (
    AFTER_A_CALL,
    CHAIN_ENDS,
    FAILURES_COMPLETE,
    LIMITS,
    NUMBERS_AS_TEXTS,
    POPS_BELOW,
)
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS, FLOWS
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.differences import chosen
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import PHONE
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

MAIN = "main"
START = {"id": START_ID, "next_id": NIL_UUID, "tm_execute": None}
FINISH = {"id": FINISH_ID, "next_id": NIL_UUID, "tm_execute": None}
DEEPEST = 100  # lists that lead back from one to another
LONGEST_CHAIN = 5  # runs that follow one another
MOST_LINKS = 100  # of a chain that would never end (server)
EVENT_SIZE = 2000  # bytes that an event of a run is taken to hold
# A row of the trace: when (microseconds), in which list, which action, of what type, with which option, why it came
# next, what came of it, and why that.
WHEN, STACK, ID, TYPE, OPTION, CAME, OUTCOME, WHY = range(8)


def of(world: World, activeflow_id: str) -> Run | None:
    """The run of this id, if there is one."""
    table = world.table(ACTIVEFLOWS)
    if table.get(activeflow_id) is None:
        return None
    return Run(world, activeflow_id, lambda row, values: table.replace({**row.data, **values}))


def running(world: World, activeflow_id: str) -> Run | None:
    """The same, if it has not ended."""
    run = of(world, activeflow_id)
    return None if run is None or run.over else run




# --- beginning -------------------------------------------------------------------------------------


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
    """A run, which `execute` begins. Told of as `activeflow_created`.

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
        "stacks": {MAIN: [what.actions, "", 0, True]},
        "stack": MAIN,
        "position": -1,
        "gotos": {},
        "kept": {},
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


def begins(world: World, activeflow_id: str) -> None:
    row = world.table(ACTIVEFLOWS).get(activeflow_id)
    if row is not None and row.data["status"] == "running" and not row.data["begun"]:
        execute(world, activeflow_id)


def execute(world: World, activeflow_id: str) -> None:
    """Begin a run: as far as its first action that lasts."""
    row = world.table(ACTIVEFLOWS).get(activeflow_id)
    if row is not None and row.data["status"] != "ended":
        _Steps(world, activeflow_id).go({"begun": True}, "the flow begins")


# --- going on ----------------------------------------------------------------------------------------


def resume(world: World, activeflow_id: str, count: int, outcome: str = "", why: str = "") -> bool:
    """What its present action waited for has come. count: which one is meant (`Run.count`); is it another, nothing
    happens. Whether it went on."""
    row = world.table(ACTIVEFLOWS).get(activeflow_id)
    if row is None or row.data["status"] == "ended" or row.data["execute_count"] != count or not row.data["waits"]:
        return False
    data = row.data
    if data["timer"]:
        world.timers.cancel(data["timer"])
    values = {"waits": False, "timer": 0, "cycle": 0, **_outcome(data, outcome, why)}
    if _counts(data):
        values["resumes"] = data["resumes"] + 1
    _Steps(world, activeflow_id).go(values, why)
    return True


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
    found = _locate(row.data, target, stack_id)
    if found is None:
        return False
    _change(world, row, {"forward": list(found)})
    return resume(world, activeflow_id, row.data["execute_count"], outcome, why)


def holds(world: World, activeflow_id: str, stack_id: str) -> bool:
    """Whether a run is within this list of actions, however deep."""
    row = world.table(ACTIVEFLOWS).get(activeflow_id)
    return row is not None and row.data["status"] != "ended" and any(s == stack_id for s, _ in _chain(row.data))


def pop(world: World, activeflow_id: str, stack_id: str, why: str, outcome: str = "") -> bool:
    """Leave a list of actions, and go on after what pushed it. Whether it could be done."""
    row = world.table(ACTIVEFLOWS).get(activeflow_id)
    if row is None or row.data["status"] == "ended":
        return False
    data = row.data
    if data["stack"] != stack_id and not (POPS_BELOW.of(world) and holds(world, activeflow_id, stack_id)):
        return False
    _, back, position, _ = data["stacks"][stack_id]
    if data["timer"]:
        world.timers.cancel(data["timer"])
    values: dict[str, Any] = {"waits": False, "timer": 0, "cycle": 0, "stack": back, "position": position}
    values |= {"present": data["stacks"][back][0][position], "forward": None, **_outcome(data, outcome, why)}
    _Steps(world, activeflow_id).go(values, why)
    return True


# --- ending ------------------------------------------------------------------------------------------


def stop(world: World, activeflow_id: str, why: str, *, failed: bool = False) -> None:
    """End a run, whatever it does; nothing happens to one that is over, or not there."""
    row = world.table(ACTIVEFLOWS).get(activeflow_id)
    if row is None or row.data["status"] == "ended":
        return
    data = row.data
    if data["timer"]:
        world.timers.cancel(data["timer"])
    values = {
        "status": "ended",
        "waits": False,
        "timer": 0,
        "failed": failed,
        "ended_by": why,
        "tm_end": world.clock.microseconds(),
        "tm_update": world.clock.stamp(),
        **(_outcome(data, "failed" if failed else "", why) if data["waits"] or failed else {}),
    }
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
    chain = data["kept"].get("chain", 0) + 1 if data["kept"] else 1
    lost = data["complete_count"] + 1 >= LONGEST_CHAIN
    if lost and CHAIN_ENDS.of(world):
        return
    if chain >= MOST_LINKS:
        logger.warning("flow %s follows itself for ever by on_complete_flow_id; stopped after %d", row.id, chain)
        return
    after = start(
        world,
        row.account,
        data["customer_id"],
        following,
        reference_type=data["reference_type"],
        reference_id=data["reference_id"],
        before=row,
        own={"after": data["reference_type"] == "call", "kept": {"chain": chain}, **({"complete_count": 0} if lost else {})},
    )
    if lost:  # it has lost its variables, and fails at its first step
        after = world.table(ACTIVEFLOWS).replace({**after.data, "variables": {}})
        world.timers.call_in(0, "flow_fails", after.id, order=PHONE)
        return
    soon(world, after)


def fails(world: World, activeflow_id: str) -> None:
    stop(world, activeflow_id, "it has no variables: it follows too many others", failed=True)


# --- one step ------------------------------------------------------------------------------------------


def _change(world: World, row: Row, values: Mapping[str, Any]) -> Row:
    return world.table(ACTIVEFLOWS).replace({**row.data, **values})


def _outcome(data: Mapping[str, Any], outcome: str, why: str) -> dict[str, Any]:
    """The trace, with what came of its last action."""
    trace = data["trace"]
    if not trace or not (outcome or why):
        return {}
    last = trace[-1]
    return {"trace": [*trace[:-1], [*last[:OUTCOME], outcome or last[OUTCOME], why or last[WHY]]]}


def _counts(data: Mapping[str, Any]) -> bool:
    """Whether what it does counts: a queue's waiting may take as long as it takes (documents)."""
    return bool(data["stacks"][data["stack"]][3])


def _chain(data: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Action]]]:
    """The list that runs, and those that it leads back to."""
    name = data["stack"]
    for _ in range(DEEPEST):
        stack = data["stacks"].get(name)
        if stack is None:
            return
        yield name, stack[0]
        name = stack[1]


def _locate(data: Mapping[str, Any], target: str, stack_id: str = "") -> tuple[str, int] | None:
    """Where the action of this id is: in the list that runs, or in one that it leads back to."""
    for name, actions in _chain(data):
        if stack_id and name != stack_id:
            continue
        for position, action in enumerate(actions):
            if action.get("id") == target:
                return name, position
    if target == START_ID and data["stack"] == MAIN and data["stacks"][MAIN][0]:
        return MAIN, 0
    return None


def _next(data: Mapping[str, Any]) -> tuple[str, int] | None:
    """Where the following action is; None at the end."""
    if data["forward"]:
        return data["forward"][0], data["forward"][1]
    name, position, present = data["stack"], data["position"], data["present"]
    for _ in range(DEEPEST):
        following = present.get("next_id", NIL_UUID)
        if following != NIL_UUID and position >= 0:
            return _locate({**data, "stack": name}, following)
        actions, back, back_position, _ = data["stacks"][name]
        if position + 1 < len(actions):
            return name, position + 1
        if not back:
            return None
        name, position = back, back_position
        present = data["stacks"][name][0][position]
    return None


class _Steps:
    """A run going on, until an action lasts or it is over."""

    def __init__(self, world: World, activeflow_id: str) -> None:
        self.world, self.id = world, activeflow_id
        self.table = world.table(ACTIVEFLOWS)
        self.run = Run(world, activeflow_id, self._put)

    def _put(self, row: Row, values: Mapping[str, Any]) -> Row:
        return self.table.replace({**row.data, **values}) if values else row

    def go(self, values: Mapping[str, Any], came: str) -> None:
        """Write these members, and do whatever is next."""
        row = self.table.get(self.id)
        assert row is not None
        row = self._put(row, values)
        while True:
            found = self._following(row, came)
            if found is None:
                return
            row, declared = found
            count = row.data["execute_count"]
            result = self._do(row, declared)
            current = self.table.get(self.id)
            if current is None or current.data["status"] == "ended" or current.data["execute_count"] != count:
                return  # whatever it did has led on already
            after = self._after(current, result)
            if after is None:
                return
            row, came = after

    def _following(self, row: Row, came: str) -> tuple[Row, FlowAction | None] | None:
        """The next action that runs here, as the present one; None if the run is over."""
        world = self.world
        while True:
            data = row.data
            why = self._too_much(data)
            if why:
                stop(world, self.id, why, failed=True)
                return None
            place = _next(data)
            if place is None:
                self._finish(row)
                return None
            name, position = place
            present = data["stacks"][name][0][position]
            kind = present.get("type", "")
            declared = world.blueprint.action(kind)
            skipped = self._skipped(data, declared)
            row = self._begin(row, name, position, present, came, skipped)
            if not skipped:
                return row, declared
            came = "the one before was skipped"

    def _too_much(self, data: Mapping[str, Any]) -> str:
        """Why a run may begin no more actions; empty if it may."""
        cycle, total, in_all = LIMITS.of(self.world)
        if in_all and data["execute_count"] > total:
            return f"it began {data['execute_count']} actions, and more are not allowed{_loop(data)}"
        if data["cycle"] >= cycle:
            return f"it began {cycle} actions and waited for nothing{_loop(data)}"
        if not in_all and data["resumes"] >= total:
            return f"it waited {total} times, and more is not allowed{_loop(data)}"
        return ""

    def _skipped(self, data: Mapping[str, Any], declared: FlowAction | None) -> str:
        """Why an action is not for this run; empty if it is."""
        if declared is None:
            return "actions of this type are not mocked yet"
        where = chosen(declared.runs_in, self.world.profile)
        if where == ANY:
            return ""
        in_call = data["reference_type"] == "call"
        if in_call and data["after"] and AFTER_A_CALL.of(self.world):
            return "" if where != CALLS else "it needs a call, and the call is over"
        if where == CALLS:
            return "" if in_call else "it needs a call, and this run has none"
        if in_call:
            return "calls do not do it"
        return "" if data["reference_type"] else "nothing is there that it could be done for"

    def _begin(self, row: Row, name: str, position: int, present: Action, came: str, skipped: str) -> Row:
        data, world = row.data, self.world
        option = present.get("option")
        current = present
        if option:
            said = names.substituted(option, self._look(data), NUMBERS_AS_TEXTS.of(world))
            if said is not option:
                option, current = said, {**present, "option": said}
        trace = [
            *data["trace"],
            [
                world.clock.microseconds(),
                name,
                present.get("id", NIL_UUID),
                present.get("type", ""),
                option or {},
                came,
                "skipped" if skipped else "",
                skipped,
            ],
        ]
        stacks = data["stacks"]
        if name != data["stack"] and len(stacks) > 1:
            kept = dict(_chain({**data, "stack": name}))
            stacks = {each: stack for each, stack in stacks.items() if each in kept}
        counted = 1 if stacks[name][3] else 0
        row = self.table.replace(
            {
                **data,
                "executed_actions": [*data["executed_actions"], data["current_action"]] if counted else data["executed_actions"],
                "current_action": current,
                "present": present,
                "stack": name,
                "stacks": stacks,
                "position": position,
                "forward": None,
                "forward_action_id": NIL_UUID,
                "execute_count": data["execute_count"] + 1,
                "cycle": data["cycle"] + 1,
                "trace": trace,
                "tm_update": world.clock.stamp(),
            }
        )
        world.publish("activeflow_updated", ACTIVEFLOWS, row, EVENT_SIZE)
        return row

    def _look(self, data: Mapping[str, Any]) -> Any:
        known = data["variables"] or {}

        def look(name: str) -> str:
            found = known.get(name)
            if found is None:
                return _computed(self.run) if name == "voipbin.flow.reference_data" else ""
            return str(found)

        return look

    def _do(self, row: Row, declared: FlowAction | None) -> Result:
        assert declared is not None
        option = row.data["current_action"].get("option") or {}
        if declared.by_call:
            if row.data["after"]:  # there is no call any more that could do it, and nobody goes on (server)
                return Waits(None)
            self.world.follow("activeflow_hands_over", row)
            current = self.table.get(self.id)
            if current is None or current.data["status"] == "ended":
                return Done()
        try:
            declared.check(option)
            return declared.do(self.run, option)
        except ActionFailed as failed:
            why = str(failed)
            if declared.on_failure == ENDS and not declared.by_call:
                return Ended(why, "failed")
            return Done("failed", why)

    def _after(self, row: Row, result: Result) -> tuple[Row, str] | None:
        """What follows from what came of an action: the row and why the next one comes, or None."""
        if isinstance(result, Done):
            values = _outcome(row.data, result.outcome, result.why)
            return self._put(row, values), result.why or "the next in the list"
        if isinstance(result, Waits):
            self._wait(row, result)
            return None
        if isinstance(result, Goto):
            return self._lead(row, result)
        if isinstance(result, Pushed):
            return self._push(row, result)
        row = self._put(row, _outcome(row.data, result.outcome, result.why))
        stop(self.world, self.id, result.why or "it was stopped", failed=result.outcome == "failed")
        return None

    def _wait(self, row: Row, result: Waits) -> None:
        timer = 0
        if result.milliseconds is not None:
            count = row.data["execute_count"]
            args = (self.id, count, result.outcome, result.why)
            timer = self.world.timers.call_in(max(0, result.milliseconds), "flow_resumes", *args)
        self._put(row, {"waits": True, "timer": timer})

    def _lead(self, row: Row, result: Goto) -> tuple[Row, str] | None:
        found = _locate(row.data, result.target)
        if found is None:
            missing = result.target if result.target not in ("", NIL_UUID) else "no action"
            why = f"{result.why + ': ' if result.why else ''}it leads to {missing}, which is not in the flow"
            self._put(row, _outcome(row.data, result.outcome, why))
            stop(self.world, self.id, why, failed=True)
            return None
        values = {"forward": list(found), "forward_action_id": NIL_UUID, **_outcome(row.data, result.outcome, result.why)}
        return self._put(row, values), result.why

    def _push(self, row: Row, result: Pushed) -> tuple[Row, str]:
        data = row.data
        values = _outcome(data, result.outcome, result.why)
        if result.actions:
            kind = data["present"].get("type", "")
            name = result.stack_id or f"{kind}-{data['execute_count']}"
            counted = result.counted and _counts(data)
            stack = [result.actions, data["stack"], data["position"], counted]
            values |= {"stacks": {**data["stacks"], name: stack}, "forward": [name, 0]}
        return self._put(row, values), result.why or "the first of what was pushed"

    def _finish(self, row: Row) -> None:
        data = row.data
        executed = [*data["executed_actions"], data["current_action"]]
        stamp = self.world.clock.stamp()
        values = {"executed_actions": executed, "current_action": FINISH, "present": FINISH, "tm_update": stamp}
        row = self._put(row, {**values, "forward": None})
        self.world.publish("activeflow_updated", ACTIVEFLOWS, row, EVENT_SIZE)
        stop(self.world, self.id, "no action follows")


def _loop(data: Mapping[str, Any]) -> str:
    """The loop that a run is in, in words."""
    ids = [row[ID] for row in data["trace"][-200:]]
    kinds = {row[ID]: row[TYPE] for row in data["trace"][-200:]}
    if not ids or ids[-1] not in ids[:-1]:
        return ""
    last = len(ids) - 1
    before = max(position for position in range(last) if ids[position] == ids[last])
    around = ids[before : last + 1]
    shown = [f"{kinds[each]} {each[:8]}" for each in around[:8]]
    return f"; it goes round and round: {' -> '.join(shown)}{' -> ...' if len(around) > 8 else ''}"


def _computed(run: Run) -> str:
    """The record that a run is for, as JSON text."""
    call = run.call
    return "" if call is None else run.world.text(run.world.blueprint.resource("calls"), call)


TIMERS: Mapping[str, TimerHandler] = {
    "flow_begins": begins,
    "flow_fails": fails,
    "flow_resumes": resumes,
}
