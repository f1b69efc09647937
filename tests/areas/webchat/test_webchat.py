"""Web chats over the API: widgets and how they look, sessions and when they end, messages, and who may what."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.campaigning import events, foreigner, plain_agent, refusal
from voipbin_mock import Mock, VisitRefused
from voipbin_mock.wire.values import NIL_UUID

WIDGET = {"name": "support", "session_flow_id": NIL_UUID}
THEME = {"header_title": "Hi", "primary_color": "#1a73e8", "typing_indicator_enabled": False}
UNKNOWN = "c0ffee00-0000-4000-8000-00000000dead"


def is_documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def made(mock: Mock, **members: Any) -> Any:
    reply = mock.client.post("/v1.0/webchat_widgets", json={**WIDGET, **members})
    assert reply.status_code == 200, reply.text
    return reply.json


def say(client: Any, session_id: str, text: str = "hello", direction: str = "outbound", **headers: Any) -> Any:
    body = {"session_id": session_id, "direction": direction, "text": text}
    return client.post("/v1.0/webchat_messages", json=body, **headers)


def bearer(token: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {token}"}}


# --- widgets -----------------------------------------------------------------------------------------


def test_a_widget_is_shown_in_the_order_of_the_service_and_replaced_whole(either: Mock) -> None:
    widget = made(either, theme_config={**THEME, "border_radius": None, "unheard_of": 1}, session_idle_timeout=60)
    names = ["id", "customer_id", "name", "status", "session_flow_id", "message_flow_id", "session_idle_timeout"]
    stamps = ["tm_create", "tm_update", "tm_delete"] if is_documented(either) else ["tm_create"]
    assert list(widget) == [*names, "theme_config", "direct_hash", *stamps]
    assert list(widget["theme_config"].items()) == [
        ("primary_color", "#1a73e8"), ("header_title", "Hi"), ("typing_indicator_enabled", False)
    ]  # fmt: skip
    assert (widget["status"], widget["session_idle_timeout"]) == ("active", 60)
    path = f"/v1.0/webchat_widgets/{widget['id']}"
    changed = either.client.put(path, json={"name": "other", "session_flow_id": NIL_UUID}).json
    assert (changed["name"], changed["session_idle_timeout"], "theme_config" in changed) == ("other", 1800, False)
    assert changed["direct_hash"] == widget["direct_hash"]
    assert made(either, theme_config={}, session_idle_timeout=-5)["theme_config"] == {}
    assert events(either) == [], "nobody is told of widgets"


BAD_THEMES = [
    {"primary_color": ""}, {"secondary_color": "red"}, {"theme_mode": "dim"}, {"header_title": "ä" * 51},
    {"header_subtitle": "a" * 201}, {"connecting_indicator_text": "a" * 101}, {"border_radius": ""},
    {"font_size": "huge"},
]  # fmt: skip


def test_a_widget_cannot_look_just_any_way(either: Mock) -> None:
    for theme in BAD_THEMES:
        reply = either.client.post("/v1.0/webchat_widgets", json={**WIDGET, "theme_config": theme})
        assert refusal(reply) == (400, "INVALID_THEME_CONFIG"), theme
        assert reply.json["error"]["details"][0]["pointer"] == f"/theme_config/{next(iter(theme))}"
    for unlooked in ({"position": "middle"}, {"logo_url": "no url"}, {"header_title": "ä" * 50}):
        assert made(either, theme_config=unlooked)["theme_config"] == unlooked
    mistyped = either.client.post("/v1.0/webchat_widgets", json={**WIDGET, "theme_config": {"header_title": 7}})
    assert refusal(mistyped) == (400, "INVALID_JSON_BODY")


def test_the_flows_of_a_widget_are_the_customers_own(either: Mock) -> None:
    gone = either.flows.create(name="gone")
    either.flows.delete(gone)
    theirs = either.flows.create(customer_id=either.customers.create(name="other").id)
    foreign = (404, "FLOW_NOT_FOUND") if is_documented(either) else (403, "PERMISSION_DENIED")
    for flow_id, expected in ((UNKNOWN, (404, "FLOW_NOT_FOUND")), (gone.id, (404, "RESOURCE_NOT_FOUND")),
                              (theirs.id, foreign)):  # fmt: skip
        for member in ("session_flow_id", "message_flow_id"):
            reply = either.client.post("/v1.0/webchat_widgets", json={**WIDGET, member: flow_id})
            assert refusal(reply) == expected


def test_ids_are_typed_and_what_is_gone_is_gone(either: Mock) -> None:
    widget = made(either)
    assert either.client.delete(f"/v1.0/webchat_widgets/{widget['id']}").status_code == 200
    for path in ("webchat_widgets", "webchat_sessions", "webchat_messages"):
        assert refusal(either.client.get(f"/v1.0/{path}/five")) == (400, "INVALID_REQUEST_PARAMETER")
        assert refusal(either.client.get(f"/v1.0/{path}/{NIL_UUID}")) == (400, "INVALID_ID")
        assert refusal(either.client.get(f"/v1.0/{path}/{UNKNOWN}")) == (404, "RESOURCE_NOT_FOUND")
    for call in (either.client.get, either.client.delete):
        assert refusal(call(f"/v1.0/webchat_widgets/{widget['id']}")) == (404, "RESOURCE_NOT_FOUND")
    assert refusal(either.client.get("/v1.0/webchat_sessions?widget_id=five")) == (400, "INVALID_REQUEST_PARAMETER")
    unknown = either.client.get(f"/v1.0/webchat_sessions?widget_id={widget['id']}")
    assert refusal(unknown) == (404, "RESOURCE_NOT_FOUND")


# --- visitors ------------------------------------------------------------------------------------------


def test_a_visitor_boots_by_the_hash_as_long_as_it_is_the_widgets(either: Mock) -> None:
    widget = made(either, theme_config=THEME)
    booted = either.anonymous.post("/auth/boot", json={"direct_hash": widget["direct_hash"]}).json
    assert list(booted) == ["token", "type", "resource_type", "resource_id", "customer_id", "expire", "resource_data"]
    assert (booted["type"], booted["resource_type"], booted["resource_id"]) == (
        "direct",
        "webchat_widget",
        widget["id"],
    )
    assert booted["resource_data"] == {"public_display_config": {**THEME}}
    again = either.client.post(f"/v1.0/webchat_widgets/{widget['id']}/direct_hash_regenerate").json
    assert again["direct_hash"] != widget["direct_hash"]
    former = either.anonymous.post("/auth/boot", json={"direct_hash": widget["direct_hash"]})
    assert (former.status_code, former.text) == (400, "")
    body = {"widget_id": widget["id"]}
    session = either.anonymous.post("/v1.0/webchat_sessions", json=body, **bearer(booted["token"]))
    assert session.status_code == 200, "tokens that were given out stay good"
    either.client.delete(f"/v1.0/webchat_widgets/{widget['id']}")
    for bad in ({"direct_hash": again["direct_hash"]}, {"direct_hash": ""}, {}, {"direct_hash": "direct.aaaaaaaaaaaa"}):
        assert either.anonymous.post("/auth/boot", json=bad).status_code == 400
    assert refusal(say(either.anonymous, session.json["id"], **bearer(booted["token"]))) == (404, "RESOURCE_NOT_FOUND")
    with pytest.raises(VisitRefused, match="auth/boot answered 400"):
        either.visit(widget["id"])


def test_a_visitor_of_an_inactive_customer_does_not_come_in(documented: Mock) -> None:
    widget = made(documented)
    documented.customers.update(documented.world.owner, status="frozen")
    assert documented.anonymous.post("/auth/boot", json={"direct_hash": widget["direct_hash"]}).status_code == 400


def test_a_visitor_may_what_visitors_may_and_of_one_widget_alone(either: Mock) -> None:
    mine, other = made(either), made(either)
    visitor, session = either.visit(mine["id"]), either.visit(other["id"]).session_id
    card, client = bearer(visitor.token), either.anonymous
    denied = (403, "PERMISSION_DENIED")
    assert refusal(client.post("/v1.0/webchat_sessions", json={"widget_id": other["id"]}, **card)) == denied
    assert refusal(say(client, session, **card)) == denied
    assert refusal(client.post(f"/v1.0/webchat_sessions/{session}/end", **card)) == denied
    assert refusal(client.get(f"/v1.0/webchat_messages?session_id={session}", **card)) == denied
    assert refusal(client.get("/v1.0/webchat_messages", **card)) == denied
    not_theirs = (403, "DIRECT_ACCESS_NOT_SUPPORTED")
    for path in ("webchat_sessions", "webchat_widgets", f"webchat_sessions/{visitor.session_id}", "conversations"):
        assert refusal(client.get(f"/v1.0/{path}", **card)) == not_theirs
    ai = either.direct_token("ai", mine["id"])
    assert refusal(client.post("/v1.0/webchat_sessions", json={"widget_id": mine["id"]}, **bearer(ai))) == denied
    plain = plain_agent(either)
    assert refusal(say(plain, visitor.session_id)) == denied
    foreign = client.get(f"/v1.0/webchat_sessions/{visitor.session_id}?token={foreigner(either)}")
    assert refusal(foreign) == ((404, "RESOURCE_NOT_FOUND") if is_documented(either) else denied)


def test_a_page_with_a_chat_from_its_boot_to_another_visit(either: Mock) -> None:
    """The eighth of the things that people test."""
    option = {"conversation_id": "${voipbin.conversation.id}", "text": "Welcome to ${voipbin.conversation.self.type}"}
    greets = either.flows.create(actions=[{"type": "conversation_send", "option": option}])
    widget = made(either, theme_config=THEME, session_flow_id=greets.id)
    visitor = either.visit(widget["direct_hash"], page_url="https://example.com/pricing", referrer="http://a.example")
    assert (visitor.theme, visitor.heard()) == (THEME, ["Welcome to webchat"])
    said = visitor.say("I need help \U0001f600 \u202e\x07")
    assert (said["text"], said["direction"], said["status"]) == ("I need help \U0001f600 \u202e\x07", "inbound", "sent")
    assert say(either.client, visitor.session_id, "How can we help?").json["direction"] == "outbound"
    assert visitor.heard() == ["Welcome to webchat", "How can we help?"]
    session = either.client.get(f"/v1.0/webchat_sessions/{visitor.session_id}").json
    assert (session["page_url"], session["referrer"]) == ("https://example.com/pricing", "http://a.example")
    assert (session["peer"]["type"], session["local"]["target"]) == ("web_session", widget["id"])
    visitor.leave()
    assert refusal(say(either.client, visitor.session_id)) == (404, "RESOURCE_NOT_FOUND")
    with pytest.raises(VisitRefused, match="404"):
        visitor.say("hello?")
    assert len(visitor.messages()) == 3, "what was written can still be read"
    again = either.visit(widget["id"])
    assert again.session_id != visitor.session_id
    assert events(either)[:2] == ["conversation_created", "activeflow_created"]
    assert "webchat_session_ended" in events(either)


def test_who_sent_a_message_is_known_but_of_visitors(either: Mock) -> None:
    visitor = either.visit(made(either)["id"])
    inbound = visitor.say("hello")
    assert inbound.get("sender_id") == (None if is_documented(either) else NIL_UUID)
    assert say(either.client, visitor.session_id).json["sender_id"] == either.agents.get(username=either.username).id
    by_key = say(either.anonymous, visitor.session_id, query_string=either.params).json
    assert by_key["sender_id"] == either.accesskeys.list()[0].id


def test_bodies_that_name_no_session_or_widget_or_are_too_long(either: Mock) -> None:
    widget = made(either)
    for wrong in ("five", NIL_UUID, ""):
        reply = either.client.post("/v1.0/webchat_sessions", json={"widget_id": wrong})
        assert refusal(reply) == (400, "INVALID_WIDGET_ID")
        assert refusal(say(either.client, wrong)) == (400, "INVALID_SESSION_ID")
    for url in ("ftp://example.com", "https://example.com/" + "a" * 2048):
        body = {"widget_id": widget["id"], "page_url": url}
        assert refusal(either.client.post("/v1.0/webchat_sessions", json=body)) == (400, "INVALID_ARGUMENT")
    assert refusal(say(either.client, UNKNOWN)) == (404, "RESOURCE_NOT_FOUND")
    session_id = either.visit(widget["id"]).session_id
    assert say(either.client, session_id, "\U0001f600" * 4000).json["text"] == "\U0001f600" * 4000
    assert refusal(say(either.client, session_id, "a" * 4001)) == (500, "INTERNAL")
    assert say(either.client, session_id, "").status_code == 200


# --- ending --------------------------------------------------------------------------------------------


@pytest.mark.differs("webchat-idle")
def test_a_session_in_which_nothing_is_said_ends_by_itself(either: Mock) -> None:
    """The ninth of the things that people test."""
    widget = made(either, session_idle_timeout=600)
    visitor = either.visit(widget["id"])
    path = f"/v1.0/webchat_sessions/{visitor.session_id}"
    either.advance(seconds=500)
    visitor.say("still here")
    say(either.client, visitor.session_id, "so are we")
    either.advance(seconds=599)
    before = either.client.get(path).json
    assert before["status"] == "active"
    either.advance(seconds=1)
    after = either.client.get(path).json
    if is_documented(either):
        assert before["tm_last_activity"].startswith("2026-03-01 09:08:20")
        assert after["status"] == "ended"
        assert after["tm_end"].startswith("2026-03-01 09:18:20")
        assert events(either)[-1] == "webchat_session_ended"
    else:
        assert before["tm_last_activity"] == before["tm_create"]
        assert after == before
        visitor.leave()
        assert "tm_end" not in either.client.get(path).json


@pytest.mark.differs("webchat-deleted-session")
def test_a_deleted_session_is_gone_or_only_not_listed(either: Mock) -> None:
    visitor = either.visit(made(either)["id"])
    path = f"/v1.0/webchat_sessions/{visitor.session_id}"
    assert either.client.delete(path).status_code == 200
    assert either.client.get("/v1.0/webchat_sessions").json["result"] == []
    asked = [either.client.get(path), either.client.post(path + "/end"), either.client.delete(path)]
    expected = 404 if is_documented(either) else 200
    assert [reply.status_code for reply in asked] == [expected] * 3


def test_a_session_is_ended_again_and_told_again(either: Mock) -> None:
    visitor = either.visit(made(either)["id"])
    for _ in range(2):
        ended = either.client.post(f"/v1.0/webchat_sessions/{visitor.session_id}/end").json
        assert ended["status"] == "ended"
    assert events(either) == ["webchat_session_ended"] * 2


def test_a_session_put_in_place_is_idle_too(documented: Mock) -> None:
    widget = documented.webchat_widgets.create(name="support", session_idle_timeout=60)
    session = documented.webchat_sessions.create(widget_id=widget)
    assert (session.peer.target, session.local.target) == (session.id, widget.id)
    assert documented.visit(widget).widget_id == widget.id, "it has a hash"
    state = documented.dump()
    documented.reset()
    documented.load(state)
    documented.advance(seconds=60)
    assert documented.webchat_sessions.get(session).status == "ended"


# --- over the control API ------------------------------------------------------------------------------


def test_visits_over_the_control_api(either: Mock) -> None:
    widget, client = made(either), either.client
    begun = client.post(
        "/__mock__/visits", json={"widget": widget["direct_hash"], "page_url": "https://a.example"}
    ).json
    path = f"/__mock__/visits/{begun['session_id']}"
    assert client.post(path, json={"say": "hello"}).json["said"] == ["hello"]
    assert say(client, begun["session_id"], "hi").status_code == 200
    assert client.get(path).json["heard"] == ["hi"]
    answered = say(either.anonymous, begun["session_id"], **bearer(begun["token"]))
    assert answered.json["direction"] == "inbound", "its token is a visitor's"
    assert client.post(path, json={"leave": True}).json["status"] == "ended"
    assert refusal(client.post(path, json={"say": "hello"})) == (409, "STATE_INVALID")
    assert [visit["session_id"] for visit in client.get("/__mock__/visits").json["visits"]] == [begun["session_id"]]
    for wrong in ({}, {"widget": "direct.aaaaaaaaaaaa"}, {"widget": 7}, {"widget": widget["id"], "page": "a"}):
        assert refusal(client.post("/__mock__/visits", json=wrong)) == (400, "INVALID_ARGUMENT")
    assert refusal(client.post(path.replace(begun["session_id"], UNKNOWN), json={"say": "a"})) == (
        404, "RESOURCE_NOT_FOUND"
    )  # fmt: skip


def test_a_visitor_hears_of_its_session_on_a_websocket_topic_of_its_own(either: Mock) -> None:
    visitor = either.visit(made(either)["id"])
    message = say(either.client, visitor.session_id).json
    (told,) = [event for event in either.world.bus.log if event.type == "webchat_message_created"]
    customer = f"customer_id:{either.world.owner}"
    assert told.topics == (
        f"{customer}:webchat_session:{visitor.session_id}",
        f"{customer}:webchat:webchat_message_created:{message['id']}",
    )
    assert json.loads(told.data)["text"] == "hello"
