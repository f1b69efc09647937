"""A kind of job in a test's hand: scripted for what becomes of the next ones."""

from __future__ import annotations

from voipbin_mock.api.scripting import Rule
from voipbin_mock.areas.ai_jobs.outcomes import Jobs


class JobRule(Rule):
    """All jobs of a kind."""

    scripts, noun = Jobs, "jobs"
