"""What a mock offers for campaigns: phones, plans, runs and timelines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords
from voipbin_mock.world.clock import DEFAULT_LIMIT
from voipbin_mock.world.store import Row

# What plans and what tells is loaded when it is asked for: a mock that dials nothing needs neither.
if TYPE_CHECKING:
    from voipbin_mock.api.records import Records, Stored
    from voipbin_mock.areas.calls.phones import Phone
    from voipbin_mock.areas.campaigns.plan import CampaignPlan
    from voipbin_mock.areas.campaigns.records import Campaign, Campaigncall, Outdial, Outplan, Target
    from voipbin_mock.areas.campaigns.timeline import Timeline


class HasCampaigns(HasRecords):
    """A part of `Mock`."""

    @property
    def outplans(self) -> Records[Outplan]:
        return self.records("outplans")

    @property
    def outdials(self) -> Records[Outdial]:
        return self.records("outdials")

    @property
    def targets(self) -> Records[Target]:
        """The targets of all outdials."""
        return self.records("targets")

    @property
    def campaigns(self) -> Records[Campaign]:
        return self.records("campaigns")

    @property
    def campaigncalls(self) -> Records[Campaigncall]:
        return self.records("campaigncalls")

    def phone(self, number: str = "default") -> Phone:
        """A phone to be scripted, by number or pattern (`+1202*`); without one, all that have no other script.

        >>> with Mock() as voipbin:
        ...     voipbin.phone("+15550100001").script(Busy(after="3s"), NoAnswer(), Answer(talk="12s"))
        <phone +15550100001>
        """
        from voipbin_mock.areas.calls.phones import Phone, Phones

        return Phone(lambda: self.world.part(Phones), number, self.world.lock)

    def plan(
        self,
        campaign: str | Stored | None = None,
        *,
        outplan: str | Stored | None = None,
        targets: str | Stored | Iterable[str | Stored] = (),
        end_handle: str = "stop",
    ) -> CampaignPlan:
        """What a campaign can come to if it were run now; or an outplan with targets (or outdials of them).

        Raises LookupError for what is not there.
        """
        from voipbin_mock.areas.campaigns import plan as plans

        several = (targets,) if isinstance(targets, str) or not isinstance(targets, Iterable) else targets
        with self.world.lock:
            if campaign is not None:
                return plans.of_campaign(self.world, self._row("campaigns", campaign))
            if outplan is None:
                raise TypeError("say which campaign, or give outplan= and targets=")
            rows = plans.find_targets(self.world, [_id(each) for each in several])
            return plans.of_parts(self.world, self._row("outplans", outplan), rows, end_handle)

    def timeline(self, campaign: str | Stored) -> Timeline:
        """What a campaign did so far. Raises LookupError."""
        from voipbin_mock.areas.campaigns import timeline as timelines

        self.world.catch_up()
        with self.world.lock:
            return timelines.of_campaign(self.world, self._row("campaigns", campaign))

    def timelines(self) -> list[Timeline]:
        """Of every campaign that dialed, the one created first, first."""
        from voipbin_mock.areas.campaigns import timeline as timelines

        self.world.catch_up()
        with self.world.lock:
            return timelines.of_all(self.world)

    def run_campaign(self, campaign: str | Stored, *, limit: timedelta | float = DEFAULT_LIMIT) -> Timeline:
        """Run a campaign and wind the clock on until it rests, or has nothing left to do; then its timeline.

        Raises ApiError if the run is refused, and TimeoutError at the limit (seconds, or a timedelta).
        """
        from voipbin_mock.areas.campaigns.dialer import run

        row_id = self._row("campaigns", campaign).id
        self.world.catch_up()
        with self.world.lock:
            run(self.world, self._row("campaigns", row_id))
        self.world.deliver()
        clock = self.world.clock
        clock.run_until(
            lambda: self._row("campaigns", row_id).data["status"] == "stop" or clock.next_due() is None, limit=limit
        )
        return self.timeline(row_id)

    def _row(self, resource: str, wanted: str | Stored) -> Row:
        row = self.world.store[resource].get(_id(wanted))
        if row is None:
            raise LookupError(f"no {resource.removesuffix('s')} {_id(wanted)!r} in this mock")
        return row


def _id(wanted: str | Stored) -> str:
    return wanted if isinstance(wanted, str) else wanted.id
