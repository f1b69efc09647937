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
    before = call.data["confbridge_type"]
    _apart(world, call, others)
    record = {
        "type": kind,
        "transferer_call_id": call.id,
        "transferee_addresses": addresses,
        "confbridge_id": bridge_id,
        "status": "ringing",
        "bridged": before,
        "others": [each.id for each in others],
    }
    row = crud.insert(world, request, caller, record)
    if kind == BLIND:
        simulation.hang_up(world, call)
    else:
        _wait(world, row, True)
    plan = engine.Plan(world.ids.uuid(), bridges.steps(world, bridge_id))
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
    row = crud.keep(world, TRANSFERS, row, {"groupcall_id": group.id})
    return crud.shown(world, TRANSFERS, row)


def _refused(world: World, reason: str | Reason, pointer: str, expected: str, value: object) -> ApiError:
    if not TRANSFER_REFUSALS.of(world):
        return ApiError("INTERNAL", hint=f"{pointer}: expected {expected}")
    return ApiError(reason, violations=[Violation(pointer, f"expected {expected}", expected, value)])


def _apart(world: World, call: Row, others: list[Row]) -> None:
    """Who stays no longer depends on who transfers: neither by the bridge nor by the chain.

    In a conference it never did.
    """
    if call.data["confbridge_type"] != bridges.CONFERENCE:
        crud.keep(world, CALLS, call, {"confbridge_type": bridges.TRANSFERER})
        for each in others:
            crud.keep(world, CALLS, each, {"confbridge_type": ""})
    kept = {each.id for each in others}
    for one in (call, *others):
        parted = kept if one is call else {call.id}
        chained = [each for each in one.data["chained_call_ids"] or () if each not in parted]
        crud.keep(world, CALLS, one, {"chained_call_ids": chained})


def _wait(world: World, row: Row, waits: bool) -> None:
    """The others hear music, and nobody hears them; or all of that is over."""
    direction = "in" if waits else ""
    for call in _others(world, row):
        crud.keep(world, CALLS, call, {"music_on_hold": waits})
        if call.data["mute_direction"] != direction:
            call = world.table(CALLS).get(call.id) or call
            crud.change(world, CALLS, call, {"mute_direction": direction})


def _others(world: World, row: Row) -> list[Row]:
    """Those who wait for it and are still there."""
    found = map(world.table(CALLS).get, row.data["others"])
    return [each for each in found if each is not None and each.data["confbridge_id"] == row.data["confbridge_id"]]


# --- what becomes of it --------------------------------------------------------------------------------


def _of_group(world: World, group: Row) -> Row | None:
    found = world.table(TRANSFERS).find("groupcall_id", group.id)
    return found[0] if found and found[0].data["status"] in ("ringing", "answered") else None


def group_answered(world: World, group: Row) -> None:
    """The third party is there."""
    row = _of_group(world, group)
    if row is None or row.data["status"] != "ringing":
        return
    if row.data["type"] == BLIND:
        _connected(world, row, group)
    else:
        crud.keep(world, TRANSFERS, row, {"status": "answered"})


def _transferee(world: World, group: Row) -> str:
    inner = world.table(GROUPCALLS).get(group.data["answer_groupcall_id"])
    return _transferee(world, inner) if inner is not None else str(group.data["answer_call_id"])


def _connected(world: World, row: Row, group: Row) -> None:
    """The others and the third party talk; whoever leaves sends the other away."""
    transferee = _transferee(world, group)
    values = {"status": "done", "transferee_call_id": transferee}
    row = crud.change(world, TRANSFERS, row, values, "")
    _wait(world, row, False)
    if _others(world, row):
        _bind(world, row, transferee, bridges.TRANSFER)
    else:  # nobody is left to talk to
        groups.hang_up(world, world.table(GROUPCALLS).get(group.id) or group)


def _bind(world: World, row: Row, one: str, kind: str) -> None:
    """Whoever leaves the bridge sends the others away again; not so in a conference."""
    if row.data["bridged"] == bridges.CONFERENCE:
        return
    call = world.table(CALLS).get(one)
    for each in (*_others(world, row), *([call] if call is not None else ())):
        crud.keep(world, CALLS, each, {"confbridge_type": kind})


def group_over(world: World, group: Row) -> None:
    """Nobody answered, or the third party has hung up."""
    row = _of_group(world, group)
    if row is None:
        return
    row = crud.keep(world, TRANSFERS, row, {"status": "failed"})
    if row.data["type"] == BLIND:
        bridges.end(world, row.data["confbridge_id"], "nobody took the transfer")
        return
    _wait(world, row, False)
    _bind(world, row, row.data["transferer_call_id"], row.data["bridged"])


def call_over(world: World, call: Row) -> None:
    """Who transfers has hung up: the others are handed over, or it came to nothing."""
    for row in world.table(TRANSFERS).find("transferer_call_id", call.id):
        group = world.table(GROUPCALLS).get(row.data["groupcall_id"])
        if row.data["type"] != ATTENDED or group is None:
            continue
        if row.data["status"] == "answered":
            _connected(world, row, group)
        elif row.data["status"] == "ringing":
            row = crud.keep(world, TRANSFERS, row, {"status": "failed"})
            groups.hang_up(world, group)
            _wait(world, row, False)
            bridges.end(world, row.data["confbridge_id"], "the transfer was given up")


def call_left(world: World, call: Row) -> None:
    """Nobody is left to be handed over: the third party is called no more."""
    if call.data["confbridge_type"]:
        return
    for row in world.table(TRANSFERS).find("confbridge_id", call.data["confbridge_id"]):
        group = world.table(GROUPCALLS).get(row.data["groupcall_id"])
        if group is not None and row.data["status"] == "ringing" and not _others(world, row):
            crud.keep(world, TRANSFERS, row, {"status": "failed"})
            groups.hang_up(world, group)
            bridges.end(world, row.data["confbridge_id"], "nobody is left to be handed over")
