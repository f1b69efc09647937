"""The state of one mock: clock, ids, tables, timers, and the parts that areas and others add to it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from voipbin_mock.wire.errors import WindingStopped
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world import profiles, seeding, state, telling
from voipbin_mock.world.blueprint import Blueprint
from voipbin_mock.world.bounded import weight
from voipbin_mock.world.bus import LARGE, Bus, Event, Subject
from voipbin_mock.world.clock import Clock
from voipbin_mock.world.forking import FORKS
from voipbin_mock.world.history import Histories
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.part import Part
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.seeding import SeededTables
from voipbin_mock.world.settings import Settings
from voipbin_mock.world.shown import text_maker, text_of, view_of
from voipbin_mock.world.steps import Snapshot, Step, Trail
from voipbin_mock.world.store import Row, Store, Table
from voipbin_mock.world.timers import USER, Timer, Timers

logger = logging.getLogger("voipbin_mock")

P = TypeVar("P", bound=Part)
_new = tuple.__new__  # of an event, without a call for each of its members


class World:
    """One mock's state. A request holds `lock` from start to end; so must whoever looks or changes.

    hears: whether the blueprint's listeners are told of events (webhooks, websockets).
    """

    def __init__(
        self, blueprint: Blueprint, settings: Settings | None = None, clock: Clock | None = None, *, hears: bool = True
    ) -> None:
        self.blueprint = blueprint
        self.settings = settings or Settings()
        self.profile = profiles.get(self.settings.profile)
        self.strict = self.profile.strict if self.settings.strict is None else self.settings.strict
        self.clock = clock or Clock()
        self.born = self.clock.state()
        self.owns_clock = True  # a reset leaves a clock alone that may be others' too
        self.hears = hears
        self.lock = threading.RLock()
        self.parts: dict[type[Part], Part] = {}  # those there are
        self.named: dict[str, Any] = {}  # the same by name, to look at one without loading what it is made of
        self.kept: tuple[Part, ...] = ()  # those that a step that fails brings back
        self.trail = Trail()
        self.timers = self.new_timers()
        # The epoch and the number of writes when polls were last looked at, and when that was.
        self._looked = (-1, 0, 0)
        self.epoch = 0  # how often the whole state was replaced
        self.session = ""  # the key of the session that it is
        self.own_tokens_seed = self.settings.random_seed
        self.seed = self.settings.seed
        self.base = seeding.of(self.seed, self.settings.fixtures, blueprint, self.profile)
        self._start()
        self.clock.attach(self)
        FORKS.watch(self)

    @property
    def logged(self) -> Mapping[str, str]:
        """What log lines say beside their text (`extra=`): whose session's they are."""
        return {"session": self.session}

    def forked(self, free: bool) -> None:
        """This is the world of a forked child; `free`: its lock is held by nobody that is not there."""
        if not free:
            self.lock._at_fork_reinit()  # type: ignore[attr-defined]
        bus = self.has(Bus)
        if bus is not None:
            bus.forked()

    # --- parts -----------------------------------------------------------------------------------

    def part(self, kind: type[P]) -> P:
        """The part of this kind, made if it is not there yet."""
        found: Any = self.parts.get(kind)
        if found is None:
            with self.lock:
                found = self.parts.get(kind)
                if found is None:
                    found = self.parts[kind] = kind(self)
                    if kind.name:
                        self.named[kind.name] = found
                    self._keep()
                    self.trail.note(self._unmade, kind)
        return found  # type: ignore[no-any-return]

    def has(self, kind: type[P]) -> P | None:
        """The same, if it is there already."""
        return self.parts.get(kind)  # type: ignore[return-value]

    def forget(self, kind: type[Part]) -> None:
        """This part is no more; who asks for it again gets a new one. Needs no lock: it may be held for ever."""
        self.parts.pop(kind, None)
        self.named.pop(kind.name, None)
        self._keep()

    def _keep(self) -> None:
        self.kept = tuple(p for kind, p in self.parts.items() if kind.keep is not Part.keep and not kind.trailed)

    def _unmade(self, kind: type[Part]) -> None:
        """A step that made this part is taken back."""
        part = self.parts.get(kind)
        if part is not None and not kind.survives:
            self.forget(kind)
        elif part in self.kept:
            part.start_over()

    @property
    def bus(self) -> Bus:
        return self.parts.get(Bus) or self.part(Bus)  # type: ignore[return-value]

    # --- state ---------------------------------------------------------------------------------

    def _start(self) -> None:
        self.store = Store(self.base.table, self.base.names, self.trail)
        self.accounts: dict[str, str] = dict(self.base.accounts)
        self.notes: Mapping[str, Any] = self.base.notes
        self.ids = Ids(self.settings.random_seed)
        self.tokens_seed = self.own_tokens_seed  # what the key of login tokens is drawn from
        self.exchanges = 0
        self.epoch += 1
        for kind in self.blueprint.started(self.settings):
            self.part(kind)
        self.take_up(self.base)

    def take_up(self, base: SeededTables) -> None:
        """What a seed or a state has put in place goes on from here."""
        for name in base.arranged():
            placed = self.blueprint.placed(name)
            if placed is not None:
                for row in tuple(self.store[name]):
                    placed(self, row)

    def placed(self, resource: Resource, row: Row) -> Row:
        """A record is in place that no request made."""
        placed = self.blueprint.placed(resource.name)
        return row if placed is None else placed(self, row)

    def reset(self, seed: seeding.Seed | None = None, *, named: bool = False) -> None:
        """Back to the seed (or on to another one). Ids start over, and so does a clock of its own.

        Whoever winds that clock on meanwhile is stopped (WindingStopped).
        named: whoever asks may name a seed, but no path; see `seed_files.read`.
        """
        self.stop_winding("the mock was reset meanwhile")
        with self.step():
            base = self.base
            if seed is not None:
                base = seeding.of(seed, self.settings.fixtures, self.blueprint, self.profile, named=named)
            self.replacing()
            if seed is not None:
                self.base, self.seed = base, seed
            self.drop_parts()
            survivors = [part for part in self.parts.values() if part is not self.bus]
            self.bus.start_over()
            self.timers = self.new_timers()
            if self.owns_clock:
                self.clock.rewind()
            self._start()  # plans from the present moment on
            self.clock.forget_stamps()
            for part in survivors:
                part.start_over()
            self.stir()

    def replacing(self) -> None:
        """The whole state is about to be replaced: if that fails, this one comes back."""
        names = ("store", "accounts", "notes", "tokens_seed", "parts", "named", "kept", "epoch", "seed", "base")
        self.trail.note(vars(self).update, {name: getattr(self, name) for name in names})

    def new_timers(self) -> Timers:
        return Timers(self.clock.microseconds, self.clock.poke, self.blueprint, self.trail)

    def stop_winding(self, why: str) -> None:
        """Whoever winds its own clock on does so no further. To be called without the lock."""
        if self.owns_clock:
            self.clock.stop_winding(why)

    def drop_parts(self) -> None:
        """Forget those that do not outlive a change of the whole state."""
        self.parts = {kind: part for kind, part in self.parts.items() if kind.survives}
        self.named = {kind.name: part for kind, part in self.parts.items() if kind.name}
        self._keep()

    # --- steps ---------------------------------------------------------------------------------

    @contextmanager
    def step(self) -> Iterator[None]:
        """All of what is done in this block is done, or nothing of it. Holds the lock."""
        with self.lock:
            step = Step(self)
            try:
                yield
                self.done(step)
            except BaseException:
                self.undo(step)
                raise

    def done(self, step: Step) -> None:
        """A step has come to its end; if it is part of no other, it stands."""
        step.done(self)

    def undo(self, step: Step) -> None:
        """A step has failed: nothing of it was done."""
        step.undo(self)

    @property
    def secrets(self) -> list[bytes]:
        """The keys of login tokens: the first signs; a loaded state brings its own, and those given before hold on."""
        return [Ids(seed).secret("login-tokens") for seed in dict.fromkeys([self.tokens_seed, self.own_tokens_seed])]

    def snapshot(self) -> Snapshot:
        """Keep this moment; costs next to nothing, for records are shared until they are written to."""
        with self.lock:
            return Snapshot(
                self.store.copy(),
                dict(self.accounts),
                self.notes,
                (self.ids.random_seed, self.ids.drawn),
                self.tokens_seed,
                self.clock.state(),
                self.timers.keep(),
                (self.polls_know, self._looked[2]),
                {kind: kept for kind, part in self.parts.items() if (kept := part.keep()) is not None},
                self.base,
                self.seed,
            )

    def restore(self, snapshot: Snapshot) -> None:
        """Back to a kept moment, its time included. What was seen since (journal, warnings) stays known."""
        self.stop_winding("an earlier moment was restored meanwhile")
        with self.step():
            self.replacing()
            self.store = snapshot.store.fresh(self.trail)
            self.accounts = dict(snapshot.accounts)
            self.notes = snapshot.notes
            self.ids = Ids(*snapshot.ids)
            self.tokens_seed = snapshot.tokens_seed
            self.clock.restore(snapshot.clock)
            self.timers = self.new_timers()
            self.timers.bring_back(snapshot.timers)
            self.drop_parts()
            for kind, part in self.parts.items():
                if kind.name and kind.dumped and kind not in snapshot.parts:  # it was not there yet
                    part.start_over()
            for kind, kept in snapshot.parts.items():
                self.part(kind).bring_back(kept)
            self.base, self.seed = snapshot.base, snapshot.seed
            self.replaced(*snapshot.looked)
            self.stir()

    def replaced(self, polls_know: bool, looked_at: int) -> None:
        """The whole state is another; whether its polls know of all that was written, and when they were looked at."""
        self.epoch += 1
        self._looked = (self.epoch if polls_know else -1, self.store.writes, looked_at)

    @property
    def fingerprint(self) -> tuple[object, ...]:
        """Changes whenever the state does (but for the clock)."""
        parts = [(kind.name, part.revision) for kind, part in self.parts.items() if kind.dumped and part.revision]
        drawn = self.ids.drawn, self.timers.drawn
        return self.epoch, self.store.writes, *drawn, tuple(sorted(parts, key=lambda part: part[0]))

    def dump(self) -> dict[str, Any]:
        """The records, clock, ids, timers and parts as a document that `load` takes back."""
        with self.lock:
            return state.dump(self)

    def load(self, document: Any) -> None:
        """Take back what `dump` gave. Raises SeedError, and then changes nothing."""
        self.stop_winding("a state was loaded meanwhile")
        with self.step():
            state.load(self, document)
            self.stir()

    def close(self) -> None:
        """Nobody needs it any more. To be called without the lock."""
        failed: BaseException | None = None
        for part in tuple(self.parts.values()):
            try:
                part.close()
            except BaseException as error:  # noqa: BLE001 - the others are closed all the same
                failed = failed or error
        if failed is not None:
            raise failed

    # --- records -------------------------------------------------------------------------------

    def table(self, resource: Resource) -> Table:
        return self.store.tables[resource.name]

    @property
    def owner(self) -> str:
        """The customer whose a record is, if a test that puts it in place does not say."""
        return str(self.notes.get(seeding.OWNER) or next(iter(self.accounts), NIL_UUID))

    def account_of(self, customer_id: str) -> str:
        """The account a customer id stands for; a seed may give an account several."""
        return self.accounts.get(customer_id, customer_id)

    def stamp_for(self, table: Table, account: str) -> int:
        """A creation time that no row of the account's list has."""
        created = self.clock.stamp()
        while table.taken(account, created):
            created = self.clock.stamp()
        return created

    def touch(self, resource: Resource) -> dict[str, int]:
        """The members that every change of a record sets.

        A stamp may be ahead of its moment by some microseconds, so that no two are alike; where the
        moment itself matters (a target's, to the dialer), the record keeps it in `touched`.
        """
        touched = {"tm_update": self.clock.stamp()}
        if "touched" in resource.blank:
            touched["touched"] = self.clock.microseconds()
        return touched

    def deletion(self, resource: Resource) -> dict[str, Any]:
        """The members that a deletion sets. Deleting again refreshes them."""
        touched = self.touch(resource)
        return {**resource.on_delete, **touched, "tm_delete": touched["tm_update"]}

    def view(self, resource: Resource, record: Mapping[str, Any]) -> dict[str, Any]:
        """A record as an object of the wire, in this profile."""
        return view_of(resource, self.profile)(record)

    def text(self, resource: Resource, row: Row) -> str:
        """The same as JSON text; made once for a row."""
        if resource.seen is not None:
            row = resource.seen(self, row)
        return row.text or text_of(resource, self.profile, row)

    # --- events ----------------------------------------------------------------------------------

    def publish(self, type: str, resource: Resource, row: Row, size: int = 0, now: int | None = None) -> None:
        """Note what happened to a record, and let those act who follow; subscribers hear once the lock is released.

        size: the bytes that the event holds, if that is known. now: the present moment, in microseconds, if it is.
        """
        bus, data = self.bus, row.data
        now = self.clock.microseconds() if now is None else now
        if self.hears and not bus.heard:
            bus.listen()
        size = size or resource.event_size or weight(data, LARGE)
        about: Any
        if resource.history:
            about = self.part(Histories).note(type, resource, row, now)
            holds: Any = about.number
        else:
            customer, owner = data.get("customer_id", row.account), data.get("owner_id", "")
            about, holds = Subject(customer, resource.name, row.id, owner, text_maker(resource, self.profile)), row
        if size > LARGE and (text := about.text(holds)):
            holds, size = text, len(text)
        topics = resource.topics(self, type, row) if resource.topics is not None else ()
        bus.publish(_new(Event, (bus.published + 1, now, type, about, holds, size, topics)))
        for follower in self.blueprint.followers(type):
            follower(self, row)

    def happened(self, type: str, resource: Resource, row: Row) -> None:
        """The same, of what nobody is told: it is kept in the record's history, if there is one, and followed."""
        if resource.history:
            self.part(Histories).note(type, resource, row, self.clock.microseconds())
        self.follow(type, row)

    def follow(self, type: str, row: Row) -> None:
        """Let those areas act that follow an event, which need not be one that is told to anybody else."""
        for follower in self.blueprint.followers(type):
            follower(self, row)

    def stir(self) -> None:
        """Let those who wait for something to happen look again."""
        if (bus := self.has(Bus)) is not None:
            bus.stir()

    def deliver(self) -> None:
        """Tell subscribers what waits for them. To be called without the lock."""
        bus: Any = self.parts.get(Bus)
        if bus is not None and bus.waiting:
            bus.deliver()

    def aftermath(self) -> None:
        """What a step that is done brings about at this very instant. To be called without the lock."""
        try:
            self.deliver()
            if self.timers:
                self.clock.catch_up()
        except Exception as error:  # noqa: BLE001  what was done stands
            self.note_failure(error)

    # --- time ------------------------------------------------------------------------------------

    def next_due(self, lasting: bool = True) -> int | None:
        """When a timer is due next (microseconds since 1970), or None. See `Runner.next_due`."""
        with self.lock:
            self._tell_polls()
            return self.timers.next_due() if lasting or not self.timers.resting() else None

    def _tell_polls(self) -> None:
        """Whoever uses the mock may have written something."""
        if self.timers.polling:
            self._look((self._looked[2], USER, 0, 0))

    def told_due(self) -> list[str]:
        """What is to come next, in words: of each kind of timer the first."""
        with self.lock:
            return telling.told_due(self)

    def run_next(self, limit: int, late: bool = False) -> bool:
        """Fire the next timer due by then, at its instant, and tell of what it changed.

        Raises TimerError if it fails; then nothing of it is done, and it is still to come. If it is `late`, it is
        left out instead: time has passed it by.
        """
        with self.lock:
            timers, clock = self.timers, self.clock
            if polling := timers.polling:
                self._tell_polls()
            due = timers.next_due()
            if due is None or due > limit:
                return False
            step = Step(self)
            timer: Timer | None = None
            try:
                before = clock.hold(due)
                timer = timers.take()
                polling = polling and timers.polling
                handler = self.blueprint.timer(timer.kind)
                assert handler is not None, "a timer of a kind that there is not is never scheduled"
                handler(self, *timer.args)
                clock.release(before)
                if self.timers.polling:
                    # The first poll knows of all that was written so far.
                    self._look(timer[:4] if polling else None)
                step.done(self)
            except BaseException as error:
                self.undo(step)
                if timer is None or not isinstance(error, Exception) or isinstance(error, WindingStopped):
                    raise
                self._failed(timer, error, late)
        self.deliver()
        return True

    def _failed(self, timer: Timer, error: Exception, late: bool) -> None:
        """A timer has failed, and is taken back. Raises TimerError unless it is late."""
        said = telling.failed(self, timer, error)
        if not late:
            raise said from error
        self.timers.cancel(timer.seq)
        said.__cause__ = error
        self.note_failure(said)

    def note_failure(self, error: Exception) -> None:
        """Something failed and nobody is there to be told: it is, at the end."""
        logger.error("%s", error, exc_info=error)
        self.bus.put_off(error)

    def catch_up(self) -> None:
        """Fire the timers that are due. To be called without the lock."""
        if self.timers:
            self.clock.catch_up()

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Under the lock, with done what was due: for whoever looks from outside a request."""
        self.catch_up()
        with self.lock:
            yield

    @contextmanager
    def changing(self) -> Iterator[None]:
        """The same for whoever changes something; those who wait for something to happen look again, or are told."""
        self.catch_up()
        with self.step():
            yield
            self._tell_polls()
            self.stir()
        self.deliver()

    @property
    def polls_know(self) -> bool:
        """Whether polls were looked at since the last write."""
        return self._looked[:2] == (self.epoch, self.store.writes)

    def _look(self, after: tuple[int, int, int, int] | None) -> None:
        """Polls that were put off ask again, if anything was written since the last look."""
        if after is not None and not self.polls_know:
            self.timers.wake(after)
        self._looked = (self.epoch, self.store.writes, self.clock.microseconds())
