"""The caller's own customer: `/customer` has no id in its path."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import permit, referred
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.resources import BILLING_ACCOUNTS, CUSTOMERS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID, Reply, encode, parse_uuid, text_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

# Members that a customer is not told of itself.
_TERMS = {"terms_agreed_version": "", "terms_agreed_ip": ""}


def view(world: World, row: Row, *, secret: bool = False, admin: bool = False) -> dict[str, Any]:
    """A customer on the wire: to itself, or to super admins (`admin`). secret: with that of webhooks."""
    hidden = {} if admin else _TERMS
    return world.view(CUSTOMERS, {**row.data, **hidden, **({} if secret else {"webhook_secret": ""})})


def own(world: World, request: Request) -> Row:
    """The caller's customer. Raises ApiError."""
    caller = permit(request)
    resource = request.resource
    row = world.table(resource).get(caller.account)
    if row is None:
        raise ApiError(resource.missing, hint="the seed has no record for the caller's customer")
    return row


def get(world: World, request: Request) -> Reply:
    """GET /customer; the only answer that shows the webhook secret."""
    row = own(world, request)
    return text_reply(encode(view(world, row, secret=True)))


def save(world: World, request: Request, row: Row, values: dict[str, object], *, admin: bool = False) -> Reply:
    """A changed customer, as the answer to itself or to a super admin (`admin`)."""
    crud.save(world, request, row, values)
    resource = request.resource
    changed = world.table(resource).get(row.id)
    assert changed is not None, "a saved record is in its table"
    return text_reply(encode(view(world, changed, admin=admin)))


def update(world: World, request: Request) -> Reply:
    """PUT /customer: replaces every member of the body."""
    return save(world, request, own(world, request), dict(request.values))


def metadata(world: World, request: Request) -> Reply:
    return save(world, request, own(world, request), {"metadata": request.values})


def named_payer(request: Request) -> str:
    """The billing account that a body names. Raises ApiError for what is no id."""
    sent = [value for name, value in (request.raw or {}).items() if name.casefold() == "billing_account_id"]
    if not sent or parse_uuid(sent[-1] or "") in (None, NIL_UUID):
        raise ApiError("INVALID_ID", "billing_account_id is not a UUID, or all zeros.")
    return str(request.values["billing_account_id"])


def billing_account_id(world: World, request: Request) -> Reply:
    """PUT /customer/billing_account_id: one of the customer's own."""
    wanted = named_payer(request)
    row = own(world, request)
    referred(world, request, BILLING_ACCOUNTS, wanted, "billing_account_id")
    return save(world, request, row, dict(request.values))


# --- those that a seed or a test puts in place, or deletes -------------------------------------------


def placed(world: World, row: Row) -> Row:
    """Customers that go by themselves one day do so however they came."""
    if row.data["status"] in ("initial", "frozen"):
        world.follow("customer_placed", row)
    return row


def leaving(world: World, row: Row) -> Row:
    """What a customer has goes with it."""
    world.follow("customer_leaving", row)
    return world.table(CUSTOMERS).get(row.id) or row
