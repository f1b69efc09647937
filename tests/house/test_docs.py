"""The README is true: every snippet runs, and everything there is to name is named."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import httpx  # noqa: F401  a run within this run forgets what it imported first, half of it too late
import pytest
import requests  # noqa: F401

from voipbin_mock import Mock, catalog
from voipbin_mock.api.lint import CODES
from voipbin_mock.command import main as cli
from voipbin_mock.pytest_plugin import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


def snippets(language: str) -> list[str]:
    return [text for kind, text in SNIPPETS if kind == language]


def test_every_snippet_is_of_a_kind_that_a_test_here_runs() -> None:
    assert {kind for kind, _ in SNIPPETS} == {"bash", "python", "console", "text"}


@pytest.mark.parametrize("text", snippets("python"), ids=lambda text: text.strip().splitlines()[-1].strip()[:40])
def test_the_python_snippets_pass_as_tests(text: str, pytester: pytest.Pytester) -> None:
    if "def test_" not in text:
        text = "def test_snippet():\n" + "".join(f"    {line}\n" for line in text.splitlines())
    pytester.makepyfile(text)
    pytester.runpytest_inprocess("-q", "-W", "error", "-p", "no:randomly").assert_outcomes(passed=1)


def test_the_ten_line_example_has_ten_lines() -> None:
    assert len(snippets("python")[0].splitlines()) <= 10


def test_the_two_commands_are_one_line_each_and_what_ci_runs() -> None:
    serve, tests = (text.strip() for text in snippets("bash"))
    assert "\n" not in serve
    assert "\n" not in tests
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert serve.startswith("python3 -m venv .venv && .venv/bin/pip install . && ")
    assert "'.[test" in tests
    assert "'.[test" in ci
    assert tests.endswith(" && .venv/bin/pytest -n auto")
    assert '"$bin/pytest" -q -n auto' in ci


@pytest.fixture
def tutorial_server() -> Iterator[Mock]:
    with Mock(seed="tutorial", ignore=("content-type",)) as mock:
        mock.serve()
        yield mock


def curl(command: str, origin: str) -> int:
    """What curl would do with this line: the HTTP code."""
    words = shlex.split(command.replace("http://127.0.0.1:8484", origin))
    assert words.pop(0) == "curl"
    method, headers, data, url = "GET", {}, None, ""
    while words:
        word = words.pop(0)
        if word == "--location":
            continue
        if word == "--request":
            method = words.pop(0)
        elif word == "--header":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word in ("--data", "--data-raw"):
            data = words.pop(0).encode()
        else:
            assert word.startswith("http"), f"teach this test {word}"
            url = word
    try:
        with urlopen(Request(url, data, headers, method=method), timeout=10) as reply:
            json.load(reply)
            return int(reply.status)
    except HTTPError as error:
        return error.code


@pytest.mark.parametrize("line", [line for text in snippets("console") for line in text.splitlines()])
def test_the_curl_lines_work(line: str, tutorial_server: Mock) -> None:
    assert curl(line, tutorial_server.origin) == 200


def test_the_lines_that_serve_prints_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    (shown,) = [text for text in snippets("text") if "listening" in text]
    first, second = shown.splitlines()
    assert first == f"voipbin-mock listening on http://127.0.0.1:{cli.DEFAULT_PORT}/v1.0"
    assert second.startswith(f"curl 'http://127.0.0.1:{cli.DEFAULT_PORT}/v1.0/outplans?token=")


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_lint_code_is_explained(code: str) -> None:
    assert f"| `{code}` |" in README


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_every_setting_is_explained(name: str) -> None:
    assert f"`{name}`" in README


def test_the_replay_line_is_one_that_the_command_line_takes() -> None:
    (shown,) = [text for text in snippets("text") if " replay " in text]
    assert cli.build_parser().parse_args(shown.split()[1:]).bundle.endswith(".json")


def test_every_flag_of_the_server_is_explained() -> None:
    serve = cli.build_parser()._subparsers._group_actions[0].choices["serve"]  # type: ignore[union-attr,index,call-overload]
    flags = {flag for action in serve._actions for flag in action.option_strings if flag.startswith("--")}
    assert not {flag for flag in flags - {"--help"} if f"`{flag}`" not in README}


def test_every_control_call_is_explained() -> None:
    calls = [operation.label for operation in catalog.default().operations if operation.control]
    assert not [label for label in calls if f"`{label}`" not in README]


def test_every_member_of_the_mock_is_explained() -> None:
    public = {name for name in dir(Mock) if not name.startswith("_")} - {"close", "raise_deferred"}
    assert not {name for name in public if not re.search(rf"`{name}[`(]", README)}


def test_every_resource_is_named() -> None:
    spoken = README.replace("access keys", "accesskeys").replace("available numbers", "available_numbers")
    assert not [r.name for r in catalog.RESOURCES if r.name not in spoken and r.noun not in spoken]


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
