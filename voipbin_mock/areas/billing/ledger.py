"""The ledger, once billing is turned on: what is used is booked to who pays, and who has nothing left is refused.

It hears of what happens in other areas, in the moment it happens. While it is off nothing costs anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.areas.accounts import balance
from voipbin_mock.areas.accounts.resources import CUSTOMERS
from voipbin_mock.areas.billing import booking
from voipbin_mock.areas.billing.differences import PSTN_TAKES_CREDIT
from voipbin_mock.areas.billing.rates import ALLOWANCES, ASKED, TOKENS_WILL_DO, Rate, read
from voipbin_mock.areas.billing.resources import BILLING_ACCOUNTS
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.part import Part
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import CALENDAR
from voipbin_mock.world.world import World

TOP_UP = "billing_tops_up"
HOUR = 3_600_000_000  # microseconds


class Ledger(Part):
    """The rates of one world: empty while billing is off. The rows are records."""

    name, rank = "billing", 50

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.rates = read(world.settings.billing)
        self.changes = 0
        if self.on:
            plan_top_up(world, True)

    def set(self, rates: Mapping[str, Rate]) -> None:
        """Turn billing on with these rates, or off with none."""
        self.rates = dict(rates)
        self.changes += 1
        plan_top_up(self._world, self.on)

    @property
    def on(self) -> bool:
        return bool(self.rates)

    def why_not(self, account: str, what: str, many: int) -> str:
        """Why an account cannot pay for so many of something; empty if it can, or billing is off."""
        if not self.on:
            return ""
        payer = payer_of(self._world, account)
        if payer is None:
            return "the customer has no billing account"
        data = payer.data
        if payer.deleted or data["status"] in ("frozen", "deleted"):
            return f"its billing account is {data['status'] if not payer.deleted else 'deleted'}"
        if data["plan_type"] == "unlimited":
            return ""
        needed = self.rates[ASKED[what]].credit * many
        tokens_do = what in TOKENS_WILL_DO or (what == balance.CALL and not PSTN_TAKES_CREDIT.of(self._world))
        if data["balance_credit"] >= needed or (tokens_do and data["balance_token"] > 0):
            return ""
        has = f"{dollars(data['balance_credit'])} of credit and {data['balance_token']} tokens"
        return f"its billing account has {has}, and it takes {dollars(needed)}{' or a token' if tokens_do else ''}"

    # --- as data -------------------------------------------------------------------------------

    def as_dict(self) -> dict[str, list[int]]:
        return {name: list(rate) for name, rate in self.rates.items()}

    def keep(self) -> dict[str, Rate]:
        return dict(self.rates)

    def bring_back(self, kept: dict[str, Rate]) -> None:
        self.rates = dict(kept)
        self.changes += 1

    def dump(self) -> dict[str, Any]:
        return {"rates": self.as_dict()}

    def load(self, document: Any) -> None:
        """Take back what `dump` gave. Raises ValueError (MockUsageError) for anything else."""
        if not isinstance(document, Mapping) or not isinstance(document.get("rates"), Mapping):
            raise ValueError("must be an object with rates")
        self.bring_back(read(document["rates"]) if document["rates"] else {})

    @property
    def revision(self) -> int:
        return self.changes


def dollars(micros: int) -> str:
    """An amount of credit, to be read."""
    return f"{micros / booking.DOLLAR:g} USD"


def of(world: World) -> Ledger | None:
    """The ledger, while billing is on."""
    ledger = world.has(Ledger)
    return ledger if ledger is not None and ledger.on else None


def payer_of(world: World, account: str) -> Row | None:
    """The billing account that pays for a customer, deleted or not."""
    customer = world.table(CUSTOMERS).get(account)
    wanted = NIL_UUID if customer is None else customer.data["billing_account_id"]
    return world.table(BILLING_ACCOUNTS).get(wanted)


# --- each month --------------------------------------------------------------------------------------


def next_month(now: int) -> int:
    """The first moment of the next month; microseconds since 1970."""
    from voipbin_mock.wire.stamps import to_datetime, to_microseconds

    first = to_datetime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return to_microseconds(first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1))


def plan_top_up(world: World, on: bool) -> None:
    """Set the timer for whoever is to have tokens next: at the full hour from then on."""
    rows = world.table(BILLING_ACCOUNTS) if on else ()
    due = min((due for row in rows if (due := _due(row)) is not None), default=None)
    hour = None if due is None else -(-max(due, world.clock.microseconds() + 1) // HOUR) * HOUR
    set_already = [timer for timer in world.timers.all() if timer.kind == TOP_UP]
    if [timer.due for timer in set_already] == [hour]:
        return
    for timer in set_already:
        world.timers.cancel(timer.seq)
    if hour is not None:
        world.timers.call_at(hour, TOP_UP, order=CALENDAR)


def _due(row: Row) -> int | None:
    """When an account is to have tokens again, if it is."""
    topped_up = not row.deleted and row.data["plan_type"] in ALLOWANCES and row.data["status"] != "deleted"
    due: int | None = row.data["tm_next_topup"]
    return due if topped_up else None


def tops_up(world: World) -> None:
    """The timer: whoever's time has come has the plan's tokens, no more and no less."""
    if of(world) is None:
        return
    now = world.clock.microseconds()
    for row in tuple(world.table(BILLING_ACCOUNTS)):
        if (due := _due(row)) is not None and due <= now:
            give_allowance(world, row)
    plan_top_up(world, True)


def give_allowance(
    world: World, payer: Row, kind: str = "top_up", reference: str = "monthly_allowance", **members: Any
) -> Row:
    """An account's tokens are set to its plan's allowance. members: others of it that change with them."""
    now = world.clock.microseconds()
    plan: str = members.get("plan_type") or payer.data["plan_type"]
    gained = ALLOWANCES.get(plan, payer.data["balance_token"]) - payer.data["balance_token"]
    stamps = {"tm_last_topup": now, "tm_next_topup": next_month(now) if plan in ALLOWANCES else None}
    return booking.adjust(world, payer, kind, reference, tokens=gained, **{**stamps, **members})
