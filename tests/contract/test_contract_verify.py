"""`voipbin-mock contract verify`: recordings held against the schemas and rules."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.support.contracting import fresh, mock_of, run_all
from tests.support.recorded import PLAN, exchange, har
from voipbin_mock import Mock, MockUsageError
from voipbin_mock.command import main as cli
from voipbin_mock.contract import Finding, verify

CANARY = "canary-of-a-recording-7d1c9f0e"


def found(*entries: dict[str, Any], **settings: Any) -> list[Finding]:
    return verify(har(*entries), **settings).findings


@pytest.fixture(params=["documented", "server"])
def mock(request: pytest.FixtureRequest) -> Mock:
    return mock_of(request.param, intercept=False)


@pytest.fixture
def documented() -> Mock:
    return mock_of(intercept=False)


def answered(entry: dict[str, Any], change: Any) -> dict[str, Any]:
    """The entry with its answer changed."""
    content = entry["response"]["content"]
    body = change(json.loads(content["text"]))
    return {**entry, "response": {**entry["response"], "content": {**content, "text": json.dumps(body)}}}


def test_what_a_good_client_does_is_fine_and_its_profile_is_found_out(mock: Mock) -> None:
    made = exchange(mock, "POST", "/v1.0/outplans", PLAN)
    row_id = json.loads(made["response"]["content"]["text"])["id"]
    result = verify(
        har(
            made,
            exchange(mock, "GET", "/v1.0/outplans?page_size=2"),
            exchange(mock, "GET", f"/v1.0/outplans/{row_id}"),
            exchange(mock, "DELETE", f"/v1.0/outplans/{row_id}"),
            exchange(mock, "GET", "/v1.0/campaigns"),
            exchange(mock, "GET", "/v1.0/me"),
            exchange(mock, "GET", "/ping"),
        )
    )
    assert not result.findings
    assert (result.profile, result.detected) == (mock.world.profile.name, True)
    assert len(result.exchanges) == 7


def test_an_exchange_without_an_answer_is_counted(documented: Mock, tmp_path: Path, capsys: Any) -> None:
    seen, lost, aborted = (exchange(documented, "GET", f"/v1.0/outplans?page_size={n}") for n in (1, 2, 3))
    del lost["response"]
    aborted["response"]["status"] = 0
    result = verify(har(seen, lost, aborted))
    assert (len(result.exchanges), result.unanswered, result.findings) == (3, 2, [])
    file = tmp_path / "recording.har"
    file.write_text(json.dumps(har(seen, lost, aborted)))
    assert cli.main(["contract", "verify", str(file)]) == 0
    assert "3 exchanges with the service, 2 without an answer, nothing to say" in capsys.readouterr().out


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_everything_that_the_cases_ask_is_read_from_the_journal(profile: str) -> None:
    target = fresh(profile)
    run_all(target, profile)
    document = {"requests": [e.as_dict() for e in target.mock.requests]}
    result = verify(document)
    assert result.profile == profile
    assert len(result.exchanges) > 400
    wrong_answers = [f for f in result.findings if f.kind == "answer"]
    # The defect of the server that a case is about: a record of zeros.
    assert {f.request.split(" ")[0] for f in wrong_answers} <= {"DELETE"}
    for finding in result.findings:
        if finding.kind == "refused":
            number = int(finding.place.rpartition("/")[2])
            assert target.mock.requests[number].http_code >= 400, finding


@pytest.mark.parametrize(
    ("change", "kind", "pointer", "said"),
    [
        ({"dial_timeout": 30}, "suspect", "/dial_timeout", "30 milliseconds looks like seconds; send 30000"),
        ({"try_interval": 600}, "suspect", "/try_interval", "send 600000 for 600 seconds"),
        ({"dial_timeout": "30000"}, "refused", "/dial_timeout", "expected"),
        ({"max_try_count_0": -1}, "refused", "/max_try_count_0", "-1"),
        ({"dial_timout": 30000}, "suspect", "/dial_timout", 'did you mean "dial_timeout"?'),
        ({"source": {"type": "tel", "target": "5559876543"}}, "refused", "/source/target", "E.164"),
    ],
)
def test_a_bad_member_is_found_at_its_place(
    documented: Mock, change: dict[str, Any], kind: str, pointer: str, said: str
) -> None:
    (finding,) = found(exchange(documented, "POST", "/v1.0/outplans", {**PLAN, **change}))
    assert (finding.kind, finding.pointer) == (kind, pointer)
    assert said in finding.message
    assert finding.place == "/log/entries/0"
    assert finding.request == "POST /v1.0/outplans"


def test_what_published_clients_leave_out_or_empty_is_suspect(mock: Mock) -> None:
    body = {name: value for name, value in PLAN.items() if name != "max_try_count_4"}
    (finding,) = found(exchange(mock, "POST", "/v1.0/outplans", body))
    assert (finding.kind, finding.pointer) == ("suspect", "/max_try_count_4")
    assert "so far left out by vn" in finding.message
    nobody = {"name": "row", "detail": "of May", "data": "none", "campaign_id": ""}
    told = found(exchange(mock, "POST", "/v1.0/outdials", nobody))
    assert ("suspect", "/campaign_id") in {(finding.kind, finding.pointer) for finding in told}


def test_what_only_the_documents_refuse_is_suspect_in_recordings_of_the_server() -> None:
    server = mock_of("server", intercept=False)
    body = {name: value for name, value in PLAN.items() if name != "try_interval"}
    (finding,) = found(exchange(server, "POST", "/v1.0/outplans", body))
    assert (finding.kind, finding.pointer) == ("suspect", "/try_interval")


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("GET", "/v1.0/outplan", None, "the nearest is GET /v1.0/outplans"),
        ("PATCH", "/v1.0/outplans", None, "no such operation"),
        ("GET", "/v1.0/outplans/seven", None, "'seven' in the path is not a UUID"),
        ("GET", "/v1.0/outplans?page_size=all", None, "page_size must be"),
        ("POST", "/v1.0/outplans", "{", "cannot be decoded"),
        ("POST", "/v1.0/outplans", "[]", "expected an object"),
    ],
)
def test_requests_that_the_service_refuses_are_found(
    documented: Mock, method: str, path: str, body: Any, said: str
) -> None:
    findings = [f for f in found(exchange(documented, method, path, body)) if f.kind == "refused"]
    assert findings
    assert said in findings[0].message


def test_an_operation_that_is_only_not_mocked_is_no_fault(documented: Mock) -> None:
    assert not found(exchange(documented, "GET", "/v1.0/recordings"))


def test_an_access_key_in_the_wrong_place_is_found(documented: Mock) -> None:
    headers = {"headers": [{"name": "authorization", "value": f"Bearer vb_{CANARY}"}]}
    findings = found(exchange(documented, "GET", "/v1.0/outplans", request=headers))
    assert ["an access key goes into ?accesskey=" in f.message for f in findings] == [True]
    assert CANARY not in str(findings)


@pytest.mark.parametrize(
    ("change", "pointer", "said"),
    [
        (lambda row: {**row, "dial_timeout": "25000"}, "/dial_timeout", "an integer"),
        (lambda row: {k: v for k, v in row.items() if k != "source"}, "/source", '"source" is missing'),
        (lambda row: {**row, "colour": "red"}, "/colour", 'unknown member "colour"'),
        (lambda row: dict(sorted(row.items())), "", "members in the order"),
        (lambda row: {**row, "tm_create": "yesterday"}, "/tm_create", "a timestamp"),
    ],
)
def test_an_answer_that_does_not_fit_any_more_is_found(mock: Mock, change: Any, pointer: str, said: str) -> None:
    findings = found(answered(exchange(mock, "POST", "/v1.0/outplans", PLAN), change))
    assert [(f.kind, f.pointer) for f in findings] == [("answer", pointer)]
    assert said in findings[0].message


def test_an_error_that_is_no_envelope_is_found(documented: Mock) -> None:
    entry = exchange(documented, "GET", "/v1.0/outplans/7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f60")
    assert not found(entry)
    (finding,) = found(answered(entry, lambda body: {"message": "not found"}))
    assert finding.message.startswith('expected {"error": {...}}')
    (finding,) = found(
        answered(entry, lambda body: {"error": {**body["error"], "status": "INTERNAL"}}), profile="documented"
    )[:1]
    assert finding.pointer == "/error/status"


def test_an_answer_of_the_other_profile_is_named_by_its_point(documented: Mock) -> None:
    entry = exchange(documented, "POST", "/v1.0/outplans", PLAN)
    points = {f.message.partition(" ")[0] for f in found(entry, profile="server")}
    assert points == {"D1", "D2", "D4"}
    assert not found(entry, profile="documented")


def test_exchanges_with_others_are_left_alone(documented: Mock) -> None:
    entry = exchange(documented, "GET", "/v1.0/outplan")
    elsewhere = {**entry, "request": {**entry["request"], "url": "https://example.com/v1.0/outplan"}}
    result = verify(har(elsewhere))
    assert (result.ok, result.ignored, result.exchanges) == (False, 1, [])
    assert verify(har(elsewhere), base_url="https://example.com/v1.0").findings
    below = {**entry, "request": {**entry["request"], "url": "http://gateway:8080/voip/v1.0/outplan"}}
    assert verify(har(below), base_url="http://gateway:8080/voip/v1.0").findings


def test_bodies_in_base64_and_answers_that_never_came_are_read(documented: Mock) -> None:
    entry = exchange(documented, "POST", "/v1.0/outplans", PLAN)
    content = entry["response"]["content"]
    coded = {**content, "text": base64.b64encode(content["text"].encode()).decode(), "encoding": "base64"}
    assert not found({**entry, "response": {**entry["response"], "content": coded}})
    assert not found({**entry, "response": {"status": 0, "headers": [], "content": {}}})


def test_bodies_that_the_journal_cut_and_answers_that_a_fault_kept_back_are_no_finding(documented: Mock) -> None:
    documented.client.get("/v1.0/outplans")
    entry = documented.requests[0].as_dict()
    cut = {**entry, "reply": entry["reply"][:40], "cut": True}
    assert verify({"requests": [entry]}).ok
    assert not verify({"requests": [{**cut, "cut": False}]}).ok
    assert verify({"requests": [cut, {**entry, "status": 0, "reply": ""}]}).ok


def test_a_bundle_is_a_recording_too() -> None:
    with Mock(record=True, ignore=("all",)) as mock:
        mock.client.post("/v1.0/outplans", json=PLAN)
        mock.client.post("/v1.0/outplans", json={**PLAN, "dial_timeout": 30})
        (finding,) = verify(mock.bundle()).findings
    assert (finding.kind, finding.pointer) == ("suspect", "/dial_timeout")


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("{", "not JSON"),
        ("[]", "expected an object"),
        ('{"log": {}}', "neither log.entries"),
        ('{"log": {"entries": [{"request": {}}]}}', "/log/entries/0: damaged"),
    ],
)
def test_what_is_no_recording_is_refused_in_one_line(tmp_path: Path, document: str, why: str) -> None:
    path = tmp_path / "recording.har"
    path.write_text(document)
    with pytest.raises(MockUsageError, match=why) as caught:
        verify(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_the_command_tells_by_its_exit_and_in_three_formats(
    tmp_path: Path, documented: Mock, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "recording.har"
    good = exchange(documented, "POST", "/v1.0/outplans", PLAN)
    path.write_text(json.dumps(har(good)))
    assert cli.main(["contract", "verify", str(path)]) == 0
    assert capsys.readouterr().out.endswith("follows documented: 1 exchanges with the service, nothing to say\n")
    path.write_text(json.dumps(har(good, exchange(documented, "POST", "/v1.0/outplans", {**PLAN, "dial_timeout": 30}))))
    assert cli.main(["contract", "verify", str(path)]) == 1
    assert "/log/entries/1 POST /v1.0/outplans\n    suspect: /dial_timeout: 30 mill" in capsys.readouterr().out
    assert cli.main(["contract", "verify", str(path), "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [finding["place"] for finding in told["findings"]] == ["/log/entries/1"]
    assert cli.main(["contract", "verify", str(path), "--format", "junit"]) == 1
    suite = ElementTree.fromstring(capsys.readouterr().out)[0]
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("2", "1")
    assert cli.main(["contract", "verify", str(tmp_path / "none.har")]) == 2


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_no_credential_of_a_recording_is_shown(
    form: str, tmp_path: Path, documented: Mock, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = [
        exchange(documented, "GET", f"/v1.0/outplan?accesskey={CANARY}&token={CANARY}"),
        exchange(documented, "POST", "/auth/login", {"username": "x", "password": 7, "token": CANARY}),
        exchange(documented, "POST", "/auth/login", {"username": CANARY * 0, "password": [CANARY]}),
        exchange(documented, "PUT", "/v1.0/agents/seven/password", {"password": {"is": CANARY}}),
        answered(
            exchange(documented, "POST", "/v1.0/accesskeys", {"expire": 86400}), lambda row: {**row, "token": [CANARY]}
        ),
    ]
    path = tmp_path / "recording.har"
    path.write_text(json.dumps(har(*entries)))
    assert cli.main(["contract", "verify", str(path), "--format", form]) == 1
    said = capsys.readouterr()
    assert "outplan" in said.out
    assert CANARY not in said.out + said.err
