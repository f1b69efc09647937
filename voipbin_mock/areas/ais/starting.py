"""How an AI call begins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.ais import talking, writing
from voipbin_mock.areas.ais.assistance import Assistance, everyone
from voipbin_mock.areas.ais.ending import live, terminate
from voipbin_mock.areas.ais.resources import AICALLS
from voipbin_mock.areas.ais.writing import SYSTEM
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.flows import engine
from voipbin_mock.areas.flows.variables import substituted
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

INITIATING, PROGRESSING = "initiating", "progressing"
CALL, CONVERSATION, TASK, CASE = "call", "conversation", "task", "contact_case"
REFERENCES = ("", CALL, CONVERSATION, TASK, CASE)
TASK_LASTS = 30_000  # milliseconds
IDLE = 86_400_000_000  # microseconds after which one about a case or a conversation is over, once somebody looks
PLATFORM = "You are an assistant of a telephone service. Answer briefly, and use the tools that you are given."
ENDS_TASK = "ai_task_ends"


def begin(
    world: World,
    who: Assistance,
    reference_type: str,
    reference_id: str,
    activeflow_id: str,
    *,
    api_made: bool = False,
) -> Row:
    """A new AI call, which is `initiating`. Told of as `aicall_status_initializing`, and of what the model is told."""
    ai, aloud = who.ai, reference_type == CALL
    run = engine.of(world, activeflow_id)
    variables: Mapping[str, str] = {} if run is None else run.variables
    flag = any(one.data["auto_aicall_audit_enabled"] for _, one in everyone(world, who))
    prompts = [
        {
            "ai_id": one.id,
            "member_id": member_id,
            "prompt": _filled(one.data["init_prompt"], variables),
            "prompt_history_id": one.data["current_prompt_history_id"],
        }
        for member_id, one in everyone(world, who)
    ]
    spoken = ("tts_type", "tts_voice_id", "stt_type", "vad_config", "smart_turn_enabled") if aloud else ()
    table = world.table(AICALLS)
    values: dict[str, Any] = {
        **AICALLS.initial,
        "id": world.ids.uuid(),
        "customer_id": ai.data["customer_id"],
        "assistance_type": who.type,
        "assistance_id": who.row.id,
        "ai_engine_model": ai.data["engine_model"],
        **{f"ai_{name}": ai.data[name] for name in spoken},
        "parameter": who.parameter,
        "activeflow_id": activeflow_id,
        "reference_type": reference_type,
        "reference_id": reference_id,
        "confbridge_id": world.ids.uuid() if aloud else NIL_UUID,
        "current_member_id": who.member_id,
        "status": INITIATING,
        "stt_language": ai.data["stt_language"],
        "metadata": {"auto_audit_enabled": flag, "prompt_snapshots": prompts},
        "pipecatcall_id": world.ids.uuid(),
        "touched": world.clock.microseconds(),
        "active_ai_id": ai.id,
        "api_made": api_made,
        "runs": [] if aloud or api_made or activeflow_id == NIL_UUID else [activeflow_id],
        "tm_create": world.stamp_for(table, ai.account),
    }
    row = table.insert(values, ai.account)
    crud.published(world, AICALLS, row, "status_initializing")
    talking.takes_part(world, row, ai)
    if run is not None:
        run.set_all(variables_of(row))
    writing.write(world, row, SYSTEM, PLATFORM)
    if ai.data["init_prompt"]:
        writing.write(world, row, SYSTEM, _filled(ai.data["init_prompt"], variables))
    if who.parameter:
        writing.write(world, row, SYSTEM, json.dumps(who.parameter, ensure_ascii=False))
    return row


def _filled(text: str, variables: Mapping[str, str]) -> str:
    return str(substituted(text, lambda name: str(variables.get(name, ""))))


def variables_of(row: Row) -> dict[str, str]:
    """What a flow knows of its AI call."""
    data = row.data
    named = ("ai_engine_model", "confbridge_id", "stt_language", "pipecatcall_id")
    own = {"id": row.id, "ai_id": data["assistance_id"], **{name: data[name] for name in named}}
    return {f"voipbin.aicall.{name}": value for name, value in own.items()}


def progress(world: World, row: Row) -> Row:
    """It goes on: told of as `aicall_status_progressing`, each time that it is said."""
    row = world.table(AICALLS).get(row.id) or row
    return crud.change(world, AICALLS, row, {"status": PROGRESSING}, "status_progressing")


def greets(world: World, row: Row, *, aloud: bool) -> None:
    """The model speaks first."""
    talking.think(world, row, "", first=True, aloud=aloud)


# --- of each kind ----------------------------------------------------------------------------------------


def on_call(world: World, who: Assistance, call: Row, activeflow_id: str, *, api_made: bool = False) -> Row:
    """One that talks: the call knows it, and it speaks first once the call is in its bridge; or at once, by the API."""
    row = begin(world, who, CALL, call.id, activeflow_id, api_made=api_made)
    crud.keep(world, CALLS, call, {"aicall_id": row.id})
    if api_made:
        greets(world, row, aloud=True)
    return world.table(AICALLS).get(row.id) or row


def written(world: World, who: Assistance, reference_id: str, activeflow_id: str) -> Row:
    """One that is about nothing but what is written to it, whatever the id says."""
    return progress(world, begin(world, who, "", reference_id, activeflow_id, api_made=True))


def on_task(
    world: World, who: Assistance, activeflow_id: str, reference_id: str = NIL_UUID, *, api_made: bool = False
) -> Row:
    """One that does something, and is over after 30 seconds, or when the model says so."""
    row = begin(world, who, TASK, reference_id, activeflow_id, api_made=api_made)
    world.timers.call_in(TASK_LASTS, ENDS_TASK, row.id)
    greets(world, row, aloud=False)
    return world.table(AICALLS).get(row.id) or row


def on_case(world: World, who: Assistance, case_id: str, activeflow_id: str) -> Row:
    """One about a case: the model speaks first."""
    row = begin(world, who, CASE, case_id, activeflow_id, api_made=True)
    greets(world, row, aloud=False)
    return progress(world, row)


def on_conversation(
    world: World, who: Assistance, conversation_id: str, activeflow_id: str, text: str | None, *, api_made: bool = False
) -> Row:
    """One that writes with whoever is on the other side; text: what they have just written."""
    row = going_on(world, who.ai.account, CONVERSATION, conversation_id)
    if row is None:
        row = progress(world, begin(world, who, CONVERSATION, conversation_id, activeflow_id, api_made=api_made))
    elif activeflow_id not in row.data["runs"]:
        row = crud.keep(world, AICALLS, row, {"runs": [*row.data["runs"], activeflow_id]})
    if text is not None:
        talking.said(world, row, text)
    return world.table(AICALLS).get(row.id) or row


def going_on(world: World, account: str, reference_type: str, reference_id: str) -> Row | None:
    """The AI call about this that goes on. One that nothing was said in for a day is over now."""
    wanted = (reference_type, reference_id)
    for row in list(world.table(AICALLS)):
        found = (row.data["reference_type"], row.data["reference_id"]) == wanted
        if not found or row.account != account or not live(row):
            continue
        if world.clock.microseconds() - row.data["touched"] <= IDLE:
            return row
        terminate(world, row.id, "nothing was said for a day")
    return None


def task_ends(world: World, aicall_id: str) -> None:
    terminate(world, aicall_id, "the task has had its 30 seconds")


TIMERS: Mapping[str, TimerHandler] = {**talking.TIMERS, ENDS_TASK: task_ends}
