"""Kept moments of a world, by name, for as long as the server runs; and the way back from a reset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from voipbin_mock.api.control import object_of
from voipbin_mock.api.operations import Request
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.wire.values import Reply, json_reply, printable
from voipbin_mock.world.part import Part
from voipbin_mock.world.steps import Snapshot
from voipbin_mock.world.world import World

MOST = 20  # that are kept by name
LONGEST = 64  # characters of a name
# What was there before it was replaced as a whole. Going back to it leaves what was replaced by that, and so on.
UNDO = "undo"


class _Kept(NamedTuple):
    snapshot: Snapshot
    requests: int  # that had been seen
    before: str  # what it was kept before, if it was kept by itself


class Snapshots(Part):
    """The kept moments of one world. Nothing but forgetting them takes them away."""

    survives = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._kept: dict[str, _Kept] = {}

    def take(self, name: str) -> None:
        """Raises ApiError for one too many."""
        if name not in self._kept and len(self._kept) >= MOST:
            raise ApiError("STATE_INVALID", f"{MOST} snapshots are kept already; forget some.")
        self._kept[name] = self._now("")

    def _now(self, before: str) -> _Kept:
        return _Kept(self._world.snapshot(), self._world.exchanges, before)

    @contextmanager
    def undoable(self, what: str) -> Iterator[None]:
        """What this block replaces can be had back, if it succeeds."""
        before = self._now(what)
        yield
        self._kept[UNDO] = before

    def of(self, name: str) -> Snapshot:
        """Raises ApiError."""
        if name not in self._kept:
            there_are = ", ".join(map(printable, self._kept)) or "none"
            raise ApiError("RESOURCE_NOT_FOUND", f"There is no snapshot {name[:LONGEST]!r}; there are: {there_are}.")
        return self._kept[name].snapshot

    def forget(self, name: str) -> None:
        """Raises ApiError."""
        self.of(name)
        del self._kept[name]

    def forget_all(self) -> None:
        self._kept.clear()

    def kept(self) -> list[tuple[str, Snapshot, int, str]]:
        """Of each its name, how many requests had been seen, and what it was kept before; oldest first."""
        return [(name, *kept) for name, kept in self._kept.items()]

    def put(self, kept: Iterable[tuple[str, Snapshot, int, str]]) -> None:
        """Have these, and no others."""
        self._kept = {name: _Kept(snapshot, requests, before) for name, snapshot, requests, before in kept}

    def listed(self) -> list[dict[str, Any]]:
        """As JSON, oldest first."""
        return [_shown(name, kept) for name, kept in self._kept.items()]


def _shown(name: str, kept: _Kept) -> dict[str, Any]:
    snapshot = kept.snapshot
    return {
        "name": name,
        "at": rfc3339_stamp_full(snapshot.clock.now),
        "records": sum(len(table) for table in snapshot.store),
        "requests": kept.requests,
        **({"before": kept.before} if kept.before else {}),
    }


# --- over the control API ----------------------------------------------------------------------------


def listed(world: World, request: Request) -> Reply:
    """The kept moments: virtual time, how many records there were, how many requests had been seen."""
    return json_reply({"snapshots": world.part(Snapshots).listed()})


def take(world: World, request: Request) -> Reply:
    """{"name": "before lunch"}; one of that name is replaced."""
    body = object_of(request)
    name = body.get("name")
    if body.keys() != {"name"} or not isinstance(name, str) or not _is_name(name):
        raise ApiError(
            "INVALID_ARGUMENT",
            f'Send {{"name": "before lunch"}}: 1 to {LONGEST} printable characters, and no slash among them.',
        )
    world.part(Snapshots).take(name)
    return listed(world, request)


def _is_name(name: str) -> bool:
    return 0 < len(name) <= LONGEST and name.isprintable() and "/" not in name and name.strip() == name


def back(world: World, request: Request) -> Reply:
    """To this moment, its time included. What was seen stays in the journal."""
    world.stop_winding("an earlier moment was restored meanwhile")
    with world.step():
        snapshots = world.part(Snapshots)
        snapshot = snapshots.of(request.id)
        with snapshots.undoable(f"going back to {request.id}"):
            world.restore(snapshot)
        return json_reply({"status": "ok", "now": rfc3339_stamp_full(world.clock.microseconds())})


def forget(world: World, request: Request) -> Reply:
    world.part(Snapshots).forget(request.id)
    return json_reply({"status": "ok"})


def forget_all(world: World, request: Request) -> Reply:
    world.part(Snapshots).forget_all()
    return json_reply({"status": "ok"})
