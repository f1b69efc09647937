"""`python -m tests.benchmarks.floor_server`: the bare Flask app on the mock's own server, until stdin closes."""

from __future__ import annotations

import sys

from tests.benchmarks import floors
from voipbin_mock.server.live import LiveServer


def main() -> None:
    with LiveServer(floors.app()) as server:
        print(server.origin, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
