"""The outbox: whatever the service sent to somebody, in order. Each line of it is one recipient's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.wire.stamps import is_moment
from voipbin_mock.world.part import Part

if TYPE_CHECKING:
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.world import World

TEXT, MAIL, LINE, WHATSAPP, WEBCHAT, ACCOUNT = KINDS = ("text", "mail", "line", "whatsapp", "webchat", "account")
# What arrives in a mailbox: mails of customers, and those of the service itself.
MAILED = (MAIL, ACCOUNT)
SERVICE = "no-reply@voipbin.net"


class Line(NamedTuple):
    """What was sent to one recipient. Moments are microseconds since 1970."""

    number: int  # from 1 on
    microseconds: int  # when it was sent
    kind: str  # text, mail, line, whatsapp, webchat, or account: a mail of the service itself
    sender: str
    recipient: str
    text: str
    subject: str  # of a mail
    resource: str  # of the record behind it, such as "messages"
    record_id: str
    arrives: int | None  # when it reaches the recipient; None: never


class Lines(Part):
    """The outbox of one world."""

    name, rank, trailed = "outbox", 40, True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._trail = world.trail
        self.lines: list[Line] = []
        self.added = 0  # how often it changed

    def add(self, line: Line) -> None:
        self._trail.note(self.lines.pop)
        self.lines.append(line)
        self.added += 1

    def clear(self) -> None:
        """Forget what was sent. Texts and mails on their way come along nevertheless."""
        self._trail.note(self.bring_back, self.lines)
        self.lines = []
        self.added += 1

    # --- as data -------------------------------------------------------------------------------

    @property
    def revision(self) -> int:
        return self.added

    def keep(self) -> list[Line]:
        return list(self.lines)

    def bring_back(self, kept: list[Line]) -> None:
        self.lines = list(kept)

    def dump(self) -> list[dict[str, Any]]:
        return [line._asdict() for line in self.lines]

    def load(self, document: Any) -> None:
        """Take back what `dump` gave. Raises ValueError for anything else."""
        try:
            lines = [Line(**line) for line in document]
        except TypeError:
            lines = [Line(0, 0, "", "", "", "", "", "", "", 0)]
        if not all(map(_is_line, lines)):
            raise ValueError("an array of lines, as a dump has them")
        self._trail.note(self.bring_back, self.lines)
        self.lines = lines


def _is_line(line: Line) -> bool:
    texts = (line.sender, line.recipient, line.text, line.subject, line.resource, line.record_id)
    moments = [line.microseconds, *([] if line.arrives is None else [line.arrives])]
    known = line.kind in KINDS and type(line.number) is int
    return known and all(type(text) is str for text in texts) and all(map(is_moment, moments))


def record_sent(
    world: World,
    kind: str,
    *,
    sender: str,
    recipient: str,
    text: str,
    record: Row,
    resource: str,
    subject: str = "",
    arrives_in: int | None = 0,
) -> None:
    """Note that something was sent to somebody. arrives_in: milliseconds until it is there; None: it never is."""
    outbox, now = world.part(Lines), world.clock.microseconds()
    arrives = None if arrives_in is None else now + arrives_in * 1000
    number = outbox.lines[-1].number + 1 if outbox.lines else 1
    outbox.add(Line(number, now, kind, sender, recipient, text, subject, resource, record.id, arrives))


def account_mail(world: World, row: Row) -> None:
    """Follows `account_mail_created`: the service has written to somebody."""
    record_sent(
        world,
        ACCOUNT,
        sender=SERVICE,
        recipient=row.data["recipient"],
        text=row.data["text"],
        subject=row.data["subject"],
        record=row,
        resource="account_mails",
    )
