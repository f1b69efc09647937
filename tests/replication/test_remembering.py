"""A mock as one document: whoever takes it goes on exactly as the one that it was made of."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import time_machine

from tests.world.test_kept_moments import STEPS, passes
from voipbin_mock import Mock
from voipbin_mock.api.area import Area
from voipbin_mock.contract import MockTarget, Runner, cases
from voipbin_mock.contract.answers import Answer
from voipbin_mock.contract.targets import SEED, SEEDED
from voipbin_mock.delivery.webhooks import Webhooks
from voipbin_mock.replication import remembering
from voipbin_mock.world.part import Part
from voipbin_mock.world.sessions import Sessions
from voipbin_mock.world.world import World

PROFILES = ("documented", "server")
pytestmark = pytest.mark.filterwarnings("ignore::voipbin_mock.VoIPBINWarning")
each_profile = pytest.mark.parametrize("profile", PROFILES)
START = "2026-03-01T09:00:00Z"
FIRST = "/__session__/first"
# What every process numbers for itself, or streams; and what is the same for all mocks, and long.
LEFT_OUT = ("/notices", "/stream", "/docs", "/operations")
SERVICE = ("/tags", "/campaigns", "/campaigncalls", "/outplans", "/outdials", "/calls", "/agents", "/customer", "/nope")


def a_mock(profile: str = "documented", **more: Any) -> Mock:
    """A mock whose webhooks are heard, every third in vain."""
    mock = Mock(profile, clock=START, unused="ignore", coverage=True, **more)
    heard: list[str] = []

    def hear(webhook: Any) -> int:
        heard.append(webhook.type)
        return 503 if len(heard) % 3 == 0 else 200

    mock.webhooks.connect(hear)
    return mock


def asked(mock: Mock, path: str, method: str = "GET", body: Any = None) -> tuple[Any, ...]:
    """The whole answer."""
    reply = mock.client.open(path, method=method, json=body)
    return path, reply.status_code, list(reply.headers), reply.data


def control_paths(mock: Mock) -> Iterator[str]:
    """Every look at a mock that there is, but for those by an id; and each request, delivery and record for itself."""
    for call in mock.client.get("/__mock__").json["calls"]:
        method, _, path = call.partition(" ")
        if method == "GET" and "{" not in path and not path.endswith(LEFT_OUT):
            yield path
    yield from (f"/__mock__/requests/{number}" for number in range(1, mock.world.exchanges + 1))
    yield from (f"/__mock__/webhooks/{one.number}" for one in mock.webhooks.newest(5))
    yield from (f"/__mock__/records/{name}" for name in ("tags", "campaigns", "calls"))
    yield from (f"/__mock__/campaigns/{campaign.id}/timeline" for campaign in mock.campaigns)


def everything(mock: Mock) -> list[tuple[Any, ...]]:
    """What a mock tells of itself, and what its service answers; of a session of its, too."""
    told = [asked(mock, path) for path in list(control_paths(mock))]
    told += [asked(mock, f"/v1.0{path}") for path in SERVICE]
    return told + [asked(mock, f"{FIRST}{path}") for path in ("/__mock__/requests", "/__mock__/state", "/v1.0/tags")]


def as_text(mock: Mock) -> str:
    return json.dumps(remembering.document(mock.world))


def differing(one: Any, other: Any, where: str = "") -> Iterator[str]:
    """Where two values are not the same; a comparison of long texts would be told for minutes."""
    if type(one) is type(other) and isinstance(one, dict) and list(one) == list(other):
        for name in one:
            yield from differing(one[name], other[name], f"{where}/{name}")
    elif type(one) is type(other) and isinstance(one, (list, tuple)) and len(one) == len(other):
        for n, pair in enumerate(zip(one, other, strict=True)):
            yield from differing(*pair, f"{where}/{n}")
    elif one != other:
        yield f"{where}: {one!r:.200} != {other!r:.200}"


def assert_alike(mock: Mock, other: Mock, *, told: bool = False) -> None:
    """That their documents are the same, and (told) all that they tell."""
    assert list(differing(json.loads(as_text(other)), json.loads(as_text(mock)))) == []
    if told:
        assert list(differing(everything(other), everything(mock))) == []


def take(other: Mock, mock: Mock) -> None:
    """Let another mock be as this one is; through JSON."""
    remembering.load(other.world, json.loads(as_text(mock)))


def prepared(mock: Mock) -> None:
    """Sessions, snapshots, something to undo, refusals, a call on its way, and what waits to be met."""
    control = mock.client
    control.post("/v1.0/tags", json={"nam": "x", "name": 5})
    control.post("/v1.0/tags", data=b"\xff\xfe{")
    control.post("/v1.0/tags", data=b'{"name": "\\ud800", "detail": 1e999}', headers={"Content-Type": "text/plain"})
    assert control.post("/v1.0/calls", json=CALL).status_code == 200
    mock.advance(1)
    control.post("/__mock__/snapshots", json={"name": "early"})
    control.post("/__mock__/seed", json={"seed": {"extends": "account", "tags": [{"name": "of a seed"}]}})
    control.post("/__mock__/snapshots/early")
    control.put("/__mock__/state", json=control.get("/__mock__/state").json)
    control.post(f"{FIRST}/v1.0/tags", json={"name": "in a session"})
    control.post(f"{FIRST}/__mock__/snapshots", json={"name": "there"})
    control.post("/__mock__/stubs", json={"on": "GET /flows", "json": {"of": "a stub"}, "times": 3})
    control.post("/__mock__/replies", json={"url": "https://shop.example.com/*", "json": {}})


CALL = {
    "source": {"type": "tel", "target": "+15551230000"},
    "destinations": [{"type": "tel", "target": "+15550100001"}],
    "actions": [{"type": "answer"}, {"type": "talk", "option": {"text": "hello", "language": "en-US"}}],
}


@each_profile
def test_after_whatever_was_done_another_goes_on_as_the_mock_itself(profile: str) -> None:
    with time_machine.travel(0, tick=False) as traveller, a_mock(profile) as mock, a_mock(profile) as other:
        prepared(mock)
        for n, step in enumerate(STEPS):
            if n % 2 == 0:
                take(other, mock)
            passes(traveller, step, n)
            assert list(differing(step(other, n), step(mock, n), step.__name__)) == []
        assert_alike(mock, other, told=True)
        for path in ("/__mock__/snapshots/early", "/__mock__/snapshots/undo", "/__mock__/reset"):
            assert asked(other, path, "POST") == asked(mock, path, "POST")
            assert_alike(mock, other)


class Shadowed(MockTarget):
    """A mock that is asked together with another, which takes the document of the first now and then."""

    def __init__(self, profile: str) -> None:
        settings: Mapping[str, Any] = {"seed": dict(SEED), "clock": START, "ignore": "all", "intercept": False}
        super().__init__(mock=Mock(profile, **settings))
        self.values.update(SEEDED)
        self.differing: list[str] = []
        self.taken = self._asked = 0
        self._shadow = MockTarget(mock=Mock(profile, **settings))
        take(self._shadow.mock, self.mock)

    def send(self, *request: Any) -> Answer:
        answer = super().send(*request)
        if "_shadow" in vars(self):
            if self._shadow.send(*request)[:3] != answer[:3]:
                self.differing.append(f"{request[0]} {request[1]}")
            self._asked += 1
            if self._asked % 10 == 0:
                self.taken += 1
                take(self._shadow.mock, self.mock)
        return answer

    def pause(self, seconds: float) -> None:
        super().pause(seconds)
        self._shadow.pause(seconds)


@each_profile
def test_the_cases_of_the_contract_have_the_same_answers_from_one_that_took_over_in_between(profile: str) -> None:
    target = Shadowed(profile)
    run = Runner(target, profile).run(cases(profile=profile)[::20])
    assert run.failed == target.differing == []
    assert run.count("passed") > 25
    assert target.taken >= 10


def test_what_is_found_in_a_mock_that_takes_a_document_is_gone() -> None:
    with a_mock() as mock, a_mock() as other:
        for key in ("gone", "first"):
            other.client.post(f"/__session__/{key}/v1.0/tags", json={"name": "of before"})
        other.client.post("/__mock__/snapshots", json={"name": "of before"})
        other.faults.error("any", "INTERNAL")
        prepared(mock)
        take(other, mock)
        assert_alike(mock, other, told=True)
        assert list(other.world.part(Sessions).listed()) == ["first"]


class Tally(Part):
    """A part of somebody's own area: it outlives resets, and remembers something or nothing."""

    name, dumped, survives = "tally", False, True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.count = 0

    def start_over(self) -> None:
        self.count = 0

    def remember(self) -> Callable[[], Any] | None:
        count = self.count
        return (lambda: {"count": count}) if count else None

    def recall(self, document: Any) -> None:
        self.count = document["count"]


@pytest.mark.parametrize("count", [0, 3])
def test_a_part_of_somebodys_own_area_remembers_too(count: int) -> None:
    area = Area("counted", parts=(Tally,))
    with Mock(areas=[area]) as mock, Mock(areas=[area]) as other:
        mock.world.part(Tally).count = count
        other.world.part(Tally).count = 7
        take(other, mock)
        assert other.world.part(Tally).count == count


def test_a_session_that_nobody_was_let_into_goes_on_to_draw_its_ids() -> None:
    with a_mock() as mock, a_mock() as other:
        path = "/__session__/refused/v1.0/tags"
        mock.anonymous.get(path)
        take(other, mock)
        answers = [each.anonymous.get(path).headers["X-Request-Id"] for each in (mock, other, a_mock())]
        assert answers[0] == answers[1] != answers[2]
        assert mock.client.get("/__mock__/sessions").json["sessions"] == []


@pytest.mark.parametrize("speed", [None, 7.3])
def test_a_running_clock_goes_on_by_the_machine_and_starts_over_where_it_did(speed: float | None) -> None:
    with time_machine.travel(0, tick=False) as traveller:
        mock = Mock(clock=None if speed is None else START, speed=speed)
        traveller.shift(0.333_333)
        mock.tags.create(name="x")
        document = json.loads(as_text(mock))
        traveller.shift(1000.000_1)
        other = Mock()
        remembering.load(other.world, document)
        for _ in range(3):
            traveller.shift(0.777_777)
            assert other.now == mock.now
            assert other.tags.create(name="y").as_dict() == mock.tags.create(name="y").as_dict()
        mock.reset()
        other.reset()
        traveller.shift(3)
        assert other.now == mock.now
        assert asked(other, f"{FIRST}/__mock__/clock") == asked(mock, f"{FIRST}/__mock__/clock")
        mock.close()
        other.close()


def test_webhooks_that_are_under_way_are_so_again_and_end_as_they_are_told_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, Mock(clock=START) as mock, Mock(clock=START) as other:
        mock.webhooks.timeout, mock.webhooks.patience = 30, 0.01
        uri = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        mock.client.put("/v1.0/customer", json={**mock.client.get("/v1.0/customer").json, "webhook_uri": uri})
        mock.client.post("/v1.0/calls", json=CALL)
        document = json.loads(as_text(mock))
        numbers = [each.number for each in mock.webhooks.under_way]
        remembering.load(other.world, document)
        assert sorted(each.number for each in other.webhooks.under_way) == sorted(numbers)
        assert other.webhooks.pending == mock.webhooks.pending == len(numbers) > 1
        _, attempt = other.world.part(Webhooks).taken_up(min(numbers))
        attempt.end(500)
        (made,) = other.webhooks.deliveries
        assert (made.type, made.outcome, made.status, made.attempt) == (attempt.webhook.type, "failed", 500, 1)
        assert other.webhooks.pending == len(numbers)  # the next attempt waits for its time


# --- documents that are none ---------------------------------------------------------------------------


def at(document: Any, *path: Any) -> Any:
    for name in path:
        document = document[name]
    return document


MAIN = ("worlds", "")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ((), {"format": "voipbin-mock-state"}, "/format: must be"),
        (("version",), 99, "/version: this version of voipbin-mock reads 1, not 99"),
        (("worlds",), {}, "/worlds: must have"),
        (("worlds", "no key/"), {"on_trial": False}, "/worlds/no key/: A session key is"),
        ((*MAIN, "exchanges"), -1, "/worlds//exchanges: must be a whole number"),
        ((*MAIN, "seed"), "no such seed", "no such seed"),
        ((*MAIN, "clock", 1), [0, 0, 0], "/worlds//clock/1/2: must be a speed"),
        ((*MAIN, "state", "records", "tags", 0, "name"), 5, "/worlds//state: /records: /tags/0/name: must be a text"),
        ((*MAIN, "state", "records", "tags", 0, "tm_create"), "soon", "/tags/0/tm_create: 'soon' is no timestamp"),
        ((*MAIN, "state", "records", "tags", 0, "id"), "ABC", "/tags/0/id: must be a UUID"),
        ((*MAIN, "state", "records", "tags", 0, "size"), 1, "/tags/0/size: unknown member"),
        ((*MAIN, "state", "records", "tags", 0), 7, "/tags/0: there is no record 7"),
        ((*MAIN, "snapshots", 0, "state", "records", "agents", 0), 7, "/snapshots/0/state: /records: /agents/0: there"),
        ((*MAIN, "snapshots", 0, "looked_at"), "x", "/worlds//snapshots/0/looked_at: must be a moment"),
        ((*MAIN, "seen", "journal", "kept", 0, 9), ["!"], "/worlds//seen/journal/kept/0/9: "),
        ((*MAIN, "seen", "journal", "kept", 0, 11, 0, 1), None, "/seen/journal/kept/0/11/0/1: must be a text"),
        ((*MAIN, "seen", "events", "events", 0, 7), "{", "/seen/events/events/0/7: must be JSON in a text"),
        ((*MAIN, "seen", "webhooks", "log", "made"), None, "/seen/webhooks/log/made: must be a whole number"),
        ((*MAIN, "seen", "webhooks"), None, "/seen/webhooks: must be an object"),
        ((*MAIN, "seen", "coverage", "counts", "operations", 0, 1), "x", "/seen/coverage/counts/operations/0/1: "),
        ((*MAIN, "beside", "replies", "numbers"), [], "/worlds//beside/replies/numbers: must be those of 1 replies"),
        (("worlds", "first", "seen"), [], "/worlds/first/seen: must be an object"),
    ],
)  # fmt: skip
def test_a_damaged_document_is_refused_with_the_place(path: tuple[Any, ...], value: Any, said: str) -> None:
    document = damaged = copy.deepcopy(a_document())
    if path:
        at(document, *path[:-1])[path[-1]] = value
    else:
        damaged = value
    with a_mock() as other, pytest.raises(ValueError, match=re.escape(said)):
        remembering.load(other.world, damaged)


def a_document() -> Any:
    with a_mock() as mock:
        prepared(mock)
        mock.client.post("/v1.0/tags", json={"name": 5, "nam": "x"})
        mock.tags.create(name="x")
        mock.client.post("/v1.0/calls", json=CALL)
        return json.loads(as_text(mock))


def places(value: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, (dict, list)):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, *path, name)


def test_whatever_is_damaged_it_is_refused_or_taken_and_never_fails_inside() -> None:
    document = a_document()
    found = [path for path in places(document) if path]
    assert len(found) > 1000
    with a_mock() as other:
        refused = 0
        for n, path in enumerate(found[7::25]):
            damaged = copy.deepcopy(document)
            at(damaged, *path[:-1])[path[-1]] = (None, -1, "x", [5], {"x": 1})[n % 5]
            try:
                remembering.load(other.world, damaged)
            except ValueError:
                refused += 1
            assert other.client.get("/v1.0/tags").status_code in (200, 401)
        assert refused > 20
        remembering.load(other.world, document)
        assert list(differing(json.loads(as_text(other)), document)) == []


# --- in other processes --------------------------------------------------------------------------------


def fingerprint() -> str:
    """Of what a mock made of its inputs."""
    with a_mock() as mock:
        prepared(mock)
        for n, step in enumerate(STEPS[:20]):
            step(mock, n)
        return hashlib.sha256(as_text(mock).encode()).hexdigest()


def test_the_document_is_the_same_in_another_process_however_that_orders_sets() -> None:
    code = "import time_machine, tests.replication.test_remembering as t\n"
    code += "with time_machine.travel(0, tick=False): print(t.fingerprint())"
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    process = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    with time_machine.travel(0, tick=False):
        assert process.stdout.strip() == fingerprint()
