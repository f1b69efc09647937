"""The plan of a campaign, before it is run: the most it can do, the soonest and the latest, and what is odd.

Whatever phones do, a run stays within its plan, as long as nobody changes campaign, outplan, outdial, targets or
scripts meanwhile. Times are milliseconds from the `run` request. However many tries there are, they are counted and
not gone through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, NamedTuple

from voipbin_mock.api.operations import Request
from voipbin_mock.areas.calls import simulation
from voipbin_mock.areas.calls.phones import Phones
from voipbin_mock.areas.campaigns import lints, loops, states
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
from voipbin_mock.wire.stamps import span
from voipbin_mock.wire.values import NIL_UUID, Caller
from voipbin_mock.world.store import Record, Row
from voipbin_mock.world.timers import MILLISECOND
from voipbin_mock.world.world import World

# Numbers that a campaign must not call: emergency services, and short codes of any kind.
_EMERGENCY = re.compile(r"(\+\d{1,3})?(112|911|999|110|118|119|113|115|000|111|108|995)", re.ASCII)
_SHORT = re.compile(r"\+?\d{1,6}", re.ASCII)
_TEXT_ROWS = 50
# So many attempts of a target are listed, and so many where there are more than so many targets.
MOST_LISTED, FEW_LISTED, MANY_TARGETS = 100, 10, 1000


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
    """`tries` counts all of its attempts; `attempts` are the first of them, a hundred at most."""

    id: str
    name: str
    attempts: tuple[PlannedAttempt, ...]
    tries: int


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
        left = sum(target.tries for target in self.targets) - min(len(rows), _TEXT_ROWS)
        if left:
            lines.append(f"  ... and {left} more")
        return "\n".join(lines)


@dataclass(frozen=True)
class _Setup:
    """What is planned: a campaign's parts, or parts that a campaign might have. An `end_handle` of "" is either."""

    account: str
    campaign: Record | None  # as it would be with these parts
    outplan: Record | None
    targets: Sequence[Row]
    given_targets: bool = False  # they are no outdial's
    type: str = "call"
    end_handle: str = ""
    queue_id: str = NIL_UUID


class _Stretch(NamedTuple):
    """Tries of one destination, one after the other."""

    slot: int
    first: int  # the number of the first of them
    tries: int
    refused: str = ""  # why the call would not be placed


class _Planned(NamedTuple):
    """A target with all that may come of it."""

    shown: PlannedTarget
    stretches: Sequence[_Stretch]
    last: int | None  # when its last attempt comes at the latest


def of_campaign(
    world: World, row: Row, outplan: Row | None = None, targets: Sequence[Row] | None = None, end_handle: str = ""
) -> CampaignPlan:
    """The plan of a campaign, if it were run now (or, while it runs, of what is to come).

    outplan, targets, end_handle: in place of its own, to see what it would come to.
    """
    campaign = dict(row.data)
    if outplan is not None:
        campaign["outplan_id"] = outplan.id
    campaign["end_handle"] = end_handle or campaign["end_handle"]
    found = world.table(OUTPLANS).get(campaign["outplan_id"])
    outdial = [target for target in world.table(TARGETS) if target.data["outdial_id"] == campaign["outdial_id"]]
    return _plan(
        world,
        _Setup(
            row.account,
            campaign,
            found.data if found is not None else None,
            outdial if targets is None else targets,
            targets is not None,
            campaign["type"],
            campaign["end_handle"],
            campaign["queue_id"],
        ),
    )


def of_parts(world: World, outplan: Row, targets: Sequence[Row], end_handle: str = "") -> CampaignPlan:
    """The plan of a campaign of calls that had this outplan and these targets, and no queue."""
    return _plan(world, _Setup(outplan.account, None, outplan.data, targets, True, end_handle=end_handle))


def _plan(world: World, setup: _Setup) -> CampaignPlan:
    open_to = "" if setup.outplan is None else setup.type
    planned = list(_schedule(world, setup)) if open_to in ("call", "flow") else []
    stretches = [stretch for target in planned for stretch in target.stretches]
    latest = [target.last for target in planned]
    return CampaignPlan(
        most_calls=sum(s.tries for s in stretches if not s.refused) + any(s.refused for s in stretches),
        first_dial=min((target.shown.attempts[0].earliest for target in planned), default=None),
        last_dial=None if None in latest else max((each for each in latest if each is not None), default=None),
        targets=tuple(target.shown for target in planned),
        warnings=tuple(_warnings(world, setup, planned)),
    )


# --- when ------------------------------------------------------------------------------------------


def _schedule(world: World, setup: _Setup) -> Iterator[_Planned]:
    assert setup.outplan is not None
    now, outplan = world.clock.microseconds(), setup.outplan
    interval = max(0, outplan["try_interval"])
    running = setup.campaign is not None and setup.campaign["execute"] == "run"
    soonest, first_tick = (0, NOTHING_TO_DIAL) if running else (FIRST_TICK, FIRST_TICK)
    eligible = []
    for row in sorted(setup.targets, key=lambda row: (touched_at(row.data), touch_of(row.data))):
        stretches = [] if row.data["status"] == "done" else list(_stretches(world, setup, row))
        if stretches:
            eligible.append((row, stretches))
    if _ends_after_one(world, setup, eligible):
        row, (stretch, *_) = eligible[0]
        eligible = [(row, [stretch._replace(tries=1)])]
    # A dial, then all others that may be in front, then the poll that finds it.
    turn = NOTHING_TO_DIAL + AFTER_A_DIAL * max(0, len(eligible) - 1)
    any_in_flight = any(row.data["status"] == "progressing" for row, _ in eligible)
    listed = MOST_LISTED if len(eligible) <= MANY_TARGETS else FEW_LISTED
    wait = 0  # until the head of the line has cooled down: it blocks all behind it
    for position, (row, stretches) in enumerate(eligible):
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
            earliest = max(soonest + (0 if any_in_flight else AFTER_A_DIAL * position), cooling)
            latest = first_tick + wait + (NOTHING_TO_DIAL if wait else 0) + AFTER_A_DIAL * position
        tries = sum(stretch.tries for stretch in stretches)
        apart = max(interval, AFTER_A_DIAL), simulation.LONGEST_CALL + interval + turn
        bound = None if setup.queue_id != NIL_UUID else latest
        attempts = tuple(islice(_attempts(target, stretches, (earliest, bound), apart), listed))
        last = None if bound is None else bound + (tries - 1) * apart[1]
        yield _Planned(PlannedTarget(row.id, target["name"], attempts, tries), stretches, last)


def _attempts(
    target: Record, stretches: Sequence[_Stretch], first: tuple[int, int | None], apart: tuple[int, int]
) -> Iterator[PlannedAttempt]:
    """The attempts of a target, each at its soonest and its latest."""
    earliest, latest = first
    for slot, begin, many, refused in stretches:
        for number in range(begin, begin + many):
            yield PlannedAttempt(_number(target, slot), slot, number, earliest, latest, refused)
            earliest += apart[0]
            latest = None if latest is None else latest + apart[1]


def _number(target: Record, slot: int) -> str:
    number: str = (target[DESTINATIONS[slot]] or {}).get("target", "")
    return number


def _stretches(world: World, setup: _Setup, row: Row) -> Iterator[_Stretch]:
    """The attempts that a target may still see."""
    assert setup.outplan is not None
    target, limits = row.data, limits_of(setup.outplan)
    for slot in SLOTS:
        address, tried = target[DESTINATIONS[slot]], target[TRY_COUNTS[slot]]
        if tried >= limits[slot] or (is_empty(address) and not EMPTY_SLOTS.of(world)):
            continue
        if setup.type == "flow":
            yield _Stretch(slot, tried + 1, 1)  # it always succeeds
            return
        refused = simulation.refusal(world, setup.account, address)
        if refused is not None:
            yield _Stretch(slot, tried + 1, 1, refused.why)
            return
        yield _Stretch(slot, tried + 1, limits[slot] - tried)


def _ends_after_one(world: World, setup: _Setup, eligible: Sequence[tuple[Row, Sequence[_Stretch]]]) -> bool:
    """Whether the run is over with the first call: while that goes on nobody is left, and a campaign that stops at
    its end does not wait for it. Only a call that fails before the next look is made again.
    """
    if setup.end_handle != "stop" or setup.type != "call" or setup.outplan is None or len(eligible) != 1:
        return False
    row, stretches = eligible[0]
    if row.data["status"] == "progressing":
        return False
    rings = RING_LIMITS.of(world)(setup.outplan["dial_timeout"])
    calls = [
        simulation.course(outcome, rings)
        for stretch in stretches
        if not stretch.refused
        for outcome in world.part(Phones).possible(_number(row.data, stretch.slot))
    ]
    return not any(call.reason != simulation.SUCCESS and call.ended <= AFTER_A_DIAL for call in calls)


# --- what is odd -------------------------------------------------------------------------------------


def _warnings(world: World, setup: _Setup, planned: Sequence[_Planned]) -> Iterator[PlanWarning]:
    yield from _about_campaign(world, setup)
    if setup.outplan is not None:
        yield from _about_outplan(world, setup, setup.outplan)
        yield from _about_targets(setup, setup.outplan, planned)
    yield from _about_tries(world, setup, planned)


def _about_campaign(world: World, setup: _Setup) -> Iterator[PlanWarning]:
    if setup.campaign is None:
        return
    campaign = setup.campaign
    for name in ("outplan",) if setup.given_targets else ("outplan", "outdial"):
        if campaign[f"{name}_id"] == NIL_UUID:
            yield PlanWarning("no-dialing", "", f"the campaign has no {name}, so it dials nobody")
    try:
        states.check_references(world, setup.account, campaign, campaign["id"])
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
    if loop := loops.of(world, setup.account, campaign):
        yield PlanWarning("campaign-loop", campaign["next_campaign_id"], loops.told(loop))


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


def _about_tries(world: World, setup: _Setup, planned: Sequence[_Planned]) -> Iterator[PlanWarning]:
    left = [target.shown for target in planned if target.shown.tries > len(target.shown.attempts)]
    if left:
        most = max(target.tries for target in left)
        message = f"a target may be tried {most:,} times; only its first {len(left[0].attempts)} attempts are listed"
        yield PlanWarning("many-tries", left[0].id, message)
    if setup.end_handle not in ("stop", "") or setup.outplan is None or setup.type != "call" or len(planned) != 1:
        return
    (only,) = planned
    row = next(row for row in setup.targets if row.id == only.shown.id)
    if sum(stretch.tries for stretch in _stretches(world, setup, row)) > 1:
        message = "a campaign that stops at its end never retries its only target: it ends while the call rings"
        yield PlanWarning("one-try", only.shown.id, message)


def _about_targets(setup: _Setup, outplan: Record, planned: Sequence[_Planned]) -> Iterator[PlanWarning]:
    if setup.given_targets or (setup.campaign is not None and setup.campaign["outdial_id"] != NIL_UUID):
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
    rows: Mapping[str, Row] = {row.id: row for row in setup.targets}
    for target in planned:
        numbers: dict[str, None] = {}
        for stretch in target.stretches:
            if stretch.refused:
                message = f"{DESTINATIONS[stretch.slot]} is refused ({stretch.refused}); the campaign ends there"
                yield PlanWarning("refused", target.shown.id, message)
            else:
                numbers[_number(rows[target.shown.id].data, stretch.slot)] = None
        for number in numbers:
            yield from _about_number(target.shown, number)


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
