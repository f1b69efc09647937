"""Flow actions about a call's sound: recordings, transcribes, external media, mute."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.flow_actions import (
    BOOLEAN,
    CALLS,
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
from voipbin_mock.areas.calls import recordings, transcribing
from voipbin_mock.areas.calls.actions import BEEP, call_of
from voipbin_mock.areas.calls.media_differences import MUTE_WORKS, RECORDING_WAITS, TRANSCRIBES_ANSWERED
from voipbin_mock.areas.calls.media_resources import RECORDINGS
from voipbin_mock.areas.calls.resources import CALLS as CALL_RECORDS
from voipbin_mock.wire.values import NIL_UUID, uuid_or_nil

MOST_MEDIA = 5  # external media of one call at the same time
NO_HANDLER = "the server knows the action, and does nothing"


# --- recordings --------------------------------------------------------------------------------------


def recording_start(run: Run, option: Option) -> Result:
    """Records the call; by its option it may end by itself, which the documents wait for."""
    call = call_of(run)
    if call.data["status"] != "progressing":
        raise ActionFailed(f"the call is {call.data['status']}")
    if call.data["recording_id"] != NIL_UUID:
        raise ActionFailed("the call is being recorded already")
    if not recordings.can_pay(run.world, run.account):
        raise ActionFailed("the customer's balance is used up")
    ends = recordings.ends_of(option)
    values = {**option, "on_end_flow_id": uuid_or_nil(option.get("on_end_flow_id") or "")}
    _, row = recordings.call_starts(run.world, call, values, ends)
    if not RECORDING_WAITS.of(run.world):
        return Done()
    if ends.sets_one:
        run.world.table(RECORDINGS).replace({**row.data, "awaited": [run.id, run.count]})
        return Waits(None, "recorded")
    return Waits(BEEP, "recorded", "after the beep") if option.get("beep_start") else Done("recorded")


def pressed(run: Run, key: str) -> None:
    """A key that may end a recording is none of the menu that follows."""


def recording_stop(run: Run, option: Option) -> Result:
    call = call_of(run)
    if call.data["recording_id"] == NIL_UUID:
        raise ActionFailed("the call is not being recorded")
    recordings.call_stops(run.world, call)
    return Done()


# --- transcribes -------------------------------------------------------------------------------------


def transcribe_start(run: Run, option: Option) -> Result:
    """Writes down what is said in the call."""
    call, language = call_of(run), transcribing.canonical(option.get("language") or "")
    if TRANSCRIBES_ANSWERED.of(run.world) and call.data["status"] != "progressing":
        raise ActionFailed(f"the call is {call.data['status']}")
    if transcribing.in_language(run.world, call.id, language) is not None:
        raise ActionFailed(f"the call is being transcribed in {language} already")
    _transcribe(run, (transcribing.CALL, call.id), option)
    return Done()


def _transcribe(run: Run, reference: tuple[str, str], option: Option) -> None:
    transcribing.start(
        run.world,
        run.account,
        run.customer_id,
        reference,
        language=option.get("language") or "",
        direction=option.get("direction") or "",
        provider=option.get("provider") or "",
        activeflow_id=run.id,
        on_end_flow_id=uuid_or_nil(option.get("on_end_flow_id") or ""),
    )


def transcribe_stop(run: Run, option: Option) -> Result:
    if not MUTE_WORKS.of(run.world):
        return Done("", NO_HANDLER)
    transcribing.reference_ended(run.world, call_of(run).id)
    return Done()


def transcribe_recording(run: Run, option: Option) -> Result:
    """Writes down what each recording of the call holds; other flows have none."""
    call = run.call
    for recording_id in call.data["recording_ids"] or () if call is not None else ():
        if run.world.table(RECORDINGS).get(recording_id) is not None:
            _transcribe(run, (transcribing.RECORDING, recording_id), option)
    return Done()


# --- external media, mute ----------------------------------------------------------------------------


def external_media_start(run: Run, option: Option) -> Result:
    call = call_of(run)
    joined = call.data["media"] or 0
    if joined >= MOST_MEDIA:
        raise ActionFailed(f"{MOST_MEDIA} external media are joined already")
    run.world.table(CALL_RECORDS).replace({**call.data, "media": joined + 1})
    return Done()


def external_media_stop(run: Run, option: Option) -> Result:
    """Ends all of them."""
    run.world.table(CALL_RECORDS).replace({**call_of(run).data, "media": 0})
    return Done()


def mute(run: Run, option: Option) -> Result:
    if not MUTE_WORKS.of(run.world):
        return Done("", NO_HANDLER)
    crud.change(run.world, CALL_RECORDS, call_of(run), {"mute_direction": "both"})
    return Done()


_MEDIA = (
    "external_host", "encapsulation", "transport", "transport_data", "connection_type", "format", "direction_listen",
    "direction_speak", "data",
)  # fmt: skip
_TRANSCRIBE = dict.fromkeys(("language", "provider", "direction", "on_end_flow_id"), STRING)

ACTIONS = (
    FlowAction(
        "external_media_start",
        external_media_start,
        "join a call with media outside",
        runs_in=CALLS,
        by_call=True,
        option=dict.fromkeys(_MEDIA, STRING),
    ),
    FlowAction(
        "external_media_stop", external_media_stop, "end the media outside", runs_in=CALLS, by_call=True
    ),
    FlowAction("mute", mute, "mute a call", runs_in=CALLS, by_call=True),
    FlowAction(
        "recording_start",
        recording_start,
        "record a call",
        runs_in=CALLS,
        by_call=True,
        option={
            "format": STRING, "end_of_silence": INTEGER, "end_of_key": STRING, "duration": INTEGER,
            "beep_start": BOOLEAN, "on_end_flow_id": STRING,
        },
        outcomes=("recorded",),
        pressed=pressed,
    ),
    FlowAction("recording_stop", recording_stop, "end the recording of a call", runs_in=CALLS, by_call=True),
    FlowAction("transcribe_recording", transcribe_recording, "write down what recordings hold", option=_TRANSCRIBE),
    FlowAction(
        "transcribe_start", transcribe_start, "write down what is said", runs_in=CALLS, option=_TRANSCRIBE
    ),
    FlowAction("transcribe_stop", transcribe_stop, "write down no more", runs_in=CALLS, by_call=True),
)  # fmt: skip
