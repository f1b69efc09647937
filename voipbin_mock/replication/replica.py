"""One process of a mock whose inputs are written down: it applies them in order, and so is what all others are."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from threading import get_ident
from typing import Any

from voipbin_mock.edge.door import Door, Visit
from voipbin_mock.edge.incoming import ControlPolicy, Incoming
from voipbin_mock.replication import inputs, remembering
from voipbin_mock.replication.log import Behind, Entry, HistoryLost, Kept, Log, LogGone
from voipbin_mock.replication.outward import Outward
from voipbin_mock.trouble.handles import worlds
from voipbin_mock.wire import rows
from voipbin_mock.world.clock import machine
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

CHECKED_EVERY = 256  # entries: then replicas compare what they have made of them
MOST_FINGERPRINTS = 64
DOCUMENT = "voipbin-mock-kept"
VERSION = 1
# What stands in the log was let in by the process that wrote it down.
_ADMITTED = ControlPolicy(admitted=True)


class Replica:
    """It drives the clocks of its mock: the machine's time is that of the log, and what falls due is done by entries.

    founded: when the log was begun, microseconds since 1970. name: its own, which no other process has.
    """

    def __init__(self, log: Log, founded: int, name: str) -> None:
        self.log, self.name, self.founded = log, name, founded
        self.lock = threading.RLock()  # held by whoever applies entries, so that all are in order
        self.position, self.moment = 0, founded
        self.ready = False  # whether it has caught up, and may answer
        self.gone = ""  # why the log cannot be reached, if so
        self._looks = False  # whether it is there again: that it is not was said
        self.leads = False
        self.reloads = 0
        self.kept_at = 0  # the position of the state that is kept
        self.weight = 0  # bytes of the entries that it has applied
        self.facts: dict[str, Any] = {}  # that the log was begun with
        self._applying: int | None = founded
        self._thread = get_ident()
        self._digest = bytes(16)
        self._fingerprints: dict[int, str] = {}
        self._checked = 0
        self._diverged = False
        self._tried = -1  # the position of the kept state that it began from again when it differed last

    # --- what time it is -----------------------------------------------------------------------------

    def machine(self) -> int:
        applying = self._applying
        return applying if applying is not None else max(self.moment, machine())

    def drives(self) -> bool:
        return self._applying is not None and self._thread == get_ident()

    # --- beginning -----------------------------------------------------------------------------------

    def prepare(self, world: World) -> None:
        """Drive the clocks of this mock, as it was made just now."""
        self.world = world
        self.outward = world.part(Outward)
        self.outward.serve(self)
        self._door = Door(world, _ADMITTED)

    def begin(self, first: Callable[[], None]) -> None:
        """Take up the state that is kept, and what came after. A log that is new begins with what `first` makes.

        Raises LogGone, Unusable, and SeedError for a state that is none.
        """
        with self.lock:
            self._first = self.document()
            kept = self.log.kept()
            if kept is None and not self.log.end():
                first()
                if self.document() != self._first:
                    kept = self.picture()()
                    self.log.keep(kept)
            self._applying = None
            if kept is not None:
                self._take(kept)
            self.follow()
            self.ready = True

    def _take(self, kept: Kept) -> None:
        """Be as it is kept."""
        document = json.loads(kept.document)
        own = document["replica"]
        self.moment = kept.moment  # what came after it comes at its own moments again
        with self._at(kept.moment):
            self.outward.forget()
            remembering.load(self.world, document["mock"])
            self.outward.recall(own["outward"])
        self.position, self.kept_at = kept.position, kept.position
        self._digest = bytes.fromhex(own["digest"])
        self._fingerprints.clear()

    def document(self) -> bytes:
        """The present state, to be kept."""
        return self.picture()().document

    def picture(self) -> Callable[[], Kept]:
        """The present state: what is given makes it one that can be kept, and may take its time, without any lock."""
        with self.lock, self._at(self.moment):
            moment = remembering.moment(self.world)
            own = {"digest": self._digest.hex(), "outward": self.outward.remembered()}
            position, at = self.position, self.moment

        def made() -> Kept:
            document = {"format": DOCUMENT, "version": VERSION, "replica": own, "mock": moment.told()}
            return Kept(position, at, "".join(rows.pieces(document)).encode("ascii"))

        return made

    # --- applying ------------------------------------------------------------------------------------

    def submit(self, payload: bytes) -> Any:
        """Write an input down and apply it, and those before it that others wrote. Raises LogGone."""
        with self.lock, self._reached():
            result = None
            for entry in self._appended(payload):
                result = self._apply(entry)
            if self._diverged:
                self.follow()
            return result

    def _appended(self, payload: bytes) -> Sequence[Entry]:
        try:
            try:
                return self.log.append(payload, self.position)
            except Behind:
                self._reload()
                return self.log.append(payload, self.position)
        except HistoryLost:
            self._recover()
            return self.log.append(payload, self.position)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Once the log cannot be reached, nobody waits for it any more but whoever looks whether it is there again."""
        if self.gone:
            raise LogGone(self.gone)
        try:
            yield
        except LogGone as gone:
            self.lost(str(gone))
            raise

    def lost(self, why: str) -> None:
        """The log cannot be reached."""
        if not self.gone and not self._looks:
            logger.error("the log cannot be reached, and until it is, requests are answered 503: %s", why)
        self.gone = why or "no answer"
        self.leads = False

    def found_again(self) -> None:
        """Look whether the log can be reached again. Raises LogGone."""
        with self.lock:
            before, self.gone, self._looks = self.gone, "", True
            try:
                self.follow()
            except BaseException:
                self.gone = self.gone or before
                raise
            finally:
                self._looks = False
        logger.warning("the log is there again")

    def follow(self) -> None:
        """Apply what others wrote. Raises LogGone."""
        with self.lock, self._reached():
            while True:
                if self._diverged:
                    self._reload()
                try:
                    entries = self.log.read(self.position)
                except Behind:
                    self._reload()
                    continue
                except HistoryLost:
                    self._recover()
                    continue
                if not entries:
                    return
                for entry in entries:
                    self._apply(entry)
                    if self._diverged:
                        break

    def fresh(self) -> None:
        """Before somebody looks: with all that others wrote, and done what is due. Raises LogGone."""
        with self.lock:
            self.follow()
            if self.is_due():
                self.submit(inputs.of_tick())

    def worlds(self) -> list[World]:
        return list(worlds(self.world).values())

    def is_due(self) -> bool:
        """Whether something is, in any of its worlds."""
        return any(due is not None and due <= 0 for due in map(_due_in, self.worlds()))

    @contextmanager
    def _at(self, moment: int) -> Iterator[None]:
        """This thread does what came at a moment."""
        before = self._applying, self._thread
        self.moment = max(self.moment, moment)
        self._applying, self._thread = self.moment, get_ident()
        try:
            yield
        finally:
            self._applying, self._thread = before

    def _apply(self, entry: Entry) -> Any:
        head, body = inputs.split(entry.payload)
        with self._at(entry.moment), self.outward.applying():
            result = self._applied(head, body)
            self._sign(entry, result)
        self.position = entry.position
        self.weight += len(entry.payload)
        return result

    def _applied(self, head: list[Any], body: bytes) -> Any:
        kind = head[0]
        if kind == inputs.REQUEST:
            return self._door.visited(inputs.request_of(head, body))
        if kind == inputs.OUTCOME:
            self.outward.ended(inputs.Outcome(*head[1:]))
        elif kind == inputs.CHECK:
            self._compare(inputs.Check(*head[1:]))
        for world in self.worlds():
            world.catch_up()
        return None

    # --- whether all are the same ----------------------------------------------------------------------

    def _sign(self, entry: Entry, result: Any) -> None:
        """Whoever has made the same of all entries so far has the same fingerprint."""
        digest = blake2b(self._digest, digest_size=16)
        digest.update(b"%d %d %d" % (entry.position, self.world.ids.drawn, self.world.exchanges))
        if isinstance(result, Visit) and result.reply is not None:
            digest.update(b"%d " % result.reply.http_code)
            digest.update(result.reply.body)
        self._digest = digest.digest()
        if entry.position % CHECKED_EVERY == 0:
            self._fingerprints[entry.position] = self._digest.hex()
            while len(self._fingerprints) > MOST_FINGERPRINTS:
                del self._fingerprints[next(iter(self._fingerprints))]

    @property
    def fingerprint(self) -> str:
        """Of what it has made of all entries so far."""
        return self._digest.hex()

    def to_check(self) -> bytes | None:
        """What others are to compare theirs with, if there is anything new."""
        position = max(self._fingerprints, default=0)
        if position <= self._checked:
            return None
        self._checked = position
        return inputs.of_check(inputs.Check(position, self._fingerprints[position]))

    def _compare(self, check: inputs.Check) -> None:
        own = self._fingerprints.get(check.position)
        if own is None or own == check.fingerprint or self.leads:
            self._tried = self._tried if own is None else -1
            return
        kept = self.log.kept()
        position = 0 if kept is None else kept.position
        again, self._tried = self._tried == position, position
        then = "goes on as it is, until a newer state is kept" if again else "starts from the state that is kept again"
        logger.error(
            "this process has made something else of the inputs up to %d than its leader (%s, not %s); it %s. "
            "Please report this",
            *(check.position, own, check.fingerprint, then),
        )
        self._diverged = not again  # what did not help once is not done for ever

    def _reload(self) -> None:
        """Start from the state that is kept, and what came after it."""
        self.reloads += 1
        self._diverged = False
        kept = self.log.kept() or Kept(0, self.founded, self._first)
        self._take(kept)

    def _recover(self) -> None:
        """The log is another: offer what is here as its new beginning, or take what another process had."""
        logger.error("the log of the mock lost what it held; the process that is furthest begins it anew")
        kept = self.picture()()
        if not self.log.refound(self.facts, kept):
            self._reload()
        else:
            self.kept_at = kept.position

    # --- what is told of it ----------------------------------------------------------------------------

    def told(self) -> dict[str, Any]:
        """What others may know of it."""
        role = "leader" if self.leads else "follower"
        return {"id": self.name, "role": role, "position": self.position, "reloads": self.reloads}

    def health(self, briefly: bool = False) -> dict[str, Any]:
        """The same for everybody, with how far each is behind."""
        own = {**self.told(), "lag": max(0, self.log.end() - self.position), "kept": self.kept_at}
        if briefly:
            return {"role": own["role"], "ready": self.ready, **({"gone": self.gone} if self.gone else {})}
        shown = {"kept_in": self.log.place, **own, "ready": self.ready}
        if self.gone:
            return {**shown, "gone": self.gone}
        try:
            others = self.log.replicas()
        except LogGone as gone:
            return {**shown, "gone": str(gone)}
        end = max(self.log.end(), self.position)
        now = [self.told() if one["id"] == self.name else one for one in others]
        return {**shown, "replicas": [{**one, "lag": max(0, end - one["position"])} for one in now]}

    def answer(self, incoming: Incoming) -> Visit:
        """Write a request down, and answer it. Raises LogGone."""
        visit: Visit = self.submit(inputs.of_request(incoming))
        return visit


def _due_in(world: World) -> float | None:
    """Seconds of the machine until something is due in a world; None: nothing is, as long as its clock stands still."""
    clock = world.clock
    if clock.frozen or (due := world.next_due()) is None:
        return None
    return (due - clock.microseconds()) / 1_000_000 / clock.speed


def due_in(replica: Replica) -> float | None:
    """The same of all its worlds."""
    return min((due for world in replica.worlds() if (due := _due_in(world)) is not None), default=None)
