"""What a mock offers for what an AI does in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.areas.ais.handles import AiHandle, HasAis

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.ai_jobs.records import Audit, PromptProposal, Rag, Summary, TimelineAnalysis
    from voipbin_mock.areas.ai_jobs.rule import JobRule


class AiAndJobs(AiHandle):
    """What models do, and what becomes of what they do in the background."""

    def _jobs(self, kind: str) -> JobRule:
        from voipbin_mock.areas.ai_jobs.rule import JobRule

        return JobRule(self._world, kind)

    @property
    def audits(self) -> JobRule:
        """What audits come to: `script(Done(overall_score=2), Failed("evaluator_unavailable"))`."""
        return self._jobs("audits")

    @property
    def proposals(self) -> JobRule:
        """What proposals for a prompt come to: `script(Done(proposed_prompt="Be kind."))`."""
        return self._jobs("proposals")

    @property
    def summaries(self) -> JobRule:
        """What summaries come to: `script(Done(content="Ann wants her money back."))`."""
        return self._jobs("summaries")

    @property
    def analyses(self) -> JobRule:
        """What analyses of a run come to: `script(Done(overall_status="warning", narrative="..."))`."""
        return self._jobs("analyses")

    @property
    def rags(self) -> JobRule:
        """What reading a source of a knowledge base comes to: `script(Done(chunks=42))`; one for each try."""
        return self._jobs("rags")


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
