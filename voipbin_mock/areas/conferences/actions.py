"""Flow actions of conferences."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.flow_actions import CALLS, ENDS, STRING, ActionFailed, FlowAction, Option, Pushed, Result, Run
from voipbin_mock.areas.calls import bridges
from voipbin_mock.areas.conferences import meeting
from voipbin_mock.areas.conferences.differences import JOINS_ENDED, RUNS_POST_FLOW
from voipbin_mock.areas.conferences.resources import CONFERENCES
from voipbin_mock.areas.flows import engine
from voipbin_mock.wire.values import NIL_UUID


def conference_join(run: Run, option: Option) -> Result:
    """Through the pre-flow into the conference; what follows comes once the caller has left it.

    Whose the conference is, is not asked (server).
    """
    world, wanted = run.world, option.get("conference_id") or ""
    conference = world.table(CONFERENCES).get(wanted)
    if conference is None:
        raise ActionFailed(f"there is no conference {wanted or '(none)'}")
    if not meeting.admits(conference) and not JOINS_ENDED.of(world):
        raise ActionFailed(f"the conference {wanted} is {conference.data['status']}")
    caller = meeting.comes(world, conference, run)
    bridge = conference.data["confbridge_id"]
    bridges.name_kind(run, bridge, bridges.CONFERENCE if conference.data["type"] == "conference" else bridges.PAIR)
    flows: dict[str, Any] = {name: conference.data[name] for name in ("pre_flow_id", "post_flow_id")}
    steps = [engine.made(world, bridges.JOIN, {"confbridge_id": bridge})]
    if flows["pre_flow_id"] != NIL_UUID:
        steps.insert(0, engine.made(world, "fetch_flow", {"flow_id": flows["pre_flow_id"]}))
    if flows["post_flow_id"] != NIL_UUID and RUNS_POST_FLOW.of(world):
        steps.append(engine.made(world, "fetch_flow", {"flow_id": flows["post_flow_id"]}))
    return Pushed(steps, caller.id, why=f'conference "{conference.data["name"]}"')


ACTIONS = (
    FlowAction(
        "conference_join",
        conference_join,
        "meet others in a conference",
        runs_in=CALLS,
        on_failure=ENDS,
        option={"conference_id": STRING},
    ),
)
