"""Recordings of calls and conferences: how they begin and end, by themselves or because somebody says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from voipbin_mock.api import crud
from voipbin_mock.api.access import find
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts import balance
from voipbin_mock.areas.calls.media_differences import FORGETS_ENDED
from voipbin_mock.areas.calls.media_resources import RECORDINGS
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.flows import engine, lineage
from voipbin_mock.wire.stamps import rfc3339_stamp
from voipbin_mock.wire.values import NIL_UUID, Reply
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

LONGEST = 86_400  # seconds
SECOND = 1_000_000  # microseconds
CALL, CONFBRIDGE = "call", "confbridge"


class Ends(NamedTuple):
    """What ends a recording by itself; seconds, 0 for nothing. key: any, *, # or none."""

    silence: int = 0
    key: str = ""
    duration: int = 0

    @property
    def sets_one(self) -> bool:
        return self.silence > 0 or self.duration > 0 or self.key not in ("", "none")


def ends_of(values: Mapping[str, Any]) -> Ends:
    """As bodies and options of actions give it."""
    return Ends(
        int(values.get("end_of_silence") or 0), str(values.get("end_of_key") or ""), int(values.get("duration") or 0)
    )


def can_pay(world: World, account: str) -> bool:
    """Whether the customer has a balance left; none at all is no limit."""
    return not balance.why_not(world, account, balance.RECORDING)


# --- begin and end -----------------------------------------------------------------------------------


def start(
    world: World,
    account: str,
    customer_id: str,
    reference: tuple[str, str],
    *,
    activeflow_id: str = NIL_UUID,
    ends: Ends = Ends(),  # noqa: B008 (immutable)
    on_end_flow_id: str = NIL_UUID,
    format: str = "wav",
) -> Row:
    """Record a call or a bridge, from now on. reference: `call` or `confbridge`, and its id. Told of as
    `recording_started`."""
    table = world.table(RECORDINGS)
    now = world.clock.microseconds()
    name = f"{reference[0]}_{reference[1]}_{rfc3339_stamp(now // SECOND * SECOND)}"
    ways = ("in", "out") if reference[0] == CALL else ("in",)
    created = world.stamp_for(table, account)
    record = {
        **RECORDINGS.blank,
        "id": world.ids.uuid(),
        "customer_id": customer_id,
        "activeflow_id": activeflow_id,
        "reference_type": reference[0],
        "reference_id": reference[1],
        "status": "recording",
        "format": format or "wav",
        "on_end_flow_id": on_end_flow_id,
        "recording_name": name,
        "filenames": [f"{name}_{way}.{format or 'wav'}" for way in ways],
        "end_of_silence": max(0, ends.silence),
        "end_of_key": ends.key,
        "sounded": now,
        "timers": [],
        "tm_start": now,
        "tm_create": created,
        "tm_update": created,
    }
    row = table.insert(record, account)
    _tell_run(world, row)
    timers = []
    if ends.duration > 0:
        timers.append(world.timers.call_in(1000 * ends.duration, "recording_ends", row.id, "it lasted long enough"))
    if ends.silence > 0:
        timers.append(world.timers.call_in(1000 * ends.silence, "recording_listens", row.id))
    row = table.replace({**row.data, "timers": timers}) if timers else row
    world.publish("recording_started", RECORDINGS, row)
    return row


def _tell_run(world: World, row: Row) -> None:
    """What a flow knows of the recording of its call."""
    run = engine.running(world, row.data["activeflow_id"])
    if run is not None:
        known = {name: str(row.data[name]) for name in ("id", "reference_type", "reference_id", "format")}
        known |= {"recording_name": row.data["recording_name"], "filenames": ",".join(row.data["filenames"])}
        run.set_all({f"voipbin.recording.{name}": value for name, value in known.items()})


def finish(world: World, recording_id: str, why: str = "it was stopped") -> None:
    """A recording is over; nothing happens to one that is. Told of as `recording_finished`; then its flow runs."""
    row = world.table(RECORDINGS).get(recording_id)
    if row is None or row.data["status"] not in ("initiating", "recording"):
        return
    for timer in row.data["timers"] or ():
        world.timers.cancel(timer)
    values = {"status": "ended", "tm_end": world.clock.microseconds(), "timers": [], **world.touch(RECORDINGS)}
    row = world.table(RECORDINGS).replace({**row.data, **values})
    _leave_call(world, row)
    world.publish("recording_finished", RECORDINGS, row)
    if row.data["awaited"]:
        activeflow_id, count = row.data["awaited"]
        engine.resume(world, activeflow_id, count, "recorded", why)
    run_after(world, row)


def _leave_call(world: World, row: Row) -> None:
    """Its call has no recording any more (documents)."""
    call = world.table(CALLS).get(row.data["reference_id"])
    if call is not None and call.data["recording_id"] == row.id and FORGETS_ENDED.of(world):
        world.table(CALLS).replace({**call.data, "recording_id": NIL_UUID})


def run_after(
    world: World,
    row: Row,
    reference_type: str = "",
    reference_id: str = NIL_UUID,
    system: Mapping[str, str] | None = None,
) -> None:
    """The flow that is to run when a recording or a transcribe is over, with the variables of the run it was of.

    system: variables of the service beside them.
    """
    flow_id = row.data["on_end_flow_id"]
    if flow_id == NIL_UUID:
        return
    run = engine.of(world, row.data["activeflow_id"])
    if run is not None and lineage.refusal(world, run.activeflow):
        return
    after = engine.start(
        world,
        row.account,
        row.data["customer_id"],
        engine.plan(world, flow_id),
        reference_type=reference_type,
        reference_id=reference_id,
        system=system,
        before=run.activeflow if run is not None else None,
    )
    if run is not None:
        lineage.adopt(world, after.id, run.id)
    engine.soon(world, after)


# --- what calls do -----------------------------------------------------------------------------------


def of_call(world: World, call: Row) -> Row | None:
    """The recording that a call has now."""
    recording_id = call.data["recording_id"]
    return None if recording_id == NIL_UUID else world.table(RECORDINGS).get(recording_id)


def call_starts(world: World, call: Row, values: Mapping[str, Any], ends: Ends) -> tuple[Row, Row]:
    """Record a call. The call as it then is, and the recording."""
    row = start(
        world,
        call.account,
        call.data["customer_id"],
        (CALL, call.id),
        activeflow_id=call.data["activeflow_id"],
        ends=ends,
        on_end_flow_id=values.get("on_end_flow_id") or NIL_UUID,
        format=values.get("format") or "wav",
    )
    call = world.table(CALLS).get(call.id) or call
    more = {"recording_id": row.id, "recording_ids": [*(call.data["recording_ids"] or ()), row.id]}
    return crud.change(world, CALLS, call, more, ""), row


def call_stops(world: World, call: Row) -> Row:
    """End a call's recording. The call as it then is."""
    row = of_call(world, call)
    if row is not None and row.data["status"] == "ended":  # one that ended by itself never ends again (server)
        world.table(RECORDINGS).replace({**row.data, "status": "stopping", **world.touch(RECORDINGS)})
    elif row is not None:
        finish(world, row.id)
    call = world.table(CALLS).get(call.id) or call
    return crud.change(world, CALLS, call, {"recording_id": NIL_UUID}, "")


def call_ended(world: World, call: Row) -> None:
    """A call is over, and its recording with it."""
    if call.data["recording_id"] != NIL_UUID:
        finish(world, call.data["recording_id"], "the call was hung up")


def key_pressed(world: World, call: Row) -> None:
    """A key may end the recording of its call."""
    row, call = of_call(world, call), world.table(CALLS).get(call.id) or call
    if row is None or not call.data["heard"]:
        return
    wanted, key = row.data["end_of_key"], call.data["heard"][-1][2]
    if wanted == "any" or wanted == key:
        # Not before the present action has had its key.
        world.timers.call_in(0, "recording_ends", row.id, f"{key} was pressed")


def heard(world: World, call: Row) -> None:
    """The far end is heard: silence begins anew."""
    row = of_call(world, call)
    if row is not None and row.data["end_of_silence"]:
        world.table(RECORDINGS).replace({**row.data, "sounded": world.clock.microseconds()})


def listens(world: World, recording_id: str) -> None:
    """Whether nothing was heard for long enough."""
    row = world.table(RECORDINGS).get(recording_id)
    if row is None or row.data["status"] != "recording":
        return
    left = row.data["sounded"] + row.data["end_of_silence"] * SECOND - world.clock.microseconds()
    if left <= 0:
        finish(world, recording_id, f"nothing was heard for {row.data['end_of_silence']} s")
    else:
        timer = world.timers.call_in(-(-left // 1000), "recording_listens", recording_id)
        world.table(RECORDINGS).replace({**row.data, "timers": [*row.data["timers"], timer]})


TIMERS: Mapping[str, TimerHandler] = {"recording_ends": finish, "recording_listens": listens}


# --- over the API ------------------------------------------------------------------------------------


def delete(world: World, request: Request) -> Reply:
    """DELETE /recordings/{id}: with its files. One that runs goes on."""
    return crud.delete_row(world, request, find(world, request))


def seconds(row: Row) -> float:
    """How long a recording is."""
    begin, end = row.data["tm_start"], row.data["tm_end"]
    return max(0.0, (end - begin) / SECOND) if begin and end else 0.0


def ways(row: Row) -> Sequence[str]:
    """The names of its files."""
    named: Sequence[str] = row.data["filenames"] or ()
    if named:
        return named
    kind, reference = row.data["reference_type"], row.data["reference_id"]
    name = f"{kind}_{reference}_{rfc3339_stamp((row.data['tm_start'] or row.created) // SECOND * SECOND)}"
    return [f"{name}_{way}.wav" for way in (("in", "out") if kind == CALL else ("in",))]
