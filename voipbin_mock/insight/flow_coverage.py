"""Coverage of flows: which actions and which outcomes of each flow the runs took.

A flow is known by its name and what its actions are, so the same flow of many tests is one, and a changed one another.
Only flows that ran are there: a test makes many that nobody calls.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from voipbin_mock.areas.flows import taken
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS, FLOWS
from voipbin_mock.wire import rows
from voipbin_mock.wire.rows import Kind

if TYPE_CHECKING:
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.world import World

OF_A_REQUEST = "actions of a request"  # what stands for the name of flows that are made for one run
_INSIDE = "confbridge_join"  # begins what the service makes for itself: the other end of a connect


@dataclass
class FlowCounts:
    """One flow, with how often its actions ran and what came of them."""

    name: str
    actions: Sequence[Any]  # as one of the tests had them
    profiles: set[str] = field(default_factory=set)
    runs: Counter[int] = field(default_factory=Counter)
    outcomes: Counter[tuple[int, str]] = field(default_factory=Counter)

    def add(self, other: FlowCounts) -> None:
        self.profiles |= other.profiles
        self.runs.update(other.runs)
        self.outcomes.update(other.outcomes)

    def as_list(self) -> list[Any]:
        """As it travels between processes."""
        outcomes = [[*key, count] for key, count in sorted(self.outcomes.items())]
        return [self.name, list(self.actions), sorted(self.profiles), sorted(self.runs.items()), outcomes]


def read(written: Sequence[Any]) -> FlowCounts:
    """What `as_list` gave."""
    name, actions, profiles, runs, outcomes = written
    counted = {(position, outcome): count for position, outcome, count in outcomes}
    return FlowCounts(name, actions, set(profiles), Counter(dict(map(tuple, runs))), Counter(counted))


def key_of(name: str, actions: Sequence[Mapping[str, Any]]) -> str:
    """The same for flows that do the same, whatever ids their actions have."""
    places = {action["id"]: f"action {position}" for position, action in enumerate(actions)}
    plain = [{k: v for k, v in _renamed(action, places).items() if k != "tm_execute"} for action in actions]
    text = json.dumps([name, plain], sort_keys=True, ensure_ascii=True)
    return sha256(text.encode("ascii")).hexdigest()[:16]


def _renamed(value: Any, places: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return places.get(value, value)
    if isinstance(value, Mapping):
        return {name: _renamed(item, places) for name, item in value.items()}
    return [_renamed(item, places) for item in value] if isinstance(value, list) else value


_COUNT_BY_ID = Kind(
    lambda value: type(value) is dict and all(map(rows.COUNT.fits, value.values())), "an object of whole numbers"
)


class Runs:
    """What of a world's runs was counted already."""

    def __init__(self) -> None:
        self._begun: dict[str, int] = {}  # run -> how many of its actions were counted
        self._told: dict[str, int] = {}  # and of how many of them the outcome
        self._keys: dict[str, tuple[Sequence[Any], str]] = {}  # flow -> its actions, and its key
        self._epoch = -1  # of the world's state

    def __bool__(self) -> bool:
        return bool(self._begun)

    def start_over(self, world: World) -> None:
        """The records are others: what their runs did before is no test's."""
        self._begun = {row.id: row.data["execute_count"] for row in _rows(world)}
        self._told = dict(self._begun)
        self._epoch = world.epoch

    def kept(self, world: World) -> list[Any]:
        """As JSON, for another process."""
        return [dict(self._begun), dict(self._told), self._epoch == world.epoch]

    @classmethod
    def read(cls, document: Any, world: World, where: str) -> Runs:
        """Take back what `kept` gave. Raises ValueError."""
        runs = cls()
        runs._begun, runs._told, present = rows.row(document, (_COUNT_BY_ID, _COUNT_BY_ID, rows.FLAG), where)
        runs._epoch = world.epoch if present else -1
        return runs

    def of_all(self, world: World) -> Iterator[tuple[str, FlowCounts]]:
        """What runs did since they were looked at last."""
        for row in tuple(_rows(world)):
            yield from self.of_run(world, row)

    def of_run(self, world: World, row: Row) -> Iterator[tuple[str, FlowCounts]]:
        if self._epoch != world.epoch:  # an earlier moment was restored, and may go on in another way
            self._epoch = world.epoch
            self._begun, self._told = {}, {}
        begun, told = self._begun.get(row.id, 0), self._told.get(row.id, 0)
        count = row.data["execute_count"]
        known = count if row.data["status"] == "ended" else max(count - 1, 0)  # what the last comes to is open
        if count == begun and known <= told:
            return
        found: dict[str, FlowCounts] = {}
        for number, each in taken.numbered(world, row):
            if each.open and number < known:  # and all after it are looked at again
                known = number
            if number < min(begun, told):
                continue
            counts = self._counts(world, each, found)
            if counts is None:
                continue
            if number >= begun:
                counts.runs[each.position] += 1
            if told <= number < known and each.outcome:
                counts.outcomes[each.position, each.outcome] += 1
        self._begun[row.id], self._told[row.id] = count, known
        yield from found.items()

    def _counts(self, world: World, each: taken.Taken, found: dict[str, FlowCounts]) -> FlowCounts | None:
        flow = world.table(FLOWS).get(each.flow_id)
        temporary = flow is None or flow.data["temporary"]
        if temporary and any(action.get("type") == _INSIDE for action in each.actions):
            return None
        known = self._keys.get(each.flow_id)
        name = OF_A_REQUEST if temporary or flow is None else str(flow.data["name"])
        if known is None or known[0] is not each.actions:
            known = self._keys[each.flow_id] = each.actions, key_of(name, each.actions)
        if known[1] not in found:
            found[known[1]] = FlowCounts(name, each.actions, {world.profile.name})
        return found[known[1]]


def _rows(world: World) -> Iterable[Row]:
    """The runs of flows, if there are any: the table of a world that has none is not opened."""
    return world.table(ACTIVEFLOWS) if ACTIVEFLOWS.name in world.store.names() else ()
