"""What becomes of jobs, over the control API."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.api.operations import Handler
from voipbin_mock.api.scripting_control import script_controls
from voipbin_mock.areas.ai_jobs.outcomes import KINDS, Jobs

CONTROLS: Mapping[str, Handler] = script_controls(
    "jobs", Jobs, {name: {"outcome": "done", "after": kind.after} for name, kind in KINDS.items()}
)
