"""Transfers: a call that is in a bridge hands the others there to somebody else.

blind: it is hung up at once. attended: it talks to the third party first, while the others hear music, and hands
them over by hanging up.
"""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import caller_of, find
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.addresses import normalized
from voipbin_mock.areas.calls import bridges, groups, simulation
from voipbin_mock.areas.calls.controls import NOT_ANSWERED
from voipbin_mock.areas.calls.differences import TRANSFER_REFUSALS
from voipbin_mock.areas.calls.resources import CALLS, GROUPCALLS, TRANSFERS
from voipbin_mock.areas.flows import engine
from voipbin_mock.wire.errors import ApiError, Reason, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply, parse_uuid
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

BLIND, ATTENDED = "blind", "attended"


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST /transfers may be refused with."""
    told = ("INVALID_ARGUMENT", NOT_ANSWERED.name) if TRANSFER_REFUSALS.by(profile) else ("INTERNAL",)
    return (CALLS.missing, "STATE_INVALID", *told)


def create(world: World, request: Request) -> Reply:
    """POST /transfers."""
    values = request.values
    caller = caller_of(request)
    call = find(world, request, CALLS, parse_uuid(values["transferer_call_id"]) or NIL_UUID)
    bridge_id, kind = call.data["confbridge_id"], values["transfer_type"]
    if bridge_id == NIL_UUID:
        raise _refused(world, NOT_ANSWERED, "/transferer_call_id", "a call that is in a bridge", call.id)
    if kind not in (BLIND, ATTENDED):
        raise _refused(world, "INVALID_ARGUMENT", "/transfer_type", "attended or blind", kind)
    addresses = [normalized(each) for each in values["transferee_addresses"] if each]
    why = [groups.why_not(world, call.account, each) for each in addresses]
    if all(why):
        wanted = "; ".join(why) or "at least one address"
        raise _refused(world, "INVALID_ARGUMENT", "/transferee_addresses", wanted, values["transferee_addresses"])
    others = [each for each in bridges.members(world, bridge_id) if each.id != call.id]
    _apart(world, call, others)
    plan = engine.Plan(world.ids.uuid(), _steps(world, bridge_id))
    group = groups.create(
        world,
        call.account,
        call.data["customer_id"],
        call.data["source"],
        addresses,
        plan,
        master_call_id=call.data["master_call_id"],
        joins=bridge_id,
    )
    record = {
        "type": kind,
        "transferer_call_id": call.id,
        "transferee_addresses": addresses,
        "groupcall_id": group.id,
        "confbridge_id": bridge_id,
        "status": "ringing",
        "others": [each.id for each in others],
    }
    row = crud.insert(world, request, caller, record)
    if kind == BLIND:
        _put(world, call, {"confbridge_id": NIL_UUID, "confbridge_type": ""})
        simulation.hang_up(world, call)
    else:
        _mute(world, row, "in")
    return crud.shown(world, TRANSFERS, world.table(TRANSFERS).get(row.id) or row)


def _refused(world: World, reason: str | Reason, pointer: str, expected: str, value: object) -> ApiError:
    if not TRANSFER_REFUSALS.of(world):
        return ApiError("INTERNAL", hint=f"{pointer}: expected {expected}")
    return ApiError(reason, violations=[Violation(pointer, f"expected {expected}", expected, value)])


def _steps(world: World, bridge_id: str) -> list[dict[str, object]]:
    steps = ({"type": bridges.JOIN, "option": {"confbridge_id": bridge_id}}, {"type": "hangup"})
    return [{"id": world.ids.uuid(), "next_id": NIL_UUID, **step, "tm_execute": None} for step in steps]


def _apart(world: World, call: Row, others: list[Row]) -> None:
    """Who stays no longer depends on who transfers: neither by the bridge nor by the chain."""
    for each in (call, *others):
        _put(world, each, {"confbridge_type": ""})
    chained = [each for each in call.data["chained_call_ids"] or () if each not in {other.id for other in others}]
    _put(world, call, {"chained_call_ids": chained})
    for other in others:
        left = [each for each in other.data["chained_call_ids"] or () if each != call.id]
        _put(world, other, {"chained_call_ids": left})


def _put(world: World, call: Row, values: dict[str, object]) -> None:
    row = world.table(CALLS).get(call.id) or call
    world.table(CALLS).replace({**row.data, **values})


def _mute(world: World, row: Row, direction: str) -> None:
    """What the others say is heard by nobody, or again."""
    for each in row.data["others"]:
        call = world.table(CALLS).get(each)
        if call is not None and call.data["status"] != "hangup" and call.data["mute_direction"] != direction:
            crud.change(world, CALLS, call, {"mute_direction": direction})


# --- what becomes of it --------------------------------------------------------------------------------


def _of_group(world: World, group: Row) -> Row | None:
    found = world.table(TRANSFERS).find("groupcall_id", group.id)
    return found[0] if found and found[0].data["status"] in ("ringing", "answered") else None


def group_answered(world: World, group: Row) -> None:
    """The third party is there."""
    row = _of_group(world, group)
    if row is None or row.data["status"] != "ringing":
        return
    answered = {"status": "answered"}
    if row.data["type"] == BLIND:
        _connected(world, row, _transferee(world, group))
    else:
        world.table(TRANSFERS).replace({**row.data, **answered})


def _transferee(world: World, group: Row) -> str:
    inner = world.table(GROUPCALLS).get(group.data["answer_groupcall_id"])
    return _transferee(world, inner) if inner is not None else str(group.data["answer_call_id"])


def _connected(world: World, row: Row, transferee: str) -> None:
    """The others and the third party talk; whoever leaves sends the other away."""
    values = {"status": "done", "transferee_call_id": transferee}
    row = crud.change(world, TRANSFERS, row, values, "")
    _mute(world, row, "")
    for each in (*row.data["others"], transferee):
        call = world.table(CALLS).get(each)
        if call is not None:
            _put(world, call, {"confbridge_type": bridges.TRANSFER})


def group_over(world: World, group: Row) -> None:
    """Nobody answered, or the third party has hung up."""
    row = _of_group(world, group)
    if row is None:
        return
    world.table(TRANSFERS).replace({**row.data, "status": "failed"})
    if row.data["type"] == BLIND:
        bridges.end(world, row.data["confbridge_id"], "nobody took the transfer")
        return
    _mute(world, row, "")
    for each in (row.data["transferer_call_id"], *row.data["others"]):
        call = world.table(CALLS).get(each)
        if call is not None and call.data["confbridge_id"] == row.data["confbridge_id"]:
            _put(world, call, {"confbridge_type": bridges.CONNECT})


def call_over(world: World, call: Row) -> None:
    """Who transfers has hung up: the others are handed over, or it came to nothing."""
    for row in world.table(TRANSFERS).find("transferer_call_id", call.id):
        group = world.table(GROUPCALLS).get(row.data["groupcall_id"])
        if row.data["type"] != ATTENDED or group is None:
            continue
        if row.data["status"] == "answered":
            _connected(world, row, _transferee(world, group))
        elif row.data["status"] == "ringing":
            world.table(TRANSFERS).replace({**row.data, "status": "failed"})
            groups.hang_up(world, group)
            _mute(world, row, "")
            bridges.end(world, row.data["confbridge_id"], "the transfer was given up")
