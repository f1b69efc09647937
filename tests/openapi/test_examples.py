"""Each operation has an example: a body that the mock takes, lines for a shell that work, and an answer to expect."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.shell_lines import Shell
from tests.support.unmocked import METHOD, TEMPLATE, knows_one_more
from voipbin_mock import Mock
from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.edge.incoming import ControlPolicy
from voipbin_mock.world import profiles

PROFILES = list(profiles.PROFILES)
each_profile = pytest.mark.parametrize("profile", PROFILES)
SEEDS = ("account", "tutorial", "empty")
ASKED = {"Host": "localhost"}
WEBSOCKETS = {"calls.media_stream", "conferences.media_stream", "service_agents.ws", "ws"}
SUPER_ADMINS = {
    "numbers.renew",
    "auth.delegate",
    *(f"providercalls.{kind}" for kind in ("list", "create", "get", "delete")),
    *(f"customers.{kind}" for kind in ("list", "create", "delete", "freeze", "recover")),
    *(f"customers.admin_{kind}" for kind in ("get", "update", "metadata", "billing_account_id")),
}
MAILED = {"auth.email_verify", "auth.password_reset"}  # no line reads a mail
LEAVING = {"auth.unregister", "auth.come_back"}  # the lines after it need the account
SUPER_ADMINS |= {f"billing_accounts.{kind}" for kind in ("list", "get", "update", "payment_info", "add", "subtract")}
SUPER_ADMINS |= {f"outbound_configs.{kind}" for kind in ("list", "create", "get", "update", "delete")}
SUPER_ADMINS |= {f"providers.{kind}" for kind in ("list", "create", "get", "update", "delete", "setup")}
SUPER_ADMINS |= {f"routes.{kind}" for kind in ("list", "create", "get", "update", "delete")}
SUPER_ADMINS |= {f"storage_accounts.{kind}" for kind in ("list", "create", "delete")}
LEFT_BEHIND = {
    "ai_prompt_histories",
    "billing_accounts",
    "billings",
    "campaigncalls",
    "conferencecalls",
    "contact_case_notes",
    "contact_cases",
    "conversation_messages",
    "conversations",
    "queuecalls",
}
ADDRESSED = {"contacts.change_address", "contacts.lookup", "contacts.remove_address"}  # no line knows an address
FILED = {f"storage_files.{kind}" for kind in ("create", "delete", "file", "get")}  # no line uploads a file
# No line waits for what comes about in the background.
JOBS = {f"{name}.{kind}" for name in ("aiaudits", "aipromptproposals") for kind in ("create", "get", "delete")}
JOBS |= {"aipromptproposals.accept", "aipromptproposals.reject", "rags.remove_source"}
# What is an agent's own, or a channel.
OWNED = {
    "service_agents.calls.get",
    "service_agents.extensions.get",
    "service_agents.contact_case_notes.delete",
    "talk_participants.join",
}
NEEDED = {
    "ais.activate_insight",
    "auth.boot",
    "transfers.create",
    *LEAVING,
    *MAILED,
    *JOBS,
    *OWNED,
    *(at + name for at in ("", "service_agents.") for name in ADDRESSED | FILED),
}
NEEDY = {
    "documented": NEEDED,
    "server": {
        *NEEDED,
        "aimessages.delete",
        "conferences.recording_start",
        "conferences.recording_stop",
    },
}
UNSET = "b0d6e1a4-0000-4000-8000-000000000001"


def told(mock: Mock, name: str, **headers: str) -> dict[str, Any]:
    reply = mock.anonymous.get(f"/__mock__/operations/{name}", headers={**ASKED, **headers})
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json
    return answer


def listed(mock: Mock) -> list[dict[str, Any]]:
    reply = mock.anonymous.get("/__mock__/operations?summaries=true", headers=ASKED)
    found: list[dict[str, Any]] = reply.json["operations"]
    return found


def mocked(mock: Mock) -> list[str]:
    return [one["operation"] for one in listed(mock) if one["mocked"]]


def test_operations_are_told_by_area() -> None:
    asked = "/__mock__/operations"
    with Mock() as mock:
        everything, ais = (mock.anonymous.get(f"{asked}{of}", headers=ASKED).json for of in ("", "?area=ais"))
        short = mock.anonymous.get(f"{asked}?area=ais&summaries=yes", headers=ASKED).json["operations"]
        unknown = mock.anonymous.get(f"{asked}?area=oracles", headers=ASKED)
        groups = mock.openapi()["x-tagGroups"]
    areas = everything["areas"]
    assert sum(areas.values()) == len(everything["mocked"])
    assert list(areas) == sorted(areas), "and the operations stand in the order of their areas"
    start = sum(count for name, count in areas.items() if name < "ais")
    assert ais["mocked"] == everything["mocked"][start : start + areas["ais"]]
    assert ais["areas"] == {"ais": areas["ais"]}
    assert {"POST /v1.0/ais", "GET /v1.0/aimessages/{id}"} < {*ais["mocked"]}
    assert {f"{one['method']} {one['path']}" for one in short if one["area"] == "ais"} == {*ais["mocked"]}
    assert (unknown.status_code, "ai_jobs, ais, billing" in unknown.json["error"]["message"]) == (400, True)
    (tags,) = [group["tags"] for group in groups if group["name"] == "ais"]
    assert {"ais", "teams", "aicalls", "aimessages"} <= {*tags}


@pytest.fixture(params=PROFILES)
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param) as mock:
        yield mock


# --- that they work ---------------------------------------------------------------------------------


@each_profile
@pytest.mark.parametrize("seed", SEEDS)
def test_every_example_is_accepted_without_a_warning(profile: str, seed: str) -> None:
    without_numbers = ("unowned-source",) if seed == "empty" else ()
    with Mock(profile, seed=seed, ignore=without_numbers) as mock:
        names = mocked(mock)
        beginning = mock.snapshot()
        for name in names:
            mock.restore(beginning)
            example = told(mock, name)
            if example["ready"]:
                shell = Shell(mock)
                shell.run(example["curl"])
                assert [reply.text for reply in shell.asked if reply.status_code >= 400] == [], (name, example["curl"])
                assert shell.asked[-1].status_code == example["answer"]["status"], name
                assert not [one for exchange in mock.journal for one in exchange.warnings], name


@each_profile
def test_what_cannot_be_tried_with_the_first_seed_is_marked_and_little(profile: str) -> None:
    with Mock(profile) as mock:
        marked = {name: told(mock, name)["notes"] for name in mocked(mock) if not told(mock, name)["ready"]}
    why = {name: " ".join(said) for name, said in marked.items()}
    assert {name for name, said in why.items() if "websocket" in said} == WEBSOCKETS
    assert {name for name, said in why.items() if "super admin" in said} == SUPER_ADMINS
    made_by_none = [name.removeprefix("service_agents.") for name, said in why.items() if "no operation makes" in said]
    assert {name.partition(".")[0] for name in made_by_none} == LEFT_BEHIND
    assert {name for name, said in why.items() if "It needs" in said} == NEEDY[profile]
    assert len(marked) == len(WEBSOCKETS | SUPER_ADMINS | NEEDY[profile]) + 34


ASKS = re.compile(r"^KEY=.*\n", re.MULTILINE)  # the line that nearly all have; what it gives is the same for all


def without_asking(lines: str, asks: str) -> str:
    """An example for a shell that has the key."""
    assert ASKS.findall(lines) in ([], [asks])
    assert "$KEY" not in lines.partition(asks)[0], "it is asked for before it is used, if it is"
    return lines.replace(asks, "")


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("sh")), reason="there is no curl, or no sh")
@pytest.mark.parametrize("part", range(6))
def test_the_lines_work_in_a_shell_as_they_are(part: int, tmp_path: Any) -> None:
    """All that can, one after the other, against one server with the first seed."""
    with Mock() as mock:
        mock.serve()
        host = {"Host": mock.origin.removeprefix("http://")}
        examples = [told(mock, name, **host) for name in mocked(mock)[part::6]]
        every = [example["curl"] for example in examples if example["ready"]]
        asks = next(asked[0] for asked in map(ASKS.findall, every) if asked)

        def ran(lines: str, **known: str) -> str:
            environment = {"PATH": os.environ["PATH"], **known}
            done = subprocess.run(
                ["sh", "-c", lines], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
            )
            return done.stdout

        key = ran(asks + 'printf %s "$KEY"')
        assert key == mock.accesskey
        for lines in every:
            ran(without_asking(lines, asks), KEY=key)
        seen = mock.journal.exchanges()
        assert [(one.operation, one.reason, one.warnings) for one in seen if one.status >= 400 or one.warnings] == []
        asked = {exchange.operation for exchange in seen}
        assert {example["operation"] for example in examples if example["ready"]} <= asked


# --- what they say ----------------------------------------------------------------------------------


@each_profile
@pytest.mark.parametrize("strict", [True, False], ids=["strict", "lenient"])
def test_bodies_and_answers_are_what_their_schemas_say(profile: str, strict: bool) -> None:
    with Mock(profile, strict=strict) as mock:
        document = mock.openapi()
        for name in mocked(mock):
            one = told(mock, name)
            method, _, path = one["call"].partition(" ")
            described = document["paths"][path][method.lower()]
            pairs = []
            if one["answer"] and "sample" in one["answer"]:
                content = described["responses"][str(one["answer"]["status"])]["content"]
                pairs.append((content, one["answer"]["sample"]))
            if one["takes"]:
                pairs.append((described["requestBody"]["content"], filled(one["body"])))
            for content, value in pairs:
                schema = {**next(iter(content.values()))["schema"], "components": document["components"]}
                assert [error.message for error in Draft202012Validator(schema).iter_errors(value)] == [], name


def filled(value: Any) -> Any:
    """A body whose variables of the shell have been given an id."""
    if isinstance(value, dict):
        return {name: filled(item) for name, item in value.items()}
    if isinstance(value, list):
        return [filled(item) for item in value]
    return UNSET if isinstance(value, str) and value.startswith("$") else value


def test_an_operation_tells_what_it_takes_refuses_and_answers(mock: Mock) -> None:
    create = told(mock, "outplans.create")
    assert (create["call"], create["summary"]) == ("POST /v1.0/outplans", "Create an outplan")
    members = {member["name"]: member for member in create["takes"]["members"]}
    assert members["name"]["description"] == "A short name."
    assert members["name"]["required"] is mock.world.strict
    assert "source.target" in members
    assert create["body"]["dial_timeout"] == 30_000
    assert create["answer"]["status"] == 200
    assert create["answer"]["sample"]["dial_timeout"] == 30_000
    refused = {one["reason"]: one for one in create["refusals"]}
    assert refused["AUTHENTICATION_REQUIRED"]["status"] == 401
    assert refused["INVALID_JSON_BODY"]["message"]
    listing = told(mock, "outplans.list")
    assert [one["name"] for one in listing["parameters"]] == ["page_size", "page_token"]
    assert listing["answer"]["sample"]["result"][0]["name"]  # as the published page prints one


def test_an_operation_that_there_is_not_is_told_with_one_of_a_like_name() -> None:
    reply = Mock().anonymous.get("/__mock__/operations/outplan.create", headers=ASKED)
    assert reply.status_code == 404
    assert "did you mean 'outplans.create'?" in reply.json["error"]["message"]


def test_nothing_of_the_real_api_is_left_unmocked(mock: Mock) -> None:
    assert mock.anonymous.get("/__mock__/operations", headers=ASKED).json["not_mocked_yet"] == []
    assert "not mocked yet" not in mock.anonymous.get("/__mock__/docs", headers=ASKED).text


def test_what_is_not_mocked_yet_is_listed_and_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    with Mock(areas=[knows_one_more(monkeypatch)]) as mock:
        label = f"{METHOD} {TEMPLATE}"
        assert mock.anonymous.get("/__mock__/operations", headers=ASKED).json["not_mocked_yet"] == [label]
        page = mock.anonymous.get("/__mock__/docs", headers=ASKED).text
        line = unescape(page.partition("id=unmocked")[2].partition("<pre>")[2].partition("</pre>")[0])
        assert Shell(mock).run(line).status_code == 200
        assert f'"on": "{label}"' in line
        assert mock.client.open(TEMPLATE.replace("{id}", "7"), method=METHOD).status_code == 200


def test_a_body_refers_to_records_that_are_there_or_says_who_fills_it_in(mock: Mock) -> None:
    assert told(mock, "campaigns.create")["body"]["outplan_id"] == "$OUTPLAN_ID"
    there = mock.outplans.create().id
    assert told(mock, "campaigns.create")["body"]["outplan_id"] == there


def test_what_reads_reads_what_there_is_and_what_changes_changes_its_own(mock: Mock) -> None:
    there = mock.outplans.create(name="mine").id
    assert there in told(mock, "outplans.get")["curl"]
    for name in ("outplans.update", "outplans.delete"):
        assert there not in told(mock, name)["curl"]
        Shell(mock).run(told(mock, name)["curl"])
    assert mock.outplans.get(there).name == "mine"


def test_records_that_only_calls_leave_behind_are_found_once_they_are_there() -> None:
    assert "queuecall" in told(Mock(), "queuecalls.get")["notes"][0]
    with Mock(seed="tutorial") as mock:
        assert told(mock, "queuecalls.get")["ready"]


# --- secrets ----------------------------------------------------------------------------------------


def test_an_access_key_of_a_seed_of_yours_is_not_told() -> None:
    seed = {"customers": [{"id": UNSET}], "accesskeys": [{"customer_id": UNSET, "token": f"vb_mine{28 * 'x'}"}]}
    with Mock(seed=seed) as mock:
        one = told(mock, "outplans.list")
        page = mock.anonymous.get("/__mock__/docs", headers=ASKED).text
    assert "accesskey=$KEY" in one["curl"]
    assert one["notes"] == ["KEY: yours."]
    assert "vb_mine" not in str(one) + page


def test_operations_in_detail_are_for_whoever_may_drive_the_mock() -> None:
    mock = Mock()
    mock.door.control = ControlPolicy(token="hush")
    reply = mock.anonymous.get("/__mock__/operations/outplans.get")
    assert reply.status_code == 403
    page = mock.anonymous.get("/__mock__/docs").text
    assert mock.accesskey not in page
    token = {"X-VoIPBIN-Mock-Control-Token": "hush"}
    assert 'Control-Token: $CONTROL_TOKEN"' in told(mock, "calls.hold", **token)["curl"]


def test_a_session_is_asked_in_its_own_place(mock: Mock) -> None:
    reply = mock.anonymous.get("/__session__/alice/__mock__/operations/outplans.list", headers=ASKED)
    assert "http://localhost/__session__/alice/v1.0/outplans" in reply.json["curl"]


def test_every_example_that_an_area_declares_names_what_there_is() -> None:
    mock = Mock()
    catalog = catalog_of(mock.world)
    names = {operation.name for operation in catalog.operations}
    for operation in catalog.operations:
        first, values = operation.example.first, operation.example.values
        assert not first or first in names, operation.name
        known = {*operation.query, *(part.strip("{}") for part in operation.template.split("/"))}
        known |= operation.part.names if operation.part else set()
        assert values.keys() <= known, operation.name
