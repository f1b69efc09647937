"""What is used, as the ledger hears of it in other areas; and what becomes of accounts when customers come and go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.billing import booking, ledger
from voipbin_mock.areas.billing.differences import STATUS_AT_FIRST
from voipbin_mock.areas.billing.rates import FREE, Rate, cost, units_of
from voipbin_mock.areas.billing.resources import BILLING_ACCOUNTS, BILLINGS
from voipbin_mock.wire.stamps import SECOND, to_datetime
from voipbin_mock.world.blueprint import Follower
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

VIRTUAL = "+899"

# --- rows --------------------------------------------------------------------------------------------


def opens(world: World, row: Row, reference: str, reference_id: str, kind: str, start: int) -> Row | None:
    """A row for a record that is being used, from a moment on. None: nobody pays, or there is one already."""
    book, payer = ledger.of(world), ledger.payer_of(world, row.account)
    if book is None or payer is None or payer.deleted or _found(world, reference, reference_id) is not None:
        return None
    rate, row_id = book.rates[kind], world.ids.uuid()
    return booking.entry(
        world,
        payer,
        {
            "id": row_id,
            "transaction_type": "usage",
            "status": "progressing",
            "reference_type": reference,
            "reference_id": reference_id,
            "cost_type": kind,
            "rate_token_per_unit": rate.tokens,
            "rate_credit_per_unit": rate.credit,
            "idempotency_key": row_id,
            "tm_billing_start": start,
            "about": row.id,
        },
    )


def closes(world: World, entry: Row | None, end: int, units: int | None = None) -> None:
    """The row is at its end, and is paid for. units: of what has no length; else started minutes."""
    if entry is None or entry.data["status"] != "progressing":
        return
    payer = world.table(BILLING_ACCOUNTS).get(entry.data["account_id"])
    values: dict[str, Any] = {"status": "end", "tm_billing_end": end}
    rate = Rate(entry.data["rate_token_per_unit"], entry.data["rate_credit_per_unit"])
    if payer is not None and rate != FREE:
        seconds = (end - entry.data["tm_billing_start"]) // SECOND if units is None else 0
        units = units_of(seconds) if units is None else units
        taken = cost(rate, units, payer.data["balance_token"])
        left = {
            "balance_token": payer.data["balance_token"] - taken.tokens,
            "balance_credit": payer.data["balance_credit"] - taken.credit,
        }
        crud.change(world, BILLING_ACCOUNTS, payer, left)
        values |= {f"{name}_snapshot": value for name, value in left.items()}
        values |= {"usage_duration": seconds, "billable_units": units}
        values |= {"amount_token": -taken.tokens, "amount_credit": -taken.credit}
    crud.change(world, BILLINGS, entry, values)


def _found(world: World, reference: str, reference_id: str) -> Row | None:
    rows = world.table(BILLINGS).find(("reference_type", "reference_id"), (reference, reference_id))
    return next(iter(rows), None)


def _at_once(world: World, row: Row, reference: str, reference_id: str, kind: str) -> None:
    """One unit, paid for as it is used."""
    moment = row.created
    closes(world, opens(world, row, reference, reference_id, kind, moment), moment, 1)


# --- calls -------------------------------------------------------------------------------------------


def _classes(call: Mapping[str, Any]) -> tuple[str, str]:
    """What kind of row a call has, and at which rate (server)."""
    source, destination = call["source"], call["destination"]
    if call["direction"] != "incoming":
        outside = destination["type"] == "tel"
        return ("call", "call_pstn_outgoing") if outside else ("call_extension", "call_extension")
    reference = "call" if source["type"] == "tel" else "call_extension"
    if destination["type"] == "tel" and destination["target"].startswith(VIRTUAL):
        return reference, "call_vn"
    if (source["type"], destination["type"]) == ("tel", "tel"):
        return reference, "call_pstn_incoming"
    direct = (source["type"], destination["type"]) == ("sip", "extension")
    return reference, "call_direct_ext" if direct else "call_extension"


def call_progressing(world: World, call: Row) -> None:
    reference, kind = _classes(call.data)
    opens(world, call, reference, call.id, kind, call.data["tm_progressing"])


def call_hangup(world: World, call: Row) -> None:
    closes(world, _found(world, _classes(call.data)[0], call.id), call.data["tm_hangup"])


# --- what takes its time, and what does not ------------------------------------------------------------


def _starts(reference: str, kind: str) -> Follower:
    def starts(world: World, row: Row) -> None:
        opens(world, row, reference, row.id, kind, world.clock.microseconds())

    return starts


def _stops(reference: str) -> Follower:
    def stops(world: World, row: Row) -> None:
        closes(world, _found(world, reference, row.id), world.clock.microseconds())

    return stops


def _each(reference: str, member: str) -> Follower:
    """One row for each who is written to, under an id that follows from the record's."""

    def written(world: World, row: Row) -> None:
        for place in range(len(row.data[member])):
            _at_once(world, row, reference, Ids(f"billed:{row.id}:{place}").uuid(), reference)

    return written


def number_created(world: World, number: Row) -> None:
    """Virtual ones are free."""
    if number.data["type"] != "virtual":
        _at_once(world, number, "number", number.id, "number")


def number_renewed(world: World, number: Row) -> None:
    """Once in a month: a second renewal is free."""
    month = to_datetime(world.clock.microseconds()).strftime("%Y-%m")
    _at_once(world, number, "number_renew", Ids(f"renewed:{number.id}:{month}").uuid(), "number_renew")


# --- customers come and go -----------------------------------------------------------------------------


def customer_created(world: World, customer: Row) -> None:
    """A new customer's account has the plan's tokens, and a row for them."""
    payer = ledger.payer_of(world, customer.account)
    if payer is None or payer.account != customer.account:
        return
    first = STATUS_AT_FIRST.of(world)
    payer = world.table(BILLING_ACCOUNTS).replace(
        {**payer.data, "balance_token": 0, "status": first, "plan_status": first}
    )
    ledger.give_allowance(world, payer)
    if ledger.of(world) is not None:
        ledger.plan_top_up(world, True)


def _becomes(status: str) -> Follower:
    def follow(world: World, customer: Row) -> None:
        rows = [row for row in world.table(BILLING_ACCOUNTS) if row.account == customer.account and not row.deleted]
        for row in rows:
            gone = world.deletion(BILLING_ACCOUNTS) if status == "deleted" else {}
            crud.change(world, BILLING_ACCOUNTS, row, {"status": status, **gone}, "deleted" if gone else "updated")

    return follow


FOLLOWS: Mapping[str, Callable[[World, Row], None]] = {
    "call_progressing": call_progressing,
    "call_hangup": call_hangup,
    "recording_started": _starts("recording", "recording"),
    "recording_finished": _stops("recording"),
    "speaking_started": _starts("speaking", "tts"),
    "speaking_stopped": _stops("speaking"),
    "message_created": _each("sms", "targets"),
    "email_created": _each("email", "destinations"),
    "number_created": number_created,
    "number_renewed": number_renewed,
    "customer_created": customer_created,
    "customer_frozen": _becomes("frozen"),
    "customer_recovered": _becomes("active"),
    "customer_deleted": _becomes("deleted"),
}
