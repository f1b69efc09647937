"""What things cost: the service's own rates, or those that a test sets; and what each plan gives and is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from voipbin_mock.areas.accounts import balance
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.switches import read_switch

MOST = 1 << 53  # of tokens or credit for one unit
MINUTE = 60  # seconds


class Rate(NamedTuple):
    """What one unit costs. tokens: 0 for what is paid by credit alone. credit: in millionths of a US dollar."""

    tokens: int
    credit: int


FREE = Rate(0, 0)
# By cost type. A unit is a started minute, one who is written to, or one number.
RATES: Mapping[str, Rate] = {
    "call_pstn_outgoing": Rate(0, 10_000),
    "call_pstn_incoming": Rate(0, 10_000),
    "call_vn": Rate(1, 1_000),
    "call_extension": FREE,
    "call_direct_ext": FREE,
    "sms": Rate(0, 10_000),
    "email": Rate(0, 10_000),
    "number": Rate(0, 5_000_000),
    "number_renew": Rate(0, 5_000_000),
    "tts": Rate(3, 30_000),
    "recording": Rate(3, 30_000),
}
# Plan -> the tokens that it has each month. What is not here is never given any.
ALLOWANCES: Mapping[str, int] = {"free": 100, "basic": 1_000, "professional": 10_000}
PLANS = (*ALLOWANCES, "unlimited")
# What is asked of the balance before -> the cost type whose rate is held against it.
ASKED: Mapping[str, str] = {
    balance.CALL: "call_pstn_outgoing",
    balance.CALL_VIRTUAL: "call_pstn_outgoing",
    balance.CALL_ELSEWHERE: "call_pstn_outgoing",
    balance.RECORDING: "recording",
    "sms": "sms",
    "email": "email",
    "number": "number",
    "number_renew": "number_renew",
}
# Of those, where a token is enough; of calls to telephone numbers the profiles say.
TOKENS_WILL_DO = frozenset({balance.CALL_VIRTUAL, balance.CALL_ELSEWHERE, balance.RECORDING})


def read(asked: Any) -> dict[str, Rate]:
    """The rates that a setting turns on: true, false, or `{"sms": 20000, "recording": [3, 30000]}`, also as text.

    A rate is credit alone, or tokens and credit; those that are not named stay the service's own. Raises
    MockUsageError.
    """
    if isinstance(asked, str):
        asked = read_switch(asked)
    if asked is None or asked is False:
        return {}
    if asked is True:
        return dict(RATES)
    if not isinstance(asked, Mapping):
        raise MockUsageError(
            f'billing={asked!r}: give true, false or rates, as {{"sms": 20000, "recording": [3, 30000]}}'
        )
    rates = dict(RATES)
    for name, figures in asked.items():
        if name not in RATES:
            near = get_close_matches(str(name), RATES, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; they are {', '.join(RATES)}"
            raise MockUsageError(f"billing: {name!r} is no cost type{hint}")
        rates[name] = _rate(name, figures)
    return rates


def _rate(name: str, figures: Any) -> Rate:
    several = figures if isinstance(figures, (list, tuple)) and len(figures) == 2 else (0, figures)
    if not all(type(figure) is int and 0 <= figure <= MOST for figure in several):
        raise MockUsageError(f"billing: {name}={figures!r}: give millionths of a US dollar, or [tokens, millionths]")
    return Rate(*several)


def units_of(seconds: int) -> int:
    """Started minutes."""
    return -(-seconds // MINUTE)


class Cost(NamedTuple):
    """What is taken of an account."""

    tokens: int
    credit: int


def cost(rate: Rate, units: int, tokens: int) -> Cost:
    """Of units at a rate, for an account that has so many tokens: tokens first, whole units of them, then credit."""
    by_token = min(units, max(0, tokens) // rate.tokens) if rate.tokens else 0
    return Cost(by_token * rate.tokens, (units - by_token) * rate.credit)
