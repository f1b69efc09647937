"""Trouble on purpose, as a test asks for it: the part of `Mock` that makes the service awkward."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

from voipbin_mock.api.modes import ForwardCompatibility, Modes, Paging
from voipbin_mock.trouble.faults import PlannedFault, PlannedFaults
from voipbin_mock.trouble.limits import Limits
from voipbin_mock.trouble.planning import Faults, Stubs
from voipbin_mock.wire.errors import UnusedPlanError, UnusedPlanWarning
from voipbin_mock.world.part import Unmet
from voipbin_mock.world.sessions import Sessions
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

LOCK_SECONDS = 1.0  # of the machine, that the end waits for who holds the lock


class HasTrouble:
    """A part of `Mock`; it has the world."""

    world: World

    @property
    def faults(self) -> Faults:
        """PlannedFault errors, latency and broken connections: `faults.error("POST /outplans", "INTERNAL")`."""
        return Faults(self.world.part(PlannedFaults))

    @property
    def stubs(self) -> Stubs:
        """The canned replies that are planned."""
        return Stubs(self.world.part(PlannedFaults))

    def stub(self, on: str, **members: Any) -> PlannedFault:
        """A canned reply for one operation, mocked or not, or for any path.

        json, body (text or bytes), status (200), headers, content_type; times (always, if nothing is
        said), and what else `faults` take: nth, probability, token, accesskey, agent, customer. It answers
        in the operation's place, without looking at a credential. Raises MockUsageError.
        """
        return self.stubs.add(on, **members)

    @property
    def limits(self) -> Limits:
        """Rate limits: `limits.set(True)`, `limits.set({"customer": (2, 5)})`, `limits.clear()`."""
        return self.world.part(Limits)

    def pages_of(
        self, size: int = 100, *, arriving: bool = False, vanishing: bool = False, coarse_tokens: bool = False
    ) -> AbstractContextManager[None]:
        """Cut lists into pages of at most `size`, from now on or, as a context manager, for a while.

        arriving: a record comes into being between one page and the next. vanishing: the record that
        would come next is deleted. coarse_tokens: page tokens name whole seconds, so that records of one
        second may fall between two pages, as records of one instant do on the service.
        """
        return self._switch("paging", Paging(size, arriving, vanishing, coarse_tokens))

    def forward_compatible(
        self, *, members: bool = True, order: bool = True, enums: bool = True
    ) -> AbstractContextManager[None]:
        """Answer as a later version of the service might: unknown members, other key order, new enum values."""
        return self._switch("forward", ForwardCompatibility(members, order, enums))

    def _switch(self, mode: str, value: Any) -> AbstractContextManager[None]:
        world = self.world
        with world.changing():
            before = world.part(Modes).keep()
            setattr(world.part(Modes), mode, value)

        def undo() -> None:
            with world.changing():
                world.part(Modes).bring_back(before)

        return _Undo(undo)

    def _tell(self, unused: list[Unmet]) -> None:
        """Warn of, or raise, what was planned and never met, by the setting `unused`."""
        told = [(where, f"planned and never met: {text}") for where, text in unused]
        if told and self.world.settings.unused == "error":
            raise UnusedPlanError("\n".join(text for _, text in told))
        if self.world.settings.unused == "warn":
            for where, text in told:
                file, line = where or ("voipbin-mock", 0)
                warnings.warn_explicit(UnusedPlanWarning(text), UnusedPlanWarning, file, line)


def worlds(world: World) -> dict[str, World]:
    """A world under the key "", and those of its sessions under theirs."""
    sessions = world.has(Sessions)
    return {"": world, **({} if sessions is None else sessions.listed())}


def ending(world: World, why: str) -> AbstractContextManager[None]:
    """For as long as this lasts, nobody winds the clocks of a world and its sessions on."""
    if world.has(Sessions) is None:  # the common end of a test
        return world.clock.ending(why) if world.owns_clock else nullcontext()
    return _all_ending(world, why)


@contextmanager
def _all_ending(world: World, why: str) -> Iterator[None]:
    with ExitStack() as stack:
        for one in worlds(world).values():
            if one.owns_clock:
                stack.enter_context(one.clock.ending(why))
        yield


def unmet(world: World) -> list[Unmet]:
    """What was planned in it or in a session and never met, and why it counts so, in words."""
    return [
        Unmet(where, f"session {key}: {text}" if key else text)
        for key, one in worlds(world).items()
        for part in tuple(one.parts.values())
        for where, text in part.unmet()
    ]


def taken_back(world: World) -> list[Unmet]:
    """The same, and then all is taken back. Nothing of what is held for ever by something that hangs."""
    if not world.lock.acquire(timeout=LOCK_SECONDS):
        logger.warning("something hangs, and holds the mock: what was planned and never met cannot be told")
        return []
    try:
        unused = unmet(world)
        forget_plans(world)
        return unused
    finally:
        world.lock.release()


def forget_plans(world: World) -> None:
    """Take all back, sessions' included."""
    for one in worlds(world).values():
        for part in tuple(one.parts.values()):
            part.forget_planned()


class _Undo(AbstractContextManager[None]):
    """What was switched is switched already; leaving the block switches it back."""

    def __init__(self, undo: Callable[[], object]) -> None:
        self._undo = undo

    def __exit__(self, *_: object) -> None:
        self._undo()
