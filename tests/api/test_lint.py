"""Lint: what the documents discourage is told everywhere, changes nothing, and can be refused or silenced."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voipbin_mock import Mock, VoIPBINWarning, catalog
from voipbin_mock.areas.campaigns.lints import looks_like_seconds
from voipbin_mock.areas.flows.lint_codes import CODES as OF_FLOWS

CODES = catalog.default().lints

PLAN = {
    "name": "evening",
    "detail": "",
    "source": {"type": "tel", "target": "+15559876543"},
    "dial_timeout": 30000,
    "try_interval": 600000,
    **{f"max_try_count_{n}": 1 for n in range(5)},
}
PLANS = "/v1.0/outplans"
DIAL_INFO = {name: value for name, value in PLAN.items() if name not in ("name", "detail")}


class Case(NamedTuple):
    """A call that earns one warning: how it is made, where the fault is, what to do about it."""

    call: Callable[[Mock], Any]
    pointer: str
    advice: str


def post(**changes: Any) -> Callable[[Mock], Any]:
    return lambda mock: mock.client.post(PLANS, json={**PLAN, **changes})


def dial_info(mock: Mock) -> Any:
    made = mock.outplans.create(**PLAN)
    return mock.client.put(f"{PLANS}/{made.id}/dial_info", json={**DIAL_INFO, "dial_timeout": 30})


def partial_update(mock: Mock) -> Any:
    made = mock.numbers.list()[1]
    return mock.client.put(f"/v1.0/numbers/{made.id}", json={"call_flow_id": made.call_flow_id,
        "message_flow_id": made.message_flow_id, "detail": ""})  # fmt: skip


def without_a_count(mock: Mock) -> Any:
    return mock.client.post(PLANS, json={name: value for name, value in PLAN.items() if name != "max_try_count_4"})


def for_no_campaign(mock: Mock) -> Any:
    return mock.client.post("/v1.0/outdials", json={"name": "row", "detail": "of May", "campaign_id": ""})


def without_type(mock: Mock) -> Any:
    return mock.client.post(PLANS, data=json.dumps(PLAN))


# With an agent of a page that creates what it shows: any other user name is refused when it is there already.
SEED = {"extends": "account", "agents": [{"username": "test2", "reprinted": True}]}


def second_admin(mock: Mock) -> Any:
    body = {"username": "test2", "password": "p", "name": "", "detail": "", "ring_method": "ringall",
            "permission": 64, "tag_ids": [], "addresses": []}  # fmt: skip
    return mock.client.post("/v1.0/agents", json=body)


def by_prefix(mock: Mock) -> Any:
    return mock.anonymous.get(f"{PLANS}?accesskey={mock.accesskeys.list()[0].token_prefix}")


def run(mock: Mock, **members: Any) -> Any:
    campaign = mock.campaigns.create(outplan_id=mock.outplans.create(max_try_count_0=2).id, **members)
    return mock.client.put(f"/v1.0/campaigns/{campaign.id}/status", json={"status": "run"})


def run_on_one_target(mock: Mock) -> Any:
    outdial = mock.outdials.create(name="row")
    mock.targets.create(outdial_id=outdial.id)
    return run(mock, outdial_id=outdial.id)


def run_to_email(mock: Mock) -> Any:
    outdial = mock.outdials.create(name="row")
    mock.targets.create(outdial_id=outdial.id, destination_0={"type": "email", "target": "ann@example.com"})
    return run(mock, outdial_id=outdial.id, type="call", end_handle="continue")


def follow_itself(mock: Mock) -> Any:
    campaign = mock.campaigns.create(end_handle="stop")
    path = f"/v1.0/campaigns/{campaign.id}/next_campaign_id"
    return mock.client.put(path, json={"next_campaign_id": campaign.id})


def capitals(mock: Mock) -> Any:
    return mock.client.put("/v1.0/outbound_config", json={"destination_whitelist": ["us", "KR"]})


CASES = {
    "country-spelling": Case(capitals, "/destination_whitelist/1", "send 'kr'"),
    "no-dialing": Case(run, "", "set its outdial_id first"),
    "refused-call": Case(run_to_email, "", "type tel or sip"),
    "one-try": Case(run_on_one_target, "", 'set end_handle to "continue" for retries'),
    "campaign-loop": Case(follow_itself, "/next_campaign_id", "let one of them be followed by none"),
    "seconds-not-milliseconds": Case(post(dial_timeout=30), "/dial_timeout", "send 30000 for 30 seconds"),
    "unowned-source": Case(
        post(source={"type": "tel", "target": "+15550001111"}), "/source/target", "use one that GET /numbers lists"
    ),
    "no-tries": Case(
        post(**{f"max_try_count_{n}": 0 for n in range(5)}), "/max_try_count_0", "set max_try_count_0 to 1 or more"
    ),
    "unknown-member": Case(post(dial_timout=30000), "/dial_timout", 'did you mean "dial_timeout"?'),
    "cleared-member": Case(partial_update, "/name", "a PUT replaces every member: send them all"),
    "missing-member": Case(without_a_count, "/max_try_count_4", "send it: the documents ask for it"),
    "empty-member": Case(for_no_campaign, "/campaign_id", "send a UUID; all zeros say none"),
    "content-type": Case(without_type, "", "send Content-Type: application/json"),
    "accesskey-prefix": Case(by_prefix, "", "POST /accesskeys"),
    "duplicate-username": Case(second_admin, "/username", ""),
}
each_code = pytest.mark.parametrize("code", sorted(CASES))


@pytest.fixture
def mock() -> Iterator[Mock]:
    with Mock(seed=SEED) as mock:
        yield mock


def test_every_code_has_its_case() -> None:
    assert CASES.keys() == CODES.keys() - OF_FLOWS.keys()  # those of flows have tests of their own


@each_code
def test_a_warning_comes_once_with_its_place_and_advice(mock: Mock, code: str) -> None:
    case = CASES[code]
    with pytest.warns(VoIPBINWarning) as caught:
        reply = case.call(mock)
    assert reply.status_code == 200
    (warning,) = caught
    assert warning.category is VoIPBINWarning
    found = warning.message
    assert isinstance(found, VoIPBINWarning)
    assert (found.code, found.pointer) == (code, case.pointer)
    assert case.advice in found.advice
    assert f"[{code}]" in str(found)
    assert found.advice in str(found)


@each_code
def test_a_warning_is_told_in_header_journal_report_and_control_api(mock: Mock, code: str) -> None:
    case = CASES[code]
    with pytest.warns(VoIPBINWarning):
        reply = case.call(mock)
    assert len(reply.headers.getlist("X-VoIPBIN-Mock-Warning")) == 1
    assert reply.headers["X-VoIPBIN-Mock-Warning"].startswith(f"[{code}]")
    exchange = mock.requests[-1]
    assert [finding.code for finding in exchange.warnings] == [code]
    assert f"    warning [{code}]" in mock.report()
    assert [warning.code for warning in mock.warnings] == [code]
    (entry,) = mock.client.get("/__mock__/warnings").json["warnings"]
    assert (entry["code"], entry["pointer"], entry["request"]) == (code, case.pointer, exchange.number)
    assert entry["advice"] == mock.warnings[0].advice
    assert entry["operation"]


@each_code
def test_a_silenced_code_says_nothing(code: str) -> None:
    for silent in (code, [code], "all"):
        with Mock(seed=SEED, ignore=silent) as mock:
            reply = CASES[code].call(mock)
            assert reply.status_code == 200
            assert "X-VoIPBIN-Mock-Warning" not in reply.headers
            assert mock.warnings == []


@each_code
def test_a_code_raised_to_an_error_refuses_the_request_and_changes_nothing(code: str) -> None:
    for raised in (code, [code], "all"):
        with Mock(seed=SEED, error=raised) as mock:
            before = mock.dump()["records"]
            reply = CASES[code].call(mock)
            # A refused credential is answered as the service does.
            answer = (401, "INVALID_CREDENTIALS") if code == "accesskey-prefix" else (400, "INVALID_ARGUMENT")
            error = reply.json["error"]
            assert (reply.status_code, error["reason"]) == answer
            assert [detail["pointer"] for detail in error["details"]] == [CASES[code].pointer]
            assert code in error["details"][0]["message"]
            after = mock.dump()["records"]
            # What the cases themselves arrange is as they left it.
            kept = {name: after.pop(name, []) for name in ("outplans", "outdials", "targets", "campaigns")}
            assert after == before
            assert all(record["tm_update"] is None for records in kept.values() for record in records)
            assert mock.warnings == []


@each_code
def test_other_codes_are_not_touched_by_a_setting(code: str) -> None:
    others = [other for other in CODES if other != code]
    with Mock(seed=SEED, error=others) as mock, pytest.warns(VoIPBINWarning, match=code):
        assert CASES[code].call(mock).status_code == 200


def test_a_refusal_says_the_value_it_is_about() -> None:
    with Mock("server", error="all") as mock:
        source = {"type": "tel", "target": "+15550001111"}
        body = {"SOURCE": source, "dial_timeout": 30, "max_try_count_1": 1, "name": "a", "colour/~": "red"}
        details = mock.client.post(PLANS, json=body).json["error"]["details"]
        assert {detail["pointer"]: detail["value"] for detail in details} == {
            "/dial_timeout": 30,
            "/source/target": "+15550001111",
            "/colour~1~0": "red",
        }


def test_an_error_wins_over_silence() -> None:
    with Mock(error=["no-tries"], ignore="all") as mock:
        assert CASES["no-tries"].call(mock).status_code == 400


def test_several_faults_are_all_told() -> None:
    hasty = {**PLAN, "dial_timeout": 30, "try_interval": 600, "source": {"type": "tel", "target": "+15550001111"},
             "speed": 1, **{f"max_try_count_{n}": 0 for n in range(5)}}  # fmt: skip
    with Mock() as mock:
        with pytest.warns(VoIPBINWarning) as caught:
            reply = mock.client.post(PLANS, json=hasty)
        pointers = {"/dial_timeout", "/try_interval", "/source/target", "/max_try_count_0", "/speed"}
        assert {warning.message.pointer for warning in caught} == pointers  # type: ignore[union-attr]
        assert len(caught) == len(reply.headers.getlist("X-VoIPBIN-Mock-Warning")) == 5
    with Mock(error="all") as mock:
        refused = mock.client.post(PLANS, json=hasty).json["error"]["details"]
        assert {detail["pointer"] for detail in refused} == pointers


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_a_warning_changes_neither_the_answer_nor_the_record(profile: str) -> None:
    hasty = {**PLAN, "dial_timeout": 30, "try_interval": 60}
    with Mock(profile, clock="2026-03-01") as loud, Mock(profile, clock="2026-03-01", ignore="all") as quiet:
        with pytest.warns(VoIPBINWarning):
            told = loud.client.post(PLANS, json=hasty)
        assert told.data == quiet.client.post(PLANS, json=hasty).data
        assert loud.dump()["records"] == quiet.dump()["records"]


# --- seconds or milliseconds ------------------------------------------------------------------------


@pytest.mark.parametrize("member", ["dial_timeout", "try_interval"])
@pytest.mark.parametrize("value", [30000, 60000, 600000, 7200000])
def test_the_values_that_the_vendors_pages_print_are_fine(member: str, value: int) -> None:
    with Mock(seed="tutorial") as mock, warnings.catch_warnings():
        warnings.simplefilter("error")
        assert post(**{member: value})(mock).status_code == 200


@pytest.mark.parametrize("member", ["dial_timeout", "try_interval"])
@pytest.mark.parametrize("value", [1, 5, 30, 45, 60, 120, 300, 600, 900, 999])
def test_times_that_look_like_seconds_are_told_with_the_value_meant(member: str, value: int) -> None:
    with Mock() as mock, pytest.warns(VoIPBINWarning, match=f"send {value}000 for {value} seconds"):
        post(**{member: value})(mock)


@pytest.mark.parametrize("value", [1200, 1800, 3600, 7200, 86400, 604800])
def test_an_interval_of_hours_written_in_seconds_is_told_too(value: int) -> None:
    with Mock() as mock, pytest.warns(VoIPBINWarning, match=f"send {value}000 for {value} seconds"):
        post(try_interval=value)(mock)


@given(st.integers(-(2**31), 2**31 - 1))
def test_whole_seconds_in_milliseconds_and_nothing_at_all_are_never_suspected(value: int) -> None:
    for member in ("dial_timeout", "try_interval"):
        assert not looks_like_seconds(member, value * 1000)
        assert not looks_like_seconds(member, min(value, 0))
        assert not looks_like_seconds("dial_timeout", max(value, 1000))


def test_a_facet_is_looked_at_as_a_creation_is(mock: Mock) -> None:
    with pytest.warns(VoIPBINWarning, match="/dial_timeout") as caught:
        assert dial_info(mock).status_code == 200
    assert len(caught) == 1


# --- what else earns no warning --------------------------------------------------------------------


def test_a_source_is_the_accounts_own_number_or_no_number_at_all(mock: Mock) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for source in (PLAN["source"], {"type": "tel", "target": "+899100000100"}, {"type": "sip", "target": "a@b"}):
            assert post(source=source)(mock).status_code == 200
    mock.numbers.delete(mock.numbers.get(number="+899100000100").id)
    with pytest.warns(VoIPBINWarning, match="unowned-source"):
        post(source={"type": "tel", "target": "+899100000100"})(mock)


def test_another_customers_number_is_not_ones_own() -> None:
    theirs = {"id": "0c0c0c0c-0000-4000-8000-000000000001", "name": "Other"}
    number = {"number": "+15550001111", "customer_id": theirs["id"]}
    seed = {"extends": "account", "customers": [theirs], "numbers": [number]}
    with Mock(seed=seed) as mock, pytest.warns(VoIPBINWarning, match="unowned-source"):
        post(source={"type": "tel", "target": "+15550001111"})(mock)


@pytest.mark.parametrize("count", range(5))
def test_one_try_is_enough(mock: Mock, count: int) -> None:
    tries = {f"max_try_count_{n}": int(n == count) for n in range(5)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        post(**tries)(mock)


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_declared_in_any_spelling(mock: Mock, content_type: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mock.client.post(PLANS, data=json.dumps(PLAN), content_type=content_type)


@pytest.mark.parametrize("name", ["x" * 5000, "new\nline", "\u2603", "a/b~c", "\x1b[31m", ""])
def test_an_unknown_member_of_any_name_is_told_on_one_line(mock: Mock, name: str) -> None:
    with pytest.warns(VoIPBINWarning, match="unknown-member"):
        reply = post(**{name: 1})(mock)
    header = reply.headers["X-VoIPBIN-Mock-Warning"]
    assert header.isascii()
    assert header.isprintable()
    assert len(header) <= 400
    assert all(line.isprintable() for line in mock.report().splitlines())


def test_a_refused_request_earns_no_warning() -> None:
    with Mock() as mock:
        reply = post(dial_timeout=30, max_try_count_0=-1)(mock)
        assert reply.status_code == 400
        assert [warning.code for warning in mock.warnings] == []


def test_unknown_members_that_are_like_no_other_are_told_together(mock: Mock) -> None:
    record = mock.client.get("/v1.0/customer").json
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mock.client.put("/v1.0/customer", json=record)
    told = [str(warning.message) for warning in caught if "unknown-member" in str(warning.message)]
    (together,) = [text for text in told if "known members are" in text]
    assert '"id", ' in together
    assert together.count("known members are") == 1
    assert len(told) == 2  # "webhook_secret" is like a member that there is
