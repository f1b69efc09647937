"""Queues, flows and tags: plain resources that campaigns, calls and agents refer to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import (
    CUSTOMER,
    SHOWN_TALK,
    SOME_ID,
    TALK,
    events,
    foreigner,
    plain_agent,
    published,
    refusal,
)
from voipbin_mock import Mock
from voipbin_mock.wire.values import NIL_UUID

PAGE_TAG = "d7450dda-21e0-4611-b09a-8d771c50a5e6"
PAGE_QUEUE = "99bf739a-932f-433c-b1bf-103d33d7e9bb"
PAGE_FLOW = "decc2634-0b2a-11eb-b38d-87a8f1051188"
NEVER = "9999-01-01 00:00:00.000000"
QUEUE = {
    "name": "sales",
    "detail": "who buys",
    "routing_method": "random",
    "tag_ids": [PAGE_TAG],
    "wait_flow_id": NIL_UUID,
    "wait_timeout": 100000,
    "service_timeout": 10000000,
}
FLOW = {"name": "hello", "detail": "says it", "actions": [TALK]}
TAG = {"name": "sales", "detail": "who sells"}
BODIES: dict[str, dict[str, Any]] = {"queues": QUEUE, "flows": FLOW, "tags": TAG}
each = pytest.mark.parametrize("name", BODIES)


def test_a_new_queue_is_shown_in_the_order_of_the_service(either: Mock) -> None:
    queue = either.client.post("/v1.0/queues", json=QUEUE).json
    documented = either.world.profile.name == "documented"
    wanted = {
        "id": queue["id"],
        "customer_id": CUSTOMER,
        **{k: QUEUE[k] for k in ("name", "detail", "routing_method", "tag_ids")},
        **({} if documented else {"direct_hash": ""}),
        **{k: QUEUE[k] for k in ("wait_flow_id", "wait_timeout", "service_timeout")},
        "wait_queuecall_ids": [],
        "service_queuecall_ids": [],
        **dict.fromkeys((f"total_{what}_count" for what in ("incoming", "serviced", "abandoned")), 0),
        "tm_create": queue["tm_create"],
        "tm_update": NEVER if documented else None,
        "tm_delete": NEVER if documented else None,
    }
    assert queue == wanted
    assert list(queue) == list(wanted)


def test_a_new_flow_is_shown_in_the_order_of_the_service(either: Mock) -> None:
    flow = either.client.post("/v1.0/flows", json=FLOW).json
    wanted = {
        "id": flow["id"],
        "customer_id": CUSTOMER,
        "type": "flow",
        "name": "hello",
        "detail": "says it",
        "actions": [SHOWN_TALK],
        **({} if either.world.profile.name == "documented" else {"direct_hash": ""}),
        "on_complete_flow_id": NIL_UUID,
        "tm_create": flow["tm_create"],
        "tm_update": None,
        "tm_delete": None,
    }
    assert flow == wanted
    assert list(flow) == list(wanted)


def test_a_new_tag_is_shown_in_the_order_of_the_service(either: Mock) -> None:
    tag = either.client.post("/v1.0/tags", json=TAG).json
    assert list(tag) == ["id", "customer_id", "name", "detail", "tm_create", "tm_update", "tm_delete"]
    assert {k: tag[k] for k in TAG} == TAG


@each
def test_a_put_replaces_every_member_of_its_body(either: Mock, name: str) -> None:
    made = either.client.post(f"/v1.0/{name}", json=BODIES[name]).json
    body = {**BODIES[name], "name": "other", "detail": "else"}
    either.advance(1)
    changed = either.client.put(f"/v1.0/{name}/{made['id']}", json=body).json
    assert changed == {**made, "name": "other", "detail": "else", "tm_update": changed["tm_update"]}
    assert either.client.get(f"/v1.0/{name}/{made['id']}").json == changed
    assert not events(either)


@each
def test_what_is_deleted_can_be_read_and_is_listed_no_more(either: Mock, name: str) -> None:
    made = either.client.post(f"/v1.0/{name}", json=BODIES[name]).json
    path = f"/v1.0/{name}/{made['id']}"
    assert [r["id"] for r in either.client.get(f"/v1.0/{name}").json["result"]] == [made["id"]]
    either.advance(1)
    gone = either.client.delete(path).json
    assert gone["tm_delete"] == gone["tm_update"] > gone["tm_create"]
    assert either.client.get(path).json == gone
    assert either.client.get(f"/v1.0/{name}").json == {"result": [], "next_page_token": ""}


@each
@pytest.mark.differs("D12")
def test_unknown_foreign_and_forbidden_are_told_apart(either: Mock, name: str) -> None:
    record = either.records(name).create(name="own")
    missing = f"{name.removesuffix('s').upper()}_NOT_FOUND"
    assert refusal(either.client.get(f"/v1.0/{name}/{SOME_ID}")) == (404, missing)
    assert refusal(plain_agent(either).get(f"/v1.0/{name}/{record.id}")) == (403, "PERMISSION_DENIED")
    reply = either.anonymous.get(f"/v1.0/{name}/{record.id}", query_string={"token": foreigner(either)})
    documented = either.world.profile.name == "documented"
    assert refusal(reply) == ((404, missing) if documented else (403, "PERMISSION_DENIED"))


@each
@pytest.mark.differs("D22")
def test_the_documents_name_what_a_body_lacks_and_the_server_needs_nothing(
    documented: Mock, server: Mock, name: str
) -> None:
    needed = set(BODIES[name]) - ({"detail"} if name == "flows" else set())
    assert documented.client.post(f"/v1.0/{name}", json={}).status_code == 400
    assert {v.pointer for v in documented.requests[-1].violations} == {f"/{member}" for member in needed}
    assert server.client.post(f"/v1.0/{name}", json={}).status_code == 200


@pytest.mark.parametrize(
    ("tail", "body"), [("routing_method", {"routing_method": ""}), ("tag_ids", {"tag_ids": [SOME_ID, PAGE_TAG]})]
)
def test_a_queue_has_puts_for_its_parts(either: Mock, tail: str, body: dict[str, Any]) -> None:
    queue = either.client.post("/v1.0/queues", json=QUEUE).json
    changed = either.client.put(f"/v1.0/queues/{queue['id']}/{tail}", json=body).json
    assert changed == {**queue, **body, "tm_update": changed["tm_update"]}


@pytest.mark.parametrize("name", ["queues", "flows"])
def test_a_direct_name_can_be_made(either: Mock, name: str) -> None:
    made = either.client.post(f"/v1.0/{name}", json=BODIES[name]).json
    named = either.client.post(f"/v1.0/{name}/{made['id']}/direct-hash-regenerate").json
    assert named["direct_hash"].startswith("direct.")
    again = either.client.post(f"/v1.0/{name}/{made['id']}/direct-hash-regenerate").json
    assert again["direct_hash"] != named["direct_hash"]


def test_only_an_agents_status_is_told_as_such(either: Mock) -> None:
    agent = either.agents.create(username="a@localhost")
    either.client.put(f"/v1.0/agents/{agent.id}/status", json={"status": "available"})
    either.client.put(f"/v1.0/agents/{agent.id}/tag_ids", json={"tag_ids": [SOME_ID]})
    assert events(either) == ["agent_status_updated", "agent_updated"]


# --- the published lines -------------------------------------------------------------------------


def test_the_published_queue_flow_and_tag_lines_work() -> None:
    with Mock(seed="tutorial", clock="2022-11-01T00:00:00Z", ignore="content-type") as mock:
        line = published(mock)
        tag = {
            "id": PAGE_TAG,
            "customer_id": CUSTOMER,
            "name": "test tag",
            "detail": "test tag example",
            "tm_create": "2022-10-22 16:16:16.874761",
            "tm_update": NEVER,
            "tm_delete": NEVER,
        }
        assert line("GET", "/tags")["result"] == [tag]
        assert line("GET", f"/tags/{PAGE_TAG}") == tag
        assert list(line("POST", "/tags", {"name": "test tag", "detail": "test tag example"})) == list(tag)
        queue = line("GET", f"/queues/{PAGE_QUEUE}")
        assert queue == {
            **QUEUE,
            "id": PAGE_QUEUE,
            "customer_id": "7a1b2c3d-4e5f-6789-abcd-ef0123456789",
            "name": "test queue",
            "detail": "test queue detail",
            "wait_queuecall_ids": [],
            "service_queuecall_ids": [],
            **dict.fromkeys((f"total_{what}_count" for what in ("incoming", "serviced", "abandoned")), 0),
            "tm_create": "2021-12-24 06:33:10.556226",
            "tm_update": NEVER,
            "tm_delete": NEVER,
        }
        assert line("GET", "/queues")["result"] == [queue]
        assert list(line("POST", "/queues", QUEUE)) == list(queue)
        assert line("PUT", f"/queues/{PAGE_QUEUE}", {**QUEUE, "name": "updated"})["name"] == "updated"
        line("PUT", f"/queues/{PAGE_QUEUE}/tag_ids", {"tag_ids": [PAGE_TAG]})
        line("PUT", f"/queues/{PAGE_QUEUE}/routing_method", {"routing_method": "random"})
        flow = line("GET", f"/flows/{PAGE_FLOW}")
        assert flow["name"] == "default flow"
        assert [list(action) for action in flow["actions"]] == [["id", "type", "option"]] * 2
        changed = line("PUT", f"/flows/{PAGE_FLOW}", {"name": "test", "detail": "d", "actions": [{"type": "answer"}]})
        assert [action["type"] for action in changed["actions"]] == ["answer"]
        # A call page's, without a detail.
        assert line("POST", "/flows", {"name": "hello", "actions": [TALK]})["detail"] == ""
        assert line("DELETE", f"/queues/{PAGE_QUEUE}")["tm_delete"] != NEVER
        assert line("PUT", f"/tags/{PAGE_TAG}", TAG)["name"] == "sales"
        assert line("DELETE", f"/tags/{PAGE_TAG}")["tm_delete"] != NEVER
        assert not mock.warnings
