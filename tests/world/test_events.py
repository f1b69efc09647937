"""What happens to records is told, in order, after the lock is released."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress

import pytest

from tests.support.callers import let_call
from tests.support.calling import a, a_flow, calls_in, hangs_up, presses
from voipbin_mock import Mock
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world import history
from voipbin_mock.world.bus import Event


def test_a_number_tells_of_its_life_in_the_words_of_the_service() -> None:
    with Mock() as mock:
        heard: list[Event] = []
        mock.world.bus.subscribe(heard.append)
        bought = mock.client.post("/v1.0/numbers", json={"number": "+899100000001", "type": "virtual"}).json
        mock.client.put(f"/v1.0/numbers/{bought['id']}/metadata", json={"rtp_debug": True})
        released = mock.client.delete(f"/v1.0/numbers/{bought['id']}").json
    assert [event.type for event in heard] == ["number_created", "number_updated", "number_deleted"]
    assert {event.record_id for event in heard} == {bought["id"]}
    assert [json.loads(event.data) for event in heard][::2] == [bought, released]


def test_outplans_tell_nothing() -> None:
    with Mock() as mock:
        created = mock.outplans.create(name="evening")
        mock.client.put(f"/v1.0/outplans/{created.id}", json={"name": "night", "detail": ""})
        assert not mock.world.bus.log


def test_a_subscriber_may_call_back_into_the_mock() -> None:
    with Mock() as mock:
        seen: list[str] = []

        def look(event: Event) -> None:
            seen.append(mock.client.get(f"/v1.0/numbers/{event.record_id}").json["number"])

        mock.world.bus.subscribe(look)
        mock.client.post("/v1.0/numbers", json={"number": "+899100000001", "type": "virtual"})
    assert seen == ["+899100000001"]


def test_a_reset_forgets_what_happened_and_keeps_who_listens() -> None:
    with Mock() as mock:
        heard: list[int] = []
        mock.world.bus.subscribe(lambda event: heard.append(event.number))
        for _ in range(2):
            mock.client.post("/v1.0/numbers", json={"number": "+899100000001", "type": "virtual"})
            mock.reset()
        assert heard == [1, 1]
        assert not mock.world.bus.log


@pytest.mark.parametrize(("profile", "loose", "opened"), [("documented", 4, 2), ("server", 1000, 200)])
def test_an_event_tells_for_ever_what_the_record_was_like_then(
    profile: str, loose: int, opened: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many events of the record come after it, and whatever is taken back or left behind since."""
    for name, few in (("MOST_LOOSE", loose), ("MOST_PACKS", 2), ("NEAR", 1), ("MOST_OPENED", opened)):
        monkeypatch.setattr(history, name, few)
    with Mock(clock="2026-03-01T09:00:00Z", ignore="all", profile=profile) as mock:
        heard: list[tuple[Event, str, str]] = []
        mock.world.bus.subscribe(lambda event: heard.append((event, event.data, event.owner_id)))
        talk = a("talk", text="bye", digits_handle="next")
        flow = a_flow(mock, a("answer"), *[talk] * 20)
        let_call(mock, 3, 2000)
        mock.advance(seconds=3)
        kept = mock.snapshot()
        mock.advance(seconds=20)
        mock.restore(kept)
        call = calls_in(mock, flow)
        for key in "12345678":
            presses(mock, call, key)
            with suppress(ZeroDivisionError), mock.world.step():
                presses(mock, call, key)
                hangs_up(mock, call)
                _ = [event.data for event, _, _ in heard], 1 // 0
            mock.advance(seconds=1)
        mock.advance(seconds=50)
        assert max(Counter(event.record_id for event, _, _ in heard).values()) > 4 * 2 + 4
        assert [(event.data, event.owner_id) for event, _, _ in heard] == [(data, owner) for _, data, owner in heard]
        calls, moments = mock.world.blueprint.resource("calls"), mock.world.part(history.Histories).of(call)
        told = [json.loads(data) for event, data, _ in heard if event.record_id == call]
        assert told[-len(moments) :] == [mock.world.view(calls, moment.data) for moment in reversed(moments)]


def test_an_event_knows_who_owned_the_record_then() -> None:
    with Mock(clock="2026-03-01T09:00:00Z", ignore="all") as mock:
        call = calls_in(mock, a_flow(mock, a("answer"), a("sleep", duration=9000)))
        world, owner = mock.world, mock.agents.create(username="anna", password="secret").id
        with world.changing():
            table = world.store["calls"]
            row = table.replace({**table.get(call).data, "owner_type": "agent", "owner_id": owner})
            world.publish("call_updated", world.blueprint.resource("calls"), row)
        told = [event for event in world.bus.log if event.record_id == call]
        assert {event.owner_id for event in told[:-1]} == {NIL_UUID}
        assert told[-1].owner_id == json.loads(told[-1].data)["owner_id"] == owner
        assert json.loads(told[-2].data)["owner_id"] == NIL_UUID
