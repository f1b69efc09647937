"""The requests seen, over the control API: which of them, one with all that is known of it, copies to paste, again."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from voipbin_mock import Mock
from voipbin_mock.world import profiles

PLAN = {"name": "evening", "detail": "", "dial_timeout": 30000, "try_interval": 60000,
        **{f"max_try_count_{n}": 1 for n in range(5)}}  # fmt: skip
CALL = {
    "source": {"type": "tel", "target": "+15559876543"},
    "destinations": [{"type": "tel", "target": "+15550100002"}],
}
ODD = [
    "it's \"quoted\" \\ $HOME `id` %s !x", "two\nlines", "tab\tbell\x07", "\u202egnp.exe", "💡 ü", "-d", "@/etc/passwd",
]  # fmt: skip


pytestmark = pytest.mark.filterwarnings("ignore::voipbin_mock.VoIPBINWarning")


@pytest.fixture(params=list(profiles.PROFILES))
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock="2026-03-01T09:00:00Z", unused="ignore", strict=True) as mock:
        yield mock


def seen(mock: Mock, **query: Any) -> Any:
    reply = mock.anonymous.get("/__mock__/requests", query_string=query)
    assert reply.status_code == 200, reply.text
    return reply.json


def numbers(mock: Mock, **query: Any) -> list[int]:
    return [one["number"] for one in seen(mock, **query)["requests"]]


def one(mock: Mock, number: int) -> Any:
    return mock.anonymous.get(f"/__mock__/requests/{number}").json


def copied(mock: Mock, number: int, form: str) -> str:
    reply = mock.anonymous.get(f"/__mock__/requests/{number}", query_string={"as": form})
    assert reply.status_code == 200, reply.text
    return reply.text


def bought(mock: Mock, number: str) -> str:
    """The id of a number that was bought just now."""
    made = mock.client.post("/v1.0/numbers", json={"number": number, "type": "virtual"})
    assert made.status_code == 200, made.text
    return str(made.json["id"])


def refused(mock: Mock) -> None:
    """A plan whose dial_timeout is a text."""
    assert mock.client.post("/v1.0/outplans", json={**PLAN, "dial_timeout": "30 s"}).status_code == 400


def test_some_are_chosen_by_what_they_were_and_what_came_of_them(mock: Mock) -> None:
    mock.client.get("/v1.0/outplans")
    refused(mock)
    mock.client.get("/v1.0/outplan")
    mock.client.post("/v1.0/tags", json={"name": "Vip", "detail": "GOLD"})
    mock.faults.error("GET /me", "INTERNAL")
    mock.client.get("/v1.0/me")
    assert numbers(mock) == [1, 2, 3, 4, 5]
    assert numbers(mock, status="4xx") == [2, 3]
    assert numbers(mock, status="404,5xx") == [3, 5]
    assert numbers(mock, op="outplans.*") == [1, 2]
    assert numbers(mock, method="post") == [2, 4]
    assert numbers(mock, problem="yes") == [2, 3, 5]
    assert numbers(mock, problem="no") == [1, 4]
    assert numbers(mock, text="gold") == [4]
    assert numbers(mock, text="dial_TIMEOUT: ") == [2]
    assert numbers(mock, after=1, before=4, limit=1) == [3]
    assert seen(mock, status="4xx", limit=1)["found"] == 2


@pytest.mark.parametrize(
    "query", [{"status": "((("}, {"status": "four"}, {"problem": "perhaps"}, {"before": "-1"}, {"brief": "1"}]
)
def test_a_choice_that_cannot_be_read_is_said(mock: Mock, query: dict[str, str]) -> None:
    reply = mock.anonymous.get("/__mock__/requests", query_string=query)
    assert (reply.status_code, reply.json["error"]["reason"]) == (400, "INVALID_REQUEST_PARAMETER")
    assert next(iter(query)) in reply.json["error"]["message"]


def test_no_text_that_is_a_credential_can_be_searched_for(mock: Mock) -> None:
    mock.anonymous.get(f"/v1.0/me?accesskey={mock.accesskey}")
    mock.anonymous.post("/auth/login", json={"username": "admin@localhost", "password": "not the one"})
    assert numbers(mock, text="admin@localhost") == [2]
    assert numbers(mock, text=mock.accesskey.lower()) == numbers(mock, text="not the one") == []


def test_in_brief_there_are_no_bodies_but_what_was_wrong_first(mock: Mock) -> None:
    refused(mock)
    mock.stub("GET /flows", json={"result": []})
    mock.client.get("/v1.0/flows")
    first, second = seen(mock, brief="true")["requests"]
    assert first["wrong"].startswith("/dial_timeout: ")
    assert (first["violations"], first["warnings"]) == (1, 0)
    assert second["planned"] == [{"kind": "stub", "number": 1}]
    assert not {"body", "reply", "headers"} & first.keys()


def test_one_has_both_sides_and_advice_for_each_violation(mock: Mock) -> None:
    mock.client.post("/v1.0/outplans", json={**PLAN, "dial_timeout": "30"})
    told = one(mock, 1)
    (violation,) = told["violations"]
    assert (violation["pointer"], violation["advice"]) == ("/dial_timeout", "send 30 without quotes")
    assert json.loads(told["body"])["name"] == "evening"
    assert json.loads(told["reply"])["error"]["reason"] == told["reason"]
    assert told["on"] == "POST /outplans"


def test_one_has_the_events_that_were_published_as_it_was_handled(mock: Mock) -> None:
    number = bought(mock, "+899100000001")
    mock.client.get("/v1.0/numbers")
    refused(mock)
    flow = mock.flows.create(name="a", actions=[{"type": "answer"}])
    call = mock.client.post("/v1.0/calls", json={**CALL, "flow_id": flow.id}).json["calls"][0]
    mock.advance(hours=1)  # what comes of it later is not its doing
    told = [[(each["type"], each["resource"], each["id"]) for each in one(mock, n)["events"]] for n in range(1, 5)]
    assert told[:3] == [[("number_created", "numbers", number)], [], []]
    assert ("call_created", "calls", call["id"]) in told[3]
    assert {kind for kind, *_ in told[3]} == {"call_created", "activeflow_created"}
    published = {each["number"]: each for each in mock.anonymous.get("/__mock__/events").json["events"]}
    for each in one(mock, 4)["events"]:
        assert (each["type"], each["time"]) == tuple(published[each["number"]][name] for name in ("type", "time"))


def test_its_events_stay_its_own_when_an_earlier_moment_comes_back(mock: Mock) -> None:
    before = mock.snapshot()
    bought(mock, "+899100000001")
    mock.restore(before)
    second = bought(mock, "+899100000002")
    assert [each["id"] for each in one(mock, 2)["events"]] == [second]


def test_what_is_not_there_is_said(mock: Mock) -> None:
    for number in ("1", "0", "x", "9" * 40):
        reply = mock.anonymous.get(f"/__mock__/requests/{number}")
        assert (reply.status_code, reply.json["error"]["reason"]) == (404, "RESOURCE_NOT_FOUND")
    mock.client.get("/v1.0/me")
    mock.journal.clear()
    assert "not kept any more" in mock.anonymous.get("/__mock__/requests/1").json["error"]["message"]
    mock.client.get("/v1.0/me")
    assert "curl, python" in mock.anonymous.get("/__mock__/requests/2?as=ruby").json["error"]["message"]


def test_it_is_sent_again_with_the_credential_that_is_never_shown(mock: Mock) -> None:
    mock.anonymous.post(f"/v1.0/tags?accesskey={mock.accesskey}", json={"name": "vip", "detail": ""})
    made = mock.anonymous.post("/__mock__/requests/1/again").json
    assert (made["number"], made["status"], made["query"]) == (2, 200, "accesskey=***")
    assert len(mock.tags.list()) == 2
    mock.faults.error("POST /tags", "INTERNAL")
    assert mock.anonymous.post("/__mock__/requests/1/again").json["reason"] == "INTERNAL"
    assert mock.anonymous.post("/__mock__/requests/9/again").status_code == 404


def test_a_stub_that_was_copied_answers_the_same(mock: Mock) -> None:
    tag = mock.tags.create(name="vip")
    first = mock.client.get(f"/v1.0/tags/{tag.id}")
    stub = json.loads(copied(mock, 1, "stub"))
    assert stub["on"] == "GET /tags/{id}"
    mock.reset()
    assert mock.anonymous.post("/__mock__/stubs", json=stub).status_code == 200
    again = mock.anonymous.get(f"/v1.0/tags/{tag.id}")
    assert (again.status_code, again.json) == (200, first.json)


# --- copies are tried ------------------------------------------------------------------------------


def asked(mock: Mock) -> None:
    """Requests of every kind, each of which an empty mock answers in the same way."""
    mock.client.get("/v1.0/outplans?page_size=2&page_token=")
    mock.client.post("/v1.0/outplans", json={**PLAN, "dial_timeout": "30 s"})
    mock.client.post("/v1.0/outplans", json={**PLAN, "extra": [1.0, None, True, {"1": {}, "__proto__": 2**60}]})
    for text in ODD:
        mock.client.post("/v1.0/tags", json={"name": text, "detail": ""})
    mock.client.post("/v1.0/tags", data=b'{"name": ', content_type="application/json")
    mock.client.post("/v1.0/tags", data="name=vip", content_type="text/plain")
    mock.client.post("/v1.0/tags", data=b'{"name": "a", "name": "b", "detail": ""}', content_type="application/json")
    mock.client.delete("/v1.0/tags/00000000-0000-0000-0000-000000000001")
    mock.client.get("/v1.0/nothing/it's%20here?x=a%27b")
    mock.anonymous.get("/v1.0/me")
    mock.anonymous.get("/v1.0/me?accesskey=vb_wrong-wrong-wrong")


def outcomes(mock: Mock, but: int = 0) -> list[tuple[Any, ...]]:
    return [(each.method, each.path, each.status, each.reason, each.json) for each in mock.journal if each.number > but]


def test_a_test_that_was_copied_passes_and_asks_the_same(mock: Mock) -> None:
    asked(mock)
    expected = outcomes(mock)
    texts = [copied(mock, number + 1, "python") for number in range(len(expected))]
    assert mock.accesskey not in "".join(texts)
    mock.reset()
    mock.journal.clear()
    last = mock.world.exchanges
    for text in texts:
        names: dict[str, Any] = {}
        exec(compile(text, "<copied>", "exec"), names)
        (function,) = (value for name, value in names.items() if name.startswith("test_"))
        function(mock)
    assert outcomes(mock, last) == expected


def test_a_test_of_what_was_warned_of_does_not_warn_again(mock: Mock) -> None:
    mock.anonymous.post(f"/v1.0/tags?accesskey={mock.accesskey}", json={"name": "vip", "detail": "", "colour": "red"})
    names: dict[str, Any] = {}
    exec(copied(mock, 1, "python"), names)
    (function,) = (value for name, value in names.items() if name.startswith("test_"))
    (marker,) = function.pytestmark
    assert "unknown-member" in {warning.code for warning in mock.journal[0].warnings}
    with Mock(mock.world.profile.name, **marker.kwargs) as again:
        function(again)
        assert not again.journal[0].warnings


def test_a_test_of_a_broken_connection_plans_it(mock: Mock) -> None:
    mock.faults.refuse("GET /me")
    with pytest.raises(ConnectionError):
        mock.client.get("/v1.0/me")
    text = copied(mock, 1, "python")
    assert 'voipbin.faults.refuse("GET /me")' in text
    names: dict[str, Any] = {}
    exec(text, names)
    names["test_get_me_is_cut_off"](mock)


def words(line: str) -> list[str]:
    """As a shell has them; $'...' is one of bash's own."""
    bash = shutil.which("bash")
    if bash is None:
        return shlex.split(line)
    done = subprocess.run([bash, "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True)
    return done.stdout.decode().split("\0")[:-1]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_a_line_that_was_copied_says_what_was_sent(mock: Mock) -> None:
    asked(mock)
    for number, exchange in enumerate(mock.journal, 1):
        line = copied(mock, number, "curl")
        assert mock.accesskey not in line
        said = words(line)
        assert said[0] == "curl"
        url = next(word for word in said if word.startswith("http://localhost/"))
        assert url.startswith(f"http://localhost{exchange.path.split(chr(39))[0].replace(' ', '%20')}")
        assert ("--data-raw" in said) == bool(exchange.body)
        if exchange.body:
            assert said[said.index("--data-raw") + 1].encode() == exchange.body


def test_a_line_names_the_credential_and_does_not_have_it(mock: Mock) -> None:
    mock.anonymous.get(f"/v1.0/me?accesskey={mock.accesskey}&page_size=1")
    mock.anonymous.get("/v1.0/me", headers=mock.headers)
    assert copied(mock, 1, "curl") == "curl 'http://localhost/v1.0/me?accesskey=<ACCESSKEY>&page_size=1'"
    assert copied(mock, 2, "curl") == "curl http://localhost/v1.0/me --header 'authorization: Bearer <TOKEN>'"


@pytest.mark.skipif(shutil.which("node") is None, reason="no node")
def test_a_test_for_node_passes_and_asks_the_same(tmp_path: Path) -> None:
    with Mock(clock="2026-03-01T09:00:00Z", intercept=False, strict=True) as mock:
        mock.serve()
        origin = mock.origin
        asked(mock)
        expected = outcomes(mock)
        texts = []
        for number in range(len(expected)):
            text = copied(mock, number + 1, "javascript").replace('"http://localhost"', json.dumps(origin))
            texts.append("\n".join(text.splitlines()[2:]) if number else text)
        # In one file, each has names of its own.
        whole = "\n".join(text if not n else "{" + text + "}" for n, text in enumerate(texts))
        (tmp_path / "copied.test.mjs").write_text(whole, encoding="utf-8")
        mock.reset()
        mock.journal.clear()
        last = mock.world.exchanges
        done = subprocess.run(
            ["node", "--test", "copied.test.mjs"],
            cwd=tmp_path,
            env={**os.environ, "VOIPBIN_ACCESSKEY": mock.accesskey},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout
        assert outcomes(mock, last) == expected
