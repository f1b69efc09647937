"""Whether an answer is what a case expects: values, and matchers where a value cannot be foretold.

A value must be equal, and of the same type. An object must have the members named, and may have more;
an array must have as many items. A matcher is an object with one member, whose name begins with `$`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from voipbin_mock.contract.answers import Answer, as_text, json_of, nothing
from voipbin_mock.wire.errors import join_pointer, shorten
from voipbin_mock.wire.matching import MISSING
from voipbin_mock.wire.stamps import parse_stamp
from voipbin_mock.wire.values import encode, parse_uuid
from voipbin_mock.world.profiles import NEVERS

SLACK = 5_000_000  # microseconds


class Broken(NamedTuple):
    """One thing that is not as promised."""

    pointer: str  # JSON pointer into the body, the name of a header, or "status"
    expected: str
    got: str
    point: str = ""  # the point where the profiles part, if it is one

    def __str__(self) -> str:
        point = f"[{self.point}] " if self.point else ""
        return f"{point}{self.pointer or '(body)'}: expected {self.expected}, got {self.got}"


def show(value: Any) -> str:
    return "nothing" if value is MISSING else str(shorten(as_text(value), 300))


def broken(expect: Mapping[str, Any], answer: Answer) -> list[Broken]:
    """Everything in an answer that is not as expected. `shape` is looked at elsewhere."""
    return list(_broken(expect, answer))


def _broken(expect: Mapping[str, Any], answer: Answer) -> Iterator[Broken]:
    if "status" in expect and answer.status != expect["status"]:
        location = answer.header("location")
        yield Broken(
            "status", str(expect["status"]), f"{answer.status} to {location}" if location else str(answer.status)
        )
        return
    for name, wanted in expect.get("headers", {}).items():
        found = answer.header(name)
        yield from match(wanted, MISSING if found is None else found, name)
    if expect.get("empty") is True and answer.body:
        yield Broken("", "no body", f"{len(answer.body)} bytes")
    if not {"reason", "body", "compact"} & expect.keys():
        return
    value = json_of(answer)
    if value is nothing():
        yield Broken("", "JSON", "none" if answer.body else "no body")
        return
    if "reason" in expect:
        inside = value.get("error") if isinstance(value, dict) else None
        reason = inside.get("reason", MISSING) if isinstance(inside, dict) else MISSING
        yield from match(expect["reason"], reason, "/error/reason")
    if "body" in expect:
        yield from match(expect["body"], value, "")
    if expect.get("compact") and encode(value).encode("utf-8") != answer.body:
        yield Broken("", "compact JSON with <, > and & escaped", show(answer.body.decode("utf-8", "replace")))


def match(wanted: Any, found: Any, pointer: str) -> Iterator[Broken]:
    """Where a value is not as wanted."""
    if isinstance(wanted, dict):
        name = next(iter(wanted), "")
        if name in MATCHERS:
            takes, words = ARGUMENTS.get(name, (_anything, ""))
            if takes(wanted[name]):
                yield from MATCHERS[name](wanted[name], found, pointer)
            else:
                yield Broken(pointer, f"{name} with {words}", f"{name} with {show(wanted[name])}")
        elif not isinstance(found, dict):
            yield Broken(pointer, show(wanted), show(found))
        else:
            for key, item in wanted.items():
                yield from match(item, found.get(key, MISSING), join_pointer(pointer, key))
    elif isinstance(wanted, list):
        if not isinstance(found, list) or len(found) != len(wanted):
            yield Broken(pointer, show(wanted), show(found))
        else:
            for index, (item, given) in enumerate(zip(wanted, found, strict=True)):
                yield from match(item, given, join_pointer(pointer, index))
    elif type(found) is not type(wanted) or found != wanted:
        yield Broken(pointer, show(wanted), show(found))


def _test(words: str, check: Callable[[Any, Any], bool]) -> Callable[[Any, Any, str], Iterator[Broken]]:
    def matcher(argument: Any, found: Any, pointer: str) -> Iterator[Broken]:
        if not check(argument, found):
            yield Broken(pointer, words.format(show(argument)), show(found))

    return matcher


def _not(argument: Any, found: Any, pointer: str) -> Iterator[Broken]:
    if not list(match(argument, found, pointer)):
        yield Broken(pointer, f"anything but {show(argument)}", show(found))


def _one_of(argument: Any, found: Any, pointer: str) -> Iterator[Broken]:
    if not any(not list(match(choice, found, pointer)) for choice in argument):
        yield Broken(pointer, f"one of {show(argument)}", show(found))


def _each(argument: Any, found: Any, pointer: str) -> Iterator[Broken]:
    if not isinstance(found, list):
        yield Broken(pointer, "an array", show(found))
        return
    for index, item in enumerate(found):
        yield from match(argument, item, join_pointer(pointer, index))


def _has(argument: Any, found: Any, pointer: str) -> Iterator[Broken]:
    if not isinstance(found, list) or not any(not list(match(argument, item, pointer)) for item in found):
        yield Broken(pointer, f"an item like {show(argument)}", f"none in {_count(found)}")


def _lacks(argument: Any, found: Any, pointer: str) -> Iterator[Broken]:
    if not isinstance(found, list):
        yield Broken(pointer, "an array", show(found))
        return
    for index, item in enumerate(found):
        if not list(match(argument, item, pointer)):
            yield Broken(join_pointer(pointer, index), f"no item like {show(argument)}", show(item))


def _count(found: Any) -> str:
    return f"{len(found)} items" if isinstance(found, list) else show(found)


def moment_of(value: Any) -> int | None:
    """Microseconds since 1970 of a timestamp of either profile; None for never, and for what is none."""
    try:
        return parse_stamp(value) if isinstance(value, str) and value not in NEVERS else None
    except ValueError:
        return None


def _compare(check: Callable[[int, int], bool]) -> Callable[[Any, Any], bool]:
    def compared(argument: Any, found: Any) -> bool:
        then, now = moment_of(argument), moment_of(found)
        return then is not None and now is not None and check(now, then)

    return compared


def _falling(name: Any, found: Any) -> bool:
    if not isinstance(found, list):
        return False
    moments = [moment_of(item.get(name)) if isinstance(item, dict) else None for item in found]
    known = [moment for moment in moments if moment is not None]
    return len(known) == len(moments) and known == sorted(known, reverse=True)


def _is_text(argument: Any, found: Any) -> bool:
    return isinstance(found, str) and re.fullmatch(argument, found) is not None


def _anything(argument: Any) -> bool:
    return True


def _is_distance(argument: Any) -> bool:
    if not isinstance(argument, list) or len(argument) != 2:
        return False
    return moment_of(argument[0]) is not None and type(argument[1]) is int


def _after_by(argument: Any, found: Any) -> bool:
    """What is said in seconds is done in some: a few may pass between the two moments."""
    then, now = moment_of(argument[0]), moment_of(found)
    return then is not None and now is not None and abs(now - then - argument[1] * 1_000_000) <= SLACK


def _is_pattern(argument: Any) -> bool:
    try:
        return isinstance(argument, str) and re.compile(argument) is not None
    except (re.error, OverflowError, RecursionError):
        return False


# What a matcher takes, where it does not take everything.
ARGUMENTS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    **{name: (lambda argument: argument is True, "true") for name in ("$any", "$absent", "$uuid", "$stamp", "$never")},
    "$text": (_is_pattern, "a regular expression"),
    "$at_most": (lambda argument: type(argument) is int and argument >= 0, "a number of items"),
    "$after": (lambda argument: moment_of(argument) is not None, "a moment"),
    "$after_by": (lambda argument: _is_distance(argument), "a moment and a number of seconds, in an array"),
    "$same_moment": (lambda argument: moment_of(argument) is not None, "a moment"),
    "$newest_first": (lambda argument: isinstance(argument, str), "the name of a member"),
    "$one_of": (lambda argument: isinstance(argument, list) and argument != [], "an array of what it may be"),
}
# Name -> (argument, found, pointer) -> what is broken.
MATCHERS: Mapping[str, Callable[[Any, Any, str], Iterator[Broken]]] = {
    "$any": _test("a value", lambda _, found: found is not MISSING),
    "$absent": _test("no such member", lambda _, found: found is MISSING),
    "$uuid": _test("a UUID", lambda _, found: isinstance(found, str) and parse_uuid(found) == found),
    "$stamp": _test("a moment", lambda _, found: moment_of(found) is not None),
    "$never": _test("what stands for never", lambda _, found: found in (None, *NEVERS, "", MISSING)),
    "$text": _test("a text like {}", _is_text),
    "$exactly": _test("exactly {}", lambda argument, found: _exactly(argument, found)),
    "$at_most": _test("at most {} items", lambda argument, found: isinstance(found, list) and len(found) <= argument),
    "$after": _test("a moment after {}", _compare(lambda now, then: now > then)),
    "$after_by": _test("a moment after the first by seconds: {}", lambda argument, found: _after_by(argument, found)),
    "$same_moment": _test("the moment {}", _compare(lambda now, then: now == then)),
    "$newest_first": _test("items by falling {}", _falling),
    "$not": _not,
    "$one_of": _one_of,
    "$each": _each,
    "$has": _has,
    "$lacks": _lacks,
}


def _exactly(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, dict):
        return (
            isinstance(found, dict)
            and wanted.keys() == found.keys()
            and all(_exactly(item, found[name]) for name, item in wanted.items())
        )
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(map(_exactly, wanted, found))
    return type(wanted) is type(found) and bool(wanted == found)
