"""Conferences are recorded and heard, and what is said in them is written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import simple_websocket

from tests.areas.conferences.test_conferences import is_documented, made, shown
from tests.areas.conferences.test_joining import joins
from tests.support.calling import a, a_flow, hangs_up
from tests.support.campaigning import SOME_ID, events, foreigner, plain_agent, refusal
from tests.support.sound import LONG, drain, listening
from voipbin_mock import Mock
from voipbin_mock.areas.calls import voice
from voipbin_mock.wire.values import NIL_UUID

RECORDING: Mapping[str, Any] = {"format": "wav", "duration": 0, "on_end_flow_id": NIL_UUID}
ENGLISH: Mapping[str, Any] = {"language": "en-US"}
WORDS = ("recording_start", "recording_stop", "transcribe_start", "transcribe_stop")


def room(mock: Mock) -> Any:
    """A conference with somebody in it."""
    conference = made(mock)
    joins(mock, conference)
    return shown(mock, conference)


def post(mock: Mock, conference: Mapping[str, Any], word: str, **body: Any) -> Any:
    if word.endswith("_start"):
        body = {**(RECORDING if word == "recording_start" else ENGLISH), **body}
    return mock.client.post(f"/v1.0/conferences/{conference['id']}/{word}", json=body or None)


def records(mock: Mock, name: str) -> list[Any]:
    return list(reversed(mock.client.get(f"/v1.0/{name}").json["result"]))


@pytest.mark.differs("conference-sound-answer")
def test_the_answers_have_no_body_or_are_the_conference(either: Mock) -> None:
    conference = room(either)
    for word in ("recording_start", "transcribe_start", "recording_stop", "transcribe_stop"):
        reply = post(either, conference, word)
        assert reply.status_code == 200
        if is_documented(either):
            assert reply.data == b""
        else:
            assert reply.json == shown(either, conference)


@pytest.mark.differs("conference-sound-events")
def test_a_recording_begins_and_ends(either: Mock) -> None:
    conference = room(either)
    before = len(events(either))
    post(either, conference, "recording_start")
    (recording,) = records(either, "recordings")
    assert (recording["reference_type"], recording["status"]) == ("confbridge", "recording")
    during = shown(either, conference)
    assert (during["recording_id"], during["recording_ids"]) == (recording["id"], [recording["id"]])
    either.advance(30)
    post(either, conference, "recording_stop")
    after = shown(either, conference)
    assert (after["recording_id"], after["recording_ids"]) == (NIL_UUID, [recording["id"]])
    assert either.client.get(f"/v1.0/recordings/{recording['id']}").json["status"] == "ended"
    told = [each for each in events(either)[before:] if each.startswith(("conference", "recording"))]
    updated = ["conference_updated"] if is_documented(either) else []
    assert sorted(told) == sorted(["recording_started", *updated, "recording_finished", *updated])


@pytest.mark.differs("transcribe-conference")
def test_what_is_recorded_has_the_conferences_id_or_its_bridges(either: Mock) -> None:
    conference = room(either)
    post(either, conference, "recording_start")
    post(either, conference, "transcribe_start")
    for name in ("recordings", "transcribes"):
        (record,) = records(either, name)
        assert record["reference_type"] == "confbridge"
        assert (record["reference_id"] == conference["id"]) == is_documented(either)


@pytest.mark.differs("conference-sound-start")
def test_what_is_being_recorded_is_not_recorded_again(either: Mock) -> None:
    conference = room(either)
    post(either, conference, "recording_start")
    in_vain(either, post(either, conference, "recording_start"))
    assert len(records(either, "recordings")) == 1


@pytest.mark.differs("conference-sound-start")
@pytest.mark.parametrize("word", ["recording_start", "transcribe_start"])
def test_nothing_begins_in_a_conference_that_ends(either: Mock, word: str) -> None:
    conference = room(either)
    either.client.delete(f"/v1.0/conferences/{conference['id']}")
    in_vain(either, post(either, conference, word))
    assert records(either, f"{word.partition('_')[0]}s") == []


def in_vain(mock: Mock, reply: Any) -> None:
    """Refused, or answered with a conference of zeros."""
    if is_documented(mock):
        assert refusal(reply) == (400, "INVALID_ARGUMENT")
    else:
        assert (reply.status_code, reply.json["id"], reply.json["customer_id"]) == (200, NIL_UUID, NIL_UUID)
        assert "status" not in reply.json


@pytest.mark.differs("conference-sound-stop")
@pytest.mark.parametrize("word", ["recording_stop", "transcribe_stop"])
def test_where_nothing_goes_on_there_is_nothing_to_stop(either: Mock, word: str) -> None:
    conference = room(either)
    reply = post(either, conference, word)
    if is_documented(either):
        assert (reply.status_code, reply.data) == (200, b"")
    else:
        assert refusal(reply) == (400, "INVALID_ARGUMENT")


@pytest.mark.differs("conference-recording-empty")
def test_a_conference_that_nobody_was_in_is_recorded_or_not(either: Mock) -> None:
    conference = made(either)
    reply = post(either, conference, "recording_start")
    if is_documented(either):
        assert reply.status_code == 200
    else:
        assert refusal(reply) == (400, "INVALID_ARGUMENT")
        hangs_up(either, joins(either, conference))
        assert post(either, conference, "recording_start").status_code == 200


def test_who_cannot_pay_does_not_record(either: Mock) -> None:
    conference = room(either)
    either.customers.update(either.world.owner, balance=0)
    assert refusal(post(either, conference, "recording_start")) == (400, "INVALID_ARGUMENT")


@pytest.mark.differs("recording-id")
def test_a_recording_ends_by_itself(either: Mock) -> None:
    conference = room(either)
    after = a_flow(either, a("variable_set", key="done", value="yes"))
    post(either, conference, "recording_start", duration=10, on_end_flow_id=after)
    either.advance(10)
    (recording,) = records(either, "recordings")
    assert (recording["status"], recording["on_end_flow_id"]) == ("ended", after)
    assert either.activeflows.list()[0].flow_id == after
    assert (shown(either, conference)["recording_id"] == NIL_UUID) == is_documented(either)
    if not is_documented(either):
        assert post(either, conference, "recording_stop").json["recording_id"] == NIL_UUID
        assert records(either, "recordings")[0]["status"] == "stopping"


def test_a_language_is_written_down_once_and_another_beside_it(either: Mock) -> None:
    conference = room(either)
    post(either, conference, "transcribe_start")
    assert refusal(post(either, conference, "transcribe_start", language="en_us")) == (
        409,
        "TRANSCRIBE_ALREADY_PROGRESSING",
    )
    post(either, conference, "transcribe_start", language="ko-KR")
    english, korean = records(either, "transcribes")
    assert (english["direction"], korean["language"]) == ("in", "ko-KR")
    during = shown(either, conference)
    assert (during["transcribe_id"], during["transcribe_ids"]) == (korean["id"], [english["id"], korean["id"]])
    post(either, conference, "transcribe_stop")
    assert shown(either, conference)["transcribe_id"] == NIL_UUID
    assert [row["status"] for row in records(either, "transcribes")] == ["progressing", "done"]


def test_what_is_said_in_a_conference_is_written_down(either: Mock) -> None:
    conference = made(either)
    ann, bob = joins(either, conference), joins(either, conference)
    post(either, conference, "transcribe_start")
    (transcribe,) = records(either, "transcribes")
    for call_id, text in ((ann, "Good morning."), (bob, "Hello.")):
        either.advance(1)
        with either.world.changing():
            voice.says(either.world, call_id, text)
    found = either.client.get("/v1.0/transcripts", query_string={"transcribe_id": transcribe["id"]}).json["result"]
    assert [row["message"] for row in found] == ["Hello.", "Good morning."]


def test_what_a_recording_of_a_conference_holds_is_written_down(either: Mock) -> None:
    conference = made(either)
    ann, bob = (either.phone(f"+1555010001{digit}").calls(conference["id"]) for digit in "12")
    ann.say("Before.")
    post(either, conference, "recording_start")
    either.advance(2)
    ann.say("Good morning.")
    bob.say("Hello.")
    recording_id = shown(either, conference)["recording_id"]
    post(either, conference, "recording_stop")
    bob.say("After.")
    body = {"reference_type": "recording", "reference_id": recording_id, "language": "en-US"}
    transcribe = either.client.post("/v1.0/transcribes", json=body).json
    found = either.client.get("/v1.0/transcripts", query_string={"transcribe_id": transcribe["id"]}).json["result"]
    assert {row["message"] for row in found} == {"Good morning.", "Hello."}
    assert {row["tm_transcript"][11:19] for row in found} == {"00:00:02"}


def test_the_end_of_a_conference_ends_both(either: Mock) -> None:
    conference = room(either)
    post(either, conference, "recording_start")
    post(either, conference, "transcribe_start")
    either.client.delete(f"/v1.0/conferences/{conference['id']}")
    assert shown(either, conference)["status"] == "terminated"
    assert (records(either, "recordings")[0]["status"], records(either, "transcribes")[0]["status"]) == (
        "ended",
        "done",
    )


@pytest.mark.differs("conference-unknown")
@pytest.mark.parametrize("word", WORDS)
def test_unknown_foreign_and_forbidden_are_told_apart_here_too(either: Mock, word: str) -> None:
    conference = room(either)
    body = RECORDING if word == "recording_start" else ENGLISH
    path = f"/v1.0/conferences/{conference['id']}/{word}"
    unknown = (404, "CONFERENCE_NOT_FOUND") if is_documented(either) else (400, "INVALID_ARGUMENT")
    assert refusal(either.client.post(path.replace(conference["id"], SOME_ID), json=body)) == unknown
    foreign = either.anonymous.post(path, query_string={"token": foreigner(either)}, json=body)
    assert refusal(foreign) == (unknown if is_documented(either) else (403, "PERMISSION_DENIED"))
    assert refusal(plain_agent(either).post(path, json=body)) == (403, "PERMISSION_DENIED")
    assert refusal(either.client.post(f"/v1.0/conferences/seven/{word}", json=body)) == (400, "INVALID_ID")


# --- on a websocket ------------------------------------------------------------------------------------


def test_a_conference_is_heard_until_it_is_over(documented: Mock) -> None:
    documented.serve()
    conference = made(documented)
    with listening(documented, f"conferences/{conference['id']}", "sln") as socket:
        assert len(socket.receive(LONG)) == 320
        documented.client.delete(f"/v1.0/conferences/{conference['id']}")
        with pytest.raises(simple_websocket.ConnectionClosed):
            drain(socket)


def test_what_is_no_handshake_of_a_conference_is_refused(either: Mock) -> None:
    path = f"/v1.0/conferences/{room(either)['id']}/media_stream"
    assert refusal(either.client.get(path)) == (400, "MISSING_REQUEST_PARAMETER")
    assert either.client.get(f"{path}?encapsulation=rtp").status_code == 400
    unknown = either.client.get(f"/v1.0/conferences/{SOME_ID}/media_stream?encapsulation=rtp")
    wanted = (404, "CONFERENCE_NOT_FOUND") if is_documented(either) else (400, "INVALID_ARGUMENT")
    assert refusal(unknown) == wanted
    assert refusal(plain_agent(either).get(f"{path}?encapsulation=rtp")) == (403, "PERMISSION_DENIED")
