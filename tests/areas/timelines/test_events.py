"""What happened to a record, and within a run of a flow: events, newest first, with the record as it was then."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.calling import a, a_flow, calls_in, hangs_up, runs
from voipbin_mock import Mock
from voipbin_mock.api import crud
from voipbin_mock.areas.calls import voice
from voipbin_mock.wire.values import NIL_UUID

MORNING = "2026-03-01T09:00:00Z"
UNKNOWN = "7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f75"
PROFILES = ("documented", "server")
every_profile = pytest.mark.parametrize("profile", PROFILES)
IVR = (a("answer"), a("talk", text="press one"), a("sleep", duration=1000), a("hangup"))


def a_mock(profile: str = "documented", **settings: Any) -> Mock:
    return Mock(profile, **{"clock": MORNING, "ignore": "all", **settings})


def asked(mock: Mock, path: str, **query: Any) -> Any:
    """What an agent is answered."""
    login = {"Authorization": f"Bearer {mock.token}"}
    return mock.client.get(f"/v1.0/{path}", query_string=query, headers=login)


def listed(mock: Mock, path: str, **query: Any) -> list[Any]:
    """The events of a page, the oldest first."""
    reply = asked(mock, path, **query)
    assert reply.status_code == 200, reply.text
    return list(reply.json["result"][::-1])


def refused(mock: Mock, path: str, **query: Any) -> tuple[int, str]:
    reply = asked(mock, path, **query)
    return reply.status_code, reply.json["error"]["reason"]


def published(mock: Mock) -> list[Any]:
    """The events that webhooks and websockets hear of."""
    return list(mock.client.get("/__mock__/events").json["events"])


def types(events: list[Any]) -> list[str]:
    return [event["event_type"] for event in events]


def a_call(mock: Mock) -> str:
    """A call that ran its flow to the end."""
    call = calls_in(mock, a_flow(mock, *IVR))
    mock.advance(minutes=1)
    return call


def run_id(mock: Mock, call: str) -> str:
    return str(mock.calls.get(call).activeflow_id)


# --- one record ---------------------------------------------------------------------------------------


@every_profile
def test_the_events_of_a_call_show_it_as_it_was_then(profile: str) -> None:
    with a_mock(profile) as mock:
        events = listed(mock, f"timelines/calls/{a_call(mock)}/events")
    statuses = [event["data"]["status"] for event in events]
    assert types(events)[0] == "call_created"
    assert types(events)[-1] == "call_hangup"
    assert statuses == sorted(statuses, key=["ringing", "progressing", "terminating", "hangup"].index)
    actions = [event["data"]["action"].get("type") for event in events if event["event_type"] == "call_updated"]
    assert actions[:4] == ["answer", "talk", "sleep", "hangup"]
    sleeping = next(event for event in events if event["data"]["action"].get("type") == "sleep")
    assert sleeping["timestamp"] == "2026-03-01T09:00:02.000Z"


@every_profile
def test_they_are_what_webhooks_were_sent(profile: str) -> None:
    with a_mock(profile) as mock:
        call = a_call(mock)
        sent = [event["data"] for event in published(mock) if event["data"]["id"] == call]
        assert [event["data"] for event in listed(mock, f"timelines/calls/{call}/events")] == sent


@pytest.mark.differs("timeline-answered")
@pytest.mark.parametrize(("profile", "name"), [("documented", "call_answered"), ("server", "call_progressing")])
def test_an_answered_call_is_called_so(profile: str, name: str) -> None:
    with a_mock(profile) as mock:
        events = listed(mock, f"timelines/calls/{a_call(mock)}/events")
    assert {"call_answered", "call_progressing"} & set(types(events)) == {name}


@every_profile
def test_a_run_of_a_flow_has_its_path_in_its_events(profile: str) -> None:
    with a_mock(profile) as mock:
        events = listed(mock, f"timelines/activeflows/{run_id(mock, a_call(mock))}/events")
    executed = [len(event["data"].get("executed_actions", ())) for event in events]
    assert executed == sorted(executed)
    path = [event["data"]["current_action"].get("type") for event in events]
    assert [kind for n, kind in enumerate(path) if kind and kind != path[n - 1]] == [
        "answer",
        "talk",
        "sleep",
        "hangup",
    ]
    assert [event["data"]["status"] for event in events][-1] == "ended"
    assert events[0]["data"]["status"] == "running"


@every_profile
def test_a_flow_that_tells_nobody_has_events_too(profile: str) -> None:
    with a_mock(profile) as mock:
        flow = mock.client.post("/v1.0/flows", json={"name": "one", "detail": "", "actions": []}).json["id"]
        mock.advance(seconds=5)
        mock.client.put(f"/v1.0/flows/{flow}", json={"name": "two", "detail": "", "actions": []})
        events = listed(mock, f"timelines/flows/{flow}/events")
        assert [(e["timestamp"][17:], e["event_type"], e["data"]["name"]) for e in events] == [
            ("00.000Z", "flow_created", "one"),
            ("05.000Z", "flow_updated", "two"),
        ]
        assert not [event for event in published(mock) if event["type"].startswith("flow_")]


@every_profile
def test_a_call_of_a_seed_has_the_events_that_its_moments_tell(profile: str) -> None:
    moments = {"tm_ringing": "09:00:01", "tm_progressing": "09:00:05", "tm_hangup": "09:00:30"}
    seeded = {
        "extends": "account",
        "calls": [
            {
                "id": UNKNOWN,
                "status": "hangup",
                "direction": "outgoing",
                "hangup_by": "remote",
                "hangup_reason": "normal",
                "tm_create": "2026-03-01 09:00:00.000000",
                **{name: f"2026-03-01 {moment}.000000" for name, moment in moments.items()},
            }
        ],
    }
    with a_mock(profile, seed=seeded, clock="2026-03-02T09:00:00Z") as mock:
        events = listed(mock, f"timelines/calls/{UNKNOWN}/events")
        assert [event["timestamp"][17:19] for event in events] == ["00", "01", "05", "30"]
        assert [event["data"]["status"] for event in events] == ["dialing", "ringing", "progressing", "hangup"]
        assert [event["data"].get("hangup_by", "") for event in events] == ["", "", "", "remote"]
        assert types(events)[::3] == ["call_created", "call_hangup"]


@pytest.mark.parametrize(
    ("profile", "unknown"), [("documented", (404, "CONFERENCE_NOT_FOUND")), ("server", (400, "INVALID_ARGUMENT"))]
)
def test_a_conference_has_events_and_keeps_them_when_it_is_deleted(profile: str, unknown: tuple[int, str]) -> None:
    with a_mock(profile) as mock:
        body = {"type": "conference", "name": "all", "detail": "", "timeout": 0, "data": {}}
        made = mock.client.post("/v1.0/conferences", json=body)
        assert made.status_code == 200, made.text
        path = f"timelines/conferences/{made.json['id']}/events"
        assert types(listed(mock, path))[0] == "conference_created"
        mock.client.delete(f"/v1.0/conferences/{made.json['id']}")
        events = listed(mock, path)
        assert types(events)[0] == "conference_created"
        assert "conference_deleted" in types(events)
        assert events[-1]["data"]["status"] in ("terminating", "terminated")
        assert refused(mock, f"timelines/conferences/{UNKNOWN}/events") == unknown


# --- pages ------------------------------------------------------------------------------------------


@every_profile
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_lose_nothing_though_much_happens_in_one_instant(profile: str, size: int) -> None:
    with a_mock(profile) as mock:
        path = "aggregated-events"
        call = a_call(mock)
        everything = asked(mock, path, call_id=call).json["result"]
        found, token = [], ""
        while True:
            page = asked(mock, path, call_id=call, page_size=size, page_token=token).json
            found += page["result"]
            token = page.get("next_page_token", "")
            if not token:
                break
            assert token.startswith(page["result"][-1]["timestamp"][:19])
            assert len(token.rpartition(".")[2]) == 7
    assert found == everything
    assert len({event["timestamp"] for event in found}) < len(found)


@every_profile
@pytest.mark.parametrize(
    ("size", "rows"), [(1000, 1000), (500, 500), (1001, 100), (0, 100), (-1, 100), (None, 100), (7, 7)]
)
def test_a_page_has_a_hundred_events_or_up_to_a_thousand(profile: str, size: int | None, rows: int) -> None:
    with a_mock(profile) as mock:
        flow = mock.client.post("/v1.0/flows", json={"name": "0", "detail": "", "actions": []}).json["id"]
        row = mock.world.store["flows"].get(flow)
        assert row is not None
        resource = mock.world.blueprint.resource("flows")
        with mock.world.changing():
            for number in range(1100):
                row = crud.change(mock.world, resource, row, {"name": str(number)})
        query = {} if size is None else {"page_size": size}
        events = listed(mock, f"timelines/flows/{flow}/events", **query)
        assert len(events) == rows
        assert [event["data"]["name"] for event in events] == [str(n) for n in range(1100 - rows, 1100)]


@pytest.mark.differs("timeline-last-page")
@pytest.mark.parametrize(("profile", "token"), [("documented", {"next_page_token": ""}), ("server", {})])
def test_the_last_page_has_an_empty_token_or_none(profile: str, token: dict[str, str]) -> None:
    with a_mock(profile) as mock:
        page = asked(mock, f"timelines/calls/{a_call(mock)}/events").json
    assert {name: value for name, value in page.items() if name != "result"} == token


# --- a run and what belongs to it ----------------------------------------------------------------------


@every_profile
def test_aggregated_events_are_those_of_a_run_and_its_call_in_order(profile: str) -> None:
    with a_mock(profile) as mock:
        call, other = a_call(mock), a_call(mock)
        events = listed(mock, "aggregated-events", call_id=call)
        assert events == listed(mock, "aggregated-events", activeflow_id=run_id(mock, call))
    assert types(events)[:4] == ["activeflow_created", "call_created", "activeflow_updated", "call_updated"]
    assert {event["data"]["id"] for event in events} == {call, events[0]["data"]["id"]}
    assert other not in json.dumps(events)
    stamps = [event["timestamp"] for event in events]
    assert stamps == sorted(stamps)


@pytest.mark.differs("aggregated-events")
@every_profile
def test_what_is_said_in_a_call_belongs_to_its_run_by_the_documents_alone(profile: str) -> None:
    with a_mock(profile) as mock:
        call = calls_in(mock, a_flow(mock, a("answer"), a("sleep", duration=60_000)))
        about = {"reference_type": "call", "reference_id": call, "language": "en-US"}
        for name in ("transcribes", "speakings"):
            made = mock.client.post(f"/v1.0/{name}", json=about)
            assert made.status_code in (200, 201), made.text
        mock.advance(seconds=5)
        events = listed(mock, "aggregated-events", call_id=call)
    kinds = {name.partition("_")[0] for name in types(events)}
    assert kinds == {"activeflow", "call"} | ({"transcribe", "speaking"} if profile == "documented" else set())


@every_profile
def test_a_run_without_a_call_has_its_own_events(profile: str) -> None:
    with a_mock(profile) as mock:
        run = runs(mock, a("variable_set", key="a", value="b"))
        events = listed(mock, "aggregated-events", activeflow_id=run["id"])
    assert types(events)[0] == "activeflow_created"
    assert {event["data"]["id"] for event in events} == {run["id"]}


@every_profile
def test_one_of_the_two_ids_must_be_given(profile: str) -> None:
    with a_mock(profile) as mock:
        call = a_call(mock)
        path = "aggregated-events"
        assert refused(mock, path) == (400, "INVALID_ARGUMENT")
        assert refused(mock, path, call_id=NIL_UUID) == (400, "INVALID_ARGUMENT")
        assert refused(mock, path, activeflow_id=NIL_UUID) == (400, "INVALID_ARGUMENT")
        assert refused(mock, path, call_id=call, activeflow_id=run_id(mock, call)) == (400, "INVALID_ARGUMENT")
        assert refused(mock, path, call_id=UNKNOWN) == (404, "RESOURCE_NOT_FOUND")
        assert refused(mock, path, activeflow_id=UNKNOWN) == (404, "RESOURCE_NOT_FOUND")


@pytest.mark.differs("aggregated-bad-id")
@pytest.mark.parametrize("name", ["call_id", "activeflow_id"])
def test_what_is_no_id_is_refused(name: str) -> None:
    for profile, reason in (("documented", f"INVALID_{name.upper()}"), ("server", "INVALID_REQUEST_PARAMETER")):
        with a_mock(profile) as mock:
            assert refused(mock, "aggregated-events", **{name: "one"}) == (400, reason)


@every_profile
def test_a_call_that_was_deleted_conflicts_or_is_not_there(profile: str) -> None:
    with a_mock(profile) as mock:
        call = a_call(mock)
        mock.client.delete(f"/v1.0/calls/{call}")
        assert refused(mock, f"timelines/calls/{call}/events") == (409, "STATE_INVALID")
        assert refused(mock, "aggregated-events", call_id=call) == (404, "RESOURCE_NOT_FOUND")
        assert refused(mock, f"timelines/calls/{call}/sip-analysis") == (404, "RESOURCE_NOT_FOUND")
        assert refused(mock, f"timelines/calls/{call}/pcap") == (404, "RESOURCE_NOT_FOUND")


@every_profile
def test_deleted_flows_and_runs_are_gone(profile: str) -> None:
    with a_mock(profile) as mock:
        call = a_call(mock)
        flow, run = mock.calls.get(call).flow_id, run_id(mock, call)
        for name, row_id in (("flows", flow), ("activeflows", run)):
            mock.client.delete(f"/v1.0/{name}/{row_id}")
            assert refused(mock, f"timelines/{name}/{row_id}/events") == (404, "RESOURCE_NOT_FOUND")
        assert refused(mock, "aggregated-events", activeflow_id=run) == (404, "RESOURCE_NOT_FOUND")
        assert refused(mock, "aggregated-events", call_id=call) == (404, "RESOURCE_NOT_FOUND")


# --- who may ------------------------------------------------------------------------------------------


@every_profile
def test_what_is_asked_for_must_be_there(profile: str) -> None:
    with a_mock(profile) as mock:
        assert refused(mock, f"timelines/faxes/{UNKNOWN}/events") == (400, "INVALID_RESOURCE_TYPE")
        assert refused(mock, "timelines/faxes/one/events") == (400, "INVALID_REQUEST_PARAMETER")
        assert refused(mock, f"timelines/calls/{UNKNOWN}/events") == (404, "CALL_NOT_FOUND")
        assert refused(mock, f"timelines/flows/{UNKNOWN}/events") == (404, "FLOW_NOT_FOUND")
        assert refused(mock, f"timelines/activeflows/{UNKNOWN}/events") == (404, "ACTIVEFLOW_NOT_FOUND")
        for tail in ("events", "sip-analysis", "pcap"):
            assert refused(mock, f"timelines/calls/one/{tail}") == (400, "INVALID_REQUEST_PARAMETER")


@pytest.mark.differs("timeline-accesskey")
def test_access_keys_are_for_the_server_alone() -> None:
    for profile, code in (("documented", 403), ("server", 200)):
        with a_mock(profile) as mock:
            call = a_call(mock)
            paths = [f"timelines/calls/{call}/{tail}" for tail in ("events", "sip-analysis", "pcap")]
            for path in (*paths, f"aggregated-events?call_id={call}"):
                reply = mock.anonymous.get(f"/v1.0/{path}{'&' if '?' in path else '?'}accesskey={mock.accesskey}")
                assert reply.status_code == code, path
                assert code == 200 or reply.json["error"]["reason"] == "AGENT_AUTH_REQUIRED"


@every_profile
def test_an_agent_without_the_permission_sees_nothing(profile: str) -> None:
    with a_mock(profile) as mock:
        call = a_call(mock)
        mock.agents.create(username="clerk@localhost", password="secret", permission=16)
        login = mock.anonymous.post("/auth/login", json={"username": "clerk@localhost", "password": "secret"}).json
        for path in (
            f"timelines/calls/{call}/events",
            f"timelines/calls/{call}/pcap",
            f"aggregated-events?call_id={call}",
        ):
            reply = mock.anonymous.get(f"/v1.0/{path}", headers={"Authorization": f"Bearer {login['token']}"})
            assert (reply.status_code, reply.json["error"]["reason"]) == (403, "PERMISSION_DENIED")


# --- it is state --------------------------------------------------------------------------------------


@every_profile
def test_a_restored_moment_has_the_events_of_then(profile: str) -> None:
    with a_mock(profile) as mock:
        call = calls_in(mock, a_flow(mock, *IVR))
        mock.advance(seconds=1)
        before, kept = listed(mock, "aggregated-events", call_id=call), mock.snapshot()
        mock.advance(minutes=1)
        after = listed(mock, "aggregated-events", call_id=call)
        assert len(after) > len(before)
        for _ in range(2):
            mock.restore(kept)
            assert listed(mock, "aggregated-events", call_id=call) == before
            mock.advance(minutes=1)
            assert listed(mock, "aggregated-events", call_id=call) == after


@every_profile
def test_a_dumped_state_has_them_and_they_go_on(profile: str) -> None:
    with a_mock(profile) as mock, a_mock(profile) as twin:
        call = calls_in(mock, a_flow(mock, *IVR))
        mock.advance(seconds=1)
        state = json.loads(json.dumps(mock.dump()))
        twin.load(state)
        assert json.loads(json.dumps(twin.dump())) == state
        for each in (mock, twin):
            each.advance(minutes=1)
        assert listed(twin, "aggregated-events", call_id=call) == listed(mock, "aggregated-events", call_id=call)
        assert twin.dump()["histories"] == mock.dump()["histories"]


def test_a_reset_forgets_them() -> None:
    with a_mock() as mock:
        call = a_call(mock)
        mock.reset()
        assert "histories" not in mock.dump()
        assert a_call(mock) == call
        assert types(listed(mock, f"timelines/calls/{call}/events"))[0] == "call_created"


def test_what_fails_leaves_no_event() -> None:
    with a_mock() as mock:
        call = calls_in(mock, a_flow(mock, a("answer"), a("sleep", duration=60_000)))
        before = listed(mock, f"timelines/calls/{call}/events")
        with pytest.raises(ZeroDivisionError), mock.world.changing():
            hangs_up_and_fails(mock, call)
        assert listed(mock, f"timelines/calls/{call}/events") == before
        hangs_up(mock, call)
        assert types(listed(mock, f"timelines/calls/{call}/events"))[len(before) :] == ["call_hangup"]


def hangs_up_and_fails(mock: Mock, call: str) -> None:
    assert voice.hangs_up(mock.world, call)
    raise ZeroDivisionError


def test_hundreds_of_events_of_one_record_are_told_as_they_were() -> None:
    actions = (a("variable_set", key="n", value="x"),) * 90
    with a_mock() as mock:
        run = runs(mock, *actions)
        events = listed(mock, f"timelines/activeflows/{run['id']}/events", page_size=1000)
    executed = [len(event["data"]["executed_actions"]) for event in events]
    assert executed == sorted(executed)
    assert max(executed) >= 90
    assert all(event["data"]["executed_actions"] == events[-1]["data"]["executed_actions"][:n]
               for event, n in zip(events, executed, strict=True))  # fmt: skip
