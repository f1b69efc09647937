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
from voipbin_mock import Mock, create_app

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
    return creating(Client(app), headers, status, body)


def gets(app: Any, headers: dict[str, str], path: str) -> Call:
    return getting(Client(app), headers, path)


def creating(client: Any, headers: dict[str, str], status: int = 200, body: Any = floors.BODY) -> Call:
    return checked(lambda: client.post(PATH, json=body, headers=headers), status)


def getting(client: Any, headers: dict[str, str], path: str) -> Call:
    return checked(lambda: client.get(path, headers=headers))


def create(effort: Effort) -> Iterator[Row]:
    mock, app, floor = Mock(), create_app(), floors.app()
    ready, theirs = mock.client, app.extensions["voipbin_mock"].headers
    times = calls_in_turns(
        {
            "ours": creates(mock.door, mock.headers),
            "ready": checked(lambda: ready.post(PATH, json=floors.BODY)),
            "jsonify": creates(floor, mock.headers),
            "dumps": creates(floors.app(floors.dumped), mock.headers),
            "app": creates(app, theirs),
            "app test_client": creating(app.test_client(), theirs),
            "floor test_client": creating(floor.test_client(), mock.headers),
        },
        effort,
    )
    yield ratio("create, werkzeug Client", times, "ours", "jsonify", 1.08)
    yield ratio("create, of a leaner floor", times, "ours", "dumps", note="json.dumps instead of jsonify")
    yield ratio("create, Mock.client", times, "ready", "jsonify", 1.08, "our client adds the credential")
    yield ratio("create, Client(create_app())", times, "app", "jsonify", 1.08)
    yield ratio("create, its test_client()", times, "app test_client", "floor test_client", 1.08)


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
    yield ratio("create, requests adapter", times, "ours", "responses", None, "of a hand-written responses callback")


def get(effort: Effort) -> Iterator[Row]:
    mock, app, floor = Mock(), create_app(), floors.app()
    theirs, ready = app.extensions["voipbin_mock"].headers, mock.client
    paths = {}
    for name, one, headers in (("ours", mock.door, mock.headers), ("app", app, theirs), ("floor", floor, {})):
        made = Client(one).post(PATH, json=floors.BODY, headers=headers).json
        paths[name] = f"{PATH}/{made['id']}"
    times = calls_in_turns(
        {
            "ours": gets(mock.door, mock.headers, paths["ours"]),
            "ready": checked(lambda: ready.get(paths["ours"])),
            "floor": gets(floor, mock.headers, paths["floor"]),
            "app": gets(app, theirs, paths["app"]),
            "app test_client": getting(app.test_client(), theirs, paths["app"]),
            "floor test_client": getting(floor.test_client(), mock.headers, paths["floor"]),
        },
        effort,
    )
    yield ratio("get by id", times, "ours", "floor", 0.97)
    yield ratio("get, Mock.client", times, "ready", "floor", 0.97, "our client adds the credential")
    yield ratio("get, Client(create_app())", times, "app", "floor", 0.97)
    yield ratio("get, its test_client()", times, "app test_client", "floor test_client", 0.97)


def rejected(effort: Effort) -> Iterator[Row]:
    mock = Mock()
    validator = mock.world.blueprint.resource("outplans").part("create").validator()
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
