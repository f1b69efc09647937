"""What came of a run, for people and for machines: text, JSON, JUnit."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from voipbin_mock.contract.answers import excerpt
from voipbin_mock.contract.points import order
from voipbin_mock.contract.runner import FAILED, PASSED, SKIPPED, Asked, Result, Run, votes
from voipbin_mock.wire.values import printable

FORMATS = ("text", "json", "junit")
RED, GREEN, YELLOW, PLAIN = "\033[31m", "\033[32m", "\033[33m", "\033[0m"


def text(run: Run, colour: bool = False) -> str:
    """For people: what failed, with the answers; what was left out; what tells the profile."""
    return "\n".join(_text(run, colour)) + "\n"


def _text(run: Run, colour: bool) -> Iterator[str]:
    paint = _Paint(colour)
    for result in run.results:
        if result.outcome == FAILED:
            yield paint(RED, f"FAILED {result.case.name}")
            for asked in result.asked:
                if asked.broken:
                    yield from (f"    {line}" for line in step_lines(asked))
            if result.why:
                yield f"    {result.why}"
        for left in result.left_behind:
            yield paint(YELLOW, f"LEFT BEHIND by {result.case.name}: {printable(left)}")
    for why in run.refused:
        yield paint(RED, f"REFUSED {printable(why)}")
    skipped: dict[str, int] = {}
    for result in run.results:
        if result.outcome == SKIPPED:
            skipped[result.why] = skipped.get(result.why, 0) + 1
    for why, count in skipped.items():
        yield f"left out: {count} ({why})"
    if run.detected:
        yield from _profile_lines(run)
    if run.interrupted:
        yield paint(YELLOW, f"interrupted: {run.checked} of {run.planned} cases were asked")
    summary = f"{run.target}: {run.count(PASSED)} passed, {run.count(FAILED)} failed, {run.count(SKIPPED)} left out"
    yield paint(GREEN if run.ok else RED, summary)


class _Paint:
    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, colour: str, text: str) -> str:
        return f"{colour}{text}{PLAIN}" if self.on else text


def step_lines(asked: Asked) -> Iterator[str]:
    yield f"step {asked.step.number}: {printable(asked.line)} -> {asked.answer.status}"
    for fault in asked.broken[:20]:
        yield f"    {printable(str(fault))}"
    if len(asked.broken) > 20:
        yield f"    and {len(asked.broken) - 20} more"
    yield f"    answer: {printable(excerpt(asked.answer))}"


def _profile_lines(run: Run) -> Iterator[str]:
    tallies, evidence = votes(run), run.evidence()
    if not tallies:
        yield "profile: nothing that was asked tells the profiles apart"
        return
    yield f"profile: follows {run.profile}"
    for point in sorted(tallies, key=order):
        sides = tallies[point]
        winner = sides.most_common(1)[0][0]
        where, seen = next((w, s) for w, s in evidence[point] if s.profile == winner)
        mixed = "" if len(sides) == 1 else f" ({', '.join(f'{n} as {name}' for name, n in sides.most_common())})"
        shown = printable(str(seen.shown))[:100]
        yield f"    {point} ({run.about(point)}): {winner}{mixed}; {seen.pointer or '(body)'} {shown} in {where}"


def as_dict(run: Run) -> dict[str, Any]:
    """Everything, as JSON."""
    document: dict[str, Any] = {
        "format": "voipbin-contract-run",
        "version": 1,
        "target": run.target,
        "profile": run.profile,
        "detected": run.detected,
        "passed": run.count(PASSED),
        "failed": run.count(FAILED),
        "skipped": run.count(SKIPPED),
        "interrupted": run.interrupted,
        "refused": run.refused,
        "cases": [_case_dict(result) for result in run.results],
    }
    if run.detected:
        tallies, evidence = votes(run), run.evidence()
        document["points"] = [
            {
                "point": point,
                "about": run.about(point),
                "votes": dict(tallies[point]),
                "evidence": [
                    {"in": where, "pointer": seen.pointer, "profile": seen.profile, "shown": seen.shown}
                    for where, seen in evidence[point][:5]
                ],
            }
            for point in sorted(tallies, key=order)
        ]
    return document


def _case_dict(result: Result) -> dict[str, Any]:
    return {
        "name": result.case.name,
        "effect": result.case.effect,
        "outcome": result.outcome,
        "why": result.why,
        "broken": [
            {
                "step": asked.step.number,
                "request": asked.line,
                "status": asked.answer.status,
                "answer": excerpt(asked.answer),
                **fault._asdict(),
            }
            for asked, fault in result.broken
        ],
        "left_behind": result.left_behind,
    }


class Row(NamedTuple):
    """One test case of a JUnit report."""

    name: str
    outcome: str
    why: str  # it was left out
    told: list[str]  # what failed, a line each
    seconds: float = 0.0


def junit(run: Run) -> str:
    """As test reports are kept: one test case a case."""
    rows = [
        Row(
            result.case.name,
            result.outcome,
            result.why,
            [line for asked in result.asked if asked.broken for line in step_lines(asked)]
            + [f"LEFT BEHIND: {left}" for left in result.left_behind],
            result.seconds,
        )
        for result in run.results
    ]
    rows += [Row(f"refused/{number}", FAILED, "", [why]) for number, why in enumerate(run.refused, 1)]
    return junit_of(f"voipbin-mock contract ({run.target})", rows)


def junit_of(suite: str, items: Iterable[Row]) -> str:
    """JUnit XML of test cases, whose names have the group before a slash."""
    rows = [row._replace(outcome=FAILED if row.told and row.outcome == PASSED else row.outcome) for row in items]
    outcomes = Counter(row.outcome for row in rows)
    seconds = sum(row.seconds for row in rows)
    head = f'tests="{len(rows)}" failures="{outcomes[FAILED]}" errors="0" skipped="{outcomes[SKIPPED]}" '
    head += f'time="{seconds:.3f}"'
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"<testsuites {head}>"]
    lines.append(f"<testsuite name={_attribute(suite)} {head}>")
    for row in rows:
        group, _, short = row.name.partition("/")
        name = f'classname={_attribute(group)} name={_attribute(short or row.name)} time="{row.seconds:.3f}"'
        lines.append(f"<testcase {name}>")
        if row.outcome == FAILED:
            told = row.told or [row.why]
            text = escape(_xml_text("\n".join(told)))
            lines.append(f"<failure message={_attribute(told[0])}>{text}</failure>")
        elif row.outcome == SKIPPED:
            lines.append(f"<skipped message={_attribute(row.why)}/>")
        lines.append("</testcase>")
    return "\n".join([*lines, "</testsuite>", "</testsuites>"]) + "\n"


def _attribute(value: str) -> str:
    return quoteattr(_xml_text(value))


def _xml_text(value: str) -> str:
    """XML has no way to write control characters, nor half of a pair."""
    return "".join(c if c in "\t\n" or c.isprintable() else "?" for c in value)


def render(run: Run, form: str, colour: bool = False) -> str:
    if form == "json":
        return to_json(as_dict(run))
    return junit(run) if form == "junit" else text(run, colour)


def to_json(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
