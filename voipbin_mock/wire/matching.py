"""What is expected of a value, and how a value differs from it, field by field.

JSON is compared as JSON: 30, "30" and 30.0 are three values, true is not 1, and a member that is
missing is not null.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache, partial
from itertools import zip_longest
from types import FunctionType
from typing import Any, NamedTuple

from voipbin_mock.wire.errors import join_pointer
from voipbin_mock.wire.redaction import REDACTED, is_secret_pointer, redact_text

MOST_TEXT = 100  # characters of a value that are quoted
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_encode = partial(json.dumps, default=repr)


class _Missing:
    """The value of a member that is not there; expected, it says that a member must not be sent."""

    def __repr__(self) -> str:
        return "MISSING"

    def __copy__(self) -> _Missing:
        return self

    def __deepcopy__(self, memo: Any) -> _Missing:
        return self


MISSING = _Missing()


class Mismatch(NamedTuple):
    """One field that is not as expected."""

    pointer: str  # JSON pointer; "" is the whole value
    expected: Any
    actual: Any
    note: str = ""

    @property
    def weight(self) -> float:
        """How far apart: what reads the same, or is nearly named so, is near."""
        if self.note or (is_plain(self.expected) and _reads(self.expected) == _reads(self.actual)):
            return 0.5
        if isinstance(self.expected, Mapping) and not isinstance(self.actual, Mapping):
            return float(max(1, len(self.expected)))
        return 1.0

    def __str__(self) -> str:
        where = self.pointer or "(all of it)"
        note = f" ({self.note})" if self.note else ""
        if is_secret_pointer(self.pointer):
            expected, actual = self.expected is not MISSING, self.actual is not MISSING
            if expected and actual:
                return f"{where}: is another credential than expected"
            return f"{where}: expected {'a' if expected else 'no'} credential, got {'one' if actual else 'none'}"
        return f"{where}: {contrast(self.expected, self.actual)}{note}"


def is_plain(value: Any) -> bool:
    """Whether a value is JSON, not something that judges."""
    return value is None or isinstance(value, (str, int, float, list, tuple, Mapping))


def _reads(value: Any) -> str:
    return value if isinstance(value, str) else _encode(value) if is_plain(value) else show(value)


def kind(value: Any) -> str:
    """The name of a value's type, in the words of JSON."""
    if value is None:
        return "null"
    for types, name in (
        (bool, "boolean"),
        (int, "integer"),
        (float, "decimal number"),
        (str, "string"),
        (Mapping, "object"),
        ((list, tuple), "array"),
    ):
        if isinstance(value, types):
            return name
    return type(value).__name__


def differences(expected: Any, actual: Any, exact: bool = False, pointer: str = "") -> list[Mismatch]:
    """Every field of `actual` that is not as expected; empty if it matches.

    An object need only contain the expected members, at any depth, unless `exact`; an array must have
    the expected items, no more and no fewer. Expected may also be a type, a compiled pattern (searched
    for in a text), a function that judges, MISSING, or any object that says by `==` what equals it, such
    as `mock.ANY`.
    """
    if isinstance(expected, Mapping):
        if not isinstance(actual, Mapping):
            return [Mismatch(pointer, expected, actual)]
        return _members(expected, actual, exact, pointer)
    if isinstance(expected, (list, tuple)):
        if not isinstance(actual, (list, tuple)):
            return [Mismatch(pointer, expected, actual)]
        return _items(expected, actual, exact, pointer)
    if _same(expected, actual):
        return []
    return [Mismatch(pointer, expected, actual, _unit(expected, actual))]


def _members(expected: Mapping[str, Any], actual: Mapping[str, Any], exact: bool, pointer: str) -> list[Mismatch]:
    found: list[Mismatch] = []
    spare = [name for name in actual if name not in expected]
    for name, value in expected.items():
        here = join_pointer(pointer, name)
        if name in actual:
            found += differences(value, actual[name], exact, here)
        elif value is not MISSING:
            near = near_name(str(name), spare)
            found.append(Mismatch(here, value, MISSING, f'there is "{near}"' if near else ""))
    if exact:
        found += [Mismatch(join_pointer(pointer, name), MISSING, actual[name]) for name in spare]
    return found


def _items(expected: Any, actual: Any, exact: bool, pointer: str) -> list[Mismatch]:
    found: list[Mismatch] = []
    for index, value in enumerate(expected):
        have = actual[index] if index < len(actual) else MISSING
        here = join_pointer(pointer, index)
        found += [Mismatch(here, value, have)] if have is MISSING else differences(value, have, exact, here)
    for index in range(len(expected), len(actual)):
        found.append(Mismatch(join_pointer(pointer, index), MISSING, actual[index]))
    return found


def _same(expected: Any, actual: Any) -> bool:
    if expected is MISSING or actual is MISSING:
        return expected is actual
    if isinstance(expected, type):
        return isinstance(actual, expected) and not (isinstance(actual, bool) and expected in (int, float))
    if isinstance(expected, re.Pattern):
        return isinstance(actual, str) and expected.search(actual) is not None
    if isinstance(expected, FunctionType):
        return bool(expected(actual))
    if is_plain(expected) and is_plain(actual):
        return kind(expected) == kind(actual) and bool(expected == actual)
    return bool(expected == actual)


def _unit(expected: Any, actual: Any) -> str:
    """Times are in milliseconds, and the commonest mistake is seconds."""
    numbers = type(expected) is int and type(actual) is int and 0 not in (expected, actual)
    if numbers and expected == actual * 1000:
        return "a thousandth: seconds for milliseconds?"
    if numbers and actual == expected * 1000:
        return "a thousand times: milliseconds for seconds?"
    return ""


def is_like(text: str, pattern: str) -> bool:
    """Whether a text is all of a pattern in which * stands for anything."""
    head, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    if not text.startswith(head):
        return False
    place = len(head)
    for middle in rest[:-1]:
        found = text.find(middle, place)
        if found < 0:
            return False
        place = found + len(middle)
    return len(text) - place >= len(rest[-1]) and text.endswith(rest[-1])


def near_name(name: str, names: Iterable[str]) -> str:
    folded = {_fold(other): other for other in names}
    if _fold(name) in folded:
        return folded[_fold(name)]
    near = get_close_matches(_fold(name), list(folded), n=1, cutoff=0.75)
    return folded[near[0]] if near else ""


def _fold(name: str) -> str:
    return re.sub("[^a-z0-9]", "", str(name).casefold())


# --- in words --------------------------------------------------------------------------------------


def contrast(expected: Any, actual: Any) -> str:
    """`expected 30 (integer), got "30" (string)`."""
    if actual is MISSING:
        return f"expected {show(expected)}, but it is missing"
    if expected is MISSING:
        return f"expected nothing here, got {show(actual)}"
    kinds = kind(expected), kind(actual)
    if not is_plain(expected) or actual is None or expected is None:
        return f"expected {show(expected)}, got {show(actual)}"
    if kinds[0] != kinds[1]:
        return f"expected {show(expected)} ({kinds[0]}), got {show(actual)} ({kinds[1]})"
    if isinstance(expected, str) and isinstance(actual, str):
        return _contrast_texts(expected, actual)
    return f"expected {show(expected)}, got {show(actual)}"


def _contrast_texts(expected: str, actual: str) -> str:
    alike = unicodedata.normalize("NFKC", expected) == unicodedata.normalize("NFKC", actual)
    shared = next((i for i, (a, b) in enumerate(zip(expected, actual, strict=False)) if a != b), None)
    at = min(len(expected), len(actual)) if shared is None else shared
    start, place = 0, ""
    if max(len(expected), len(actual)) > MOST_TEXT:
        start, place = max(0, at - 20), f"; the first difference is at character {at + 1}"
    cut = [("…" if start else "") + text[start:] for text in (expected, actual)]
    first, second = (show(text, escape=alike) for text in cut)
    return f"expected {first}, got {second}{place}"


def show(value: Any, escape: bool = False) -> str:
    """A value as one short line: JSON where it is JSON, never an object's address."""
    if value is MISSING:
        return "nothing"
    if isinstance(value, type):
        return f"any {value.__name__}"
    if isinstance(value, re.Pattern):
        return f"text with /{value.pattern}/"
    if isinstance(value, FunctionType):
        return f"what {value.__name__} accepts"
    if is_plain(value):
        try:
            text = _encode(_plain(value), ensure_ascii=escape)
        except (TypeError, ValueError, RecursionError):
            text = repr(value)
    else:
        text = repr(value)
    text = redact_text(_ADDRESS.sub("", text))
    if not text.isprintable():
        text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…"


def _plain(value: Any) -> Any:
    """The same with matchers named and credentials hidden."""
    if isinstance(value, Mapping):
        return {
            str(key): REDACTED if is_secret_pointer(f"/{key}") and item else _plain(item) for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if is_plain(value) else f"<{show(value)}>"


def described(found: Iterable[Mismatch], limit: int = 8) -> list[str]:
    """The differences as lines, the first few of them."""
    lines = [str(difference) for difference in found]
    if len(lines) > limit:
        lines[limit:] = [f"and {len(lines) - limit} more"]
    return lines


def in_times(count: int) -> str:
    """`never`, `once`, `twice`, `3 times`."""
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


# --- paths -----------------------------------------------------------------------------------------

_WILDCARD = re.compile(r"\{[^{}/]*\}|\*+")


class PathPattern:
    """A path in which `{id}` is one segment, `*` any part of one, and `**` any number of them.

    No pattern and no path make matching take longer than in proportion to the path.
    """

    def __init__(self, path: str) -> None:
        self.pattern = path
        self._found = _simple(path)
        self._machine = None if self._found is not None else _Machine(path)

    def fullmatch(self, path: str) -> bool:
        """Whether it is the whole of a path."""
        if self._found is not None:
            return self._found.fullmatch(path) is not None
        assert self._machine is not None, "one of the two there is"
        return self._machine.accepts(path)

    def __repr__(self) -> str:
        return f"<path {self.pattern}>"


def _simple(path: str) -> re.Pattern[str] | None:
    """As an expression, where that has nothing to try again: one wildcard in a segment, which ends at the slash."""
    if "**" in path or any(len(_WILDCARD.findall(segment)) > 1 for segment in path.split("/")):
        return None
    words = [re.escape(word) for word in _WILDCARD.split(path)]
    kinds = ["[^/]*" if found == "*" else "[^/]+" for found in _WILDCARD.findall(path)]
    return re.compile("".join(map("".join, zip_longest(words, kinds, fillvalue=""))))


class _Machine:
    """Goes over a path once, with all that the pattern may be waiting for kept side by side, a bit each."""

    def __init__(self, path: str) -> None:
        self._literal: dict[str, int] = {}  # by letter: the steps that it takes further
        self._any = self._within = self._everything = 0  # steps that take one letter of a segment; stay for it; for all
        self._steps = 0
        last = 0
        for found in re.split(f"({_WILDCARD.pattern})", path):
            if not _WILDCARD.fullmatch(found):
                for letter in found:
                    self._literal[letter] = self._literal.get(letter, 0) | self._step()
                last = 0 if found else last
                continue
            if found[0] == "{":
                self._any |= self._step()
                last = 0
            everything = found.startswith("**")
            if not last:  # of several side by side, one is enough: the one that takes most
                last = self._step()
            if everything or last & self._everything:
                self._within &= ~last
                self._everything |= last
            else:
                self._within |= last

    def _step(self) -> int:
        self._steps += 1
        return 1 << (self._steps - 1)

    def accepts(self, path: str) -> bool:
        skipped = self._within | self._everything
        waiting = 1 | (1 & skipped) << 1
        for letter in path:
            if letter == "/":
                further, stay = self._literal.get(letter, 0), self._everything
            else:
                further, stay = self._literal.get(letter, 0) | self._any, skipped
            waiting = (waiting & further) << 1 | waiting & stay
            waiting |= (waiting & skipped) << 1
            if not waiting:
                return False
        return bool(waiting >> self._steps & 1)


@lru_cache(maxsize=512)
def path_pattern(path: str) -> PathPattern:
    """The pattern that a path is."""
    return PathPattern(path)
