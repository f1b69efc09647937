"""A user of LINE or WhatsApp, in a test's hand."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.records import Records
from voipbin_mock.areas.conversations import inbound
from voipbin_mock.areas.conversations.outcomes import Chats
from voipbin_mock.areas.conversations.resources import ACCOUNTS, CONVERSATIONS, MESSAGES
from voipbin_mock.areas.messages.outbox import Outbox
from voipbin_mock.wire.values import id_of
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


class ChatUser:
    """Somebody who writes to an account of the customer's."""

    kind = ""

    def __init__(self, world: World, account: Any, user: str, name: str) -> None:
        self._world, self._account_id = world, id_of(account)
        self.id = user
        self.name = name
        with world.looking():
            row = self._account()
        if row.data["type"] != self.kind:
            raise ValueError(f"account {row.id} is one of {row.data['type'] or 'no type'}, and not of {self.kind}")

    def _account(self) -> Row:
        row = self._world.table(ACCOUNTS).get(self._account_id)
        if row is None:
            raise LookupError(f"there is no conversation account {self._account_id!r}")
        return row

    @property
    def inbox(self) -> list[str]:
        """The texts that were written to this user, oldest first."""
        with self._world.looking():
            lines = self._world.part(Outbox).lines
            return [
                line.text
                for line in lines
                if (line.kind, line.sender, line.recipient) == (self.kind, self._account_id, self.id)
            ]

    def script(self, *outcomes: Any) -> Any:
        """What the next messages to this user meet, in order: `Accepted()`, `Refused()`; the last repeats."""
        with self._world.changing():
            self._world.part(Chats).script(self.id, outcomes)
        return self

    def forget(self) -> None:
        """Take the script back."""
        with self._world.changing():
            self._world.part(Chats).forget(self.id)

    def __repr__(self) -> str:
        return f"<{self.kind} user {self.id}>"


class LineUser(ChatUser):
    """A user of LINE."""

    kind = "line"

    def follows(self) -> Any:
        """Follow the account: the conversation. Raises Dropped, with the reason, if that leads nowhere."""
        with self._world.changing():
            row = inbound.followed(self._world, self._account(), self.id, self.name)
        return _record(self._world, CONVERSATIONS, row)

    def says(self, text: str) -> Any:
        """Write to the account: the message. Raises Dropped; on the server, of a user who does not follow."""
        with self._world.changing():
            row = inbound.line_message(self._world, self._account(), self.id, text, self.name)
        return _record(self._world, MESSAGES, row)


class WhatsappUser(ChatUser):
    """A user of WhatsApp."""

    kind = "whatsapp"

    def says(self, text: str, *, to: str = "") -> Any:
        """Write to the account: the message. to: the number that is shown for the account. Raises Dropped."""
        with self._world.changing():
            row = inbound.whatsapp_message(self._world, self._account(), self.id, text, to=to, name=self.name)
        return _record(self._world, MESSAGES, row)


def _record(world: World, resource: Any, row: Row) -> Any:
    """The record as it is by now, once all is done that follows at this very instant."""
    world.aftermath()
    return Records(world, resource).get(row.id)
