"""Billing accounts: `/billing_account` is the caller's own, `/billing_accounts` are everybody's, for super admins."""

from __future__ import annotations

import math
import struct
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import admit, caller_of, find, permit
from voipbin_mock.api.lists import page_of_all
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.resources import CUSTOMERS
from voipbin_mock.areas.billing import booking
from voipbin_mock.areas.billing.differences import FORCED_SHOWS_ALL, NO_PORTAL
from voipbin_mock.areas.billing.resources import BILLING_ACCOUNTS
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply, encode, json_reply, text_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

PORTAL = "https://customer-portal.paddle.com/cpl_session_"

# --- its two forms ---------------------------------------------------------------------------------


def _own_form(world: World, row: Row) -> Reply:
    shown = world.view(BILLING_ACCOUNTS, row.data)
    shown.pop("status", None)
    return text_reply(encode(shown))


def _whole(world: World, row: Row) -> str:
    shown = world.view(BILLING_ACCOUNTS, row.data)
    names = [member.name for member in BILLING_ACCOUNTS.record.members]
    return encode({name: shown.get(name, row.data[name]) for name in names})


def _saved(world: World, request: Request, row: Row) -> Row:
    crud.save(world, request, row, request.values)
    return world.table(BILLING_ACCOUNTS).get(row.id) or row


# --- the caller's own ------------------------------------------------------------------------------


def _own(world: World, request: Request) -> Row:
    """The account that pays for the caller's customer. Raises ApiError."""
    caller = permit(request)
    customer = world.table(CUSTOMERS).get(caller.account)
    if customer is None:
        raise ApiError(CUSTOMERS.missing, hint="the seed has no record for the caller's customer")
    wanted = customer.data["billing_account_id"]
    if wanted == NIL_UUID:
        raise ApiError("STATE_INVALID", "The customer has no billing account.")
    return find(world, request, BILLING_ACCOUNTS, wanted)


def own(world: World, request: Request) -> Reply:
    """GET /billing_account."""
    return _own_form(world, _own(world, request))


def own_update(world: World, request: Request) -> Reply:
    """PUT /billing_account and /billing_account/payment_info: what the body has not is cleared."""
    return _own_form(world, _saved(world, request, _own(world, request)))


def portal(world: World, request: Request) -> Reply:
    """POST /billing_account/paddle_portal_session: a canned URL, with a number of its own for each call."""
    row = _own(world, request)
    if not row.data["paddle_customer_id"]:
        raise ApiError(NO_PORTAL.of(world), hint="the account has no paddle_customer_id; a subscription brings one")
    return json_reply({"url": PORTAL + world.ids.uuid().replace("-", "")[:12]})


# --- everybody's -----------------------------------------------------------------------------------


def list_(world: World, request: Request) -> Reply:
    """GET /billing_accounts: of all customers."""
    return page_of_all(world, request, text=lambda row: _whole(world, row))


def get(world: World, request: Request) -> Reply:
    permit(request)  # told before whether there is such an account
    return text_reply(_whole(world, find(world, request)))


def update(world: World, request: Request) -> Reply:
    """PUT /billing_accounts/{id} and /billing_accounts/{id}/payment_info: of deleted ones, too (server)."""
    permit(request)
    row = world.table(BILLING_ACCOUNTS).get(request.id)
    if row is None:
        raise ApiError(BILLING_ACCOUNTS.missing)
    admit(world, request, caller_of(request), BILLING_ACCOUNTS, row)
    return text_reply(_whole(world, _saved(world, request, row)))


def add(world: World, request: Request) -> Reply:
    """POST /billing_accounts/{id}/balance_add_force."""
    return _forced(world, request, 1)


def subtract(world: World, request: Request) -> Reply:
    """POST /billing_accounts/{id}/balance_subtract_force: also below zero."""
    return _forced(world, request, -1)


def _forced(world: World, request: Request, sign: int) -> Reply:
    micros = _micros(request.values["balance"])
    permit(request)
    row = world.table(BILLING_ACCOUNTS).get(request.id)
    if row is None or row.deleted:
        raise ApiError("RESOURCE_NOT_FOUND")
    row = booking.adjust(world, row, "adjustment", "credit_adjustment", credit=sign * micros)
    return text_reply(_whole(world, row)) if FORCED_SHOWS_ALL.of(world) else _own_form(world, row)


def _micros(given: Any) -> int:
    """US dollars as the service reads them, a float of 32 bits, in millionths. Raises ApiError."""
    try:
        dollars: float = struct.unpack("<f", struct.pack("<f", given))[0]
        finite = math.isfinite(dollars)
    except (struct.error, OverflowError):
        finite = False
    if not finite:
        violation = Violation("/balance", "expected a number of 32 bits", "an amount of US dollars", given)
        raise ApiError("INVALID_JSON_BODY", violations=[violation])
    if dollars < 0:
        violation = Violation("/balance", f"{given} is negative", "an amount of US dollars, zero or more", given)
        raise ApiError("INVALID_ARGUMENT", violations=[violation])
    return round(dollars * booking.DOLLAR)
