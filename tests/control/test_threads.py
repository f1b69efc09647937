"""What was written to and by everybody on the other side, over the control API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from voipbin_mock import Mock
from voipbin_mock.edge.incoming import ControlPolicy

ANN, OWN = "+15550100042", "+15559876543"
TOKEN = "X-VoIPBIN-Mock-Control-Token"
NOWHERE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(params=["documented", "server"])
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock="2026-03-01T09:00:00Z", ignore="all", intercept=False) as mock:
        yield mock


def ask(mock: Mock, path: str, code: int = 200) -> Any:
    reply = mock.anonymous.get(f"/__mock__/{path}")
    assert reply.status_code == code, reply.text
    return reply.json


def only(mock: Mock) -> Any:
    """The one thread that there is, whole."""
    (head,) = ask(mock, "threads")["threads"]
    return ask(mock, f"threads/{head['id']}")


def answers(mock: Mock, thread: Any, **words: str) -> Any:
    """What becomes of the call by which whoever is there answers."""
    call = thread["answer"]
    reply = mock.anonymous.open(f"/__mock__{call['path']}", method=call["method"], json={**call["body"], **words})
    assert reply.status_code == 200, reply.text
    return reply.json


def send(mock: Mock, path: str, body: Any) -> Any:
    reply = mock.client.post(f"/v1.0{path}", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json


def ways(thread: Any) -> list[tuple[str, str]]:
    return [(line["way"], line["text"]) for line in thread["lines"]]


def test_texts_of_both_ways_stand_in_one_thread_and_are_answered(mock: Mock) -> None:
    tel = {"source": {"type": "tel", "target": OWN}, "destinations": [{"type": "tel", "target": ANN}]}
    send(mock, "/messages", {**tel, "text": "Is six all right?"})
    mock.advance(seconds=5)
    thread = only(mock)
    assert (thread["kind"], thread["other"], thread["own"], thread["over"]) == ("text", ANN, OWN, False)
    assert thread["lines"][0]["resource"] == "messages"
    answers(mock, thread, text="Yes \U0001f64f\u202e")
    again = only(mock)
    assert ways(again) == [("out", "Is six all right?"), ("in", "Yes \U0001f64f\u202e")]
    assert (again["id"], again["way"], again["text"]) == (thread["id"], "in", "Yes \U0001f64f\u202e")


def test_a_text_to_two_is_in_two_threads(mock: Mock) -> None:
    several = [{"type": "tel", "target": number} for number in (ANN, "+15550100043")]
    send(mock, "/messages", {"source": {"type": "tel", "target": OWN}, "destinations": several, "text": "hello"})
    assert {one["other"] for one in ask(mock, "threads?kind=text")["threads"]} == {ANN, "+15550100043"}
    assert ask(mock, "threads?kind=mail") == {"threads": [], "total": 0}
    assert [len(ask(mock, "threads?limit=1")["threads"]), ask(mock, "threads?limit=1")["total"]] == [1, 2]


def test_a_mail_has_its_subject_its_html_and_what_becomes_of_it(mock: Mock) -> None:
    html = "<b onclick='x()'>Thank you</b><script>x()</script>"
    to = [{"type": "email", "target": "ann@shop.example"}]
    send(mock, "/emails", {"destinations": to, "subject": "Receipt", "content": html, "attachments": []})
    thread = only(mock)
    (mail,) = thread["lines"]
    assert (thread["text"], mail["subject"], mail["text"], mail["attachments"]) == ("Receipt", "Receipt", html, 0)
    shown = mock.anonymous.get(mail["html"])
    assert (shown.text, shown.headers["Content-Type"]) == (html, "text/html; charset=utf-8")
    policy = shown.headers["Content-Security-Policy"].split("; ")
    assert {"sandbox", "default-src 'none'", "img-src data:", "frame-ancestors 'self'"} <= set(policy)
    assert not [part for part in policy if part.startswith("script-src")], "nothing in it ever runs"
    answers(mock, thread, event="open")
    assert only(mock)["status"] == "open"


def test_a_mail_is_shown_to_a_stranger_by_its_own_key_alone(mock: Mock) -> None:
    for name in ("ann", "bob"):
        to = [{"type": "email", "target": f"{name}@shop.example"}]
        send(mock, "/emails", {"destinations": to, "subject": name, "content": name, "attachments": []})
    mock.door.control = ControlPolicy(token="open sesame")
    known = {"headers": {TOKEN: "open sesame"}}
    assert mock.anonymous.get("/__mock__/threads").status_code == 403
    found = [one["id"] for one in mock.anonymous.get("/__mock__/threads", **known).json["threads"]]
    lines = [mock.anonymous.get(f"/__mock__/threads/{one}", **known).json["lines"][0] for one in found]
    for line, other in zip(lines, lines[::-1], strict=True):
        assert mock.anonymous.get(line["html"]).text == line["text"]
        path, _, key = line["html"].rpartition("/")
        for wrong in (other["html"].rpartition("/")[2], key[:-1], "\u00e9"):
            assert mock.anonymous.get(f"{path}/{wrong}").status_code == 403
    mock.door.control = ControlPolicy(token="another")
    assert mock.anonymous.get(lines[0]["html"]).status_code == 403


def test_a_visitor_answers_until_the_visit_is_over(mock: Mock) -> None:
    widget = mock.webchat_widgets.create(name="support")
    visitor = mock.visit(widget)
    assert (only(mock)["lines"], only(mock)["name"]) == ([], "support")
    answers(mock, only(mock), say="Do you ship?")
    send(mock, "/webchat_messages", {"session_id": visitor.session_id, "direction": "outbound", "text": "We do."})
    assert ways(only(mock)) == [("in", "Do you ship?"), ("out", "We do.")]
    visitor.leave()
    assert (only(mock)["over"], only(mock)["answer"]) == (True, None)


@pytest.mark.parametrize("kind", ["line", "whatsapp"])
def test_a_user_of_a_chat_has_a_name_and_answers(mock: Mock, kind: str) -> None:
    keys = {"secret": "s", "token": "t", "provider_data": {"phone_number_id": "1"}}
    account = mock.conversation_accounts.create(type=kind, name="shop", **keys)
    if kind == "line":
        follower = mock.line_user(account, "15550100042", name="Ann")
        follower.follows()
        follower.says("hello")
    else:
        mock.whatsapp_user(account, "15550100042", name="Ann").says("hello")
    thread = only(mock)
    assert (thread["kind"], thread["other"], thread["own"]) == (kind, "15550100042", account.id)
    assert "Ann" in thread["name"]
    answers(mock, thread, text="and again")
    assert ways(only(mock)) == [("in", "hello"), ("in", "and again")]


def test_what_there_is_not_is_said(mock: Mock) -> None:
    assert "letter" in ask(mock, "threads?kind=letter", 400)["error"]["message"]
    assert ask(mock, "threads/nothing", 404)["error"]["reason"] == "RESOURCE_NOT_FOUND"
    assert mock.anonymous.get(f"/__mock__/console/{NOWHERE}/key").status_code == 404
    assert mock.anonymous.get("/__mock__/console/nothing/key").status_code == 404


def test_the_newest_thread_is_the_first(mock: Mock) -> None:
    ann, bob = mock.phone(ANN), mock.phone("+15550100043")
    for phone in (ann, bob, ann):
        phone.texts(OWN, "hello")
        mock.advance(seconds=1)
    assert [(one["other"], one["lines"]) for one in ask(mock, "threads")["threads"]] == [(ANN, 2), ("+15550100043", 1)]


def test_who_is_a_contact_is_told_by_name(mock: Mock) -> None:
    mail = "ann@shop.example"
    tel = {"source": {"type": "tel", "target": OWN}, "destinations": [{"type": "tel", "target": ANN}]}
    send(mock, "/messages", {**tel, "text": "hello"})
    to = [{"type": "email", "target": mail}]
    send(mock, "/emails", {"destinations": to, "subject": "hello", "content": "hello", "attachments": []})
    assert [one["name"] for one in ask(mock, "threads")["threads"]] == ["", ""]
    addresses = [{"type": "tel", "target": ANN}, {"type": "email", "target": mail}]
    for members, told in (
        ({"first_name": "Ann", "last_name": "Lee"}, "Ann Lee"),
        ({"company": "Acme"}, "Acme"),
        ({"display_name": "Annie", "first_name": "Ann", "company": "Acme"}, "Annie"),
    ):
        contact = mock.contacts.create(**members, addresses=addresses)
        assert [one["name"] for one in ask(mock, "threads")["threads"]] == [told, told]
        mock.contacts.delete(contact.id)
