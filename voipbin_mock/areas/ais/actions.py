"""Flow actions that let a model talk, write, or do something."""

from __future__ import annotations

from voipbin_mock.api.flow_actions import (
    ENDS,
    INTEGER,
    OTHERS,
    STRING,
    ActionFailed,
    FlowAction,
    Option,
    Pushed,
    Result,
    Run,
)
from voipbin_mock.areas.ais import starting
from voipbin_mock.areas.ais.assistance import AI, RESOURCES, Assistance, assistance
from voipbin_mock.areas.ais.ending import live
from voipbin_mock.areas.ais.resources import AICALLS
from voipbin_mock.areas.calls import bridges
from voipbin_mock.areas.flows import engine

WRITTEN = "voipbin.conversation_message.text"  # the variable with what was just written


def _who(run: Run, option: Option) -> Assistance:
    """Who is to be at work. Whose the AI is, is not asked (server)."""
    kind = option.get("assistance_type") or AI
    wanted = (option.get("assistance_id") if option.get("assistance_type") else option.get("ai_id")) or ""
    if kind not in RESOURCES:
        raise ActionFailed(f"option/assistance_type is {kind!r}; expected ai or team")
    row = run.world.table(RESOURCES[kind]).get(wanted)
    who = None if row is None else assistance(run.world, kind, row)
    if who is None:
        raise ActionFailed(f"there is no {kind} {wanted or '(none)'}")
    return who


def ai_talk(run: Run, option: Option) -> Result:
    """In a call, the caller talks to the model in a bridge; in a conversation, the model writes."""
    who, world = _who(run, option), run.world
    if run.reference_type == "conversation":
        row = starting.on_conversation(world, who, run.reference_id, run.id, run.variables.get(WRITTEN))
        return Pushed([engine.made(world, "block")], row.id, why=f"AI call {row.id}")
    call = run.call
    if call is None:
        raise ActionFailed(f"this flow runs for {run.reference_type or 'nothing'}: an AI talks on calls")
    if live(world.table(AICALLS).get(call.data["aicall_id"])):
        raise ActionFailed("the call talks to an AI already")
    row = starting.on_call(world, who, call, run.id)
    bridge = row.data["confbridge_id"]
    bridges.name_kind(run, bridge, bridges.MODEL)
    return Pushed([engine.made(world, bridges.JOIN, {"confbridge_id": bridge})], row.id, why=f"AI call {row.id}")


def ai_task(run: Run, option: Option) -> Result:
    """The model does something; the flow goes on once it says that it is done, or after 30 seconds."""
    row = starting.on_task(run.world, _who(run, option), run.id)
    return Pushed([engine.made(run.world, "block")], row.id, why=f"AI call {row.id}")


_ASSISTANCE = {"assistance_type": STRING, "assistance_id": STRING, "ai_id": STRING}
ACTIONS = (
    FlowAction("ai_talk", ai_talk, "talk to an AI", on_failure=ENDS, option={**_ASSISTANCE, "duration": INTEGER}),
    FlowAction("ai_task", ai_task, "let an AI do a task", runs_in=OTHERS, on_failure=ENDS, option=_ASSISTANCE),
)
