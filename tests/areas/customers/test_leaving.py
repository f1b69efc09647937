"""Ceasing to be a customer, coming back, and acting for one: who may, by which proof, and what is left."""

from __future__ import annotations

from typing import Any

import pytest

from tests.areas.customers.test_customers import active, boss, is_documented
from tests.support.campaigning import SOME_ID, refusal
from voipbin_mock import Mock
from voipbin_mock.wire.values import NIL_UUID

LEAVE = "/auth/unregister"
DELETE = {"confirmation_phrase": "DELETE"}
WHY = "a customer asked why a call was dropped"


def told(reply: Any) -> tuple[int, str]:
    return reply.status_code, reply.text


def test_an_admin_leaves_with_its_password_and_comes_back(either: Mock) -> None:
    frozen = either.client.post(LEAVE, json={"password": either.password}).json
    assert frozen["status"] == "frozen"
    assert "webhook_secret" not in frozen
    assert refusal(either.client.get("/v1.0/tags")) == (403, "ACCOUNT_FROZEN")
    assert either.client.post(LEAVE, json=DELETE).json == frozen, "it is frozen already"
    back = either.client.delete(LEAVE).json
    assert (back["status"], back["tm_deletion_scheduled"]) == ("active", None)
    assert told(either.client.delete(LEAVE)) == (400, "")
    assert either.client.get("/v1.0/tags").status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"password": "wrong"},
        {"confirmation_phrase": "delete"},
        {"password": 5},
        {"password": "", "confirmation_phrase": ""},
        {**DELETE, "password": "x"},
    ],
)
def test_it_takes_exactly_one_proof(either: Mock, sent: dict[str, Any]) -> None:
    assert told(either.client.post(LEAVE, json=sent)) == (400, "")
    assert either.customers.get(either.world.owner).status == "active"


def test_an_access_key_has_no_password(either: Mock) -> None:
    key = {"accesskey": either.accesskey}
    assert told(either.anonymous.post(LEAVE, json={"password": either.password}, query_string=key)) == (400, "")
    assert either.anonymous.post(LEAVE, json=DELETE, query_string=key).json["status"] == "frozen"
    assert either.anonymous.delete(LEAVE, query_string=key).json["status"] == "active"
    assert refusal(either.anonymous.post(LEAVE, json=DELETE)) == (401, "AUTHENTICATION_REQUIRED")


@pytest.mark.differs("ACC7")
def test_whoever_is_no_admin_may_not(either: Mock) -> None:
    status = 400 if is_documented(either) else 403
    direct = {"token": either.direct_token()}
    manager = either.client_for("manager@localhost")
    for reply in (
        manager.post(LEAVE, json={"password": "manager@localhost"}),
        manager.delete(LEAVE),
        either.anonymous.post(LEAVE, json=DELETE, query_string=direct),
        either.anonymous.delete(LEAVE, query_string=direct),
    ):
        assert told(reply) == (status, "")
    assert told(manager.post(LEAVE, json={})) == (400, ""), "the proof is looked at first"


@pytest.mark.differs("ACC6")
def test_at_once_and_for_good(either: Mock) -> None:
    one, theirs = active(either)
    either.agents.update(either.agents.get(customer_id=one.id).id, password="theirs")
    gone = theirs.post(LEAVE, json={"password": "theirs", "immediate": True}).json
    assert gone["status"] == "deleted"
    if is_documented(either):
        blank = dict.fromkeys(("name", "detail", "email", "phone_number", "address", "webhook_uri"), "")
        assert {name: gone[name] for name in blank} == blank
        assert (gone["billing_account_id"], gone["tm_deletion_scheduled"]) == (NIL_UUID, None)
        assert refusal(theirs.get("/v1.0/tags")) == (401, "INVALID_CREDENTIALS")
    else:
        start = one.id[:8]
        assert (gone["name"], gone["email"]) == (f"deleted_user_{start}", f"deleted_{start}@removed.voipbin.net")
        assert not {"phone_number", "address", "webhook_uri"} & gone.keys()
        assert gone["detail"] == "a shop"
        assert gone["billing_account_id"] != NIL_UUID
    assert not either.agents.list(customer_id=one.id)
    assert boss(either).get(f"/v1.0/customers/{one.id}").json == gone


@pytest.mark.parametrize("status", ["initial", "expired"])
def test_who_is_not_active_has_nothing_to_leave(server: Mock, status: str) -> None:
    server.customers.update(server.world.owner, status=status)
    assert told(server.client.post(LEAVE, json=DELETE)) == (400, "")


# --- acting for a customer ---------------------------------------------------------------------------


def test_a_super_admin_acts_as_a_customers_admin_for_eight_hours(either: Mock) -> None:
    one, _ = active(either)
    answer = boss(either).post("/auth/delegate", json={"customer_id": one.id, "reason": WHY}).json
    assert (answer["customer_id"], answer["expire"]) == (one.id, "2026-03-01T17:00:00.000000Z")
    delegate = {"token": answer["token"]}
    get = either.anonymous.get
    assert get("/v1.0/customer", query_string=delegate).json["id"] == one.id
    assert get("/v1.0/accesskeys", query_string=delegate).status_code == 200
    made = either.anonymous.post("/v1.0/tags", json={"name": "a", "detail": ""}, query_string=delegate).json
    assert made["customer_id"] == one.id
    for path, why in (
        ("/v1.0/customers", "PERMISSION_DENIED"),
        ("/v1.0/me", "AGENT_AUTH_REQUIRED"),
        ("/v1.0/ws", "PERMISSION_DENIED"),
        ("/v1.0/service_agents/me", "AUTHENTICATION_REQUIRED"),
    ):
        assert get(path, query_string=delegate).json["error"]["reason"] == why, path
    again = {"customer_id": one.id, "reason": WHY}
    assert told(either.anonymous.post("/auth/delegate", json=again, query_string=delegate)) == (403, "")
    either.advance(hours=8, seconds=1)
    assert refusal(get("/v1.0/customer", query_string=delegate)) == (401, "INVALID_CREDENTIALS")


def test_a_delegate_of_a_frozen_customer_is_told_so(either: Mock) -> None:
    one, _ = active(either)
    delegate = boss(either).post("/auth/delegate", json={"customer_id": one.id, "reason": WHY}).json
    boss(either).post(f"/v1.0/customers/{one.id}/freeze")
    reply = either.anonymous.get("/v1.0/tags", query_string={"token": delegate["token"]})
    assert refusal(reply) == (403, "ACCOUNT_FROZEN")


def test_what_is_wrong_with_a_delegation_is_told_by_its_status_in_this_order(either: Mock) -> None:
    plain, client = either.client, boss(either)
    gone = either.customers.create(name="gone", status="deleted", tm_delete="2026-02-01T00:00:00Z")
    owner = either.world.owner
    for asking, body, status in (
        (plain, {}, 400),
        (plain, {"customer_id": owner}, 400),
        (plain, {"customer_id": "seven", "reason": "no"}, 422),
        (plain, {"customer_id": NIL_UUID, "reason": WHY}, 422),
        (plain, {"customer_id": owner, "reason": "no"}, 403),
        (client, {"customer_id": owner, "reason": "too short"}, 422),
        (client, {"customer_id": owner, "reason": "x" * 201}, 422),
        (client, {"customer_id": owner, "reason": "umlauts äöü are none"}, 422),
        (client, {"customer_id": SOME_ID, "reason": WHY}, 404),
        (client, {"customer_id": gone.id, "reason": WHY}, 404),
        (client, {"customer_id": owner, "reason": WHY}, 200),
    ):
        reply = asking.post("/auth/delegate", json=body)
        assert reply.status_code == status, body
        assert status == 200 or not reply.data
