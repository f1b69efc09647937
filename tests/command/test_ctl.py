"""`voipbin-mock ctl`: a running server, steered from a shell."""

from __future__ import annotations

import io
import json
import re
import shlex
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import COMMAND, environment
from voipbin_mock import Mock
from voipbin_mock.command.main import build_parser, main
from voipbin_mock.edge.pipeline import ControlPolicy

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "ctl.md").read_text(encoding="utf-8")
Ctl = Callable[..., Any]


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URL", "CONTROL_TOKEN", "SESSION", "PORT", "PORT_FILE"):
        monkeypatch.delenv(f"VOIPBIN_MOCK_{name}", raising=False)


@pytest.fixture
def mock() -> Iterator[Mock]:
    with Mock(clock="2026-03-01T09:00:00Z", ignore="content-type", unused="ignore") as mock:
        mock.serve()
        yield mock


@pytest.fixture
def ctl(mock: Mock, capsys: pytest.CaptureFixture[str]) -> Ctl:
    """Run a subcommand; what it printed as JSON."""

    def run(*words: str, session: str | None = None) -> Any:
        flags = ["--url", mock.origin] + (["--session", session] if session else [])
        assert main(["ctl", *flags, *words]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def test_who_reads_the_first_lines_only_sees_no_traceback(mock: Mock) -> None:
    for index in range(200):
        mock.outplans.create(name=f"{index}", detail="d" * 1000)
    command = f"{shlex.join([*COMMAND, 'ctl', '--url', mock.origin, 'state'])} | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=30, env=environment())
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_the_plain_calls(ctl: Ctl, mock: Mock) -> None:
    assert ctl("health")["profile"] == "documented"
    mock.outplans.create(name="one")
    assert ctl("reset")["status"] == "ok"
    assert mock.outplans.list() == []
    assert ctl("seed", "tutorial")["seed"] == "tutorial"
    assert mock.outplans.list() != []
    assert "GET /v1.0/outplans" in ctl("operations")["mocked"]
    assert ctl("warnings")["warnings"] == []


def test_a_seed_can_be_a_file(ctl: Ctl, mock: Mock, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text('{"outplans": [{"name": "mine"}]}')
    ctl("seed", str(file))
    assert [plan.name for plan in mock.outplans] == ["mine"]


def test_the_clock_is_shown_and_moved(ctl: Ctl, mock: Mock) -> None:
    assert ctl("clock")["now"] == "2026-03-01T09:00:00.000000Z"
    assert ctl("clock", "--advance", "90")["now"] == "2026-03-01T09:01:30.000000Z"
    assert ctl("clock", "--freeze", "2026-04-01T00:00:00Z")["now"] == "2026-04-01T00:00:00.000000Z"
    assert ctl("clock", "--resume")["frozen"] is False
    assert ctl("clock", "--freeze")["frozen"] is True


def test_the_state_goes_out_and_in(ctl: Ctl, mock: Mock, tmp_path: Path) -> None:
    mock.outplans.create(name="kept")
    file = tmp_path / "state.json"
    file.write_text(json.dumps(ctl("state")))
    ctl("reset")
    ctl("state", "--load", str(file))
    assert [plan.name for plan in mock.outplans] == ["kept"]


def test_a_moment_is_kept_and_gone_back_to(ctl: Ctl, mock: Mock) -> None:
    ctl("snapshot", "take", "before lunch")
    mock.tags.create(name="vip")
    assert [kept["name"] for kept in ctl("snapshot", "list")["snapshots"]] == ["before lunch"]
    ctl("snapshot", "back", "before lunch")
    assert len(mock.tags) == 0
    ctl("snapshot", "forget", "before lunch")
    ctl("snapshot", "back", "undo")
    assert len(mock.tags) == 1
    ctl("snapshot", "clear")
    assert ctl("snapshot", "list")["snapshots"] == []


def test_the_journal_is_read_and_forgotten(ctl: Ctl, mock: Mock) -> None:
    for _ in range(3):
        mock.client.get("/v1.0/me")
    assert [entry["number"] for entry in ctl("requests", "--limit", "1")["requests"]] == [3]
    assert [entry["number"] for entry in ctl("requests", "--after", "1")["requests"]] == [2, 3]
    ctl("requests", "--clear")
    assert mock.requests == []


def test_faults(ctl: Ctl, mock: Mock) -> None:
    made = ctl("fault", "add", "error", "GET /me", "--reason", "RATE_LIMIT_EXCEEDED", "--retry-after", "2")
    assert (made["number"], made["times"]) == (1, 1)
    reply = mock.client.get("/v1.0/me")
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "2")
    ctl("fault", "add", "reset", "POST /outplans", "--after-commit", "--times", "always")
    ctl("fault", "add", "reset", "--midway", "5", "--nth", "2", "--nth", "4")
    ctl("fault", "add", "latency", "--seconds", "1.5", "--probability", "0.5", "--for-agent", "nobody")
    assert [
        {name: value for name, value in fault.items() if name not in ("number", "seen", "met")}
        for fault in ctl("fault", "list")["faults"]
    ] == [
        {"kind": "reset", "on": "POST /outplans", "after_commit": True, "times": None},
        {"kind": "reset", "on": "any", "midway": 5, "nth": [2, 4], "times": 2},
        {"kind": "latency", "on": "any", "seconds": 1.5, "probability": 0.5, "agent": "nobody", "times": None},
    ]
    ctl("fault", "clear", "2")
    assert len(mock.faults) == 2
    ctl("fault", "clear")
    assert len(mock.faults) == 0


def test_stubs(ctl: Ctl, mock: Mock) -> None:
    ctl("stub", "add", "GET /not/there", "--json", '{"a": [1]}', "--status", "202", "--header", "X-A: b")
    reply = mock.client.get("/v1.0/not/there")
    assert (reply.status_code, reply.json, reply.headers["X-A"]) == (202, {"a": [1]}, "b")
    ctl("stub", "add", "GET /nor/this", "--body", "hi", "--content-type", "text/csv", "--times", "1")
    reply = mock.client.get("/nor/this")
    assert (reply.text, reply.content_type) == ("hi", "text/csv")
    assert [stub["number"] for stub in ctl("stub", "list")["stubs"]] == [1]
    ctl("stub", "clear", "1")
    assert len(mock.stubs) == 0


def test_a_stub_may_send_a_header_twice(ctl: Ctl, mock: Mock) -> None:
    ctl("stub", "add", "GET /two", "--json", "{}", "--header", "Set-Cookie: a=1", "--header", "Set-Cookie: b=2")
    assert mock.client.get("/two").headers.getlist("Set-Cookie") == ["a=1", "b=2"]


def test_the_clock_takes_durations_a_factor_and_an_end(ctl: Ctl, mock: Mock) -> None:
    assert ctl("clock", "--advance", "1h30m")["now"] == "2026-03-01T10:30:00.000000Z"
    assert ctl("clock", "--advance", "250ms")["now"] == "2026-03-01T10:30:00.250000Z"
    assert ctl("clock", "--until-idle", "2h")["now"] == "2026-03-01T10:30:00.250000Z"  # nothing is due
    assert ctl("clock", "--until-idle")["frozen"] is True
    assert ctl("clock", "--speed", "60", "--patience", "60")["speed"] == 60
    assert mock.clock.patience == 60


CALLED = {
    "source": {"type": "tel", "target": "+15559876543"}, "destinations": [{"type": "tel", "target": "+12025550123"}]
}  # fmt: skip


def a_campaign(mock: Mock) -> str:
    outdial = mock.outdials.create()
    target = {"type": "tel", "target": "+12025550123"}
    mock.targets.create(outdial_id=outdial.id, name="Ann", destination_0=target)
    plan = mock.outplans.create(max_try_count_0=1)
    return mock.campaigns.create(outplan_id=plan.id, outdial_id=outdial.id, end_handle="stop").id


def test_a_campaign_is_planned_run_and_told(ctl: Ctl, mock: Mock, capsys: pytest.CaptureFixture[str]) -> None:
    campaign = a_campaign(mock)
    assert [target["name"] for target in ctl("plan", campaign)["targets"]] == ["Ann"]
    ctl("phones", "script", "+12025550123", "busy", '{"outcome": "answer", "talk": "12s"}')
    assert ctl("phones", "list")["phones"]["+12025550123"][0] == {"outcome": "busy", "after": 1000}
    mock.client.put(f"/v1.0/campaigns/{campaign}/status", json={"status": "run"})
    first, *_ = ctl("clock")["next"]
    assert ctl("clock", "--next")["now"] == first["at"]
    ctl("clock", "--until-idle")
    assert [attempt["reason"] for attempt in ctl("timeline", campaign)["attempts"]] == ["busy"]
    for form, begins in (("text", "campaign"), ("svg", "<svg")):
        assert main(["ctl", "timeline", campaign, "--format", form, "--url", mock.origin]) == 0
        assert capsys.readouterr().out.startswith(begins)
    assert ctl("phones", "clear")["phones"] == {}


def test_webhooks_events_and_websockets(ctl: Ctl, mock: Mock) -> None:
    heard: list[str] = []
    mock.webhooks.connect(lambda webhook: heard.append(webhook.type))
    ctl("webhooks", "trick", "drop", "1", "--types", "outdial_*")
    ctl("webhooks", "trick", "delay", "1", "--seconds", "2h")
    for name in ("one", "two"):
        mock.client.post("/v1.0/outdials", json={"name": name, "detail": "d"})
    ctl("webhooks", "flush")
    assert len(heard) == 1
    assert [entry["type"] for entry in ctl("events", "--after", "1")["events"]] == ["outdial_created"]
    assert ctl("webhooks", "list")["pending"] == 0
    assert ctl("webhooks", "list", "--after", "99")["deliveries"] == []
    ctl("webhooks", "clear")
    assert ctl("webhooks", "list")["deliveries"] == []
    assert ctl("websockets") == {"websockets": []}


def test_the_records_and_who_may_change_them(ctl: Ctl, mock: Mock) -> None:
    plan = mock.outplans.create(name="evening")
    counts = {each["name"]: each["records"] for each in ctl("records")["resources"]}
    assert counts["outplans"] == 1
    assert [each["id"] for each in ctl("records", "outplans", "--find", "EVENING")["records"]] == [plan.id]
    assert ctl("records", "outplans", "--find", "morning")["found"] == 0
    assert ctl("records", "outplans", plan.id)["record"]["name"] == "evening"
    assert [agent["username"] for agent in ctl("agents")["agents"]] == ["admin@localhost", "manager@localhost"]
    assert ctl("operations", "outplans.create")["call"] == "POST /v1.0/outplans"


def test_a_call_is_answered_refused_and_wound_on(ctl: Ctl, mock: Mock) -> None:
    made = [mock.client.post("/v1.0/calls", json=CALLED).json["calls"][0]["id"] for _ in range(3)]
    assert ctl("call", "answer", made[0])["status"] == "progressing"
    assert ctl("call", "refuse", made[1])["call"]["hangup_reason"] == "noanswer"
    assert ctl("call", "refuse", made[2], "busy")["call"]["hangup_reason"] == "busy"
    assert [call["status"] for call in ctl("call", "list")["calls"]] == ["progressing"]
    assert ctl("call", "next", made[0])["status"] == "hangup"


def test_a_webhook_is_delivered_again(ctl: Ctl, mock: Mock) -> None:
    heard: list[str] = []
    mock.webhooks.connect(lambda webhook: heard.append(webhook.type))
    mock.client.post("/v1.0/outdials", json={"name": "one", "detail": "d"})
    assert ctl("webhooks", "again", "1")["deliveries"][0]["outcome"] == "delivered"
    assert heard == ["outdial_created"] * 2


def test_modes_and_coverage(ctl: Ctl, mock: Mock) -> None:
    assert ctl("modes", "--pages-of", "1")["pages_of"]["size"] == 1
    assert ctl("modes")["pages_of"]["size"] == 1
    assert not ctl("modes", "--off").get("pages_of")
    with Mock(coverage=True) as counting:
        counting.serve()
        counting.client.get("/v1.0/me")
        assert ctl("coverage", "--url", counting.origin)["operations"]["covered"] == 1
        ctl("coverage", "--clear", "--url", counting.origin)
        assert ctl("coverage", "--url", counting.origin)["operations"]["covered"] == 0


def test_any_call_can_be_made_by_its_method(ctl: Ctl, mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ctl("get", "health") == ctl("get", "/__mock__/health") == ctl("health")
    assert ctl("post", "clock", '{"advance": 60}')["now"] == "2026-03-01T09:01:00.000000Z"
    monkeypatch.setattr("sys.stdin", io.StringIO('{"pages_of": 2}'))
    assert ctl("put", "modes", "-")["pages_of"]["size"] == 2
    assert ctl("delete", "faults")["status"] == "ok"
    assert "GET /__mock__/health" in ctl("calls")["calls"]


def test_a_call_is_led_by_what_it_hears(ctl: Ctl, mock: Mock) -> None:
    asks = [{"type": "answer"}, {"type": "talk", "option": {"text": "Press 1"}}, {"type": "hangup"}]
    flow = mock.flows.create(name="menu", detail="", actions=asks)
    made = ctl("call", "in", flow.id)
    assert ctl("call", "hears", made["id"], "press 1")["path"] == ["answer", "talk"]
    assert ctl("call", "reaches", made["id"], "hangup", "--within", "1m")["path"] == ["answer", "talk", "hangup"]
    rings = mock.flows.create(name="rings", detail="", actions=[{"type": "sleep", "option": {"duration": 9000}}])
    for words in (["hangup:busy"], []):
        call = ctl("call", "in", rings.id, *words)
        if not words:
            ctl("call", "hangup", call["id"], "--reason", "busy")
        mock.advance(seconds=1)
        assert ctl("call", "show", call["id"])["call"]["hangup_reason"] == "busy"


# A line for each call of the control API; ids and numbers stand for any.
LINES = """
flow x; agents; storage; storage --quota 5 --signs no; records; records x; records x x
calls; health; notices; reset; seed x; warnings; operations; operations x; websockets; docs; coverage; coverage --clear
snapshot list; snapshot take x; snapshot back x; snapshot forget x; snapshot forget
snapshot clear; threads list --kind text; threads show x
clock; clock --resume; state; requests; requests --clear; request show 7; request again 7; events
plan x; timeline x; flow x
phones list; phones clear; phones script + busy; replies list; replies clear; replies add x; call list
call in x; call show x; call svg x; flow x; call press x 1; call next x; call hears x sales
webhooks list; webhooks clear; webhooks flush; webhooks trick drop 1; webhooks again 7; webhooks show 7
fault list; fault clear; fault clear 7; fault add refuse; stub list; stub clear; stub clear 7; stub add GET
outbox; outbox --clear; texts list; texts clear; texts script + failed; inbound sms + + hello; inbound mail x open
inbound line x Uann hello --follow; inbound whatsapp x 1555 hello; chats list; chats script x refused; chats clear
visit list; visit begin x; visit show x; visit say x hello; visit leave x
ai list; ai clear; ai script Desk hello hang; ai calls; ai show x
mailboxes list; mailboxes clear; mailboxes script a@example.org bounce
jobs list; jobs clear; jobs script audits failed
billing show; billing on; billing off; billing charges; billing set x --credit 5; billing paddle x buy 25
extensions list; extensions register x; extensions unregister x
providers list; providers clear; providers script sip.example.com unhealthy
limits list; limits clear; limits set; modes; modes --off; session list; session clear; session delete x
"""


def test_there_is_a_subcommand_for_every_call_of_the_control_api(mock: Mock, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text("{}")
    parser = build_parser()
    lines = [line.split() for line in LINES.replace("\n", ";").split(";") if line.strip()]
    made = set()
    for line in [*lines, ["state", "--load", str(state)]]:
        arguments = parser.parse_args(["ctl", *line])
        call = arguments.call(arguments)
        path = re.sub(r"/(x|7)\b", "/{}", call.path.partition("?")[0])
        made.add(f"{call.method} /__mock__{path}")
    there_are = mock.anonymous.get("/__mock__", headers={"Host": "localhost"}).json["calls"]
    files = {"GET /__mock__/recordingfiles/{}", "GET /__mock__/files/{}"}  # a file, to which the API itself leads
    files |= {f"GET /__mock__/console{below}" for below in ("", "/{}", "/{}/{}")}  # for a browser
    files |= {"GET /__mock__/stream"}  # has no end; `notices` tells the same
    assert made == {re.sub(r"{\w+}", "{}", label) for label in there_are} - files


def test_flags_may_stand_before_or_after(mock: Mock, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--session", "a", "health"], ["health", "--session", "a"]):
        assert main(["ctl", *words, "--url", mock.origin]) == 0
        assert json.loads(capsys.readouterr().out)["random_seed"] == "0/a"


def test_the_same_variables_lead_to_the_server_that_they_moved(
    mock: Mock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    port = mock.origin.rpartition(":")[2]
    monkeypatch.setenv("VOIPBIN_MOCK_PORT", port)
    assert main(["ctl", "health"]) == 0
    monkeypatch.setenv("VOIPBIN_MOCK_PORT", "0")  # any free one: the file knows which
    file = tmp_path / "port.txt"
    file.write_text(f"{port}\n")
    monkeypatch.setenv("VOIPBIN_MOCK_PORT_FILE", str(file))
    assert main(["ctl", "health"]) == 0
    monkeypatch.delenv("VOIPBIN_MOCK_PORT_FILE")
    assert main(["ctl", "health", "--port-file", str(file)]) == 0
    capsys.readouterr()
    assert main(["ctl", "health", "--port-file", str(tmp_path / "none")]) == 3
    assert "No such file" in capsys.readouterr().err
    file.write_text("eighty")
    assert main(["ctl", "health", "--port-file", str(file)]) == 3
    assert "there is no port in it" in capsys.readouterr().err
    assert main(["ctl", "health", "--port-file", str(file), "--url", mock.origin]) == 2


def test_limits(ctl: Ctl, mock: Mock) -> None:
    assert ctl("limits", "set", '{"customer": [1, 1]}')["rate_limits"] == {"customer": [1, 1]}
    assert [mock.client.get("/v1.0/me").status_code for _ in range(2)] == [200, 429]
    assert set(ctl("limits", "set")["rate_limits"]) == set(ctl("limits", "list")["service"])
    ctl("limits", "clear")
    assert mock.limits.tiers == {}


def test_sessions(ctl: Ctl, mock: Mock) -> None:
    ctl("fault", "add", "refuse", session="a")
    assert len(mock.faults) == 0
    ctl("clock", "--advance", "60", session="b")
    assert [entry["key"] for entry in ctl("session", "list")["sessions"]] == ["a", "b"]
    ctl("session", "delete", "a")
    assert [entry["key"] for entry in ctl("session", "list")["sessions"]] == ["b"]
    assert ctl("session", "clear")["deleted"] == 1


def test_the_environment_says_where_and_whose(
    mock: Mock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mock.app.control = ControlPolicy(token="sesame")
    monkeypatch.setenv("VOIPBIN_MOCK_URL", mock.url)  # with /v1.0, as a client has it
    assert main(["ctl", "warnings"]) == 1
    assert "control token" in capsys.readouterr().err
    monkeypatch.setenv("VOIPBIN_MOCK_CONTROL_TOKEN", "sesame")
    monkeypatch.setenv("VOIPBIN_MOCK_SESSION", "mine")
    assert main(["ctl", "health"]) == 0
    assert json.loads(capsys.readouterr().out)["random_seed"] == "0/mine"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["fault", "add", "error", "GET /outplan", "--reason", "INTERNAL"], 1, "did you mean"),
        (["fault", "clear", "7"], 1, "Nothing planned has the number 7"),
        (["seed", "nonsense"], 1, "nonsense"),
        (["seed", "nowhere.json"], 2, "cannot be read"),
        (["stub", "add", "GET /x", "--json", "{"], 2, "not JSON"),
        (["stub", "add", "GET /x", "--header", "x"], 2, "NAME:VALUE"),
        (["fault", "add", "refuse", "--times", "often"], 2, "a number, or always"),
        (["limits", "set", "{"], 2, "not JSON"),
        (["fault", "add", "error", "GET /me"], 1, "say which, in --reason;"),
        (["fault", "add", "error", "GET /me", "--reason", "NOPE"], 1, "known are "),
        (["phones", "script", "15550100001", "busy"], 1, "numbers are dialed as +15550100001"),
        (["get", "nothing"], 1, "GET /__mock__ lists them"),
    ],
)
def test_a_mistake_is_one_line_and_its_code(
    words: list[str], code: int, said: str, mock: Mock, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ctl", "--url", mock.origin, *words]) == code
    output = capsys.readouterr()
    assert output.out == ""
    assert said in output.err
    assert len(output.err.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["--url", "http://u:hunter2@127.0.0.1:1"],
        ["--url", "http://127.0.0.1:1/?token=hunter2"],
        ["--url", "http://u:hunter2@["],
        ["--control-token", "hunter2\r"],
        ["--control-token", "hunter2\n"],
    ],
)
def test_what_goes_wrong_shows_no_credential(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ctl", "health", *words]) in (2, 3)
    said = capsys.readouterr().err
    assert said
    assert "hunter2" not in said


def test_no_server_is_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        assert main(["ctl", "--url", url, "health"]) == 3
    assert f"no server at {url}" in capsys.readouterr().err
    assert main(["ctl", "--url", "ftp://x", "health"]) == 2


def test_wrong_words_are_refused_by_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["ctl", "faults"])
    assert caught.value.code == 2
    assert "invalid choice" in capsys.readouterr().err


def test_a_proxy_in_the_environment_does_not_come_between(ctl: Ctl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert ctl("health")["status"] == "ok"


def test_as_a_process_it_needs_neither_flask_nor_jsonschema(mock: Mock) -> None:
    code = (
        "import sys; from voipbin_mock.command.main import main; "
        f"code = main(['ctl', '--url', {mock.origin!r}, 'health']); "
        "assert not {'flask', 'werkzeug', 'jsonschema'} & sys.modules.keys(); sys.exit(code)"
    )
    done = subprocess.run([COMMAND[0], "-c", code], capture_output=True, text=True, timeout=30, env=environment())
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "ok"


def test_what_the_manual_shows_works(ctl: Ctl) -> None:
    table = PAGE.partition("| subcommand | what it does |")[2].partition("## Exit codes")[0]
    lines = [line for line in re.findall(r"`([^`]+)`", table) if "[NUMBER]" not in line and "FILE" not in line]
    assert len(lines) > 15
    for line in lines:
        words = shlex.split(line)
        if words[-1] in ("KEY", "NAME"):
            words[-1] = "account"
        if words[:2] == ["session", "delete"]:
            ctl("health", session="account")
        assert ctl(*words) is not None


def test_what_comes_in_and_is_dropped_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    with Mock("server", seed="tutorial") as mock:
        url, account = mock.serve().origin, mock.conversation_accounts.list(type="line")[0].id
        assert main(["ctl", "--url", url, "inbound", "line", account, "Unobody", "hello"]) == 1
        assert json.loads(capsys.readouterr().out)["dropped"]
        assert main(["ctl", "--url", url, "inbound", "line", account, "Unobody", "hello", "--follow"]) == 0
