"""The contract cases: every mocked operation has some, they pass in every way there is to ask, and they notice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from tests.support.contracting import (
    CASES,
    EVERYTHING,
    NO_PLAIN_ANSWER,
    PROFILES,
    credentials,
    fresh,
    mock_of,
    run_all,
    told,
)
from tests.support.http_clients import CLIENTS, Client
from voipbin_mock import catalog
from voipbin_mock.contract import CaseError, ClientTarget, HttpTarget, MockTarget, Run, Runner
from voipbin_mock.contract.casebook import load
from voipbin_mock.contract.runner import Result, operations_asked, votes

every_profile = pytest.mark.parametrize("profile", PROFILES)

# --- the cases pass --------------------------------------------------------------------------------


@every_profile
def test_all_cases_pass_in_process_none_is_left_out_and_what_was_made_is_deleted_again(profile: str) -> None:
    target = fresh(profile)
    before = {name: len(target.mock.records(name)) for name in ("outplans", "outdials", "campaigns", "agents", "tags")}
    customer = target.mock.customers.list()[0]
    run = run_all(target, profile)
    assert not told(run)
    assert len(run.results) == len([case for case in CASES if case.profile in (None, profile)])
    assert {name: len(target.mock.records(name)) for name in before} == before
    assert target.mock.customers.get(customer.id).name == customer.name
    if profile == "documented":
        every_mocked_operation_is_exercised_with_success(run)


@every_profile
def test_the_profile_that_a_target_follows_is_found_out(profile: str) -> None:
    run = run_all(fresh(profile), "auto")
    assert run.profile == profile
    assert not told(run)
    found = votes(run)
    assert {"D1", "D2", "D3", "D4", "D5", "D7", "D8", "D10", "D12", "D13", "D21", "D22"} <= found.keys()
    assert all(set(tally) == {profile} for tally in found.values()), "no answer speaks for the other profile"


@every_profile
def test_a_target_is_not_taken_for_the_other_profile(profile: str) -> None:
    other = next(name for name in PROFILES if name != profile)
    run = run_all(fresh(profile), other)
    points = {fault.point for result in run.failed for _, fault in result.broken}
    assert {"D1", "D2", "D4", "D8", "D13", "D22"} <= points
    assert all(fault.point for result in run.failed for _, fault in result.broken), "each is named by its point"


@every_profile
def test_all_cases_pass_over_a_live_server(profile: str) -> None:
    with mock_of(profile, intercept=False) as mock:
        server = mock.serve()
        target = HttpTarget(server.origin + "/v1.0", **credentials(mock))
        target.pause = mock.advance  # type: ignore[assignment]
        run = run_all(target, profile)
    assert not told(run)


@pytest.fixture
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    made = CLIENTS[request.param](None)
    yield made
    made.close()


def empty_jar(client: Any) -> None:
    """The cookie of a login would win over every other credential."""
    for holder in (client, getattr(client, "session", None), getattr(client, "client", None)):
        for name in ("cookies", "cookie_jar"):
            jar = getattr(holder, name, None)
            if hasattr(jar, "clear"):
                jar.clear()


THIRDS = [(part, profile) for profile in PROFILES for part in range(3)]


@pytest.mark.parametrize(
    ("client", "part", "profile"),
    [(name, *third) for name, third in zip(CLIENTS, cycle(THIRDS), strict=False)],
    indirect=["client"],
)
def test_the_cases_pass_through_intercepted_clients(client: Client, part: int, profile: str) -> None:
    """Each of them with a third of the cases of one profile: a client does not know what the profiles differ in."""
    assert len(CLIENTS) >= len(THIRDS), "each case is asked in each profile"

    def ask(method: str, url: str, headers: dict[str, str], body: bytes | None) -> Any:
        reply = client.call(method, url, headers, body)
        empty_jar(client)
        return reply

    with mock_of(profile) as mock:
        target = ClientTarget(ask, "https://api.voipbin.net", **credentials(mock))
        target.pause = mock.advance  # type: ignore[assignment]
        run = Runner(target, profile, allowed=EVERYTHING).run(load(profile=profile)[part::3])
    assert not told(run)


# --- they cover everything -------------------------------------------------------------------------


def every_mocked_operation_is_exercised_with_success(run: Run) -> None:
    good = {name for name, status in operations_asked(run.results) if status < 300}
    wanted = {operation.name for operation in catalog.default().operations if not (operation.control or operation.hook)}
    refused = {name for name in wanted if name.startswith("auth.unrouted:")} | {"numbers.renew", "ws"}
    refused |= {f"queuecalls.{what}" for what in ("delete", "kick", "kick_by_reference")}
    refused |= {"conferencecalls.kick", "conferences.media_stream", "transfers.create"}
    refused |= NO_PLAIN_ANSWER
    refused |= {f"providercalls.{what}" for what in ("list", "create", "get", "delete")}
    refused |= {"service_agents.agents.password", "service_agents.ws"}
    refused |= {"providers.setup"}  # with a carrier's key
    refused |= {"storage_files.file", "service_agents.storage_files.file"}  # leads elsewhere
    refused |= {"auth.email_verify", "auth.password_reset"}  # with a token that a mail tells, and no answer
    assert wanted - good == refused, "they want a super admin, a websocket or a caller, or answer so to everybody"
    assert refused <= {name for name, _ in operations_asked(run.results)}


def test_every_resource_has_cases_that_only_read() -> None:
    assert {case.name.partition("/")[0] for case in CASES if case.effect == "reads"} >= {
        "accesskeys", "agents", "auth", "available_numbers", "calls", "campaigncalls", "campaigns", "customer",
        "flows", "me", "numbers", "outdials", "outplans", "queues", "requests", "tags",
    }  # fmt: skip


def test_reading_cases_change_nothing() -> None:
    for profile in PROFILES:
        target = fresh(profile)
        before = target.mock.dump()["records"]
        Runner(target, profile).run([case for case in CASES if case.effect == "reads"])
        assert target.mock.dump()["records"] == before


def test_every_case_file_says_what_it_is_about_by_its_name() -> None:
    for case in CASES:
        assert case.name.startswith(Path(case.source).stem + "/")


# --- case files ------------------------------------------------------------------------------------

GOOD = {
    "format": "voipbin-contract-cases",
    "version": 1,
    "about": "mine",
    "cases": [{"name": "pings", "effect": "reads", "steps": [{"ask": "GET /ping", "as": "none"}]}],
}


def write(folder: Path, document: Any) -> Path:
    path = folder / "mine.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def changed(**step: Any) -> dict[str, Any]:
    return {**GOOD, "cases": [{**GOOD["cases"][0], "steps": [{**GOOD["cases"][0]["steps"][0], **step}]}]}  # type: ignore[index]


def test_cases_of_the_users_own_are_run_beside_ours(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    assert [case.name for case in load(tmp_path, own=False)] == ["mine/pings"]
    (case,) = load(tmp_path, only="mine/*")
    assert Runner(fresh("documented")).case(case).outcome == "passed"
    assert len(load(tmp_path)) == len(CASES) + 1


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("{", "not JSON"),
        ([], r"\(body\): expected an object"),
        ({**GOOD, "version": 2}, "/version"),
        ({**GOOD, "cases": [{"name": "x", "effect": "reads"}]}, '/cases/0/steps: "steps" is missing'),
        ({**GOOD, "cases": [{**GOOD["cases"][0], "effect": "breaks"}]}, "/cases/0/effect"),  # type: ignore[index]
        ({**GOOD, "cases": [{**GOOD["cases"][0], "profile": "server"}]}, "/cases/0: profile goes with a point"),  # type: ignore[index]
        (changed(ask="fetch it"), "/cases/0/steps/0/ask: .*a method and a path"),
        (changed(exspect={}), '/cases/0/steps/0/exspect: unknown member "exspect"'),
        (changed(expect={"status": "200"}), "/cases/0/steps/0/expect/status"),
        (changed(expect={"shape": "outplans.thing"}), "/cases/0/steps/0/expect/shape: 'outplans.thing' is no form"),
        (changed(expect={"body": {"x": {"$uid": True}}}), "/cases/0/steps/0/expect/body/x/.uid: .uid is no matcher"),
        (changed(expect={"body": [{"$text": "("}]}), "/expect/body/0/.text: '\\(' is no regular expression"),
        (changed(differs=[{"point": "D99", "documented": {}, "server": {}}]), "/differs/0/point: 'D99' is none of"),
        (changed(ask="DELETE /v1.0/outplans/x", **{"as": "any"}), "a case that only reads cannot ask DELETE"),
        (changed(**{"as": "admin"}), "/cases/0/steps/0/as: 'admin' is none of"),
        (changed(body={}, text=""), "/cases/0/steps/0/text: a request has a body or a text"),
    ],
)
def test_a_broken_case_file_is_one_line_with_its_place(tmp_path: Path, document: Any, why: str) -> None:
    path = write(tmp_path, document)
    with pytest.raises(CaseError, match=why) as caught:
        load(tmp_path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_case_that_is_there_already_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {**GOOD, "about": "auth", "cases": [{**GOOD["cases"][0], "name": "ping-is-for-everybody"}]})  # type: ignore[index]
    with pytest.raises(CaseError, match=r"there is a case auth/ping-is-for-everybody in .*auth.json already"):
        load(tmp_path)


def test_a_pattern_that_names_no_case_is_refused() -> None:
    with pytest.raises(CaseError, match="no case is called outplan/"):
        load(only="outplan/*")


# --- calls that are answered -----------------------------------------------------------------------


def with_callee(number: str | None) -> tuple[MockTarget, Result]:
    """A call to whoever that is, and what came of the case about it."""
    target = fresh("documented")
    del target.values["callee"]
    target.values |= {"callee": number} if number is not None else {}
    run = run_all(target, "documented", only="calls/can-be-controlled-once-answered")
    return target, run.results[0]


def test_a_case_waits_until_the_call_is_answered() -> None:
    target, result = with_callee("+12025550100")  # answers after three seconds
    assert result.outcome == "passed"
    call = target.mock.calls.get(result.asked[1].answer.json()["id"])
    assert call.tm_progressing is not None
    assert call.tm_create is not None
    assert 3 <= (call.tm_progressing - call.tm_create).total_seconds() <= 4


def test_a_case_waits_no_longer_than_it_says() -> None:
    target, result = with_callee("+12025550101")  # is busy
    assert [fault.pointer for _, fault in result.broken] == ["/status"]
    (path,) = {each.path for each in target.mock.requests if each.method == "GET" and "/calls/" in each.path}
    assert len([each for each in target.mock.requests if (each.method, each.path) == ("GET", path)]) == 61


def test_where_nobody_is_to_be_called_such_a_case_is_left_out() -> None:
    target, result = with_callee(None)
    assert (result.outcome, result.why) == ("skipped", "the target has no callee")
    assert "POST" not in {each.method for each in target.mock.requests}
