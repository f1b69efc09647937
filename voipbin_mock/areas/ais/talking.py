"""What happens in an AI call on the virtual clock: somebody says something, and the model takes its turn.

Whatever is said interrupts what the model was about to do. Its state is in members of the record that are not shown,
so snapshots and dumps keep it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.ais import assistance, tools, turns, writing
from voipbin_mock.areas.ais.models import Models
from voipbin_mock.areas.ais.resources import AICALLS, AIS, PARTICIPANTS, TEAMS
from voipbin_mock.areas.ais.tools import Result
from voipbin_mock.areas.ais.turns import BETWEEN, FAILED, Call, Hang, Say, Silence, Switch, Turn
from voipbin_mock.areas.ais.writing import ASSISTANT, NOTIFICATION, TOOL, USER
from voipbin_mock.areas.calls import voice
from voipbin_mock.areas.conversations import sending
from voipbin_mock.areas.conversations.resources import CONVERSATIONS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

SESSION = 30_000  # milliseconds that a model may think in writing
APOLOGY_AFTER = 3000  # once that is over, in a conversation
APOLOGY = "Sorry, I cannot answer right now. Please try again later."
TERMINATED = "terminated"
ACTS, APOLOGIZES = "ai_acts", "ai_apologizes"


def talks(aicall: Row) -> bool:
    """Whether it has a voice."""
    return bool(aicall.data["confbridge_id"] != NIL_UUID)


# --- somebody says something ---------------------------------------------------------------------------


def said(world: World, aicall: Row, text: str, *, role: str = USER, aloud: bool = False) -> Row:
    """A message to the model, which takes its turn. aloud: it answers so, and not in writing alone."""
    message = writing.write(world, aicall, role, text)
    think(world, aicall, text, aloud=aloud)
    return message


def think(world: World, aicall: Row, text: str, *, first: bool = False, aloud: bool = False) -> None:
    """The model begins to think, and what it thought of before is forgotten. first: nobody has said anything yet."""
    row = world.table(AICALLS).get(aicall.id) or aicall
    row = crud.change(world, AICALLS, row, {"session": row.data["session"] + 1}, "")
    ai = world.table(AIS).get(row.data["active_ai_id"])
    turn = Silence() if ai is None else world.part(Models).turn(ai, row.id, text, first)
    _arrange(world, row, turn, aloud)


def _arrange(world: World, row: Row, turn: Turn, aloud: bool) -> None:
    late = not aloud and turn.after > SESSION
    if late:
        logger.warning("AI call %s: %r is too late: in writing, a model has 30 s", row.id, turn, extra=world.logged)
    if late or isinstance(turn, Silence):
        if row.data["reference_type"] == "conversation":
            world.timers.call_in(SESSION + APOLOGY_AFTER, APOLOGIZES, row.id, row.data["session"])
        return
    world.timers.call_in(turn.after, ACTS, row.id, row.data["session"], turn.as_dict(), aloud)


# --- the model takes its turn --------------------------------------------------------------------------


def _present(world: World, aicall_id: str, session: int) -> Row | None:
    """The AI call, if nothing was said since."""
    row = world.table(AICALLS).get(aicall_id)
    return row if row is not None and row.data["session"] == session else None


def acts(world: World, aicall_id: str, session: int, turn: Mapping[str, Any], aloud: bool) -> None:
    """The timer: the model has thought."""
    row = _present(world, aicall_id, session)
    if row is None:
        return
    doing = turns.read(turn)
    if isinstance(doing, Say):
        _says(world, row, doing, aloud)
    elif isinstance(doing, (Call, Hang)):
        _calls(world, row, Call("stop_service") if isinstance(doing, Hang) else doing, aloud)
    elif isinstance(doing, Switch):
        _hands_over(world, row, doing, aloud)


def _says(world: World, row: Row, turn: Say, aloud: bool) -> None:
    message_id, parts = world.ids.uuid(), writing.pieces(turn.text, turn.parts)
    args = (row.id, row.data["session"], message_id, turn.text, parts, aloud)
    goes_on(world, *args, 1)


def goes_on(
    world: World, aicall_id: str, session: int, message_id: str, text: str, parts: list[str], aloud: bool, sequence: int
) -> None:
    """One piece of what it says; with the last one there is the message."""
    row = _present(world, aicall_id, session)
    if row is None:
        return
    writing.tell_piece(world, row, message_id, parts[sequence - 1], sequence)
    if sequence < len(parts):
        args = (aicall_id, session, message_id, text, parts, aloud, sequence + 1)
        world.timers.call_in(BETWEEN, "ai_goes_on", *args)
        return
    writing.write(world, row, ASSISTANT, text, message_id=message_id)
    if aloud:
        call = voice.live(world, row.data["reference_id"])
        if call is not None:
            voice.spoken(world, call, text)
    elif row.data["reference_type"] == "conversation":
        _sends(world, row, text)


def _sends(world: World, row: Row, text: str) -> None:
    """The reply goes to whoever is on the other side; what is refused is none of the model's concern."""
    conversation = world.table(CONVERSATIONS).get(row.data["reference_id"])
    if conversation is None:
        return
    try:
        sending.send(world, conversation, text)
    except ApiError as error:
        logger.warning("AI call %s: its reply is refused: %s", row.id, error.told, extra=world.logged)


def apologizes(world: World, aicall_id: str, session: int) -> None:
    """The timer: the model has thought for too long, and somebody waits."""
    row = _present(world, aicall_id, session)
    if row is not None:
        writing.write(world, row, ASSISTANT, APOLOGY)
        _sends(world, row, APOLOGY)


# --- tools ---------------------------------------------------------------------------------------------


def _calls(world: World, row: Row, turn: Call, aloud: bool) -> None:
    """The call of a tool, its result, and what the model says of it. An unknown tool has no result."""
    call_id = f"call_{world.ids.uuid().replace('-', '')[:24]}"
    function = {"name": turn.tool, "arguments": json.dumps(dict(turn.arguments), ensure_ascii=False)}
    asked = {"id": call_id, "type": "function", "function": function}
    writing.write(world, row, ASSISTANT, "", tool_calls=[asked])
    tool = tools.TOOLS.get(turn.tool)
    if tool is None:
        return
    result = Result(False, "the tool failed") if turn.result == FAILED else tools.done(world, row, tool, turn.arguments)
    told = {
        "tool_call_id": call_id,
        "result": turns.SUCCESS if result.success else FAILED,
        "message": result.message,
        "resource_type": result.resource_type if result.success else "",
        "resource_id": result.resource_id if result.success else "",
    }
    row = world.table(AICALLS).get(row.id) or row
    writing.write(world, row, TOOL, json.dumps(told, ensure_ascii=False), tool_call_id=call_id)
    if result.success and tool.after is not None:
        tool.after(world, row)
    then = turn.then
    if then is None and turn.arguments.get("run_llm", tool.answers):
        then = Say(f"{turn.tool}: {told['result']}")
    _follow(world, row.id, row.data["session"], then, aloud)


def _follow(world: World, aicall_id: str, session: int, then: Say | None, aloud: bool) -> None:
    row = _present(world, aicall_id, session)
    if row is not None and then is not None and row.data["status"] != TERMINATED:
        _arrange(world, row, then, aloud)


# --- teams ---------------------------------------------------------------------------------------------


def _hands_over(world: World, row: Row, turn: Switch, aloud: bool) -> None:
    """Another member of the team goes on. A function that the present one does not have leads nowhere."""
    team = world.table(TEAMS).get(row.data["assistance_id"]) if row.data["assistance_type"] == "team" else None
    present = None if team is None else assistance.member_of(team, row.data["current_member_id"])
    transitions = {} if present is None else {each["function_name"]: each for each in present["transitions"]}
    found = transitions.get(turn.function_name)
    following = None if team is None or found is None else assistance.member_of(team, found["next_member_id"])
    ai = None if following is None else world.table(AIS).get(following["ai_id"])
    if present is None or following is None or ai is None:
        said = "AI call %s: nobody can be handed over to by %s"
        logger.warning(said, row.id, turn.function_name, extra=world.logged)
        return
    told = {
        "from_member": _described(world, present),
        "to_member": _described(world, following),
        "transition_function_name": turn.function_name,
        "type": "member_switched",
    }
    writing.write(world, row, NOTIFICATION, json.dumps(told, ensure_ascii=False))
    takes_part(world, row, ai)
    crud.keep(world, AICALLS, row, {"current_member_id": following["id"], "active_ai_id": ai.id})
    _follow(world, row.id, row.data["session"], turn.then, aloud)


def _described(world: World, member: Mapping[str, Any]) -> dict[str, Any]:
    ai = world.table(AIS).get(member["ai_id"])
    names = ("engine_model", "stt_type", "tts_type", "tts_voice_id")
    shown = dict.fromkeys(names, "") if ai is None else {name: ai.data[name] for name in names}
    return {"ai": shown, "id": member["id"], "name": member["name"]}


def takes_part(world: World, aicall: Row, ai: Row) -> None:
    """An AI comes into an AI call, once."""
    table = world.table(PARTICIPANTS)
    if not table.find(("ai_id", "aicall_id"), (ai.id, aicall.id)):
        values = {"customer_id": aicall.data["customer_id"], "ai_id": ai.id, "aicall_id": aicall.id}
        crud.made(world, PARTICIPANTS, aicall.account, values)


TIMERS: Mapping[str, TimerHandler] = {ACTS: acts, "ai_goes_on": goes_on, APOLOGIZES: apologizes}
