"""What the documents discourage in outplans and campaigns, and the service accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from voipbin_mock.api.lint import Lint
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.calls import simulation
from voipbin_mock.areas.campaigns import dialer, loops, states
from voipbin_mock.areas.campaigns.resources import CAMPAIGNS, OUTPLANS, TARGETS
from voipbin_mock.areas.routing.resources import NUMBERS
from voipbin_mock.wire.errors import shorten
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.world import World

CODES: Mapping[str, str] = {
    "unowned-source": "the source number of an outplan does not belong to the account",
    "no-tries": "every try count of an outplan is zero, so it never dials",
    "no-dialing": "a campaign is run that has no outplan or no outdial",
    "refused-call": "a campaign is run whose first call would be refused, which ends the campaign",
    "one-try": "a campaign that ends with its last target is run with one target, which is never retried",
    "campaign-loop": "campaigns are made to follow each other in a loop, or one of a loop is run",
}


def looks_like_seconds(member: str, milliseconds: int) -> bool:
    """Whether a time meant as milliseconds was probably written in seconds.

    Below a second no dialing makes sense. Ten minutes, half an hour or a day in seconds (600, 1800,
    86400) also betray themselves for intervals: nobody waits 1.8 or 86.4 seconds.
    """
    if 0 < milliseconds < 1000:
        return True
    long_in_seconds = milliseconds % 600 == 0 and milliseconds % 1000 != 0 and milliseconds <= 604_800
    return member == "try_interval" and long_in_seconds and milliseconds > 0


def times(values: Mapping[str, Any]) -> Iterator[Lint]:
    """Times in milliseconds that were written in seconds."""
    for member in ("dial_timeout", "try_interval"):
        value = values.get(member)
        if type(value) is int and looks_like_seconds(member, value):
            yield Lint(
                "seconds-not-milliseconds",
                f"/{member}",
                f"{value} milliseconds looks like seconds",
                f"send {value * 1000} for {value} seconds",
            )


def outplan_times(world: World, request: Request, values: Mapping[str, Any]) -> Iterator[Lint]:
    return times(values)


def outplan_source(world: World, request: Request, values: Mapping[str, Any]) -> Iterator[Lint]:
    source = values["source"]
    caller = request.caller
    if caller is None or source["type"] != "tel" or not source["target"]:
        return
    owners = {row.account for row in world.table(NUMBERS).find("number", source["target"])}
    if caller.account not in owners:
        yield Lint(
            "unowned-source",
            "/source/target",
            f"{shorten(source['target'])} is not a number of this account",
            "use one that GET /numbers lists",
        )


def outplan_tries(world: World, request: Request, values: Mapping[str, Any]) -> Iterator[Lint]:
    if not any(values[f"max_try_count_{n}"] for n in range(5)):
        yield Lint(
            "no-tries",
            "/max_try_count_0",
            "every max_try_count is 0, so this outplan never dials",
            "set max_try_count_0 to 1 or more",
        )


def leads_round(world: World, request: Request, values: Mapping[str, Any]) -> Iterator[Lint]:
    """A campaign that is changed so that it follows itself, at once or in a round."""
    row = world.table(CAMPAIGNS).get(request.id)
    if row is not None and (loop := loops.of(world, row.account, {**row.data, **values})):
        pointer = "/next_campaign_id" if "next_campaign_id" in values else ""
        yield Lint("campaign-loop", pointer, loops.told(loop), "let one of them be followed by none")


OUTPLAN = (outplan_times, outplan_source, outplan_tries)


def run_lints(world: World, request: Request, values: Mapping[str, Any]) -> Iterator[Lint]:
    """What surprises those who run a campaign."""
    row = world.table(CAMPAIGNS).get(request.id)
    if values["status"] != "run" or row is None or row.data["status"] == "run":
        return
    yield from leads_round(world, request, {})
    for member in ("outplan_id", "outdial_id"):
        if row.data[member] == NIL_UUID:
            name = states.REFERENCES[member].noun
            yield Lint("no-dialing", "", f"the campaign has no {name}, so it dials nobody", f"set its {member} first")
    outplan = world.table(OUTPLANS).get(row.data["outplan_id"])
    if outplan is None:
        return
    head = dialer.head(world, row.data["outdial_id"], outplan.data)
    refused = head and row.data["type"] == "call" and simulation.refusal(world, row.account, head.destination)
    if refused:
        message = f"the first call is refused, for {refused.why}, and the campaign ends with it"
        yield Lint("refused-call", "", message, refused.advice or f"give the target {refused.expected}")
    if row.data["end_handle"] == "continue":
        return
    tries = sum(outplan.data[f"max_try_count_{n}"] for n in range(5))
    targets = world.table(TARGETS)
    idle = [
        t for t in targets.group("outdial_id", row.data["outdial_id"], None, len(targets)) if t.data["status"] == "idle"
    ]
    if tries > 1 and len(idle) == 1:
        message = "no other target is idle while the only one is called, so the run ends and does not retry it"
        yield Lint("one-try", "", message, 'set end_handle to "continue" for retries')
