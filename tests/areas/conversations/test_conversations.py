"""Conversations over the API: who owns one, what is written in it, and what its other side gets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import events, plain_agent, refusal
from voipbin_mock import Mock, Refused
from voipbin_mock.wire.values import NIL_UUID

ANN, BOB = "+15550100000", "+15550100021"  # their texts are delivered
NUMBER = "+899100000100"
UNKNOWN = "c0ffee00-0000-4000-8000-00000000dead"


def is_documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def tel(number: str) -> dict[str, str]:
    return {"type": "tel", "target": number}


def text(mock: Mock, *numbers: str, words: str = "hello", source: Any = None) -> Any:
    body = {"source": source or tel(NUMBER), "destinations": [*map(tel, numbers)], "text": words}
    reply = mock.client.post("/v1.0/messages", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json


def conversations(mock: Mock) -> list[Any]:
    rows: list[Any] = mock.client.get("/v1.0/conversations").json["result"]
    return rows


def messages(mock: Mock, conversation: Any) -> list[Any]:
    """Oldest first."""
    rows: list[Any] = mock.client.get(f"/v1.0/conversations/{conversation['id']}/messages").json["result"]
    return rows[::-1]


def write(mock: Mock, conversation: Any, words: str = "reply") -> Any:
    body = {"text": words, "medias": []}
    return mock.client.post(f"/v1.0/conversations/{conversation['id']}/messages", json=body)


def put(mock: Mock, conversation: Any, **members: Any) -> Any:
    return mock.client.put(f"/v1.0/conversations/{conversation['id']}", json=members)


def one(mock: Mock) -> Any:
    text(mock, ANN)
    return conversations(mock)[0]


# --- as it is shown, and who owns it ---------------------------------------------------------------


def test_a_conversation_is_opened_by_the_first_text_and_shown_in_the_order_of_the_service(either: Mock) -> None:
    sent = text(either, ANN)
    again = text(either, ANN, words="again")
    (conversation,) = conversations(either)
    stamps = ["tm_create", "tm_update", "tm_delete"]
    names = ["id", "customer_id", "owner_type", "owner_id", "account_id", "name", "detail", "type", "dialog_id", "self",
             "peer", *stamps]  # fmt: skip
    assert list(conversation) == (names if is_documented(either) else [n for n in names if n != "dialog_id"])
    assert (conversation["name"], conversation["detail"]) == (f"SMS \u00b7 {ANN}", "SMS conversation")
    assert (conversation["self"]["target"], conversation["peer"]["target"]) == (NUMBER, ANN)
    first, second = messages(either, conversation)
    assert [first["id"], second["id"]] == [sent["id"], again["id"]] == [first["reference_id"], second["reference_id"]]
    assert (first["direction"], first["status"], first["text"]) == ("outgoing", "done", "hello")
    assert events(either)[:3] == ["message_created", "conversation_created", "conversation_message_created"]


@pytest.mark.differs("conversation-put-nothing", "conversation-owner-type", "D12")
def test_a_conversation_keeps_what_a_body_leaves_out(either: Mock) -> None:
    conversation = one(either)
    changed = put(either, conversation, name="Ann", detail=None).json
    assert (changed["name"], changed["detail"]) == ("Ann", conversation["detail"])
    alone = put(either, conversation, owner_type="queue").json
    assert alone["owner_type"] == ("" if is_documented(either) else "queue")
    nothing = put(either, conversation).json
    if is_documented(either):
        assert nothing["name"] == "Ann"
    else:
        assert (nothing["id"], nothing["self"]) == (NIL_UUID, {})
    mistyped = "INVALID_ARGUMENT" if is_documented(either) else "INVALID_JSON_BODY"
    assert refusal(put(either, conversation, name=7)) == (400, mistyped)
    assert refusal(put(either, {"id": UNKNOWN}, name="a")) == (404, "CONVERSATION_NOT_FOUND")
    theirs = either.conversations.create(customer_id=either.customers.create(name="other").id)
    foreign = (404, "CONVERSATION_NOT_FOUND") if is_documented(either) else (403, "PERMISSION_DENIED")
    assert refusal(put(either, {"id": theirs.id}, name="a")) == foreign


@pytest.mark.differs("conversation-owner")
def test_only_an_agent_of_the_customers_own_becomes_an_owner(either: Mock) -> None:
    conversation, agent = one(either), either.agents.create(username="ann@localhost", permission=0x10)
    theirs = either.agents.create(customer_id=either.customers.create(name="other").id, username="b@localhost")
    owned = put(either, conversation, owner_id=agent.id, owner_type="queue").json
    assert (owned["owner_type"], owned["owner_id"]) == ("agent", agent.id)
    unfit = [refusal(put(either, conversation, owner_id=who)) for who in (UNKNOWN, theirs.id)]
    reasons = ["INVALID_ARGUMENT"] * 2 if is_documented(either) else ["AGENT_NOT_FOUND", "AGENT_CUSTOMER_MISMATCH"]
    assert unfit == [(400, reason) for reason in reasons]
    assert refusal(put(either, {"id": UNKNOWN}, owner_id="five")) == (400, "INVALID_ARGUMENT"), "before all else"
    for nobody in ("", NIL_UUID):
        put(either, conversation, owner_id=agent.id)
        assert put(either, conversation, owner_id=nobody).json["owner_type"] == ""


def test_an_agent_sees_and_leaves_its_own_and_may_no_more(either: Mock) -> None:
    conversation, other = one(either), either.conversations.create(name="other")
    agent = either.agents.create(username="ann@localhost", permission=0x10)
    client, denied = either.client_for(agent), (403, "PERMISSION_DENIED")
    assert put(either, conversation, owner_id=agent.id).status_code == 200
    mine = client.get(f"/v1.0/conversations?owner_id={agent.id}").json["result"]
    assert [row["id"] for row in mine] == [conversation["id"]]
    everybodys = either.client.get(f"/v1.0/conversations?owner_id={NIL_UUID}").json["result"]
    assert {row["id"] for row in everybodys} == {conversation["id"], other.id}
    assert either.client.get(f"/v1.0/conversations?owner_id={agent.id}").json["result"] == mine
    for query in ("", f"?owner_id={other.id}"):
        assert refusal(client.get("/v1.0/conversations" + query)) == denied
    assert refusal(client.get("/v1.0/conversations?owner_id=five")) == (400, "INVALID_REQUEST_PARAMETER")
    path = f"/v1.0/conversations/{conversation['id']}"
    for asked in (client.get(path), client.put(path, json={"name": "a"}), client.get(path + "/messages"),
                  client.post(path + "/messages", json={"text": "a", "medias": []}),
                  client.post(f"/v1.0/conversations/{other.id}/unassign")):  # fmt: skip
        assert refusal(asked) == denied
    for whoever in (client, either.client):
        left = whoever.post(path + "/unassign").json
        assert (left["owner_type"], left["owner_id"]) == ("", NIL_UUID)
    assert events(either)[-2:] == ["conversation_updated"] * 2
    assert "cleared-member" not in {warning.code for warning in either.warnings}
    assert refusal(either.client.post("/v1.0/conversations/five/unassign")) == (400, "INVALID_REQUEST_PARAMETER")
    assert refusal(either.client.post(f"/v1.0/conversations/{NIL_UUID}/unassign")) == (404, "CONVERSATION_NOT_FOUND")
    assert refusal(either.client.post("/v1.0/conversations", json={})) == (404, "ROUTE_NOT_FOUND")


# --- texts -------------------------------------------------------------------------------------------


def test_a_text_that_comes_in_runs_the_numbers_flow_and_is_answered_in_the_same_conversation(either: Mock) -> None:
    """The second of the things that people test; and the sixth: whose conversation is whose."""
    value = "${voipbin.conversation_message.text} ${voipbin.conversation.peer.target}"
    flow = either.flows.create(actions=[{"type": "variable_set", "option": {"key": "said", "value": value}}])
    either.numbers.update(either.numbers.get(number=NUMBER), message_flow_id=flow)
    receive(either, ANN, "caf\u00e9 \U0001f600")
    (conversation,), (run,) = conversations(either), either.activeflows.list()
    assert either.client.get(f"/v1.0/activeflows/{run.id}").status_code == 200
    assert (run.reference_type, run.reference_id) == ("conversation", conversation["id"])
    assert variables(either, run.id)["said"] == f"caf\u00e9 \U0001f600 {ANN}"
    assert events(either)[:4] == [
        "message_created", "conversation_created", "conversation_message_created", "activeflow_created"
    ]  # fmt: skip
    before = len(events(either))
    reply = write(either, conversation)
    assert (reply.json["status"], reply.json["reference_type"]) == ("progressing", "message")
    assert either.client.get(f"/v1.0/messages/{reply.json['id']}").json["text"] == "reply"
    assert events(either)[before : before + 3] == [
        "conversation_message_created", "message_created", "conversation_message_updated"
    ]  # fmt: skip
    assert [m["direction"] for m in messages(either, conversation)] == ["incoming", "outgoing"]
    agent = either.agents.create(username="ann@localhost", permission=0x10)
    put(either, conversation, owner_id=agent.id)
    receive(either, ANN, "to ann")
    assert len(either.activeflows.list()) == 1, "an agent owns it"
    either.client_for(agent).post(f"/v1.0/conversations/{conversation['id']}/unassign")
    receive(either, ANN, "to anybody")
    assert len(either.activeflows.list()) == 2
    assert len(conversations(either)) == 1


def test_a_flow_that_there_is_not_leaves_the_message(either: Mock) -> None:
    either.numbers.update(either.numbers.get(number=NUMBER), message_flow_id=UNKNOWN)
    receive(either, ANN, "hello")
    assert [m["text"] for m in messages(either, conversations(either)[0])] == ["hello"]
    assert not either.activeflows.list()


def receive(mock: Mock, source: str, words: str) -> None:
    mock.phone(source).texts(NUMBER, words)


def variables(mock: Mock, run_id: str) -> Any:
    row = mock.world.store["activeflows"].get(run_id)
    assert row is not None
    return row.data["variables"]


@pytest.mark.differs("conversation-bulk")
def test_a_text_to_several_is_in_the_conversation_with_each_or_in_the_first(either: Mock) -> None:
    sent = text(either, ANN, BOB)
    found = {row["peer"]["target"]: messages(either, row) for row in conversations(either)}
    assert [message["id"] for message in found[ANN]] == [sent["id"]]
    told = ["message_created", "conversation_created", "conversation_message_created", "conversation_created"]
    if is_documented(either):
        assert [message["reference_id"] for message in found[BOB]] == [sent["id"]]
        assert events(either)[:5] == [*told, "conversation_message_created"]
    else:
        assert found[BOB] == []
        assert events(either)[:5] == [*told, "conversation_message_updated"]


@pytest.mark.differs("conversation-ends")
def test_ends_without_a_type_are_found_again_or_not(either: Mock) -> None:
    for _ in range(2):
        body = {"source": {"target": NUMBER}, "destinations": [{"target": ANN}], "text": "hello"}
        assert either.client.post("/v1.0/messages", json=body).status_code == 200
    assert len(conversations(either)) == (1 if is_documented(either) else 2)


def test_what_is_refused_stays_as_failed(either: Mock) -> None:
    conversation = one(either)
    either.customers.update(either.world.owner, identity_verification_status="none")
    before = len(events(either))
    assert refusal(write(either, conversation)) == (500, "INTERNAL")
    assert [m["status"] for m in messages(either, conversation)] == ["done", "failed"]
    assert events(either)[before:] == ["conversation_message_created", "conversation_message_updated"]


# --- mails -------------------------------------------------------------------------------------------


def mail(mock: Mock, *boxes: str) -> Any:
    body = {"destinations": [{"type": "email", "target": box} for box in boxes], "subject": "s", "content": "<b>c</b>",
            "attachments": []}  # fmt: skip
    return mock.client.post("/v1.0/emails", json=body).json


@pytest.mark.differs("conversation-mail-moment")
def test_a_mail_is_written_in_the_conversation_with_each_and_comes_along_with_it(either: Mock) -> None:
    mail(either, "ann@example.com", "bounce@example.com")
    assert events(either)[:5] == [
        "email_created", *("conversation_created", "conversation_message_created") * 2
    ]  # fmt: skip
    ann = next(row for row in conversations(either) if row["peer"]["target"] == "ann@example.com")
    assert (ann["name"], ann["self"]["target"]) == ("email \u00b7 ann@example.com", "service@voipbin.net")
    assert [m["status"] for m in messages(either, ann)] == ["progressing"]
    either.advance(minutes=5)
    assert [m["status"] for m in messages(either, ann)] != ["progressing"]
    answer = write(either, ann, "and a reply").json
    assert answer["tm_create"] == ("2026-03-01 09:05:00.000000" if is_documented(either) else None)
    assert either.client.get(f"/v1.0/emails/{answer['id']}").json["content"] == "and a reply"
    stored = messages(either, ann)[-1]
    assert (stored["text"], stored["reference_id"], stored["id"] != answer["id"]) == ("and a reply", answer["id"], True)


@pytest.mark.differs("conversation-customers")
def test_two_customers_who_mail_one_person_have_a_conversation_each_or_share_one(either: Mock) -> None:
    mail(either, "ann@example.com")
    other = either.customers.create(name="other", identity_verification_status="verified", status="active")
    admin = either.client_for(either.agents.create(username="b@localhost", customer_id=other.id, permission=0x20))
    body = {"destinations": [{"type": "email", "target": "ann@example.com"}], "subject": "", "content": "b"}
    assert admin.post("/v1.0/emails", json={**body, "attachments": []}).status_code == 200
    assert len(admin.get("/v1.0/conversations").json["result"]) == (1 if is_documented(either) else 0)
    assert len(messages(either, conversations(either)[0])) == (1 if is_documented(either) else 2)


# --- web chats ---------------------------------------------------------------------------------------


def chat(mock: Mock) -> tuple[Any, Any]:
    widget = mock.webchat_widgets.create(name="support")
    visitor = mock.visit(widget)
    visitor.say("hello")
    return visitor, conversations(mock)[0]


@pytest.mark.differs("conversation-message-status", "conversation-ended-session")
def test_a_visitor_is_answered_in_a_conversation_while_the_session_goes_on(either: Mock) -> None:
    visitor, conversation = chat(either)
    assert conversation["name"] == f"Webchat \u00b7 {visitor.session_id}"
    reply = write(either, conversation)
    assert reply.json["status"] == ("progressing" if is_documented(either) else "done")
    assert messages(either, conversation)[-1]["status"] == "done"
    assert visitor.messages()[-1]["id"] == reply.json["id"]
    visitor.leave()
    late = write(either, conversation, "too late")
    if is_documented(either):
        assert refusal(late) == (404, "RESOURCE_NOT_FOUND")
    assert visitor.heard() == ["reply", *([] if is_documented(either) else ["too late"])]
    assert refusal(write(either, {"id": either.conversations.create(type="webchat").id})) == (500, "INTERNAL")


def test_texts_are_kept_to_the_byte(either: Mock) -> None:
    visitor, conversation = chat(either)
    for words in ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u202e\u05e9\u05dc\u05d5\u05dd", "a\x01\x1f\tb\r\n",
                  "\u00e9" * 4000, ""):  # fmt: skip
        assert write(either, conversation, words).status_code == 200
        assert visitor.heard()[-1] == words
        stored = messages(either, conversation)[-1]
        assert stored.get("text", "") == words


def test_a_flow_writes_into_a_conversation_of_the_customers_own(either: Mock) -> None:
    visitor, conversation = chat(either)
    theirs = either.conversations.create(customer_id=either.customers.create(name="other").id)
    said = [{"conversation_id": which, "text": "by a flow"} for which in (conversation["id"], theirs.id, "five")]
    flow = either.flows.create(actions=[{"type": "conversation_send", "option": option} for option in said])
    body = {"flow_id": flow.id, "reference_type": "api"}
    run = either.client.post("/v1.0/activeflows", json=body).json
    assert visitor.heard() == ["by a flow"]
    assert len(either.conversation_messages.list()) == 2
    trace = either.world.store["activeflows"].get(run["id"])
    assert trace is not None
    assert not trace.data["failed"], "it goes on"


# --- the outbox ----------------------------------------------------------------------------------------


def test_whatever_was_written_stands_in_the_outbox(either: Mock) -> None:
    visitor, conversation = chat(either)
    write(either, conversation)
    account = either.conversation_accounts.create(type="whatsapp", provider_data={"phone_number_id": "1"})
    ann = either.whatsapp_user(account, "15550100001")
    ann.says("hello")
    ann.script(Refused())
    written = next(row for row in conversations(either) if row["type"] == "whatsapp")
    assert refusal(write(either, written, "in vain")) == (500, "INTERNAL")
    ann.forget()
    assert write(either, written, "at last").status_code == 200
    assert [line.text for line in ann.inbox] == ["at last"]
    assert [(line.kind, line.to, line.text) for line in either.outbox.chats] == [
        ("webchat", visitor.session_id, "reply"), ("whatsapp", "15550100001", "at last")
    ]  # fmt: skip


def test_a_plain_agent_may_nothing_with_accounts(either: Mock) -> None:
    client, account = plain_agent(either), either.conversation_accounts.create(type="sms")
    for asked in (client.get("/v1.0/conversation_accounts"), client.get(f"/v1.0/conversation_accounts/{account.id}"),
                  client.delete(f"/v1.0/conversation_accounts/{account.id}")):  # fmt: skip
        assert refusal(asked) == (403, "PERMISSION_DENIED")
