"""What the commands have in common: usage errors, settings from the environment, areas of the user's."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from voipbin_mock.api.catalog import Catalog

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


class Usage(Exception):
    """Something the user said cannot be done: one line, exit 2."""


def env(name: str) -> str | None:
    return os.environ.get(f"VOIPBIN_MOCK_{name}")


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
