"""The service's error vocabulary: one table of statuses, one of reasons, one exception.

Imports nothing of the package. A handler raises `ApiError`; `app` renders it once.
Message texts are ours: the service says clients must branch on `reason`, never on `message`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

# Canonical status -> HTTP code. A closed set of ten in the service.
STATUSES: dict[str, int] = {
    "INVALID_ARGUMENT": 400,
    "UNAUTHENTICATED": 401,
    "PAYMENT_REQUIRED": 402,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "FAILED_PRECONDITION": 409,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
}

# The documents have another code for what the service tells as one of these.
OTHER_CODES: dict[int, str] = {422: "INVALID_ARGUMENT"}

# Reason -> (status, default message). An open set; resources add `<SINGULAR>_NOT_FOUND`.
REASONS: dict[str, tuple[str, str]] = {
    "AUTHENTICATION_REQUIRED": ("UNAUTHENTICATED", "No credential was sent with the request."),
    "INVALID_CREDENTIALS": ("UNAUTHENTICATED", "The credential is unknown, expired or deleted."),
    "PERMISSION_DENIED": ("PERMISSION_DENIED", "The caller may not do this."),
    "DIRECT_ACCESS_NOT_SUPPORTED": ("PERMISSION_DENIED", "A direct token cannot be used here."),
    "AGENT_AUTH_REQUIRED": ("PERMISSION_DENIED", "Only an agent's own login token can be used here."),
    "ACCOUNT_FROZEN": ("PERMISSION_DENIED", "The account is frozen; its deletion is scheduled."),
    "IDENTITY_VERIFICATION_REQUIRED": (
        "PERMISSION_DENIED",
        "The customer's identity must be verified first.",
    ),
    "ROUTE_NOT_FOUND": ("NOT_FOUND", "There is no such endpoint."),
    "RESOURCE_NOT_FOUND": ("NOT_FOUND", "There is no such resource."),
    "INVALID_JSON_BODY": ("INVALID_ARGUMENT", "The request body cannot be decoded."),
    "INVALID_ID": ("INVALID_ARGUMENT", "An id is not a usable UUID."),
    "INVALID_REQUEST_PARAMETER": ("INVALID_ARGUMENT", "A query parameter is malformed."),
    "MISSING_REQUEST_PARAMETER": ("INVALID_ARGUMENT", "A required query parameter is missing."),
    "INVALID_ARGUMENT": ("INVALID_ARGUMENT", "The request is not acceptable."),
    "INVALID_ACTION_TYPE": ("INVALID_ARGUMENT", "An action is of a type that the service does not know."),
    "INVALID_ANONYMOUS_VALUE": ("INVALID_ARGUMENT", "Whether a call is anonymous is said with yes, no or auto."),
    "STATE_INVALID": ("FAILED_PRECONDITION", "The resource is not in a state that allows this."),
    "INSUFFICIENT_BALANCE": ("PAYMENT_REQUIRED", "The account's balance is too low."),
    "RESOURCE_LIMIT_EXCEEDED": ("RESOURCE_EXHAUSTED", "The plan allows no more of these."),
    "RATE_LIMIT_EXCEEDED": ("RESOURCE_EXHAUSTED", "Too many requests."),
    "INTERNAL": ("INTERNAL", "The request failed inside the service."),
    "SERVICE_UNAVAILABLE": ("UNAVAILABLE", "A part of the service is unavailable."),
    "REQUEST_TIMEOUT": ("UNAVAILABLE", "A part of the service did not answer in time."),
    "REQUEST_CANCELED": ("UNAVAILABLE", "The request was canceled."),
}

MAX_FAULTS = 100  # of one body that are named
NOT_FOUND_SUFFIX = "_NOT_FOUND"


class Violation(NamedTuple):
    """One thing that is wrong with a request body, and what to do about it."""

    pointer: str  # JSON pointer into the body; "" is the whole body
    message: str
    expected: str
    value: Any = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "pointer": self.pointer,
            "message": self.message,
            "expected": self.expected,
            "value": shorten(self.value),
        }

    def __str__(self) -> str:
        return f"{self.pointer or '(body)'}: {self.message}"


def shorten(value: Any, limit: int = 120) -> Any:
    """A value small enough to quote: long texts are cut, containers are described."""
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit] + f"… ({len(value)} characters)"
    if isinstance(value, dict):
        return f"object with {len(value)} members"
    if isinstance(value, (list, tuple)):
        return f"array of {len(value)} items"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 63:
        return "integer beyond 64 bits"
    return value


def shown(value: Any) -> str:
    """A value in a sentence: texts in quotes, and null, true and false as JSON has them."""
    short = shorten(value)
    if isinstance(value, str):
        return f'"{short}"'
    return json.dumps(value) if value is None or isinstance(value, bool) else str(short)


def join_pointer(base: str, *parts: str | int) -> str:
    """Append reference tokens to a JSON pointer, escaped as RFC 6901 asks."""
    return base + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def value_at(document: Any, pointer: str) -> Any:
    """What a JSON pointer finds in an object; names match in other letter case too, as in the service. Or None."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(document, Mapping):
            return None
        if name not in document:
            name = next((known for known in document if known.casefold() == name.casefold()), name)
        document = document.get(name)
    return document if pointer else None


class Reason(NamedTuple):
    """A reason that only one area has; the others are in `REASONS`."""

    name: str  # "FLOW_NOT_RUNNABLE"
    status: str  # one of STATUSES
    message: str


class ApiError(Exception):
    """A refusal, in the service's own words.

    `reason` decides status and HTTP code, unless there is an `http_code` of its own. `violations` name every fault of a
    body; they become the envelope's `details`. `hint` is help for the person: it goes to the log, the journal and the
    test report, and never onto the wire. `retry_after`, in seconds, is sent as the header of that name. `stands`: what
    was done before it is not taken back.
    """

    def __init__(
        self,
        reason: str | Reason,
        message: str | None = None,
        *,
        violations: Sequence[Violation] = (),
        details: Sequence[dict[str, Any]] = (),
        hint: str = "",
        retry_after: int | None = None,
        stands: bool = False,
        http_code: int | None = None,
    ) -> None:
        name, status, default = reason if isinstance(reason, Reason) else (reason, *_lookup(reason))
        self.reason = name
        self.status = status
        self.http_code = http_code or STATUSES[status]
        self.message = message or default
        # The journal keeps these: not the bodies with them.
        self.violations = tuple(v._replace(value=shorten(v.value)) for v in violations)
        self.details = [v.as_dict() for v in self.violations] + list(details)
        self.hint = hint
        self.retry_after = retry_after
        self.stands = stands
        super().__init__(f"{self.http_code} {name}: {self.message}")

    @property
    def told(self) -> str:
        """It in one line, with what was wrong and what to do about it."""
        what = "; ".join([*(f"{each.pointer} {each.message}" for each in self.violations), *filter(None, [self.hint])])
        return f"{self.reason}: {what or self.message}"


def _lookup(reason: str) -> tuple[str, str]:
    known = REASONS.get(reason)
    if known is not None:
        return known
    if reason.endswith(NOT_FOUND_SUFFIX):
        noun = reason[: -len(NOT_FOUND_SUFFIX)].replace("_", " ").lower()
        return "NOT_FOUND", f"There is no such {noun}."
    raise KeyError(f"unknown error reason {reason!r}; one of an area of your own is raised as its Reason")


class SeedError(ValueError):
    """A seed, fixture file or state document that cannot be used: where, and why."""


class MemberError(SeedError, TypeError):
    """A member that the records do not have: a mistake in a seed, or a keyword of `create()` that there is not."""


class MockUsageError(ValueError):
    """The mock was asked for something it does not have (an unknown setting, profile, operation)."""


class LeakError(RuntimeError):
    """A call to the real service that the mock does not answer; it was stopped on this machine.

    No client library takes it for a network error of its own, so it reaches the test as it is.
    """


class UnusedPlanError(AssertionError):
    """A fault or stub was planned and never met, and the setting `unused` is "error"."""


class WindingStopped(RuntimeError):
    """The clock was being wound on, and somebody else stopped it: a reset, a freeze, the end of the mock."""


class TimerError(RuntimeError):
    """What was to happen at an instant could not be done: which timer, whose code, and why. Nothing of it was done."""


class UnusedPlanWarning(UserWarning):
    """A fault or stub was planned and never met."""
