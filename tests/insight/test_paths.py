"""Paths with wildcards: what they stand for, and that no path makes matching slow."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voipbin_mock import Mock
from voipbin_mock.wire.matching import path_pattern

_SPLIT = re.compile(r"(\{[^{}/]*\}|\*\*|\*)")
_WORDS = {"*": "[^/]*", "**": ".*"}


def expression(path: str) -> re.Pattern[str]:
    """The same as an expression, for short paths: it takes exponential time for others."""
    pieces = _SPLIT.split(path)
    return re.compile("".join(_WORDS.get(p, "[^/]+") if n % 2 else re.escape(p) for n, p in enumerate(pieces)))


pieces = st.lists(st.sampled_from(["a", "b", "/", "*", "**", "***", "{id}", "{", "}"]), max_size=7)


@given(pieces.map("".join), st.text("ab/{}", max_size=8))
def test_a_pattern_means_what_its_expression_does(pattern: str, path: str) -> None:
    assert path_pattern(pattern).fullmatch(path) == (expression(pattern).fullmatch(path) is not None)


def steps(work: Callable[[], Any]) -> int:
    """How many lines of Python a piece of work runs."""
    count = 0

    def trace(frame: Any, event: str, argument: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("piece", ["**/", "*/", "**a", "*a*", "{id}", "{id}*", "a**/"])
def test_twice_the_path_is_twice_the_work(piece: str) -> None:
    pattern = path_pattern("/" + piece * 10 + "z")
    short, long = (steps(lambda n=n: pattern.fullmatch("/a" * n)) for n in (200, 400))  # type: ignore[misc]
    assert long <= 2.5 * short + 20


@pytest.mark.parametrize("piece", ["**/", "{id}*", "*a*"])
def test_twice_the_pattern_is_twice_the_work(piece: str) -> None:
    def work(n: int) -> int:
        return steps(lambda: path_pattern.__wrapped__("/" + piece * n + "z").fullmatch("/a" * 60))

    assert work(400) <= 2.5 * work(200) + 20


def test_faults_stubs_and_the_journal_take_any_pattern() -> None:
    with Mock(unused="ignore") as mock:
        pattern = "/" + "**/" * 30 + "z"
        mock.stub(f"GET {pattern}", json={})
        mock.faults.error("GET /" + "**" * 30 + "*", "INTERNAL", times=1)
        path = "/a" * 60
        assert mock.client.get(path).status_code in (404, 500)
        assert mock.client.get(path + "/z").status_code in (200, 500)
        assert mock.journal.count("GET", pattern) == 1
        mock.journal.assert_not_called("GET", "/" + "**/b" * 30)
