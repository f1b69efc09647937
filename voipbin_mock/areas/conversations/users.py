"""A user of LINE or WhatsApp, in a test's hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from voipbin_mock.api.records import Records
from voipbin_mock.areas.conversations import inbound
from voipbin_mock.areas.conversations.outcomes import Chats
from voipbin_mock.areas.conversations.resources import ACCOUNTS, CONVERSATIONS, MESSAGES
from voipbin_mock.areas.messages.asserting import Inbox
from voipbin_mock.areas.messages.sending import Dropped
from voipbin_mock.wire.errors import shorten
from voipbin_mock.wire.values import id_of
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


class ChatDropped(ValueError):
    """What a user wrote did not come in: there is no record of it."""


class ChatUser:
    """Somebody who writes to an account of the customer's."""

    kind = ""

    def __init__(self, world: World, account: Any, user: str, name: str) -> None:
        if not isinstance(user, str) or not user:
            raise ValueError(f"{shorten(user)!r} is no id of a user of {self.kind}; give a text")
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
    def inbox(self) -> Inbox:
        """What was written to this user, oldest first."""
        return Inbox(self._world, self.kind, self.id)

    def _writes(self, comes: Callable[[Row], Row], resource: Resource, text: object = "") -> Any:
        """What comes of it, as a record. Raises ChatDropped, and ValueError for a text that is none."""
        if not isinstance(text, str):
            raise ValueError(f"text: {shorten(text)!r} is no text")
        with self._world.changing():
            try:
                row = comes(self._account())
            except Dropped as error:
                raise ChatDropped(str(error)) from None
        self._world.aftermath()
        return Records(self._world, resource).get(row.id)

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
        """Follow the account: the conversation. Raises ChatDropped, with the reason, if that leads nowhere."""
        return self._writes(lambda account: inbound.followed(self._world, account, self.id, self.name), CONVERSATIONS)

    def says(self, text: str) -> Any:
        """Write to the account: the message. Raises ChatDropped; on the server, of a user who does not follow."""
        world, user, name = self._world, self.id, self.name
        return self._writes(lambda account: inbound.line_message(world, account, user, text, name), MESSAGES, text)


class WhatsappUser(ChatUser):
    """A user of WhatsApp."""

    kind = "whatsapp"

    def says(self, text: str, *, to: str = "") -> Any:
        """Write to the account: the message. to: the number that is shown for the account. Raises ChatDropped."""
        world, user, name = self._world, self.id, self.name
        return self._writes(
            lambda account: inbound.whatsapp_message(world, account, user, text, to=to, name=name), MESSAGES, text
        )
