"""Messages: texts go out, come along on the virtual clock, and come in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.calling import a, path, runs
from tests.support.campaigning import events, refusal
from tests.support.queueing import is_documented
from voipbin_mock import (
    Chance,
    Delivered,
    Failed,
    GatewayTimeout,
    Mock,
    Queued,
    ReceiptTimeout,
    Sent,
    Stuck,
    TextDropped,
)

CUSTOMER = "7a1b2c3d-4e5f-6789-abcd-ef0123456789"
OWN, ANN, BOB = "+15559876543", "+12025550123", "+12025550124"
UNKNOWN = "7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f79"


def tel(number: str, **more: str) -> dict[str, str]:
    return {"type": "tel", "target": number, **more}


def post(mock: Mock, text: str = "hello", *to: str, **members: Any) -> Any:
    body = {"source": tel(OWN), "destinations": [tel(each) for each in to or (ANN,)], "text": text, **members}
    return mock.client.post("/v1.0/messages", json=body)


def sent(mock: Mock, text: str = "hello", *to: str) -> Any:
    reply = post(mock, text, *to)
    assert reply.status_code == 200, reply.text
    return reply.json


def shown(mock: Mock, message: Any) -> Any:
    return mock.client.get(f"/v1.0/messages/{message['id']}").json


def statuses(mock: Mock, message: Any) -> list[str]:
    return [target["status"] for target in shown(mock, message)["targets"]]


# --- on the wire -----------------------------------------------------------------------------------


def test_a_new_message_by_the_documents_to_the_letter(documented: Mock) -> None:
    reply = post(documented)
    stamp = "2026-03-01 09:00:00.000000"
    empty = '"target_name":"","name":"","detail":""'
    assert reply.text == (
        f'{{"id":"{reply.json["id"]}","customer_id":"{CUSTOMER}","type":"sms",'
        f'"source":{{"type":"tel","target":"{OWN}",{empty}}},'
        f'"targets":[{{"destination":{{"type":"tel","target":"{ANN}",{empty}}},"status":"queued","parts":1,'
        f'"tm_update":"{stamp}"}}],"text":"hello","direction":"outbound",'
        f'"tm_create":"{stamp}","tm_update":"{stamp}","tm_delete":"9999-01-01 00:00:00.000000"}}'
    )


def test_a_new_message_by_the_server_to_the_letter(server: Mock) -> None:
    reply = post(server)
    assert reply.text == (
        f'{{"id":"{reply.json["id"]}","customer_id":"{CUSTOMER}","type":"sms",'
        f'"source":{{"type":"tel","target":"{OWN}"}},'
        f'"targets":[{{"destination":{{"type":"tel","target":"{ANN}"}},"status":"queued","parts":0,'
        f'"tm_update":null}}],"text":"hello","direction":"outbound",'
        f'"tm_create":"2026-03-01T09:00:00Z","tm_update":null,"tm_delete":null}}'
    )


def test_addresses_are_kept_as_the_service_has_them_and_need_no_type(either: Mock) -> None:
    body = {"source": {"target": OWN}, "destinations": [{"target": " (202) 555 "}, tel(BOB, target_name="Bob")]}
    message = either.client.post("/v1.0/messages", json={**body, "text": "hello"}).json
    first, second = (target["destination"] for target in message["targets"])
    assert (first["target"], second["target"], second["target_name"]) == (" (202) 555 ", BOB, "Bob")


def test_the_server_takes_the_digits_of_numbers_and_hosts_in_lower_case(server: Mock) -> None:
    to = [tel(" +1 (202) 555-0123"), tel("call me"), {"type": "sip", "target": " Ann@Example.ORG "},
          {"type": "whatsapp", "target": "12 34"}, {"type": "email", "target": " Ann@Example.ORG"}]  # fmt: skip
    message = post(server, destinations=to).json
    assert [target["destination"]["target"] for target in message["targets"]] == [
        ANN, "call me", "Ann@example.org", "1234", "ann@example.org",
    ]  # fmt: skip


TEXTS = {
    "emoji": ("code 😀 1234", 1),
    "right to left": ("שלום \u202e مرحبا", 1),
    "control characters": ("a\x01\x07\t\r\n\x1f\x7fb", 1),
    "160 characters": ("x" * 160, 1),
    "161 characters": ("x" * 161, 2),
    "those of two bytes": ("€" * 80, 1),
    "one more of them": ("€" * 81, 2),
    "70 of all others": ("я" * 70, 1),
    "71 of them": ("я" * 71, 2),
    "35 of the astral planes": ("😀" * 35, 1),
    "36 of them": ("😀" * 36, 2),
    "4,000 characters": ("x" * 4000, 27),
    "4,000 of others": ("漢" * 4000, 60),
    "none": ("", 1),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_kept_to_the_byte_and_counted_in_parts(either: Mock, name: str) -> None:
    text, parts = TEXTS[name]
    message = sent(either, text)
    either.advance(seconds=5)
    found = shown(either, message)
    assert found["text"].encode() == text.encode()
    assert found["targets"][0]["parts"] == parts
    assert either.phone(ANN).inbox.newest.text == text


# --- what is refused -------------------------------------------------------------------------------


def test_nobody_to_be_texted_is_refused_before_anything_else(either: Mock) -> None:
    agent = either.agents.create(username="a@localhost", password="p", permission=16)
    for destinations, expected in (([], (400, "INVALID_ARGUMENT")), ([tel(ANN)], (403, "PERMISSION_DENIED"))):
        body = {"source": tel(OWN), "destinations": destinations, "text": "x"}
        assert refusal(either.client_for(agent.id).post("/v1.0/messages", json=body)) == expected
    assert len(either.outbox) == 0


def test_what_the_documents_require_is_required_and_the_server_takes_zeros(documented: Mock, server: Mock) -> None:
    for body in ({"destinations": [tel(ANN)], "text": "x"}, {"source": tel(OWN), "destinations": [tel(ANN)]}):
        assert refusal(documented.client.post("/v1.0/messages", json=body)) == (400, "INVALID_ARGUMENT")
        assert server.client.post("/v1.0/messages", json=body).status_code == 200


@pytest.mark.differs("message-source")
def test_texts_come_from_the_customers_own_numbers(either: Mock) -> None:
    assert post(either, source=tel(either.customers.get(CUSTOMER).phone_number)).status_code == 200
    reply = post(either, source=tel("+15551234568"))
    assert reply.status_code == (400 if is_documented(either) else 200)
    if is_documented(either):
        (detail,) = reply.json["error"]["details"]
        assert detail["pointer"] == "/source"
        assert OWN in detail["message"]


@pytest.mark.differs("message-refusals")
def test_who_is_not_verified_or_cannot_pay_texts_nobody(either: Mock) -> None:
    unverified, poor = ((403, "IDENTITY_VERIFICATION_REQUIRED"), (402, "INSUFFICIENT_BALANCE"))
    if not is_documented(either):
        unverified = poor = (500, "INTERNAL")
    either.customers.update(CUSTOMER, identity_verification_status="none")
    assert refusal(post(either)) == unverified
    either.customers.update(CUSTOMER, identity_verification_status="verified", balance=0.02)
    assert refusal(post(either, "hello", ANN, BOB, "+12025550125")) == poor
    assert len(either.outbox) == 0
    assert either.client.get("/v1.0/messages").json["result"] == []
    sent(either, "hello", ANN, BOB)
    assert refusal(post(either)) == poor, "each of the two has cost a cent"
    either.customers.update(CUSTOMER, balance=0.07)
    sent(either, "hello", *(f"+1202555012{n}" for n in range(7)))


# --- how it comes along ------------------------------------------------------------------------------


@pytest.mark.differs("message-parts", "message-receipts")
def test_a_text_is_queued_sent_and_delivered_and_each_is_told(either: Mock) -> None:
    message = sent(either)
    seen = [(shown(either, message)["targets"][0]["status"])]
    for seconds in (0.5, 0.5, 2):
        either.advance(seconds=seconds)
        seen.append(shown(either, message)["targets"][0]["status"])
    told = [event for event in events(either) if event.startswith("message_")]
    if is_documented(either):
        assert seen == ["queued", "queued", "sent", "delivered"]
        assert told == ["message_created", "message_updated", "message_updated"]
        assert shown(either, message)["targets"][0]["tm_update"] == "2026-03-01 09:00:03.000000"
    else:
        assert seen == ["sent", "sent", "sent", "sent"], "whatever comes after the request finds it sent"
        assert told == ["message_created", "message_updated"]
        assert shown(either, message)["targets"][0] == {
            "destination": tel(ANN), "status": "sent", "parts": 1, "tm_update": None,
        }  # fmt: skip


def test_the_server_loses_the_names_of_those_who_were_texted(server: Mock) -> None:
    body = {"source": tel(OWN), "destinations": [tel("1 202 555 0123", target_name="Ann", name="a")], "text": "x"}
    message = server.client.post("/v1.0/messages", json=body).json
    assert message["targets"][0]["destination"] == tel("12025550123", target_name="Ann", name="a")
    assert shown(server, message)["targets"][0]["destination"] == tel(ANN)


OUTCOMES = [
    (Delivered("5s"), ["queued", "sent", "delivered"], 5.0),
    (Sent("2s"), ["queued", "sent"], 2.0),
    (Failed("4s"), ["queued", "sent", "failed"], None),
    (GatewayTimeout("20s"), ["queued", "gw_timeout"], None),
    (ReceiptTimeout("30s"), ["queued", "sent", "dlr_timeout"], 1.0),
    (Queued(), ["queued"], 1.0),
    (Stuck(), ["queued"], None),
]


@pytest.mark.parametrize(("outcome", "path_taken", "arrives"), OUTCOMES, ids=lambda value: str(value)[:20])
def test_a_script_says_what_becomes_of_a_text(
    documented: Mock, outcome: Any, path_taken: list[str], arrives: float | None
) -> None:
    documented.texts(ANN).script(outcome)
    message = sent(documented)
    seen = []
    for _ in range(130):
        status = statuses(documented, message)[0]
        seen += [] if status in seen else [status]
        documented.advance(seconds=0.5)
    assert seen == path_taken
    (line,) = documented.outbox
    assert (line.arrives and (line.arrives - line.at).total_seconds()) == arrives
    assert len(documented.phone(ANN).inbox) == (arrives is not None)


def test_scripts_on_the_server_end_with_what_the_provider_takes(server: Mock) -> None:
    server.texts(ANN).script(Failed(), Queued(), Stuck(), Delivered())
    messages = [sent(server) for _ in range(4)]
    server.advance(minutes=2)
    assert [statuses(server, message)[0] for message in messages] == ["sent", "queued", "queued", "sent"]
    updated = [one["tm_update"] is not None for one in (shown(server, message) for message in messages)]
    assert updated == [True, True, False, True]


def test_scripts_are_for_numbers_patterns_and_all_others_and_are_taken_back(documented: Mock) -> None:
    documented.texts("+1202*").script(Failed())
    documented.texts(BOB).script(Stuck(), Chance({Failed(): 1, Delivered(): 0}))
    documented.texts().script(Sent())
    messages = [sent(documented, "x", ANN, BOB, "+442079460123"), sent(documented, "y", BOB)]
    documented.advance(minutes=1)
    assert [statuses(documented, message) for message in messages] == [["failed", "queued", "sent"], ["failed"]]
    documented.texts("+1202*").forget()
    again = sent(documented, "z", ANN)
    documented.advance(minutes=1)
    assert statuses(documented, again) == ["sent"]
    with pytest.raises(ValueError, match="write Failed\\(\\), with parentheses"):
        documented.texts(ANN).script(Failed)  # type: ignore[arg-type]


def test_what_can_be_no_number_is_not_scripted(documented: Mock) -> None:
    for typo in ("typo", "defualt", "+", "+15550100o42", "15550+100042", "+1 555*", "*typo*", "ann@example.org", ""):
        with pytest.raises(ValueError, match="a number such as \\+15550100042, a pattern such as"):
            documented.texts(typo).script(Failed())
    with pytest.raises(ValueError, match="'typo' is no number: a number such as"):
        documented.phone("typo").inbox  # noqa: B018
    with pytest.raises(ValueError, match="5 is no number, pattern or default"):
        documented.texts(5).script(Failed())  # type: ignore[arg-type]
    for rule in ("+1 (555) 010-0042", "12345", "+1202*", "*", "+1555010004?", "default"):
        documented.texts(rule).script(Failed())
    with pytest.raises(ValueError, match="'' is no phone that can text"):
        documented.phone("").texts(OWN, "hello")


def test_numbers_reserved_for_fiction_behave_by_themselves(documented: Mock) -> None:
    ends = {"00": "delivered", "01": "failed", "02": "gw_timeout", "03": "dlr_timeout", "04": "queued", "05": "sent",
            "11": "failed", "42": "delivered"}  # fmt: skip
    message = sent(documented, "x", *(f"+155555501{digits}" for digits in ends))
    again = sent(documented, "x", "+15555550111")
    documented.advance(minutes=2)
    assert statuses(documented, message) == list(ends.values())
    assert statuses(documented, again) == ["delivered"]


def test_what_is_on_its_way_is_kept_in_states_and_moments(either: Mock) -> None:
    either.texts(ANN).script(Delivered("9s"))
    message, state, moment = sent(either), either.dump(), either.snapshot()
    for back in (lambda: either.load(state), lambda: either.restore(moment)):
        either.reset()
        assert len(either.outbox) == 0
        back()
        either.advance(seconds=10)
        assert statuses(either, message) == ["delivered" if is_documented(either) else "sent"]
        assert [line.text for line in either.phone(ANN).inbox] == ["hello"]
    assert either.client.put("/__mock__/state", json={**state, "outbox": [{"number": "x"}]}).status_code == 400


# --- coming in -------------------------------------------------------------------------------------


def test_a_text_comes_in_and_is_told(either: Mock) -> None:
    either.customers.update(CUSTOMER, balance=0.01)
    message = either.phone(ANN).texts(OWN, "hello", parts=3)
    assert (message.direction, message.source.target, message.text) == ("inbound", ANN, "hello")
    (target,) = message.targets
    assert (target["destination"]["target"], target["status"], target["parts"]) == (OWN, "received", 3)
    assert "message_created" in events(either)
    assert len(either.outbox) == 0, "nothing was sent"
    assert post(either).status_code in (402, 500), "what comes in costs as well"
    number = either.numbers.get(number=OWN)
    assert either.phone(ANN).texts(number, "again").targets[0]["parts"] == 1


def test_a_text_to_no_number_is_dropped_with_the_reason(either: Mock) -> None:
    with pytest.raises(TextDropped, match=r"'\+15550000000' is no number of this service"):
        either.phone(ANN).texts("+15550000000", "hello")
    either.client.delete(f"/v1.0/numbers/{either.numbers.get(number=OWN).id}")
    with pytest.raises(TextDropped):
        either.phone(ANN).texts(OWN, "hello")
    for wrong in ({"to": OWN, "text": 7}, {"to": 7, "text": "x"}, {"to": OWN, "text": "x", "parts": -1}):
        with pytest.raises(ValueError):
            either.phone(ANN).texts(wrong["to"], wrong["text"], parts=wrong.get("parts", 0))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is no phone that can text; name one"):
        either.phone("+1202*").texts(OWN, "hello")


def payload(text: str, *to: str, kind: str = "message.received") -> dict[str, Any]:
    inner = {"from": {"phone_number": ANN}, "to": [{"phone_number": one} for one in to], "text": text, "parts": 2}
    return {"data": {"event_type": kind, "payload": inner}}


def test_what_a_provider_posts_comes_in_and_is_always_answered_alike(either: Mock) -> None:
    import requests

    url = "https://hook.voipbin.net/v1.0/messages/"
    posted = [
        ("0-telnyx", payload("first", OWN, BOB)),
        ("telnyx", payload("other", OWN, kind="anything")),
        ("telnyx", payload("receipt", OWN, kind="message.finalized")),
        ("telnyx", payload("receipt", OWN, kind="message.sent")),
        ("telnyx", payload("to nobody")),
        ("telnyx", payload("to a stranger", "+15550000000")),
        ("messagebird", payload("of another", OWN)),
        ("telnyx", ["no object"]),
    ]
    for target, body in posted:
        reply = requests.post(url + target, json=body, timeout=5)
        assert (reply.status_code, reply.content) == (200, b"")
    assert requests.post(url + "telnyx", data=b"{", timeout=5).status_code == 200
    assert requests.get("http://hook.voipbin.net/ping", timeout=5).json() == {"message": "pong"}
    found = [(one.text, [target["parts"] for target in one.targets]) for one in either.messages.list()]
    assert found == [("other", [2]), ("first", [2, 2])]


# --- one record ------------------------------------------------------------------------------------


@pytest.mark.differs("message-delete", "D7")
def test_a_deleted_message_is_gone_but_for_the_servers_list(either: Mock) -> None:
    message = sent(either)
    path_of_it = f"/v1.0/messages/{message['id']}"
    assert either.client.delete(path_of_it).json["id"] == message["id"]
    assert refusal(either.client.get(path_of_it)) == (404, "RESOURCE_NOT_FOUND")
    again = either.client.delete(path_of_it)
    listed = either.client.get("/v1.0/messages").json["result"]
    if is_documented(either):
        assert (refusal(again), listed) == ((404, "RESOURCE_NOT_FOUND"), [])
    else:
        assert (again.status_code, [one["id"] for one in listed]) == (200, [message["id"]])
    assert refusal(either.client.get(f"/v1.0/messages/{UNKNOWN}")) == (404, "MESSAGE_NOT_FOUND")
    assert [event for event in events(either) if event == "message_deleted"]


# --- flows -----------------------------------------------------------------------------------------


def test_a_flow_texts_with_its_variables_and_goes_on(either: Mock) -> None:
    to = [tel("${voipbin.none}"), tel(ANN)]
    run = runs(either, a("variable_set", key="code", value="1234"),
               a("message_send", source=tel(OWN), destinations=[tel(ANN)], text="your code is ${code}"),
               a("variable_set", key="after", value="1"))  # fmt: skip
    assert path(run) == ["variable_set", "message_send", "variable_set"]
    either.outbox.assert_sent_once(to=ANN, text="your code is 1234")
    ended = runs(either, a("message_send", source=tel(OWN), destinations=[], text="x"), a("stop"))
    assert path(ended) == ["message_send"]
    assert "nobody to text" in ended["ended_by"]
    either.customers.update(CUSTOMER, balance=0)
    poor = runs(either, a("message_send", source=tel(OWN), destinations=to, text="x"), a("stop"))
    assert path(poor) == ["message_send"]
    assert "the message is refused" in poor["ended_by"]
    assert len(either.outbox) == 1
