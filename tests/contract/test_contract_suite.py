"""The cases in a suite of the user's own: one test each, of a mock, a URL or a client."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from typing import Any
from unittest import SkipTest

import httpx
import pytest
import requests

from tests.support.contracting import credentials, fresh, mock_of, run_all
from voipbin_mock import Mock, MockUsageError
from voipbin_mock.contract import ClientTarget, HttpTarget, Runner, TargetError, cases, check
from voipbin_mock.contract.points import DOCUMENTED, SERVER
from voipbin_mock.contract.report import text
from voipbin_mock.contract.runner import Allowed, votes
from voipbin_mock.contract.targets import SEEDED
from voipbin_mock.server.live import LiveServer

SOME = cases(only=["outplans/is-*", "agents/a-manager*", "auth/a-login*"], profile="documented")
SERVICE = "https://api.voipbin.net/v1.0"


def test_cases_are_chosen_by_name_profile_and_effect() -> None:
    assert {case.effect for case in cases(effects=("reads",))} == {"reads"}
    assert [str(case) for case in cases(only="outplans/is-updated")] == ["outplans/is-updated"]
    server_only = {str(case) for case in cases()} - {str(case) for case in cases(profile="documented")}
    assert server_only == {
        "outplans/null-is-zero", "outplans/a-put-replaces-all", "outplans/members-in-capitals-are-read",
        "conferences/is-written-down-and-shown",
    }  # fmt: skip


@pytest.mark.parametrize("case", SOME, ids=str)
def test_a_mock_a_url_and_a_client_are_checked_alike(case: Any) -> None:
    with mock_of() as mock:
        check(case, mock)
        url = mock.serve().origin
        check(case, url, **credentials(mock))
        with requests.Session() as session:
            check(case, session, base_url=url, **credentials(mock))
        with httpx.Client() as client:
            check(case, client, base_url=url, **credentials(mock))


class Wrapper:
    """What a team may have around its HTTP client: its own base URL and names."""

    def __init__(self, session: requests.Session) -> None:
        self.session = session

    def request(self, method: str, url: str, headers: Any = None, json: Any = None) -> Any:
        reply = self.session.request(method, url, headers=headers, json=json)
        self.session.cookies.clear()
        return type("Reply", (), {"status": reply.status_code, "headers": reply.headers, "body": reply.text})()


def test_a_wrapper_with_names_of_its_own_is_checked_too() -> None:
    with mock_of() as mock, requests.Session() as session:
        for case in SOME:
            check(case, Wrapper(session), base_url=SERVICE, **credentials(mock))


def test_a_broken_promise_fails_the_test_and_says_where() -> None:
    mock = mock_of("server", intercept=False)
    (case,) = cases(only="outplans/is-created-as-sent")
    check(case, mock)
    with pytest.raises(AssertionError) as caught:
        check(case, mock, "documented")
    said = str(caught.value)
    assert said.startswith("outplans/is-created-as-sent, as documented:\nstep 1: POST /v1.0/outplans -> 200")
    assert "[D4] /source: expected" in said
    assert mock.accesskey not in said


def test_what_a_target_has_nothing_for_is_skipped() -> None:
    (case,) = cases(only="outplans/another-customers-is-out-of-reach")
    with Mock(intercept=False) as mock, pytest.raises(SkipTest, match="no foreign_outplan"):
        check(case, mock)


def test_cases_raise_no_warnings_of_ours() -> None:
    (case,) = cases(only="outplans/unknown-members-are-ignored")
    with Mock(intercept=False) as mock:
        check(case, mock)  # warnings are errors here
        assert mock.warnings


def test_what_is_no_client_is_refused() -> None:
    with pytest.raises(MockUsageError, match="has no method `request`"):
        check(SOME[0], 7)
    with pytest.raises(MockUsageError, match="is no response"):
        check(SOME[0], lambda method, url, headers, body: "fine", accesskey="vb_x")


def test_a_suite_of_cases_runs_in_pytest(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from voipbin_mock.contract import cases, check

        @pytest.mark.parametrize("case", cases(profile="documented"), ids=str)
        def test_the_contract(case, voipbin):
            check(case, voipbin)
        """
    )
    result = pytester.runpytest_inprocess("-q", "-rs", "-p", "no:randomly", "-W", "error")
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] > 340
    assert outcomes.keys() <= {"passed", "skipped"}
    why = Counter[str]()
    for number, name in re.findall(r"SKIPPED \[(\d+)\] .*the target has no (\w+)", result.stdout.str()):
        why[name] += int(number)
    assert why.keys() <= {*SEEDED, "id", "shown", "call", "recording"}, (
        "its lists are empty, and it knows no other customer"
    )
    assert why.total() == outcomes["skipped"]


def test_the_engine_does_without_pytest() -> None:
    code = (
        "import sys; sys.modules['pytest'] = None\n"
        "from voipbin_mock.contract import MockTarget, Runner, cases\n"
        "assert Runner(MockTarget(), 'documented').run(cases(only='outplans/is-*')).ok"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_target_between_the_profiles_fails_where_it_is_not_as_the_one_it_follows() -> None:
    target = fresh(SERVER)
    for table in target.mock.world.store:
        table.lists_deleted = False
    run = run_all(target, "auto")
    assert run.profile == SERVER
    assert {fault.point for result in run.failed for _, fault in result.broken} == {"D7"}
    assert not run.ok
    tallies = votes(run)
    assert set(tallies["D7"]) == {DOCUMENTED}
    assert set(tallies["D1"]) == {SERVER}
    (line,) = [line for line in text(run).splitlines() if line.startswith("    D7 ")]
    assert "documented" in line


def test_a_target_that_falls_silent_for_a_moment_fails_those_cases_only() -> None:
    mock, asked = mock_of(intercept=False), [0]
    target = ClientTarget(lambda *args: (), **credentials(mock))
    inner = fresh("documented")

    def send(*args: Any) -> Any:
        asked[0] += 1
        if asked[0] in (5, 6):
            raise TargetError("nobody there")
        return inner.send(*args)

    target.send = send  # type: ignore[method-assign]
    target.accesskey, target.token = inner.accesskey, inner.token
    run = Runner(target, "documented", allowed=Allowed(True)).run(cases(only="outplans/*", profile="documented"))
    assert 1 <= len(run.failed) <= 2
    assert {result.why for result in run.failed} == {"nobody there"}
    assert run.count("passed") > 30


def test_a_target_that_stays_silent_is_asked_no_more() -> None:
    asked = []

    def app(environ: Any, start_response: Any) -> Any:
        asked.append(environ["PATH_INFO"])
        body = b'{"message":"pong"}' if len(asked) == 1 else b"no"
        start_response("200 OK", [("Content-Length", str(len(body) if len(asked) == 1 else 99))])
        return [body]

    with LiveServer(app) as server:
        target = HttpTarget(server.origin, accesskey="vb_x", timeout=2)
        with pytest.raises(TargetError, match="does not answer"):
            Runner(target, "documented").run(cases(effects=("reads",), profile="documented"))
    assert len(asked) < 8
