"""Agents: what a new one must be, what may be changed, and who hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import SOME_ID, events, refusal
from voipbin_mock import Mock
from voipbin_mock.areas.accounts import agents

TEL = {"type": "tel", "target": "+15550100077"}
NEW: dict[str, Any] = {
    "username": "ann@example.com",
    "password": "secret",
    "name": "Ann",
    "detail": "",
    "ring_method": "ringall",
    "permission": 16,
    "tag_ids": [],
    "addresses": [TEL],
}
SUPER, AGENT, ADMIN, MANAGER = 0x01, 0x10, 0x20, 0x40


def post(mock: Mock, client: Any = None, **members: Any) -> Any:
    return (client or mock.client).post("/v1.0/agents", json={**NEW, **members})


def is_documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


@pytest.mark.parametrize(("plan", "most"), [("free", 5), ("basic", 50), ("unlimited", None)])
def test_a_plan_allows_so_many_agents(either: Mock, plan: str, most: int | None) -> None:
    payer = either.customers.get(either.world.owner).billing_account_id
    either.billing_accounts.update(payer, plan_type=plan)
    there = len(either.agents)
    for number in range((most or 60) - there - 1):
        either.agents.create(username=f"{number}")
    assert post(either).status_code == 200
    full = post(either, username="bea@example.com", addresses=[{**TEL, "target": "+15550100078"}])
    assert full.status_code == (429 if most else 200)
    assert most is None or refusal(full)[1] == "RESOURCE_LIMIT_EXCEEDED"
    long = post(either, username="nobody", name="x" * 256)
    assert refusal(long) == (400, "INVALID_ARGUMENT"), "the name is looked at first"


def test_the_guest_of_the_service_stays_as_it_is(either: Mock) -> None:
    guest = either.agents.create(id=agents.GUEST, username="guest@localhost", permission=ADMIN)
    one = f"/v1.0/agents/{guest.id}"
    assert refusal(either.client.delete(one)) == (500, "INTERNAL")
    assert refusal(either.client.put(f"{one}/permission", json={"permission": 16})) == (400, "INVALID_ARGUMENT")
    either.anonymous.post("/auth/password-forgot", json={"username": "guest@localhost"})
    token = either.account_mails.get(kind="reset").token
    reply = either.anonymous.post("/auth/password-reset", json={"token": token, "password": "long enough"})
    assert (reply.status_code, reply.data) == (400, b"")


# --- a new one -----------------------------------------------------------------------------------


@pytest.mark.differs("agent-addresses")
def test_a_new_agent_needs_an_address_on_the_server(either: Mock) -> None:
    weak = either.client_for(either.agents.create(username="weak", permission=AGENT))
    if is_documented(either):
        assert post(either, addresses=[]).json["addresses"] == []
        assert refusal(post(either, weak, addresses=[])) == (403, "PERMISSION_DENIED")
    else:
        assert refusal(post(either, addresses=[])) == (400, "INVALID_ARGUMENT")
        assert refusal(post(either, weak, addresses=[])) == (400, "INVALID_ARGUMENT")  # before the permission
        assert refusal(post(either, weak)) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize("username", ["ann", "ann@", "@example.com", "a@b@c", "a..n@example.com", "ann.@example.com",
                                      "ann@-example.com", "ann@example-.com", "ann@exa_mple.com", "ann@example.com.",
                                      "an n@example.com", "ann@ex..com"])  # fmt: skip
@pytest.mark.differs("agent-usernames")
def test_a_user_name_is_an_e_mail_address_to_the_server(either: Mock, username: str) -> None:
    reply = post(either, username=username)
    if is_documented(either):
        assert reply.json["username"] == username
    else:
        assert refusal(reply) == (400, "INVALID_USERNAME_FORMAT")
        assert not either.agents.list(username=username)


@pytest.mark.parametrize("username", ["ann@localhost", "a.n-n+x@mail.example-1.com", "a@b"])
def test_a_domain_needs_no_dot(either: Mock, username: str) -> None:
    assert post(either, username=username).json["username"] == username


@pytest.mark.differs("agent-usernames")
def test_a_user_name_is_taken_once_in_a_customer_or_in_all_of_them(either: Mock) -> None:
    assert post(either).status_code == 200
    again = {"addresses": [{**TEL, "target": "+15550100078"}]}
    assert refusal(post(either, **again)) == (409, "AGENT_ALREADY_EXISTS")
    assert refusal(post(either, username=either.username, **again)) == (409, "AGENT_ALREADY_EXISTS")
    other = either.customers.create(name="other").id
    either.agents.create(username="bea@example.com", customer_id=other)
    reply = post(either, username="bea@example.com", **again)
    if is_documented(either):
        assert reply.status_code == 200
    else:
        assert refusal(reply) == (409, "AGENT_ALREADY_EXISTS")
    either.client.delete(f"/v1.0/agents/{either.agents.get(username='ann@example.com').id}")
    assert post(either, detail="the next one").status_code == 200  # free again, and so is the address


@pytest.mark.parametrize("method", ["linear", "", "random"])
@pytest.mark.differs("ring-methods")
def test_how_a_new_agent_may_be_rung(either: Mock, method: str) -> None:
    reply = post(either, ring_method=method)
    if method == "linear" and is_documented(either):
        assert reply.json["ring_method"] == "linear"
    else:
        assert refusal(reply) == (400, "INVALID_RING_METHOD")


def test_any_later_ring_method_is_taken_by_the_server(server: Mock) -> None:
    agent = post(server).json
    for given, kept in (("linear", "linear"), ("x", "x"), ("", "ringall")):
        body = {"name": "a", "detail": "", "ring_method": given}
        assert server.client.put(f"/v1.0/agents/{agent['id']}", json=body).json["ring_method"] == kept


@pytest.mark.differs("project-bits")
def test_project_permissions_of_a_new_agent_are_guarded_by_the_documents_alone(either: Mock) -> None:
    manager = either.client_for("manager@localhost")
    reply = post(either, manager, permission=SUPER)
    if is_documented(either):
        assert refusal(reply) == (403, "PERMISSION_DENIED")
    else:
        assert reply.json["permission"] == SUPER
    boss = either.client_for(either.agents.create(username="boss", permission=SUPER))
    other = {"username": "eve@example.com", "addresses": [{**TEL, "target": "+15550100099"}]}
    assert post(either, boss, permission=SUPER, **other).json["permission"] == SUPER


def test_an_address_belongs_to_one_agent_of_a_customer(either: Mock) -> None:
    first = post(
        either, addresses=[{"type": "tel", "target": "+1 (555) 010-0077"}, {"type": "sip", "target": "a@B.Com"}]
    )
    if is_documented(either):
        assert refusal(first) == (400, "INVALID_ARGUMENT")  # a number is written with digits alone
        first = post(either, addresses=[TEL, {"type": "sip", "target": "a@B.Com"}])
    targets = [address["target"] for address in first.json["addresses"]]
    assert targets == ["+15550100077", "a@b.com"]
    for taken in ([TEL], [{"type": "sip", "target": "a@b.COM"}]):
        reply = post(either, username="bea@example.com", addresses=taken)
        assert refusal(reply) == (409, "ADDRESS_ALREADY_ASSIGNED")
    twice = [{"type": "sip", "target": "bea"}] * 2
    assert refusal(post(either, username="bea@example.com", addresses=twice)) == (409, "ADDRESS_ALREADY_ASSIGNED")
    as_sip = [{"type": "sip", "target": TEL["target"]}]  # the type counts
    assert post(either, username="bea@example.com", addresses=as_sip).status_code == 200
    other = either.customers.create(name="other").id
    theirs = {"type": "sip", "target": "theirs"}
    either.agents.create(username="cora", customer_id=other, addresses=[theirs])
    assert post(either, username="cora@example.com", addresses=[theirs]).status_code == 200


def test_a_name_and_a_password_have_a_longest_length(either: Mock) -> None:
    assert refusal(post(either, name="é" * 128)) == (400, "INVALID_ARGUMENT")
    assert refusal(post(either, password="é" * 37)) == (500, "INTERNAL")
    agent = post(either, name="é" * 127, password="é" * 36).json
    path = f"/v1.0/agents/{agent['id']}"
    for password, wanted in (("é" * 37, 400), ("é" * 36, 200), ("x", 200)):
        assert either.client.put(f"{path}/password", json={"password": password}).status_code == wanted
    assert refusal(either.client.put(f"{path}/password", json={"password": ""}))[0] == 400
    long = {"name": "é" * 128, "detail": "", "ring_method": "ringall"}
    assert refusal(either.client.put(path, json=long)) == (400, "INVALID_ARGUMENT")
    assert either.client.get(path).json["name"] == "é" * 127


def test_what_is_wrong_with_a_new_agent_is_told_in_the_services_order(server: Mock) -> None:
    assert post(server).status_code == 200
    wrong: dict[str, Any] = {
        "addresses": [],
        "name": "x" * 256,
        "username": "no e-mail",
        "ring_method": "linear",
    }
    told = []
    for mended in ({"addresses": [TEL]}, {"name": "A"}, {"username": NEW["username"]}, {"username": "bea@example.com"},
                   {"ring_method": "ringall"}, {"addresses": [{"type": "sip", "target": "bea"}]}):  # fmt: skip
        told.append(refusal(post(server, **wrong)))
        wrong |= mended
    assert told == [
        (400, "INVALID_ARGUMENT"),
        (400, "INVALID_ARGUMENT"),
        (400, "INVALID_USERNAME_FORMAT"),
        (409, "AGENT_ALREADY_EXISTS"),
        (400, "INVALID_RING_METHOD"),
        (409, "ADDRESS_ALREADY_ASSIGNED"),
    ]
    assert post(server, **wrong).status_code == 200


@pytest.mark.differs("agent-hash")
def test_the_direct_hash_of_a_new_agent_is_made_by_the_server_alone(either: Mock) -> None:
    agent = post(either).json
    assert agent["direct_hash"].startswith("direct.") is not is_documented(either)
    assert bool(agent["direct_hash"]) is not is_documented(either)
    named = either.client.post(f"/v1.0/agents/{agent['id']}/direct-hash-regenerate").json
    assert named["direct_hash"].startswith("direct.")
    assert named["tm_update"] != agent.get("tm_update")
    assert events(either) == ["agent_created"]


# --- changing one --------------------------------------------------------------------------------


def test_the_addresses_of_an_agent_are_checked_and_put_right(either: Mock) -> None:
    ann = post(either).json
    bea = post(either, username="bea@example.com", addresses=[{"type": "sip", "target": "bea"}]).json
    path = f"/v1.0/agents/{ann['id']}/addresses"

    def put(*addresses: Any) -> Any:
        return either.client.put(path, json={"addresses": [*addresses]})

    own = either.extensions.create(extension="100").id
    gone = either.extensions.create(extension="101").id
    either.extensions.delete(gone)
    foreign = either.extensions.create(extension="100", customer_id=either.customers.create(name="other").id).id
    bad = [
        *({"type": "extension", "target": each} for each in (SOME_ID, gone, foreign)),
        {"type": "email", "target": "ann@example.com"},
        {"type": "agent", "target": bea["id"]},
        {"type": "sip", "target": ""},
        {"type": "extension", "target": "100"},
        {"type": "sip", "target": "bea"},  # another agent's
    ]
    for address in bad:
        assert refusal(put(TEL, address)) == (400, "INVALID_ARGUMENT")
    assert refusal(put(TEL, TEL)) == (400, "INVALID_ARGUMENT")
    assert either.client.get(f"/v1.0/agents/{ann['id']}").json == ann
    mine = put(TEL, {"type": "sip", "target": " Ann@SIP.Example.com"}, {"type": "extension", "target": own}).json
    assert [address["target"] for address in mine["addresses"]] == [TEL["target"], "Ann@sip.example.com", own]
    assert put().json["addresses"] == []
    assert post(either, username="cora@example.com").status_code == 200  # the number is free again
    either.client.delete(f"/v1.0/agents/{ann['id']}")
    assert refusal(put({"type": "sip", "target": "ann"})) == (400, "INVALID_ARGUMENT")


def test_a_number_is_kept_as_its_digits_by_the_server(server: Mock) -> None:
    agent = post(server, addresses=[{"type": "tel", "target": " +1 (555) 010-0001 "}]).json
    assert agent["addresses"] == [{"type": "tel", "target": "+15550100001"}]
    path = f"/v1.0/agents/{agent['id']}/addresses"
    changed = server.client.put(path, json={"addresses": [{"type": "tel", "target": "555-0002"}]}).json
    assert changed["addresses"] == [{"type": "tel", "target": "5550002"}]


def test_a_deleted_agent_can_be_changed_and_stays_deleted(either: Mock) -> None:
    agent = post(either).json
    path = f"/v1.0/agents/{agent['id']}"
    gone = either.client.delete(path).json
    assert gone["addresses"] == []
    assert either.client.get(path).json == gone
    assert agent["id"] not in [row["id"] for row in either.client.get("/v1.0/agents").json["result"]]
    for tail, body in (
        ("", {"name": "Bea", "detail": "", "ring_method": "ringall"}),
        ("/tag_ids", {"tag_ids": [SOME_ID]}),
        ("/status", {"status": "away"}),
        ("/permission", {"permission": MANAGER}),
        ("/password", {"password": "new"}),
    ):
        changed = either.client.put(path + tail, json=body)
        assert changed.status_code == 200
        assert changed.json["tm_delete"] == gone["tm_delete"]
    either.advance(1)
    again = either.client.delete(path).json
    assert again["tm_delete"] > gone["tm_delete"]


def test_a_customer_keeps_an_admin(either: Mock) -> None:
    admin = either.agents.get(username="admin@localhost").id
    other = either.customers.create(name="other").id
    either.agents.create(username="elsewhere", permission=ADMIN, customer_id=other)  # does not count
    either.agents.delete(either.agents.create(username="was one", permission=ADMIN).id)  # nor does this

    def demote(permission: int) -> Any:
        return either.client.put(f"/v1.0/agents/{admin}/permission", json={"permission": permission})

    assert refusal(either.client.delete(f"/v1.0/agents/{admin}")) == (500, "INTERNAL")
    for permission in (MANAGER, 0, 240):
        assert refusal(demote(permission)) == (400, "INVALID_ARGUMENT")
    assert demote(ADMIN).status_code == 200
    second = either.agents.create(username="second", permission=SUPER)
    assert demote(MANAGER).status_code == 200
    boss = either.client_for(second)
    assert refusal(boss.delete(f"/v1.0/agents/{second.id}")) == (500, "INTERNAL")
    assert boss.delete(f"/v1.0/agents/{admin}").status_code == 200
    assert boss.delete(f"/v1.0/agents/{either.agents.get(username='manager@localhost').id}").status_code == 200


@pytest.mark.differs("D23")
def test_what_is_told_of_an_agent_that_changes(either: Mock) -> None:
    agent = post(either).json
    path = f"/v1.0/agents/{agent['id']}"
    changes: list[tuple[str, Any]] = [
        ("", {"name": "Bea", "detail": "", "ring_method": "ringall"}),
        ("/addresses", {"addresses": []}),
        ("/tag_ids", {"tag_ids": [SOME_ID]}),
        ("/password", {"password": "new"}),
        ("/status", {"status": "away"}),
        ("/permission", {"permission": MANAGER}),
    ]
    told = []
    for tail, body in changes:
        seen = len(events(either))
        assert either.client.put(path + tail, json=body).status_code == 200
        told.append(events(either)[seen:])
    always, told_by_documents = ["agent_updated"], ["agent_updated"] if is_documented(either) else []
    assert told == [told_by_documents] * 4 + [["agent_status_updated"], always]
    either.client.delete(path)
    assert events(either)[0] == "agent_created"
    assert events(either)[-1] == "agent_deleted"


# --- lists ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "nonsense", f"{SOME_ID},", ",".join([SOME_ID] * 101)])
def test_tags_that_are_none_have_a_reason_of_their_own(either: Mock, text: str) -> None:
    assert refusal(either.client.get(f"/v1.0/agents?tag_ids={text}")) == (400, "INVALID_TAG_IDS")
    weak = either.client_for(either.agents.create(username="weak", permission=AGENT))
    assert refusal(weak.get(f"/v1.0/agents?tag_ids={text}")) == (400, "INVALID_TAG_IDS")  # before the permission
    assert either.client.get(f"/v1.0/agents?tag_ids={','.join([SOME_ID] * 100)}").status_code == 200


def test_a_narrowed_list_has_pages(either: Mock) -> None:
    for n in range(7):
        either.agents.create(username=f"{n}", name=f"{n}", status="busy" if n % 3 else "away")
    names, token = [], ""
    while True:
        query = {"status": "busy", "page_size": 2, "page_token": token}
        page = either.client.get("/v1.0/agents", query_string=query).json
        if not page["result"]:
            break
        names += [row["name"] for row in page["result"]]
        token = page["next_page_token"]
    assert names == ["5", "4", "2", "1"]
