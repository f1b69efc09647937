"""`python -m tests.benchmarks.targets`: all contract cases, asked of a mock served in each way, in both profiles."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.contracting import told
from tests.support.redis_servers import SERVER, Fake, Server
from tests.support.targets import KINDS, run_cases, target


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.targets", description=__doc__)
    parser.add_argument("--only", default="", help="cases by name: 'outplans/*'")
    parser.add_argument("--kind", choices=KINDS, action="append")
    given = parser.parse_args()

    wrong = False
    with TemporaryDirectory() as directory, ExitStack() as stack:
        base = Path(directory)
        redis = stack.enter_context(closing(Fake() if SERVER is None else Server(base)))
        for kind in given.kind or KINDS:
            for profile in ("documented", "server"):
                with target(kind, base, redis.url, profile) as served:
                    began = time.perf_counter()
                    run = run_cases(served, profile, given.only or ())
                    lines = told(run)
                    wrong |= not run.ok
                    seconds = time.perf_counter() - began
                    print(
                        f"{kind} {profile}: {run.count('passed')} of {run.planned} cases in {seconds:.0f} s", flush=True
                    )
                    print("".join(f"    {line[:300]}\n" for line in lines[:20]), end="", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
