"""That the fuzz finds what it is for; `.ci/run` lets it loose on every operation."""

from __future__ import annotations

from typing import Any

import pytest
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from tests.support.fuzz import LEFT_OUT, MODES, Fuzz, checks
from voipbin_mock.wire.values import Reply

LIST = "GET /v1.0/campaigns"


@pytest.fixture(scope="module")
def fuzz() -> Fuzz:
    return Fuzz("documented")


def operation(fuzz: Fuzz, label: str) -> Any:
    (found,) = [operation for operation in fuzz.operations if operation.label == label]
    return found


@pytest.mark.parametrize("mode", list(MODES))
def test_whatever_is_sent_the_answer_is_as_described(fuzz: Fuzz, mode: str) -> None:
    fuzz.run(operation(fuzz, LIST), mode, 4)
    assert sum(fuzz.counts.values()) >= 4


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (Reply(200, b'{"result":[{"id":1}],"next_page_token":""}'), "Response violates schema"),
        (Reply(500, b'{"error":{"reason":"INTERNAL"}}'), "Undocumented status code"),
        (Reply(409, b'{"error":{"reason":"STATE_INVALID"}}'), "Undocumented status code"),
    ],
    ids=["schema", "500", "409"],
)
def test_an_answer_that_is_not_described_is_found(
    fuzz: Fuzz, monkeypatch: pytest.MonkeyPatch, answer: Reply, found: str
) -> None:
    monkeypatch.setattr("voipbin_mock.edge.door.respond", lambda *_: (answer, None))
    with pytest.raises(FailureGroup, match=found):
        fuzz.run(operation(fuzz, LIST), "positive", 1)


def test_every_check_of_the_library_is_asked_or_left_out_for_a_reason() -> None:
    names = {check.__name__ for check in checks()}
    assert set(CHECKS.get_all_names()) <= names | set(LEFT_OUT)  # an older library has fewer
    assert not names & set(LEFT_OUT)
