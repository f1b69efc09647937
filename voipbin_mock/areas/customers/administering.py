"""Customers for those who run the service: every one of them, by its id. Only super admins may."""

from __future__ import annotations

from collections.abc import Callable

from voipbin_mock.api import crud
from voipbin_mock.api.access import permit, referred
from voipbin_mock.api.lists import page_of_all
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.customers import named_payer, save, view
from voipbin_mock.areas.accounts.resources import BILLING_ACCOUNTS, CUSTOMERS
from voipbin_mock.areas.customers import lifecycle, mails, making
from voipbin_mock.areas.customers.differences import BAD_EMAIL, NEW_IS_UNVERIFIED
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import Reply, encode, text_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def _shown(world: World, row: Row) -> Reply:
    return text_reply(encode(view(world, row, admin=True)))


def _find(world: World, request: Request) -> Row:
    """Whoever may not ask is told so before anything is looked up (server)."""
    permit(request)
    row = world.table(CUSTOMERS).get(world.account_of(request.id))
    if row is None:
        raise ApiError(CUSTOMERS.unfound(world.profile), hint="there is no customer with this id")
    return row


def list_(world: World, request: Request) -> Reply:
    """GET /customers: all of them."""
    return page_of_all(world, request, text=lambda row: encode(view(world, row, admin=True)))


def create(world: World, request: Request) -> Reply:
    """POST /customers: with an agent, a billing account, and mails to its address."""
    permit(request)
    values = request.values
    crud.check_columns(CUSTOMERS, values)
    if why := making.unusable(world, values["email"]):
        expected = "an e-mail address that nobody else has"
        violation = Violation("/email", f"{why}: expected {expected}", expected, values["email"])
        raise ApiError(BAD_EMAIL.of(world), violations=[violation], hint=why)
    crud.lint(world, request, values)
    unverified = NEW_IS_UNVERIFIED.of(world)
    row = making.new(world, values, verified=not unverified)
    if unverified:
        mails.send(world, mails.VERIFY, values["email"], row, request.origin)
    mails.welcome(world, row, request.origin)
    return _shown(world, row)


def get(world: World, request: Request) -> Reply:
    """GET /customers/{id}: deleted ones, too."""
    return _shown(world, _find(world, request))


def update(world: World, request: Request) -> Reply:
    return save(world, request, _find(world, request), dict(request.values), admin=True)


def metadata(world: World, request: Request) -> Reply:
    return save(world, request, _find(world, request), {"metadata": request.values}, admin=True)


def billing_account_id(world: World, request: Request) -> Reply:
    """PUT /customers/{id}/billing_account_id: anybody's account will do."""
    wanted = named_payer(request)
    row = _find(world, request)
    referred(world, request, BILLING_ACCOUNTS, wanted, "billing_account_id")
    return save(world, request, row, dict(request.values), admin=True)


def delete(world: World, request: Request) -> Reply:
    return _shown(world, lifecycle.delete(world, _find(world, request)))


def freeze(world: World, request: Request) -> Reply:
    return _turned(world, request, lifecycle.freeze)


def recover(world: World, request: Request) -> Reply:
    return _turned(world, request, lifecycle.recover)


def _turned(world: World, request: Request, turn: Callable[[World, Row], Row]) -> Reply:
    row = _find(world, request)
    try:
        return _shown(world, turn(world, row))
    except lifecycle.NotNow as refusal:
        raise ApiError("INVALID_ARGUMENT", f"This customer cannot: {refusal}.") from None
