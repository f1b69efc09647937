"""What cases make on a target is deleted again whatever its answers look like, or it is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.contracting import EVERYTHING, mock_of
from tests.support.spoiling import Spoiled, live_rows, with_json
from voipbin_mock.contract import MockTarget, Runner, TargetError
from voipbin_mock.contract.answers import Answer
from voipbin_mock.contract.casebook import load
from voipbin_mock.contract.runner import Run

CREATING = ["outplans/*", "outdials/*", "campaigns/*", "queues/*", "flows/*", "tags/*", "agents/*", "accesskeys/*"]


def is_create(method: str, path: str, answer: Answer) -> bool:
    return method == "POST" and answer.status == 200 and "/" not in path.removeprefix("/v1.0/")


def run(target: Spoiled, only: Any = CREATING) -> Run:
    return Runner(target, "documented", allowed=EVERYTHING).run(load(only=only, profile="documented"))


def changed(status: int = 200, wrap: Callable[[Any], Any] = lambda value: value) -> Spoiled:
    def spoil(method: str, path: str, answer: Answer) -> Answer:
        if not is_create(method, path, answer):
            return answer
        return with_json(answer._replace(status=status), wrap(answer.json()))

    return Spoiled(spoil)


@pytest.mark.parametrize(
    ("status", "wrap"),
    [
        (201, lambda value: value),
        (202, lambda value: value),
        (200, lambda value: {"data": value}),
        (201, lambda value: {"result": [value]}),
        (201, lambda value: {"code": 0, "data": {"item": value}}),
        (201, lambda value: {}),
        (200, lambda value: {name: item for name, item in value.items() if name != "id"}),
        (502, lambda value: "bad gateway"),
        (400, lambda value: {"error": "no"}),
    ],
)
def test_a_server_that_answers_a_create_otherwise_keeps_nothing(status: int, wrap: Callable[[Any], Any]) -> None:
    target = changed(status, wrap)
    before = live_rows(target)
    found = run(target)
    assert found.failed
    assert live_rows(target) == before
    assert not found.left_behind


def test_a_location_names_what_was_made() -> None:
    def spoil(method: str, path: str, answer: Answer) -> Answer:
        if not is_create(method, path, answer):
            return answer
        return Answer(201, (*answer.headers, ("location", f"{path}/{answer.json()['id']}")), b"")

    target = Spoiled(spoil)
    before = live_rows(target)
    assert run(target, "tags/*").failed
    assert live_rows(target) == before


def test_what_a_lost_answer_was_about_is_found_and_deleted() -> None:
    def spoil(method: str, path: str, answer: Answer) -> Answer:
        if is_create(method, path, answer) and len(target.asked) % 3 == 0:
            raise TargetError("reset by peer")
        return answer

    target = Spoiled(spoil)
    before = live_rows(target)
    found = run(target)
    assert {result.why for result in found.failed} == {"reset by peer"}
    assert live_rows(target) == before
    assert not found.left_behind


def test_what_cannot_be_found_is_said_to_be_left_perhaps() -> None:
    def spoil(method: str, path: str, answer: Answer) -> Answer:
        if is_create(method, path, answer):
            return Answer(201, answer.headers, b"")
        return answer._replace(status=503) if method == "GET" else answer

    target = Spoiled(spoil)
    found = run(target, "tags/lives-*")
    assert not found.ok
    assert found.left_behind == ["/v1.0/tags: something may be left: its list cannot be read"]


def test_a_delete_that_deletes_nothing_is_no_clean_up() -> None:
    def spoil(method: str, path: str, answer: Answer) -> Answer:
        if method != "DELETE":
            return answer
        target.mock.restore(kept[0])
        return Answer(200, answer.headers, b"{}")

    target = Spoiled(spoil)
    right, kept = target.spoil, [target.mock.snapshot()]

    def remember(method: str, path: str, answer: Answer) -> Answer:
        if method != "DELETE":
            kept[0] = target.mock.snapshot()
        return right(method, path, answer)

    target.spoil = remember
    found = run(target, "outplans/id-may-be-spelled-otherwise")
    assert [left.startswith("/v1.0/outplans/") for left in found.left_behind] == [True]
    assert not found.ok


def test_what_is_to_be_put_back_and_is_not_is_told() -> None:
    def spoil(method: str, path: str, answer: Answer) -> Answer:
        puts = target.asked.count("PUT /v1.0/customer")
        return answer._replace(status=500) if path == "/v1.0/customer" and puts > 1 else answer

    target = Spoiled(spoil)
    found = run(target, "customer/is-changed-and-put-back")
    assert found.left_behind == ["PUT /v1.0/customer was answered with 500, so what it is to put back is not"]


@pytest.mark.parametrize("nth", range(1, 12))
def test_an_interrupt_at_any_request_leaves_nothing_or_names_it(nth: int) -> None:
    def spoil(method: str, path: str, answer: Answer) -> Answer:
        if len(target.asked) == nth:
            raise KeyboardInterrupt
        return answer

    target = Spoiled(spoil)
    before = live_rows(target)
    runner = Runner(target, "documented", allowed=EVERYTHING)
    with pytest.raises(KeyboardInterrupt):
        runner.run(load(only="targets/are-paged*") + load(only="campaigns/takes-*"))
    left = {name: count - before[name] for name, count in live_rows(target).items() if count > before[name]}
    named = [path.rpartition("/")[0].rpartition("/")[2] for path in runner.left_behind]
    assert sum(left.values()) <= len(named)
    assert runner.so_far.interrupted
    assert runner.so_far.results[-1].why == "it was interrupted"
    assert not runner.so_far.ok


def test_what_is_not_deleted_yet_is_known_at_any_time() -> None:
    seen: list[list[str]] = []

    def spoil(method: str, path: str, answer: Answer) -> Answer:
        if method == "PUT":
            seen.append(runner.pending())
        return answer

    target = Spoiled(spoil)
    runner = Runner(target, "documented", allowed=EVERYTHING)
    runner.run(load(only="tags/lives-*"))
    assert [[path.rpartition("/")[0] for path in paths] for paths in seen] == [["/v1.0/tags"]]
    assert runner.pending() == []


# --- what was there before -------------------------------------------------------------------------


def test_a_short_mark_makes_nothing_that_was_there_the_runs_own() -> None:
    """Every number has a 0, so by the mark "0" the account's would be taken for those that a case made."""
    target = MockTarget("server", mock_of("server", intercept=False))
    target.values["unique"] = "0"
    before = [number.id for number in target.mock.numbers.list()]
    found = Runner(target, "server", allowed=EVERYTHING).run(load(only="numbers/*", profile="server"))
    assert found.ok
    assert not found.left_behind
    assert before
    assert [number.id for number in target.mock.numbers.list()] == before


def test_a_refusal_that_was_promised_is_no_lost_answer() -> None:
    target = Spoiled(lambda method, path, answer: answer, "server")
    found = Runner(target, "server", allowed=EVERYTHING).run(load(only="numbers/the-range-*", profile="server"))
    assert found.ok
    assert not [asked for asked in target.asked if asked.startswith(("GET /v1.0/numbers", "DELETE"))]


def test_a_lost_answer_to_what_has_a_short_mark_is_told_and_stays() -> None:
    def spoil(method: str, path: str, answer: Answer) -> Answer:
        if is_create(method, path, answer) and target.asked.count("POST /v1.0/tags") == 2:
            raise TargetError("reset by peer")
        return answer

    target = Spoiled(spoil)
    target.values["unique"] = "0"
    before = live_rows(target)["tags"]
    found = run(target, "tags/*")
    assert found.left_behind == [
        "/v1.0/tags: something may be left: what was made there was not told, and has no name of its own"
    ]
    assert live_rows(target)["tags"] == before + 1


def test_what_was_made_although_it_was_refused_as_promised_is_deleted_too() -> None:
    def spoil(method: str, path: str, answer: Answer) -> Answer:
        if method == "POST" and path == "/v1.0/outplans" and answer.status == 400:
            target.mock.outplans.create(name=f"contract {target.values['unique']}")
        return answer

    target = Spoiled(spoil)
    before = live_rows(target)
    made = len(target.mock.world.store["outplans"])
    found = run(target, "outplans/left-out-members*")
    assert len(target.mock.world.store["outplans"]) > made, "nothing was refused"
    assert live_rows(target) == before
    assert not found.left_behind
