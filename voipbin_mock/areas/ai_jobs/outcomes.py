"""What becomes of a job: the outcomes that a test scripts for each kind of job.

Times are milliseconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from voipbin_mock.api import scripting
from voipbin_mock.api.scripting import Chance, Outcome, Scripts
from voipbin_mock.wire.durations import Duration, meant, written
from voipbin_mock.wire.errors import shorten


class JobOutcome(Outcome):
    """What one job comes to. after: how long it takes; None for as long as its kind usually does."""

    after: int | None

    def __init__(self, after: Duration | None = None) -> None:
        self.after = None if after is None else meant(after, "after")

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), **({} if self.after is None else {"after": written(self.after)})}

    def _text(self) -> str:
        return json.dumps(self.as_dict(), sort_keys=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JobOutcome) and self._text() == other._text()

    def __hash__(self) -> int:
        return hash(self._text())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._text()})"


class Done(JobOutcome):
    """It is done, with these results: `Done(overall_score=2)`. What is left out is as usual."""

    kind = "done"
    fields: Mapping[str, Any]

    def __init__(self, after: Duration | None = None, **fields: Any) -> None:
        super().__init__(after)
        try:
            self.fields = json.loads(json.dumps(fields))  # nobody changes it behind the job's back
        except (TypeError, ValueError) as error:
            raise ValueError(f"a result is a JSON value: {error}") from None

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), **self.fields}


class Failed(JobOutcome):
    """It comes to nothing: `Failed("evaluator_unavailable")`. error: why; empty for the usual one."""

    kind = "failed"

    def __init__(self, error: str = "", after: Duration | None = None) -> None:
        if not isinstance(error, str):
            raise ValueError(f"error: {error!r} is no text")
        super().__init__(after)
        self.error = error

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), **({"error": self.error} if self.error else {})}


OUTCOMES: Mapping[str, type[JobOutcome]] = {one.kind: one for one in (Done, Failed)}
EXAMPLE = "Done(), Failed()"

# --- kinds of jobs -------------------------------------------------------------------------------


class Result(NamedTuple):
    """A member of what a job comes to: whether a value will do, and what is expected, in words."""

    fits: Callable[[Any], bool]
    expected: str


def _is(kind: type, expected: str) -> Result:
    return Result(lambda value: type(value) is kind, expected)


def _one_of(*values: str) -> Result:
    return Result(lambda value: value in values and type(value) is str, f"one of {', '.join(values)}")


_TEXT, _OBJECT, _LIST, _FLAG = _is(str, "a text"), _is(dict, "an object"), _is(list, "an array"), _is(bool, "a boolean")


class Kind(NamedTuple):
    """A kind of job. after: how long one usually takes. results: what `Done` may say. errors: what one may fail with
    (empty for any text), the usual one first."""

    after: int
    results: Mapping[str, Result]
    errors: tuple[str, ...] = ()
    usual: str = ""


AUDITS, PROPOSALS, SUMMARIES, ANALYSES, RAGS = "audits", "proposals", "summaries", "analyses", "rags"
KINDS: Mapping[str, Kind] = {
    AUDITS: Kind(
        2_000,
        {
            "overall_score": Result(lambda value: type(value) is int and 1 <= value <= 5, "a score from 1 to 5"),
            "evaluation": _OBJECT,
        },
        (
            "evaluator_unavailable", "invalid_evaluator_response", "cancelled", "invalid_call_metadata",
            "prompt_snapshot_not_found", "prompt_snapshot_has_no_history_id",
        ),
    ),
    PROPOSALS: Kind(
        15_000,
        {"proposed_prompt": _TEXT, "rationale": _TEXT},
        (
            "evaluator_unavailable", "invalid_evaluator_response", "cancelled", "invalid_audit_set",
            "audit_prompt_version_mismatch", "prompt_version_drifted",
        ),
    ),
    SUMMARIES: Kind(5_000, {"content": _TEXT}),
    ANALYSES: Kind(
        20_000,
        {
            "overall_status": _one_of("ok", "warning", "error"),
            "input_reduced": _FLAG,
            "session_context": _OBJECT,
            "outcome": _OBJECT,
            "metrics": _OBJECT,
            "resources_used": _LIST,
            "interactions": _LIST,
            "narrative": _TEXT,
            "issues": _LIST,
        },
        usual="the analysis could not be completed",
    ),
    RAGS: Kind(
        2_000,
        {"chunks": Result(lambda value: type(value) is int and value > 0, "a count, at least 1")},
        usual="the source has no text",
    ),
}  # fmt: skip


def error_of(kind: str, failed: Failed) -> str:
    """Why a job has failed, as its record tells."""
    known = KINDS[kind]
    return failed.error or known.usual or (known.errors[0] if known.errors else "")


class Jobs(Scripts[JobOutcome]):
    """What becomes of the jobs of one world, by their kind."""

    name, rank = "jobs", 33
    called, pattern_is = "jobs", ", ".join(KINDS)

    def plain(self, address: str) -> str:
        return address.strip().lower()

    def wrong(self, rule: str) -> str:
        return "" if rule in KINDS else f"{shorten(rule)!r} is no kind of job; there are {', '.join(KINDS)}"

    def magic(self, address: str) -> Sequence[JobOutcome]:
        return (Done(),)

    def checked_outcome(self, outcome: object) -> Any:
        if isinstance(outcome, Outcome) and outcome.kind == Failed.kind and not isinstance(outcome, Failed):
            raise ValueError("this Failed() is what becomes of a text; a job comes to that of voipbin_mock.ai")
        return scripting.check(outcome, JobOutcome, EXAMPLE)

    def read_outcome(self, value: Any) -> Any:
        return scripting.read_outcome(value, OUTCOMES, _made, "done")

    def _checked(self, rule: str, outcomes: Sequence[object]) -> tuple[str, tuple[JobOutcome, ...]]:
        rule, script = super()._checked(rule, outcomes)
        for outcome in script:
            _check(rule, outcome)
        return rule, script


def _made(name: str, given: Mapping[str, Any]) -> JobOutcome:
    if name == Failed.kind:
        scripting.only(name, given, ("after", "error"))
    return OUTCOMES[name](**given)


def _check(kind: str, outcome: Outcome) -> None:
    """Raises ValueError for what no job of this kind comes to."""
    if isinstance(outcome, Chance):
        for each, _ in outcome.of:
            _check(kind, each)
        return
    known = KINDS[kind]
    for name, value in outcome.fields.items() if isinstance(outcome, Done) else ():
        if name not in known.results:
            raise ValueError(f"{kind} have no {name!r}; they have {', '.join(known.results)}")
        if not known.results[name].fits(value):
            raise ValueError(f"{name}: expected {known.results[name].expected}, not {shorten(value)!r}")
    if isinstance(outcome, Failed) and outcome.error and known.errors and outcome.error not in known.errors:
        raise ValueError(f"{kind} fail with {', '.join(known.errors)}; not with {shorten(outcome.error)!r}")
