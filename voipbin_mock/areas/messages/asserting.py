"""What was sent, for a test to look into and to assert on.

A failed assertion names the lines that came nearest and, field by field, why they are not the one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from voipbin_mock.api.asserting import mismatch
from voipbin_mock.areas.accounts.addresses import normalized
from voipbin_mock.areas.messages.outbox import KINDS, LINE, MAIL, MAILED, TEXT, WEBCHAT, WHATSAPP, Line, Lines
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.matching import Mismatch, differences, show
from voipbin_mock.wire.stamps import to_datetime
from voipbin_mock.wire.values import NIL_UUID

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

MOST_COMPARED = 200  # characters, for whether two texts are alike
FILTERS = ("to", "text", "contains", "kind", "subject", "sender", "status")


class Sent(NamedTuple):
    """What was sent to one recipient, as it stands now."""

    number: int  # in the order of sending, from 1 on
    at: datetime
    kind: str  # text, mail, line, whatsapp, webchat or account
    sender: str
    to: str
    text: str
    subject: str  # of a mail
    status: str  # of a text to this recipient, of a mail, or of a line in a conversation
    arrives: datetime | None  # when the recipient can read it; None: never
    resource: str  # of the record behind it: messages, emails, ...
    id: str  # of that record

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON values; moments as RFC 3339."""
        moments = {name: None if (at := getattr(self, name)) is None else _moment(at) for name in ("at", "arrives")}
        return {**self._asdict(), **moments}

    def __str__(self) -> str:
        subject = f" {show(self.subject)}:" if self.kind in MAILED else ""
        return f"#{self.number} {self.kind} to {self.to}:{subject} {show(self.text)} ({self.status or 'sent'})"


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _read(world: World, line: Line) -> Sent:
    row = world.store[line.resource].get(line.record_id) if line.record_id != NIL_UUID else None
    status = ""
    if row is not None:
        targets = row.data.get("targets") or ()
        of_it = [each["status"] for each in targets if each["destination"].get("target") == line.recipient]
        status = of_it[0] if of_it else row.data.get("status", "")
    arrives = None if line.arrives is None else to_datetime(line.arrives)
    return Sent(
        line.number, to_datetime(line.microseconds), line.kind, line.sender, line.recipient, line.text, line.subject,
        status, arrives, line.resource, line.record_id,
    )  # fmt: skip


def lines_of(world: World) -> list[Line]:
    """To be called under the world's lock."""
    found = world.has(Lines)
    return [] if found is None else list(found.lines)


class _Several(Sequence[Sent]):
    """Lines of the outbox, read anew whenever they are looked at."""

    def __init__(self, world: World) -> None:
        self._world = world

    def _lines(self) -> list[Line]:
        return lines_of(self._world)

    def _all(self) -> list[Sent]:
        with self._world.looking():
            return [_read(self._world, line) for line in self._lines()]

    def __iter__(self) -> Iterator[Sent]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, index: int) -> Sent: ...

    @overload
    def __getitem__(self, index: slice) -> list[Sent]: ...

    def __getitem__(self, index: int | slice) -> Sent | list[Sent]:
        return self._all()[index]

    def __eq__(self, other: object) -> bool:
        return self._all() == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    @property
    def newest(self) -> Sent:
        """Raises LookupError if there is none."""
        found = self._all()
        if not found:
            raise LookupError(self._nothing())
        return found[-1]

    def _nothing(self) -> str:
        return "nothing was sent"

    def __repr__(self) -> str:
        return f"<{len(self)} sent>"


class Inbox(_Several):
    """What has arrived at one address by now, oldest first."""

    def __init__(self, world: World, kind: str | tuple[str, ...], address: str) -> None:
        super().__init__(world)
        self._kinds, self._address = (kind,) if isinstance(kind, str) else kind, address

    def _sent(self) -> list[Line]:
        lines = lines_of(self._world)
        return [line for line in lines if line.recipient == self._address and line.kind in self._kinds]

    def _lines(self) -> list[Line]:
        now = self._world.clock.microseconds()
        arrived = [line for line in self._sent() if line.arrives is not None and line.arrives <= now]
        return sorted(arrived, key=lambda line: line.arrives or 0)

    def _nothing(self) -> str:
        with self._world.looking():
            lines, now = self._sent(), self._world.clock.microseconds()
        coming = [line.arrives - now for line in lines if line.arrives is not None]
        if coming:
            wait = f"the next one arrives in {min(coming) / 1_000_000:g} s: advance the clock"
            return f"nothing has arrived at {self._address} yet; {wait}"
        if lines:
            return f"nothing ever arrives at {self._address}: {_read(self._world, lines[-1])}"
        return f"nothing was sent to {self._address}"


class Outbox(_Several):
    """Whatever the service sent to somebody, in order: texts, mails, and lines of chats."""

    def find(self, **filters: Any) -> list[Sent]:
        """Those that match, oldest first.

        to, text, subject, sender, status: equal, or as a compiled pattern or a function says. contains: a part of the
        text. kind: text, mail, line, whatsapp, webchat, or account for mails of the service itself.
        """
        wanted = _Wanted(filters)
        return [each for each in self._all() if not wanted.unlike(each)]

    @property
    def texts(self) -> list[Sent]:
        return self.find(kind=TEXT)

    @property
    def mails(self) -> list[Sent]:
        return self.find(kind=MAIL)

    @property
    def chats(self) -> list[Sent]:
        """Lines to users of LINE and WhatsApp, and to visitors of web chats."""
        return [each for each in self._all() if each.kind in (LINE, WHATSAPP, WEBCHAT)]

    def assert_sent(self, *, times: int | None = None, **filters: Any) -> list[Sent]:
        """That it was sent: at least once, or so many `times`. Gives what matches; the filters are those of `find`.

        Raises AssertionError with what came nearest, and how it differs.
        """
        __tracebackhide__ = True
        wanted, everything = _Wanted(filters), self._all()
        found = [each for each in everything if not wanted.unlike(each)]
        if len(found) != times if times is not None else not found:
            raise AssertionError(_mismatch(wanted, times, found, everything))
        return found

    def assert_sent_once(self, **filters: Any) -> Sent:
        """That it was sent exactly once; gives it."""
        __tracebackhide__ = True
        return self.assert_sent(times=1, **filters)[0]

    def assert_not_sent(self, **filters: Any) -> None:
        """That nothing like it was sent; without filters, that nothing was."""
        __tracebackhide__ = True
        self.assert_sent(times=0, **filters)

    def clear(self) -> None:
        """Forget what was sent so far."""
        with self._world.changing():
            self._world.part(Lines).clear()


class _Wanted:
    """What a line should be like."""

    def __init__(self, filters: Mapping[str, Any]) -> None:
        unknown = filters.keys() - set(FILTERS)
        if unknown:
            raise MockUsageError(f"the outbox has no filter {min(unknown)!r}; there are {', '.join(FILTERS)}")
        kind = filters.get("kind")
        if isinstance(kind, str) and kind not in KINDS:
            raise MockUsageError(f"kind: {kind!r} is none of {', '.join(KINDS)}")
        self._filters = dict(filters)
        to = filters.get("to")
        if isinstance(to, str):
            self._filters["to"] = address_of(to)

    def unlike(self, sent: Sent) -> list[Mismatch]:
        """How a line differs, field by field."""
        found: list[Mismatch] = []
        for name, wanted in self._filters.items():
            if name != "contains":
                found += differences(wanted, getattr(sent, name), pointer=name)
            elif not isinstance(wanted, str):
                raise MockUsageError(f"contains: {show(wanted)} is no text")
            elif wanted not in sent.text:
                found.append(Mismatch("text", wanted, sent.text, "it does not contain that"))
        return found

    def distance(self, sent: Sent) -> float:
        """How far a line is from this: texts that are alike are near."""
        return sum(_apart(each) for each in self.unlike(sent))

    def __str__(self) -> str:
        told = [f"{name} {show(value)}" for name, value in self._filters.items()]
        return f"something sent with {', '.join(told)}" if told else "something sent"


def address_of(given: str) -> str:
    """An address as the outbox has it: of a telephone number the digits."""
    if given.lstrip().startswith("+"):
        return normalized({"type": "tel", "target": given})["target"]
    return given.strip().lower() if "@" in given else given


def _apart(mismatch: Mismatch) -> float:
    expected, actual = mismatch.expected, mismatch.actual
    if isinstance(expected, str) and isinstance(actual, str):
        return 1 - 0.9 * SequenceMatcher(None, expected[:MOST_COMPARED], actual[:MOST_COMPARED]).ratio()
    return 1.0


def _mismatch(wanted: _Wanted, times: int | None, found: Sequence[Sent], everything: Sequence[Sent]) -> str:
    seen = f"of {len(everything)} lines" if len(everything) != 1 else "of the one line"
    return mismatch(
        str(wanted), times, found, everything, unlike=wanted.unlike, distance=wanted.distance,
        nothing="nothing was sent", seen=f"{seen} of the outbox",
    )  # fmt: skip


def report(world: World, most: int) -> str:
    """The newest lines, for a failing test's report."""
    with world.looking():
        return "\n".join(str(_read(world, line)) for line in lines_of(world)[-most:])


def shown(world: World, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Lines as JSON values. To be called under the world's lock."""
    return [_read(world, line).as_dict() for line in lines]
