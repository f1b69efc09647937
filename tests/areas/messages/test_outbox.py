"""The outbox: what was sent, asserted on with near misses; in Python, in the report, over the control API and ctl."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from voipbin_mock import Mock, MockUsageError
from voipbin_mock.command.main import main

OWN, ANN, BOB = "+15559876543", "+12025550123", "+12025550124"
BOX = "ann@shop.example"


def text(mock: Mock, said: str, *to: str) -> Any:
    destinations = [{"type": "tel", "target": each} for each in to or (ANN,)]
    body = {"source": {"type": "tel", "target": OWN}, "destinations": destinations, "text": said}
    return mock.client.post("/v1.0/messages", json=body).json


def mail(mock: Mock, subject: str, content: str) -> Any:
    body = {"destinations": [{"type": "email", "target": BOX}], "subject": subject, "content": content}
    return mock.client.post("/v1.0/emails", json=body).json


@pytest.fixture
def mock(documented: Mock) -> Mock:
    """One that has sent three texts and a mail."""
    text(documented, "Your code is 123456.", ANN, BOB)
    mail(documented, "Receipt", "Thank you.")
    text(documented, "Bye!")
    return documented


# --- looking ---------------------------------------------------------------------------------------


def test_lines_are_in_order_and_tell_how_they_stand_now(mock: Mock) -> None:
    outbox = mock.outbox
    assert [(line.number, line.kind, line.to) for line in outbox] == [
        (1, "text", ANN), (2, "text", BOB), (3, "mail", BOX), (4, "text", ANN),
    ]  # fmt: skip
    first = outbox[0]
    assert (first.sender, first.text, first.status, first.resource) == (
        OWN,
        "Your code is 123456.",
        "queued",
        "messages",
    )
    assert (outbox[2].sender, outbox[2].subject, outbox[2].status) == ("service@voipbin.net", "Receipt", "initiated")
    mock.advance(seconds=2)
    assert [line.status for line in outbox] == ["sent", "sent", "processed", "sent"]
    assert mock.messages.get(first.id).text == first.text
    assert (outbox.newest.text, len(outbox.texts), len(outbox.mails), outbox.chats) == ("Bye!", 3, 1, [])
    assert str(first) == f'#1 text to {ANN}: "Your code is 123456." (queued)'


def test_lines_are_found_by_what_they_are(mock: Mock) -> None:
    found = mock.outbox.find
    assert [line.text for line in found(to="+1 (202) 555-0123")] == ["Your code is 123456.", "Bye!"]
    assert [line.number for line in found(text=re.compile(r"\d{6}"))] == [1, 2]
    assert [line.number for line in found(contains="code", to=BOB)] == [2]
    assert [line.number for line in found(kind="mail", subject="Receipt", to="Ann@Shop.example")] == [3]
    assert [line.number for line in found(to=lambda to: to.endswith("4"))] == [2]
    assert found(sender=OWN, status="delivered") == []


def test_an_inbox_has_what_has_arrived_by_now(mock: Mock) -> None:
    inbox, box = mock.phone(ANN).inbox, mock.mailbox(BOX).inbox
    with pytest.raises(LookupError, match=r"nothing has arrived at .* yet; the next one arrives in 3 s: advance the"):
        _ = inbox.newest
    mock.advance(seconds=3)
    assert [line.text for line in inbox] == ["Your code is 123456.", "Bye!"]
    assert (len(box), inbox[-1] == inbox.newest, repr(inbox)) == (0, True, "<2 sent>")
    mock.advance(seconds=7)
    assert box.newest.subject == "Receipt"
    with pytest.raises(LookupError, match="nothing was sent to \\+12025550999"):
        _ = mock.phone("+12025550999").inbox.newest
    text(mock, "lost", "+12025550104")  # by no provider taken
    with pytest.raises(LookupError, match=r'nothing ever arrives at \+12025550104: #5 text .*"lost" \(queued\)'):
        _ = mock.phone("+12025550104").inbox.newest


def test_a_refused_request_and_a_reset_leave_nothing_in_it(mock: Mock) -> None:
    mock.outbox.clear()
    assert text(mock, "x", "not a number")["error"]["reason"] == "INVALID_ARGUMENT"
    assert (len(mock.outbox), repr(mock.outbox)) == (0, "<0 sent>")
    with pytest.raises(LookupError, match="nothing was sent"):
        _ = mock.outbox.newest
    text(mock, "again")
    assert mock.outbox.newest.number == 1
    mock.reset()
    assert list(mock.outbox) == []


# --- asserting -------------------------------------------------------------------------------------


def test_what_was_sent_is_asserted_and_given(mock: Mock) -> None:
    assert [line.number for line in mock.outbox.assert_sent(contains="123456")] == [1, 2]
    assert mock.outbox.assert_sent_once(to=ANN, text="Bye!").number == 4
    assert len(mock.outbox.assert_sent(kind="text", times=3)) == 3
    mock.outbox.assert_not_sent(to="+12025550999")


def failure(assertion: Any, *arguments: Any, **filters: Any) -> list[str]:
    with pytest.raises(AssertionError) as caught:
        assertion(*arguments, **filters)
    return str(caught.value).splitlines()


def test_a_failed_assertion_names_what_came_nearest_and_how_it_differs(mock: Mock) -> None:
    assert failure(mock.outbox.assert_sent, to=ANN, text="Your code is 123457.") == [
        f'expected something sent with to "{ANN}", text "Your code is 123457.", '
        "but none of 4 lines of the outbox is that",
        "nearest:",
        f'  #1 text to {ANN}: "Your code is 123456." (queued)',
        '      text: expected "Your code is 123457.", got "Your code is 123456."',
        f'  #2 text to {BOB}: "Your code is 123456." (queued)',
        f'      to: expected "{ANN}", got "{BOB}"',
        '      text: expected "Your code is 123457.", got "Your code is 123456."',
        f'  #4 text to {ANN}: "Bye!" (queued)',
        '      text: expected "Your code is 123457.", got "Bye!"',
    ]  # fmt: skip
    lines = failure(mock.outbox.assert_sent_once, contains="code")
    assert lines[0] == 'expected something sent with contains "code", once, got it twice:'
    assert len(lines) == 3
    lines = failure(mock.outbox.assert_sent, contains="kode", kind="mail")
    assert lines[2:5] == [
        f'  #3 mail to {BOX}: "Receipt": "Thank you." (initiated)',
        '      text: expected "kode", got "Thank you." (it does not contain that)',
        f'  #4 text to {ANN}: "Bye!" (queued)',
    ]
    lines = failure(mock.outbox.assert_sent, to=BOB, times=2)
    assert lines[:2] == [
        f'expected something sent with to "{BOB}", twice, got it once:',
        f'  #2 text to {BOB}: "Your code is 123456." (queued)',
    ]
    assert failure(mock.outbox.assert_not_sent)[0] == "expected something sent, never, got it 4 times:"
    mock.outbox.clear()
    assert failure(mock.outbox.assert_sent, to=BOB) == [
        f'expected something sent with to "{BOB}", but nothing was sent'
    ]


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"too": ANN}, "no filter 'too'; there are to, text, contains"),
        ({"kind": "sms"}, "'sms' is none of text, mail, line"),
        ({"contains": 7}, "contains: 7 is no text"),
    ],
)
def test_a_filter_that_there_is_not_is_no_failure_of_the_test(mock: Mock, filters: Any, said: str) -> None:
    with pytest.raises(MockUsageError, match=said):
        mock.outbox.assert_sent(**filters)


def test_the_failing_report_shows_it(mock: Mock) -> None:
    assert dict(mock.sections())["voipbin-mock outbox"].splitlines()[2:] == [
        f'#3 mail to {BOX}: "Receipt": "Thank you." (initiated)',
        f'#4 text to {ANN}: "Bye!" (queued)',
    ]
    mock.reset()
    assert "voipbin-mock outbox" not in dict(mock.sections())


# --- over the control API --------------------------------------------------------------------------


def numbers(mock: Mock, query: str = "") -> list[int]:
    return [line["number"] for line in mock.client.get(f"/__mock__/outbox{query}").json["sent"]]


def test_the_outbox_over_the_control_api(mock: Mock) -> None:
    sent = mock.client.get("/__mock__/outbox?kind=mail").json
    assert sent["total"] == 1
    assert sent["sent"][0] == {
        "number": 3, "at": "2026-03-01T09:00:00.000000Z", "kind": "mail", "sender": "service@voipbin.net", "to": BOX,
        "text": "Thank you.", "subject": "Receipt", "status": "initiated", "arrives": "2026-03-01T09:00:10.000000Z",
        "resource": "emails", "id": mock.outbox[2].id,
    }  # fmt: skip
    assert numbers(mock, "?to=%2B12025550123&after=1") == [4]
    assert numbers(mock, "?arrived=true") == []
    mock.advance(seconds=5)
    assert numbers(mock, "?arrived=true") == [1, 2, 4]
    for wrong in ("kind=sms", "arrived=yes", "after=x"):
        assert mock.client.get(f"/__mock__/outbox?{wrong}").status_code == 400
    assert mock.client.delete("/__mock__/outbox").json == {"sent": [], "total": 0}
    assert numbers(mock) == []


def test_what_becomes_of_texts_and_mails_over_the_control_api(documented: Mock) -> None:
    put, get = documented.client.put, documented.client.get
    scripts: dict[str, Any] = {
        "texts": {ANN: ["stuck", {"outcome": "chance", "of": [{"outcome": "failed", "after": "2s", "weight": 1}]}]},
        "mailboxes": {"*@shop.example": [{"outcome": "mail", "statuses": ["delivered"], "gaps": ["2s"]}, "bounce"]},
    }
    for word, rules in scripts.items():
        told = put(f"/__mock__/{word}", json=rules).json
        assert told == get(f"/__mock__/{word}").json
        assert set(told) == {word, "magic"}
        assert put(f"/__mock__/{word}", json=told[word]).json == told, "what is told can be sent"
    text(documented, "one"), text(documented, "two"), mail(documented, "a", "b")
    documented.advance(seconds=2)
    assert [line.status for line in documented.outbox] == ["queued", "failed", "delivered"]
    for word in scripts:
        assert documented.client.delete(f"/__mock__/{word}").json[word] == {}
        for wrong in ({ANN: ["nonsense"]}, {ANN: [{"outcome": "failed", "talk": 1}]}, {"": ["stuck"]}, {ANN: []}, [1],
                      {ANN: [{"outcome": 7}]}, {ANN: [{"outcome": "mail", "gaps": 7}]}):  # fmt: skip
            refused = put(f"/__mock__/{word}", json=wrong)
            assert (refused.status_code, refused.json["error"]["reason"]) == (400, "INVALID_ARGUMENT")


def test_what_comes_in_over_the_control_api(documented: Mock) -> None:
    post = documented.client.post
    made = post("/__mock__/inbound/sms", json={"from": ANN, "to": OWN, "text": "hello"})
    assert made.json == documented.client.get("/v1.0/messages").json["result"][0]
    dropped = post("/__mock__/inbound/sms", json={"from": ANN, "to": BOB, "text": "hello"}).json["error"]
    assert dropped["message"] == f"The text is dropped: '{BOB}' is no number of this service."
    nobody = post("/__mock__/inbound/sms", json={"from": "", "to": OWN, "text": "hello"}).json["error"]
    assert nobody["message"] == "The text is dropped: it is from nobody."
    assert post("/__mock__/inbound/sms", json={"from": ANN, "to": OWN}).status_code == 400
    assert post("/__mock__/inbound/sms", json={"from": ANN, "to": OWN, "text": "x", "parts": -1}).status_code == 400
    sent = mail(documented, "a", "b")
    told = post("/__mock__/inbound/mail", json={"email": sent["id"], "event": "bounce"}).json
    assert (told["id"], told["status"]) == (sent["id"], "bounce")
    assert post("/__mock__/inbound/mail", json={"email": "none", "event": "bounce"}).status_code == 404
    assert post("/__mock__/inbound/mail", json={"email": sent["id"]}).status_code == 400


# --- from a shell ----------------------------------------------------------------------------------


@pytest.fixture
def served(mock: Mock) -> Mock:
    mock.serve()
    return mock


def test_the_same_from_a_shell(served: Mock, capsys: pytest.CaptureFixture[str]) -> None:
    def ctl(*words: str) -> Any:
        assert main(["ctl", "--url", served.origin, *words]) == 0
        return json.loads(capsys.readouterr().out)

    assert [line["number"] for line in ctl("outbox", "--kind", "text", "--to", ANN, "--after", "1")["sent"]] == [4]
    assert ctl("outbox", "--arrived")["total"] == 0
    assert ctl("texts", "script", ANN, "failed", '{"outcome": "sent", "after": "2s"}')["texts"] == {
        ANN: [{"outcome": "failed", "after": 3000}, {"outcome": "sent", "after": 2000}]
    }
    assert ctl("mailboxes", "script", "default", "stuck")["mailboxes"] == {"default": [{"outcome": "stuck"}]}
    assert (ctl("texts", "clear")["texts"], ctl("mailboxes", "clear")["mailboxes"]) == ({}, {})
    assert ctl("inbound", "sms", ANN, OWN, "hello", "--parts", "2")["targets"][0]["parts"] == 2
    assert ctl("inbound", "mail", served.outbox[2].id, "open")["status"] == "open"
    assert ctl("outbox", "--clear") == {"sent": [], "total": 0}
