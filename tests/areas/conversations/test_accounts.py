"""Accounts of LINE and WhatsApp, and what their users write: over the API, by the providers' calls, and by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.support.campaigning import events, refusal
from voipbin_mock import Accepted, ChatDropped, Mock, Refused
from voipbin_mock.areas.conversations.hooks import signature
from voipbin_mock.wire.values import NIL_UUID

LINE = {"type": "line", "name": "support", "detail": "of the shop", "secret": "a secret", "token": "a token"}
DATA = {"phone_number_id": "123456789012345", "app_secret": "an app secret"}
WHATSAPP = {**LINE, "type": "whatsapp", "secret": "to verify", "provider_data": DATA}
UNKNOWN = "c0ffee00-0000-4000-8000-00000000dead"
USER = "Ud871bcaf7c3ad13d2a0b0d78a42a287f"


def is_documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def made(mock: Mock, body: Any = LINE, **members: Any) -> Any:
    reply = mock.client.post("/v1.0/conversation_accounts", json={**body, **members})
    assert reply.status_code == 200, reply.text
    return reply.json


def put(mock: Mock, account: Any, **members: Any) -> Any:
    return mock.client.put(f"/v1.0/conversation_accounts/{account['id']}", json=members)


def conversations(mock: Mock) -> list[Any]:
    rows: list[Any] = mock.client.get("/v1.0/conversations").json["result"]
    return rows[::-1]


def texts(mock: Mock, conversation: Any) -> list[str]:
    rows = mock.client.get(f"/v1.0/conversations/{conversation['id']}/messages").json["result"]
    return [row.get("text", "") for row in rows[::-1]]


def write(mock: Mock, conversation: Any, words: str = "reply") -> Any:
    body = {"text": words, "medias": []}
    return mock.client.post(f"/v1.0/conversations/{conversation['id']}/messages", json=body)


# --- over the API --------------------------------------------------------------------------------------


def test_an_account_is_shown_without_its_secrets(either: Mock) -> None:
    account = made(either, WHATSAPP, message_flow_id=UNKNOWN)
    stamps = ["tm_create", "tm_update", "tm_delete"]
    assert list(account) == ["id", "customer_id", "type", "name", "detail", "provider_data", "message_flow_id", *stamps]
    assert list(account["provider_data"].items()) == sorted(DATA.items())
    never = "9999-01-01T00:00:00.000000Z" if is_documented(either) else None
    assert (account["message_flow_id"], account["tm_delete"]) == (UNKNOWN, never)
    assert account["tm_create"].startswith("2026-03-01T09:00:00")
    assert "provider_data" not in made(either)
    assert events(either) == ["account_created"] * 2, "and not by the name of the resource"


UNFIT = [{**LINE, "type": "fax"}, {**LINE, "secret": ""}, {**LINE, "token": ""}, {**WHATSAPP, "provider_data": {}}]


def test_an_account_that_its_provider_cannot_use_is_refused(either: Mock) -> None:
    for body in UNFIT:
        assert refusal(either.client.post("/v1.0/conversation_accounts", json=body)) == (400, "INVALID_ARGUMENT")
    either.account_setup(Refused(), Accepted())
    assert refusal(either.client.post("/v1.0/conversation_accounts", json=LINE)) == (400, "INVALID_ARGUMENT")
    assert made(either, type="sms", secret="", token="")["type"] == "sms"
    assert made(either)["type"] == "line"


@pytest.mark.differs("conversation-put-nothing")
def test_an_account_keeps_what_a_body_leaves_out_and_what_its_provider_refuses(either: Mock) -> None:
    account = made(either, WHATSAPP)
    changed = put(either, account, name="other", detail=None).json
    assert (changed["name"], changed["detail"], changed["provider_data"]) == (
        "other",
        "of the shop",
        account["provider_data"],
    )
    assert put(either, account, type="line").json.get("type", "") == ("whatsapp" if is_documented(either) else "")
    assert put(either, account).json["id"] == (account["id"] if is_documented(either) else NIL_UUID)
    assert refusal(put(either, account, message_flow_id="five")) == (400, "INVALID_ARGUMENT")
    before = events(either)
    assert refusal(put(either, account, provider_data={})) == (500, "INTERNAL")
    assert events(either) == before
    path = f"/v1.0/conversation_accounts/{account['id']}"
    assert "provider_data" not in either.client.get(path).json, "the change stays"
    for _ in range(2):
        assert either.client.delete(path).status_code == 200
    assert either.client.get(path).status_code == 200
    assert either.client.get("/v1.0/conversation_accounts").json["result"] == []
    assert refusal(put(either, {"id": UNKNOWN}, name="a")) == (404, "CONVERSATION_ACCOUNT_NOT_FOUND")


# --- LINE ----------------------------------------------------------------------------------------------


def hook(mock: Mock, account: Any, payload: Any, **arguments: Any) -> Any:
    path = f"/v1.0/conversation/accounts/{account['id']}"
    reply = mock.anonymous.post(path, data=json.dumps(payload), **arguments)
    assert (reply.status_code, reply.text) == (200, ""), "always"
    return mock.requests[-1]


def line_event(kind: str, user: str = USER, **message: str) -> dict[str, Any]:
    return {"events": [{"type": kind, "source": {"type": "user", "userId": user}, "message": message}]}


@pytest.mark.differs("line-account", "line-title", "conversation-reference")
def test_a_user_of_line_follows_writes_and_is_answered_or_not(either: Mock) -> None:
    flow = either.flows.create(actions=[])
    account = made(either, message_flow_id=flow.id)
    documented = is_documented(either)
    hook(either, account, line_event("message", type="text", text="unheard"))
    assert [texts(either, row) for row in conversations(either)] == ([["unheard"]] if documented else [])
    for _ in range(2):
        hook(either, account, line_event("follow"))
    assert len(conversations(either)) == (1 if documented else 2)
    hook(either, account, line_event("message", type="text", text="\uc548\ub155"))
    hook(either, account, line_event("message", type="image"))
    first = conversations(either)[0]
    assert texts(either, first) == (["unheard", "\uc548\ub155", ""] if documented else ["\uc548\ub155", ""])
    assert (first["type"], first["dialog_id"], first["peer"]["target"]) == ("line", USER, USER)
    assert first["name"] == "LINE \u00b7 " + ("Unknown" if documented else USER)
    assert first["account_id"] == (account["id"] if documented else NIL_UUID)
    assert len(either.activeflows.list()) == (3 if documented else 0)
    reply = write(either, first)
    if documented:
        assert reply.json["reference_id"] == USER
        assert [line.text for line in either.line_user(account["id"], USER).inbox] == ["reply"]
    else:
        assert refusal(reply) == (404, "CONVERSATION_ACCOUNT_NOT_FOUND")


def test_a_user_of_line_in_a_tests_hand(documented: Mock) -> None:
    account = made(documented)
    ann = documented.line_user(account["id"], "Uann", name="Ann")
    assert ann.follows().name == "LINE \u00b7 Ann"
    message = ann.says("hello")
    assert (message.direction, message.text, message.source.target_name) == ("incoming", "hello", "Ann")
    (conversation,) = conversations(documented)
    ann.script(Refused(), Accepted())
    assert refusal(write(documented, conversation, "in vain")) == (500, "INTERNAL")
    assert write(documented, conversation, "").status_code == 200
    assert write(documented, conversation, "at last").status_code == 200
    assert [line.text for line in ann.inbox] == ["at last"], "LINE is not asked to hand on nothing"
    documented.conversation_accounts.delete(account["id"])
    with pytest.raises(ChatDropped, match="deleted"):
        ann.says("anybody there?")
    with pytest.raises(ValueError, match="and not of whatsapp"):
        documented.whatsapp_user(account["id"], "1555")
    with pytest.raises(LookupError):
        documented.line_user(UNKNOWN, "Uann")


@pytest.mark.parametrize("wrong", [7, None, b"hello"])
def test_what_is_no_text_is_no_user_and_is_not_written(either: Mock, wrong: Any) -> None:
    line, meta = made(either)["id"], made(either, WHATSAPP)["id"]
    ann, bob = either.line_user(line, "Uann"), either.whatsapp_user(meta, "15550100001")
    ann.follows()
    for says in (ann.says, bob.says):
        with pytest.raises(ValueError, match="is no text"):
            says(wrong)
    for user in ("", wrong):
        with pytest.raises(ValueError, match="is no id of a user of line"):
            either.line_user(line, user)
    assert either.conversation_messages.list() == []


# --- WhatsApp ------------------------------------------------------------------------------------------


def whatsapp(words: str, message_id: str = "wamid.1", kind: str = "text") -> Any:
    message = {"id": message_id, "from": "15550100001", "type": kind, "text": {"body": words}}
    contact = {"wa_id": "15550100001", "profile": {"name": "Ann"}}
    value = {"metadata": {"display_phone_number": "+1 (555) 010-0100"}, "messages": [message], "contacts": [contact]}
    return {"entry": [{"changes": [{"value": value}]}]}


def signed(payload: Any, secret: str = DATA["app_secret"]) -> dict[str, Any]:
    return {"headers": {"X-Hub-Signature-256": signature(secret, json.dumps(payload).encode())}}


def test_what_meta_hands_on_is_signed_and_known_again(either: Mock) -> None:
    """The seventh of the things that people test."""
    account = made(either, WHATSAPP, message_flow_id=either.flows.create(actions=[]).id)
    payload = whatsapp("hola")
    assert "signature" in hook(either, account, payload, **signed(payload, "another")).hint
    assert "signature" in hook(either, account, payload).hint
    assert conversations(either) == []
    hook(either, account, payload, **signed(payload))
    assert "known already" in hook(either, account, payload, **signed(payload)).hint
    image = whatsapp("", "wamid.2", "image")
    hook(either, account, image, **signed(image))
    (conversation,) = conversations(either)
    assert (conversation["self"]["target"], conversation["peer"]["target"]) == ("+15550100100", "15550100001")
    assert (conversation["name"], conversation["account_id"]) == ("WhatsApp \u00b7 Ann (15550100001)", account["id"])
    assert texts(either, conversation) == ["hola"]
    assert events(either)[1:5] == [
        "conversation_created", "conversation_updated", "conversation_message_created", "activeflow_created"
    ]  # fmt: skip
    shown = either.client.get(f"/v1.0/conversation_accounts/{account['id']}").text
    assert WHATSAPP["secret"] not in shown
    assert write(either, conversation).status_code == 200
    assert [line.text for line in either.whatsapp_user(account["id"], "15550100001").inbox] == ["reply"]


@pytest.mark.differs("whatsapp-challenge")
def test_metas_challenge_comes_back_or_only_in_quotes(either: Mock) -> None:
    account = made(either, WHATSAPP)
    path = f"/v1.0/conversation/accounts/{account['id']}"

    def verify(challenge: str, token: str = "to verify", mode: str = "subscribe") -> tuple[int, str]:
        query = {"hub.mode": mode, "hub.verify_token": token, "hub.challenge": challenge}
        reply = either.anonymous.get(path, query_string=query)
        return reply.status_code, reply.text

    documented = is_documented(either)
    assert verify("1158201444") == ((200, "1158201444") if documented else (500, ""))
    assert verify("word") == ((200, "word") if documented else (500, ""))
    assert verify('"word"') == ((200, '"word"') if documented else (200, "word"))
    assert verify("") == (200, "")
    assert verify("1", token="wrong") == verify("1", mode="") == (500, "")
    path = f"/v1.0/conversation/accounts/{made(either)['id']}"
    assert verify("1") == (500, "")


def test_whatever_a_provider_posts_is_answered_alike_and_the_journal_says_why_it_was_dropped(either: Mock) -> None:
    line, sms, meta = made(either), made(either, type="sms"), made(either, WHATSAPP)
    nowhere, unsent = {"type": "message", "message": {"type": "text", "text": "hi"}}, {"type": "unsend", "source": {
        "type": "group", "groupId": "G"}}  # fmt: skip
    for account, payload, why in (
        (sms, {}, "nothing comes in by an account of sms"),
        (line, [], 'no array "events"'), (line, {"events": 5}, 'no array "events"'),
        (line, {"events": [unsent, 7]}, "nothing is done with 'unsend'"),
        (line, {"events": [nowhere]}, "the event has no source"), (line, {"events": []}, ""),
        (meta, {"object": "page"}, 'no array "entry"'),
        (meta, {"entry": [{"changes": [{"value": {"messages": [{"type": "text"}]}}]}]}, "the message has no sender"),
        ({"id": UNKNOWN}, {}, "no such account"), ({"id": "five"}, {}, "no such account"),
    ):  # fmt: skip
        hint = hook(either, account, payload, **(signed(payload) if account is meta else {})).hint or ""
        assert why in hint, payload
        assert bool(why) == bool(hint), payload
    reply = either.anonymous.open(f"/v1.0/conversation/accounts/{line['id']}", method="PUT", data=b"no json")
    assert (reply.status_code, reply.text) == (200, "")
    assert conversations(either) == []


def test_providers_reach_it_on_the_host_of_their_own(either: Mock) -> None:
    account = made(either)
    with either:
        url = f"https://hook.voipbin.net/v1.0/conversation/accounts/{account['id']}"
        assert requests.post(url, json=line_event("follow")).status_code == 200
    assert len(conversations(either)) == 1


# --- over the control API --------------------------------------------------------------------------------


def test_users_write_over_the_control_api(either: Mock) -> None:
    line, meta, client = made(either), made(either, WHATSAPP), either.client
    body = {"account": line["id"], "user": "Uann"}
    dropped = client.post("/__mock__/inbound/line", json={**body, "text": "hello"}).json
    assert list(dropped) == (["conversation_message"] if is_documented(either) else ["dropped"])
    assert client.post("/__mock__/inbound/line", json={**body, "follow": True}).json["conversation"]["type"] == "line"
    said = client.post("/__mock__/inbound/line", json={**body, "text": "hi", "follow": True, "name": "Ann"}).json
    assert said["conversation_message"]["text"] == "hi"
    body = {"account": meta["id"], "user": "15550100001", "text": "hola", "name": "Ann", "to": "+1555", "id": "w.1"}
    assert client.post("/__mock__/inbound/whatsapp", json=body).json["conversation_message"]["text"] == "hola"
    assert "known already" in client.post("/__mock__/inbound/whatsapp", json=body).json["dropped"]
    for wrong in ({}, {**body, "text": 7}, {**body, "texts": "a"}, {**body, "user": ""}):
        assert refusal(client.post("/__mock__/inbound/whatsapp", json=wrong)) == (400, "INVALID_ARGUMENT")
    unknown = client.post("/__mock__/inbound/line", json={"account": UNKNOWN, "user": "U"})
    assert refusal(unknown) == (404, "CONVERSATION_ACCOUNT_NOT_FOUND")


def test_scripts_of_chats_over_the_control_api_and_in_a_state(documented: Mock) -> None:
    client = documented.client
    scripted = client.put("/__mock__/chats", json={"Uann": ["refused", {"outcome": "accepted"}], "setup": "refused"})
    assert scripted.json["chats"]["Uann"] == [{"outcome": "refused"}, {"outcome": "accepted"}]
    assert refusal(client.post("/v1.0/conversation_accounts", json=LINE)) == (400, "INVALID_ARGUMENT")
    state, moment = documented.dump(), documented.snapshot()
    assert client.delete("/__mock__/chats").json == {"chats": {}}
    for back in (lambda: documented.load(state), lambda: documented.restore(moment)):
        documented.reset()
        back()
        assert client.get("/__mock__/chats").json == scripted.json
    for wrong in ({"Uann": "busy"}, {"": "refused"}, [], {"Uann": [{"outcome": "refused", "after": "1s"}]}):
        assert refusal(client.put("/__mock__/chats", json=wrong)) == (400, "INVALID_ARGUMENT")
