"""What an answer is worth: what is broken whoever gave it, and what only one of the profiles would give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from voipbin_mock.api.answers import is_file, shape_of
from voipbin_mock.api.catalog import Catalog
from voipbin_mock.api.operations import Operation
from voipbin_mock.contract.answers import Answer, faults, observations
from voipbin_mock.contract.case import Step
from voipbin_mock.contract.filling import fill
from voipbin_mock.contract.points import DOCUMENTED, SERVER, Observation
from voipbin_mock.contract.promises import Broken, broken


@dataclass
class Verdict:
    """One answer, judged."""

    broken: list[Broken] = field(default_factory=list)  # whatever the profile
    against: dict[str, list[Broken]] = field(default_factory=lambda: {DOCUMENTED: [], SERVER: []})
    neither: list[Broken] = field(default_factory=list)  # at a point of difference, as neither profile has it
    seen: list[Observation] = field(default_factory=list)  # what tells the profiles apart

    def held_to(self, profile: str) -> list[Broken]:
        """What is broken for a target of that profile; for one that is not known yet, what is for both."""
        if profile in self.against:
            return list(dict.fromkeys([*self.broken, *self.against[profile]]))
        return list(dict.fromkeys([*self.broken, *self.neither]))


def judged(
    catalog: Catalog, step: Step, values: Mapping[str, Any], operation: Operation | None, answer: Answer
) -> Verdict:
    """An answer, held against what a step expects, and against the form that every such answer has."""
    expect = fill(dict(step.expect), values)
    stated = {"status": 200} if not any("status" in entry[DOCUMENTED] for entry in step.differs) else {}
    verdict = Verdict(broken({**stated, **expect}, answer))
    for entry in step.differs:
        sides = {name: broken(fill(entry[name], values), answer) for name in (DOCUMENTED, SERVER)}
        _part(verdict, entry["point"], sides)
    shape = _shape(expect, operation, answer)
    for fault in faults(catalog, answer, shape):
        shown = "" if fault.value is None else f"{fault.value!r} "
        verdict.broken.append(Broken(fault.pointer, fault.expected, f"{shown}({fault.message})"))
    own = list(observations(catalog, answer, shape))
    verdict.seen += own
    for name in (DOCUMENTED, SERVER):
        wrong = {(o.point, o.pointer): o for o in own if o.profile != name}
        verdict.against[name] += [
            Broken(o.pointer, f"as {name} has it", f"{o.shown!r}, as {o.profile} has it", o.point)
            for o in wrong.values()
        ]
    return verdict


def _part(verdict: Verdict, point: str, sides: Mapping[str, list[Broken]]) -> None:
    """What a point of difference means for the answer: a fault for both, or a hint at the profile."""
    kept = [name for name, found in sides.items() if not found]
    if len(kept) == 1:
        other = sides[SERVER if kept[0] == DOCUMENTED else DOCUMENTED][0]
        verdict.seen.append(Observation(point, kept[0], other.pointer, other.got))
    for name, found in sides.items():
        verdict.against[name] += [fault._replace(point=point) for fault in found]
    if not kept:
        verdict.neither += [fault._replace(point=point) for fault in sides[DOCUMENTED]]


def _shape(expect: Mapping[str, Any], operation: Operation | None, answer: Answer) -> str | None:
    if "shape" not in expect and is_file(operation, answer.status):
        return None
    shape = expect.get("shape", "" if operation is None else shape_of(operation))
    if shape is False:
        return None
    return str(shape) if shape is not True else ""
