"""A stateful mock of the VoIPBIN API, for tests.

`Mock` is the door: a context manager around one isolated world. Everything is imported when it is
first asked for, so that naming this package costs nothing.
"""

from __future__ import annotations

from voipbin_mock._version import __version__

TYPE_CHECKING = False  # type checkers take it for true; the module that has it is dear to load
if TYPE_CHECKING:
    from typing import Any

    from voipbin_mock.app import create_app
    from voipbin_mock.clock import Clock
    from voipbin_mock.errors import (
        ApiError,
        LeakError,
        MockUsageError,
        SeedError,
        UnusedPlanError,
        UnusedPlanWarning,
    )
    from voipbin_mock.lint import VoIPBINWarning
    from voipbin_mock.matching import MISSING
    from voipbin_mock.mock import Mock
    from voipbin_mock.phones import (
        Answer,
        Busy,
        Canceled,
        Chance,
        Cleared,
        Machine,
        NoAnswer,
        Rejected,
        Unreachable,
    )
    from voipbin_mock.resources import Resource
    from voipbin_mock.world import Settings, World

__all__ = [
    "MISSING",
    "Answer",
    "ApiError",
    "Busy",
    "Canceled",
    "Chance",
    "Cleared",
    "Clock",
    "LeakError",
    "Machine",
    "Mock",
    "MockUsageError",
    "NoAnswer",
    "Rejected",
    "Resource",
    "SeedError",
    "Settings",
    "Unreachable",
    "UnusedPlanError",
    "UnusedPlanWarning",
    "VoIPBINWarning",
    "World",
    "__version__",
    "create_app",
]

_HOMES = {
    "MISSING": "matching",
    "Answer": "phones",
    "ApiError": "errors",
    "Busy": "phones",
    "Canceled": "phones",
    "Chance": "phones",
    "Cleared": "phones",
    "Clock": "clock",
    "LeakError": "errors",
    "Machine": "phones",
    "Mock": "mock",
    "MockUsageError": "errors",
    "NoAnswer": "phones",
    "Rejected": "phones",
    "Resource": "resources",
    "SeedError": "errors",
    "Settings": "world",
    "Unreachable": "phones",
    "UnusedPlanError": "errors",
    "UnusedPlanWarning": "errors",
    "VoIPBINWarning": "lint",
    "World": "world",
    "create_app": "app",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
