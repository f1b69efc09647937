"""Recordings of calls: how they begin and end, their files, and the flow that follows."""

from __future__ import annotations

import io
import wave
import zipfile
from typing import Any

import pytest

from tests.support.calling import a, a_flow, hangs_up, path, presses, run_of
from tests.support.campaigning import events, refusal
from tests.support.sound import SLEEP, UNKNOWN, call, get, in_call, is_documented, post, says
from voipbin_mock import Mock
from voipbin_mock.wire.values import NIL_UUID


def start(mock: Mock, call_id: str, **body: Any) -> str:
    """The id of a new recording of a call."""
    reply = post(mock, f"/calls/{call_id}/recording_start", **body)
    assert reply.status_code == 200, reply.text
    return str(reply.json["recording_id"])


def length(mock: Mock, recording_id: str) -> float:
    """Of an ended recording, in seconds."""
    row = mock.recordings.get(recording_id)
    assert row.tm_start is not None
    assert row.tm_end is not None
    return (row.tm_end - row.tm_start).total_seconds()


def test_a_recording_is_started_and_stopped(either: Mock) -> None:
    call_id = in_call(either)
    told = len(events(either))
    shown = post(either, f"/calls/{call_id}/recording_start", format="wav").json
    assert (shown["id"], shown["recording_ids"]) == (call_id, [shown["recording_id"]])
    recording = get(either, f"/recordings/{shown['recording_id']}")
    assert (recording["status"], recording["reference_type"], recording["reference_id"]) == (
        "recording",
        "call",
        call_id,
    )
    assert "tm_end" not in recording
    assert "tm_delete" not in recording
    either.advance(seconds=7)
    stopped = post(either, f"/calls/{call_id}/recording_stop").json
    assert stopped["recording_id"] == NIL_UUID
    assert stopped["recording_ids"] == [recording["id"]]
    assert length(either, recording["id"]) == 7
    assert either.recordings.get(recording["id"]).status == "ended"
    assert events(either)[told:] == ["recording_started", "recording_finished"]
    assert start(either, call_id) != recording["id"]


@pytest.mark.differs("recording-twice")
def test_a_call_is_recorded_once_at_a_time(either: Mock) -> None:
    call_id = in_call(either)
    reply = post(either, f"/calls/{call_id}/recording_stop")
    if is_documented(either):
        assert refusal(reply) == (409, "RECORDING_NOT_ACTIVE")
    else:
        assert (reply.status_code, reply.json["id"], reply.json["status"]) == (200, NIL_UUID, "")
    start(either, call_id)
    expected = (409, "RECORDING_ALREADY_ACTIVE") if is_documented(either) else (500, "INTERNAL")
    assert refusal(post(either, f"/calls/{call_id}/recording_start")) == expected


@pytest.mark.differs("call-controls")
@pytest.mark.parametrize("answered", [True, False])
def test_only_a_call_that_talks_is_recorded(either: Mock, answered: bool) -> None:
    call_id = in_call(either, answered=answered)
    if answered:
        hangs_up(either, call_id)
    documented = (409, "CALL_ALREADY_HANGUP" if answered else "CALL_STATE_INVALID")
    expected = documented if is_documented(either) else (500, "INTERNAL")
    assert refusal(post(either, f"/calls/{call_id}/recording_start")) == expected


def test_a_recording_costs_something(either: Mock) -> None:
    call_id = in_call(either)
    either.customers.update(either.calls.get(call_id).customer_id, balance=0)
    expected = (402, "INSUFFICIENT_BALANCE") if is_documented(either) else (500, "INTERNAL")
    assert refusal(post(either, f"/calls/{call_id}/recording_start")) == expected


@pytest.mark.differs("recording-id")
def test_a_recording_lasts_as_long_as_it_may(either: Mock) -> None:
    call_id = in_call(either)
    recording = start(either, call_id, duration=5)
    either.advance(seconds=9)
    assert length(either, recording) == 5
    assert call(either, call_id)["recording_id"] == (NIL_UUID if is_documented(either) else recording)
    if not is_documented(either):
        post(either, f"/calls/{call_id}/recording_stop")
        assert either.recordings.get(recording).status == "stopping"
        either.advance(hours=1)
        assert either.recordings.get(recording).status == "stopping"


def test_a_recording_ends_after_silence(either: Mock) -> None:
    call_id = in_call(either)
    recording = start(either, call_id, end_of_silence=3)
    either.advance(seconds=2)
    says(either, call_id, "I am still here")
    either.advance(seconds=20)
    assert length(either, recording) == 5


@pytest.mark.parametrize(
    ("end_of_key", "ended"), [("any", True), ("#", False), ("1", True), ("none", False), ("", False)]
)
def test_a_key_ends_a_recording(either: Mock, end_of_key: str, ended: bool) -> None:
    call_id = in_call(either)
    recording = start(either, call_id, end_of_key=end_of_key)
    presses(either, call_id, "1")
    either.advance(seconds=1)
    assert (either.recordings.get(recording).status == "ended") is ended


def test_a_recording_ends_with_its_call(either: Mock) -> None:
    call_id = in_call(either)
    recording = start(either, call_id)
    either.advance(seconds=4)
    hangs_up(either, call_id)
    assert length(either, recording) == 4
    assert events(either)[-1] == "recording_finished"


def test_a_flow_follows_a_recording_and_knows_what_the_call_knew(either: Mock) -> None:
    after = a_flow(either, a("variable_set", key="heard", value="${name} ${voipbin.recording.format}"))
    call_id = in_call(either, a("variable_set", key="name", value="Ann"), SLEEP)
    start(either, call_id, on_end_flow_id=after)
    post(either, f"/calls/{call_id}/recording_stop")
    either.advance(seconds=0)
    run = next(row for row in either.world.store["activeflows"] if row.data["flow_id"] == after)
    assert run.data["variables"]["heard"] == "Ann wav"
    assert (run.data["reference_type"], run.data["reference_id"]) == ("", NIL_UUID)


@pytest.mark.differs("recording-file")
def test_the_file_of_a_recording_is_silence_of_its_length(either: Mock) -> None:
    call_id = in_call(either)
    recording = start(either, call_id, duration=5)
    either.advance(seconds=5)
    moved = either.client.get(f"/v1.0/recordingfiles/{recording}")
    assert (moved.status_code, moved.content_type) == (307, "text/html; charset=utf-8")
    reply = either.client.get(moved.headers["Location"])
    data = reply.data
    if not is_documented(either):
        archive = zipfile.ZipFile(io.BytesIO(data))
        first, second = archive.namelist()
        assert first == f"call_{call_id}_2026-03-01T09:00:00Z_in.wav"
        assert second == first.replace("_in.wav", "_out.wav")
        data = archive.read(first)
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth(), file.getnframes()) == (
            8000,
            1,
            2,
            40_000,
        )
    either.advance(hours=1 if is_documented(either) else 24, seconds=1)
    assert either.client.get(moved.headers["Location"]).status_code == 403


def test_the_zip_of_a_recording_that_runs_is_empty(server: Mock) -> None:
    recording = start(server, in_call(server))
    moved = server.client.get(f"/v1.0/recordingfiles/{recording}")
    assert zipfile.ZipFile(io.BytesIO(server.client.get(moved.headers["Location"]).data)).namelist() == []


def test_a_deleted_recording_is_gone_with_its_file(either: Mock) -> None:
    recording = start(either, in_call(either))
    moved = either.client.get(f"/v1.0/recordingfiles/{recording}")
    told = events(either)
    assert "tm_delete" in either.client.delete(f"/v1.0/recordings/{recording}").json
    assert events(either) == told
    assert get(either, "/recordings")["result"] == []
    for reply in (
        either.client.get(f"/v1.0/recordings/{recording}"),
        either.client.delete(f"/v1.0/recordings/{recording}"),
        either.client.get(f"/v1.0/recordingfiles/{recording}"),
    ):
        assert refusal(reply) == (404, "RESOURCE_NOT_FOUND")
    assert either.client.get(moved.headers["Location"]).status_code == 404
    assert refusal(either.client.get(f"/v1.0/recordings/{UNKNOWN}")) == (404, "RECORDING_NOT_FOUND")


# --- as an action --------------------------------------------------------------------------------------


@pytest.mark.differs("recording-waits")
def test_a_flow_records_its_caller_as_a_voicemail(either: Mock) -> None:
    record = a("recording_start", duration=5, end_of_key="#", beep_start=True)
    call_id = in_call(either, record, a("talk", text="Thank you"), a("hangup"))
    either.advance(seconds=20)
    assert path(run_of(either, call_id)) == ["answer", "recording_start", "talk", "hangup"]
    (recording,) = call(either, call_id)["recording_ids"]
    assert length(either, recording) == (5 if is_documented(either) else 2)  # or as long as it takes to say thanks


def test_the_key_that_ends_a_recording_is_none_of_the_menu_after_it(documented: Mock) -> None:
    record, menu = a("recording_start", end_of_key="#"), a("digits_receive", length=1, duration=3000)
    call_id = in_call(documented, record, menu, SLEEP)
    documented.advance(seconds=1)
    presses(documented, call_id, "#")
    documented.advance(seconds=1)
    assert path(run_of(documented, call_id))[-1] == "digits_receive"


def test_a_flow_ends_its_recording(either: Mock) -> None:
    call_id = in_call(either, a("recording_start"), a("sleep", duration=3000), a("recording_stop"), SLEEP)
    either.advance(seconds=10)
    (recording,) = call(either, call_id)["recording_ids"]
    assert length(either, recording) == 3
    assert run_of(either, call_id)["variables"]["voipbin.recording.id"] == recording
    assert get(either, f"/recordings/{recording}")["activeflow_id"] == call(either, call_id)["activeflow_id"]


def test_what_cannot_be_recorded_is_passed_over(either: Mock) -> None:
    call_id = in_call(either, a("recording_start"), a("answer"), a("recording_stop"), SLEEP, answered=False)
    assert path(run_of(either, call_id))[-1] == "sleep"
    assert call(either, call_id).get("recording_ids", []) == []
