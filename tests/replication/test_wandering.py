"""Replicas that are asked anything at all, in turns, are the same to the byte: now, and whoever begins anew.

`python -m tests.benchmarks.replicas --operations 100000` is the long run.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.support.wandering import BODIES, LOOKS, NAMED, Differ, Pair
from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.operations import Operation

EXAMPLES, STEPS = 2, 20
SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Webhooks fail, and plans are never met: of that much is told here."""
    caplog.set_level(logging.CRITICAL, "voipbin_mock")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def machine_of(profile: str) -> type[RuleBasedStateMachine]:
    class Replicas(RuleBasedStateMachine):
        """What may be done to two replicas of one mock, in any order."""

        def __init__(self) -> None:
            super().__init__()
            self.pair, self.asked = Pair(profile), 0

        @rule(seed=SEEDS, which=st.integers(0, 1))
        def anything_is_asked(self, seed: int, which: int) -> None:
            random = Random(seed)
            for _ in range(6):
                self.pair.step(self.pair.wanderer.request(random), which)
                self.asked += 1

        @rule(seed=SEEDS, which=st.integers(0, 1))
        def a_control_call_is_made(self, seed: int, which: int) -> None:
            self.pair.step(self.pair.wanderer.control(Random(seed)), which)

        @precondition(lambda self: self.asked > 0)
        @rule()
        def what_there_is_is_kept_and_the_log_is_cut(self) -> None:
            self.pair.keep()

        @precondition(lambda self: self.asked > 0)
        @rule()
        def another_takes_the_followers_place(self) -> None:
            self.pair.replace()

        @rule()
        def another_leads(self) -> None:
            self.pair.fail_over()

        @rule(seed=SEEDS)
        def they_are_the_same(self, seed: int) -> None:
            self.pair.check(Random(seed), 4)

        def teardown(self) -> None:
            try:
                self.pair.check(Random(self.asked), 12)
            finally:
                self.pair.close()

    return Replicas


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_replicas_are_the_same_whatever_is_done_to_them(profile: str) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine_of(profile),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_every_control_call_that_writes_is_among_what_is_asked() -> None:
    pair = Pair()
    catalog = catalog_of(pair.replicas[0].mock.world)
    writes = {each.label.replace("/__mock__/", "") for each in catalog.operations if each.control and is_write(each)}
    assert set(pair.wanderer.controls) == writes
    assert BODIES.keys() <= writes
    nameless = [label for label in writes if "{" in label and not any(name in label for name in NAMED)]
    assert nameless == []
    pair.close()


def is_write(operation: Operation) -> bool:
    return operation.method != "GET"


def test_a_replica_that_makes_something_else_is_found() -> None:
    pair = Pair()
    pair.step(pair.wanderer.control(Random(1)), 0)
    pair.check(Random(1), len(LOOKS))
    pair.replicas[1].mock.world.ids.uuid()  # it draws what nobody else does
    with pytest.raises(Differ, match="state differs"):
        pair.check(Random(1), 1)
    pair.close()


def test_a_session_that_is_gone_elsewhere_begins_anew_in_all_of_them() -> None:
    pair = Pair()
    one, two = pair.replicas
    clock = "/__session__/worker-1/__mock__/clock"
    for replica in (one, two):
        assert replica.call("GET", clock)[0] == 200
    assert one.call("DELETE", "/__mock__/sessions/worker-1")[0] == 200
    two.call("GET", clock)  # it has not heard of that
    pair.check()
    assert one.sessions() == two.sessions() == ["worker-1"]
    pair.close()


def test_processes_whose_hashes_differ_make_the_same_of_it() -> None:
    command = [sys.executable, "-m", "tests.benchmarks.replicas", "--operations", "40", "--seed", "7", "--told"]
    running = [
        subprocess.Popen(command, env={**os.environ, "PYTHONHASHSEED": hashes}, stdout=subprocess.PIPE, text=True)
        for hashes in ("1", "2")
    ]
    told = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0], told
    assert told[0] == told[1] != ""
