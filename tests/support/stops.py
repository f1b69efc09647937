"""Many servers, started and stopped side by side: `python -m tests.support.stops --count 400 --at-once 6`.

Each is told to stop at a moment of its own, from its first line on; one that does not within ten seconds is
counted and named. Exit 1 if there was any.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.support.processes import line_of, serving

PATIENCE = 10  # seconds


def stops(number: int) -> float | None:
    """Start a server, stop it; the seconds that took, or None if it did not stop."""
    chance = random.Random(number)
    with serving("--port", "0", "--quiet") as server:
        line_of(server)
        time.sleep(chance.choice([0.0, chance.uniform(0, 0.005), chance.uniform(0, 0.3)]))
        begun = time.monotonic()
        server.send_signal(chance.choice([signal.SIGINT, signal.SIGTERM]))
        try:
            code = server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return None
        return time.monotonic() - begun if code == 0 else None


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.support.stops")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--at-once", type=int, default=6)
    arguments = parser.parse_args()
    with ThreadPoolExecutor(arguments.at_once) as several:
        taken = list(several.map(stops, range(arguments.count)))
    stopped = sorted(each for each in taken if each is not None)
    slowest = f", the slowest in {stopped[-1]:.2f} s" if stopped else ""
    sys.stdout.write(f"{len(stopped)} of {len(taken)} servers stopped{slowest}\n")
    return 0 if len(stopped) == len(taken) else 1


if __name__ == "__main__":
    sys.exit(main())
