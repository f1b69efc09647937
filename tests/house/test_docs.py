"""The documents are true: every snippet is run, every link leads somewhere, everything there is to name is named."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

# A run within this run forgets what it was the first to import, half of it too late: what snippets use is loaded here.
import aiohttp  # noqa: F401
import flask
import httpx  # noqa: F401
import jsonschema  # noqa: F401
import pytest
import requests  # noqa: F401
import responses  # noqa: F401
import simple_websocket  # noqa: F401
import urllib3  # noqa: F401
from flask.cli import ScriptInfo

from tests.support import docs_tables, floors
from tests.support.each import for_each
from voipbin_mock import Mock, catalog
from voipbin_mock.areas.calls import voice
from voipbin_mock.command import main as cli
from voipbin_mock.command import serve
from voipbin_mock.contract import cases, check
from voipbin_mock.pytest_plugin import SETTINGS

ROOT = docs_tables.ROOT
PORT = str(serve.DEFAULT_PORT)
PUBLIC = {"voipbin_mock", "voipbin_mock.ai", "voipbin_mock.contract", "voipbin_mock.schemas", "voipbin_mock.records"}
PYTHON_TEST = "def test_passes(voipbin):\n    assert voipbin.client.get('/v1.0/outplans').status_code == 200\n"


class Snippet(NamedTuple):
    page: str
    number: int  # in its page, from 1
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}-{self.number}"


def prose_of(text: str) -> str:
    """A page without its snippets."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}
README = PAGES["README.md"]
EVERYTHING = "\n".join(PAGES.values())
SNIPPETS = [
    Snippet(page, number, kind, body)
    for page, text in PAGES.items()
    for number, (kind, body) in enumerate(re.findall(r"^```([^\n]*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE), 1)
]


def snippets(*kinds: str, of: str | None = None) -> list[Snippet]:
    return [each for each in SNIPPETS if each.kind in kinds and of in (None, each.page)]


def each(*kinds: str) -> Any:
    return pytest.mark.parametrize("snippet", snippets(*kinds), ids=str)


# --- what kinds there are ------------------------------------------------------------------------------

RUN_HERE = {
    "python", "console", "bash", "text", "yaml", "json", "toml", "ini", "javascript", "go", "dockerfile",
    "haproxy", "nginx",
}  # fmt: skip


def test_every_snippet_is_of_a_kind_that_a_test_here_runs() -> None:
    assert {each.kind for each in SNIPPETS} <= RUN_HERE
    assert all(text.count("```") % 2 == 0 for text in PAGES.values())


# --- Python --------------------------------------------------------------------------------------------

FILE = re.compile(r"# (\w+\.py)\n")


def as_files(page: str) -> Iterator[tuple[str, str]]:
    """Where each snippet of a page goes. One that begins with `# name.py` is a file beside the next test."""
    folder: list[str] = []
    for snippet in snippets("python", of=page):
        home = folder.pop() if folder else f"s{snippet.number}"
        named = FILE.match(snippet.text)
        if named and not named[1].startswith("test_"):
            folder.append(home)
            yield f"{home}/{named[1]}", snippet.text
            continue
        text = snippet.text
        if "def test_" not in text:
            text = "def test_snippet():\n" + "".join(f"    {line}\n" for line in text.splitlines())
        yield f"{home}/test_{snippet.number}.py", text
    assert not folder, "a file without a test that uses it"


@pytest.mark.parametrize("page", [page for page in PAGES if snippets("python", of=page)])
def test_the_python_snippets_pass_as_tests(page: str, pytester: pytest.Pytester) -> None:
    tests = 0
    for name, text in as_files(page):
        path = pytester.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        tests += len(re.findall(r"^ *(?:async )?def test_", text, re.MULTILINE)) if path.stem[:5] == "test_" else 0
    flags = ("-q", "-W", "error", "-p", "no:randomly", "-p", "no:cacheprovider")
    pytester.runpytest_inprocess(*flags).assert_outcomes(passed=tests)


def test_the_python_snippets_import_what_is_public() -> None:
    imported = set()
    for snippet in snippets("python"):
        if snippet.page == "docs/adding-an-area.md":  # for contributors: it shows what is inside
            continue
        for node in ast.walk(ast.parse(snippet.text)):
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
            elif isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
    assert {name for name in imported if name.startswith("voipbin_mock")} <= PUBLIC


def test_the_first_example_has_ten_lines() -> None:
    assert len(snippets("python", of="README.md")[0].text.splitlines()) <= 10


# --- commands ------------------------------------------------------------------------------------------


def taken(command: str) -> Any:
    """What the command line makes of `voipbin-mock ...`; what it does not take fails."""
    words = shlex.split(command, comments=True)
    assert words.pop(0) == "voipbin-mock"
    try:
        return cli.build_parser().parse_args(words)
    except SystemExit:
        raise AssertionError(f"the command line does not take: {command}") from None


def our_commands(script: str) -> list[str]:
    """Every call of `voipbin-mock` in a shell script, as far as a pipe, redirection or `&&`."""
    joined = script.replace("\\\n", " ")
    start, rest = r"(?:^|[;&|(] *|^\w+=\S+ +)(?:\.venv/bin/)?", r"(?:[^\n|&;>\"']|\"[^\"]*\"|'[^']*')*"
    return re.findall(rf"{start}(voipbin-mock {rest})", joined, re.MULTILINE)


def check_script(script: str) -> None:
    """A shell script that is not run here: its syntax, and the flags of our own commands."""
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for command in our_commands(script):
        taken(command)
    flags = {name.replace("_", "-") for name in SETTINGS} | {"bundle", "lenient", "no-intercept", "no-leak-guard"}
    for flag in re.findall(r"--voipbin-mock-([a-z-]+)", script):
        assert flag in flags or flag.startswith("cov"), flag


def test_the_two_commands_are_one_line_each_and_what_ci_runs() -> None:
    serve, tests = (each.text.strip() for each in snippets("bash", of="README.md")[:2])
    assert "\n" not in serve
    assert "\n" not in tests
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert serve == "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/voipbin-mock serve"
    assert "'.[test" in tests
    assert "'.[test" in ci
    assert tests.endswith(" && .venv/bin/pytest -n auto")
    assert '"$bin/pytest" -q -n auto' in ci


def free_port() -> str:
    """One below those that systems give away by themselves, so that no other test gets it meanwhile."""
    for port in range(20_000 + os.getpid() % 9_000, 32_000):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return str(port)
    raise AssertionError("no free port")


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Run a script in an empty directory, with this interpreter's `voipbin-mock` and a port that is free."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, module in (("voipbin-mock", "voipbin_mock"), ("pytest", "pytest")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        (programs / name).chmod(0o755)
    (programs / "python3").symlink_to(sys.executable)
    work = tmp_path / "work"
    work.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOIPBIN_MOCK_")}
    paths = [str(ROOT), *filter(None, [kept.get("PYTHONPATH")])]
    env = kept | {"PATH": f"{programs}{os.pathsep}{kept['PATH']}", "PYTHONPATH": os.pathsep.join(paths)}
    port = free_port()
    env["VOIPBIN_MOCK_PORT"] = port  # in the place of the default, for servers whose port a script does not say

    def run(script: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", "-euo", "pipefail", "-c", script.replace(PORT, port)]
        out, err = tmp_path / "out", tmp_path / "err"  # files: a server that is left over would hold a pipe open
        with out.open("w") as stdout, err.open("w") as stderr:
            process = subprocess.Popen(command, cwd=work, env=env, stdout=stdout, stderr=stderr, start_new_session=True)
            try:
                process.wait(30)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # whatever the script left running
                process.wait()
        return subprocess.CompletedProcess(command, process.returncode, out.read_text(), err.read_text())

    return run


# What these begin needs a network, or what a machine may not have.
NOT_RUN = re.compile(r"pip install|docker |npm |git clone|api\.voipbin\.net", re.MULTILINE)


@each("bash")
def test_the_scripts_run(snippet: Snippet, shell: Callable[[str], subprocess.CompletedProcess[str]]) -> None:
    check_script(snippet.text)
    if NOT_RUN.search(snippet.text):
        return
    if "curl" in snippet.text and not shutil.which("curl"):
        pytest.skip("curl is not installed")
    done = shell(snippet.text)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def live() -> Iterator[Mock]:
    """What `voipbin-mock serve` would be, on another port."""
    with Mock(seed="tutorial", ignore=("content-type",), unused="ignore") as mock:
        mock.serve()
        yield mock


def curl(words: list[str]) -> int:
    """What curl would do with this line: the HTTP code."""
    method, headers, data, url = "", {}, None, ""
    while words:
        word = words.pop(0)
        if word in ("--location", "--silent", "--show-error", "-s"):
            continue
        if word in ("--request", "-X"):
            method = words.pop(0)
        elif word in ("--header", "-H"):
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word in ("--data", "--data-raw", "--json", "-d"):
            if word == "--json":
                headers["Content-Type"] = "application/json"
            data = words.pop(0).encode()
        else:
            assert word.startswith("http"), f"teach this test {word}"
            url = word
    request = Request(url, data, headers, method=method or ("GET" if data is None else "POST"))
    try:
        with urlopen(request, timeout=10) as reply:
            body = reply.read()
            if "json" in reply.headers["Content-Type"]:
                json.loads(body)
            return int(reply.status)
    except HTTPError as error:
        with error:
            return error.code


@each("console")
def test_the_lines_for_a_terminal_work(
    snippet: Snippet, live: Mock, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    """Against one live server, in order. `# 429` at a line's end is the HTTP code, `# exit 1` the exit code."""
    for line in snippet.text.replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        expected = re.search(r" # (?:exit )?(\d+)$", line)
        words = shlex.split(line.replace(f"http://127.0.0.1:{PORT}", live.origin), comments=True)
        code, program = int(expected[1]) if expected else None, words.pop(0)
        if program == "curl":
            assert curl(words) == (code or 200), line
        elif program == "pytest":
            pytester.makepyfile(PYTHON_TEST)
            result = pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider", *words)
            assert result.ret == (code or 0), line
        elif program in ("flask", "gunicorn", "waitress-serve"):
            where = words[words.index("--app") + 1] if "--app" in words else words[-1].removesuffix("()")
            assert isinstance(ScriptInfo(app_import_path=where).load_app(), flask.Flask), line
        else:
            assert program == "voipbin-mock", f"teach this test {program}"
            if words[0] == "ctl" and "--url" not in words:
                words[1:1] = ["--url", live.origin]
            assert cli.main(words) == (code or 0), line
    capsys.readouterr()


def test_the_lines_that_serve_prints_are_shown_as_they_are(
    shell: Callable[[str], subprocess.CompletedProcess[str]],
) -> None:
    (shown,) = [each.text.splitlines() for each in snippets("text", of="README.md") if "listening" in each.text]
    wait = "for n in $(seq 100); do [ -f port ] && break; sleep 0.1; done"
    printed = shell(f"voipbin-mock serve --port-file port &\n{wait}\nkill $!; wait").stdout.splitlines()
    assert len(printed) == len(shown) == 3
    for ours, theirs in zip(shown, printed, strict=True):
        parts = [re.escape(part) for part in ours.replace(PORT, "\0").replace("...", "\1").split("\0")]
        pattern = r"\d+".join(parts).replace("\1", "[^']+")
        assert re.fullmatch(pattern, theirs), (ours, theirs)


# --- what is shown of output ----------------------------------------------------------------------------


def near_misses() -> str:
    with Mock(ignore="all") as mock:
        plan = {"name": "e", "detail": "", "dial_timeout": "25000", "try_interval": 900000}
        mock.client.post("/v1.0/outplans", json=plan | {f"max_try_count_{n}": 0 for n in range(5)})
        mock.client.get("/v1.0/outplans?page_size=10")
        with pytest.raises(AssertionError) as caught:
            mock.journal.assert_called("POST", "/outplans", json={"dial_timeout": 25000})
        return str(caught.value)


def refused_body() -> str:
    with Mock(ignore="all") as mock:
        mock.client.post("/v1.0/tags", json={"nam": "vip", "detail": 7})
        return mock.report()


def unknown_paths() -> str:
    with Mock(ignore="all") as mock:
        mock.client.get("/v1.0/outplan")
        return mock.report()


def no_credential() -> str:
    with Mock(ignore="all") as mock:
        mock.anonymous.get("/v1.0/outplans")
        mock.anonymous.get(f"/v1.0/outplans?token={mock.accesskey}")
        return mock.report()


def campaign() -> Any:
    from voipbin_mock import Answer, Busy, NoAnswer

    with Mock(clock="2026-03-01T09:00:00Z", ignore="all") as mock:
        mock.phone("+15550100001").script(Busy(after="3s"), NoAnswer(), Answer(talk="12s"))
        plan = mock.outplans.create(dial_timeout=30000, try_interval=7200000, max_try_count_0=3)
        outdial = mock.outdials.create(name="customers")
        number = {"type": "tel", "target": "+15550100001"}
        mock.targets.create(outdial_id=outdial.id, name="Ann", destination_0=number)
        made = mock.campaigns.create(name="evening", outplan_id=plan.id, outdial_id=outdial.id, end_handle="continue")
        planned = str(mock.plan(made))
        return planned, str(mock.run_campaign(made))


def the_menu() -> dict[str, Any]:
    (shown,) = [snippet.text for snippet in snippets("python", of="docs/flows.md") if "MENU = " in snippet.text]
    names: dict[str, Any] = {}
    exec(shown.partition("def ")[0], names)
    return {"name": "main", "detail": "", "actions": names["MENU"]}


def a_flow() -> str:
    with Mock(ignore="all") as mock:
        return str(mock.flow(mock.client.post("/v1.0/flows", json=the_menu()).json["id"]))


def callers() -> str:
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()) as printed:
        file = Path(folder, "main.json")
        file.write_text(json.dumps(the_menu()), encoding="utf-8")
        assert cli.main(["flow", "paths", str(file)]) == 0
        return printed.getvalue().replace(str(file), "main.json")


def flow_coverage() -> str:
    actions: list[dict[str, Any]] = [
        {"id": "ac000000-0000-4000-8000-000000000001", "type": "answer"},
        {"type": "digits_receive", "option": {"duration": 2000, "length": 1}},
        {"type": "branch", "option": {"target_ids": {"1": "ac000000-0000-4000-8000-000000000001"}}},
        {"id": "ac000000-0000-4000-8000-000000000002", "type": "hangup"},
    ]
    actions[2]["option"]["default_target_id"] = actions[3]["id"]
    with Mock(ignore="all", coverage=True, clock="2026-03-02T09:30:00Z") as mock:
        flow = mock.flows.create(name="main", detail="", actions=actions)
        with mock.world.changing():
            voice.incoming(mock.world, "+15550100001", flow.id)
        mock.advance(seconds=10)
        return "\n".join(line for line in mock.coverage().text() if line.startswith("flow "))


# The first words of an output that is shown -> what gives it. Blanks at line ends do not count.
OUTPUTS: Mapping[str, Callable[[], str]] = {
    "expected POST /outplans": near_misses,
    "POST /v1.0/tags -> 400": refused_body,
    "GET /v1.0/outplan -> 404": unknown_paths,
    "GET /v1.0/outplans -> 401": no_credential,
    "at most 3 calls": lambda: campaign()[0],
    "campaign evening": lambda: campaign()[1],
    "flow main": a_flow,
    "flow actions": flow_coverage,
    "main.json: flow main": callers,
    "13  __main__": floors.picture,
}


@each("text")
def test_what_is_shown_as_text_is_so(snippet: Snippet) -> None:
    """Commands that are not run (they would ask the real service) are taken; outputs are as they are given."""
    lines = snippet.text.splitlines()
    if all(line.startswith("voipbin-mock ") for line in lines) and "listening" not in snippet.text:
        for line in lines:
            taken(line)
    elif "listening" not in lines[0]:  # those have a test of their own
        make = next((make for start, make in OUTPUTS.items() if lines[0].startswith(start)), None)
        assert make is not None, f"say in OUTPUTS where this comes from: {lines[0]}"
        assert [line.rstrip() for line in lines] == [line.rstrip() for line in make().splitlines()]


# --- data ----------------------------------------------------------------------------------------------


@each("json")
def test_the_json_is_what_it_says(snippet: Snippet, tmp_path: Path) -> None:
    document = json.loads(snippet.text)
    if document.get("format") == "voipbin-contract-cases":
        (tmp_path / "mine.json").write_text(snippet.text)
        (case,) = cases(tmp_path, own=False)
        with Mock() as mock:
            check(case, mock)
    elif "error" in document:
        with Mock(ignore="all") as mock:
            reply = mock.client.post("/v1.0/tags", json={"nam": "vip", "detail": 7}, headers={"X-Request-Id": "req_1"})
            assert reply.json == document
    elif document.keys() == {"type", "data"}:
        with Mock(ignore="all") as mock:
            heard: list[Any] = []
            mock.webhooks.connect(heard.append)
            mock.client.post("/v1.0/numbers", json={"number": document["data"]["number"], "type": "virtual"})
            (webhook,) = heard
            assert webhook.type == document["type"]
            assert document["data"].items() <= webhook.data.items()
    else:
        Mock(seed=document).close()


def test_the_table_of_events_has_those_there_are() -> None:
    """Whatever can be done to the records that have events is done once."""
    told = set(re.findall(r"`([a-z]+_[a-z_]+)`(?=[^|\n]*\|[^|\n]*\|$)", PAGES["docs/webhooks.md"], re.MULTILINE))
    told = {
        name
        for name in told
        if name.split("_")[0]
        in ("activeflow", "campaign", "campaigncall", "outdial", "number", "agent", "call", "conference", "queue")
    }
    with Mock(clock="2026-03-01T09:00:00Z", strict=False, ignore="all") as mock:
        ask = mock.client.open
        plan = mock.outplans.create(max_try_count_0=1)
        address = {"type": "tel", "target": "+12025550100"}

        def record(path: str, **members: Any) -> str:
            reply = ask(f"/v1.0/{path}", method="POST", json=members).json
            made: dict[str, Any] = reply["calls"][0] if "calls" in reply else reply
            return f"/v1.0/{path}/{made['id']}"

        outdial = record("outdials", name="o", detail="o")
        record(f"outdials/{outdial[-36:]}/targets", name="t", detail="t", data="t", destination_0=address)
        campaign = record(
            "campaigns", name="c", type="call", end_handle="continue", outplan_id=plan.id, outdial_id=outdial[-36:]
        )
        ask(f"{campaign}/status", method="PUT", json={"status": "run"})
        mock.advance(minutes=1)
        ask(f"{campaign}/status", method="PUT", json={"status": "stop"})
        mock.advance(minutes=1)
        agent = record("agents", username="a", password="12345678", name="a", ring_method="ringall", permission=64)
        queue = record("queues", name="q", routing_method="random")
        conference = record("conferences", name="c", type="conference")
        ask(f"{agent}/status", method="PUT", json={"status": "away"})
        call = record("calls", source={"type": "tel", "target": "+15559876543"}, destinations=[address])
        mock.advance(seconds=5)
        ask(f"{call}/hangup", method="POST")
        number = record("numbers", number="+899100000777", type="virtual")
        campaigncall = f"/v1.0/campaigncalls/{mock.campaigncalls.list()[0].id}"
        for path in (campaign, outdial, agent, number, queue, conference):
            ask(path, method="PUT", json={"name": "changed"})
        brief = record("calls", source=address, destinations=[address])
        ask(f"{brief}/hangup", method="POST")
        activeflow = record("activeflows", actions=[{"type": "block"}])
        assert ask(activeflow, method="DELETE").status_code == 204
        record("calls", source=address, destinations=[address], actions=[{"type": "talk"}])
        mock.advance(seconds=4)
        for path in (call, campaigncall, campaign, outdial, agent, number, queue, conference):
            assert ask(path, method="DELETE").status_code == 200
        events = {event["type"] for event in ask("/__mock__/events").json["events"]}
    assert told == events


@each("toml", "ini")
def test_the_settings_in_files_are_taken(snippet: Snippet, pytester: pytest.Pytester) -> None:
    name = "pyproject.toml" if snippet.kind == "toml" else "pytest.ini"
    (pytester.path / name).write_text(snippet.text)
    (pytester.path / "tests" / "seeds").mkdir(parents=True)
    (pytester.path / "tests" / "seeds" / "shop.json").write_text('{"outplans": [{"name": "evening"}]}')
    pytester.makepyfile(PYTHON_TEST)
    result = pytester.runpytest_inprocess("-q", "-p", "no:randomly", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
    assert f"configfile: {name}" in pytester.runpytest_inprocess("-p", "no:randomly").stdout.str()


@each("yaml")
def test_the_ci_jobs_can_be_pasted(snippet: Snippet) -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML comes with the tests' own dependencies")
    document = yaml.safe_load(snippet.text)
    if "services" in document:
        taken(f"voipbin-mock serve {document['services']['mock']['command']}")
        return
    jobs = document["jobs"] if "jobs" in document else {k: v for k, v in document.items() if isinstance(v, dict)}
    scripts = []
    for job in jobs.values():
        for step in job.get("steps", ()):
            assert "run" in step or re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"]), step
            scripts.append(step.get("run", ""))
        scripts.append("\n".join(job.get("script", ())))
    assert any(scripts)
    for script in scripts:
        check_script(script)


BALANCERS = {"haproxy": ["haproxy", "-c", "-f"], "nginx": ["nginx", "-t", "-c"]}


@each("haproxy", "nginx")
def test_the_configurations_of_balancers_are_sound(snippet: Snippet, tmp_path: Path) -> None:
    """They ask this server's own addresses; where the balancer is installed, it says so itself."""
    assert "8484" in snippet.text
    program = BALANCERS[snippet.kind]
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not installed")
    text = snippet.text.replace("bind :8484", "bind 127.0.0.1:8484")
    if snippet.kind == "nginx":
        text = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {text} }}"
    file = tmp_path / "configuration"
    file.write_text(text + "\n")
    done = subprocess.run([*program, str(file)], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr


INSTRUCTIONS = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "EXPOSE", "USER", "HEALTHCHECK", "ENTRYPOINT", "CMD"}


@each("dockerfile")
def test_the_container_runs_commands_that_there_are(snippet: Snippet) -> None:
    """No container engine is needed for this, and none is asked: the recipe's parts are looked at."""
    steps = [line.split(maxsplit=1) for line in snippet.text.replace("\\\n", " ").splitlines() if line.strip()]
    steps = [step for step in steps if not step[0].startswith("#")]
    assert steps[0][0] == "FROM"
    assert {name for name, _ in steps} <= INSTRUCTIONS
    found = dict(steps)
    minimum = re.search(r'requires-python = ">=3\.(\d+)"', (ROOT / "pyproject.toml").read_text())
    base = re.fullmatch(r"python:3\.(\d+)-slim", found["FROM"])
    assert minimum is not None
    assert base is not None
    assert int(base[1]) >= int(minimum[1])
    serve = taken(shlex.join([*json.loads(found["ENTRYPOINT"]), *json.loads(found["CMD"])]))
    assert found["EXPOSE"] == str(serve.port) == PORT
    assert serve.host == "0.0.0.0"
    check_script(found["RUN"])
    for *sources, target in (what.split() for name, what in steps if name == "COPY"):
        for source in sources:
            assert (ROOT / source).exists(), source
            assert target == (source if (ROOT / source).is_dir() else "./")  # a directory loses its name otherwise
    program = shlex.split(found["HEALTHCHECK"].partition(" CMD ")[2])
    assert program[:2] == ["python", "-c"]
    with Mock() as mock:
        mock.serve()
        subprocess.run([sys.executable, "-c", program[2].replace(f"http://127.0.0.1:{PORT}", mock.origin)], check=True)


# --- other languages ------------------------------------------------------------------------------------


@each("javascript")
def test_the_javascript_runs(snippet: Snippet, live: Mock, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < 18:
        pytest.skip(f"node {version} is older than 18, which has fetch")
    text = snippet.text.replace(f"http://127.0.0.1:{PORT}", live.origin)
    if "function genuine(" in text:
        text += genuineness(live)
    script = tmp_path / "snippet.mjs"
    script.write_text(text, encoding="utf-8")
    done = subprocess.run([node, str(script)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


def genuineness(mock: Mock) -> str:
    """JavaScript that tries `genuine(body, signature, secret)` on a webhook, and on one that was changed."""
    heard: list[Any] = []
    mock.webhooks.connect(heard.append)
    mock.tags.create(name="nobody hears of this")
    mock.client.post("/v1.0/numbers", json={"number": "+899100000001", "type": "virtual"})
    secret = mock.client.get("/v1.0/customer").json["webhook_secret"]
    body, signature = json.dumps(heard[0].body.decode()), json.dumps(heard[0].signature)
    return f"""
const [body, signature, secret] = [Buffer.from({body}), {signature}, {json.dumps(secret)}];
if (!genuine(body, signature, secret)) throw new Error("a genuine one is refused");
if (genuine(Buffer.concat([body, Buffer.from(" ")]), signature, secret)) throw new Error("a changed one passes");
if (genuine(body, undefined, secret)) throw new Error("one without a signature passes");
"""


@each("go")
def test_the_go_program_runs(snippet: Snippet, live: Mock, tmp_path: Path) -> None:
    go = shutil.which("go")
    if go is None:
        pytest.skip("go is not installed")
    program = tmp_path / "main.go"
    program.write_text(snippet.text.replace(f"http://127.0.0.1:{PORT}", live.origin), encoding="utf-8")
    done = subprocess.run([go, "run", str(program)], capture_output=True, text=True, timeout=240, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


# --- links and size -------------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """The names of a page's headings, as the usual renderers of Markdown make them."""
    found: dict[str, int] = {}
    names = set()
    for heading in re.findall(r"^#+ (.+)$", prose_of(text), re.MULTILINE):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-")
        names.add(f"{name}-{found[name]}" if name in found else name)
        found[name] = found.get(name, 0) + 1
    return names


def links(page: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose_of(PAGES[page])))


@for_each("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in links(page):
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        path = ((ROOT / page).parent / target).resolve() if target else ROOT / page
        assert path.is_file(), link
        if anchor:
            assert anchor in anchors(PAGES[path.relative_to(ROOT).as_posix()]), link


def test_the_index_links_every_page() -> None:
    there = {link.partition("#")[0] for link in links("docs/index.md")}
    assert not {Path(page).name for page in PAGES if page.startswith("docs/")} - there - {"index.md"}


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 250


@for_each("page", PAGES)
def test_lines_are_of_a_width_to_read(page: str) -> None:
    assert not [line for line in PAGES[page].splitlines() if len(line) > 120 and not line.startswith("|")]


@pytest.mark.parametrize("page", docs_tables.TABLES)
def test_tables_made_from_the_code_are_up_to_date(page: str) -> None:
    fresh = docs_tables.renewed(PAGES[page], docs_tables.TABLES[page]())
    assert PAGES[page] == fresh, "run: python -m tests.support.docs_tables"


# --- everything is named --------------------------------------------------------------------------------


@for_each("code", sorted(catalog.default().lints))
def test_every_lint_code_is_explained(code: str) -> None:
    assert f"| `{code}` |" in EVERYTHING


@for_each("name", sorted(SETTINGS))
def test_every_setting_is_explained(name: str) -> None:
    assert f"| `{name}`" in EVERYTHING or f", `{name}` |" in EVERYTHING


def flags_of(*words: str) -> set[str]:
    parser: Any = cli.build_parser()
    for word in words:
        parser = parser._subparsers._group_actions[0].choices[word]
    flags = {flag for action in parser._actions for flag in action.option_strings if flag.startswith("--")}
    return flags - {"--help"}


@pytest.mark.parametrize(
    "command",
    [
        "serve",
        "ctl",
        "openapi",
        "replay",
        "contract run",
        "contract compare",
        "contract verify",
        "flow lint",
        "flow graph",
        "flow paths",
    ],
)
def test_every_flag_is_explained(command: str) -> None:
    assert not {flag for flag in flags_of(*command.split()) if not re.search(rf"`{flag}[` ]", EVERYTHING)}


def test_every_control_call_is_explained() -> None:
    calls = [operation.label for operation in catalog.default().operations if operation.control]
    assert not [label for label in calls if f"| `{label}` |" not in EVERYTHING]


def test_every_member_of_the_mock_is_explained() -> None:
    public = {name for name in dir(Mock) if not name.startswith("_")} - {"raise_deferred"}
    assert not {name for name in public if not re.search(rf"`{name}[`(]", EVERYTHING)}


def test_every_resource_is_named() -> None:
    spoken = EVERYTHING.replace("access keys", "accesskeys").replace("available numbers", "available_numbers")
    assert not [r.name for r in catalog.default().resources.values() if r.name not in spoken and r.noun not in spoken]


def test_every_credential_and_number_of_the_seeds_is_told() -> None:
    page = PAGES["docs/seeds.md"]
    for seed in ("account", "empty", "tutorial"):
        records: dict[str, Any] = {}
        for path in (ROOT / "fixtures" / seed).glob("*.json"):
            records |= json.loads(path.read_text(encoding="utf-8"))
        assert records
        told = [row[name] for rows in ("agents", "accesskeys", "numbers") for row in records.get(rows, ())
                for name in ("username", "token", "number") if name in row]  # fmt: skip
        told += [row["id"] for rows in records.values() if isinstance(rows, list) for row in rows]
        assert not [value for value in told if f"`{value}`" not in page]


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
