"""Becoming a customer: signing up, the mails with their tokens, and passwords that are set with them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.areas.customers.test_customers import CUSTOMERS, boss, is_documented
from tests.support.campaigning import events
from voipbin_mock import Mock

ANN = "ann@example.com"


def signup(mock: Mock, **members: Any) -> Any:
    return mock.anonymous.post("/auth/signup", json={"email": ANN, "accepted_tos": True, **members})


def post(mock: Mock, path: str, **body: Any) -> tuple[int, str]:
    """Status and body; none of it stays logged in."""
    reply = mock.anonymous.post(path, json=body)
    return reply.status_code, reply.text


def token(mock: Mock, kind: str) -> str:
    return mock.account_mails.list(kind=kind)[0].token


def test_from_signing_up_to_logging_in(either: Mock) -> None:
    answer = signup(either, name="Ann's", webhook_uri="https://hooks.example.com/").json
    one, key = answer["customer"], answer["accesskey"]
    assert (one["status"], one["email_verified"], one["name"]) == ("initial", False, "Ann's")
    assert (key["name"], key["token"][:11], key["customer_id"]) == ("default", key["token_prefix"], one["id"])
    assert key["tm_expire"] == key["tm_create"].replace("2026", "2027"), "a year"
    assert either.anonymous.get("/v1.0/tags", query_string={"accesskey": key["token"]}).status_code == 200, "at once"
    mail = either.mailbox(ANN).inbox.newest
    assert (mail.kind, mail.to, mail.subject) == ("account", ANN, "Verify your e-mail address")
    link = mail.text.splitlines()[-1]
    page = either.anonymous.get(link.partition("localhost")[2])
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert link.endswith(token(either, "verify"))
    verified = either.anonymous.post("/auth/email-verify", json={"token": token(either, "verify")}).json["customer"]
    assert (verified["status"], verified["email_verified"]) == ("active", True)
    assert post(either, "/auth/email-verify", token=token(either, "verify")) == (400, ""), "it is good once"
    assert either.outbox.newest.subject == "Welcome: set your password"
    welcome = token(either, "welcome")
    assert post(either, "/auth/password-reset", token=welcome, password="short") == (400, "")
    assert post(either, "/auth/password-reset", token=welcome, password="long enough") == (200, "{}")
    assert post(either, "/auth/password-reset", token=welcome, password="another one") == (400, "")
    assert either.anonymous.post("/auth/login", json={"username": ANN, "password": "long enough"}).status_code == 200


def test_whether_an_address_is_known_is_told_nobody(either: Mock) -> None:
    signup(either)
    before = len(either.customers)
    for email in (ANN, either.username, "nobody", "a..b@example.com"):
        reply = signup(either, email=email)
        assert (reply.status_code, reply.text) == (200, "{}")
    assert len(either.customers) == before
    assert "no e-mail address" in either.requests[-1].hint
    assert post(either, "/auth/password-forgot", username="nobody@example.com") == (200, "{}")
    assert len(either.outbox) == 1


@pytest.mark.parametrize("sent", [{"accepted_tos": False}, {"accepted_tos": None}, {"accepted_tos": "yes"},
                                  {"email": ""}, {"email": None}, {"email": 5}])  # fmt: skip
def test_a_signup_that_is_refused_is_answered_with_nothing(either: Mock, sent: dict[str, Any]) -> None:
    reply = signup(either, **sent)
    assert (reply.status_code, reply.data) == (400, b"")
    assert not either.account_mails.list()


@pytest.mark.differs("ACC3")
def test_super_admins_are_told_of_the_terms_by_the_documents(either: Mock) -> None:
    answer = signup(either).json
    path = f"{CUSTOMERS}/{answer['customer']['id']}"
    assert ("terms_agreed_version" in boss(either).get(path).json) is is_documented(either)
    own = either.anonymous.get("/v1.0/customer", query_string={"accesskey": answer["accesskey"]["token"]}).json
    assert "terms_agreed_version" not in {**own, **answer["customer"]}


def test_a_token_is_good_for_an_hour(either: Mock) -> None:
    signup(either)
    for _ in range(2):
        assert post(either, "/auth/password-forgot", username=either.username) == (200, "{}")
    first, second = (mail.token for mail in either.account_mails.list(kind="reset"))
    assert post(either, "/auth/password-reset", token=first, password="the first") == (200, "{}"), (
        "all of them are good"
    )
    assert post(either, "/auth/email-verify", token=second) == (400, ""), "it is for something else"
    either.advance(hours=1)
    assert post(either, "/auth/password-reset", token=second, password="the second") == (400, "")
    assert post(either, "/auth/email-verify", token=token(either, "verify")) == (400, "")
    assert "expired" in either.requests[-1].hint


@pytest.mark.parametrize("path", ["/auth/email-verify", "/auth/password-reset"])
@pytest.mark.parametrize("wrong", ["", "seven", "AB" * 32, "ab" * 31, "ab" * 33])
def test_a_page_is_there_for_what_looks_like_a_token(documented: Mock, path: str, wrong: str) -> None:
    assert documented.anonymous.get(path, query_string={"token": "ab" * 32}).status_code == 200
    reply = documented.anonymous.get(path, query_string={"token": wrong})
    assert (reply.status_code, reply.data) == (400, b"")


@pytest.mark.parametrize("password", ["x" * 7, "x" * 73, "ä" * 37])
def test_a_password_has_eight_to_seventy_two_bytes(either: Mock, password: str) -> None:
    post(either, "/auth/password-forgot", username=either.username)
    reset = token(either, "reset")
    assert post(either, "/auth/password-reset", token=reset, password=password) == (400, "")
    assert post(either, "/auth/password-reset", token=reset, password="x" * 72) == (200, "{}"), "the token was not used"


def test_who_never_verifies_expires_at_the_first_quarter_after_an_hour(either: Mock) -> None:
    either.advance(minutes=7)
    one = signup(either).json["customer"]["id"]
    either.advance(minutes=67)  # to 10:14
    assert either.customers.get(one).status == "initial"
    either.advance(minutes=1)
    expired = either.customers.get(one)
    assert (expired.status, expired.tm_delete is not None) == ("expired", True)
    assert not [event for event in events(either) if event.startswith("customer")]


def test_who_has_verified_does_not(either: Mock) -> None:
    one = signup(either).json["customer"]["id"]
    post(either, "/auth/email-verify", token=token(either, "verify"))
    either.advance(days=1)
    assert either.customers.get(one).status == "active"


@pytest.mark.differs("expired-signup")
def test_an_address_is_free_again_once_its_signup_has_expired_but_on_the_server(either: Mock) -> None:
    signup(either)
    either.advance(hours=2)
    again = signup(either).json
    assert bool(again) is is_documented(either)
    assert len(either.agents.list(username=ANN)) == 1


@pytest.mark.differs("first-agent")
def test_the_first_agent_stays_by_the_documents(either: Mock) -> None:
    answer = signup(either).json
    key = {"accesskey": answer["accesskey"]["token"]}
    (first,) = either.agents.list(username=ANN)
    either.agents.create(customer_id=first.customer_id, username="second@example.com", permission=0x20)
    reply = either.anonymous.delete(f"/v1.0/agents/{first.id}", query_string=key)
    assert reply.status_code == (500 if is_documented(either) else 200)


def test_no_password_and_no_token_reaches_the_journal(documented: Mock) -> None:
    signup(documented)
    post(documented, "/auth/email-verify", token=token(documented, "verify"))
    post(documented, "/auth/password-reset", token=token(documented, "welcome"), password="very secret")
    seen = documented.anonymous.get("/__mock__/requests").text
    assert "very secret" not in seen
    assert not [mail.token for mail in documented.account_mails.list() if mail.token in seen]
