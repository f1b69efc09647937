"""What a mock offers for web chats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records, Stored
    from voipbin_mock.areas.webchat.records import WebchatMessage, WebchatSession, WebchatWidget
    from voipbin_mock.areas.webchat.visit import Visitor


class HasWebchat(HasRecords):
    """A part of `Mock`."""

    if TYPE_CHECKING:

        @property
        def anonymous(self) -> Any: ...

    def visit(self, widget: str | Stored, *, page_url: str = "", referrer: str = "") -> Visitor:
        """Somebody opens the page that a widget is in: by the record, its id or its direct hash.

        Boots and begins a session as the widget in a page does. Raises VisitRefused, and LookupError for no widget.
        """
        from voipbin_mock.areas.webchat.visit import Visitor, hash_of

        return Visitor(self.anonymous, hash_of(self.world, widget), page_url=page_url, referrer=referrer)

    @property
    def webchat_widgets(self) -> Records[WebchatWidget]:
        return self.records("webchat_widgets")

    @property
    def webchat_sessions(self) -> Records[WebchatSession]:
        return self.records("webchat_sessions")

    @property
    def webchat_messages(self) -> Records[WebchatMessage]:
        return self.records("webchat_messages")
