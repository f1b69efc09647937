"""What is done with a call that goes on: hold, music, mute, silence, talk, and recording it."""

from __future__ import annotations

import re
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import find
from voipbin_mock.api.answers import NOTHING
from voipbin_mock.api.operations import Example, Handler, Operation, Query, Request, action
from voipbin_mock.areas.calls import media_stream, recordings, simulation, voice
from voipbin_mock.areas.calls.media_differences import (
    CONTROLS_ANSWERED,
    RECORDS_ONCE,
    TALK_IS_MARKUP,
    UNMUTES_ALL,
)
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.wire.errors import ApiError, Reason, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply, json_reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

NOT_ANSWERED = Reason("CALL_STATE_INVALID", "FAILED_PRECONDITION", "The call is not in a state that allows this.")
HUNG_UP = Reason("CALL_ALREADY_HANGUP", "FAILED_PRECONDITION", "The call is over.")
RECORDED_ALREADY = Reason("RECORDING_ALREADY_ACTIVE", "FAILED_PRECONDITION", "The call is being recorded already.")
NOT_RECORDED = Reason("RECORDING_NOT_ACTIVE", "FAILED_PRECONDITION", "The call is not being recorded.")
REASONS = (NOT_ANSWERED, HUNG_UP, RECORDED_ALREADY, NOT_RECORDED)

DIRECTIONS = ("both", "in", "out")
# What is left of a mute (first) when another (second) ends.
LEFT = {("both", "in"): "out", ("both", "out"): "in"}
_BARE = re.compile(r"<|&(?!\w+;|#)")


def insist(world: World, call: Row, over: str = "INVALID_ARGUMENT", early: str = "") -> None:
    """Raises ApiError unless the call is answered and goes on. over, early: the server's reasons; "": it takes it."""
    status = call.data["status"]
    ended = status in ("terminating", "canceling", "hangup")
    if not ended and status == "progressing":
        return
    if CONTROLS_ANSWERED.of(world):
        raise ApiError(HUNG_UP if ended else NOT_ANSWERED, hint=f"the call's status is {status}")
    reason = over if ended else early
    if reason:
        raise ApiError(reason, hint=f"the call's status is {status}")


def done() -> Reply:
    """200, and nothing more."""
    return Reply(200, b"", None)


def _refusals(server: str) -> Any:
    def refusals(profile: Profile) -> tuple[str, ...]:
        return (NOT_ANSWERED.name, HUNG_UP.name) if CONTROLS_ANSWERED.by(profile) else (server,)

    return refusals


# --- hold, music, silence ------------------------------------------------------------------------------


def _switch(member: str, on: bool) -> Handler:
    def handler(world: World, request: Request) -> Reply:
        call = find(world, request)
        insist(world, call)
        world.table(CALLS).replace({**call.data, member: on})
        return done()

    return handler


ANSWERED = Example(after=5)  # seconds until whoever is called in an example has answered


def _switches(word: str, member: str, begins: str, ends: str) -> tuple[Operation, Operation]:
    path = f"/calls/{{id}}/{word}"
    told: dict[str, Any] = {"answers": NOTHING, "refuses": _refusals("INVALID_ARGUMENT"), "example": ANSWERED}
    return (
        action(f"POST {path}", word, _switch(member, True), summary=begins, **told),
        action(f"DELETE {path}", f"{word}_end", _switch(member, False), summary=ends, **told),
    )


# --- mute ----------------------------------------------------------------------------------------------


def _direction(request: Request) -> str:
    given: str = request.values["direction"] or "both"
    if given not in DIRECTIONS:
        wanted = f"one of {', '.join(DIRECTIONS)}, or an empty text"
        raise ApiError("INVALID_ARGUMENT", violations=[Violation("/direction", f"expected {wanted}", wanted, given)])
    return given


def mute(world: World, request: Request) -> Reply:
    """POST /calls/{id}/mute."""
    call, direction = find(world, request), _direction(request)
    insist(world, call)
    crud.change(world, CALLS, call, {"mute_direction": direction})
    return done()


def unmute(world: World, request: Request) -> Reply:
    """DELETE /calls/{id}/mute: of both directions, what is left is the other one."""
    call, direction = find(world, request), _direction(request)
    insist(world, call)
    now = call.data["mute_direction"]
    all_of_it = now == direction or (direction == "both" and UNMUTES_ALL.of(world))
    left = "" if all_of_it else LEFT.get((now, direction), now)
    crud.change(world, CALLS, call, {"mute_direction": left})
    return done()


# --- talk ----------------------------------------------------------------------------------------------


def talk(world: World, request: Request) -> Reply:
    """POST /calls/{id}/talk: speaks beside the flow."""
    call, text = find(world, request), request.values["text"]
    insist(world, call, over="INTERNAL")
    if TALK_IS_MARKUP.of(world) and _BARE.search(text):
        raise ApiError("INTERNAL", hint='the server takes the text for SSML: write "&amp;" and "&lt;"')
    if call.data["status"] != "progressing":
        simulation.is_answered(world, call.id)
    voice.spoken(world, call, text)
    return done()


# --- recording -----------------------------------------------------------------------------------------


def recording_start(world: World, request: Request) -> Reply:
    """POST /calls/{id}/recording_start: answers the call."""
    call = find(world, request)
    told = RECORDS_ONCE.of(world)
    if call.data["recording_id"] != NIL_UUID:
        raise ApiError(RECORDED_ALREADY if told else "INTERNAL", hint=f"by {call.data['recording_id']}")
    insist(world, call, over="INTERNAL", early="INTERNAL")
    if not recordings.can_pay(world, call.account):
        raise ApiError("INSUFFICIENT_BALANCE" if told else "INTERNAL", hint="the customer's balance is used up")
    call, _ = recordings.call_starts(world, call, request.values, recordings.ends_of(request.values))
    return crud.shown(world, CALLS, call)


def recording_stop(world: World, request: Request) -> Reply:
    """POST /calls/{id}/recording_stop: answers the call."""
    call = find(world, request)
    if CONTROLS_ANSWERED.of(world):
        insist(world, call)
    if call.data["recording_id"] == NIL_UUID:
        if RECORDS_ONCE.of(world):
            raise ApiError(NOT_RECORDED)
        return json_reply(world.view(CALLS, CALLS.blank))
    insist(world, call, over="INTERNAL")
    return crud.shown(world, CALLS, recordings.call_stops(world, call))


def _recording_refusals(profile: Profile) -> tuple[str, ...]:
    if not RECORDS_ONCE.by(profile):
        return ("INTERNAL",)
    return (NOT_ANSWERED.name, HUNG_UP.name, RECORDED_ALREADY.name, "INSUFFICIENT_BALANCE")


def _stop_refusals(profile: Profile) -> tuple[str, ...]:
    return (NOT_ANSWERED.name, HUNG_UP.name, NOT_RECORDED.name) if RECORDS_ONCE.by(profile) else ("INTERNAL",)


OPERATIONS = (
    action(
        "GET /calls/{id}/media_stream", "media_stream", media_stream.connect, websocket=True, answers=NOTHING,
        summary="Open a websocket with the sound of a call",
        note="Binary frames of 20 ms, 8 kHz, 16 bits, mono; they hold silence.",
        query={
            "encapsulation": Query(
                {"type": "string", "examples": list(media_stream.ENCAPSULATIONS)},
                "How the sound is packed: rtp, sln or audiosocket. Else there is none.",
            )
        },
    ),
    *_switches("hold", "on_hold", "Put a call on hold", "Take a call off hold"),
    *_switches("moh", "music_on_hold", "Play music to a call", "End the music of a call"),
    *_switches("silence", "silenced", "Play silence to a call", "End the silence of a call"),
    action(
        "POST /calls/{id}/mute", "mute", mute, "mute", summary="Mute a call", answers=NOTHING, example=ANSWERED,
        refuses=lambda profile: ("INVALID_ARGUMENT", *_refusals("INVALID_ARGUMENT")(profile)),
    ),
    action(
        "DELETE /calls/{id}/mute", "mute_end", unmute, "mute", summary="Unmute a call", answers=NOTHING,
        note="It needs a body, too.", example=ANSWERED,
        refuses=lambda profile: ("INVALID_ARGUMENT", *_refusals("INVALID_ARGUMENT")(profile)),
    ),
    action(
        "POST /calls/{id}/talk", "talk", talk, "talk", summary="Speak to a call", answers=NOTHING, example=ANSWERED,
        refuses=_refusals("INTERNAL"),
    ),
    action(
        "POST /calls/{id}/recording_start", "recording_start", recording_start, "recording",
        summary="Record a call", refuses=_recording_refusals, example=ANSWERED,
    ),
    action(
        "POST /calls/{id}/recording_stop", "recording_stop", recording_stop, summary="End the recording of a call",
        refuses=_stop_refusals, example=Example(first="calls.recording_start"),
    ),
)  # fmt: skip
