"""What happens in conferences: callers come and go, and at last it is over.

A conference is `starting`, `progressing`, `terminating` while its callers leave, and `terminated`. A caller is
`joining` while the pre-flow runs, `joined`, `leaving` once it is kicked, and `leaved`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.flow_actions import Run
from voipbin_mock.areas.calls import bridges
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.conferences import sound
from voipbin_mock.areas.conferences.differences import (
    EMPTY_ENDS,
    JOINS_ENDED,
    KICKED_BEFORE,
    PAIR_ENDS,
    REPLACES_TIMEOUT,
)
from voipbin_mock.areas.conferences.resources import CONFERENCECALLS, CONFERENCES
from voipbin_mock.areas.flows import engine
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import PHONE
from voipbin_mock.world.world import World

OPEN = ("starting", "progressing")
SECOND = 1000  # milliseconds
SHORTEST, USUAL = 60, 86_400  # seconds: what is shorter counts as a day
CHECK, PATIENCE = 5 * SECOND, 3  # between looks at a caller, and how many may find something wrong
KICKED = "the caller was sent out of the conference"
TIMES_OUT, STARTS = "conference_times_out", "conference_starts"
LEAVES, CHECKS = "conferencecall_leaves", "conferencecall_checks"


# --- how long it lasts -------------------------------------------------------------------------------


def timeout_of(seconds: int) -> int:
    """What the service keeps of a timeout, in seconds."""
    return USUAL if 0 < seconds < SHORTEST else seconds


def plan(world: World, row: Row) -> Row:
    """Its timeout counts from now. That of before counts no more, or (server) as well."""
    timers = row.data["timers"] or []
    if REPLACES_TIMEOUT.of(world):
        timers = _canceled(world, timers)
    if row.data["timeout"] > 0 and row.data["status"] in OPEN:
        timers = [*timers, world.timers.call_in(row.data["timeout"] * SECOND, TIMES_OUT, row.id)]
    return _put(world, row, {"timers": timers})


def take_up(world: World, row: Row) -> Row:
    """A conference that was put in place goes on from now, unless it is known how."""
    if row.deleted or row.data["status"] not in OPEN:
        return row
    if row.data["status"] == "starting" and not world.timers.has(STARTS, row.id):
        world.timers.call_in(0, STARTS, row.id)
    known = row.data["timeout"] <= 0 or world.timers.has(TIMES_OUT, row.id)
    return row if known else plan(world, row)


def starts(world: World, conference_id: str) -> None:
    row = world.table(CONFERENCES).get(conference_id)
    if row is not None and row.data["status"] == "starting":
        crud.change(world, CONFERENCES, row, {"status": "progressing"})


def times_out(world: World, conference_id: str) -> None:
    row = world.table(CONFERENCES).get(conference_id)
    if row is not None and not row.deleted:
        delete(world, row)


# --- how it ends -------------------------------------------------------------------------------------


def admits(row: Row) -> bool:
    """Whether callers may still come."""
    return row.data["status"] in OPEN and not row.deleted


def terminate(world: World, row: Row) -> Row:
    """Everybody is asked to leave; when the last one has left it is over."""
    if row.data["status"] not in OPEN:
        return row
    timers = _canceled(world, row.data["timers"] or [])
    row = crud.change(world, CONFERENCES, row, {"status": "terminating", "timers": timers})
    for caller in (*_within(world, row), *_coming(world, row)):
        leaves(world, caller)
    return row


def delete(world: World, row: Row) -> Row:
    """What DELETE does, and a timeout. Told of as `conference_deleted`."""
    row = terminate(world, row)
    values: dict[str, Any] = {}
    if row.data["status"] == "terminating" and EMPTY_ENDS.of(world) and _is_empty(world, row):
        values = {"status": "terminated", "tm_end": world.clock.stamp()}
    row = _put(world, row, {**values, **world.deletion(CONFERENCES)})
    if values:
        row = sound.ends(world, row)
    crud.published(world, CONFERENCES, row, "deleted")
    return row


def _within(world: World, row: Row) -> Iterator[Row]:
    for conferencecall_id in row.data["conferencecall_ids"]:
        caller = world.table(CONFERENCECALLS).get(conferencecall_id)
        if caller is not None:
            yield caller


def _coming(world: World, row: Row) -> list[Row]:
    """Those whom the pre-flow still keeps: who may come all the same (server) is not asked to leave."""
    if JOINS_ENDED.of(world):
        return []
    return _with_status(world, row, "joining")


def _with_status(world: World, row: Row, status: str) -> list[Row]:
    return list(world.table(CONFERENCECALLS).find(("conference_id", "status"), (row.id, status)))


def _is_empty(world: World, row: Row) -> bool:
    on_their_way = not JOINS_ENDED.of(world) and any(_with_status(world, row, s) for s in ("joining", "leaving"))
    return not row.data["conferencecall_ids"] and not on_their_way


# --- callers come ------------------------------------------------------------------------------------


def comes(world: World, conference: Row, run: Run) -> Row:
    """A caller is on its way into a conference. Areas hear of it as `conferencecall_joining`."""
    table = world.table(CONFERENCECALLS)
    record = {
        **CONFERENCECALLS.blank,
        "id": world.ids.uuid(),
        "customer_id": conference.data["customer_id"],
        "activeflow_id": run.id,
        "conference_id": conference.id,
        "reference_type": "call",
        "reference_id": run.reference_id,
        "status": "joining",
        "tm_create": world.stamp_for(table, conference.account),
    }
    caller = table.insert(record, conference.account)
    world.follow("conferencecall_joining", caller)
    return _look_later(world, caller, 0)


def call_joined(world: World, call: Row) -> None:
    """A call has entered a bridge, perhaps that of a conference."""
    found = _met(world, call)
    if found is None:
        return
    caller, row = found
    crud.change(world, CONFERENCECALLS, caller, {"status": "joined"}, "joined")
    within = [*row.data["conferencecall_ids"], *([] if caller.id in row.data["conferencecall_ids"] else [caller.id])]
    crud.change(world, CONFERENCES, row, {"conferencecall_ids": within, "opened": True})


def call_left(world: World, call: Row) -> None:
    """A call has left a bridge, perhaps that of a conference; call: as it was there."""
    found = _met(world, call)
    if found is not None:
        has_left(world, found[0])


def _met(world: World, call: Row) -> tuple[Row, Row] | None:
    """The caller that a call is in a conference, and the conference; None if it is in another bridge."""
    newest = world.table(CONFERENCECALLS).group("reference_id", call.id, None, 1)
    row = world.table(CONFERENCES).get(newest[0].data["conference_id"]) if newest else None
    if row is None or row.data["confbridge_id"] != call.data["confbridge_id"]:
        return None
    return newest[0], row


# --- whether they are still there ----------------------------------------------------------------------


def checks(world: World, conferencecall_id: str, failed: int) -> None:
    """One of the looks at a caller: who was found wrong so often is sent out.

    For who is in the conference, and well, no more looks are needed: whatever ends that is told of.
    """
    caller = world.table(CONFERENCECALLS).get(conferencecall_id)
    if caller is None or caller.data["status"] not in ("joining", "joined"):
        return
    if failed >= PATIENCE:
        leaves(world, caller)
    elif not _is_well(world, caller):
        _look_later(world, caller, failed + 1)
    elif caller.data["status"] == "joining":
        _look_later(world, caller, 0)
    else:
        world.table(CONFERENCECALLS).replace({**caller.data, "timer": 0})


def _is_well(world: World, caller: Row) -> bool:
    call = world.table(CALLS).get(caller.data["reference_id"])
    row = world.table(CONFERENCES).get(caller.data["conference_id"])
    answered = call is not None and call.data["status"] == "progressing"
    return answered and row is not None and row.data["status"] in OPEN


def _look_later(world: World, caller: Row, failed: int) -> Row:
    timer = world.timers.call_in(CHECK, CHECKS, caller.id, failed)
    return world.table(CONFERENCECALLS).replace({**caller.data, "timer": timer})


# --- callers leave -----------------------------------------------------------------------------------


def leaves(world: World, caller: Row) -> Row:
    """A caller is sent out, and has left at this very instant; nothing happens to one that leaves or has left.

    Whom the pre-flow still keeps cannot be sent out by the server: it stays `leaving`.
    """
    if caller.data["status"] in ("leaving", "leaved"):
        return caller
    kept = caller.data["status"] == "joining" and not KICKED_BEFORE.of(world)
    caller = crud.change(world, CONFERENCECALLS, _unwatched(world, caller), {"status": "leaving"}, "leaving")
    if not kept:
        world.timers.call_in(0, LEAVES, caller.id, order=PHONE)
    return caller


def has_to_leave(world: World, conferencecall_id: str) -> None:
    caller = world.table(CONFERENCECALLS).get(conferencecall_id)
    if caller is None or caller.data["status"] != "leaving":
        return
    call = world.table(CALLS).get(caller.data["reference_id"])
    if call is not None and _met(world, call) is not None:
        bridges.leave(world, call.id, KICKED, "ejected")
    else:
        has_left(world, caller)
        engine.pop(world, caller.data["activeflow_id"], caller.id, KICKED, "ejected")


def has_left(world: World, caller: Row) -> None:
    """A caller is out; if it was the last one of a conference that ends, that is over."""
    if caller.data["status"] == "leaved":
        return
    crud.change(world, CONFERENCECALLS, _unwatched(world, caller), {"status": "leaved"}, "leaved")
    row = world.table(CONFERENCES).get(caller.data["conference_id"])
    if row is None:
        return
    within = [each for each in row.data["conferencecall_ids"] if each != caller.id]
    row = crud.change(world, CONFERENCES, row, {"conferencecall_ids": within})
    if row.data["type"] == "connect" and PAIR_ENDS.of(world):
        row = terminate(world, row)
    if row.data["status"] == "terminating" and _is_empty(world, row):
        now = world.clock.stamp()
        row = _put(world, row, {"status": "terminated", "tm_update": now, "tm_end": now})
        crud.published(world, CONFERENCES, sound.ends(world, row), "deleted")


# --- helpers -----------------------------------------------------------------------------------------


def _unwatched(world: World, caller: Row) -> Row:
    """No more looks at a caller."""
    if caller.data["timer"]:
        world.timers.cancel(caller.data["timer"])
    return world.table(CONFERENCECALLS).replace({**caller.data, "timer": 0})


def _canceled(world: World, timers: list[int]) -> list[int]:
    for timer in timers:
        world.timers.cancel(timer)
    return []


def _put(world: World, row: Row, values: dict[str, Any]) -> Row:
    return world.table(CONFERENCES).replace({**row.data, **values})


TIMERS: Mapping[str, TimerHandler] = {STARTS: starts, TIMES_OUT: times_out, LEAVES: has_to_leave, CHECKS: checks}
FOLLOWS = {"call_joined": call_joined, "call_left": call_left}
