"""Bridges: who talks with whom. A bridge is no record: calls say which one they are in."""

from __future__ import annotations

from collections.abc import Sequence

from voipbin_mock.api import crud
from voipbin_mock.api.flow_actions import Action, Run
from voipbin_mock.areas.calls import simulation
from voipbin_mock.areas.calls.differences import FAILED_CONNECT, FIRST_ANSWER
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.flows import engine
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

CONNECT, CONFERENCE, PAIR, QUEUE, TRANSFER = "connect", "conference", "pair", "queue", "transfer"
MODEL = "ai"  # in which a call talks to a model
TRANSFERER = "transferer"  # who hands the others over: areas are not told when it leaves
OF_TWO = (CONNECT, PAIR, TRANSFER)  # in which nobody stays alone
JOIN = "confbridge_join"
LEG_LIMIT = 60_000  # milliseconds that a caller waits for callees who fail (server)


def members(world: World, bridge_id: str) -> Sequence[Row]:
    """The calls that are in a bridge, the oldest first."""
    return world.table(CALLS).find("confbridge_id", bridge_id) if bridge_id != NIL_UUID else ()


def awaited(world: World, bridge_id: str) -> Sequence[Row]:
    """Calls that were made to join it, and may yet."""
    found = world.table(CALLS).find("joins", bridge_id) if bridge_id != NIL_UUID else ()
    return [row for row in found if row.data["status"] != "hangup" and not row.data["joined"]]


def called(world: World, bridge_id: str, but: str) -> Sequence[Row]:
    """Calls that were made to join it and go on, whether they have joined or not; all but one."""
    found = world.table(CALLS).find("joins", bridge_id)
    return [row for row in found if row.data["status"] != "hangup" and row.id != but]


def steps(world: World, bridge_id: str) -> list[Action]:
    """What a call does that is made to join a bridge, and is over when it leaves it."""
    return [engine.made(world, JOIN, {"confbridge_id": bridge_id}), engine.made(world, "hangup")]


def name_kind(run: Run, bridge_id: str, kind: str) -> None:
    """What a bridge is for that this run's call is going to enter; else it connects two."""
    run.keep(bridges={**run.note.get("bridges", {}), bridge_id: kind})


def kind_of(run: Run, bridge_id: str) -> str:
    """What a bridge is for: as the run knows it, or as those who are there do; "" lets everybody come and go."""
    kind: str | None = run.note.get("bridges", {}).get(bridge_id)
    if kind is not None:
        return kind
    there = [each.data["confbridge_type"] for each in members(run.world, bridge_id)]
    if there:
        return next((each for each in there if each != TRANSFERER), "")
    return CONNECT if run.call is not None and run.call.data["joins"] == bridge_id else ""


def join(world: World, call_id: str, bridge_id: str, kind: str = "") -> None:
    """A call enters a bridge. Told of as `call_updated`, and to areas as `call_joined`.

    In one that connects two, an answered call that enters answers those that came in and ring there.
    """
    row = world.table(CALLS).get(call_id)
    if row is None or row.data["status"] == "hangup" or row.data["confbridge_id"] == bridge_id:
        return
    if row.data["confbridge_id"] != NIL_UUID:
        leave(world, call_id, "it enters another bridge")
        row = world.table(CALLS).get(call_id) or row
    values = {"confbridge_id": bridge_id, "confbridge_type": kind, "joined": True}
    row = crud.change(world, CALLS, row, values)
    if kind in OF_TWO:
        _answered_together(world, bridge_id)
    row = world.table(CALLS).get(call_id) or row
    world.follow("call_joined", row)
    simulation.assisted(world, "joined", row)


def _answered_together(world: World, bridge_id: str) -> None:
    there = members(world, bridge_id)
    if any(each.data["status"] == "progressing" for each in there) and len(there) > 1:
        for each in there:
            simulation.answer(world, each)


def leave(world: World, call_id: str, why: str, outcome: str = "left") -> bool:
    """A call leaves the bridge it is in, and its flow goes on. Areas hear of it as `call_left`: the call as it was.

    From a bridge that connects two, the others are sent away with it, unless it only rang there and is not the last
    of those who were called. Whether it was in one.
    """
    before = world.table(CALLS).get(call_id)
    if before is None or before.data["confbridge_id"] == NIL_UUID:
        return False
    bridge_id, kind = before.data["confbridge_id"], before.data["confbridge_type"]
    values = {"confbridge_id": NIL_UUID, "confbridge_type": ""}
    crud.change(world, CALLS, before, values, "updated" if before.data["status"] != "hangup" else "")
    if kind != TRANSFERER:
        world.follow("call_left", before)
        simulation.assisted(world, "left", before)
    go_on(world, before, why, outcome)
    if kind in OF_TWO and not (before.data["tm_progressing"] is None and called(world, bridge_id, before.id)):
        for other in members(world, bridge_id):
            leave(world, other.id, "the other side left", "ejected")
    return True


def go_on(world: World, call: Row, why: str, outcome: str) -> None:
    """The flow of a call that waits in its bridge goes on."""
    run = engine.running(world, call.data["activeflow_id"])
    if run is not None and run.action.get("type") == JOIN:
        engine.resume(world, run.id, run.count, outcome, why)


def end(world: World, bridge_id: str, why: str) -> None:
    """All of them leave."""
    for row in members(world, bridge_id):
        leave(world, row.id, why, "ejected")


# --- what calls do ---------------------------------------------------------------------------------------


def call_answered(world: World, call: Row) -> None:
    """A call that is in a bridge already, while it rings, is answered: and so are those who wait for it there.

    Whoever else was called to talk to them is called no more (documents).
    """
    if call.data["confbridge_type"] in OF_TWO:
        _answered_together(world, call.data["confbridge_id"])
    if call.data["joins"] != NIL_UUID and FIRST_ANSWER.of(world):
        for other in called(world, call.data["joins"], call.id):
            if other.data["status"] != "progressing":
                simulation.hang_up(world, other)


def call_ended(world: World, call: Row) -> None:
    """A call is over: it leaves its bridge, and whoever waits there for nobody else any more goes on (documents)."""
    leave(world, call.id, "it was hung up", "hangup")
    bridge_id = call.data["joins"]
    if bridge_id == NIL_UUID or call.data["joined"] or not FAILED_CONNECT.of(world) or awaited(world, bridge_id):
        return
    there = members(world, bridge_id)
    if len(there) == 1 and there[0].data["confbridge_type"] == CONNECT:
        leave(world, there[0].id, f"nobody is left to answer: {call.data['hangup_reason']}", "failed")


def gives_up(world: World, call_id: str, bridge_id: str) -> None:
    """A caller has waited long enough for others to come (server); not so if one came, and handed it on."""
    row = world.table(CALLS).get(call_id)
    if row is None or row.data["confbridge_id"] != bridge_id or len(members(world, bridge_id)) != 1:
        return
    came = world.table(CALLS).find("joins", bridge_id)
    if not any(each.data["joined"] and each.data["tm_progressing"] for each in came):
        leave(world, call_id, "nobody came within a minute", "failed")


def chained_end(world: World, call: Row) -> None:
    """Calls that hang on this one are hung up with it."""
    for call_id in call.data["chained_call_ids"] or ():
        row = world.table(CALLS).get(call_id)
        if row is not None:
            simulation.hang_up(world, row)
