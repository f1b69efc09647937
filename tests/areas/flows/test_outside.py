"""Flow actions that reach outside: fetch and webhook_send, and what answers them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, request

from tests.support.calling import a, a_flow, action_id, calls_in, path, run_of, runs
from tests.support.dialing import NIL, PROFILES
from voipbin_mock import Mock, MockUsageError, UnusedPlanWarning

MENU = "https://shop.example.com/menu"
CRM = "https://crm.example.com/lookup"
SALES = {"id": action_id(51), "type": "variable_set", "option": {"key": "menu", "value": "sales"}}
STOP = {"id": action_id(52), "type": "stop"}


@pytest.fixture(params=PROFILES)
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock="2026-03-02T09:30:00Z", ignore="all", unused="ignore") as mock:
        yield mock


def documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def own(run: Any) -> dict[str, str]:
    """The variables that are not the service's."""
    return {name: value for name, value in run["variables"].items() if not name.startswith("voipbin.")}


def sent(mock: Mock) -> list[Any]:
    return [one for one in mock.webhooks.deliveries if one.type == "webhook_send"]


# --- fetch -------------------------------------------------------------------------------------------


def test_actions_that_a_url_answers_with_come_first_and_then_what_follows(mock: Mock) -> None:
    mock.reply(MENU, json=[SALES])
    run = runs(mock, a("fetch", event_url=MENU, event_method="POST"), a("variable_set", key="after", value="${menu}"))
    assert path(run) == ["fetch", "variable_set", "variable_set"]
    assert own(run) == {"menu": "sales", "after": "sales"}
    (asked,) = mock.replies.asked
    assert (asked.method, asked.url, asked.status) == ("POST", MENU, 200)
    assert asked.json == {"activeflow_id": run["id"], "reference_id": NIL}


def test_a_fetch_in_a_call_leads_the_call(mock: Mock) -> None:
    mock.reply(MENU, json=[{"id": action_id(9), "type": "talk", "option": {"text": "hello"}}])
    made = calls_in(mock, a_flow(mock, a("answer"), a("fetch", event_url=MENU), a("hangup")))
    mock.advance(seconds=5)
    assert path(run_of(mock, made)) == ["answer", "fetch", "talk", "hangup"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"status": 503}, "answered 503; 200 is expected"),
        ({"json": "menu"}, "answered no array of actions"),
        ({"json": [1, 2]}, "answered no array of actions"),
        ({"body": "<html>"}, "answered what is no JSON"),
    ],
)
def test_a_fetch_that_gets_no_actions_ends_the_flow(mock: Mock, answer: dict[str, Any], why: str) -> None:
    mock.reply(MENU, **answer)
    run = runs(mock, a("fetch", event_url=MENU), a("variable_set", key="after", value="1"))
    assert why in run["ended_by"]
    assert own(run) == {}


def test_a_url_that_nothing_is_planned_for_does_not_answer_and_says_what_to_do(mock: Mock) -> None:
    run = runs(mock, a("fetch", event_url=MENU), a("variable_set", key="after", value="1"))
    assert "nothing answers there; plan it with voipbin.reply(" in run["ended_by"]
    assert own(run) == {}
    assert mock.replies.asked[0].status is None


@pytest.mark.differs("fetch-answer")
def test_fetched_actions_need_ids_on_the_server_alone(mock: Mock) -> None:
    nameless = {"type": "variable_set", "option": {"key": "menu", "value": "sales"}}
    mock.reply(MENU, json=[nameless, STOP], times=1)
    mock.reply(MENU, json=[SALES, {"type": "variable_set", "option": {"key": "late", "value": "1"}}, STOP])
    fetch, after = a("fetch", event_url=MENU), a("variable_set", key="after", value="1")
    first, second = runs(mock, fetch, after), runs(mock, fetch, after)
    assert own(first) == ({"menu": "sales"} if documented(mock) else {"after": "1"})
    assert own(second) == ({"menu": "sales", "late": "1"} if documented(mock) else {"menu": "sales"})


@pytest.mark.differs("fetch-answer")
def test_members_of_an_answer_become_variables_in_the_documents_alone(mock: Mock) -> None:
    mock.reply(MENU, json={"customer": {"name": "Ann", "since": 2019}, "vip": True, "actions": [SALES]})
    run = runs(mock, a("fetch", event_url=MENU))
    told = {"customer.name": "Ann", "customer.since": "2019", "vip": "true", "menu": "sales"}
    assert own(run) == (told if documented(mock) else {})


# --- webhook_send ------------------------------------------------------------------------------------


def test_what_a_flow_sends_is_a_delivery_signed_as_all_are(mock: Mock) -> None:
    mock.reply(CRM, status=204)
    data = '{"caller": "${voipbin.call.source.target}"}'
    send = a("webhook_send", uri=CRM, method="PUT", data_type="application/vnd.crm+json", data=data)
    calls_in(mock, a_flow(mock, send))
    (delivery,) = sent(mock)
    assert (delivery.outcome, delivery.status, delivery.method, delivery.url) == ("delivered", 204, "PUT", CRM)
    assert delivery.data == delivery.json == {"caller": "+15550100001"}
    assert delivery.headers["Content-Type"] == "application/vnd.crm+json"
    secret = mock.client.get("/v1.0/customer").json["webhook_secret"].encode()
    assert delivery.signature == "sha256=" + hmac.new(secret, delivery.body, hashlib.sha256).hexdigest()


def test_what_is_not_accepted_is_sent_three_times_and_the_flow_goes_on(mock: Mock) -> None:
    mock.reply(CRM, status=500)
    run = runs(mock, a("webhook_send", uri=CRM, method="POST", data="{}"), a("variable_set", key="after", value="1"))
    mock.advance(seconds=5)
    assert [(one.attempt, one.outcome) for one in sent(mock)] == [(1, "failed"), (2, "failed"), (3, "failed")]
    assert own(run) == {"after": "1"}


def test_what_leads_nowhere_is_in_the_log_as_not_sent(mock: Mock) -> None:
    run = runs(mock, a("webhook_send", uri=CRM, method="POST", data="{}"))
    assert [one.outcome for one in sent(mock)] == ["not sent"]
    assert run["ended_by"] == "no action follows"


def test_what_is_no_json_is_not_sent(mock: Mock) -> None:
    run = runs(mock, a("webhook_send", uri=CRM, data="name=Ann"), a("variable_set", key="after", value="1"))
    assert sent(mock) == []
    assert (run["trace"][0][6], own(run)) == ("failed", {"after": "1"})


def test_tricks_are_played_on_it(mock: Mock) -> None:
    mock.reply(CRM)
    mock.webhooks.delay(5, types="webhook_send")
    runs(mock, a("webhook_send", uri=CRM, method="POST", data='{"a": 1}', data_type="application/json; v=2"))
    assert sent(mock) == []
    state = mock.dump()
    mock.load(json.loads(json.dumps(state)))
    mock.advance(seconds=5)
    (delivery,) = sent(mock)
    assert (delivery.json, delivery.headers["Content-Type"]) == ({"a": 1}, "application/json; v=2")


@pytest.mark.differs("webhook-sync")
def test_members_of_a_synchronous_reply_become_variables_in_the_documents_alone(mock: Mock) -> None:
    mock.reply(CRM, lambda asked: {"customer": {"name": "Ann", "phone": asked.json["phone"]}})
    send = a("webhook_send", uri=CRM, method="POST", data='{"phone": "${phone}"}', sync=True)
    run = runs(mock, send, variables={"phone": "7"})
    told = {"customer.name": "Ann", "customer.phone": "7"}
    assert own(run) == {"phone": "7", **(told if documented(mock) else {})}
    assert [(one.outcome, one.status, one.json) for one in sent(mock)] == [("delivered", 200, {"phone": "7"})]
    assert len(mock.replies.asked) == 1


def test_the_reply_is_ignored_unless_it_is_waited_for(mock: Mock) -> None:
    mock.reply(CRM, json={"name": "Ann"})
    assert own(runs(mock, a("webhook_send", uri=CRM, method="POST", data="{}"))) == {}


# --- replies -----------------------------------------------------------------------------------------


def test_replies_are_used_up_in_order_and_the_last_one_stays(mock: Mock) -> None:
    mock.reply(CRM, status=404, times=1)
    last = mock.reply("https://crm.example.com/*", status=200)
    for _ in range(3):
        runs(mock, a("webhook_send", uri=CRM, method="POST", data="{}"))
    assert [one.status for one in sent(mock)] == [404, 200, 200]
    assert last.met == 2
    assert repr(last) == "<reply for https://crm.example.com/*, given 2 times>"
    last.cancel()
    assert [one.met for one in mock.replies] == [1]


def test_a_url_without_a_query_is_meant_with_any(mock: Mock) -> None:
    mock.reply(MENU, json=[STOP])
    assert runs(mock, a("fetch", event_url=f"{MENU}?caller=7"))["ended_by"] == "the action stop"
    assert "nothing answers" in runs(mock, a("fetch", event_url=f"{MENU}s"))["ended_by"]


def test_an_app_answers(mock: Mock) -> None:
    app = Flask("shop")

    @app.post("/menu")
    def menu() -> Any:
        return [{**STOP, "option": {"asked_for": request.get_json()["activeflow_id"]}}]

    mock.reply("https://shop.example.com/*", app)
    run = runs(mock, a("fetch", event_url=MENU))
    assert run["trace"][1][4] == {"asked_for": run["id"]}
    assert "answered 404" in runs(mock, a("fetch", event_url="https://shop.example.com/other"))["ended_by"]


def test_a_function_may_answer_with_a_code(mock: Mock) -> None:
    mock.reply(MENU, lambda asked: (418, {"message": "no menu"}))
    assert "answered 418" in runs(mock, a("fetch", event_url=MENU))["ended_by"]
    mock.replies.clear()
    mock.reply(MENU, lambda asked: 410)
    assert "answered 410" in runs(mock, a("fetch", event_url=MENU))["ended_by"]


def test_a_function_that_fails_is_another_side_that_fails(mock: Mock, caplog: pytest.LogCaptureFixture) -> None:
    mock.reply(MENU, lambda asked: asked.json["no such member"])
    assert "the planned reply raised KeyError" in runs(mock, a("fetch", event_url=MENU))["ended_by"]
    assert "a planned reply failed" in caplog.text


def test_an_assertion_that_fails_in_a_function_fails_the_test() -> None:
    def check(asked: Any) -> Any:
        assert asked.json["reference_id"] == "another"

    mock = Mock(ignore="all")
    mock.reply(MENU, check)
    runs(mock, a("fetch", event_url=MENU))
    with pytest.raises(AssertionError):
        mock.close()


def test_a_reply_that_nobody_asked_for_is_told_of_at_the_end() -> None:
    with (
        pytest.warns(UnusedPlanWarning, match="reply for https://shop.example.com/menu: given 0 times"),
        Mock() as mock,
    ):
        mock.reply(MENU, json=[])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"url": ""}, "the first argument is a URL"),
        ({"url": MENU, "status": 42}, "status must be an HTTP code"),
        ({"url": MENU, "times": 0}, "times must be a number"),
        ({"url": MENU, "json": [], "body": "x"}, "give one of"),
        ({"url": MENU, "answer": "x"}, "a function or a WSGI app"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_words(given: dict[str, Any], why: str) -> None:
    with Mock() as mock, pytest.raises(MockUsageError, match=why):
        mock.reply(**given)


def test_replies_are_part_of_snapshots_and_dumps(mock: Mock) -> None:
    mock.reply(MENU, json=[STOP], times=1)
    moment, state = mock.snapshot(), json.loads(json.dumps(mock.dump()))
    for back in (lambda: mock.restore(moment), lambda: mock.load(state)):
        back()
        assert runs(mock, a("fetch", event_url=MENU))["ended_by"] == "the action stop"
        assert "nothing answers" in runs(mock, a("fetch", event_url=MENU))["ended_by"]


def test_replies_over_the_control_api(mock: Mock) -> None:
    client = mock.client
    planned = client.post("/__mock__/replies", json=[{"url": MENU, "json": [STOP]}, {"url": CRM, "status": 503}]).json
    assert [(one["url"], one["status"]) for one in planned["replies"]] == [(MENU, 200), (CRM, 503)]
    runs(mock, a("fetch", event_url=MENU))
    (asked,) = client.get("/__mock__/replies").json["asked"]
    assert (asked["url"], asked["status"], asked["time"]) == (MENU, 200, "2026-03-02T09:30:00.000000Z")
    refused = client.post("/__mock__/replies", json={"url": MENU, "jsn": []})
    assert (refused.status_code, refused.json["error"]["message"]) == (400, "a reply has no jsn")
    assert client.delete("/__mock__/replies").json == {"replies": [], "asked": []}


# --- what other areas do ---------------------------------------------------------------------------


def test_an_option_of_a_wrong_type_is_a_failure_of_the_action_all_the_same(mock: Mock) -> None:
    run = runs(mock, a("message_send", text=7), a("variable_set", key="after", value="1"))
    assert "option/text is an integer; expected string" in run["ended_by"]
    run = runs(mock, a("email_send", destinations={}), a("variable_set", key="after", value="1"))
    assert (run["trace"][0][6], own(run)) == ("failed", {"after": "1"})


@pytest.mark.differs("summary-in-calls")
def test_a_summary_in_a_call_is_skipped_on_the_server(mock: Mock) -> None:
    made = calls_in(mock, a_flow(mock, a("answer"), a("ai_summary"), a("hangup")))
    mock.advance(seconds=1)
    assert path(run_of(mock, made)) == ["answer", *(["ai_summary"] if documented(mock) else []), "hangup"]
