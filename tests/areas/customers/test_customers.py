"""Customers for those who run the service: made, changed, frozen, recovered and deleted, with what they have."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import SOME_ID, refusal
from voipbin_mock import Answer, Mock
from voipbin_mock.wire.values import NIL_UUID

CUSTOMERS = "/v1.0/customers"
SUPER, ADMIN = 0x01, 0x20
NEW = {
    "name": "Ann's",
    "detail": "a shop",
    "email": "ann@example.com",
    "phone_number": "+15550100001",
    "address": "1 Main St",
    "webhook_method": "POST",
    "webhook_uri": "https://hooks.example.com/voipbin",
}


def is_documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def boss(mock: Mock) -> Any:
    """Somebody who runs the service."""
    known = mock.agents.list(username="boss")
    return mock.client_for(known[0] if known else mock.agents.create(username="boss", permission=SUPER))


def made(mock: Mock, **members: Any) -> Any:
    reply = boss(mock).post(CUSTOMERS, json={**NEW, **members})
    assert reply.status_code == 200, reply.text
    return reply.json


def active(mock: Mock, **members: Any) -> Any:
    """A customer that may do everything, and a client of its admin."""
    one = mock.customers.get(made(mock, **members)["id"])
    mock.customers.update(one.id, status="active", email_verified=True)
    return one, mock.client_for(mock.agents.get(customer_id=one.id).id)


# --- making one --------------------------------------------------------------------------------------


@pytest.mark.differs("ACC2")
def test_a_new_customer_is_initial_by_the_documents_and_active_on_the_server(either: Mock) -> None:
    answer = made(either)
    state = ("initial", False) if is_documented(either) else ("active", True)
    assert (answer["status"], answer["email_verified"]) == state
    assert answer["billing_account_id"] == NIL_UUID, "it is answered with before it has an account that pays"
    assert answer["identity_verification_status"] == "none"
    assert {name: answer[name] for name in NEW} == NEW
    mails = {mail.kind: mail.token for mail in either.account_mails.list(recipient=NEW["email"])}
    assert mails.keys() == ({"verify", "welcome"} if is_documented(either) else {"welcome"})
    sent = {"token": mails["welcome"], "password": "correct horse"}
    assert either.anonymous.post("/auth/password-reset", json=sent).status_code == 200
    login = {"username": NEW["email"], "password": "correct horse"}
    assert either.anonymous.post("/auth/login", json=login).status_code == 200


@pytest.mark.differs("ACC9")
def test_a_new_customer_has_an_agent_and_an_account_that_pays(either: Mock) -> None:
    either.freeze("2026-12-05T10:00:00Z")
    one = either.customers.get(made(either)["id"])
    agent = either.agents.get(customer_id=one.id)
    assert (agent.username, agent.permission, agent.status) == ("ann@example.com", ADMIN, "offline")
    assert agent.name == ("guest agent" if is_documented(either) else "default admin")
    payer = either.billing_accounts.get(one.billing_account_id)
    assert (payer.customer_id, payer.plan_type, payer.balance_credit, payer.balance_token) == (one.id, "free", 0, 100)
    assert payer.tm_next_topup is not None
    assert payer.tm_next_topup.isoformat() == "2027-01-01T00:00:00+00:00"
    assert [event.record_id for event in either.world.bus.log if event.type == "agent_created"] == [agent.id]


@pytest.mark.differs("ACC4")
@pytest.mark.parametrize(
    "email", ["", "ann", "ann@", "@example.com", "a..n@example.com", "taken@example.com", "boss@x"]
)
def test_an_address_that_is_none_or_anothers_is_refused(either: Mock, email: str) -> None:
    either.customers.create(name="other", email="taken@example.com")
    either.agents.create(username="boss@x")
    before = len(either.customers)
    wanted = (400, "INVALID_ARGUMENT") if is_documented(either) else (500, "INTERNAL")
    assert refusal(boss(either).post(CUSTOMERS, json={**NEW, "email": email})) == wanted
    assert len(either.customers) == before
    assert made(either, email="admin@elsewhere")["email"] == "admin@elsewhere", "a domain needs no dot"


def test_the_documents_want_every_member(documented: Mock, server: Mock) -> None:
    for name in NEW:
        body = {key: value for key, value in NEW.items() if key != name}
        assert refusal(boss(documented).post(CUSTOMERS, json=body)) == (400, "INVALID_ARGUMENT")
    assert boss(server).post(CUSTOMERS, json={"email": "bare@example.com"}).status_code == 200
    one = made(server)["id"]
    assert "email" not in boss(server).put(f"{CUSTOMERS}/{one}", json={"name": "n"}).json, "what is left out is emptied"


# --- looking and changing ----------------------------------------------------------------------------


def test_all_customers_are_listed_newest_first_page_by_page_and_never_with_a_secret(either: Mock) -> None:
    first, second = made(either, email="a@x"), made(either, email="b@x")
    page = boss(either).get(CUSTOMERS, query_string={"page_size": 2}).json
    assert [one["id"] for one in page["result"]] == [second["id"], first["id"]]
    rest = boss(either).get(CUSTOMERS, query_string={"page_token": page["next_page_token"]}).json["result"]
    assert [one["id"] for one in rest] == [either.world.owner]
    assert not [one for one in (*page["result"], *rest) if "webhook_secret" in one]
    assert "webhook_secret" not in boss(either).get(f"{CUSTOMERS}/{first['id']}").json


@pytest.mark.differs("ACC1")
def test_a_customer_that_there_is_not(either: Mock) -> None:
    wanted = (404, "CUSTOMER_NOT_FOUND") if is_documented(either) else (400, "INVALID_ARGUMENT")
    one, client = f"{CUSTOMERS}/{SOME_ID}", boss(either)
    for reply in (
        client.get(one),
        client.put(one, json=NEW),
        client.delete(one),
        client.post(f"{one}/freeze"),
        client.post(f"{one}/recover"),
        client.put(f"{one}/metadata", json={}),
        client.put(f"{one}/billing_account_id", json={"billing_account_id": SOME_ID}),
    ):
        assert refusal(reply) == wanted
    assert refusal(client.get(f"{CUSTOMERS}/seven")) == (400, "INVALID_ID")


def test_what_a_customer_says_of_itself_is_replaced_even_of_a_deleted_one(either: Mock) -> None:
    one = made(either)["id"]
    client = boss(either)
    client.delete(f"{CUSTOMERS}/{one}")
    changed = client.put(f"{CUSTOMERS}/{one}", json={**NEW, "name": "Bob's"}).json
    assert (changed["name"], changed["status"]) == ("Bob's", "deleted")
    assert client.put(f"{CUSTOMERS}/{one}/metadata", json={"rtp_debug": True}).json["metadata"] == {"rtp_debug": True}
    assert client.put(f"{CUSTOMERS}/{one}/metadata", json={}).json["metadata"] == {"rtp_debug": False}


def test_a_customer_pays_by_anybodys_account_but_by_one_that_there_is(either: Mock) -> None:
    one = f"{CUSTOMERS}/{made(either)['id']}/billing_account_id"
    client, gone = boss(either), either.billing_accounts.create()
    either.billing_accounts.delete(gone.id)
    foreign = either.customers.get(either.world.owner).billing_account_id
    assert client.put(one, json={"billing_account_id": foreign}).json["billing_account_id"] == foreign
    for wanted, why in (
        ("seven", (400, "INVALID_ID")),
        (NIL_UUID, (400, "INVALID_ID")),
        (SOME_ID, (404, "BILLING_ACCOUNT_NOT_FOUND")),
        (gone.id, (404, "RESOURCE_NOT_FOUND")),
    ):
        assert refusal(client.put(one, json={"billing_account_id": wanted})) == why


# --- freezing ----------------------------------------------------------------------------------------


@pytest.mark.differs("ACC5")
def test_a_frozen_customer_can_do_nothing_until_it_is_recovered(either: Mock) -> None:
    one, theirs = active(either)
    path = f"{CUSTOMERS}/{one.id}"
    frozen = boss(either).post(f"{path}/freeze").json
    named = "2026-03-31T09:00:00Z" if is_documented(either) else "2026-03-01T09:00:00Z"
    assert (frozen["status"], frozen["tm_deletion_scheduled"]) == ("frozen", named)
    refused = theirs.get("/v1.0/tags")
    assert refusal(refused) == (403, "ACCOUNT_FROZEN")
    told = refused.json["error"]["details"][0]
    assert told["deletion_scheduled_at"] == "2026-03-01T09:00:00Z"
    assert told["deletion_effective_at"] == "2026-03-31T09:00:00Z"
    assert boss(either).post(f"{path}/freeze").json == frozen, "it is frozen already"
    recovered = boss(either).post(f"{path}/recover").json
    assert (recovered["status"], recovered["tm_deletion_scheduled"]) == ("active", None)
    assert theirs.get("/v1.0/tags").status_code == 200
    assert refusal(boss(either).post(f"{path}/recover")) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("status", ["initial", "expired", "deleted"])
def test_only_who_is_active_can_be_frozen(either: Mock, status: str) -> None:
    one = either.customers.create(name="other", status=status)
    for what in ("freeze", "recover"):
        assert refusal(boss(either).post(f"{CUSTOMERS}/{one.id}/{what}")) == (400, "INVALID_ARGUMENT")


def test_freezing_hangs_up_what_goes_on(either: Mock) -> None:
    either.phone("+15550100001").script(Answer(after="1s", talk="30m"))
    call = either.client.post(
        "/v1.0/calls",
        json={
            "source": {"type": "tel", "target": "+15559876543"},
            "destinations": [{"type": "tel", "target": "+15550100001"}],
            "actions": [{"type": "answer"}, {"type": "sleep", "option": {"duration": 600_000}}],
        },
    ).json["calls"][0]
    either.advance(seconds=5)
    assert either.calls.get(call["id"]).status == "progressing"
    boss(either).post(f"{CUSTOMERS}/{either.world.owner}/freeze")
    assert either.calls.get(call["id"]).status == "hangup"


def test_who_is_frozen_for_thirty_days_is_deleted_the_night_after(either: Mock) -> None:
    one, _ = active(either)
    boss(either).post(f"{CUSTOMERS}/{one.id}/freeze")
    either.advance(days=30)
    assert either.customers.get(one.id).status == "frozen"
    either.advance(hours=18, minutes=59, seconds=59)  # to 03:59:59
    assert either.customers.get(one.id).status == "frozen"
    either.advance(seconds=1)
    gone = either.customers.get(one.id)
    assert gone.status == "deleted"
    assert gone.name == ("" if is_documented(either) else f"deleted_user_{one.id[:8]}")
    assert not either.agents.list(customer_id=one.id)


def test_who_is_recovered_is_not_deleted_nor_who_is_frozen_anew_too_early(either: Mock) -> None:
    one, _ = active(either)
    path = f"{CUSTOMERS}/{one.id}"
    boss(either).post(f"{path}/freeze")
    either.advance(days=20)
    boss(either).post(f"{path}/recover")
    boss(either).post(f"{path}/freeze")
    either.advance(days=20)
    assert either.customers.get(one.id).status == "frozen"
    boss(either).post(f"{path}/recover")
    either.advance(days=60)
    assert either.customers.get(one.id).status == "active"


def test_a_frozen_customer_of_a_seed_goes_in_its_time_and_over_a_dump() -> None:
    seed = {"extends": "account", "customers": [{"name": "going", "status": "frozen",
            "tm_deletion_scheduled": "2026-03-10T00:00:00Z"}]}  # fmt: skip
    with Mock(seed=seed, clock="2026-03-01T09:00:00Z") as mock:
        state = mock.dump()
        mock.load(state)
        mock.advance(days=8, hours=18, minutes=59, seconds=59)  # to 03:59:59
        one = mock.customers.get(status="frozen")
        mock.advance(seconds=1)
        assert mock.customers.get(one.id).status == "deleted"


# --- deleting ----------------------------------------------------------------------------------------


def test_deleting_a_customer_keeps_what_its_record_says_and_deletes_what_it_has(either: Mock) -> None:
    one, theirs = active(either)
    key = either.accesskeys.create(customer_id=one.id, token="vb_" + "k" * 32, tm_expire="2030-01-01T00:00:00Z")
    kept, going = {}, {}
    for name in ("numbers", "flows", "queues", "tags", "contacts", "storage_files", "transcribes", "groupcalls"):
        going[name] = either.records(name).create(customer_id=one.id).id
    for name in ("outdials", "outplans", "conferences", "campaigns", "conversations", "messages"):
        kept[name] = either.records(name).create(customer_id=one.id).id
    going["billing_accounts"] = either.customers.get(one.id).billing_account_id
    going["agents"] = either.agents.get(customer_id=one.id).id
    others = either.flows.create()
    client, path = boss(either), f"{CUSTOMERS}/{one.id}"
    gone = client.delete(path).json
    assert (gone["status"], gone["name"], gone["email"]) == ("deleted", NEW["name"], NEW["email"])
    assert not [name for name, id in going.items() if either.records(name).get(id).tm_delete is None]
    assert not [name for name, id in kept.items() if either.records(name).get(id).tm_delete is not None]
    assert either.accesskeys.get(key.id).tm_delete is None
    assert either.flows.get(others.id).tm_delete is None
    assert client.delete(path).json == gone, "it was deleted before"
    assert client.get(path).json == gone
    entered = theirs.get("/v1.0/tags").status_code
    assert entered == (401 if is_documented(either) else 200)


def test_what_goes_with_a_customer_is_told(either: Mock) -> None:
    one, _ = active(either)
    number = either.numbers.create(customer_id=one.id, number="+15550100009")
    boss(either).delete(f"{CUSTOMERS}/{one.id}")
    told = {event.type: event.record_id for event in either.world.bus.log if event.customer_id == one.id}
    assert told["number_deleted"] == number.id
    assert "agent_deleted" in told
    assert not [type for type in told if type.startswith("customer_")]


def test_a_customer_that_a_test_deletes_takes_what_it_has_along(either: Mock) -> None:
    other = either.customers.create(name="other")
    flow = either.flows.create(customer_id=other.id)
    assert either.customers.delete(other.id).status == "deleted"
    assert either.flows.get(flow.id).tm_delete is not None
