"""What a replica does by itself.

It hears of what others wrote; as the leader it lets time pass, looks after webhooks, and keeps states so that the log
can be cut.
"""

from __future__ import annotations

import logging
import threading
from weakref import WeakSet

from voipbin_mock._seconds import seconds
from voipbin_mock.replication import inputs
from voipbin_mock.replication.log import LogGone, Unusable
from voipbin_mock.replication.replica import Replica, due_in
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

EVERY = 0.5  # seconds between two looks at who leads
BETWEEN = 0.01  # seconds in which what others write is left to come together
AGAIN = 0.1  # seconds after which a log that could not be reached is tried again
KEEP_EVERY = 10_000  # entries; with more records than that, as many as a fourth of them
KEEP_EVERY_BYTES = 64 << 20  # of entries; with a larger state, as many as it has
PATIENCE = 5.0  # seconds that the end is waited for


class Duties:
    """The threads of one replica."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._stopping = threading.Event()
        self._poked = threading.Event()
        self._watched: WeakSet[World] = WeakSet()
        self._keeping: threading.Thread | None = None
        self._kept_weight = self._kept_size = 0  # bytes: what had been applied by the newest kept state, and its own
        self._threads = [
            threading.Thread(target=run, name=f"voipbin-mock-{name}", daemon=True)
            for name, run in (("follower", self._follow), ("duties", self._attend))
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End them; a leader keeps the state, so that it is there again at once."""
        self._stopping.set()
        self._poked.set()
        until = seconds() + PATIENCE
        for thread in (*self._threads, self._keeping):
            if thread is not None:
                thread.join(max(0.0, until - seconds()))
        replica = self._replica
        if replica.leads and replica.ready and replica.lock.acquire(timeout=max(0.1, until - seconds())):
            try:
                if replica.position > replica.kept_at:
                    self._keep()
            except LogGone as gone:
                logger.warning("the state could not be kept at the end: %s", gone)
            finally:
                replica.lock.release()
        replica.log.close()

    def _follow(self) -> None:
        replica = self._replica
        while not self._stopping.is_set():
            try:
                before = replica.position
                if replica.log.wait(before, EVERY):
                    if replica.position == before:  # or a request has applied it meanwhile
                        replica.follow()
                    self._stopping.wait(BETWEEN)
                elif not replica.gone:
                    self._stopping.wait(0 if replica.log.is_shared else EVERY)
            except LogGone:
                self._stopping.wait(AGAIN)
            except Exception:
                logger.exception("what others wrote could not be applied")
                self._stopping.wait(EVERY)

    def _attend(self) -> None:
        replica, looked = self._replica, 0.0
        while not self._stopping.is_set():
            try:
                self._watch()
                if seconds() - looked >= EVERY or replica.gone:
                    looked = seconds()
                    self._look()
                due = due_in(replica) if replica.leads else None
                if due is not None and due <= 0:
                    replica.submit(inputs.of_tick())
                    continue
                self._poked.wait(EVERY if due is None else min(due, EVERY))
                self._poked.clear()
            except LogGone as gone:
                self._replica.lost(str(gone))
                self._stopping.wait(AGAIN)
            except Exception:
                logger.exception("a duty of the replica failed")
                self._stopping.wait(EVERY)

    def _watch(self) -> None:
        """Be told when something is due earlier."""
        for world in self._replica.worlds():
            if world not in self._watched:
                self._watched.add(world)
                world.clock.watch(self._poked.set)

    def _look(self) -> None:
        replica = self._replica
        leads = replica.log.lead()
        if replica.gone:
            replica.found_again()
        if leads and not replica.leads:
            replica.follow()
            if replica.log.is_shared:
                logger.info("this process leads now, at position %d", replica.position)
        replica.leads = leads
        replica.log.tell(replica.told())
        replica.outward.look()
        if not leads:
            return
        if replica.log.is_shared and (check := replica.to_check()) is not None:
            replica.submit(check)
        if self._is_long() and (self._keeping is None or not self._keeping.is_alive()):
            self._keeping = threading.Thread(target=self._keep_aside, name="voipbin-mock-keeping", daemon=True)
            self._keeping.start()

    def _is_long(self) -> bool:
        """Whether so much came since a state was kept that another should be."""
        replica = self._replica
        records = sum(len(table) for world in replica.worlds() for table in world.store)
        if replica.position - replica.kept_at >= max(KEEP_EVERY, records // 4):
            return True
        return replica.weight - self._kept_weight >= max(KEEP_EVERY_BYTES, self._kept_size)

    def _keep_aside(self) -> None:
        try:
            self._keep()
        except (LogGone, Unusable) as error:
            logger.warning("the state could not be kept: %s", error)
        except Exception:
            logger.exception("the state could not be kept")

    def _keep(self) -> None:
        weight = self._replica.weight
        kept = self._replica.picture()()
        self._replica.log.keep(kept)
        self._replica.kept_at = kept.position
        self._kept_weight, self._kept_size = weight, len(kept.document)
