"""A short run of schemathesis over WSGI, always the same; `python -m tests.support.fuzz` is the long one."""

from __future__ import annotations

import pytest
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from tests.support.fuzz import LEFT_OUT, MODES, Fuzz, checks
from voipbin_mock.wire.values import Reply
from voipbin_mock.world import profiles

# Of every kind of operation one or two: the long run asks them all.
ASKED = (
    "POST /v1.0/outplans",
    "GET /v1.0/outplans/{id}",
    "GET /v1.0/campaigns",
    "PUT /v1.0/campaigns/{id}/status",
    "POST /v1.0/calls",
    "POST /v1.0/outdials/{id}/targets",
    "POST /v1.0/numbers",
    "DELETE /v1.0/campaigncalls/{id}",
    "GET /v1.0/available_numbers",
    "POST /auth/login",
)
EXAMPLES = 4


@pytest.fixture(scope="module", params=list(profiles.PROFILES))
def fuzz(request: pytest.FixtureRequest) -> Fuzz:
    return Fuzz(request.param)


@pytest.mark.parametrize("mode", list(MODES))
@pytest.mark.parametrize("label", ASKED)
def test_whatever_is_sent_the_answer_is_as_described(fuzz: Fuzz, label: str, mode: str) -> None:
    (operation,) = [operation for operation in fuzz.operations if operation.label == label]
    try:
        fuzz.run(operation, mode, EXAMPLES)
    except Unsatisfiable:
        assert mode == "negative"


def test_an_answer_off_its_schema_is_found(fuzz: Fuzz, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*_: object) -> tuple[Reply, None]:
        return Reply(200, b'{"result":[{"id":1}],"next_page_token":""}'), None

    (operation,) = [operation for operation in fuzz.operations if operation.label == "GET /v1.0/campaigns"]
    monkeypatch.setattr("voipbin_mock.edge.door.respond", answer)
    with pytest.raises(FailureGroup, match="Response violates schema"):
        fuzz.run(operation, "positive", 1)


def test_every_check_of_the_library_is_asked_or_left_out_for_a_reason() -> None:
    names = {check.__name__ for check in checks("documented", True)}
    assert set(CHECKS.get_all_names()) <= names | set(LEFT_OUT)  # an older library has fewer
    assert not names & set(LEFT_OUT)
