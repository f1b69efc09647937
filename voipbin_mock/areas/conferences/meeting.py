"""What happens in conferences: callers come and go, and at last it is over.

A conference is `starting`, `progressing`, `terminating` while its callers leave, and `terminated`. A caller is
`joining` while the pre-flow runs, `joined`, `leaving` once it is kicked, and `leaved`.
"""

from __future__ import annotations

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.conferences.differences import EMPTY_ENDS, REPLACES_TIMEOUT
from voipbin_mock.areas.conferences.resources import CONFERENCECALLS, CONFERENCES
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import PHONE
from voipbin_mock.world.world import World

OPEN = ("starting", "progressing")
SECOND = 1000  # milliseconds
SHORTEST, USUAL = 60, 86_400  # seconds: what is shorter counts as a day
TIMES_OUT, STARTS, LEAVES = "conference_times_out", "conference_starts", "conferencecall_leaves"


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


def terminate(world: World, row: Row) -> Row:
    """Everybody is asked to leave; when the last one has left it is over."""
    if row.data["status"] not in OPEN:
        return row
    timers = _canceled(world, row.data["timers"] or [])
    row = crud.change(world, CONFERENCES, row, {"status": "terminating", "timers": timers})
    for conferencecall_id in row.data["conferencecall_ids"]:
        caller = world.table(CONFERENCECALLS).get(conferencecall_id)
        if caller is not None:
            leaves(world, caller)
    return row


def delete(world: World, row: Row) -> Row:
    """What DELETE does, and a timeout. Told of as `conference_deleted`."""
    row = terminate(world, row)
    values: dict[str, Any] = {}
    if row.data["status"] == "terminating" and not row.data["conferencecall_ids"] and EMPTY_ENDS.of(world):
        values = {"status": "terminated", "tm_end": world.clock.stamp()}
    row = _put(world, row, {**values, **world.deletion(CONFERENCES)})
    crud.published(world, CONFERENCES, row, "deleted")
    return row


# --- callers -----------------------------------------------------------------------------------------


def leaves(world: World, caller: Row) -> Row:
    """A caller is sent away, and has left at this very instant; nothing happens to one that leaves or has left."""
    if caller.data["status"] in ("leaving", "leaved"):
        return caller
    caller = crud.change(world, CONFERENCECALLS, caller, {"status": "leaving"}, "leaving")
    world.timers.call_in(0, LEAVES, caller.id, order=PHONE)
    return caller


def has_to_leave(world: World, conferencecall_id: str) -> None:
    caller = world.table(CONFERENCECALLS).get(conferencecall_id)
    if caller is not None and caller.data["status"] == "leaving":
        has_left(world, caller)


def has_left(world: World, caller: Row) -> None:
    """A caller is out; if it was the last one of a conference that ends, that is over."""
    if caller.data["status"] == "leaved":
        return
    crud.change(world, CONFERENCECALLS, caller, {"status": "leaved"}, "leaved")
    row = world.table(CONFERENCES).get(caller.data["conference_id"])
    if row is None:
        return
    within = [each for each in row.data["conferencecall_ids"] if each != caller.id]
    row = crud.change(world, CONFERENCES, row, {"conferencecall_ids": within})
    if row.data["status"] == "terminating" and not within:
        now = world.clock.stamp()
        crud.change(world, CONFERENCES, row, {"status": "terminated", "tm_update": now, "tm_end": now}, "deleted")


# --- helpers -----------------------------------------------------------------------------------------


def _canceled(world: World, timers: list[int]) -> list[int]:
    for timer in timers:
        world.timers.cancel(timer)
    return []


def _put(world: World, row: Row, values: dict[str, Any]) -> Row:
    return world.table(CONFERENCES).replace({**row.data, **values})


TIMERS = {STARTS: starts, TIMES_OUT: times_out, LEAVES: has_to_leave}
