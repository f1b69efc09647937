"""What tests of the contract harness have in common."""

from __future__ import annotations

from typing import Any

from voipbin_mock import Mock
from voipbin_mock.contract import MockTarget, Run, Runner, Target
from voipbin_mock.contract.casebook import load
from voipbin_mock.contract.runner import Allowed
from voipbin_mock.contract.targets import SEED, SEEDED

PROFILES = ("documented", "server")
CASES = load()
EVERYTHING = Allowed(True, True)
# They want a websocket, and a client that does not follow to where a file is.
NO_PLAIN_ANSWER = {"calls.media_stream", "recordings.file"}


def mock_of(profile: str = "documented", **settings: Any) -> Mock:
    """A mock with everything that the cases look for."""
    return Mock(profile, seed=dict(SEED), clock="2026-03-01 09:00:00", ignore=("all",), **settings)


def credentials(mock: Mock) -> dict[str, Any]:
    return {
        "accesskey": mock.accesskey,
        "token": mock.token,
        "username": mock.username,
        "password": mock.password,
        "values": {**SEEDED, "unique": "a1b2c3d4"},
    }


def run_all(target: Target, profile: str, only: str | tuple[str, ...] = ()) -> Run:
    cases = load(only=only, profile=None if profile == "auto" else profile)
    return Runner(target, profile, allowed=EVERYTHING).run(cases)


def told(run: Run) -> list[str]:
    """What is wrong, and what was left out, a line each."""
    lines = [f"{r.case.name}: step {a.step.number} {a.line}: {fault}" for r in run.results for a, fault in r.broken]
    lines += [f"{r.case.name}: {r.outcome}: {r.why}" for r in run.results if r.outcome != "passed" and not r.broken]
    return lines + [f"{r.case.name}: left behind {left}" for r in run.results for left in r.left_behind]


def fresh(profile: str) -> MockTarget:
    return MockTarget(profile)


def without_deletes(mock: Mock, status: str = "503 Service Unavailable") -> Any:
    """A server whose every DELETE is answered so."""

    def app(environ: Any, start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] == "DELETE":
            start_response(status, [("Content-Length", "0")])
            return [b""]
        return mock.app(environ, start_response)

    return app


def live_rows(mock: Mock, name: str) -> int:
    """How many records of a resource are not deleted."""
    return sum(not row.deleted for row in mock.world.store[name])
