"""A new customer, and all that it has from the beginning: an agent, and an account that pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.operations import ADMIN
from voipbin_mock.areas.accounts.agents import is_email
from voipbin_mock.areas.accounts.resources import AGENTS, BILLING_ACCOUNTS, CUSTOMERS
from voipbin_mock.areas.customers.differences import DEFAULT_AGENT
from voipbin_mock.areas.customers.lifecycle import will_expire
from voipbin_mock.wire.stamps import to_datetime, to_microseconds
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

FREE_TOKENS = 100  # a month
MEMBERS = ("name", "detail", "email", "phone_number", "address", "webhook_method", "webhook_uri")


def unusable(world: World, email: str) -> str:
    """Why a new customer cannot have this address; empty if it can."""
    if not is_email(email):
        return "it is no e-mail address"
    if any(row.data["email"] == email for row in world.table(CUSTOMERS) if not row.deleted):
        return "another customer has this e-mail address"
    return "an agent has this user name" if world.table(AGENTS).find("username", email) else ""


def new(world: World, values: Mapping[str, Any], *, verified: bool, **more: Any) -> Row:
    """A customer as it is first answered with: what it has besides comes along, but it does not say so yet."""
    account = world.ids.uuid()
    record = {
        **{name: values[name] for name in MEMBERS},
        "id": account,
        "email_verified": verified,
        "status": "active" if verified else "initial",
        "identity_verification_status": "none",
        "balance": None,
        "webhook_secret": world.ids.token(),
        **more,
    }
    row = crud.made(world, CUSTOMERS, account, record, what="")
    if not verified:
        will_expire(world, row.id, row.created)
    _first_agent(world, row)
    crud.published(world, CUSTOMERS, _paid_for(world, row), "created")  # those who follow find all of it
    return row


def _first_agent(world: World, customer: Row) -> None:
    """It has no password until one is set by mail."""
    agent = {
        "customer_id": customer.id,
        "username": customer.data["email"],
        "password": world.ids.token(),
        "name": DEFAULT_AGENT.of(world),
        "ring_method": "ringall",
        "status": "offline",
        "permission": ADMIN,
        "first": True,
    }
    crud.made(world, AGENTS, customer.account, agent)


def _paid_for(world: World, customer: Row) -> Row:
    now = world.clock.microseconds()
    month = to_datetime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    account = {
        "customer_id": customer.id,
        "name": "basic billing account",
        "detail": "billing account for default use",
        "plan_type": "free",
        "plan_status": "active",
        "balance_token": FREE_TOKENS,
        "payment_type": "prepaid",
        "tm_last_topup": now,
        "tm_next_topup": to_microseconds(following),
    }
    payer = crud.made(world, BILLING_ACCOUNTS, customer.account, account)
    row = world.table(CUSTOMERS).get(customer.id) or customer
    return crud.change(world, CUSTOMERS, row, {"billing_account_id": payer.id}, "")
