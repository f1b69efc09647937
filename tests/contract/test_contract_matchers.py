"""What an expectation of a contract case accepts, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from voipbin_mock.contract.answers import make_answer
from voipbin_mock.contract.filling import Unkept, fill
from voipbin_mock.contract.promises import MATCHERS, broken

NEVER = "9999-01-01 00:00:00.000000"
STAMP, LATER = "2026-03-01 09:00:00.000001", "2026-03-01T09:00:00.00001Z"
UUID = "7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f60"

# matcher -> its argument, values it accepts, values it refuses
TABLE: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "$any": (True, [None, 0, "", {}], []),
    "$uuid": (True, [UUID], [UUID.upper(), UUID[:-1], "", None, 7]),
    "$stamp": (True, [STAMP, LATER], [NEVER, None, "", "soon", 7]),
    "$never": (True, [None, NEVER, ""], [STAMP, 0, False, []]),
    "$text": ("vb_[a-z]+", ["vb_x"], ["vb_", "vb_x ", "xvb_x", 7, None]),
    "$exactly": ({"a": 1, "b": [{}]}, [{"a": 1, "b": [{}]}], [{"a": 1}, {"a": True, "b": [{}]}, 7]),
    "$at_most": (1, [[], [1]], [[1, 2], "x", None]),
    "$after": (STAMP, [LATER], [STAMP, NEVER, None, "2026-03-01 09:00:00.000000"]),
    "$after_by": ([STAMP, 60], ["2026-03-01 09:01:00.000001", "2026-03-01T09:01:04Z"], [STAMP, NEVER, None, LATER]),
    "$same_moment": (LATER, ["2026-03-01 09:00:00.000010"], [STAMP, NEVER, None]),
    "$newest_first": ("at", [[{"at": LATER}, {"at": STAMP}]], [[{"at": STAMP}, {"at": LATER}], [{"at": NEVER}]]),
    "$not": ("done", ["idle", None, 7], ["done"]),
    "$one_of": (["a", {"x": 1}], ["a", {"x": 1, "y": 2}], ["b", None, {"x": 2}]),
    "$each": ({"a": 1}, [[], [{"a": 1}, {"a": 1, "b": 2}]], [[{"a": 1}, {"a": 2}], [7], {}, None]),
    "$has": ({"a": 1}, [[{"a": 2}, {"a": 1}]], [[], [{"a": 2}], None]),
    "$lacks": ({"a": 1}, [[], [{"a": 2}]], [[{"a": 2}, {"a": 1}], None]),
}  # fmt: skip


def wrong(wanted: Any, found: Any) -> bool:
    body = json.dumps({"member": found}).encode()
    return bool(broken({"body": {"member": wanted}}, make_answer(200, [], body)))


def test_every_matcher_is_in_the_table() -> None:
    assert TABLE.keys() | {"$absent"} == MATCHERS.keys()


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_matcher_accepts_and_refuses(name: str) -> None:
    argument, good, bad = TABLE[name]
    assert not [value for value in good if wrong({name: argument}, value)]
    assert not [value for value in bad if not wrong({name: argument}, value)]


def test_a_member_is_there_or_is_not() -> None:
    answer = make_answer(200, [], b'{"here": null}')
    assert not broken({"body": {"here": {"$any": True}, "gone": {"$absent": True}}}, answer)
    assert broken({"body": {"gone": {"$any": True}}}, answer)
    assert broken({"body": {"here": {"$absent": True}}}, answer)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [(1, True), (1, 1.0), (1, "1"), ("", None), ([], {}), ([1], [1, 2]), ({"a": 1}, {}), (None, False), (0, False)],
)
def test_a_value_must_be_equal_and_of_the_same_type(wanted: Any, found: Any) -> None:
    assert wrong(wanted, found)
    assert not wrong(found, found)


def test_an_object_may_have_more_members_and_a_list_no_more_items() -> None:
    assert not wrong({"a": 1}, {"a": 1, "b": 2})
    assert wrong([{"a": 1}], [{"a": 1}, {"a": 1}])


@pytest.mark.parametrize(
    ("expect", "status", "headers", "body", "where"),
    [
        ({"status": 200}, 201, {}, b"", "status"),
        ({"reason": "X"}, 400, {}, b'{"error":{"reason":"Y"}}', "/error/reason"),
        ({"reason": "X"}, 400, {}, b"oops", ""),
        ({"headers": {"X-A": "1"}}, 200, {"x-b": "1"}, b"", "X-A"),
        ({"empty": True}, 400, {}, b"{}", ""),
        ({"compact": True}, 200, {}, b'{"a": 1}', ""),
        ({"compact": True}, 200, {}, b'{"a":"<"}', ""),
        ({"compact": True}, 200, {}, b'{"a":1}\n', ""),
        ({"body": {}}, 200, {}, b"", ""),
    ],
)
def test_the_rest_of_an_answer_is_looked_at(
    expect: dict[str, Any], status: int, headers: dict[str, str], body: bytes, where: str
) -> None:
    (fault,) = broken(expect, make_answer(status, headers, body))
    assert fault.pointer == where


def test_values_are_filled_in_wherever_they_are_named() -> None:
    values = {"id": UUID, "plan": {"name": "${id}", "n": 1}, "left_out": "n", "size": ["1", "2"]}
    assert fill("/v1.0/outplans/${id}/x", values) == f"/v1.0/outplans/{UUID}/x"
    assert fill({"page_size": "${size}"}, values) == {"page_size": ["1", "2"]}
    assert fill({"$merge": ["${plan}", {"n": 2, "${left_out}x": 3}]}, values) == {"name": UUID, "n": 2, "nx": 3}
    assert fill({"$without": ["${plan}", "${left_out}"]}, values) == {"name": UUID}
    with pytest.raises(Unkept, match="nobody"):
        fill(["${nobody}"], values)
