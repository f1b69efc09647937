"""A customer's life: initial until its address is verified, active, frozen before it goes, and deleted.

Who never verifies expires; who is frozen for 30 days is deleted, and nothing personal stays.
"""

from __future__ import annotations

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.cascades import delete_all, gone_with_customer
from voipbin_mock.areas.accounts.auth import GRACE, frozen_at
from voipbin_mock.areas.accounts.differences import DELETION_IS_NAMED
from voipbin_mock.areas.accounts.resources import AGENTS, BILLING_ACCOUNTS, CUSTOMERS, TAGS
from voipbin_mock.areas.customers.differences import ANONYMOUS_IS_BLANK, EXPIRY_FREES_EMAIL
from voipbin_mock.world.blueprint import Follower, TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

HOUR = 3_600_000_000  # microseconds; that an address may stay unverified
QUARTER, DAY = HOUR // 4, 24 * HOUR
ERASED_AT = 4 * HOUR  # after midnight, UTC
EXPIRE, ERASE = "customers.expire", "customers.erase"


class NotNow(Exception):
    """The customer is in no state for that."""


def freeze(world: World, row: Row) -> Row:
    """Nothing goes on, and in 30 days it is deleted. Frozen already: as it is. Raises NotNow."""
    if row.data["status"] == "frozen":
        return row
    if row.data["status"] != "active":
        raise NotNow(f"only an active customer can be frozen, and this one is {row.data['status'] or 'not active'}")
    now = world.clock.microseconds()
    named = now + GRACE if DELETION_IS_NAMED.of(world) else now
    row = crud.change(world, CUSTOMERS, row, {"status": "frozen", "tm_deletion_scheduled": named}, "frozen")
    _will_be_erased(world, row.id, now)
    return row


def recover(world: World, row: Row) -> Row:
    """Frozen no more. Raises NotNow."""
    if row.data["status"] != "frozen":
        raise NotNow(f"only a frozen customer can come back, and this one is {row.data['status'] or 'not frozen'}")
    return crud.change(world, CUSTOMERS, row, {"status": "active", "tm_deletion_scheduled": None}, "recovered")


def delete(world: World, row: Row) -> Row:
    """At once, and with what it has; what the record says stays. Deleted already: as it is."""
    if row.data["status"] == "deleted":
        return row
    return crud.change(world, CUSTOMERS, row, world.deletion(CUSTOMERS), "deleted")


def erase(world: World, row: Row) -> Row:
    """The same, and nothing personal stays."""
    return crud.change(world, CUSTOMERS, row, {**_nameless(world, row), **world.deletion(CUSTOMERS)}, "deleted")


def _nameless(world: World, row: Row) -> dict[str, Any]:
    blank = CUSTOMERS.blank
    personal = ("name", "detail", "email", "phone_number", "address", "webhook_method", "webhook_uri")
    if ANONYMOUS_IS_BLANK.of(world):
        others = ("billing_account_id", "metadata", "email_verified", "tm_deletion_scheduled")
        kept = {name: blank[name] for name in (*personal, *others)}
        return {**kept, "identity_verification_status": "none"}
    start = row.id[:8]
    made = {"name": f"deleted_user_{start}", "email": f"deleted_{start}@removed.voipbin.net"}
    return {**made, "phone_number": "", "address": "", "webhook_uri": ""}


# --- what happens by itself --------------------------------------------------------------------------


def will_expire(world: World, customer_id: str, since: int) -> None:
    """Unless its address is verified: at the first quarter of an hour by which it is older than an hour."""
    world.timers.call_at(((since + HOUR) // QUARTER + 1) * QUARTER, EXPIRE, customer_id)


def _will_be_erased(world: World, customer_id: str, since: int) -> None:
    """Unless it comes back: in the first night by which it has been frozen for 30 days."""
    due = ((since + GRACE - ERASED_AT) // DAY + 1) * DAY + ERASED_AT
    world.timers.call_at(due, ERASE, customer_id)


def _expire(world: World, customer_id: str) -> None:
    """The timer. What it has stays, and nobody is told."""
    row = world.table(CUSTOMERS).get(customer_id)
    if row is not None and row.data["status"] == "initial":
        crud.change(world, CUSTOMERS, row, {**world.deletion(CUSTOMERS), "status": "expired"}, "")
        if EXPIRY_FREES_EMAIL.of(world):
            delete_all(world, AGENTS, row.account)


def _erase(world: World, customer_id: str) -> None:
    row = world.table(CUSTOMERS).get(customer_id)
    if row is not None and row.data["status"] == "frozen":
        since = frozen_at(world, row)
        if since is None or since + GRACE <= world.clock.microseconds():
            erase(world, row)


def _placed(world: World, row: Row) -> None:
    """A seed or a test has put it in place: an unverified one has an hour from then on."""
    if row.data["status"] == "initial":
        will_expire(world, row.id, world.clock.microseconds())
    elif (since := frozen_at(world, row)) is not None:
        _will_be_erased(world, row.id, max(since, world.clock.microseconds() - GRACE))


def _leaving(world: World, row: Row) -> None:
    """A test deletes it."""
    world.follow("customer_deleted", row)


TIMERS: dict[str, TimerHandler] = {EXPIRE: _expire, ERASE: _erase}
FOLLOWS: dict[str, Follower] = {
    "customer_placed": _placed,
    "customer_leaving": _leaving,
    "customer_deleted": gone_with_customer(AGENTS, TAGS, BILLING_ACCOUNTS),
}
