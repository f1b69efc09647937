"""Queues, flows and tags: plain resources that campaigns, calls and agents refer to."""

from __future__ import annotations

import re
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
from voipbin_mock import Mock, catalog
from voipbin_mock.wire.values import NIL_UUID

PAGE_TAG = "d7450dda-21e0-4611-b09a-8d771c50a5e6"
PAGE_QUEUE = "99bf739a-932f-433c-b1bf-103d33d7e9bb"
PAGE_FLOW = "decc2634-0b2a-11eb-b38d-87a8f1051188"
CATALOG = catalog.default()
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
EMPTY_QUEUE = {
    "wait_queuecall_ids": [],
    "service_queuecall_ids": [],
    **dict.fromkeys((f"total_{what}_count" for what in ("incoming", "serviced", "abandoned")), 0),
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
        "direct_hash": queue["direct_hash"],
        **{k: QUEUE[k] for k in ("wait_flow_id", "wait_timeout", "service_timeout")},
        **(EMPTY_QUEUE if documented else {}),
        "tm_create": queue["tm_create"],
        "tm_update": NEVER if documented else None,
        "tm_delete": NEVER if documented else None,
    }
    assert queue == wanted
    assert list(queue) == list(wanted)
    assert re.fullmatch(r"direct\.[0-9a-f]{12}", queue["direct_hash"])


def test_a_new_flow_is_shown_in_the_order_of_the_service(either: Mock) -> None:
    flow = either.client.post("/v1.0/flows", json=FLOW).json
    wanted = {
        "id": flow["id"],
        "customer_id": CUSTOMER,
        "type": "flow",
        "name": "hello",
        "detail": "says it",
        "actions": [{**SHOWN_TALK, "id": flow["actions"][0]["id"]}],
        "direct_hash": flow["direct_hash"],
        "on_complete_flow_id": NIL_UUID,
        "tm_create": flow["tm_create"],
        "tm_update": NEVER if either.world.profile.name == "documented" else None,
        "tm_delete": NEVER if either.world.profile.name == "documented" else None,
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
    if name == "flows":
        body["actions"] = made["actions"]  # or they had new ids
    either.advance(1)
    changed = either.client.put(f"/v1.0/{name}/{made['id']}", json=body).json
    assert changed == {**made, "name": "other", "detail": "else", "tm_update": changed["tm_update"]}
    assert either.client.get(f"/v1.0/{name}/{made['id']}").json == changed
    told = ["queue_created", "queue_updated"]
    assert events(either) == (told if name == "queues" and either.world.profile.name == "documented" else [])


@each
@pytest.mark.differs("D7")
def test_what_is_deleted_can_be_read_but_flows_and_is_listed_no_more_but_the_servers_tags(
    either: Mock, name: str
) -> None:
    made = either.client.post(f"/v1.0/{name}", json=BODIES[name]).json
    path = f"/v1.0/{name}/{made['id']}"
    assert [r["id"] for r in either.client.get(f"/v1.0/{name}").json["result"]] == [made["id"]]
    either.advance(1)
    gone = either.client.delete(path).json
    assert gone["tm_delete"] == gone["tm_update"] > gone["tm_create"]
    if name == "flows":
        for again in (either.client.get(path), either.client.put(path, json=FLOW), either.client.delete(path)):
            assert refusal(again) == (404, "RESOURCE_NOT_FOUND")
    else:
        assert either.client.get(path).json == gone
    stays = name == "tags" and either.world.profile.name == "server"
    assert either.client.get(f"/v1.0/{name}").json["result"] == ([gone] if stays else [])


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
    least = {"routing_method": "random"} if name == "queues" else {}
    assert server.client.post(f"/v1.0/{name}", json=least).status_code == 200


@pytest.mark.parametrize(
    ("tail", "body"), [("routing_method", {"routing_method": ""}), ("tag_ids", {"tag_ids": [SOME_ID, PAGE_TAG]})]
)
def test_a_queue_has_puts_for_its_parts(either: Mock, tail: str, body: dict[str, Any]) -> None:
    queue = either.client.post("/v1.0/queues", json=QUEUE).json
    changed = either.client.put(f"/v1.0/queues/{queue['id']}/{tail}", json=body).json
    wanted = {**queue, **body, "tm_update": changed["tm_update"]}
    if either.world.profile.name == "server":  # which leaves out what is empty
        wanted = {name: value for name, value in wanted.items() if value or name in changed}
    assert changed == wanted


@pytest.mark.parametrize("name", ["queues", "flows"])
@pytest.mark.differs("flow-hash")
def test_a_direct_hash_is_made_with_the_record_and_can_be_made_anew(either: Mock, name: str) -> None:
    prefix = "" if name == "flows" and either.world.profile.name == "documented" else "direct."
    made = either.client.post(f"/v1.0/{name}", json=BODIES[name]).json
    seen = len(events(either))
    either.advance(1)
    path = f"/v1.0/{name}/{made['id']}/direct-hash-regenerate"
    named = either.client.post(path).json
    assert named == {**made, "direct_hash": named["direct_hash"], "tm_update": named["tm_update"]}
    assert named["tm_update"] != made["tm_update"]
    assert len(events(either)) == seen
    for shown in (made, named, either.client.post(path).json):
        assert re.fullmatch(f"{re.escape(prefix)}[0-9a-f]{{12}}", shown["direct_hash"])
    assert len({made["direct_hash"], named["direct_hash"], either.client.post(path).json["direct_hash"]}) == 3
    either.client.delete(f"/v1.0/{name}/{made['id']}")
    gone = (404, "RESOURCE_NOT_FOUND") if name == "flows" else (500, "INTERNAL")
    assert refusal(either.client.post(path)) == gone


@pytest.mark.parametrize("name", ["agents", "flows", "queues"])
def test_the_id_of_a_record_whose_hash_is_made_anew_is_typed(either: Mock, name: str) -> None:
    missing = (404, f"{name.removesuffix('s').upper()}_NOT_FOUND")
    for row_id, wanted in (("5", (400, "INVALID_REQUEST_PARAMETER")), (NIL_UUID, missing), (SOME_ID, missing)):
        assert refusal(either.client.post(f"/v1.0/{name}/{row_id}/direct-hash-regenerate")) == wanted
    assert refusal(either.client.get(f"/v1.0/{name}/5")) == (400, "INVALID_ID")
    assert refusal(either.client.get(f"/v1.0/{name}/{NIL_UUID}")) == (400, "INVALID_ID")


@pytest.mark.differs("D23")
def test_the_events_of_queues_are_told_by_the_documents_alone(either: Mock) -> None:
    queue = either.client.post("/v1.0/queues", json=QUEUE).json
    path = f"/v1.0/queues/{queue['id']}"
    either.client.put(path, json=QUEUE)
    either.client.put(f"{path}/tag_ids", json={"tag_ids": []})
    either.client.post(f"{path}/direct-hash-regenerate")
    either.client.delete(path)
    told = ["queue_created", "queue_updated", "queue_updated", "queue_deleted"]
    assert events(either) == (told if either.world.profile.name == "documented" else [])


# --- what is left out ----------------------------------------------------------------------------


@pytest.mark.differs("omitted-members")
def test_the_server_leaves_out_what_is_empty_but_ids_and_moments(either: Mock) -> None:
    documented = either.world.profile.name == "documented"
    queue = either.client.get(f"/v1.0/queues/{either.queues.create(name='q').id}").json
    flow = either.client.get(f"/v1.0/flows/{either.flows.create(type='').id}").json
    stamps = ["tm_create", "tm_update", "tm_delete"]
    if documented:
        assert list(queue) == [member.name for member in CATALOG.resources["queues"].record.members]
        assert {name: queue[name] for name in EMPTY_QUEUE} == EMPTY_QUEUE
        wanted = ["id", "customer_id", "type", "name", "detail", "actions", "on_complete_flow_id"]
    else:
        assert list(queue) == ["id", "customer_id", "name", "wait_flow_id", *stamps]
        wanted = ["id", "customer_id", "on_complete_flow_id"]
    assert list(flow) == [*wanted, *stamps]


# --- queues --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["", "ringall", "Random", "leastrecent"])
def test_a_new_queue_chooses_agents_at_random_and_in_no_other_way(either: Mock, method: str) -> None:
    reply = either.client.post("/v1.0/queues", json={**QUEUE, "routing_method": method})
    assert refusal(reply) == (400, "INVALID_ROUTING_METHOD")
    weak = plain_agent(either).post("/v1.0/queues", json={**QUEUE, "routing_method": method})
    assert refusal(weak) == (403, "PERMISSION_DENIED")
    assert not either.queues.list()


def test_a_later_routing_method_is_not_looked_at_by_the_server(server: Mock) -> None:
    queue = server.client.post("/v1.0/queues", json=QUEUE).json
    path = f"/v1.0/queues/{queue['id']}"
    assert server.client.put(path, json={**QUEUE, "routing_method": "x"}).json["routing_method"] == "x"
    changed = server.client.put(f"{path}/routing_method", json={"routing_method": "y"}).json
    assert changed["routing_method"] == "y"


def test_what_a_queue_refers_to_need_not_be_there(either: Mock) -> None:
    body = {**QUEUE, "tag_ids": [SOME_ID], "wait_flow_id": SOME_ID, "wait_timeout": 0}
    made = either.client.post("/v1.0/queues", json=body).json
    assert (made["tag_ids"], made["wait_flow_id"]) == ([SOME_ID], SOME_ID)


def test_ids_that_are_none_are_all_zeros_to_the_server_and_refused_by_the_documents(
    documented: Mock, server: Mock
) -> None:
    body = {**QUEUE, "tag_ids": ["sales"], "wait_flow_id": "music"}
    made = server.client.post("/v1.0/queues", json=body).json
    assert (made["tag_ids"], made["wait_flow_id"]) == ([NIL_UUID], NIL_UUID)
    assert refusal(documented.client.post("/v1.0/queues", json=body)) == (400, "INVALID_ID")


@pytest.mark.parametrize("name", ["queues", "tags"])
def test_a_deleted_queue_or_tag_can_be_changed_and_stays_deleted(either: Mock, name: str) -> None:
    made = either.client.post(f"/v1.0/{name}", json=BODIES[name]).json
    path = f"/v1.0/{name}/{made['id']}"
    gone = either.client.delete(path).json
    changed = either.client.put(path, json={**BODIES[name], "name": "other"}).json
    assert (changed["name"], changed["tm_delete"]) == ("other", gone["tm_delete"])
    either.advance(1)
    again = either.client.delete(path).json
    assert again["tm_delete"] == again["tm_update"] > gone["tm_delete"]


# --- flows ---------------------------------------------------------------------------------------


@pytest.mark.differs("D12")
def test_the_flow_to_go_on_with_must_be_there_and_ones_own(either: Mock) -> None:
    made = either.client.post("/v1.0/flows", json=FLOW).json
    path = f"/v1.0/flows/{made['id']}"
    gone = either.flows.create(name="gone").id
    either.flows.delete(gone)
    theirs = either.flows.create(name="theirs", customer_id=either.customers.create(name="other").id).id
    weak = plain_agent(either)
    documented = either.world.profile.name == "documented"
    foreign = (404, "FLOW_NOT_FOUND") if documented else (403, "PERMISSION_DENIED")
    for flow, wanted in ((SOME_ID, (404, "FLOW_NOT_FOUND")), (gone, (404, "RESOURCE_NOT_FOUND")), (theirs, foreign)):
        for actions in ([TALK], [{"type": "dance"}]):  # those are looked at later
            body = {**FLOW, "actions": actions, "on_complete_flow_id": flow}
            assert refusal(either.client.post("/v1.0/flows", json=body)) == wanted
            assert refusal(either.client.put(path, json=body)) == wanted
            assert flow in either.requests[-1].hint
            assert refusal(weak.post("/v1.0/flows", json=body)) == (403, "PERMISSION_DENIED")
    assert either.client.get(path).json == made
    assert [flow.name for flow in either.flows.list()] == ["theirs", "hello"]
    for flow in (made["id"], NIL_UUID):  # itself, and none
        changed = either.client.put(path, json={**FLOW, "on_complete_flow_id": flow}).json
        assert changed["on_complete_flow_id"] == flow
    chained = either.client.post("/v1.0/flows", json={**FLOW, "on_complete_flow_id": made["id"]})
    assert chained.json["on_complete_flow_id"] == made["id"]


def test_each_action_of_a_flow_has_an_id(either: Mock) -> None:
    actions = [{"type": "answer"}, {"id": SOME_ID, **TALK}, {"id": "main-menu", "type": "answer", "option": {}}]
    made = either.client.post("/v1.0/flows", json={**FLOW, "actions": actions}).json
    ids = [action["id"] for action in made["actions"]]
    assert ids[1] == SOME_ID
    assert len(set(ids)) == 3
    assert NIL_UUID not in ids
    assert [list(action) for action in made["actions"]] == [
        ["id", "next_id", "type", "tm_execute"],
        ["id", "next_id", "type", "option", "tm_execute"],
        ["id", "next_id", "type", "tm_execute"],
    ]
    changed = either.client.put(f"/v1.0/flows/{made['id']}", json={**FLOW, "actions": made["actions"]}).json
    assert changed["actions"] == made["actions"]
    fresh = either.client.put(f"/v1.0/flows/{made['id']}", json={**FLOW, "actions": [{"type": "answer"}]}).json
    assert fresh["actions"][0]["id"] not in (NIL_UUID, *ids)


def test_what_was_not_made_as_a_flow_is_found_and_not_listed(either: Mock) -> None:
    kinds = ("flow", "campaign", "flow", "conference", "flow")
    made = [either.flows.create(type=kind, name=kind).id for kind in kinds]
    first = either.client.get("/v1.0/flows?page_size=2").json
    rest = either.client.get("/v1.0/flows", query_string={"page_token": first["next_page_token"]}).json
    assert [row["id"] for row in first["result"] + rest["result"]] == [made[4], made[2], made[0]]
    assert either.client.get(f"/v1.0/flows/{made[1]}").json["type"] == "campaign"


def test_a_deleted_flow_is_led_to_by_no_number(either: Mock) -> None:
    flow, other = (either.flows.create(name=name).id for name in ("gone", "kept"))
    both = either.numbers.create(number="+15550100001", call_flow_id=flow, message_flow_id=other)
    none = either.numbers.create(number="+15550100002", call_flow_id=other, message_flow_id=NIL_UUID)
    either.advance(1)
    either.client.delete(f"/v1.0/flows/{flow}")
    changed = either.numbers.get(both.id)
    assert (changed.call_flow_id, changed.message_flow_id) == (NIL_UUID, other)
    assert changed.tm_update is not None
    assert changed.tm_update > both.tm_create
    assert either.numbers.get(none.id) == none
    assert events(either) == []


def test_ten_thousand_flows_are_enough(either: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voipbin_mock.areas.flows.flows.MOST_FLOWS", 2)
    for _ in range(2):
        assert either.client.post("/v1.0/flows", json=FLOW).status_code == 200
    reply = either.client.post("/v1.0/flows", json={**FLOW, "actions": [{"type": "dance"}]})
    assert refusal(reply) == (400, "INVALID_ARGUMENT")  # before the actions
    either.client.delete(f"/v1.0/flows/{either.flows.list()[0].id}")
    assert either.client.post("/v1.0/flows", json=FLOW).status_code == 200


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
            "direct_hash": "",
            **EMPTY_QUEUE,
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
