"""Flow actions that call others: connect, call, confbridge_join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.flow_actions import (
    ARRAY,
    BOOLEAN,
    CALLS,
    ENDS,
    OBJECT,
    STRING,
    Action,
    ActionFailed,
    Done,
    FlowAction,
    Option,
    Pushed,
    Result,
    Run,
    Waits,
)
from voipbin_mock.areas.accounts.addresses import normalized, of_option
from voipbin_mock.areas.calls import bridges, groups, simulation
from voipbin_mock.areas.calls.actions import call_of
from voipbin_mock.areas.calls.differences import ACTIONS_LATER, FAILED_CONNECT
from voipbin_mock.areas.calls.resources import CALLS as CALL_RECORDS
from voipbin_mock.areas.calls.resources import GROUPCALLS
from voipbin_mock.areas.flows import engine, lineage
from voipbin_mock.areas.flows.flows import check_actions, named, temporary
from voipbin_mock.areas.flows.resources import FLOWS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

MOST_DESTINATIONS = 100  # of one action


def dial(
    run: Run,
    source: Mapping[str, str],
    destinations: Sequence[Any],
    plan: engine.Plan,
    *,
    joins: str = NIL_UUID,
    early: bool = False,
    chained: bool = False,
) -> tuple[list[Row], list[str]]:
    """A call to each that can be called, and why the others cannot. Raises ActionFailed if there is no end to it."""
    world, made, refused = run.world, [], []
    endless = lineage.refusal(world, run.activeflow, len(destinations[:MOST_DESTINATIONS]))
    if endless:
        raise ActionFailed(endless)
    for value in destinations[:MOST_DESTINATIONS]:
        destination = normalized(of_option(value))
        if destination["type"] in groups.GROUPED:
            said = groups.why_not(world, run.account, destination)
            if said:
                refused.append(f"{destination['target'] or 'a destination'} cannot be called: {said}")
                continue
            made += _group(run, source, destination, plan, joins, early, chained)
            continue
        why = simulation.refusal(world, run.account, destination)
        if why is not None:
            refused.append(f"{destination['target'] or 'a destination'} cannot be called: {why.why}")
            continue
        master = run.call if chained else None
        values = {
            "customer_id": run.customer_id,
            "source": source,
            "destination": destination,
            "master_call_id": master.id if master is not None else NIL_UUID,
            "joins": joins,
            "early": early,
        }
        row = simulation.place(world, run.account, values, plan=plan)
        made.append(row)
        if master is not None:
            chain(run, row)
    for row in made:
        lineage.adopt(world, row.data["activeflow_id"], run.id)
    return made, refused


def _group(
    run: Run,
    source: Mapping[str, str],
    destination: Mapping[str, str],
    plan: engine.Plan,
    joins: str,
    early: bool,
    chained: bool,
) -> list[Row]:
    """An agent or an extension is called as a group."""
    world = run.world
    master = run.call.id if chained and run.call is not None else NIL_UUID
    group = groups.create(
        world,
        run.account,
        run.customer_id,
        source,
        [destination],
        plan,
        joins=joins,
        early=early,
        master_call_id=master,
    )
    group = world.table(GROUPCALLS).get(group.id) or group
    found = [row for each in group.data["call_ids"] if (row := world.table(CALL_RECORDS).get(each)) is not None]
    if chained:
        for row in found:
            chain(run, row)
    return found


def chain(run: Run, row: Row) -> None:
    """This call hangs on the one that the run leads. Both are told of as `call_updated`."""
    master = run.call
    if master is None or master.data["status"] in ("hangup", "terminating", "canceling"):
        return
    ids = [*(master.data["chained_call_ids"] or ()), row.id]
    crud.change(run.world, CALL_RECORDS, master, {"chained_call_ids": ids})
    crud.change(run.world, CALL_RECORDS, run.world.table(CALL_RECORDS).get(row.id) or row, {})


def connect(run: Run, option: Option) -> Result:
    """Others are called, and whoever answers talks with the caller."""
    call = call_of(run)
    source = of_option(option.get("source")) if option.get("source") else call.data["source"]
    bridge = run.world.ids.uuid()
    callee = engine.Plan(run.world.ids.uuid(), bridges.steps(run.world, bridge))
    early = bool(option.get("early_media"))
    made, refused = dial(run, source, option.get("destinations") or [], callee, joins=bridge, early=early, chained=True)
    if not made:
        raise ActionFailed("; ".join(refused) or "nobody is named whom it could call")
    bridges.name_kind(run, bridge, bridges.CONNECT)
    steps = [engine.made(run.world, bridges.JOIN, {"confbridge_id": bridge})]
    if option.get("relay_reason") and not any(row.data["group_id"] != NIL_UUID for row in made):
        steps.append(engine.made(run.world, "hangup", {"reference_id": made[0].id}))
    return Pushed(steps, bridge, why="; ".join([f"calls: {len(made)}", *refused]))


def confbridge_join(run: Run, option: Option) -> Result:
    """In the bridge, until the call leaves it."""
    call, bridge = call_of(run), option.get("confbridge_id") or ""
    if not bridge or bridge == NIL_UUID:
        raise ActionFailed("option/confbridge_id names no bridge")
    kind = bridges.kind_of(run, bridge)
    bridges.join(run.world, call.id, bridge, kind)
    if kind == bridges.CONNECT and call.data["joins"] != bridge:
        if FAILED_CONNECT.of(run.world):
            if not bridges.awaited(run.world, bridge) and len(bridges.members(run.world, bridge)) < 2:
                bridges.leave(run.world, call.id, "nobody is left to answer", "failed")
                return Done("failed", "nobody is left to answer")
        else:
            timer = run.world.timers.call_in(bridges.LEG_LIMIT, "bridge_gives_up", call.id, bridge)
            simulation.keep_timer(run.world, call.id, timer)
    return Waits(None)


def leaves_bridge(run: Run) -> None:
    call = run.call
    if call is not None:
        bridges.leave(run.world, call.id, "its flow goes on")


def call(run: Run, option: Option) -> Result:
    """Calls of their own, which this flow does not wait for."""
    world = run.world
    if not option.get("source"):
        raise ActionFailed("option/source is missing")
    flow_id = option.get("flow_id") or NIL_UUID
    if flow_id != NIL_UUID:
        flow = world.table(FLOWS).get(flow_id)
        if flow is None or flow.account != run.account:
            raise ActionFailed(f"flow {flow_id} is none of the customer's")
        plan = engine.plan(world, flow_id)
    else:
        plan = temporary(world, run.account, run.customer_id, _given(run, option.get("actions") or []))
    made, refused = dial(
        run,
        of_option(option["source"]),
        option.get("destinations") or [],
        plan,
        early=bool(option.get("early_execution")),
        chained=bool(option.get("chained")) and run.call is not None,
    )
    if not made:
        raise ActionFailed("; ".join(refused) or "nobody is named whom it could call")
    return Done("called", "; ".join([f"calls: {len(made)}", *refused]))


def _given(run: Run, actions: Sequence[Any]) -> Sequence[Action]:
    """Actions of an option, as a flow would hold them. Raises ActionFailed."""
    found = []
    for each in actions:
        if not isinstance(each, dict) or not isinstance(each.get("type"), str):
            raise ActionFailed("option/actions holds what is no action")
        ids = {name: each[name] if isinstance(each.get(name), str) and each[name] else NIL_UUID for name in _IDS}
        option = {"option": each["option"]} if isinstance(each.get("option"), dict) and each["option"] else {}
        found.append({**ids, "type": each["type"], **option, "tm_execute": None})
    try:
        check_actions(run.world, found)
    except ApiError as error:
        raise ActionFailed(f"option/actions: {error.hint or error.reason}") from None
    return named(run.world, found)


_IDS = ("id", "next_id")
VERDICT = 3000  # milliseconds until it is known who has answered


def amd(run: Run, option: Option) -> Result:
    """Whether a machine has answered: known after 3 s; a machine is hung up on, or not. Sets no variable."""
    call_row = call_of(run)
    machine, hangs_up = bool(call_row.data["machine"]), (option.get("machine_handle") or "hangup") == "hangup"
    if not option.get("async"):
        outcome = "machine" if machine else "human"
        if machine and hangs_up:
            timer = run.world.timers.call_in(VERDICT, "amd_hangs_up", call_row.id)
            simulation.keep_timer(run.world, call_row.id, timer)
            return Waits(None, outcome)
        return Waits(VERDICT, outcome)
    if machine and hangs_up:
        timer = run.world.timers.call_in(VERDICT, "amd_hangs_up", call_row.id)
        simulation.keep_timer(run.world, call_row.id, timer)
    return Done("", "it does not wait for the verdict")


def hangs_up_on_a_machine(world: World, call_id: str) -> None:
    row = world.table(CALL_RECORDS).get(call_id)
    if row is not None and row.data["status"] == "progressing":
        simulation.hang_up(world, row, "amd")


ACTIONS = (
    FlowAction(
        "amd",
        amd,
        "find out whether a machine has answered",
        runs_in=CALLS,
        by_call=True,
        option={"machine_handle": STRING, "async": BOOLEAN},
        outcomes=("human", "machine"),
    ),
    FlowAction(
        "call",
        call,
        "make calls of their own",
        on_failure=ENDS,
        option={
            "source": OBJECT, "destinations": ARRAY, "flow_id": STRING, "actions": ARRAY, "chained": BOOLEAN,
            "early_execution": BOOLEAN, "anonymous": STRING,
        },
        outcomes=("called",),
        handed_on=ACTIONS_LATER,
    ),
    FlowAction(
        "confbridge_join",
        confbridge_join,
        "be in a bridge",
        runs_in=CALLS,
        by_call=True,
        option={"confbridge_id": STRING},
        outcomes=("left", "ejected", "failed"),
        leaves=leaves_bridge,
    ),
    FlowAction(
        "connect",
        connect,
        "call others, and connect whoever answers",
        runs_in=CALLS,
        on_failure=ENDS,
        option={
            "source": OBJECT, "destinations": ARRAY, "early_media": BOOLEAN, "relay_reason": BOOLEAN,
            "anonymous": STRING,
        },
        outcomes=("left", "ejected", "failed"),
    ),
)  # fmt: skip
