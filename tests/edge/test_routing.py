"""Paths, methods, headers and the envelope: what is the same for every operation."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.unmocked import METHOD, TEMPLATE, knows_one_more
from voipbin_mock import Mock

NEW_REQUEST_ID = re.compile(r"req_[A-Z2-7]{26}")
ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
SOME_ID = "c0ffee00-0000-4000-8000-000000000000"
ORIGIN = {"Origin": "https://app.example.com"}


# --- the envelope --------------------------------------------------------------------------------


def test_an_error_is_compact_json_with_its_keys_in_alphabetical_order(either: Mock) -> None:
    reply = either.client.get("/v1.0/nothing-here", headers={"X-Request-Id": "abc"})
    assert re.fullmatch(
        r'\{"error":\{"message":"[^"]+","reason":"ROUTE_NOT_FOUND","request_id":"abc","status":"NOT_FOUND"\}\}',
        reply.text,
    )
    assert reply.content_type == "application/json; charset=utf-8"


def test_details_come_first_in_an_error(either: Mock) -> None:
    reply = either.client.post("/v1.0/outplans", json={"name": 5})
    assert list(json.loads(reply.text)["error"]) == ["details", "message", "reason", "request_id", "status"]


@pytest.mark.differs("undecodable-type")
def test_a_body_that_cannot_be_decoded_is_told_as_text_by_the_server_only(documented: Mock, server: Mock) -> None:
    for mock, content_type in ((documented, "application/json"), (server, "text/plain")):
        reply = mock.client.post("/v1.0/outplans", data="{", content_type="application/json")
        assert reply.status_code == 400
        assert reply.content_type == f"{content_type}; charset=utf-8"
        assert json.loads(reply.text)["error"]["reason"] == "INVALID_JSON_BODY"


def test_what_html_could_misread_is_escaped(either: Mock) -> None:
    created = either.outplans.create(name="<b> & \u2028 \u2029 é \"'/")
    reply = either.client.get(f"/v1.0/outplans/{created.id}")
    assert '"name":"\\u003cb\\u003e \\u0026 \\u2028 \\u2029 é \\"\'/"' in reply.text
    assert reply.json["name"] == created.name


def test_an_answer_is_compact_json_without_a_newline_at_its_end(either: Mock) -> None:
    reply = either.client.get("/v1.0/me")
    assert reply.text == json.dumps(reply.json, separators=(",", ":"), ensure_ascii=False)
    assert reply.content_type == "application/json; charset=utf-8"


# --- request ids ---------------------------------------------------------------------------------


@given(text=st.text(ID_LETTERS, min_size=1, max_size=64))
def test_a_usable_request_id_comes_back(text: str) -> None:
    with Mock() as mock:
        for path in ("/v1.0/outplans", "/v1.0/nothing-here", "/ping"):
            reply = mock.client.get(path, headers={"X-Request-Id": text})
            assert reply.headers.getlist("X-Request-Id") == [text]


@pytest.mark.parametrize("text", ["", "x" * 65, "a b", "a.b", "a/b", "ä", "req_äöü", "a,b", "x" * 1000])
def test_any_other_request_id_is_replaced(either: Mock, text: str) -> None:
    reply = either.client.get("/v1.0/nothing-here", headers={"X-Request-Id": text})
    assert NEW_REQUEST_ID.fullmatch(reply.headers["X-Request-Id"])
    assert reply.json["error"]["request_id"] == reply.headers["X-Request-Id"]


def test_every_request_has_an_id_of_its_own(either: Mock) -> None:
    ids = [either.client.get(f"/v1.0/outplans/{SOME_ID}").json["error"]["request_id"] for _ in range(50)]
    assert len(set(ids)) == 50
    assert all(NEW_REQUEST_ID.fullmatch(one) for one in ids)
    assert [seen.request_id for seen in either.requests] == ids


@pytest.mark.parametrize("path", ["/ping", "/auth/login", "/v1.0/outplans", "/v1.0/me", "/elsewhere"])
def test_every_answer_has_a_request_id_also_without_a_credential(either: Mock, path: str) -> None:
    for method in ("GET", "POST", "HEAD"):
        reply = either.anonymous.open(path, method=method)
        assert NEW_REQUEST_ID.fullmatch(reply.headers["X-Request-Id"])


# --- routes --------------------------------------------------------------------------------------


def test_ping_answers_without_a_credential(either: Mock) -> None:
    reply = either.anonymous.get("/ping")
    assert (reply.status_code, reply.text) == (200, '{"message":"pong"}')


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/v1.0"),
        ("GET", "/outplans"),
        ("GET", "/v1/outplans"),
        ("GET", "/V1.0/outplans"),
        ("GET", "/v1.0/Outplans"),
        ("GET", "/v1.0//outplans"),
        ("GET", "//v1.0/outplans"),
        ("GET", f"/v1.0/outplans/{SOME_ID}/dial_info"),
        ("GET", "/v1.0/ping"),
        ("PUT", "/v1.0/outplans"),
        ("DELETE", "/v1.0/outplans"),
        ("PATCH", f"/v1.0/outplans/{SOME_ID}"),
        ("POST", f"/v1.0/outplans/{SOME_ID}"),
        ("POST", "/v1.0/me"),
        ("GET", "/auth/login"),
        ("PUT", "/auth/login"),
        ("POST", "/ping"),
        ("OPTIONS", "/v1.0/outplans"),
        ("OPTIONS", "/ping"),
        ("GET", "/v1.0/outplans/%ff/%00"),
        ("GET", "/index.html"),
        ("GET", "/static/x"),
    ],
)
def test_an_unknown_path_or_method_is_404_before_any_credential_is_asked_for(
    either: Mock, method: str, path: str
) -> None:
    for client in (either.anonymous, either.client):
        reply = client.open(path, method=method)
        assert reply.status_code == 404
        assert reply.json["error"]["reason"] == "ROUTE_NOT_FOUND"
        assert reply.json["error"]["status"] == "NOT_FOUND"


@pytest.mark.parametrize("path", ["/v1.0/outplans", "/ping", "/v1.0/me"])
def test_head_is_not_routed(either: Mock, path: str) -> None:
    reply = either.client.head(path)
    assert (reply.status_code, reply.data) == (404, b"")
    assert either.requests[-1].reason == "ROUTE_NOT_FOUND"


@pytest.mark.differs("D10")
def test_login_lives_under_the_prefix_by_the_documents_alone(documented: Mock, server: Mock) -> None:
    body = {"username": documented.username, "password": documented.password}
    assert documented.anonymous.post("/v1.0/auth/login", json=body).status_code == 200
    for arguments in ({"json": body}, {"data": "{"}, {"json": {}}, {}):
        reply = server.anonymous.post("/v1.0/auth/login", **arguments)
        assert reply.json["error"]["reason"] == "ROUTE_NOT_FOUND"
        assert "POST /auth/login" in server.requests[-1].hint
    assert server.anonymous.post("/v1.0/auth/login/", json=body).status_code == 404
    assert b'"password": "***"' in server.requests[0].body  # a dead path keeps no secrets either


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_what_the_real_api_has_is_known_but_not_mocked_yet(profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Mock(profile, areas=[knows_one_more(monkeypatch)]) as mock:
        reply = mock.client.open(TEMPLATE.replace("{id}", SOME_ID), method=METHOD)
        assert reply.json["error"]["reason"] == "ROUTE_NOT_FOUND"
        assert mock.requests[-1].hint == f"{METHOD} {TEMPLATE} is known, not mocked yet"
        assert "not mocked" not in reply.text
        mock.client.open("/v1.0/flight", method="GET")
        assert "known, not mocked yet" not in mock.requests[-1].hint


@pytest.mark.parametrize(
    ("method", "path", "nearest"),
    [
        ("GET", "/v1.0/outplan", "GET /v1.0/outplans"),
        ("POST", "/v1.0/out-plans", "POST /v1.0/outplans"),
        ("GET", "/outplans", "GET /v1.0/outplans"),
        ("PATCH", f"/v1.0/outplans/{SOME_ID}", "/v1.0/outplans/{id}"),
        ("PUT", f"/v1.0/outplans/{SOME_ID}/dialinfo", "PUT /v1.0/outplans/{id}/dial_info"),
        ("GET", "/v1.0/auth/login", "POST /auth/login"),
    ],
)
def test_an_unknown_call_is_told_its_nearest_real_one(either: Mock, method: str, path: str, nearest: str) -> None:
    either.client.open(path, method=method)
    hint = either.requests[-1].hint
    assert hint.startswith("the real API has no such operation")
    assert nearest in hint


def test_nothing_is_near_to_nonsense(either: Mock) -> None:
    either.client.get("/qqqqqq/zzzzzzzzzz")
    assert either.requests[-1].hint == "the real API has no such operation"


# --- a slash too many ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "query", "code"),
    [
        ("GET", "/v1.0/outplans", "", 301),
        ("GET", f"/v1.0/outplans/{SOME_ID}", "?accesskey=x&y=%2F", 301),
        ("POST", "/v1.0/outplans", "?token=abc", 307),
        ("PUT", f"/v1.0/outplans/{SOME_ID}/dial_info", "", 307),
        ("DELETE", f"/v1.0/outplans/{SOME_ID}", "", 307),
        ("POST", "/auth/login", "", 307),
        ("GET", "/ping", "", 301),
    ],
)
def test_a_slash_too_many_is_led_back(either: Mock, method: str, path: str, query: str, code: int) -> None:
    reply = either.anonymous.open(f"{path}/{query}", method=method)
    assert reply.status_code == code
    assert reply.headers["Location"] == path + query
    assert "X-Request-Id" not in reply.headers
    assert b"error" not in reply.data


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1.0/outplans//"), ("PATCH", "/v1.0/outplans/"), ("GET", "/elsewhere/"), ("HEAD", "/v1.0/outplans/")],
)
def test_a_slash_after_what_is_not_there_is_404(either: Mock, method: str, path: str) -> None:
    assert either.client.open(path, method=method).status_code == 404


def test_a_client_that_follows_the_redirect_creates_what_it_sent(either: Mock) -> None:
    plan = {"name": "evening", "detail": "", "dial_timeout": 30000, "try_interval": 60000}
    plan |= {f"max_try_count_{n}": 1 for n in range(5)}
    reply = either.client.post("/v1.0/outplans/", json=plan, follow_redirects=True)
    assert reply.status_code == 200
    assert [record.name for record in either.outplans] == ["evening"]


# --- CORS ----------------------------------------------------------------------------------------


def cors(reply: object) -> dict[str, str]:
    headers = reply.headers  # type: ignore[attr-defined]
    return {name: value for name, value in headers.items() if name.startswith("Access-Control-")}


@pytest.mark.parametrize("path", ["/v1.0/outplans", "/v1.0/nothing", f"/v1.0/outplans/{SOME_ID}", "/ping"])
def test_cors_headers_come_only_if_an_origin_was_sent(either: Mock, path: str) -> None:
    for client in (either.client, either.anonymous):
        assert cors(client.get(path)) == {}
        assert cors(client.get(path, headers=ORIGIN)) == {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Content-Length",
        }


@pytest.mark.parametrize("path", ["/v1.0/outplans", "/v1.0/nothing", "/auth/login"])
def test_a_preflight_is_answered_without_a_credential(either: Mock, path: str) -> None:
    reply = either.anonymous.options(path, headers={**ORIGIN, "Access-Control-Request-Method": "PUT"})
    assert (reply.status_code, reply.data) == (204, b"")
    assert cors(reply) == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "POST,GET,PUT,DELETE,PATCH,HEAD,OPTIONS",
        "Access-Control-Allow-Headers": "Origin,X-Requested-With,Content-Type,Accept,Authorization",
        "Access-Control-Max-Age": "43200",
    }
    assert NEW_REQUEST_ID.fullmatch(reply.headers["X-Request-Id"])


# --- ids in paths --------------------------------------------------------------------------------

PLAIN = "d5fb7357-7ddb-4f2d-87b5-8ccbfd6c039e"


@pytest.mark.parametrize(
    "spelling",
    [
        PLAIN,
        PLAIN.upper(),
        PLAIN.replace("-", ""),
        PLAIN.replace("-", "").upper(),
        f"{{{PLAIN}}}",
        f"{{{PLAIN.upper()}}}",
        f"urn:uuid:{PLAIN}",
        f"%7B{PLAIN}%7D",
    ],
)
def test_an_id_is_read_in_every_spelling_and_written_in_one(either: Mock, spelling: str) -> None:
    either.outplans.create(id=PLAIN, name="evening")
    reply = either.client.get(f"/v1.0/outplans/{spelling}")
    assert reply.status_code == 200
    assert reply.json["id"] == PLAIN


@pytest.mark.parametrize(
    "spelling",
    [
        "00000000-0000-0000-0000-000000000000",
        "0" * 32,
        "1",
        "abc",
        PLAIN[:-1],
        PLAIN + "0",
        PLAIN.replace("-", "_"),
        PLAIN.replace("-", "", 1),
        "{" + PLAIN,
        f"URN:UUID:{PLAIN}",
        f"uuid:{PLAIN}",
        f"%20{PLAIN}",
        f"{PLAIN}%0A",
        "g" + PLAIN[1:],
        "%EF%BC%91" + PLAIN[1:],  # a digit, but not one of ASCII
        "x" * 5000,
    ],
)
def test_what_is_no_id_is_refused_before_anything_is_looked_up(either: Mock, spelling: str) -> None:
    for method, tail in (("GET", ""), ("DELETE", ""), ("PUT", ""), ("PUT", "/dial_info")):
        path = f"/v1.0/outplans/{spelling}{tail}"
        reply = either.client.open(path, method=method, data="{")
        assert reply.status_code == 400
        assert reply.json["error"]["reason"] == "INVALID_ID"
        assert either.anonymous.open(path, method=method).status_code == 401
