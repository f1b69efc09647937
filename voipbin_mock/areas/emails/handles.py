"""What a mock offers for e-mails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voipbin_mock.api.handles import HasRecords
from voipbin_mock.wire.values import id_of

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records, Stored
    from voipbin_mock.areas.emails.mailbox import Mailbox
    from voipbin_mock.areas.emails.records import Email


class HasEmails(HasRecords):
    """A part of `Mock`."""

    @property
    def emails(self) -> Records[Email]:
        return self.records("emails")

    def mailbox(self, address: str = "default") -> Mailbox:
        """A mailbox by its address or a pattern (`*@example.org`); without one, all that have no other script.

        >>> with Mock() as voipbin:
        ...     voipbin.mailbox("ann@example.org").script(Bounce(), Mail("processed", "delivered", "open"))
        <mailbox ann@example.org>
        """
        from voipbin_mock.areas.emails.mailbox import Mailbox

        return Mailbox(self.world, address)

    def mail_event(self, email: str | Stored | dict[str, Any], event: str) -> Email:
        """A provider tells now what has become of a mail: `bounce`, `open`, or any word. The record as it is then.

        email: a record or its id. Raises LookupError if there is none, and ValueError for no word.
        """
        from voipbin_mock.areas.emails.sending import comes_along

        wanted = id_of(email)
        if not isinstance(event, str) or not event:
            raise ValueError(f"{event!r} is nothing that becomes of a mail; say bounce, open, ...")
        with self.world.changing():
            if comes_along(self.world, wanted, event) is None:
                raise LookupError(f"no e-mail {wanted!r} in this mock")
        return self.emails.get(wanted)
