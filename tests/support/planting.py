"""Single defects planted in what a mock answers, or in what it is asked: which case notices."""

from __future__ import annotations

import copy
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from tests.support.contracting import EVERYTHING
from tests.support.spoiling import with_json
from voipbin_mock import catalog
from voipbin_mock.contract import Case, MockTarget, Runner
from voipbin_mock.contract.answers import Answer, json_of, nothing
from voipbin_mock.contract.casebook import load
from voipbin_mock.contract.promises import moment_of
from voipbin_mock.wire.values import NIL_UUID, parse_uuid

OTHER = "7d1c9f0e-0000-4c1b-9a55-2b1e8c3d4fff"


class Asked(NamedTuple):
    """One request on its way."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes | None

    @property
    def operation(self) -> str:
        routed = catalog.default().route(self.method, self.path)
        return routed[0].name if routed else ""


Before = Callable[["Planted", Asked], "Asked | Answer"]
After = Callable[[Asked, Answer], Answer]


class Planted(MockTarget):
    """before: what is asked instead, or answered at once. after: what is answered instead."""

    def __init__(self, profile: str, before: Before | None = None, after: After | None = None) -> None:
        super().__init__(profile)
        self.before, self.after = before, after
        self.hits = 0  # how often something was changed

    def right(self, asked: Asked) -> Answer:
        return super().send(*asked)

    def send(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        asked = Asked(method, path, query, headers, body)
        wrong = asked if self.before is None else self.before(self, asked)
        self.hits += wrong is not asked
        answer = wrong if isinstance(wrong, Answer) else self.right(wrong)
        shown = answer if self.after is None else self.after(asked, answer)
        self.hits += shown is not answer
        return shown


def unnoticed(target: Planted, cases: list[Case]) -> bool:
    """Whether the defect was met, and no case says so."""
    runner = Runner(target, target.mock.world.profile.name, allowed=EVERYTHING)
    for case in sorted(cases, key=lambda case: -len(case.steps)):
        result = runner.case(case)
        if result.outcome == "failed" or result.left_behind:
            return False
    return target.hits > 0


@lru_cache(maxsize=2)
def met(profile: str) -> dict[str, list[Case]]:
    """Which cases ask each operation."""
    found: dict[str, list[Case]] = defaultdict(list)
    runner = Runner(MockTarget(profile), profile, allowed=EVERYTHING)
    for case in load(profile=profile):
        for name in dict.fromkeys(a.operation.name for a in runner.case(case).asked if a.operation is not None):
            found[name].append(case)
    return found


@lru_cache(maxsize=2)
def members(profile: str) -> dict[str, dict[str, list[Any]]]:
    """Operation -> pointer into its good answers, items as `*` -> the values that stood there."""
    found: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    runner = Runner(MockTarget(profile), profile, allowed=EVERYTHING)
    for case in load(profile=profile):
        for asked in runner.case(case).asked:
            operation, value = asked.operation, json_of(asked.answer)
            is_page = value is nothing()  # to be looked at, or no body at all
            if operation is not None and operation.resource is not None and asked.answer.status < 300 and not is_page:
                _walk(value, "", found[operation.name])
    return found


@lru_cache(maxsize=2)
def sent(profile: str) -> dict[str, dict[str, list[Any]]]:
    """Operation -> pointer into the bodies that it took -> the values that stood there."""
    found: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))

    def note(asked: Asked, answer: Answer) -> Answer:
        if asked.body and answer.status < 300 and asked.operation:
            value = json.loads(asked.body) if asked.body[:1] == b"{" and asked.body[-1:] == b"}" else None
            _walk(value, "", found[asked.operation])
        return answer

    runner = Runner(Planted(profile, after=note), profile, allowed=EVERYTHING)
    for case in load(profile=profile):
        runner.case(case)
    return found


def _walk(value: Any, pointer: str, found: dict[str, list[Any]]) -> None:
    for name, item in value.items() if isinstance(value, dict) else []:
        found[f"{pointer}/{name}"].append(item)
        _walk(item, f"{pointer}/{name}", found)
    for item in value if isinstance(value, list) else []:
        _walk(item, f"{pointer}/*", found)


def other_values(value: Any) -> Iterator[Any]:
    """What may stand there instead, of the same kind."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, 0)
    elif isinstance(value, str) and parse_uuid(value) == value:
        yield from (OTHER, NIL_UUID)
    elif moment_of(value) is not None:
        yield from ("2024" + value[4:], "2020" + value[4:])
    elif isinstance(value, str):
        yield from (value + "x", "")
    elif isinstance(value, list) and value:
        yield from (value[:-1], value + value[-1:])


def changed(value: Any, parts: list[str], way: int) -> bool:
    """Change what a pointer leads to, in place; way: which of the other values. Whether something was changed."""
    name, *rest = parts
    keys = range(len(value)) if name == "*" and isinstance(value, list) else [name]
    if name != "*" and not (isinstance(value, dict) and name in value):
        return False
    done = False
    for key in keys:
        if rest:
            done |= changed(value[key], rest, way) if isinstance(value[key], (dict, list)) else False
            continue
        others = [other for other in other_values(value[key]) if other != value[key]]
        if others:
            value[key] = others[way % len(others)]
            done = True
    return done


def in_answers(operation: str, pointer: str, way: int) -> After:
    def after(asked: Asked, answer: Answer) -> Answer:
        if answer.status >= 300 or asked.operation != operation:
            return answer
        if not answer.body:
            return answer
        value = copy.deepcopy(answer.json())
        return with_json(answer, value) if changed(value, pointer.split("/")[1:], way) else answer

    return after


def in_bodies(operation: str, pointer: str, way: int) -> Before:
    def before(target: Planted, asked: Asked) -> Asked:
        if asked.operation != operation or not asked.body or asked.body[:1] != b"{" or asked.body[-1:] != b"}":
            return asked
        value = json.loads(asked.body)
        done = changed(value, pointer.split("/")[1:], way)
        return asked._replace(body=json.dumps(value).encode()) if done else asked

    return before


def told(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Plant every defect there is, and name those that no case notices."""
    from tests.contract.test_contract_consequences import places

    planted = missed = 0
    for name, pointer, way, body in [
        (name, pointer, way, body)
        for body, found in ((False, members("documented")), (True, sent("documented")))
        for name, pointer in places(found)
        for way in (0, 1)
    ]:
        before = in_bodies(name, pointer, way) if body else None
        after = None if body else in_answers(name, pointer, way)
        target = Planted("documented", before, after)
        if unnoticed(target, met("documented")[name]):
            missed += 1
            told("in the body of" if body else "in answers of", name, pointer, f"way {way}")
        planted += target.hits > 0
    told(f"{planted} planted, {missed} noticed by no case")


if __name__ == "__main__":
    main()
