"""Analyses of runs of flows: one of each run, counted from what the mock knows of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.calling import a, a_flow, calls_in
from tests.support.campaigning import refusal
from voipbin_mock import Busy, LiveCall, Mock
from voipbin_mock.ai import Done, Failed

UNKNOWN = "7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f83"
NIL = "00000000-0000-0000-0000-000000000000"
PATH = "/v1.0/timeline-analyses"


def post(mock: Mock, run: str, **body: Any) -> Any:
    return mock.client.post(PATH, json={"activeflow_id": run, **body})


def made(mock: Mock, run: str, **body: Any) -> Any:
    reply = post(mock, run, **body)
    assert reply.status_code == 200, reply.text
    return reply.json


def shown(mock: Mock, analysis: Any) -> Any:
    return mock.client.get(f"{PATH}/{analysis['id']}").json


def a_run(mock: Mock) -> str:
    """A run of a flow that has ended."""
    run = mock.client.post("/v1.0/activeflows", json={"actions": [a("stop")]}).json["id"]
    mock.advance(seconds=1)
    return str(run)


def a_talk(mock: Mock) -> str:
    """The run of a call that is over."""
    call = calls_in(mock, a_flow(mock, a("answer"), a("talk", text="press one"), a("sleep", duration=9000)))
    mock.advance(seconds=1)
    LiveCall(mock.world, call).say("a person, please")
    mock.advance(minutes=1)
    return mock.calls.get(call).activeflow_id


def test_a_new_one_to_the_letter(documented: Mock, server: Mock) -> None:
    for mock, error in ((documented, '"error":"",'), (server, "")):
        reply = post(mock, run := a_run(mock))
        created = reply.json["tm_create"]
        assert reply.text == (
            f'{{"id":"{reply.json["id"]}","customer_id":"{reply.json["customer_id"]}","activeflow_id":"{run}",'
            f'"status":"progressing",{error}"tm_create":"{created}","tm_update":null}}'
        )


@pytest.mark.differs("analysis-resources")
def test_what_is_found_in_a_call(either: Mock) -> None:
    analysis = made(either, a_talk(either))
    either.advance(seconds=19)
    assert shown(either, analysis) == analysis
    either.advance(seconds=1)
    found = shown(either, analysis)
    assert (found["status"], found["tm_update"]) == ("completed", "2026-03-01T09:01:21Z")
    result = found["result"]
    assert (result["version"], result["overall_status"], result["input_reduced"], result["issues"]) == (
        3,
        "ok",
        False,
        [],
    )
    context = result["session_context"]
    assert context.pop("started_at")
    assert context.pop("participants")[0] == {"role": "source", "address": "+15550100001"}
    assert context == {
        "reference_type": "call", "channel": "voice", "direction": "inbound", "direction_raw": "incoming",
        "flow_name": "menu", "multi_leg": False, "ai_handled": False, "human_involved": False,
    }  # fmt: skip
    assert result["outcome"]["result"] == "completed"
    assert result["outcome"]["detail"]["hangup_reason"] == result["outcome"]["reason"] == "normal"
    assert result["metrics"] == {"turns_user": 1, "turns_bot": 1}
    used = {each["type"]: each["count"] for each in result["resources_used"]}
    if either.world.profile.name == "documented":
        assert used == {"activeflow": 1, "call": 1}
    else:
        assert used.keys() == {"call-manager", "flow-manager"}
        assert sum(used.values()) == len(_events(either, analysis["activeflow_id"]))


def _events(mock: Mock, run: str) -> list[Any]:
    login = {"Authorization": f"Bearer {mock.token}"}
    page = mock.client.get("/v1.0/aggregated-events", query_string={"activeflow_id": run}, headers=login)
    return list(page.json["result"])


def test_what_is_found_in_a_call_that_nobody_took(either: Mock) -> None:
    either.phone("+15550100022").script(Busy())
    body = {
        "source": {"type": "tel", "target": "+15559876543"},
        "destinations": [{"type": "tel", "target": "+15550100022"}],
        "actions": [a("answer")],
    }
    (call,) = either.client.post("/v1.0/calls", json=body).json["calls"]
    either.advance(minutes=2)
    analysis = made(either, call["activeflow_id"])
    either.advance(seconds=20)
    result = shown(either, analysis)["result"]
    assert (result["outcome"]["result"], result["session_context"]["direction"]) == ("busy", "outbound")


def test_what_is_scripted_is_found_and_a_failure_says_why(either: Mock) -> None:
    issue = {"severity": "warning", "area": "media", "summary": "It crackled.", "evidence": [{"evidence_index": 1}]}
    either.ai.analyses.script(Done(after="2s", overall_status="warning", issues=[issue]), Failed())
    first, second = (made(either, a_run(either)) for _ in range(2))
    either.advance(seconds=2)
    result = shown(either, first)["result"]
    assert (result["overall_status"], result["issues"], result["version"]) == ("warning", [issue], 3)
    either.advance(seconds=20)
    failed = shown(either, second)
    assert (failed["status"], failed["error"]) == ("failed", "the analysis could not be completed")
    assert "result" not in failed


def test_there_is_one_of_a_run_which_may_be_made_anew_after_a_minute(either: Mock) -> None:
    analysis = made(either, run := a_run(either))
    assert made(either, run, reanalyze=True) == analysis, "it goes on"
    either.advance(seconds=20)
    done = shown(either, analysis)
    assert made(either, run) == done
    assert refusal(post(either, run, reanalyze=True)) == (429, "RATE_LIMIT_EXCEEDED")
    either.advance(seconds=59)
    assert refusal(post(either, run, reanalyze=True)) == (429, "RATE_LIMIT_EXCEEDED")
    either.advance(seconds=1)
    anew = made(either, run, reanalyze=True)
    assert (anew["id"], anew["tm_create"], anew["status"]) == (done["id"], done["tm_create"], "progressing")
    assert anew["tm_update"] > done["tm_update"]
    assert "result" not in anew
    either.advance(seconds=20)
    assert shown(either, analysis)["status"] == "completed"


def test_one_that_is_deleted_is_gone_altogether(either: Mock) -> None:
    analysis = made(either, run := a_run(either))
    assert either.client.delete(f"{PATH}/{analysis['id']}").json == analysis
    for again in (either.client.get, either.client.delete):
        assert refusal(again(f"{PATH}/{analysis['id']}")) == (404, "RESOURCE_NOT_FOUND")
    assert made(either, run)["id"] != analysis["id"]
    assert either.timeline_analyses.list(deleted=True, id=analysis["id"]) == []


def test_lists_are_narrowed_by_run_and_status(either: Mock) -> None:
    first, second = (made(either, a_run(either)) for _ in range(2))
    either.advance(seconds=19)

    def ids(**query: str) -> list[str]:
        return [row["id"] for row in either.client.get(PATH, query_string=query).json["result"]]

    assert ids() == ids(activeflow_id="seven") == [second["id"], first["id"]]
    assert ids(activeflow_id=first["activeflow_id"]) == ids(status="completed") == [first["id"]]
    assert ids(activeflow_id=UNKNOWN) == ids(status="odd") == []


def test_what_is_refused_and_in_which_order(either: Mock) -> None:
    running = either.client.post("/v1.0/activeflows", json={"actions": [a("block")]}).json["id"]
    foreign = either.customers.create(name="Somebody else", status="active").id
    theirs = either.activeflows.create(customer_id=foreign, status="ended").id
    told = {
        NIL: (400, "INVALID_ARGUMENT"),
        UNKNOWN: (404, "RESOURCE_NOT_FOUND"),
        theirs: (404, "RESOURCE_NOT_FOUND"),
        running: (409, "STATE_INVALID"),
    }
    for run, refused in told.items():
        assert refusal(post(either, run)) == refused, run
    other = either.timeline_analyses.create(customer_id=foreign, activeflow_id=theirs, status="completed").id
    for path, refused in {"seven": 400, NIL: 400, UNKNOWN: 404, other: 404}.items():
        for ask in (either.client.get, either.client.delete):
            assert ask(f"{PATH}/{path}").status_code == refused, path


def test_so_many_go_on_at_a_time_and_no_more(either: Mock) -> None:
    either.ai.analyses.script(Done(after="1h"))
    for _ in range(20):
        made(either, a_run(either))
    assert refusal(post(either, a_run(either))) == (429, "RATE_LIMIT_EXCEEDED")


def test_agents_may_look_and_managers_may_ask(either: Mock) -> None:
    analysis = made(either, run := a_run(either))
    either.agents.create(username="plain@localhost", permission=16)
    plain = either.client_for("plain@localhost")
    assert plain.get(f"{PATH}/{analysis['id']}").json == analysis
    assert plain.get(PATH).json["result"] == [analysis]
    assert refusal(plain.post(PATH, json={"activeflow_id": run})) == (403, "PERMISSION_DENIED")
    assert refusal(plain.delete(f"{PATH}/seven")) == (403, "PERMISSION_DENIED")
    either.agents.create(username="boss@localhost", permission=64)
    assert either.client_for("boss@localhost").delete(f"{PATH}/{analysis['id']}").status_code == 200


def test_one_that_a_test_puts_in_place_goes_on_and_is_kept(either: Mock) -> None:
    analysis = either.timeline_analyses.create(activeflow_id=a_run(either), status="progressing")
    lost = either.timeline_analyses.create(activeflow_id=UNKNOWN, status="progressing")
    moment, state = either.snapshot(), either.dump()
    for back in (lambda: either.restore(moment), lambda: either.load(state)):
        back()
        either.advance(seconds=20)
        assert either.timeline_analyses.get(analysis).status == "completed"
        assert either.timeline_analyses.get(lost).error == "the run is not there any more"
