"""What a customer has to pay with: the balance that a seed or a test gives it, in US dollars; none is any."""

from __future__ import annotations

from voipbin_mock.areas.accounts.resources import BILLING_ACCOUNTS, CUSTOMERS
from voipbin_mock.world.world import World

_PLACES = 6  # the service counts millionths


def why_not(world: World, account: str, price: float) -> str:
    """Why a customer cannot pay so much; empty if it can."""
    customer = world.table(CUSTOMERS).get(account)
    if customer is None:
        return ""
    balance, price = customer.data["balance"], round(price, _PLACES)
    if balance is not None and balance < price:
        return f"the account has {balance:g}, and it takes {price:g}"
    payer = world.table(BILLING_ACCOUNTS).get(customer.data["billing_account_id"])
    if payer is not None and payer.deleted:
        return "its billing account was deleted"
    return "the customer is frozen" if customer.data["status"] == "frozen" else ""


def pay(world: World, account: str, price: float) -> None:
    """Take it off the balance, if the customer has one."""
    customers = world.table(CUSTOMERS)
    row = customers.get(account)
    if row is not None and row.data["balance"] is not None:
        customers.replace({**row.data, "balance": round(row.data["balance"] - price, _PLACES)})
