"""A phone in a test's hand: scripted for when it is called, or calling itself."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.scripting import DEFAULT, Outcome, is_pattern
from voipbin_mock.areas.calls import scripts, voice
from voipbin_mock.areas.calls.far_end import Step
from voipbin_mock.areas.calls.live import LiveCall
from voipbin_mock.areas.calls.phones import Phones
from voipbin_mock.world.world import World


class Phone:
    """One rule of a world's phones, to be scripted from a test."""

    def __init__(self, world: World, rule: str) -> None:
        self._world = world
        self._rule = rule

    def script(self, *outcomes: Outcome) -> Phone:
        """What its next calls meet, in order; the last one repeats. Raises ValueError."""
        with self._world.changing():
            self._world.part(Phones).script(self._rule, outcomes)
        return self

    def calls(self, to: Any, *steps: Step) -> LiveCall:
        """Call a number of the account, or a flow, queue or conference (a record or its id), and then do this.

        Raises CallRefused if the service turns the call down, and ValueError for what is no step.

        >>> with Mock() as voipbin:
        ...     call = voipbin.phone("+15550100001").calls("+899100000100", Press("1"), HangUp(after="4s"))
        """
        if self._rule == DEFAULT or is_pattern(self._rule):
            raise ValueError(f"{self._rule} is no phone that can call; name one: voipbin.phone('+15550100001')")
        wanted = to if isinstance(to, str) else getattr(to, "id", None)
        if not isinstance(wanted, str) or not wanted:
            raise ValueError(f"nobody calls {to!r}; give a number, or a flow, queue or conference: a record or its id")
        several = scripts.checked(self._world, steps)
        with self._world.changing():
            row = voice.incoming(self._world, self._rule, wanted)
            scripts.give(self._world, row.id, several, since=0)
        return LiveCall(self._world, row.id)

    def forget(self) -> None:
        """Take the script back."""
        with self._world.changing():
            self._world.part(Phones).forget(self._rule)

    def __repr__(self) -> str:
        return f"<phone {self._rule}>"
