"""What a request brings along: the ids in its path, and its body."""

from __future__ import annotations

from itertools import islice

from voipbin_mock.api import lint
from voipbin_mock.api.operations import Operation, Request
from voipbin_mock.schema.parts import SchemaPart
from voipbin_mock.schema.tolerance import Gap
from voipbin_mock.wire.errors import MAX_FAULTS, ApiError, Reason, Violation
from voipbin_mock.wire.values import NIL_UUID, parse_uuid, printable
from voipbin_mock.world.world import World

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_NO_FORM = "you sent a form; send JSON (in requests and httpx json=, not data=; in curl --json, not --data)"


def check_ids(request: Request) -> None:
    """Ids in the path become canonical. Raises ApiError."""
    operation = request.operation
    if operation.own_ids:
        return
    typed = operation.uuid_ids  # those are read before any handler, which takes all zeros for any other id
    first = 1 if operation.words else 0
    canonical = list(request.path_ids[:first])
    for text in request.path_ids[first:]:
        row_id = parse_uuid(text)
        if row_id is None or (row_id == NIL_UUID and not typed):
            reason: str | Reason = "INVALID_REQUEST_PARAMETER" if typed else "INVALID_ID"
            if operation.last_id is not None and len(canonical) == len(request.path_ids) - 1:
                reason = operation.last_id
            raise ApiError(reason, hint=f"{printable(text[:80])!r} in the path is not a UUID, or all zeros")
        canonical.append(row_id)
    request.path_ids = tuple(canonical)


def check_body(world: World, request: Request, operation: Operation, problem: str) -> None:
    """Decode the body as the service does; in strict mode, hold it against the schema as well.

    Unless strictness was asked for, what published clients leave out or empty is told of, and taken.
    """
    if problem:
        form = request.headers.get("content-type", "").lower().startswith(_FORMS)
        hint = f"{problem}; {_NO_FORM}" if form else problem
        raise ApiError("INVALID_JSON_BODY", violations=[Violation("", problem, "a JSON object")], hint=hint)
    part, raw = operation.part, request.raw
    assert part is not None, "an operation with a body has a schema for it"
    values, undecodable = part.decode(raw)
    violations, gaps = _judged(world, part, {} if raw is None else raw)
    if violations or undecodable:
        told = {violation.pointer for violation in violations}
        found = violations + [v for v in undecodable[:MAX_FAULTS] if v.pointer not in told]
        reason = _reason(undecodable, found)
        strangers = list(lint.unknown_members(islice(part.strangers(raw), MAX_FAULTS)))
        hints = [f"{s.pointer}: {s.message}; {s.advice}" for s in strangers]
        hints += [f'write "{right}", not "{wrong}"' for wrong, right in islice(part.miswritten(raw), 5)]
        raise ApiError(
            reason, violations=found + lint.refused_by(world, strangers, request.raw), hint="; ".join(hints[:5])
        )
    request.values = values
    findings = list(lint.gaps(gaps[:MAX_FAULTS], request.method))
    if raw:
        request.sent = frozenset(raw)
        if not part.knows(raw):
            request.sent |= {name.casefold() for name in raw}
            findings += lint.unknown_members(islice(part.strangers(raw), MAX_FAULTS))
    content_type = request.headers.get("content-type", "")
    if not content_type.lower().startswith("application/json"):
        message = f"Content-Type is {content_type[:80]!r}" if content_type else "Content-Type is missing"
        advice = "send Content-Type: application/json; the service ignores it, its documents ask for it"
        findings.append(lint.Lint("content-type", "", message, advice))
    if findings:
        if lint.refused_by(world, findings):  # then name what the handler would find, too
            findings += [finding for rule in operation.lints for finding in rule(world, request, values)]
        lint.warn(world, request, findings)


def _judged(world: World, part: SchemaPart, raw: object) -> tuple[list[Violation], list[Gap]]:
    if not world.strict:
        return [], []
    return (part.violations(raw), []) if world.settings.strict else part.judge(raw)


def _reason(undecodable: list[Violation], violations: list[Violation]) -> str:
    """What the service's decoder refuses has its own reason; so have ids, by the error catalogue."""
    if undecodable:
        return "INVALID_JSON_BODY"
    if all(violation.expected == "a UUID" for violation in violations):
        return "INVALID_ID"
    return "INVALID_ARGUMENT"
