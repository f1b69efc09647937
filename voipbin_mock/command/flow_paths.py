"""Callers of a flow, played: what becomes of each, so that what is printed is what happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.areas.calls import voice
from voipbin_mock.areas.flows import taken
from voipbin_mock.areas.flows.callers import Caller, Press, callers
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS
from voipbin_mock.areas.flows.runs import MAIN, OUTCOME, TYPE

if TYPE_CHECKING:
    from voipbin_mock.areas.flows.view import FlowView
    from voipbin_mock.mock import Mock

CALLER = "+15550100001"
NOON = "2026-03-02T12:00:00Z"  # a Monday
LONGEST = 4 * 3600  # virtual seconds that a caller is followed
PAUSE = 500  # milliseconds before a key is pressed


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
            "steps": [
                {"press": press.keys, "on": view.actions[press.position].id, "nth": press.nth}
                for press in self.caller.presses
            ],
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
    world = mock.world
    with world.changing():
        call = voice.incoming(world, CALLER, flow_id)
        call_id, run_id = call.id, call.data["activeflow_id"]

    def data() -> Mapping[str, Any]:
        row = world.table(ACTIVEFLOWS).get(run_id)
        assert row is not None
        return row.data

    def over() -> bool:
        return bool(data()["status"] == "ended")

    def asked(press: Press) -> bool:
        run = data()
        here = run["stack"] == MAIN and run["position"] == press.position and run["waits"]
        ids = [row[2] for row in run["trace"]]
        return over() or bool(here and ids.count(run["present"]["id"]) >= press.nth)

    try:
        for press in caller.presses:
            mock.clock.run_until(lambda press=press: asked(press), limit=LONGEST)  # type: ignore[misc]
            mock.advance(milliseconds=PAUSE)
            with world.changing():
                voice.press(world, call_id, press.keys)
        mock.clock.run_until(over, limit=LONGEST)
    except TimeoutError:
        pass
    run = data()
    row = world.table(ACTIVEFLOWS).get(run_id)
    assert row is not None
    takes = frozenset(
        (each.position, each.outcome) for _, each in taken.numbered(world, row) if each.flow_id == flow_id
    )
    path = [entry[TYPE] for entry in run["trace"] if entry[OUTCOME] != "skipped"]
    return Played(caller, path, takes, run["ended_by"] if over() else "")
