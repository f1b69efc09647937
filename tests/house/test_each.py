"""A test that is run for many things says of each that fails what failed."""

from __future__ import annotations

import pytest

from tests.support.each import for_each


def test_each_that_fails_is_named_and_what_it_failed_of() -> None:
    @for_each("number", [1, 2, 3, 4])
    def check(number: int) -> None:
        if number == 2:
            raise KeyError("two")
        if number == 3:
            with pytest.raises(ValueError, match="three"):
                pass
        assert number != 4, "it is four"

    with pytest.raises(AssertionError) as caught:
        check()
    lines = str(caught.value).splitlines()
    assert lines[:3] == ["3 of 4:", "2: KeyError: 'two'", "3: Failed: DID NOT RAISE ValueError"]
    assert lines[3].startswith("4: it is four")


def test_nothing_to_run_is_a_failure() -> None:
    @for_each("number", [])
    def check(number: int) -> None: ...

    with pytest.raises(AssertionError, match="there is no number"):
        check()
