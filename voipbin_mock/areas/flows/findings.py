"""A finding in a flow, and what rules look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from voipbin_mock.api.flow_actions import Action
from voipbin_mock.api.lint import CODES as LINTS
from voipbin_mock.api.lint import Lint
from voipbin_mock.areas.flows.graph import Graph, Types
from voipbin_mock.areas.flows.lint_codes import CODES
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.differences import Difference
from voipbin_mock.world.profiles import Profile

# Code -> what it means, of all that a flow may be told of.
ALL_CODES = {**CODES, "seconds-not-milliseconds": LINTS["seconds-not-milliseconds"]}
ERROR, WARNING, HINT = SEVERITIES = ("error", "warning", "hint")
# How bad it is that the server does not do what the documents say.
TRAP = Difference("flow-traps", "what of flows works in the documents only", documented=HINT, server=WARNING)


class Finding(NamedTuple):
    """Something that is wrong with a flow. severity: `error` (the caller is cut off), `warning` or `hint`."""

    code: str
    severity: str
    pointer: str  # into the flow: `/actions/3/option/target_id`
    message: str
    advice: str

    def __str__(self) -> str:
        where = f" {self.pointer}" if self.pointer else ""
        return f"{self.severity} [{self.code}]{where}: {self.message}; {self.advice}"

    @property
    def position(self) -> int:
        """Of the action that it is about; -1 if it is about the flow."""
        position = self.pointer.removeprefix("/actions/").partition("/")[0]
        return int(position) if position.isdecimal() else -1

    def as_dict(self) -> dict[str, str]:
        return self._asdict()

    def as_lint(self) -> Lint:
        return Lint(self.code, self.pointer, self.message, self.advice)


@dataclass(frozen=True)
class Subject:
    """A flow that is looked at. raw: its actions as they were sent. types: the declarations. reference: whether a
    record that a member of an option names is there, or None if that cannot be known."""

    graph: Graph
    raw: Sequence[Any]
    types: Types
    profile: Profile
    type_names: tuple[str, ...] = ()
    reference: Callable[[str, str], bool | None] = lambda member, id: None
    fetched: Callable[[str], Sequence[Action] | None] = lambda id: None  # the actions of another flow
    on_complete: str = NIL_UUID
    chain: Callable[[str], str] = lambda id: NIL_UUID  # the flow that follows one
    cut: int = 0  # how many actions follow that are not looked at
    at: str = ""  # where its actions stand, if they are an option of another flow's action


Rule = Callable[[Subject], Iterator[Finding]]
