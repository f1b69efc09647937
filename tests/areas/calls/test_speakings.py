"""Speakings: texts that are spoken to a call as they come."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.calling import hangs_up
from tests.support.campaigning import events, foreigner, refusal
from tests.support.sound import UNKNOWN, call, get, in_call, is_documented, post
from voipbin_mock import Mock


def start(mock: Mock, call_id: str, **body: Any) -> Any:
    """A new speaking to a call."""
    reply = post(mock, "/speakings", reference_type="call", reference_id=call_id, **body)
    assert reply.status_code == 201, reply.text
    return reply.json


def active(mock: Mock, call_id: str) -> Any:
    made = start(mock, call_id)
    mock.advance(seconds=2)
    return made


@pytest.mark.differs("speaking-status", "speaking-events")
def test_a_speaking_begins(either: Mock) -> None:
    call_id = in_call(either)
    made = start(either, call_id, language="en-US", direction="both")
    assert (made["provider"], made["reference_id"]) == ("elevenlabs", call_id)
    assert made["status"] == ("initiating" if is_documented(either) else "active")
    either.advance(seconds=2)
    assert get(either, f"/speakings/{made['id']}")["status"] == "active"
    assert ("speaking_started" in events(either)) is is_documented(either)


def test_a_text_is_spoken_to_the_call(either: Mock) -> None:
    call_id = in_call(either)
    made = active(either, call_id)
    transcribe = post(either, "/transcribes", reference_type="call", reference_id=call_id, language="en-US").json
    before = get(either, f"/speakings/{made['id']}")
    assert post(either, f"/speakings/{made['id']}/say", text="Hello").json == before
    assert post(either, f"/speakings/{made['id']}/flush").json == before
    (said,) = get(either, f"/transcripts?transcribe_id={transcribe['id']}")["result"]
    assert (said["direction"], said["message"]) == ("out", "Hello")


@pytest.mark.parametrize("text", ["", "ä" * 2501])
def test_a_text_has_at_most_5000_bytes(either: Mock, text: str) -> None:
    assert refusal(post(either, f"/speakings/{UNKNOWN}/say", text=text)) == (400, "INVALID_ARGUMENT")
    made = active(either, in_call(either))
    assert post(either, f"/speakings/{made['id']}/say", text="ä" * 2500).status_code == 200


@pytest.mark.differs("speaking-unknown")
def test_a_speaking_that_there_is_not(either: Mock) -> None:
    reason = "SPEAKING_NOT_FOUND" if is_documented(either) else "RESOURCE_NOT_FOUND"
    assert refusal(either.client.get(f"/v1.0/speakings/{UNKNOWN}")) == (404, reason)
    assert refusal(post(either, f"/speakings/{UNKNOWN}/say", text="Hello")) == (404, reason)


@pytest.mark.differs("speaking-twice")
def test_a_call_is_spoken_to_by_one_at_a_time(either: Mock) -> None:
    call_id = in_call(either)
    made = active(either, call_id)
    again = post(either, "/speakings", reference_type="call", reference_id=call_id)
    assert refusal(again) == ((409, "STATE_INVALID") if is_documented(either) else (500, "INTERNAL"))
    for _ in range(2):
        assert post(either, f"/speakings/{made['id']}/stop").json["status"] == "stopped"
    for word in ("say", "flush"):
        reply = post(either, f"/speakings/{made['id']}/{word}", text="Hello")
        assert refusal(reply) == ((409, "STATE_INVALID") if is_documented(either) else (404, "RESOURCE_NOT_FOUND"))
    start(either, call_id)


@pytest.mark.differs("speaking-reference")
def test_whom_a_speaking_reaches(either: Mock) -> None:
    over, other = in_call(either), in_call(either)
    hangs_up(either, over)
    replies = [post(either, "/speakings", reference_type="call", reference_id=each) for each in (UNKNOWN, over)]
    documented = [(404, "CALL_NOT_FOUND"), (409, "CALL_ALREADY_HANGUP")]
    assert [refusal(each) for each in replies] == (documented if is_documented(either) else [(500, "INTERNAL")] * 2)
    body = {"reference_type": "call", "reference_id": other}
    foreign = either.anonymous.post(f"/v1.0/speakings?token={foreigner(either)}", json=body)
    assert foreign.status_code == (404 if is_documented(either) else 201)
    assert post(either, "/speakings", reference_type="confbridge", reference_id=UNKNOWN).status_code == (
        404 if is_documented(either) else 500
    )


def test_what_is_wrong_with_a_body_is_told_in_order(either: Mock) -> None:
    wrong = {"reference_type": "letter", "reference_id": "x", "direction": "sideways"}
    for name, right in (("reference_type", "call"), ("reference_id", UNKNOWN), ("direction", "in")):
        reply = post(either, "/speakings", **wrong)
        assert refusal(reply) == (400, "INVALID_ARGUMENT")
        assert reply.json["error"]["details"][0]["pointer"] == f"/{name}"
        wrong[name] = right


@pytest.mark.differs("speaking-hangup")
def test_a_speaking_when_its_call_is_over(either: Mock) -> None:
    call_id = in_call(either)
    made = active(either, call_id)
    hangs_up(either, call_id)
    assert get(either, f"/speakings/{made['id']}")["status"] == ("stopped" if is_documented(either) else "active")


def test_a_deleted_speaking_is_stopped_and_can_be_read(either: Mock) -> None:
    call_id = in_call(either)
    made = active(either, call_id)
    gone = either.client.delete(f"/v1.0/speakings/{made['id']}").json
    assert gone["status"] == "stopped"
    assert get(either, f"/speakings/{made['id']}") == gone
    either.advance(seconds=1)
    assert either.client.delete(f"/v1.0/speakings/{made['id']}").json["tm_delete"] > gone["tm_delete"]
    assert get(either, "/speakings") == ([] if is_documented(either) else {"result": [], "next_page_token": ""})
    assert call(either, call_id)["status"] == "progressing"


@pytest.mark.differs("speaking-list")
def test_speakings_are_listed_bare_or_in_pages(either: Mock) -> None:
    made = [start(either, in_call(either))["id"] for _ in range(3)]
    listed = get(either, "/speakings")
    first = get(either, "/speakings?page_size=2")
    if is_documented(either):
        assert [each["id"] for each in listed] == made[::-1]
        assert first == listed[:2]
        older = get(either, f"/speakings?page_token={first[-1]['tm_create']}")
        assert [each["id"] for each in older] == made[:1]
    else:
        assert list(listed) == ["result", "next_page_token"]
        assert [each["id"] for each in listed["result"]] == made[::-1]
        assert first["result"] == listed["result"][:2]
    schema = either.openapi()["paths"]["/v1.0/speakings"]["get"]["responses"]["200"]["content"]["application/json"]
    assert ("items" in schema["schema"]) is is_documented(either)
