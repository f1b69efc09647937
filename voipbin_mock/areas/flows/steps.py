"""One step of a flow after another, until an action lasts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api.flow_actions import (
    ANY,
    CALLS,
    ENDS,
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
    LIMITS,
    NUMBERS_AS_TEXTS,
)
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS
from voipbin_mock.areas.flows.runs import (
    EVENT_SIZE,
    FINISH,
    FOLLOWING,
    ID,
    TYPE,
    chain,
    counts,
    following,
    locate,
    more,
    outcome_of,
    stop,
    trace_of,
    with_more,
)
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.differences import chosen
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


class Steps:
    """A run going on, until an action lasts or it is over."""

    def __init__(self, world: World, activeflow_id: str) -> None:
        self.world, self.id = world, activeflow_id
        self.table = world.table(ACTIVEFLOWS)
        self.run = Run(world, activeflow_id)
        self.limits = LIMITS.of(world)

    def _put(self, row: Row, values: Mapping[str, Any]) -> Row:
        return self.table.amend(self.id, values) if values else row

    def go(self, values: Mapping[str, Any], came: str) -> None:
        """With these members, do whatever is next."""
        row = self.table.amend(self.id, values)
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
            if why := self._too_much(data):
                stop(world, self.id, why, failed=True)
                return None
            place = following(data)
            if place is None:
                self._finish(row)
                return None
            name, position = place
            if came == FOLLOWING and data["present"].get("next_id", NIL_UUID) != NIL_UUID:
                came = "the next_id of the one before"
            present = data["stacks"][name][0][position]
            kind = present.get("type", "")
            declared = world.blueprint.action(kind)
            skipped = self._skipped(data, declared)
            row = self._begin(data, name, position, present, came, skipped, declared)
            if not skipped:
                return row, declared
            came = "the one before was skipped"

    def _too_much(self, data: Mapping[str, Any]) -> str:
        """Why a run may begin no more actions; empty if it may."""
        cycle, total, in_all = self.limits
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

    def _begin(
        self,
        data: Mapping[str, Any],
        name: str,
        position: int,
        present: Action,
        came: str,
        skipped: str,
        declared: FlowAction | None,
    ) -> Row:
        world = self.world
        option = present.get("option")
        current = present
        if option:
            said = names.substituted(option, self._look(data), NUMBERS_AS_TEXTS.of(world))
            if said is not option and declared is not None and declared.handed_on:
                later = chosen(declared.handed_on, world.profile)
                said = {**said, **{name: option[name] for name in later if name in option}}
            if said is not option:
                option, current = said, {**present, "option": said}
        stacks = data["stacks"]
        if name != data["stack"] and len(stacks) > 1:  # those that nothing leads back to are forgotten
            kept = dict(chain({**data, "stack": name}))
            stacks = {each: stack for each, stack in stacks.items() if each in kept}
        id_, kind = present.get("id", NIL_UUID), present.get("type", "")
        now, outcome, made = world.clock.microseconds(), "skipped" if skipped else "", stacks[name][4]
        entry = [now, name, id_, kind, option or {}, came, outcome, skipped, made]
        row = self.table.amend(
            self.id,
            {
                "executed_actions": more(data["executed_actions"], data["current_action"]),
                "current_action": current,
                "present": present,
                "stack": name,
                "stacks": stacks,
                "position": position,
                "forward": None,
                "forward_action_id": NIL_UUID,
                "execute_count": data["execute_count"] + 1,
                "cycle": data["cycle"] + 1,
                **with_more(data, entry),
                "tm_update": world.clock.stamp(),
            },
        )
        world.publish("activeflow_updated", ACTIVEFLOWS, row, EVENT_SIZE, now)
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
        """What follows from what came of an action: the run as it is then and why the next one comes, or None."""
        if isinstance(result, Done):
            return self._put(row, outcome_of(row.data, result.outcome, result.why)), FOLLOWING
        if isinstance(result, Waits):
            self._wait(row, result)
            return None
        if isinstance(result, Goto):
            return self._lead(row, result)
        if isinstance(result, Pushed):
            return self._push(row, result)
        row = self._put(row, outcome_of(row.data, result.outcome, result.why))
        stop(self.world, self.id, result.why or "it was stopped", failed=result.outcome == "failed")
        return None

    def _wait(self, row: Row, result: Waits) -> None:
        timer = 0
        if result.milliseconds is not None:
            count = row.data["execute_count"]
            args = (self.id, count, result.outcome, result.why)
            timer = self.world.timers.call_in(max(0, result.milliseconds), "flow_resumes", *args)
        row = self._put(row, {"waits": True, "timer": timer})
        self.world.follow("activeflow_waits", row)

    def _lead(self, row: Row, result: Goto) -> tuple[Row, str] | None:
        found = locate(row.data, result.target)
        if found is None:
            missing = result.target not in ("", NIL_UUID)
            where = f"to {result.target}, which is not in the flow" if missing else "nowhere"
            why = f"{result.why + ': ' if result.why else ''}it leads {where}"
            self._put(row, outcome_of(row.data, result.outcome, why))
            stop(self.world, self.id, why, failed=True)
            return None
        values = {
            "forward": list(found),
            "forward_action_id": NIL_UUID,
            **outcome_of(row.data, result.outcome, result.why),
        }
        return self._put(row, values), result.why

    def _push(self, row: Row, result: Pushed) -> tuple[Row, str]:
        data = row.data
        values = outcome_of(data, result.outcome, result.why)
        if result.actions:
            kind = data["present"].get("type", "")
            name = result.stack_id or f"{kind}-{data['execute_count']}"
            counted = result.counted and counts(data)
            stack = [result.actions, data["stack"], data["position"], counted, result.made]
            values |= {"stacks": {**data["stacks"], name: stack}, "forward": [name, 0]}
        return self._put(row, values), result.why or "the first of what was pushed"

    def _finish(self, row: Row) -> None:
        data = row.data
        executed = more(data["executed_actions"], data["current_action"])
        stamp = self.world.clock.stamp()
        values = {"executed_actions": executed, "current_action": FINISH, "present": FINISH, "tm_update": stamp}
        row = self._put(row, {**values, "forward": None})
        self.world.publish("activeflow_updated", ACTIVEFLOWS, row, EVENT_SIZE)
        stop(self.world, self.id, "no action follows")


def _loop(data: Mapping[str, Any]) -> str:
    """The loop that a run is in, in words."""
    rows = trace_of(data)[-200:]
    ids, kinds = [row[ID] for row in rows], {row[ID]: row[TYPE] for row in rows}
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
