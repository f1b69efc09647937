"""Calls on the virtual clock: what a phone does, and what becomes of a call by it.

A call is `dialing`, then `ringing`, `progressing` once answered, and `hangup` at its end; one that the
caller ends is `canceling` or `terminating` on its way there. Times are milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from voipbin_mock.api import crud
from voipbin_mock.areas.accounts import balance
from voipbin_mock.areas.accounts.addresses import holder, normalized
from voipbin_mock.areas.accounts.resources import CUSTOMERS
from voipbin_mock.areas.calls.differences import OWN_NUMBERS, UNROUTED
from voipbin_mock.areas.calls.phones import Answer, Outcome, Phones
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.flows import engine, variables
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import PHONE
from voipbin_mock.world.world import World

RING_LIMIT = 60_000  # that a call rings at most, if nobody says
LONGEST_CALL = 3_600_000  # from the dial; ringing counts (server)
DIALABLE = ("tel", "sip")
VIRTUAL = "+899"
SUCCESS = "normal"  # the one reason to hang up that is no failure


class Refusal(NamedTuple):
    """Why the call service would not place a call."""

    reason: str  # of the error that a request is answered with
    why: str
    expected: str = "a destination that can be called: type tel or sip, with a target"
    advice: str = ""


class Course(NamedTuple):
    """How a call goes; times in milliseconds from the dial."""

    answered: int | None
    ended: int
    reason: str
    by: str


def course(outcome: Outcome, ring_limit: int) -> Course:
    """How a call goes that meets this, and that rings so long at most."""
    limit = min(ring_limit, LONGEST_CALL)
    if outcome.after is None or outcome.after > limit:
        return Course(None, limit, "dialout" if ring_limit <= LONGEST_CALL else "timeout", "remote")
    answered = outcome.after if outcome.answers else None
    end = outcome.after + (outcome.talk if outcome.answers else 0)
    if end > LONGEST_CALL:
        return Course(answered, LONGEST_CALL, "timeout", "remote")
    return Course(answered, end, outcome.hangup_reason, "remote")


def refusal(world: World, account: str, destination: Mapping[str, str] | None) -> Refusal | None:
    """Whether a call would be refused (server)."""
    kind = (destination or {}).get("type", "")
    if destination is None or not destination.get("target"):
        return Refusal("INVALID_ARGUMENT", "the destination has no target")
    if kind not in DIALABLE:
        said = f'its type is "{kind}"' if kind else 'it has no type (add "type": "tel")'
        return Refusal(
            "INVALID_ARGUMENT", f"{said}; only tel and sip can be called, and agents and extensions as a group"
        )
    if kind == "tel" and destination["target"].startswith(VIRTUAL) and not OWN_NUMBERS.of(world):
        return Refusal("INVALID_ARGUMENT", f"{destination['target']} is a virtual number, which no call goes out to")
    customer = world.table(CUSTOMERS).get(account)
    if customer is None:
        return None
    status = customer.data["status"]
    if status != "active":
        why = f"the customer is {status or 'not active'}"
        return Refusal("STATE_INVALID", why, "an active customer", 'give the customer the status "active"')
    if kind == "tel" and customer.data["identity_verification_status"] != "verified":
        return Refusal(
            "IDENTITY_VERIFICATION_REQUIRED",
            "the customer's identity is not verified",
            "a verified customer, or type sip",
            'give the customer the identity_verification_status "verified"',
        )
    if why := balance.why_not(world, account, balance.CALL if kind == "tel" else balance.CALL_ELSEWHERE):
        return Refusal("INSUFFICIENT_BALANCE", why, "a customer with a balance", "give the customer a balance, or none")
    return _unreached(world, account, destination) if kind == "tel" else None


def _unreached(world: World, account: str, destination: Mapping[str, str]) -> Refusal | None:
    """Whether a telephone number is none of the customer's countries, or no provider takes a call to it."""
    # Not before somebody calls: who starts a server waits for what is imported.
    from voipbin_mock.areas.outbound import whitelist
    from voipbin_mock.areas.routing import routes

    if why := whitelist.why_not(world, account, normalized(destination)["target"]):
        return Refusal("INVALID_ARGUMENT", why, "a country of the outbound whitelist", "PUT /outbound_config sets it")
    if OWN_NUMBERS.of(world) and numbered(world, destination):  # a number of this service needs no provider
        return None
    why = routes.why_not(world, account, destination["target"])
    if not why:
        return None
    return Refusal(UNROUTED.of(world), why, "a number that a route leads to", 'add a route with the target "all"')


def place(
    world: World,
    account: str,
    values: Mapping[str, Any],
    *,
    ring_limit: int = RING_LIMIT,
    created: int | None = None,
    plan: engine.Plan | None = None,
    given: Mapping[str, str] | None = None,
) -> Row:
    """Call somebody. The values say who and by whom; the phone called says how it goes on.

    plan: what the call runs once it is answered, as the activeflow that the values name. given: variables for that.
    """
    rank = world.timers.draw()
    destination = normalized(values["destination"])
    owner = holder(world, account, destination)
    record = {
        "direction": "outgoing",
        "status": "dialing",
        **values,
        "source": normalized(values["source"]),
        "destination": destination,
        "owner_type": "agent" if owner is not None else "",
        "owner_id": owner.id if owner is not None else NIL_UUID,
        "rank": rank,
    }
    if destination.get("type") == "tel" and len(world.store["routes"]):
        from voipbin_mock.areas.routing import routes

        record["provider_ids"] = values.get("provider_ids") or routes.providers(world, account, destination["target"])
    row = insert(world, account, record, plan, given, created)
    if OWN_NUMBERS.of(world) and numbered(world, record["destination"]):
        timer = world.timers.call_in(0, "number_is_called", row.id, ring_limit, order=PHONE, rank=rank)
        return world.table(CALLS).replace({**row.data, "timers": [timer]})
    outcome = world.part(Phones).dial(record["destination"]["target"])
    return _schedule(world, row, rank, outcome, ring_limit)


def numbered(world: World, destination: Mapping[str, str]) -> bool:
    """Whether a destination is a number of this service, which leads to a flow."""
    if destination["type"] != "tel":
        return False
    found = world.store["numbers"].find("number", destination["target"])
    return any(row.data["call_flow_id"] != NIL_UUID for row in found)


def insert(
    world: World,
    account: str,
    values: Mapping[str, Any],
    plan: engine.Plan | None,
    given: Mapping[str, str] | None = None,
    created: int | None = None,
) -> Row:
    """A call in the table, and before it the run that it will have. Told of as `call_created`.

    What the values do not name, the ids of the call and of its run, is drawn.
    """
    table = world.table(CALLS)
    if created is None:
        created = world.stamp_for(table, account)  # before its run's
    customer = world.table(CUSTOMERS).get(account)
    record = {
        **CALLS.blank,
        "type": "flow",
        "action": engine.START,
        "metadata": (customer.data["metadata"] if customer is not None else None) or {},
        "timers": [],
        "heard": [],
        **({} if plan is None else {"flow_id": plan.flow_id}),
        **values,
        **{name: values.get(name) or world.ids.uuid() for name in ("id", "activeflow_id")},
    }
    if plan is not None:
        engine.start(
            world,
            account,
            record["customer_id"],
            plan,
            reference_type="call",
            reference_id=record["id"],
            variables=given,
            system=system_variables(record),
            own={"id": record["activeflow_id"]},
        )
    record["tm_create"] = created
    row = table.insert(record, account)
    crud.published(world, CALLS, row, "created")
    return row


def system_variables(call: Mapping[str, Any]) -> dict[str, str]:
    """What a flow knows of the call that it leads."""
    return {
        "voipbin.call.id": call["id"],
        "voipbin.call.direction": call["direction"],
        "voipbin.call.master_call_id": NIL_UUID,  # chained only after this is set (server)
        "voipbin.call.digits": "",
        **variables.address("voipbin.call.source", call["source"]),
        **variables.address("voipbin.call.destination", call["destination"]),
    }


def _schedule(world: World, row: Row, rank: int, outcome: Outcome, ring_limit: int) -> Row:
    timers = []

    def at(milliseconds: int, kind: str, *args: str) -> None:
        timers.append(world.timers.call_in(milliseconds, kind, row.id, *args, order=PHONE, rank=rank))

    going = course(outcome, ring_limit)
    if outcome.rings:
        at(0, "call_rings")
    if going.answered is not None:
        at(going.answered, "call_is_answered")
    at(going.ended, "call_ends", going.reason, going.by)
    then = [step.as_dict() for step in outcome.then] if isinstance(outcome, Answer) else []
    return world.table(CALLS).replace({**row.data, "timers": timers, "then": then, "machine": outcome.is_machine})


# --- timers --------------------------------------------------------------------------------------


def rings(world: World, call_id: str) -> None:
    row = world.table(CALLS).get(call_id)
    if row is not None and row.data["status"] == "dialing":
        now = world.clock.microseconds()
        row = crud.change(world, CALLS, row, {"status": "ringing", "tm_ringing": now}, "ringing")
        if row.data["early"]:
            engine.begins(world, row.data["activeflow_id"], unless_empty=True)


def is_answered(world: World, call_id: str) -> None:
    row = world.table(CALLS).get(call_id)
    if row is None or row.data["status"] not in ("dialing", "ringing"):
        return
    now = world.clock.microseconds()
    row = crud.change(world, CALLS, row, {"status": "progressing", "tm_progressing": now}, "progressing")
    if row.data["direction"] == "outgoing":
        # A flow without actions would hang up at once; who gives none wants the phone to say how long the call lasts.
        engine.begins(world, row.data["activeflow_id"], unless_empty=True)
        if row.data["then"]:
            world.follow("call_far_end", world.table(CALLS).get(call_id) or row)


def answer(world: World, row: Row) -> None:
    """The service answers a call that came in; nothing happens to one that is answered, or that it made itself."""
    if row.data["direction"] == "incoming" and row.data["status"] == "ringing":
        is_answered(world, row.id)


def ends(world: World, call_id: str, reason: str, by: str) -> None:
    """The last thing that happens to a call. Reasons: `normal` is a success, all others are not."""
    row = world.table(CALLS).get(call_id)
    if row is None or row.data["status"] == "hangup":
        return
    values = {
        "status": "hangup",
        "hangup_reason": reason,
        "hangup_by": by,
        "tm_hangup": world.clock.microseconds(),
        "timers": CALLS.blank["timers"],
    }
    for timer in row.data["timers"] or ():
        world.timers.cancel(timer)
    crud.change(world, CALLS, row, values, "hangup")


def assisted(world: World, what: str, call: Row) -> None:
    """Something happens to a call: the model hears of it that it talks to, if it does."""
    if call.data["aicall_id"] != NIL_UUID:
        world.follow(f"assisted_call_{what}", call)


def keep_timer(world: World, call_id: str, timer: int) -> None:
    """This timer is called off when the call ends."""
    row = world.table(CALLS).get(call_id)
    if row is not None:
        world.table(CALLS).replace({**row.data, "timers": [*(row.data["timers"] or ()), timer]})


def hang_up(world: World, row: Row, reason: str = SUCCESS) -> Row:
    """End a call from the service's side: one made and not answered is canceled. It is over in the same instant.

    reason: of one that was answered, or came in.
    """
    row = world.table(CALLS).get(row.id) or row
    status = row.data["status"]
    if status in ("hangup", "terminating", "canceling"):
        return row
    canceled = status != "progressing" and row.data["direction"] != "incoming"
    what = "canceling" if canceled else "terminating"
    row = crud.change(world, CALLS, row, {"status": what}, what)
    why = "cancel" if canceled else reason
    timer = world.timers.call_in(0, "call_ends", row.id, why, "local", order=PHONE, rank=row.data["rank"])
    keep_timer(world, row.id, timer)
    return world.table(CALLS).get(row.id) or row


TIMERS: Mapping[str, TimerHandler] = {"call_rings": rings, "call_is_answered": is_answered, "call_ends": ends}
