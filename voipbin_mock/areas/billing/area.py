"""Billing: who pays, what has been paid, and what there is left to pay with."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.answers import closed_object, plain
from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import get, operations
from voipbin_mock.api.operations import ADMIN, SUPER_ADMIN, Access, Example, Schema, action, own
from voipbin_mock.areas.accounts.resources import CUSTOMERS
from voipbin_mock.areas.billing import accounts, control, differences, ledger, usage
from voipbin_mock.areas.billing.resources import BILLING_ACCOUNTS, BILLINGS
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

_MINE = Access(ADMIN)
_OWN_REFUSES = (CUSTOMERS.missing, BILLING_ACCOUNTS.missing, "RESOURCE_NOT_FOUND", "STATE_INVALID")
_AMOUNT = Example({"balance": 25.5})
_LARGEST = 3.4e38  # of a float of 32 bits


def _amount(profile: Profile, strict: bool) -> Schema:
    """Zero or more; what is left out is zero."""
    number = {"type": "number", "minimum": 0, "maximum": _LARGEST}
    return {"properties": {"balance": number if strict else {"anyOf": [number, {"type": "null"}]}}}


def _placed(world: World, row: Row) -> Row:
    """A test that changes when an account has tokens again changes when that is looked at."""
    if ledger.of(world) is not None:
        ledger.plan_top_up(world, True)
    return row


AREA = Area(
    "billing",
    operations(
        BILLING_ACCOUNTS,
        action(
            "GET /billing_account", "own", accounts.own, access=_MINE, refuses=_OWN_REFUSES,
            summary="Get the account that pays for the caller's customer",
        ),
        action(
            "PUT /billing_account", "own_update", accounts.own_update, "update", access=_MINE, refuses=_OWN_REFUSES,
            summary="Replace the name and detail of the caller's own billing account",
        ),
        action(
            "PUT /billing_account/payment_info", "own_payment_info", accounts.own_update, "payment_info",
            access=_MINE, refuses=_OWN_REFUSES, summary="Replace how the caller's own billing account is paid",
        ),
        action(
            "POST /billing_account/paddle_portal_session", "portal", accounts.portal, access=_MINE,
            refuses=lambda profile: (*_OWN_REFUSES, differences.NO_PORTAL.by(profile)), secret=True,
            answers=plain(closed_object({"url": {"type": "string", "format": "uri"}})),
            summary="Get a URL of the payment provider's portal", note="A canned one: nothing is there.",
        ),
        action(
            "POST /billing_accounts/{id}/balance_add_force", "add", accounts.add, "amount",
            example=_AMOUNT, body=_amount, refuses=("INVALID_ARGUMENT", "RESOURCE_NOT_FOUND"),
            summary="Add credit to any billing account",
        ),
        action(
            "POST /billing_accounts/{id}/balance_subtract_force", "subtract", accounts.subtract, "amount",
            example=_AMOUNT, body=_amount, refuses=("INVALID_ARGUMENT", "RESOURCE_NOT_FOUND"),
            summary="Take credit from any billing account", note="Also more than there is.",
        ),
        plain=("list", "get", "update"),
        facets=("payment_info",),
        access=Access(SUPER_ADMIN),
        list=own(accounts.list_, summary="List the billing accounts of all customers (super admins only)"),
        get=own(accounts.get, refuses=("RESOURCE_NOT_FOUND",), summary="Get any billing account"),
        update=own(accounts.update, summary="Replace the name and detail of any billing account"),
        payment_info=own(accounts.update, summary="Replace how any billing account is paid"),
    ),
    operations(
        BILLINGS,
        action("GET /billings/{billing-id}", "get", get, uuid_ids=True, summary="Get a row of the ledger"),
        plain=("list",),
        access=_MINE,
        list=own(summary="List the rows of the ledger"),
    ),
    timers={ledger.TOP_UP: ledger.tops_up},
    follows=usage.FOLLOWS,
    placed={BILLING_ACCOUNTS.name: _placed},
    parts=(ledger.Ledger,),
    started={"billing": ledger.Ledger},
    controls=control.CONTROLS,
    differences=differences.ALL,
    records="voipbin_mock.areas.billing.records",
    cases=Path(__file__).parent / "cases",
)  # fmt: skip
