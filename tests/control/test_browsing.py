"""The records there are, over the control API: what hangs together, what changed each, and who may change it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from voipbin_mock import Mock

START = "2026-03-01T09:00:00Z"
CUSTOMER = "7a1b2c3d-4e5f-6789-abcd-ef0123456789"
TO = {"type": "tel", "target": "+12025550123"}
NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(params=["documented", "server"])
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock=START, ignore="all") as mock:
        yield mock


def ask(mock: Mock, path: str, code: int = 200) -> Any:
    reply = mock.anonymous.get(f"/__mock__/{path}")
    assert reply.status_code == code, reply.text
    return reply.json


def post(mock: Mock, path: str, **body: Any) -> Any:
    reply = mock.client.post(f"/v1.0/{path}", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json


def outdial(mock: Mock, name: str, detail: str = "d") -> Any:
    return post(mock, "outdials", name=name, detail=detail, data="d", campaign_id=NOWHERE)


def test_every_resource_is_counted_with_its_deleted_records(mock: Mock) -> None:
    kept, gone = (outdial(mock, name) for name in ("kept", "gone"))
    mock.client.delete(f"/v1.0/outdials/{gone['id']}")
    found = {each["name"]: each for each in ask(mock, "records")["resources"]}
    assert (found["outdials"]["records"], found["outdials"]["deleted"]) == (1, 1)
    assert found["outdials"]["operations"]["update"] == "PUT /v1.0/outdials/{id}"
    assert found["targets"]["parent"] == "outdial_id"
    assert found["campaigns"]["records"] == 0
    assert "available_numbers" not in found  # there are no records of what is only on offer
    assert [(each["id"], each["deleted"]) for each in ask(mock, "records/outdials")["records"]] == [
        (gone["id"], True), (kept["id"], False),
    ]  # fmt: skip


def test_records_come_in_pages_the_newest_first(mock: Mock) -> None:
    names = [outdial(mock, f"n{number}")["name"] for number in range(5)]
    seen, after = [], ""
    while after is not None:
        page = ask(mock, f"records/outdials?limit=2&after={after}")
        assert page["found"] == 5
        seen += [each["record"]["name"] for each in page["records"]]
        after = page["next"]
    assert seen == names[::-1]
    assert ask(mock, f"records/outdials?after={NOWHERE}", 400)["error"]["reason"] == "INVALID_REQUEST_PARAMETER"
    assert ask(mock, "records/outdials?limit=few", 400)["error"]["reason"] == "INVALID_REQUEST_PARAMETER"


def test_a_text_is_found_wherever_it_stands(mock: Mock) -> None:
    outdial(mock, "Évening", "calls <back>")
    outdial(mock, "morning")
    for text in ("évening", "BACK", "s <b", '"name":"é'):
        page = ask(mock, f"records/outdials?find={quote(text)}")
        assert ([each["record"]["name"] for each in page["records"]], page["found"]) == (["Évening"], 1)


def test_what_there_is_not_is_said_and_what_may_be_meant(mock: Mock) -> None:
    assert "did you mean 'outdials'?" in ask(mock, "records/outdial", 404)["error"]["message"]
    assert ask(mock, "records/available_numbers", 404)["error"]["reason"] == "RESOURCE_NOT_FOUND"
    assert NOWHERE in ask(mock, f"records/outdials/{NOWHERE}", 404)["error"]["message"]
    assert "did you mean 'outdials.create'?" in ask(mock, "operations/outdial.create", 404)["error"]["message"]


def test_a_record_leads_to_those_it_names_and_those_that_name_it(mock: Mock) -> None:
    made = outdial(mock, "customers")
    target = post(mock, f"outdials/{made['id']}/targets", name="Ann", detail="d", data="d", destination_0=TO)
    tag = post(mock, "tags", name="vip", detail="d")
    mock.client.put(f"/v1.0/agents/{mock.agents.list()[0].id}/tag_ids", json={"tag_ids": [tag["id"]]})

    links = ask(mock, f"records/targets/{target['id']}")["links"]
    assert {link["at"]: (link["resource"], link["name"]) for link in links}["/outdial_id"] == ("outdials", "customers")
    related = ask(mock, f"records/outdials/{made['id']}")["related"]
    assert [(each["at"], each["resource"], each["id"]) for each in related] == [
        ("/outdial_id", "targets", target["id"])
    ]
    agent = mock.agents.list()[0]
    assert [each["id"] for each in ask(mock, f"records/tags/{tag['id']}")["related"]] == [agent.id]
    shown = ask(mock, f"records/agents/{agent.id}")
    assert ("/tag_ids/0", "tags") in [(link["at"], link["resource"]) for link in shown["links"]]
    assert "password" not in shown["record"]


def test_the_history_of_a_call_has_the_request_and_what_came_of_it_by_itself(mock: Mock) -> None:
    source = {"type": "tel", "target": "+15559876543"}
    (call,) = post(mock, "calls", source=source, destinations=[TO])["calls"]
    mock.advance(minutes=5)
    outdial(mock, "nothing of it")
    told = ask(mock, f"records/calls/{call['id']}")["history"]
    assert (told[0]["kind"], told[0]["call"], told[0]["operation"]) == ("request", "POST /v1.0/calls", "calls.create")
    assert [entry["type"] for entry in told[1:]] == [
        "call_created", "call_ringing", "call_progressing", "call_hangup",
    ]  # fmt: skip
    assert told[2]["changed"]["status"] == ["dialing", "ringing"]
    assert told[-1]["changed"]["hangup_reason"][1] == "normal"
    assert told[0]["time"] == "2026-03-01T09:00:00.000000Z" < told[-1]["time"]


def test_refused_requests_and_those_that_only_look_changed_nothing(mock: Mock) -> None:
    made = outdial(mock, "one")
    path = f"/v1.0/outdials/{made['id']}"
    mock.client.get(path)
    assert mock.client.put(path, json={"name": 7}).status_code == 400
    mock.client.put(path, json={**made, "name": "two"})
    told = ask(mock, f"records/outdials/{made['id']}")["history"]
    assert [entry["call"] for entry in told if entry["kind"] == "request"] == ["POST /v1.0/outdials", f"PUT {path}"]
    assert [entry["changed"]["name"] for entry in told if entry.get("changed")] == [["one", "two"]]


def test_agents_come_with_what_they_log_in_with(mock: Mock) -> None:
    agents = ask(mock, "agents")["agents"]
    assert [(agent["username"], agent["role"]) for agent in agents] == [
        ("admin@localhost", "admin"), ("manager@localhost", "manager"),
    ]  # fmt: skip
    assert {(agent["customer_id"], agent["customer"], agent["accesskey"]) for agent in agents} == {
        (CUSTOMER, "Acme Corporation", mock.accesskey)
    }
    for agent in agents:
        me = mock.anonymous.get("/v1.0/me", headers={"Authorization": f"Bearer {agent['token']}"})
        assert me.json["id"] == agent["id"]
    mock.client.delete(f"/v1.0/agents/{agents[1]['id']}")
    assert [agent["username"] for agent in ask(mock, "agents")["agents"]] == ["admin@localhost"]


def test_an_access_key_that_is_no_more_is_nobodys() -> None:
    with Mock(clock=START) as mock:
        mock.client.delete(f"/v1.0/accesskeys/{mock.accesskeys.list()[0].id}")
        assert {agent["accesskey"] for agent in ask(mock, "agents")["agents"]} == {""}


def test_an_operation_comes_with_a_body_that_it_takes(mock: Mock) -> None:
    told = ask(mock, "operations/outplans.create")
    assert told["call"] == "POST /v1.0/outplans"
    assert mock.client.post("/v1.0/outplans", json=told["body"]).status_code == 200
    assert ask(mock, "operations/outplans.list")["body"] is None
    assert "page_size" in [one["name"] for one in ask(mock, "operations/outplans.list")["parameters"]]


def test_looking_writes_nothing_and_is_in_no_journal(mock: Mock) -> None:
    before, seen = mock.world.fingerprint, len(mock.requests)
    for path in ("records", "records/agents", f"records/customers/{CUSTOMER}", "agents", "operations/outplans.create"):
        ask(mock, path)
    assert (mock.world.fingerprint, len(mock.requests)) == (before, seen)
