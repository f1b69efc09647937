"""What goes over the wire, as plain values: requests, replies, exchanges, and their encoding.

No Flask here: a handler is `handler(world, request) -> Reply` and can be called without a server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from voipbin_mock.wire.exchange import Exchange

JSON_TYPE = "application/json; charset=utf-8"
TEXT_TYPE = "text/plain; charset=utf-8"
NIL_UUID = "00000000-0000-0000-0000-000000000000"
# Bytes of a body: no record of the service is anywhere near; states and seeds for the mock are larger.
MAX_BODY = 2 * 1024 * 1024
MAX_UPLOAD = 30 * 1024 * 1024  # of a form with a file in it
MAX_CONTROL_BODY = 32 * 1024 * 1024
_UPLOADS = ("/v1.0/storage_files", "/v1.0/service_agents/files")
CONTROL_PREFIX = "/__mock__"
CONSOLE = f"{CONTROL_PREFIX}/console"
STREAM = f"{CONTROL_PREFIX}/stream"
SESSION_PREFIX = "/__session__/"
WEBHOOK_HEADER = "X-VoIPBIN-Mock-Webhook"  # on what a mock sends to a port: no mock is driven by that
MAX_NESTING = 200  # of a body; what looks at bodies must not run out of stack, however deep it is called itself

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
# What the service's JSON encoder escapes although JSON does not ask for it.
_ESCAPED = re.compile("[<>&\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_UUID_FORMS = (
    r"(?-i:urn:uuid:)?(?P<dashed>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    r"|\{(?P<braced>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}"
    r"|\{(?P<braced_bare>[0-9a-f]{32})\}|(?-i:urn:uuid:)?(?P<bare>[0-9a-f]{32})"
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
    if path.startswith(CONTROL_PREFIX):
        return MAX_CONTROL_BODY
    return MAX_UPLOAD if path.endswith(_UPLOADS) else MAX_BODY


def max_taken(path: str) -> int:
    """How many bytes of it a server reads at most: of uploads more than are taken, so that the refusal is the API's."""
    most = max_body(path)
    return 8 * most if most == MAX_UPLOAD else most


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
    match = _uuid_forms().fullmatch(text)
    if match is None:
        return None
    digits = next(group for group in match.groups() if group).replace("-", "").lower()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def id_of(wanted: Any) -> str:
    """The id that is meant: a record stands for its own."""
    return wanted if isinstance(wanted, str) else str(getattr(wanted, "id", wanted))


@lru_cache(maxsize=1)
def _uuid_forms() -> re.Pattern[str]:
    """Dear to compile, and few write them so."""
    return re.compile(_UUID_FORMS, re.ASCII | re.IGNORECASE)


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
    accesskey_id: str | None = None


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


class Stream(NamedTuple):
    """Sound on a websocket: of which record, the events that end it, how it is packed, and whether it goes on."""

    record_id: str
    ends_with: tuple[str, ...]
    encapsulation: str  # rtp, sln or audiosocket; for any other there is no sound
    goes_on: Callable[[], bool]


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
    stream: Stream | None = None  # and what of: events, or sound
    # Who takes the connection, given what gives it away and the protocol's version, and answers on it; or does not,
    # and gives the answer.
    takes: Callable[[Callable[[], Any], str], Reply] | None = None
    made: Exchange | None = None  # of a control call: the entry of the request that it has sent


def json_reply(value: Any, http_code: int = 200) -> Reply:
    return Reply(http_code, encode(value).encode("utf-8"))


def text_reply(text: str) -> Reply:
    """A reply whose JSON text is already made."""
    return Reply(200, text.encode("utf-8"))


def printable(text: str) -> str:
    """Text safe for one line of a log, a header or a terminal."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
