"""Billing accounts and the rows of their ledgers: the customer's own, and everybody's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import boss, refusal
from tests.support.queueing import is_documented
from voipbin_mock import Mock

OWN = "a1b2c3d4-5678-90ab-cdef-1234567890ab"  # pays for the customer of the seeds
UNKNOWN = "7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f79"
NIL = "00000000-0000-0000-0000-000000000000"
PADDLE = "ctm_01h8bxq9f3e4t5a6g7h8j9k0"


def test_the_form_for_its_customer_and_the_form_for_super_admins_to_the_letter(either: Mock) -> None:
    rest = (
        '"name":"Primary Account","detail":"Main billing account","plan_type":"unlimited","plan_status":"active",'
        '"balance_credit":0,"balance_token":0,"payment_type":"","payment_method":"",'
    )
    stamps = (
        f'"paddle_customer_id":"{PADDLE}","tm_last_topup":null,"tm_next_topup":null,'
        '"tm_create":"2024-01-01T00:00:00Z","tm_update":null,"tm_delete":null}'
    )
    head = f'{{"id":"{OWN}","customer_id":"{either.world.owner}",'
    assert either.client.get("/v1.0/billing_account").text == head + rest + stamps
    shown = boss(either).get(f"/v1.0/billing_accounts/{OWN}").text
    assert shown == head + '"status":"active",' + rest + '"paddle_subscription_id":"",' + stamps


def test_its_customer_says_what_it_is_called_and_how_it_is_paid(either: Mock) -> None:
    put = either.client.put
    assert put("/v1.0/billing_account", json={"name": "main", "detail": "ours"}).json["name"] == "main"
    paid = put("/v1.0/billing_account/payment_info", json={"payment_type": "prepaid", "payment_method": "credit card"})
    assert (paid.json["payment_type"], paid.json["payment_method"]) == ("prepaid", "credit card")
    assert put("/v1.0/billing_account", json={"name": "main"}).json["detail"] == "", "what is left out is cleared"
    account = either.billing_accounts.get(OWN)
    assert (account.name, account.payment_type, account.payment_method) == ("main", "prepaid", "credit card")


@pytest.mark.parametrize(
    ("arranged", "wanted"),
    [
        ("none", (409, "STATE_INVALID")),
        ("deleted", (404, "RESOURCE_NOT_FOUND")),
        ("unknown", (404, "BILLING_ACCOUNT_NOT_FOUND")),
        ("foreign", (403, "PERMISSION_DENIED")),
    ],
)
def test_a_customer_without_an_account_of_its_own_is_told_so(either: Mock, arranged: str, wanted: Any) -> None:
    payer = {"none": NIL, "deleted": OWN, "unknown": UNKNOWN, "foreign": ""}[arranged]
    payer = payer or either.billing_accounts.create(customer_id=either.customers.create(name="other").id).id
    if arranged == "foreign" and is_documented(either):
        wanted = (404, "BILLING_ACCOUNT_NOT_FOUND")  # as if it were not there
    if arranged == "deleted":
        either.billing_accounts.delete(OWN)
    either.customers.update(either.world.owner, billing_account_id=payer)
    for method, path in (("GET", ""), ("PUT", ""), ("PUT", "/payment_info"), ("POST", "/paddle_portal_session")):
        body = {"name": "x", "detail": ""} if method == "PUT" and not path else {"payment_type": "prepaid"}
        reply = either.client.open(f"/v1.0/billing_account{path}", method=method, json=body)
        assert refusal(reply) == wanted, (method, path)


@pytest.mark.differs("billing-portal")
def test_the_portal_is_a_canned_url_for_whom_paddle_knows(either: Mock) -> None:
    ask = "/v1.0/billing_account/paddle_portal_session"
    urls = [either.client.post(ask).json["url"] for _ in range(2)]
    assert len({*urls}) == 2
    assert all(url.startswith("https://customer-portal.paddle.com/") for url in urls)
    either.billing_accounts.update(OWN, paddle_customer_id="")
    wanted = (400, "INVALID_ARGUMENT") if is_documented(either) else (500, "INTERNAL")
    assert refusal(either.client.post(ask)) == wanted


def test_super_admins_see_the_accounts_of_all_and_page_through_them(either: Mock) -> None:
    other = either.customers.create(name="other").id
    made = [either.billing_accounts.create(name=f"{n}", customer_id=other).id for n in range(3)]
    either.billing_accounts.delete(made[0])
    client, seen, token = boss(either), [], ""
    while True:
        page = client.get("/v1.0/billing_accounts", query_string={"page_size": 2, "page_token": token}).json
        seen += [row["id"] for row in page["result"]]
        token = page["next_page_token"]
        if not page["result"]:
            break
    assert seen == [made[2], made[1], OWN]


def test_a_deleted_account_is_not_read_and_may_still_be_changed(either: Mock) -> None:
    either.billing_accounts.delete(OWN)
    client = boss(either)
    assert refusal(client.get(f"/v1.0/billing_accounts/{OWN}")) == (404, "RESOURCE_NOT_FOUND")
    assert client.put(f"/v1.0/billing_accounts/{OWN}", json={"name": "late", "detail": ""}).json["name"] == "late"


def test_whether_there_is_such_an_account_is_told_to_super_admins_alone(either: Mock) -> None:
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "", {"name": "x", "detail": ""}),
        ("PUT", "/payment_info", {"payment_type": "prepaid", "payment_method": ""}),
        ("POST", "/balance_add_force", {"balance": 1}),
        ("POST", "/balance_subtract_force", {"balance": 1}),
    ):
        ask = {"path": f"/v1.0/billing_accounts/{UNKNOWN}{path}", "method": method, "json": body}
        assert refusal(either.client.open(**ask)) == (403, "PERMISSION_DENIED"), path
    client = boss(either)
    assert refusal(client.get(f"/v1.0/billing_accounts/{UNKNOWN}")) == (404, "BILLING_ACCOUNT_NOT_FOUND")
    force = client.post(f"/v1.0/billing_accounts/{UNKNOWN}/balance_add_force", json={"balance": 1})
    assert refusal(force) == (404, "RESOURCE_NOT_FOUND")


def test_own_money_is_for_admins(either: Mock) -> None:
    manager = either.client_for("manager@localhost")
    for path in ("billing_account", "billings"):
        assert refusal(manager.get(f"/v1.0/{path}")) == (403, "PERMISSION_DENIED"), path


# --- by force --------------------------------------------------------------------------------------


@pytest.mark.differs("billing-forced")
def test_credit_is_given_and_taken_by_force_and_each_is_a_row(either: Mock) -> None:
    client, path = boss(either), f"/v1.0/billing_accounts/{OWN}"
    added = client.post(f"{path}/balance_add_force", json={"balance": 0.1}).json
    assert added["balance_credit"] == 100_000, "of a float of 32 bits, the nearest millionth"
    assert ("status" in added) is not is_documented(either)
    taken = client.post(f"{path}/balance_subtract_force", json={"balance": 25.5}).json
    assert taken["balance_credit"] == -25_400_000, "also more than there is"
    assert client.post(f"{path}/balance_add_force", json={"balance": 0}).json["balance_credit"] == -25_400_000
    rows = either.client.get("/v1.0/billings").json["result"]
    assert [(row["amount_credit"], row["balance_credit_snapshot"]) for row in rows] == [
        (0, -25_400_000), (-25_500_000, -25_400_000), (100_000, 100_000),
    ]  # fmt: skip
    assert all(
        (row["transaction_type"], row["reference_type"], row["status"]) == ("adjustment", "credit_adjustment", "end")
        and row["reference_id"] == row["id"]
        and row["idempotency_key"] == NIL
        and row["tm_billing_start"] == row["tm_billing_end"]
        for row in rows
    )
    assert either.client.get(f"/v1.0/billings/{rows[0]['id']}").json == rows[0]


@pytest.mark.parametrize("sent", [-1, -1e-9, "1", True, 1e39, [], 10**400], ids=lambda sent: f"{sent!r:.6}")
def test_an_amount_is_a_number_that_is_not_negative(either: Mock, sent: Any) -> None:
    reason = "INVALID_ARGUMENT" if type(sent) in (int, float) and sent < 0 else "INVALID_JSON_BODY"
    for way in ("balance_add_force", "balance_subtract_force"):
        reply = either.client.post(f"/v1.0/billing_accounts/{OWN}/{way}", json={"balance": sent})
        assert refusal(reply) == (400, reason), "told before who may"
    assert either.billings.list() == []


def test_an_amount_that_is_left_out_is_nothing_and_booked_nevertheless(server: Mock) -> None:
    reply = boss(server).post(f"/v1.0/billing_accounts/{OWN}/balance_add_force", json={})
    assert (reply.status_code, reply.json["balance_credit"]) == (200, 0)
    assert len(server.billings.list()) == 1


# --- rows ------------------------------------------------------------------------------------------


def test_rows_are_each_customers_own(either: Mock) -> None:
    other = either.customers.create(name="other").id
    theirs, mine = either.billings.create(customer_id=other).id, either.billings.create().id
    assert [row["id"] for row in either.client.get("/v1.0/billings").json["result"]] == [mine]
    foreign = (404, "BILLING_NOT_FOUND") if is_documented(either) else (403, "PERMISSION_DENIED")
    assert refusal(either.client.get(f"/v1.0/billings/{theirs}")) == foreign
    assert refusal(either.client.get(f"/v1.0/billings/{UNKNOWN}")) == (404, "BILLING_NOT_FOUND")
    assert refusal(either.client.get("/v1.0/billings/seven")) == (400, "INVALID_REQUEST_PARAMETER")
