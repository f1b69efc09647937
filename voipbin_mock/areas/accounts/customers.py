"""The caller's own customer: `/customer` has no id in its path."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import permit, referred
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.resources import BILLING_ACCOUNTS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID, Reply, encode, parse_uuid, text_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


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
    return text_reply(encode(world.view(request.resource, row.data)))


def _save(world: World, request: Request, row: Row, values: dict[str, object]) -> Reply:
    crud.save(world, request, row, values)
    resource = request.resource
    changed = world.table(resource).get(row.id)
    assert changed is not None, "a saved record is in its table"
    return text_reply(encode(world.view(resource, {**changed.data, "webhook_secret": ""})))


def update(world: World, request: Request) -> Reply:
    """PUT /customer: replaces every member of the body."""
    return _save(world, request, own(world, request), dict(request.values))


def metadata(world: World, request: Request) -> Reply:
    return _save(world, request, own(world, request), {"metadata": request.values})


def billing_account_id(world: World, request: Request) -> Reply:
    """PUT /customer/billing_account_id: one of the customer's own."""
    sent = [value for name, value in (request.raw or {}).items() if name.casefold() == "billing_account_id"]
    if not sent or parse_uuid(sent[-1] or "") in (None, NIL_UUID):
        raise ApiError("INVALID_ID", "billing_account_id is not a UUID, or all zeros.")
    row, wanted = own(world, request), request.values["billing_account_id"]
    referred(world, request, BILLING_ACCOUNTS, wanted, "billing_account_id")
    return _save(world, request, row, dict(request.values))
