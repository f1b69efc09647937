"""A contract case, as values: its steps, what is asked and what is expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from voipbin_mock.api.operations import PREFIX, SERVICE_AGENTS
from voipbin_mock.wire.errors import MockUsageError

READS, WRITES, COSTS = "reads", "writes", "costs"
CREDENTIALS = ("any", "accesskey", "token", "none")
# What every case may name: the target gives it, if it has it.
GIVEN = ("unique", "nil", "long", "username", "password", "accesskey")


class CaseError(MockUsageError):
    """A case file that cannot be used: which file, where in it, and why."""


@dataclass(frozen=True)
class Step:
    """One request with what is expected of its answer."""

    number: int  # from 1
    method: str
    path: str  # may name values: /v1.0/outplans/${outplan}
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any  # the request's, as JSON; see has_body
    text: str | None
    has_body: bool
    credential: Any
    expect: Mapping[str, Any]
    differs: Sequence[Mapping[str, Any]]
    keep: Mapping[str, str]
    needs: Sequence[str]
    after: int = 0  # seconds that must pass before it is asked
    wait: int = 0  # seconds in which the answer may become what is expected

    @property
    def ask(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Case:
    """One promise: its name (`outplans/is-created-as-sent`), what it does to the target, and its steps."""

    name: str
    effect: str  # reads, writes or costs
    profile: str | None  # the only one that promises it
    point: str  # and at which point of difference
    values: Mapping[str, Any]
    steps: Sequence[Step]
    cleanup: Sequence[Step] = field(default_factory=tuple)
    source: str = ""  # the file

    def __str__(self) -> str:
        return self.name


def bare(method: str, path: str, query: Mapping[str, Any] | None = None) -> Step:
    """A request of the harness's own, of which nothing is expected."""
    credential = "token" if path.startswith(f"{PREFIX}{SERVICE_AGENTS}/") else "any"
    return Step(0, method, path, query or {}, {}, None, None, False, credential, {}, (), {}, ())
