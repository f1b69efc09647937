"""A stateful mock of the VoIPBIN API, for tests.

`Mock` is the door: a context manager around one isolated world. Everything is imported when it is
first asked for, so that naming this package costs nothing.
"""

from __future__ import annotations

from voipbin_mock._version import __version__

TYPE_CHECKING = False  # type checkers take it for true; the module that has it is dear to load
if TYPE_CHECKING:
    from typing import Any

    from voipbin_mock.api.lint import VoIPBINWarning
    from voipbin_mock.areas.calls.phones import (
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
    from voipbin_mock.factory import create_app
    from voipbin_mock.mock import Mock
    from voipbin_mock.wire.errors import (
        ApiError,
        LeakError,
        MockUsageError,
        SeedError,
        UnusedPlanError,
        UnusedPlanWarning,
    )
    from voipbin_mock.wire.matching import MISSING
    from voipbin_mock.world.clock import Clock
    from voipbin_mock.world.resource import Resource
    from voipbin_mock.world.settings import Settings
    from voipbin_mock.world.world import World

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
    "MISSING": "wire.matching",
    "Answer": "areas.calls.phones",
    "ApiError": "wire.errors",
    "Busy": "areas.calls.phones",
    "Canceled": "areas.calls.phones",
    "Chance": "areas.calls.phones",
    "Cleared": "areas.calls.phones",
    "Clock": "world.clock",
    "LeakError": "wire.errors",
    "Machine": "areas.calls.phones",
    "Mock": "mock",
    "MockUsageError": "wire.errors",
    "NoAnswer": "areas.calls.phones",
    "Rejected": "areas.calls.phones",
    "Resource": "world.resource",
    "SeedError": "wire.errors",
    "Settings": "world.settings",
    "Unreachable": "areas.calls.phones",
    "UnusedPlanError": "wire.errors",
    "UnusedPlanWarning": "wire.errors",
    "VoIPBINWarning": "api.lint",
    "World": "world.world",
    "create_app": "factory",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
