"""Flow actions, declared: what one type of action does, when it may, and what can come of it.

An area lists its types as `Area(actions=[FlowAction(...), ...])`; the engine, the lint, the graph and the coverage of
flows read them there. Times are milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.world.differences import Difference

if TYPE_CHECKING:
    from voipbin_mock.world.profiles import Profile
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.world import World

Action = Mapping[str, Any]  # as a flow holds it: id, next_id, type, option, tm_execute
Option = dict[str, Any]  # of an action, after substitution

# Where a type of action runs; elsewhere it is skipped.
ANY, CALLS, OTHERS = "any", "calls", "others"
# What follows when it fails.
GOES_ON, ENDS = "goes on", "ends"
# Ids with a meaning of their own.
START_ID = "00000000-0000-0000-0000-000000000001"  # before the first action
FINISH_ID = "00000000-0000-0000-0000-000000000002"  # after the last one


class ActionFailed(Exception):
    """The action could not do what it is for: the flow ends, or goes on, as its type says."""


class Done(NamedTuple):
    """It is done; the following action comes next. outcome: one of the type's. why: in words, for the trace."""

    outcome: str = ""
    why: str = ""


class Goto(NamedTuple):
    """The action with this id comes next."""

    target: str
    outcome: str = ""
    why: str = ""


class Ended(NamedTuple):
    """The flow is over."""

    why: str = ""
    outcome: str = ""


class Waits(NamedTuple):
    """It lasts so many milliseconds, or (None) until somebody says so; then it is done with this outcome."""

    milliseconds: int | None = None
    outcome: str = ""
    why: str = ""


class Pushed(NamedTuple):
    """These actions come first, as a stack of their own; then what follows this action.

    counted: whether they count towards the most actions of a run. made: whether the service made them, so that they
    are none of the flow's own.
    """

    actions: list[Action]
    stack_id: str = ""
    outcome: str = ""
    why: str = ""
    counted: bool = True
    made: bool = True


Result = Done | Goto | Ended | Waits | Pushed


class Run:
    """One run of a flow, as an action sees it. Looks at the records anew whenever it is asked."""

    __slots__ = ("id", "world")

    def __init__(self, world: World, id: str) -> None:
        self.world = world
        self.id = id  # of the activeflow

    def _write(self, **values: Any) -> None:
        self.world.store["activeflows"].amend(self.id, values)

    @property
    def activeflow(self) -> Row:
        found = self.world.store["activeflows"].get(self.id)
        assert found is not None, "a run has its record"
        return found

    @property
    def data(self) -> Mapping[str, Any]:
        found: Any = self.world.store.tables["activeflows"].get(self.id)
        data: Mapping[str, Any] = found.data  # a run has its record
        return data

    @property
    def account(self) -> str:
        return self.activeflow.account

    @property
    def customer_id(self) -> str:
        return str(self.data["customer_id"])

    @property
    def reference_type(self) -> str:
        return str(self.data["reference_type"])

    @property
    def reference_id(self) -> str:
        return str(self.data["reference_id"])

    @property
    def call(self) -> Row | None:
        """The call that it leads, if it leads one."""
        data = self.data
        return self.world.store["calls"].get(data["reference_id"]) if data["reference_type"] == "call" else None

    @property
    def variables(self) -> Mapping[str, str]:
        """By name. Not to be changed: see `set`."""
        return self.data["variables"] or {}

    def set(self, name: str, value: str) -> None:
        self.set_all({name: value})

    def set_all(self, values: Mapping[str, str]) -> None:
        self._write(variables={**self.variables, **values})

    def unset(self, *names: str) -> None:
        left = {name: value for name, value in self.variables.items() if name not in names}
        self._write(variables=left)

    def count_goto(self, key: str, left: int) -> None:
        """So many jumps are left to the goto of this id."""
        self._write(gotos={**(self.data["gotos"] or {}), key: left})

    @property
    def action(self) -> Action:
        """The present action, as the flow holds it: before substitution."""
        present: Action = self.data["present"]
        return present

    @property
    def option(self) -> Option:
        """Of the present action, after substitution."""
        return self.data["current_action"].get("option") or {}

    @property
    def count(self) -> int:
        """How many actions it began so far: who resumes it later says that it means this one."""
        return int(self.data["execute_count"])

    @property
    def over(self) -> bool:
        return bool(self.data["status"] == "ended")

    @property
    def note(self) -> Mapping[str, Any]:
        """What actions keep between their steps, by name; JSON values. Written by `keep`."""
        return self.data["kept"] or {}

    def keep(self, **values: Any) -> None:
        self._write(kept={**self.note, **values})


Checked = tuple[str, tuple[type, ...], str]  # a member, the Python types that it may have, and their JSON name
Does = Callable[[Run, Option], Result]


@dataclass(frozen=True, eq=False)
class FlowAction:
    """A type of action.

    do: what it does, `(run, option) -> Result`; raises ActionFailed. option: JSON Schema properties of its option; a
    member of another type is a failure, one that is not there is not looked at. runs_in: ANY, CALLS or OTHERS.
    by_call: the call does it: it shows it as its `action`, and goes on if it fails. on_failure: GOES_ON or ENDS.
    targets: where in the option actions are named (`default_target_id`, `target_ids/*`). outcomes: what can come of
    it. pressed: what a key does meanwhile, `(run, key)`; else it is kept in `voipbin.call.digits`. leaves: what is done
    when it lasted and is over, whatever ended it. internal: flows that clients give may not hold it. last: whether
    nothing comes after it, whatever follows in the list. never: `(option, profile)` -> the outcomes that cannot come
    of it with that option. handed_on: members of the option in which no variables are replaced.

    An outcome leads to what follows, or where a target says: `false` to `false_target_id`, `default` to
    `default_target_id`; a path such as `target_ids/*` as outcome stands for each key there; a target that is left
    belongs to the first outcome that is (`target_id` of a goto to `jumped`).
    """

    type: str
    do: Does
    summary: str = ""
    runs_in: str | Difference[str] = ANY
    by_call: bool = False
    on_failure: str = GOES_ON
    option: Mapping[str, Any] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    pressed: Callable[[Run, str], None] | None = None
    leaves: Callable[[Run], None] | None = None
    internal: bool = False
    last: bool = False
    never: Callable[[Mapping[str, Any], Profile], Collection[str]] | None = None
    handed_on: tuple[str, ...] | Difference[tuple[str, ...]] = ()

    @cached_property
    def checks(self) -> tuple[Checked, ...]:
        """What is looked at before it is done."""
        found = []
        for name, schema in self.option.items():
            wanted = schema.get("type")
            if wanted:
                names = [wanted] if isinstance(wanted, str) else list(wanted)
                types = tuple(one for each in names for one in _TYPES[each])
                found.append((name, types, " or ".join(names)))
        return tuple(found)

    def check(self, option: Mapping[str, Any]) -> None:
        """Raises ActionFailed for a member of another type than it should have; null counts as left out."""
        for name, types, said in self.checks if option else ():
            value = option.get(name)
            if value is not None and (not isinstance(value, types) or (type(value) is bool and bool not in types)):
                raise ActionFailed(f"option/{name} is {_name(value)}; expected {said}")


_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


def _name(value: object) -> str:
    """The JSON type of a value, for people."""
    for name, types in _TYPES.items():
        if type(value) in types:
            return f"{'an' if name[0] in 'aio' else 'a'} {name}"
    return f"a {type(value).__name__}"


STRING: Mapping[str, str] = {"type": "string"}
INTEGER: Mapping[str, str] = {"type": "integer"}
BOOLEAN: Mapping[str, str] = {"type": "boolean"}
OBJECT: Mapping[str, str] = {"type": "object"}
ARRAY: Mapping[str, str] = {"type": "array"}
