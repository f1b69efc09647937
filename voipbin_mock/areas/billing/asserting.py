"""`voipbin.billing`: turning billing on, what has been charged, and what is left; to look into and to assert on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from voipbin_mock.api.asserting import mismatch
from voipbin_mock.areas.billing import paddle
from voipbin_mock.areas.billing.booking import DOLLAR
from voipbin_mock.areas.billing.changing import changed, chosen, micros_of
from voipbin_mock.areas.billing.ledger import Ledger, dollars
from voipbin_mock.areas.billing.rates import Rate, read
from voipbin_mock.areas.billing.resources import BILLINGS
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.matching import Mismatch, differences, show
from voipbin_mock.wire.stamps import to_datetime
from voipbin_mock.wire.values import id_of

if TYPE_CHECKING:
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.world import World

FILTERS = ("kind", "of", "transaction", "status", "account", "seconds", "units", "tokens", "credit")


class Charge(NamedTuple):
    """A row of the ledger. Credit is in millionths of a US dollar; what is taken is negative."""

    at: datetime  # when it was opened
    kind: str  # the cost type of usage, such as sms or call_pstn_outgoing; else what it is for, as monthly_allowance
    transaction: str  # usage, top_up, adjustment or refund
    status: str  # progressing, or end
    of: str  # the id of the record that it is for
    account: str  # the id of the billing account
    seconds: int
    units: int
    tokens: int
    credit: int
    tokens_left: int
    credit_left: int
    id: str  # of the row

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON values; the moment as RFC 3339."""
        return {**self._asdict(), "at": self.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}

    def __str__(self) -> str:
        amounts = [f"{self.credit / DOLLAR:+g} USD"] if self.credit else []
        amounts += [f"{self.tokens:+d} tokens"] if self.tokens else []
        told = ", ".join(amounts) or ("not yet" if self.status == "progressing" else "free")
        return f"{self.kind} of {self.of}: {told} ({self.units} units, {self.status})"


def read_row(row: Row) -> Charge:
    data = row.data
    of = data["about"] if data["transaction_type"] == "usage" else data["reference_id"]
    return Charge(
        to_datetime(row.created), data["cost_type"] or data["reference_type"], data["transaction_type"], data["status"],
        of if of.strip("0-") else data["reference_id"], data["account_id"], data["usage_duration"],
        data["billable_units"], data["amount_token"], data["amount_credit"], data["balance_token_snapshot"],
        data["balance_credit_snapshot"], row.id,
    )  # fmt: skip


def charges(world: World) -> list[Charge]:
    """Oldest first. To be called under the world's lock."""
    return [read_row(row) for row in sorted(world.table(BILLINGS), key=lambda row: row.created) if not row.deleted]


class Charges(Sequence[Charge]):
    """The ledger of a mock: what was charged, oldest first, read anew whenever it is looked at."""

    def __init__(self, world: World) -> None:
        self._world = world

    # --- on and off ------------------------------------------------------------------------------

    def on(self, rates: Mapping[str, Any] | bool = True) -> None:
        """Let things cost money from now on; rates: those that differ, as `{"sms": 20_000, "tts": [3, 30_000]}`
        (millionths of a US dollar, or tokens and that). Raises MockUsageError."""
        wanted = read(rates)
        with self._world.changing():
            self._world.part(Ledger).set(wanted)

    def off(self) -> None:
        """Nothing costs anything any more; the rows and the balances stay."""
        with self._world.changing():
            self._world.part(Ledger).set({})

    @property
    def rates(self) -> Mapping[str, Rate]:
        """Cost type -> tokens and credit for one unit; empty while billing is off."""
        return dict(self._world.part(Ledger).rates)

    # --- the account -----------------------------------------------------------------------------

    def set(
        self, *, credit: int | None = None, tokens: int | None = None, plan: str | None = None, account: Any = None
    ) -> None:
        """What an account has from now on; credit in millionths of a US dollar. account: the one that pays for the
        seed's customer, if nobody says. Raises MockUsageError."""
        members = {"credit": credit, "tokens": tokens, "plan": plan}
        with self._world.changing():
            changed(self._world, self._row(account), {k: v for k, v in members.items() if v is not None})

    @property
    def credit(self) -> int:
        """What the account of the seed's customer has; millionths of a US dollar."""
        return int(self._data["balance_credit"])

    @property
    def tokens(self) -> int:
        """The tokens that it has left."""
        return int(self._data["balance_token"])

    @property
    def plan(self) -> str:
        return str(self._data["plan_type"])

    @property
    def _data(self) -> Mapping[str, Any]:
        with self._world.looking():
            return self._row(None).data

    def _row(self, account: Any) -> Row:
        return chosen(self._world, None if account is None else id_of(account))

    # --- the payment provider ----------------------------------------------------------------------

    def subscribe(self, plan: str, account: Any = None) -> None:
        """Paddle tells of a subscription to a plan: free, basic, professional or unlimited."""
        with self._world.changing():
            row = self._row(account)
            changed(self._world, row, {"plan": plan}, check=True)
            paddle.subscribe(self._world, row, plan)

    def renew(self, account: Any = None) -> None:
        """Paddle tells of another month of the subscription."""
        with self._world.changing():
            paddle.renew(self._world, self._row(account))

    def cancel(self, account: Any = None) -> None:
        """Paddle tells that the subscription is over."""
        with self._world.changing():
            paddle.cancel(self._world, self._row(account))

    def buy(self, usd: float, account: Any = None) -> None:
        """Paddle tells that credit was bought."""
        with self._world.changing():
            paddle.buy(self._world, self._row(account), micros_of(usd))

    def refund(self, usd: float, account: Any = None) -> None:
        """Paddle tells that credit was given back; an account below zero is frozen then."""
        with self._world.changing():
            paddle.refund(self._world, self._row(account), micros_of(usd))

    # --- what was charged --------------------------------------------------------------------------

    def _all(self) -> list[Charge]:
        with self._world.looking():
            return charges(self._world)

    def __iter__(self) -> Iterator[Charge]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, index: int) -> Charge: ...

    @overload
    def __getitem__(self, index: slice) -> list[Charge]: ...

    def __getitem__(self, index: int | slice) -> Charge | list[Charge]:
        return self._all()[index]

    def __repr__(self) -> str:
        return f"<{len(self)} charges, {dollars(self.credit)} and {self.tokens} tokens left>"

    def find(self, **filters: Any) -> list[Charge]:
        """Those that match, oldest first.

        kind: `sms`, `call_pstn_outgoing`, ... of: a record, or its id. transaction, status, account, seconds, units,
        tokens, credit: equal, or as a function says; what is taken is negative.
        """
        wanted = _Wanted(filters)
        return [each for each in self._all() if not wanted.unlike(each)]

    def assert_charged(self, *, times: int | None = None, **filters: Any) -> list[Charge]:
        """That it was charged: at least once, or so many `times`. Gives what matches; the filters are those of `find`.

        Raises AssertionError with what came nearest, and how it differs.
        """
        __tracebackhide__ = True
        wanted, everything = _Wanted(filters), self._all()
        found = [each for each in everything if not wanted.unlike(each)]
        if len(found) != times if times is not None else not found:
            on = self._world.part(Ledger).on
            count = len(everything)
            raise AssertionError(
                mismatch(
                    str(wanted),
                    times,
                    found,
                    everything,
                    unlike=wanted.unlike,
                    distance=wanted.distance,
                    nothing="nothing was charged" if on else "nothing was charged: billing is off (Mock(billing=True))",
                    seen=f"of {count} charges" if count != 1 else "of the one charge",
                )
            )
        return found

    def assert_charged_once(self, **filters: Any) -> Charge:
        """That it was charged exactly once; gives it."""
        __tracebackhide__ = True
        return self.assert_charged(times=1, **filters)[0]

    def assert_not_charged(self, **filters: Any) -> None:
        """That nothing like it was charged; without filters, that nothing was."""
        __tracebackhide__ = True
        self.assert_charged(times=0, **filters)


class _Wanted:
    """What a charge should be like."""

    def __init__(self, filters: Mapping[str, Any]) -> None:
        unknown = filters.keys() - set(FILTERS)
        if unknown:
            raise MockUsageError(f"a charge has no {min(unknown)!r}; there are {', '.join(FILTERS)}")
        ids = {name: id_of(filters[name]) for name in ("of", "account") if name in filters}
        self._filters = {**filters, **ids}

    def unlike(self, charge: Charge) -> list[Mismatch]:
        """How a charge differs, field by field."""
        several = (differences(w, getattr(charge, name), pointer=name) for name, w in self._filters.items())
        return [one for each in several for one in each]

    def distance(self, charge: Charge) -> float:
        return sum(each.weight for each in self.unlike(charge))

    def __str__(self) -> str:
        told = [f"{name} {show(value)}" for name, value in self._filters.items()]
        return f"a charge with {', '.join(told)}" if told else "a charge"
