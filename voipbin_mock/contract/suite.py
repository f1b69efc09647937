"""The cases in a test suite of the user's own, one test each. Needs no pytest itself.

@pytest.mark.parametrize("case", cases(only="outplans/*"), ids=str)
def test_the_contract(case, voipbin):
    check(case, voipbin)
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from os import PathLike
from typing import Any
from unittest import SkipTest

from voipbin_mock.api.area import Area
from voipbin_mock.api.lint import VoIPBINWarning
from voipbin_mock.contract.case import Case
from voipbin_mock.contract.casebook import load
from voipbin_mock.contract.clients import ClientTarget
from voipbin_mock.contract.remote import HttpTarget
from voipbin_mock.contract.report import step_lines
from voipbin_mock.contract.runner import AUTO, SKIPPED, Allowed, Runner
from voipbin_mock.contract.targets import MockTarget, Target
from voipbin_mock.mock import Mock


def cases(
    *directories: str | PathLike[str],
    only: str | Iterable[str] = (),
    profile: str | None = None,
    effects: Iterable[str] = ("reads", "writes", "costs"),
    own: bool = True,
    areas: Iterable[Area | str] = (),
) -> list[Case]:
    """The cases to be parametrized with; `str` of one is its name.

    directories: further cases. only: names or patterns. profile: leave out what only the other one
    promises. effects: `("reads",)` for those that change nothing. own: the project's cases, too.
    areas: areas of your own, or names of modules that have one; their cases, too.
    Raises CaseError for a file that cannot be used.
    """
    wanted = tuple(effects)
    found = load(*directories, only=only, own=own, profile=profile, areas=areas)
    return [case for case in found if case.effect in wanted]


def check(case: Case, target: Any, profile: str | None = None, **credentials: Any) -> None:
    """Ask a case of a target; AssertionError says what is not as promised.

    target: a Mock, a base URL, a client (see ClientTarget) or a Target. profile: "documented", "server", or
    "auto", which accepts what either promises; a mock's own unless it is said. What only one profile promises is
    skipped unless that one is said.
    credentials: accesskey, token, username and password, for a URL or a client.
    What the target has nothing for is skipped (unittest.SkipTest, as pytest understands it). Whatever is
    given here may be written to: choose the cases by their `effects`.
    """
    if isinstance(target, Mock):
        target = MockTarget(mock=target)
    elif isinstance(target, str):
        target = HttpTarget(target, **credentials)
    elif not isinstance(target, Target):
        target = ClientTarget(target, **credentials)
    if profile is None:
        profile = target.mock.world.profile.name if isinstance(target, MockTarget) else AUTO
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VoIPBINWarning)  # cases do on purpose what a client should not
        target.log_in()
        result = Runner(target, profile, allowed=Allowed(True, True)).case(case)
    if result.outcome == SKIPPED and not result.left_behind:
        raise SkipTest(result.why)
    lines = [line for asked in result.asked if asked.broken for line in step_lines(asked)]
    lines += [result.why] if result.why else []
    lines += [f"left behind: {left}" for left in result.left_behind]
    if lines:
        raise AssertionError(target.secrets.clean("\n".join([f"{case.name}, as {profile}:", *lines])))
