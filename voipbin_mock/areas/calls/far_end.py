"""What the far end of a call does, step by step: keys, words, silence, hanging up. Times are milliseconds.

A step waits for its action: `at` names a type (a key waits for `digits_receive` by itself), `on` an action's id, `text`
a pattern of what is spoken. Without any it is done as soon as the one before is. `after` is counted from then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from voipbin_mock.wire.durations import Duration, meant, written
from voipbin_mock.wire.errors import shorten
from voipbin_mock.wire.matching import is_like

KEYS = frozenset("0123456789*#ABCD")
REACTION = 500  # from the beginning of an action to the first key
BETWEEN = 200  # from one key to the next
NORMAL = "normal"
REASONS = (NORMAL, "busy", "noanswer")  # of a caller who gives up before somebody answers
MOST_STEPS = 1000
MOST_KEYS = 100


@dataclass(frozen=True, init=False)
class Step:
    """One thing that the far end does. Raises ValueError for what cannot be done."""

    value: str
    at: str
    on: str
    text: str
    after: int
    nth: int

    kind: ClassVar[str] = ""
    usual_at: ClassVar[str] = ""
    lasts: ClassVar[str] = "after"  # what its time is called

    def __init__(
        self,
        value: str = "",
        *,
        at: str | None = None,
        on: Any = None,
        text: str | None = None,
        after: Duration | None = None,
        nth: int = 1,
    ) -> None:
        if type(nth) is not int or not 1 <= nth <= MOST_STEPS:
            raise ValueError(f"nth: {shorten(nth)!r} is no whole number from 1 to {MOST_STEPS}")
        for name, given, wanted in (("at", at, "the type of an action, as a text"), ("text", text, "a text")):
            if given is not None and (not isinstance(given, str) or not given):
                raise ValueError(f"{name}: {shorten(given)!r} is not {wanted}")
        on = getattr(on, "id", on)
        if on is not None and not isinstance(on, str):
            raise ValueError(f"on: {shorten(on)!r} is no id of an action, and no action")
        if sum(given is not None for given in (at, on, text)) > 1:
            raise ValueError("say one of at=, on= and text=: which action a step waits for")
        waits = at if at is not None or on is not None or text is not None else self.usual_at
        usual = REACTION if self.kind in ("press", "say") and (waits or on or text) else 0
        for name, found in (
            ("value", value), ("at", waits or ""), ("on", on or ""), ("text", text or ""),
            ("after", usual if after is None else meant(after, self.lasts)), ("nth", nth),
        ):  # fmt: skip
            object.__setattr__(self, name, found)

    def as_dict(self) -> dict[str, Any]:
        """`{"press": "1", "at": "digits_receive", "after": 500}`."""
        shown: dict[str, Any] = {self.kind: self.value or True, "after": written(self.after)}
        shown |= {name: found for name in ("at", "on", "text") if (found := getattr(self, name))}
        return {**shown, **({"nth": self.nth} if self.nth > 1 else {})}

    @property
    def waits_for(self) -> str:
        """What it waits for, in words; empty if for nothing."""
        if self.on:
            return f"the action {self.on}"
        if self.text:
            return f"{self.text!r} to be spoken"
        return f"{'an' if self.at[:1] in 'aeiou' else 'a'} {self.at}" if self.at else ""

    def __str__(self) -> str:
        given = [repr(self.value)] if self.value else []
        given += [f"{name}={found!r}" for name in ("at", "on", "text") if (found := getattr(self, name))]
        given += [f"nth={self.nth}"] if self.nth > 1 else []
        return f"{type(self).__name__}({', '.join(given)})"


class Press(Step):
    """Press keys, one every 200 ms (`every`). By itself it waits for a `digits_receive`."""

    kind, usual_at = "press", "digits_receive"

    def __init__(self, keys: str, *, every: Duration = BETWEEN, **more: Any) -> None:
        checked_keys(keys)
        super().__init__(keys, **more)
        object.__setattr__(self, "every", meant(every, "every"))

    every: int

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), **({"every": written(self.every)} if self.every != BETWEEN else {})}


class Say(Step):
    """Speak. What is said is in the call's transcripts, if it is transcribed."""

    kind = "say"

    def __init__(self, words: str, **more: Any) -> None:
        if not isinstance(words, str) or not words:
            raise ValueError(f"{shorten(words)!r} is nothing to say: give the words as a text")
        super().__init__(words, **more)


class HangUp(Step):
    """Hang up. reason: of a call that is not answered yet, `normal`, `busy` (the line is) or `noanswer`; one that was
    answered ends as `normal` in any case (documents)."""

    kind = "hangup"
    reason: str

    def __init__(self, reason: str = NORMAL, **more: Any) -> None:
        super().__init__(**more)
        object.__setattr__(self, "reason", checked_reason(reason))

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), **({"reason": self.reason} if self.reason != NORMAL else {})}


class Wait(Step):
    """Do nothing for a while."""

    kind = "wait"
    lasts = "wait"

    def __init__(self, duration: Duration, **more: Any) -> None:
        if "after" in more:
            raise ValueError("after: a wait takes one length of time, and no after")
        if duration is None:
            raise ValueError('wait: say how long, such as "3s"')
        super().__init__(after=duration, **more)


STEPS: Mapping[str, type[Step]] = {step.kind: step for step in (Press, Say, HangUp, Wait)}


def checked_keys(keys: Any) -> str:
    """Keys of a phone. Raises ValueError."""
    if not isinstance(keys, str) or not 1 <= len(keys) <= MOST_KEYS or set(keys) - KEYS:
        raise ValueError(f"{shorten(keys)!r} are no keys: give some of 0123456789*#ABCD, as a text")
    return keys


def checked_reason(reason: Any) -> str:
    """Why somebody hangs up. Raises ValueError."""
    if reason not in REASONS:
        raise ValueError(f"reason: {shorten(reason)!r} is none of {', '.join(REASONS)}")
    return str(reason)


def checked(steps: Iterable[Any]) -> tuple[Step, ...]:
    """Steps, as they are kept. Raises ValueError."""
    found = tuple(steps)
    if len(found) > MOST_STEPS:
        raise ValueError(f"there are {len(found)} steps; {MOST_STEPS} are the most")
    for step in found:
        if isinstance(step, type) and issubclass(step, Step):
            raise ValueError(f"write {step.__name__}(), with parentheses")
        if not isinstance(step, Step) or not step.kind:
            raise ValueError(f"{step!r} is no step; give Press(...), Say(...), Wait(...) or HangUp()")
    return found


def read_steps(value: Any) -> tuple[Step, ...]:
    """Steps from their JSON form: `[{"press": "1"}, {"hangup": true, "after": "4s"}]`. Raises ValueError."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        given = shorten(value)
        raise ValueError(f'steps: {given} is no array; write [{{"press": "1"}}, {{"hangup": true, "after": "4s"}}]')
    found = []
    for number, step in enumerate(value):
        try:
            found.append(read_step(step))
        except (TypeError, ValueError) as error:
            raise ValueError(f"step {number}: {error}") from None
    return checked(found)


def read_step(value: Any) -> Step:
    """One of them. Raises ValueError."""
    if not isinstance(value, Mapping):
        raise ValueError(f'{shorten(value)!r} is no step; write {{"press": "1"}}')
    kinds = [kind for kind in STEPS if kind in value]
    if len(kinds) != 1:
        raise ValueError(f"a step has one of {', '.join(STEPS)}; this has {', '.join(map(str, value)) or 'nothing'}")
    kind = kinds[0]
    more = {name: item for name, item in value.items() if name != kind}
    allowed = {"at", "on", "text", "after", "nth"} | _OWN.get(kind, set())
    unknown = sorted(map(str, more.keys() - allowed))
    if unknown:
        raise ValueError(f"{kind} has no {unknown[0]!r}; it has {', '.join(sorted(allowed))}")
    if kind == "wait":
        duration = more.pop("after", None) if value[kind] is True else value[kind]
        return Wait(duration, **more)
    if kind == "hangup":
        if value[kind] is not True:
            raise ValueError(f'hangup: {shorten(value[kind])!r} says nothing; write {{"hangup": true}}')
        return HangUp(**more)
    try:
        STEPS[kind](value[kind])
    except ValueError as error:
        raise ValueError(f"{kind}: {error}") from None
    return STEPS[kind](value[kind], **more)


_OWN: Mapping[str, set[str]] = {"press": {"every"}, "hangup": {"reason"}}


def fits(step: Mapping[str, Any], type: str, action_id: str, option: Mapping[str, Any]) -> bool:
    """Whether an action that has begun is the one that a step, in its JSON form, waits for."""
    if step.get("on"):
        return bool(step["on"] == action_id)
    if step.get("text"):
        spoken = option.get("text")
        return isinstance(spoken, str) and like(spoken, step["text"])
    return not step.get("at") or step["at"] == type


def waits(step: Mapping[str, Any]) -> bool:
    """Whether a step waits for an action at all."""
    return bool(step.get("on") or step.get("text") or step.get("at"))


def like(spoken: str, pattern: str) -> bool:
    """Whether a text is like a pattern: it has it in it, or is all of it by `*`; upper and lower case are one."""
    text, wanted = spoken.casefold(), pattern.casefold()
    return is_like(text, wanted) if "*" in wanted else wanted in text
