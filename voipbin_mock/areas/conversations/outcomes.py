"""What LINE and WhatsApp do with what is written to their users, and with accounts that are set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voipbin_mock.api import scripting
from voipbin_mock.api.scripting import Scripts

SETUP = "setup"  # the rule for accounts that are set up


class ChatOutcome(scripting.Settled):
    """What one message, or one set-up, meets."""

    accepted = True


class Accepted(ChatOutcome):
    """It arrives."""

    kind = "accepted"


class Refused(ChatOutcome):
    """The provider takes no such thing: a message has failed, an account is not set up."""

    kind, accepted = "refused", False


OUTCOMES: Mapping[str, type[ChatOutcome]] = {one.kind: one for one in (Accepted, Refused)}


class Chats(Scripts[ChatOutcome]):
    """The same of one world, by the user that is written to."""

    name, rank = "chats", 33
    called, pattern_is = "chats", "user id, pattern, default or setup"
    ordinary = (Accepted(),)

    def plain(self, address: str) -> str:
        return address.strip()

    def wrong(self, rule: str) -> str:
        return "" if rule else "say whose: the id of a user, a pattern such as U*, default, or setup"

    def magic(self, address: str) -> Sequence[ChatOutcome] | None:
        return self.ordinary if address == SETUP else None

    def checked_outcome(self, outcome: object) -> Any:
        return scripting.check(outcome, ChatOutcome, "Accepted(), Refused()")

    def read_outcome(self, value: Any) -> Any:
        return scripting.read_outcome(value, OUTCOMES, _made, Refused.kind)


def _made(name: str, given: Mapping[str, Any]) -> ChatOutcome:
    scripting.only(name, given, ())
    return OUTCOMES[name]()
