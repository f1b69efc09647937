"""What a mock offers for calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords
from voipbin_mock.wire.values import id_of

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records, Stored
    from voipbin_mock.areas.calls.live import LiveCall
    from voipbin_mock.areas.calls.media_records import Recording, Speaking, Transcribe, Transcript
    from voipbin_mock.areas.calls.records import Call, Groupcall, Providercall, Transfer


class HasCalls(HasRecords):
    """A part of `Mock`."""

    @property
    def calls(self) -> Records[Call]:
        return self.records("calls")

    @property
    def groupcalls(self) -> Records[Groupcall]:
        return self.records("groupcalls")

    @property
    def providercalls(self) -> Records[Providercall]:
        return self.records("providercalls")

    @property
    def transfers(self) -> Records[Transfer]:
        return self.records("transfers")

    def call(self, call: str | Stored) -> LiveCall:
        """What a call did and does: its path, its trace, what was heard. Raises LookupError if there is none."""
        from voipbin_mock.areas.calls.live import LiveCall

        return LiveCall(self.world, id_of(call))

    def live_calls(self, most: int = 100) -> list[LiveCall]:
        """The newest calls that run or ran a flow."""
        from voipbin_mock.areas.calls.listing import lives

        return lives(self.world, most)

    @property
    def recordings(self) -> Records[Recording]:
        return self.records("recordings")

    @property
    def transcribes(self) -> Records[Transcribe]:
        return self.records("transcribes")

    @property
    def transcripts(self) -> Records[Transcript]:
        return self.records("transcripts")

    @property
    def speakings(self) -> Records[Speaking]:
        return self.records("speakings")
