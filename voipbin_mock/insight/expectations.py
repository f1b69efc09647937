"""What a test expects of a call, and how far a call is from it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import urlsplit

from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.exchange import Exchange
from voipbin_mock.wire.matching import (
    MISSING,
    Mismatch,
    PathPattern,
    contrast,
    described,
    differences,
    path_pattern,
    show,
)
from voipbin_mock.wire.redaction import redact_body, redact_text
from voipbin_mock.wire.values import parse_query, printable

ANYTHING: Any = object()  # the default of a filter: not asked for
_METHOD = re.compile(r"[A-Za-z]+|\*")
_VERSION = "/v1.0"
_FILTERS = ("json", "query", "headers", "status", "reason", "body")

Step = str | Sequence[Any]


class Expectation:
    """What a call should look like."""

    def __init__(
        self,
        method: str | None,
        path: str | re.Pattern[str] | None,
        filters: Mapping[str, Any],
        exact: bool,
    ) -> None:
        unknown = filters.keys() - set(_FILTERS)
        if unknown:
            raise MockUsageError(f"no filter {min(unknown)!r}; there are {', '.join(_FILTERS)}")
        if path is None and method is not None and not _METHOD.fullmatch(method):
            head, _, tail = method.partition(" ")
            if tail and _METHOD.fullmatch(head):
                method, path = head, tail.strip()
            else:
                method, path = None, method
        if method is not None and not _METHOD.fullmatch(method):
            raise MockUsageError(f"{method!r} is no HTTP method; say assert_called('POST', '/outplans')")
        self.method = None if method in (None, "*") else str(method).upper()
        self.filters = {name: value for name, value in filters.items() if value is not ANYTHING}
        self.exact = exact
        self.path = path
        self._pattern: re.Pattern[str] | PathPattern | None = None
        self._operation = ""
        if isinstance(path, re.Pattern):
            self._pattern = path
        elif path is not None:
            self._read_path(path)

    def _read_path(self, path: str) -> None:
        if "/" not in path and "." in path and "*" not in path:
            self._operation = path  # outplans.create
            return
        parts = urlsplit(path)
        if parts.query:
            given = {
                name: values if len(values) > 1 else values[0] for name, values in parse_query(parts.query).items()
            }
            self.filters["query"] = {**given, **self.filters.get("query", {})}
        plain = parts.path if parts.path.startswith(("/", "*")) else "/" + parts.path
        self.path = plain
        self._pattern = path_pattern(plain)

    def __str__(self) -> str:
        where = self.path.pattern if isinstance(self.path, re.Pattern) else self.path
        words = [self.method or ("" if self._operation else "any call"), "to" if not self.method and where else ""]
        said = redact_text(" ".join(word for word in (*words, where or "") if word))
        told = [
            f"{name} {show(_shown_body(value) if name == 'body' else value)}" for name, value in self.filters.items()
        ]
        exactly = " exactly" if self.exact else ""
        return said + (f" with{exactly} {', '.join(told)}" if told else "")

    def accepts_path(self, path: str) -> bool:
        if self._pattern is None:
            return True
        if isinstance(self.path, re.Pattern):
            return self.path.search(path) is not None
        if self._pattern.fullmatch(path):
            return True
        return path.startswith(_VERSION + "/") and bool(self._pattern.fullmatch(path[len(_VERSION) :]))

    def accepts_target(self, exchange: Exchange) -> bool:
        if self._operation:
            return exchange.operation == self._operation
        return (self.method is None or exchange.method == self.method) and self.accepts_path(exchange.raw_path)

    def accepts(self, exchange: Exchange) -> bool:
        return self.accepts_target(exchange) and not any(found for _, found in self._unlike(exchange))

    def _unlike(self, exchange: Exchange) -> Iterator[tuple[str, list[Mismatch]]]:
        """Filter by filter, how the exchange differs."""
        for name, wanted in self.filters.items():
            if name == "json":
                have = exchange.raw_json(MISSING)
                neither = wanted is MISSING and have is MISSING
                apart = wanted is MISSING or have is MISSING  # null is a value: no body is none
                yield (
                    name,
                    [] if neither else [Mismatch("", wanted, have)] if apart else differences(wanted, have, self.exact),
                )
            elif name == "query":
                yield name, self._unlike_query(wanted, parse_query(exchange.raw_query))
            elif name == "headers":
                sent = {key.lower(): value for key, value in reversed(exchange.raw_headers)}
                yield name, differences({key.lower(): value for key, value in wanted.items()}, sent)
            elif name == "status":
                yield name, [] if status_fits(wanted, exchange.status) else [Mismatch("", wanted, exchange.status)]
            elif name == "reason":
                yield name, differences(wanted, exchange.reason)
            else:
                same = (wanted.encode() if isinstance(wanted, str) else wanted) == exchange.raw_body
                yield name, [] if same else [Mismatch("", _shown_body(wanted), _shown_body(exchange.body))]

    def _unlike_query(self, wanted: Mapping[str, Any], sent: Mapping[str, list[str]]) -> list[Mismatch]:
        """A query holds text only, so a wanted 10 is "10"; a name given twice has a list of values."""
        as_text = {name: _query_value(value) for name, value in wanted.items()}
        have: dict[str, Any] = {}
        for name, values in sent.items():
            have[name] = values if len(values) > 1 or isinstance(as_text.get(name), list) else values[0]
        return differences(as_text, have, self.exact)

    def near_miss(self, exchange: Exchange) -> tuple[float, list[str]]:
        """How far an exchange is from this, and its differing fields in words."""
        distance, lines = 0.0, []
        if self._operation:
            if exchange.operation != self._operation:
                distance += 4
                lines.append(f"operation: expected {self._operation}, got {exchange.operation or 'none'}")
        else:
            if self.method is not None and exchange.method != self.method:
                distance += 2
                lines.append(f"method: expected {self.method}, got {exchange.method}")
            if not self.accepts_path(exchange.raw_path):
                distance += 1 + 6 * self._path_distance(exchange.raw_path)
                expected = self.path.pattern if isinstance(self.path, re.Pattern) else self.path
                lines.append(f"path: expected {redact_text(str(expected))}, got {printable(exchange.path)}")
        for name, found in self._unlike(exchange):
            distance += sum(difference.weight for difference in found)
            if name == "json" and found and exchange.raw_json(MISSING) is MISSING:
                got = "a body that is not JSON" if exchange.body.strip() else "no body"
                if exchange.cut:
                    got = "a body of which only the beginning is kept any more, as large ones came after it"
                lines.append(f"json: expected {show(self.filters['json'])}, got {got}")
            elif name in ("json", "query", "headers"):
                lines += [f"{name} {line}" for line in described(found)]
            else:
                lines += [f"{name}: {contrast(d.expected, d.actual)}" for d in found]
        return distance, lines

    def _path_distance(self, path: str) -> float:
        wanted = self.path if isinstance(self.path, str) else ""
        ours, theirs = (p.removeprefix(_VERSION).strip("/").split("/") for p in (wanted, path))
        same = total = 0.0
        for index in range(max(len(ours), len(theirs))):
            ours_part, theirs_part = (parts[index] if index < len(parts) else "" for parts in (ours, theirs))
            weight = 1.0 if ours_part.isidentifier() else 0.25  # what stands for anything says little
            total += weight
            fits = path_pattern(ours_part).fullmatch(theirs_part)
            same += weight * (1 if fits else _shared_letters(ours_part, theirs_part))
        return 1 - same / total


def _shared_letters(first: str, second: str) -> float:
    return 0.9 * SequenceMatcher(None, first[:80], second[:80]).ratio()


def _shown_body(body: Any) -> Any:
    raw = body.encode() if isinstance(body, str) else body
    return redact_body(raw).decode("utf-8", "replace") if isinstance(raw, bytes) else body


def _query_value(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    return [_query_value(item) for item in value] if isinstance(value, (list, tuple)) else value


def status_fits(wanted: Any, status: int) -> bool:
    """Whether a status is the wanted one, one of several, or of a kind such as "4xx"."""
    if isinstance(wanted, str):
        return re.fullmatch(wanted.replace("x", r"\d").replace("X", r"\d"), str(status)) is not None
    return status in wanted if isinstance(wanted, (Collection, range)) else bool(wanted == status)


def as_step(step: Step) -> Expectation:
    """`"POST /outplans"`, `("POST", "/outplans")` or `("POST", "/outplans", {"json": ...})`."""
    if isinstance(step, str):
        return Expectation(step, None, {}, False)
    method, path, filters = (*step, None, None, None)[:3]
    if len(step) > 3 or not (filters is None or isinstance(filters, Mapping)):
        raise MockUsageError(f"a step is a method, a path and perhaps filters in a dict, not {step!r}")
    given = dict(filters or {})
    return Expectation(method, path, given, bool(given.pop("exact", False)))
