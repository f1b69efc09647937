"""What a mock offers for AIs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords
from voipbin_mock.wire.values import id_of

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records, Stored
    from voipbin_mock.areas.ais.live import LiveAicall
    from voipbin_mock.areas.ais.models import AiRule
    from voipbin_mock.areas.ais.records import Ai, Aicall, Aimessage, AiParticipant, AiPromptHistory, Team
    from voipbin_mock.world.world import World


class AiHandle:
    """What models do: called with whom it is about."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __call__(self, ai: str | Stored = "default") -> AiRule:
        """What an AI says and does (its record, id or name), or those of a pattern (`Sales*`); else all others.

        >>> from voipbin_mock.ai import Say, Hang
        >>> with Mock() as voipbin:
        ...     voipbin.ai("Receptionist").script(Say("Hello."), Hang())
        <AI Receptionist>
        """
        from voipbin_mock.areas.ais.models import AiRule

        return AiRule(self._world, id_of(ai))


class HasAis(HasRecords):
    """A part of `Mock`."""

    def _ai(self) -> AiHandle:
        return AiHandle(self.world)

    @property
    def ai(self) -> AiHandle:
        """What models say and do: `ai("Receptionist").script(Say("Hello."), Call("send_message", {...}))`."""
        return self._ai()

    def aicall(self, aicall: str | Stored) -> LiveAicall:
        """What was said in an AI call, and which tools were called. Raises LookupError if there is none."""
        from voipbin_mock.areas.ais.live import LiveAicall

        return LiveAicall(self.world, id_of(aicall))

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
