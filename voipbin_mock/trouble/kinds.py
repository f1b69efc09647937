"""What a plan may say: the kinds of faults, their members, and the check of each."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from voipbin_mock.api.catalog import Catalog
from voipbin_mock.trouble.targets import ANY, known_reason, resolve
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.values import encode

STUB = "stub"
LONGEST = 86_400.0  # seconds
# Kind -> the members it may have, beside those of every plan.
KINDS: Mapping[str, tuple[str, ...]] = {
    "error": ("reason", "message", "retry_after", "limited_by", "after_commit", "seconds"),
    "latency": ("seconds",),
    "refuse": (),
    "reset": ("after_commit", "midway"),
    "truncate": ("after",),
    "malformed": (),
    "slow": ("seconds", "pieces"),
    "content_type": ("content_type",),
    STUB: ("status", "json", "body", "body_base64", "headers", "content_type"),
}
_CREDENTIALS = ("token", "accesskey", "agent", "customer")
_COMMON = ("kind", "on", "times", "nth", "probability", *_CREDENTIALS)


def check(spec: Mapping[str, Any], catalog: Catalog) -> dict[str, Any]:
    """A plan's members, complete and sound. Raises MockUsageError."""
    if not isinstance(spec, Mapping):
        raise MockUsageError('a fault is an object such as {"kind": "error", "on": "POST /outplans", ...}')
    kind = spec.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise MockUsageError(f"kind={kind!r} is no kind of fault{near(kind, KINDS)}")
    allowed = (*_COMMON, *KINDS[kind])
    for name in spec:
        if name not in allowed:
            raise MockUsageError(f"{kind}: {name!r} is nothing that it has{near(name, allowed)}")
    checked = {name: value for name, value in spec.items() if value is not None}
    checked["on"] = spec.get("on", ANY)
    for name, rule in _RULES.items():
        if name in checked:
            checked[name] = rule(name, checked[name])
    if kind == "error":
        if "reason" not in checked:
            raise MockUsageError("error: say which, in reason=; RATE_LIMIT_EXCEEDED for example")
        checked["reason"] = known_reason(checked["reason"], catalog)
    if kind == STUB and "on" not in spec:
        raise MockUsageError("stub: say which operation, in on=")
    if kind == "latency" and "seconds" not in checked:
        raise MockUsageError("latency: say how long, in seconds=")
    if kind == STUB:
        _check_stub(checked, spec)
    if "times" not in spec:
        nth = checked.get("nth")
        once = None if kind == STUB or "probability" in checked else 1
        checked["times"] = len(nth) if nth is not None else once
    checked.setdefault("times", None)
    resolve(checked["on"], catalog, unknown=kind == STUB)
    return checked


def near(name: Any, known: Any) -> str:
    close = get_close_matches(str(name), [k for k in known if k != STUB], n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"


def _whole(least: int, most: int) -> Callable[[str, Any], int]:
    def rule(name: str, value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise MockUsageError(f"{name}={value!r}: give a whole number from {least} to {most}")
        return value

    return rule


def _number(least: float, most: float) -> Callable[[str, Any], float]:
    def rule(name: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            raise MockUsageError(f"{name}={value!r}: give a number from {least:g} to {most:g}")
        return float(value)

    return rule


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise MockUsageError(f"{name}={value!r}: give a text")
    return value


def _header(name: str, value: Any) -> str:
    text = _text(name, value)
    if not text.isprintable() or not all(ord(c) < 256 for c in text):
        raise MockUsageError(f"{name}={value!r} cannot be a header")
    return text


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise MockUsageError(f"{name}={value!r}: give true or false")
    return value


def _turns(name: str, value: Any) -> list[int]:
    turns = [value] if type(value) is int else value
    good = isinstance(turns, (list, tuple, range)) and all(type(turn) is int and turn > 0 for turn in turns)
    if not good or not turns:
        raise MockUsageError(f"nth={value!r}: give a number from 1, or a list of them")
    return sorted(set(turns))


def _midway(name: str, value: Any) -> bool | int:
    return value if isinstance(value, bool) else _whole(0, 1 << 30)(name, value)


def _headers(name: str, value: Any) -> dict[str, str] | list[list[str]]:
    """As a mapping if that is how they were given and no name has several values; else as pairs, in order."""
    given = list(value.items()) if isinstance(value, Mapping) else value
    if not isinstance(given, (list, tuple)) or not all(isinstance(p, (list, tuple)) and len(p) == 2 for p in given):
        raise MockUsageError(f"headers={value!r}: give names and values: a mapping, or a list of pairs")
    pairs = [(key, text) for key, texts in given for text in (texts if isinstance(texts, (list, tuple)) else [texts])]
    for key, text in pairs:
        if not isinstance(key, str) or not key or not all(c.isalnum() or c in "-_.!#$%&'*+^`|~" for c in key):
            raise MockUsageError(f"headers: {key!r} is no name of a header")
        if not key.isascii() or key.lower() in ("content-length", "transfer-encoding", "connection"):
            raise MockUsageError(f"headers: {key!r} is not yours to set")
        _header(f"headers: {key}", text)
    alone = isinstance(value, Mapping) and len(pairs) == len(value)
    return dict(pairs) if alone else [list(pair) for pair in pairs]


_RULES: Mapping[str, Callable[[str, Any], Any]] = {
    "times": _whole(1, 1 << 30),
    "nth": _turns,
    "probability": _number(0, 1),
    **dict.fromkeys(_CREDENTIALS, _text),
    "message": _text,
    "retry_after": _whole(0, 1 << 30),
    "limited_by": _text,
    "after_commit": _flag,
    "midway": _midway,
    "seconds": _number(0, LONGEST),
    "after": _whole(0, 1 << 30),
    "pieces": _whole(2, 1000),
    "content_type": _header,
    "status": _whole(200, 599),
    "headers": _headers,
}


def _check_stub(checked: dict[str, Any], spec: Mapping[str, Any]) -> None:
    given = [name for name in ("json", "body", "body_base64") if name in spec]
    if len(given) > 1:
        raise MockUsageError(f"stub: give one of {' and '.join(given)}")
    if "json" in spec:
        try:
            # null is a value here; and a copy, as what the caller's object becomes later is no part of the plan
            checked["json"] = json.loads(encode(spec["json"]))
        except (TypeError, ValueError, RecursionError) as error:
            raise MockUsageError(f"stub: json= cannot be written as JSON: {error}") from None
    if "body_base64" in checked:
        try:
            base64.b64decode(checked["body_base64"], validate=True)
        except (TypeError, ValueError):
            raise MockUsageError("stub: body_base64 is not base64") from None
    elif not isinstance(checked.get("body", ""), str):
        raise MockUsageError("stub: body= must be a text")
    if given and spec.get("status") in (204, 304) and spec[given[0]] not in ("", None):
        raise MockUsageError(f"stub: an answer {spec['status']} has no body")
