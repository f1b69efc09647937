"""`Mock`: one isolated VoIPBIN, as a Python object."""

from __future__ import annotations

import os
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from voipbin_mock import catalog as catalogue
from voipbin_mock.api.area import Area
from voipbin_mock.api.catalog import Catalog, catalog_of
from voipbin_mock.api.lint import Findings, VoIPBINWarning
from voipbin_mock.api.operations import PREFIX
from voipbin_mock.delivery.raised import forget_assertions, raised_by_subscribers
from voipbin_mock.delivery.webhooks import Webhooks
from voipbin_mock.delivery.websockets import Sockets
from voipbin_mock.edge.door import Door
from voipbin_mock.edge.incoming import ControlPolicy
from voipbin_mock.edge.observing import observe
from voipbin_mock.handles import HasService
from voipbin_mock.insight.coverage import COLLECTOR, Counting, Tally, surface_of
from voipbin_mock.insight.journal import Journal
from voipbin_mock.interception.elsewhere import elsewhere
from voipbin_mock.interception.switchboard import Line, hosts_of
from voipbin_mock.trouble.handles import HasTrouble, ending, forget_plans, taken_back, worlds
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.exchange import Exchange
from voipbin_mock.wire.values import max_taken
from voipbin_mock.world.clock import Clock
from voipbin_mock.world.seeding import Seed
from voipbin_mock.world.settings import EVERY_CODE, JOURNAL_SIZE, Settings, clock_of, no_setting, several
from voipbin_mock.world.steps import Snapshot
from voipbin_mock.world.ticker import Ticker
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from types import TracebackType

    import httpx
    from requests.adapters import HTTPAdapter

    from voipbin_mock.areas.accounts.records import Agent
    from voipbin_mock.edge.app import Application
    from voipbin_mock.edge.bundle import Recorder
    from voipbin_mock.insight.coverage_report import Report
    from voipbin_mock.interception.clients import CredentialClient
    from voipbin_mock.server.live import LiveServer

SERVICE = "https://api.voipbin.net"
LEAKS_KEPT = 20  # stopped calls that a report names


class Mock(HasService, HasTrouble):
    """One VoIPBIN of its own: records, clock, ids, journal. Two mocks share nothing.

    >>> with Mock() as voipbin:
    ...     reply = voipbin.client.get("/v1.0/outplans")
    ...     reply.status_code
    200

    profile: "documented" (the published documents) or "server" (the server's source).
    seed: the records to start from: a name ("account", "tutorial", "empty"), a path, or a dict.
    strict: whether bodies must satisfy the schemas; None is as the profile has it.
    clock: a Clock, or a moment to stand still at; None runs with the machine's time.
    speed: let the clock run, so many virtual seconds to one of the machine.
    random_seed: ids and tokens are drawn from it.
    error, ignore: lint codes that refuse the request, or say nothing; "all" for all.
    fixtures: a directory in which named seeds are looked for first.
    record: keep every request, so that `bundle()` can tell all.
    coverage: count what of the API is exercised, for `coverage()`.
    intercept: whether client libraries reach the mock under the service's own URLs while it is entered.
    base_urls: other base URLs that lead to it then, such as "https://staging.example.com/v1.0".
    leak_guard: whether other calls to *.voipbin.net are stopped, with a LeakError, while it is entered.
    rate_limits: True for the service's own, or tiers: `{"customer": (17, 33)}` (a second, at once).
    billing: True lets what is used cost what the service takes, or rates: `{"sms": 20_000}` (millionths of a dollar).
    talk_time: how long it takes to speak a text: "2s", milliseconds, or per character: "60ms/character".
    play_time: how long a file takes to be played.
    unused: what becomes of faults and stubs that were never met: "warn", "error" or "ignore".
    areas: areas of your own beside the service's (see docs/adding-an-area.md), or names of modules that have one.
    Raises MockUsageError for unknown settings and SeedError for a seed that cannot be used.
    """

    def __init__(
        self,
        profile: str = "documented",
        *,
        seed: Seed = "account",
        strict: bool | None = None,
        clock: Clock | datetime | str | None = None,
        speed: float | None = None,
        random_seed: int | str = 0,
        error: Iterable[str] = (),
        ignore: Iterable[str] = (),
        fixtures: str | os.PathLike[str] | None = None,
        journal_size: int = JOURNAL_SIZE,
        record: bool = False,
        coverage: bool = False,
        intercept: bool = True,
        base_urls: Iterable[str] = (),
        leak_guard: bool = True,
        rate_limits: Any = None,
        billing: Any = None,
        talk_time: Any = "2s",
        play_time: Any = "5s",
        unused: str = "warn",
        areas: Iterable[Area | str] = (),
    ) -> None:
        settings = Settings(
            profile=profile,
            seed=seed,
            strict=strict,
            random_seed=random_seed,
            error=_codes(error),
            ignore=_codes(ignore),
            fixtures=fixtures,
            journal_size=journal_size,
            rate_limits=rate_limits,
            billing=billing,
            talk_time=talk_time,
            play_time=play_time,
            unused=unused,
        )
        catalog = catalogue.having(_several_areas(areas)) if areas else catalogue.default()
        _check_codes(catalog, settings)
        self.world = World(catalog, settings, clock_of(clock, speed))
        self.world.owns_clock = not isinstance(clock, Clock)
        self._count(coverage)
        self._connect(intercept, leak_guard, base_urls)
        self._recorder: Recorder | None = _recorder(self.world) if record else None

    if not TYPE_CHECKING:  # a type checker knows the settings; and this is called before Python says less

        def __new__(cls, *arguments: Any, **settings: Any) -> Mock:
            if settings and cls.__init__ is Mock.__init__:
                known = Mock.__init__.__kwdefaults__
                for name in settings:
                    if name not in known and name != "profile":
                        raise TypeError(no_setting(name, ["profile", *known]))
            return super().__new__(cls)

    def _connect(self, intercept: bool, leak_guard: bool, base_urls: Iterable[str]) -> None:
        """The ways to it. Nothing of these holds the mock itself: one that is dropped is freed at once."""
        for name, value in (("intercept", intercept), ("leak_guard", leak_guard)):
            if not isinstance(value, bool):
                raise MockUsageError(f"{name} must be True or False, not {value!r}")
        hosts = hosts_of(several(base_urls, "base_urls takes base URLs"))
        self._deferred: list[VoIPBINWarning] = []
        self._leaks: deque[str] = deque(maxlen=LEAKS_KEPT)
        policy = ControlPolicy(hosts=frozenset([name for name, _ in hosts]))
        self.door = Door(self.world, policy, partial(observe, self._deferred))
        self._app: Application | None = None
        self._line = Line(self.door, hosts if intercept else {}, leak_guard, self._leaks.append)
        self._entered, self._started = 0, False
        self.origin = SERVICE
        self._servers: list[LiveServer] = []

    def _count(self, coverage: bool) -> None:
        """Let what is exercised be counted, if anybody asked for it."""
        collector = COLLECTOR.get()
        if collector is not None:
            collector.areas |= dict.fromkeys(catalog_of(self.world).more)
        if coverage or collector is not None:
            counting = self.world.part(Counting)
            counting.tally = Tally() if coverage else None
            counting.count(counting.tally, collector)

    # --- reaching it -----------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The base URL of the API: `https://api.voipbin.net/v1.0`, or the live server's."""
        return self.origin + PREFIX

    @property
    def app(self) -> Application:
        """The mock as a Flask app, for hooks, routes and middleware of your own; made when it is first asked for.

        What comes over WSGI (`client`, `serve()`, any server) goes through it from then on; intercepted calls do not.
        """
        from voipbin_mock.edge.app import application

        with self.world.lock:
            self._app = self._app or application(self.door, weakref.ref(self))
            return self._app

    @property
    def client(self) -> CredentialClient:
        """A werkzeug test client that sends the ready credential: `client.get("/v1.0/outplans")`."""
        return self._client(self.headers)

    @property
    def anonymous(self) -> CredentialClient:
        """The same without a credential."""
        return self._client({})

    def client_for(self, agent: str | Agent) -> CredentialClient:
        """The same as another agent: by id, user name or record."""
        return self._client({"Authorization": f"Bearer {self.token_for(agent)}"})

    def _client(self, credential: dict[str, str]) -> CredentialClient:
        from voipbin_mock.interception.clients import CredentialClient

        return CredentialClient(self.door, credential)

    def httpx_transport(self) -> httpx.BaseTransport:
        """For `httpx.Client(transport=..., base_url=mock.url)`."""
        from voipbin_mock.interception.clients import httpx_transport

        return httpx_transport(self.door)

    def httpx_async_transport(self) -> httpx.AsyncBaseTransport:
        """For `httpx.AsyncClient(transport=..., base_url=mock.url)`."""
        from voipbin_mock.interception.clients import httpx_async_transport

        return httpx_async_transport(self.door)

    def requests_adapter(self) -> HTTPAdapter:
        """For `session.mount("https://api.voipbin.net", ...)`."""
        from voipbin_mock.interception.clients import requests_adapter

        return requests_adapter(self.door)

    def serve(self, host: str = "127.0.0.1", port: int = 0) -> LiveServer:
        """Answer on a real port too, until the mock is closed; `url` then leads there.

        Beyond loopback the control API is turned off: this object does the same, and only for its owner.
        """
        from voipbin_mock.server.live import LiveServer, is_loopback

        if not is_loopback(host):
            self.door.control = replace(self.door.control, enabled=False)
        server = LiveServer(self.door, host=host, port=port, max_body=max_taken)
        server.start()
        self._servers.append(server)
        self.origin = server.origin
        self.keep_time()
        return server

    def keep_time(self) -> None:
        """Let a thread do what falls due on a running clock, until the mock is closed.

        Without it that is done when the next request comes, or the clock is advanced.
        """
        self.world.part(Ticker)

    # --- state and time --------------------------------------------------------------------------

    def reset(self, seed: Seed | None = None) -> None:
        """Back to the seed, or on to another, and to where the clock began; a Clock you gave goes on as it was."""
        self.world.reset(seed)

    def dump(self) -> dict[str, Any]:
        """The state as a versioned JSON document."""
        if not self.clock.frozen:  # else nothing is due, and what was loaded is given as it came
            self.world.catch_up()
        return self.world.dump()

    def load(self, document: Any) -> None:
        """Take back a dumped state. Raises SeedError."""
        self.world.load(document)

    def snapshot(self) -> Snapshot:
        """Keep this moment: records, clock, ids, modes, phones, faults, stubs, limits. Costs next to nothing."""
        self.world.catch_up()
        return self.world.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Back to a kept moment of this mock, as often as you like. The journal stays."""
        self.world.restore(snapshot)

    def bundle(self) -> dict[str, Any]:
        """A JSON document that `voipbin-mock replay` plays back. Raises MockUsageError without `record=True`."""
        if self._recorder is None:
            raise MockUsageError("nothing is recorded: make the mock with record=True")
        self.world.catch_up()
        return self._recorder.document()

    @property
    def clock(self) -> Clock:
        return self.world.clock

    @property
    def now(self) -> datetime:
        """The present virtual moment, in UTC."""
        return self.world.clock.now

    def advance(self, delta: timedelta | float | None = None, **units: float) -> datetime:
        """Move time forward: a timedelta, seconds, or `days=`, `hours=`, `minutes=`, `seconds=`."""
        moment = self.world.clock.advance(delta, **units)
        self.world.stir()
        return moment

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Let time stand still, now or at a moment."""
        if at is not None:
            self.world.catch_up()  # before a clock is set back
        moment = self.world.clock.freeze(at)
        self.world.stir()
        return moment

    def resume(self) -> datetime:
        """Let time run on from where it is."""
        moment = self.world.clock.resume()
        self.world.stir()
        return moment

    # --- what happened -----------------------------------------------------------------------------

    @property
    def requests(self) -> list[Exchange]:
        """Every request seen since the last reset, oldest first (bounded by `journal_size`)."""
        return self.journal.exchanges()

    @property
    def journal(self) -> Journal:
        """The same, to ask and to assert: `journal.assert_called("POST", "/outplans", json={...})`."""
        journal = self.world.part(Journal)
        if journal.elsewhere is str:
            journal.elsewhere = partial(elsewhere, weakref.ref(self._line))
        return journal

    @property
    def webhooks(self) -> Webhooks:
        """Receivers of webhooks, what was delivered, and tricks played on deliveries."""
        return self.world.part(Webhooks)

    @property
    def warnings(self) -> list[VoIPBINWarning]:
        """Every lint finding since the last reset."""
        with self.world.looking():
            return [finding.as_warning(operation) for _, operation, finding in self.world.part(Findings).noted]

    def report(self) -> str:
        """The requests seen, with violations and warnings, as text."""
        return "\n".join([*(line for exchange in self.requests for line in exchange.explain()), *self._leaks])

    def coverage(self) -> Report:
        """What of the API was exercised (`coverage=True`): `percent`, `covered`, `total`, `as_dict()`, `html()`."""
        counting = self.world.has(Counting)
        if counting is None or counting.tally is None:
            raise MockUsageError("coverage is not recorded; say Mock(coverage=True)")
        self.world.catch_up()
        with self.world.lock:
            counting.count_runs()
        from voipbin_mock.insight.coverage_report import Report

        return Report(surface_of(catalog_of(self.world)), counting.tally)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document of what this mock takes and answers, as `GET /openapi.json` gives it."""
        from voipbin_mock.openapi import document as openapi

        return openapi.document(catalog_of(self.world), self.world.profile, self.world.strict)

    def sections(self) -> Iterator[tuple[str, str]]:
        """What a failing test's report shows of this mock: titles and texts. Whatever is to be told goes here."""
        from voipbin_mock.areas.calls import live
        from voipbin_mock.areas.campaigns.timeline import MOST_ROWS
        from voipbin_mock.insight.explain import told

        catalog = catalog_of(self.world)
        requests = "\n".join([*filter(None, [told(self.requests, catalog)]), *self._leaks])
        yield (
            f"voipbin-mock requests ({self.world.profile.name})",
            requests or f"no request reached the mock{self.journal.elsewhere()}",
        )
        for key, session in worlds(self.world).items():
            journal = session.part(Journal)
            if key and len(journal):
                yield f"voipbin-mock requests of session {key}", told(journal.exchanges(), catalog)
        failed = self.webhooks.report().splitlines()
        if failed:
            yield "voipbin-mock webhooks that failed or were refused", "\n".join(failed[-MOST_ROWS:])
        sockets = self.world.has(Sockets)
        if sockets is not None and sockets.refused:
            yield "voipbin-mock websockets that were closed", "\n".join(sockets.refused)
        outbox = self.world.named.get("outbox")
        if outbox is not None and outbox.lines:
            from voipbin_mock.areas.messages.asserting import report

            yield "voipbin-mock outbox", report(self.world, MOST_ROWS)
        if self.world.bus.published:
            for call in self.live_calls(live.MOST_CALLS):
                yield f"voipbin-mock call {call.id[:8]}", call.text(live.MOST_ROWS)
        for timeline in self.timelines():
            yield f"voipbin-mock campaign ({timeline.status})", timeline.text(MOST_ROWS)

    # --- life --------------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop the servers, intercept nothing any more, and tell of faults and stubs that were never met.

        Raises a lint warning that Python was told to treat as an error, an AssertionError that a webhook
        receiver met, and UnusedPlanError if the setting `unused` is "error".
        """
        self._started = False
        in_sessions = raised_by_subscribers(self.world)  # which end with it
        with ending(self.world, "the mock was closed"):
            try:  # all of it, whatever a part raises
                while self._entered:
                    self._entered -= 1
                    self._leave()
                unused = taken_back(self.world)
            finally:
                try:
                    self.world.close()
                finally:
                    self._stop_servers()
        self.origin = SERVICE
        self.raise_deferred(in_sessions)
        self._tell(unused)

    def _stop_servers(self) -> None:
        if self._servers:
            try:
                self._servers.pop().stop()
            finally:
                self._stop_servers()

    def raise_deferred(self, raised: Iterable[BaseException] = ()) -> None:
        """Raise the first warning or failed assertion that could not be raised where it arose."""
        deferred: list[BaseException] = [*self._deferred, *raised, *raised_by_subscribers(self.world)]
        self._deferred.clear()
        forget_assertions(self.world)
        if deferred:
            raise deferred[0]

    def start(self) -> Mock:
        """What `with` does at its beginning, for notebooks, `setUp` and the like; `close()` is its end.

        >>> voipbin = Mock().start()
        >>> voipbin.close()
        """
        if not self._entered:
            self.__enter__()
            self._started = True
        return self

    def __enter__(self) -> Mock:
        """From here on, calls to the service's own URLs reach this mock (the innermost, if there are several)."""
        if self._started:  # `with Mock().start():` is one beginning, and has one end
            self._started = False
            return self
        from voipbin_mock.interception import (
            patches as interception,  # its doors load asyncio, and a server needs none of them
        )

        interception.enter(self._line)
        self._entered += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._entered:
            self._entered -= 1
            self._leave()
        if not self._entered:
            if error is not None:
                forget_plans(self.world)  # the block ended early: nobody knows what would have been met
                forget_assertions(self.world)
            self.close()

    def _leave(self) -> None:
        from voipbin_mock.interception import patches as interception

        interception.leave(self._line)

    def __repr__(self) -> str:
        return f"<voipbin_mock.Mock {self.world.profile.name} at {self.url}>"


def _codes(codes: Iterable[str]) -> tuple[str, ...]:
    return several(codes, "error and ignore take lint codes")


def _several_areas(areas: Iterable[Area | str]) -> tuple[Area | str, ...]:
    try:
        return (areas,) if isinstance(areas, (str, Area)) else tuple(areas)
    except TypeError:
        raise MockUsageError(f"areas takes areas, or names of modules that have one, not {areas!r}") from None


def _recorder(world: World) -> Recorder:
    from voipbin_mock.edge.bundle import Recorder

    return Recorder(world)


def _check_codes(catalog: Catalog, settings: Settings) -> None:
    """Whether what is to be an error, or not to be told, is a lint code. Raises MockUsageError."""
    for code in (*settings.error, *settings.ignore):
        if code != EVERY_CODE and code not in catalog.lints:
            raise MockUsageError(f"unknown lint code {code!r}; known are {EVERY_CODE}, {', '.join(catalog.lints)}")
