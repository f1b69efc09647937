"""The whole state of one mock, and what is needed to serve one request from it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import Any

from voipbin_mock._version import __version__
from voipbin_mock.api.catalog import SUPER_ADMIN, Catalog, Operation, Resource
from voipbin_mock.api.lint import Lint
from voipbin_mock.api.modes import Modes
from voipbin_mock.areas.calls.phones import Phones
from voipbin_mock.areas.campaigns.dialing_order import Lineup
from voipbin_mock.insight.coverage import Collector, Tally
from voipbin_mock.insight.journal import Journal
from voipbin_mock.schema import files as data
from voipbin_mock.schema.parts import Member
from voipbin_mock.trouble.faults import KeptPlans, Plans
from voipbin_mock.trouble.limits import KeptLimits, Limits
from voipbin_mock.wire.errors import ApiError, MockUsageError, SeedError, Violation, shorten, value_at
from voipbin_mock.wire.stamps import parse_stamp, rfc3339_stamp_full, to_datetime
from voipbin_mock.wire.values import Caller, Request, encode
from voipbin_mock.world import profiles
from voipbin_mock.world import seeding as seeds
from voipbin_mock.world.bus import Bus, Event
from voipbin_mock.world.clock import Clock, ClockState
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.sessions import Outfit, Sessions, leave_bare
from voipbin_mock.world.settings import EVERY_CODE, Settings
from voipbin_mock.world.store import Row, Store, Table
from voipbin_mock.world.timers import USER, Timers

STATE_FORMAT = "voipbin-mock-state"
STATE_VERSION = 1


@lru_cache(maxsize=32)
def _shared_base(catalog: Catalog, profile: Profile, name: str) -> seeds.Base:
    return seeds.build(seeds.read(name), catalog, profile, known=True)


@lru_cache(maxsize=256)
def _view(resource: Resource, profile: Profile) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    return profile.view(resource.name, resource.record.members)


def _text(resource: Resource, profile: Profile, row: Row) -> str:
    text = row.text
    if text is None:
        text = row.text = encode(_view(resource, profile)(row.data))
    return text


@dataclass(frozen=True)
class Snapshot:
    """All but the journal of a world at one moment. Restore it as often as you like."""

    store: Store
    accounts: Mapping[str, str]
    credentials: seeds.Credentials
    ids: tuple[int | str, int]
    clock: ClockState
    modes: Modes
    timers: Mapping[str, Any]
    phones: Mapping[str, Any]
    plans: KeptPlans
    limits: KeptLimits


class World:
    """One mock's state: clock, ids, tables, journal. A request holds `lock` from start to end."""

    def __init__(self, catalog: Catalog, settings: Settings | None = None, clock: Clock | None = None) -> None:
        self.catalog = catalog
        self.settings = settings or Settings()
        self.profile = profiles.get(self.settings.profile)
        self.strict = self.profile.strict if self.settings.strict is None else self.settings.strict
        self.clock = clock or Clock()
        self.owns_clock = True  # a reset leaves a clock alone that may be others' too
        self.lock = threading.RLock()
        self.seed: seeds.Seed = self.settings.seed
        self.journal = Journal(self.settings.journal_size, self.lock)
        self.findings: deque[tuple[int, str, Lint]] = deque(maxlen=self.settings.journal_size)
        self.bus = Bus(self.settings.journal_size)
        self.phones = Phones(self.settings.random_seed)
        self.lineup = Lineup()
        self.webhooks: Any = None  # webhooks.Webhooks, of whoever owns this world
        self.sockets: Any = None  # sockets.Sockets
        self.timers = Timers(self.clock.microseconds, self.clock.poke)
        # The epoch and the number of writes when polls were last looked at, and when that was.
        self._looked = (-1, 0, 0)
        self.plans = Plans(catalog, self.lock)
        self.limits = Limits(self.clock, self.settings.rate_limits)
        self.outfit: Outfit = leave_bare  # gives a session's world what its owner gave this one
        self._born = self.clock.state(), self.clock.speed
        self.base = self._base_of(self.seed)
        self.epoch = 0  # how often the whole state was replaced
        self.tally: Tally | None = None  # of this world alone
        self.counting: tuple[Tally | Collector, ...] = ()  # all that count what is exercised
        self.recorder: Any = None  # bundle.Recorder, while requests are recorded
        self._start()
        self.clock.attach(self)

    # --- state ---------------------------------------------------------------------------------

    @cached_property
    def sessions(self) -> Sessions:
        """The worlds beside this one, once somebody asks for them."""
        return Sessions(self._session, self.outfit)

    def end_sessions(self) -> None:
        if "sessions" in vars(self):
            self.sessions.clear()

    def _session(self, key: str) -> World:
        """A world with the same settings and credentials; its ids are its own, so that none is met twice."""
        settings = replace(self.settings, random_seed=f"{self.settings.random_seed}/{key}")
        (now, frozen, _), speed = self._born
        clock = Clock()
        if frozen or speed != 1:
            clock = Clock(to_datetime(now), speed=None if frozen else speed)
        world = World(self.catalog, settings, clock)
        world.secret = self.secret
        world.sessions = self.sessions
        world.tally, world.counting = self.tally, self.counting  # what is exercised counts as of one server
        return world

    def _base_of(self, seed: seeds.Seed) -> seeds.Base:
        fixtures = self.settings.fixtures
        if fixtures is None and isinstance(seed, str) and seed in data.names("fixtures"):
            return _shared_base(self.catalog, self.profile, seed)
        return seeds.build(seeds.read(seed, fixtures), self.catalog, self.profile)

    def _start(self) -> None:
        self.store = self.base.store.fresh()
        self.accounts = dict(self.base.accounts)
        self.credentials = self.base.credentials
        self.ids = Ids(self.settings.random_seed)
        self.tokens: dict[str, tuple[str, Caller]] = {}
        self.exchanges = 0
        self.modes = Modes()
        self.epoch += 1
        self.catalog.take_up(self)

    def reset(self, seed: seeds.Seed | None = None) -> None:
        """Back to the seed (or on to another one). Ids start over, and so does a clock of its own."""
        with self.lock:
            if seed is not None:
                self.base = self._base_of(seed)
                self.seed = seed
            self.journal.clear()
            self.findings.clear()
            self.bus.clear()
            if self.webhooks is not None:
                self.webhooks.clear()
            self.timers.clear()
            self.phones.forget()
            self.plans.clear()
            self.limits.reset()
            if self.owns_clock:
                self.clock.rewind()
            self._start()  # plans from the present moment on
            self.clock.forget_stamps()

    @cached_property
    def secret(self) -> bytes:
        """The key that login tokens are signed with."""
        return Ids(self.settings.random_seed).secret("login-tokens")

    def snapshot(self) -> Snapshot:
        """Keep this moment; costs next to nothing, for records are shared until they are written to."""
        with self.lock:
            return Snapshot(
                self.store.copy(),
                dict(self.accounts),
                self.credentials,
                (self.ids.random_seed, self.ids.drawn),
                self.clock.state(),
                self.modes,
                self.timers.dump(),
                self.phones.dump(),
                self.plans.keep(),
                self.limits.keep(),
            )

    def restore(self, snapshot: Snapshot) -> None:
        """Back to a kept moment, its time included. What was seen since (journal, warnings) stays known."""
        with self.lock:
            self.store = snapshot.store.fresh()
            self.accounts = dict(snapshot.accounts)
            self.credentials = snapshot.credentials
            self.ids = Ids(*snapshot.ids)
            self.clock.restore(snapshot.clock)
            self.modes = snapshot.modes
            self.timers.load(snapshot.timers, self.catalog.timers)
            self.phones.load(snapshot.phones)
            self.plans.bring_back(snapshot.plans)
            self.limits.take(snapshot.limits)
            self.tokens.clear()
            self.epoch += 1

    @property
    def fingerprint(self) -> tuple[object, ...]:
        """Changes whenever the state does (but for the clock)."""
        trouble = self.plans.revision, self.limits.revision
        return self.epoch, self.store.writes, self.ids.drawn, self.phones.changes, self.modes, trouble

    def dump(self) -> dict[str, Any]:
        """The records, clock, ids and modes as a document that `load` takes back."""
        with self.lock:
            clock = self.clock.state()
            return {
                "format": STATE_FORMAT,
                "version": STATE_VERSION,
                "made_by": f"voipbin-mock {__version__}",
                "profile": self.profile.name,
                "clock": {
                    "now": rfc3339_stamp_full(clock.now),
                    "frozen": clock.frozen,
                    "last_stamp": rfc3339_stamp_full(clock.last_stamp),
                },
                "ids": {"random_seed": self.ids.random_seed, "drawn": self.ids.drawn},
                "modes": self.modes.as_dict(),
                "timers": self.timers.dump(),
                "phones": self.phones.dump(),
                "aliases": {name: account for name, account in self.accounts.items() if name != account},
                "plans": self.plans.dump(),
                "limits": self.limits.dump(),
                "records": {
                    table.name: [self._dumped(table.name, row) for row in table] for table in self.store if len(table)
                },
            }

    def _dumped(self, name: str, row: Row) -> dict[str, Any]:
        resource = self.catalog.resources[name]
        return {
            member.name: _dump_value(member, row.data[member.name])
            for member in (*resource.record.members, *resource.hidden)
        }

    def load(self, document: Any) -> None:
        """Take back what `dump` gave. Raises SeedError, and then changes nothing."""
        if not isinstance(document, Mapping) or document.get("format") != STATE_FORMAT:
            raise SeedError(f'state: /format: must be "{STATE_FORMAT}"; is this a state document?')
        if document.get("version") != STATE_VERSION:
            raise SeedError(
                f"state: /version: this version of voipbin-mock reads {STATE_VERSION}, "
                f"not {shorten(document.get('version'))!r}"
            )
        if "records" not in document:
            raise SeedError("state: /records: is missing")  # or it would silently empty the mock
        records, ids, clock, timers = (document.get(name, {}) for name in ("records", "ids", "clock", "timers"))
        for name, value in (("records", records), ("ids", ids), ("clock", clock), ("timers", timers)):
            if not isinstance(value, Mapping):
                raise SeedError(f"state: /{name}: must be an object")
        if type(clock.get("frozen", False)) is not bool:
            raise SeedError("state: /clock/frozen: must be true or false")
        drawn, random_seed = ids.get("drawn", 0), ids.get("random_seed", self.settings.random_seed)
        if type(drawn) is not int or drawn < 0:
            raise SeedError("state: /ids/drawn: must be a count")
        if not isinstance(random_seed, (int, str)):
            raise SeedError("state: /ids/random_seed: must be a number or a text")
        try:
            modes = Modes.of(document.get("modes", {}))
            last_stamp = parse_stamp(clock["last_stamp"]) if "last_stamp" in clock else None
        except MockUsageError as error:
            raise SeedError(f"state: /modes: {error}") from None
        except (ValueError, TypeError, AttributeError) as error:
            raise SeedError(f"state: /clock/last_stamp: {error}") from None
        content = {**records, "aliases": document.get("aliases", {})}
        base = seeds.build([("state: /records", content)], self.catalog, self.profile)
        try:
            plans = self.plans.read(document.get("plans", []))
        except MockUsageError as error:
            raise SeedError(f"state: /plans: {error}") from None
        try:
            limits = self.limits.check(document.get("limits", {"tiers": {}, "buckets": []}))
        except MockUsageError as error:
            raise SeedError(f"state: /limits: {error}") from None
        with self.lock:
            try:
                fresh = Timers(self.clock.microseconds, self.clock.poke)
                fresh.load(timers, self.catalog.timers)
            except ValueError as error:
                raise SeedError(f"state: /timers: {error}") from None
            try:
                phones = Phones(random_seed)
                phones.load(document.get("phones", {}))
            except (ValueError, AttributeError) as error:
                raise SeedError(f"state: /phones: {error}") from None
            if "now" in clock:
                try:
                    state = self.clock.state()._replace(now=parse_stamp(str(clock["now"])))
                    self.clock.restore(state._replace(frozen=bool(clock.get("frozen"))))
                except ValueError as error:
                    raise SeedError(f"state: /clock/now: {error}") from None
            self.timers = fresh
            self.phones = phones
            self.store = base.store.fresh()
            self.accounts = dict(base.accounts)
            self.ids = Ids(random_seed, drawn)
            self.tokens.clear()
            self.plans.take(plans)
            self.limits.take(limits)
            self.credentials = self._credentials_of(base)
            self.modes = modes
            self.epoch += 1
            if last_stamp is not None:
                self.clock.restore(self.clock.state()._replace(last_stamp=last_stamp))
            newest = max((_newest(row) for table in self.store for row in table), default=0)
            if newest <= self.clock.microseconds():
                self.clock.seen(newest)
            self.catalog.take_up(self)

    def _credentials_of(self, loaded: seeds.Base) -> seeds.Credentials:
        """A dump holds passwords, but of access keys only the hash: ours still works if it is there."""
        key = self.credentials.accesskey
        if not self.store["accesskeys"].find("token_hash", seeds.hash_token(key)):
            key = ""
        return replace(loaded.credentials, accesskey=key)

    # --- records -------------------------------------------------------------------------------

    def table(self, resource: Resource) -> Table:
        return self.store[resource.name]

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
        return _view(resource, self.profile)(record)

    def text(self, resource: Resource, row: Row) -> str:
        """The same as JSON text; made once for a row."""
        return row.text or _text(resource, self.profile, row)

    # --- events ----------------------------------------------------------------------------------

    def publish(self, type: str, resource: Resource, row: Row) -> None:
        """Note what happened to a record; subscribers hear of it once the lock is released."""
        self.bus.publish(
            Event(
                number=self.bus.published + 1,
                microseconds=self.clock.microseconds(),
                type=type,
                customer_id=row.data.get("customer_id", row.account),
                resource=resource.name,
                record_id=row.id,
                owner_id=row.data.get("owner_id", ""),
                text=partial(_text, resource, self.profile, row),
            )
        )
        self.journal.touch()

    def serves(self, operation: Operation) -> bool:
        """Whether this profile has the operation at all."""
        return not operation.profile_field or bool(getattr(self.profile, operation.profile_field))

    # --- time ------------------------------------------------------------------------------------

    def next_due(self) -> int | None:
        """When a timer is due next (microseconds since 1970), or None."""
        with self.lock:
            if self.timers.polling:
                self._look((self._looked[2], USER, 0, 0))
            return self.timers.next_due()

    def run_next(self, limit: int) -> bool:
        """Fire the next timer due by then, at its instant, and tell of what it changed."""
        with self.lock:
            timer = self.timers.pop(limit)
            if timer is None:
                return False
            polling = self.timers.polling
            before = self.clock.hold(timer.due)
            try:
                self.catalog.timers[timer.kind](self, *timer.args)
            finally:
                self.clock.release(before)
            if self.timers.polling:
                # The first poll knows of all that was written so far.
                self._look(timer[:4] if polling else None)
        if self.bus.waiting:
            self.bus.deliver()
        return True

    def catch_up(self) -> None:
        """Fire the timers that are due. To be called without the lock."""
        if self.timers:
            self.clock.catch_up()

    def _look(self, after: tuple[int, int, int, int] | None) -> None:
        """Polls that were put off ask again, if anything was written since the last look."""
        writes = self.store.writes
        if after is not None and self._looked[:2] != (self.epoch, writes):
            self.timers.wake(after)
        self._looked = (self.epoch, writes, self.clock.microseconds())

    # --- lint ----------------------------------------------------------------------------------

    def warn(self, request: Request, findings: Iterable[Lint]) -> None:
        """Note findings; those raised to errors refuse the request."""
        findings = list(findings)
        refused = self.refused(findings, request.raw)
        untold = (*self.settings.error, *self.settings.ignore)
        request.warnings += [finding for finding in findings if not self._is(finding.code, untold)]
        if refused:
            raise ApiError("INVALID_ARGUMENT", "A lint warning is set to be an error.", violations=refused)

    def refused(self, findings: Iterable[Lint], body: Any = None) -> list[Violation]:
        """The findings that are raised to errors, with the value in the body that each is about."""
        return [
            Violation(finding.pointer, str(finding), finding.advice, value_at(body, finding.pointer))
            for finding in findings
            if self._is(finding.code, self.settings.error)
        ]

    @staticmethod
    def _is(code: str, codes: Sequence[str]) -> bool:
        return bool(codes) and (code in codes or EVERY_CODE in codes)

    # --- who may ---------------------------------------------------------------------------------

    def may(self, caller: Caller, account: str, permission: int) -> bool:
        if caller.permission & SUPER_ADMIN:
            return True
        return caller.account == account and bool(caller.permission & permission)


def _dump_value(member: Member, value: Any) -> Any:
    if member.kind == "stamp":
        return None if value is None else rfc3339_stamp_full(value)
    return value


def _newest(row: Row) -> int:
    return max(row.created, row.data.get("tm_update") or 0, row.data.get("tm_delete") or 0)
