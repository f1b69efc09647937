"""What is done with a call that goes on: hold, music, mute, silence, talk."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import events, foreigner, plain_agent, refusal
from tests.support.sound import UNKNOWN, call, in_call, is_documented, post
from voipbin_mock import Mock

SWITCHES = {"hold": "on_hold", "moh": "music_on_hold", "silence": "silenced"}
HUNG_UP = (409, "CALL_ALREADY_HANGUP")
NOT_ANSWERED = (409, "CALL_STATE_INVALID")


def hidden(mock: Mock, call_id: str) -> Any:
    row = mock.world.store["calls"].get(call_id)
    assert row is not None
    return row.data


@pytest.mark.parametrize(("word", "member"), SWITCHES.items())
def test_a_switch_is_turned_on_and_off_with_an_empty_answer_and_no_event(either: Mock, word: str, member: str) -> None:
    call_id = in_call(either)
    before, told = call(either, call_id), events(either)
    for method, expected in (("POST", True), ("POST", True), ("DELETE", False), ("DELETE", False)):
        reply = either.client.open(f"/v1.0/calls/{call_id}/{word}", method=method)
        assert (reply.status_code, reply.data, reply.content_type) == (200, b"", None)
        assert hidden(either, call_id)[member] is expected
    assert call(either, call_id) == before
    assert events(either) == told


@pytest.mark.differs("call-controls")
def test_controls_of_a_call_that_is_not_answered(either: Mock) -> None:
    call_id = in_call(either, answered=False)
    for word in (*SWITCHES, "mute"):
        reply = post(either, f"/calls/{call_id}/{word}")
        assert refusal(reply) == NOT_ANSWERED if is_documented(either) else reply.status_code == 200
    reply = post(either, f"/calls/{call_id}/talk", text="Hello")
    if is_documented(either):
        assert refusal(reply) == NOT_ANSWERED
    else:
        assert (reply.status_code, call(either, call_id)["status"]) == (200, "progressing")


@pytest.mark.differs("call-controls")
def test_controls_of_a_call_that_is_over(either: Mock) -> None:
    call_id = in_call(either)
    post(either, f"/calls/{call_id}/hangup")
    for word in (*SWITCHES, "mute"):
        expected = HUNG_UP if is_documented(either) else (400, "INVALID_ARGUMENT")
        assert refusal(post(either, f"/calls/{call_id}/{word}")) == expected
    expected = HUNG_UP if is_documented(either) else (500, "INTERNAL")
    assert refusal(post(either, f"/calls/{call_id}/talk", text="Hello")) == expected


def test_a_mute_is_seen_and_told_of(either: Mock) -> None:
    call_id = in_call(either)
    for given, seen in (({}, "both"), ({"direction": "in"}, "in"), ({"direction": ""}, "both")):
        told = len(events(either))
        assert post(either, f"/calls/{call_id}/mute", **given).data == b""
        assert call(either, call_id)["mute_direction"] == seen
        assert events(either)[told:] == ["call_updated"]
    assert post(either, f"/calls/{call_id}/mute", direction="sideways").status_code == 400


@pytest.mark.differs("call-unmute")
@pytest.mark.parametrize(
    ("muted", "ended", "by_documents", "by_server"),
    [
        ("both", "in", "out", "out"), ("both", "out", "in", "in"), ("both", "both", "", ""), ("in", "in", "", ""),
        ("in", "out", "in", "in"), ("in", "both", "", "in"),
    ],
)  # fmt: skip
def test_ending_a_mute_leaves_the_other_direction(
    either: Mock, muted: str, ended: str, by_documents: str, by_server: str
) -> None:
    call_id = in_call(either)
    post(either, f"/calls/{call_id}/mute", direction=muted)
    assert either.client.delete(f"/v1.0/calls/{call_id}/mute", json={"direction": ended}).data == b""
    left = call(either, call_id).get("mute_direction", "")
    assert left == (by_documents if is_documented(either) else by_server)


def test_ending_a_mute_needs_a_body(either: Mock) -> None:
    call_id = in_call(either)
    assert refusal(either.client.delete(f"/v1.0/calls/{call_id}/mute")) == (400, "INVALID_JSON_BODY")


def test_talk_speaks_beside_the_flow(either: Mock) -> None:
    call_id = in_call(either)
    before = call(either, call_id)
    assert post(either, f"/calls/{call_id}/talk", text="Please hold.").data == b""
    assert call(either, call_id) == before
    assert [entry[1:3] for entry in hidden(either, call_id)["heard"]] == [["out", "Please hold."]]


@pytest.mark.differs("call-talk-text")
@pytest.mark.parametrize("text", ["Fish & chips", "1 < 2"])
def test_a_text_that_is_no_markup(either: Mock, text: str) -> None:
    reply = post(either, f"/calls/{in_call(either)}/talk", text=text)
    assert reply.status_code == 200 if is_documented(either) else refusal(reply) == (500, "INTERNAL")


def test_text_with_entities_is_spoken(either: Mock) -> None:
    assert post(either, f"/calls/{in_call(either)}/talk", text="Fish &amp; chips").status_code == 200


@pytest.mark.differs("D12")
def test_controls_find_their_call_first_and_then_ask_who_it_is(either: Mock) -> None:
    call_id = in_call(either)
    for word in (*SWITCHES, "mute", "talk", "recording_start", "recording_stop"):
        assert refusal(post(either, f"/calls/{UNKNOWN}/{word}")) == (404, "CALL_NOT_FOUND")
        assert refusal(plain_agent(either).post(f"/v1.0/calls/{call_id}/{word}", json={})) == (403, "PERMISSION_DENIED")
        either.agents.delete(either.agents.get(username="agent@localhost").id)
    token = foreigner(either)
    reply = either.anonymous.post(f"/v1.0/calls/{call_id}/hold?token={token}")
    assert reply.status_code == (404 if is_documented(either) else 403)
    either.client.delete(f"/v1.0/calls/{call_id}")
    assert refusal(post(either, f"/calls/{call_id}/hold")) == (409, "STATE_INVALID")
