"""Callers of a flow, played: what becomes of each, so that what is printed is what happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.areas.calls.far_end import Press
from voipbin_mock.areas.flows import taken
from voipbin_mock.areas.flows.callers import Caller, callers
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS
from voipbin_mock.areas.flows.runs import OUTCOME, TYPE, trace_of

if TYPE_CHECKING:
    from voipbin_mock.areas.flows.view import FlowView
    from voipbin_mock.mock import Mock
    from voipbin_mock.world.store import Row

CALLER = "+15550100001"
NOON = "2026-03-02T12:00:00Z"  # a Monday
LONGEST = 4 * 3600  # virtual seconds that a caller is followed


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
    for caller in callers(view.graph):
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
    path = [entry[TYPE] for entry in trace_of(run) if entry[OUTCOME] != "skipped"]
    return Played(caller, path, takes, run["ended_by"] if run["status"] == "ended" else "")


# --- as tests ------------------------------------------------------------------------------------------

_HEAD = """\
\"\"\"Callers that take every way through flow {name}, as `voipbin-mock flow paths` found them.\"\"\"

import json
from contextlib import suppress
from pathlib import Path

import pytest
from voipbin_mock import Press

ACTIONS = json.loads(Path({file!r}).read_text(encoding="utf-8")){at}

pytestmark = pytest.mark.voipbin(profile={profile!r}, clock={clock!r}, ignore="all")


def call(voipbin, *steps):
    made = voipbin.client.post("/v1.0/flows", json={{"name": {name!r}, "detail": "", "actions": ACTIONS}}).json
    call = voipbin.phone({caller!r}).calls(made["id"], *steps)
    with suppress(TimeoutError):  # a flow may have no end
        voipbin.clock.run_until(lambda: call.ended, limit={longest})
    return call
"""
_TEST = """

def test_caller_{number}(voipbin):{takes}
    assert call(voipbin{presses}).path{first} == {path!r}
"""
MOST_TESTED = 30  # actions of a flow that has no end


def as_tests(name: str, file: str, pointer: str, profile: str, view: FlowView, several: Sequence[Played]) -> str:
    """A module for pytest, with a test for each caller: what becomes of it by what it presses alone."""
    at = "".join(f"[{int(part) if part.isdecimal() else part!r}]" for part in pointer.split("/")[1:])
    tested: set[str] = set()
    text = _HEAD.format(name=name, file=file, at=at, profile=profile, clock=NOON, caller=CALLER, longest=LONGEST)
    for number, one in enumerate(several, 1):
        took = [view.outcome(*each) for each in view.graph.outcomes() if each in one.takes]
        presses = "".join(f", Press({press.keys!r})" for press in one.caller.presses)
        if not one.as_planned and presses in tested:
            text += f"\n\n# caller {number}: {', and '.join(one.caller.needs)}\n"
            continue
        tested.add(presses)
        takes = f"  # {', '.join(took)}" if took else ""
        path, first = (one.path, "") if one.ended else (one.path[:MOST_TESTED], f"[:{MOST_TESTED}]")
        text += _TEST.format(number=number, takes=takes, presses=presses, path=path, first=first)
    return text
