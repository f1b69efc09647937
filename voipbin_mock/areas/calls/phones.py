"""Phones: what happens when a number is called.

A script is a list of outcomes, used up in the order of dialing; its last entry repeats. It belongs to one
number, to a pattern of numbers, or to all others. Some numbers behave in a fixed way without a script:
see `MAGIC`. Times are milliseconds.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import TYPE_CHECKING, Any, ClassVar

from voipbin_mock.areas.calls.far_end import Step, checked, meant, read_steps, written
from voipbin_mock.wire.durations import Duration
from voipbin_mock.world.part import Part

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

NEVER = 1 << 40  # milliseconds after which nobody is there any more
DEFAULT = "default"  # the rule for numbers that no other rule is for


# --- outcomes ------------------------------------------------------------------------------------


@dataclass(frozen=True, init=False)
class Outcome:
    """What one call meets. `after`: from the dial to the answer, or to the end of a call that has none.

    `after=None` rings until whoever calls gives up. `talk`: from the answer to the hangup.
    """

    after: int | None
    talk: int

    kind: ClassVar[str] = ""
    hangup_reason: ClassVar[str] = ""
    answers: ClassVar[bool] = False
    rings: ClassVar[bool] = True
    is_machine: bool = False

    def __init__(self, after: Duration | None = "1s") -> None:
        object.__setattr__(self, "after", None if after is None else meant(after, "after"))
        object.__setattr__(self, "talk", 0)

    def as_dict(self) -> dict[str, Any]:
        """`{"outcome": "busy", "after": 3000}`."""
        shown: dict[str, Any] = {"outcome": self.kind, "after": None if self.after is None else written(self.after)}
        return {**shown, "talk": written(self.talk)} if self.answers else shown

    def choose(self, draw: float) -> Outcome:
        """The outcome itself; a `Chance` picks one."""
        return self


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


class Chance(Outcome):
    """One of several, by weight, drawn from the mock's random seed: `Chance({Answer(): 7, Busy(): 3})`."""

    kind = "chance"
    of: tuple[tuple[Outcome, float], ...]

    def __init__(self, of: Mapping[Outcome, float] | Iterable[tuple[Outcome, float]]) -> None:
        super().__init__(None)
        pairs = tuple(of.items() if isinstance(of, Mapping) else ((outcome, weight) for outcome, weight in of))
        for outcome, weight in pairs:
            _check(outcome)
            if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight < float("inf"):
                raise ValueError(f"{weight!r} is no weight; give a number that is not negative")
        if not any(weight for _, weight in pairs):
            raise ValueError("at least one outcome needs a weight above 0")
        object.__setattr__(self, "of", pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chance) and self.of == other.of

    def __hash__(self) -> int:
        return hash(self.of)

    def __repr__(self) -> str:
        return f"Chance({dict(self.of)!r})"

    def as_dict(self) -> dict[str, Any]:
        return {"outcome": self.kind, "of": [{**outcome.as_dict(), "weight": weight} for outcome, weight in self.of]}

    def choose(self, draw: float) -> Outcome:
        left = draw * sum(weight for _, weight in self.of)
        for outcome, weight in self.of:
            left -= weight
            if left < 0:
                return outcome.choose(draw)
        return next(outcome for outcome, weight in reversed(self.of) if weight).choose(draw)


OUTCOMES: Mapping[str, type[Outcome]] = {
    outcome.kind: outcome
    for outcome in (Answer, Busy, NoAnswer, Rejected, Unreachable, Canceled, Cleared, Machine, Chance)
}


def _check(outcome: object) -> Outcome:
    if isinstance(outcome, Outcome) and outcome.kind:
        return outcome
    if isinstance(outcome, type) and issubclass(outcome, Outcome):
        raise ValueError(f"write {outcome.__name__}(), with parentheses")
    raise ValueError(f"{outcome!r} is no outcome; give Answer(), Busy(), NoAnswer() and the like")


def read_outcome(value: Any) -> Outcome:
    """An outcome from its JSON form: `"busy"`, or `{"outcome": "busy", "after": "3s"}`. Raises ValueError."""
    if isinstance(value, str):
        value = {"outcome": value}
    if not isinstance(value, Mapping):
        raise ValueError(f'{value!r} is no outcome; write "busy" or {{"outcome": "busy", "after": "3s"}}')
    name = value.get("outcome")
    known = OUTCOMES.get(name) if isinstance(name, str) else None
    if name is None:
        raise ValueError(f'{value!r} is no outcome; write {{"outcome": "busy"}}, or one of {", ".join(OUTCOMES)}')
    if known is None:
        raise ValueError(f"{name!r} is no outcome; known are {', '.join(OUTCOMES)}")
    given = {key: item for key, item in value.items() if key not in ("outcome", "weight")}
    if known is Chance:
        of = given.pop("of", None)
        if given or not isinstance(of, list) or not all(isinstance(item, Mapping) for item in of):
            raise ValueError('a chance is {"outcome": "chance", "of": [{"outcome": "busy", "weight": 3}, ...]}')
        return Chance([(read_outcome(item), item.get("weight", 1)) for item in of])
    allowed = {"after", "talk", "then", "by"} if known is Answer else {"after", "talk"} if known.answers else {"after"}
    if "then" in given and known is Answer:
        given["then"] = read_steps(given["then"])
    unknown = given.keys() - allowed
    if unknown:
        raise ValueError(f"{name} has no {min(unknown)!r}")
    return known(**given)


# --- numbers that behave by themselves -----------------------------------------------------------

# North American numbers +1 NXX 555 01xx belong to no one: they are reserved for fiction. The last two
# digits say what happens, in any area code.
_MAGIC_NUMBER = re.compile(r"\+1[2-9]\d\d55501(\d\d)", re.ASCII)
MAGIC: Mapping[str, tuple[str, tuple[Outcome, ...]]] = {
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
_ORDINARY = (Answer(),)


def _plain_number(number: str) -> str:
    """Without what people put between digits."""
    if number[1:].isdigit():
        return number
    return re.sub(r"[\s().-]", "", number) if number.lstrip().startswith("+") else number.strip()


def _checked(rule: str, outcomes: Sequence[Outcome]) -> tuple[str, tuple[Outcome, ...]]:
    """A rule and its script, as they are kept. Raises ValueError."""
    rule = _plain_number(rule)
    if not rule:
        raise ValueError("say which phone: a number, a pattern such as +1202*, or default")
    if rule.isascii() and rule.isdigit():
        raise ValueError(f"{rule!r} never rings: numbers are dialed as +{rule}, with the plus")
    if not outcomes:
        raise ValueError("a script needs at least one outcome")
    return rule, tuple(_check(outcome) for outcome in outcomes)


class Phones(Part):
    """The phones of one world, and how often each was called under its rule."""

    name, rank, trailed = "phones", 30, True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._random_seed = world.ids.random_seed
        self._trail = world.trail
        self._rules: dict[str, tuple[Outcome, ...]] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._used: dict[str, dict[str, int]] = {}  # rule -> number -> calls
        self.changes = 0  # of the scripts, so far

    def script(self, rule: str, outcomes: Sequence[Outcome]) -> None:
        """What a number, a pattern (`*` and `?`) or `default` does from its next call on. Raises ValueError."""
        rule, script = _checked(rule, outcomes)
        self.forget(rule)
        self._rules[rule] = script
        if "*" in rule or "?" in rule:
            self._patterns[rule] = re.compile(translate(rule.replace("[", "[[]")))

    def forget(self, rule: str | None = None) -> None:
        """Take back one script, or all of them."""
        self._note()
        self.changes += 1
        if rule is None:
            self._rules.clear()
            self._patterns.clear()
            self._used.clear()
            return
        rule = _plain_number(rule)
        for kept in (self._rules, self._patterns, self._used):
            kept.pop(rule, None)

    def rule_for(self, number: str) -> tuple[str, tuple[Outcome, ...]]:
        """The rule that a number goes by, and its script: its own, the pattern given last, magic, or default."""
        if number in self._rules and number not in self._patterns:
            return number, self._rules[number]
        for rule in reversed(self._patterns):
            if self._patterns[rule].fullmatch(number):
                return rule, self._rules[rule]
        match = _MAGIC_NUMBER.fullmatch(number)
        if match is not None and match[1] in MAGIC:
            return "magic", MAGIC[match[1]][1]
        return DEFAULT, self._rules.get(DEFAULT, _ORDINARY)

    def possible(self, number: str) -> Iterator[Outcome]:
        """Whatever a call to a number may meet, by the scripts of this moment."""
        waiting = list(self.rule_for(_plain_number(number))[1])
        while waiting:
            outcome = waiting.pop()
            if isinstance(outcome, Chance):
                waiting += [each for each, weight in outcome.of if weight]
            else:
                yield outcome

    def dial(self, number: str) -> Outcome:
        """What the next call to a number meets."""
        number = _plain_number(number)
        rule, script = self.rule_for(number)
        count = self._used.get(rule, {}).get(number, 0)
        self._trail.note(self._called, rule, number, count)
        used = self._used.setdefault(rule, {})
        used[number] = count + 1
        outcome = script[min(count, len(script) - 1)]
        if outcome.kind != "chance":
            return outcome
        text = f"{self._random_seed}:{number}:{count}".encode()
        return outcome.choose(int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") / 2**64)

    # --- taking back -----------------------------------------------------------------------------

    def _note(self) -> None:
        """To be called before the scripts change."""
        used = {rule: dict(numbers) for rule, numbers in self._used.items()}
        self._trail.note(self._put_back, dict(self._rules), dict(self._patterns), used, self.changes)

    def _put_back(self, *kept: Any) -> None:
        self._rules, self._patterns, self._used, self.changes = kept

    def _called(self, rule: str, number: str, count: int) -> None:
        used = self._used.get(rule, {})
        if count:
            used[number] = count
        else:
            used.pop(number, None)
            if not used:
                self._used.pop(rule, None)

    # --- as data -------------------------------------------------------------------------------

    def rules(self) -> dict[str, list[dict[str, Any]]]:
        """The scripts in their JSON form."""
        return {rule: [outcome.as_dict() for outcome in script] for rule, script in self._rules.items()}

    @property
    def revision(self) -> int:
        return self.changes

    def keep(self) -> dict[str, Any]:
        return self.dump()

    def bring_back(self, kept: dict[str, Any]) -> None:
        self.load(kept)

    def dump(self) -> dict[str, Any]:
        return {"rules": self.rules(), "used": {rule: dict(used) for rule, used in self._used.items()}}

    def load(self, document: Mapping[str, Any]) -> None:
        """Take back what `dump` gave. Raises ValueError for anything else."""
        self.read(document.get("rules", {}))
        used = document.get("used", {})
        if not isinstance(used, Mapping) or not all(
            isinstance(counts, Mapping) and all(type(count) is int for count in counts.values())
            for counts in used.values()
        ):
            raise ValueError("used: rule -> number -> count")
        self._note()
        self._used = {rule: dict(counts) for rule, counts in used.items()}

    def read(self, rules: Any) -> None:
        """Scripts from their JSON form: `{"+12025550123": ["busy", {"outcome": "answer", "talk": "12s"}]}`."""
        if not isinstance(rules, Mapping):
            raise ValueError("phones are an object: number, pattern or default -> list of outcomes")
        read = {}
        for rule, outcomes in rules.items():
            try:
                read[rule] = [read_outcome(item) for item in (outcomes if isinstance(outcomes, list) else [outcomes])]
                _checked(rule, read[rule])
            except ValueError as error:
                raise ValueError(f"{rule}: {error}") from None
        for rule, script in read.items():
            self.script(rule, script)
