"""`python -m tests.benchmarks.replicas --operations 100000`: two replicas of one mock, asked anything, in turns.

Every so often one of them starts anew, or the other leads, or what there is is kept and the log is cut; and they are
compared to the byte. Exit 1 if they differ.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
import warnings
from hashlib import sha256
from random import Random

from tests.support.wandering import Differ, Pair, wander
from voipbin_mock.world import profiles

AT_ONCE = 5_000  # requests to one pair; then another begins


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.replicas", description=__doc__)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--profile", choices=list(profiles.PROFILES), help="both, in turns, if none is given")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--told", action="store_true", help="say what came of it in one line that can be compared")
    given = parser.parse_args()
    logging.getLogger("voipbin_mock").setLevel(logging.CRITICAL)
    warnings.simplefilter("ignore")
    done, told, began = 0, sha256(), time.perf_counter()
    while done < given.operations:
        number = done // AT_ONCE
        profile = given.profile or list(profiles.PROFILES)[number % 2]
        pair = Pair(profile)
        asked = min(AT_ONCE, given.operations - done)
        try:
            wander(pair, asked, Random(f"{given.seed} {number}"))
        except Differ as error:
            print(f"{profile}, seed {given.seed}, after {pair.memory.end} entries: {error}")
            for name, request, status in pair.asked[-12:]:
                body = (request.body or b"")[:120]
                print(f"    {name}: {request.method} {request.path} {dict(request.query)} {body!r} -> {status}")
            return 1
        done += asked
        told.update(pair.replicas[0].replica.document())
        pair.close()
        if not given.told:
            seconds = time.perf_counter() - began
            codes = dict(sorted(pair.counts.items()))
            print(f"{done} operations in {seconds:.0f} s, all the same; {profile}: {codes}", flush=True)
    if given.told:
        print(told.hexdigest())
    return 0


if __name__ == "__main__":
    sys.exit(main())
