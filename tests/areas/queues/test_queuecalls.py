"""Queuecalls over the API: listed, read, deleted and kicked; and how many queues a plan allows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import SOME_ID, events, foreigner, plain_agent, refusal
from voipbin_mock import Mock
from voipbin_mock.wire.values import NIL_UUID

CALL = "c0ffee00-0000-4000-8000-00000000ca11"
QUEUE = {
    "name": "sales",
    "detail": "who buys",
    "routing_method": "random",
    "tag_ids": [],
    "wait_flow_id": NIL_UUID,
    "wait_timeout": 100_000,
    "service_timeout": 0,
}


def is_documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def caller(mock: Mock, status: str = "waiting", **members: Any) -> Any:
    """A queuecall in a queue of its own, put in place."""
    queue = mock.queues.create(name="sales", routing_method="random")
    if status == "service":
        members["tm_service"] = mock.now
    row = mock.queuecalls.create(reference_type="call", reference_id=CALL, status=status, queue_id=queue.id, **members)
    lists = {"waiting": "wait_queuecall_ids", "service": "service_queuecall_ids"}
    if status in lists:
        mock.queues.update(queue.id, **{lists[status]: [row.id]})
    return row


def kick(mock: Mock, row: Any, by_reference: bool = False) -> Any:
    way = f"reference_id/{row.reference_id}" if by_reference else row.id
    return mock.client.post(f"/v1.0/queuecalls/{way}/kick")


def queue_of(mock: Mock) -> dict[str, Any]:
    (queue,) = mock.queues.list()
    shown: dict[str, Any] = mock.client.get(f"/v1.0/queues/{queue.id}").json
    return shown


def test_a_queuecall_is_shown_in_the_order_of_the_service_and_without_its_queue(either: Mock) -> None:
    shown = either.client.get(f"/v1.0/queuecalls/{caller(either).id}").json
    names = ["id", "customer_id", "reference_type", "reference_id", "status", "service_agent_id"]
    lengths = ["duration_waiting", "duration_service"] if is_documented(either) else []  # while they are nothing
    assert list(shown) == [*names, *lengths, "tm_create", "tm_service", "tm_update", "tm_delete"]
    assert (shown["reference_type"], shown["reference_id"], shown["status"]) == ("call", CALL, "waiting")


def test_the_newest_queuecall_is_listed_first(either: Mock) -> None:
    ids = []
    for _ in range(3):
        ids.append(caller(either).id)
        either.advance(1)
    page = either.client.get("/v1.0/queuecalls?page_size=2").json
    assert [row["id"] for row in page["result"]] == ids[:0:-1]
    rest = either.client.get("/v1.0/queuecalls", query_string={"page_token": page["next_page_token"]}).json
    assert [row["id"] for row in rest["result"]] == ids[:1]


@pytest.mark.differs("queuecall-tm-delete")
def test_the_list_has_who_left_the_queue_until_it_is_deleted(either: Mock) -> None:
    over, waits = caller(either, "service"), caller(either)
    if is_documented(either):
        assert (
            kick(either, over).json["tm_delete"] == either.client.get(f"/v1.0/queuecalls/{over.id}").json["tm_update"]
        )
    for row in (over, waits):
        listed = [each["id"] for each in either.client.get("/v1.0/queuecalls").json["result"]]
        assert row.id in listed
        gone = either.client.delete(f"/v1.0/queuecalls/{row.id}").json
        assert gone["tm_delete"] == gone["tm_update"]
        assert either.client.get(f"/v1.0/queuecalls/{row.id}").json == gone
        either.advance(1)
        again = either.client.delete(f"/v1.0/queuecalls/{row.id}").json
        assert again["tm_delete"] > gone["tm_delete"]
    assert either.client.get("/v1.0/queuecalls").json["result"] == []
    assert events(either)[-4:] == ["queuecall_deleted"] * 4


def test_a_deleted_queuecall_stays_in_its_queue(either: Mock) -> None:
    row = caller(either)
    gone = either.client.delete(f"/v1.0/queuecalls/{row.id}").json
    assert gone["status"] == "waiting"
    assert queue_of(either)["wait_queuecall_ids"] == [row.id]


@pytest.mark.differs("D12")
def test_unknown_foreign_and_forbidden_are_told_apart(either: Mock) -> None:
    row = caller(either)
    paths = (f"/{row.id}/kick", f"/reference_id/{CALL}/kick")
    foreign = (404, "QUEUECALL_NOT_FOUND") if is_documented(either) else (403, "PERMISSION_DENIED")
    for path in paths:
        assert refusal(plain_agent_of(either).post(f"/v1.0/queuecalls{path}")) == (403, "PERMISSION_DENIED")
        reply = either.anonymous.post(f"/v1.0/queuecalls{path}", query_string={"token": foreign_token(either)})
        assert refusal(reply) == foreign
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/kick")):
        reply = either.client.open(f"/v1.0/queuecalls/{SOME_ID}{path}", method=method)
        assert refusal(reply) == (404, "QUEUECALL_NOT_FOUND")
    assert either.client.get(f"/v1.0/queuecalls/{row.id}").json["status"] == "waiting"


def plain_agent_of(mock: Mock) -> Any:
    found = mock.agents.list(username="agent@localhost")
    return mock.client_for(found[0]) if found else plain_agent(mock)


def foreign_token(mock: Mock) -> str:
    found = mock.agents.list(username="foreign@localhost")
    return mock.token_for(found[0]) if found else foreigner(mock)


@pytest.mark.differs("queue-kick-reference")
def test_a_call_that_is_in_no_queue_cannot_be_kicked_and_who_may_not_is_told_so_first(either: Mock) -> None:
    path = f"/v1.0/queuecalls/reference_id/{CALL}/kick"
    reason = "QUEUECALL_NOT_FOUND" if is_documented(either) else "RESOURCE_NOT_FOUND"
    assert refusal(either.client.post(path)) == (404, reason)
    assert refusal(plain_agent(either).post(path)) == (403, "PERMISSION_DENIED")
    assert refusal(either.client.post("/v1.0/queuecalls/reference_id/seven/kick")) == (400, "INVALID_ID")


@pytest.mark.parametrize("by_reference", [False, True])
@pytest.mark.differs("queue-leave-waiting", "queue-abandoned-count")
def test_who_is_kicked_while_waiting_has_abandoned_the_queue_but_the_server_fails(
    either: Mock, by_reference: bool
) -> None:
    row = caller(either)
    either.advance(7)
    reply = kick(either, row, by_reference)
    if not is_documented(either):
        assert refusal(reply) == (500, "INTERNAL")
        assert queue_of(either)["wait_queuecall_ids"] == [row.id]
        assert "total_abandoned_count" not in queue_of(either)
        return
    assert (reply.json["status"], reply.json["duration_waiting"], reply.json["duration_service"]) == (
        "abandoned",
        7000,
        0,
    )
    assert reply.json["tm_delete"] == reply.json["tm_update"]
    assert events(either) == ["queuecall_abandoned"]
    assert (queue_of(either)["wait_queuecall_ids"], queue_of(either)["total_abandoned_count"]) == ([], 1)


@pytest.mark.parametrize("by_reference", [False, True])
@pytest.mark.differs("queue-leave-service", "queue-duration")
def test_who_is_kicked_in_service_is_done_but_the_server_lets_them_talk(either: Mock, by_reference: bool) -> None:
    row = caller(either, "service")
    before = either.client.get(f"/v1.0/queuecalls/{row.id}").json
    either.advance(9)
    reply = kick(either, row, by_reference)
    assert reply.status_code == 200
    if not is_documented(either):
        assert reply.json == before
        return
    assert (reply.json["status"], reply.json["duration_service"]) == ("done", 9000)
    assert events(either) == ["queuecall_done"]
    assert (queue_of(either)["service_queuecall_ids"], queue_of(either)["total_abandoned_count"]) == ([], 0)


@pytest.mark.parametrize("status", ["done", "abandoned"])
@pytest.mark.differs("queue-kick-ended")
def test_who_left_the_queue_can_be_kicked_without_effect_but_the_server_fails(either: Mock, status: str) -> None:
    row = caller(either, status)
    before = either.client.get(f"/v1.0/queuecalls/{row.id}").json
    for by_reference in (False, True):
        reply = kick(either, row, by_reference)
        if is_documented(either):
            assert (reply.status_code, reply.json) == (200, before)
        else:
            assert refusal(reply) == (500, "INTERNAL")
    assert events(either) == []


def test_a_kick_by_reference_is_of_the_newest(documented: Mock) -> None:
    first = caller(documented)
    documented.advance(1)
    second = documented.queuecalls.create(reference_type="call", reference_id=CALL, status="waiting")
    assert kick(documented, first, by_reference=True).json["id"] == second.id
    assert documented.client.get(f"/v1.0/queuecalls/{first.id}").json["status"] == "waiting"


@pytest.mark.parametrize(("plan", "most"), [("free", 2), ("basic", 10), ("unlimited", None)])
def test_a_plan_allows_so_many_queues(either: Mock, plan: str, most: int | None) -> None:
    payer = next(iter(either.billing_accounts.list()))
    either.billing_accounts.update(payer.id, plan_type=plan)
    for _ in range(most or 12):
        made = either.client.post("/v1.0/queues", json=QUEUE)
        assert made.status_code == 200
    if most is None:
        return
    assert refusal(either.client.post("/v1.0/queues", json={**QUEUE, "routing_method": "x"})) == (500, "INTERNAL")
    assert f"the plan {plan} allows {most} queues" in either.requests[-1].hint
    either.client.delete(f"/v1.0/queues/{made.json['id']}")
    assert either.client.post("/v1.0/queues", json=QUEUE).status_code == 200
