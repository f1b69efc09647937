"""What a customer's plan allows: how many of a resource there may be at a time."""

from __future__ import annotations

from typing import NamedTuple

from voipbin_mock.areas.accounts.resources import BILLING_ACCOUNTS, CUSTOMERS
from voipbin_mock.wire.errors import ApiError, Reason
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.world import World


class Allowance(NamedTuple):
    """The most that each plan allows; other plans allow any number."""

    free: int
    basic: int
    professional: int


def check_room(
    world: World, account: str, resource: Resource, allowance: Allowance, reason: str | Reason = "INTERNAL"
) -> None:
    """Whether the customer may have one more. Raises ApiError; deleted ones do not count (server)."""
    customer = world.table(CUSTOMERS).get(account)
    payer = None if customer is None else world.table(BILLING_ACCOUNTS).get(customer.data["billing_account_id"])
    plan = "" if payer is None else payer.data["plan_type"]
    most = allowance._asdict().get(plan)
    if most is None:
        return
    there = sum(row.account == account and not row.deleted for row in world.table(resource))
    if there >= most:
        raise ApiError(reason, hint=f"the plan {plan} allows {most} {resource.name}, and there are {there}")
