"""What a mock offers for web chats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.webchat.records import WebchatMessage, WebchatSession, WebchatWidget


class HasWebchat(HasRecords):
    """A part of `Mock`."""

    @property
    def webchat_widgets(self) -> Records[WebchatWidget]:
        return self.records("webchat_widgets")

    @property
    def webchat_sessions(self) -> Records[WebchatSession]:
        return self.records("webchat_sessions")

    @property
    def webchat_messages(self) -> Records[WebchatMessage]:
        return self.records("webchat_messages")
