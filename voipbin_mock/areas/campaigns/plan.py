"""The plan of a campaign, before it is run: the most it can do, the soonest and the latest, and what is odd.

Whatever phones do, a run stays within its plan, as long as nobody changes campaign, outplan, outdial or
targets meanwhile. Times are milliseconds from the `run` request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from voipbin_mock.api.operations import Request
from voipbin_mock.areas.calls import simulation
from voipbin_mock.areas.campaigns import lints, states
from voipbin_mock.areas.campaigns.dialer import AFTER_A_DIAL, FIRST_TICK, NOTHING_TO_DIAL
from voipbin_mock.areas.campaigns.dialing_order import (
    DESTINATIONS,
    MAX_TRY_COUNTS,
    SLOTS,
    TRY_COUNTS,
    is_empty,
    limits_of,
    never_tried,
    touch_of,
    touched_at,
)
from voipbin_mock.areas.campaigns.differences import CAPACITY, CHAINS, EMPTY_SLOTS, RING_LIMITS
from voipbin_mock.areas.campaigns.resources import OUTDIALS, OUTPLANS, TARGETS
from voipbin_mock.areas.queues.agents import available_agents
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID, Caller
from voipbin_mock.world.store import Record, Row
from voipbin_mock.world.timers import MILLISECOND
from voipbin_mock.world.world import World

# Numbers that a campaign must not call: emergency services, and short codes of any kind.
_EMERGENCY = re.compile(r"(\+\d{1,3})?(112|911|999|110|118|119|113|115|000|111|108|995)", re.ASCII)
_SHORT = re.compile(r"\+?\d{1,6}", re.ASCII)
_TEXT_ROWS = 50


@dataclass(frozen=True)
class PlannedAttempt:
    """One attempt that may come. `latest` is None if it may come at any time, for it waits for agents."""

    number: str
    destination_index: int
    try_count: int
    earliest: int
    latest: int | None
    refused: str = ""  # why the call would not be placed; the campaign ends there


@dataclass(frozen=True)
class PlannedTarget:
    id: str
    name: str
    attempts: tuple[PlannedAttempt, ...]


@dataclass(frozen=True)
class PlanWarning:
    """What is odd: a code, where (an id, or ""), and in words."""

    code: str
    where: str
    message: str


@dataclass(frozen=True)
class CampaignPlan:
    """What a run can come to. `most_calls` counts attempts; of refused ones there is one at most."""

    most_calls: int
    first_dial: int | None
    last_dial: int | None
    targets: tuple[PlannedTarget, ...]
    warnings: tuple[PlanWarning, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        first, last = span(self.first_dial), span(self.last_dial)
        bounds = f"at most {self.most_calls} calls, the first at {first} and the last at {last}"
        lines = [bounds if self.most_calls else "no calls"]
        lines += [f"warning {w.code}: {w.message}" + (f" ({w.where})" if w.where else "") for w in self.warnings]
        rows = [(target, attempt) for target in self.targets for attempt in target.attempts]
        for target, attempt in rows[:_TEXT_ROWS]:
            name = target.name or target.id[:8]
            refused = f"  refused: {attempt.refused}" if attempt.refused else ""
            when = f"{span(attempt.earliest)} to {span(attempt.latest)}"
            slot = f"destination_{attempt.destination_index}, try {attempt.try_count}"
            lines.append(f"  {name:<16} {attempt.number:<18} {slot}: {when}{refused}")
        if len(rows) > _TEXT_ROWS:
            lines.append(f"  ... and {len(rows) - _TEXT_ROWS} more")
        return "\n".join(lines)


def span(milliseconds: int | None) -> str:
    """`2:00:01.500`, hours first."""
    if milliseconds is None:
        return "any time"
    seconds, rest = divmod(milliseconds, 1000)
    text = f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{rest:03d}" if rest else text


@dataclass(frozen=True)
class _Setup:
    """What is planned: a campaign's parts, or parts that a campaign might have."""

    account: str
    campaign: Row | None
    outplan: Record | None
    targets: Sequence[Row]
    type: str = "call"
    end_handle: str = "stop"
    queue_id: str = NIL_UUID


def of_campaign(world: World, row: Row) -> CampaignPlan:
    """The plan of a campaign, if it were run now (or, while it runs, of what is to come)."""
    campaign = row.data
    outplan = world.table(OUTPLANS).get(campaign["outplan_id"])
    targets = [target for target in world.table(TARGETS) if target.data["outdial_id"] == campaign["outdial_id"]]
    return _plan(
        world,
        _Setup(
            row.account,
            row,
            outplan.data if outplan is not None else None,
            targets,
            campaign["type"],
            campaign["end_handle"],
            campaign["queue_id"],
        ),
    )


def of_parts(world: World, outplan: Row, targets: Sequence[Row], end_handle: str = "stop") -> CampaignPlan:
    """The plan of a campaign of calls that had this outplan and these targets, and no queue."""
    return _plan(world, _Setup(outplan.account, None, outplan.data, targets, end_handle=end_handle))


def _plan(world: World, setup: _Setup) -> CampaignPlan:
    open_to = "" if setup.outplan is None else setup.type
    planned = list(_schedule(world, setup)) if open_to in ("call", "flow") else []
    attempts = [attempt for target in planned for attempt in target.attempts]
    placed = [attempt for attempt in attempts if not attempt.refused]
    latest = [attempt.latest for attempt in attempts]
    last = None if None in latest else max((each for each in latest if each is not None), default=None)
    return CampaignPlan(
        most_calls=len(placed) + (len(placed) < len(attempts)),
        first_dial=min((attempt.earliest for attempt in attempts), default=None),
        last_dial=last,
        targets=tuple(planned),
        warnings=tuple(_warnings(world, setup, planned)),
    )


# --- when ------------------------------------------------------------------------------------------


def _schedule(world: World, setup: _Setup) -> Iterator[PlannedTarget]:
    assert setup.outplan is not None
    now, outplan = world.clock.microseconds(), setup.outplan
    interval = max(0, outplan["try_interval"])
    running = setup.campaign is not None and setup.campaign.data["execute"] == "run"
    soonest, first_tick = (0, NOTHING_TO_DIAL) if running else (FIRST_TICK, FIRST_TICK)
    eligible = []
    for row in sorted(setup.targets, key=lambda row: (touched_at(row.data), touch_of(row.data))):
        tries = [] if row.data["status"] == "done" else list(_tries(world, setup, row))
        if tries:
            eligible.append((row, tries))
    # A dial, then all others that may be in front, then the poll that finds it.
    turn = NOTHING_TO_DIAL + AFTER_A_DIAL * max(0, len(eligible) - 1)
    wait = 0  # until the head of the line has cooled down: it blocks all behind it
    for position, (row, tries) in enumerate(eligible):
        target = row.data
        in_flight = target["status"] == "progressing"
        cooling = 0
        if not never_tried(target) and not in_flight:
            cooling = max(0, -(-(touched_at(target) - now) // MILLISECOND) + interval)
            wait = max(wait, cooling)
        if in_flight:
            earliest = max(soonest, interval)
            latest = first_tick + simulation.LONGEST_CALL + interval + turn
        else:
            earliest = max(soonest + (0 if _any_in_flight(eligible) else AFTER_A_DIAL * position), cooling)
            latest = first_tick + wait + (NOTHING_TO_DIAL if wait else 0) + AFTER_A_DIAL * position
        attempts = []
        for slot, count, refused in tries:
            number = (target[DESTINATIONS[slot]] or {}).get("target", "")
            bound = None if setup.queue_id != NIL_UUID else latest
            attempts.append(PlannedAttempt(number, slot, count, earliest, bound, refused))
            earliest += max(interval, AFTER_A_DIAL)
            latest += simulation.LONGEST_CALL + interval + turn
        yield PlannedTarget(row.id, target["name"], tuple(attempts))


def _any_in_flight(eligible: Sequence[tuple[Row, Any]]) -> bool:
    return any(row.data["status"] == "progressing" for row, _ in eligible)


def _tries(world: World, setup: _Setup, row: Row) -> Iterator[tuple[int, int, str]]:
    """The attempts that a target may still see: destination, number of the try, and why it is refused."""
    assert setup.outplan is not None
    target, limits = row.data, limits_of(setup.outplan)
    for slot in SLOTS:
        address = target[DESTINATIONS[slot]]
        if is_empty(address) and not EMPTY_SLOTS.of(world):
            continue
        for count in range(target[TRY_COUNTS[slot]] + 1, limits[slot] + 1):
            if setup.type == "flow":
                yield slot, count, ""  # it always succeeds
                return
            refused = simulation.refusal(world, setup.account, address)
            yield slot, count, refused.why if refused is not None else ""
            if refused is not None:
                return


# --- what is odd -------------------------------------------------------------------------------------


def _warnings(world: World, setup: _Setup, planned: Sequence[PlannedTarget]) -> Iterator[PlanWarning]:
    yield from _about_campaign(world, setup)
    if setup.outplan is not None:
        yield from _about_outplan(world, setup, setup.outplan)
        yield from _about_targets(setup, setup.outplan, planned)
        if setup.end_handle == "stop" and setup.type == "call" and len(planned) == 1 and len(planned[0].attempts) > 1:
            message = "a campaign that stops at its end never retries its only target: it ends while the call rings"
            yield PlanWarning("one-try", planned[0].id, message)


def _about_campaign(world: World, setup: _Setup) -> Iterator[PlanWarning]:
    if setup.campaign is None:
        return
    campaign = setup.campaign.data
    for name in ("outplan", "outdial"):
        if campaign[f"{name}_id"] == NIL_UUID:
            yield PlanWarning("no-dialing", "", f"the campaign has no {name}, so it dials nobody")
    try:
        states.check_references(world, setup.account, campaign, setup.campaign.id)
    except ApiError as error:
        yield PlanWarning("run-refused", "", "; ".join(str(violation) for violation in error.violations))
    if campaign["type"] not in ("call", "flow"):
        yield PlanWarning(
            "unknown-type", "", f'the type "{campaign["type"]}" is neither call nor flow: nothing is dialed'
        )
    if campaign["queue_id"] != NIL_UUID:
        agents = available_agents(world, setup.account, campaign["queue_id"])
        if not CAPACITY.of(world)(agents, 0, campaign["service_level"]):
            level = campaign["service_level"]
            message = f"{agents} agents of the queue are available; with a service level of {level} nothing is dialed"
            yield PlanWarning("no-capacity", campaign["queue_id"], message)
    if campaign["next_campaign_id"] != NIL_UUID and not CHAINS.of(world):
        message = "the server never starts the next campaign"
        yield PlanWarning("next-campaign-ignored", campaign["next_campaign_id"], message)


def _about_outplan(world: World, setup: _Setup, outplan: Record) -> Iterator[PlanWarning]:
    asker = Request("", "", caller=Caller("agent", outplan["customer_id"], setup.account, 0))
    for rule in (lints.outplan_tries, lints.outplan_times, lints.outplan_source):
        for finding in rule(world, asker, outplan):
            yield PlanWarning(finding.code, outplan["id"], f"{finding.message}; {finding.advice}")
    timeout = outplan["dial_timeout"]
    if timeout > 0 and RING_LIMITS.of(world)(timeout) != timeout:
        rings = RING_LIMITS.of(world)(timeout)
        message = f"the server ignores dial_timeout {timeout}: calls ring {rings} milliseconds"
        yield PlanWarning("dial-timeout-ignored", outplan["id"], message)
    source = outplan["source"]
    if source["type"] != "tel" or not source["target"]:
        yield PlanWarning("unowned-source", outplan["id"], "the source is no phone number of this account")


def _about_targets(setup: _Setup, outplan: Record, planned: Sequence[PlannedTarget]) -> Iterator[PlanWarning]:
    if setup.campaign is None or setup.campaign.data["outdial_id"] != NIL_UUID:
        if not setup.targets:
            yield PlanWarning("no-targets", "", "there is nobody to dial")
        elif not planned and any(limit > 0 for limit in limits_of(outplan)):
            yield PlanWarning("no-targets", "", "no target has a destination with tries left")
    limits = limits_of(outplan)
    for row in setup.targets:
        for slot in SLOTS:
            if not is_empty(row.data[DESTINATIONS[slot]]) and limits[slot] <= 0 and any(limits):
                message = f"{DESTINATIONS[slot]} is never dialed, for {MAX_TRY_COUNTS[slot]} is 0"
                yield PlanWarning("never-dialed", row.id, message)
        if row.deleted and row.data["status"] != "done":
            yield PlanWarning("deleted-target", row.id, "a deleted target is dialed all the same")
    for target in planned:
        seen = set()
        for attempt in target.attempts:
            if attempt.refused:
                message = (
                    f"destination_{attempt.destination_index} is refused ({attempt.refused}); the campaign ends there"
                )
                yield PlanWarning("refused", target.id, message)
            elif attempt.number not in seen:
                seen.add(attempt.number)
                yield from _about_number(target, attempt.number)


def _about_number(target: PlannedTarget, number: str) -> Iterator[PlanWarning]:
    if _EMERGENCY.fullmatch(number):
        yield PlanWarning("emergency-number", target.id, f"{number} is a number of emergency services")
    elif _SHORT.fullmatch(number):
        yield PlanWarning("short-number", target.id, f"{number} is a short code, no subscriber's number")


def find_targets(world: World, wanted: Sequence[str]) -> list[Row]:
    """Target rows by their ids, or by the ids of their outdials. Raises LookupError."""
    table, found = world.table(TARGETS), []
    for each in wanted:
        row = table.get(each)
        if row is not None:
            found.append(row)
        elif world.table(OUTDIALS).get(each) is not None:
            found += [target for target in table if target.data["outdial_id"] == each]
        else:
            raise LookupError(f"no target and no outdial {each!r} in this mock")
    return found
