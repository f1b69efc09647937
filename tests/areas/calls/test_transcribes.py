"""Transcribes and transcripts: what is said in calls is written down, and told while it is spoken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.calling import a, a_flow, hangs_up, run_of
from tests.support.campaigning import events, refusal
from tests.support.sound import SLEEP, UNKNOWN, call, get, in_call, is_documented, post, says
from voipbin_mock import Mock
from voipbin_mock.wire.values import NIL_UUID


def start(mock: Mock, call_id: str, **body: Any) -> Any:
    """A new transcribe of a call."""
    reply = post(
        mock, "/transcribes", **{"reference_type": "call", "reference_id": call_id, "language": "en-US", **body}
    )
    assert reply.status_code == 200, reply.text
    return reply.json


def written(mock: Mock, transcribe_id: str, **query: Any) -> list[Any]:
    """The transcripts, newest first."""
    reply = mock.client.get("/v1.0/transcripts", query_string={"transcribe_id": transcribe_id, **query})
    return list(reply.json["result"])


def test_what_both_sides_say_is_written_down(either: Mock) -> None:
    call_id = in_call(either)
    made = start(either, call_id, direction="both")
    either.advance(milliseconds=8991)
    post(either, f"/calls/{call_id}/talk", text="Hello")
    says(either, call_id, "Hi")
    hi, hello = written(either, made["id"])
    assert [(each["direction"], each["message"]) for each in (hello, hi)] == [("out", "Hello"), ("in", "Hi")]
    spelled = "0001-01-01 00:00:08.991000" if is_documented(either) else "0001-01-01T00:00:08.991Z"
    assert hello["tm_transcript"] == spelled
    assert list(hi) == ["id", "customer_id", "transcribe_id", "direction", "message", "tm_transcript", "tm_create"]


@pytest.mark.parametrize(("direction", "heard"), [("in", ["in"]), ("out", ["out"]), ("sideways", ["in", "out"])])
def test_only_the_side_that_is_asked_for_is_written_down(either: Mock, direction: str, heard: list[str]) -> None:
    call_id = in_call(either)
    made = start(either, call_id, direction=direction)
    says(either, call_id, "Hi")
    post(either, f"/calls/{call_id}/talk", text="Hello")
    assert sorted(each["direction"] for each in written(either, made["id"])) == heard


def test_speech_is_told_while_it_is_spoken(either: Mock) -> None:
    call_id = in_call(either)
    made = start(either, call_id)
    told = len(either.world.bus.log)
    says(either, call_id, "Hi")
    log = list(either.world.bus.log)[told:]
    assert [event.type for event in log] == [
        "transcribe_speech_started", "transcribe_speech_interim", "transcribe_speech_ended", "transcript_created"
    ]  # fmt: skip
    started, interim = json.loads(log[0].data), json.loads(log[1].data)
    names = ["id", "customer_id", "streaming_id", "transcribe_id", "direction", "tm_event", "tm_create"]
    assert list(started) == names
    assert list(interim) == [*names[:5], "message", *names[5:]]
    assert (interim["transcribe_id"], interim["message"], interim["direction"]) == (made["id"], "Hi", "in")
    assert interim["tm_event"] == interim["tm_create"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [("en-us", "en-US"), ("KO", "ko"), ("zh_hant_tw", "zh-Hant-TW"), ("", "en-US"), ("not a language", "en-US")],
)
def test_a_language_is_written_as_it_should_be(either: Mock, given: str, shown: str) -> None:
    assert start(either, in_call(either), language=given)["language"] == shown


def test_a_call_is_transcribed_once_in_a_language(either: Mock) -> None:
    call_id = in_call(either)
    made = start(either, call_id)
    again = post(either, "/transcribes", reference_type="call", reference_id=call_id, language="EN-us")
    assert refusal(again) == (409, "TRANSCRIBE_ALREADY_PROGRESSING")
    assert again.json["error"]["status"] == "ALREADY_EXISTS"
    start(either, call_id, language="ko-KR")
    assert post(either, f"/transcribes/{made['id']}/stop").json["status"] == "done"
    start(either, call_id)


@pytest.mark.differs("transcribe-state")
def test_only_calls_that_go_on_are_transcribed(either: Mock) -> None:
    ringing, over = in_call(either, answered=False), in_call(either)
    hangs_up(either, over)
    body = {"reference_type": "call", "language": "en-US"}
    replies = [post(either, "/transcribes", **body, reference_id=each) for each in (ringing, over)]
    if is_documented(either):
        assert [refusal(each) for each in replies] == [(409, "CALL_STATE_INVALID"), (409, "CALL_ALREADY_HANGUP")]
    else:
        assert (replies[0].status_code, refusal(replies[1])) == (200, (500, "INTERNAL"))
    assert refusal(post(either, "/transcribes", **body, reference_id=UNKNOWN)) == (404, "CALL_NOT_FOUND")
    either.client.delete(f"/v1.0/calls/{over}")
    assert refusal(post(either, "/transcribes", **body, reference_id=over)) == (409, "STATE_INVALID")
    other = post(either, "/transcribes", **{**body, "reference_type": "letter"}, reference_id=UNKNOWN)
    assert refusal(other) == (400, "INVALID_ARGUMENT")


@pytest.mark.differs("transcribe-missing", "transcribe-conference")
def test_a_conference_or_a_recording_that_there_is_not(either: Mock) -> None:
    word = "confbridge" if is_documented(either) else "conference"
    for kind, reason in ((word, "CONFERENCE_NOT_FOUND"), ("recording", "RECORDING_NOT_FOUND")):
        reply = post(either, "/transcribes", reference_type=kind, reference_id=UNKNOWN, language="en-US")
        if is_documented(either):
            assert refusal(reply) == (404, reason)
        else:
            assert (reply.status_code, reply.data) == (500, b"")
    other = "conference" if is_documented(either) else "confbridge"
    reply = post(either, "/transcribes", reference_type=other, reference_id=UNKNOWN, language="en-US")
    assert refusal(reply) == (400, "INVALID_ARGUMENT")


def test_a_stop_and_a_hangup_end_a_transcribe_and_its_flow_follows(either: Mock) -> None:
    after = a_flow(either, a("variable_set", key="was", value="${voipbin.activeflow.reference_id}"))
    stopped, left = in_call(either), in_call(either)
    first, second = (start(either, each, on_end_flow_id=after) for each in (stopped, left))
    told = len(events(either))
    for _ in range(2):  # again: nothing
        assert post(either, f"/transcribes/{first['id']}/stop").json["status"] == "done"
    hangs_up(either, left)
    either.advance(seconds=0)
    assert get(either, f"/transcribes/{second['id']}")["status"] == "done"
    assert events(either)[told:].count("transcribe_done") == 2
    followed = [row.data for row in either.world.store["activeflows"] if row.data["flow_id"] == after]
    assert {run["reference_type"] for run in followed} == {"transcribe"}
    assert {run["variables"]["was"] for run in followed} == {first["id"], second["id"]}


def test_a_deleted_transcribe_is_stopped_and_has_no_transcripts(either: Mock) -> None:
    call_id = in_call(either)
    made = start(either, call_id)
    says(either, call_id, "Hi")
    gone = either.client.delete(f"/v1.0/transcribes/{made['id']}").json
    assert (gone["status"], written(either, made["id"])) == ("done", [])
    assert either.client.delete(f"/v1.0/transcribes/{made['id']}").json == gone
    assert get(either, f"/transcribes/{made['id']}") == gone
    assert get(either, "/transcribes")["result"] == []


def test_transcribes_are_found_by_what_they_are_of(either: Mock) -> None:
    first, second = in_call(either), in_call(either)
    made = [start(either, each)["id"] for each in (first, second)]

    def found(**query: str) -> Any:
        return either.client.get("/v1.0/transcribes", query_string=query)

    assert [each["id"] for each in found().json["result"]] == made[::-1]
    by_call = found(reference_type="call", reference_id=first).json["result"]
    assert [each["id"] for each in by_call] == made[:1]
    assert found(reference_type="recording", reference_id=first).json["result"] == []
    assert refusal(found(reference_type="call")) == (400, "INVALID_REFERENCE_FILTER")
    assert refusal(found(reference_id=first)) == (400, "INVALID_REFERENCE_FILTER")
    assert refusal(found(reference_type="call", reference_id="x")) == (400, "INVALID_REQUEST_PARAMETER")


@pytest.mark.differs("transcript-pages")
def test_transcripts_in_pages(either: Mock) -> None:
    call_id = in_call(either)
    made = start(either, call_id)
    for number in range(3):
        says(either, call_id, str(number))
    query = {"transcribe_id": made["id"], "page_size": 2}
    first = either.client.get("/v1.0/transcripts", query_string=query).json
    after = either.client.get("/v1.0/transcripts", query_string={**query, "page_token": first["next_page_token"]}).json
    messages = [[each["message"] for each in page["result"]] for page in (first, after)]
    assert messages == ([["2", "1"], ["0"]] if is_documented(either) else [["2", "1", "0"]] * 2)


def test_transcripts_are_asked_for_by_their_transcribe(either: Mock) -> None:
    assert refusal(either.client.get("/v1.0/transcripts")) == (400, "MISSING_REQUEST_PARAMETER")
    for given in ("x", UNKNOWN):
        assert refusal(either.client.get(f"/v1.0/transcripts?transcribe_id={given}")) == (404, "TRANSCRIBE_NOT_FOUND")


def test_what_a_recording_holds_is_written_down_at_once(either: Mock) -> None:
    call_id = in_call(either)
    says(either, call_id, "before")
    either.advance(seconds=1)
    recording = post(either, f"/calls/{call_id}/recording_start").json["recording_id"]
    either.advance(seconds=2)
    says(either, call_id, "meanwhile")
    either.advance(seconds=1)
    post(either, f"/calls/{call_id}/recording_stop")
    either.advance(seconds=1)
    says(either, call_id, "after")
    body = {"reference_type": "recording", "reference_id": recording, "language": "en-US", "direction": "in"}
    made = post(either, "/transcribes", **body).json
    assert (made["status"], made["direction"]) == ("done", "both")
    (transcript,) = written(either, made["id"])
    assert (transcript["message"], transcript["tm_transcript"][11:19]) == ("meanwhile", "00:00:02")
    assert post(either, "/transcribes", **body).json == made


def test_a_running_recording_is_not_transcribed_by_the_documents(documented: Mock) -> None:
    recording = post(documented, f"/calls/{in_call(documented)}/recording_start").json["recording_id"]
    reply = post(documented, "/transcribes", reference_type="recording", reference_id=recording, language="en-US")
    assert refusal(reply) == (409, "STATE_INVALID")


def test_a_dump_that_another_profile_wrote_is_spelled_anew(documented: Mock, server: Mock) -> None:
    call_id = in_call(documented)
    made = start(documented, call_id)
    documented.advance(seconds=2)
    says(documented, call_id, "Hi")
    server.load(documented.dump())
    assert written(server, made["id"])[0]["tm_transcript"] == "0001-01-01T00:00:02Z"


# --- as actions ----------------------------------------------------------------------------------------


def test_a_flow_writes_down_what_it_says(either: Mock) -> None:
    call_id = in_call(either, a("transcribe_start", language="en-US"), a("talk", text="Welcome"), SLEEP)
    (made,) = get(either, "/transcribes")["result"]
    assert made["activeflow_id"] == call(either, call_id)["activeflow_id"]
    assert [each["message"] for each in written(either, made["id"])] == ["Welcome"]
    assert post(either, f"/transcribes/{made['id']}/stop").json["on_end_flow_id"] == NIL_UUID


@pytest.mark.differs("action-mute")
def test_mute_and_transcribe_stop_in_a_flow(either: Mock) -> None:
    call_id = in_call(either, a("transcribe_start"), a("transcribe_stop"), a("mute"), SLEEP)
    (made,) = get(either, "/transcribes")["result"]
    assert made["status"] == ("done" if is_documented(either) else "progressing")
    assert call(either, call_id).get("mute_direction", "") == ("both" if is_documented(either) else "")


def test_a_flow_writes_down_what_was_recorded(either: Mock) -> None:
    in_call(
        either, a("recording_start"), a("talk", text="Welcome"), a("recording_stop"), a("transcribe_recording"), SLEEP
    )
    either.advance(seconds=5)
    (made,) = get(either, "/transcribes")["result"]
    assert (made["reference_type"], made["status"]) == ("recording", "done")
    assert [each["message"] for each in written(either, made["id"])] == ["Welcome"]


def test_a_sixth_external_media_is_passed_over(either: Mock) -> None:
    call_id = in_call(either, *[a("external_media_start")] * 6, SLEEP)
    trace = run_of(either, call_id)["trace"]
    assert [row[6] for row in trace if row[3] == "external_media_start"].count("failed") == 1
