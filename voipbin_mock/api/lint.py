"""Lint: what the documents discourage but the service accepts.

A finding never changes the answer's body. It goes to the user's test, the log, the control API and
a response header; each code can be silenced, or raised to an error that refuses the request.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.schema.tolerance import LEFT_OUT, Gap
from voipbin_mock.wire import rows
from voipbin_mock.wire.errors import ApiError, Violation, join_pointer, shorten, value_at
from voipbin_mock.wire.redaction import is_secret, redact_json
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.part import Part
from voipbin_mock.world.settings import EVERY_CODE

if TYPE_CHECKING:
    from voipbin_mock.api.operations import Request
    from voipbin_mock.world.world import World

# Code -> what it means: those that belong to no area.
CODES: Mapping[str, str] = {
    "unknown-member": "a body has a member the operation does not know; the service ignores it",
    "cleared-member": "a PUT left out a member that had a value; the service clears it",
    "missing-member": "a body leaves out a member that the documents ask for; the service takes it as zero",
    "empty-member": "a body has an empty text where the documents want a value; the service takes it as none",
    "content-type": "a body was sent without Content-Type: application/json",
    "seconds-not-milliseconds": "a time looks like seconds; the unit is milliseconds",
}


MOST_NAMES = 20  # of unknown members that one finding names
_THEM = ("it", "them")


class VoIPBINWarning(UserWarning):
    """A lint finding, as a Python warning. `code`, `pointer` and `advice` are attributes."""

    code: str = ""
    pointer: str = ""
    advice: str = ""


class Lint(NamedTuple):
    """One finding."""

    code: str
    pointer: str  # JSON pointer into the body; "" where it is not about a member
    message: str
    advice: str

    def __str__(self) -> str:
        where = f" {self.pointer}" if self.pointer else ""
        return f"[{self.code}]{where}: {self.message}; {self.advice}"

    def as_dict(self) -> dict[str, str]:
        return self._asdict()

    def as_warning(self, operation: str) -> VoIPBINWarning:
        warning = VoIPBINWarning(f"{operation}: {self}")
        warning.code, warning.pointer, warning.advice = self.code, self.pointer, self.advice
        return warning


def unknown_members(strangers: Iterable[tuple[str, str, list[str]]]) -> Iterator[Lint]:
    """Members of a body that the operation does not know (where, name, known names), with a did-you-mean.

    Those of an object that are like no other are told together: who sends a record back sends a dozen.
    """
    together: dict[str, list[str]] = {}
    known: dict[str, list[str]] = {}
    for pointer, name, names in strangers:
        near = nearest(name[:80], tuple(names))
        if near:
            yield _unknown(join_pointer(pointer, str(shorten(name))), [name], f'did you mean "{near}"?')
        else:
            together.setdefault(pointer, []).append(name)
            known[pointer] = names
    for pointer, alike in together.items():
        where = join_pointer(pointer, str(shorten(alike[0]))) if len(alike) == 1 else pointer
        yield _unknown(where, alike, f"known members are {', '.join(known[pointer])}")


def _unknown(where: str, names: Sequence[str], advice: str) -> Lint:
    shown = ", ".join(f'"{shorten(name)}"' for name in names[:MOST_NAMES])
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    said = f"no member {shown} is" if len(names) == 1 else f"no members {shown}{more} are"
    return Lint("unknown-member", where, f"{said} known here, and the service ignores {_THEM[len(names) > 1]}", advice)


def gaps(found: Iterable[Gap], method: str) -> Iterator[Lint]:
    """Members that a body leaves out, or empty, as published clients do."""
    for gap in found:
        name, who = gap.pointer.rpartition("/")[2], " and ".join(gap.by)
        if gap.word == LEFT_OUT:
            taken = "clears it" if method == "PUT" else "takes it as zero"
            message = f'"{name}" is left out, and the service {taken}'
            yield Lint(
                "missing-member", gap.pointer, message, f"send it: the documents ask for it (so far left out by {who})"
            )
        else:
            message = f'"{name}" is an empty text, and the service takes it as none'
            wanted = gap.expected + ("; all zeros say none" if gap.expected == "a UUID" else "")
            yield Lint("empty-member", gap.pointer, message, f"send {wanted} (so far sent empty by {who})")


@lru_cache(maxsize=512)
def nearest(name: str, names: tuple[str, ...]) -> str:
    """The name most like it, or "". Who misspells a member does so again and again."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, names, n=1)), "")


def cleared_members(
    before: Mapping[str, Any], values: Mapping[str, Any], sent: Iterable[str], zeros: Mapping[str, Any]
) -> Iterator[Lint]:
    """Members that a PUT leaves out although they have a value: it replaces them all."""
    given = {name.casefold() for name in sent}
    for name, value in values.items():
        old = before.get(name)
        if name not in given and value == zeros.get(name) and old not in (value, None, NIL_UUID):
            told = "" if is_secret(name) else f" {redact_json(shorten(old))!r}"
            yield Lint(
                "cleared-member",
                f"/{name}",
                f'"{name}" is left out, so its value{told} is cleared',
                "a PUT replaces every member: send them all",
            )


# --- noting them -----------------------------------------------------------------------------------


class Findings(Part):
    """Every finding of a world since its last reset, with the number of its request and its operation."""

    survives, kept_as = True, "warnings"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.noted: deque[tuple[int, str, Lint]] = deque(maxlen=world.settings.journal_size)

    def start_over(self) -> None:
        self.noted.clear()

    def remember(self) -> Callable[[], Any]:
        noted = list(self.noted)
        return lambda: {"noted": [[number, label, *finding] for number, label, finding in noted]}

    def recall(self, document: Any) -> None:
        noted = list(rows.each(document, "noted", lambda one, where: rows.row(one, _NOTED, where)))
        self.noted.clear()
        self.noted.extend((number, label, Lint(*finding)) for number, label, *finding in noted)


_NOTED = (rows.COUNT, *(rows.TEXT,) * 5)


def warn(world: World, request: Request, findings: Iterable[Lint]) -> None:
    """Note findings; those raised to errors refuse the request. Raises ApiError."""
    findings = list(findings)
    if not findings:
        return
    settings = world.settings
    refused = refused_by(world, findings, request.raw)
    untold = (*settings.error, *settings.ignore)
    request.warnings += [finding for finding in findings if not _is(finding.code, untold)]
    if refused:
        raise ApiError("INVALID_ARGUMENT", "A lint warning is set to be an error.", violations=refused)


def refused_by(world: World, findings: Iterable[Lint], body: Any = None) -> list[Violation]:
    """The findings that are raised to errors, with the value in the body that each is about."""
    return [
        Violation(finding.pointer, str(finding), finding.advice, value_at(body, finding.pointer))
        for finding in findings
        if _is(finding.code, world.settings.error)
    ]


def _is(code: str, codes: Sequence[str]) -> bool:
    return bool(codes) and (code in codes or EVERY_CODE in codes)
