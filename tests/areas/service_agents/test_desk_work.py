"""What agents work on at their desks: cases, contacts, conversations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import refusal
from tests.support.desk import Desk, an_agent, shown
from voipbin_mock import Mock
from voipbin_mock.wire.values import NIL_UUID

UNKNOWN = "7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f77"
PEER, LOCAL = {"type": "tel", "target": "+15550100001"}, {"type": "tel", "target": "+15559876543"}


def documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def desks(mock: Mock) -> tuple[Desk, Desk]:
    return an_agent(mock)[1], an_agent(mock, "bob")[1]


def a_case(mock: Mock, **members: Any) -> str:
    return str(mock.contact_cases.create(**{"peer": PEER, "local": LOCAL, "name": "a case", **members}).id)


def with_key(mock: Mock, method: str, path: str, **more: Any) -> Any:
    query = {"accesskey": mock.accesskey}
    return mock.anonymous.open(f"/v1.0/service_agents{path}", method=method, query_string=query, **more)


def with_visitor(mock: Mock, method: str, path: str, **more: Any) -> Any:
    query = {"token": mock.direct_token()}
    return mock.anonymous.open(f"/v1.0/service_agents{path}", method=method, query_string=query, **more)


# --- a day at the desk -----------------------------------------------------------------------------


def test_a_case_is_taken_worked_on_and_closed(either: Mock) -> None:
    ann, _ = desks(either)
    case = a_case(either)
    shown(ann.put("/me/status", status="available"))
    assert case in [each["id"] for each in shown(ann.get("/contact_cases", page_size=20))["result"]]
    taken = shown(ann.post(f"/contact_cases/{case}/assign", owner_id=ann.id))
    assert (taken["owner_type"], taken["owner_id"]) == ("agent", ann.id)
    assert ann.get("/contact_interactions", peer_type="tel", peer_target=PEER["target"]).status_code == 200
    note = shown(ann.post(f"/contact_cases/{case}/notes", text="called back, no answer"))
    assert (note["author_type"], note["author_id"], note["text"]) == ("agent", ann.id, "called back, no answer")
    made = ann.post("/contacts", first_name="Eve", last_name="Ng", addresses=[PEER], source="manual")
    assert (made.status_code, shown(ann.get(f"/contacts/{made.json['id']}"))["id"]) == (201, made.json["id"])
    attached = shown(ann.put(f"/contact_cases/{case}", contact_id=made.json["id"]))
    assert attached["contact_id"] == made.json["id"]
    closed = shown(ann.post(f"/contact_cases/{case}/close"))
    ended = ("closed", "agent_closed", "agent", ann.id, ann.id)
    members = ("status", "closed_reason", "closed_by_type", "closed_by_id", "owner_id")
    assert tuple(closed[name] for name in members) == ended
    assert closed["tm_update"] == taken["tm_update"]
    shown(ann.put("/me/status", status="offline"))


def test_whose_note_and_whose_case(either: Mock) -> None:
    ann, bob = desks(either)
    case = a_case(either)
    first, second = (shown(ann.post(f"/contact_cases/{case}/notes", text=text))["id"] for text in ("one", ""))
    assert refusal(bob.delete(f"/contact_cases/{case}/notes/{first}")) == (403, "PERMISSION_DENIED")
    listed = shown(bob.get(f"/contact_cases/{case}/notes"))
    assert ([each["id"] for each in listed["result"]], listed["next_page_token"]) == ([first, second], "")
    assert shown(ann.delete(f"/contact_cases/{case}/notes/{first}")) == {}
    assert refusal(ann.delete(f"/contact_cases/{case}/notes/{first}")) == (404, "RESOURCE_NOT_FOUND")
    for agent in (bob.id, ann.id):
        assert shown(ann.post(f"/contact_cases/{case}/assign", owner_id=agent))["owner_id"] == agent
    for owner_id in (UNKNOWN, NIL_UUID):
        reply = ann.post(f"/contact_cases/{case}/assign", owner_id=owner_id)
        assert refusal(reply) == (404, "RESOURCE_NOT_FOUND")
    spoiled = refusal(ann.post(f"/contact_cases/{case}/assign", owner_id="me"))
    assert spoiled == (400, "INVALID_JSON_BODY")
    once, again = (shown(ann.post(f"/contact_cases/{case}/close")) for _ in range(2))
    assert once == again
    assert refusal(ann.post(f"/contact_cases/{case}/assign", owner_id=ann.id)) == (409, "CASE_CLOSED")
    assert refusal(ann.post(f"/contact_cases/{UNKNOWN}/assign", owner_id=ann.id)) == (404, "RESOURCE_NOT_FOUND")
    assert refusal(ann.get(f"/contact_cases/{NIL_UUID}")) == (400, "INVALID_ARGUMENT")
    assert refusal(ann.get("/contact_cases/seven")) == (400, "INVALID_REQUEST_PARAMETER")


def test_filters_of_cases_are_not_read(either: Mock) -> None:
    ann, _ = desks(either)
    case = a_case(either, status="closed")
    assert case in [each["id"] for each in shown(ann.get("/contact_cases", status="open"))["result"]]


def test_an_access_key_works_on_cases_and_writes_no_notes(either: Mock) -> None:
    case = a_case(either)
    assert with_key(either, "GET", "/contact_cases").status_code == 200
    assert with_key(either, "GET", f"/contact_cases/{case}/notes").status_code == 200
    closed = with_key(either, "POST", f"/contact_cases/{case}/close").json
    assert (closed["status"], closed["closed_by_id"]) == ("closed", NIL_UUID)
    written = with_key(either, "POST", f"/contact_cases/{case}/notes", json={"text": "x"})
    assert refusal(written) == (403, "DIRECT_ACCESS_NOT_SUPPORTED")
    assert refusal(with_visitor(either, "GET", "/contact_cases")) == (403, "PERMISSION_DENIED")
    changed = with_visitor(either, "PUT", f"/contact_cases/{case}", json={"contact_id": ""})
    assert refusal(changed) == (403, "DIRECT_ACCESS_NOT_SUPPORTED")


# --- contacts --------------------------------------------------------------------------------------


@pytest.mark.differs("desk-addresses")
def test_contacts_are_everybodys_and_addresses_are_listed_by_some(either: Mock) -> None:
    ann, _ = desks(either)
    contact = ann.post("/contacts", first_name="Eve", last_name="Ng", source="manual").json["id"]
    added = ann.post(f"/contacts/{contact}/addresses", **PEER)
    assert (added.status_code, added.json["id"]) == (200, contact)
    assert ann.get("/contacts/lookup", phone=PEER["target"]).json["id"] == contact
    assert refusal(ann.get("/contacts/lookup")) == (400, "INVALID_ARGUMENT")
    assert ann.client.get("/v1.0/contacts").status_code == 403
    assert refusal(with_key(either, "GET", "/contacts")) == (401, "AUTHENTICATION_REQUIRED")
    admin = Desk(either, either.username).get("/contact_addresses")
    assert admin.status_code == 200
    assert isinstance(admin.json, dict) == documented(either)
    assert ann.get("/contact_addresses").status_code == (200 if documented(either) else 403)
    assert refusal(with_key(either, "GET", "/contact_addresses")) == (400, "INVALID_ARGUMENT")
    made = ann.post("/contact_addresses", type="tel", target="+15550100077")
    assert made.status_code == 201
    claimed = ann.post(f"/contact_addresses/{made.json['id']}/claim", contact_id=contact)
    assert claimed.json["contact_id"] == contact
    other = ann.post("/contacts", first_name="Bob", last_name="Ng", source="manual").json["id"]
    forced = ann.post(f"/contact_addresses/{made.json['id']}/claim", contact_id=other, force=True)
    assert forced.status_code == 409
    assert refusal(ann.get(f"/contact_addresses/{NIL_UUID}")) == (400, "INVALID_ID")


@pytest.mark.differs("desk-interactions")
def test_what_happened_with_everybody(either: Mock) -> None:
    ann, _ = desks(either)
    contact = ann.post("/contacts", first_name="Eve", last_name="Ng", source="manual").json["id"]
    for since in ("0d", "181d", "d", "30", "-1d"):
        assert refusal(ann.get("/contact_interactions", since=since)) == (400, "INVALID_SINCE")
    either.calls.create(source=PEER, destination=LOCAL, direction="incoming")
    for query in ({}, {"since": "1d"}):
        reply = ann.get("/contact_interactions", **query)
        if documented(either):
            assert [each["peer"]["target"] for each in reply.json["result"]] == [PEER["target"]]
        else:
            assert refusal(reply) == (400, "INVALID_FILTER")
    assert refusal(ann.get("/contact_interactions", contact_id=contact, peer_type="tel")) == (400, "INVALID_FILTER")
    assert refusal(ann.get("/contact_interactions", contact_id=contact)) == (400, "CONTACT_HAS_NO_ADDRESSES")
    assert refusal(ann.get("/contact_interactions", contact_id=UNKNOWN)) == (404, "CONTACT_NOT_FOUND")
    assert refusal(ann.get("/contact_peer_events")) == (400, "INVALID_FILTER")
    assert refusal(with_visitor(either, "GET", "/contact_peer_events")) == (400, "INVALID_FILTER")
    visitor = {"token": either.direct_token(), "contact_id": contact}
    for path in ("peer_events", "interactions"):
        reply = either.anonymous.get(f"/v1.0/service_agents/contact_{path}", query_string=visitor)
        assert refusal(reply) == (401, "AUTHENTICATION_REQUIRED")


# --- conversations ---------------------------------------------------------------------------------


def test_an_agent_has_its_own_conversations_and_a_manager_all(either: Mock) -> None:
    (ann, bob), admin = desks(either), Desk(either, either.username)
    hers, his = (
        either.conversations.create(
            type="message", self=LOCAL, peer={"type": "tel", "target": f"+1555010000{number}"}, owner_id=desk.id
        ).id
        for number, desk in enumerate((ann, bob))
    )
    assert [each["id"] for each in shown(ann.get("/conversations"))["result"]] == [hers]
    assert {hers, his} <= {each["id"] for each in shown(admin.get("/conversations"))["result"]}
    assert shown(ann.get(f"/conversations/{hers}"))["id"] == shown(admin.get(f"/conversations/{hers}"))["id"]
    for reply in (
        ann.get(f"/conversations/{his}"),
        ann.get(f"/conversations/{his}/messages"),
        ann.post(f"/conversations/{his}/messages", text="hi", medias=[]),
        ann.post(f"/conversations/{his}/unassign"),
        ann.put(f"/conversations/{hers}", name="mine"),
    ):
        assert refusal(reply) == (403, "PERMISSION_DENIED")
    assert refusal(ann.get(f"/conversations/{UNKNOWN}")) == (404, "CONVERSATION_NOT_FOUND")
    sent = shown(ann.post(f"/conversations/{hers}/messages", text="hi", medias=[]))
    assert sent["id"] in [each["id"] for each in shown(ann.get(f"/conversations/{hers}/messages"))["result"]]
    free = shown(ann.post(f"/conversations/{hers}/unassign"))
    assert (free["owner_type"], free["owner_id"]) == ("", NIL_UUID)
    assert refusal(ann.get(f"/conversations/{hers}")) == (403, "PERMISSION_DENIED")
    given = shown(admin.put(f"/conversations/{hers}", owner_id=ann.id))
    assert (given["owner_type"], given["owner_id"]) == ("agent", ann.id)
    assert refusal(with_key(either, "GET", "/conversations")) == (401, "AUTHENTICATION_REQUIRED")
    assert refusal(ann.put("/conversations/seven", name="x")) == (400, "INVALID_REQUEST_PARAMETER")
