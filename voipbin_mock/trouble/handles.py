"""Trouble on purpose, as a test asks for it: the part of `Mock` that makes the service awkward."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from voipbin_mock.api.modes import ForwardCompatibility, Modes, Paging
from voipbin_mock.trouble.faults import Faults, Plan, Stubs
from voipbin_mock.trouble.limits import Limits
from voipbin_mock.wire.errors import UnusedPlanError, UnusedPlanWarning
from voipbin_mock.world.world import World


class Trouble:
    """What `Mock` is besides; it has the world."""

    world: World

    @property
    def faults(self) -> Faults:
        """Plan errors, latency and broken connections: `faults.error("POST /outplans", "INTERNAL")`."""
        return Faults(self.world.plans)

    @property
    def stubs(self) -> Stubs:
        """The canned replies that are planned."""
        return Stubs(self.world.plans)

    def stub(self, on: str, **members: Any) -> Plan:
        """A canned reply for one operation, mocked or not, or for any path.

        json, body (text or bytes), status (200), headers, content_type; times (always, if nothing is
        said), and what else `faults` take: nth, probability, token, accesskey, agent, customer. It answers
        in the operation's place, without looking at a credential. Raises MockUsageError.
        """
        return self.stubs.add(on, **members)

    @property
    def limits(self) -> Limits:
        """Rate limits: `limits.set(True)`, `limits.set({"customer": (2, 5)})`, `limits.clear()`."""
        return self.world.limits

    def pages_of(
        self, size: int = 100, *, arriving: bool = False, vanishing: bool = False, coarse_tokens: bool = False
    ) -> AbstractContextManager[None]:
        """Cut lists into pages of at most `size`, from now on or, as a context manager, for a while.

        arriving: a record comes into being between one page and the next. vanishing: the record that
        would come next is deleted. coarse_tokens: page tokens name whole seconds, so that records of one
        second may fall between two pages, as records of one instant do on the service.
        """
        paging = Paging(size, arriving, vanishing, coarse_tokens)
        return self._switch(replace(self.world.modes, paging=paging))

    def forward_compatible(
        self, *, members: bool = True, order: bool = True, enums: bool = True
    ) -> AbstractContextManager[None]:
        """Answer as a later version of the service might: unknown members, other key order, new enum values."""
        return self._switch(replace(self.world.modes, forward=ForwardCompatibility(members, order, enums)))

    def _switch(self, modes: Modes) -> AbstractContextManager[None]:
        with self.world.lock:
            before, self.world.modes = self.world.modes, modes
        return _Undo(lambda: setattr(self.world, "modes", before))

    def _tell(self, unused: list[tuple[Plan, str]]) -> None:
        """Warn of, or raise, what was planned and never met, by the setting `unused`."""
        told = [(plan, f"planned and never met: {text}") for plan, text in unused]
        if told and self.world.settings.unused == "error":
            raise UnusedPlanError("\n".join(text for _, text in told))
        if self.world.settings.unused == "warn":
            for plan, text in told:
                file, line = plan.where or ("voipbin-mock", 0)
                warnings.warn_explicit(UnusedPlanWarning(text), UnusedPlanWarning, file, line)


def worlds(world: World) -> dict[str, World]:
    """A world under the key "", and those of its sessions under theirs."""
    return {"": world, **(world.sessions.listed() if "sessions" in vars(world) else {})}


def unmet(world: World) -> list[tuple[Plan, str]]:
    """What was planned in it or in a session and never met, and why it counts so, in words."""
    return [
        (plan, f"session {key}: {plan.explain()}" if key else plan.explain())
        for key, one in worlds(world).items()
        for plan in one.plans.unused()
    ]


def forget_plans(world: World) -> None:
    """Take all back, sessions' included."""
    for one in worlds(world).values():
        one.plans.clear()


class _Undo(AbstractContextManager[None]):
    """What was switched is switched already; leaving the block switches it back."""

    def __init__(self, undo: Callable[[], object]) -> None:
        self._undo = undo

    def __exit__(self, *_: object) -> None:
        self._undo()
