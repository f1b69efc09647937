"""The log: whatever can change a mock, in order. Every process that applies it is the same mock.

An input is written down before it is applied, with the moment at which it came. Two backends hold such a log: a file
(`sqlite_log`), for one machine, and a stream of Redis (`redis_log`), for any number of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol


class Entry(NamedTuple):
    """One input."""

    position: int  # from 1, without a gap
    moment: int  # of the machine that keeps the log: microseconds since 1970, never less than that of the one before
    payload: bytes


class Kept(NamedTuple):
    """A state of the mock, in place of the entries up to a position."""

    position: int  # of the last entry that it holds; 0: none
    moment: int  # that entry's
    document: bytes


class LogGone(Exception):
    """The log cannot be reached just now. Nothing is done, and it may go well later."""


class HistoryLost(Exception):
    """The log is not the one that it was: its keeper lost what it had, or somebody made it anew."""


class Behind(Exception):
    """Entries that are asked for were cut; the state that is kept holds what they did."""


class Unusable(Exception):
    """The log is no good to this process, for a reason that will not go away; one line that says so."""


class Log(Protocol):
    """Where inputs are written down. Its methods may be called by any thread; `append` and `read` by one at a time.

    All of them raise LogGone if the log cannot be reached, and at once.
    """

    is_shared: bool  # whether other processes write, too
    place: str  # where it is, for people: without a password

    def found(self, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """Begin the log with these facts (JSON), or give those that it was begun with. Raises Unusable."""

    def append(self, payload: bytes, after: int) -> Sequence[Entry]:
        """Write an input down. The answer has all entries after the position `after`; the last is the new one.

        Raises HistoryLost and Behind; then nothing was written.
        """

    def read(self, after: int, most: int = 1000) -> Sequence[Entry]:
        """The entries after a position, the oldest first; at most so many. Raises HistoryLost and Behind."""

    def end(self) -> int:
        """The position of the newest entry, as far as it is known here."""

    def wait(self, after: int, seconds: float) -> bool:
        """Until there are entries after a position, but no longer than that; whether there are. Called by one thread
        that does nothing else."""

    def kept(self) -> Kept | None:
        """The newest state that was kept, if any was."""

    def keep(self, kept: Kept) -> None:
        """Keep a state, and cut the entries that it holds (all replicas are beyond them, or start from it)."""

    def refound(self, facts: Mapping[str, Any], kept: Kept) -> bool:
        """After HistoryLost: offer the state that this process has as the new beginning.

        Whether it became that: the one that is furthest does. False: another's has; read `kept()`.
        """

    def lead(self) -> bool:
        """Become the leader, or stay it; whether this process is. To be called at least once a second.

        Only the leader winds time on, sends webhooks and keeps states. When it dies, another is within 5 seconds.
        """

    def claim(self, key: str) -> bool:
        """Whether nobody has claimed this before: what is done once, whoever leads, is claimed first."""

    def tell(self, facts: Mapping[str, Any]) -> None:
        """What others may know of this process (JSON); holds for some seconds, unless it is told again."""

    def replicas(self) -> Sequence[Mapping[str, Any]]:
        """What the processes told that are there, this one included."""

    def close(self) -> None:
        """This process is done with it; if it led, somebody else may."""
