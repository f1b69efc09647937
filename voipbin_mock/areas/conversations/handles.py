"""What a mock offers for conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records, Stored
    from voipbin_mock.areas.conversations.records import Conversation, ConversationAccount, ConversationMessage
    from voipbin_mock.areas.conversations.users import LineUser, WhatsappUser


class HasConversations(HasRecords):
    """A part of `Mock`."""

    @property
    def conversations(self) -> Records[Conversation]:
        return self.records("conversations")

    @property
    def conversation_messages(self) -> Records[ConversationMessage]:
        return self.records("conversation_messages")

    @property
    def conversation_accounts(self) -> Records[ConversationAccount]:
        return self.records("conversation_accounts")

    def line_user(self, account: str | Stored, user: str, *, name: str = "") -> LineUser:
        """A user of LINE who writes to an account: `follows()`, `says(text)`, `inbox`, `script(Refused())`.

        name: that they show. Raises LookupError for no account, and ValueError for one of another channel or no user.
        """
        from voipbin_mock.areas.conversations.users import LineUser

        return LineUser(self.world, account, user, name)

    def whatsapp_user(self, account: str | Stored, user: str, *, name: str = "") -> WhatsappUser:
        """The same of WhatsApp, by the digits of their number."""
        from voipbin_mock.areas.conversations.users import WhatsappUser

        return WhatsappUser(self.world, account, user, name)

    def account_setup(self, *outcomes: Any) -> None:
        """What the next set-ups of LINE accounts meet, in order: `Accepted()`, `Refused()`; the last repeats."""
        from voipbin_mock.areas.conversations.outcomes import SETUP, Chats

        with self.world.changing():
            self.world.part(Chats).script(SETUP, outcomes)
