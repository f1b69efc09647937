"""Cases: opened by a flow, attached to a contact, noted on, written from, closed and continued."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import SOME_ID, foreigner, plain_agent, refusal
from voipbin_mock import Mock, SeedError
from voipbin_mock.wire.values import NIL_UUID

CASES = "/v1.0/contact_cases"
OWN, ANN = "+15559876543", "+15550100001"


def is_documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def tel(target: str) -> dict[str, str]:
    return {"type": "tel", "target": target}


def case_with(mock: Mock, target: str = ANN, **members: Any) -> Any:
    """A case that a test put in place."""
    return mock.contact_cases.create(peer=tel(target), local=tel(OWN), **members)


def contact(mock: Mock, *targets: str) -> str:
    body = {"first_name": "Ann", "addresses": [tel(target) for target in targets]}
    return str(mock.client.post("/v1.0/contacts", json=body).json["id"])


def ask(mock: Mock, method: str, case: Any, path: str = "", **body: Any) -> Any:
    return getattr(mock.client, method)(f"{CASES}/{case.id}{path}", json=body)


def write(mock: Mock, case: Any, source: str = OWN, destination: str = ANN, text: str = "Hello") -> Any:
    return ask(mock, "post", case, "/messages", source=source, destination=destination, text=text)


def unresolved(mock: Mock, **query: Any) -> list[str]:
    return [row["id"] for row in mock.client.get(f"{CASES}/unresolved", query_string=query).json["result"]]


def flow(mock: Mock, *actions: dict[str, Any]) -> str:
    """A flow for who calls the customer's own number."""
    body = {"name": "desk", "detail": "", "actions": [{"type": "answer"}, *actions]}
    flow_id = str(mock.client.post("/v1.0/flows", json=body).json["id"])
    mock.numbers.update(mock.numbers.get(number=OWN), call_flow_id=flow_id)
    return flow_id


def case_create(**option: Any) -> dict[str, Any]:
    return {"type": "case_create", "option": option}


# --- from a call to its end ------------------------------------------------------------------------------


def test_a_call_opens_a_case_that_an_agent_works_on_to_its_end(either: Mock) -> None:
    note = "from ${voipbin.call.source.target}"
    flow(either, case_create(name="Fault", detail="line", note=note), case_create(name="a second one"))
    call = either.phone("+1 555 010 0001").calls(OWN)
    either.advance(seconds=5)
    (case,) = either.contact_cases
    assert (case.peer.target, case.local.target, case.reference_type, case.reference_id) == (ANN, OWN, "call", call.id)
    assert (case.name, case.detail, case.status, case.contact_id, case.tm_update) == (
        "Fault", "line", "open", None, case.tm_create
    )  # fmt: skip
    (said,) = either.contact_case_notes
    assert (said.author_type, said.author_id, said.text) == ("system", None, f"from {ANN}")
    assert unresolved(either) == [case.id]
    ann = contact(either, ANN)
    assert ask(either, "put", case, contact_id=ann).json["contact_id"] == ann
    assert unresolved(either) == []
    ask(either, "post", case, "/notes", author_type="agent", author_id=SOME_ID, text="Called back.")
    sent = write(either, case)
    assert (sent.status_code, sent.json["direction"], sent.json["status"]) == (200, "outgoing", "progressing")
    either.advance(seconds=5)
    assert [each.peer.target for each in either.conversations] == [ANN]
    closed = ask(either, "post", case, "/close").json
    assert (closed["status"], closed["closed_reason"], closed["closed_by_type"]) == ("closed", "agent_closed", "agent")
    assert ask(either, "post", case, "/close").json == closed, "the first who closed it stays"
    assert refusal(write(either, case)) == (409, "CASE_CLOSED")
    following = ask(either, "post", case, "/continue").json
    assert (following["previous_case_id"], following["contact_id"], following["status"]) == (case.id, ann, "open")
    assert [note["text"] for note in ask(either, "get", case, "/notes").json["result"]] == [
        f"from {ANN}", "Called back."
    ]  # fmt: skip


def test_a_flow_opens_no_second_case_and_none_for_who_is_no_one_outside(either: Mock) -> None:
    flow(either, case_create(name="new"), {"type": "talk", "option": {"text": "hi", "language": "en-US"}})
    case = case_with(either)
    either.phone(ANN).calls(OWN)
    either.advance(minutes=1)
    assert [each.id for each in either.contact_cases] == [case.id]
    body = {"flow_id": either.flows.get(name="desk").id}
    assert either.client.post("/v1.0/activeflows", json=body).status_code == 200
    either.advance(minutes=1)
    assert len(either.contact_cases) == 1
    either.contact_cases.update(case, status="closed", closed_reason="timeout", closed_by_type="system")
    either.phone(ANN).calls(OWN)
    either.advance(minutes=1)
    assert {each.status for each in either.contact_cases} == {"open", "closed"}


def test_a_conversation_has_cases_of_its_own(either: Mock) -> None:
    flow_id = flow(either, case_create(name="text"))
    either.numbers.update(either.numbers.get(number=OWN), message_flow_id=flow_id)
    case_with(either)
    either.phone(ANN).texts(OWN, "help")
    either.advance(seconds=5)
    case = either.contact_cases.get(name="text")
    (conversation,) = either.conversations
    assert (case.reference_type, case.reference_id) == ("conversation_message", conversation.id)
    assert (case.peer.target, case.local.target) == (ANN, OWN)


def test_a_test_opens_cases_and_only_one_with_the_same_other_side(either: Mock) -> None:
    case = case_with(either)
    assert (case.opened_at, case.status) == (case.tm_create, "open")
    with pytest.raises(SeedError, match="CASE_ALREADY_EXISTS"):
        case_with(either)
    case_with(either, reference_type="conversation_message")
    case_with(either, status="closed")
    with Mock(seed={"contact_cases": [{"peer": tel(ANN)}]}) as mock:
        assert mock.contact_cases.get(status="open").opened_at is not None


# --- reading -----------------------------------------------------------------------------------------------


@pytest.mark.differs("member-order")
def test_a_case_is_shown_in_the_order_of_its_profile(either: Mock) -> None:
    shown = ask(either, "get", case_with(either)).json
    tail = ["owner_type", "owner_id", "status", "opened_at", "closed_at", "closed_reason", "closed_by_type"]
    own = ["id", "customer_id", "peer", "local", "reference_type"]
    if is_documented(either):
        own += ["reference_id", "contact_id", *tail, "closed_by_id", "name", "detail", "previous_case_id"]
    else:
        own += ["contact_id", *tail, "closed_by_id", "previous_case_id"]
    assert list(shown) == [*own, "tm_create", "tm_update"]
    assert (shown["owner_id"], shown["closed_by_id"], shown["tm_update"]) == (NIL_UUID, None, shown["tm_create"])


def test_cases_are_filtered_by_all_that_is_asked_for(either: Mock) -> None:
    ann, agent = contact(either, ANN), either.agents.list()[0].id
    one = case_with(either, contact_id=ann, owner_type="agent", owner_id=agent)
    two = case_with(either, "+15550100002", reference_id=SOME_ID, status="closed")

    def listed(**query: Any) -> list[str]:
        return [row["id"] for row in either.client.get(CASES, query_string=query).json["result"]]

    assert listed() == [two.id, one.id]
    assert listed(page_size=1, page_token=either.client.get(CASES, query_string={"page_size": 1}).json["result"][0][
        "tm_create"]) == [one.id]  # fmt: skip
    for query in ({"status": "open"}, {"contact_id": ann}, {"owner_type": "agent", "owner_id": agent}):
        assert listed(**query) == [one.id]
    assert listed(reference_id=SOME_ID) == [two.id]
    assert listed(owner_id=agent) == listed(owner_type="agent") == [two.id, one.id], "the two act together"
    assert listed(status="open", reference_id=SOME_ID) == listed(status="new") == []
    assert refusal(either.client.get(f"{CASES}?owner_id=seven")) == (400, "INVALID_REQUEST_PARAMETER")


@pytest.mark.differs("case-unresolved")
def test_the_server_lists_all_that_is_unresolved_at_once(either: Mock) -> None:
    cases = [case_with(either, f"+155501000{number}") for number in range(20, 23)]
    case_with(either, status="closed")
    newest = [case.id for case in cases][::-1]
    assert unresolved(either, page_size=2) == (newest[:2] if is_documented(either) else sorted(newest))


@pytest.mark.differs("case-page-token")
def test_a_page_token_that_is_none_fails_inside_the_server(either: Mock) -> None:
    case = case_with(either)
    expected = (400, "INVALID_ARGUMENT") if is_documented(either) else (500, "INTERNAL")
    for path in ("/contact_cases", f"/contact_peer_events?contact_id={contact(either, ANN)}"):
        mark = "&" if "?" in path else "?"
        assert refusal(either.client.get(f"/v1.0{path}{mark}page_token=junk")) == expected
    assert either.client.get(f"{CASES}?page_token=2026-01-01T00:00:00Z").status_code == 200
    assert case.status == "open"


def test_who_may_not_see_a_case_is_told_in_the_order_of_the_service(either: Mock) -> None:
    case, agent, stranger = case_with(either), plain_agent(either), {"token": foreigner(either)}
    assert refusal(agent.get(f"{CASES}/{case.id}")) == refusal(agent.get(CASES)) == (403, "PERMISSION_DENIED")
    for path in ("", "/notes"):
        assert refusal(agent.get(f"{CASES}/{SOME_ID}{path}")) == (404, "RESOURCE_NOT_FOUND")
        reply = either.anonymous.get(f"{CASES}/{case.id}{path}", query_string=stranger)
        assert refusal(reply) == (404, "RESOURCE_NOT_FOUND")
    for bad, reason in (("seven", "INVALID_REQUEST_PARAMETER"), (NIL_UUID, "INVALID_ARGUMENT")):
        assert refusal(either.client.get(f"{CASES}/{bad}")) == (400, reason)
    direct = either.anonymous.get(CASES, query_string={"token": either.direct_token()})
    assert refusal(direct) == (403, "DIRECT_ACCESS_NOT_SUPPORTED")


# --- attaching -----------------------------------------------------------------------------------------------


@pytest.mark.differs("case-contact")
def test_only_the_server_takes_junk_for_nobody(either: Mock) -> None:
    ann = contact(either, ANN)
    for body in ({"contact_id": "annn"}, {}):
        case = case_with(either, f"+1555010009{len(body)}", contact_id=ann, status="closed")
        reply = either.client.put(f"{CASES}/{case.id}", json=body)
        if is_documented(either):
            assert refusal(reply) == (400, "INVALID_ARGUMENT")
        else:
            assert (reply.json["contact_id"], reply.json["tm_update"]) == (None, reply.json["tm_create"])
    assert ask(either, "put", case, contact_id="").json["contact_id"] is None
    assert refusal(ask(either, "put", case, contact_id=SOME_ID)) == (404, "CONTACT_NOT_FOUND")


@pytest.mark.differs("case-contact-deleted")
def test_only_the_server_attaches_a_deleted_contact_and_can_send_nothing_then(either: Mock) -> None:
    case, ann = case_with(either), contact(either, ANN)
    either.client.delete(f"/v1.0/contacts/{ann}")
    reply = ask(either, "put", case, contact_id=ann)
    if is_documented(either):
        assert refusal(reply) == (404, "CONTACT_NOT_FOUND")
        return
    assert reply.json["contact_id"] == ann
    assert refusal(write(either, case)) == (400, "DESTINATION_NOT_ASSOCIATED")


# --- writing ---------------------------------------------------------------------------------------------------


def test_a_case_is_written_from_an_own_number_to_whom_it_is_about(either: Mock) -> None:
    case = case_with(either)
    assert refusal(write(either, case, destination="+1 555 010 0001")) == (400, "DESTINATION_NOT_ASSOCIATED")
    for source in ("+15550100009", "+899100000100"):  # nobody's, and a virtual one
        assert refusal(write(either, case, source=source)) == (400, "SOURCE_NOT_OWNED")
    assert write(either, case, text="").status_code == 200
    ask(either, "put", case, contact_id=contact(either, "+15550100002"))
    assert refusal(write(either, case)) == (400, "DESTINATION_NOT_ASSOCIATED"), "none of the contact's"
    reply = write(either, case, destination="+15550100002", text="שלום \U0001f44b" * 400)
    assert reply.json["text"] == "שלום \U0001f44b" * 400
    assert {each.peer.target for each in either.conversations} == {ANN, "+15550100002"}


@pytest.mark.differs("case-message-source")
def test_only_the_documents_write_from_the_customers_own_telephone(either: Mock) -> None:
    reply = write(either, case_with(either), source=either.customers.list()[0].phone_number)
    assert reply.status_code == (200 if is_documented(either) else 400)


@pytest.mark.differs("case-message-chat")
def test_users_of_chats_are_not_written_to_from_a_case(either: Mock) -> None:
    case = either.contact_cases.create(peer={"type": "line", "target": "U1"}, local=tel(OWN))
    expected = (400, "SOURCE_NOT_OWNED") if is_documented(either) else (404, "CONVERSATION_ACCOUNT_NOT_FOUND")
    assert refusal(write(either, case, destination="U1")) == expected


# --- closing and going on ----------------------------------------------------------------------------------------


def test_an_access_key_closes_a_case_as_nobody_in_particular(either: Mock) -> None:
    case = case_with(either)
    reply = either.anonymous.post(f"{CASES}/{case.id}/close", query_string={"accesskey": either.accesskey})
    assert (reply.json["closed_by_type"], reply.json["closed_by_id"]) == ("agent", NIL_UUID)
    assert reply.json["tm_update"] == reply.json["tm_create"]


def test_a_closed_case_goes_on_in_a_new_one_or_in_the_open_one(either: Mock) -> None:
    ann = contact(either, ANN)
    old = case_with(either, status="closed", contact_id=ann, name="old")
    open_one = case_with(either)
    assert refusal(ask(either, "post", open_one, "/continue")) == (400, "CASE_NOT_CLOSED")
    reply = ask(either, "post", old, "/continue").json
    assert (reply["id"], reply["contact_id"], reply["previous_case_id"]) == (open_one.id, ann, None)
    assert either.contact_cases.get(open_one).contact_id == ann
    nameless = case_with(either, status="closed")
    assert ask(either, "post", nameless, "/continue").json["contact_id"] is None, "shown as the closed one's"
    assert either.contact_cases.get(open_one).contact_id == ann
    ask(either, "post", open_one, "/close")
    new = ask(either, "post", old, "/continue").json
    assert (new["previous_case_id"], new["contact_id"], new.get("name", "")) == (old.id, ann, "")
    assert not any(new["local"].values())


# --- notes ----------------------------------------------------------------------------------------------------


@pytest.mark.differs("case-note-unknown")
def test_notes_are_kept_in_order_and_deleted_by_anybody(either: Mock) -> None:
    case = case_with(either, status="closed")
    texts = ["first", "\u0007\t" + "é" * 4000]
    made = [ask(either, "post", case, "/notes", author_type="system", text=text).json for text in texts]
    assert ([note["text"] for note in made], made[0]["author_id"], made[0]["tm_update"]) == (texts, None, None)
    listed = ask(either, "get", case, "/notes").json
    assert (listed["result"], listed["next_page_token"]) == (made, "")
    path = f"/notes/{made[0]['id']}"
    assert ask(either, "delete", case, path).json == {}
    assert ask(either, "get", case, "/notes").json["result"] == made[1:]
    for gone in (path, f"/notes/{NIL_UUID}"):
        reply = ask(either, "delete", case, gone)
        if is_documented(either):
            assert refusal(reply) == (404, "RESOURCE_NOT_FOUND")
        else:
            assert (reply.status_code, reply.json) == (200, {})
    assert refusal(ask(either, "post", case, "/notes", text="", author_type="agent", author_id="x")) == (
        400, "INVALID_JSON_BODY"
    )  # fmt: skip
