"""What the payment provider would tell the service: subscriptions, credit that is bought and given back."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.areas.billing import booking, ledger
from voipbin_mock.areas.billing.resources import BILLING_ACCOUNTS
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

_SUBSCRIPTION = "paddle_subscription"


def subscribe(world: World, payer: Row, plan: str) -> Row:
    """The account has a plan from now on, and its tokens. The first time is a top-up, another an adjustment."""
    known = payer.data["paddle_subscription_id"]
    names = {
        "paddle_subscription_id": known or _named(world, "sub"),
        "paddle_customer_id": payer.data["paddle_customer_id"] or _named(world, "ctm"),
        **({"plan_status": "active"} if known else {}),  # the first leaves it as it is (server)
    }
    return _given(world, payer, "adjustment" if known else "top_up", plan_type=plan, **names)


def renew(world: World, payer: Row) -> Row:
    """Another month of the plan."""
    return _given(world, payer, "top_up")


def cancel(world: World, payer: Row) -> Row:
    """The subscription is over: the plan is free again."""
    return _given(
        world, payer, "adjustment", plan_type="free", plan_status="active", paddle_subscription_id=""
    )  # fmt: skip


def buy(world: World, payer: Row, micros: int) -> Row:
    """Credit is bought."""
    known = payer.data["paddle_customer_id"] or _named(world, "ctm")
    return booking.adjust(world, payer, "top_up", "paddle_credit_purchase", credit=micros, paddle_customer_id=known)


def refund(world: World, payer: Row, micros: int) -> Row:
    """Credit is given back; an account that has less than nothing then is frozen (server)."""
    payer = booking.adjust(world, payer, "refund", "paddle_refund", credit=-micros)
    if payer.data["balance_credit"] < 0:
        payer = crud.change(world, BILLING_ACCOUNTS, payer, {"status": "frozen"})
    return payer


def _named(world: World, kind: str) -> str:
    return f"{kind}_{world.ids.uuid().replace('-', '')[:24]}"


def _given(world: World, payer: Row, kind: str, **members: str) -> Row:
    payer = ledger.give_allowance(world, payer, kind, _SUBSCRIPTION, **members)
    if ledger.of(world) is not None:
        ledger.plan_top_up(world, True)
    return payer
