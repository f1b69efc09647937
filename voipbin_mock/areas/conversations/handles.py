"""What a mock offers for conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.conversations.records import Conversation, ConversationAccount, ConversationMessage


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
