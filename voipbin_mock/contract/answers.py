"""What every answer of the service must look like, whatever was asked.

The harness and the check of recordings both look through here; the schemas are the mock's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from voipbin_mock.api.answers import ARRAY, LIST, PAGE, RECORD, shape_of
from voipbin_mock.api.catalog import Catalog
from voipbin_mock.api.operations import Answers
from voipbin_mock.contract.points import DOCUMENTED, SERVER, Observation
from voipbin_mock.schema.members import ADDRESS_KEYS, Member
from voipbin_mock.wire.errors import OTHER_CODES, REASONS, STATUSES, Violation, join_pointer, shorten
from voipbin_mock.wire.redaction import REDACTED, is_secret, redact_body
from voipbin_mock.wire.values import JSON_TYPE, TEXT_TYPE, parse_json
from voipbin_mock.world.differences import chosen
from voipbin_mock.world.profiles import NEVER, PROFILES
from voipbin_mock.world.resource import Resource

_DOCUMENTED_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", re.ASCII)
_SERVER_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z", re.ASCII)
_SERVER_TOKEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_ERROR_KEYS = ("details", "message", "reason", "request_id", "status")
_WORD = re.compile(r"[\w-]+")
_MOST_READ = 100_000  # bytes of a page that is no JSON
_NO_VALUE: Any = object()
MOST_ROWS = 100  # of a page: the service gives no more, whatever is asked for


class Answer(NamedTuple):
    """An answer as it came: header names in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    whole: bool = True  # False: what is left of it in a recording, whose body was not kept

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name.lower()), None)

    def json(self) -> Any:
        """The body as JSON, never to be changed. Raises ValueError."""
        return _parsed(self.body)


@lru_cache(maxsize=4)
def _parsed(body: bytes) -> Any:
    """Everything that looks at an answer reads its body, one after the other."""
    return parse_json(body)


def make_answer(status: int, headers: Any, body: bytes, whole: bool = True) -> Answer:
    """headers: pairs, or whatever has `items()`."""
    pairs = headers.items() if hasattr(headers, "items") else headers
    return Answer(int(status), tuple((str(name).lower(), str(value)) for name, value in pairs), body, whole)


# --- shapes ----------------------------------------------------------------------------------------


def is_shape(catalog: Catalog, shape: str) -> bool:
    name, _, kind = shape.partition(".")
    usual = name in catalog.resources and kind in (RECORD, LIST, ARRAY)
    return shape == "error" or usual or shape in _shapes(catalog)


@lru_cache(maxsize=8)
def _shapes(catalog: Catalog) -> Mapping[str, Answers]:
    """Shapes of operations' own, by name."""
    return {shape_of(operation): operation.answers for operation in catalog.operations if operation.answers is not None}


@lru_cache(maxsize=8)
def _unpaged(catalog: Catalog) -> frozenset[str]:
    """Lists that are bare arrays in one of the profiles."""
    return frozenset(shape_of(operation) for operation in catalog.operations if operation.unpaged is not None)


def violations(catalog: Catalog, shape: str, value: Any) -> list[Violation]:
    """What of a JSON value is not as that form has it."""
    if shape == "error":
        return list(_envelope(value))
    name, _, kind = shape.partition(".")
    if not kind:  # it has nothing to do with records
        return []
    if shape in _unpaged(catalog) and isinstance(value, list):  # as one of the profiles answers
        return list(_array(catalog.resources[name], value, ""))
    return list(_shape(catalog.resources[name], kind, _members(catalog, shape), value))


def _members(catalog: Catalog, shape: str) -> Mapping[str, bool]:
    """Of a form that is an object around records: its members in order, and which of them hold records."""
    special = _shapes(catalog).get(shape)
    return special.members if special is not None else PAGE if shape.endswith(f".{LIST}") else {}


def _shape(resource: Resource, kind: str, members: Mapping[str, bool], value: Any) -> Iterator[Violation]:
    if kind == RECORD:
        yield from _record(resource, value, "")
    elif not members:
        yield from _array(resource, value, "")
    elif not isinstance(value, dict):
        yield Violation("", "is no object around records", f"an object with {' and '.join(members)}", value)
    else:
        if list(value) != list(members):
            yield Violation("", f"has the members {', '.join(value) or '(none)'}", " then ".join(members))
        for name, holds_records in members.items():
            if holds_records:
                yield from _array(resource, value.get(name), join_pointer("", name))
        token = value.get("next_page_token", "")
        if not isinstance(token, str):
            yield Violation("/next_page_token", f"is {shorten(token)!r}", "a text", token)


def _array(resource: Resource, value: Any, pointer: str) -> Iterator[Violation]:
    if not isinstance(value, list):
        yield Violation(pointer, f"is {shorten(value)!r}", "an array, though it may be empty", value)
        return
    if len(value) > MOST_ROWS and pointer:  # no array by itself: they have no pages
        yield Violation(pointer, f"has {len(value)} items", f"at most {MOST_ROWS}", value)
    for index, item in enumerate(value[:MOST_ROWS]):
        yield from _record(resource, item, join_pointer(pointer, index))


def _record(resource: Resource, value: Any, pointer: str) -> Iterator[Violation]:
    for violation in resource.record.violations(value):
        yield violation._replace(pointer=pointer + violation.pointer)
    if isinstance(value, dict):
        orders = [resource.record.order(name) for name in PROFILES]
        if all(list(_key_order(value, order, pointer)) for order in orders):
            yield from _key_order(value, orders[0], pointer)
        for where, address, _ in _addresses(resource, value, pointer):
            if isinstance(address, dict):
                yield from _key_order(address, ADDRESS_KEYS, where)


def _key_order(value: Mapping[str, Any], names: Iterable[str], pointer: str) -> Iterator[Violation]:
    known = [name for name in names if name in value]
    given = [name for name in value if name in known]
    if given != known:
        yield Violation(pointer, f"has its members in the order {', '.join(given)}", ", ".join(known))


def _envelope(value: Any) -> Iterator[Violation]:
    inside = value.get("error") if isinstance(value, dict) else None
    if not isinstance(inside, dict) or len(value) != 1:
        yield Violation("", "is no error envelope", '{"error": {...}}', value)
        return
    if list(inside) != [name for name in _ERROR_KEYS if name in inside] or not inside.keys() >= set(_ERROR_KEYS[1:]):
        yield Violation(
            "/error", f"has the members {', '.join(inside)}", ", ".join(_ERROR_KEYS) + " (details may lack)"
        )
    for name in _ERROR_KEYS[1:]:
        if not isinstance(inside.get(name), str):
            yield Violation(f"/error/{name}", f"is {shorten(inside.get(name))!r}", "a text", inside.get(name))
    if inside.get("message") == "":
        yield Violation("/error/message", "is empty", "a text for people", "")
    details = inside.get("details", [])
    if not isinstance(details, list) or not all(isinstance(item, dict) for item in details):
        yield Violation("/error/details", f"is {shorten(details)!r}", "an array of objects", details)


def faults(catalog: Catalog, answer: Answer, shape: str | None) -> Iterator[Violation]:
    """What is wrong with an answer in itself. shape: of a good answer; None: its body is not looked at."""
    request_id = answer.header("x-request-id")
    if request_id is None or not _REQUEST_ID.fullmatch(request_id):
        yield Violation("X-Request-Id", f"is {request_id!r}", "1 to 64 letters, digits, _ and -", request_id)
    if shape is None or not answer.whole:
        return
    if not answer.body:
        if shape and answer.status < 300 and answer.status != 204:
            yield Violation("", "there is no body", "JSON")
        return
    kind = answer.header("content-type")
    if kind != JSON_TYPE and not (kind == TEXT_TYPE and answer.status == 400):  # see undecodable-type
        yield Violation("Content-Type", f"is {kind!r}", JSON_TYPE, kind)
    value = json_of(answer)
    if value is _NO_VALUE:
        yield Violation("", f"is no JSON: {excerpt(answer, 120)}", "JSON")
        return
    if answer.status < 400:
        if shape:
            yield from violations(catalog, shape, value)
        return
    found = list(_envelope(value))
    yield from found
    if not found:
        yield from _consistent(answer, value["error"], request_id)


def _consistent(answer: Answer, error: Mapping[str, Any], request_id: str | None) -> Iterator[Violation]:
    status, reason = error["status"], error["reason"]
    if answer.status != STATUSES.get(status) and OTHER_CODES.get(answer.status) != status:
        yield Violation("/error/status", f"is {status} beside the HTTP code {answer.status}", "one that goes with it")
    known = REASONS.get(reason)
    if known is not None and known[0] != status:
        yield Violation("/error/reason", f"{reason} is told as {status}", known[0], status)
    if request_id is not None and error["request_id"] != request_id:
        yield Violation("/error/request_id", f"is {error['request_id']!r}", f"as X-Request-Id: {request_id}")


def json_of(answer: Answer) -> Any:
    """The body as JSON, or `nothing()` for one that is none."""
    try:
        return answer.json()
    except ValueError:
        return _NO_VALUE


def nothing() -> Any:
    return _NO_VALUE


# --- which profile wrote it ------------------------------------------------------------------------


def observations(catalog: Catalog, answer: Answer, shape: str | None) -> Iterator[Observation]:
    """Whatever in an answer only one of the profiles writes so."""
    value = json_of(answer) if answer.body else _NO_VALUE
    if value is _NO_VALUE:
        return
    if answer.status >= 400:
        inside = value.get("error") if isinstance(value, dict) else None
        if isinstance(inside, dict) and inside.get("reason") == "INVALID_JSON_BODY":
            kind = answer.header("content-type")
            told = {JSON_TYPE: DOCUMENTED, TEXT_TYPE: SERVER}.get(kind or "")
            if told:
                yield Observation("undecodable-type", told, "Content-Type", kind)
        return
    if not shape or shape == "error":
        return
    name, _, kind = shape.partition(".")
    resource = catalog.resources[name]
    if kind == RECORD:
        yield from _observe(resource, value, "")
        return
    member = next((name for name, records in _members(catalog, shape).items() if records), "")
    items = value.get(member) if isinstance(value, dict) else value
    for index, item in enumerate(items[:MOST_ROWS] if isinstance(items, list) else []):
        yield from _observe(resource, item, join_pointer("", *([member] if member else []), index))
    token = value.get("next_page_token") if isinstance(value, dict) else None
    if isinstance(token, str):
        yield from _by_form("D1", "/next_page_token", token, _SERVER_TOKEN)


def _by_form(point: str, pointer: str, text: str, server: re.Pattern[str]) -> Iterator[Observation]:
    if _DOCUMENTED_STAMP.fullmatch(text):
        yield Observation(point, DOCUMENTED, pointer, text)
    elif server.fullmatch(text):
        yield Observation(point, SERVER, pointer, text)


def _observe(resource: Resource, record: Any, pointer: str) -> Iterator[Observation]:
    if not isinstance(record, dict):
        return
    for member in resource.record.members:
        where = join_pointer(pointer, member.name)
        if member.name not in record:
            yield from _left_out(member, where)
            continue
        value = record[member.name]
        if member.kind == "stamp":
            if value == NEVER or value is None:
                yield from _never(resource, member, value, where)
            elif isinstance(value, str):
                yield from _moment(resource, value, where)
        elif not value and member.omitted in (DOCUMENTED, SERVER):
            yield Observation("omitted-members", _other(member.omitted), where, value)
        elif member.kind == "actions" and value and isinstance(value, list):
            yield from _actions(value, where)
    for where, address, kind in _addresses(resource, record, pointer):
        if kind == "slot" and address in (None, {}):
            yield Observation("D5", DOCUMENTED if address is None else SERVER, where, address)
        elif isinstance(address, dict):
            if all(name in address for name in ADDRESS_KEYS):
                if "" in address.values():
                    yield Observation("D4", DOCUMENTED, where, address)
            else:
                yield Observation("D4", SERVER, where, address)


def _moment(resource: Resource, text: str, where: str) -> Iterator[Observation]:
    alike = all(bool(chosen(resource.rfc3339, profile)) for profile in PROFILES.values() if profile.never is not None)
    for seen in _by_form("D1", where, text, _SERVER_STAMP):
        if not alike or seen.profile == DOCUMENTED:  # as the documents write others
            yield seen


def _other(profile: str) -> str:
    return SERVER if profile == DOCUMENTED else DOCUMENTED


def _left_out(member: Member, where: str) -> Iterator[Observation]:
    if member.omitted in (DOCUMENTED, SERVER):
        yield Observation("D2" if member.kind == "stamp" else "omitted-members", member.omitted, where, "(left out)")


def _never(resource: Resource, member: Member, value: Any, where: str) -> Iterator[Observation]:
    writes = [name for name, profile in PROFILES.items() if _not_yet(profile, resource, member) == value]
    if len(writes) == 1:
        yield Observation("D2", writes[0], where, value)
    elif not writes:  # the documents' sentinel where their own pages print null
        yield Observation("D2", DOCUMENTED if value == NEVER else SERVER, where, value)


def _not_yet(profile: Any, resource: Resource, member: Member) -> Any:
    if member.omitted in (profile.name, "always"):
        return "(left out)"
    return profile.shows_never(resource, member)


def _actions(actions: list[Any], where: str) -> Iterator[Observation]:
    for index, action in enumerate(actions):
        if isinstance(action, dict) and "tm_execute" not in action:
            yield Observation("actions", DOCUMENTED, f"{where}/{index}", action)


def _addresses(resource: Resource, record: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Any, str]]:
    """Every address in a record: where, what, and what kind of member it is."""
    for member in resource.record.members:
        if member.name not in record:
            continue
        value, where = record[member.name], join_pointer(pointer, member.name)
        if member.kind in ("address", "slot"):
            yield where, value, member.kind
        elif member.kind == "addresses" and isinstance(value, list):
            for index, item in enumerate(value):
                yield join_pointer(where, index), item, "address"


def excerpt(answer: Answer, limit: int = 400) -> str:
    """A body, short enough to be shown; what a body that is no JSON may give away is not."""
    body = answer.body
    if json_of(answer) is _NO_VALUE:
        body = redact_body(body)
        if b"<" in body and any(map(is_secret, _WORD.findall(body[:_MOST_READ].decode("utf-8", "replace")))):
            return REDACTED  # a page: what of it is a credential, nobody can tell
    text = body.decode("utf-8", "replace")
    return str(shorten(text, limit)) if text else "(empty)"


def as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
