"""What a mock that is many processes does outside itself.

The leader sends its webhooks, and all hear what became of them by the log. Each sending is claimed before it is made.
So nothing is sent twice, even if a leader dies; what it had claimed and not told of is then noted as failed, and not
tried again: it may well have arrived.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from voipbin_mock._seconds import seconds
from voipbin_mock.delivery.attempts import AWAITED, Attempt, UnderWay
from voipbin_mock.delivery.calls import Calls, sent
from voipbin_mock.delivery.webhooks import Webhooks
from voipbin_mock.replication import inputs
from voipbin_mock.replication.log import LogGone
from voipbin_mock.world.part import Part
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from voipbin_mock.replication.replica import Replica

logger = logging.getLogger("voipbin_mock")

LOST = "the process that sent it ended before it was answered; it may have arrived, and is not tried again"
ORPHANED = 10.0  # seconds after which whoever claimed a sending and tells nothing is taken for gone


class Sending:
    """An attempt that the leader makes, and all replicas wait for."""

    def __init__(self, world: World, calls: Calls, attempt: Attempt, origin: str) -> None:
        self.world, self.calls, self.attempt, self.origin = world, calls, attempt, origin
        self.since = seconds()
        self.begun = False  # by this process: it stands in line, or is sent
        self.taken = False  # by another process, which may be no more


class Outward(Part):
    """The webhooks of all worlds of a mock that are under way, by number."""

    name = "replication"
    dumped = False
    survives = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._made = 0
        self._pending: dict[int, Sending] = {}
        self._new: list[Sending] = []  # of the input that is applied just now
        self._slow: set[str] = set()  # receivers that nobody waits for
        self._unsaid: list[inputs.Outcome] = []  # that could not be written down yet

    def serve(self, replica: Replica) -> None:
        self._replica = replica

    def told(self, briefly: bool = False) -> dict[str, Any]:
        """For the health of the mock: role, position in the log, lag (entries), and so of all replicas."""
        return self._replica.health(briefly)

    def share(self, session: World) -> None:
        session.parts[Outward] = session.named[self.name] = self

    # --- as entries are applied, in every process ------------------------------------------------------

    @contextmanager
    def applying(self) -> Iterator[None]:
        """An input is applied: whoever waits for the webhooks that it brings about does so later, without the lock."""
        self._new = []
        token = AWAITED.set(True)
        try:
            yield
        finally:
            AWAITED.reset(token)

    def send(self, calls: Calls, attempt: Attempt, origin: str) -> None:
        """This attempt is to be made, by the leader."""
        if not calls.under_way.add(attempt):
            attempt.end(None, "too many deliveries wait for their receivers already")
            return
        self._made += 1
        sending = self._pending[self._made] = Sending(calls.world, calls, attempt, origin)
        self._new.append(sending)
        if self._replica.ready and self._replica.leads:
            self._begin(self._made, sending)

    def ended(self, outcome: inputs.Outcome) -> None:
        """What became of it stands in the log."""
        sending = self._pending.pop(outcome.number, None)
        if sending is None:
            return
        if outcome.lost:
            sending.world.part(Webhooks).lost(sending.attempt, outcome.error)
        else:
            sending.attempt.end(outcome.code, outcome.error)

    def remembered(self) -> dict[str, Any]:
        under_way = [
            [number, one.world.session, one.attempt.number, one.origin] for number, one in self._pending.items()
        ]
        return {"made": self._made, "under_way": under_way}

    def recall(self, document: Any) -> None:
        known = {world.session: world for world in self._replica.worlds()}
        for number, session, attempt_number, origin in document["under_way"]:
            world = known[session]
            calls, attempt = world.part(Webhooks).taken_up(attempt_number)
            self._pending[number] = Sending(world, calls, attempt, origin)
        self._made = document["made"]

    def forget(self) -> None:
        """What was under way is of a state that is no more."""
        for sending in self._pending.values():
            sending.calls.under_way.give_up([sending.attempt])
        self._pending.clear()

    # --- as the leader ---------------------------------------------------------------------------------

    def look(self) -> None:
        """Say what could not be said, and begin what nobody makes; to be called now and then. Raises LogGone."""
        while self._unsaid:
            self._replica.submit(inputs.of_outcome(self._unsaid[0]))
            del self._unsaid[0]
        if not self._replica.leads:
            return
        with self._replica.lock:
            waiting = [(number, one) for number, one in self._pending.items() if not one.begun]
        for number, sending in waiting:
            if not sending.taken:
                self._begin(number, sending)
            elif seconds() - sending.since > ORPHANED:
                self._say(inputs.Outcome(number, None, LOST, lost=True))

    def _begin(self, number: int, sending: Sending) -> None:
        """Put it in line for its receiver. It is claimed once its turn has come: a leader that dies before has not
        sent it."""
        sending.begun = True
        attempt, calls = sending.attempt, sending.calls

        def over(_: Attempt, code: int | None, error: str) -> None:
            if sending.begun:
                self._say(inputs.Outcome(number, code, error))

        def make() -> None:
            if self._is_ours(number, sending):
                sent(own, calls.timeout)
            else:
                own.end(None)

        own = Attempt(attempt.parcel, attempt.webhook, attempt.at, over)
        hands: UnderWay = calls.hands
        hands.hand_over(own, sending.origin, make, calls.timeout, 0.0)

    def _is_ours(self, number: int, sending: Sending) -> bool:
        """Whether this process, and no other, makes it; nobody knows while the log cannot be reached."""
        replica = self._replica
        try:
            if replica.leads and replica.log.claim(f"sent {replica.founded}:{number}"):
                return True
            sending.taken = replica.leads
        except LogGone:
            pass
        sending.begun = False
        return False

    def _say(self, outcome: inputs.Outcome) -> None:
        try:
            if self._unsaid:
                raise LogGone
            self._replica.submit(inputs.of_outcome(outcome))
        except LogGone:
            self._unsaid.append(outcome)

    # --- whoever waits ---------------------------------------------------------------------------------

    def begun(self) -> list[Sending]:
        """What the input that was applied last brought about; to be asked for under the replica's lock."""
        return self._new

    def settle(self, sendings: list[Sending]) -> None:
        """The webhooks come first, and then the answer; but nobody waits long. To be called without any lock."""
        for sending in sendings:
            if sending.origin in self._slow:
                continue
            if sending.attempt.wait(sending.calls.patience):
                continue
            self._slow.add(sending.origin)
            sending.attempt.when_over(partial(self._slow.discard, sending.origin))

    def wait(self, timeout: float) -> None:
        """Until nothing is under way any more, or that time is over. To be called without any lock."""
        until = seconds() + timeout
        for sending in list(self._pending.values()):
            sending.attempt.wait(max(0.0, until - seconds()))
