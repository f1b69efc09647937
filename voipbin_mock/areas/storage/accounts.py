"""Storage accounts: how many files a customer has, and how much they hold. Each customer has one."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.operations import ANYONE, Request
from voipbin_mock.areas.accounts.resources import CUSTOMERS
from voipbin_mock.areas.storage.differences import FOR_CUSTOMER, NO_ACCOUNT, SECOND_ACCOUNT
from voipbin_mock.areas.storage.resources import ACCOUNTS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def of(world: World, account: str) -> Row | None:
    """A customer's storage account."""
    return next(iter(world.table(ACCOUNTS).listed(account)), None)


def needed(world: World, account: str, customer_id: str) -> Row:
    """The same, where there must be one. Raises ApiError; a customer whose seed says nothing of it gets one now."""
    row = of(world, account)
    if row is not None:
        return row
    if any(one.account == account for one in world.table(ACCOUNTS)):
        raise ApiError("INTERNAL", hint="the customer's storage account was deleted")
    return crud.made(world, ACCOUNTS, account, {"customer_id": customer_id})


def count(world: World, account: str, files: int, size: int) -> None:
    """So many files more, with so many bytes."""
    row = of(world, account)
    if row is not None:
        data = row.data
        totals = {
            "total_file_count": max(0, data["total_file_count"] + files),
            "total_file_size": max(0, data["total_file_size"] + size),
        }
        crud.change(world, ACCOUNTS, row, totals, "")


def customer_created(world: World, customer: Row) -> None:
    """A new customer: it has storage from the beginning."""
    if of(world, customer.account) is None:
        crud.made(world, ACCOUNTS, customer.account, {"customer_id": customer.id})


# --- what is asked -----------------------------------------------------------------------------------


def own(world: World, request: Request) -> Reply:
    """GET /storage_account: the caller's."""
    told = NO_ACCOUNT.of(world)
    caller = permit(request, ANYONE) if not told else permit(request)
    row = of(world, caller.account)
    if row is None:
        if told:
            raise ApiError(ACCOUNTS.missing, hint="the customer has none yet: its first upload makes it")
        return json_reply(None)
    permit(request)
    return crud.shown(world, ACCOUNTS, row)


def create(world: World, request: Request) -> Reply:
    """POST /storage_accounts: for a customer that has none."""
    caller = permit(request)
    account, customer_id = caller.account, caller.customer_id
    if FOR_CUSTOMER.of(world):
        customer_id = request.values["customer_id"]
        account = world.account_of(customer_id)
        if world.table(CUSTOMERS).get(account) is None:
            raise ApiError(CUSTOMERS.missing, hint=f"/customer_id: {customer_id}")
    if of(world, account) is not None:
        raise ApiError(SECOND_ACCOUNT.of(world), hint="the customer has a storage account")
    return crud.shown(world, ACCOUNTS, crud.made(world, ACCOUNTS, account, {"customer_id": customer_id}))


def delete(world: World, request: Request) -> Reply:
    """DELETE /storage_accounts/{id}: whether there is one is told to anybody."""
    return crud.delete_row(world, request, find(world, request))


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST /storage_accounts may be refused with."""
    return (SECOND_ACCOUNT.by(profile), *((CUSTOMERS.missing,) if FOR_CUSTOMER.by(profile) else ()))


def none(profile: Profile) -> tuple[str, ...]:
    return (ACCOUNTS.missing,) if NO_ACCOUNT.by(profile) else ()
