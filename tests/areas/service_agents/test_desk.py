"""The agents' desk: the rest of the service as any agent sees it, and what an agent does to itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.calling import calls_in
from tests.support.campaigning import foreigner, refusal
from tests.support.desk import Desk, an_agent, shown
from tests.support.sound import in_call as connected
from voipbin_mock import Mock

UNKNOWN = "7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f72"
# What a plain agent reads here, and may not at the top.
MIRRORED = ("agents", "tags", "transcribes")


def in_call(mock: Mock, owner: str) -> str:
    call = calls_in(mock, "+15559876543")
    mock.calls.update(call, owner_type="agent", owner_id=owner)
    return call


# --- who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", MIRRORED)
def test_a_plain_agent_reads_here_what_it_may_not_read_at_the_top_and_an_access_key_the_reverse(
    either: Mock, path: str
) -> None:
    _, desk = an_agent(either)
    assert refusal(desk.client.get(f"/v1.0/{path}")) == (403, "PERMISSION_DENIED")
    assert desk.get(f"/{path}").json == either.client.get(f"/v1.0/{path}").json
    key = {"accesskey": either.accesskey}
    assert either.anonymous.get(f"/v1.0/{path}", query_string=key).status_code == 200
    for credential in (key, {"token": either.direct_token()}):
        reply = either.anonymous.get(f"/v1.0/service_agents/{path}", query_string=credential)
        assert refusal(reply) == (401, "AUTHENTICATION_REQUIRED")


def test_path_query_and_body_are_looked_at_before_the_caller(either: Mock) -> None:
    def asked(method: str, path: str, **more: Any) -> tuple[int, str]:
        query = {"accesskey": either.accesskey, **more.pop("query", {})}
        return refusal(either.anonymous.open(f"/v1.0/service_agents{path}", method=method, query_string=query, **more))

    assert asked("GET", "/tags/seven") == (400, "INVALID_ID")
    assert asked("GET", "/tags", query={"page_size": "many"}) == (400, "INVALID_REQUEST_PARAMETER")
    assert asked("PUT", "/me/status", data="{") == (400, "INVALID_JSON_BODY")
    assert asked("PUT", "/me/status", json={"status": "away"}) == (401, "AUTHENTICATION_REQUIRED")
    assert asked("GET", f"/tags/{UNKNOWN}") == (401, "AUTHENTICATION_REQUIRED")


def test_an_agent_of_permission_zero_may_as_well(either: Mock) -> None:
    _, desk = an_agent(either, permission=0)
    assert desk.get("/tags").status_code == desk.get("/me").status_code == 200


def test_another_customers_agent_finds_nothing_of_ours(either: Mock) -> None:
    agent, _ = an_agent(either)
    query = {"token": foreigner(either)}
    reply = either.anonymous.get(f"/v1.0/service_agents/agents/{agent.id}", query_string=query)
    wanted = (404, "AGENT_NOT_FOUND") if either.world.profile.name == "documented" else (403, "PERMISSION_DENIED")
    assert refusal(reply) == wanted


# --- what is seen ----------------------------------------------------------------------------------


def test_all_colleagues_are_seen_the_deleted_by_their_ids(either: Mock) -> None:
    agent, desk = an_agent(either)
    other, _ = an_agent(either, "bob")
    either.agents.delete(other)
    listed = [each["id"] for each in desk.get("/agents", status="offline", tag_ids="no filter here").json["result"]]
    assert agent.id in listed
    assert other.id not in listed
    assert shown(desk.get(f"/agents/{other.id}"))["tm_delete"]


def test_two_agents_list_their_own_calls_each(either: Mock) -> None:
    (ann, at_ann), (bob, at_bob) = an_agent(either), an_agent(either, "bob")
    hers, his = in_call(either, ann.id), in_call(either, bob.id)
    assert [each["id"] for each in at_ann.get("/calls").json["result"]] == [hers]
    assert [each["id"] for each in at_bob.get("/calls").json["result"]] == [his]
    assert shown(at_ann.get(f"/calls/{hers}"))["owner_id"] == ann.id
    assert refusal(at_ann.get(f"/calls/{his}")) == (403, "PERMISSION_DENIED")
    assert refusal(Desk(either, either.username).get(f"/calls/{his}")) == (403, "PERMISSION_DENIED")
    assert refusal(at_ann.get(f"/calls/{UNKNOWN}")) == (404, "CALL_NOT_FOUND")
    either.calls.delete(hers)
    assert refusal(at_ann.get(f"/calls/{hers}")) == (409, "STATE_INVALID")


def test_transcripts_have_pages_here(either: Mock) -> None:
    _, desk = an_agent(either)
    call = connected(either)
    made = shown(desk.post("/transcribes", reference_type="call", reference_id=call, language="en-US"))
    for text in ("one", "two"):
        either.transcripts.create(transcribe_id=made["id"], message=text)
    first = shown(desk.get("/transcripts", transcribe_id=made["id"], page_size=1))
    second = shown(desk.get("/transcripts", transcribe_id=made["id"], page_size=1, page_token=first["next_page_token"]))
    assert [page["result"][0]["message"] for page in (first, second)] == ["two", "one"]
    assert refusal(desk.get("/transcripts")) == (400, "MISSING_REQUEST_PARAMETER")
    assert refusal(desk.get("/transcribes", reference_type="call")) == (400, "INVALID_REFERENCE_FILTER")


@pytest.mark.differs("desk-customer")
def test_the_customer_is_told_and_never_its_secret(either: Mock) -> None:
    _, desk = an_agent(either)
    customer = shown(desk.get("/customer"))
    assert customer["name"] == either.client.get("/v1.0/customer").json["name"]
    assert "webhook_secret" not in customer
    in_full = either.world.profile.name == "documented"
    assert (customer["status"], "email" in customer) == (("active", True) if in_full else ("", False))


def test_what_the_real_desk_does_not_route_is_not_there(either: Mock) -> None:
    _, desk = an_agent(either)
    for reply in (desk.post("/calls"), desk.post("/transcripts"), desk.post("/tags", name="vip", detail="")):
        assert refusal(reply) == (404, "ROUTE_NOT_FOUND")


# --- oneself ---------------------------------------------------------------------------------------


def test_an_agent_replaces_what_it_is(either: Mock) -> None:
    agent, desk = an_agent(either)
    assert shown(desk.get("/me")) == desk.client.get("/v1.0/me").json
    me = shown(desk.put("/me", name="Ann", detail="nights", ring_method="linear"))
    assert (me["name"], me["detail"], me["ring_method"]) == ("Ann", "nights", "linear")
    assert refusal(desk.put("/me", name="é" * 128, detail="", ring_method="")) == (400, "INVALID_ARGUMENT")
    assert shown(desk.get("/me")) == shown(desk.get(f"/agents/{agent.id}")) == me
    assert refusal(desk.put("/me/permission", permission=32)) == (404, "ROUTE_NOT_FOUND")


def test_addresses_are_replaced_by_a_plain_agent_too(either: Mock) -> None:
    an_agent(either, "bob", addresses=[{"type": "tel", "target": "+15550100009"}])
    _, desk = an_agent(either)
    phone = {"type": "tel", "target": "+15550100001"}
    assert shown(desk.put("/me/addresses", addresses=[phone]))["addresses"][0]["target"] == "+15550100001"
    taken = {"type": "tel", "target": "+15550100009"}
    for wrong in ([phone, phone], [taken], [{"type": "email", "target": "a@example.com"}]):
        assert refusal(desk.put("/me/addresses", addresses=wrong)) == (400, "INVALID_ARGUMENT")
    assert shown(desk.put("/me/addresses", addresses=[]))["addresses"] == []


@pytest.mark.parametrize("password", ["", "x", "ü" * 36])
def test_a_password_may_be_short_and_old_tokens_stay_good(either: Mock, password: str) -> None:
    agent, desk = an_agent(either)
    assert shown(desk.put("/me/password", password=password))["id"] == agent.id
    login = either.anonymous.post("/auth/login", json={"username": agent.username, "password": password})
    assert login.status_code == (200 if password else 400)  # nobody logs in with an empty one
    assert refusal(desk.put("/me/password", password=password + "x" * 73)) == (400, "INVALID_ARGUMENT")
    assert desk.get("/me").status_code == 200


def test_a_status_is_told_to_webhooks_and_the_rest_as_top_level_changes_are(either: Mock) -> None:
    agent, desk = an_agent(either)
    told = len(either.world.bus.log)
    shown(desk.put("/me/status", status="available"))
    shown(desk.put("/me", name="Ann", detail="", ring_method="ringall"))
    shown(desk.put("/me/password", password="other"))
    types = [event.type for event in list(either.world.bus.log)[told:]]
    assert types == ["agent_status_updated"] + (
        ["agent_updated"] * 2 if either.world.profile.name == "documented" else []
    )
    assert either.agents.get(agent.id).status == "available"
