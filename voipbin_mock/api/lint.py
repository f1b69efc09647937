"""Lint: what the documents discourage but the service accepts.

A finding never changes the answer's body. It goes to the user's test, the log, the control API and
a response header; each code can be silenced, or raised to an error that refuses the request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.wire.errors import join_pointer, shorten
from voipbin_mock.wire.values import NIL_UUID

if TYPE_CHECKING:
    from voipbin_mock.wire.values import Request
    from voipbin_mock.world.world import World

# Every code there is, with what it means.
CODES: Mapping[str, str] = {
    "seconds-not-milliseconds": "a time in an outplan looks like seconds; the unit is milliseconds",
    "unowned-source": "the source number of an outplan does not belong to the account",
    "no-tries": "every try count of an outplan is zero, so it never dials",
    "no-dialing": "a campaign is run that has no outplan or no outdial",
    "refused-call": "a campaign is run whose first call would be refused, which ends the campaign",
    "one-try": "a campaign that ends with its last target is run with one target, which is never retried",
    "unknown-member": "a body has a member the operation does not know; the service ignores it",
    "cleared-member": "a PUT left out a member that had a value; the service clears it",
    "content-type": "a body was sent without Content-Type: application/json",
    "accesskey-prefix": "the prefix of an access key was used as the key; the real service refuses it",
    "duplicate-username": "another agent has this user name; the real service may refuse it",
}


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
    """Members of a body that the operation does not know (where, name, known names), with a did-you-mean."""
    for pointer, name, names in strangers:
        near = get_close_matches(name[:80], names, n=1)
        advice = f'did you mean "{near[0]}"?' if near else f"known members are {', '.join(names)}"
        yield Lint(
            "unknown-member",
            join_pointer(pointer, str(shorten(name))),
            f'no member "{shorten(name)}" is known here, and the service ignores it',
            advice,
        )


def looks_like_seconds(member: str, milliseconds: int) -> bool:
    """Whether a time meant as milliseconds was probably written in seconds.

    Below a second no dialing makes sense. Ten minutes, half an hour or a day in seconds (600, 1800,
    86400) also betray themselves for intervals: nobody waits 1.8 or 86.4 seconds.
    """
    if 0 < milliseconds < 1000:
        return True
    long_in_seconds = milliseconds % 600 == 0 and milliseconds % 1000 != 0 and milliseconds <= 604_800
    return member == "try_interval" and long_in_seconds and milliseconds > 0


def outplan_times(world: World, request: Request, values: Mapping[str, Any]) -> Iterator[Lint]:
    for member in ("dial_timeout", "try_interval"):
        value = values[member]
        if looks_like_seconds(member, value):
            yield Lint(
                "seconds-not-milliseconds",
                f"/{member}",
                f"{value} milliseconds looks like seconds",
                f"send {value * 1000} for {value} seconds",
            )


def outplan_source(world: World, request: Request, values: Mapping[str, Any]) -> Iterator[Lint]:
    source = values["source"]
    caller = request.caller
    if caller is None or source["type"] != "tel" or not source["target"]:
        return
    owners = {row.account for row in world.store["numbers"].find("number", source["target"])}
    if caller.account not in owners:
        yield Lint(
            "unowned-source",
            "/source/target",
            f"{shorten(source['target'])} is not a number of this account",
            "use one that GET /numbers lists",
        )


def outplan_tries(world: World, request: Request, values: Mapping[str, Any]) -> Iterator[Lint]:
    if not any(values[f"max_try_count_{n}"] for n in range(5)):
        yield Lint(
            "no-tries",
            "/max_try_count_0",
            "every max_try_count is 0, so this outplan never dials",
            "set max_try_count_0 to 1 or more",
        )


def cleared_members(
    before: Mapping[str, Any], values: Mapping[str, Any], sent: Iterable[str], zeros: Mapping[str, Any]
) -> Iterator[Lint]:
    """Members that a PUT leaves out although they have a value: it replaces them all."""
    given = {name.casefold() for name in sent}
    for name, value in values.items():
        old = before.get(name)
        if name not in given and value == zeros.get(name) and old not in (value, None, NIL_UUID):
            yield Lint(
                "cleared-member",
                f"/{name}",
                f'"{name}" is left out, so its value {shorten(old)!r} is cleared',
                "a PUT replaces every member: send them all",
            )
