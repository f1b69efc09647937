"""What a mock offers for talk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voipbin_mock.api.handles import HasRecords
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import id_of

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records, Stored
    from voipbin_mock.areas.talk.records import TalkChat, TalkMessage, TalkParticipant
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.world import World


class Talk:
    """The other agents of a chat: they join, write and react, without a request of the code under test."""

    def __init__(self, mock: HasTalk) -> None:
        self._mock = mock

    @property
    def _world(self) -> World:
        return self._mock.world

    def join(self, chat: str | Stored, agent: str | Stored) -> TalkParticipant:
        """An agent (id, user name or record) is in the chat (id or record) from now on. Raises LookupError."""
        from voipbin_mock.areas.talk import talking
        from voipbin_mock.areas.talk.resources import AGENT, CHATS

        with self._world.changing():
            row = self._row(CHATS, chat)
            made = talking.join(self._world, row, AGENT, self._agent(agent))
        return self._mock.talk_participants.get(made.id)

    def say(self, chat: str | Stored, agent: str | Stored, text: str, parent: str | Stored = "") -> TalkMessage:
        """A message of an agent, who joins the chat first unless it has; `parent` is what it replies to.

        Raises LookupError for a chat or an agent that there is not.
        """
        from voipbin_mock.areas.talk import talking
        from voipbin_mock.areas.talk.resources import AGENT, CHATS

        with self._world.changing():
            row, who = self._row(CHATS, chat), self._agent(agent)
            if talking.member(self._world, row.id, who) is None:
                talking.join(self._world, row, AGENT, who)
            values = {"type": "normal", "text": text, "parent_id": id_of(parent), "medias": []}
            try:
                made = talking.say(self._world, row, who, values)
            except ApiError as error:
                raise LookupError(f"talk.say: {error.hint or error}") from None
        return self._mock.talk_messages.get(made.id)

    def react(self, message: str | Stored, agent: str | Stored, emoji: str) -> TalkMessage:
        """An agent's reaction to a message (id or record): an emoji, or any other text. Raises LookupError."""
        from voipbin_mock.areas.talk import talking
        from voipbin_mock.areas.talk.resources import MESSAGES

        with self._world.changing():
            row = talking.react(self._world, self._row(MESSAGES, message), self._agent(agent), emoji)
        return self._mock.talk_messages.get(row.id)

    def _agent(self, agent: str | Stored) -> str:
        from voipbin_mock.areas.accounts.resources import AGENTS

        wanted, table = id_of(agent), self._world.table(AGENTS)
        row = table.get(wanted) or next(iter(table.find("username", wanted)), None)
        if row is None:
            raise LookupError(f"no agent {wanted!r} in this mock")
        return row.id

    def _row(self, resource: Any, wanted: str | Stored) -> Row:
        row = self._world.table(resource).get(id_of(wanted))
        if row is None:
            raise LookupError(f"no {resource.noun} {id_of(wanted)!r} in this mock")
        return row


class HasTalk(HasRecords):
    """A part of `Mock`."""

    @property
    def talk(self) -> Talk:
        """What other agents do in chats."""
        return Talk(self)

    @property
    def talk_chats(self) -> Records[TalkChat]:
        return self.records("talk_chats")

    @property
    def talk_participants(self) -> Records[TalkParticipant]:
        return self.records("talk_participants")

    @property
    def talk_messages(self) -> Records[TalkMessage]:
        return self.records("talk_messages")
