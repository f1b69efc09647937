"""What a flow can do, before it runs: its actions, and which of them come after which.

Read from the declarations of the types of actions (`FlowAction.targets`, `.outcomes`), so a new type is known here as
it is to the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, NamedTuple

from voipbin_mock.api.flow_actions import CALLS, ENDS, FINISH_ID, START_ID, Action, FlowAction
from voipbin_mock.wire.errors import join_pointer, shorten
from voipbin_mock.wire.values import NIL_UUID, parse_uuid
from voipbin_mock.world.profiles import Profile

Types = Callable[[str], FlowAction | None]
Leads = list[tuple[str, str]]  # outcomes, and the members that name where they lead
Names = Callable[[str, str], str]  # a member such as `queue_id`, and an id -> what it is called, or ""

# Where a way leads, if not to an action of the flow.
END = -1  # the flow is over
NOWHERE = -2  # what is named is not there: the flow is over, and failed
UNKNOWN = -3  # known only when it runs: a variable, or an action of another flow
PLACES = {END: "the end", NOWHERE: "nowhere", UNKNOWN: "known when it runs"}

VARIABLE = "${"
FOLLOWS = ""  # the outcome of what has only one
FAILED = "failed"
LONGEST_TEXT = 60


class Way(NamedTuple):
    """A way on from an action."""

    source: int
    outcome: str  # as the engine tells it: "true", "default", "jumped", a key of a branch; "" if it can only go on
    target: int  # the position of an action, or END, NOWHERE, UNKNOWN
    member: str = ""  # what of the option names the target: `default_target_id`, `target_ids/1`; "": what follows
    named: str = ""  # the id there
    key: bool = False  # whether the outcome is a value, such as a digit
    dead: bool = False  # whether it can never be taken, with this option

    @property
    def label(self) -> str:
        return f'"{self.outcome}"' if self.key else self.outcome

    @property
    def pointer(self) -> str:
        return f"/actions/{self.source}/" + (f"option/{self.member}" if self.member else "next_id")


@dataclass(frozen=True)
class Node:
    """An action of a flow."""

    position: int
    id: str
    type: str
    text: str  # what tells it apart from others of its type
    option: Mapping[str, Any]
    declared: FlowAction | None

    def __str__(self) -> str:
        return f"{self.type} {self.text}".rstrip()

    @property
    def pointer(self) -> str:
        return f"/actions/{self.position}"


@dataclass(frozen=True)
class Graph:
    """The actions of a flow as nodes, and the ways between them. ways: of each node, in the order of its outcomes."""

    nodes: tuple[Node, ...]
    ways: tuple[tuple[Way, ...], ...]
    name: str = ""
    id: str = ""
    _cache: dict[bool, set[int]] = field(default_factory=dict, compare=False, repr=False)

    def __iter__(self) -> Iterator[Way]:
        return (way for several in self.ways for way in several)

    def __len__(self) -> int:
        return len(self.nodes)

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Of the actions by their ids; of two with one id, the first."""
        return _positions(self.nodes)

    def reached(self, *, dead: bool = False) -> set[int]:
        """The positions of all actions that some way leads to; with dead, also by ways that are never taken."""
        if dead not in self._cache:
            self._cache[dead] = self._reached(dead)
        return self._cache[dead]

    def _reached(self, dead: bool) -> set[int]:
        seen: set[int] = set()
        open_ = [0] if self.nodes else []
        while open_:
            position = open_.pop()
            if position in seen:
                continue
            seen.add(position)
            for way in self.ways[position]:
                if way.target >= 0 and (dead or not way.dead):
                    open_.append(way.target)
                elif way.target == UNKNOWN and VARIABLE in way.named:
                    return set(range(len(self.nodes)))
        return seen

    def outcomes(self) -> list[tuple[int, str]]:
        """What can come of its actions: (position, outcome), of those that may come to more than one."""
        live = [[way for way in several if not way.dead] for several in self.ways]
        return [(way.source, way.outcome) for several in live if len(several) > 1 for way in several]

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "actions": [
                {
                    "position": node.position,
                    "id": node.id,
                    "type": node.type,
                    "text": node.text,
                    "ways": [
                        {
                            "outcome": way.outcome,
                            "to": way.target if way.target >= 0 else None,
                            "ends": PLACES.get(way.target, ""),
                            "never": way.dead,
                        }
                        for way in self.ways[node.position]
                    ],
                }
                for node in self.nodes
            ],
        }

    def text(self) -> str:
        """A line for each action, and how it goes on if that is not the next line."""
        count = "1 action" if len(self) == 1 else f"{len(self)} actions"
        lines = [f"flow {self.name or self.id or '(no name)'}: {count}"]
        width = len(str(max(len(self) - 1, 0)))
        for node in self.nodes:
            lines.append(f"{node.position:>{width}}  {node}")
            lines += [
                f"{'':>{width}}    {said and said + ' '}-> {self.place(target)}"
                for target, said in self.grouped(node.position)
                if said or target != node.position + 1
            ]
        return "\n".join(lines)

    def outcome(self, position: int, outcome: str) -> str:
        """An outcome of an action, in words."""
        label = next((way.label for way in self.ways[position] if way.outcome == outcome), outcome)
        return f"{position} {self.nodes[position].type}: {label}"

    def place(self, target: int) -> str:
        """An action, or an end, in words."""
        if target < 0:
            return PLACES[target]
        return f"{target} {shorten_text(str(self.nodes[target]), 30)}"

    def grouped(self, position: int) -> list[tuple[int, str]]:
        """The places that an action leads to, each with the outcomes that do; "" if all do."""
        places: dict[int, list[str]] = {}
        ways = [way for way in self.ways[position] if not way.dead]
        for way in ways:
            places.setdefault(way.target, []).append(way.label)
        if len(places) == 1 and not any(way.key for way in ways):
            return [(target, "") for target in places]
        return [(target, ", ".join(filter(None, labels))) for target, labels in places.items()]


def build(
    actions: Sequence[Action], types: Types, profile: Profile, *, name: str = "", id: str = "",
    names: Names | None = None, elsewhere: Callable[[str], bool] | None = None,
) -> Graph:  # fmt: skip
    """The graph of a flow's actions. types: the declarations. names: what ids are called. elsewhere: whether an id is
    that of an action in a flow that fetches this one, to which it may lead."""
    types = cache(types)
    nodes = tuple(_node(position, action, types, names) for position, action in enumerate(actions))
    positions = _positions(nodes)
    leads = cache(lambda kind: _leads(declared) if (declared := types(kind)) is not None else [])

    def find(wanted: str) -> int:
        found = positions.get(wanted)
        if found is not None:
            return found
        if wanted == START_ID and nodes:
            return 0
        if VARIABLE in wanted or (elsewhere is not None and elsewhere(wanted)):
            return UNKNOWN
        return NOWHERE

    ways = tuple(tuple(_ways(node, actions[node.position], len(nodes), find, profile, leads)) for node in nodes)
    return Graph(nodes, ways, name, id)


def _positions(nodes: Sequence[Node]) -> dict[str, int]:
    found: dict[str, int] = {}
    for node in nodes:
        if node.id and node.id != NIL_UUID:
            found.setdefault(node.id, node.position)
    return found


def _node(position: int, action: Action, types: Types, names: Names | None) -> Node:
    option = action.get("option")
    option = option if isinstance(option, Mapping) else {}
    kind = action.get("type")
    kind = kind if isinstance(kind, str) else ""
    declared = types(kind)
    given = action.get("id")
    id = parse_uuid(given) or "" if isinstance(given, str) else ""  # what is none, the service replaces
    return Node(position, id, kind, _text(option, declared, names), option, declared)


def _ways(
    node: Node, action: Action, count: int, find: Callable[[str], int], profile: Profile, leads: Callable[[str], Leads]
) -> Iterator[Way]:
    declared, position = node.declared, node.position
    following = _following(action, position, count, find)
    if declared is not None and declared.last:
        yield Way(position, FOLLOWS, END)
        return
    if declared is None or not (declared.outcomes or declared.targets):
        yield Way(position, FOLLOWS, *following)
        return
    dead = declared.never(node.option, profile) if declared.never is not None else ()
    for outcome, path in leads(node.type):
        if not path:
            # A call that is connected to nobody goes on; what fails otherwise ends the flow, if its type says so.
            ends = outcome == FAILED and declared.on_failure == ENDS and declared.runs_in != CALLS
            yield Way(position, outcome, *((NOWHERE, "", "") if ends else following), dead=outcome in dead)
            continue
        for key, member, named in _named(node.option, path):
            target = find(named) if named and named != NIL_UUID else NOWHERE
            said = key if path.endswith("/*") else outcome
            yield Way(position, said, target, member, named, path.endswith("/*"), outcome in dead)


def _following(action: Action, position: int, count: int, find: Callable[[str], int]) -> tuple[int, str, str]:
    """Where it goes on, and if that is named, by what."""
    named = action.get("next_id")
    if isinstance(named, str) and named not in ("", NIL_UUID):
        return (END if named == FINISH_ID else find(named)), "", named
    return (position + 1 if position + 1 < count else END), "", ""


def _leads(declared: FlowAction) -> Leads:
    """Its outcomes, each with the member of the option that names where it leads; "" for what follows.

    `default` belongs to `default_target_id`, and so on; a member that has no name in front, to the first that is left.
    """
    left = [path for path in declared.targets if path not in declared.outcomes]
    found: dict[str, str] = {outcome: outcome if outcome in declared.targets else "" for outcome in declared.outcomes}
    for path in (*left,):
        outcome = path.removesuffix("_target_id")
        if outcome in found:
            found[outcome] = path
            left.remove(path)
    free = [outcome for outcome, path in found.items() if not path]
    for path, outcome in zip(left, free, strict=False):
        found[outcome] = path
    return list(found.items())


def _named(option: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    """What an option has at a path: the key there, the place, and the id."""
    name, _, each = path.partition("/")
    value = option.get(name)
    if not each:
        yield "", name, value if isinstance(value, str) else ""
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield key, join_pointer(name, key), item if isinstance(item, str) else ""


# --- what tells an action apart ----------------------------------------------------------------------


def _text(option: Mapping[str, Any], declared: FlowAction | None, names: Names | None) -> str:
    """The text that is spoken, or the members of its option in short."""
    if not option:
        return ""
    if isinstance(option.get("text"), str):
        return f'"{shorten_text(option["text"])}"'
    targets = {path.partition("/")[0] for path in declared.targets} if declared is not None else set()
    told = []
    for name, value in option.items():
        if name in targets:
            continue
        called = names(name, value) if names is not None and isinstance(value, str) else ""
        said = f'"{called}"' if called else _short(value)
        if said:
            told.append(f"{name} {said}")
    return shorten_text(", ".join(told))


def _short(value: Any) -> str:
    """A value in a few characters; an address is its target."""
    if isinstance(value, Mapping):
        return str(value.get("target") or "")
    if isinstance(value, list):
        return " ".join(filter(None, map(_short, value[:3]))) + (" ..." if len(value) > 3 else "")
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    return str(shorten(value))


def shorten_text(text: str, most: int = LONGEST_TEXT) -> str:
    text = " ".join(text.split()) if len(text) < 10 * most else " ".join(text[: 10 * most].split())
    return text if len(text) <= most else text[: most - 3] + "..."
