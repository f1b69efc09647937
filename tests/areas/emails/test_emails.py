"""E-mails: sent, come along on the virtual clock, and what providers tell of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.calling import a, path, runs
from tests.support.campaigning import events, refusal
from tests.support.queueing import is_documented
from voipbin_mock import Bounce, Deferred, Dropped, Mail, Mock, Spam, Stuck, Unsubscribed

CUSTOMER = "7a1b2c3d-4e5f-6789-abcd-ef0123456789"
ANN, BOB = "ann@shop.example", "bob@shop.example"
RECORDING = "348d988b-2ac9-4702-84f0-ae81301ad349"
UNKNOWN = "7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f78"


def to(*addresses: str) -> list[dict[str, str]]:
    return [{"type": "email", "target": address} for address in addresses]


def post(mock: Mock, *addresses: str, **members: Any) -> Any:
    body = {"destinations": to(*addresses or (ANN,)), "subject": "Your order", "content": "Thank you.", **members}
    return mock.client.post("/v1.0/emails", json=body)


def sent(mock: Mock, *addresses: str, **members: Any) -> Any:
    reply = post(mock, *addresses, **members)
    assert reply.status_code == 200, reply.text
    return reply.json


def status(mock: Mock, mail: Any) -> str:
    return str(mock.client.get(f"/v1.0/emails/{mail['id']}").json["status"])


# --- on the wire -----------------------------------------------------------------------------------


def test_a_new_mail_to_the_letter(documented: Mock, server: Mock) -> None:
    reply = post(documented)
    empty, stamp = '"target_name":"","name":"","detail":""', "2026-03-01 09:00:00.000000"
    assert reply.text == (
        f'{{"id":"{reply.json["id"]}","customer_id":"{CUSTOMER}",'
        '"source":{"type":"email","target":"service@voipbin.net","target_name":"voipbin service","name":"",'
        f'"detail":""}},"destinations":[{{"type":"email","target":"{ANN}",{empty}}}],"status":"initiated",'
        '"subject":"Your order","content":"Thank you.","attachments":[],'
        f'"tm_create":"{stamp}","tm_update":"{stamp}","tm_delete":"9999-01-01 00:00:00.000000"}}'
    )
    reply = post(server)
    assert reply.text == (
        f'{{"id":"{reply.json["id"]}","customer_id":"{CUSTOMER}",'
        '"source":{"type":"email","target":"service@voipbin.net","target_name":"voipbin service"},'
        f'"destinations":[{{"type":"email","target":"{ANN}"}}],"status":"initiated",'
        '"subject":"Your order","content":"Thank you.","attachments":[],'
        '"tm_create":"2026-03-01T09:00:00Z","tm_update":null,"tm_delete":null}'
    )


def test_attachments_go_with_it_and_their_ids_are_ids(server: Mock, documented: Mock) -> None:
    given = [{"reference_type": "recording", "reference_id": RECORDING}]
    assert sent(documented, attachments=given)["attachments"] == given
    odd = [{"reference_type": "photo", "reference_id": "none"}, {}, {"reference_id": RECORDING.upper()}]
    nil = "00000000-0000-0000-0000-000000000000"
    assert sent(server, attachments=odd)["attachments"] == [
        {"reference_type": "photo", "reference_id": nil},
        {"reference_type": "", "reference_id": nil},
        {"reference_type": "", "reference_id": RECORDING},
    ]
    assert refusal(post(server, attachments=7)) == (400, "INVALID_JSON_BODY")


def test_html_is_stored_as_it_came_and_nothing_more(either: Mock) -> None:
    html = '<script src="https://evil.example/x.js"></script><b>שלום 😀</b>\x0b\r\n'
    mail = sent(either, content=html)
    assert either.client.get(f"/v1.0/emails/{mail['id']}").json["content"].encode() == html.encode()
    either.advance(seconds=10)
    assert either.mailbox(ANN).inbox.newest.text == html


MAILBOXES = {
    "ann@example.com": "ann@example.com",
    " Ann <Ann@Example.COM> ": "ann@example.com",
    '"Ann, of sales" <ann@example.com>': "ann@example.com",
    "ünï@example.com": "ünï@example.com",
    "ann+code@sub.example.co.uk": "ann+code@sub.example.co.uk",
    "ann": "", "ann@": "", "@example.com": "", "ann smith@example.com": "", "ann@example.com, bob@example.com": "",
    "": "", "<ann@example.com": "", "ann@exa mple.com": "", "Ann <>": "",
}  # fmt: skip


@pytest.mark.parametrize("given", MAILBOXES)
def test_a_destination_is_one_mailbox(either: Mock, given: str) -> None:
    reply, box = post(either, given), MAILBOXES[given]
    if not box:
        assert refusal(reply) == (400, "INVALID_ARGUMENT")
        assert reply.json["error"]["details"][0]["pointer"] == "/destinations/0/target"
        return
    assert reply.json["destinations"][0]["target"] == given.strip().lower()
    either.outbox.assert_sent_once(to=box, kind="mail", subject="Your order", text="Thank you.")


def test_a_destination_of_another_type_is_refused_and_no_destination_is_nobody(either: Mock) -> None:
    for address in ({"type": "tel", "target": "+15550100001"}, {"target": ANN}):
        assert refusal(post(either, destinations=[*to(BOB), address])) == (400, "INVALID_ARGUMENT")
    assert sent(either, destinations=[])["destinations"] == []
    assert len(either.outbox) == 0


def test_a_subject_has_255_characters_at_most(either: Mock) -> None:
    assert sent(either, subject="ß" * 255)["subject"] == "ß" * 255
    assert refusal(post(either, subject="ß" * 256)) == (400, "INVALID_ARGUMENT")


@pytest.mark.differs("email-refusals")
def test_who_is_not_verified_or_cannot_pay_mails_nobody(either: Mock) -> None:
    unverified, poor = (403, "IDENTITY_VERIFICATION_REQUIRED"), (402, "INSUFFICIENT_BALANCE")
    if not is_documented(either):
        unverified = poor = (400, "INVALID_ARGUMENT")
    either.customers.update(CUSTOMER, identity_verification_status="none")
    assert refusal(post(either)) == unverified
    either.customers.update(CUSTOMER, identity_verification_status="verified", balance=0.005)
    assert refusal(post(either, destinations=[])) == poor, "one is counted at least"
    either.customers.update(CUSTOMER, balance=0.02)
    sent(either, ANN, BOB)
    assert refusal(post(either)) == poor, "each of the two has cost a cent"
    assert len(either.outbox) == 2


# --- what becomes of it ------------------------------------------------------------------------------


def walk(mock: Mock, mail: Any) -> dict[float, str]:
    """Seconds since it was sent -> the status from then on."""
    seen: dict[float, str] = {}
    began = mock.now
    while mock.world.timers.count:
        found = status(mock, mail)
        if found not in seen.values():
            seen[(mock.now - began).total_seconds()] = found
        mock.advance(seconds=1)
    found = status(mock, mail)
    return seen if found in seen.values() else {**seen, (mock.now - began).total_seconds(): found}


WALKS: list[tuple[str, Any, dict[float, str]]] = [
    (ANN, None, {1: "processed", 10: "delivered"}),
    (ANN, Mail("processed", "delivered", "open", "click"),
     {1: "processed", 10: "delivered", 70: "open", 80: "click"}),
    (ANN, Mail("delivered", "open", gaps=("3s", "5s")), {3: "delivered", 8: "open"}),
    (ANN, Bounce("20s"), {1: "processed", 21: "bounce"}),
    (ANN, Dropped(), {1: "dropped"}),
    (ANN, Deferred(), {1: "processed", 10: "deferred", 70: "delivered"}),
    (ANN, Spam(), {1: "processed", 10: "delivered", 70: "spamreport"}),
    (ANN, Unsubscribed("5s"), {1: "processed", 10: "delivered", 15: "unsubscribe"}),
    (ANN, Stuck(), {}),
    ("bounce@example.com", None, {1: "processed", 10: "bounce"}),
    ("dropped@example.org", None, {1: "dropped"}),
    ("stuck@example.net", None, {}),
    ("open@example.com", None, {1: "processed", 10: "delivered", 70: "open"}),
    ("bounce@example.de", None, {1: "processed", 10: "delivered"}),
]  # fmt: skip


@pytest.mark.parametrize(("address", "outcome", "expected"), WALKS, ids=lambda value: str(value)[:30])
def test_a_mail_comes_along_as_its_mailbox_has_it(
    either: Mock, address: str, outcome: Any, expected: dict[float, str]
) -> None:
    if outcome is not None:
        either.mailbox(address).script(outcome)
    mail = sent(either, address)
    found = walk(either, mail)
    assert found == {0: "initiated", **expected}
    assert events(either).count("email_updated") == len(expected)
    arrived = "delivered" in expected.values()
    assert [line.subject for line in either.mailbox(address).inbox] == ["Your order"] * arrived


@pytest.mark.differs("email-accepted")
def test_the_server_touches_a_mail_that_a_provider_took_and_tells_nobody(either: Mock) -> None:
    mail = sent(either)
    found = either.client.get(f"/v1.0/emails/{mail['id']}").json
    assert (found["tm_update"] == mail["tm_update"]) == is_documented(either)
    assert [event for event in events(either) if event == "email_updated"] == []


@pytest.mark.differs("email-batches")
def test_what_a_provider_posts_sets_the_status_whatever_it_is(either: Mock) -> None:
    mail, other = sent(either), sent(either, BOB)
    either.client.delete(f"/v1.0/emails/{other['id']}")
    batch = [
        {"event": "delivered", "voipbin_message_id": mail["id"]},
        {"event": "open", "voipbin_message_id": mail["id"]},
        {"event": "a word of the provider's", "voipbin_message_id": other["id"]},
        {"event": "open", "voipbin_message_id": UNKNOWN},
        "no object",
    ]
    for target, body in (("sendgrid", batch), ("mailgun", [{"event": "bounce", "voipbin_message_id": mail["id"]}])):
        reply = either.anonymous.post(f"/v1.0/emails/{target}", json=body)
        assert (reply.status_code, reply.data) == (200, b"")
    assert status(either, mail) == ("open" if is_documented(either) else "delivered")
    assert either.emails.list(deleted=True, id=other["id"])[0].status == "a word of the provider's"
    for odd, why in ((b"{", "not JSON"), (b"[7]", "there are no events in it")):
        assert either.anonymous.post("/v1.0/emails/sendgrid", data=odd).status_code == 200
        assert why in either.journal[-1].hint


def test_a_test_tells_of_a_mail_what_a_provider_would(either: Mock) -> None:
    mail = sent(either)
    assert either.mail_event(mail["id"], "bounce").status == "bounce"
    assert either.mail_event(either.emails.get(mail["id"]), "open").status == "open"
    with pytest.raises(LookupError, match="no e-mail"):
        either.mail_event(UNKNOWN, "open")
    with pytest.raises(ValueError, match="nothing that becomes of a mail"):
        either.mail_event(mail["id"], "")


def test_what_is_no_outcome_of_a_mail_is_refused_in_words(documented: Mock) -> None:
    for wrong, said in (
        (lambda: Mail("read"), "'read' is nothing that becomes of a mail"),
        (lambda: Mail("delivered", gaps=("1s", "2s")), "2 of them, for 1 statuses"),
        (lambda: documented.mailbox(ANN).script(7), "7 is no outcome; give Mail"),  # type: ignore[arg-type]
        (lambda: documented.mailbox("*@example.org").inbox, "is no mailbox that has an inbox; name one"),
        (lambda: documented.mailbox(" ").script(Bounce()), "say which mailbox"),
        (
            lambda: documented.mailbox("Ann <ann@example.org>").inbox,
            "is no mailbox: an address such as ann@example.org",
        ),
    ):
        with pytest.raises(ValueError, match=said):
            wrong()


def test_what_can_be_no_mailbox_is_not_scripted(documented: Mock) -> None:
    for typo in (
        "typo",
        "defualt",
        "example.org",
        "@",
        "ann@",
        "@example.org",
        "a b@example.org",
        "ann@a.org,bob@a.org",
    ):
        with pytest.raises(ValueError, match=f"'{typo}' is no mailbox: an address such as"):
            documented.mailbox(typo).script(Bounce())
    for rule in ("ann@localhost", "Ann+shop@Example.org", "ann*", "*@example.org", "default"):
        documented.mailbox(rule).script(Bounce())


# --- one record ------------------------------------------------------------------------------------


def test_a_deleted_mail_is_gone_and_in_no_list(either: Mock) -> None:
    mail = sent(either)
    path_of_it = f"/v1.0/emails/{mail['id']}"
    assert either.client.delete(path_of_it).status_code == 200
    assert refusal(either.client.get(path_of_it)) == (404, "RESOURCE_NOT_FOUND")
    assert refusal(either.client.delete(path_of_it)) == (404, "RESOURCE_NOT_FOUND")
    assert either.client.get("/v1.0/emails").json["result"] == []
    assert refusal(either.client.get(f"/v1.0/emails/{UNKNOWN}")) == (404, "EMAIL_NOT_FOUND")


# --- flows -----------------------------------------------------------------------------------------


def test_a_flow_mails_with_its_variables_and_goes_on_even_if_it_cannot(either: Mock) -> None:
    run = runs(either, a("variable_set", key="name", value="Ann"),
               a("email_send", destinations=to(ANN), subject="For ${name}", content="Hi ${name}",
                 attachments=[{"reference_type": "recording", "reference_id": RECORDING}, 7]),
               a("email_send", destinations=[7], subject="x", content="x"),
               a("variable_set", key="after", value="1"))  # fmt: skip
    assert path(run) == ["variable_set", "email_send", "email_send", "variable_set"]
    either.outbox.assert_sent_once(to=ANN, subject="For Ann", text="Hi Ann")
    assert "the mail is refused: INVALID_ARGUMENT: /destinations/0/type has no type" in run["trace"][2][7]
    (mail,) = either.emails.list()
    assert mail.attachments[0]["reference_id"] == RECORDING
