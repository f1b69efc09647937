"""The contract: what the service promises, as cases that can be asked of a mock and of the real thing.

Everything is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voipbin_mock.contract.case import Case, CaseError
    from voipbin_mock.contract.clients import ClientTarget
    from voipbin_mock.contract.comparison import Comparison, compare
    from voipbin_mock.contract.remote import HttpTarget
    from voipbin_mock.contract.runner import Result, Run, Runner
    from voipbin_mock.contract.suite import cases, check
    from voipbin_mock.contract.targets import MockTarget, Target, TargetError
    from voipbin_mock.contract.verification import Finding, verify

__all__ = [
    "Case",
    "CaseError",
    "ClientTarget",
    "Comparison",
    "Finding",
    "HttpTarget",
    "MockTarget",
    "Result",
    "Run",
    "Runner",
    "Target",
    "TargetError",
    "cases",
    "check",
    "compare",
    "verify",
]

_HOMES = {
    "Case": "case",
    "CaseError": "case",
    "ClientTarget": "clients",
    "Comparison": "comparison",
    "Finding": "verification",
    "HttpTarget": "remote",
    "MockTarget": "targets",
    "Result": "runner",
    "Run": "runner",
    "Runner": "runner",
    "Target": "targets",
    "TargetError": "targets",
    "cases": "suite",
    "check": "suite",
    "compare": "comparison",
    "verify": "verification",
}


if not TYPE_CHECKING:  # to a type checker, there are the names above and no others

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

    def __dir__() -> list[str]:
        return __all__
