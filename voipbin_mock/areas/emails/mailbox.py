"""A mailbox in a test's hand: scripted for what becomes of its mails, and read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.scripting import Rule
from voipbin_mock.areas.emails.outcomes import Mailboxes

if TYPE_CHECKING:
    from voipbin_mock.areas.messages.asserting import Inbox


class Mailbox(Rule):
    """A mailbox, or several of them."""

    scripts, noun = Mailboxes, "mailbox"

    def _one(self, what: str, example: str) -> str:
        address = super()._one(what, example)
        if wrong := self._world.part(Mailboxes).wrong(address):
            raise ValueError(wrong)
        return address

    @property
    def inbox(self) -> Inbox:
        """The mails that have arrived by now, oldest first."""
        from voipbin_mock.areas.messages.asserting import Inbox
        from voipbin_mock.areas.messages.outbox import MAILED

        return Inbox(self._world, MAILED, self._one("has an inbox", "voipbin.mailbox('ann@example.com')"))
