"""A signal ends what it should end, whatever the main thread is doing when it comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.support.processes import environment, facts_of, serving, stop
from voipbin_mock.command import interrupts

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends signals")

# The main thread never gets a signal; an older one does, and has nothing to do with it. So Python's own handler
# waits for the main thread's next step, as it does for a signal that comes between its last look and a long wait.
DEAF = """
import signal, sys, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
"""
SERVE_DEAF = DEAF + "from voipbin_mock.command.main import main; sys.exit(main())"


@pytest.mark.parametrize("how", interrupts.SIGNALS)
def test_the_server_stops_although_its_main_thread_is_not_woken(how: signal.Signals) -> None:
    with serving("--port", "0", "--json", command=[sys.executable, "-W", "error", "-c", SERVE_DEAF]) as server:
        facts_of(server)
        assert stop(server, how)[0] == 0


@pytest.mark.parametrize("how", interrupts.SIGNALS)
def test_a_second_signal_ends_the_process_although_its_main_thread_hangs(how: signal.Signals) -> None:
    hang = """
from voipbin_mock.command import interrupts
with interrupts.heard(lambda: print("first", flush=True)):
    print("ready", flush=True)
    threading.Event().wait()
"""
    command = [sys.executable, "-c", DEAF + hang]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(how)
        assert process.stdout.readline() == "first\n"
        process.send_signal(how)
        assert process.wait(10) == 128 + how


def test_servers_that_start_and_stop_side_by_side_all_stop() -> None:
    def round_trip(number: int) -> int:
        with serving("--port", "0", "--json") as server:
            facts_of(server)
            return stop(server, interrupts.SIGNALS[number % 2])[0]

    with ThreadPoolExecutor(4) as several:
        assert set(several.map(round_trip, range(8))) == {0}


def test_what_was_there_before_is_put_back() -> None:
    @contextmanager
    def handlers() -> Iterator[list[object]]:
        found: list[object] = [signal.getsignal(name) for name in interrupts.SIGNALS]
        yield found
        assert [signal.getsignal(name) for name in interrupts.SIGNALS] == found

    threads = threading.active_count()
    with handlers() as before, interrupts.heard(lambda: None):
        assert [signal.getsignal(name) for name in interrupts.SIGNALS] != before
    assert threading.active_count() == threads


def test_outside_the_main_thread_nothing_is_heard_and_nothing_changes() -> None:
    def listen() -> list[object]:
        with interrupts.heard(lambda: None):
            return [signal.getsignal(name) for name in interrupts.SIGNALS]

    before = [signal.getsignal(name) for name in interrupts.SIGNALS]
    with ThreadPoolExecutor(1) as other:
        assert other.submit(listen).result() == before
