"""`voipbin-mock flow`: flows in files, looked at before they run."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.calling import a, action_id
from voipbin_mock.command.main import main

FINE = {"name": "fine", "actions": [a("answer"), a("hangup")]}
HINTED = {"name": "hinted", "actions": [a("answer"), a("talk", text="Hello.")]}
WARNED = {"name": "warned", "actions": [a("answer"), a("goto", target_id=action_id(1)), a("hangup")]}
CHOICE = a("branch", target_ids={"1": "menu"}, default_target_id=action_id(9), variable="tier")
BROKEN = {"name": "broken", "actions": [{"id": "menu", "type": "answer"}, CHOICE]}

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `voipbin-mock flow WHAT` on documents, and gives the exit code and what was printed."""
    monkeypatch.chdir(tmp_path)

    def run(what: str, *documents: Any, flags: tuple[str, ...] = ()) -> tuple[int, str]:
        files = [f"{number}.json" for number in range(len(documents))]
        for file, document in zip(files, documents, strict=True):
            Path(file).write_text(json.dumps(document), encoding="utf-8")
        code = main(["flow", what, *files, *flags])
        shown = capsys.readouterr()
        return code, shown.out or shown.err

    return run


def test_a_file_that_is_fine(run: Run) -> None:
    assert run("lint", FINE) == (0, "1 flow: nothing is wrong\n")


def test_what_is_wrong_is_told_by_file_and_flow(run: Run) -> None:
    code, text = run("lint", FINE, BROKEN)
    assert code == 1
    lines = text.splitlines()
    assert lines[0] == "1.json: flow broken"
    assert '  error [dangling-target] /actions/1/option/target_ids/1: no action has the id "menu"' in text
    assert "  warning [word-id] /actions/0/id" in text
    assert lines[-1].startswith("2 flows: 2 errors, 1 warning")


@pytest.mark.parametrize(
    ("flow", "least", "code"),
    [
        (HINTED, "warning", 0),
        (HINTED, "hint", 1),
        (WARNED, "warning", 1),
        (WARNED, "error", 0),
        (BROKEN, "error", 1),
        (BROKEN, "never", 0),
    ],
)
def test_what_fails_is_as_one_says(run: Run, flow: Any, least: str, code: int) -> None:
    assert run("lint", flow, flags=("--fail-on", least))[0] == code


def test_codes_can_be_silent(run: Run) -> None:
    assert run("lint", WARNED, flags=("--ignore", "goto-never")) == (0, "1 flow: nothing is wrong\n")
    code, text = run("lint", FINE, flags=("--ignore", "goto-nevr"))
    assert (code, "there is no such code" in text) == (2, True)


def test_the_rules_are_those_of_a_profile(run: Run) -> None:
    again = {"actions": [a("sleep", duration=1000), a("goto", target_id=action_id(1), loop_count=2), a("hangup")]}
    again["actions"][0]["id"] = action_id(1)
    assert run("lint", again)[0] == 0
    assert run("lint", again, flags=("--profile", "server"))[0] == 1


@pytest.mark.parametrize(
    ("document", "count"),
    [
        (WARNED["actions"], 1),
        ([WARNED, FINE], 2),
        ({"flows": [WARNED, FINE]}, 2),
        ({"result": [WARNED], "next_page_token": ""}, 1),
        ({"format": "voipbin-mock-state", "records": {"flows": [WARNED]}}, 1),
    ],
)
def test_files_of_many_shapes_are_read(run: Run, document: Any, count: int) -> None:
    code, text = run("lint", document, flags=("--format", "json"))
    told = json.loads(text)
    assert (code, told["flows"], [finding["code"] for finding in told["findings"]]) == (1, count, ["goto-never"])
    pointer = told["findings"][0]["pointer"]
    found = document
    for part in pointer.split("/")[1:]:
        found = found[int(part) if part.isdigit() else part]
    assert found == {"target_id": action_id(1)}


def test_sarif_is_for_code_scanning(run: Run) -> None:
    code, text = run("lint", BROKEN, flags=("--format", "sarif"))
    report = json.loads(text)
    (scan,) = report["runs"]
    assert (code, report["version"], scan["tool"]["driver"]["name"]) == (1, "2.1.0", "voipbin-mock")
    rules = {rule["id"] for rule in scan["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in scan["results"]} == rules == {"dangling-target", "word-id"}
    assert {result["level"] for result in scan["results"]} == {"error", "warning"}
    assert scan["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "0.json"


def test_graphs_are_drawn(run: Run) -> None:
    assert run("graph", FINE) == (0, "flow fine: 2 actions\n0  answer\n1  hangup\n     -> the end\n")
    assert run("graph", FINE, flags=("--format", "mermaid"))[1].startswith("flowchart TD\n")
    assert run("graph", FINE, flags=("--format", "svg"))[1].startswith("<svg ")
    assert json.loads(run("graph", FINE, flags=("--format", "json"))[1])["name"] == "fine"
    assert [each["name"] for each in json.loads(run("graph", FINE, BROKEN, flags=("--format", "json"))[1])]
    code, text = run("graph", FINE, BROKEN, flags=("--format", "svg"))
    assert (code, "draws one flow" in text) == (2, True)


def test_callers_are_shown_with_their_paths(run: Run) -> None:
    ask = a("digits_receive", duration=1000, length=1)
    choice = a("branch", target_ids={"1": action_id(9)}, default_target_id=action_id(9))
    flow = {"name": "menu", "actions": [a("answer"), ask, choice, {"id": action_id(9), "type": "hangup"}]}
    code, text = run("paths", flow)
    assert code == 0
    assert text.splitlines()[:3] == [
        "0.json: flow menu: 2 callers take every way that can be taken",
        "  1. presses 1 at action 1",
        '     takes 1 digits_receive: length, 2 branch: "1"',
    ]
    (told,) = json.loads(run("paths", flow, flags=("--format", "json"))[1])
    assert [caller["path"] for caller in told["callers"]] == [["answer", "digits_receive", "branch", "hangup"]] * 2
    assert told["callers"][0]["steps"][0]["press"] == "1"
    assert run("paths", {"name": "a", "actions": [{"type": "tak"}]})[0] == 2


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_callers_as_tests_pass(run: Run, pytester: pytest.Pytester, profile: str) -> None:
    ask = a("digits_receive", duration=1000, length=1)
    choice = a("branch", target_ids={"1": action_id(8)}, default_target_id=action_id(9))
    vip = a("condition_variable", condition="==", variable="${tier}", value_string="x", false_target_id=action_id(9))
    ends = [{"id": action_id(8), "type": "beep"}, vip, {"id": action_id(9), "type": "hangup"}]
    flow = {"name": "menu", "actions": [a("answer"), ask, choice, *ends]}
    code, text = run("paths", {"flows": [flow]}, flags=("--format", "pytest", "--profile", profile))
    assert code == 0
    assert "# caller " in text
    pytester.makepyfile(text)
    pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider").assert_outcomes(passed=2)


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_a_way_that_leads_nowhere_is_a_test_too(run: Run, pytester: pytest.Pytester, profile: str) -> None:
    ask = a("digits_receive", duration=1000, length=1)
    flow = {"name": "menu", "actions": [a("answer"), ask, a("branch", target_ids={"1": action_id(9)})]}
    assert "default_target_id: it leads nowhere" in run("paths", flow, flags=("--profile", profile))[1]
    pytester.makepyfile(run("paths", flow, flags=("--format", "pytest", "--profile", profile))[1])
    pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider").assert_outcomes(passed=2)


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_a_flow_without_an_end_is_a_test_too(run: Run, pytester: pytest.Pytester, profile: str) -> None:
    flow = {"name": "waits", "actions": [a("answer"), a("block")]}
    pytester.makepyfile(run("paths", flow, flags=("--format", "pytest", "--profile", profile))[1])
    pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_standard_input_is_read(run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(FINE)))
    assert main(["flow", "lint", "-"]) == 0
    assert capsys.readouterr().out == "1 flow: nothing is wrong\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "no JSON"), ("[]", "there is no flow in it"), ("5", "there is no flow"), ("[" * 100_000, "no JSON")],
)
def test_what_is_no_flow_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str) -> None:
    file = tmp_path / "a.json"
    file.write_text(text, encoding="utf-8")
    assert main(["flow", "lint", str(file)]) == 2
    shown = capsys.readouterr().err
    assert told in shown
    assert len(shown.splitlines()) == 1
    assert main(["flow", "lint", str(tmp_path / "b.json")]) == 2


def test_a_server_shows_it(voipbin_server: Any, capsys: pytest.CaptureFixture[str]) -> None:
    made = voipbin_server.flows.create(name="main", detail="", actions=[a("answer"), a("hangup")])
    assert main(["ctl", "--url", voipbin_server.origin, "flow", made.id, "--format", "text"]) == 0
    assert capsys.readouterr().out.startswith("flow main: 2 actions\n")
