"""Many threads against the live server; `python -m tests.benchmarks --only load` is the long run of it."""

from __future__ import annotations

import pytest

from tests.benchmarks import load
from tests.support.processes import facts_of, serving, stop


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_64_clients_lose_nothing_and_meet_nothing_twice(profile: str) -> None:
    with serving("--port", "0", "--json", "--quiet", "--profile", profile) as server:
        facts = facts_of(server)
        headers = {"Authorization": f"Bearer {facts['token']}"}
        outcome = load.run(facts["url"].removesuffix("/v1.0"), headers, seconds=1.0)
        assert not outcome.faults
        assert set(outcome.codes) == {200}
        assert outcome.walks > 1
        assert outcome.opened == load.CLIENTS  # every one stayed on its connection
        assert stop(server) == (0, "")
