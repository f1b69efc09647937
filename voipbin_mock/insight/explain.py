"""What a failing test's report says of the requests that the mock saw: bounded, with advice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from voipbin_mock.api.catalog import Catalog
from voipbin_mock.insight.coverage import Node, surface_of
from voipbin_mock.wire.errors import Violation
from voipbin_mock.wire.exchange import Exchange
from voipbin_mock.wire.matching import near_name
from voipbin_mock.wire.values import printable

MOST_REQUESTS = 30
MOST_FAULTS = 8  # of one body
LONGEST_LINE = 400


def told(exchanges: Sequence[Exchange], catalog: Catalog) -> str:
    """The newest requests: what was asked and answered, and of what was refused, why and what to do."""
    lines = []
    shown = exchanges[-MOST_REQUESTS:]
    if len(shown) < len(exchanges):
        lines.append(f"({len(exchanges) - len(shown)} earlier requests are not shown; report() has them)")
    warned: dict[str, int] = {}
    for exchange in shown:
        lines += _told(exchange, catalog, warned)
    return "\n".join(line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + "…" for line in lines)


def _told(exchange: Exchange, catalog: Catalog, warned: dict[str, int]) -> Iterator[str]:
    yield exchange.line()
    violations = sorted(exchange.violations, key=lambda violation: violation.value is None)  # the missing ones last
    if exchange.http_code >= 400 and exchange.body:
        yield f"    sent {printable(exchange.body.decode('utf-8', 'replace'))}"
    for violation in violations[:MOST_FAULTS]:
        yield f"    violation {printable(str(violation))}"
        advice = advice_for(violation, exchange, catalog)
        if advice:
            yield f"        {printable(advice)}"
    if len(violations) > MOST_FAULTS:
        yield f"    and {len(violations) - MOST_FAULTS} more violations"
    # A misspelt name is told once: where the right one is missing, if that refused the request.
    said = "\n".join(advice_for(violation, exchange, catalog) for violation in violations)
    for warning in exchange.warnings:
        if warning.code == "unknown-member" and f'"{warning.pointer.rpartition("/")[2]}" was sent; did you' in said:
            continue
        text = printable(str(warning))
        first = warned.setdefault(text, exchange.number)
        yield f"    warning {text}" if first == exchange.number else f"    warning {text[:60]}… as in #{first}"
    if exchange.hint and not any(exchange.hint in str(violation) for violation in violations):
        yield f"    {printable(exchange.hint)}"
    if exchange.called_at:
        yield f"    called at {exchange.called_at}"


def advice_for(violation: Violation, exchange: Exchange, catalog: Catalog) -> str:
    """What to do about a fault of a body; "" where the message says it all."""
    value, tokens = violation.value, violation.pointer.split("/")[1:]
    if not tokens:
        return ""
    node = _node(surface_of(catalog).body(exchange.operation or ""), tokens)
    name = tokens[-1]
    parent = _at(exchange.json, tokens[:-1])
    if isinstance(parent, Mapping) and name not in parent:
        known = _node(surface_of(catalog).body(exchange.operation or ""), tokens[:-1])
        near = near_name(name, [other for other in parent if known is None or other not in known.children])
        return f'"{near}" was sent; did you mean "{name}"?' if near else f"add it: expected {violation.expected}"
    whole = "integer" in violation.expected or "whole number" in violation.expected
    if isinstance(value, str):
        if node is not None and node.values:
            known_values = [json.loads(text) for text in node.values]
            texts = [text for text in known_values if isinstance(text, str)]
            close = get_close_matches(value[:80].lower(), texts, n=1, cutoff=0.4)
            return f'did you mean "{close[0]}"?' if close else f"one of {', '.join(node.values)}"
        number = value.strip()
        if whole and number.lstrip("-").isdigit() and number.isascii():
            return f"send {number} without quotes"
        if "true or false" in violation.expected and number.lower() in ("true", "false"):
            return f"send {number.lower()} without quotes"
    if isinstance(value, float) and whole and value == int(value):
        return f"send {int(value)}, without fraction or exponent"
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "string" in violation.expected:
        return f'send it in quotes: "{value}"'
    return "" if violation.expected in violation.message else f"expected {violation.expected}"


def _node(node: Node | None, tokens: Sequence[str]) -> Node | None:
    for token in tokens:
        if node is None:
            return None
        node = node.children.get(token) or (node.items if token.isdigit() else None)
    return node


def _at(value: Any, tokens: Sequence[str]) -> Any:
    for token in tokens:
        if isinstance(value, list) and token.isdigit() and int(token) < len(value):
            value = value[int(token)]
        elif isinstance(value, Mapping) and token in value:
            value = value[token]
        else:
            return None
    return value
