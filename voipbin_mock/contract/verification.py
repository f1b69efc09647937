"""A recording, held against the schemas and rules: HAR, the mock's journal, or a repro bundle.

Nothing is asked of anybody. What was sent is looked at as the mock would look at it, and what was
answered as the contract cases look at answers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from voipbin_mock import catalog as catalogue
from voipbin_mock.api.answers import shape_of
from voipbin_mock.api.catalog import Catalog
from voipbin_mock.api.lint import gaps as gap_lints
from voipbin_mock.api.lint import unknown_members
from voipbin_mock.api.lists import page_size
from voipbin_mock.api.operations import Operation, Request
from voipbin_mock.contract.answers import faults, observations
from voipbin_mock.contract.points import DOCUMENTED, SERVER, Observation, points_of
from voipbin_mock.contract.recordings import Reading, Recorded, read, readings
from voipbin_mock.contract.report import Row, junit_of, to_json
from voipbin_mock.contract.runner import AUTO, FAILED, PASSED
from voipbin_mock.contract.secrecy import Secrets
from voipbin_mock.schema.parts import SchemaPart
from voipbin_mock.wire.errors import ApiError, shorten
from voipbin_mock.wire.redaction import REDACTED, is_secret, is_secret_pointer, redact_json, redact_query, redact_text
from voipbin_mock.wire.values import JSON_TYPE, NIL_UUID, parse_json, parse_query, parse_uuid, printable

# What a finding says of the exchange.
REFUSED, SUSPECT, ANSWER, UNREADABLE = "refused", "suspect", "answer", "unreadable"
MOST_HOSTS = 5  # of others, that are named


class Finding(NamedTuple):
    """One thing that is wrong with an exchange."""

    place: str
    request: str
    kind: str  # refused: the service does; suspect: should it not?; answer: it does not fit; unreadable: the entry
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
    lines: list[str] = field(default_factory=list)  # of each exchange: its request, without credentials
    others: Counter[str] = field(default_factory=Counter)  # host -> exchanges with somebody else
    unmocked: int = 0  # exchanges whose operation is not known well enough to be checked
    unknown_bodies: int = 0  # of requests and answers, that were not recorded
    unanswered: int = 0  # exchanges that have no answer: none came, or none was recorded
    findings: list[Finding] = field(default_factory=list)

    @property
    def ignored(self) -> int:
        return self.others.total()

    @property
    def checked(self) -> int:
        """How many exchanges were held against something."""
        return len(self.exchanges) - self.unmocked

    @property
    def ok(self) -> bool:
        return not self.findings and self.checked > 0

    def why_nothing(self) -> str:
        if self.exchanges:
            return f"the {len(self.exchanges)} exchanges with the service are of operations that are not mocked yet"
        if not self.others:
            return "there is no exchange in it"
        hosts = ", ".join(host for host, _ in self.others.most_common(MOST_HOSTS))
        return f"no exchange is with the service, but with {hosts}; --base-url URL counts those with that URL"


def verify(
    recording: str | PathLike[str] | Mapping[str, Any],
    profile: str = AUTO,
    base_url: str | None = None,
    catalog: Catalog | None = None,
) -> Verified:
    """Check every exchange with the service in a recording: a file, or its content.

    profile: whose answers they are; "auto" finds out. base_url: calls to it are calls to the service, too.
    An entry that cannot be read is a finding, and the others are checked. `ok` is False if nothing was.
    Raises MockUsageError for what is no recording.
    """
    source = "recording" if isinstance(recording, Mapping) else str(recording)
    document = dict(recording) if isinstance(recording, Mapping) else read(Path(recording))
    catalog = catalog or catalogue.default()
    found = Verified(source, profile, profile == AUTO)
    entries = list(readings(document, source, base_url))
    checked = [_Exchange(entry.recorded, catalog) for entry in entries if entry.recorded is not None]
    secrets = _secrets_of(exchange.recorded for exchange in checked)
    if found.detected:
        found.profile = _detected(checked)
    exchanges = iter(checked)
    for entry in entries:
        for finding in _of_entry(entry, exchanges, found):
            shown = (secrets.clean(text) for text in (finding.request, finding.kind, finding.pointer, finding.message))
            found.findings.append(Finding(finding.place, *shown))
    found.lines = [secrets.clean(_line(exchange.recorded, secrets)) for exchange in checked]
    return found


def _of_entry(entry: Reading, exchanges: Iterator[_Exchange], found: Verified) -> Iterator[Finding]:
    if entry.recorded is not None:
        exchange = next(exchanges)
        found.exchanges.append(entry.recorded)
        found.unmocked += not exchange.is_known
        found.unknown_bodies += exchange.unknown_bodies
        found.unanswered += entry.recorded.answer is None
        yield from exchange.findings(found.profile)
    elif entry.damage is not None:
        yield Finding(entry.place, "an entry that cannot be read", UNREADABLE, entry.damage.pointer, entry.damage.why)
    else:
        found.others[entry.host] += 1


def _detected(checked: list[_Exchange]) -> str:
    seen = Counter((o.point, o.profile) for exchange in checked for o in exchange.seen)
    points = {point for point, _ in seen}
    server = sum(seen[point, SERVER] > seen[point, DOCUMENTED] for point in points)
    documented = sum(seen[point, DOCUMENTED] > seen[point, SERVER] for point in points)
    return SERVER if server > documented else DOCUMENTED


def _secrets_of(exchanges: Iterable[Recorded]) -> Secrets:
    """Every credential that a recording holds by its name: it may stand elsewhere without it."""
    secrets = Secrets()
    for recorded in exchanges:
        headers = [*recorded.headers, *(recorded.answer.headers if recorded.answer is not None else ())]
        for name, value in headers:
            if is_secret(name):
                for part in value.split(";") if "cookie" in name else [value.partition(" ")[2] or value]:
                    secrets.add(part.partition("=")[2].strip() if "cookie" in name else part.strip())
        for name, values in parse_query(recorded.query).items():
            if is_secret(name):
                secrets.add(*values)
        for body in (recorded.body, recorded.answer.body if recorded.answer is not None else None):
            secrets.add(*_named_secrets(body or b""))
    return secrets


def _named_secrets(body: bytes) -> Iterator[str]:
    """Every text under a secret name in a JSON body, or in a form."""
    try:
        waiting = [(parse_json(body, ignore_trailing=True), False)] if body else []
    except ValueError:
        text = body.decode("utf-8", "replace")
        waiting = [(parse_query(text), False)] if "=" in text and "{" not in text and "<" not in text else []
    while waiting:
        value, secret = waiting.pop()
        if isinstance(value, str):
            if secret:
                yield value
        elif isinstance(value, dict):
            waiting += [(item, secret or is_secret(name)) for name, item in value.items()]
        elif isinstance(value, list):
            waiting += [(item, secret) for item in value]


def _line(recorded: Recorded, secrets: Secrets | None = None) -> str:
    query = redact_query(recorded.query)
    if secrets is not None and secrets.clean(unquote_plus(query)) != unquote_plus(query):
        query = secrets.clean(unquote_plus(query))  # it was written with escapes
    return f"{recorded.method} {redact_text(recorded.path)}{f'?{query}' if query else ''}"


class _Exchange:
    """One exchange, looked at."""

    def __init__(self, recorded: Recorded, catalog: Catalog) -> None:
        self.recorded, self.catalog = recorded, catalog
        routed = catalog.route(recorded.method, recorded.path)
        self.operation: Operation | None = routed[0] if routed else None
        self.ids = routed[1] if routed else ()
        answer = recorded.answer
        self.shape = "" if self.operation is None else shape_of(self.operation)
        if self.operation is not None and self.operation.bare is not None and answer is not None and not answer.body:
            self.shape = ""  # as one of the profiles answers
        self.seen: list[Observation] = [] if answer is None else list(observations(catalog, answer, self.shape))

    @property
    def is_known(self) -> bool:
        """Whether there is something to hold it against: an operation that is mocked, or a route that there is not."""
        return self.operation is not None or self.recorded.method == "OPTIONS" or bool(list(self._unrouted()))

    @property
    def unknown_bodies(self) -> int:
        answer = self.recorded.answer
        return (self.recorded.body is None) + (answer is not None and not answer.whole)

    def findings(self, profile: str) -> Iterator[Finding]:
        line = _line(self.recorded)
        for kind, pointer, message in [*self._request(profile), *self._answer(profile)]:
            yield Finding(self.recorded.place, line, kind, pointer, message)

    def _request(self, profile: str) -> Iterator[tuple[str, str, str]]:
        recorded, operation = self.recorded, self.operation
        if operation is None:
            yield from self._unrouted()
            return
        for text in self.ids[1:] if operation.words else self.ids:
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

    def _unrouted(self) -> Iterator[tuple[str, str, str]]:
        recorded = self.recorded
        if self.operation is None and recorded.method != "OPTIONS":
            hint = self.catalog.explain_unrouted(recorded.method, recorded.path)
            if "not mocked yet" not in hint or "no such operation" in hint:
                yield REFUSED, "", hint

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
            and (self.operation.resource is None or self.operation.websocket)
            and answer.header("content-type") != JSON_TYPE
        ):
            return  # a websocket's handshake
        if self.operation is not None and self.operation.name.startswith("auth."):
            is_page = self.recorded.method == "GET" and (answer.header("content-type") or "").startswith("text/html")
            if answer.status >= 400 or is_page:
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


# --- showing it ------------------------------------------------------------------------------------


def render(found: Verified, form: str) -> str:
    if form == "json":
        return to_json(_as_dict(found))
    if form == "junit":
        return junit_of(f"voipbin-mock contract verify ({found.source})", _rows(found))
    return "\n".join(map(printable, _text(found))) + "\n"


def _as_dict(found: Verified) -> dict[str, Any]:
    return {
        "format": "voipbin-contract-verification",
        "version": 1,
        "source": found.source,
        "profile": found.profile,
        "detected": found.detected,
        "exchanges": len(found.exchanges),
        "checked": found.checked,
        "unknown_bodies": found.unknown_bodies,
        "unanswered": found.unanswered,
        "ignored": found.ignored,
        "findings": [finding._asdict() for finding in found.findings],
    }


def _rows(found: Verified) -> Iterator[Row]:
    told: dict[str, list[str]] = defaultdict(list)
    for finding in found.findings:
        told[finding.place].append(str(finding))
    for recorded, line in zip(found.exchanges, found.lines, strict=True):
        lines = told.pop(recorded.place, [])
        yield Row(f"recording/{recorded.place} {line}", FAILED if lines else PASSED, "", lines)
    for place, lines in told.items():
        yield Row(f"recording/{place}", FAILED, "", lines)


def _text(found: Verified) -> Iterator[str]:
    last = ""
    for finding in found.findings:
        if finding.place != last:
            last = finding.place
            yield f"{finding.place} {finding.request}"
        yield f"    {finding}"
    follows = "follows" if found.detected else "is held to"
    counts = [f"{len(found.exchanges)} exchanges with the service"]
    counts += [f"{found.ignored} with others"] if found.ignored else []
    counts += [f"{found.unmocked} of operations that are not mocked"] if found.unmocked else []
    counts += [f"{found.unknown_bodies} bodies that were not recorded"] if found.unknown_bodies else []
    counts += [f"{found.unanswered} without an answer"] if found.unanswered else []
    counts += [f"{len(found.findings)} findings" if found.findings else "nothing to say"]
    yield f"{found.source} {follows} {found.profile}: {', '.join(counts)}"
