"""What work an expression makes of a text, in steps: a plain backtracking matcher that counts.

The machine's own matcher has no counter. This one tries what that one tries, in the same order.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

if sys.version_info >= (3, 11):
    from re import _constants as constants
    from re import _parser as parser
else:
    import sre_constants as constants  # type: ignore[no-redef]
    import sre_parse as parser  # type: ignore[no-redef]

MOST = 300_000
_SINGLE = (constants.LITERAL, constants.NOT_LITERAL, constants.ANY, constants.IN)
_QUOTES = "\"'/ "
_SAMPLES = "a0A/ .\"'\\-_=:%&@*{}[]()x+,;?#<>\n\t\x01\u00e9"
Then = Callable[[int], bool]


class TooManySteps(Exception):
    """It would go on for too long to count."""


class Matcher:
    """One expression, and how many steps it took so far."""

    def __init__(self, pattern: str | bytes, flags: int = 0) -> None:
        text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
        self.tree = parser.parse(text, flags & ~re.UNICODE)
        self._folds = bool((flags | self.tree.state.flags) & re.IGNORECASE)
        self._dotall = bool((flags | self.tree.state.flags) & re.DOTALL)
        self.steps = 0
        self._text = ""
        self._groups: dict[int, tuple[int, int]] = {}

    def work(self, text: str, search: bool) -> int:
        """The steps of one look at a text: from its beginning, or of finding all matches in it."""
        self.steps, self._text = 0, text
        start = 0
        while start <= len(text):
            end = self._match(start)
            if not search:
                break
            start = max(start + 1, end)
        return self.steps

    def _match(self, start: int) -> int:
        found = [-1]

        def then(position: int) -> bool:
            found[0] = position
            return True

        self._groups.clear()
        self._sequence(list(self.tree), 0, start, then)
        return found[0]

    def _tick(self) -> None:
        self.steps += 1
        if self.steps > MOST:
            raise TooManySteps

    def _sequence(self, nodes: list[Any], index: int, position: int, then: Then) -> bool:
        self._tick()
        if index == len(nodes):
            return then(position)
        return self._node(nodes[index], position, lambda place: self._sequence(nodes, index + 1, place, then))

    def _node(self, node: Any, position: int, then: Then) -> bool:
        kind, argument = node
        if kind in _SINGLE:
            return position < len(self._text) and self.fits(node, self._text[position]) and then(position + 1)
        if kind is constants.AT:
            return self._at(argument, position) and then(position)
        if kind is constants.BRANCH:
            return any(self._sequence(list(branch), 0, position, then) for branch in argument[1])
        if kind is constants.SUBPATTERN:
            return self._group(argument[0], list(argument[3]), position, then)
        if kind in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            return self._repeat(argument, position, then, kind is constants.MAX_REPEAT)
        if kind in (constants.ASSERT, constants.ASSERT_NOT):
            return self._look(argument, position) is (kind is constants.ASSERT) and then(position)
        if kind is constants.GROUPREF:
            start, end = self._groups[argument]
            known = self._text[start:end]
            return self._text.startswith(known, position) and then(position + len(known))
        if kind == getattr(constants, "ATOMIC_GROUP", None):
            end = self._alone(list(argument), position)
            return end >= 0 and then(end)
        raise NotImplementedError(kind)

    def _group(self, number: int | None, nodes: list[Any], position: int, then: Then) -> bool:
        def after(place: int) -> bool:
            if number is not None:
                self._groups[number] = (position, place)
            return then(place)

        return self._sequence(nodes, 0, position, after)

    def _alone(self, nodes: list[Any], position: int) -> int:
        ends = [-1]

        def then(place: int) -> bool:
            ends[0] = place
            return True

        return ends[0] if self._sequence(nodes, 0, position, then) else -1

    def _look(self, argument: Any, position: int) -> bool:
        direction, inner = argument
        start = position if direction > 0 else position - inner.getwidth()[0]
        return start >= 0 and self._alone(list(inner), start) >= 0

    def _repeat(self, argument: Any, position: int, then: Then, greedy: bool) -> bool:
        least, most, inner = argument
        if len(inner) == 1 and inner[0][0] in _SINGLE and greedy:
            end = position
            while end < len(self._text) and end - position < most and self.fits(inner[0], self._text[end]):
                self._tick()
                end += 1
            return any(then(place) for place in range(end, position + least - 1, -1) if self._tick() is None)

        def more(count: int, place: int) -> bool:
            def again(further: int) -> bool:
                return (further > place or count < least) and more(count + 1, further)

            self._tick()
            if count < least:
                return self._sequence(list(inner), 0, place, again)
            if greedy:
                return (count < most and self._sequence(list(inner), 0, place, again)) or then(place)
            return then(place) or (count < most and self._sequence(list(inner), 0, place, again))

        return more(0, position)

    def _at(self, where: Any, position: int) -> bool:
        text = self._text
        if where in (constants.AT_BEGINNING, constants.AT_BEGINNING_STRING):
            return position == 0
        if where in (constants.AT_END, constants.AT_END_STRING):
            return position == len(text)
        before = position > 0 and (text[position - 1].isalnum() or text[position - 1] == "_")
        after = position < len(text) and (text[position].isalnum() or text[position] == "_")
        return (before != after) is (where is constants.AT_BOUNDARY)

    def fits(self, node: Any, letter: str) -> bool:
        """Whether a node for one character takes this one."""
        kind, argument = node
        if kind is constants.ANY:
            return self._dotall or letter != "\n"
        letters = {letter.lower(), letter.upper()} if self._folds else {letter}
        if kind is constants.LITERAL:
            return chr(argument) in letters
        if kind is constants.NOT_LITERAL:
            return chr(argument) not in letters
        negated = argument[0][0] is constants.NEGATE
        return any(_among(item, one) for item in argument for one in letters if len(one) == 1) is not negated


def _among(item: Any, letter: str) -> bool:
    kind, argument = item
    if kind is constants.LITERAL:
        return ord(letter) == argument
    if kind is constants.RANGE:
        return bool(argument[0] <= ord(letter) <= argument[1])
    if kind is constants.CATEGORY:
        categories = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}
        name = str(argument).removeprefix("CATEGORY_")
        found = re.match(categories[name.removeprefix("NOT_")], letter, re.ASCII) is not None
        return found is not name.startswith("NOT_")
    return False


# --- texts that may make it work -------------------------------------------------------------------


def sample(matcher: Matcher, nodes: Any, letters: str = _SAMPLES) -> str:
    """A text that such nodes take, more or less; of characters, the first that will do."""
    text = ""
    for node in nodes:
        kind, argument = node
        if kind in _SINGLE:
            text += next((letter for letter in letters if matcher.fits(node, letter)), None) or _literal(node)
        elif kind is constants.BRANCH:
            text += sample(matcher, argument[1][0], letters)
        elif kind is constants.SUBPATTERN:
            text += sample(matcher, argument[3], letters)
        elif kind in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            text += sample(matcher, argument[2], letters) * max(1, min(argument[0], 12))
        elif kind == getattr(constants, "ATOMIC_GROUP", None):
            text += sample(matcher, argument, letters)
        elif kind is constants.ASSERT and argument[0] < 0:
            text += sample(matcher, argument[1], letters)
    return text


def _literal(node: Any) -> str:
    """A character that a node names."""
    kind, argument = node
    if kind is constants.LITERAL:
        return chr(argument)
    named = [
        item for item in (argument if kind is constants.IN else ()) if item[0] in (constants.LITERAL, constants.RANGE)
    ]
    if not named:
        return "a"
    return chr(named[0][1] if named[0][0] is constants.LITERAL else named[0][1][0])


def _parts(nodes: Any) -> Iterator[list[Any]]:
    """Every few nodes side by side, at every depth."""
    listed = list(nodes)
    for start in range(len(listed)):
        for end in range(start + 1, min(len(listed), start + 4) + 1):
            yield listed[start:end]
    for kind, argument in listed:
        if kind is constants.BRANCH:
            for branch in argument[1]:
                yield list(branch)
                yield from _parts(branch)
        elif kind is constants.SUBPATTERN:
            yield from _parts(argument[3])
        elif kind in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            yield from _parts(argument[2])


def pumps(matcher: Matcher) -> set[str]:
    """What, said again and again, may make it work."""
    alphabets = (_SAMPLES, _QUOTES + _SAMPLES)
    found = {sample(matcher, part, letters) for part in _parts(matcher.tree) for letters in alphabets}
    return {text for text in found if 0 < len(text) <= 40} | {'"', "a", " "}


def worst_growth(pattern: str | bytes, flags: int, search: bool, times: int = 40) -> tuple[float, str]:
    """How much more work twice the text is, at most, and what the text repeats. Infinite: too much to count."""
    matcher = Matcher(pattern, flags)
    beginning = sample(matcher, list(matcher.tree)[:1])
    worst = (0.0, "")
    for pump in sorted(pumps(matcher)):
        for before in {"", beginning}:
            for after in ("", "\x01"):
                try:
                    short, long = (matcher.work(before + pump * n + after, search) for n in (times, 2 * times))
                except TooManySteps:
                    return float("inf"), pump
                worst = max(worst, (long / (short + 100), pump))
    return worst
