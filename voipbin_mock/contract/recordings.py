"""Recordings, read: HAR of whatever exporter, the mock's journal, and repro bundles.

Exporters agree on little but the names. What one of them leaves out, writes as null or puts elsewhere is read
as what it means: a body that was not kept is unknown, and not empty. What cannot be read at all is told for its
entry, and the others are used.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import SplitResult, unquote, urlencode, urlsplit

from voipbin_mock.api.operations import PREFIX
from voipbin_mock.contract.answers import Answer, make_answer
from voipbin_mock.wire.errors import MockUsageError, shorten

SERVICE_HOSTS = ("api.voipbin.net",)
MOST_UNPACKED = 64 * 1024 * 1024  # bytes of one body
# What a browser asks of that host by itself, or to show the documentation.
_PAGES = re.compile(r"/(docs|swagger|redoc)(/.*)?|/(favicon\.ico|robots\.txt|apple-touch-icon[^/]*)?", re.ASCII)
_NOT_KEPT = re.compile(r"not included|truncated|discarded|omitted|evicted|too.?large", re.IGNORECASE)
_METHOD = re.compile(r"[A-Z]{1,20}", re.ASCII)
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


class Recorded(NamedTuple):
    """One exchange of a recording."""

    place: str  # in the recording: "/log/entries/3"
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None  # None: it is not known
    answer: Answer | None


class Damaged(ValueError):
    """An entry that cannot be read: where in it, and why."""

    def __init__(self, pointer: str, why: str) -> None:
        super().__init__(f"{pointer}: {why}" if pointer else why)
        self.pointer, self.why = pointer, why


class Reading(NamedTuple):
    """What one entry is: an exchange with the service, one with somebody else, or unreadable."""

    place: str
    recorded: Recorded | None = None
    host: str = ""  # of somebody else
    damage: Damaged | None = None


def read(path: Path) -> dict[str, Any]:
    """The document in a file. Raises MockUsageError."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise MockUsageError(f"{path}: cannot be read: {error.strerror}") from None
    if raw[:2] == b"PK":
        raise MockUsageError(f"{path}: no recording: it is a zip archive; unpack it, and give the .har that is in it")
    if raw[:2] == b"\x1f\x8b":
        raise MockUsageError(f"{path}: no recording: it is compressed; unpack it with gunzip first")
    try:
        document = json.loads(raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"))
    except UnicodeDecodeError as error:
        raise MockUsageError(f"{path}: not JSON: not UTF-8 at byte {error.start}") from None
    except (ValueError, RecursionError) as error:
        raise MockUsageError(f"{path}: not JSON: {error}") from None
    if not isinstance(document, dict):
        raise MockUsageError(f"{path}: no recording: expected an object")
    return document


def readings(document: Mapping[str, Any], source: str, base_url: str | None) -> Iterator[Reading]:
    """Every entry of a recording. Raises MockUsageError if it is none, or if nothing in it can be read."""
    base, entries, reader = _entries(document, source, base_url)
    found: list[Reading] = []
    for index, entry in enumerate(entries):
        place = f"{base}/{index}"
        if base == "/steps" and isinstance(entry, Mapping) and "state" in entry:
            continue
        try:
            if not isinstance(entry, Mapping):
                raise Damaged("", f"is {_kind(entry)}, not an object")
            found.append(reader(entry, place))
        except Damaged as damage:
            found.append(Reading(place, damage=damage))
        except (KeyError, TypeError, ValueError, AttributeError, LookupError, RecursionError) as error:
            found.append(Reading(place, damage=Damaged("", f"{type(error).__name__}: {shorten(str(error), 80)}")))
    if found and all(reading.damage is not None for reading in found):
        raise MockUsageError(f"{source}: {found[0].place}: damaged: {found[0].damage}")
    yield from found


_Reader = Callable[[Mapping[str, Any], str], Reading]


def _entries(document: Mapping[str, Any], source: str, base_url: str | None) -> tuple[str, list[Any], _Reader]:
    log = document.get("log")
    kinds: tuple[tuple[str, Any, _Reader], ...] = (
        ("/log/entries", log.get("entries") if isinstance(log, Mapping) else None, _HarReader(base_url).read),
        ("/requests", document.get("requests"), _journal),
        ("/steps", document.get("steps"), _bundle),
    )
    for base, entries, reader in kinds:
        if isinstance(entries, list):
            return base, entries, reader
    raise MockUsageError(f"{source}: no recording: there is neither log.entries (HAR), nor requests, nor steps")


def _kind(value: Any) -> str:
    return "null" if value is None else f"{type(value).__name__} {shorten(str(value), 40)!r}"


# --- HAR -------------------------------------------------------------------------------------------


class _HarReader:
    """Entries of a HAR file."""

    def __init__(self, base_url: str | None) -> None:
        self.base = None
        if base_url is not None:
            try:
                self.base = urlsplit(base_url)
                self.base.port  # noqa: B018  # raises for what is no port
            except ValueError:
                raise MockUsageError(f"{shorten(base_url, 60)!r} is no base URL") from None

    def read(self, entry: Mapping[str, Any], place: str) -> Reading:
        request = _object(entry, "request")
        parts = _url(request)
        path = self.path_at_service(parts)
        if path is None:
            return Reading(place, host=parts.hostname or parts.scheme)
        method = str(request.get("method") or "").upper()
        if not _METHOD.fullmatch(method):
            raise Damaged("/request/method", "is no method, such as GET")
        headers = _headers(request.get("headers"), "/request/headers")
        query = parts.query or _joined(request.get("queryString"))
        answer = _har_answer(entry.get("response"))
        return Reading(
            place, Recorded(place, method, path, query, headers, _har_body(request, method, headers), answer)
        )

    def path_at_service(self, parts: SplitResult) -> str | None:
        """The path as the service sees it, if this is a call to it."""
        if parts.scheme not in _PORTS:
            return None
        host = (parts.hostname or "").rstrip(".")
        if self.base is not None:
            prefix = self.base.path.rstrip("/").removesuffix(PREFIX)
            if _origin(parts) == _origin(self.base) and parts.path.startswith(prefix + "/"):
                return _plain(parts.path[len(prefix) :])
        if host in SERVICE_HOSTS and not _PAGES.fullmatch(parts.path):
            return _plain(parts.path)
        return None


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    return scheme, (parts.hostname or "").rstrip("."), parts.port or _PORTS.get(parts.scheme)


def _plain(path: str) -> str:
    """A router decodes what is percent-encoded without need."""
    decoded = unquote(path)
    return decoded if "?" not in decoded and "#" not in decoded and decoded.isprintable() else path


def _url(request: Mapping[str, Any]) -> SplitResult:
    url = request.get("url")
    if not isinstance(url, str):
        raise Damaged("/request/url", f"is {_kind(url)}, not a URL")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises for what is no port
    except ValueError as error:
        raise Damaged("/request/url", f"is no URL: {error}") from None
    return parts


def _object(entry: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = entry.get(name)
    if not isinstance(value, Mapping):
        raise Damaged(f"/{name}", f"is {'missing' if name not in entry else _kind(value)}")
    return value


def _headers(value: Any, pointer: str) -> tuple[tuple[str, str], ...]:
    """Pairs, from an array of names and values, or an object of them; null and what has no name are left out."""
    if isinstance(value, Mapping):
        value = [{"name": name, "value": item} for name, item in value.items()]
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Damaged(pointer, f"is {_kind(value)}, not an array")
    named = (item for item in value if isinstance(item, Mapping) and item.get("name"))
    return tuple((str(item["name"]).lower(), _text(item.get("value"))) for item in named)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _joined(parameters: Any) -> str:
    """The query, where an exporter writes it beside the URL only."""
    if not isinstance(parameters, list):
        return ""
    named = [item for item in parameters if isinstance(item, Mapping) and item.get("name")]
    return urlencode([(str(item["name"]), _text(item.get("value"))) for item in named])


def _har_body(request: Mapping[str, Any], method: str, headers: tuple[tuple[str, str], ...]) -> bytes | None:
    posted = request.get("postData") or request.get("_content")
    if not isinstance(posted, Mapping):
        none_sent = request.get("bodySize") == 0 or method in ("GET", "DELETE", "HEAD", "OPTIONS")
        return b"" if none_sent else None
    found = _content(posted, _number(request.get("bodySize")), "/request/postData", headers)
    if not found and posted.get("params"):
        return _joined(posted["params"]).encode("utf-8")
    return found


def _har_answer(response: Any) -> Answer | None:
    if not isinstance(response, Mapping):
        return None
    status = _number(response.get("status"))
    if not 100 <= status <= 599:  # 0, -1 or nothing: no answer came
        return None
    headers = _headers(response.get("headers"), "/response/headers")
    content = response.get("content")
    body = None
    if isinstance(content, Mapping):
        body = _content(content, _number(content.get("size")), "/response/content", headers)
    return make_answer(status, headers, body or b"", whole=body is not None)


def _number(value: Any) -> int:
    """A number, though it may be written as a text; -1 for what is none."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return -1


def _content(holder: Mapping[str, Any], size: int, pointer: str, headers: tuple[tuple[str, str], ...]) -> bytes | None:
    """The bytes of a body; None if they were not kept."""
    text, encoding = holder.get("text", ""), holder.get("encoding")
    if isinstance(text, (dict, list)):
        text = json.dumps(text)
    lengths = [_number(value) for name, value in headers if name == "content-length"]
    if text == "":
        kept_elsewhere = any(holder.get(name) for name in ("_file", "_sha1", "_attachment"))
        return b"" if size == 0 and not kept_elsewhere and not any(length > 0 for length in lengths) else None
    if not isinstance(text, str) or _NOT_KEPT.search(_text(holder.get("comment"))):
        return None
    if encoding not in (None, "", "base64", "utf-8", "utf8"):
        return None
    body = _from_base64(text, pointer) if encoding == "base64" else _bytes_of(text)
    packed = any(name == "content-encoding" for name, _ in headers)
    if not packed and any(length > len(body) for length in lengths) and not _is_json(body):
        return None  # only its beginning was kept
    return _unpacked(body, headers)


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _bytes_of(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _from_base64(text: str, pointer: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Damaged(f"{pointer}/text", f"is no base64: {error}") from None


def _unpacked(body: bytes, headers: tuple[tuple[str, str], ...]) -> bytes | None:
    """A body that was recorded as it came over the wire, unpacked; None if that cannot be done."""
    packing = next((value.strip().lower() for name, value in headers if name == "content-encoding"), "")
    if body[:2] == b"\x1f\x8b" or (packing == "deflate" and body[:1] == b"\x78"):
        unpacker = zlib.decompressobj(wbits=47)
        try:
            plain = unpacker.decompress(body, MOST_UNPACKED)
        except zlib.error:
            return None
        return plain if unpacker.eof else None
    if packing in ("br", "zstd", "compress") and body[:1] not in (b"{", b"[", b'"'):
        return None
    return body


# --- the mock's own --------------------------------------------------------------------------------


def _journal(entry: Mapping[str, Any], place: str) -> Reading:
    headers = tuple((str(name).lower(), str(value)) for name, value in entry["headers"])
    shown = [(str(name), str(value)) for name, value in entry.get("reply_headers", [])]
    whole = not entry.get("cut")  # else only the beginnings of its bodies were kept
    body = entry["body"].encode("utf-8") if whole else None
    reply = entry["reply"].encode("utf-8") if whole else b""
    # 0: a planned fault cut the connection.
    answer = make_answer(int(entry["status"]), shown, reply, whole) if entry["status"] else None
    method, path, query = (str(entry[name]) for name in ("method", "path", "query"))
    return Reading(place, Recorded(place, method, path, query, headers, body, answer))


def _bundle(entry: Mapping[str, Any], place: str) -> Reading:
    request, reply = entry["request"], entry["answer"]
    headers = tuple((str(name).lower(), str(value)) for name, value in request["headers"].items())
    answer = make_answer(int(reply["status"]), [(n, v) for n, v in reply["headers"]], _bytes(reply["body"]))
    method, path, query = (str(request[name]) for name in ("method", "path", "query"))
    return Reading(place, Recorded(place, method, path, query, headers, _bytes(request["body"]), answer))


def _bytes(body: Any) -> bytes:
    return body.encode("utf-8") if isinstance(body, str) else _from_base64(body["base64"], "/body")
