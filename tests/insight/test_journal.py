"""The journal: what the mock saw, asked, asserted and waited for."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import ANY
from urllib.request import urlopen

import hypothesis.strategies as st
import pytest
from hypothesis import given

from voipbin_mock import MISSING, Mock, MockUsageError, VoIPBINWarning
from voipbin_mock.wire.matching import differences
from voipbin_mock.wire.redaction import redact_body, redact_query

PLAN: dict[str, Any] = {
    "name": "evening",
    "detail": "",
    "source": {"type": "tel", "target": "+15559876543"},
    "dial_timeout": 25000,
    "try_interval": 900000,
    "max_try_count_0": 2,
    "max_try_count_1": 1,
    "max_try_count_2": 0,
    "max_try_count_3": 0,
    "max_try_count_4": 0,
}
CANARY = "c4n4ry-7f3e"
NUMBER = 7316024859731  # a canary among numbers
SOON = 0.02  # seconds that a wait may take which is meant to fail


@pytest.fixture(params=["documented", "server"])
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, ignore="all") as mock:
        yield mock


def post(mock: Mock, **changes: Any) -> None:
    mock.client.post("/v1.0/outplans", json={**PLAN, **changes})


def failure(call: Callable[[], Any]) -> str:
    with pytest.raises(AssertionError) as caught:
        call()
    text = str(caught.value)
    assert " at 0x" not in text
    return text


# --- keeping them --------------------------------------------------------------------------------


def test_a_large_body_is_kept_whole_and_found_by_what_is_at_its_end(mock: Mock) -> None:
    long = {"detail": "d" * 100_000, "last": 1}
    post(mock, **long)
    (call,) = mock.journal.calls("POST", "/outplans", json={"last": 1})
    assert call.json == {**PLAN, **long}
    assert call.reply_json["detail"] == long["detail"]
    assert not call.cut


def test_of_too_many_large_bodies_the_oldest_are_cut_and_the_failure_says_so(
    mock: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voipbin_mock.insight.journal.MOST_LARGE", 500_000)
    for number in range(5):
        post(mock, detail="d" * 100_000, last=number)
    assert [call.cut for call in mock.journal] == [True, True, True, False, False]
    assert sum(len(call.body) for call in mock.journal) < 500_000
    assert len(mock.journal.calls(json={"last": 4})) == 1
    assert "only the beginning is kept" in failure(lambda: mock.journal.assert_called(json={"last": 0}))


def test_room_of_large_bodies_that_left_the_journal_is_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voipbin_mock.insight.journal.MOST_LARGE", 500_000)
    refused = {"name": 1, "detail": "d" * 150_000}  # nothing is created, so that answers stay small
    with Mock(journal_size=2) as mock:
        for _ in range(10):
            mock.client.get("/v1.0/outplans")
            post(mock, **refused)
        assert not any(call.cut for call in mock.journal)
        mock.journal.clear()
        for _ in range(2):
            post(mock, **refused)
        assert not any(call.cut for call in mock.journal)


def test_looking_through_a_journal_of_large_bodies_takes_no_time_worth_speaking_of(mock: Mock) -> None:
    body = b"x" * 200_000  # a pattern with many alternatives took ten milliseconds for one such
    started = time.thread_time()
    for _ in range(100):
        assert redact_body(body) == body
    assert time.thread_time() - started < 0.5


# --- finding calls -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        ("POST", "/outplans"),
        ("POST", "/v1.0/outplans"),
        ("post", "/outplans"),
        ("POST", "outplans"),
        ("POST", "https://api.voipbin.net/v1.0/outplans"),
        ("POST /outplans",),
        ("POST", "/out*"),
        ("POST", "/**"),
        ("POST", re.compile("outplans$")),
        ("outplans.create",),
        ("POST",),
        ("*", "/v1.0/outplans"),
        (None, "/outplans"),
        (),
    ],
    ids=str,
)
def test_a_call_is_found_by_any_of_its_names(mock: Mock, asked: tuple[Any, ...]) -> None:
    post(mock)
    assert [call.json["name"] for call in mock.journal.calls(*asked)] == ["evening"]


@pytest.mark.parametrize(
    "asked",
    [
        ("GET", "/outplans"),
        ("POST", "/outplan"),
        ("POST", "/outplans/{id}"),
        ("POST", "/*/outplans/*"),
        ("outplans.list",),
    ],
    ids=str,
)
def test_a_call_is_not_found_by_another_name(mock: Mock, asked: tuple[Any, ...]) -> None:
    post(mock)
    assert mock.journal.calls(*asked) == []


def test_a_template_stands_for_one_segment_and_two_stars_for_any(mock: Mock) -> None:
    plan = mock.outplans.create(name="evening")
    mock.client.get(f"/v1.0/outplans/{plan.id}")
    mock.client.put(f"/v1.0/outplans/{plan.id}/dial_info", json=PLAN)
    journal = mock.journal
    assert [call.method for call in journal.calls(None, "/outplans/{id}")] == ["GET"]
    assert [call.method for call in journal.calls(None, "/outplans/*")] == ["GET"]
    assert [call.method for call in journal.calls(None, "/outplans/**")] == ["GET", "PUT"]
    assert [call.method for call in journal.calls(None, "/outplans/{id}/dial_info")] == ["PUT"]
    assert journal.calls("GET", f"/outplans/{plan.id}") == journal.calls("GET")


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"json": {"dial_timeout": 25000}}, True),
        ({"json": {"source": {"target": "+15559876543"}}}, True),
        ({"json": {"source": {"target": "+15559876543"}}, "exact": True}, False),
        ({"json": PLAN, "exact": True}, True),
        ({"json": {"dial_timeout": "25000"}}, False),
        ({"json": {"dial_timeout": 25000.0}}, False),
        ({"json": {"dial_timeout": int}}, True),
        ({"json": {"dial_timeout": lambda value: value > 1000}}, True),
        ({"json": {"dial_timeout": lambda value: value > 30000}}, False),
        ({"json": {"name": re.compile("^eve")}}, True),
        ({"json": {"name": re.compile("^vening")}}, False),
        ({"json": {"name": ANY, "id": MISSING}}, True),
        ({"json": {"name": MISSING}}, False),
        ({"json": {"id": None}}, False),
        ({"json": dict}, True),
        ({"query": {"from": "test"}}, True),
        ({"query": {"n": 1}}, True),
        ({"query": {"tag": ["a", "b"]}}, True),
        ({"query": {"tag": ["b", "a"]}}, False),
        ({"query": {"from": "test", "n": "1", "tag": ["a", "b"]}, "exact": True}, True),
        ({"query": {"from": "test"}, "exact": True}, False),
        ({"headers": {"X-Trace": "7"}}, True),
        ({"headers": {"x-trace": re.compile(r"\d")}}, True),
        ({"headers": {"X-Trace": "8"}}, False),
        ({"headers": {"X-Other": MISSING}}, True),
        ({"status": 200}, True),
        ({"status": (200, 201)}, True),
        ({"status": "2xx"}, True),
        ({"status": "4xx"}, False),
        ({"reason": None}, True),
        ({"reason": "INVALID_ARGUMENT"}, False),
        ({"body": json.dumps(PLAN)}, True),
        ({"body": b"{}"}, False),
    ],
)
def test_filters_say_what_a_call_must_contain(mock: Mock, filters: dict[str, Any], found: bool) -> None:
    mock.client.post(
        "/v1.0/outplans?from=test&n=1&tag=a&tag=b",
        data=json.dumps(PLAN),
        headers={"X-Trace": "7", "Content-Type": "application/json"},
    )
    assert mock.journal.count("POST", "/outplans", **filters) == found


def test_a_query_may_be_written_into_the_path(mock: Mock) -> None:
    mock.client.get("/v1.0/outplans?page_size=10")
    assert mock.journal.count("GET", "/outplans?page_size=10") == 1
    assert mock.journal.count("GET", "/outplans?page_size=20") == 0


def test_an_exchange_tells_everything_there_is_to_know(mock: Mock) -> None:
    mock.freeze("2026-03-01T09:00:00Z")
    post(mock, name="")
    mock.client.get("/v1.0/outplans?page_size=ten&page_size=2", headers={"Accept": "a", "X-Request-Id": "mine"})
    first, second = mock.requests
    assert (first.number, second.number) == (1, 2)
    assert first.time == mock.now
    assert (first.method, first.path, first.query) == ("POST", "/v1.0/outplans", "")
    assert first.json == {**PLAN, "name": ""}
    assert json.loads(first.body) == first.json
    assert first.headers["Content-Type"] == first.headers["content-type"] == "application/json"
    assert first.status == first.http_code
    assert first.operation == "outplans.create"
    assert second.params == {"page_size": ["ten", "2"]}
    assert second.request_id == second.reply_headers["x-request-id"] == "mine"
    assert second.headers["accept"] == "a"
    assert second.json is None
    assert set(second.reply_json) >= {"result"} or second.reply_json["error"]["reason"] == second.reason
    with pytest.raises(KeyError, match="no header 'x-nothing'"):
        second.headers["x-nothing"]


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda j: j.calls("GE T", "/outplans"), "'GE T' is no HTTP method"),
        (lambda j: j.assert_called("POST", "/outplans", jsno={}), "no filter 'jsno'"),
        (lambda j: j.assert_order([("POST", "/outplans", "twice")]), "a step is a method, a path"),
        (lambda j: j.wait_for("POST", times=0), "times must be at least 1"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(mock: Mock, ask: Callable[..., Any], told: str) -> None:
    with pytest.raises(MockUsageError, match=re.escape(told)):
        ask(mock.journal)


# --- assertions and what their failures say ------------------------------------------------------


def test_assertions_that_hold_give_the_calls(mock: Mock) -> None:
    post(mock)
    assert mock.journal.assert_called("POST", "/outplans") == mock.requests
    assert mock.journal.assert_called("POST", "/outplans", times=1) == mock.requests
    assert mock.journal.assert_called_once("POST", "/outplans") is mock.requests[0]
    mock.journal.assert_called("GET", "/outplans", times=0)
    mock.journal.assert_not_called("GET")
    mock.journal.assert_no_unmatched()
    mock.journal.assert_no_unexpected("POST /outplans")


def test_with_no_request_at_all_that_is_said(mock: Mock) -> None:
    assert failure(lambda: mock.journal.assert_called("POST", "/outplans")) == (
        "expected POST /outplans, but no request reached the mock"
    )


ONE_FIELD = """\
expected POST /outplans with json {expected}, but none of the one request is that
nearest, and the only other:
  #1 POST /v1.0/outplans -> {answer}
      json {line}"""

# What a test expected, what the code sent, and the one line that must tell them apart.
MISTAKES: list[tuple[Any, Any, str]] = [
    (30, "30", '/dial_timeout: expected 30 (integer), got "30" (string)'),
    ("30", 30, '/dial_timeout: expected "30" (string), got 30 (integer)'),
    (30, 30.0, "/dial_timeout: expected 30 (integer), got 30.0 (decimal number)"),
    (1, True, "/dial_timeout: expected 1 (integer), got true (boolean)"),
    (True, 1, "/dial_timeout: expected true (boolean), got 1 (integer)"),
    (False, "false", '/dial_timeout: expected false (boolean), got "false" (string)'),
    (30000, 30, "/dial_timeout: expected 30000, got 30 (a thousandth: seconds for milliseconds?)"),
    (30, 30000, "/dial_timeout: expected 30, got 30000 (a thousand times: milliseconds for seconds?)"),
    (30000, 29999, "/dial_timeout: expected 30000, got 29999"),
    (30000, None, "/dial_timeout: expected 30000, got null"),
    (None, "null", '/dial_timeout: expected null, got "null"'),
    ([1], 1, "/dial_timeout: expected [1] (array), got 1 (integer)"),
    ([1, 2], [1], "/dial_timeout/1: expected 2, but it is missing"),
    ([1], [1, 2], "/dial_timeout/1: expected nothing here, got 2"),
    ({"a": {"b": 1}}, {"a": {"b": "1"}}, '/dial_timeout/a/b: expected 1 (integer), got "1" (string)'),
    ("evening", "evening ", '/dial_timeout: expected "evening", got "evening "'),
    ("Zoe\u0301", "Zo\u00e9", '/dial_timeout: expected "Zoe\\u0301", got "Zo\\u00e9"'),
    ("a b", "a\u00a0b", '/dial_timeout: expected "a b", got "a\\u00a0b"'),
    (str, 5, "/dial_timeout: expected any str, got 5"),
    (re.compile("^x"), "y", '/dial_timeout: expected text with /^x/, got "y"'),
]


@pytest.mark.parametrize(("expected", "sent", "line"), MISTAKES, ids=[line for *_, line in MISTAKES])
def test_a_near_miss_tells_the_field_and_both_values(expected: Any, sent: Any, line: str) -> None:
    with Mock("server", ignore="all") as mock:
        mock.client.post("/v1.0/outplans", json={**PLAN, "dial_timeout": sent})
        text = failure(lambda: mock.journal.assert_called("POST", "/outplans", json={"dial_timeout": expected}))
        assert text.splitlines()[3:] == [f"      json {line}"]


def test_a_missing_member_is_not_null_and_a_misspelt_one_is_pointed_at() -> None:
    with Mock("server", ignore="all") as mock:
        mock.client.post("/v1.0/outplans", json={"dialTimeout": 25000, "detail": None})
        text = failure(
            lambda: mock.journal.assert_called(
                "POST",
                "/outplans",
                json={"dial_timeout": 25000, "detail": "", "name": "evening", "dialTimeout": MISSING},
            )
        )
        assert text.splitlines()[3:] == [
            '      json /dial_timeout: expected 25000, but it is missing (there is "dialTimeout")'.replace(
                ' (there is "dialTimeout")', ""
            ),
            '      json /detail: expected "", got null',
            '      json /name: expected "evening", but it is missing',
            "      json /dialTimeout: expected nothing here, got 25000",
        ]
        text = failure(lambda: mock.journal.assert_called("POST", "/outplans", json={"dial_timeout": 25000}))
        assert text.splitlines()[3] == (
            '      json /dial_timeout: expected 25000, but it is missing (there is "dialTimeout")'
        )


def test_an_exact_body_may_hold_nothing_more() -> None:
    with Mock("server", ignore="all") as mock:
        mock.client.post("/v1.0/outplans", json={"name": "a", "detail": "b"})
        text = failure(lambda: mock.journal.assert_called("POST", "/outplans", json={"name": "a"}, exact=True))
        assert text == (
            'expected POST /outplans with exactly json {"name": "a"}, but none of the one request is that\n'
            "nearest, and the only other:\n"
            "  #1 POST /v1.0/outplans -> 200\n"
            '      json /detail: expected nothing here, got "b"'
        )


def test_the_three_nearest_calls_are_named_nearest_first(mock: Mock) -> None:
    mock.client.get("/v1.0/numbers")
    post(mock, name="night", dial_timeout=1)
    mock.client.get("/v1.0/outplans")
    post(mock, dial_timeout="25000")
    text = failure(
        lambda: mock.journal.assert_called("POST", "/outplans", json={"dial_timeout": 25000, "name": "evening"})
    )
    assert [line for line in text.splitlines() if line.startswith("  #")] == [
        "  #4 POST /v1.0/outplans -> 400 INVALID_JSON_BODY",
        "  #2 POST /v1.0/outplans -> 200",
        "  #3 GET /v1.0/outplans -> 200",
    ]


def test_a_wrong_path_method_query_or_status_is_told(mock: Mock) -> None:
    mock.client.get("/v1.0/outplans?page_size=10")
    journal = mock.journal
    one = "      "
    assert failure(lambda: journal.assert_called("GET", "/outplan")).splitlines()[3:] == [
        one + "path: expected /outplan, got /v1.0/outplans"
    ]
    assert failure(lambda: journal.assert_called("POST", "/outplans")).splitlines()[3:] == [
        one + "method: expected POST, got GET"
    ]
    assert failure(lambda: journal.assert_called("outplans.create")).splitlines()[3:] == [
        one + "operation: expected outplans.create, got outplans.list"
    ]
    assert failure(lambda: journal.assert_called("GET", query={"page_size": 20, "page_token": ANY})).splitlines()[
        3:
    ] == [
        one + 'query /page_size: expected "20", got "10"',
        one + "query /page_token: expected <ANY>, but it is missing",
    ]
    assert failure(lambda: journal.assert_called("GET", status="4xx", reason="INVALID_ID")).splitlines()[3:] == [
        one + 'status: expected "4xx" (string), got 200 (integer)',
        one + 'reason: expected "INVALID_ID", got null',
    ]
    assert failure(lambda: journal.assert_called("GET", headers={"X-A": "1"})).splitlines()[3:] == [
        one + 'headers /x-a: expected "1", but it is missing'
    ]


def test_a_body_that_is_none_or_no_json_is_told(mock: Mock) -> None:
    mock.client.post("/v1.0/outplans")
    mock.client.post("/v1.0/outplans", data="{name: evening}")
    text = failure(lambda: mock.journal.assert_called("POST", json={"name": "evening"}))
    assert '      json: expected {"name": "evening"}, got no body' in text.splitlines()
    assert '      json: expected {"name": "evening"}, got a body that is not JSON' in text.splitlines()


def test_many_differences_and_long_values_are_cut(mock: Mock) -> None:
    many = {f"m{index}": index for index in range(30)}
    post(mock, name="x" * 150 + "a" + "y" * 5000)
    text = failure(lambda: mock.journal.assert_called("POST", json=many))
    assert text.splitlines()[-1] == "      json and 22 more"
    text = failure(lambda: mock.journal.assert_called("POST", json={"name": "x" * 150 + "b" + "y" * 5000}))
    assert "the first difference is at character 151" in text
    assert len(text) < 1500


def test_too_few_and_too_many_are_counted(mock: Mock) -> None:
    post(mock)
    post(mock)
    answered = mock.requests[0].line().partition(" -> ")[2]
    listed = [f"  #1 POST /v1.0/outplans -> {answered}", f"  #2 POST /v1.0/outplans -> {answered}"]
    assert failure(lambda: mock.journal.assert_called_once("POST", "/outplans")).splitlines() == [
        "expected POST /outplans, once, got it twice:",
        *listed,
    ]
    assert failure(lambda: mock.journal.assert_called("POST", "/outplans", times=3)).splitlines() == [
        "expected POST /outplans, 3 times, got it twice:",
        *listed,
    ]
    assert failure(lambda: mock.journal.assert_not_called("POST", "/outplans")).splitlines() == [
        "expected no POST /outplans, got twice:",
        *listed,
    ]


def test_order_allows_other_calls_between_unless_told_otherwise(mock: Mock) -> None:
    mock.client.get("/v1.0/me")
    post(mock)
    mock.client.get("/v1.0/numbers")
    mock.client.get("/v1.0/outplans")
    journal = mock.journal
    journal.assert_order(["GET /me", ("POST", "/outplans", {"json": {"name": "evening"}}), ("GET", "/outplans")])
    journal.assert_order(["POST /outplans", "GET /numbers", "GET /outplans"], adjacent=True)
    journal.assert_order([])
    text = failure(lambda: journal.assert_order(["POST /outplans", "GET /outplans"], adjacent=True))
    assert text.startswith("step 2 of 2 did not come after <#2 POST /v1.0/outplans")
    text = failure(lambda: journal.assert_order(["GET /outplans", "GET /me"]))
    assert text.splitlines()[:3] == [
        "step 2 of 2 did not come after <#4 GET /v1.0/outplans -> 200>: expected GET /me",
        "it came earlier:",
        "  #1 GET /v1.0/me -> 200",
    ]
    text = failure(lambda: journal.assert_order(["GET /me", "GET /me"]))
    assert text.startswith("step 2 of 2 did not come after <#1 ")


def test_what_was_not_expected_is_named(mock: Mock) -> None:
    post(mock)
    mock.client.get("/v1.0/outplanz")
    mock.journal.assert_no_unexpected("POST /outplans", "GET /outplanz")
    text = failure(lambda: mock.journal.assert_no_unexpected("POST /outplans"))
    assert text.startswith("expected only POST /outplans; there came also:\n  #2 GET /v1.0/outplanz -> 404")
    text = failure(mock.journal.assert_no_unmatched)
    assert "#2 GET /v1.0/outplanz" in text
    assert "the nearest is GET /v1.0/outplans" in text


def test_a_journal_that_forgot_does_not_pretend_to_know() -> None:
    with Mock(journal_size=2, ignore="all") as mock:
        for _ in range(3):
            mock.client.get("/v1.0/outplans")
        mock.journal.assert_called("GET", "/outplans")
        for ask in (
            lambda: mock.journal.assert_not_called("POST", "/outplans"),
            lambda: mock.journal.assert_called_once("POST", "/outplans"),
            lambda: mock.journal.assert_called("GET", "/outplans", times=2),
        ):
            assert "1 earlier requests are no longer kept. Set journal_size above 3" in failure(ask)
        assert "journal_size is 2" in failure(lambda: mock.journal.assert_called("POST", "/outplans"))
        mock.reset()
        mock.journal.assert_not_called("POST", "/outplans")


# --- credentials ---------------------------------------------------------------------------------


def everything_shown(mock: Mock) -> str:
    control = mock.anonymous.get("/__mock__/requests", headers={"Host": "localhost"})
    warned = mock.anonymous.get("/__mock__/warnings", headers={"Host": "localhost"})
    shown = [
        control.text,
        warned.text,
        mock.report(),
        repr(mock.requests),
        repr(mock.journal),
        *map(str, mock.warnings),
    ]
    for call in mock.requests:
        shown += [repr(getattr(call, n)) for n in dir(type(call)) if n[0] != "_" and not n.startswith("raw")]
        shown += call.explain()
        shown.append(json.dumps(call.as_dict()))
    shown += [text for _, text in mock.sections()]
    for ask in (
        lambda: mock.journal.assert_called("POST", json={"password": "x"}, headers={"authorization": "x"}),
        lambda: mock.journal.assert_called("GET", query={"token": "x", "accesskey": "x"}, body="x"),
        lambda: mock.journal.assert_called("GET", query={"token": CANARY}, body=f'{{"token": "{CANARY}"}}'),
        lambda: mock.journal.assert_called("X", headers={"Cookie": CANARY}, json={"a": [{"password": CANARY}]}),
    ):
        shown.append(failure(ask))
    return "\n".join(shown)


@pytest.mark.parametrize(
    ("path", "how"),
    [
        ("/v1.0/outplans", {"headers": {"Authorization": f"Bearer {CANARY}"}}),
        ("/v1.0/outplans", {"headers": {"Authorization": CANARY}}),
        ("/v1.0/outplans", {"headers": {"Proxy-Authorization": f"Basic {CANARY}", "X-Api-Key": CANARY}}),
        ("/v1.0/outplans", {"headers": {"Cookie": f"token={CANARY}; theme=dark"}}),
        ("/v1.0/outplans", {"headers": {"Referer": f"https://a/?token={CANARY}"}}),
        (f"/v1.0/outplans?token={CANARY}", {}),
        (f"/v1.0/outplans?accesskey={CANARY}&page_size=3", {}),
        (f"/v1.0/outplans?access%6Bey={CANARY}", {}),
        (f"/v1.0/outplans?Token={CANARY}", {}),
        (f"/v1.0/outplans?api_key={CANARY}", {}),
        (f"/v1.0/outplans&token={CANARY}", {}),
        (f"/v1.0/outplans/?token={CANARY}", {}),
        ("/auth/login", {"json": {"username": "admin@localhost", "password": CANARY}}),
        ("/auth/login", {"json": {"username": "admin@localhost", "password": [CANARY]}}),
        ("/auth/login", {"json": {"username": 5, "password": CANARY}}),
        ("/auth/login", {"data": f'{{"username": "admin@localhost", "password": {NUMBER}}}'}),
        ("/auth/login", {"data": f'{{"username": "a", "password": "{CANARY}"'}),
        ("/auth/login", {"data": f'{{"username": "a", "pass\\u0077ord": "{CANARY}"}}'}),
        ("/auth/login", {"data": f"username=a&password={CANARY}"}),
        ("/auth/logn", {"json": {"username": "admin@localhost", "password": CANARY}}),
        ("/auth/logn", {"data": f"username=a&password={CANARY}"}),
        ("/v1.0/outplans", {"json": {**PLAN, "password": CANARY, "deep": [{"access_key": CANARY}]}}),
        ("/v1.0/agents", {"json": {"username": "a@b.example", "password": CANARY, "name": 5}}),
        ("/v1.0/agents", {"json": {"username": "a@b.example", "password": {"of": CANARY}}}),
        ("/v1.0/accesskeys", {"json": {"name": "a", "token": CANARY}}),
    ],
    ids=str,
)
def test_no_credential_is_ever_shown(mock: Mock, path: str, how: dict[str, Any]) -> None:
    anonymous = "headers" in how or "=" in path
    client = mock.anonymous if anonymous else mock.client
    for method in ("POST", "PUT", "GET"):
        client.open(path, method=method, **how)
    assert len(mock.requests) >= 3
    shown = everything_shown(mock)
    assert CANARY not in shown
    assert str(NUMBER) not in shown


def test_what_login_gives_and_keys_are_made_with_is_not_shown(mock: Mock) -> None:
    login = {"username": mock.username, "password": mock.password}
    token = mock.client.post("/auth/login", json=login).json["token"]
    key = mock.client.post("/v1.0/accesskeys", json={"name": "k", "expire": 31536000}).json["token"]
    assert token
    assert key
    shown = everything_shown(mock)
    for secret in (token, key, mock.token, mock.password):
        assert secret not in shown.replace(mock.username, "")


def test_a_credential_can_be_asked_for_by_who_knows_it(mock: Mock) -> None:
    mock.client.get("/v1.0/me")
    mock.anonymous.get(f"/v1.0/me?accesskey={mock.accesskey}")
    assert mock.journal.count(headers={"Authorization": f"Bearer {mock.token}"}) == 1
    assert mock.journal.count(query={"accesskey": mock.accesskey}) == 1
    assert mock.journal.count(query={"accesskey": "another"}) == 0
    text = failure(lambda: mock.journal.assert_called(query={"accesskey": CANARY}))
    assert "query /accesskey: is another credential than expected" in text


def test_a_changed_webhook_secret_is_not_told_by_lint() -> None:
    with Mock() as mock:
        customer = mock.customers.list()[0]
        mock.customers.update(customer.id, webhook_secret=CANARY)
        with pytest.warns(VoIPBINWarning, match="cleared-member"):
            mock.client.put("/v1.0/customer", json={"detail": ""})
        assert CANARY not in everything_shown(mock)


def test_what_is_no_credential_stays_as_it_was_sent(mock: Mock) -> None:
    body = '{ "name" : "tokens and passwords",\n "detail":"a=b&token" }'
    mock.client.post("/v1.0/outplans?page_token=2026&keynote=1", data=body)
    (call,) = mock.requests
    assert call.body.decode() == body
    assert call.query == "page_token=2026&keynote=1"
    assert redact_body(b'{ "a": 1, "password" : "x" }') == b'{ "a": 1, "password" : "***" }'


secrets = st.sampled_from(["password", "Password", "token", "access_key", "webhookSecret", "apiKey"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.just(CANARY + '"\\') | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def holder(secret: Any) -> Any:
    """JSON with a credential somewhere in it, and nothing else that reads like one."""
    plain = st.integers(0, 5) | st.sampled_from(["a", "b\\", '"'])
    held = st.builds(
        lambda name, value, key, other: {key: other, name: value}, secrets, secret, st.sampled_from("ab"), plain
    )
    return st.recursive(
        held,
        lambda inner: st.lists(inner, min_size=1, max_size=2) | st.builds(lambda v: {"in": v}, inner),
        max_leaves=3,
    )


@given(holder(values.map(lambda value: [CANARY, value])), st.sampled_from([None, 2]), st.booleans())
def test_no_json_body_shows_what_a_secret_name_holds(body: Any, indent: int | None, escaped: bool) -> None:
    shown = redact_body(json.dumps(body, indent=indent, ensure_ascii=escaped).encode())
    assert CANARY.encode() not in shown
    json.loads(shown)


@given(
    st.lists(st.tuples(secrets, st.just(CANARY)) | st.tuples(st.sampled_from("abc"), st.text("xyz&= %+", max_size=4)))
)
def test_no_query_shows_what_a_secret_name_holds(pairs: list[tuple[str, str]]) -> None:
    assert CANARY not in redact_query("&".join(f"{name}={value}" for name, value in pairs))


# --- comparing -----------------------------------------------------------------------------------

documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(documents)
def test_a_document_differs_from_itself_in_nothing(document: Any) -> None:
    assert not differences(document, json.loads(json.dumps(document)), exact=True)


@given(documents, documents)
def test_exact_comparison_is_equality_of_the_json_texts(first: Any, second: Any) -> None:
    texts = [json.dumps(value, sort_keys=True) for value in (first, second)]
    same = not differences(first, second, exact=True)
    assert same == (texts[0] == texts[1] or texts[0].replace("-0.0", "0.0") == texts[1].replace("-0.0", "0.0"))


@given(st.dictionaries(st.text(max_size=3), documents), st.dictionaries(st.text(max_size=3), documents))
def test_more_members_never_hurt_a_contains(wanted: dict[str, Any], more: dict[str, Any]) -> None:
    assert not differences(wanted, {**more, **wanted})


# --- records -------------------------------------------------------------------------------------


def test_a_record_that_is_not_there_is_answered_with_the_nearest() -> None:
    with Mock() as mock:
        night = mock.outplans.create(name="night", dial_timeout=30)
        evening = mock.outplans.create(name="Evening", dial_timeout=25000)
        gone = mock.outplans.create(name="evening", dial_timeout=25)
        mock.outplans.delete(gone.id)
        with pytest.raises(LookupError) as caught:
            mock.outplans.get(name="evening", dial_timeout=25000)
        assert str(caught.value).splitlines() == [
            "no outplan has name='evening', dial_timeout=25000; of 3, the nearest:",
            f"  outplan {gone.id} 'evening', deleted",
            "      /dial_timeout: expected 25000, got 25 (a thousandth: seconds for milliseconds?)",
            f"  outplan {evening.id} 'Evening'",
            '      /name: expected "evening", got "Evening"',
            f"  outplan {night.id} 'night'",
            '      /name: expected "evening", got "night"',
            "      /dial_timeout: expected 25000, got 30",
        ]
        with pytest.raises(LookupError, match="no outplan has name='x'; of 3"):
            mock.outplans.get(name="x")
    with Mock(seed="empty") as mock, pytest.raises(LookupError, match="no number has name='x'; there are none at all"):
        mock.numbers.get(name="x")


def test_several_records_are_named_when_one_was_asked_for() -> None:
    with Mock() as mock:
        first, second = (mock.outplans.create(name="evening") for _ in range(2))
        with pytest.raises(LookupError) as caught:
            mock.outplans.get(name="evening")
        assert str(caught.value) == (
            f"2 outplans have name='evening': id={second.id!r}, name='evening'; id={first.id!r}, name='evening'; "
            "name more members, or use list()"
        )


# --- waiting -------------------------------------------------------------------------------------


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def test_a_call_made_before_is_given_at_once(mock: Mock) -> None:
    post(mock)
    assert mock.journal.wait_for("POST", "/outplans", timeout=0) is mock.requests[0]


def test_a_call_of_another_thread_is_waited_for(mock: Mock, pool: ThreadPoolExecutor) -> None:
    waiting = pool.submit(mock.journal.wait_for, "POST", "/outplans", json={"name": "c"})
    for name in "abc":
        post(mock, name=name)
    assert waiting.result(10).json["name"] == "c"


def test_the_nth_call_is_waited_for(mock: Mock, pool: ThreadPoolExecutor) -> None:
    waiting = pool.submit(mock.journal.wait_for, "GET", times=3)
    for _ in range(4):
        mock.client.get("/v1.0/outplans")
    assert waiting.result(10).number == 3


def test_many_may_wait_while_many_call(mock: Mock, pool: ThreadPoolExecutor) -> None:
    waiting = [pool.submit(mock.journal.wait_for, "POST", "/outplans", json={"name": f"n{n}"}) for n in range(4)]
    calling = [pool.submit(post, mock, name=f"n{n}") for n in range(20)]
    assert [w.result(10).json["name"] for w in waiting] == ["n0", "n1", "n2", "n3"]
    assert not any(c.result(10) for c in calling)


def test_waiting_works_over_a_socket_and_a_predicate_may_call_the_server(pool: ThreadPoolExecutor) -> None:
    with Mock(ignore="all") as mock:
        server = mock.serve()

        def get(path: str) -> int:
            with urlopen(f"{server.origin}{path}", timeout=10) as reply:
                reply.read()
                return int(reply.status)

        working = pool.submit(get, f"/v1.0/outplans?accesskey={mock.accesskey}")
        assert mock.journal.wait_for("GET", "/outplans").status == 200
        assert mock.journal.wait_until(lambda: get("/ping")) == 200
        assert working.result(10) == 200


def test_a_condition_is_looked_at_after_every_call(mock: Mock, pool: ThreadPoolExecutor) -> None:
    waiting = pool.submit(mock.journal.wait_until, lambda: mock.outplans.get(name="evening"))
    post(mock, name="morning")
    post(mock)
    assert waiting.result(10).name == "evening"


def test_a_condition_may_be_about_time_or_a_record_put_in_place(mock: Mock, pool: ThreadPoolExecutor) -> None:
    mock.freeze("2026-03-01T09:00:00Z")
    by_time = pool.submit(mock.journal.wait_until, lambda: mock.now.hour == 11)
    by_record = pool.submit(mock.journal.wait_until, lambda: len(mock.outplans) == 1)
    mock.advance(hours=2)
    mock.outplans.create(name="evening")
    assert by_time.result(10) is True
    assert by_record.result(10) is True


def test_a_wait_that_is_over_tells_the_near_misses(mock: Mock) -> None:
    post(mock, name="night")
    text = failure(lambda: mock.journal.wait_for("POST", "/outplans", json={"name": "evening"}, timeout=SOON))
    assert text.startswith("within 0.02 s: expected POST /outplans with json")
    assert '      json /name: expected "evening", got "night"' in text.splitlines()
    text = failure(lambda: mock.journal.wait_until(lambda: mock.outplans.get(name="x"), timeout=SOON))
    assert text.startswith(
        "within 0.02 s the condition did not come true; at last LookupError: no outplan has name='x'"
    )
    assert failure(lambda: mock.journal.wait_until(lambda: [], timeout=SOON)).endswith("at last it gave []")


def test_other_errors_of_a_condition_are_the_callers(mock: Mock) -> None:
    with pytest.raises(ZeroDivisionError):
        mock.journal.wait_until(lambda: 1 / 0)


def test_waiting_in_an_event_loop_is_explained(mock: Mock) -> None:
    async def blocked() -> None:
        mock.journal.wait_for("POST", timeout=SOON)

    assert "use await asyncio.to_thread(...)" in failure(lambda: asyncio.run(blocked()))


def test_a_coroutine_waits_in_a_thread(mock: Mock) -> None:
    async def working() -> int:
        call = asyncio.create_task(asyncio.to_thread(mock.journal.wait_for, "POST", "/outplans"))
        await asyncio.to_thread(post, mock)
        return (await call).number

    assert asyncio.run(working()) == 1


def test_null_is_a_body_and_no_body_is_none(mock: Mock) -> None:
    mock.stub("POST /anything", json={})
    mock.client.post("/anything", data="null", content_type="application/json")
    mock.client.post("/anything")
    mock.client.post("/anything", data="{", content_type="application/json")
    assert mock.journal.count("POST", json=None) == 1
    assert mock.journal.count("POST", json=MISSING) == 2
    assert mock.journal.count("POST", body=b"") == 1
    with pytest.raises(AssertionError, match=r"(?s)got a body that is not JSON.*got no body.*got null"):
        mock.journal.assert_called("POST", "/anything", json={"a": 1})
