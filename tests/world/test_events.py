"""What happens to records is told, in order, after the lock is released."""

from __future__ import annotations

import json

from voipbin_mock import Mock
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
