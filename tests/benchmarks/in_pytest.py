"""What a pytest run pays: for the plugin being there, and for its fixture in a test."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.benchmarks.measure import Effort, Row, Times, compiled, extra, in_turns, once, ratio

ROOT = Path(__file__).resolve().parents[2]

# Times every test from set-up to tear-down and writes {kind: [seconds]}; a test's kind is its name up to "__".
CONFTEST = """
import json, os, time
import pytest

TIMES = {}

@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    before = time.perf_counter()
    answer = yield
    TIMES.setdefault(item.name.split("__")[0].removeprefix("test_"), []).append(time.perf_counter() - before)
    return answer

def pytest_sessionfinish(exitstatus):
    with open(os.environ["TIMES"], "w") as file:
        json.dump(TIMES if exitstatus == 0 else {}, file)

@pytest.fixture
def stub():
    import responses
    with responses.RequestsMock(assert_all_requests_are_fired=False) as stub:
        yield stub
"""
# A test of each kind; within a run they come in shuffled order, again and again.
TESTS = {
    "bare": """
def test_bare__{n}():
    assert True
""",
    "responses": """
def test_responses__{n}(stub):
    assert stub is not None
""",
    "voipbin": """
def test_voipbin__{n}(voipbin):
    assert voipbin is not None
""",
    "responsesused": """
def test_responsesused__{n}(stub):
    import requests
    stub.get("https://stub.invalid/v1.0/outplans", json={{"result": [], "next_page_token": ""}})
    assert requests.get("https://stub.invalid/v1.0/outplans", headers={{"Authorization": "Bearer x"}}).json()
""",
    "voipbinused": """
def test_voipbinused__{n}(voipbin):
    assert voipbin.client.get("/v1.0/outplans").json
""",
}


def environment(**more: str) -> dict[str, str]:
    """Nothing is loaded by itself, so that both sides load the same, but for our plugin."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {**compiled(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": path.rstrip(os.pathsep), **more}


def run(folder: Path, *arguments: str, **more: str) -> None:
    """A pytest run of its own; it has to pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment(**more), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"pytest failed:\n{done.stdout}{done.stderr}")


def fixture(effort: Effort) -> Iterator[Row]:
    if importlib.util.find_spec("responses") is None:
        raise ModuleNotFoundError(name="responses")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        kinds = list(TESTS)
        text = ""
        for n in range(effort.tests):
            random.shuffle(kinds)
            text += "".join(TESTS[kind].format(n=n) for kind in kinds)
        (folder / "test_fixtures.py").write_text(text, encoding="utf-8")
        times: Times = {}
        for _ in range(effort.spawns):
            run(folder, "-p", "voipbin_mock.pytest_plugin", TIMES=str(folder / "times.json"))
            for kind, taken in json.loads((folder / "times.json").read_text(encoding="utf-8")).items():
                times.setdefault(kind, []).append(median(taken))
    added = {kind: [a - b for a, b in zip(times[kind], times["bare"], strict=True)] for kind in times if kind != "bare"}
    bare = f"a bare test: {median(times['bare']) * 1e6:.0f} us"
    yield ratio("voipbin fixture adds", added, "voipbin", "responses", 1.5, f"of what `responses` adds; {bare}")
    yield ratio("the same, and one request", added, "voipbinused", "responsesused", note="requests, one stub")


def plugin(effort: Effort) -> Iterator[Row]:
    """`pytest -q` on one empty test, with the plugin and without."""
    arguments = ("-p", "voipbin_mock.pytest_plugin")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (folder / "test_empty.py").write_text("def test_empty():\n    pass\n", encoding="utf-8")
        run(folder, *arguments)  # compiles it
        times = in_turns(
            {
                "with": lambda: once(lambda: run(folder, *arguments)),
                "without": lambda: once(lambda: run(folder)),
            },
            2 * effort.spawns,
        )
    yield extra("plugin load adds", times, "with", "without", 0.010, "to pytest -q on an empty test")


def imports(effort: Effort) -> Iterator[Row]:
    """Importing the package with all that a first request needs, against importing Flask."""

    def importing(statement: str) -> float:
        command = [sys.executable, "-c", statement]
        return once(lambda: subprocess.run(command, env=environment(), cwd=ROOT, check=True))

    importing("import voipbin_mock; voipbin_mock.Mock()")
    times = in_turns(
        {
            "mock": lambda: importing("import voipbin_mock; voipbin_mock.Mock()"),
            "package": lambda: importing("import voipbin_mock"),
            "flask": lambda: importing("import flask"),
            "nothing": lambda: importing("pass"),
        },
        effort.spawns,
    )
    yield ratio("first Mock() of a process", times, "mock", "flask", note="of `import flask`; both start Python")
    yield extra("import voipbin_mock", times, "package", "nothing", note="beyond an empty interpreter")
