"""Requests without a socket."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

from flask import Flask
from werkzeug.test import Client

from tests.benchmarks import floors, through_clients
from tests.benchmarks.measure import Call, Effort, Row, calls_in_turns, ratio
from voipbin_mock import Mock

PATH = "/v1.0/outplans"


def checked(ask: Callable[[], Any], status: int = 200) -> Call:
    """A request as a user makes it: the answer is decoded. Tried once, lest an error be timed."""
    tried = ask()
    if tried.status_code != status:
        raise RuntimeError(f"{tried.status_code} instead of {status}: {tried.text}")
    return lambda: _decoded(ask())


def _decoded(response: Any) -> Any:
    value = response.json
    return value() if callable(value) else value  # werkzeug has a property, httpx and requests a method


def creates(app: Any, headers: dict[str, str], status: int = 200, body: Any = floors.BODY) -> Call:
    client = Client(app)
    return checked(lambda: client.post(PATH, json=body, headers=headers), status)


def gets(app: Any, headers: dict[str, str], path: str) -> Call:
    client = Client(app)
    return checked(lambda: client.get(path, headers=headers))


def create(effort: Effort) -> Iterator[Row]:
    mock = Mock()
    ready = mock.client
    times = calls_in_turns(
        {
            "ours": creates(mock.app, mock.headers),
            "ready": checked(lambda: ready.post(PATH, json=floors.BODY)),
            "jsonify": creates(floors.app(), mock.headers),
            "dumps": creates(floors.app(floors.dumped), mock.headers),
        },
        effort,
    )
    yield ratio("create, werkzeug Client", times, "ours", "jsonify", 1.20)
    yield ratio("create, of a leaner floor", times, "ours", "dumps", note="json.dumps instead of jsonify")
    yield ratio("create, Mock.client", times, "ready", "jsonify", note="our client adds the credential")


def create_httpx(effort: Effort) -> Iterator[Row]:
    import httpx

    mock = Mock()

    def through(transport: Any) -> Call:
        client = httpx.Client(transport=transport, base_url=mock.origin, headers=mock.headers)
        return checked(lambda: client.post(PATH, json=floors.BODY))

    times = calls_in_turns(
        {"ours": through(mock.httpx_transport()), "floor": through(httpx.WSGITransport(app=floors.app()))}, effort
    )
    yield ratio("create, httpx.WSGITransport", times, "ours", "floor", 1.15)


def create_requests(effort: Effort) -> Iterator[Row]:
    import requests

    mock = Mock()
    ours, theirs, headers = requests.Session(), requests.Session(), mock.headers
    ours.mount(mock.origin, mock.requests_adapter())
    times = through_clients.timed(
        {
            "ours": (
                nullcontext,
                lambda: _decoded(ours.post(mock.url + "/outplans", json=floors.BODY, headers=headers)),
            ),
            "responses": (
                through_clients.by_responses,
                lambda: _decoded(theirs.post(through_clients.STUBBED + PATH, json=floors.BODY, headers=headers)),
            ),
        },
        effort,
    )
    yield ratio("create, requests adapter", times, "ours", "responses", note="of a hand-written responses callback")


def get(effort: Effort) -> Iterator[Row]:
    mock, floor = Mock(), floors.app()
    paths = {}
    for name, app in (("ours", mock.app), ("floor", floor)):
        made = Client(app).post(PATH, json=floors.BODY, headers=mock.headers).json
        paths[name] = f"{PATH}/{made['id']}"
    times = calls_in_turns(
        {
            "ours": gets(mock.app, mock.headers, paths["ours"]),
            "floor": gets(floor, mock.headers, paths["floor"]),
        },
        effort,
    )
    yield ratio("get by id", times, "ours", "floor", 1.15)


def rejected(effort: Effort) -> Iterator[Row]:
    mock = Mock()
    validator = mock.world.catalog.resources["outplans"].part("create").validator()
    times = calls_in_turns(
        {
            "ours": creates(mock.app, mock.headers, 400, floors.REJECTED),
            "floor": creates(floors.app(validator=validator), mock.headers, 400, floors.REJECTED),
        },
        effort,
    )
    yield ratio("a rejected body", times, "ours", "floor", 1.25, "three faults; floor: cached iter_errors")


def page(effort: Effort) -> Iterator[Row]:
    mock, floor = Mock(), floors.app()
    for app in (mock.app, floor):
        client = Client(app)
        for _ in range(150):
            client.post(PATH, json=floors.BODY, headers=mock.headers)
    times = calls_in_turns(
        {"ours": gets(mock.app, mock.headers, PATH), "floor": gets(floor, mock.headers, PATH)}, effort
    )
    yield ratio("page of 100", times, "ours", "floor", 1.05)


def reset(effort: Effort) -> Iterator[Row]:
    """The floor keeps the same seed records in dicts, and copies those back."""
    mock = Mock()
    seed = {table.name: {row.id: row.data for row in table} for table in mock.world.store}
    live: dict[str, dict[str, Any]] = {}

    def put_back() -> None:
        live.update({name: rows.copy() for name, rows in seed.items()})

    times = calls_in_turns(
        {"ours": mock.reset, "new": Mock, "floor": put_back, "flask": lambda: floors.app()},
        effort,
    )
    yield ratio("reset", times, "ours", "floor", note="floor: copying the seed's dicts back")
    yield ratio("a new Mock()", times, "new", "flask", note="of building a Flask app of five rules")


def memory(effort: Effort) -> Iterator[Row]:
    """Bytes that a created record keeps, by tracemalloc; the journal is full before."""
    mock, floor = Mock(), floors.app()
    count = 2000
    kept = {}
    contenders: dict[str, Mock | Flask] = {"ours": mock, "floor": floor}
    for name, owner in contenders.items():
        call = creates(owner.app if isinstance(owner, Mock) else owner, mock.headers)
        for _ in range(1100):
            call()
        gc.collect()
        tracemalloc.start()
        for _ in range(count):
            call()
        gc.collect()
        kept[name] = tracemalloc.get_traced_memory()[0] / count
        tracemalloc.stop()
    note = f"{kept['ours']:.0f} bytes of {kept['floor']:.0f}; a kept text included"
    yield Row("memory per record", kept["ours"] / kept["floor"], note=note)
