"""Access keys: shown once, listed by their prefix, gone for good."""

from __future__ import annotations

import re
from typing import Any

import pytest

from voipbin_mock import Mock

DAY = 86_400
SOME_ID = "c0ffee00-0000-4000-8000-000000000000"
TOKEN = re.compile(r"vb_[A-Za-z0-9_-]{32}")


def create(mock: Mock, **body: Any) -> Any:
    return mock.client.post("/v1.0/accesskeys", json={"name": "n", "detail": "d", "expire": DAY, **body})


def refusal(reply: Any) -> tuple[int, str]:
    return reply.status_code, reply.json["error"]["reason"]


# --- on the wire ---------------------------------------------------------------------------------


@pytest.mark.differs("D3")
def test_a_new_key_by_the_documents_to_the_letter(documented: Mock) -> None:
    reply = create(documented, name="report")
    key = reply.json
    assert reply.text == (
        f'{{"id":"{key["id"]}","customer_id":"7a1b2c3d-4e5f-6789-abcd-ef0123456789","name":"report","detail":"d",'
        f'"token":"{key["token"]}","token_prefix":"{key["token"][:11]}","tm_expire":"2026-03-02T09:00:00Z",'
        f'"tm_create":"2026-03-01T09:00:00Z","tm_update":"2026-03-01T09:00:00Z",'
        f'"tm_delete":null}}'
    )
    assert TOKEN.fullmatch(key["token"])


@pytest.mark.differs("D3")
def test_a_new_key_by_the_server_to_the_letter(server: Mock) -> None:
    reply = create(server, name="", detail="")
    key = reply.json
    assert (
        reply.text
        == (  # what is empty is left out
            f'{{"id":"{key["id"]}","customer_id":"7a1b2c3d-4e5f-6789-abcd-ef0123456789",'
            f'"token":"{key["token"]}","token_prefix":"{key["token"][:11]}","tm_expire":"2026-03-02T09:00:00Z",'
            f'"tm_create":"2026-03-01T09:00:00Z","tm_update":null,"tm_delete":null}}'
        )
    )
    assert TOKEN.fullmatch(key["token"])


def test_the_token_is_shown_only_when_it_is_made(either: Mock) -> None:
    key = create(either).json
    path = f"/v1.0/accesskeys/{key['id']}"
    replies = [
        either.client.get("/v1.0/accesskeys"),
        either.client.get(path),
        either.client.put(path, json={"name": "a", "detail": "b"}),
        either.client.delete(path),
    ]
    for reply in replies:
        assert reply.status_code == 200
        assert '"token"' not in reply.text
        assert key["token"] not in reply.text
        assert key["token"][:11] in reply.text
    assert key["token"] not in str(either.dump())
    assert all(key["token"].encode() not in seen.reply_body for seen in either.requests)


def test_tokens_are_all_different_and_decided_by_the_random_seed() -> None:
    with Mock() as one, Mock() as same, Mock(random_seed=1) as other:
        tokens = [[create(mock).json["token"] for _ in range(5)] for mock in (one, same, other)]
    assert tokens[0] == tokens[1]
    assert len({*tokens[0], *tokens[2]}) == 10


# --- expire --------------------------------------------------------------------------------------


@pytest.mark.parametrize("expire", [DAY, DAY + 1, 31_536_000, 2**31 - 1, 2**32 + DAY])
def test_a_key_lives_for_as_many_seconds_as_asked_cut_to_32_bits(either: Mock, expire: int) -> None:
    key = create(either, expire=expire).json
    record = either.accesskeys.get(key["id"])
    assert record.tm_expire is not None
    assert (record.tm_expire - record.tm_create).total_seconds() == expire % 2**32


@pytest.mark.parametrize("expire", [0, 1, 60, DAY - 1, -1, -DAY, 2**31, 2**32, 2**32 + 1])
def test_a_life_below_a_day_is_refused(either: Mock, expire: int) -> None:
    reply = create(either, expire=expire)
    assert refusal(reply) == (400, "INVALID_ARGUMENT")
    assert reply.json["error"]["details"][0]["pointer"] == "/expire"
    assert len(either.accesskeys) == 1


@pytest.mark.parametrize("expire", ["86400", 86400.0, 86400.5, True, [], {}, 2**63])
def test_an_expire_that_is_no_integer_cannot_be_decoded(either: Mock, expire: Any) -> None:
    reply = create(either, expire=expire)
    assert reply.status_code == 400
    assert '"reason":"INVALID_JSON_BODY"' in reply.text
    assert '"pointer":"/expire"' in reply.text


@pytest.mark.differs("accesskey-life")
def test_without_expire_a_key_lives_a_year_by_the_documents_and_is_refused_by_the_server(
    documented: Mock, server: Mock
) -> None:
    assert documented.client.post("/v1.0/accesskeys", json={}).json["tm_expire"] == "2027-03-01T09:00:00Z"
    assert refusal(server.client.post("/v1.0/accesskeys", json={})) == (400, "INVALID_ARGUMENT")
    assert server.client.post("/v1.0/accesskeys", json={"EXPIRE": DAY}).status_code == 200


# --- changing and deleting -----------------------------------------------------------------------


def test_an_update_replaces_name_and_detail_and_nothing_else(either: Mock) -> None:
    key = create(either).json
    either.advance(5)
    reply = either.client.put(f"/v1.0/accesskeys/{key['id']}", json={"name": "new", "expire": 1, "token": "x"})
    record = either.accesskeys.get(key["id"])
    assert reply.status_code == 200
    assert (record.name, record.detail) == ("new", "")
    assert record.tm_update == either.now
    assert either.anonymous.get("/v1.0/outplans", query_string={"accesskey": key["token"]}).status_code == 200


def test_a_deleted_key_is_a_conflict_for_ever(either: Mock) -> None:
    key = create(either).json
    path = f"/v1.0/accesskeys/{key['id']}"
    either.advance(5)
    gone = either.client.delete(path).json
    assert gone["id"] == key["id"]
    assert gone["tm_delete"] == gone["tm_update"] != key["tm_update"]
    for reply in (
        either.client.get(path),
        either.client.delete(path),
        either.client.put(path, json={"name": "a", "detail": "b"}),
    ):
        assert refusal(reply) == (409, "STATE_INVALID")
        assert reply.json["error"]["status"] == "FAILED_PRECONDITION"


@pytest.mark.differs("D13")
def test_an_unknown_key_is_missing_by_the_documents_and_a_bad_argument_by_the_server(
    documented: Mock, server: Mock
) -> None:
    for mock, answer in ((documented, (404, "ACCESSKEY_NOT_FOUND")), (server, (400, "INVALID_ARGUMENT"))):
        path = f"/v1.0/accesskeys/{SOME_ID}"
        assert refusal(mock.client.get(path)) == answer
        assert refusal(mock.client.delete(path)) == answer
        assert refusal(mock.client.put(path, json={"name": "a", "detail": "b"})) == answer


def test_another_customers_key_is_missing_even_when_deleted(either: Mock) -> None:
    other = either.customers.create(name="other")
    key = either.accesskeys.create(name="theirs", customer_id=other.id)
    for _ in range(2):
        assert refusal(either.client.get(f"/v1.0/accesskeys/{key.id}")) == (404, "RESOURCE_NOT_FOUND")
        assert refusal(either.client.delete(f"/v1.0/accesskeys/{key.id}")) == (404, "RESOURCE_NOT_FOUND")
        either.accesskeys.delete(key.id)


def test_a_manager_may_not_touch_keys(either: Mock) -> None:
    manager = either.client_for("manager@localhost")
    key = either.accesskeys.list()[0]
    assert refusal(manager.get("/v1.0/accesskeys")) == (403, "PERMISSION_DENIED")
    assert refusal(manager.get(f"/v1.0/accesskeys/{key.id}")) == (403, "PERMISSION_DENIED")
    # Who may is asked before how long it is to live, but after the body was read.
    assert refusal(manager.post("/v1.0/accesskeys", json={"expire": 5})) == (403, "PERMISSION_DENIED")
    assert '"INVALID_JSON_BODY"' in manager.post("/v1.0/accesskeys", data="{").text


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_the_access_key_page_runs_with_the_key_it_prints(profile: str) -> None:
    printed, row_id = "vb_a3Bf9xKmPq2nR7sT4wYzLp8mN5qR1xWe", "2f1f8f7e-9b3d-4c60-8465-b69e9f28b6dc"
    with Mock(profile, seed="tutorial", clock="2026-12-02T00:00:00Z", error="all") as mock:
        web, query = mock.anonymous, {"accesskey": printed}
        body = {"name": "My New Accesskey", "detail": "This key is used for reporting", "expire": 31536000}
        made = web.post("/v1.0/accesskeys", query_string=query, json=body).json
        assert list(made)[:6] == ["id", "customer_id", "name", "detail", "token", "token_prefix"]
        listed = web.get("/v1.0/accesskeys", query_string=query).json["result"]
        assert [made["id"], row_id] == [row["id"] for row in listed][:2]
        shown = web.get(f"/v1.0/accesskeys/{row_id}", query_string=query).json
        assert (shown["name"], shown["token_prefix"]) == (body["name"], printed[:11])
        assert shown["customer_id"] == "7a1b2c3d-4e5f-6789-abcd-ef0123456789"
        changed = web.put(f"/v1.0/accesskeys/{row_id}", query_string=query, json={"name": "a", "detail": "b"})
        assert changed.json["name"] == "a"
        assert web.delete(f"/v1.0/accesskeys/{row_id}", query_string=query).status_code == 200
        assert web.get("/v1.0/accesskeys", query_string=query).status_code == 401  # it deleted itself


@pytest.mark.differs("D13")
def test_what_is_asked_of_a_key_is_looked_at_in_the_services_order(either: Mock) -> None:
    other = either.customers.create(name="other").id
    mine, gone = either.accesskeys.create(name="mine"), either.accesskeys.create(name="gone")
    theirs, theirs_gone = (either.accesskeys.create(name="theirs", customer_id=other) for _ in range(2))
    for key in (gone, theirs_gone):
        either.accesskeys.delete(key.id)
    boss = either.client_for(either.agents.create(username="boss", permission=1))
    weak = either.client_for("manager@localhost")
    documented = either.world.profile.name == "documented"
    unknown = (404, "ACCESSKEY_NOT_FOUND") if documented else (400, "INVALID_ARGUMENT")
    foreign, deleted, denied = (404, "RESOURCE_NOT_FOUND"), (409, "STATE_INVALID"), (403, "PERMISSION_DENIED")
    for client, allowed in ((either.client, None), (boss, None), (weak, denied)):
        for key_id, wanted in (
            ("c0ffee00-0000-4000-8000-000000000000", unknown),
            (theirs.id, foreign),  # for a super admin, too
            (theirs_gone.id, foreign),
            (gone.id, deleted),  # before the permission
            (mine.id, allowed),
        ):
            reply = client.get(f"/v1.0/accesskeys/{key_id}")
            seen = None if reply.status_code == 200 else (reply.status_code, reply.json["error"]["reason"])
            assert seen == wanted
