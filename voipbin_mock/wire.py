"""What goes over the wire, as plain values: requests, replies, exchanges, and their encoding.

No Flask here: a handler is `handler(world, request) -> Reply` and can be called without a server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_plus

from voipbin_mock.clock import rfc3339_stamp_full, to_datetime
from voipbin_mock.redaction import (
    REDACTED,
    is_secret_pointer,
    redact_body,
    redact_headers,
    redact_query,
    redact_text,
)

if TYPE_CHECKING:
    from voipbin_mock.errors import Violation

JSON_TYPE = "application/json; charset=utf-8"
TEXT_TYPE = "text/plain; charset=utf-8"
NIL_UUID = "00000000-0000-0000-0000-000000000000"
# Bytes of a body: no record of the service is anywhere near; states and seeds for the mock are larger.
MAX_BODY = 2 * 1024 * 1024
MAX_CONTROL_BODY = 32 * 1024 * 1024
CONTROL_PREFIX = "/__mock__"
SESSION_PREFIX = "/__session__/"
MAX_NESTING = 200  # of a body; what looks at bodies must not run out of stack, however deep it is called itself

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
# What the service's JSON encoder escapes although JSON does not ask for it.
_ESCAPED = re.compile("[<>&\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_UUID_FORMS = re.compile(
    r"(?-i:urn:uuid:)?(?P<dashed>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    r"|\{(?P<braced>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}"
    r"|\{(?P<braced_bare>[0-9a-f]{32})\}|(?-i:urn:uuid:)?(?P<bare>[0-9a-f]{32})",
    re.ASCII | re.IGNORECASE,
)
_CANONICAL_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)


def encode(value: Any) -> str:
    """Compact JSON in the given key order, escaped as the service's encoder does."""
    text = _encode(value)
    if "<" in text or ">" in text or "&" in text or "\u2028" in text or "\u2029" in text:
        # Such characters occur only inside strings, so the text can be treated as a whole.
        text = _ESCAPED.sub(lambda m: f"\\u{ord(m[0]):04x}", text)
    return text


def max_body(path: str) -> int:
    """How many bytes a body sent to this path may have."""
    if path.startswith(SESSION_PREFIX):
        path = "/" + path[len(SESSION_PREFIX) :].partition("/")[2]
    return MAX_CONTROL_BODY if path.startswith(CONTROL_PREFIX) else MAX_BODY


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:40]} is too large a number")
    return number


_decode = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite).raw_decode
_BLANK = " \t\r\n"


def parse_json(body: bytes, ignore_trailing: bool = False) -> Any:
    """The JSON value of a body. Raises ValueError with a reason for people.

    Stricter than Python's own reading: UTF-8 only, no byte order mark, no NaN or Infinity; too many levels
    or digits are refused, not fatal.
    """
    try:
        text = body.decode("utf-8").lstrip(_BLANK)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from None
    if not text:
        raise ValueError("the body is empty")
    try:
        value, end = _decode(text)
        if text.count("[") + text.count("{") > MAX_NESTING and _is_deeper(value, MAX_NESTING):
            raise ValueError(f"nested deeper than {MAX_NESTING} levels")
        if "\\ud" in text or "\\uD" in text:
            value = replace_surrogates(value)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise ValueError(f"nested deeper than {MAX_NESTING} levels") from None
    except ValueError as error:
        # Python would have the reader change an option of Python's.
        raise ValueError("a number has too many digits" if "int_max_str" in str(error) else str(error)) from None
    if not ignore_trailing and text[end:].strip(_BLANK):
        raise ValueError("text follows the JSON value")
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(levels):
        level = [
            item
            for outer in level
            for item in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return False
    return True


def replace_surrogates(value: Any) -> Any:
    """Half a surrogate pair is no character; the service stores U+FFFD for it."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [replace_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {replace_surrogates(key): replace_surrogates(item) for key, item in value.items()}
    return value


def parse_uuid(text: str) -> str | None:
    """The canonical form of any spelling the service accepts, or None."""
    if _CANONICAL_UUID.fullmatch(text):
        return text
    match = _UUID_FORMS.fullmatch(text)
    if match is None:
        return None
    digits = next(group for group in match.groups() if group).replace("-", "").lower()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def uuid_or_nil(text: str) -> str:
    """Ids in bodies that are no UUIDs silently become the nil UUID (server)."""
    return parse_uuid(text) or NIL_UUID


def parse_query(text: str) -> dict[str, list[str]]:
    """Query parameters in order; every value given, so that doubles can be refused."""
    query: dict[str, list[str]] = {}
    for pair in text.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            if "%" in pair or "+" in pair:
                name, value = unquote_plus(name), unquote_plus(value)
            query.setdefault(name, []).append(value)
    return query


@dataclass(slots=True)
class Caller:
    """Who asks: an agent with a login token, an access key, or a direct token."""

    kind: str  # "agent", "accesskey" or "direct"
    customer_id: str
    account: str  # the customer whose records these are; see World.account_of
    permission: int
    agent_id: str | None = None
    claims: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Request:
    """One request as a handler sees it."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""
    path_ids: tuple[str, ...] = ()
    operation: Any = None  # catalog.Operation; the catalogue lies above this floor
    caller: Caller | None = None
    raw: Any = None  # the body as JSON, as it was sent
    values: dict[str, Any] = field(default_factory=dict)  # the decoded body, zero-filled
    sent: frozenset[str] = frozenset()  # the names of the members that the body really had
    warnings: list[Any] = field(default_factory=list)
    upgradable: bool = False  # whether its connection can be made a websocket

    @property
    def id(self) -> str:
        return self.path_ids[-1]

    def parameter(self, name: str) -> str | None:
        """The first value of a query parameter, or None."""
        values = self.query.get(name)
        return values[0] if values else None


class Disruption(NamedTuple):
    """What befalls an answer on its way to the client; whoever carries the answer enacts it.

    refuse: no connection, and the request is not handled. reset: the connection breaks instead of an
    answer. reset_midway: it breaks after `after` bytes of the body. truncate: the body ends, in good
    order, after `after` bytes, short of its Content-Length. delay: the answer comes `seconds` later.
    slow: the body comes in pieces, `seconds` apart.
    """

    kind: str
    seconds: float = 0.0
    after: int = 0


@dataclass(slots=True)
class Reply:
    """One answer. `body` is ready bytes; headers beside the usual ones are in `headers`."""

    http_code: int = 200
    body: bytes = b""
    content_type: str | None = JSON_TYPE
    headers: list[tuple[str, str]] = field(default_factory=list)
    note: str = ""  # for the journal; never sent
    disruption: Disruption | None = None
    upgrade: Caller | None = None  # who is given a websocket instead of an answer


def json_reply(value: Any, http_code: int = 200) -> Reply:
    return Reply(http_code, encode(value).encode("utf-8"))


def text_reply(text: str) -> Reply:
    """A reply whose JSON text is already made."""
    return Reply(200, text.encode("utf-8"))


class Exchange:
    """One request with its reply, as the journal keeps it.

    What was sent is kept as it came, and read, parsed and rid of credentials when somebody looks: most
    entries are never looked at. Nothing public here shows a credential.
    """

    __slots__ = (
        "_body", "_confidential", "_headers", "_path", "_query", "_reply_body", "_reply_headers", "_violations",
        "called_at", "cut", "hint", "http_code", "method", "microseconds", "number", "operation", "reason",
        "request_id", "warnings",
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
        self.warnings = warnings
        self.hint = hint
        self._headers = headers
        self._reply_headers = reply_headers
        self._confidential = confidential  # its bodies hold passwords or tokens
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
        return _json_or_none(self.body)

    @property
    def reply_headers(self) -> Headers:
        return Headers(redact_headers(self._reply_headers))

    @property
    def reply_body(self) -> bytes:
        return redact_body(self._reply_body, self._confidential)

    @property
    def reply_json(self) -> Any:
        return _json_or_none(self.reply_body)

    @property
    def violations(self) -> tuple[Violation, ...]:
        """What was wrong with the body; of a credential, not its value."""
        return tuple(map(discreet, self._violations))

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

    def raw_json(self) -> Any:
        return _json_or_none(self._body)

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

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON; bodies as text."""
        return {
            "number": self.number,
            "time": rfc3339_stamp_full(self.microseconds),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": [list(pair) for pair in self.headers],
            "operation": self.operation,
            "status": self.http_code,
            "reason": self.reason,
            "request_id": self.request_id,
            "body": self.body.decode("utf-8", "replace"),
            "reply": self.reply_body.decode("utf-8", "replace"),
            "reply_headers": [list(pair) for pair in self.reply_headers],
            "violations": [violation.as_dict() for violation in self.violations],
            "warnings": [warning.as_dict() for warning in self.warnings],
            "hint": self.hint,
            **({"cut": True} if self.cut else {}),
        }

    def __repr__(self) -> str:
        return f"<#{self.number} {self.line()}>"


def discreet(violation: Violation) -> Violation:
    """The same; of a credential, without its value."""
    if violation.value and is_secret_pointer(violation.pointer):
        return violation._replace(message="is not acceptable", value=REDACTED)
    return violation


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


def _json_or_none(body: bytes) -> Any:
    try:
        return parse_json(body, ignore_trailing=True)
    except ValueError:
        return None


def printable(text: str) -> str:
    """Text safe for one line of a log, a header or a terminal."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
