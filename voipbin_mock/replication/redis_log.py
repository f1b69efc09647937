"""The log in a stream of Redis or Valkey: any number of processes, on any number of machines, are one mock.

What happens if the server is restarted, or loses what it had: nobody writes until those who are there have said how
far they are (`GRACE` seconds). If the server has it all, they go on; if not, the one that is furthest founds the log
anew with what it has (`refound`), and the others take that. What was answered is lost only if all who had it are.
"""

from __future__ import annotations

import json
import logging
import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate
from typing import Any

from voipbin_mock import _seconds
from voipbin_mock.replication import redis_scripts as scripts
from voipbin_mock.replication.log import Behind, Entry, HistoryLost, Kept, LogGone, Unusable
from voipbin_mock.replication.redis_link import ANSWER, Link, Wire
from voipbin_mock.world.ids import run_number

logger = logging.getLogger("voipbin_mock")

GRACE = 1.5  # seconds in which all who are there come back to a server that was restarted
LEASE = 3.0  # seconds after which a leader that says nothing is none
TOLD = 5.0  # seconds for which it holds what a process tells
CLAIMED = 24 * 60 * 60  # seconds for which a claim holds
OFFERED = 3.0  # seconds for which an offer holds, while it is settled what history holds
PIECE = 1.0  # seconds after which who waits looks whether the log is the same
PATIENCE = 15.0  # seconds in which a log must be settled
MOST = 2000  # entries in one answer to an append
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
        lease: float = LEASE,
        told: float = TOLD,
        seconds: Callable[[], float] = _seconds.seconds,
    ) -> None:
        if not 0 < len(name) <= 64 or not all(letter.isalnum() or letter in "._-" for letter in name):
            raise Unusable(f"a name of a log has letters, digits, '.', '_' and '-', 64 at most: not {name!r}")
        self.name = name
        self.id = _token()
        self._grace, self._lease, self._told, self._seconds = grace, lease, told, seconds
        self._link = Link(url, seconds, answer)
        self.place = self._link.place
        self._epoch = ""
        self._position = -1  # of the newest entry that this process has
        self._end = 0
        self._appended = 0
        self._ahead: float | None = None  # seconds: the server's clock before our own
        self._leads_until = 0.0
        self._closing = threading.Event()
        self._waiting: Wire | None = None

    # --- the log itself ---------------------------------------------------------------------------

    def append(self, payload: bytes, after: int) -> Sequence[Entry]:
        self._position = after
        self._appended += 1
        token = f"{self.id}-{self._appended}"
        before: list[Entry] = []
        while True:
            said = self._asked(
                scripts.APPEND, ["log", "entries"],
                lambda: (self._position, MOST, token, self._deadline(), payload),
            )  # fmt: skip
            if said[0] == b"far":
                before += self.read(self._position, MOST)
                continue
            entries = before + _entries(self._position, said[2])
            if len(said) > 3:
                entries.append(Entry(int(said[3]), int(said[4]), payload))
            self._position = self._end = entries[-1].position
            return entries

    def read(self, after: int, most: int = 1000) -> Sequence[Entry]:
        self._position = after
        said = self._asked(scripts.READ, ["log", "entries"], lambda: (after, most))
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
            grace = self._look_round()
            self._until_settled(facts, grace)
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

    def _until_settled(self, facts: Mapping[str, Any], grace: float) -> None:
        until = self._seconds() + PATIENCE
        while True:
            try:
                return self._settle(json.dumps(facts), grace)
            except Unsettled:
                if self._seconds() > until:
                    raise
                self._closing.wait(0.05)

    def _settle(self, facts: str = "", grace: float | None = None) -> None:
        """Say how far this process is, and find out whether the log goes on from there."""
        said = self._run(
            scripts.SETTLE, ["log", "offers"],
            lambda run: (*self._offer(run, grace), facts),
        )  # fmt: skip
        if said[0] == b"ok":
            self._epoch = said[2].decode()
        elif said[0] == b"lost":
            raise HistoryLost(f"Redis at {self.place} lost the log {self.name!r}, or has another by that name")
        else:
            raise Unsettled(f"Redis at {self.place} was restarted; who is there compares what each has")

    def _offer(self, run: str, grace: float | None = None, position: int | None = None) -> tuple[Any, ...]:
        own = self._grace if grace is None else grace
        offered = self._position if position is None else position
        return self._epoch, run, offered, self.id, int(own * 1e6), int(OFFERED * 1e6), _token()

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
            lambda run: (*self._offer(run), facts, moment, document), long=True,
        )  # fmt: skip

    # --- states that are kept ---------------------------------------------------------------------

    def kept(self) -> Kept | None:
        said = self._run(scripts.KEPT, ["log", "kept"], lambda run: (), long=True)
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
            lambda: (kept.position, kept.moment, document), long=True,
        )  # fmt: skip

    # --- those who share it -----------------------------------------------------------------------

    def lead(self) -> bool:
        asked = self._seconds()
        try:
            said = self._asked(scripts.LEAD, ["log", "leader"], lambda: (self.id, int(self._lease * 1000)))
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
        self._appended += 1
        token = f"{self.id}-{self._appended}"
        return bool(self._run(scripts.CLAIM, [f"claim:{key}"], lambda run: (token, CLAIMED)))

    def tell(self, facts: Mapping[str, Any]) -> None:
        said = json.dumps(dict(facts))
        self._run(scripts.TELL, ["replicas"], lambda run: (self.id, int(self._told * 1e6), said))

    def replicas(self) -> Sequence[Mapping[str, Any]]:
        said = self._run(scripts.REPLICAS, ["replicas"], lambda run: ())
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
            self._run(scripts.LEAVE, ["leader", "replicas", "offers"], lambda run: (self.id,))
        self._link.close()

    # --- asking -----------------------------------------------------------------------------------

    def _key(self, name: str) -> str:
        return f"voipbin-mock:{{{self.name}}}:{name}"

    def _keys(self, *names: str) -> list[str]:
        return [self._key(name) for name in names]

    def _run(
        self, script: scripts.Script, keys: Sequence[str], arguments: Callable[[str], Sequence[Any]], long: bool = False
    ) -> Any:
        return self._link.run(script, self._keys(*keys), arguments, long)

    def _asked(
        self, script: scripts.Script, keys: Sequence[str], rest: Callable[[], Sequence[Any]], long: bool = False
    ) -> Any:
        """Run a script that only the known log answers; once more if it turns out to be it, or if our clock was wrong.

        Raises HistoryLost, Behind and LogGone.
        """
        for _ in range(3):
            said = self._run(script, keys, lambda run: (self._epoch, run, *rest()), long)
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
