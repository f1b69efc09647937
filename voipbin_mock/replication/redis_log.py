"""The log in a stream of Redis or Valkey: any number of processes, on any number of machines, are one mock.

What happens if the server is restarted, or loses what it had: nobody writes until those who are there have said how
far they are (`GRACE` seconds, or `HURRY`). If the server has it all, they go on; if not, the one that is furthest
founds the log anew with what it has (`refound`), and the others take that. What was answered is lost only if all who
had it are.
"""

from __future__ import annotations

import json
import logging
import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate, count
from typing import Any, TypeVar

from voipbin_mock import _seconds
from voipbin_mock.replication import redis_scripts as scripts
from voipbin_mock.replication.log import Behind, Entry, HistoryLost, Kept, LogGone, Unusable
from voipbin_mock.replication.redis_link import ANSWER, Arguments, InDoubt, Link, Loading, Try, Wire
from voipbin_mock.world.ids import run_number

Answer = TypeVar("Answer")
logger = logging.getLogger("voipbin_mock")

GRACE = 1.5  # seconds in which all who are there come back to a server that was restarted
HURRY = 0.6  # the same, if all have come of whom any knows: another may just have begun
LEASE = 3.0  # seconds after which a leader that says nothing is none
TOLD = 5.0  # seconds for which it holds what a process tells
CLAIMED = 24 * 60 * 60  # seconds for which a claim holds
OFFERED = 3.0  # seconds for which an offer holds, while it is settled what history holds
MANY = 1_000_000  # the same for one that may have been written before
PIECE = 1.0  # seconds after which who waits looks whether the log is the same
PATIENCE = 20.0  # seconds in which a server must be ready, and a log settled
MOST = 500  # entries in one answer: few enough for the server to be there for others meanwhile
LARGEST = 400 << 20  # bytes of a state: a text of Redis may have 512 MB


class RedisLog:
    """A log in Redis, by its URL (`redis://`, `rediss://`, `unix://`) and a name: many may live in one database.

    Raises LogGone if an answer does not come: `redis_link.InDoubt`, if what was asked may have been done all the same.
    An append is written once at most, whatever is lost on the way, and not at all after its time is over.
    """

    is_shared = True

    def __init__(
        self,
        url: str,
        name: str = "default",
        *,
        answer: float = ANSWER,
        grace: float = GRACE,
        hurry: float = HURRY,
        lease: float = LEASE,
        told: float = TOLD,
        seconds: Callable[[], float] = _seconds.seconds,
    ) -> None:
        if not 0 < len(name) <= 64 or not all(letter.isalnum() or letter in "._-" for letter in name):
            raise Unusable(f"a name of a log has letters, digits, '.', '_' and '-', 64 at most: not {name!r}")
        self.name = name
        self.id = _token()
        self._grace, self._hurry, self._lease, self._told = grace, hurry, lease, told
        self._seconds = seconds
        self._link = Link(url, seconds, answer)
        self.place = self._link.place
        self._epoch = ""
        self._position = -1  # of the newest entry that this process has
        self._end = 0
        self._known = b""  # the ids of who tells of itself, this one included
        self._tokens = count(1)
        self._ahead: float | None = None  # seconds: the server's clock before our own
        self._leads_until = 0.0
        self._closing = threading.Event()
        self._waiting: Wire | None = None

    # --- the log itself ---------------------------------------------------------------------------

    def append(self, payload: bytes, after: int) -> Sequence[Entry]:
        """Raises InDoubt as well if an answer was lost, and the log with it: what was written may be in another's."""
        self._position = after
        token, doubt = self._token(), False
        before: list[Entry] = []

        def arguments(this: Try) -> Sequence[Any]:
            nonlocal doubt
            doubt = doubt or this.is_again
            return self._position, MANY if doubt else MOST, token, self._deadline(), payload

        while True:
            try:
                said = self._asked(scripts.APPEND, ["log", "entries"], arguments)
            except (LogGone, HistoryLost, Behind) as error:
                if doubt:
                    raise InDoubt(f"whether it was written is not known: {error or 'entries were cut'}") from None
                raise
            if said[0] != b"far":
                break
            before += self.read(self._position)
        entries = before + _entries(self._position, said[2])
        if len(said) > 3:
            entries.append(Entry(int(said[3]), int(said[4]), payload))
        self._position = self._end = entries[-1].position
        return entries

    def read(self, after: int, most: int = 1000) -> Sequence[Entry]:
        self._position = after
        said = self._asked(scripts.READ, ["log", "entries"], lambda this: (after, min(most, MOST)))
        entries = _entries(after, said[2])
        self._end = int(said[3])
        if entries:
            self._position = entries[-1].position
        return entries

    def wait(self, after: int, seconds: float) -> bool:
        """True as well if the log is not the one that it was: reading says so."""
        until = self._seconds() + seconds
        try:
            while not self._closing.is_set():
                left = until - self._seconds()
                if left <= 0:
                    return False
                if self._arrived(after, min(left, PIECE)):
                    return True
        except LogGone:
            if not self._closing.is_set():
                raise
        return False

    def _arrived(self, after: int, seconds: float) -> bool:
        wire = self._waiting
        if wire is None:
            wire = self._waiting = self._link.wire(self._link.answer, fresh=True)
        if self._closing.is_set():  # it may not have been there yet to be interrupted
            raise LogGone("the log was closed")
        done = False
        try:
            milliseconds = max(1, int(min(seconds, self._link.answer / 2) * 1000))
            keys = self._keys("log", "entries")
            came = self._link.command(
                "XREAD", "COUNT", 1, "BLOCK", milliseconds, "STREAMS", keys[1], f"{after}-0", wire=wire
            )
            epoch, run, end = self._link.command("HMGET", keys[0], "epoch", "run", "position", wire=wire)
            done = True
        finally:
            if not done:
                self._waiting = None
                wire.close()
        self._end = int(end or 0)
        return bool(came) or epoch != self._epoch.encode() or run != wire.run.encode()

    def end(self) -> int:
        """The position of the newest entry, as far as it is known here: it is asked for nowhere but on the way."""
        return max(self._end, self._position)

    # --- what it begins with ----------------------------------------------------------------------

    def found(self, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """The facts get `founded`: when, in microseconds since 1970 by the server's clock."""
        try:
            grace = self._patiently(self._look_round, Loading)
            self._patiently(lambda: self._settle(json.dumps(dict(facts)), grace), Unsettled)
            keys = self._keys("log")
            said, founded, end = self._link.command("HMGET", keys[0], "facts", "founded", "position")
        except LogGone as error:
            raise Unusable(str(error)) from None
        self._position, self._end = 0, int(end)
        known: dict[str, Any] = json.loads(said)
        return {"founded": int(founded or 0)} | known

    def _look_round(self) -> float:
        """For how long to wait for others, before an empty log is founded: not at all if nobody can have been here."""
        wire = self._link.wire(self._link.answer, fresh=True)
        try:
            version = wire.server.get("redis_version", "6").partition(".")[0]
            memory = wire.info("memory")
        finally:
            self._link.give_back(wire)
        if version.isdigit() and int(version) < 6:
            raise Unusable(f"Redis at {self.place} is version {wire.server['redis_version']}; 6 or newer is needed")
        if "run_id" not in wire.server:
            logger.warning(
                "Redis at %s does not tell (INFO) when it was restarted: what it loses then may go unnoticed",
                self.place,
            )
        policy = memory.get("maxmemory_policy", "noeviction")
        if policy != "noeviction" and memory.get("maxmemory", "0") != "0":
            logger.warning(
                "Redis at %s may throw away what the mock needs: its maxmemory-policy is %s; set it to noeviction",
                self.place, policy,
            )  # fmt: skip
        # Scripts outlive that all keys are deleted, but not a restart.
        mark = f"return '{self._key('was here')}'"
        digest = scripts.digest(mark)
        was_here = self._link.command("SCRIPT", "EXISTS", digest)[0]
        self._link.command("SCRIPT", "LOAD", mark)
        started = wire.server.get("uptime_in_seconds", "0")
        return self._grace if was_here or int(started) <= 2 * self._grace else 0.0

    def _patiently(self, asked: Callable[[], Answer], error: type[LogGone]) -> Answer:
        """Again and again, while it fails in this way."""
        until = self._seconds() + PATIENCE
        while True:
            try:
                return asked()
            except error:
                if self._seconds() > until:
                    raise
                self._closing.wait(0.05)

    def _settle(self, facts: str = "", grace: float | None = None) -> None:
        """Say how far this process is, and find out whether the log goes on from there."""
        said = self._run(
            scripts.SETTLE, ["log", "offers"],
            lambda this: (*self._offer(this.run, grace), facts),
        )  # fmt: skip
        if said[0] == b"ok":
            self._epoch = said[2].decode()
        elif said[0] == b"lost":
            raise HistoryLost(f"Redis at {self.place} lost the log {self.name!r}, or has another by that name")
        else:
            raise Unsettled(f"Redis at {self.place} was restarted; who is there compares what each has")

    def _offer(self, run: str, grace: float | None = None) -> tuple[Any, ...]:
        own = self._grace if grace is None else grace
        times = (int(seconds * 1e6) for seconds in (own, self._hurry, OFFERED))
        return self._epoch, run, self._position, self.id, self._known, *times, _token()

    def refound(self, facts: Mapping[str, Any], kept: Kept) -> bool:
        until = self._seconds() + PATIENCE
        self._position = kept.position
        said = json.dumps(dict(facts)), kept.moment
        while self._seconds() < until:
            answer = self._refound(*said, b"")
            if answer[0] == b"yours":
                answer = self._refound(*said, zlib.compress(kept.document, 1))
            if answer[0] in (b"founded", b"ok", b"lost"):
                is_mine: bool = answer[0] == b"founded"
                self._epoch = answer[2].decode()
                self._position = self._end = kept.position if is_mine else 0
                return is_mine
            if answer[0] == b"settle":
                self._settle()
            else:
                self._closing.wait(0.05)
        raise LogGone(f"nobody has founded the log {self.name!r} anew")

    def _refound(self, facts: str, moment: int, document: bytes) -> Any:
        return self._run(
            scripts.REFOUND, ["log", "offers", "entries", "kept"],
            lambda this: (*self._offer(this.run), facts, moment, document), long=True,
        )  # fmt: skip

    # --- states that are kept ---------------------------------------------------------------------

    def kept(self) -> Kept | None:
        said = self._run(scripts.KEPT, ["log", "kept"], lambda this: (), long=True)
        if said[0] != b"ok":
            raise LogGone(f"Redis at {self.place} lost the state of the log {self.name!r}")
        return Kept(int(said[1]), int(said[2]), zlib.decompress(said[3])) if len(said) > 1 else None

    def keep(self, kept: Kept) -> None:
        document = zlib.compress(kept.document, 1)
        if len(document) > LARGEST:
            logger.warning("the state of the mock has %d MB: too many for Redis to keep", len(document) >> 20)
            return
        self._asked(
            scripts.KEEP, ["log", "entries", "kept"],
            lambda this: (kept.position, kept.moment, document), long=True,
        )  # fmt: skip

    # --- those who share it -----------------------------------------------------------------------

    def lead(self) -> bool:
        asked = self._seconds()
        try:
            said = self._asked(scripts.LEAD, ["log", "leader"], lambda this: (self.id, int(self._lease * 1000)))
        except (HistoryLost, Unsettled):
            self._leads_until = 0.0
            return False
        self._end = int(said[3])
        self._leads_until = asked + self._lease if said[2] else 0.0
        return bool(said[2])

    def leads(self) -> bool:
        """Whether this process may still believe that it leads: by its own clock, without asking."""
        return self._seconds() < self._leads_until

    def claim(self, key: str) -> bool:
        token = self._token()
        return bool(self._run(scripts.CLAIM, [f"claim:{key}"], lambda this: (token, CLAIMED)))

    def tell(self, facts: Mapping[str, Any]) -> None:
        said = json.dumps(dict(facts))
        there = self._run(scripts.TELL, ["replicas"], lambda this: (self.id, int(self._told * 1e6), said))
        self._known = b" ".join(name for name, _ in there)

    def replicas(self) -> Sequence[Mapping[str, Any]]:
        said = self._run(scripts.REPLICAS, ["replicas"], lambda this: ())
        return [json.loads(facts) for _, facts in sorted(said)]

    def close(self) -> None:
        if self._closing.is_set():
            return
        self._closing.set()
        self._leads_until = 0.0
        waiting = self._waiting
        if waiting is not None:
            waiting.interrupt()
        with suppress(LogGone):  # what is left of it ends by itself
            self._run(scripts.LEAVE, ["leader", "replicas", "offers"], lambda this: (self.id,))
        self._link.close()

    # --- asking -----------------------------------------------------------------------------------

    def _token(self) -> str:
        """For what may be asked twice, but is to be done once."""
        return f"{self.id}-{next(self._tokens)}"

    def _key(self, name: str) -> str:
        return f"voipbin-mock:{{{self.name}}}:{name}"

    def _keys(self, *names: str) -> list[str]:
        return [self._key(name) for name in names]

    def _run(self, script: scripts.Script, keys: Sequence[str], arguments: Arguments, long: bool = False) -> Any:
        return self._link.run(script, self._keys(*keys), arguments, long)

    def _asked(self, script: scripts.Script, keys: Sequence[str], rest: Arguments, long: bool = False) -> Any:
        """Run a script that only the known log answers; once more if it turns out to be it, or if our clock was wrong.

        Raises HistoryLost, Behind and LogGone.
        """
        for _ in range(3):
            said = self._run(script, keys, lambda this: (self._epoch, this.run, *rest(this)), long)
            if len(said) > 1:
                self._ahead = int(said[1]) / 1e6 - self._seconds()
            if said[0] == b"unsettled":
                self._settle()
            elif said[0] == b"behind":
                raise Behind
            elif said[0] != b"late":
                return said
        raise LogGone(f"Redis at {self.place} is too slow, or its clock is not steady")

    def _deadline(self) -> int:
        """The server's time after which we do not wait any more: what comes to it later is not to be done."""
        return 0 if self._ahead is None else int((self._seconds() + self._ahead + self._link.answer) * 1e6)


class Unsettled(LogGone):
    """The server was restarted, and it is not known yet what it lost."""


def _token() -> str:
    return f"{run_number():08x}{run_number():08x}"


def _entries(after: int, packed: Sequence[bytes]) -> list[Entry]:
    """Entries one after the other: their moments, their sizes, and their payloads in one piece."""
    if not packed:
        return []
    moments, sizes, payloads = packed
    ends = list(accumulate(map(int, sizes.split()), initial=0))
    return [
        Entry(after + number, moment, payloads[ends[number - 1] : ends[number]])
        for number, moment in enumerate(map(int, moments.split()), 1)
    ]
