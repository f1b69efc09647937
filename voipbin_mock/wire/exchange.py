"""Exchanges: a request with its reply, as the journal keeps it, without its credentials."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from voipbin_mock.wire import rows
from voipbin_mock.wire.errors import Violation
from voipbin_mock.wire.redaction import (
    REDACTED,
    is_secret_pointer,
    redact_body,
    redact_headers,
    redact_json,
    redact_query,
    redact_text,
)
from voipbin_mock.wire.stamps import rfc3339_stamp_full, to_datetime
from voipbin_mock.wire.values import parse_json, parse_query, printable

_NONE = range(0)
CONSOLE_HEADER = "x-voipbin-mock-console"  # on what the console sends to the service

# What an exchange is kept as, see `Exchange.kept`; its body and all after it begin at this place.
_BODY = 9
_PAIR = (rows.TEXT, rows.TEXT)
_PLANNED = (rows.TEXT, rows.COUNT)
_VIOLATION = (rows.TEXT, rows.TEXT, rows.TEXT, rows.ANY)
_WARNING = (rows.TEXT,) * 4
_KEPT = (
    rows.COUNT, rows.MOMENT, rows.TEXT, rows.TEXT, rows.TEXT, rows.COUNT, rows.TEXT_OR_NULL, rows.TEXT_OR_NULL,
    rows.TEXT_OR_NULL, rows.BLOB, rows.BLOB, rows.LIST, rows.LIST, rows.TEXT, rows.LIST, rows.LIST, rows.FLAG,
    rows.LIST, rows.TEXT_OR_NULL, rows.LIST, rows.FLAG, rows.TEXT,
)  # fmt: skip


class Exchange:
    """One request with its reply, as the journal keeps it.

    What was sent is kept as it came, and read, parsed and rid of credentials when somebody looks: most
    entries are never looked at. Nothing public here shows a credential.
    """

    __slots__ = (
        "_body", "_confidential", "_headers", "_hint", "_path", "_query", "_reply_body", "_reply_headers",
        "_violations", "_warnings", "called_at", "cut", "events", "http_code", "method", "microseconds", "number",
        "operation", "planned", "reason", "reply_type", "request_id",
    )  # fmt: skip

    def __init__(
        self,
        number: int,
        microseconds: int,
        method: str,
        path: str,
        query: str,
        http_code: int,
        reason: str | None,
        operation: str | None,
        request_id: str | None,
        body: bytes,
        reply_body: bytes,
        violations: tuple[Violation, ...] = (),
        warnings: tuple[Any, ...] = (),
        hint: str = "",
        headers: Sequence[tuple[str, str]] = (),
        reply_headers: Sequence[tuple[str, str]] = (),
        confidential: bool = False,
        planned: tuple[tuple[str, int], ...] = (),
        reply_type: str | None = None,
    ) -> None:
        self.number = number
        self.microseconds = microseconds  # virtual time, since 1970
        self.method = method
        self._path = path
        self._query = query
        self.http_code = http_code  # 0: a planned fault cut the connection, and nothing handled the request
        self.reason = reason
        self.operation = operation  # "outplans.create"
        self.request_id = request_id
        self._body = body
        self._reply_body = reply_body
        self._violations = violations
        self._warnings = warnings
        self._hint = hint
        self._headers = headers
        self._reply_headers = reply_headers
        self._confidential = confidential  # its bodies hold passwords or tokens
        self.reply_type = reply_type  # the content type of what was answered
        self.planned = planned  # kind and number of the fault and the stub that it met
        self.events = _NONE  # the numbers of those that were published as it was handled
        self.cut = False  # only the beginnings of its bodies are kept any more
        self.called_at = ""  # "test_dialer.py:17", where that is known

    @property
    def status(self) -> int:
        """The HTTP code, under the name HTTP clients use."""
        return self.http_code

    @property
    def time(self) -> datetime:
        """The virtual moment it came, in UTC."""
        return to_datetime(self.microseconds)

    @property
    def path(self) -> str:
        return redact_text(self._path)

    @property
    def query(self) -> str:
        """The query string."""
        return redact_query(self._query)

    @property
    def params(self) -> dict[str, list[str]]:
        """The query parameters, every value given."""
        return parse_query(self.query)

    @property
    def headers(self) -> Headers:
        return Headers(redact_headers(self._headers))

    @property
    def body(self) -> bytes:
        return redact_body(self._body, self._confidential)

    @property
    def json(self) -> Any:
        """The body as JSON; None if it is none."""
        return _json_or(None, self.body)

    @property
    def reply_headers(self) -> Headers:
        typed = [("content-type", self.reply_type)] if self.reply_type else []
        return Headers(redact_headers([*typed, *self._reply_headers]))

    @property
    def reply_body(self) -> bytes:
        return redact_body(self._reply_body, self._confidential)

    @property
    def reply_json(self) -> Any:
        return _json_or(None, self.reply_body)

    @property
    def violations(self) -> tuple[Violation, ...]:
        """What was wrong with the body; of a credential, not its value."""
        return tuple(map(discreet, self._violations))

    @property
    def warnings(self) -> tuple[Any, ...]:
        """What lint found."""
        if not self._warnings:
            return ()
        return tuple([finding._replace(message=redact_text(finding.message)) for finding in self._warnings])

    @property
    def hint(self) -> str:
        """Help for people that the answer did not have."""
        return redact_text(self._hint) if self._hint else ""

    @property
    def has_problem(self) -> bool:
        """Whether it was refused, or something about it is worth a look."""
        return not 0 < self.http_code < 400 or bool(self._violations or self._warnings)

    def mentions(self, text: str) -> bool:
        """Whether a text, in small letters, is anywhere in what is shown of it."""
        shown = [f"{self.path}?{self.query}", self.operation or "", self.reason or "", self.hint]
        shown += map(str, (*self.violations, *self.warnings))
        if any(text in part.casefold() for part in shown):
            return True
        # Blacking out takes long: only where there is something to find.
        return any(
            text in raw.decode("utf-8", "replace").casefold()
            and text in redact_body(raw, self._confidential).decode("utf-8", "replace").casefold()
            for raw in (self._body, self._reply_body)
        )

    @property
    def by_console(self) -> bool:
        """Whether the mock's own page sent it, and not what is tested."""
        return any(name.lower() == CONSOLE_HEADER for name, _ in self._headers)

    @property
    def size(self) -> int:
        """Bytes of both bodies, as far as they are kept."""
        return len(self._body) + len(self._reply_body)

    def cut_to(self, most: int) -> None:
        """Keep the beginnings of large bodies only."""
        self.cut = self.cut or len(self._body) > most or len(self._reply_body) > most
        self._body, self._reply_body = self._body[:most], self._reply_body[:most]

    # For comparing only: with the credentials. Nothing that is shown comes from these.

    @property
    def raw_path(self) -> str:
        return self._path

    @property
    def raw_query(self) -> str:
        return self._query

    @property
    def raw_headers(self) -> Sequence[tuple[str, str]]:
        return self._headers

    @property
    def raw_body(self) -> bytes:
        return self._body

    @property
    def raw_violations(self) -> tuple[Violation, ...]:
        return self._violations

    def raw_json(self, otherwise: Any = None) -> Any:
        """The body as JSON, or what is given for a body that is none."""
        return _json_or(otherwise, self._body)

    def wrote(self, record_id: str) -> bool:
        """Whether it was done, and its path has this record or its answer is (or holds) the record itself."""
        if not 200 <= self.http_code < 300:
            return False
        return record_id in self._path or f'"id":"{record_id}"'.encode() in self._reply_body

    def line(self) -> str:
        """One readable line: what was asked, what was answered."""
        target = self.path + (f"?{self.query}" if self._query else "")
        reason = f" {self.reason}" if self.reason else ""
        return f"{self.method} {printable(target)} -> {self.http_code or 'no answer'}{reason}"

    def explain(self) -> list[str]:
        """The line, then every violation, warning and hint, indented."""
        lines = [self.line()]
        lines += [f"    violation {printable(str(v))}" for v in self.violations]
        lines += [f"    warning {printable(str(w))}" for w in self.warnings]
        if self.hint:
            lines.append(f"    {printable(self.hint)}")
        return lines

    def head(self) -> dict[str, Any]:
        """What it was and what came of it, as JSON, without what was sent either way."""
        told = {
            "number": self.number,
            "time": rfc3339_stamp_full(self.microseconds),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "operation": self.operation,
            "status": self.http_code,
            "reason": self.reason,
        }
        if self.by_console:
            told["console"] = True
        if self.planned:
            told["planned"] = [{"kind": kind, "number": number} for kind, number in self.planned]
        return told

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON; bodies as text."""
        return {
            **self.head(),
            "headers": [list(pair) for pair in self.headers],
            "request_id": self.request_id,
            "body": self.body.decode("utf-8", "replace"),
            "reply": self.reply_body.decode("utf-8", "replace"),
            "reply_headers": [list(pair) for pair in self.reply_headers],
            "violations": [violation.as_dict() for violation in self.violations],
            "warnings": [warning.as_dict() for warning in self.warnings],
            "hint": self.hint,
            **({"cut": True} if self.cut else {}),
        }

    def kept(self) -> list[Any]:
        """All that is known of it as JSON, with its credentials: for another process that goes on as this one."""
        violations, warnings = [list(each) for each in self._violations], [list(each) for each in self._warnings]
        sides = [[list(pair) for pair in side] for side in (self._headers, self._reply_headers)]
        return [
            *(self.number, self.microseconds, self.method, self._path, self._query, self.http_code, self.reason),
            *(self.operation, self.request_id, rows.blob(self._body), rows.blob(self._reply_body), violations),
            *(warnings, self._hint, *sides, self._confidential, [list(each) for each in self.planned]),
            *(self.reply_type, [self.events.start, self.events.stop], self.cut, self.called_at),
        ]

    @classmethod
    def read(cls, document: Any, warning: Callable[[list[str]], Any], where: str) -> Exchange:
        """Take back what `kept` gave; warning: makes one of its texts. Raises ValueError."""
        values = list(rows.row(document, _KEPT, where))
        for place in (_BODY, _BODY + 1):
            values[place] = rows.bytes_of(values[place], f"{where}/{place}")
        for place, kinds, make in (
            (_BODY + 2, _VIOLATION, Violation._make),
            (_BODY + 3, _WARNING, warning),
            (_BODY + 5, _PAIR, tuple),
            (_BODY + 6, _PAIR, tuple),
            (_BODY + 8, _PLANNED, tuple),
        ):
            several = enumerate(values[place])
            values[place] = tuple([make(rows.row(one, kinds, f"{where}/{place}/{n}")) for n, one in several])
        *values, events, cut, called_at = values
        made = cls(*values)
        made.events = range(*rows.row(events, (rows.COUNT, rows.COUNT), f"{where}/{len(values)}"))
        made.cut, made.called_at = cut, called_at
        return made

    def __repr__(self) -> str:
        return f"<#{self.number} {self.line()}>"


def discreet(violation: Violation) -> Violation:
    """The same; of a credential, without its value."""
    if violation.value and is_secret_pointer(violation.pointer):
        return violation._replace(message="is not acceptable", value=REDACTED)
    return violation._replace(message=redact_text(violation.message), value=redact_json(violation.value))


class Headers(tuple[tuple[str, str], ...]):
    """Headers in order, names in lower case; `headers["accept"]` is the first of that name."""

    __slots__ = ()

    def __getitem__(self, name: Any) -> Any:
        if not isinstance(name, str):
            return super().__getitem__(name)
        found = self.get(name)
        if found is None:
            raise KeyError(f"no header {name!r}; there are {', '.join(sorted({n for n, _ in self})) or 'none'}")
        return found

    def get(self, name: str, default: Any = None) -> Any:
        wanted = name.lower()
        return next((value for key, value in self if key.lower() == wanted), default)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None


def _json_or(otherwise: Any, body: bytes) -> Any:
    try:
        return parse_json(body, ignore_trailing=True)
    except ValueError:
        return otherwise
