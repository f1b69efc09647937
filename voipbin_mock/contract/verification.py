"""A recording, held against the schemas and rules: HAR, the mock's journal, or a repro bundle.

Nothing is asked of anybody. What was sent is looked at as the mock would look at it, and what was
answered as the contract cases look at answers.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from voipbin_mock import catalog as catalogue
from voipbin_mock.api.answers import shape_of
from voipbin_mock.api.catalog import Catalog
from voipbin_mock.api.lint import gaps as gap_lints
from voipbin_mock.api.lint import unknown_members
from voipbin_mock.api.lists import page_size
from voipbin_mock.api.operations import PREFIX, Operation, Request
from voipbin_mock.contract.answers import Answer, faults, make_answer, observations
from voipbin_mock.contract.points import DOCUMENTED, SERVER, Observation, points_of
from voipbin_mock.contract.report import junit_of, to_json
from voipbin_mock.contract.runner import AUTO, FAILED, PASSED
from voipbin_mock.schema.parts import SchemaPart
from voipbin_mock.wire.errors import ApiError, MockUsageError, shorten
from voipbin_mock.wire.redaction import REDACTED, is_secret_pointer, redact_json, redact_query, redact_text
from voipbin_mock.wire.values import JSON_TYPE, NIL_UUID, parse_json, parse_query, parse_uuid, printable

SERVICE_HOSTS = ("voipbin.net",)
# What a finding says of the exchange.
REFUSED, SUSPECT, ANSWER = "refused", "suspect", "answer"


class Recorded(NamedTuple):
    """One exchange of a recording."""

    place: str  # in the recording: "/log/entries/3"
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None  # None: it is not known
    answer: Answer | None

    @property
    def line(self) -> str:
        query = redact_query(self.query)
        return f"{self.method} {redact_text(self.path)}{f'?{query}' if query else ''}"


class Finding(NamedTuple):
    """One thing that is wrong with an exchange."""

    place: str
    request: str
    kind: str  # refused: the service does; suspect: it does not, but should it?; answer: it does not fit
    pointer: str
    message: str

    def __str__(self) -> str:
        where = f"{self.pointer}: " if self.pointer else ""
        return f"{self.kind}: {where}{self.message}"


@dataclass
class Verified:
    """What came of a recording."""

    source: str
    profile: str
    detected: bool
    exchanges: list[Recorded] = field(default_factory=list)
    ignored: int = 0  # exchanges with somebody else
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.findings


def verify(
    recording: str | PathLike[str] | Mapping[str, Any],
    profile: str = AUTO,
    base_url: str | None = None,
    catalog: Catalog | None = None,
) -> Verified:
    """Check every exchange with the service in a recording: a file, or its content.

    profile: whose answers they are; "auto" finds out. base_url: calls to it are calls to the service, too.
    Raises MockUsageError for what is no recording.
    """
    source = "recording" if isinstance(recording, Mapping) else str(recording)
    document = dict(recording) if isinstance(recording, Mapping) else _read(Path(recording))
    found = Verified(source, profile, profile == AUTO)
    for recorded in _recorded(document, source, base_url):
        if recorded is None:
            found.ignored += 1
        else:
            found.exchanges.append(recorded)
    catalog = catalog or catalogue.default()
    checked = [_Exchange(recorded, catalog) for recorded in found.exchanges]
    if found.detected:
        seen = Counter((o.point, o.profile) for exchange in checked for o in exchange.seen)
        points = {point for point, _ in seen}
        server = sum(seen[point, SERVER] > seen[point, DOCUMENTED] for point in points)
        documented = sum(seen[point, DOCUMENTED] > seen[point, SERVER] for point in points)
        found.profile = SERVER if server > documented else DOCUMENTED
    for exchange in checked:
        found.findings += exchange.findings(found.profile)
    return found


class _Exchange:
    """One exchange, looked at."""

    def __init__(self, recorded: Recorded, catalog: Catalog) -> None:
        self.recorded, self.catalog = recorded, catalog
        routed = catalog.route(recorded.method, recorded.path)
        self.operation: Operation | None = routed[0] if routed else None
        self.ids = routed[1] if routed else ()
        answer = recorded.answer
        self.shape = "" if self.operation is None else shape_of(self.operation)
        self.seen: list[Observation] = [] if answer is None else list(observations(catalog, answer, self.shape))

    def findings(self, profile: str) -> Iterator[Finding]:
        for kind, pointer, message in [*self._request(profile), *self._answer(profile)]:
            yield Finding(self.recorded.place, self.recorded.line, kind, pointer, message)

    def _request(self, profile: str) -> Iterator[tuple[str, str, str]]:
        recorded, operation = self.recorded, self.operation
        if operation is None:
            if recorded.method == "OPTIONS":
                return
            hint = self.catalog.explain_unrouted(recorded.method, recorded.path)
            if "not mocked yet" not in hint or "no such operation" in hint:
                yield REFUSED, "", hint
            return
        for text in self.ids:
            row_id = parse_uuid(text)
            if row_id is None or row_id == NIL_UUID:
                yield REFUSED, "", f"{shorten(text, 60)!r} in the path is not a UUID, or all zeros"
        yield from self._credential(operation)
        if operation.name.endswith((".list", ".list_under")):
            try:
                page_size(Request(recorded.method, recorded.path, parse_query(recorded.query)))
            except ApiError as error:
                yield REFUSED, "page_size", error.message
        if operation.part is not None and recorded.body is not None:
            yield from _body(operation, operation.part, recorded.body, profile)

    def _credential(self, operation: Operation) -> Iterator[tuple[str, str, str]]:
        """Whether it is where it belongs. A recording may have been rid of it, so none is no fault."""
        if operation.public:
            return
        bearer = next((value for name, value in self.recorded.headers if name == "authorization"), "")
        token = bearer.partition("Bearer ")[2] or next(iter(parse_query(self.recorded.query).get("token", [])), "")
        if token.startswith("vb_"):
            yield REFUSED, "", "an access key goes into ?accesskey=, not where tokens go"
        elif bearer and not token and REDACTED not in bearer and "accesskey=" not in self.recorded.query:
            yield REFUSED, "", "Authorization must be: Bearer <token>"

    def _answer(self, profile: str) -> Iterator[tuple[str, str, str]]:
        answer = self.recorded.answer
        if answer is None:
            return
        if (answer.status in (400,) and not answer.body) or answer.status in (204, 301, 307, 304):
            return
        if (
            self.operation is not None
            and self.operation.resource is None
            and answer.header("content-type") != JSON_TYPE
        ):
            return  # a websocket's handshake
        if answer.status >= 400 and self.operation is not None and self.operation.name.startswith("auth."):
            return
        for fault in faults(self.catalog, answer, self.shape):
            if fault.pointer == "X-Request-Id" and answer.header("x-request-id") is None:
                continue  # recorders drop headers, browsers hide them
            if fault.pointer == "Content-Type":
                continue
            message = f"expected {fault.expected}: {fault.message}"
            yield ANSWER, fault.pointer, "is not as it should be" if is_secret_pointer(fault.pointer) else message
        told: set[str] = set()
        for seen in self.seen:
            if seen.profile != profile and seen.point not in told:
                told.add(seen.point)
                shown = shorten(str(redact_json(seen.shown)), 80)
                about = f"{seen.point} ({points_of(self.catalog)[seen.point]})"
                yield ANSWER, seen.pointer, f"{about}: {shown} is as {seen.profile} has it, the others as {profile}"


def _body(operation: Operation, part: SchemaPart, body: bytes, profile: str) -> Iterator[tuple[str, str, str]]:
    try:
        raw = parse_json(body, ignore_trailing=profile == SERVER)
    except ValueError as error:
        yield REFUSED, "", f"the body cannot be decoded: {error}"
        return
    values, undecodable = part.decode(raw)
    told = set()
    violations, gaps = part.judge({} if raw is None else raw)
    for violation in [*undecodable, *violations]:
        if violation.pointer in told:
            continue
        told.add(violation.pointer)
        # The server itself takes what it can decode; that is no reason to send it.
        kind = REFUSED if profile == DOCUMENTED or violation in undecodable else SUSPECT
        secret = is_secret_pointer(violation.pointer) and violation.value
        yield (
            kind,
            violation.pointer,
            f"is not acceptable: expected {violation.expected}" if secret else violation.message,
        )
    for found in [*gap_lints(gaps, operation.method), *unknown_members(part.strangers(raw))]:
        yield SUSPECT, found.pointer, f"{found.message}; {found.advice}"
    for look in operation.suspects:
        for finding in look(values):
            yield SUSPECT, finding.pointer, f"{finding.message}; {finding.advice}"


# --- reading recordings ----------------------------------------------------------------------------


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise MockUsageError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise MockUsageError(f"{path}: not JSON: {error}") from None
    if not isinstance(document, dict):
        raise MockUsageError(f"{path}: no recording: expected an object")
    return document


def _recorded(document: Mapping[str, Any], source: str, base_url: str | None) -> Iterator[Recorded | None]:
    readers: Iterable[tuple[str, Any, Any]] = (
        ("/log/entries", _inside(document, "log", "entries"), lambda entry, at: _har(entry, at, base_url)),
        ("/requests", document.get("requests"), _journal),
        ("/steps", document.get("steps"), _bundle),
    )
    for base, entries, reader in readers:
        if not isinstance(entries, list):
            continue
        for index, entry in enumerate(entries):
            place = f"{base}/{index}"
            if base == "/steps" and isinstance(entry, Mapping) and "state" in entry:
                continue
            try:
                recorded = reader(entry, place)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise MockUsageError(f"{source}: {place}: damaged: {error!r}") from None
            yield recorded
        return
    raise MockUsageError(f"{source}: no recording: there is neither log.entries (HAR), nor requests, nor steps")


def _inside(document: Mapping[str, Any], *names: str) -> Any:
    value: Any = document
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _har(entry: Mapping[str, Any], place: str, base_url: str | None) -> Recorded | None:
    request, response = entry["request"], entry["response"]
    parts = urlsplit(request["url"])
    path = _path_at_service(parts, base_url)
    if path is None:
        return None
    headers = tuple((str(h["name"]).lower(), str(h["value"])) for h in request.get("headers", []))
    posted = request.get("postData") or {}
    body: bytes | None = None
    if "text" in posted:
        body = _decoded(posted["text"], posted.get("encoding"))
    elif request.get("bodySize", -1) == 0 or request["method"] in ("GET", "DELETE"):
        body = b""
    answer = None
    status = int(response["status"])
    if status:  # 0: no answer came
        content = response.get("content") or {}
        has_text = "text" in content
        found = _decoded(content.get("text", ""), content.get("encoding"))
        shown = [(h["name"], h["value"]) for h in response.get("headers", [])]
        answer = make_answer(status, shown, found if has_text else b"")
    return Recorded(place, str(request["method"]), path, parts.query, headers, body, answer)


def _decoded(text: str, encoding: str | None) -> bytes:
    return base64.b64decode(text) if encoding == "base64" else text.encode("utf-8", "surrogatepass")


def _path_at_service(parts: Any, base_url: str | None) -> str | None:
    """The path as the service sees it, if this is a call to it."""
    host = parts.hostname or ""
    if base_url is not None:
        base = urlsplit(base_url)
        prefix = base.path.rstrip("/").removesuffix(PREFIX)
        if (parts.scheme, parts.netloc) == (base.scheme, base.netloc) and parts.path.startswith(prefix + "/"):
            return str(parts.path[len(prefix) :])
    if any(host == name or host == f"api.{name}" for name in SERVICE_HOSTS):
        return str(parts.path)
    return None


def _journal(entry: Mapping[str, Any], place: str) -> Recorded:
    headers = tuple((str(name).lower(), str(value)) for name, value in entry["headers"])
    shown = [(str(name), str(value)) for name, value in entry.get("reply_headers", [])]
    whole = not entry.get("cut")  # else only the beginnings of its bodies were kept
    body, reply = (entry[name].encode("utf-8") if whole else None for name in ("body", "reply"))
    # 0: a planned fault cut the connection.
    answer = make_answer(int(entry["status"]), shown, reply or b"") if entry["status"] else None
    return Recorded(place, entry["method"], entry["path"], entry["query"], headers, body, answer)


def _bundle(entry: Mapping[str, Any], place: str) -> Recorded:
    request, reply = entry["request"], entry["answer"]
    headers = tuple((str(name).lower(), str(value)) for name, value in request["headers"].items())
    answer = make_answer(int(reply["status"]), [(n, v) for n, v in reply["headers"]], _bytes(reply["body"]))
    return Recorded(
        place, request["method"], request["path"], request["query"], headers, _bytes(request["body"]), answer
    )


def _bytes(body: Any) -> bytes:
    return body.encode("utf-8") if isinstance(body, str) else base64.b64decode(body["base64"])


# --- showing it ------------------------------------------------------------------------------------


def render(found: Verified, form: str) -> str:
    if form == "json":
        return to_json(
            {
                "source": found.source,
                "profile": found.profile,
                "detected": found.detected,
                "exchanges": len(found.exchanges),
                "ignored": found.ignored,
                "findings": [finding._asdict() for finding in found.findings],
            }
        )
    if form == "junit":
        rows = []
        for recorded in found.exchanges:
            told = [str(finding) for finding in found.findings if finding.place == recorded.place]
            rows.append((f"recording/{recorded.place} {recorded.line}", FAILED if told else PASSED, "", told))
        return junit_of(f"voipbin-mock contract verify ({found.source})", rows)
    return "\n".join(map(printable, _text(found))) + "\n"


def _text(found: Verified) -> Iterator[str]:
    last = ""
    for finding in found.findings:
        if finding.place != last:
            last = finding.place
            yield f"{finding.place} {finding.request}"
        yield f"    {finding}"
    follows = "follows" if found.detected else "is held to"
    others = f", {found.ignored} with others" if found.ignored else ""
    verdict = f"{len(found.findings)} findings" if found.findings else "nothing to say"
    count = f"{len(found.exchanges)} exchanges with the service{others}"
    yield f"{found.source} {follows} {found.profile}: {count}, {verdict}"
