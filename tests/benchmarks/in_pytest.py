"""What a pytest run pays: for the plugin being there, and for its fixture in a test."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
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


def environment(root: Path = ROOT, **more: str) -> dict[str, str]:
    """Nothing is loaded by itself, so that both sides load the same, but for our plugin."""
    path = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    return {**compiled(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": path.rstrip(os.pathsep), **more}


def run(folder: Path, *arguments: str, root: Path = ROOT, **more: str) -> None:
    """A pytest run of its own; it has to pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment(root, **more), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"pytest failed:\n{done.stdout}{done.stderr}")


def fixture_adds(effort: Effort, roots: Sequence[Path] = (ROOT,)) -> list[tuple[Times, float]]:
    """What each kind of test takes beyond a bare one, and what a bare one takes; for each checkout."""
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
        taken: list[Times] = [{} for _ in roots]
        for _ in range(effort.spawns):
            for root, times in zip(roots, taken, strict=True):
                run(folder, "-p", "voipbin_mock.pytest_plugin", root=root, TIMES=str(folder / "times.json"))
                for kind, each in json.loads((folder / "times.json").read_text(encoding="utf-8")).items():
                    times.setdefault(kind, []).append(median(each))
    return [(_beyond(times, "bare"), median(times["bare"])) for times in taken]


def _beyond(times: Times, floor: str) -> Times:
    return {kind: [a - b for a, b in zip(times[kind], times[floor], strict=True)] for kind in times if kind != floor}


def fixture(effort: Effort) -> Iterator[Row]:
    ((added, bare_test),) = fixture_adds(effort)
    bare = f"a bare test: {bare_test * 1e6:.0f} us"
    yield ratio("voipbin fixture adds", added, "voipbin", "responses", 1.5, f"of what `responses` adds; {bare}")
    yield ratio("the same, and one request", added, "voipbinused", "responsesused", note="requests, one stub")


def plugin_loads(effort: Effort, roots: Sequence[Path] = (ROOT,)) -> Times:
    """Seconds of `pytest -q` on one empty test: "without" the plugin, and with that of each checkout."""
    arguments = ("-p", "voipbin_mock.pytest_plugin")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (folder / "test_empty.py").write_text("def test_empty():\n    pass\n", encoding="utf-8")
        contenders = {"without": lambda: once(lambda: run(folder))}
        for root in roots:
            run(folder, *arguments, root=root)  # compiles it
            contenders[str(root)] = lambda root=root: once(lambda: run(folder, *arguments, root=root))  # type: ignore[misc]
        return in_turns(contenders, 3 * effort.spawns)


def plugin(effort: Effort) -> Iterator[Row]:
    times = plugin_loads(effort)
    yield extra("plugin load adds", times, str(ROOT), "without", 0.006, "to pytest -q on an empty test")


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
    yield ratio("first Mock() of a process", times, "mock", "flask", 1.0, "of `import flask`; both start Python")
    yield extra("import voipbin_mock", times, "package", "nothing", note="beyond an empty interpreter")
