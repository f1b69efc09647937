"""Calls on the virtual clock: what a phone does, and what becomes of a call by it.

A call is `dialing`, then `ringing`, `progressing` once answered, and `hangup` at its end; one that the
caller ends is `canceling` or `terminating` on its way there. Times are milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from voipbin_mock.api import crud
from voipbin_mock.areas.accounts.addresses import holder, normalized
from voipbin_mock.areas.accounts.resources import CUSTOMERS
from voipbin_mock.areas.calls.phones import Outcome, Phones
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import PHONE
from voipbin_mock.world.world import World

RING_LIMIT = 60_000  # that a call rings at most, if nobody says
LONGEST_CALL = 3_600_000  # from the dial; ringing counts (server)
DIALABLE = ("tel", "sip")
SUCCESS = "normal"  # the one reason to hang up that is no failure
# What a call does before its flow runs.
START = {"id": "00000000-0000-0000-0000-000000000001", "next_id": NIL_UUID, "tm_execute": None}


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
        group = "; agents and extensions are called as a group, which is not mocked yet"
        more = group if kind in ("agent", "extension") else ""
        return Refusal("INVALID_ARGUMENT", f"{said}; only tel and sip can be called{more}")
    customer = world.table(CUSTOMERS).get(account)
    if customer is None:
        return None
    status, balance = customer.data["status"], customer.data["balance"]
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
    if balance is not None and balance <= 0:
        why = "the customer's balance is used up"
        return Refusal("INSUFFICIENT_BALANCE", why, "a customer with a balance", "give the customer a balance, or none")
    return None


def place(
    world: World, account: str, values: Mapping[str, Any], *, ring_limit: int = RING_LIMIT, created: int | None = None
) -> Row:
    """Call somebody. The values say who and by whom; the phone called says how it goes on."""
    table = world.table(CALLS)
    rank = world.timers.draw()
    destination = normalized(values["destination"])
    owner = holder(world, account, destination)
    customer = world.table(CUSTOMERS).get(account)
    record = {
        **CALLS.blank,
        "type": "flow",
        "direction": "outgoing",
        "status": "dialing",
        "action": dict(START),
        "metadata": dict(customer.data["metadata"]) if customer is not None else {},
        **values,
        "source": normalized(values["source"]),
        "destination": destination,
        "owner_type": "agent" if owner is not None else "",
        "owner_id": owner.id if owner is not None else NIL_UUID,
        "rank": rank,
        "tm_create": world.stamp_for(table, account) if created is None else created,
    }
    row = table.insert(record, account)
    crud.published(world, CALLS, row, "created")
    _schedule(world, row.id, rank, world.part(Phones).dial(record["destination"]["target"]), ring_limit)
    return row


def _schedule(world: World, call_id: str, rank: int, outcome: Outcome, ring_limit: int) -> None:
    def at(milliseconds: int, kind: str, *args: str) -> None:
        world.timers.call_in(milliseconds, kind, call_id, *args, order=PHONE, rank=rank)

    going = course(outcome, ring_limit)
    if outcome.rings:
        at(0, "call_rings")
    if going.answered is not None:
        at(going.answered, "call_is_answered")
    at(going.ended, "call_ends", going.reason, going.by)


# --- timers --------------------------------------------------------------------------------------


def rings(world: World, call_id: str) -> None:
    row = world.table(CALLS).get(call_id)
    if row is not None and row.data["status"] == "dialing":
        now = world.clock.microseconds()
        crud.change(world, CALLS, row, {"status": "ringing", "tm_ringing": now}, "ringing")


def is_answered(world: World, call_id: str) -> None:
    row = world.table(CALLS).get(call_id)
    if row is None or row.data["status"] not in ("dialing", "ringing"):
        return
    now = world.clock.microseconds()
    crud.change(world, CALLS, row, {"status": "progressing", "tm_progressing": now}, "progressing")


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
    }
    crud.change(world, CALLS, row, values, "hangup")


def hang_up(world: World, row: Row) -> Row:
    """End a call from the caller's side: one that was not answered is canceled. It is over in the same instant."""
    status = row.data["status"]
    if status in ("hangup", "terminating", "canceling"):
        return row
    answered = status == "progressing"
    row = crud.change(
        world,
        CALLS,
        row,
        {"status": "terminating" if answered else "canceling"},
        "terminating" if answered else "canceling",
    )
    reason = SUCCESS if answered else "cancel"
    world.timers.call_in(0, "call_ends", row.id, reason, "local", order=PHONE, rank=row.data["rank"])
    return row


TIMERS: Mapping[str, TimerHandler] = {"call_rings": rings, "call_is_answered": is_answered, "call_ends": ends}
