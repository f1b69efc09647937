"""A campaign played to its end: three destinations a target, retries after two hours, outcomes by chance.

Each size runs in a process of its own, so that its memory is its own. `python -m
tests.benchmarks.campaign 10000` plays one.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from tests.benchmarks.measure import Effort, Row
from voipbin_mock import Answer, Busy, Chance, Mock, NoAnswer, Rejected

SIZES = (1_000, 10_000)
LARGE = (1_000, 10_000, 100_000)


def play(size: int, listen: bool = False) -> dict[str, Any]:
    """Set it up, play it, and say what it took; with `listen`, `log` tells runs apart, to the byte."""
    with Mock(clock="2026-03-01T09:00:00Z", random_seed=1) as mock:
        mock.phone("*").script(Chance({Answer("30s"): 4, Busy(): 3, NoAnswer(): 2, Rejected(): 1}))
        plan = mock.outplans.create(
            dial_timeout=30_000, try_interval=7_200_000, max_try_count_0=2, max_try_count_1=2, max_try_count_2=2
        )
        outdial = mock.outdials.create(name="customers")
        for number in range(size):
            slots = {f"destination_{n}": {"type": "tel", "target": f"+1555{n}{number:06d}"} for n in range(3)}
            mock.targets.create(outdial_id=outdial.id, **slots)
        campaign = mock.campaigns.create(outplan_id=plan.id, outdial_id=outdial.id, end_handle="continue")
        log = sha256()
        if listen:
            mock.world.bus.subscribe(
                lambda event: log.update(f"{event.microseconds} {event.type} {event.data}".encode())
            )
        wall, cpu = time.perf_counter(), time.process_time()
        mock.client.put(f"/v1.0/campaigns/{campaign.id}/status", json={"status": "run"})
        mock.clock.run_until()
        return {
            "seconds": time.perf_counter() - wall,
            "cpu": time.process_time() - cpu,
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "calls": len(mock.world.store["campaigncalls"]),
            "events": mock.world.bus.published,
            "log": log.hexdigest(),
        }


def _played(size: int, *listen: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.campaign", str(size), *listen]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def campaign(effort: Effort, sizes: Sequence[int] = SIZES) -> Iterator[Row]:
    """Seconds to play a campaign, and megabytes at the most."""
    if len({_played(sizes[0], "listen")["log"] for _ in range(2)}) > 1:
        raise RuntimeError("two runs of one random seed differ")
    for size in sizes:
        run = _played(size)
        note = f"{run['calls']:,} calls, {run['events']:,} events, {run['megabytes']:.0f} MB, cpu {run['cpu']:.1f} s"
        yield Row(f"campaign of {size:,}", run["seconds"], 10.0 if size == 10_000 else None, unit="s", note=note)


def large(effort: Effort) -> Iterator[Row]:
    return campaign(effort, LARGE)


if __name__ == "__main__":
    print(json.dumps(play(int(sys.argv[1]), listen=len(sys.argv) > 2)))
