"""Extensions and trunks: kept, limited by the plan, registered, called."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import CUSTOMER, events, foreigner, plain_agent, refusal
from tests.support.desk import Desk, an_agent, shown
from voipbin_mock import Answer, Busy, CallRefused, Mock

EXTENSION = {"extension": "1001", "password": "pw", "name": "desk", "detail": "d"}
TRUNK = {
    "name": "carrier", "detail": "d", "domain_name": "carrier.example.com", "auth_types": ["basic", "ip"],
    "username": "u", "password": "p", "allowed_ips": ["203.0.113.1"],
}  # fmt: skip
EXTENSIONS, TRUNKS = "/v1.0/extensions", "/v1.0/trunks"


def documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def make(mock: Mock, path: str = EXTENSIONS, **members: Any) -> Any:
    return mock.client.post(path, json={**(EXTENSION if path == EXTENSIONS else TRUNK), **members})


def on_plan(mock: Mock, plan: str) -> None:
    mock.billing_accounts.update(mock.customers.get(CUSTOMER).billing_account_id, plan_type=plan)


@pytest.mark.differs("extension-domain", "extension-hash")
def test_an_extension_to_the_letter(documented: Mock, server: Mock) -> None:
    made = make(documented)
    assert made.text == (
        f'{{"id":"{made.json["id"]}","customer_id":"{CUSTOMER}","name":"desk","detail":"d","extension":"1001",'
        f'"domain_name":"{CUSTOMER}.registrar.voipbin.net","username":"1001","password":"pw","direct_hash":"",'
        '"tm_create":"2026-03-01 09:00:00.000000","tm_update":"","tm_delete":""}'
    )
    made = make(server)
    digits = made.json["direct_hash"].removeprefix("direct.")
    assert (len(digits), int(digits, 16) >= 0) == (12, True)
    assert made.text == (
        f'{{"id":"{made.json["id"]}","customer_id":"{CUSTOMER}","name":"desk","detail":"d","extension":"1001",'
        f'"domain_name":"{CUSTOMER}","username":"1001","password":"pw","direct_hash":"direct.{digits}",'
        '"tm_create":"2026-03-01T09:00:00Z","tm_update":null,"tm_delete":null}'
    )


def test_a_trunk_to_the_letter(documented: Mock, server: Mock) -> None:
    for mock, stamps in (
        (documented, '"2026-03-01T09:00:00.000000Z","tm_update":"9999-01-01T00:00:00.000000Z",'
                     '"tm_delete":"9999-01-01T00:00:00.000000Z"'),
        (server, '"2026-03-01T09:00:00Z","tm_update":null,"tm_delete":null'),
    ):  # fmt: skip
        made = make(mock, TRUNKS)
        assert made.text == (
            f'{{"id":"{made.json["id"]}","customer_id":"{CUSTOMER}","name":"carrier","detail":"d",'
            '"domain_name":"carrier.example.com","auth_types":["basic","ip"],"username":"u","password":"p",'
            f'"allowed_ips":["203.0.113.1"],"tm_create":{stamps}}}'
        )


@pytest.mark.parametrize("member", ["auth_types", "allowed_ips"])
def test_lists_of_a_trunk_are_of_texts(either: Mock, member: str) -> None:
    assert refusal(make(either, TRUNKS, **{member: [5]})) == (400, "INVALID_JSON_BODY")
    assert either.trunks.list() == []


@pytest.mark.parametrize("path", [EXTENSIONS, TRUNKS])
def test_updates_replace_what_may_change_and_deleted_ones_stay_readable(either: Mock, path: str) -> None:
    made = make(either, path).json
    either.advance(1)
    body = {"name": "n", "detail": "", "password": "other"}
    if path == TRUNKS:
        body |= {"auth_types": [], "username": "", "allowed_ips": []}
    changed = either.client.put(f"{path}/{made['id']}", json=body).json
    assert changed == {**made, **body, "tm_update": changed["tm_update"]}
    assert changed["tm_update"] != made["tm_update"]
    gone = either.client.delete(f"{path}/{made['id']}").json
    assert gone["tm_delete"] == gone["tm_update"]
    assert either.client.get(f"{path}/{made['id']}").json == gone
    assert either.client.put(f"{path}/{made['id']}", json={**body, "name": "x"}).json["name"] == "x"
    assert either.client.delete(f"{path}/{made['id']}").status_code == 200
    assert either.client.get(path).json["result"] == []
    assert make(either, path).status_code == 200, "its name and domain are free again"
    assert not [event for event in events(either) if event.startswith(("extension_", "trunk_"))]


@pytest.mark.parametrize(("path", "noun"), [(EXTENSIONS, "EXTENSION"), (TRUNKS, "TRUNK")])
def test_who_may_have_to_do_with_them(either: Mock, path: str, noun: str) -> None:
    made = make(either, path).json
    weak = plain_agent(either)
    for reply in (weak.get(path), weak.get(f"{path}/{made['id']}"), weak.delete(f"{path}/{made['id']}")):
        assert refusal(reply) == (403, "PERMISSION_DENIED")
    foreign = either.anonymous.get(f"{path}/{made['id']}", query_string={"token": foreigner(either)})
    assert refusal(foreign) == ((404, f"{noun}_NOT_FOUND") if documented(either) else (403, "PERMISSION_DENIED"))
    unknown = either.client.get(f"{path}/c0ffee00-0000-4000-8000-000000000000")
    assert refusal(unknown) == (404, f"{noun}_NOT_FOUND")
    assert refusal(either.client.get(f"{path}/seven")) == (400, "INVALID_ID")


@pytest.mark.differs("extension-failures", "trunk-failures")
def test_plans_and_names_that_are_taken(either: Mock) -> None:
    limit, taken, wrong = (
        ((429, "RESOURCE_LIMIT_EXCEEDED"), (409, "STATE_INVALID"), (400, "INVALID_ARGUMENT"))
        if documented(either)
        else ((500, "INTERNAL"),) * 3
    )
    assert make(either).status_code == make(either, TRUNKS).status_code == 200
    assert refusal(make(either)) == refusal(make(either, TRUNKS)) == taken
    for domain in ("", "a", "1.example.com", "a_b.example.com", "a" * 32):
        assert refusal(make(either, TRUNKS, domain_name=domain)) == wrong, domain
    other = either.customers.create(name="other").id
    either.extensions.create(extension="2001", customer_id=other)
    either.trunks.create(domain_name="other.example.com", customer_id=other)
    assert make(either, extension="2001").status_code == 200, "names are each customer's own"
    assert refusal(make(either, TRUNKS, domain_name="other.example.com")) == taken
    on_plan(either, "free")
    assert refusal(make(either, TRUNKS, domain_name="more.example.com")) == limit
    for number in range(3):
        assert make(either, extension=f"300{number}").status_code == 200
    assert refusal(make(either, extension="3003")) == limit
    on_plan(either, "basic")
    assert make(either, extension="3003").status_code == 200
    assert make(either, TRUNKS, domain_name="more.example.com").status_code == 200


def test_the_documents_ask_for_a_password_and_the_server_blanks_it(documented: Mock, server: Mock) -> None:
    for mock in (documented, server):
        made = make(mock).json
        reply = mock.client.put(f"{EXTENSIONS}/{made['id']}", json={"name": "n", "detail": "d"})
        if mock is documented:
            assert refusal(reply) == (400, "INVALID_ARGUMENT")
            assert reply.json["error"]["details"][0]["pointer"] == "/password"
        else:
            assert reply.json["password"] == ""


# --- being called ------------------------------------------------------------------------------------


def call(mock: Mock, **address: str) -> Any:
    destination = {"type": "extension", "target": "", "target_name": "", **address}
    source = {"type": "tel", "target": "+15559876543"}
    return mock.client.post("/v1.0/calls", json={"source": source, "destinations": [destination]})


def test_an_extension_is_called_at_every_phone_that_is_registered(either: Mock) -> None:
    made = make(either).json
    assert either.extension("1001").contacts == 1
    groupcall = call(either, target_name="1001").json["groupcalls"][0]
    (leg,) = groupcall["call_ids"]
    target = either.calls.get(leg).destination.target
    assert target == f"1001@{CUSTOMER}.registrar.voipbin.net"
    either.phone(target).script(Busy(), Answer())
    either.extension(made["id"]).register(2)
    legs = call(either, target=made["id"]).json["groupcalls"][0]["call_ids"]
    either.advance(4)
    assert [either.calls.get(each).status for each in legs] == ["hangup", "progressing"]


@pytest.mark.differs("extension-name")
def test_nobody_is_reached_at_an_extension_without_a_phone(either: Mock) -> None:
    refused = (400, "INVALID_ARGUMENT") if documented(either) else (500, "INTERNAL")
    make(either)
    assert either.extension("1001").unregister().contacts == 0
    assert refusal(call(either, target_name="1001")) == refused
    assert refusal(call(either, target_name="4711")) == refused, "there is no such extension"
    told = either.anonymous.put("/__mock__/extensions/1001", json={"contacts": 1}).json
    assert (told["extension"], told["contacts"]) == ("1001", 1)
    assert either.anonymous.get("/__mock__/extensions").json == {"extensions": [told]}
    assert call(either, target_name="1001").status_code == 200
    for path, body, status in (("1001", {"contacts": -1}, 400), ("1001", {}, 400), ("none", {"contacts": 1}, 404)):
        assert either.anonymous.put(f"/__mock__/extensions/{path}", json=body).status_code == status
    by_name = call(either, target_name="desk")
    assert by_name.status_code == 200 if documented(either) else refusal(by_name) == refused
    either.client.delete(f"{EXTENSIONS}/{told['id']}")
    assert refusal(call(either, target_name="1001")) == refused
    with pytest.raises(LookupError):
        either.extension("1001")


def test_anybody_calls_an_extension_by_its_direct_hash_until_that_is_made_anew(either: Mock) -> None:
    made = make(either).json
    path = f"{EXTENSIONS}/{made['id']}/direct-hash-regenerate"
    either.advance(1)
    first = either.client.post(path).json
    assert first == {**made, "direct_hash": first["direct_hash"], "tm_update": first["tm_update"]}
    assert first["direct_hash"].startswith("direct.") != documented(either)
    incoming = either.phone("+15550100001").calls(first["direct_hash"])
    (leg,) = incoming.legs
    assert leg.record.destination.target.startswith("1001@")
    either.advance(4)
    assert (incoming.status, leg.status) == ("progressing", "progressing")
    second = either.client.post(path).json["direct_hash"]
    with pytest.raises(CallRefused):
        either.phone("+15550100001").calls(first["direct_hash"])
    assert either.phone("+15550100001").calls(second).legs
    either.client.delete(f"{EXTENSIONS}/{made['id']}")
    assert refusal(either.client.post(path)) == (500, "INTERNAL")
    with pytest.raises(CallRefused):
        either.phone("+15550100001").calls(second)


# --- at the desk -------------------------------------------------------------------------------------


@pytest.mark.differs("desk-extensions")
def test_an_agent_sees_the_extensions_of_its_token(either: Mock) -> None:
    old, new = make(either).json, make(either, extension="1002").json
    other = make(either, extension="1003").json
    ids = (new["id"], "c0ffee00-0000-4000-8000-000000000000", old["id"])
    addresses = [{"type": "tel", "target": "+15550100001"}, *({"type": "extension", "target": id} for id in ids)]
    agent, ann = an_agent(either, addresses=addresses)
    page = shown(ann.get("/extensions", page_size=1))
    found = [each["id"] for each in page["result"]]
    assert found == ([new["id"]] if documented(either) else [new["id"], old["id"]])
    if documented(either):
        rest = shown(ann.get("/extensions", page_token=page["next_page_token"]))
        assert [each["id"] for each in rest["result"]] == [old["id"]]
    assert shown(ann.get(f"/extensions/{old['id']}")) == old
    assert refusal(ann.get(f"/extensions/{other['id']}")) == (404, "RESOURCE_NOT_FOUND")
    assert refusal(ann.get("/extensions/c0ffee00-0000-4000-8000-000000000000")) == (404, "EXTENSION_NOT_FOUND")
    either.agents.update(agent.id, addresses=[])
    assert shown(ann.get(f"/extensions/{old['id']}")) == old, "the token knows no better"
    assert refusal(Desk(either, agent.id).get(f"/extensions/{old['id']}")) == (404, "RESOURCE_NOT_FOUND")
