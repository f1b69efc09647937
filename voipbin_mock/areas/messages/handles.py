"""What a mock offers for messages, and for whatever else is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.messages.asserting import Outbox
    from voipbin_mock.areas.messages.records import Message
    from voipbin_mock.areas.messages.texting import TextRule


class HasMessages(HasRecords):
    """A part of `Mock`."""

    @property
    def messages(self) -> Records[Message]:
        """Texts that went out and came in."""
        return self.records("messages")

    @property
    def outbox(self) -> Outbox:
        """Whatever was sent to anybody: `outbox.assert_sent(to="+15550100002", contains="123456")`."""
        from voipbin_mock.areas.messages.asserting import Outbox

        return Outbox(self.world)

    def texts(self, number: str = "default") -> TextRule:
        """What becomes of texts that go to a number or a pattern (`+1202*`); without one, to all others.

        >>> with Mock() as voipbin:
        ...     voipbin.texts("+15550100002").script(Failed(), Delivered(after="5s"))
        <texts to +15550100002>
        """
        from voipbin_mock.areas.messages.texting import TextRule

        return TextRule(self.world, number)
