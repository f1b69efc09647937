"""What becomes of a mail: the outcomes that a test scripts, and the mailboxes that have one by themselves.

Times are milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from voipbin_mock.api import scripting
from voipbin_mock.api.scripting import Scripts
from voipbin_mock.areas.messages.outcomes import Stage, Stuck
from voipbin_mock.wire.durations import Duration, meant, written

# How long after the status before it (the first: after it was sent) a mail usually has each.
GAPS: Mapping[str, int] = {
    "processed": 1_000,
    "delivered": 9_000,
    "deferred": 9_000,
    "bounce": 9_000,
    "dropped": 1_000,
    "open": 60_000,
    "click": 10_000,
    "spamreport": 60_000,
    "unsubscribe": 60_000,
}


@dataclass(frozen=True, init=False)
class MailOutcome(scripting.Outcome):
    """What one mail meets: one status after the other."""

    statuses: tuple[str, ...]
    gaps: tuple[int, ...]

    path: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self._be(self.path)

    def _be(self, statuses: Iterable[str], gaps: Sequence[int | None] = ()) -> None:
        several = tuple(statuses)
        given = (*gaps, *[None] * (len(several) - len(gaps)))
        found = [GAPS[status] if gap is None else gap for status, gap in zip(several, given, strict=True)]
        object.__setattr__(self, "statuses", several)
        object.__setattr__(self, "gaps", tuple(found))

    def stages(self) -> list[Stage]:
        """The statuses that it takes on, in order."""
        found, after = [], 0
        for status, gap in zip(self.statuses, self.gaps, strict=True):
            after += gap
            found.append((after, status))
        return found

    @property
    def arrives_in(self) -> int | None:
        """Milliseconds until it can be read; None: it never can."""
        return next((after for after, status in self.stages() if status == "delivered"), None)


class Mail(MailOutcome):
    """These statuses, one after the other: `Mail("processed", "delivered", "open", gaps=("1s", "9s", "2m"))`.

    Without any it is processed after 1 s and delivered after 10 s. gaps: how long each takes, counted from the one
    before; those that are left out are usual ones.
    """

    kind = "mail"
    path = ("processed", "delivered")

    def __init__(self, *statuses: str, gaps: Iterable[Duration] = ()) -> None:
        known = statuses or self.path
        for status in known:
            if status not in GAPS:
                raise ValueError(f"{status!r} is nothing that becomes of a mail; there are {', '.join(GAPS)}")
        several = [meant(gap, "gaps") for gap in gaps]
        if len(several) > len(known):
            raise ValueError(f"gaps: {len(several)} of them, for {len(known)} statuses")
        self._be(known, several)

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "statuses": list(self.statuses), "gaps": [written(gap) for gap in self.gaps]}


@dataclass(frozen=True, init=False)
class _Fixed(MailOutcome):
    """One whose statuses are settled; `after`: from the one before it to its last."""

    def __init__(self, after: Duration | None = None) -> None:
        gaps: list[int | None] = [None] * len(self.path)
        if after is not None:
            gaps[-1] = meant(after, "after")
        self._be(self.path, gaps)

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "after": written(self.gaps[-1])}


class Bounce(_Fixed):
    """It is processed, and then comes back."""

    kind, path = "bounce", ("processed", "bounce")


class Dropped(_Fixed):
    """It is not sent at all: its address is known to be a bad one."""

    kind, path = "dropped", ("dropped",)


class Deferred(_Fixed):
    """The first try is put off, the second one delivers it (`after` later: 1 min)."""

    kind, path = "deferred", ("processed", "deferred", "delivered")

    def __init__(self, after: Duration | None = None) -> None:
        super().__init__("1m" if after is None else after)


class Spam(_Fixed):
    """It is delivered, and called spam."""

    kind, path = "spam", ("processed", "delivered", "spamreport")


class Unsubscribed(_Fixed):
    """It is delivered, and its reader wants no more of them."""

    kind, path = "unsubscribed", ("processed", "delivered", "unsubscribe")


OUTCOMES: Mapping[str, type[Any]] = {
    one.kind: one for one in (Mail, Bounce, Dropped, Deferred, Spam, Unsubscribed, Stuck)
}
EXAMPLE = "Mail(), Bounce(), Deferred()"
NOT_IN_ADDRESSES = frozenset(" \t\r\n<>,;")  # names around them, and several

# --- mailboxes that behave by themselves ---------------------------------------------------------

# These domains are reserved for examples; the local part says what becomes of a mail.
DOMAINS = ("example.com", "example.org", "example.net")
MAGIC: Mapping[str, tuple[MailOutcome | Stuck, ...]] = {
    "bounce": (Bounce(),),
    "dropped": (Dropped(),),
    "deferred": (Deferred(),),
    "open": (Mail("processed", "delivered", "open"),),
    "click": (Mail("processed", "delivered", "open", "click"),),
    "spamreport": (Spam(),),
    "unsubscribe": (Unsubscribed(),),
    "stuck": (Stuck(),),
}


class Mailboxes(Scripts[MailOutcome]):
    """What becomes of the mails of one world, by the address that they go to."""

    name, rank = "mailboxes", 32
    called, pattern_is = "mailboxes", "address, pattern or default"
    ordinary = (Mail(),)

    def plain(self, address: str) -> str:
        return address.strip().lower()

    def wrong(self, rule: str) -> str:
        local, _, domain = rule.rpartition("@")
        named = not set(rule) & NOT_IN_ADDRESSES and ((local and domain) or scripting.is_pattern(rule))
        if named or rule == scripting.DEFAULT:
            return ""
        given = f"{rule!r} is no mailbox" if rule else "say which mailbox"
        return f"{given}: an address such as ann@example.org, a pattern such as *@example.org, or default"

    def magic(self, address: str) -> Any:
        local, _, domain = address.rpartition("@")
        return MAGIC.get(local) if domain in DOMAINS else None

    def checked_outcome(self, outcome: object) -> Any:
        return scripting.check(outcome, (MailOutcome, Stuck), EXAMPLE)

    def read_outcome(self, value: Any) -> Any:
        return scripting.read_outcome(value, OUTCOMES, _made, "bounce")


def _made(name: str, given: Mapping[str, Any]) -> Any:
    known = OUTCOMES[name]
    if known is not Mail:
        scripting.only(name, given, () if known is Stuck else ("after",))
        return known(**given)
    scripting.only(name, given, ("statuses", "gaps"))
    statuses, gaps = given.get("statuses", []), given.get("gaps", [])
    if not isinstance(statuses, list) or not isinstance(gaps, list):
        raise ValueError('a mail is {"outcome": "mail", "statuses": ["processed", "delivered"], "gaps": ["1s", "9s"]}')
    return Mail(*statuses, gaps=gaps)
