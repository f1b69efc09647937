"""Flow actions that a call does itself: answering, speaking, playing, keys, hanging up. Times are milliseconds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from voipbin_mock.api.flow_actions import (
    ARRAY,
    BOOLEAN,
    CALLS,
    ENDS,
    INTEGER,
    STRING,
    ActionFailed,
    Done,
    FlowAction,
    Option,
    Result,
    Run,
    Waits,
)
from voipbin_mock.areas.calls import simulation, voice
from voipbin_mock.areas.calls.differences import CLEARS_DIGITS, ONE_DIGIT
from voipbin_mock.areas.calls.resources import CALLS as CALL_RECORDS
from voipbin_mock.areas.flows import conditions, engine
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row

BEEP = 500
LONGEST_ECHO = 180_000
LONGEST_DIGITS = 100


def call_of(run: Run) -> Row:
    """The call that a run leads. Raises ActionFailed if it is over."""
    call = run.call
    if call is None or voice.live(run.world, call.id) is None:
        raise ActionFailed("the call is over")
    return call


def answer(run: Run, option: Option) -> Result:
    simulation.answer(run.world, call_of(run))
    return Done()


def talk(run: Run, option: Option) -> Result:
    """Speaks; a call that is not answered is answered by it."""
    call, text = call_of(run), option.get("text") or ""
    simulation.answer(run.world, call)
    voice.spoken(run.world, call, text)
    if option.get("async"):
        return Done("", "it does not wait until it was said")
    return Waits(voice.speaking_time(run.world, text), "said")


def talk_never(option: Mapping[str, Any], profile: Profile) -> Collection[str]:
    return () if option.get("digits_handle") == "next" else ("cut",)


def talk_pressed(run: Run, key: str) -> None:
    """A key while something is said: with `digits_handle` next it cuts the speech short."""
    run.set(voice.DIGITS, key)
    run.keep(typed=True)
    if run.option.get("digits_handle") == "next":
        engine.forced_next(run.world, run.id, f"{key} was pressed")


def play(run: Run, option: Option) -> Result:
    urls = option.get("stream_urls") or []
    return Waits(voice.playing_time(run.world) * len(urls), "played", f"files: {len(urls)}")


def beep(run: Run, option: Option) -> Result:
    return Waits(BEEP, "played")


def sleep(run: Run, option: Option) -> Result:
    return Waits(max(0, option.get("duration") or 0), "slept")


def echo(run: Run, option: Option) -> Result:
    duration = option.get("duration") or 0
    return Waits(duration if duration > 0 else LONGEST_ECHO, "over")


def hangup(run: Run, option: Option) -> Result:
    """The far end is told the reason; a call that was hung up before may give it."""
    reason, reference = option.get("reason") or "normal", option.get("reference_id") or ""
    other = run.world.table(CALL_RECORDS).get(reference) if reference else None
    if other is not None:
        reason = other.data["hangup_reason"] if other.data["status"] == "hangup" else "normal"
    engine.stop(run.world, run.id, f"the action hangup: {reason}")
    return Done()


# --- keys ----------------------------------------------------------------------------------------------


def digits_receive(run: Run, option: Option) -> Result:
    """Keys that were pressed before count, too."""
    if CLEARS_DIGITS.of(run.world) and not run.note.get("typed"):
        run.set(voice.DIGITS, "")
    if run.note.get("typed"):
        run.keep(typed=False)
    complete = _complete(run, option)
    if complete:
        return Done(*complete)
    duration = option.get("duration") or 0
    return Waits(max(0, duration), "time", f"no more keys within {duration} ms")


def _complete(run: Run, option: Option) -> tuple[str, str] | None:
    digits, key = run.variables.get(voice.DIGITS, ""), option.get("key") or ""
    length = option.get("length")
    if length is None:
        length = 1 if ONE_DIGIT.of(run.world) else 0
    if any(each in digits for each in key):
        return "key", f'"{digits}" has one of "{key}"'
    if 0 < length <= len(digits):
        return "length", f'"{digits}" has {length} keys'
    return None


def digits_never(option: Mapping[str, Any], profile: Profile) -> Collection[str]:
    length = option.get("length")
    if length is None:
        length = 1 if ONE_DIGIT.by(profile) else 0
    known = {"length": type(length) is int and length > 0, "key": bool(option.get("key"))}
    return [outcome for outcome, comes in known.items() if not comes]


def digits_pressed(run: Run, key: str) -> None:
    run.set(voice.DIGITS, run.variables.get(voice.DIGITS, "") + key)
    complete = _complete(run, run.option)
    if complete:
        engine.resume(run.world, run.id, run.count, *complete)


def digits_send(run: Run, option: Option) -> Result:
    digits = option.get("digits") or ""
    duration, interval = max(0, option.get("duration") or 0), max(0, option.get("interval") or 0)
    many = min(len(digits), LONGEST_DIGITS)
    call = call_of(run)
    voice.note(run.world, call, "sent", digits[:many])
    if call.data["peer_id"] != NIL_UUID and not set(digits[:many]) - voice.KEYS:
        voice.press(run.world, call.data["peer_id"], digits[:many])
    return Waits(many * duration + max(0, many - 1) * interval, "sent")


# --- conditions ----------------------------------------------------------------------------------------


def condition_call_status(run: Run, option: Option) -> Result:
    call = run.call
    status = call.data["status"] if call is not None else ""
    return conditions.decide(status == (option.get("status") or ""), option, f"the call is {status}")


ACTIONS = (
    FlowAction("answer", answer, "answer a call that came in", runs_in=CALLS, by_call=True),
    FlowAction("beep", beep, "play a beep", runs_in=CALLS, by_call=True, outcomes=("played",)),
    FlowAction(
        "condition_call_status",
        condition_call_status,
        "go on if the call is in this status",
        runs_in=CALLS,
        on_failure=ENDS,
        option={"status": STRING, "false_target_id": STRING},
        targets=("false_target_id",),
        outcomes=("true", "false"),
    ),
    FlowAction(
        "digits_receive",
        digits_receive,
        "wait for keys",
        runs_in=CALLS,
        by_call=True,
        option={"duration": INTEGER, "length": INTEGER, "key": STRING},
        outcomes=("length", "key", "time"),
        never=digits_never,
        pressed=digits_pressed,
    ),
    FlowAction(
        "digits_send",
        digits_send,
        "send keys to the far end",
        runs_in=CALLS,
        by_call=True,
        option={"digits": STRING, "duration": INTEGER, "interval": INTEGER},
        outcomes=("sent",),
    ),
    FlowAction(
        "echo", echo, "send back what is heard", runs_in=CALLS, by_call=True, option={"duration": INTEGER},
        outcomes=("over",),
    ),
    FlowAction(
        "hangup",
        hangup,
        "hang up",
        runs_in=CALLS,
        by_call=True,
        option={"reason": STRING, "reference_id": STRING},
        last=True,
    ),
    FlowAction(
        "play", play, "play files", runs_in=CALLS, by_call=True, option={"stream_urls": ARRAY}, outcomes=("played",)
    ),
    FlowAction("sleep", sleep, "wait", runs_in=CALLS, by_call=True, option={"duration": INTEGER}, outcomes=("slept",)),
    FlowAction(
        "stream_echo", echo, "send back the stream", runs_in=CALLS, by_call=True, option={"duration": INTEGER},
        outcomes=("over",),
    ),
    FlowAction(
        "talk",
        talk,
        "speak a text",
        runs_in=CALLS,
        by_call=True,
        option={
            "text": STRING, "language": STRING, "provider": STRING, "voice_id": STRING, "digits_handle": STRING,
            "async": BOOLEAN,
        },
        outcomes=("said", "cut"),
        never=talk_never,
        pressed=talk_pressed,
    ),
)  # fmt: skip
