"""Names that areas use and somebody has to declare: kinds of timers, and types of events."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from types import CodeType
from typing import Any

from voipbin_mock.api.area import Area
from voipbin_mock.api.blame import functions, modules
from voipbin_mock.wire.errors import MockUsageError

_KIND_AT = {"call_in": 1, "call_at": 1, "poll": 2}  # which argument of a call names the kind
_USUAL = ("created", "updated", "deleted")


def check(area: Area, others: Sequence[Area]) -> None:
    """Raises MockUsageError for the first name that an area uses and neither it nor one of the others declares."""
    wrong = next(_faults(area, others), None)
    if wrong is not None:
        raise MockUsageError(f"areas: {area.name}: {wrong}")


def _faults(area: Area, others: Sequence[Area]) -> Iterator[str]:
    kinds = {kind for one in (*others, area) for kind in one.timers}
    for kind in sorted(_timers_set(area) - kinds):
        yield f"no area declares the timer {kind!r} that it sets{_near(kind, kinds)}; declare it with timers="
    for event in area.follows:
        yield from _event(event, area, others)


def _event(event: str, area: Area, others: Sequence[Area]) -> Iterator[str]:
    """Whether anybody may tell of an event."""
    everybody = (*others, area)
    nouns = [(one, resource.event_noun) for one in everybody for resource in one.resources]
    found = [(one, noun) for one, noun in nouns if event.startswith(f"{noun}_")]
    if not found:
        if event not in _texts(area):
            usual = [f"{noun}_{verb}" for _, noun in nouns for verb in _USUAL]
            yield f"follows: no resource tells of {event!r}{_near(event, usual)}"
        return
    home, noun = max(found, key=lambda one: len(one[1]))
    verb, texts = event.removeprefix(f"{noun}_"), _texts(home)
    if verb in {*_USUAL, *texts} or any(verb.startswith(text) for text in texts if text[-1:] == "_"):
        return
    near = _near(verb, {*_USUAL, *texts}, f"{noun}_")
    if near or _is_ours(home):
        yield f"follows: {noun}s do not tell of {event!r}{near}"


def _near(name: str, known: Iterable[str], prefix: str = "") -> str:
    close = get_close_matches(name, sorted(known), 1, 0.75)
    return f"; did you mean {prefix + close[0]!r}?" if close else ""


def _is_ours(area: Area) -> bool:
    return not modules(area)


def _timers_set(area: Area) -> set[str]:
    """The kinds of timers that its functions, and those of its modules that they call, set by name."""
    homes, seen, found = modules(area), set[Any](), set[str]()
    waiting = [getattr(function, "__func__", function) for function in functions(area)]
    while waiting:
        function = waiting.pop()
        code = getattr(function, "__code__", None)
        if not isinstance(code, CodeType) or code in seen or getattr(function, "__module__", "") not in homes:
            continue
        seen.add(code)
        found |= set(_kinds_in(function))
        waiting += [function.__globals__[name] for name in code.co_names if name in function.__globals__]
    return found


def _kinds_in(function: Any) -> Iterator[str]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError, TypeError):  # made by hand, without a file, or a part of a line
        return
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        place, owner = _KIND_AT.get(node.func.attr), node.func.value
        if place is None or not (isinstance(owner, ast.Attribute) and owner.attr == "timers"):
            continue
        kind = node.args[place] if len(node.args) > place else None
        if isinstance(kind, ast.Constant) and isinstance(kind.value, str):
            yield kind.value


def _texts(area: Area) -> set[str]:
    """Every text in the code of an area's modules: what it may call an event among them."""
    homes = {str(getattr(function, "__module__", "")) for function in functions(area)}
    packages = {home.rpartition(".")[0] + "." for home in homes if _is_ours(area) and ".areas." in home}
    homes |= {name for name in sys.modules if name.startswith(tuple(packages))} if packages else set()
    return {text for name in homes for text in _texts_of(sys.modules.get(name))}


def _texts_of(module: Any) -> Iterator[str]:
    for value in list(vars(module).values()) if module is not None else ():
        code = getattr(value, "__code__", None)
        if isinstance(code, CodeType) and value.__module__ == module.__name__:
            yield from _constants(code)


def _constants(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, CodeType):
            yield from _constants(constant)
