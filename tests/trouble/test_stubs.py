"""Canned replies in an operation's place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from voipbin_mock import Mock, MockUsageError, UnusedPlanError

NOWHERE = "/v1.0/flights"


@pytest.fixture
def mock() -> Iterator[Mock]:
    with Mock() as mock:
        yield mock


def test_a_stub_answers_in_the_operations_place_until_it_is_taken_back(mock: Mock) -> None:
    stub = mock.stub("GET /numbers", json={"result": [], "odd": "<é>"}, status=203, headers={"X-Page": "1"})
    for _ in range(3):
        reply = mock.client.get("/v1.0/numbers")
        assert (reply.status_code, reply.json) == (203, {"result": [], "odd": "<é>"})
        assert reply.content_type == "application/json; charset=utf-8"
        assert reply.headers["X-Page"] == "1"
        assert reply.headers["X-Request-Id"]
    assert stub.met == 3
    stub.cancel()
    assert mock.client.get("/v1.0/numbers").json["result"] != []


def test_a_stub_asks_for_no_credential_and_checks_no_body(mock: Mock) -> None:
    mock.stub("POST /outplans", status=201, json={"id": "x"})
    assert mock.anonymous.post("/v1.0/outplans", data=b"{").status_code == 201
    assert mock.outplans.list() == []


@pytest.mark.parametrize(
    ("on", "path"),
    [
        ("GET /not/there", "/v1.0/not/there"),
        ("GET /not/there", "/not/there"),
        ("GET /not/{any}/thing", "/v1.0/not/this/thing"),
        ("GET /not/*/thing", "/v1.0/not/this/thing"),
        ("GET /not/**/thing", "/v1.0/not/this/or/that/thing"),
        ("PATCH /outplans", "/v1.0/outplans"),
    ],
)
def test_what_is_not_mocked_and_what_does_not_exist_can_be_stubbed(on: str, path: str, mock: Mock) -> None:
    mock.stub(on, json=[1])
    assert mock.client.open(path, method=on.split()[0]).json == [1]
    assert mock.client.open(path + "/deeper", method=on.split()[0]).status_code == 404


def test_the_journal_says_that_it_was_a_stub(mock: Mock) -> None:
    mock.stub("GET /not/there", status=404)
    mock.client.get("/v1.0/not/there")
    assert mock.requests[-1].hint == "a stub, planned on GET /not/there"
    assert mock.requests[-1].status == 404


@pytest.mark.parametrize(
    ("members", "body", "content_type"),
    [
        ({}, b"", None),
        ({"json": None}, b"null", "application/json; charset=utf-8"),
        ({"body": "hello"}, b"hello", "text/plain; charset=utf-8"),
        ({"body": b"\xff\x00"}, b"\xff\x00", "text/plain; charset=utf-8"),
        ({"body": "<p>", "content_type": "text/html"}, b"<p>", "text/html"),
        ({"body": "<p>", "headers": {"content-type": "text/html"}}, b"<p>", "text/html"),
        ({"status": 204}, b"", None),
    ],
)
def test_every_sort_of_body(members: dict[str, Any], body: bytes, content_type: str | None, mock: Mock) -> None:
    mock.stub("GET /numbers", **members)
    reply = mock.client.get("/v1.0/numbers")
    assert reply.data == body
    assert reply.headers.get("Content-Type") == content_type


def test_stubs_that_end_come_in_order_before_the_one_that_stays(mock: Mock) -> None:
    mock.stub("GET /me", json="old")
    mock.stub("GET /me", json="first", times=1)
    mock.stub("GET /me", json="second", times=1)
    mock.stub("GET /me", json="new")
    said = [mock.client.get("/v1.0/me").json for _ in range(4)]
    assert said == ["first", "second", "new", "new"]
    assert [stub.spec["json"] for stub in mock.stubs.unused] == ["old"]
    mock.stubs.clear()


def test_a_stub_can_be_for_one_call_or_caller_only(mock: Mock) -> None:
    mock.stub("GET /me", json="stubbed", nth=2)
    assert [mock.client.get("/v1.0/me").json == "stubbed" for _ in range(3)] == [False, True, False]
    mock.stub("GET /me", json="stubbed", accesskey="vb_other")
    assert mock.client.get("/v1.0/me").json != "stubbed"
    assert mock.anonymous.get("/v1.0/me?accesskey=vb_other").json == "stubbed"


def test_a_fault_can_befall_a_stub(mock: Mock) -> None:
    mock.stub("GET /flows", json={"a": 1}, times=1)
    mock.faults.refuse("GET /flows")
    with pytest.raises(ConnectionRefusedError):
        mock.client.get("/v1.0/flows")
    mock.faults.malformed("GET /flows")
    assert mock.client.get("/v1.0/flows").data == b'{"a'


def test_a_stub_lasts_no_longer_than_its_block_or_a_reset(mock: Mock) -> None:
    with mock.stub("GET /me", json="stubbed"):
        assert mock.client.get("/v1.0/me").json == "stubbed"
    assert mock.client.get("/v1.0/me").json != "stubbed"
    mock.stub("GET /me", json="stubbed")
    mock.reset()
    assert mock.client.get("/v1.0/me").json != "stubbed"


def test_a_stub_that_nobody_asked_for_is_told() -> None:
    mock = Mock(unused="error")
    mock.stub("GET /flows", json=[])
    mock.faults.clear()  # clears faults alone
    with pytest.raises(UnusedPlanError, match="stub on GET /flows: met 0 times; no such request came"):
        mock.close()


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (lambda m: m.stub("numbers.lst", json=1), "did you mean 'numbers.list'"),
        (lambda m: m.stub("GET numbers", json=1), "starts with a slash"),
        (lambda m: m.stub("GET /numbers", json=1, body="x"), "give one of json and body"),
        (lambda m: m.stub("GET /numbers", json={1, 2}), "cannot be written as JSON"),
        (lambda m: m.stub("GET /numbers", json=float("nan")), "cannot be written as JSON"),
        (lambda m: m.stub("GET /numbers", body=5), "must be a text"),
        (lambda m: m.stub("GET /numbers", status=99), "status=99"),
        (lambda m: m.stub("GET /numbers", status=204, json={}), "an answer 204 has no body"),
        (lambda m: m.stub("GET /numbers", headers={"a b": "c"}), "is no name of a header"),
        (lambda m: m.stub("GET /numbers", headers={"a": "c\r\nd: e"}), "cannot be a header"),
        (lambda m: m.stub("GET /numbers", headers={"Content-Length": "3"}), "not yours to set"),
        (lambda m: m.stub("GET /numbers", headers=[1]), "give names and values"),
        (lambda m: m.stub("GET /numbers", jsn=1), "did you mean 'json'"),
    ],
)
def test_a_stub_that_cannot_be_is_refused_at_once(plan: Callable[[Mock], Any], said: str, mock: Mock) -> None:
    with pytest.raises(MockUsageError) as caught:
        plan(mock)
    assert said in str(caught.value)
    assert len(mock.stubs) == 0


def test_stubs_from_any_language(mock: Mock) -> None:
    control = mock.anonymous
    made = control.post("/__mock__/stubs", json={"on": f"GET {NOWHERE}", "json": {"a": [1]}, "status": 202})
    assert made.json["number"] == 1
    assert mock.client.get(NOWHERE).json == {"a": [1]}
    assert control.get("/__mock__/stubs").json["stubs"] == [made.json | {"seen": 1, "met": 1}]
    assert control.get("/__mock__/faults").json["faults"] == []
    assert control.delete("/__mock__/stubs/1").status_code == 200
    assert mock.client.get(NOWHERE).status_code == 404
    assert control.post("/__mock__/stubs", json={"json": 1}).status_code == 400
    control.post("/__mock__/stubs", json={"on": f"GET {NOWHERE}", "body_base64": "aGk="})
    assert mock.client.get(NOWHERE).data == b"hi"
    control.delete("/__mock__/stubs")
    assert mock.client.get(NOWHERE).status_code == 404
    assert control.post("/__mock__/stubs", json={"on": "GET /x", "body_base64": "a"}).status_code == 400


def test_a_stub_over_a_socket() -> None:
    import requests

    with Mock() as mock:
        mock.serve()
        mock.stub(f"GET {NOWHERE}", status=418, body="tea", headers={"X-Pot": "short"})
        reply = requests.get(mock.origin + NOWHERE, timeout=5)
        assert (reply.status_code, reply.text, reply.headers["X-Pot"]) == (418, "tea", "short")
