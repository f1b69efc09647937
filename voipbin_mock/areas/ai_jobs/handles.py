"""What a mock offers for what an AI does in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.areas.ais.handles import AiHandle, HasAis

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.api.scripting import Outcome
    from voipbin_mock.areas.ai_jobs.records import Audit, PromptProposal, Rag, Summary, TimelineAnalysis
    from voipbin_mock.world.world import World


class JobRule:
    """One kind of job, to be scripted from a test."""

    def __init__(self, world: World, kind: str) -> None:
        self._world = world
        self._kind = kind

    def script(self, *outcomes: Outcome) -> JobRule:
        """What the next ones come to, in order: `Done(...)`, `Failed(...)`; the last repeats. Raises ValueError."""
        from voipbin_mock.areas.ai_jobs.outcomes import Jobs

        with self._world.changing():
            self._world.part(Jobs).script(self._kind, outcomes)
        return self

    def forget(self) -> None:
        """Take the script back."""
        from voipbin_mock.areas.ai_jobs.outcomes import Jobs

        with self._world.changing():
            self._world.part(Jobs).forget(self._kind)

    def __repr__(self) -> str:
        return f"<jobs {self._kind}>"


class AiAndJobs(AiHandle):
    """What models do, and what becomes of what they do in the background."""

    @property
    def audits(self) -> JobRule:
        """What audits come to: `script(Done(overall_score=2), Failed("evaluator_unavailable"))`."""
        return JobRule(self._world, "audits")

    @property
    def proposals(self) -> JobRule:
        """What proposals for a prompt come to: `script(Done(proposed_prompt="Be kind."))`."""
        return JobRule(self._world, "proposals")

    @property
    def summaries(self) -> JobRule:
        """What summaries come to: `script(Done(content="Ann wants her money back."))`."""
        return JobRule(self._world, "summaries")

    @property
    def analyses(self) -> JobRule:
        """What analyses of a run come to: `script(Done(overall_status="warning", narrative="..."))`."""
        return JobRule(self._world, "analyses")

    @property
    def rags(self) -> JobRule:
        """What reading a source of a knowledge base comes to: `script(Done(chunks=42))`; one for each try."""
        return JobRule(self._world, "rags")


class HasAiJobs(HasAis):
    """A part of `Mock`."""

    @property
    def ai(self) -> AiAndJobs:
        """What models do: `ai("Receptionist").script(Say("Hello."))`, `ai.audits.script(Done(overall_score=2))`."""
        return AiAndJobs(self.world)

    @property
    def aiaudits(self) -> Records[Audit]:
        return self.records("aiaudits")

    @property
    def aipromptproposals(self) -> Records[PromptProposal]:
        return self.records("aipromptproposals")

    @property
    def aisummaries(self) -> Records[Summary]:
        return self.records("aisummaries")

    @property
    def rags(self) -> Records[Rag]:
        return self.records("rags")

    @property
    def timeline_analyses(self) -> Records[TimelineAnalysis]:
        return self.records("timeline_analyses")
