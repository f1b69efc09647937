"""Cases asked of a target, and what came of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from voipbin_mock import catalog as catalogue
from voipbin_mock.api.answers import shape_of
from voipbin_mock.api.catalog import Catalog
from voipbin_mock.api.operations import Operation
from voipbin_mock.contract.answers import Answer, excerpt, faults, json_of, nothing, observations
from voipbin_mock.contract.casebook import COSTS, READS, Case, Step, Unkept, fill
from voipbin_mock.contract.points import DOCUMENTED, SERVER, Observation, points_of
from voipbin_mock.contract.promises import Broken, broken
from voipbin_mock.contract.targets import Target, TargetError, query_of
from voipbin_mock.wire.redaction import is_secret
from voipbin_mock.wire.values import NIL_UUID, encode

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
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
    broken: list[Broken]
    seen: list[Observation]


@dataclass
class Result:
    """One case, run."""

    case: Case
    outcome: str = PASSED
    why: str = ""  # it was left out
    asked: list[Asked] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)  # what could not be cleaned up

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

    def about(self, point: str) -> str:
        return self.points.get(point, "")

    @property
    def failed(self) -> list[Result]:
        return [result for result in self.results if result.outcome == FAILED]

    @property
    def ok(self) -> bool:
        return not self.failed and not any(result.left_behind for result in self.results)

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

    profile: the one to hold it to; "auto" finds out which it follows. judge=False only collects answers.
    What only the other profile promises is left out, as is what may not be done to a remote target.
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
        self._answers = self._silences = 0  # how many requests were answered; how many in a row were not

    def run(self, cases: Iterable[Case], told: Callable[[Result], None] = lambda result: None) -> Run:
        """Ask them all. Raises TargetError, when the target does not answer at all."""
        self.target.log_in()
        cases = list(cases)
        detecting = self.profile == AUTO and self.judge
        run = Run(self.target.name, self.profile, detecting, points=points_of(self.catalog))
        first = [case for case in cases if case.profile is None] if detecting else cases
        for case in first:
            run.results.append(self._told(case, told))
        if detecting:
            run.profile = detected(run)
            later = [case for case in cases if case.profile == run.profile]
            run.results += [self._told(case, told) for case in later]
        return run

    def _told(self, case: Case, told: Callable[[Result], None]) -> Result:
        result = self.case(case)
        told(result)
        return result

    def case(self, case: Case) -> Result:
        """One case, with its clean-up, however it ends."""
        result = Result(case)
        result.why = self.forbidden(case)
        if result.why:
            result.outcome = SKIPPED
            return result
        values = {**self.target.values, "nil": NIL_UUID, "long": "x" * 256, **case.values}
        made: list[str] = []
        try:
            for step in case.steps:
                if self.target.stopping.is_set():
                    raise KeyboardInterrupt
                missing = [name for name in step.needs if name not in values]
                if missing:
                    raise Unkept(missing[0])
                asked = self._ask(step, values, made)
                asked.broken = [fault._replace(point=fault.point or case.point) for fault in asked.broken]
                result.asked.append(asked)
                if asked.broken and self.judge:
                    result.outcome = FAILED
                    break
        except TargetError as error:
            self._silences += 1
            if not self._answers or self._silences >= MOST_SILENCES:
                raise
            result.outcome, result.why = FAILED, str(error)
        except Unkept as unkept:
            result.why = f"the target has no {unkept.args[0]}"
            # A step that should have given it is told of; what never could be had is left out.
            result.outcome = FAILED if result.broken else SKIPPED
        finally:
            self._clean_up(case, values, made, result)
            self.left_behind += result.left_behind
        return result

    def forbidden(self, case: Case) -> str:
        """Why a case may not be asked of this target; empty if it may."""
        if self.profile not in (AUTO, case.profile) and case.profile is not None:
            return f"only {case.profile} promises it"
        if case.effect == COSTS and not self.allowed.costs:
            return "it may cost money: --allow-costs"
        if case.effect != READS and not self.allowed.writes:
            return "it writes: --allow-writes"
        return ""

    # --- asking ------------------------------------------------------------------------------------

    def _ask(self, step: Step, values: dict[str, Any], made: list[str]) -> Asked:
        line, answer = self._send(step, values)
        method, _, path = line.partition(" ")
        routed = self.catalog.route(method, path)
        operation = routed[0] if routed else None
        self._note_secrets(answer)
        _note_records(operation, path, answer, made)
        found, seen = self._judged(step, values, operation, answer)
        asked = Asked(step, line, operation, answer, found, seen)
        value = json_of(answer)
        for name, pointer in step.keep.items():
            kept = _at(value, pointer)
            if kept is not nothing():
                values[name] = kept
                if is_secret(name):
                    self.target.secrets.add(kept)
        return asked

    def _send(self, step: Step, values: Mapping[str, Any]) -> tuple[str, Answer]:
        method, path = fill(step.method, values), fill(step.path, values)
        query = dict(fill(step.query, values))
        headers = dict(fill(step.headers, values))
        body = None
        if step.has_body:
            body = encode(fill(step.body, values)).encode("utf-8")
        elif step.text is not None:
            body = fill(step.text, values).encode("utf-8")
        if body is not None and not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
        self._credential(fill(step.credential, values), query, headers)
        for _ in range(MOST_WAITS):
            answer = self.target.send(method, path, query_of(query), headers, body)
            self._answers, self._silences = self._answers + 1, 0
            seconds = _retry_after(answer)
            if seconds is None or _expects_429(step):
                break
            self.pause(seconds)
        return f"{method} {path}", answer

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
            raise Unkept("credential" if credential == "any" else f"{credential} to ask with")
        if kind == "accesskey":
            query.setdefault("accesskey", value)
        else:
            headers.setdefault("Authorization", f"Bearer {value}")

    def _judged(
        self, step: Step, values: Mapping[str, Any], operation: Operation | None, answer: Answer
    ) -> tuple[list[Broken], list[Observation]]:
        expect = fill(dict(step.expect), values)
        stated = {"status": 200} if not any("status" in entry[DOCUMENTED] for entry in step.differs) else {}
        found = broken({**stated, **expect}, answer)
        seen: list[Observation] = []
        for entry in step.differs:
            sides = {name: broken(fill(entry[name], values), answer) for name in (DOCUMENTED, SERVER)}
            found += self._parted(entry["point"], sides, answer, seen)
        shape = self._shape(step, expect, operation)
        for fault in faults(self.catalog, answer, shape):
            shown = "" if fault.value is None else f"{fault.value!r} "
            found.append(Broken(fault.pointer, fault.expected, f"{shown}({fault.message})"))
        own = list(observations(self.catalog, answer, shape))
        seen += own
        if self.profile != AUTO:
            wrong = {(o.point, o.pointer): o for o in own if o.profile != self.profile}
            found += [
                Broken(o.pointer, f"as {self.profile} has it", f"{o.shown!r}, as {o.profile} has it", o.point)
                for o in wrong.values()
            ]
        return found, seen

    def _parted(
        self, point: str, sides: Mapping[str, list[Broken]], answer: Answer, seen: list[Observation]
    ) -> list[Broken]:
        """What a point of difference means for the answer: a fault, a hint at the profile, or nothing."""
        kept = [name for name, faults_found in sides.items() if not faults_found]
        if len(kept) == 1:
            other = sides[SERVER if kept[0] == DOCUMENTED else DOCUMENTED][0]
            seen.append(Observation(point, kept[0], other.pointer, other.got))
        if self.profile in sides:
            return [fault._replace(point=point) for fault in sides[self.profile]]
        return [] if kept else [fault._replace(point=point) for fault in sides[DOCUMENTED]]

    def _shape(self, step: Step, expect: Mapping[str, Any], operation: Operation | None) -> str | None:
        shape = expect.get("shape", "" if operation is None else shape_of(operation))
        if shape is False:
            return None
        return str(shape) if shape is not True else ""

    def _note_secrets(self, answer: Answer) -> None:
        def walk(value: Any) -> None:
            if isinstance(value, dict):
                for name, item in value.items():
                    if isinstance(item, str) and is_secret(name):
                        self.target.secrets.add(item)
                    walk(item)
            elif isinstance(value, list):
                for item in value:
                    walk(item)

        walk(json_of(answer))

    # --- leaving nothing behind --------------------------------------------------------------------

    def _clean_up(self, case: Case, values: dict[str, Any], made: list[str], result: Result) -> None:
        for step in case.cleanup:
            try:
                self._send(step, values)
            except Unkept:
                continue
            except TargetError as error:
                result.left_behind.append(str(error))
        for path in reversed(made):
            try:
                self._remove(path)
            except TargetError as error:
                result.left_behind.append(f"{path}: {error}")
            except _StillThere as still:
                result.left_behind.append(f"{path}: {still}")

    def _remove(self, path: str) -> None:
        """Delete a record; a campaign may need a moment until it rests, and some servers only say that they did."""
        row_id = path.rpartition("/")[2]
        for _ in range(MOST_WAITS):
            _, answer = self._send(_bare("DELETE", path), {})
            if answer.status in (204, 404) or (answer.status == 200 and _at(json_of(answer), "/id") == row_id):
                return
            if answer.status not in (200, 409):
                break
            self.pause(1.0)
        raise _StillThere(f"DELETE was answered with {answer.status} {excerpt(answer, 120)}")


class _StillThere(Exception):
    pass


def _bare(method: str, path: str) -> Step:
    return Step(0, method, path, {}, {}, None, None, False, "any", {}, (), {}, ())


def _note_records(operation: Operation | None, path: str, answer: Answer, made: list[str]) -> None:
    """Keep in mind what a request created, and forget what another one deleted."""
    if operation is None or answer.status != 200:
        return
    row_id = _at(json_of(answer), "/id")
    if operation.method == "DELETE" and path in made and path.endswith(f"/{row_id}"):
        made.remove(path)
    elif operation.name.endswith(".create") and isinstance(row_id, str):
        made.append(f"{path}/{row_id}")


def _at(value: Any, pointer: str) -> Any:
    if value is nothing():
        return value
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and name.lstrip("-").isdigit() and -len(value) <= int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            return nothing()
    return value


def _retry_after(answer: Answer) -> float | None:
    if answer.status != 429:
        return None
    text = answer.header("retry-after") or ""
    return min(float(text), LONGEST_WAIT) if text.isascii() and text.isdigit() else 1.0


def _expects_429(step: Step) -> bool:
    return bool(step.expect.get("status") == 429)


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
