"""Conditions of flows: what is compared with what, and how."""

from __future__ import annotations

import operator
import struct
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from voipbin_mock.api.flow_actions import (
    ARRAY,
    CALLS,
    ENDS,
    INTEGER,
    STRING,
    ActionFailed,
    Done,
    FlowAction,
    Goto,
    Option,
    Result,
    Run,
)
from voipbin_mock.areas.flows.differences import (
    BARE_VARIABLES,
    LENGTH_IN_BYTES,
    NAMED_CONDITIONS,
    NOW_FIRST,
    TIME_FIELDS,
)
from voipbin_mock.wire.stamps import to_datetime

Compare = Callable[[Any, Any], bool]
COMPARES: Mapping[str, Compare] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_NAMES: Mapping[str, str] = {
    "equal": "==",
    "equals": "==",
    "not_equal": "!=",
    "not_equals": "!=",
    "greater": ">",
    "greater_than": ">",
    "greater_equal": ">=",
    "greater_or_equal": ">=",
    "less": "<",
    "less_than": "<",
    "less_equal": "<=",
    "less_or_equal": "<=",
}
DIGITS = "voipbin.call.digits"
DATE_FIELDS = ("month", "day", "hour", "minute")


def decide(true: bool, option: Option, why: str) -> Result:
    """True goes on with the following action; false leads to `false_target_id`."""
    return Done("true", why) if true else Goto(option.get("false_target_id") or "", "false", why)


def compare_of(run: Run, option: Option) -> tuple[str, Compare]:
    said = option.get("condition") or ""
    symbol = _NAMES.get(said, said) if NAMED_CONDITIONS.of(run.world) else said
    return said, COMPARES.get(symbol, _never)


def _never(left: Any, right: Any) -> bool:
    return False


# --- variables -------------------------------------------------------------------------------------


def condition_variable(run: Run, option: Option) -> Result:
    said, compare = compare_of(run, option)
    text = _text(run, option)
    kind = option.get("value_type") or "string"
    if kind == "number":
        wanted: Any = _single(option.get("value_number") or 0)
        found: Any = _number(text)
        true = found is not None and compare(found, wanted)
    elif kind == "length":
        wanted = option.get("value_length") or 0
        in_bytes = LENGTH_IN_BYTES.of(run.world)
        found = len(text.encode("utf-8", "surrogatepass")) if in_bytes else len(text)
        true = compare(found, wanted)
    elif kind == "string":
        wanted, found = option.get("value_string") or "", text
        true = compare(found.encode("utf-8", "surrogatepass"), wanted.encode("utf-8", "surrogatepass"))
    else:
        return decide(False, option, f'"{kind}" is no value_type')
    shown = found if kind != "string" else f'"{found}"'
    return decide(true, option, f"{shown} {said} {wanted!r} is {'true' if true else 'false'}")


def _text(run: Run, option: Option) -> str:
    text: str = option.get("variable") or ""
    raw = (run.action.get("option") or {}).get("variable")
    if raw == text and BARE_VARIABLES.of(run.world):  # nothing was substituted
        return run.variables.get(text, text)
    return text


def _number(text: str) -> float | None:
    try:
        return _single(float(text)) if text.strip() == text and "_" not in text else None
    except ValueError:
        return None


def _single(value: float) -> float:
    """As a 32-bit number (server)."""
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


# --- digits ------------------------------------------------------------------------------------------


def condition_call_digits(run: Run, option: Option) -> Result:
    digits, length, key = run.variables.get(DIGITS, ""), option.get("length") or 0, option.get("key") or ""
    true = (length > 0 and len(digits) >= length) or (bool(key) and key in digits)
    return decide(true, option, f'the digits are "{digits}"')


# --- the time ----------------------------------------------------------------------------------------


def condition_datetime(run: Run, option: Option) -> Result:
    said, compare = compare_of(run, option)
    now = to_datetime(run.world.clock.microseconds())
    weekdays = option.get("weekdays") or []
    if any(type(day) is not int for day in weekdays):
        raise ActionFailed("option/weekdays is no array of numbers: substitution has made texts of them")
    day = now.isoweekday() % 7  # Sunday is 0
    moment = f"{now:%a %Y-%m-%d %H:%M} UTC"
    if weekdays and day not in weekdays:
        return decide(False, option, f"it is {moment}, none of the weekdays")
    true = _together(now, option, compare) if TIME_FIELDS.of(run.world) else _one_by_one(run, now, option, compare)
    return decide(true, option, f"{moment} {said} the option is {'true' if true else 'false'}")


def _together(now: datetime, option: Option, compare: Compare) -> bool:
    given = [
        (n, v) for n in DATE_FIELDS if (v := option.get(n)) is not None and v >= 0 and not (n in _FROM_ONE and v == 0)
    ]
    return compare([getattr(now, name) for name, _ in given], [value for _, value in given])


_FROM_ONE = ("month", "day")


def _one_by_one(run: Run, now: datetime, option: Option, compare: Compare) -> bool:
    for name in DATE_FIELDS:
        value = option.get(name) or 0
        if value > 0 or (value == 0 and name not in _FROM_ONE):
            present = getattr(now, name)
            left, right = (present, value) if NOW_FIRST.of(run.world) else (value, present)
            if not compare(left, right):
                return False
    return True


_RESULTS = ("true", "false")
_FALSE = ("false_target_id",)

ACTIONS = (
    FlowAction(
        "condition_variable",
        condition_variable,
        "go on if a variable compares so",
        on_failure=ENDS,
        option={
            "condition": STRING, "variable": STRING, "value_type": STRING, "value_string": STRING,
            "value_number": {"type": "number"}, "value_length": INTEGER, "false_target_id": STRING,
        },
        targets=_FALSE,
        outcomes=_RESULTS,
    ),
    FlowAction(
        "condition_call_digits",
        condition_call_digits,
        "go on if so many digits, or this one, were pressed",
        runs_in=CALLS,
        on_failure=ENDS,
        option={"length": INTEGER, "key": STRING, "false_target_id": STRING},
        targets=_FALSE,
        outcomes=_RESULTS,
    ),
    FlowAction(
        "condition_datetime",
        condition_datetime,
        "go on at such a time (UTC)",
        on_failure=ENDS,
        option={
            "condition": STRING, "minute": INTEGER, "hour": INTEGER, "day": INTEGER, "month": INTEGER,
            "weekdays": ARRAY, "false_target_id": STRING,
        },
        targets=_FALSE,
        outcomes=_RESULTS,
    ),
)  # fmt: skip
