"""Scripts of the far end: what becomes of the calls, texts and mails that reach an address.

A script is a list of outcomes, used up in the order in which the address is reached; its last entry repeats. It
belongs to one address, to a pattern of addresses, or to all others. Some addresses behave in a fixed way without one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import translate
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from voipbin_mock.world.part import Part

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

DEFAULT = "default"  # the rule for addresses that no other rule is for
MAGIC = "magic"  # what is told as the rule of one that behaves by itself


class Outcome:
    """What one call, text or mail meets."""

    kind: ClassVar[str] = ""

    def as_dict(self) -> dict[str, Any]:
        """`{"outcome": "busy", "after": 3000}`."""
        return {"outcome": self.kind}

    def choose(self, draw: float) -> Outcome:
        """The outcome itself; a `Chance` picks one."""
        return self


class Settled(Outcome):
    """An outcome that has nothing beside its kind."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(self.kind)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Chance(Outcome):
    """One of several, by weight, drawn from the mock's random seed: `Chance({Answer(): 7, Busy(): 3})`."""

    kind = "chance"
    of: tuple[tuple[Outcome, float], ...]

    def __init__(self, of: Mapping[Any, float] | Iterable[tuple[Any, float]]) -> None:
        pairs = tuple(of.items() if isinstance(of, Mapping) else ((outcome, weight) for outcome, weight in of))
        for outcome, weight in pairs:
            check(outcome)
            if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight < float("inf"):
                raise ValueError(f"{weight!r} is no weight; give a number that is not negative")
        if not any(weight for _, weight in pairs):
            raise ValueError("at least one outcome needs a weight above 0")
        self.of = pairs

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


Kind = type[Outcome] | tuple[type[Outcome], ...]


def check(outcome: object, base: Kind = Outcome, example: str = "Answer(), Busy(), NoAnswer()") -> Outcome:
    """An outcome of a kind, or a chance of such. Raises ValueError for anything else."""
    if isinstance(outcome, Chance):
        for each, _ in outcome.of:
            check(each, base, example)
        return outcome
    if isinstance(outcome, base) and outcome.kind:
        return outcome
    if isinstance(outcome, type) and issubclass(outcome, Outcome):
        raise ValueError(f"write {outcome.__name__}(), with parentheses")
    raise ValueError(f"{outcome!r} is no outcome; give {example} and the like")


Read = Callable[[str, Mapping[str, Any]], Outcome]


def read_outcome(value: Any, known: Mapping[str, type[Outcome]], make: Read, example: str = "busy") -> Outcome:
    """An outcome from its JSON form: `"busy"`, or `{"outcome": "busy", "after": "3s"}`. Raises ValueError.

    make: of the name of one that is known, and its other members.
    """
    if isinstance(value, str):
        value = {"outcome": value}
    if not isinstance(value, Mapping):
        raise ValueError(f'{value!r} is no outcome; write "{example}" or {{"outcome": "{example}", "after": "3s"}}')
    name = value.get("outcome")
    names = ", ".join([*known, Chance.kind])
    if name is None:
        raise ValueError(f'{value!r} is no outcome; write {{"outcome": "{example}"}}, or one of {names}')
    given = {key: item for key, item in value.items() if key not in ("outcome", "weight")}
    if name == Chance.kind:
        of = given.pop("of", None)
        if given or not isinstance(of, list) or not all(isinstance(item, Mapping) for item in of):
            raise ValueError(
                f'a chance is {{"outcome": "chance", "of": [{{"outcome": "{example}", "weight": 3}}, ...]}}'
            )
        return Chance([(read_outcome(item, known, make, example), item.get("weight", 1)) for item in of])
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"{name!r} is no outcome; known are {names}")
    return make(name, given)


def only(name: str, given: Mapping[str, Any], allowed: Iterable[str]) -> None:
    """Raises ValueError for a member that an outcome does not have."""
    unknown = given.keys() - set(allowed)
    if unknown:
        raise ValueError(f"{name} has no {min(unknown)!r}")


O = TypeVar("O", bound=Outcome)  # noqa: E741
R = TypeVar("R", bound="Rule")


class Scripts(Part, Generic[O]):
    """The scripts of one kind of address, and how often each address was reached under its rule.

    What the kind is like is said by the methods of a subclass.
    """

    trailed = True
    called: ClassVar[str] = ""  # what they are called in messages: "phones"
    pattern_is: ClassVar[str] = ""  # "number, pattern or default"
    ordinary: Sequence[Any] = ()  # the script of an address that nobody scripted

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._random_seed = world.ids.random_seed
        self._trail = world.trail
        self._rules: dict[str, tuple[O, ...]] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._used: dict[str, dict[str, int]] = {}  # rule -> address -> how often
        self.changes = 0  # of the scripts, so far

    # --- what a kind of address is like ----------------------------------------------------------

    def plain(self, address: str) -> str:
        """An address as it is compared."""
        raise NotImplementedError

    def wrong(self, rule: str) -> str:
        """Why a rule, as it is written, is for nothing; empty if it is for something."""
        raise NotImplementedError

    def magic(self, address: str) -> Sequence[O] | None:
        """The script of an address that behaves by itself."""
        raise NotImplementedError

    def checked_outcome(self, outcome: object) -> O:
        """Raises ValueError for what is none of this kind."""
        raise NotImplementedError

    def read_outcome(self, value: Any) -> O:
        """An outcome from its JSON form. Raises ValueError."""
        raise NotImplementedError

    # --- scripting -------------------------------------------------------------------------------

    def _checked(self, rule: str, outcomes: Sequence[object]) -> tuple[str, tuple[O, ...]]:
        if not isinstance(rule, str):
            raise ValueError(f"{rule!r} is no {self.pattern_is}")
        if wrong := self.wrong(rule.strip()):
            raise ValueError(wrong)
        if not outcomes:
            raise ValueError("a script needs at least one outcome")
        return self.plain(rule), tuple(self.checked_outcome(outcome) for outcome in outcomes)

    def script(self, rule: str, outcomes: Sequence[object]) -> None:
        """What an address, a pattern (`*` and `?`) or `default` does from the next time on. Raises ValueError."""
        rule, script = self._checked(rule, outcomes)
        self.forget(rule)
        self._rules[rule] = script
        if is_pattern(rule):
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
        rule = self.plain(rule)
        for kept in (self._rules, self._patterns, self._used):
            kept.pop(rule, None)

    def rule_for(self, address: str) -> tuple[str, Sequence[O]]:
        """The rule that an address goes by, and its script: its own, the pattern given last, magic, or default."""
        if address in self._rules and address not in self._patterns:
            return address, self._rules[address]
        for rule in reversed(self._patterns):
            if self._patterns[rule].fullmatch(address):
                return rule, self._rules[rule]
        script = self.magic(address)
        if script is not None:
            return MAGIC, script
        return DEFAULT, self._rules.get(DEFAULT, cast("Sequence[O]", self.ordinary))

    def possible(self, address: str) -> Iterator[O]:
        """Whatever reaching an address may meet, by the scripts of this moment."""
        waiting: list[Outcome] = list(self.rule_for(self.plain(address))[1])
        while waiting:
            outcome = waiting.pop()
            if isinstance(outcome, Chance):
                waiting += [each for each, weight in outcome.of if weight]
            else:
                yield cast(O, outcome)

    def meet(self, address: str) -> O:
        """What an address does this time."""
        address = self.plain(address)
        return self.use(*self.rule_for(address), address)

    def use(self, rule: str, script: Sequence[O], address: str) -> O:
        """The next of a rule's outcomes for an address."""
        count = self._used.get(rule, {}).get(address, 0)
        self._trail.note(self._reached, rule, address, count)
        self._used.setdefault(rule, {})[address] = count + 1
        return self.choose(address, script, count)

    def choose(self, address: str, script: Sequence[O], count: int) -> O:
        """What a script has for an address that was reached so often before."""
        outcome = script[min(count, len(script) - 1)]
        if not isinstance(outcome, Chance):
            return outcome
        text = f"{self._random_seed}:{address}:{count}".encode()
        draw = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") / 2**64
        return cast(O, outcome.choose(draw))

    # --- taking back -----------------------------------------------------------------------------

    def _note(self) -> None:
        """To be called before the scripts change."""
        used = {rule: dict(addresses) for rule, addresses in self._used.items()}
        self._trail.note(self._put_back, dict(self._rules), dict(self._patterns), used, self.changes)

    def _put_back(self, *kept: Any) -> None:
        self._rules, self._patterns, self._used, self.changes = kept

    def _reached(self, rule: str, address: str, count: int) -> None:
        used = self._used.get(rule, {})
        if count:
            used[address] = count
        else:
            used.pop(address, None)
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
            raise ValueError("used: rule -> address -> count")
        self._note()
        self._used = {rule: dict(counts) for rule, counts in used.items()}

    def read(self, rules: Any) -> None:
        """Scripts from their JSON form: `{"+12025550123": ["busy", {"outcome": "answer", "talk": "12s"}]}`."""
        if not isinstance(rules, Mapping):
            raise ValueError(f"{self.called} are an object: {self.pattern_is} -> list of outcomes")
        read = {}
        for rule, outcomes in rules.items():
            try:
                several = outcomes if isinstance(outcomes, list) else [outcomes]
                read[rule] = [self.read_outcome(item) for item in several]
                self._checked(rule, read[rule])
            except ValueError as error:
                raise ValueError(f"{rule}: {error}") from None
        for rule, script in read.items():
            self.script(rule, script)


def is_pattern(rule: str) -> bool:
    return "*" in rule or "?" in rule


class Rule:
    """One rule of a world's scripts, to be scripted from a test."""

    scripts: ClassVar[type[Scripts[Any]]]
    noun: ClassVar[str] = ""

    def __init__(self, world: World, rule: str) -> None:
        self._world = world
        self._rule = rule

    def script(self: R, *outcomes: Outcome) -> R:
        """What its next ones meet, in order; the last one repeats. Raises ValueError."""
        with self._world.changing():
            self._world.part(self.scripts).script(self._rule, outcomes)
        return self

    def forget(self) -> None:
        """Take the script back."""
        with self._world.changing():
            self._world.part(self.scripts).forget(self._rule)

    def _one(self, what: str, example: str) -> str:
        """The address, if it is one of its own. Raises ValueError for a rule of several."""
        address = self._world.part(self.scripts).plain(self._rule)
        if not address or address == DEFAULT or is_pattern(address):
            raise ValueError(f"{self._rule or repr('')} is no {self.noun} that {what}; name one: {example}")
        return address

    def __repr__(self) -> str:
        return f"<{self.noun} {self._rule}>"
