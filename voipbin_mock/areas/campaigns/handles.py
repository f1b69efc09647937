"""What a mock offers for campaigns: phones, plans, runs and timelines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.values import id_of
from voipbin_mock.world.clock import DEFAULT_LIMIT
from voipbin_mock.world.store import Row

# What plans and what tells is loaded when it is asked for: a mock that dials nothing needs neither.
if TYPE_CHECKING:
    from voipbin_mock.api.records import Records, Stored
    from voipbin_mock.areas.calls.handset import Phone
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
        from voipbin_mock.areas.calls.handset import Phone

        return Phone(self.world, number)

    def plan(
        self,
        campaign: str | Stored | None = None,
        *,
        outplan: str | Stored | None = None,
        targets: str | Stored | Iterable[str | Stored] = (),
        end_handle: str | None = None,
    ) -> CampaignPlan:
        """What a campaign can come to if it were run now; or an outplan with targets (or outdials of them).

        Beside a campaign, outplan, targets and end_handle ("stop" or "continue") are in place of its own. Without
        one, an end_handle left out is either. Raises LookupError for what is not there.
        """
        from voipbin_mock.areas.campaigns import plan as plans

        if end_handle not in (None, "stop", "continue"):
            raise MockUsageError(f'end_handle is "stop" or "continue", not {end_handle!r}')
        one = isinstance(targets, str) or hasattr(targets, "id") or not isinstance(targets, Iterable)
        several = [id_of(each) for each in ([targets] if one else targets)]
        with self.world.looking():
            rows = plans.find_targets(self.world, several)
            way = None if outplan is None else self._row("outplans", outplan)
            if campaign is not None:
                row = self._row("campaigns", campaign)
                return plans.of_campaign(self.world, row, way, rows if several else None, end_handle or "")
            if way is None:
                raise TypeError("say which campaign, or give outplan= and targets=")
            return plans.of_parts(self.world, way, rows, end_handle or "")

    def timeline(self, campaign: str | Stored) -> Timeline:
        """What a campaign did so far. Raises LookupError."""
        from voipbin_mock.areas.campaigns import timeline as timelines

        with self.world.looking():
            return timelines.of_campaign(self.world, self._row("campaigns", campaign))

    def timelines(self) -> list[Timeline]:
        """Of every campaign that dialed, the one created first, first."""
        from voipbin_mock.areas.campaigns import timeline as timelines

        with self.world.looking():
            return timelines.of_all(self.world)

    def run_campaign(self, campaign: str | Stored, *, limit: timedelta | float = DEFAULT_LIMIT) -> Timeline:
        """Run a campaign and wind the clock on until it rests, or waits with nothing left to do; then its timeline.

        What else is to come, of other campaigns, webhooks or mocks on the same clock, is not waited for; neither is
        the campaign's next run, where campaigns follow each other in a loop.
        Raises ApiError if the run is refused, LookupError for a deleted campaign, and TimeoutError at the limit
        (seconds, or a timedelta), which names what still goes on.
        """
        from voipbin_mock.areas.campaigns.running import Run

        row = self._row("campaigns", campaign)
        with self.world.changing():
            run = Run(self.world, row.id)
        run.wait(limit)
        return self.timeline(row.id)

    def _row(self, resource: str, wanted: str | Stored) -> Row:
        row = self.world.store[resource].get(id_of(wanted))
        if row is None:
            raise LookupError(f"no {resource.removesuffix('s')} {id_of(wanted)!r} in this mock")
        return row
