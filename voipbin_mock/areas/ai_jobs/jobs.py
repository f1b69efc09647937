"""Jobs on the virtual clock: each meets its outcome when it begins, and comes to it when it ends.

The record keeps the outcome until then, in a member that is not shown, so that snapshots and dumps do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.areas.ai_jobs.outcomes import KINDS, Done, Failed, JobOutcome, Jobs, error_of
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.world import World


def meets(world: World, kind: str, *, dead: bool = False) -> JobOutcome:
    """What a job that begins now will come to. dead: its model does not answer, whatever is scripted."""
    return Failed() if dead else world.part(Jobs).meet(kind)


def lasts(kind: str, outcome: JobOutcome) -> int:
    """Milliseconds."""
    return KINDS[kind].after if outcome.after is None else outcome.after


def begins(world: World, kind: str, timer: str, *args: str, dead: bool = False) -> dict[str, Any]:
    """A job begins, which ends by this timer: what its record keeps of it."""
    outcome = meets(world, kind, dead=dead)
    return {"outcome": outcome.as_dict(), "timer": world.timers.call_in(lasts(kind, outcome), timer, *args)}


def calls_off(world: World, job: Mapping[str, Any] | None) -> None:
    """A job never ends."""
    if job and type(job.get("timer")) is int:
        world.timers.cancel(job["timer"])


def outcome_of(world: World, job: Mapping[str, Any] | None) -> JobOutcome:
    """What a job that ends comes to; as usual, if its record does not say."""
    try:
        found: JobOutcome = world.part(Jobs).read_outcome((job or {}).get("outcome", Done.kind))
    except (TypeError, ValueError):  # of a state that somebody has written by hand
        return Done()
    return found


def results(outcome: JobOutcome) -> Mapping[str, Any]:
    """What was scripted of what it comes to."""
    return outcome.fields if isinstance(outcome, Done) else {}


def accepted(reply: Reply) -> Reply:
    """The answer to a request for what comes about later."""
    reply.http_code = 202
    return reply


def failure(kind: str, outcome: JobOutcome) -> str:
    """Why it comes to nothing; empty if it comes to something."""
    return error_of(kind, outcome) if isinstance(outcome, Failed) else ""
