"""Coverage of flows: which actions and outcomes runs took, counted exactly, per test and in any number of processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.support.calling import a, action_id, calls_in, presses
from tests.support.dialing import PROFILES
from voipbin_mock import Answer, Busy, Mock
from voipbin_mock.insight.flow_coverage import key_of

Run = Callable[..., pytest.RunResult]
MENU = (
    a("answer"),
    a("digits_receive", duration=2000, length=1),
    a("branch", target_ids={"1": action_id(5), "2": action_id(7)}, default_target_id=action_id(4)),
    a("goto", target_id=action_id(2), loop_count=1),
    a("talk", text="Sales."),
    a("hangup"),
    a("hangup"),
    a("beep"),
)


@pytest.fixture(params=PROFILES)
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, ignore="all", coverage=True, clock="2026-03-02T09:30:00Z") as mock:
        yield mock


def flow(mock: Mock, *actions: dict[str, Any], name: str = "main") -> str:
    several = [{"id": action_id(number), **action} for number, action in enumerate(actions or MENU, 1)]
    return str(mock.flows.create(name=name, detail="", actions=several).id)


def call(mock: Mock, to: str, keys: str = "", seconds: int = 30) -> str:
    made = calls_in(mock, to)
    if keys:
        mock.advance(seconds=1)
        presses(mock, made, keys)
    mock.advance(seconds=seconds)
    return made


def test_actions_and_outcomes_are_counted_as_runs_take_them(mock: Mock) -> None:
    made = flow(mock)
    call(mock, made, "1")
    call(mock, made, "1")
    (counted,) = mock.coverage().flows
    assert counted.name == "main"
    assert counted.actions == {0: 2, 1: 2, 2: 2, 3: 0, 4: 2, 5: 2, 6: 0, 7: 0}
    assert {key: count for key, count in counted.outcomes.items() if count} == {(1, "length"): 2, (2, "1"): 2}
    assert counted.unreachable == [7]
    passed = ["3 goto: passed"] if mock.world.profile.name == "documented" else []
    assert counted.missing == [
        "3 goto loop_count 1",
        "6 hangup",
        "1 digits_receive: time",
        '2 branch: "2"',
        "2 branch: default",
        *["3 goto: jumped"][: len(passed)],
        *passed,
    ]
    assert (counted.covered, counted.total) == (7, 14 if passed else 12)


def test_an_action_under_way_has_no_outcome_yet(mock: Mock) -> None:
    made = calls_in(mock, flow(mock))
    mock.advance(seconds=1)
    (counted,) = mock.coverage().flows
    assert (counted.actions[1], sum(counted.outcomes.values())) == (1, 0)
    presses(mock, made, "1")
    (counted,) = mock.coverage().flows
    assert (counted.actions[1], counted.outcomes[1, "length"], counted.actions[4]) == (1, 1, 1)
    mock.advance(seconds=30)
    (counted,) = mock.coverage().flows
    assert (counted.actions[1], counted.outcomes[1, "length"], counted.actions[5]) == (1, 1, 1)


def test_fetched_flows_are_counted_as_themselves(mock: Mock) -> None:
    inner = flow(mock, a("answer"), a("beep"), name="inner")
    call(mock, flow(mock, a("fetch_flow", flow_id=inner), a("hangup"), name="outer"))
    counted = {each.name: each.actions for each in mock.coverage().flows}
    assert counted == {"inner": {0: 1, 1: 1}, "outer": {0: 1, 1: 1}}


@pytest.mark.parametrize(("script", "outcome"), [(Answer(talk="5s"), "ejected"), (Busy(after="3s"), "failed")])
def test_a_connect_comes_to_what_its_bridge_did(mock: Mock, script: Any, outcome: str) -> None:
    mock.phone("+15550100002").script(script)
    source, callee = ({"type": "tel", "target": number} for number in ("+15559876543", "+15550100002"))
    made = flow(mock, a("answer"), a("connect", source=source, destinations=[callee]), a("beep"), a("hangup"))
    calls_in(mock, made)
    mock.advance(seconds=1)
    assert [sum(each.outcomes.values()) for each in mock.coverage().flows] == [0]
    mock.advance(minutes=2)
    (counted,) = mock.coverage().flows
    assert {key: count for key, count in counted.outcomes.items() if count} == {(1, outcome): 1}
    assert counted.actions == {0: 1, 1: 1, 2: 1, 3: 1}


def test_what_is_skipped_did_not_run(mock: Mock) -> None:
    mock.client.post("/v1.0/activeflows", json={"actions": [a("answer"), a("variable_set", key="a", value="b")]})
    mock.advance(seconds=1)
    (counted,) = mock.coverage().flows
    assert (counted.name, counted.actions) == ("actions of a request", {0: 0, 1: 1})


def test_flows_are_known_by_name_and_by_what_they_do(mock: Mock) -> None:
    first, second = flow(mock), flow(mock, *[{**action, "id": action_id(n)} for n, action in enumerate(MENU, 1)])
    changed = flow(mock, *MENU[:6])
    for made in (first, second, changed):
        call(mock, made, "1")
    assert sorted(each.actions[0] for each in mock.coverage().flows) == [1, 2]


def test_ids_make_no_other_flow() -> None:
    def actions(offset: int) -> list[dict[str, Any]]:
        return [
            {"id": action_id(offset), "type": "goto", "option": {"target_id": action_id(offset + 1)}},
            {"id": action_id(offset + 1), "type": "hangup", "next_id": action_id(offset)},
        ]

    assert key_of("a", actions(1)) == key_of("a", actions(5)) != key_of("b", actions(1))
    assert key_of("a", actions(1)) != key_of("a", list(reversed(actions(1))))


def test_a_flow_that_nobody_called_is_not_there(mock: Mock) -> None:
    flow(mock)
    assert len(mock.coverage().flows) == 0
    assert "flow actions" not in "\n".join(mock.coverage().text())


def test_a_reset_begins_anew_and_what_was_taken_stays(mock: Mock) -> None:
    call(mock, flow(mock), "1")
    mock.reset()
    call(mock, flow(mock), "2")
    (counted,) = mock.coverage().flows
    assert (counted.outcomes[2, "1"], counted.outcomes[2, "2"]) == (1, 1)


def test_an_earlier_moment_may_go_on_in_another_way(mock: Mock) -> None:
    made = calls_in(mock, flow(mock))
    mock.advance(seconds=1)
    moment = mock.snapshot()
    for key in "12":
        mock.restore(moment)
        presses(mock, made, key)
        mock.advance(seconds=30)
    (counted,) = mock.coverage().flows
    assert counted.outcomes[2, "1"] == counted.outcomes[2, "2"] == 1


def test_the_report_has_flows_as_text_json_and_pictures(mock: Mock) -> None:
    call(mock, flow(mock), "1")
    report = mock.coverage()
    (counted,) = report.flows
    lines = list(report.text())
    assert any(line.startswith("flow actions ") for line in lines)
    assert any(line.startswith("flow main: ") and "6 hangup" in line for line in lines)
    told = report.as_dict()["flows"]
    assert (told["covered"], told["total"]) == (counted.covered, counted.total)
    assert told["items"][0]["actions"][7] == {
        "position": 7, "type": "beep", "text": "", "count": 0, "unreachable": True
    }  # fmt: skip
    assert {"position": 2, "outcome": "1", "count": 1} in told["items"][0]["outcomes"]
    page = report.html()
    assert "<summary>flow main: " in page
    assert ElementTree.fromstring(counted.svg()).tag.endswith("svg")
    assert counted.svg() in page
    assert "class a3,a6,a7 missed" in counted.mermaid()


def test_the_control_api_tells_of_flows(mock: Mock) -> None:
    call(mock, flow(mock), "1")
    told = mock.anonymous.get("/__mock__/coverage", headers={"Host": "localhost"}).json
    assert told["flows"] == mock.coverage().as_dict()["flows"]
    assert len(told["flows"]["items"]) == 1


def test_the_picture_of_a_flow_shows_what_runs_took(mock: Mock) -> None:
    view = mock.flow(made := flow(mock))
    first = call(mock, made, "1")
    call(mock, made, "2")
    assert "class a3,a7 missed" in view.mermaid(runs=True)
    one = view.mermaid(runs=first)
    assert '"4 (4) talk #quot;Sales.#quot;' in one
    assert "class a3,a6,a7 missed" in one
    assert "missed" in view.svg(runs=first)
    with pytest.raises(LookupError, match="no run of a flow"):
        view.svg(runs=action_id(1))
    path = f"/__mock__/flows/{made}/graph?format=mermaid&runs="
    assert mock.client.get(path + "all").text == view.mermaid(runs=True)
    assert mock.client.get(path + first).text == one
    assert mock.client.get(path + action_id(1)).status_code == 404


# --- the plugin ---------------------------------------------------------------------------------------------

SUITE = """
from voipbin_mock.areas.calls import voice

MENU = [
    {"id": "ac000000-0000-4000-8000-000000000001", "type": "answer"},
    {"type": "digits_receive", "option": {"duration": 2000, "length": 1}},
    {"type": "branch", "option": {"target_ids": {"1": "ac000000-0000-4000-8000-000000000001"},
                                  "default_target_id": "ac000000-0000-4000-8000-000000000002"}},
    {"id": "ac000000-0000-4000-8000-000000000002", "type": "hangup"},
]

def test_silence(voipbin):
    voipbin.freeze("2026-03-02T09:30:00Z")
    flow = voipbin.flows.create(name="main", detail="", actions=MENU)
    with voipbin.world.changing():
        voice.incoming(voipbin.world, "+15550100001", flow.id)
    voipbin.advance(seconds=10)
    assert MORE
"""


def test_workers_count_as_one_process_does(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyfile(SUITE.replace("MORE", "True"), test_other=SUITE.replace("MORE", "True"))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = ("-p", "voipbin_mock.pytest_plugin", "-p", "xdist.plugin")
    pytester.runpytest_subprocess(*plugins, "-n2", "--voipbin-mock-cov-report=json:a.json").assert_outcomes(passed=2)
    (item,) = json.loads((pytester.path / "a.json").read_text(encoding="utf-8"))["flows"]["items"]
    assert [action["count"] for action in item["actions"]] == [2, 2, 2, 2]
    assert {(each["outcome"], each["count"]) for each in item["outcomes"]} == {
        ("length", 0), ("time", 2), ("1", 0), ("default", 2)
    }  # fmt: skip


@pytest.mark.parametrize(("least", "code"), [("75", 0), ("76", 1)])
def test_too_little_of_flows_fails_the_run(run: Run, least: str, code: int) -> None:
    result = run(SUITE.replace("MORE", "True"), f"--voipbin-mock-cov-flows-fail-under={least}")
    assert result.ret == code
    result.stdout.fnmatch_lines(['flow main: 75.0 %, not taken: 1 digits_receive: length, 2 branch: "1"'])
    told = "FAIL: 75.0 % of the flows was taken, at least 76 % is asked for"
    assert (told in result.stdout.str()) == bool(code)


def test_a_share_that_cannot_be_is_refused(run: Run) -> None:
    result = run("def test_it():\n    pass\n", "--voipbin-mock-cov-flows-fail-under=all")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--voipbin-mock-cov-flows-fail-under: 'all' is no share from 0 to 100*"])
