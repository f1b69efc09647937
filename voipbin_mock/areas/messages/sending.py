"""Texts on their way: out to whoever they are for, and in from a provider."""

from __future__ import annotations

from collections.abc import Sequence

from voipbin_mock.api import crud
from voipbin_mock.areas.accounts import balance
from voipbin_mock.areas.accounts.addresses import Address, normalized
from voipbin_mock.areas.accounts.resources import CUSTOMERS
from voipbin_mock.areas.messages import delivery
from voipbin_mock.areas.messages.differences import COUNTED_AT_ONCE, OWN_SOURCE, REFUSALS
from voipbin_mock.areas.messages.resources import MESSAGES
from voipbin_mock.areas.routing.resources import NUMBERS
from voipbin_mock.schema.members import empty_address
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

MOST_TOLD = 5  # numbers


class Dropped(ValueError):
    """A text that came in leads nowhere: the service throws it away, and tells nobody."""


def send(
    world: World,
    customer_id: str,
    source: Address,
    destinations: Sequence[Address],
    text: str,
    *,
    message_id: str = "",
) -> Row:
    """Text somebody: the new message, told of as `message_created`, and on its way.

    message_id: the id that it is to have. Raises ApiError, of the reason that POST /messages has in this profile, if
    the customer may not; then nothing is stored.
    """
    account = world.account_of(customer_id)
    source = normalized(source)
    several = [normalized(each) for each in destinations]
    check(world, account, source, len(several))
    counted = delivery.parts_of(text) if COUNTED_AT_ONCE.of(world) else 0
    created = world.stamp_for(world.table(MESSAGES), account)
    touched = created if COUNTED_AT_ONCE.of(world) else None
    targets = [{"destination": each, "status": "queued", "parts": counted, "tm_update": touched} for each in several]
    values = {"id": message_id, "customer_id": customer_id, "source": source, "targets": targets, "text": text}
    balance.pay(world, account, "sms", len(several))
    row = crud.made(world, MESSAGES, account, {**values, "direction": "outbound"}, created)
    delivery.begin(world, row)
    return row


def check(world: World, account: str, source: Address, many: int) -> None:
    """Whether a customer may text so many from there. Raises ApiError."""
    if OWN_SOURCE.of(world) and not _is_own(world, account, source.get("target", "")):
        own = [row.data["number"] for row in world.table(NUMBERS) if row.account == account and not row.deleted]
        wanted = f"one of the customer's numbers, such as {', '.join(own[:MOST_TOLD])}" if own else "a number; buy one"
        what = "is none of the customer's numbers"
        raise ApiError(
            "INVALID_ARGUMENT", violations=[Violation("/source", f"{what}: expected {wanted}", wanted, source)]
        )
    why = unverified(world, account)
    if why:
        raise ApiError(REFUSALS.of(world)["identity"], hint=why)
    why = balance.why_not(world, account, "sms", many)
    if why:
        raise ApiError(REFUSALS.of(world)["balance"], hint=why)


def _is_own(world: World, account: str, number: str) -> bool:
    """Whether a number is the customer's: one that it has here, or its own telephone number."""
    customer = world.table(CUSTOMERS).get(account)
    if customer is not None and number and customer.data["phone_number"] == number:
        return True  # a page texts from there
    return any(row.account == account for row in _numbers(world, number))


def unverified(world: World, account: str) -> str:
    """Why a customer may not write to anybody; empty if it may."""
    customer = world.table(CUSTOMERS).get(account)
    if customer is None or customer.data["identity_verification_status"] == "verified":
        return ""
    return 'the customer\'s identity is not verified; give it the identity_verification_status "verified"'


def receive(world: World, source: str, to: Sequence[str], text: str, *, parts: int = 0) -> Row:
    """A text comes in: the new message, told of as `message_created`.

    to: whom it was sent to; the first must be a number of the service, as it is written there. parts: 0 counts them.
    Raises Dropped, with the reason, if it leads nowhere.
    """
    if not to:
        raise Dropped("it is for nobody")
    if not source:
        raise Dropped("it is from nobody")
    found = _numbers(world, to[0])
    if not found:
        raise Dropped(f"{to[0]!r} is no number of this service")
    number = found[0]
    created = world.stamp_for(world.table(MESSAGES), number.account)
    touched = created if COUNTED_AT_ONCE.of(world) else None
    many = parts or delivery.parts_of(text)
    targets = [{"destination": _tel(each), "status": "received", "parts": many, "tm_update": touched} for each in to]
    values = {"customer_id": number.data["customer_id"], "source": _tel(source), "targets": targets, "text": text}
    balance.pay(world, number.account, "sms", len(to))
    return crud.made(world, MESSAGES, number.account, {**values, "direction": "inbound"}, created)


def _numbers(world: World, number: str) -> list[Row]:
    """The number as it is written, if the service has it."""
    return [row for row in world.table(NUMBERS).find("number", number) if not row.deleted] if number else []


def _tel(number: str) -> dict[str, str]:
    return {**empty_address(), "type": "tel", "target": number}
