"""What a customer has to pay with: the one place that is asked, by whatever costs something, before it is stored.

There are two purses. The plain one is the `balance` that a seed or a test gives a customer, in US dollars; none is any
amount. The other is its billing account's, by the rules of the service, once a mock has billing turned on.
"""

from __future__ import annotations

from typing import Protocol

from voipbin_mock.areas.accounts.resources import BILLING_ACCOUNTS, CUSTOMERS
from voipbin_mock.world.world import World

_PLACES = 6  # the service counts millionths
# What is paid for -> what one takes of the plain purse. Of what is not here (a call to a telephone number or elsewhere,
# one to a virtual number, a recording) something must be left in it.
PRICES = {"sms": 0.01, "email": 0.01, "number": 5.0, "number_renew": 5.0}
CALL, CALL_ELSEWHERE, CALL_VIRTUAL, RECORDING = "call", "call_extension", "call_vn", "recording"


class Ledger(Protocol):
    """The part of a world that is called `billing`, if there is one."""

    def why_not(self, account: str, what: str, many: int) -> str:
        """Why an account of the service's own rules has not enough; empty if it has, or while billing is off."""


def why_not(world: World, account: str, what: str, many: int = 1) -> str:
    """Why a customer cannot pay for so many of something; empty if it can."""
    customer = world.table(CUSTOMERS).get(account)
    if customer is None:
        return ""
    ledger: Ledger | None = world.named.get("billing")
    if ledger is not None and (why := ledger.why_not(account, what, many)):
        return why
    balance = customer.data["balance"]
    if what not in PRICES:
        return "the customer's balance is used up" if balance is not None and balance <= 0 else ""
    price = round(PRICES[what] * many, _PLACES)
    if balance is not None and balance < price:
        return f"the account has {balance:g}, and it takes {price:g}"
    payer = world.table(BILLING_ACCOUNTS).get(customer.data["billing_account_id"])
    if payer is not None and payer.deleted:
        return "its billing account was deleted"
    return "the customer is frozen" if customer.data["status"] == "frozen" else ""


def pay(world: World, account: str, what: str, many: int = 1) -> None:
    """Take it off the plain balance, if the customer has one. The billing account pays by what it hears of."""
    customers = world.table(CUSTOMERS)
    row = customers.get(account)
    if row is not None and row.data["balance"] is not None:
        left = round(row.data["balance"] - PRICES[what] * many, _PLACES)
        customers.replace({**row.data, "balance": left})
