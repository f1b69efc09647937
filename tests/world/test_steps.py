"""What fails inside has changed nothing, and says whose code it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from voipbin_mock import Mock, SeedError
from voipbin_mock.api import crud
from voipbin_mock.api.area import Area
from voipbin_mock.api.operations import Request, action
from voipbin_mock.wire.errors import ApiError, TimerError
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.part import Part
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

START = "2026-03-01T09:00:00Z"
PIECES = {"id": "uuid", "customer_id": "uuid", "name": "name", "tm_create": "stamp", "tm_delete": "stamp"}
MEMBERS = {name: {"$ref": f"common.json#/$defs/{piece}"} for name, piece in PIECES.items()}
BODY = {"type": "object", "properties": {"name": MEMBERS["name"]}, "required": ["name"]}
RECORD = {"type": "object", "properties": MEMBERS}
NOTES = Resource("notes", events=True, schema={"$defs": {"create": BODY, "record": RECORD}})


class Bell(Part):
    """Rung by everything below, before it fails."""

    name, rung = "bell", 0

    def keep(self) -> int:
        return self.rung

    def bring_back(self, kept: Any) -> None:
        self.rung = int(kept)

    def dump(self) -> int:
        return self.rung

    def load(self, document: Any) -> None:
        self.bring_back(document)

    @property
    def revision(self) -> int:
        return self.rung


def do_much(world: World) -> None:
    world.part(Bell).rung += 1
    world.ids.uuid()
    world.timers.call_in(5000, "ring")
    row = next(iter(world.table(NOTES)), None)
    if row is not None:
        crud.change(world, NOTES, row, {"name": "changed"})


def ring(world: World) -> None:
    do_much(world)
    raise ZeroDivisionError("rung in vain")


def follow(world: World, row: Row) -> None:
    if row.data["name"] == "fail":
        ring(world)


def fail(world: World, request: Request) -> Reply:
    ring(world)
    return json_reply({})


def refuse(world: World, request: Request) -> Reply:
    do_much(world)
    raise ApiError("STATE_INVALID")


def interrupt(world: World, request: Request) -> Reply:
    do_much(world)
    raise KeyboardInterrupt


def wind(world: World, request: Request) -> Reply:
    world.clock.advance(60)
    raise ZeroDivisionError("wound in vain")


def unknown(world: World, request: Request) -> Reply:
    kind = "rin" + "g"[1:]
    world.timers.call_in(1, kind)
    return json_reply({})


BELLS = Area(
    "bells",
    crud.operations(NOTES, plain=("list", "create", "get", "delete")),
    *(action(f"POST /{one.__name__}", one.__name__, one) for one in (fail, refuse, interrupt, wind, unknown)),
    timers={"ring": ring},
    follows={"note_created": follow},
    parts=(Bell,),
    controls={"POST /__mock__/bells": fail, "PUT /__mock__/bells": refuse},
)


@pytest.fixture(params=["documented", "server"])
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, areas=[BELLS], clock=START) as mock:
        assert mock.client.post("/v1.0/notes", json={"name": "first"}).status_code == 200
        yield mock


def events(mock: Mock) -> list[Any]:
    found: list[Any] = mock.client.get("/__mock__/events").json["events"]
    return found


ASKED = {
    "a handler": ("POST", "/v1.0/fail", 500),
    "a follower": ("POST", "/v1.0/notes", 500),
    "a refusal": ("POST", "/v1.0/refuse", 409),
    "a control call": ("POST", "/__mock__/bells", 500),
    "a control call's refusal": ("PUT", "/__mock__/bells", 409),
    "a handler that winds the clock": ("POST", "/v1.0/wind", 500),
    "a timer that nobody declares": ("POST", "/v1.0/unknown", 500),
}


@pytest.mark.parametrize("kind", ASKED)
def test_what_fails_has_changed_nothing(mock: Mock, kind: str) -> None:
    method, path, status = ASKED[kind]
    heard: list[Any] = []
    mock.webhooks.connect(heard.append)
    mock.advance(1)
    before, told = mock.dump(), events(mock)
    reply = mock.client.open(path, method=method, json={"name": "fail"}, headers={"X-Request-Id": "r"})
    assert reply.status_code == status
    assert mock.dump() == before
    assert events(mock) == told
    assert not heard
    assert mock.client.post("/v1.0/notes", json={"name": "second"}).status_code == 200
    assert [webhook.type for webhook in heard] == ["note_created"]


@pytest.mark.parametrize("kind", ["a handler", "a follower", "a control call", "a timer that nobody declares"])
def test_the_area_is_named_and_not_the_mock_blamed(mock: Mock, kind: str) -> None:
    method, path, _ = ASKED[kind]
    reply = mock.client.open(path, method=method, json={"name": "fail"})
    said = reply.text if path.startswith("/__mock__") else mock.requests[-1].hint
    assert "in the area bells, test_steps.py:" in said
    assert "please report it" not in said
    assert ("rung in vain" in said) or ("no area declares a timer 'rin'" in said)


@pytest.mark.parametrize("record", [False, True])
def test_an_interrupt_leaves_no_lock_and_no_time_that_stands(record: bool) -> None:
    mock = Mock(areas=[BELLS], clock=START, record=record)
    before = mock.dump()
    with pytest.raises(KeyboardInterrupt):
        mock.client.post("/v1.0/interrupt")
    assert mock.dump() == before
    assert mock.advance(5) == mock.now
    assert f"{mock.now:%M:%S}" == "00:05"
    assert mock.client.post("/v1.0/notes", json={"name": "next"}).status_code == 200


def test_a_timer_that_fails_is_named_and_still_to_come(mock: Mock) -> None:
    mock.advance(1)
    with mock.world.lock:
        mock.world.timers.call_in(1000, "ring")
    before = mock.dump()
    with pytest.raises(TimerError, match=r"the timer 'ring', due at 2026-03-01 09:00:02, .* in the area bells"):
        mock.advance(60)
    assert mock.dump() == before
    reply = mock.client.post("/__mock__/clock", json={"advance": 60})
    assert reply.status_code == 500
    assert "the timer 'ring'" in reply.text
    assert mock.dump() == before


def test_one_that_fails_as_time_goes_by_is_left_out_and_told_at_the_end() -> None:
    mock = Mock(areas=[BELLS], clock=START)
    mock.client.post("/v1.0/notes", json={"name": "first"})
    with mock.world.lock:
        mock.world.timers.call_in(0, "ring")
    (note,) = mock.client.get("/v1.0/notes").json["result"]
    assert note["name"] == "first"
    assert mock.client.get("/v1.0/notes").status_code == 200
    with pytest.raises(TimerError, match="the timer 'ring'"):
        mock.close()
    mock.close()


@pytest.mark.parametrize("member", ["records", "bell", "clock"])
def test_a_state_that_cannot_be_loaded_to_its_end_changes_nothing(mock: Mock, member: str) -> None:
    state = mock.dump()
    bad = {"records": {"notes": [{"id": 3}]}, "bell": "often", "clock": {"now": "soon"}}[member]
    before = mock.dump()
    with pytest.raises(SeedError):
        mock.load({**state, member: bad})
    assert mock.dump() == before
    assert len(mock.requests) == 1


@pytest.mark.parametrize("body", [[10**400, 5], [17, 10**400], [1e400, 5]], ids=["rate", "burst", "infinite"])
def test_limits_that_are_no_numbers_are_refused(body: Any) -> None:
    mock = Mock(clock=START)
    before = mock.dump()
    reply = mock.client.put("/__mock__/limits", json={"rate_limits": {"customer": body}})
    assert reply.status_code == 400
    assert mock.dump() == before
