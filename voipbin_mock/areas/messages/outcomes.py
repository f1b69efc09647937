"""What becomes of a text: the outcomes that a test scripts, and the numbers that have one by themselves.

Times are milliseconds from the moment that the text was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from voipbin_mock.api import scripting
from voipbin_mock.api.scripting import Scripts
from voipbin_mock.areas.accounts.addresses import FICTIONAL, normalized
from voipbin_mock.wire.durations import Duration, meant, written

SENT = 1000  # until a provider has taken it
Stage = tuple[int, str]  # after so long it has this status


@dataclass(frozen=True, init=False)
class TextOutcome(scripting.Outcome):
    """What one text meets. `after`: until its last status."""

    after: int

    status: ClassVar[str] = ""  # the last one
    usual: ClassVar[str] = "3s"
    is_sent: ClassVar[bool] = True  # before that, a second after it was queued
    arrives: ClassVar[bool] = False  # whether whoever it is for gets to read it
    accepted: ClassVar[bool] = True  # whether any provider takes it
    first: ClassVar[str] = "sent"  # what that provider says of it at once (server)

    def __init__(self, after: Duration | None = None) -> None:
        object.__setattr__(self, "after", meant(self.usual if after is None else after, "after"))

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "after": written(self.after)}

    def stages(self) -> list[Stage]:
        """The statuses that it takes on, in order (documents)."""
        first = [(min(SENT, self.after), "sent")] if self.is_sent else []
        return [*first, (self.after, self.status)]

    @property
    def arrives_in(self) -> int | None:
        """Milliseconds until it can be read; None: it never can."""
        return self.after if self.arrives else None


class Delivered(TextOutcome):
    """It is sent after 1 s, and has arrived after `after`."""

    kind, status, arrives = "delivered", "delivered", True


class Sent(TextOutcome):
    """It is sent, and arrives; no receipt ever says so."""

    kind, status, usual, is_sent, arrives = "sent", "sent", "1s", False, True


class Failed(TextOutcome):
    """It is sent after 1 s, and turned down after `after`."""

    kind, status = "failed", "failed"


class GatewayTimeout(TextOutcome):
    """No gateway takes it in time."""

    kind, status, usual, is_sent = "gw_timeout", "gw_timeout", "30s", False


class ReceiptTimeout(TextOutcome):
    """It is sent, and arrives; the receipt is waited for in vain."""

    kind, status, usual = "dlr_timeout", "dlr_timeout", "60s"

    @property
    def arrives_in(self) -> int | None:
        return min(SENT, self.after)


@dataclass(frozen=True, init=False)
class Queued(TextOutcome):
    """A provider takes it, and never says more than that: it stays `queued`, and arrives."""

    kind, arrives, first = "queued", True, "queued"

    def __init__(self) -> None:
        super().__init__("1s")

    def as_dict(self) -> dict[str, Any]:
        return {"outcome": self.kind}

    def stages(self) -> list[Stage]:
        return []


@dataclass(frozen=True, init=False)
class Stuck(Queued):
    """No provider takes it: nothing ever comes of it."""

    kind, arrives, accepted = "stuck", False, False


OUTCOMES: Mapping[str, type[TextOutcome]] = {
    one.kind: one for one in (Delivered, Sent, Failed, GatewayTimeout, ReceiptTimeout, Queued, Stuck)
}
EXAMPLE = "Delivered(), Failed(), Sent()"
# What numbers are written with, and patterns of them.
DIGITS = frozenset("0123456789")
IN_NUMBERS, IN_PATTERNS = DIGITS | set("+ ().-"), DIGITS | set("+*?")


# --- numbers that behave by themselves -----------------------------------------------------------

# Of North American numbers that are reserved for fiction the last two digits say what becomes of a text.
MAGIC: Mapping[str, tuple[str, tuple[TextOutcome, ...]]] = {
    "00": ("delivered after 3 s", (Delivered(),)),
    "01": ("failed after 3 s", (Failed(),)),
    "02": ("no gateway takes it within 30 s", (GatewayTimeout(),)),
    "03": ("sent, and no receipt within 60 s", (ReceiptTimeout(),)),
    "04": ("stays queued", (Stuck(),)),
    "05": ("sent, without a receipt", (Sent(),)),
    "11": ("failed, then delivered", (Failed(), Delivered())),
}


class Texts(Scripts[TextOutcome]):
    """What becomes of the texts of one world, by the number that they go to."""

    name, rank = "texts", 31
    called, pattern_is = "texts", "number, pattern or default"
    ordinary = (Delivered(),)

    def plain(self, address: str) -> str:
        if address == scripting.DEFAULT or scripting.is_pattern(address):
            return address.strip()
        return normalized({"type": "tel", "target": address})["target"]

    def wrong(self, rule: str) -> str:
        pattern = scripting.is_pattern(rule)
        written = set(rule) <= (IN_PATTERNS if pattern else IN_NUMBERS) and "+" not in rule[1:]
        if rule == scripting.DEFAULT or (written and (pattern or not DIGITS.isdisjoint(rule))):
            return ""
        given = f"{rule!r} is no number" if rule else "say whose texts"
        return f"{given}: a number such as +15550100042, a pattern such as +1202*, or default"

    def magic(self, address: str) -> Sequence[TextOutcome] | None:
        match = FICTIONAL.fullmatch(address)
        return MAGIC[match[1]][1] if match is not None and match[1] in MAGIC else None

    def checked_outcome(self, outcome: object) -> Any:
        return scripting.check(outcome, TextOutcome, EXAMPLE)

    def read_outcome(self, value: Any) -> Any:
        return scripting.read_outcome(value, OUTCOMES, _made, "failed")


def _made(name: str, given: Mapping[str, Any]) -> TextOutcome:
    scripting.only(name, given, () if issubclass(OUTCOMES[name], Queued) else ("after",))
    return OUTCOMES[name](**given)
