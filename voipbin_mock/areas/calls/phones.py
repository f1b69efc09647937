"""Phones: what happens when a number is called.

A script is a list of outcomes, used up in the order of dialing; its last entry repeats. It belongs to one
number, to a pattern of numbers, or to all others. Some numbers behave in a fixed way without a script:
see `MAGIC`. Times are milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from voipbin_mock.api import scripting
from voipbin_mock.api.scripting import DEFAULT, Chance, Scripts
from voipbin_mock.areas.accounts.addresses import FICTIONAL
from voipbin_mock.areas.calls.far_end import Step, checked, read_steps
from voipbin_mock.wire.durations import Duration, meant, written

__all__ = ["DEFAULT", "Chance"]  # of these it is the place for whoever looks at calls alone
NEVER = 1 << 40  # milliseconds after which nobody is there any more


# --- outcomes ------------------------------------------------------------------------------------


@dataclass(frozen=True, init=False)
class Outcome(scripting.Outcome):
    """What one call meets. `after`: from the dial to the answer, or to the end of a call that has none.

    `after=None` rings until whoever calls gives up. `talk`: from the answer to the hangup.
    """

    after: int | None
    talk: int

    hangup_reason: ClassVar[str] = ""
    answers: ClassVar[bool] = False
    rings: ClassVar[bool] = True
    is_machine: bool = False

    def __init__(self, after: Duration | None = "1s") -> None:
        object.__setattr__(self, "after", None if after is None else meant(after, "after"))
        object.__setattr__(self, "talk", 0)

    def as_dict(self) -> dict[str, Any]:
        shown: dict[str, Any] = {**super().as_dict(), "after": written(self.after)}
        return {**shown, "talk": written(self.talk)} if self.answers else shown


class Answer(Outcome):
    """Somebody answers, talks, and hangs up: success.

    by: "machine" is what the action `amd` finds out. then: what is done once it was answered:
    `Answer(then=[Press("1"), Say("yes")])`. talk=None (which it is with `then`, if it is left out) hangs up by no time
    of its own.
    """

    kind, hangup_reason, answers = "answer", "normal", True
    then: tuple[Step, ...]

    def __init__(
        self,
        talk: Duration | None = "10s",
        after: Duration | None = "3s",
        *,
        then: Iterable[Step] = (),
        by: str = "human",
    ) -> None:
        super().__init__(after)
        if by not in ("human", "machine"):
            raise ValueError(f"by={by!r}: a call is answered by a human or a machine")
        object.__setattr__(self, "is_machine", by == "machine" or self.kind == "machine")
        steps = checked(then)
        if steps and talk == "10s":
            talk = None
        object.__setattr__(self, "talk", NEVER if talk is None else meant(talk, "talk"))
        object.__setattr__(self, "then", steps)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and _same(self) == _same(other)

    def __hash__(self) -> int:
        return hash(_same(self))

    def as_dict(self) -> dict[str, Any]:
        shown = super().as_dict()
        if self.talk == NEVER:
            shown["talk"] = None
        if self.is_machine and self.kind != "machine":
            shown["by"] = "machine"
        return {**shown, "then": [step.as_dict() for step in self.then]} if self.then else shown


def _same(answer: Answer) -> tuple[object, ...]:
    return (answer.after, answer.talk, answer.then, answer.is_machine)


class Machine(Answer):
    """An answering machine, found out after `talk`: fail."""

    kind, hangup_reason = "machine", "amd"

    def __init__(self, talk: Duration = "2s", after: Duration | None = "3s") -> None:
        super().__init__(talk, after)


class Busy(Outcome):
    """The line is busy: fail."""

    kind, hangup_reason, rings = "busy", "busy", False


class NoAnswer(Outcome):
    """Nobody answers: fail. It rings until the caller gives up, or the network does (`after`)."""

    kind, hangup_reason = "noanswer", "noanswer"

    def __init__(self, after: Duration | None = None) -> None:
        super().__init__(after)


class Rejected(Outcome):
    """The call is turned down while it rings: fail."""

    kind, hangup_reason = "rejected", "noanswer"

    def __init__(self, after: Duration | None = "4s") -> None:
        super().__init__(after)


class Unreachable(Outcome):
    """The network finds no way to the number: fail."""

    kind, hangup_reason, rings = "unreachable", "failed", False


class Canceled(Outcome):
    """The call is canceled on its way: fail."""

    kind, hangup_reason = "canceled", "cancel"


class Cleared(Outcome):
    """Cleared normally before anybody answered, or answered elsewhere: the service counts that a success."""

    kind, hangup_reason = "cleared", "normal"

    def __init__(self, after: Duration | None = "4s") -> None:
        super().__init__(after)


OUTCOMES: Mapping[str, type[Outcome]] = {
    outcome.kind: outcome for outcome in (Answer, Busy, NoAnswer, Rejected, Unreachable, Canceled, Cleared, Machine)
}


def read_outcome(value: Any) -> Any:
    """An outcome from its JSON form: `"busy"`, or `{"outcome": "busy", "after": "3s"}`. Raises ValueError."""
    return scripting.read_outcome(value, OUTCOMES, _made)


def _made(name: str, given: Mapping[str, Any]) -> Outcome:
    known, members = OUTCOMES[name], dict(given)
    allowed = {"after", "talk", "then", "by"} if known is Answer else {"after", "talk"} if known.answers else {"after"}
    if "then" in members and known is Answer:
        members["then"] = read_steps(members["then"])
    scripting.only(name, members, allowed)
    return known(**members)


# --- numbers that behave by themselves -----------------------------------------------------------

# The last two digits of a number that is reserved for fiction say what happens, in any area code.
MAGIC: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    "00": ("answers after 3 s and talks for 10 s", (Answer(),)),
    "01": ("busy after 1 s", (Busy(),)),
    "02": ("rings until the caller gives up", (NoAnswer(),)),
    "03": ("rejected after 4 s", (Rejected(),)),
    "04": ("unreachable after 1 s", (Unreachable(),)),
    "05": ("no answer, by the network, after 20 s", (NoAnswer("20s"),)),
    "06": ("canceled after 1 s", (Canceled(),)),
    "07": ("cleared after 4 s, before any answer (a success)", (Cleared(),)),
    "08": ("an answering machine, found out 2 s after it answered", (Machine(),)),
    "09": ("answers at once and talks for 2 hours (cut after one)", (Answer("2h", "0s"),)),
    "10": ("answers at once and hangs up at once", (Answer("0s", "0s"),)),
    "11": ("busy, then answers", (Busy(), Answer())),
    "12": ("no answer, then answers", (NoAnswer(), Answer())),
    "13": ("rejected, then answers", (Rejected(), Answer())),
    "14": ("unreachable, then answers", (Unreachable(), Answer())),
    "15": ("busy twice, then answers", (Busy(), Busy(), Answer())),
    "16": ("busy, no answer, unreachable, then answers", (Busy(), NoAnswer(), Unreachable(), Answer())),
    "17": ("answers, then busy for ever", (Answer(), Busy())),
    "18": ("answers or is busy, evenly, by the random seed", (Chance({Answer(): 1, Busy(): 1}),)),
    "19": ("answers after 40 s, which a short `dial_timeout` does not wait for", (Answer("10s", "40s"),)),
}


def _plain_number(number: str) -> str:
    """Without what people put between digits."""
    if number[1:].isdigit():
        return number
    return re.sub(r"[\s().-]", "", number) if number.lstrip().startswith("+") else number.strip()


class Phones(Scripts[Outcome]):
    """The phones of one world, and how often each was called under its rule."""

    name, rank = "phones", 30
    called, pattern_is = "phones", "number, pattern or default"
    ordinary = (Answer(),)

    def plain(self, address: str) -> str:
        return _plain_number(address)

    def wrong(self, rule: str) -> str:
        if not rule:
            return "say which phone: a number, a pattern such as +1202*, or default"
        if rule.isascii() and rule.isdigit():
            return f"{rule!r} never rings: numbers are dialed as +{rule}, with the plus"
        return ""

    def magic(self, address: str) -> Sequence[Outcome] | None:
        match = FICTIONAL.fullmatch(address)
        return MAGIC[match[1]][1] if match is not None and match[1] in MAGIC else None

    def checked_outcome(self, outcome: object) -> Any:
        return scripting.check(outcome, Outcome)

    def read_outcome(self, value: Any) -> Any:
        return read_outcome(value)

    def dial(self, number: str) -> Outcome:
        """What the next call to a number meets."""
        return self.meet(number)
