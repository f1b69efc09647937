"""Summaries: of calls and conferences once they are over, of transcribes and recordings soon; then a flow runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.calling import a, a_flow, calls_in, hangs_up, path, run_of
from tests.support.campaigning import events, refusal
from voipbin_mock import LiveCall, Mock
from voipbin_mock.ai import Done, Failed

NIL = "00000000-0000-0000-0000-000000000000"
UNKNOWN = "7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f82"
IVR = (a("answer"), a("talk", text="press one"), a("sleep", duration=20_000), a("hangup"))


def by_documents(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def post(mock: Mock, kind: str, reference_id: str, language: str = "en-US", **body: Any) -> Any:
    sent = {"on_end_flow_id": NIL, "reference_type": kind, "reference_id": reference_id, "language": language, **body}
    return mock.client.post("/v1.0/aisummaries", json=sent)


def made(mock: Mock, kind: str, reference_id: str, language: str = "en-US", **body: Any) -> Any:
    reply = post(mock, kind, reference_id, language, **body)
    assert reply.status_code == 200, reply.text
    return reply.json


def state(mock: Mock, summary: Any) -> tuple[str, str]:
    row = mock.aisummaries.get(summary["id"])
    return row.status, row.content


def a_talk(mock: Mock) -> str:
    """A call that goes on: the IVR speaks."""
    call = calls_in(mock, a_flow(mock, *IVR))
    mock.advance(seconds=1)
    return call


def variables(mock: Mock, run: Any) -> Mapping[str, str]:
    known = mock.world.store["activeflows"].get(run.id).data["variables"]
    return {name: value for name, value in known.items() if name.startswith("voipbin.ai_summary.")}


def test_a_new_one_to_the_letter(documented: Mock, server: Mock) -> None:
    for mock in (documented, server):
        call = a_talk(mock)
        reply = post(mock, "call", call)
        start = (
            f'{{"id":"{reply.json["id"]}","customer_id":"{reply.json["customer_id"]}",'
            f'"activeflow_id":"{mock.calls.get(call).activeflow_id}","on_end_flow_id":"{NIL}",'
            f'"reference_type":"call","reference_id":"{call}","status":"progressing","language":"en-US",'
        )
        created, never = reply.json["tm_create"], '"9999-01-01T00:00:00.000000Z"'
        end = f'"content":"","tm_create":"{created}","tm_update":{never},"tm_delete":{never}}}'
        if mock is server:
            end = f'"tm_create":"{created}","tm_update":null,"tm_delete":null}}'
        assert reply.text == start + end


def test_one_of_a_call_is_done_some_seconds_after_that_was_hung_up(either: Mock) -> None:
    call = a_talk(either)
    summary = made(either, "call", call)
    either.advance(seconds=4)
    assert state(either, summary) == ("progressing", "")
    hangs_up(either, call)
    either.advance(seconds=4)
    assert state(either, summary) == ("progressing", "")
    either.advance(seconds=1)
    assert state(either, summary) == ("done", "press one")
    assert [type for type in events(either) if type.startswith("summary")] == ["summary_created", "summary_updated"]


def test_then_its_flow_runs_with_what_was_found(either: Mock) -> None:
    flow = a_flow(either, a("variable_set", key="said", value="${voipbin.ai_summary.content}"))
    either.ai.summaries.script(Done(content="Ann wants her money back."))
    summary = made(either, "call", call := a_talk(either), on_end_flow_id=flow)
    hangs_up(either, call)
    either.advance(seconds=5)
    run = either.activeflows.list()[0]
    assert (run.flow_id, run.reference_type, run.reference_id) == (flow, "ai", summary["id"])
    assert variables(either, run) == {
        "voipbin.ai_summary.id": summary["id"],
        "voipbin.ai_summary.reference_type": "call",
        "voipbin.ai_summary.reference_id": call,
        "voipbin.ai_summary.language": "en-US",
        "voipbin.ai_summary.content": "Ann wants her money back.",
    }
    assert either.world.store["activeflows"].get(run.id).data["variables"]["said"] == "Ann wants her money back."


def test_the_same_again_is_the_one_that_there_is(either: Mock) -> None:
    call = a_talk(either)
    first = made(either, "call", call)
    assert made(either, "call", call) == first
    assert made(either, "call", call, "de-DE")["id"] != first["id"]
    assert events(either).count("summary_created") == 2


@pytest.mark.differs("summary-newest")
def test_several_of_one_call(either: Mock) -> None:
    call = a_talk(either)
    several = [made(either, "call", call, language) for language in ("en-US", "de-DE")]
    hangs_up(either, call)
    either.advance(seconds=5)
    assert [state(either, one)[0] for one in several] == ["done" if by_documents(either) else "progressing", "done"]


@pytest.mark.differs("summary-silence", "summary-ended")
def test_of_a_call_in_which_nothing_was_said(either: Mock) -> None:
    call = calls_in(either, a_flow(either, a("answer"), a("sleep", duration=5000)))
    summary = made(either, "call", call)
    either.advance(minutes=1)
    assert state(either, summary) == (("done", "Nothing was said.") if by_documents(either) else ("progressing", ""))
    late = post(either, "call", call, "fr-FR")
    if by_documents(either):
        either.advance(seconds=5)
        assert state(either, late.json) == ("done", "Nothing was said.")
    else:
        assert refusal(late) == (500, "INTERNAL")


@pytest.mark.differs("summary-deleted")
def test_one_that_is_deleted_stays_deleted(either: Mock) -> None:
    call = a_talk(either)
    summary = made(either, "call", call)
    deleted = either.client.delete(f"/v1.0/aisummaries/{summary['id']}").json
    assert deleted["tm_delete"] == deleted["tm_update"]
    again = post(either, "call", call)
    if by_documents(either):
        assert again.json["status"] == "progressing"
    else:
        assert refusal(again) == (409, "TRANSCRIBE_ALREADY_PROGRESSING")
    hangs_up(either, call)
    either.advance(minutes=1)
    assert state(either, summary) == ("progressing", "")
    assert either.client.get(f"/v1.0/aisummaries/{summary['id']}").json == deleted
    assert summary["id"] not in [row.id for row in either.aisummaries]


@pytest.mark.differs("summary-conference")
def test_of_a_conference_once_it_is_over(either: Mock) -> None:
    room = either.conferences.create(type="conference", name="room", timeout=0)
    summary = made(either, "conference", room.id)
    assert summary["activeflow_id"] == NIL
    call = calls_in(either, a_flow(either, a("answer"), a("conference_join", conference_id=room.id)))
    either.advance(seconds=1)
    LiveCall(either.world, call).say("hello all")
    either.advance(seconds=1)
    either.client.delete(f"/v1.0/conferences/{room.id}")
    either.advance(seconds=6)
    assert state(either, summary) == (("done", "hello all") if by_documents(either) else ("progressing", ""))


@pytest.mark.differs("summary-at-once")
def test_of_a_recording_and_of_a_transcribe(either: Mock) -> None:
    call = a_talk(either)
    transcribe = either.client.post(
        "/v1.0/transcribes", json={"reference_type": "call", "reference_id": call, "language": "en-US"}
    ).json
    either.client.post(f"/v1.0/calls/{call}/recording_start", json={"format": "wav"})
    recording = either.calls.get(call).recording_id
    LiveCall(either.world, call).say("one please")
    either.advance(seconds=1)
    either.client.post(f"/v1.0/calls/{call}/recording_stop")
    several = [made(either, "recording", recording), made(either, "transcribe", transcribe["id"])]
    assert {one["status"] for one in several} == {"progressing" if by_documents(either) else "done"}
    either.advance(seconds=5)
    assert [state(either, one) for one in several] == [("done", "one please")] * 2


def test_one_that_fails_stays_as_it_is_or_is_refused_where_it_is_made_at_once(documented: Mock, server: Mock) -> None:
    recording = "348d988b-2ac9-4702-84f0-ae81301ad349"
    for mock in (documented, server):
        mock.recordings.create(id=recording, status="ended", reference_type="call")
        mock.ai.summaries.script(Failed())
        summary = made(mock, "call", call := a_talk(mock))
        hangs_up(mock, call)
        mock.advance(hours=1)
        assert state(mock, summary) == ("progressing", "")
    assert state(documented, made(documented, "recording", recording)) == ("progressing", "")
    assert refusal(post(server, "recording", recording)) == (500, "INTERNAL")
    server.ai.summaries.script(Done(after="51s"), Done())
    assert refusal(post(server, "recording", recording)) == (503, "REQUEST_TIMEOUT")
    assert state(server, made(server, "recording", recording)) == ("done", "Nothing was said.")


def test_what_is_not_there_is_refused_by_its_own_name(either: Mock) -> None:
    reasons = {
        "call": (404, "CALL_NOT_FOUND"),
        "recording": (404, "RECORDING_NOT_FOUND"),
        "transcribe": (404, "TRANSCRIBE_NOT_FOUND"),
        "conference": (404, "CONFERENCE_NOT_FOUND") if by_documents(either) else (400, "INVALID_ARGUMENT"),
        "letter": (400, "INVALID_ARGUMENT"),
    }
    for kind, told in reasons.items():
        assert refusal(post(either, kind, UNKNOWN)) == told, kind
    either.agents.create(username="plain@localhost", permission=16)
    client = either.client_for("plain@localhost")
    body = {"on_end_flow_id": NIL, "reference_type": "call", "reference_id": a_talk(either), "language": "en-US"}
    assert refusal(client.post("/v1.0/aisummaries", json=body)) == (403, "PERMISSION_DENIED")


# --- in flows -------------------------------------------------------------------------------------------


@pytest.mark.differs("summary-in-calls")
def test_a_flow_has_its_call_summarised(either: Mock) -> None:
    option = {"reference_type": "call", "reference_id": "${voipbin.call.id}", "language": "en-US"}
    flow = a_flow(either, a("answer"), a("ai_summary", **option), a("talk", text="goodbye"), a("hangup"))
    call = calls_in(either, flow)
    either.advance(minutes=1)
    assert path(run_of(either, call)) == [
        "answer", *(["ai_summary"] if by_documents(either) else []), "talk", "hangup",
    ]  # fmt: skip
    if by_documents(either):
        (summary,) = either.aisummaries
        assert (summary.status, summary.content, summary.reference_id) == ("done", "goodbye", call)
        assert summary.activeflow_id == either.calls.get(call).activeflow_id


def test_a_flow_without_a_call_does_so_in_either_profile_and_ends_where_it_cannot(either: Mock) -> None:
    recording = either.recordings.create(status="ended", reference_type="call").id
    flows = {
        "done": a("ai_summary", reference_type="recording", reference_id=recording, language="en-US"),
        "foreign": a("ai_summary", reference_type="recording", reference_id=UNKNOWN, language="en-US"),
        "odd": a("ai_summary", reference_type="letter", reference_id=recording, language="en-US"),
    }
    for name, action in flows.items():
        body = {"actions": [action, a("variable_set", key="after", value="1")]}
        run = either.client.post("/v1.0/activeflows", json=body).json["id"]
        either.advance(seconds=6)
        known = either.world.store["activeflows"].get(run).data["variables"]
        assert known.get("after") == ("1" if name == "done" else None), name
    (summary,) = either.aisummaries
    assert (summary.status, summary.content) == ("done", "Nothing was said.")


def test_what_goes_on_is_in_snapshots_and_dumps(either: Mock) -> None:
    summary = made(either, "call", call := a_talk(either))
    moment, state_then = either.snapshot(), either.dump()
    for back in (lambda: either.restore(moment), lambda: either.load(state_then)):
        back()
        hangs_up(either, call)
        either.advance(seconds=5)
        assert state(either, summary) == ("done", "press one")


def test_one_that_a_test_puts_in_place_goes_on(either: Mock) -> None:
    call = a_talk(either)
    either.ai.summaries.script(Done(content="a summary"))
    waits = either.aisummaries.create(reference_type="call", reference_id=call, status="progressing")
    over = either.aisummaries.create(reference_type="call", reference_id=UNKNOWN, status="progressing")
    either.advance(seconds=5)
    assert [either.aisummaries.get(one).status for one in (waits, over)] == ["progressing", "done"]
    hangs_up(either, call)
    either.advance(seconds=5)
    assert either.aisummaries.get(waits).content == "a summary"
