"""What a mock offers for AIs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.ais.records import Ai, Aicall, Aimessage, AiParticipant, AiPromptHistory, Team


class HasAis(HasRecords):
    """A part of `Mock`."""

    @property
    def ais(self) -> Records[Ai]:
        return self.records("ais")

    @property
    def ai_prompt_histories(self) -> Records[AiPromptHistory]:
        return self.records("ai_prompt_histories")

    @property
    def ai_participants(self) -> Records[AiParticipant]:
        return self.records("ai_participants")

    @property
    def teams(self) -> Records[Team]:
        return self.records("teams")

    @property
    def aicalls(self) -> Records[Aicall]:
        return self.records("aicalls")

    @property
    def aimessages(self) -> Records[Aimessage]:
        return self.records("aimessages")
