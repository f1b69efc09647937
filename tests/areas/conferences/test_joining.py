"""Callers in conferences: they come by their flow, meet, leave or are sent out, and their flow goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.areas.conferences.test_conferences import changed, is_documented, made, shown
from tests.support.calling import a, a_flow, calls_in, hangs_up, run_of, whole_path
from tests.support.campaigning import SOME_ID, events
from voipbin_mock import Mock

GREETING = a("talk", text="Welcome to the standup.")


def joins(mock: Mock, conference: Mapping[str, Any], *, answers: bool = True, source: str = "+15550100001") -> str:
    """The id of a call whose flow leads it into a conference, and says goodbye after it."""
    steps = [*([a("answer")] if answers else []), a("conference_join", conference_id=conference["id"])]
    return calls_in(mock, a_flow(mock, *steps, a("talk", text="Goodbye."), a("hangup")), source)


def of(mock: Mock, call_id: str) -> Any:
    """The conferencecall of a call."""
    rows = mock.client.get("/v1.0/conferencecalls").json["result"]
    return next(row for row in rows if row["reference_id"] == call_id)


def call(mock: Mock, call_id: str) -> Any:
    return mock.client.get(f"/v1.0/calls/{call_id}").json


def within(mock: Mock, conference: Mapping[str, Any]) -> list[str]:
    """The calls that are in a conference, as it says itself."""
    ids = shown(mock, conference).get("conferencecall_ids", [])
    return [mock.client.get(f"/v1.0/conferencecalls/{each}").json["reference_id"] for each in ids]


def kick(mock: Mock, call_id: str) -> Any:
    return mock.client.delete(f"/v1.0/conferencecalls/{of(mock, call_id)['id']}")


def test_two_callers_meet_and_each_leaves_when_it_hangs_up(either: Mock) -> None:
    conference = made(either)
    ann, bob = joins(either, conference), joins(either, conference)
    assert within(either, conference) == [ann, bob]
    assert {of(either, each)["status"] for each in (ann, bob)} == {"joined"}
    either.advance(60)
    hangs_up(either, ann)
    assert within(either, conference) == [bob]
    assert (of(either, ann)["status"], of(either, bob)["status"]) == ("leaved", "joined")
    assert call(either, bob)["status"] == "progressing"
    hangs_up(either, bob)
    ended = shown(either, conference)
    assert (ended["status"], ended.get("conferencecall_ids", [])) == ("progressing", [])
    assert whole_path(run_of(either, ann)) == ["answer", "conference_join", "confbridge_join"]
    assert not either.world.timers


def test_a_conferencecall_says_who_came_how(either: Mock) -> None:
    conference = made(either)
    ann = joins(either, conference)
    caller = of(either, ann)
    assert caller["customer_id"] == conference["customer_id"]
    assert (caller["conference_id"], caller["reference_type"]) == (conference["id"], "call")
    assert caller["activeflow_id"] == call(either, ann)["activeflow_id"]
    names = ["id", "customer_id", "activeflow_id", "conference_id", "reference_type", "reference_id", "status"]
    assert list(caller) == [*names, "tm_create", "tm_update", "tm_delete"]
    assert caller["tm_delete"] is None


def test_everybody_is_told_of_who_comes_and_goes(either: Mock) -> None:
    conference = made(either)
    either.advance(1)
    before = len(events(either))
    ann = joins(either, conference)
    hangs_up(either, ann)
    told = [each for each in events(either)[before:] if each.startswith("conference")]
    assert told == ["conference_updated"] * 2


def test_the_pre_flow_is_heard_before_the_others_are(either: Mock) -> None:
    conference = made(either, pre_flow_id=a_flow(either, GREETING))
    ann = joins(either, conference)
    assert (of(either, ann)["status"], within(either, conference)) == ("joining", [])
    either.advance(2)
    assert (of(either, ann)["status"], within(either, conference)) == ("joined", [ann])
    assert whole_path(run_of(either, ann)) == ["answer", "conference_join", "fetch_flow", "talk", "confbridge_join"]


@pytest.mark.differs("conference-post-flow")
def test_the_post_flow_is_for_who_has_left_and_the_server_forgets_it(either: Mock) -> None:
    thanks = a_flow(either, a("talk", text="Thank you for coming."))
    conference = made(either, post_flow_id=thanks)
    ann = joins(either, conference)
    kick(either, ann)
    either.advance(10)
    after = ["fetch_flow", "talk"] if is_documented(either) else []
    assert whole_path(run_of(either, ann)) == ["answer", "conference_join", "confbridge_join", *after, "talk", "hangup"]


def test_who_is_kicked_goes_on_with_its_flow(either: Mock) -> None:
    conference = made(either)
    ann, bob = joins(either, conference), joins(either, conference)
    kicked = kick(either, ann)
    assert (kicked.status_code, kicked.json["status"]) == (200, "leaving")
    assert (of(either, ann)["status"], within(either, conference)) == ("leaved", [bob])
    assert whole_path(run_of(either, ann)) == ["answer", "conference_join", "confbridge_join", "talk"]
    either.advance(2)
    assert call(either, ann)["status"] == "hangup"
    assert call(either, bob)["status"] == "progressing"
    assert kick(either, ann).json["status"] == "leaved"


@pytest.mark.differs("conferencecall-kick")
def test_whom_the_pre_flow_keeps_is_kicked_out_of_it_but_the_server_cannot(either: Mock) -> None:
    conference = made(either, pre_flow_id=a_flow(either, GREETING))
    ann = joins(either, conference)
    either.advance(1)
    kicked = kick(either, ann)
    if is_documented(either):
        assert (kicked.status_code, kicked.json["status"]) == (200, "leaving")
        assert of(either, ann)["status"] == "leaved"
        assert whole_path(run_of(either, ann)) == ["answer", "conference_join", "fetch_flow", "talk", "talk"]
        either.advance(2)
        assert call(either, ann)["status"] == "hangup"
        assert within(either, conference) == []
    else:
        assert (kicked.status_code, kicked.json["error"]["reason"]) == (400, "INVALID_ARGUMENT")
        assert of(either, ann)["status"] == "leaving"
        assert kick(either, ann).json["status"] == "leaving"
        either.advance(1)
        assert (of(either, ann)["status"], within(either, conference)) == ("joined", [ann])


def test_deleting_a_conference_sends_everybody_out(either: Mock) -> None:
    conference = made(either)
    calls = [joins(either, conference) for _ in range(3)]
    before = len(events(either))
    gone = either.client.delete(f"/v1.0/conferences/{conference['id']}").json
    assert (gone["status"], len(gone["conferencecall_ids"])) == ("terminating", 3)
    ended = shown(either, conference)
    assert (ended["status"], ended.get("conferencecall_ids", [])) == ("terminated", [])
    assert ended["tm_end"] is not None
    told = [each for each in events(either)[before:] if each.startswith("conference")]
    leaving = ["conference_updated"] * 3
    assert told == ["conference_updated", "conference_deleted", *leaving, "conference_deleted"]
    for each in calls:
        assert whole_path(run_of(either, each))[-2:] == ["confbridge_join", "talk"]
    either.advance(2)
    assert {call(either, each)["status"] for each in calls} == {"hangup"}
    assert not either.world.timers


def test_a_timeout_sends_everybody_out(either: Mock) -> None:
    conference = made(either, timeout=60)
    ann = joins(either, conference)
    either.advance(60)
    assert (shown(either, conference)["status"], of(either, ann)["status"]) == ("terminated", "leaved")
    assert whole_path(run_of(either, ann))[-1] == "talk"


@pytest.mark.differs("conference-connect")
def test_who_is_left_alone_in_a_connection_has_to_leave(either: Mock) -> None:
    conference = made(either, type="connect")
    ann = joins(either, conference)
    either.advance(90)
    bob = joins(either, conference)
    assert within(either, conference) == [ann, bob]
    hangs_up(either, ann)
    assert (of(either, bob)["status"], within(either, conference)) == ("leaved", [])
    assert whole_path(run_of(either, bob)) == ["answer", "conference_join", "confbridge_join", "talk"]
    assert shown(either, conference)["status"] == ("terminated" if is_documented(either) else "progressing")


@pytest.mark.differs("conference-join-ended")
def test_nobody_joins_a_deleted_conference_but_the_server_lets_it_in_for_a_while(either: Mock) -> None:
    conference = made(either)
    either.client.delete(f"/v1.0/conferences/{conference['id']}")
    ann = joins(either, conference)
    if is_documented(either):
        assert call(either, ann)["status"] == "hangup"
        assert len(either.conferencecalls) == 0
        assert whole_path(run_of(either, ann)) == ["answer", "conference_join"]
        return
    either.advance(19)
    assert (of(either, ann)["status"], within(either, conference)) == ("joined", [ann])
    either.advance(1)
    assert (of(either, ann)["status"], whole_path(run_of(either, ann))[-1]) == ("leaved", "talk")
    assert shown(either, conference)["status"] == "terminated", "its last caller has left"


@pytest.mark.parametrize("wanted", [SOME_ID, "seven", "", None, 7, ["x"]])
def test_a_conference_that_there_is_not_ends_the_flow(either: Mock, wanted: Any) -> None:
    flow = a_flow(either, a("answer"), a("conference_join", conference_id=wanted), a("talk", text="still here"))
    ann = calls_in(either, flow)
    assert (call(either, ann)["status"], run_of(either, ann)["failed"]) == ("hangup", True)
    assert whole_path(run_of(either, ann)) == ["answer", "conference_join"]


def test_a_flow_without_a_call_passes_it_over(either: Mock) -> None:
    conference = made(either)
    body = {"actions": [a("conference_join", conference_id=conference["id"])]}
    assert either.client.post("/v1.0/activeflows", json=body).status_code == 200
    either.advance(1)
    assert len(either.conferencecalls) == 0


# --- whether they are still there ----------------------------------------------------------------------


def test_who_was_not_answered_is_sent_out_after_twenty_seconds(either: Mock) -> None:
    conference = made(either)
    ann = joins(either, conference, answers=False)
    assert call(either, ann)["status"] == "ringing"
    either.advance(19)
    assert (of(either, ann)["status"], within(either, conference)) == ("joined", [ann])
    either.advance(1)
    assert of(either, ann)["status"] == "leaved"
    assert whole_path(run_of(either, ann)) == ["conference_join", "confbridge_join", "talk"]


def test_who_is_answered_in_time_may_stay(either: Mock) -> None:
    late = a_flow(either, a("sleep", duration=12_000), a("answer"))
    conference = made(either, pre_flow_id=late)
    ann = joins(either, conference, answers=False)
    either.advance(minutes=30)
    assert (of(either, ann)["status"], within(either, conference)) == ("joined", [ann])


@pytest.mark.differs("conferencecall-kick")
def test_who_hangs_up_before_it_was_let_in_is_missed_by_the_checks(either: Mock) -> None:
    conference = made(either, pre_flow_id=a_flow(either, a("sleep", duration=30_000)))
    ann = joins(either, conference)
    either.advance(7)
    hangs_up(either, ann)
    either.advance(17)
    assert of(either, ann)["status"] == "joining"
    either.advance(1)
    assert of(either, ann)["status"] == ("leaved" if is_documented(either) else "leaving")
    assert not either.world.timers


def test_a_conference_for_an_hour_takes_no_looks_at_who_is_well(either: Mock) -> None:
    conference = made(either)
    joins(either, conference)
    either.advance(5)
    kinds = {timer["kind"] for timer in either.dump()["timers"]["timers"]}
    assert kinds == {"call_ends"}


# --- other ways in, and what is kept -------------------------------------------------------------------


def test_a_conference_is_called_by_its_id_or_its_direct_hash(either: Mock) -> None:
    conference = made(either)
    regenerate = f"/v1.0/conferences/{conference['id']}/direct-hash-regenerate"
    digits = either.client.post(regenerate).json["direct_hash"].removeprefix("direct.")
    calls = [calls_in(either, conference["id"]), calls_in(either, f"direct.{digits}")]
    assert within(either, conference) == calls
    assert {call(either, each)["status"] for each in calls} == {"progressing"}


def test_a_snapshot_amid_a_conference_goes_on_the_same(either: Mock) -> None:
    conference = made(either, pre_flow_id=a_flow(either, GREETING), timeout=60)
    ann = joins(either, conference)
    either.advance(1)
    bob = joins(either, conference)
    moment, state = either.snapshot(), either.dump()

    def goes_on() -> list[Any]:
        either.advance(2)
        assert within(either, conference) == [ann, bob]
        either.advance(57)
        assert {of(either, each)["status"] for each in (ann, bob)} == {"leaved"}
        return [shown(either, conference), of(either, ann), run_of(either, bob)["trace"]]

    first = goes_on()
    for back in (lambda: either.restore(moment), lambda: either.load(state)):
        back()
        assert goes_on() == first


def test_another_pre_flow_is_for_those_who_come_later(either: Mock) -> None:
    conference = made(either)
    joins(either, conference)
    changed(either, conference, pre_flow_id=a_flow(either, GREETING))
    bob = joins(either, conference)
    assert of(either, bob)["status"] == "joining"
