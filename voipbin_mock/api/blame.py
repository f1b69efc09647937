"""Whose code it was that failed: an area of the user's, something else of theirs, or the mock itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from types import CodeType, FrameType
from typing import Any

from voipbin_mock.api.area import Area

_OURS = __name__.partition(".")[0]


def blame(error: BaseException, areas: Iterable[Area]) -> str:
    """What failed, in words: in whose code, and where. `areas` are those of the user's own."""
    known = {area: (_codes(area), modules(area)) for area in areas}
    frames = list(_frames(error))
    for frame, line in frames:
        for area, (codes, homes) in known.items():
            if frame.f_code in codes or frame.f_globals.get("__name__") in homes:
                return f"in the area {area.name}, {_place(frame, line)}: {error!r}"
    for frame, line in frames:
        if not _is_ours(frame) and not _is_installed(frame):
            return f"in {_place(frame, line)}: {error!r}"
    return f"a fault of the mock, please report it: {error!r}"


def _frames(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    """Where it went through, the innermost first."""
    found, trace = [], error.__traceback__
    while trace is not None:
        found.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    return reversed(found)


def _place(frame: FrameType, line: int) -> str:
    return f"{os.path.basename(frame.f_code.co_filename)}:{line} ({frame.f_code.co_name})"


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] == _OURS


def _is_installed(frame: FrameType) -> bool:
    name = frame.f_code.co_filename
    return "site-packages" in name or name.startswith((os.path.dirname(os.__file__) + os.sep, "<"))


def functions(area: Area) -> Iterator[Any]:
    """Everything callable that an area declares."""
    yield from (operation.handler for operation in area.operations)
    yield from (rule for operation in area.operations for rule in (*operation.lints, *operation.suspects))
    for several in (area.timers, area.follows, area.placed, area.controls, area.narrows):
        yield from several.values()
    yield from (action.do for action in area.actions.values())
    yield from (*area.parts, *area.listens)


def _codes(area: Area) -> set[CodeType]:
    return {code for function in functions(area) if isinstance(code := getattr(function, "__code__", None), CodeType)}


def modules(area: Area) -> set[str]:
    """Where its code is, but for what it takes from here."""
    names = {str(getattr(function, "__module__", "")) for function in functions(area)} | {area.module}
    return {name for name in names if name and name.partition(".")[0] != _OURS}
