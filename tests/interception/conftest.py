"""What tests of interception begin with: nothing that threads of other tests keep up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from voipbin_mock.interception import patches


@pytest.fixture(autouse=True)
def nothing_of_other_tests() -> Iterator[None]:
    patches._INTERCEPTION._over()
    yield
    patches._INTERCEPTION._over()
