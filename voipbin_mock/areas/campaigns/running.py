"""A run of a campaign as a test waits for it: when it is over, and what still goes on if it is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.campaigns import dialer, loops, states
from voipbin_mock.areas.campaigns.resources import CAMPAIGNCALLS, CAMPAIGNS
from voipbin_mock.areas.flows import engine
from voipbin_mock.wire.stamps import to_datetime
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

_SHOWN = 3  # calls named of those that go on


class Run:
    """One run of one campaign, begun when this is made. To be made under the world's lock."""

    def __init__(self, world: World, campaign_id: str) -> None:
        self._world, self._id = world, campaign_id
        self._rested = False
        row = self._row
        if row.deleted:
            raise LookupError(f"campaign {campaign_id} was deleted")
        dialer.run(world, row)

    @property
    def _row(self) -> Row:
        row = self._world.table(CAMPAIGNS).get(self._id)
        if row is None:
            raise LookupError(f"no campaign {self._id!r} in this mock")
        return row

    def wait(self, limit: timedelta | float) -> None:
        """Wind the clock on until it is over. Raises TimeoutError."""
        # Seen as it happens: in a loop of campaigns the next run begins in the same instant.
        unwatch = self._world.bus.watch(self._look)
        try:
            self._world.clock.run_until(self._is_over, limit=limit)
        except TimeoutError as error:
            raise TimeoutError(f"{error}: {self._told()}") from None
        finally:
            unwatch()

    def _look(self) -> None:
        self._rested = self._rested or self._row.data["status"] == "stop"

    def _is_over(self) -> bool:
        """Whether it rests, or nothing of its own is to come: all it waits for is a change."""
        world = self._world
        with world.lock:
            self._look()
            return self._rested or not (
                states.in_flight(world, self._id) or world.timers.due("campaign_tick", self._id) is not None
            )

    def _told(self) -> str:
        """What still goes on."""
        with self._world.lock:
            return "; ".join(self._goings_on())

    def _goings_on(self) -> Iterator[str]:
        world, row = self._world, self._row
        yield f"campaign {row.data['name'] or row.id} has the status {row.data['status']}"
        calls = [
            call
            for status in states.IN_FLIGHT
            for call in world.table(CAMPAIGNCALLS).find(("campaign_id", "status"), (self._id, status))
        ]
        if calls:
            more = f" and {len(calls) - _SHOWN} more" if len(calls) > _SHOWN else ""
            yield f"in flight: {', '.join(self._call(call) for call in calls[:_SHOWN])}{more}"
        due = world.timers.due("campaign_tick", self._id)
        if due is not None:
            yield f"it looks for somebody to dial next at {to_datetime(due):%Y-%m-%d %H:%M:%S}"
        if loop := loops.of(world, row.account, row.data):
            yield loops.told(loop)

    def _call(self, attempt: Row) -> str:
        call = self._world.table(CALLS).get(attempt.data["reference_id"])
        number = attempt.data["destination"]["target"]
        since = to_datetime(attempt.created)
        doing = attempt.data["status"] if call is None else call.data["status"]
        run = engine.running(self._world, attempt.data["activeflow_id"])
        doing += f", in its flow at {run.action['type']}" if run is not None and run.action.get("type") else ""
        return f"{number or 'a flow'} ({doing} since {since:%H:%M:%S})"
