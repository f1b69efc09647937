"""A mock as one document: the state of its worlds, and all that was only seen of them.

A process that takes it goes on exactly as the one that it was made of: with the same ids, numbers, stamps and events,
and with the same answers to whoever asks what happened before. Moments of the machine stay what they were: the clock
that it is loaded into goes with the same machine's time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from voipbin_mock._version import __version__
from voipbin_mock.api.lint import Findings
from voipbin_mock.control.snapshots import Snapshots
from voipbin_mock.delivery.websockets import Sockets
from voipbin_mock.insight.coverage import Counting
from voipbin_mock.insight.journal import Journal
from voipbin_mock.wire import rows
from voipbin_mock.wire.errors import ApiError, SeedError, shorten
from voipbin_mock.world import keeping
from voipbin_mock.world.bus import Bus
from voipbin_mock.world.part import Part
from voipbin_mock.world.sessions import Sessions
from voipbin_mock.world.steps import Snapshot
from voipbin_mock.world.winding import ClockState
from voipbin_mock.world.world import World

FORMAT = "voipbin-mock kept state"
VERSION = 1
MAIN = ""  # the key of the mock's own world, among its sessions'
# What sees what happens in a world; counting is there if somebody asked for it, and then in every process.
_SEEING: tuple[type[Part], ...] = (Bus, Journal, Findings, Sockets)


class _World(NamedTuple):
    """A moment of one world."""

    world: World
    snapshot: Snapshot
    clock: list[Any]
    exchanges: int
    on_trial: bool
    seen: dict[str, Callable[[], Any]]
    named: list[tuple[str, Snapshot, int, str]]

    def told(self) -> dict[str, Any]:
        shared = keeping.Shared(self.snapshot) if self.named else None
        return {
            **keeping.written(self.world, self.snapshot),
            "snapshots": [
                {"name": name, "requests": requests, "before": before, **keeping.written(self.world, kept, shared)}
                for name, kept, requests, before in self.named
            ],
            "clock": self.clock,
            "born": list(self.world.born),
            "exchanges": self.exchanges,
            "on_trial": self.on_trial,
            "seen": {name: told() for name, told in self.seen.items()},
        }


class Moment:
    """A mock as it was at a moment; see `moment`."""

    def __init__(self, worlds: Mapping[str, _World]) -> None:
        self._worlds = worlds

    def told(self) -> dict[str, Any]:
        """JSON in which iterators stand for long arrays, for `rows.pieces`: so large a mock is never there twice.

        Takes its time, in any thread, and holds up none of the worlds.
        """
        return {
            "format": FORMAT,
            "version": VERSION,
            "made_by": f"voipbin-mock {__version__}",
            "worlds": {key: kept.told() for key, kept in self._worlds.items()},
        }

    def document(self) -> dict[str, Any]:
        """The same as plain JSON."""
        plain: dict[str, Any] = json.loads("".join(rows.pieces(self.told())))
        return plain


def moment(world: World) -> Moment:
    """Keep a mock as it is, its sessions too. Quick, whatever it holds.

    To be called between two inputs, without the lock: nothing may happen meanwhile, or worlds would be kept at
    different moments.
    """
    return Moment({key: _kept(each, on_trial) for key, each, on_trial in _worlds(world)})


def document(world: World) -> dict[str, Any]:
    """A mock as plain JSON."""
    return moment(world).document()


def _worlds(world: World) -> Iterator[tuple[str, World, bool]]:
    """The mock's own and the sessions', by their keys, and whether something was let in; those on trial in order."""
    yield MAIN, world, False
    sessions = world.has(Sessions)
    if sessions is not None:
        yield from ((key, each, False) for key, each in sessions.listed().items())
        yield from ((key, each, True) for key, each in sessions.trying().items())


def _kept(world: World, on_trial: bool) -> _World:
    world.deliver()
    with world.lock:
        seen = {keeping.label(part_of): part.remember() for part_of, part in _parts(world)}
        told = {name: tell for name, tell in seen.items() if tell is not None}
        clock = keeping.clock_of(world.clock)
        snapshots = world.has(Snapshots)
        named = [] if snapshots is None else snapshots.kept()
        return _World(world, world.snapshot(), clock, world.exchanges, on_trial, told, named)


def _parts(world: World) -> Iterator[tuple[type[Part], Part]]:
    """The parts that saw what happened: all of those that outlive a change of the whole state."""
    listeners = world.blueprint.listeners() if world.hears else ()
    for kind in (*_SEEING, *listeners):
        yield kind, world.part(kind)
    if_there: tuple[type[Part], ...] = (Counting, *world.blueprint.parts())
    for kind in if_there:
        part = world.has(kind)
        if part is not None and kind.survives and keeping.label(kind):
            yield kind, part


# --- and back ----------------------------------------------------------------------------------------


def load(world: World, document: Any) -> None:
    """Be as the mock that this was made of, with its sessions; others are gone.

    Raises ValueError (of which SeedError is one) for what is none, or damaged: where, and why. Some of the worlds may
    then have been replaced already.
    """
    worlds = _checked(document)
    _load_world(world, worlds[MAIN], f"/worlds/{MAIN}")
    sessions = world.part(Sessions)
    trying = {key for key, kept in worlds.items() if key and rows.member(kept, "on_trial", rows.FLAG, f"/worlds/{key}")}
    for key in (*sessions.trying(), *(key for key in sessions.listed() if key not in worlds or key in trying)):
        sessions.delete(key)
    for key, kept in worlds.items():
        if key:
            try:
                session = sessions.on_trial(key) if key in trying else sessions.world(key)
            except ApiError as error:
                raise ValueError(f"/worlds/{shorten(key)}: {error.message}") from None
            _load_world(session, kept, f"/worlds/{key}")


def _checked(document: Any) -> dict[str, Any]:
    """The worlds that it has. Raises ValueError."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f'/format: must be "{FORMAT}"')
    if document.get("version") != VERSION:
        said = shorten(document.get("version"))
        raise ValueError(f"/version: this version of voipbin-mock reads {VERSION}, not {said!r}")
    worlds: dict[str, Any] = rows.member(document, "worlds", rows.OBJECT)
    if MAIN not in worlds:
        raise ValueError(f'/worlds: must have the mock\'s own, "{MAIN}"')
    return worlds


def _load_world(world: World, document: Any, where: str) -> None:
    seen, exchanges, born, clock = (rows.member(document, name, kind, where) for name, kind in _MEMBERS)
    snapshot = keeping.read(world, document, where)
    named = [_named(world, one, at, snapshot) for one, at in rows.items(document, "snapshots", where)]
    world.stop_winding("a state was loaded meanwhile")
    with world.lock:
        world.restore(snapshot)
        keeping.set_clock(world.clock, clock, f"{where}/clock")
        world.born = ClockState(*rows.row(born, _BORN, f"{where}/born"))
        world.exchanges = exchanges
        world.part(Snapshots).put(named)
        for kind, part in _parts(world):
            name = keeping.label(kind)
            if name in seen:
                keeping.recall(part, seen[name], f"{where}/seen/{name}")
            elif kind in _SEEING:
                raise SeedError(f"{where}/seen/{name}: is missing")
            elif kind.remember is not Part.remember:  # there was nothing to remember
                part.start_over()
        world.stir()


def _named(world: World, document: Any, where: str, shared: Snapshot) -> tuple[str, Snapshot, int, str]:
    name, before = (rows.member(document, name, rows.TEXT, where) for name in ("name", "before"))
    requests = rows.member(document, "requests", rows.COUNT, where)
    return name, keeping.read(world, document, where, shared), requests, before


_MEMBERS = (("seen", rows.OBJECT), ("exchanges", rows.COUNT), ("born", rows.LIST), ("clock", rows.LIST))
_BORN = (rows.MOMENT, rows.FLAG, rows.NUMBER, rows.Kind(lambda value: type(value) in (int, float), "a speed"))
