"""A phone in a test's hand: scripted for when it is called, or calling itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voipbin_mock.api.scripting import Rule
from voipbin_mock.areas.calls import scripts, voice
from voipbin_mock.areas.calls.far_end import Step
from voipbin_mock.areas.calls.live import LiveCall
from voipbin_mock.areas.calls.phones import Phones

if TYPE_CHECKING:
    from voipbin_mock.api.records import Stored
    from voipbin_mock.areas.messages.asserting import Inbox
    from voipbin_mock.areas.messages.records import Message


class Phone(Rule):
    """A phone, or several of them: scripted for when it is called, or calling, texting and being texted itself."""

    scripts, noun = Phones, "phone"

    def calls(self, to: Any, *steps: Step) -> LiveCall:
        """Call a number of the account, or a flow, queue or conference (a record or its id), and then do this.

        Raises CallRefused if the service turns the call down, and ValueError for what is no step.

        >>> with Mock() as voipbin:
        ...     call = voipbin.phone("+15550100001").calls("+899100000100", Press("1"), HangUp(after="4s"))
        """
        number = self._one("can call", "voipbin.phone('+15550100001')")
        wanted = to if isinstance(to, str) else getattr(to, "id", None)
        if not isinstance(wanted, str) or not wanted:
            raise ValueError(f"nobody calls {to!r}; give a number, or a flow, queue or conference: a record or its id")
        several = scripts.checked(self._world, steps)
        with self._world.changing():
            row = voice.incoming(self._world, number, wanted)
            scripts.give(self._world, row.id, several, since=0)
        return LiveCall(self._world, row.id)

    def texts(self, to: str | Stored, text: str, *, parts: int = 0) -> Message:
        """Text a number of the account: the message that comes of it. parts: as the provider says; else counted.

        Raises TextDropped if the service throws the text away, because it has no such number.

        >>> with Mock() as voipbin:
        ...     message = voipbin.phone("+15550100001").texts("+15559876543", "hello")
        """
        from voipbin_mock.areas.messages.texting import received

        number = self._one("can text", "voipbin.phone('+15550100001')")
        message: Message = received(self._world, number, getattr(to, "number", to), text, parts)
        return message

    @property
    def inbox(self) -> Inbox:
        """The texts that have arrived by now, oldest first. Raises ValueError for what is no number."""
        from voipbin_mock.areas.messages.asserting import Inbox
        from voipbin_mock.areas.messages.outcomes import Texts

        number = self._one("has an inbox", "voipbin.phone('+15550100001')")
        if wrong := self._world.part(Texts).wrong(number):
            raise ValueError(wrong)
        return Inbox(self._world, "text", number)
