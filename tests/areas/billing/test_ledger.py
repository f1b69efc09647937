"""Billing turned on: what is used costs, by the service's rates or a test's, and who has nothing left is refused."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from tests.support.campaigning import refusal
from tests.support.queueing import is_documented
from voipbin_mock import Answer, Busy, Mock, MockUsageError

OWN = "a1b2c3d4-5678-90ab-cdef-1234567890ab"  # pays for the customer of the seeds
OURS = "+15559876543"
VIRTUAL = "+899100000100"
TOM = "+12025550123"


@pytest.fixture
def paying(either: Mock) -> Mock:
    """A mock whose customer has the free plan, 1 US dollar and no tokens."""
    either.phone(TOM).script(Answer(talk=None))
    either.billing.on()
    either.billing.set(plan="free", credit=1_000_000, tokens=0)
    return either


def tel(number: str) -> dict[str, str]:
    return {"type": "tel", "target": number}


def call(mock: Mock, destination: Any, *, seconds: int = 0) -> Any:
    actions = [{"type": "sleep", "option": {"duration": 1000 * seconds}}, {"type": "hangup"}]
    body = {"source": tel(OURS), "destinations": [destination], "actions": actions}
    return mock.client.post("/v1.0/calls", json=body)


def text(mock: Mock, *numbers: str) -> Any:
    body = {"source": tel(OURS), "destinations": [tel(number) for number in numbers or (TOM,)], "text": "x"}
    return mock.client.post("/v1.0/messages", json=body)


def mail(mock: Mock, many: int = 1) -> Any:
    boxes = [{"type": "email", "target": f"ann{n}@example.com"} for n in range(many)]
    body = {"destinations": boxes, "subject": "s", "content": "c", "attachments": []}
    return mock.client.post("/v1.0/emails", json=body)


def number(mock: Mock, **members: Any) -> Any:
    body = {"number": "+16062067563", "call_flow_id": "", "message_flow_id": "", "name": "", "detail": "", **members}
    body |= dict.fromkeys(("call_flow_id", "message_flow_id"), "00000000-0000-0000-0000-000000000000")
    return mock.client.post("/v1.0/numbers", json=body)


def test_nothing_costs_anything_unless_billing_is_turned_on(either: Mock) -> None:
    either.billing.set(plan="free", credit=0, tokens=0)
    assert [text(either).status_code, mail(either).status_code, number(either).status_code] == [200, 200, 200]
    assert call(either, tel(TOM)).status_code == 200
    either.advance(minutes=1)
    assert list(either.billing) == []
    with pytest.raises(AssertionError, match="nothing was charged: billing is off"):
        either.billing.assert_charged()


# --- what costs what -------------------------------------------------------------------------------


def test_a_call_costs_each_started_minute_and_its_row_says_so(paying: Mock) -> None:
    made = call(paying, tel(TOM), seconds=135).json["calls"][0]["id"]
    paying.clock.run_until(lambda: paying.calls.get(made).status == "progressing")
    row = paying.client.get("/v1.0/billings").json["result"][0]
    assert (row["status"], row["tm_billing_end"], row["amount_credit"]) == ("progressing", None, 0)
    paying.clock.run_until()
    after = paying.client.get(f"/v1.0/billings/{row['id']}").json
    same = ("id", "account_id", "reference_id", "tm_create", "tm_billing_start", "idempotency_key")
    assert {name: after[name] for name in same} == {name: row[name] for name in same}
    wanted = {
        "transaction_type": "usage", "status": "end", "reference_type": "call", "reference_id": made,
        "cost_type": "call_pstn_outgoing", "usage_duration": 135, "billable_units": 3, "rate_token_per_unit": 0,
        "rate_credit_per_unit": 10_000, "amount_token": 0, "amount_credit": -30_000, "balance_token_snapshot": 0,
        "balance_credit_snapshot": 970_000,
    }  # fmt: skip
    assert {name: after[name] for name in wanted} == wanted
    assert after["idempotency_key"] == after["id"]
    assert paying.billing.credit == 970_000
    assert paying.client.get("/v1.0/billing_account").json["balance_credit"] == 970_000


def test_who_does_not_answer_costs_nothing(paying: Mock) -> None:
    paying.phone(TOM).script(Busy())
    call(paying, tel(TOM))
    paying.clock.run_until()
    paying.billing.assert_not_charged()


CALLS = {
    "sip": ({"type": "sip", "target": "ann@example.com"}, "call_extension", "call_extension"),
    "tel": (tel(TOM), "call", "call_pstn_outgoing"),
}


@pytest.mark.parametrize("kind", CALLS)
def test_a_call_out_is_paid_for_by_whom_it_reaches(paying: Mock, kind: str) -> None:
    destination, reference, cost = CALLS[kind]
    assert call(paying, destination, seconds=61).json["calls"]
    paying.clock.run_until()
    row = paying.billings.list()[0]
    assert (row.reference_type, row.cost_type) == (reference, cost)
    assert row.amount_credit == (0 if kind == "sip" else -20_000)
    assert (row.usage_duration, row.balance_credit_snapshot) == ((0, 0) if kind == "sip" else (61, 980_000))


@pytest.mark.parametrize(
    ("source", "to", "reference", "cost"),
    [
        (TOM, OURS, "call", "call_pstn_incoming"),
        (TOM, VIRTUAL, "call", "call_vn"),
    ],
)
def test_a_call_in_is_paid_for_by_both_ends(paying: Mock, source: Any, to: str, reference: str, cost: str) -> None:
    flow = paying.flows.create(actions=[{"type": "answer"}, {"type": "sleep", "option": {"duration": 90_000}}]).id
    for one in paying.numbers.list():
        paying.numbers.update(one.id, call_flow_id=flow)
    body = {"from": source, "to": to}
    assert paying.client.post("/__mock__/calls", json=body).status_code == 200
    paying.clock.run_until()
    row = paying.billings.list()[0]
    assert (row.reference_type, row.cost_type, row.status) == (reference, cost, "end")


def test_texts_and_mails_cost_for_each_who_is_written_to(paying: Mock) -> None:
    sms, email = text(paying, TOM, "+12025550124").json["id"], mail(paying, 3).json["id"]
    charged = paying.billing.assert_charged(kind="sms", of=sms, credit=-10_000, units=1, times=2)
    assert len({paying.billings.get(one.id).reference_id for one in charged}) == 2
    paying.billing.assert_charged(kind="email", of=email, credit=-10_000, times=3)
    assert paying.billing.credit == 950_000
    came = paying.client.post("/__mock__/inbound/sms", json={"from": TOM, "to": OURS, "text": "hi"}).json
    paying.billing.assert_charged_once(kind="sms", of=came["id"])
    row = paying.billings.get(charged[0].id)
    assert row.tm_billing_start == row.tm_billing_end == paying.messages.get(sms).tm_create


def test_a_number_costs_when_it_is_bought_and_once_a_month_when_it_is_renewed(paying: Mock) -> None:
    paying.billing.set(credit=20_000_000)
    bought = number(paying).json["id"]
    number(paying, number="+899100000777", type="virtual")
    paying.billing.assert_charged_once(kind="number", of=bought, credit=-5_000_000)
    boss = paying.agents.create(username="boss@localhost", permission=1)
    for _ in range(2):
        paying.numbers.update(bought, tm_renew="2025-01-01T00:00:00Z")
        body = {"tm_renew": "2025-06-01 00:00:00.000000"}
        assert paying.client_for(boss).post("/v1.0/numbers/renew", json=body).status_code == 200
    paying.billing.assert_charged_once(kind="number_renew", of=bought)
    assert paying.billing.credit == 10_000_000


def test_recordings_and_speakings_take_tokens_first_and_credit_for_the_rest(paying: Mock) -> None:
    paying.billing.set(tokens=8)
    made = call(paying, tel(TOM), seconds=600).json["calls"][0]["id"]
    paying.clock.run_until(lambda: paying.calls.get(made).status == "progressing")
    body = {"format": "wav", "end_of_silence": 0, "end_of_key": "", "duration": 0}
    body["on_end_flow_id"] = "00000000-0000-0000-0000-000000000000"
    assert paying.client.post(f"/v1.0/calls/{made}/recording_start", json=body).status_code == 200
    spoken = {"reference_type": "call", "reference_id": made, "direction": "both", "language": "en-US"}
    speaking = paying.client.post("/v1.0/speakings", json=spoken).json["id"]
    paying.advance(seconds=150)
    assert paying.client.post(f"/v1.0/calls/{made}/recording_stop").status_code == 200
    charge = paying.billing.assert_charged_once(kind="recording", units=3)
    assert (charge.tokens, charge.credit) == (-6, -30_000), "two of three minutes by tokens"
    assert (charge.tokens_left, charge.credit_left) == (2, 970_000)
    paying.client.post(f"/v1.0/speakings/{speaking}/stop")
    charge = paying.billing.assert_charged_once(kind="tts", of=speaking)
    assert (charge.units, charge.tokens, charge.credit) == (3, 0, -90_000), "two tokens are no minute"


def test_rates_can_be_others(either: Mock) -> None:
    either.phone(TOM).script(Answer(talk=None))
    either.billing.on({"sms": 250_000, "call_pstn_outgoing": [2, 7]})
    either.billing.set(plan="basic", credit=300_000, tokens=3)
    text(either)
    assert refusal(text(either))[1] in ("INSUFFICIENT_BALANCE", "INTERNAL")
    call(either, tel(TOM), seconds=90)
    either.clock.run_until()
    charge = either.billing.assert_charged_once(kind="call_pstn_outgoing")
    assert (charge.tokens, charge.credit, either.billing.tokens) == (-2, -7, 1)
    assert either.billing.rates["email"] == (0, 10_000)
    either.billing.off()
    assert text(either).status_code == 200


@pytest.mark.parametrize(
    ("rates", "why"),
    [
        ({"smss": 1}, "did you mean 'sms'"),
        ({"sms": -1}, "sms=-1"),
        ({"sms": 0.01}, "millionths"),
        ({"sms": [1, 2, 3]}, "tokens, millionths"),
        ({"sms": True}, "sms=True"),
        (7, "give true"),
        ("maybe", "give true"),
    ],
)
def test_rates_that_are_none_are_told(rates: Any, why: str) -> None:
    with pytest.raises(MockUsageError, match=why):
        Mock(billing=rates)


def test_the_setting_turns_it_on_and_a_reset_keeps_it(documented: Mock) -> None:
    for setting in (True, "true", '{"sms": 10000}'):
        with Mock(billing=setting, clock="2026-03-01T09:00:00Z", ignore="all") as mock:
            text(mock)
            mock.reset()
            text(mock)
            assert mock.billing.assert_charged_once(kind="sms").credit == -10_000
    assert documented.billing.rates == {}


# --- what is refused when it is gone -----------------------------------------------------------------

REFUSED = {"text": (402, 500), "mail": (402, 400), "number": (402, 500)}


@pytest.mark.parametrize("what", REFUSED)
def test_who_has_too_little_credit_is_refused_and_stores_nothing(paying: Mock, what: str) -> None:
    ask = {"text": lambda: text(paying, TOM, OURS), "mail": lambda: mail(paying, 2), "number": lambda: number(paying)}
    paying.billing.set(credit=4_999_999 if what == "number" else 19_999, tokens=100)
    assert ask[what]().status_code == REFUSED[what][0 if is_documented(paying) else 1]
    paying.billing.assert_not_charged()
    paying.billing.set(credit=5_000_000 if what == "number" else 20_000)
    assert ask[what]().status_code == 200
    assert paying.billing.credit == 0


def placed(mock: Mock, destination: Any) -> bool:
    reply = call(mock, destination, seconds=30)
    return bool(reply.status_code == 200 and reply.json["calls"])


@pytest.mark.differs("billing-pstn")
def test_calls_want_credit_or_else_a_token(paying: Mock) -> None:
    sip = {"type": "sip", "target": "ann@example.com"}
    paying.billing.set(credit=9_999)
    assert not placed(paying, tel(TOM))
    assert not placed(paying, sip), "whatever a call costs, the balance is asked (server)"
    paying.billing.set(tokens=1)
    assert placed(paying, sip)
    assert placed(paying, tel(TOM)) is not is_documented(paying)
    paying.billing.set(credit=10_000, tokens=0)
    assert placed(paying, tel(TOM))
    paying.clock.run_until()
    left = 10_000 - 10_000 * (1 if is_documented(paying) else 2)
    assert paying.billing.credit == left, "what is under way is never cut, and may end below zero"


def test_calls_do_not_come_in_for_who_cannot_pay(paying: Mock) -> None:
    paying.billing.set(credit=0)
    reply = paying.client.post("/__mock__/calls", json={"from": TOM, "to": OURS})
    assert reply.status_code >= 400
    assert "0 USD of credit and 0 tokens" in reply.text
    came = paying.client.post("/__mock__/inbound/sms", json={"from": TOM, "to": OURS, "text": "hi"})
    assert came.status_code == 200, "texts come in, and are booked below zero"
    assert paying.billing.credit == -10_000


@pytest.mark.parametrize("how", ["frozen", "deleted", "none"])
def test_a_frozen_or_deleted_account_pays_for_nothing(paying: Mock, how: str) -> None:
    if how == "frozen":
        paying.billing_accounts.update(OWN, status="frozen")
    elif how == "deleted":
        paying.billing_accounts.delete(OWN)
    else:
        paying.customers.update(paying.world.owner, billing_account_id="00000000-0000-0000-0000-000000000000")
    assert [text(paying).status_code >= 400, mail(paying).status_code >= 400] == [True, True]
    assert not placed(paying, tel(TOM))


def test_the_unlimited_plan_is_never_refused_and_booked_all_the_same(paying: Mock) -> None:
    paying.billing.set(plan="unlimited", credit=0)
    assert text(paying).status_code == 200
    assert paying.billing.credit == -10_000


# --- each month, and the payment provider ------------------------------------------------------------


def test_tokens_are_set_to_the_plans_each_month_at_the_full_hour(paying: Mock) -> None:
    paying.billing.set(plan="basic", tokens=7)
    paying.billing_accounts.update(OWN, tm_next_topup="2026-03-01T09:20:00Z")
    paying.advance(minutes=59)
    assert paying.billing.tokens == 7
    paying.advance(minutes=1)
    assert paying.billing.tokens == 1000
    charge = paying.billing.assert_charged_once(kind="monthly_allowance", transaction="top_up")
    assert (charge.tokens, charge.tokens_left) == (993, 1000)
    account = paying.billing_accounts.get(OWN)
    assert account.tm_last_topup == paying.now
    assert account.tm_next_topup == datetime(2026, 4, 1, tzinfo=timezone.utc)
    paying.billing.set(tokens=1234)
    paying.advance(days=365)
    rows = paying.billing.find(kind="monthly_allowance")
    assert len(rows) == 13
    assert rows[1].tokens == -234, "not added"


def test_whoever_is_given_a_plan_has_its_tokens_from_the_next_month_on(paying: Mock) -> None:
    paying.advance(days=31)
    assert paying.billing.tokens == 100
    account = paying.client.get("/v1.0/billing_account").json
    assert (account["tm_last_topup"], account["tm_next_topup"]) == ("2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z")
    paying.billing.set(plan="professional", tokens=1)
    paying.advance(days=31)
    assert paying.billing.tokens == 10_000, "another plan does not put it off"
    paying.billing.set(plan="unlimited", tokens=1)
    paying.advance(days=31)
    assert paying.billing.tokens == 1, "this one is never given any"


def test_a_clock_that_runs_until_nothing_is_to_come_does_not_wait_for_the_next_month(paying: Mock) -> None:
    text(paying)
    before = paying.now
    assert (paying.clock.run_until() - before).total_seconds() < 3600
    moment, state = paying.snapshot(), paying.dump()
    paying.reset()
    for back in (lambda: paying.restore(moment), lambda: paying.load(state)):
        back()
        assert paying.billing.rates["sms"] == (0, 10_000)
        paying.advance(days=40)
        assert paying.billing.tokens == 100


def test_the_payment_provider_tells_of_subscriptions_and_credit(paying: Mock) -> None:
    billing = paying.billing
    billing.subscribe("basic")
    assert (billing.plan, billing.tokens) == ("basic", 1000)
    billing.set(tokens=10)
    billing.renew()
    billing.subscribe("professional")
    billing.buy(25)
    billing.refund(0.5)
    assert (billing.plan, billing.tokens, billing.credit) == ("professional", 10_000, 25_500_000)
    billing.cancel()
    told = [(one.kind, one.transaction, one.tokens, one.credit) for one in billing]
    assert told == [
        ("paddle_subscription", "top_up", 1000, 0),
        ("paddle_subscription", "top_up", 990, 0),
        ("paddle_subscription", "adjustment", 9000, 0),
        ("paddle_credit_purchase", "top_up", 0, 25_000_000),
        ("paddle_refund", "refund", 0, -500_000),
        ("paddle_subscription", "adjustment", -9900, 0),
    ]
    assert billing.plan == "free"
    billing.refund(30)
    assert paying.billing_accounts.get(OWN).status == "frozen"
    assert text(paying).status_code >= 400


# --- customers come and go ---------------------------------------------------------------------------


@pytest.mark.differs("billing-status")
def test_accounts_follow_their_customers(either: Mock) -> None:
    from voipbin_mock.areas.accounts.resources import BILLING_ACCOUNTS, CUSTOMERS

    world = either.world
    made = either.billing_accounts.create(customer_id=either.customers.create(name="other").id, plan_type="free")
    other = either.customers.update(made.customer_id, billing_account_id=made.id)
    with world.changing():
        customer = world.table(CUSTOMERS).get(other.id)
        assert customer is not None
        seen = []
        for what in ("created", "frozen", "recovered", "deleted"):
            world.follow(f"customer_{what}", customer)
            row = world.table(BILLING_ACCOUNTS).get(made.id)
            assert row is not None
            seen.append((row.data["status"], row.data["balance_token"], row.deleted))
    first = "active" if is_documented(either) else ""
    assert seen == [(first, 100, False), ("frozen", 100, False), ("active", 100, False), ("deleted", 100, True)]
    charge = either.billing.assert_charged_once(kind="monthly_allowance", account=made)
    assert charge.tokens == 100
    assert either.outbound_configs.get(customer_id=other.id).destination_whitelist == []


# --- asserting ---------------------------------------------------------------------------------------


def test_a_failed_assertion_names_what_came_nearest_and_how_it_differs(paying: Mock) -> None:
    sent = text(paying).json["id"]
    mail(paying)
    with pytest.raises(AssertionError) as told:
        paying.billing.assert_charged(kind="sms", credit=-20_000)
    lines = str(told.value).splitlines()
    assert lines[0] == 'expected a charge with kind "sms", credit -20000, but none of 2 charges is that'
    assert lines[2] == f"  sms of {sent}: -0.01 USD (1 units, end)"
    assert "expected -20000, got -10000" in lines[3]
    with pytest.raises(AssertionError, match='expected a charge with kind "sms", never, got it once'):
        paying.billing.assert_not_charged(kind="sms")
    with pytest.raises(MockUsageError, match="a charge has no 'price'"):
        paying.billing.find(price=1)


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"plan": "gold"}, "plan: 'gold'"),
        ({"credit": 0.5}, "millionths"),
        ({"tokens": "1"}, "tokens"),
        ({"credit": 1, "account": "nobody"}, "there is no billing account 'nobody'"),
    ],
)
def test_what_an_account_cannot_have_is_told(documented: Mock, members: Any, why: str) -> None:
    with pytest.raises(MockUsageError, match=why):
        documented.billing.set(**members)


# --- over the control API ------------------------------------------------------------------------------


def test_the_control_api_does_the_same(documented: Mock) -> None:
    ask = documented.client
    assert ask.get("/__mock__/billing").json["on"] is False
    assert ask.put("/__mock__/billing", json={"on": True, "rates": {"sms": 30_000}}).json["rates"]["sms"] == [0, 30_000]
    account = f"/__mock__/billing/accounts/{OWN}"
    changed = ask.put(account, json={"plan": "free", "credit": 50_000, "tokens": 3}).json
    assert (changed["plan_type"], changed["balance_credit"], changed["balance_token"]) == ("free", 50_000, 3)
    sent = text(documented).json["id"]
    found = ask.get("/__mock__/billing/charges", query_string={"of": sent, "kind": "sms"}).json
    assert (found["total"], found["charges"][0]["credit"]) == (1, -30_000)
    assert refusal(text(documented)) == (402, "INSUFFICIENT_BALANCE")
    assert ask.post(f"{account}/paddle", json={"do": "buy", "usd": 2.5}).json["balance_credit"] == 2_520_000
    assert ask.post(f"{account}/paddle", json={"do": "subscribe", "plan": "basic"}).json["balance_token"] == 1000
    assert ask.put("/__mock__/billing", json={"on": False}).json["on"] is False
    for method, path, body in (
        ("PUT", "/__mock__/billing", {"on": "yes"}),
        ("PUT", "/__mock__/billing", {"on": True, "rates": {"smss": 1}}),
        ("PUT", account, {"credit": "much"}),
        ("PUT", account, {"money": 1}),
        ("PUT", "/__mock__/billing/accounts/seven", {"credit": 1}),
        ("POST", f"{account}/paddle", {"do": "buy"}),
        ("POST", f"{account}/paddle", {"do": "subscribe", "plan": "gold"}),
        ("POST", f"{account}/paddle", {"do": "buy", "usd": -1}),
    ):
        assert ask.open(path, method=method, json=body).status_code == 400, (path, body)
