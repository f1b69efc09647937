"""Logging in, and the credential of a request."""

from __future__ import annotations

import base64
import itertools
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
import requests

from voipbin_mock import Mock, VoIPBINWarning
from voipbin_mock.interception.clients import CredentialClient

ADMIN, MANAGER, AGENT, SUPER = 0x20, 0x40, 0x10, 0x01
OUTPLAN = "d5fb7357-7ddb-4f2d-87b5-8ccbfd6c039e"
BEFORE_A_WEEK_ENDS, AFTER = timedelta(days=7, seconds=-1), timedelta(seconds=2)


def login(mock: Mock, **body: Any) -> Any:
    return mock.anonymous.post("/auth/login", json=body or {"username": mock.username, "password": mock.password})


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def reason(reply: Any) -> str | None:
    return json.loads(reply.text)["error"]["reason"] if reply.status_code >= 400 else None


# --- logging in ----------------------------------------------------------------------------------


def test_login_gives_the_user_name_and_a_token(either: Mock) -> None:
    reply = login(either)
    assert reply.status_code == 200
    assert re.fullmatch(r'\{"username":"admin@localhost","token":"[\w-]+\.[\w-]+\.[\w-]+"\}', reply.text)


def test_login_sets_the_token_as_a_cookie_for_a_week(either: Mock) -> None:
    reply = login(either)
    assert reply.headers.getlist("Set-Cookie") == [
        f"token={reply.json['token']}; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=Strict"
    ]


def test_the_token_is_a_jwt_with_the_services_claims(either: Mock) -> None:
    token = login(either).json["token"]
    assert jwt.get_unverified_header(token)["alg"] == "HS256"
    claims = claims_of(token)
    assert set(claims) == {"type", "agent", "expire"}
    assert claims["type"] == "agent"
    assert claims["expire"] == "2026-03-08T09:00:00.000000Z"
    assert claims["agent"]["username"] == "admin@localhost"
    assert claims["agent"]["permission"] == ADMIN
    assert claims["agent"]["customer_id"] == either.agents.get(username="admin@localhost").customer_id
    assert not [name for name in claims["agent"] if "password" in name]
    assert "tm_delete" not in claims["agent"]  # an agent object leaves out what has not happened


@pytest.mark.parametrize(
    "arguments",
    [
        {"json": {"username": "admin@localhost", "password": "wrong"}},
        {"json": {"username": "nobody", "password": "admin@localhost"}},
        {"json": {"username": "admin@localhost"}},
        {"json": {"password": "admin@localhost"}},
        {"json": {"username": "", "password": ""}},
        {"json": {"username": "admin@localhost", "password": ""}},
        {"json": {"username": "admin@localhost", "password": None}},
        {"json": {"username": 5, "password": "x"}},
        {"json": {}},
        {"json": []},
        {"json": None},
        {"data": "{"},
        {"data": ""},
        {"data": "username=admin@localhost&password=admin@localhost"},
        {},
    ],
    ids=repr,
)
def test_a_login_that_fails_is_a_bare_400(either: Mock, arguments: dict[str, Any]) -> None:
    reply = either.anonymous.post("/auth/login", **arguments)
    assert (reply.status_code, reply.data) == (400, b"")
    assert "Set-Cookie" not in reply.headers
    assert either.requests[-1].hint  # the person is told nevertheless


def test_a_deleted_agent_cannot_log_in(either: Mock) -> None:
    agent = either.agents.get(username="manager@localhost")
    assert login(either, username="manager@localhost", password="manager@localhost").status_code == 200
    either.agents.delete(agent.id)
    assert login(either, username="manager@localhost", password="manager@localhost").status_code == 400


def test_no_password_reaches_the_journal(either: Mock) -> None:
    login(either)
    login(either, username="admin@localhost", password="geheim", x='"password"')
    for exchange in either.requests:
        assert b"geheim" not in exchange.body
        assert b'"password":"admin' not in exchange.body.replace(b" ", b"")
        assert b"eyJ" not in exchange.reply_body


@pytest.mark.filterwarnings("error")
def test_httpx_stays_logged_in_by_its_cookie(either: Mock) -> None:
    with httpx.Client(transport=either.httpx_transport(), base_url=either.origin) as client:
        assert client.get("/v1.0/me").status_code == 401
        client.post("/auth/login", json={"username": either.username, "password": either.password})
        assert client.get("/v1.0/me").json()["username"] == either.username
        # The cookie is looked at first, so a bad token elsewhere does not matter.
        assert client.get("/v1.0/me", params={"token": "bad"}).status_code == 200


def test_requests_stays_logged_in_by_its_cookie(either: Mock) -> None:
    with requests.Session() as session:
        session.mount("https://api.voipbin.net", either.requests_adapter())
        body = {"username": either.username, "password": either.password}
        session.post("https://api.voipbin.net/auth/login", json=body)
        assert session.get("https://api.voipbin.net/v1.0/me").json()["username"] == either.username


# --- five places for a credential ----------------------------------------------------------------

PLACES = ("cookie token", "query token", "header", "cookie accesskey", "query accesskey")


def five_customers(mock: Mock) -> list[str]:
    """One credential a place, each of another customer, who owns an outplan named after the place."""
    credentials = []
    for number, place in enumerate(PLACES):
        customer = mock.customers.create(name=place)
        mock.outplans.create(name=place, customer_id=customer.id)
        if "accesskey" in place:
            token = f"vb_{number:032d}"
            mock.accesskeys.create(customer_id=customer.id, token=token, tm_expire="2030-01-01T00:00:00Z")
            credentials.append(token)
        else:
            agent = mock.agents.create(customer_id=customer.id, username=place, permission=ADMIN)
            credentials.append(mock.token_for(agent))
    return credentials


def ask(mock: Mock, given: tuple[str | None, ...]) -> Any:
    cookie_token, query_token, header, cookie_key, query_key = given
    client = mock.anonymous
    for name, value in (("token", cookie_token), ("accesskey", cookie_key)):
        if value is not None:
            client.set_cookie(name, value)
    headers = {} if header is None else {"Authorization": f"Bearer {header}"}
    query = {name: value for name, value in (("token", query_token), ("accesskey", query_key)) if value is not None}
    return client.get("/v1.0/outplans", headers=headers, query_string=query)


def test_the_first_credential_counts_and_no_other_is_tried(either: Mock) -> None:
    good = five_customers(either)
    for choice in itertools.product((None, "", "bad", "good"), repeat=5):
        given = tuple(good[n] if what == "good" else what for n, what in enumerate(choice))
        reply = ask(either, given)
        first = next((n for n, what in enumerate(choice) if what), None)
        if first is None:
            assert (reply.status_code, reason(reply)) == (401, "AUTHENTICATION_REQUIRED"), choice
        elif choice[first] == "bad":
            assert (reply.status_code, reason(reply)) == (401, "INVALID_CREDENTIALS"), choice
        else:
            assert [plan["name"] for plan in reply.json["result"]] == [PLACES[first]], choice


def test_an_access_key_where_a_token_goes_is_refused(either: Mock) -> None:
    key = either.accesskey
    for reply in (
        either.anonymous.get("/v1.0/outplans", headers={"Authorization": f"Bearer {key}"}),
        either.anonymous.get("/v1.0/outplans", query_string={"token": key}),
        ask(either, (key, None, None, None, None)),
    ):
        assert (reply.status_code, reason(reply)) == (401, "INVALID_CREDENTIALS")
        assert "?accesskey=" in either.requests[-1].hint


@pytest.mark.parametrize("header", ["bearer {}", "BEARER {}", "Bearer", "Bearer ", "Basic {}", "{}", "Bearer\t{}"])
def test_another_scheme_than_bearer_is_no_credential(either: Mock, header: str) -> None:
    reply = either.anonymous.get("/v1.0/outplans", headers={"Authorization": header.format(either.token)})
    assert (reply.status_code, reason(reply)) == (401, "AUTHENTICATION_REQUIRED")


def forged(mock: Mock) -> dict[str, str]:
    token = mock.token
    head, body, signature = token.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    return {
        "other signature": f"{head}.{body}.{signature[::-1]}",
        "no signature": f"{head}.{body}.",
        "algorithm none": f"{none}.{body}.",
        "another key": jwt.encode(claims_of(token), "another secret, as long as it has to be", "HS256"),
        "two parts": f"{head}.{body}",
        "empty parts": "..",
        "nonsense": "no token at all",
        "not ASCII": "tökén",
        "long": "x" * 20_000,
    }


@pytest.mark.parametrize("kind", list(forged(Mock())))
def test_a_forged_token_is_refused(either: Mock, kind: str) -> None:
    reply = either.anonymous.get("/v1.0/outplans", query_string={"token": forged(either)[kind]})
    assert (reply.status_code, reason(reply)) == (401, "INVALID_CREDENTIALS")


def test_a_token_of_a_mock_with_another_random_seed_is_refused(either: Mock) -> None:
    with Mock(random_seed=1) as other:
        assert either.anonymous.get("/v1.0/me", query_string={"token": other.token}).status_code == 401


def test_a_token_without_expiry_is_no_credential(either: Mock) -> None:
    claims = {name: value for name, value in claims_of(either.token).items() if name != "expire"}
    token = jwt.encode(claims, either.world.secrets[0], "HS256")
    assert reason(either.anonymous.get("/v1.0/me", query_string={"token": token})) == "INVALID_CREDENTIALS"


def test_a_token_without_a_type_is_an_agents(either: Mock) -> None:
    claims = {name: value for name, value in claims_of(either.token).items() if name != "type"}
    token = jwt.encode(claims, either.world.secrets[0], "HS256")
    assert either.anonymous.get("/v1.0/me", query_string={"token": token}).json["username"] == either.username


# --- time ----------------------------------------------------------------------------------------


def test_a_token_lives_for_a_week_of_virtual_time(either: Mock) -> None:
    header = {"Authorization": f"Bearer {login(either).json['token']}"}
    either.advance(BEFORE_A_WEEK_ENDS)
    assert either.anonymous.get("/v1.0/outplans", headers=header).status_code == 200
    either.advance(AFTER)
    assert reason(either.anonymous.get("/v1.0/outplans", headers=header)) == "INVALID_CREDENTIALS"
    assert either.client.get("/v1.0/outplans").status_code == 200  # the ready client takes a fresh one


def test_a_token_outlives_a_reset(either: Mock) -> None:
    token = either.token
    either.reset()
    assert either.anonymous.get("/v1.0/me", query_string={"token": token}).status_code == 200


def test_a_permission_is_that_of_the_login(either: Mock) -> None:
    manager = either.agents.get(username="manager@localhost")
    before = either.client_for(manager)
    either.agents.update(manager.id, permission=AGENT)
    assert before.get("/v1.0/outplans").status_code == 200
    assert reason(either.client_for(manager).get("/v1.0/outplans")) == "PERMISSION_DENIED"


# --- access keys as credentials ------------------------------------------------------------------


def with_key(mock: Mock, key: str, path: str = "/v1.0/outplans") -> Any:
    return mock.anonymous.get(path, query_string={"accesskey": key})


def test_a_new_access_key_works_until_it_expires(either: Mock) -> None:
    key = either.client.post("/v1.0/accesskeys", json={"name": "n", "detail": "d", "expire": 86400}).json["token"]
    assert with_key(either, key).status_code == 200
    either.advance(86399)
    assert with_key(either, key).status_code == 200
    either.advance(2)
    assert reason(with_key(either, key)) == "INVALID_CREDENTIALS"


def test_a_deleted_access_key_is_refused_at_once(either: Mock) -> None:
    created = either.client.post("/v1.0/accesskeys", json={"expire": 86400}).json
    assert either.client.delete(f"/v1.0/accesskeys/{created['id']}").status_code == 200
    assert reason(with_key(either, created["token"])) == "INVALID_CREDENTIALS"


def test_an_access_key_is_an_admin_of_its_customer(either: Mock) -> None:
    assert with_key(either, either.accesskey, "/v1.0/accesskeys").status_code == 200
    assert with_key(either, either.accesskey, "/v1.0/customer").status_code == 200
    assert reason(with_key(either, either.accesskey, "/v1.0/me")) == "AGENT_AUTH_REQUIRED"


@pytest.mark.differs("D21")
def test_the_prefix_that_the_list_shows_works_as_a_key_by_the_documents() -> None:
    with Mock("documented") as mock:
        prefix = mock.client.get("/v1.0/accesskeys").json["result"][0]["token_prefix"]
        with pytest.warns(VoIPBINWarning, match="accesskey-prefix"):
            assert with_key(mock, prefix).status_code == 200
    with Mock("server") as mock:
        assert reason(with_key(mock, prefix)) == "INVALID_CREDENTIALS"


def test_a_prefix_is_refused_as_a_credential_if_its_warning_is_an_error() -> None:
    with Mock("documented", error=["accesskey-prefix"]) as mock:
        reply = with_key(mock, mock.accesskey[:11])
        assert (reply.status_code, reason(reply)) == (401, "INVALID_CREDENTIALS")
        assert "[accesskey-prefix]" in reply.json["error"]["details"][0]["message"]
        assert with_key(mock, mock.accesskey).status_code == 200


def test_a_prefix_of_an_expired_or_deleted_key_does_not_work(documented: Mock) -> None:
    old = documented.client.post("/v1.0/accesskeys", json={"expire": 86400}).json
    documented.client.delete(f"/v1.0/accesskeys/{old['id']}")
    assert with_key(documented, old["token_prefix"]).status_code == 401
    old = documented.client.post("/v1.0/accesskeys", json={"expire": 86400}).json
    documented.advance(days=2)
    assert with_key(documented, old["token_prefix"]).status_code == 401
    for part in (old["token"][:10], old["token"][:12], "vb_"):
        assert with_key(documented, part).status_code == 401


# --- direct tokens -------------------------------------------------------------------------------

ENDPOINTS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/v1.0/outplans", {}),
    ("POST", "/v1.0/outplans", {"json": {"name": "n", "detail": "d", "dial_timeout": 0, "try_interval": 0}}),
    ("GET", f"/v1.0/outplans/{OUTPLAN}", {}),
    ("DELETE", f"/v1.0/outplans/{OUTPLAN}", {}),
    ("PUT", f"/v1.0/outplans/{OUTPLAN}", {"json": {"name": "n", "detail": "d"}}),
    ("GET", "/v1.0/numbers", {}),
    ("POST", "/v1.0/numbers", {"json": {"number": "+15550100001"}}),
    ("GET", f"/v1.0/numbers/{OUTPLAN}", {}),
    ("GET", "/v1.0/available_numbers?country_code=US", {}),
    ("GET", "/v1.0/accesskeys", {}),
    ("POST", "/v1.0/accesskeys", {"json": {"expire": 86400}}),
    ("GET", f"/v1.0/accesskeys/{OUTPLAN}", {}),
    ("GET", "/v1.0/customer", {}),
    ("PUT", "/v1.0/customer/metadata", {"json": {"rtp_debug": True}}),
    ("GET", "/v1.0/agents", {}),
]


@pytest.mark.parametrize(("method", "path", "arguments"), ENDPOINTS, ids=lambda value: str(value)[:40])
def test_a_direct_token_is_refused_before_anything_is_looked_up(
    either: Mock, method: str, path: str, arguments: dict[str, Any]
) -> None:
    if method == "POST" and "outplans" in path:
        arguments = {"json": arguments["json"] | {f"max_try_count_{n}": 0 for n in range(5)}}
    header = {"Authorization": f"Bearer {either.direct_token()}"}
    reply = either.anonymous.open(path, method=method, headers=header, **arguments)
    assert (reply.status_code, reason(reply)) == (403, "DIRECT_ACCESS_NOT_SUPPORTED")


def test_a_direct_token_with_a_malformed_request_is_told_of_that_first(either: Mock) -> None:
    header = {"Authorization": f"Bearer {either.direct_token()}"}
    call: Callable[..., Any] = either.anonymous.open
    assert reason(call("/v1.0/outplans/nonsense", headers=header)) == "INVALID_ID"
    assert reason(call("/v1.0/outplans", method="POST", data="{", headers=header)) == "INVALID_JSON_BODY"
    assert reason(call("/v1.0/outplans?page_size=x", headers=header)) == "INVALID_REQUEST_PARAMETER"


def test_a_direct_token_is_no_agent_and_lives_four_hours(either: Mock) -> None:
    token = either.direct_token("aicall", OUTPLAN)
    claims = claims_of(token)
    assert claims == {
        "type": "direct",
        "direct": {
            "customer_id": either.agents.get(username=either.username).customer_id,
            "resource_type": "aicall",
            "resource_id": OUTPLAN,
            "allowed_resource_types": ["aicall"],
        },
        "expire": "2026-03-01T13:00:00.000000Z",
    }
    header = {"Authorization": f"Bearer {token}"}
    assert reason(either.anonymous.get("/v1.0/me", headers=header)) == "AGENT_AUTH_REQUIRED"
    either.advance(hours=4, seconds=1)
    assert reason(either.anonymous.get("/v1.0/me", headers=header)) == "INVALID_CREDENTIALS"


# --- frozen accounts -----------------------------------------------------------------------------


def freeze(mock: Mock) -> None:
    customer_id = mock.agents.get(username=mock.username).customer_id
    mock.customers.update(customer_id, status="frozen", tm_deletion_scheduled="2026-02-27T09:00:00Z")


@pytest.mark.parametrize(
    ("profile", "scheduled", "effective"),
    [
        ("documented", "2026-01-28T09:00:00Z", "2026-02-27T09:00:00Z"),
        ("server", "2026-02-27T09:00:00Z", "2026-03-29T09:00:00Z"),
    ],
)
def test_a_frozen_account_can_do_nothing(profile: str, scheduled: str, effective: str) -> None:
    with Mock(profile) as mock:
        freeze(mock)
        key = {"accesskey": mock.accesskey}
        for reply in (
            mock.client.get("/v1.0/outplans"),
            mock.client.get("/v1.0/me"),
            mock.client.get("/v1.0/outplans/nonsense"),  # asked before the path is looked at
            mock.client.post("/v1.0/outplans", data="{"),
            mock.anonymous.get("/v1.0/customer", query_string=key),
        ):
            assert (reply.status_code, reason(reply)) == (403, "ACCOUNT_FROZEN")
            assert reply.json["error"]["details"] == [
                {
                    "deletion_scheduled_at": scheduled,
                    "deletion_effective_at": effective,
                    "recovery_endpoint": "DELETE /auth/unregister",
                }
            ]
        assert reason(mock.anonymous.get("/v1.0/outplans")) == "AUTHENTICATION_REQUIRED"
        assert reason(mock.client.get("/v1.0/nothing")) == "ROUTE_NOT_FOUND"


def test_a_frozen_account_does_not_concern_super_admins_and_visitors(either: Mock) -> None:
    boss = either.agents.create(username="boss", permission=SUPER)
    freeze(either)
    assert either.client_for(boss).get("/v1.0/outplans").status_code == 200
    header = {"Authorization": f"Bearer {either.direct_token()}"}
    assert reason(either.anonymous.get("/v1.0/outplans", headers=header)) == "DIRECT_ACCESS_NOT_SUPPORTED"


def test_other_customers_do_not_notice_a_frozen_one(either: Mock) -> None:
    other = either.customers.create(name="other")
    admin = either.agents.create(username="other", permission=ADMIN, customer_id=other.id)
    freeze(either)
    assert either.client_for(admin).get("/v1.0/outplans").status_code == 200


@pytest.mark.parametrize(
    "cookie", ["token=\xff\xfe", "token=gar\xe7on; other=1", "\xe4=1; token=", 'token="\xc3\x28"', "\xff"]
)
def test_a_cookie_beyond_ascii_is_left_out_and_the_next_credential_counts(either: Mock, cookie: str) -> None:
    over_wsgi = CredentialClient(either.door, {}, use_cookies=False)
    for get, base in ((over_wsgi.get, "/v1.0"), (requests.get, either.url)):
        assert get(f"{base}/me", headers={**either.headers, "Cookie": cookie}).status_code == 200
        assert reason(get(f"{base}/me", headers={"Cookie": cookie})) == "AUTHENTICATION_REQUIRED"
        several = {"Cookie": f"{cookie}; accesskey={either.accesskey}"}
        assert get(f"{base}/outplans", headers=several).status_code == 200
