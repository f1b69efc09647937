"""Cases asked of a target, and what came of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from voipbin_mock import catalog as catalogue
from voipbin_mock.api.catalog import Catalog
from voipbin_mock.api.operations import Operation
from voipbin_mock.contract.answers import Answer, json_of, nothing
from voipbin_mock.contract.case import COSTS, GIVEN, READS, Case, Step, bare
from voipbin_mock.contract.consequences import Memory
from voipbin_mock.contract.filling import Unfillable, Unkept, Values, fill
from voipbin_mock.contract.judging import Verdict, judged
from voipbin_mock.contract.pointers import at
from voipbin_mock.contract.points import DOCUMENTED, SERVER, Observation, points_of
from voipbin_mock.contract.promises import Broken
from voipbin_mock.contract.targets import CannotSend, Target, TargetError, query_of
from voipbin_mock.contract.traces import Traces
from voipbin_mock.wire.redaction import is_secret
from voipbin_mock.wire.values import NIL_UUID, encode

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
CREDENTIAL = "credential"
AUTO = "auto"
MOST_WAITS = 5
MOST_SILENCES = 3  # cases in a row whose target does not answer, before no more is asked
LONGEST_WAIT = 120.0  # seconds


class Allowed(NamedTuple):
    """What may be done to a target."""

    writes: bool = False
    costs: bool = False


@dataclass
class Asked:
    """One step, asked."""

    step: Step
    line: str  # method and path as they were sent
    operation: Operation | None
    answer: Answer
    verdict: Verdict
    broken: list[Broken]  # by the profile that it is held to

    @property
    def seen(self) -> list[Observation]:
        return self.verdict.seen


@dataclass
class Result:
    """One case, run."""

    case: Case
    outcome: str = PASSED
    why: str = ""  # it was left out
    asked: list[Asked] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)  # what could not be cleaned up
    seconds: float = 0.0

    @property
    def broken(self) -> list[tuple[Asked, Broken]]:
        return [(asked, fault) for asked in self.asked for fault in asked.broken]


@dataclass
class Run:
    """All cases, run against one target."""

    target: str
    profile: str  # the one that it was held to, or that it follows
    detected: bool
    results: list[Result] = field(default_factory=list)
    points: Mapping[str, str] = field(default_factory=dict)  # what each point of difference is about
    planned: int = 0  # how many cases were to be asked
    interrupted: bool = False
    refused: list[str] = field(default_factory=list)  # cases whose file cannot be used, and why

    def about(self, point: str) -> str:
        return self.points.get(point, "")

    @property
    def failed(self) -> list[Result]:
        return [result for result in self.results if result.outcome == FAILED]

    @property
    def ok(self) -> bool:
        """Everything that was asked is as promised, something was, and nothing is left behind."""
        clean = not self.failed and not self.left_behind and not self.refused and not self.interrupted
        return clean and self.checked > 0

    @property
    def checked(self) -> int:
        """How many cases were asked."""
        return self.count(PASSED) + self.count(FAILED)

    @property
    def left_behind(self) -> list[str]:
        return [left for result in self.results for left in result.left_behind]

    def count(self, outcome: str) -> int:
        return sum(result.outcome == outcome for result in self.results)

    def evidence(self) -> dict[str, list[tuple[str, Observation]]]:
        """Point -> what told of it: the case with its step, and what was seen."""
        found: dict[str, list[tuple[str, Observation]]] = {}
        for result in self.results:
            for asked in result.asked:
                for seen in asked.seen:
                    where = f"{result.case.name}, step {asked.step.number}"
                    found.setdefault(seen.point, []).append((where, seen))
        return found


class Runner:
    """Asks cases of a target.

    profile: the one to hold it to; "auto" finds out which it follows, and holds it to that one then. judge=False
    only collects answers. What only the other profile promises is left out, as is what may not be done to a remote
    target. After an interrupt, `so_far` is what came of it until then.
    """

    def __init__(
        self,
        target: Target,
        profile: str = AUTO,
        *,
        allowed: Allowed | None = None,
        judge: bool = True,
        catalog: Catalog | None = None,
    ) -> None:
        self.target, self.profile, self.judge, self.pause = target, profile, judge, target.pause
        self.allowed = allowed or Allowed(not target.remote, not target.remote)
        self.catalog = catalog or target.catalog or catalogue.default()
        self.left_behind: list[str] = []  # of all cases so far
        self.so_far = Run(target.name, profile, profile == AUTO and judge, points=points_of(self.catalog))
        self._traces: Traces | None = None  # of the case that is being asked
        self._account: list[str | None] = []  # the customer's id, once it was asked for
        self._ids: set[str] = set()  # of records that cases made
        self._memory = self._new_memory()  # of the case that is being asked
        self._answers = self._silences = 0  # how many requests were answered; how many in a row were not

    def run(self, cases: Iterable[Case], told: Callable[[Result], None] = lambda result: None) -> Run:
        """Ask them all. Raises TargetError, when the target does not answer at all."""
        self.target.log_in()
        cases = list(cases)
        detecting = self.profile == AUTO and self.judge
        run = self.so_far = Run(self.target.name, self.profile, detecting, points=points_of(self.catalog))
        first = [case for case in cases if case.profile is None] if detecting else cases
        run.planned = len(first)
        for case in first:
            self._told(case, told)
        if detecting:
            run.profile = detected(run)
            judge_again(run, run.results)
            later = [case for case in cases if case.profile == run.profile]
            run.planned += len(later)
            for case in later:
                self._told(case, told)
                judge_again(run, run.results[-1:])
        return run

    def _told(self, case: Case, told: Callable[[Result], None]) -> None:
        result = Result(case)
        began = time.perf_counter()
        try:
            self._ask_all(result)
        except KeyboardInterrupt:
            result.outcome, result.why = SKIPPED, "it was interrupted"
            self.so_far.interrupted = True
            raise
        finally:
            result.seconds = time.perf_counter() - began
            self.so_far.results.append(result)
        told(result)

    def case(self, case: Case) -> Result:
        """One case, with its clean-up, however it ends."""
        result = Result(case)
        self._ask_all(result)
        return result

    def pending(self) -> list[str]:
        """What the case that is being asked made, and has not deleted yet; may be called from any thread."""
        traces = self._traces
        return [] if traces is None else traces.pending()

    def _ask_all(self, result: Result) -> None:
        case = result.case
        result.why = self.forbidden(case)
        if result.why:
            result.outcome = SKIPPED
            return
        values = Values(case.values, {**self.target.values, "nil": NIL_UUID, "long": "x" * 256})
        self._memory = self._new_memory()
        traces = self._traces = Traces(self.catalog, self.target.values.get("unique"))
        try:
            self._steps(case, values, traces, result)
        except TargetError as error:
            self._silences += 1
            if not self._answers or self._silences >= MOST_SILENCES:
                raise
            result.outcome, result.why = FAILED, str(error)
        except CannotSend as error:
            result.outcome, result.why = SKIPPED, str(error)
        except Unfillable as error:
            result.outcome, result.why = FAILED, f"the case cannot be asked: {error}"
        except Unkept as unkept:
            self._without(unkept.args[0], case, result)
        finally:
            try:
                self._clean_up(case, values, traces, result)
            finally:
                self.left_behind += result.left_behind
                self._traces = None

    def _steps(self, case: Case, values: Values, traces: Traces, result: Result) -> None:
        wanted = {name for step in case.steps for name in step.needs}
        absent: list[tuple[Asked, Broken]] = []  # told unless the case turns out to need something there is not
        for step in case.steps:
            if self.target.stopping.is_set():
                raise KeyboardInterrupt
            for name in step.needs:
                if name not in values:
                    raise Unkept(name)
            try:
                asked = self._ask(step, values, traces)
            except Unkept:
                _tell(absent)
                raise
            asked.broken = [fault._replace(point=fault.point or case.point) for fault in asked.broken]
            result.asked.append(asked)
            absent += [
                (asked, Broken(pointer, f"a value to keep as ${{{name}}}", "nothing"))
                for name, pointer in step.keep.items()
                if name not in values and name not in wanted and asked.answer.status < 400
            ]
            if asked.broken and self.judge:
                break
        _tell(absent)
        if result.broken and self.judge:
            result.outcome = FAILED

    def _without(self, name: str, case: Case, result: Result) -> None:
        """A value that is not there: what a target may not have is left out, what a step should have given is told."""
        wanted = {needed for step in case.steps for needed in step.needs}
        optional = name in wanted or name in GIVEN or name == CREDENTIAL or name.endswith(" to ask with")
        result.why = f"the target has no {name}"
        result.outcome = FAILED if result.broken or not optional else SKIPPED

    def forbidden(self, case: Case) -> str:
        """Why a case may not be asked of this target; empty if it may."""
        profile = self.so_far.profile if self.profile == AUTO else self.profile
        if case.profile is not None and case.profile != profile and self.judge:
            return f"only {case.profile} promises it"
        if case.effect == COSTS and not self.allowed.costs:
            return "it may cost money: --allow-costs"
        if case.effect != READS and not self.allowed.writes:
            return "it writes: --allow-writes"
        return ""

    # --- asking ------------------------------------------------------------------------------------

    def _ask(self, step: Step, values: Values, traces: Traces) -> Asked:
        if step.after:
            self.pause(step.after)
        line, answer = self._send(step, values, traces)
        method, _, path = line.partition(" ")
        routed = self.catalog.route(method, path)
        operation = routed[0] if routed else None
        verdict = judged(self.catalog, step, values, operation, answer)
        for _ in range(step.wait):
            if self.target.stopping.is_set() or not verdict.held_to(self.profile):
                break
            self.pause(1.0)  # the answer may become what is expected
            line, answer = self._send(step, values, traces)
            verdict = judged(self.catalog, step, values, operation, answer)
        self._note_secrets(answer)
        self._consequences(step, values, operation, path, answer, verdict)
        asked = Asked(step, line, operation, answer, verdict, verdict.held_to(self.profile))
        if 400 <= answer.status < 500:
            traces.doubt(method, path, _sent(step, values), fill(step.credential, values), answer.status)
        elif answer.status >= 500 and not asked.broken:
            traces.was_refused(path, _sent(step, values))
        value = json_of(answer)
        for name, pointer in step.keep.items():
            kept = at(value, pointer)
            if kept is not nothing():
                values.keep(name, kept)
                if is_secret(name):
                    self.target.secrets.add(kept)
        return asked

    def _consequences(
        self, step: Step, values: Values, operation: Operation | None, path: str, answer: Answer, verdict: Verdict
    ) -> None:
        """What follows from what was done before, where the answer is sound in itself."""
        if not self.judge:
            return
        found = self._memory.look(operation, path, fill(step.query, values), _sent(step, values), answer)
        known = {fault.pointer for fault in verdict.broken}
        verdict.broken += [fault for fault in found if fault.pointer not in known]

    def _new_memory(self) -> Memory:
        return Memory(self.catalog, self._customer, self._ids, self.target.values.get("unique"))

    def _customer(self) -> str | None:
        """The id of the account that is asked; None where that is not told."""
        if not self._account:
            self._account.append(None)  # whatever happens, it is asked once
            try:
                _, answer = self._send(bare("GET", "/v1.0/customer"), {})
            except (TargetError, Unkept):
                return None
            row_id = at(json_of(answer), "/id")
            if answer.status // 100 == 2 and isinstance(row_id, str):
                self._account[0] = row_id
        return self._account[0]

    def _send(self, step: Step, values: Mapping[str, Any], traces: Traces | None = None) -> tuple[str, Answer]:
        method, path = str(fill(step.method, values)), str(fill(step.path, values))
        query = dict(fill(step.query, values))
        headers = {str(name): str(value) for name, value in fill(step.headers, values).items()}
        sent = _sent(step, values)
        body = None
        if step.has_body:
            body = _encoded(sent)
        elif step.text is not None:
            body = str(fill(step.text, values)).encode("utf-8", "replace")
        if body is not None and not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
        credential = fill(step.credential, values)
        self._credential(credential, query, headers)
        answer: Answer | None = None
        try:
            answer = self._answered(step, method, path, query_of(query), headers, body)
        except CannotSend:
            traces = None  # nothing was asked
            raise
        finally:
            if traces is not None:
                traces.note(method, path, sent, credential, answer)
        return f"{method} {path}", answer

    def _answered(
        self, step: Step, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """The answer to a request, asked again as long as a 429 says so."""
        for number in range(MOST_WAITS):
            answer = self.target.send(method, path, query, headers, body)
            self._answers, self._silences = self._answers + 1, 0
            seconds = _retry_after(answer, number)
            if seconds is None or _expects_429(step):
                break
            self.pause(seconds)
        return answer

    def _credential(self, credential: Any, query: dict[str, Any], headers: dict[str, str]) -> None:
        if credential == "none":
            return
        if isinstance(credential, Mapping):
            ((kind, value),) = credential.items()
            self.target.secrets.add(value)
        elif credential == "accesskey" or (credential == "any" and self.target.accesskey is not None):
            kind, value = "accesskey", self.target.accesskey
        else:
            kind, value = "token", self.target.token
        if value is None:
            raise Unkept(CREDENTIAL if credential == "any" else f"{credential} to ask with")
        if kind == "accesskey":
            query.setdefault("accesskey", value)
        else:
            headers.setdefault("Authorization", f"Bearer {value}")

    def _note_secrets(self, answer: Answer) -> None:
        waiting = [json_of(answer)]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                self.target.secrets.add(*(item for name, item in value.items() if is_secret(name)))
            if isinstance(value, (dict, list)):
                inner = value.values() if isinstance(value, dict) else value
                waiting += [item for item in inner if isinstance(item, (dict, list))]

    # --- leaving nothing behind --------------------------------------------------------------------

    def _clean_up(self, case: Case, values: Values, traces: Traces, result: Result) -> None:
        """Put everything back. Whatever cannot be, or is not known to be, is named."""
        try:
            for step in case.cleanup:
                self._put_back(step, values, traces, result)
            result.left_behind += traces.find(self._send)
            result.left_behind += traces.remove(self._send, self.pause)
        except Unkept:
            result.left_behind += traces.pending()
        except BaseException:
            result.left_behind += traces.pending()
            raise

    def _put_back(self, step: Step, values: Values, traces: Traces, result: Result) -> None:
        try:
            line, answer = self._send(step, values, traces)
        except (Unkept, Unfillable):
            return
        except TargetError as error:
            result.left_behind.append(str(error))
            return
        if answer.status // 100 != 2 and answer.status != 404:
            result.left_behind.append(f"{line} was answered with {answer.status}, so what it is to put back is not")


def _tell(absent: Iterable[tuple[Asked, Broken]]) -> None:
    for asked, fault in absent:
        asked.broken.append(fault)


def _sent(step: Step, values: Mapping[str, Any]) -> Any:
    return fill(step.body, values) if step.has_body else None


def _encoded(body: Any) -> bytes:
    try:
        return encode(body).encode("utf-8")
    except ValueError as error:
        raise Unfillable(f"its body cannot be sent as JSON: {error}") from None


def _retry_after(answer: Answer, number: int) -> float | None:
    """How long to wait before the same is asked again: as it says, and longer from time to time, also if it says 0."""
    if answer.status != 429:
        return None
    text = answer.header("retry-after") or ""
    told = min(float(text), LONGEST_WAIT) if text.isascii() and text.isdigit() else 1.0
    return max(told, 0.5 * float(2**number))


def _expects_429(step: Step) -> bool:
    several = [step.expect, *(entry[profile] for entry in step.differs for profile in ("documented", "server"))]
    return any(expect.get("status") == 429 for expect in several)


def judge_again(run: Run, results: Iterable[Result]) -> None:
    """Hold answers to the profile that was found."""
    for result in results:
        for asked in result.asked:
            known = set(asked.broken)
            against = [
                fault._replace(point=fault.point or result.case.point) for fault in asked.verdict.held_to(run.profile)
            ]
            asked.broken += [fault for fault in against if fault not in known]
        if result.broken:
            result.outcome = FAILED


def votes(run: Run) -> dict[str, Counter[str]]:
    """Point -> how many answers were as each profile has them."""
    counted: dict[str, Counter[str]] = {}
    for point, seen in run.evidence().items():
        counted[point] = Counter(observation.profile for _, observation in seen)
    return counted


def detected(run: Run) -> str:
    """The profile that more points speak for; the documents', if none do."""
    sides = Counter(tally.most_common(1)[0][0] for tally in votes(run).values())
    return SERVER if sides[SERVER] > sides[DOCUMENTED] else DOCUMENTED


def operations_asked(results: Iterable[Result]) -> Iterator[tuple[str, int]]:
    """Every operation that was asked, with the HTTP code of its answer."""
    for result in results:
        for asked in result.asked:
            if asked.operation is not None:
                yield asked.operation.name, asked.answer.status
