"""Winding the clock on until something happens in a call, and what is said if it does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from difflib import SequenceMatcher, get_close_matches

from voipbin_mock.api import crud
from voipbin_mock.areas.calls import far_end
from voipbin_mock.areas.calls.far_end import Step, Wait
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.flows import engine
from voipbin_mock.areas.flows.runs import trace_of
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

MOST_NAMED = 12  # types of actions in a message


class Reaches(Wait):
    """An action that is waited for from outside."""


def winds(world: World, look: Callable[[], Row], found: Callable[[Row], bool], milliseconds: int) -> bool:
    """Wind the clock on until it is found, the call is over, or this time is. Whether it is found.

    Raises TimeoutError if that takes longer than the clock's patience.
    """
    yes = False

    def enough() -> bool:
        nonlocal yes
        row = look()
        yes = found(row)
        return yes or row.data["status"] == "hangup"

    clock = world.clock
    end = clock.microseconds() + milliseconds * 1000
    try:
        clock.run_until(enough, limit=timedelta(milliseconds=milliseconds))
    except TimeoutError:
        due = clock.next_due()
        if due is not None and due <= end:
            raise
    world.stir()
    return yes


def heard(world: World, row: Row, pattern: str) -> bool:
    """Whether something like this was spoken that was not found before; then it is, with all before it."""
    spoken = [text for _, way, text in row.data["heard"] or () if way == "out"]
    for position, text in enumerate(spoken[row.data["listened"] :], row.data["listened"] + 1):
        if far_end.like(text, pattern):
            return _past(world, row, "listened", position)
    return False


def reached(world: World, row: Row, step: Step) -> bool:
    """Whether an action has begun that this step waits for, and that was not found before."""
    run = engine.of(world, row.data["activeflow_id"])
    if run is None:
        return False
    wanted, trace = step.as_dict(), trace_of(run.data)
    first = run.count - len(trace)  # those before are forgotten
    for number, entry in enumerate(trace[max(0, row.data["followed"] - first) :], max(row.data["followed"], first)):
        skipped = entry[engine.OUTCOME] == "skipped"
        if not skipped and far_end.fits(wanted, entry[engine.TYPE], entry[engine.ID], entry[engine.OPTION]):
            return _past(world, row, "followed", number + 1)
    return False


def _past(world: World, row: Row, what: str, count: int) -> bool:
    with world.changing():
        crud.keep(world, CALLS, row, {what: count})
    return True


# --- what is said if it does not happen ------------------------------------------------------------------


def unheard(pattern: str, spoken: Sequence[str], more: str = "") -> str:
    """What is said of words that nobody spoke."""
    if not spoken:
        return f"never heard {pattern!r}: nothing was spoken{more}"
    nearest = max(spoken, key=lambda text: SequenceMatcher(None, text.casefold(), pattern.casefold()).ratio())
    return f"never heard {pattern!r}; nearest: {nearest!r}; spoken were {len(spoken)} texts{more}"


def not_heard(spoken: Sequence[str], pattern: str, before: int, so_far: str) -> str:
    """With what was spoken, and what was nearest. before: how often it was spoken, and found."""
    if before:
        return f"{pattern!r} was spoken {_times(before)}, which was found before, and not again{so_far}"
    return unheard(pattern, spoken, so_far)


def not_reached(came: Sequence[tuple[str, str]], step: Step, so_far: str) -> str:
    """With the actions that came, by type and id."""
    types = list(dict.fromkeys(type for type, _ in came))
    before = sum(step.at == type if step.at else step.on == id for type, id in came)
    again = f" again, after {_times(before)} found before" if before else ""
    near = get_close_matches(step.at[:80], types, n=1) if not before else []
    hint = f"; nearest: {near[0]}" if near else f"; it came to {', '.join(types[:MOST_NAMED]) or 'nothing'}"
    return f"never came to {step.waits_for}{again}{hint}{so_far}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
