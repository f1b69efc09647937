"""Callers of a flow, played: what becomes of each, so that what is printed is what happens."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.areas.calls.far_end import Press
from voipbin_mock.areas.flows import taken
from voipbin_mock.areas.flows.callers import Caller, callers
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS

if TYPE_CHECKING:
    from voipbin_mock.areas.flows.view import FlowView
    from voipbin_mock.mock import Mock
    from voipbin_mock.world.store import Row

CALLER = "+15550100001"
NOON = "2026-03-02T12:00:00Z"  # a Monday
LONGEST = 4 * 3600  # virtual seconds that a caller is followed


NOBODY = Caller((), (), (), (), True)  # of a flow without actions


class Played(NamedTuple):
    """A caller, and what became of it. path: the types of the actions that ran. takes: the outcomes that it took.
    ended: how the flow ended, in words; "" if it did not."""

    caller: Caller
    path: list[str]
    takes: frozenset[tuple[int, str]]
    ended: str

    @property
    def as_planned(self) -> bool:
        return self.takes >= set(self.caller.takes)

    def as_dict(self, view: FlowView) -> dict[str, Any]:
        took = [each for each in view.graph.outcomes() if each in self.takes]
        return {
            "takes": [{"position": position, "outcome": outcome} for position, outcome in took],
            "steps": [{"press": press.keys} for press in self.caller.presses],
            "needs": list(self.caller.needs),
            "path": self.path,
            "ends": self.ended,
            "played": self.as_planned,
        }


def played(mock: Mock, view: FlowView) -> Iterator[Played]:
    """Each of the callers that the flow needs, in the same moment of the same mock."""
    moment = mock.snapshot()
    for caller in callers(view.graph) or [NOBODY]:
        yield _play(mock, view.id, caller)
        mock.restore(moment)


def _play(mock: Mock, flow_id: str, caller: Caller) -> Played:
    call = mock.phone(CALLER).calls(flow_id, *(Press(press.keys) for press in caller.presses))
    world = mock.world
    run_id = str(mock.calls.get(call.id).activeflow_id)

    def row() -> Row:
        found = world.table(ACTIVEFLOWS).get(run_id)
        assert found is not None
        return found

    with suppress(TimeoutError):
        mock.clock.run_until(lambda: row().data["status"] == "ended", limit=LONGEST)
    run = row().data
    of_flow = [each for _, each in taken.numbered(world, row()) if each.flow_id == flow_id]
    takes = frozenset((each.position, each.outcome) for each in of_flow)
    return Played(caller, call.path, takes, run["ended_by"] if run["status"] == "ended" else "")


# --- as tests ------------------------------------------------------------------------------------------

_HEAD = """\
\"\"\"Callers that take every way through flows, as `voipbin-mock flow paths` found them.\"\"\"

import json
from contextlib import suppress
from pathlib import Path

import pytest
from voipbin_mock import Press

pytestmark = pytest.mark.voipbin(profile={profile!r}, clock={clock!r}, ignore="all")


def call(voipbin, flow, *steps):
    made = voipbin.client.post("/v1.0/flows", json=flow).json
    call = voipbin.phone({caller!r}).calls(made["id"], *steps)
    with suppress(TimeoutError):  # a flow may have no end
        voipbin.clock.run_until(lambda: call.ended, limit={longest})
    return call
"""
_FLOW = """

{constant} = {{"name": {name!r}, "detail": "", "actions": {actions}}}
"""
_TEST = """

def test_{of}caller_{number}(voipbin):{takes}
    assert call(voipbin, {constant}{presses}).path{first} == {path!r}
"""
MOST_TESTED = 30  # actions of a flow that has no end


class Tested(NamedTuple):
    """A flow, and the callers that were played. actions: where they are, as Python."""

    name: str
    actions: str
    view: FlowView
    several: Sequence[Played]


def in_file(file: str, pointer: str) -> str:
    """The actions at a place of a JSON file, as Python reads them."""
    at = "".join(f"[{int(part) if part.isdecimal() else part!r}]" for part in pointer.split("/")[1:])
    return f'json.loads(Path({file!r}).read_text(encoding="utf-8")){at}'


def in_text(actions: Sequence[Any]) -> str:
    """The actions themselves, as Python reads them: nobody can read standard input twice."""
    return f"json.loads({json.dumps(actions)!r})"


def as_tests(profile: str, flows: Sequence[Tested]) -> str:
    """A module for pytest, with a test for each caller: what becomes of it by what it presses alone."""
    text = _HEAD.format(profile=profile, clock=NOON, caller=CALLER, longest=LONGEST)
    for position, flow in enumerate(flows, 1):
        constant, of = ("FLOW", "") if len(flows) == 1 else (f"FLOW_{position}", f"flow_{position}_")
        text += _FLOW.format(constant=constant, name=flow.name, actions=flow.actions)
        text += "".join(_tests(flow, constant, of))
    return text


def _tests(flow: Tested, constant: str, of: str) -> Iterator[str]:
    tested: set[str] = set()
    for number, one in enumerate(flow.several, 1):
        presses = "".join(f", Press({press.keys!r})" for press in one.caller.presses)
        if not one.as_planned and presses in tested:
            yield f"\n\n# {of}caller {number}: {_comment(', and '.join(one.caller.needs))}\n"
            continue
        tested.add(presses)
        took = [flow.view.outcome(*each) for each in flow.view.graph.outcomes() if each in one.takes]
        takes = f"  # {_comment(', '.join(took))}" if took else ""
        path, first = (one.path, "") if one.ended else (one.path[:MOST_TESTED], f"[:{MOST_TESTED}]")
        yield _TEST.format(
            of=of, number=number, takes=takes, constant=constant, presses=presses, path=path, first=first
        )


def _comment(text: str) -> str:
    """On one line, whatever is in it."""
    return "".join(each if each.isprintable() else " " for each in text)
