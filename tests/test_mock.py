"""The Python object: one isolated VoIPBIN, and every way into it."""

from __future__ import annotations

import asyncio
import copy
import io
import json
import pickle
import threading
import unittest
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import httpx
import pytest
import requests

from voipbin_mock import Clock, Mock, MockUsageError, SeedError, VoIPBINWarning, catalog, records
from voipbin_mock.api.catalog import catalog_of

START = "2026-03-01 09:00:00"
PLAN = {
    "name": "evening",
    "detail": "",
    "source": {"type": "tel", "target": "+15559876543"},
    "dial_timeout": 25000,
    "try_interval": 900000,
    "max_try_count_0": 2,
    "max_try_count_1": 0,
    "max_try_count_2": 0,
    "max_try_count_3": 0,
    "max_try_count_4": 0,
}
EVENING = "0f0f0f0f-0000-4000-8000-000000000001"


@pytest.fixture
def mock() -> Iterator[Mock]:
    with Mock(clock=START) as mock:
        yield mock


# --- as an object -------------------------------------------------------------------------------


def test_two_mocks_share_nothing() -> None:
    with Mock(clock=START) as one, Mock("server", clock=START) as other:
        made = one.client.post("/v1.0/outplans", json=PLAN).json["id"]
        assert other.client.get(f"/v1.0/outplans/{made}").status_code == 404
        assert len(other.outplans) == 0
        assert [exchange.method for exchange in other.requests] == ["GET"]
        other.advance(hours=1)
        assert other.now - one.now == timedelta(hours=1)
        one.customers.update(one.customers.list()[0].id, name="Changed")
        assert other.customers.list()[0].name != "Changed"
        with pytest.warns(VoIPBINWarning):
            one.client.post("/v1.0/outplans", json={**PLAN, "dial_timeout": 30})
        assert len(one.warnings) == 1
        assert other.warnings == []


def test_a_token_of_one_mock_opens_no_other_with_another_random_seed() -> None:
    with Mock(random_seed=1) as one, Mock(random_seed=2) as other:
        assert other.anonymous.get("/v1.0/me", headers=one.headers).status_code == 401


def test_it_works_from_unittest() -> None:
    class Case(unittest.TestCase):
        def setUp(self) -> None:
            self.mock = Mock()
            self.addCleanup(self.mock.close)

        def test_starts_empty(self) -> None:
            assert self.mock.client.get("/v1.0/outplans").json["result"] == []
            self.mock.outplans.create(name="left behind")

        def test_starts_empty_again(self) -> None:
            assert len(self.mock.outplans) == 0
            self.mock.outplans.create(name="left behind")

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
    assert (result.testsRun, result.failures, result.errors) == (2, [], [])


def test_it_says_what_it_is(mock: Mock) -> None:
    assert repr(mock) == "<voipbin_mock.Mock documented at https://api.voipbin.net/v1.0>"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"profile": "Documented"}, "unknown profile 'Documented'; choose one of documented, server"),
        ({"profile": ["server"]}, "unknown profile"),
        ({"strict": "yes"}, "strict must be True, False or None, not 'yes'"),
        ({"clock": 5}, "clock=5: a moment is a datetime or a text"),
        ({"clock": "tomorrow"}, "'tomorrow' is no timestamp; write it as"),
        ({"clock": "2026-02-30"}, "clock='2026-02-30'"),
        ({"error": "seconds"}, "unknown lint code 'seconds'; known are all, accesskey-prefix, "),
        ({"ignore": 5}, "error and ignore take lint codes, not 5"),
        ({"journal_size": 0}, "journal_size must be a number, at least 1, not 0"),
        ({"random_seed": None}, "random_seed must be a number or a text, not None"),
        ({"fixtures": "/no/such/place"}, "fixtures: /no/such/place is no directory"),
    ],
    ids=str,
)
def test_a_setting_that_cannot_be_is_refused_by_name(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(MockUsageError) as refused:
        Mock(**settings)
    assert said in str(refused.value)


def test_a_setting_it_does_not_have_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="sed"):
        Mock(sed="account")  # type: ignore[call-arg]


# --- credentials ---------------------------------------------------------------------------------


def test_the_ready_credentials_open_the_door_each_by_itself(mock: Mock) -> None:
    for sent in (
        {"headers": mock.headers},
        {"query_string": mock.params},
        {"query_string": {"token": mock.token}},
        {"headers": {"Authorization": f"Bearer {mock.token}"}},
    ):
        assert mock.anonymous.get("/v1.0/outplans", **sent).status_code == 200
    login = mock.anonymous.post("/auth/login", json={"username": mock.username, "password": mock.password})
    assert login.status_code == 200


def test_the_client_sends_the_credential_and_the_anonymous_one_does_not(mock: Mock) -> None:
    assert mock.client.get("/v1.0/me").json["username"] == "admin@localhost"
    assert mock.anonymous.get("/v1.0/me").status_code == 401


@pytest.mark.parametrize("how", ["name", "id", "record"])
def test_another_agent_has_a_client_of_their_own(mock: Mock, how: str) -> None:
    manager = mock.agents.get(username="manager@localhost")
    named = {"name": manager.username, "id": manager.id, "record": manager}[how]
    client = mock.client_for(named)
    assert client.get("/v1.0/me").json["username"] == "manager@localhost"
    assert client.get("/v1.0/accesskeys").status_code == 403
    assert mock.anonymous.get(f"/v1.0/me?token={mock.token_for(named)}").status_code == 200


def test_an_agent_who_is_not_there_is_named(mock: Mock) -> None:
    with pytest.raises(LookupError, match="no agent 'nobody' in this mock"):
        mock.client_for("nobody")


def test_a_seed_without_an_admin_says_so_when_its_token_is_asked_for() -> None:
    seed = {"customers": [{"name": "Nobody Ltd"}]}
    with Mock(seed=seed) as mock:
        with pytest.raises(LookupError, match="no admin agent with a password"):
            _ = mock.token
        assert mock.anonymous.get("/v1.0/me").status_code == 401


@pytest.mark.parametrize(
    "call",
    [
        lambda client, key: client.get(f"/v1.0/me?accesskey={key}"),
        lambda client, key: client.get("/v1.0/me", query_string={"accesskey": key}),
        lambda client, key: client.get("/v1.0/me", query_string=f"accesskey={key}"),
        lambda client, key: client.get("/v1.0/me", headers={"Authorization": "Bearer wrong"}),
        lambda client, key: client.get("/v1.0/me", headers=[("authorization", "Bearer wrong")]),
    ],
    ids=["in the path", "in a dict", "in a text", "in a header", "in a list of headers"],
)
def test_a_credential_of_ones_own_is_not_mixed_with_the_ready_one(mock: Mock, call: Any) -> None:
    """An access key has no `/me`, and a wrong token is refused: were the ready token sent too, both would pass."""
    assert call(mock.client, mock.accesskey).status_code in (401, 403)


def test_the_client_follows_a_redirect_with_its_credential(mock: Mock) -> None:
    reply = mock.client.get("/v1.0/outplans/", follow_redirects=True)
    assert (reply.status_code, len(reply.history)) == (200, 1)


def test_the_token_is_kept_and_renewed_before_it_dies(mock: Mock) -> None:
    first = mock.token
    assert mock.token == first
    mock.advance(days=6.9)
    assert mock.token != first
    assert mock.client.get("/v1.0/me").status_code == 200
    mock.freeze("2020-01-01")
    assert mock.client.get("/v1.0/me").status_code == 200


def test_the_token_follows_a_reset_to_another_seed(mock: Mock) -> None:
    assert mock.client.get("/v1.0/me").status_code == 200
    mock.reset({"agents": [{"username": "other@localhost", "password": "p", "permission": 32}]})
    assert mock.client.get("/v1.0/me").status_code == 200


# --- clients --------------------------------------------------------------------------------------


def by_httpx(mock: Mock, method: str, path: str, **kwargs: Any) -> Any:
    with httpx.Client(transport=mock.httpx_transport(), base_url=mock.url, headers=mock.headers) as client:
        return client.request(method, path, **kwargs)


def by_httpx_async(mock: Mock, method: str, path: str, **kwargs: Any) -> Any:
    async def ask() -> Any:
        transport = mock.httpx_async_transport()
        async with httpx.AsyncClient(transport=transport, base_url=mock.url, headers=mock.headers) as client:
            return await client.request(method, path, **kwargs)

    return asyncio.run(ask())


def by_requests(mock: Mock, method: str, path: str, **kwargs: Any) -> Any:
    if "content" in kwargs:
        kwargs["data"] = kwargs.pop("content")
    with requests.Session() as session:
        session.mount(mock.origin, mock.requests_adapter())
        session.headers.update(mock.headers)
        return session.request(method, mock.url + path, **kwargs)


def by_socket(mock: Mock, method: str, path: str, **kwargs: Any) -> Any:
    mock.serve()
    with httpx.Client(base_url=mock.url, headers=mock.headers) as client:
        return client.request(method, path, **kwargs)


ways = pytest.mark.parametrize(
    "ask", [by_httpx, by_httpx_async, by_requests, by_socket], ids=lambda way: way.__name__[3:]
)


@ways
def test_a_record_goes_in_and_comes_out_whichever_the_client(mock: Mock, ask: Callable[..., Any]) -> None:
    made = ask(mock, "POST", "/outplans", json={**PLAN, "name": "Ærø ☎"})
    assert made.status_code == 200
    assert made.headers["Content-Type"] == "application/json; charset=utf-8"
    assert made.headers["X-Request-Id"].startswith("req_")
    assert ask(mock, "GET", f"/outplans/{made.json()['id']}").json() == made.json()
    assert ask(mock, "GET", "/outplans", params={"page_size": 1}).json()["result"] == [made.json()]
    assert mock.outplans.get(name="Ærø ☎").id == made.json()["id"]
    assert ask(mock, "DELETE", f"/outplans/{made.json()['id']}").status_code == 200


@ways
def test_an_error_is_the_services_own_whichever_the_client(mock: Mock, ask: Callable[..., Any]) -> None:
    reply = ask(mock, "POST", "/outplans", json={**PLAN, "dial_timeout": -1})
    assert reply.status_code == 400
    assert not reply.is_success if hasattr(reply, "is_success") else not reply.ok
    assert reply.json()["error"]["details"][0]["pointer"] == "/dial_timeout"
    assert ask(mock, "GET", "/nonsense").json()["error"]["reason"] == "ROUTE_NOT_FOUND"


async def _chunks(parts: list[bytes]) -> Any:
    for part in parts:
        yield part


@ways
@pytest.mark.parametrize("form", ["bytes", "generator", "file"])
def test_a_body_may_come_in_any_form(mock: Mock, ask: Callable[..., Any], form: str) -> None:
    whole = json.dumps(PLAN).encode()
    parts = [whole[:10], whole[10:30], whole[30:]]
    if ask is by_httpx_async and form != "bytes":
        content: Any = _chunks(parts)
    else:
        content = {"bytes": whole, "generator": iter(parts), "file": io.BytesIO(whole)}[form]
    reply = ask(mock, "POST", "/outplans", content=content, headers={"Content-Type": "application/json"})
    assert reply.status_code == 200
    assert mock.outplans.list()[0].name == "evening"


@ways
def test_a_slash_too_many_is_redirected(mock: Mock, ask: Callable[..., Any]) -> None:
    more = {} if ask is by_requests else {"follow_redirects": True}
    reply = ask(mock, "GET", "/outplans/", params={"page_size": "3"}, **more)
    assert (reply.status_code, len(reply.history)) == (200, 1)
    assert str(reply.url).endswith("/v1.0/outplans?page_size=3")


@ways
def test_the_warning_header_is_there_whichever_the_client(mock: Mock, ask: Callable[..., Any]) -> None:
    with pytest.warns(VoIPBINWarning, match="seconds-not-milliseconds"):
        reply = ask(mock, "POST", "/outplans", json={**PLAN, "dial_timeout": 30})
    assert reply.headers["X-VoIPBIN-Mock-Warning"].startswith("[seconds-not-milliseconds] /dial_timeout: ")


def test_a_requests_session_keeps_the_login_cookie(mock: Mock) -> None:
    with requests.Session() as session:
        session.mount("https://api.voipbin.net", mock.requests_adapter())
        body = {"username": mock.username, "password": mock.password}
        assert session.post(f"{mock.origin}/auth/login", json=body).status_code == 200
        assert session.get(f"{mock.url}/me").json()["username"] == mock.username


def test_an_httpx_client_keeps_the_login_cookie(mock: Mock) -> None:
    with httpx.Client(transport=mock.httpx_transport(), base_url=mock.origin) as client:
        assert client.post("/auth/login", json={"username": mock.username, "password": mock.password}).is_success
        assert client.get("/v1.0/me").json()["username"] == mock.username


def test_requests_can_stream_an_answer(mock: Mock) -> None:
    for number in range(30):
        mock.outplans.create(name=f"plan {number}")
    with requests.Session() as session:
        session.mount("https://", mock.requests_adapter())
        asked = {"headers": mock.headers, "params": {"page_size": "100"}}
        with session.get(f"{mock.url}/outplans", stream=True, **asked) as reply:  # type: ignore[arg-type]
            whole = b"".join(reply.iter_content(64))
        with session.get(f"{mock.url}/outplans", stream=True, **asked) as reply:  # type: ignore[arg-type]
            assert reply.raw.read(10) == whole[:10]
        assert len(json.loads(whole)["result"]) == 30


def test_requests_reads_what_is_percent_encoded_once(mock: Mock) -> None:
    mock.outplans.create(name="one")
    token = mock.client.get("/v1.0/outplans?page_size=1").json["next_page_token"]
    for written in (token, requests.utils.quote(token, safe="")):
        url = f"{mock.url}/outplans?page_token={written}"
        with requests.Session() as session:
            session.mount("https://", mock.requests_adapter())
            assert session.get(url, headers=mock.headers).json()["result"] == []


def test_what_was_asked_is_in_the_journal_without_its_credential(mock: Mock) -> None:
    mock.anonymous.get(f"/v1.0/outplans?accesskey={mock.accesskey}&page_size=3")
    mock.anonymous.post("/auth/login", json={"username": "a", "password": 'se"cret'})
    listed, login = mock.requests
    assert (listed.method, listed.path, listed.query, listed.status) == (
        "GET", "/v1.0/outplans", "accesskey=***&page_size=3", 200,
    )  # fmt: skip
    assert b"cret" not in login.body
    assert mock.accesskey not in mock.report()
    assert "GET /v1.0/outplans?accesskey=***&page_size=3 -> 200" in mock.report()


def test_the_journal_keeps_as_many_as_it_is_told() -> None:
    with Mock(journal_size=3) as mock:
        for number in range(5):
            mock.client.get(f"/v1.0/outplans?page_size={number + 1}")
        assert [exchange.number for exchange in mock.requests] == [3, 4, 5]


def test_a_served_mock_has_the_servers_url_until_it_is_closed() -> None:
    mock = Mock()
    with mock:
        server = mock.serve()
        assert mock.url == f"{server.origin}/v1.0"
        assert httpx.get(f"{mock.url}/outplans", params=mock.params).status_code == 200
        gone = mock.url
    assert mock.url == "https://api.voipbin.net/v1.0"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{gone}/outplans")


def test_a_closed_mock_that_serves_again_keeps_time_again() -> None:
    def ticking() -> int:
        return [thread.name for thread in threading.enumerate()].count("voipbin-mock-ticker")

    mock, before = Mock(), ticking()
    for _ in range(2):
        mock.serve()
        assert ticking() == before + 1
        mock.close()
        assert ticking() == before


def test_closing_twice_does_no_harm() -> None:
    mock = Mock()
    mock.serve()
    mock.close()
    mock.close()


# --- state ----------------------------------------------------------------------------------------


def test_a_reset_goes_back_to_the_seed_and_forgets_what_happened(mock: Mock) -> None:
    fresh = mock.dump()
    with pytest.warns(VoIPBINWarning):
        mock.client.post("/v1.0/outplans", json={**PLAN, "dial_timeout": 30})
    mock.client.delete(f"/v1.0/numbers/{mock.numbers.list()[0].id}")
    assert mock.dump() != fresh
    mock.reset()
    assert mock.dump() == fresh
    assert (mock.requests, mock.warnings, mock.report()) == ([], [], "")


@pytest.mark.parametrize("over_the_wire", [False, True])
def test_a_reset_takes_the_clock_back_to_where_it_began(over_the_wire: bool) -> None:
    with Mock(clock="2026-03-01T09:00:00Z") as mock, Mock() as running:
        for some in (mock, running):
            token, began = some.token, some.now
            some.advance(days=8)
            some.freeze() if some is running else some.resume()
            if over_the_wire:
                assert some.anonymous.post("/__mock__/reset").status_code == 200
            else:
                some.reset()
            assert some.clock.frozen is (some is mock)
            assert timedelta(0) <= some.now - began < timedelta(minutes=1)
            assert some.anonymous.get("/v1.0/outplans", query_string={"token": token}).status_code == 200
        assert mock.now == datetime(2026, 3, 1, 9, tzinfo=timezone.utc)


def test_a_reset_leaves_a_clock_that_was_handed_in_alone() -> None:
    clock = Clock("2026-03-01T09:00:00Z")
    with Mock(clock=clock) as mock, Mock(clock=clock) as other:
        mock.advance(hours=2)
        mock.reset()
        assert mock.now == other.now == datetime(2026, 3, 1, 11, tzinfo=timezone.utc)


def test_a_reset_can_go_on_to_another_seed_and_stays_there(mock: Mock) -> None:
    mock.reset("tutorial")
    there = len(mock.outplans)
    assert there > 0
    mock.client.delete(f"/v1.0/outplans/{mock.outplans.list()[0].id}")
    mock.reset()
    assert len(mock.outplans) == there


def test_a_reset_to_a_seed_that_is_none_changes_nothing(mock: Mock) -> None:
    mock.outplans.create(name="here")
    with pytest.raises(SeedError, match="did you mean 'tutorial'"):
        mock.reset("tutorail")
    assert len(mock.outplans) == 1


def test_the_shared_ready_seeds_are_changed_by_nobody(mock: Mock) -> None:
    mock.customers.list()[0].metadata["rtp_debug"] = "changed"
    mock.agents.list()[0].tag_ids.append("changed")
    for agent in mock.agents.list():
        mock.client.delete(f"/v1.0/agents/{agent.id}")
    with Mock() as other:
        assert len(other.agents) == 2
        assert other.customers.list()[0].metadata == {"rtp_debug": False}
        assert other.agents.list()[0].tag_ids == []


def run(mock: Mock) -> list[Any]:
    """A little of everything; what was answered, to the byte."""
    client, answers = mock.client, []
    for method, path, body in (
        ("POST", "/outplans", PLAN),
        ("POST", "/accesskeys", {"name": "k", "detail": "", "expire": 3600}),
        ("POST", "/numbers", {"number": "+899100000200", "name": "", "detail": ""}),
        ("GET", "/nonsense", None),
        ("POST", "/outplans", {}),
        ("GET", "/outplans", None),
        ("GET", "/accesskeys", None),
    ):
        reply = client.open(f"/v1.0{path}", method=method, json=body)
        answers.append((reply.status, sorted(reply.headers), reply.data))
    login = client.post("/auth/login", json={"username": mock.username, "password": mock.password})
    return [*answers, sorted(login.headers), login.data]


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_two_runs_with_one_random_seed_are_equal_to_the_byte(profile: str) -> None:
    def once(random_seed: int | str) -> list[Any]:
        with Mock(profile, clock=START, random_seed=random_seed) as mock, warnings.catch_warnings():
            warnings.simplefilter("ignore", VoIPBINWarning)
            return run(mock)

    assert once(7) == once(7)
    assert once(7) != once(8)
    assert once("seven") == once("seven")


def test_a_run_after_a_reset_is_the_same_run_again(mock: Mock) -> None:
    # Stamps are strictly increasing, so the second run starts at a later moment of its own.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VoIPBINWarning)
        run(mock)
        first = [plan.id for plan in mock.outplans]
        mock.reset()
        run(mock)
    assert [plan.id for plan in mock.outplans] == first


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_a_dump_is_taken_back_by_another_mock_and_life_goes_on(profile: str) -> None:
    with Mock(profile, clock=START) as one, Mock(profile) as other:
        one.client.post("/v1.0/outplans", json=PLAN)
        gone = one.client.post("/v1.0/outplans", json={**PLAN, "name": "gone"}).json
        one.client.delete(f"/v1.0/outplans/{gone['id']}")
        new = {"username": "new@localhost", "password": "p", "permission": 64, "name": "", "detail": "",
               "ring_method": "ringall", "tag_ids": [], "addresses": [{"type": "sip", "target": "new"}]}  # fmt: skip
        one.client.post("/v1.0/agents", json=new)
        document = json.loads(json.dumps(one.dump()))
        other.load(document)
        assert other.dump() == document
        assert other.now == one.now
        for path in ("/v1.0/outplans", "/v1.0/agents", "/v1.0/numbers", f"/v1.0/outplans/{gone['id']}"):
            assert other.client.get(path).data == one.client.get(path).data
        assert other.client_for("new@localhost").get("/v1.0/me").json["username"] == "new@localhost"
        again = other.client.post("/v1.0/outplans", json=PLAN).json
        assert again["id"] not in {plan.id for plan in one.outplans.list(deleted=True)}
        assert other.client.get("/v1.0/outplans").json["result"][0] == again


def test_a_dump_does_not_change_with_what_happens_afterwards(mock: Mock) -> None:
    mock.outplans.create(id=EVENING, name="evening", source={"type": "tel", "target": "+1555"})
    document = mock.dump()
    kept = copy.deepcopy(document)
    mock.outplans.update(EVENING, name="changed", source={"type": "sip"})
    assert document == kept
    document["records"]["outplans"][0]["source"]["target"] = "meddled"
    assert mock.outplans.get(EVENING).source.target == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "else"}, "/format"),
        ({"version": 99}, "/version: this version of voipbin-mock reads 1, not 99"),
        ({"records": []}, "/records: must be an object"),
        ({"records": {"outplans": [{"dial_timeout": "x"}]}}, "/records: /outplans/0/dial_timeout"),
        ({"records": {"outplan": []}}, "did you mean 'outplans'"),
        ({"ids": {"drawn": -1}}, "/ids/drawn"),
        ({"ids": {"random_seed": []}}, "/ids/random_seed"),
        ({"clock": {"now": "tomorrow"}}, "/clock/now"),
        ({"clock": {"now": 5}}, "/clock/now"),
        ({"clock": {"frozen": "yes"}}, "/clock/frozen"),
        ({"aliases": 5}, "/aliases"),
    ],
    ids=str,
)
def test_a_broken_state_document_is_refused_and_changes_nothing(mock: Mock, change: Any, said: str) -> None:
    mock.client.post("/v1.0/outplans", json=PLAN)
    before = mock.dump()
    with pytest.raises(SeedError) as refused:
        mock.load({**before, **change})
    assert said in str(refused.value)
    assert mock.dump() == before


@pytest.mark.parametrize("document", [None, 5, "x", [], {}], ids=repr)
def test_what_is_no_state_document_is_refused(mock: Mock, document: Any) -> None:
    with pytest.raises(SeedError, match="is this a state document"):
        mock.load(document)


def test_a_state_document_without_records_is_refused_and_does_not_empty_the_mock(mock: Mock) -> None:
    before = mock.dump()
    with pytest.raises(SeedError, match="/records: is missing"):
        mock.load({name: value for name, value in before.items() if name != "records"})
    assert mock.dump() == before


# --- time ------------------------------------------------------------------------------------------


def test_time_stands_still_where_it_is_told_to(mock: Mock) -> None:
    assert mock.now == datetime(2026, 3, 1, 9, tzinfo=timezone.utc)
    assert mock.client.post("/v1.0/outplans", json=PLAN).json["tm_create"] == "2026-03-01 09:00:00.000000"


def test_time_is_moved_and_held_and_let_go(mock: Mock) -> None:
    assert mock.advance(hours=2, minutes=30) == mock.now == datetime(2026, 3, 1, 11, 30, tzinfo=timezone.utc)
    assert mock.advance(90).second == 30
    assert mock.advance(timedelta(days=1)).day == 2
    assert mock.freeze("2027-01-01T00:00:00Z").year == 2027
    assert mock.freeze(datetime(2028, 1, 1, tzinfo=timezone.utc)).year == 2028
    assert mock.clock.frozen
    resumed = mock.resume()
    assert not mock.clock.frozen
    assert mock.now >= resumed >= datetime(2028, 1, 1, tzinfo=timezone.utc)
    assert mock.freeze() >= resumed


def test_two_mocks_can_share_a_clock_if_they_are_given_one() -> None:
    clock = Clock(START)
    with Mock(clock=clock) as one, Mock(clock=clock) as other:
        one.advance(hours=1)
        assert other.now == one.now


def test_an_access_key_dies_when_its_time_has_come(mock: Mock) -> None:
    key = mock.client.post("/v1.0/accesskeys", json={"name": "k", "detail": "", "expire": 86400}).json["token"]
    mock.advance(hours=23)
    assert mock.anonymous.get(f"/v1.0/outplans?accesskey={key}").status_code == 200
    mock.advance(hours=2)
    assert mock.anonymous.get(f"/v1.0/outplans?accesskey={key}").status_code == 401


# --- records -----------------------------------------------------------------------------------------


def test_a_record_is_put_in_place_and_read_over_the_wire(mock: Mock) -> None:
    made = mock.outplans.create(name="evening", dial_timeout=25000, source={"type": "tel", "target": "+15559876543"})
    assert (made.name, made.dial_timeout, made.try_interval) == ("evening", 25000, 0)
    assert made.source.target == made.source["target"] == "+15559876543"
    assert made.tm_create == mock.now
    assert made.tm_delete is None
    assert made.customer_id == mock.customers.list()[0].id
    assert mock.client.get(f"/v1.0/outplans/{made.id}").json["source"] == made.source.as_dict()
    assert mock.requests[0].status == 200
    assert mock.warnings == []


def test_records_are_found_by_their_members(mock: Mock) -> None:
    first = mock.outplans.create(name="a", max_try_count_0=1, source={"type": "tel", "target": "+1555"})
    second = mock.outplans.create(name="a", max_try_count_0=2)
    assert mock.outplans.list() == list(mock.outplans) == [second, first]
    assert mock.outplans.list(name="a", max_try_count_0=1) == [first]
    assert mock.outplans.list(source={"target": "+1555"}) == [first]
    assert mock.outplans.get(first.id) == mock.outplans.get(max_try_count_0=1) == first
    assert mock.outplans.list(tm_create=first.tm_create) == [first]
    assert len(mock.outplans) == 2


def test_a_record_not_found_is_told_with_what_there_is(mock: Mock) -> None:
    mock.outplans.create(name="evening")
    with pytest.raises(
        LookupError, match=r"no outplan has name='evning'; of 1, the nearest:\n  outplan .* 'evening'\n"
    ):
        mock.outplans.get(name="evning")
    mock.outplans.create(name="evening")
    with pytest.raises(LookupError, match="2 outplans have name='evening'"):
        mock.outplans.get(name="evening")
    with pytest.raises(TypeError, match="say which record"):
        mock.outplans.get()


@pytest.mark.parametrize("name", ["nme", "password", "_values"])
def test_a_member_that_does_not_exist_cannot_be_searched_for(mock: Mock, name: str) -> None:
    with pytest.raises(TypeError, match=f"agents have no member '{name}'; known are .*username"):
        mock.agents.list(**{name: "x"})


def test_a_changed_record_touches_its_update_time(mock: Mock) -> None:
    made = mock.outplans.create(name="a", dial_timeout=1000)
    mock.advance(hours=1)
    changed = mock.outplans.update(made.id, name="b")
    assert (changed.name, changed.dial_timeout) == ("b", 1000)
    assert changed.tm_update == mock.now
    assert made.name == "a"
    given = datetime(2020, 1, 1, tzinfo=timezone.utc)
    assert mock.outplans.update(made.id, tm_update=given).tm_update == given


def test_a_deleted_record_is_gone_from_lists_and_found_by_id(mock: Mock) -> None:
    made = mock.outplans.create(name="a")
    gone = mock.outplans.delete(made.id)
    assert gone.tm_delete == gone.tm_update
    assert gone.tm_delete is not None
    assert list(mock.outplans) == mock.client.get("/v1.0/outplans").json["result"] == []
    assert mock.outplans.get(made.id) == gone
    assert mock.outplans.list(deleted=True) == [gone]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"nme": "x"}, "outplan: /nme: unknown member; did you mean 'name'"),
        ({"dial_timeout": "30"}, 'outplan: /dial_timeout: expected an integer, got string "30"'),
        ({"dial_timeout": True}, "outplan: /dial_timeout"),
        ({"source": {"type": "tel", "target": 5}}, "outplan: /source/target"),
        ({"id": "evening"}, 'outplan: /id: "evening" is not acceptable: expected a UUID'),
        ({"tm_create": "yesterday"}, "outplan: /tm_create"),
    ],
    ids=str,
)
def test_a_member_that_cannot_be_is_refused_with_its_place(mock: Mock, members: Any, said: str) -> None:
    with pytest.raises(SeedError) as refused:
        mock.outplans.create(**members)
    assert said in str(refused.value)
    assert len(mock.outplans) == 0


def test_an_id_is_taken_once(mock: Mock) -> None:
    mock.outplans.create(id=EVENING)
    with pytest.raises(SeedError, match=f"/id: .*{EVENING}"):
        mock.outplans.create(id=EVENING)


@pytest.mark.parametrize("name", ["id", "customer_id", "tm_create"])
def test_what_a_record_is_known_by_cannot_be_changed(mock: Mock, name: str) -> None:
    made = mock.outplans.create()
    with pytest.raises(SeedError, match=f"/{name}: cannot be changed"):
        mock.outplans.update(made.id, **{name: made[name]})


def test_an_unknown_id_cannot_be_changed_or_deleted(mock: Mock) -> None:
    with pytest.raises(LookupError, match=f"there is no outplan {EVENING}"):
        mock.outplans.update(EVENING, name="x")
    with pytest.raises(LookupError, match=f"there is no outplan {EVENING}"):
        mock.outplans.delete(EVENING)


def test_a_password_and_a_token_can_be_given_though_they_are_never_shown(mock: Mock) -> None:
    agent = mock.agents.create(username="new@localhost", password="secret", permission=64)
    key = mock.accesskeys.create(name="k", token="vb_" + "k" * 32, tm_expire=datetime(2030, 1, 1, tzinfo=timezone.utc))
    login = {"username": "new@localhost", "password": "secret"}
    assert mock.anonymous.post("/auth/login", json=login).status_code == 200
    assert mock.anonymous.get(f"/v1.0/outplans?accesskey=vb_{'k' * 32}").status_code == 200
    assert key.token == ""
    assert "secret" not in repr(agent)
    mock.agents.update(agent.id, password="other")
    assert mock.anonymous.post("/auth/login", json=login).status_code == 400
    assert mock.client_for(agent).get("/v1.0/me").json["id"] == agent.id


def test_a_record_is_a_snapshot_that_does_not_lead_back_into_the_mock(mock: Mock) -> None:
    number = mock.numbers.list()[0]
    number.metadata["rtp_debug"] = True
    number.as_dict()["metadata"]["rtp_debug"] = True
    assert mock.numbers.get(number.id).metadata == {"rtp_debug": False}
    with pytest.raises(AttributeError, match="a record is a snapshot"):
        number.name = "x"
    with pytest.raises(AttributeError, match="no member 'nmae' in this number; it has id, "):
        _ = number.nmae  # type: ignore[attr-defined]
    for twin in (copy.copy(number), copy.deepcopy(number), pickle.loads(pickle.dumps(number))):
        assert twin == number
    assert number != mock.numbers.list()[1]
    assert number != "number"
    assert {"id", "number", "metadata", "as_dict"} <= set(dir(number))


STORED = [resource.name for resource in catalog.default().resources.values() if resource.stored]


@pytest.mark.parametrize("resource", STORED)
def test_what_an_editor_completes_is_what_there_is(mock: Mock, resource: str) -> None:
    kind = import_module(catalog_of(mock.world).records_module(resource)).TYPES[resource]
    assert getattr(records, kind.__name__) is kind
    members = {member.name: member for member in catalog_of(mock.world).resource(resource).record.members}
    hints = {name: hint for name, hint in get_type_hints(kind).items() if not name.startswith("_")}
    # Every record has these, and they are not shown of all: transcripts never change, participants show no id.
    of_all = ("id", "tm_create", "tm_update", "tm_delete")
    hints = {name: hint for name, hint in hints.items() if name not in of_all or name in members}
    assert hints.keys() == members.keys()
    expected = {"string": str, "uuid": str, "integer": int, "boolean": bool, "address": records.Address}
    for name, member in members.items():
        if member.kind in expected:
            assert hints[name] is expected[member.kind], name
        elif member.kind == "stamp":
            assert hints[name] in (datetime, datetime | None), name
    assert getattr(mock, resource)._type is kind


def test_a_resource_without_records_is_told_from_one_that_is_unknown(mock: Mock) -> None:
    for name in ("available_numbers", "auth", "nonsense"):
        with pytest.raises(LookupError, match=f"no resource '{name}' keeps records in this mock"):
            mock.records(name)
    assert mock.records("calls").list() == []


# --- threads -----------------------------------------------------------------------------------------


def test_many_threads_lose_no_record_and_double_none(mock: Mock) -> None:
    def work(number: int) -> list[str]:
        client, mine = mock.client, []
        for step in range(20):
            made = client.post("/v1.0/outplans", json={**PLAN, "name": f"{number}/{step}"}).json["id"]
            client.put(f"/v1.0/outplans/{made}", json={"name": f"{number}/{step}!", "detail": ""})
            if step % 4 == 0:
                client.delete(f"/v1.0/outplans/{made}")
            else:
                mine.append(made)
            assert client.get("/v1.0/outplans?page_size=5").status_code == 200
        return mine

    with ThreadPoolExecutor(8) as pool:
        made = [row_id for mine in pool.map(work, range(8)) for row_id in mine]
    walked, query = [], {"page_size": "7"}
    while rows := (page := mock.client.get("/v1.0/outplans", query_string=query).json)["result"]:
        walked += [row["id"] for row in rows]
        query["page_token"] = page["next_page_token"]
    assert sorted(walked) == sorted(made)
    assert len(set(walked)) == len(walked) == 8 * 15
    assert all(plan.name.endswith("!") for plan in mock.outplans)
    numbers = [exchange.number for exchange in mock.requests]
    assert numbers == sorted(set(numbers))


def test_a_request_waits_until_the_one_before_is_done(mock: Mock) -> None:
    entered, finished = threading.Event(), threading.Event()

    def ask() -> None:
        entered.set()
        mock.client.post("/v1.0/outplans", json=PLAN)
        finished.set()

    _ = mock.token
    thread = threading.Thread(target=ask)
    with mock.world.lock:
        thread.start()
        assert entered.wait(5)
        assert not finished.wait(0.02)
        assert len(mock.outplans) == 0
    assert finished.wait(5)
    thread.join(5)
    assert len(mock.outplans) == 1


def test_resets_in_the_midst_of_requests_leave_a_whole_world(mock: Mock) -> None:
    stop = threading.Event()

    def ask() -> set[int]:
        client, seen = mock.client, set()
        while not stop.is_set():
            seen.add(client.post("/v1.0/outplans", json=PLAN).status_code)
            seen.add(client.get("/v1.0/outplans").status_code)
        return seen

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(ask) for _ in range(4)]
        for _ in range(20):
            mock.reset()
            mock.dump()
        stop.set()
        assert {code for future in futures for code in future.result(10)} <= {200}
    mock.reset()
    assert len(mock.outplans) == 0


# --- warnings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [by_httpx, by_httpx_async, by_requests], ids=lambda way: way.__name__[3:])
def test_a_warning_points_at_the_line_that_made_the_call(mock: Mock, ask: Callable[..., Any]) -> None:
    with pytest.warns(VoIPBINWarning) as caught:
        ask(mock, "POST", "/outplans", json={**PLAN, "dial_timeout": 30})
    (warning,) = caught
    assert warning.filename == __file__
    assert ".request(" in Path(__file__).read_text(encoding="utf-8").splitlines()[warning.lineno - 1]


def test_a_warning_of_the_ready_client_points_at_the_line_that_made_the_call(mock: Mock) -> None:
    with pytest.warns(VoIPBINWarning) as caught:
        mock.client.post("/v1.0/outplans", json={**PLAN, "dial_timeout": 30})  # this line
    (warning,) = caught
    assert warning.filename == __file__
    assert Path(__file__).read_text(encoding="utf-8").splitlines()[warning.lineno - 1].endswith("# this line")


def test_a_warning_can_be_an_error_or_silent_by_pythons_own_filters(mock: Mock) -> None:
    hasty = {**PLAN, "dial_timeout": 30}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(VoIPBINWarning, match="send 30000 for 30 seconds") as raised:
            mock.client.post("/v1.0/outplans", json=hasty)
    assert (raised.value.code, raised.value.pointer) == ("seconds-not-milliseconds", "/dial_timeout")
    assert raised.value.advice == "send 30000 for 30 seconds"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", category=VoIPBINWarning, module=__name__)
        mock.client.post("/v1.0/outplans", json=hasty)
    assert caught == []
    assert len(mock.outplans) == 2
    assert len(mock.warnings) == 2


def test_a_warning_over_a_socket_that_is_an_error_is_raised_when_the_mock_is_closed() -> None:
    mock = Mock()
    mock.serve()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reply = httpx.post(f"{mock.url}/outplans", headers=mock.headers, json={**PLAN, "dial_timeout": 30})
        assert reply.status_code == 200
        with pytest.raises(VoIPBINWarning, match="seconds-not-milliseconds"):
            mock.close()
    mock.close()
