"""In one process, through the public surface alone: what a mock keeps, and what calls of it take, of a floor's.

A script of its own, so that it can be run against any checkout: `PYTHONPATH=CHECKOUT python probe.py`. Prints JSON.
"""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from werkzeug.test import Client

import voipbin_mock

sys.path[0] = str(Path(__file__).resolve().parents[2])  # what it is measured against is always this checkout's

from tests.benchmarks import floors  # noqa: E402
from tests.benchmarks.measure import Effort, Times, calls_in_turns, in_turns, per_call  # noqa: E402

PATH = "/v1.0/outplans"
SERVICE, STUBBED = "https://api.voipbin.net", "https://stub.invalid"
EFFORT = Effort(rounds=7, turn=0.02)


def of(times: Times, ours: str, floor: str) -> float:
    return median(a / b for a, b in zip(times[ours], times[floor], strict=True))


def calls(client: Any, headers: dict[str, str]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """A create and a get, tried once."""
    made = client.post(PATH, json=floors.BODY, headers=headers)
    assert made.status_code == 200
    path = f"{PATH}/{made.json['id']}"
    return (
        lambda: client.post(PATH, json=floors.BODY, headers=headers).json,
        lambda: client.get(path, headers=headers).json,
    )


def by_client() -> Iterator[tuple[str, float]]:
    mock, floor = voipbin_mock.Mock(), floors.app()
    pairs = {
        "ours": calls(mock.client, {}),
        "floor": calls(Client(floor), mock.headers),
        "floor test_client": calls(floor.test_client(), mock.headers),
    }
    try:
        app: Any = voipbin_mock.create_app()
        headers = app.extensions["voipbin_mock"].headers
        pairs |= {"app": calls(Client(app), headers), "app test_client": calls(app.test_client(), headers)}
    except (TypeError, AttributeError):
        app = None  # from before there were Flask apps
    for index, what in enumerate(("create", "get")):
        times = calls_in_turns({name: pair[index] for name, pair in pairs.items()}, EFFORT)
        yield f"{what}, Mock.client", of(times, "ours", "floor")
        if app is not None:
            yield f"{what}, Client(create_app())", of(times, "app", "floor")
            yield f"{what}, its test_client()", of(times, "app test_client", "floor test_client")


def by_requests() -> Iterator[tuple[str, float]]:
    import requests
    import responses

    mock, session = voipbin_mock.Mock(), requests.Session()
    headers = mock.headers

    @contextmanager
    def stubbed() -> Iterator[None]:
        stub = responses.RequestsMock(assert_all_requests_are_fired=False)
        kind = {"Content-Type": "application/json"}
        stub.add_callback(
            "POST",
            STUBBED + PATH,
            lambda request: (200, kind, json.dumps(floors.record(json.loads(request.body)))),
        )
        with stub:
            yield

    def timed(enter: Any, base: str) -> float:
        with enter():
            return per_call(lambda: session.post(base + PATH, json=floors.BODY, headers=headers).json(), EFFORT.turn)

    contenders = {"ours": lambda: timed(lambda: mock, SERVICE), "floor": lambda: timed(stubbed, STUBBED)}
    in_turns(contenders, 1)
    yield "create through requests, of responses", of(in_turns(contenders, EFFORT.rounds), "ours", "floor")


def by_memory() -> Iterator[tuple[str, float]]:
    """Kilobytes of a mock that nobody asks anything; the first one has loaded what all share."""
    voipbin_mock.Mock().close()
    gc.collect()
    tracemalloc.start()
    kept = [voipbin_mock.Mock() for _ in range(200)]
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    yield "an idle Mock(), in KB", held / len(kept) / 1024


if __name__ == "__main__":
    json.dump({name: ratio for part in (by_memory, by_client, by_requests) for name, ratio in part()}, sys.stdout)
