"""Money over the control API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api.control import object_of
from voipbin_mock.api.operations import Handler, Request
from voipbin_mock.areas.billing import paddle
from voipbin_mock.areas.billing.asserting import charges
from voipbin_mock.areas.billing.changing import changed, chosen, micros_of
from voipbin_mock.areas.billing.ledger import Ledger
from voipbin_mock.areas.billing.rates import ALLOWANCES, RATES, read
from voipbin_mock.areas.billing.resources import BILLING_ACCOUNTS
from voipbin_mock.wire.errors import ApiError, MockUsageError
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

MOST = 1000  # charges that are told of at once
_WAYS = ("subscribe", "renew", "cancel", "buy", "refund")


def told(world: World, request: Request) -> Reply:
    """Whether billing is on, at which rates, and what each account has."""
    book = world.part(Ledger)
    accounts = [_account(row) for row in world.table(BILLING_ACCOUNTS) if not row.deleted]
    service = {name: list(rate) for name, rate in RATES.items()}
    whole = {"on": book.on, "rates": book.as_dict(), "service": service, "allowances": dict(ALLOWANCES)}
    return json_reply({**whole, "accounts": accounts})


def _account(row: Row) -> dict[str, Any]:
    names = ("id", "customer_id", "name", "status", "plan_type", "plan_status", "balance_credit", "balance_token")
    return {name: row.data[name] for name in names}


def turn(world: World, request: Request) -> Reply:
    """{"on": true}, {"on": false}, or {"on": true, "rates": {"sms": 20000, "recording": [3, 30000]}}."""
    body = object_of(request)
    on, rates = body.get("on"), body.get("rates", True)
    if body.keys() - {"on", "rates"} or type(on) is not bool:
        raise ApiError("INVALID_ARGUMENT", 'Send {"on": true}, {"on": true, "rates": {"sms": 20000}} or {"on": false}.')
    try:
        world.part(Ledger).set(read(rates) if on else {})
    except MockUsageError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return told(world, request)


def listed(world: World, request: Request) -> Reply:
    """What was charged, oldest first, the newest 1,000 at most. Narrowed by `kind`, `of` (a record's id), `account`."""
    wanted = {name: value for name in ("kind", "of", "account") if (value := request.parameter(name)) is not None}
    found = [each for each in charges(world) if all(getattr(each, name) == value for name, value in wanted.items())]
    return json_reply({"charges": [each.as_dict() for each in found[-MOST:]], "total": len(found)})


def change(world: World, request: Request) -> Reply:
    """{"credit": 5000000, "tokens": 0, "plan": "free", "status": "active"}, or some of it: an account has that from now
    on, and no row tells of it.
    """
    try:
        row = changed(world, chosen(world, request.id), object_of(request))
    except MockUsageError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return json_reply(_account(row))


def pays(world: World, request: Request) -> Reply:
    """{"do": "subscribe", "plan": "basic"}, {"do": "renew"}, {"do": "cancel"}, {"do": "buy", "usd": 25} or {"do":
    "refund", "usd": 5}: what the payment provider tells.
    """
    body = object_of(request)
    way = body.get("do")
    more = {"subscribe": {"plan"}, "buy": {"usd"}, "refund": {"usd"}}.get(str(way), set())
    if way not in _WAYS or body.keys() != {"do", *more}:
        wanted = '"subscribe" with "plan", "renew", "cancel", "buy" with "usd", or "refund" with "usd"'
        raise ApiError("INVALID_ARGUMENT", f'Send {{"do": ...}}: {wanted}.')
    try:
        row = chosen(world, request.id)
        if way == "subscribe":
            row = paddle.subscribe(world, changed(world, row, {"plan": body["plan"]}, check=True), body["plan"])
        elif way in ("buy", "refund"):
            row = getattr(paddle, way)(world, row, micros_of(body["usd"]))
        else:
            row = getattr(paddle, way)(world, row)
    except MockUsageError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return json_reply(_account(row))


CONTROLS: Mapping[str, Handler] = {
    "GET /__mock__/billing": told,
    "PUT /__mock__/billing": turn,
    "GET /__mock__/billing/charges": listed,
    "PUT /__mock__/billing/accounts/{id}": change,
    "POST /__mock__/billing/accounts/{id}/paddle": pays,
}
