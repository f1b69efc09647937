"""What the commands have in common: usage errors, settings from the environment, areas of the user's."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from voipbin_mock.api.catalog import Catalog

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


class Usage(Exception):
    """Something the user said cannot be done: one line, exit 2."""


PREFIX = "VOIPBIN_MOCK_"


class Given(str):
    """What an environment variable says, so that a mistake in it can be told by its name."""

    __slots__ = ("variable",)

    variable: str


def env(name: str) -> str | None:
    return os.environ.get(PREFIX + name)


def given(name: str) -> Given | None:
    """The same, for a flag whose type reads it."""
    text = env(name)
    if not text:
        return None
    found = Given(text)
    found.variable = PREFIX + name
    return found


def no(text: str, said: str) -> Exception:
    """The error for a flag's value that cannot be: argparse names the flag, this the variable that stood for it."""
    from argparse import ArgumentTypeError

    return Usage(f"{text.variable}: {said}") if isinstance(text, Given) else ArgumentTypeError(said)


def strangers(known: Iterable[str]) -> list[str]:
    """A line for each variable that nobody reads, with a did-you-mean."""
    from difflib import get_close_matches

    names = {PREFIX + name for name in known}
    lines = []
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in names:
            near = get_close_matches(name, names, n=1)
            lines.append(f"{name} is no variable that is read" + (f"; did you mean {near[0]}?" if near else ""))
    return lines


def env_flag(name: str) -> bool | None:
    """None if nothing is said. Raises Usage."""
    text = env(name)
    if text is None:
        return None
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise Usage(f"VOIPBIN_MOCK_{name} must be true or false, not {text!r}")


def env_list(name: str) -> list[str]:
    return [code for code in (env(name) or "").replace(",", " ").split() if code]


def add_areas(parser: Any) -> None:
    parser.add_argument(
        "--area", metavar="MODULE", action="append", help="a module with an area of your own (again for more)"
    )


def areas_of(arguments: argparse.Namespace) -> list[str]:
    """The modules of --area; they may lie in the current directory, as with `python -m`."""
    modules = arguments.area or env_list("AREA")
    if modules and "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    return modules


def catalog_for(arguments: argparse.Namespace) -> Catalog:
    """Raises MockUsageError for a module that has no area."""
    from voipbin_mock import catalog

    return catalog.having(areas_of(arguments))
