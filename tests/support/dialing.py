"""A campaign to be dialed, set up over the wire, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from voipbin_mock import Mock
from voipbin_mock.areas.calls.phones import Outcome
from voipbin_mock.world.bus import Event

START = "2026-03-01T09:00:00Z"
PROFILES = ("documented", "server")
A, B, C = "+15550100001", "+15550100002", "+15550100003"
NIL = "00000000-0000-0000-0000-000000000000"


class Dial(NamedTuple):
    """One attempt; times are milliseconds from the start of the stage."""

    at: int
    number: str
    index: int
    tries: int


class Stage:
    """A mock with an outplan, an outdial and a campaign."""

    def __init__(self, profile: str = "documented", random_seed: int = 0, **campaign: Any) -> None:
        self.mock = Mock(profile, clock=START, ignore="all", random_seed=random_seed)
        self.start = self.mock.clock.microseconds()
        self.events: list[Event] = []
        self.mock.world.bus.subscribe(self.events.append)
        self.outplan = self.post("/outplans", {**OUTPLAN, **campaign.pop("outplan", {})})["id"]
        self.campaign = self.post("/campaigns", {**CAMPAIGN, "outplan_id": self.outplan, **campaign})["id"]
        body = {"campaign_id": self.campaign, "name": "list", "detail": "d", "data": "d"}
        self.outdial = self.post("/outdials", body)["id"]
        self.put(f"/campaigns/{self.campaign}/resource_info", self.resources())

    # --- over the wire -----------------------------------------------------------------------------

    def request(self, method: str, path: str, body: Any = None) -> Any:
        reply = self.mock.client.open("/v1.0" + path, method=method, json=body)
        assert reply.status_code == 200, reply.text
        return reply.json

    def post(self, path: str, body: Any) -> Any:
        return self.request("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        return self.request("PUT", path, body)

    def get(self, path: str) -> Any:
        return self.request("GET", path)

    def resources(self, **ids: str) -> dict[str, str]:
        shown = self.get(f"/campaigns/{self.campaign}")
        names = ("outplan_id", "outdial_id", "queue_id", "next_campaign_id")
        return {name: shown[name] for name in names} | {"outdial_id": self.outdial} | ids

    def target(self, *numbers: str, script: Iterable[Outcome] = (), **members: Any) -> str:
        """A target with these numbers (`""`: an empty slot); the script is for the first of them."""
        script = tuple(script)
        if script:
            self.mock.phone(numbers[0]).script(*script)
        slots = {f"destination_{n}": address(number) for n, number in enumerate(numbers)}
        slots |= {f"destination_{n}": None for n in range(len(numbers), 5)}
        body = {"name": "t", "detail": "d", "data": "d", **slots, **members}
        return str(self.post(f"/outdials/{self.outdial}/targets", body)["id"])

    def status(self, wanted: str, campaign: str = "") -> Any:
        return self.put(f"/campaigns/{campaign or self.campaign}/status", {"status": wanted})

    def run(self) -> None:
        self.status("run")

    def stop(self) -> None:
        self.status("stop")

    def set_outplan(self, **members: Any) -> None:
        shown = self.get(f"/outplans/{self.outplan}")
        kept = {name: shown[name] for name in OUTPLAN if name not in ("name", "detail")}
        self.put(f"/outplans/{self.outplan}/dial_info", kept | members)

    def at(self, milliseconds: int) -> None:
        """Advance to so long after the start."""
        self.mock.advance(milliseconds=milliseconds - self.now)

    # --- what became of it -------------------------------------------------------------------------

    @property
    def now(self) -> int:
        return (self.mock.clock.microseconds() - self.start) // 1000

    def state(self, campaign: str = "") -> str:
        return str(self.get(f"/campaigns/{campaign or self.campaign}")["status"])

    def target_state(self, target: str) -> tuple[str, list[int]]:
        shown = self.get(f"/outdials/{self.outdial}/targets/{target}")
        return shown["status"], [shown[f"try_count_{n}"] for n in range(5)]

    def told(self, *types: str) -> list[tuple[int, str, dict[str, Any]]]:
        """Events of these types, with their times."""
        found = [event for event in self.events if not types or event.type in types]
        return [((event.microseconds - self.start) // 1000, event.type, json.loads(event.data)) for event in found]

    @property
    def dials(self) -> list[Dial]:
        return [
            Dial(at, call["destination"].get("target", ""), call["destination_index"], call["try_count"])
            for at, _, call in self.told("campaigncall_created")
        ]

    @property
    def dialed(self) -> list[tuple[int, str]]:
        return [(dial.at, dial.number) for dial in self.dials]

    @property
    def results(self) -> list[tuple[int, str]]:
        """When attempts ended, and how."""
        told = self.told("campaigncall_updated")
        return [(at, call["result"]) for at, _, call in told if call["status"] == "done"]

    @property
    def statuses(self) -> list[tuple[int, str]]:
        types = ("campaign_status_run", "campaign_status_stopping", "campaign_status_stop")
        return [(at, call["status"]) for at, _, call in self.told(*types) if call["id"] == self.campaign]

    def queue(self, level: int, agents: int = 1) -> str:
        """Put the campaign on a queue with so many available agents."""
        tag = self.mock.records("tags").create(name="t").id
        queue = self.mock.records("queues").create(name="q", tag_ids=[tag]).id
        for number in range(agents):
            self.mock.agents.create(username=f"a{number}@x", status="available", tag_ids=[tag], permission=16)
        self.put(f"/campaigns/{self.campaign}/resource_info", self.resources(queue_id=queue))
        self.put(f"/campaigns/{self.campaign}/service_level", {"service_level": level})
        return queue


def address(number: str) -> Mapping[str, str] | None:
    if not number:
        return None
    kind = "sip" if "@" in number else "tel"
    return {"type": kind, "target": number}


OUTPLAN = {
    "name": "plan",
    "detail": "",
    "source": {"type": "tel", "target": "+15559876543"},
    "dial_timeout": 30_000,
    "try_interval": 10_000,
    "max_try_count_0": 2,
    "max_try_count_1": 0,
    "max_try_count_2": 0,
    "max_try_count_3": 0,
    "max_try_count_4": 0,
}
CAMPAIGN = {
    "name": "campaign",
    "detail": "",
    "type": "call",
    "service_level": 100,
    "end_handle": "continue",
    "actions": [],
    "outplan_id": NIL,
    "outdial_id": NIL,
    "queue_id": NIL,
    "next_campaign_id": NIL,
}


def stages(**campaign: Any) -> Iterator[Stage]:
    for profile in PROFILES:
        yield Stage(profile, **campaign)
