"""What a test changes of a billing account without any row: its balances, and its plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.billing import ledger
from voipbin_mock.areas.billing.booking import DOLLAR
from voipbin_mock.areas.billing.rates import ALLOWANCES, MOST, PLANS
from voipbin_mock.areas.billing.resources import BILLING_ACCOUNTS
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.matching import near_name
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

_MEMBERS = {"credit": "balance_credit", "tokens": "balance_token", "plan": "plan_type", "status": "status"}
STATUSES = ("active", "frozen")


def chosen(world: World, account_id: str | None) -> Row:
    """A billing account, or the one that pays for the seed's customer. Raises MockUsageError."""
    if account_id is None:
        row = ledger.payer_of(world, world.account_of(world.owner))
        if row is None:
            raise MockUsageError("the seed's customer has no billing account; say which, as account=")
        return row
    row = world.table(BILLING_ACCOUNTS).get(account_id)
    if row is None:
        raise MockUsageError(f"there is no billing account {account_id!r}")
    return row


def changed(world: World, row: Row, members: Mapping[str, Any], *, check: bool = False) -> Row:
    """An account with another `credit`, `tokens`, `plan` or `status`. check: nothing is changed. Raises
    MockUsageError."""
    for name, value in members.items():
        if name not in _MEMBERS:
            near = near_name(name, _MEMBERS)
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(_MEMBERS)}"
            raise MockUsageError(f"an account has no {name!r}; {hint}")
        choices = {"plan": PLANS, "status": STATUSES}.get(name)
        if choices is not None and value not in choices:
            raise MockUsageError(f"{name}: {value!r} is none of {', '.join(choices)}")
        if choices is None and (type(value) is not int or abs(value) > MOST):
            unit = "millionths of a US dollar" if name == "credit" else "tokens"
            raise MockUsageError(f"{name}: {value!r} is no whole number of {unit}")
    if check:
        return row
    values: dict[str, Any] = {_MEMBERS[name]: value for name, value in members.items()}
    if members.get("plan") in ALLOWANCES and row.data["tm_next_topup"] is None:
        values["tm_next_topup"] = ledger.next_month(world.clock.microseconds())  # else it would never have tokens
    row = crud.change(world, BILLING_ACCOUNTS, row, values)
    if ledger.of(world) is not None:
        ledger.plan_top_up(world, True)
    return row


def micros_of(usd: Any) -> int:
    """An amount of US dollars in millionths. Raises MockUsageError."""
    if type(usd) not in (int, float) or not 0 <= usd * DOLLAR <= MOST:
        raise MockUsageError(f"usd: {usd!r} is no amount of US dollars, zero or more")
    return round(float(usd) * DOLLAR)
