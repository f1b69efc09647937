"""What an analysis finds in a run of a flow: counted from what the mock itself knows of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from voipbin_mock.areas.ai_jobs.differences import COUNTS_EVENTS
from voipbin_mock.areas.calls import transcribing
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.flows.resources import FLOWS
from voipbin_mock.areas.timelines.events import within
from voipbin_mock.wire.stamps import SECOND, rfc3339_stamp
from voipbin_mock.world.history import Moment
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

VERSION = 3
# Area -> the service that tells of its records.
_SERVICES: Mapping[str, str] = {
    "ai_jobs": "ai-manager",
    "ais": "ai-manager",
    "calls": "call-manager",
    "campaigns": "campaign-manager",
    "conferences": "conference-manager",
    "flows": "flow-manager",
    "queues": "queue-manager",
}
_TRANSCRIBED = ("transcribes", "transcripts")
_CHANNELS: Mapping[str, str] = {"call": "voice", "conversation": "chat", "ai": "ai", "api": "api"}
_DIRECTIONS: Mapping[str, str] = {"incoming": "inbound", "outgoing": "outbound"}
# How a call that is over is told of, by the reason for its end; the others were completed, or failed.
_RESULTS: Mapping[str, str] = {"busy": "busy", "noanswer": "no_answer", "dialout": "no_answer", "failed": "failed"}
Told = Sequence[tuple[str, Moment]]


def verdict(world: World, run: Row, scripted: Mapping[str, Any]) -> dict[str, Any]:
    """The result of an analysis that finds nothing wrong, but for what is scripted."""
    told = within(world, run)
    call = world.table(CALLS).get(run.data["reference_id"]) if run.data["reference_type"] == "call" else None
    found: dict[str, Any] = {
        "version": VERSION,
        "overall_status": "ok",
        "input_reduced": False,
        "session_context": _context(world, run, call, told),
        "outcome": _outcome(run, call),
        **({} if call is None else {"metrics": _metrics(world, call)}),
        "resources_used": _used(world, told),
        "interactions": _interactions(world, told),
        "narrative": _narrative(world, run, told),
        "issues": [],
    }
    return {**found, **scripted}


def _noun(world: World, name: str) -> str:
    return world.blueprint.resource(name).noun


def _records(told: Told) -> dict[str, set[str]]:
    """The ids of what anything happened to, by resource, the first first."""
    found: dict[str, set[str]] = {}
    for name, moment in reversed(told):
        found.setdefault(name, set()).add(moment.data["id"])
    return found


def _service(world: World, name: str) -> str:
    if name in _TRANSCRIBED:
        return "transcribe-manager"
    area = world.blueprint.area_of(name)
    return _SERVICES.get(area, f"{area}-manager")


def _used(world: World, told: Told) -> list[dict[str, Any]]:
    if COUNTS_EVENTS.of(world):
        counts = Counter(_service(world, name) for name, _ in told)
    else:
        counts = Counter({_noun(world, name): len(ids) for name, ids in _records(told).items()})
    return [{"type": kind, "count": count} for kind, count in sorted(counts.items())]


def _interactions(world: World, told: Told) -> list[dict[str, str]]:
    found = []
    for name, ids in _records(told).items():
        events = sum(kind == name for kind, _ in told)
        noun = _noun(world, name)
        found.append({"resource_type": noun, "summary": f"{len(ids)} of {name}, {events} events."})
    return found


def _narrative(world: World, run: Row, told: Told) -> str:
    flow = world.table(FLOWS).get(run.data["flow_id"])
    named = f'The flow "{flow.data["name"]}"' if flow is not None and flow.data["name"] else "The flow"
    return f"{named} ran to its end; {len(told)} events were looked at, and nothing was found."


def _context(world: World, run: Row, call: Row | None, told: Told) -> dict[str, Any]:
    flow, records = world.table(FLOWS).get(run.data["flow_id"]), _records(told)
    kind, multi_leg = run.data["reference_type"], len(records.get("calls", ())) > 1
    found: dict[str, Any] = {"reference_type": kind, "channel": _CHANNELS.get(kind, "api")}
    if call is not None:
        raw = call.data["direction"]
        found |= {"direction": _DIRECTIONS.get(raw, ""), "direction_raw": raw}
        ends = ((role, call.data[role].get("target", "")) for role in ("source", "destination"))
        found["participants"] = [{"role": role, "address": address} for role, address in ends if address]
    return {
        **found,
        **({"flow_name": flow.data["name"]} if flow is not None and flow.data["name"] else {}),
        "started_at": rfc3339_stamp(run.created),
        "multi_leg": multi_leg,
        "ai_handled": "aicalls" in records,
        "human_involved": multi_leg or bool(records.keys() & {"queuecalls", "conferencecalls"}),
    }


def _outcome(run: Row, call: Row | None) -> dict[str, Any]:
    if call is None:
        return {"result": "failed" if run.data["failed"] else "completed"}
    reason = call.data["hangup_reason"]
    if call.data["status"] != "hangup":
        return {"result": "in_progress"}
    result = "completed" if call.data["tm_progressing"] is not None else _RESULTS.get(reason, "failed")
    begun, ended = call.data["tm_progressing"], call.data["tm_hangup"]
    length = (ended - begun) // SECOND if begun is not None and ended is not None else 0
    return {
        "result": result,
        "ended_by": call.data["hangup_by"],
        "reason": reason,
        "detail": {"duration_sec": str(length), "hangup_reason": reason},
    }


def _metrics(world: World, call: Row) -> dict[str, int]:
    ways = Counter(way for _, way, _ in transcribing.said(call, 0, world.clock.microseconds()))
    return {"turns_user": ways["in"], "turns_bot": ways["out"]}
