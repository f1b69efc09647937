"""All rules put together, and what they need to know of a world."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from voipbin_mock.api.flow_actions import Action, FlowAction
from voipbin_mock.api.lint import Lint
from voipbin_mock.areas.flows import lint_options, lint_paths
from voipbin_mock.areas.flows.findings import HINT, SEVERITIES, Finding, Subject
from voipbin_mock.areas.flows.graph import VARIABLE, Graph, build
from voipbin_mock.areas.flows.resources import FLOWS
from voipbin_mock.wire.values import NIL_UUID, parse_uuid

if TYPE_CHECKING:
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.world import World

MOST_TOLD = 20  # findings of one request
MOST_OF_A_RULE = 50
DEEPEST = 3  # calls within calls whose actions are looked at
MOST_LOOKED_AT = 10_000  # actions of one flow, and members of their options: no run begins as many


def findings(subject: Subject) -> list[Finding]:
    """All of them, in the order of the actions; the worst first where several are about one."""
    found: list[Finding] = []
    for rule in (*lint_options.RULES, *(lint_paths.LOCAL if subject.cut else lint_paths.RULES), calls):
        found += islice(rule(subject), MOST_OF_A_RULE)
    if subject.at:
        found = [each._replace(pointer=subject.at + each.pointer.removeprefix("/actions")) for each in found]
    return sorted(found, key=lambda each: (each.position, SEVERITIES.index(each.severity)))


def calls(subject: Subject) -> Iterator[Finding]:
    """The actions of calls that an action makes, which the service does not look at."""
    if subject.at.count("/option/") >= DEEPEST:
        return
    for node in subject.graph.nodes:
        inner = node.option.get("actions")
        if node.type != "call" or node.option.get("flow_id") or not isinstance(inner, list):
            continue
        pointer = f"{subject.at or '/actions'}/{node.position}/option/actions"
        several = [each if isinstance(each, Mapping) else {} for each in inner]
        seen, rest = _looked_at(several)
        cut, graph = len(several) - len(seen), build(seen, subject.types, subject.profile, elsewhere=rest.__contains__)
        inside = findings(replace(subject, graph=graph, raw=seen, at=pointer, on_complete=NIL_UUID, cut=cut))
        yield from (each._replace(pointer=each.pointer.removeprefix(subject.at)) for each in inside)


# --- of a world ----------------------------------------------------------------------------------------


def of_actions(
    world: World, several: Sequence[Action], raw: Sequence[Any], account: str | None, *, flow_id: str = "",
    name: str = "", on_complete: str = NIL_UUID,
) -> list[Finding]:  # fmt: skip
    """What is wrong with these actions of an account's flow; of no account, if it is not known what that has."""
    seen, rest = _looked_at(several)
    graph = graph_of(world, seen, account or "", flow_id=flow_id, name=name, rest=rest)
    subject = Subject(
        graph,
        raw[: len(seen)],
        partial(_declared, world),
        world.profile,
        reference=partial(_there, world, account),
        type_names=tuple(sorted(world.blueprint.action_types)),
        fetched=partial(_fetched, world, account or ""),
        on_complete=on_complete,
        chain=partial(_chain, world),
        cut=len(several) - len(seen),
    )
    found = findings(subject)
    return [each for each in found if each.code not in world.settings.ignore]


def _looked_at(several: Sequence[Action]) -> tuple[Sequence[Action], frozenset[str]]:
    """What is looked at of a flow's actions, which is all that somebody would write; and the ids of the others."""
    left = MOST_LOOKED_AT
    for count, action in enumerate(several):
        left -= 1 + _size(action.get("option"))
        if left < 0 and count:
            return several[:count], frozenset(str(each.get("id")) for each in several[count:])
    return several, frozenset()


def _size(value: Any) -> int:
    """How many actions its arrays and objects take as long as to be looked at."""
    if not isinstance(value, Mapping):
        return 0
    return sum(len(each) for each in value.values() if isinstance(each, (Mapping, list)))


def of_request(
    world: World, several: Sequence[Action], raw: Sequence[Any], flow_id: str, account: str, values: Mapping[str, Any]
) -> list[Lint]:
    """The same as lint of a request: no hints, and not too many."""
    on_complete = values.get("on_complete_flow_id") or NIL_UUID
    found = of_actions(world, several, raw, account, flow_id=flow_id, on_complete=on_complete)
    told = [each for each in found if each.severity != HINT]
    told.sort(key=lambda each: SEVERITIES.index(each.severity))
    return [each.as_lint() for each in told[:MOST_TOLD]]


def graph_of(
    world: World, several: Sequence[Action], account: str, *, flow_id: str = "", name: str = "",
    rest: Collection[str] = (),
) -> Graph:  # fmt: skip
    """The graph of actions of an account's flow. rest: the ids of those that are left out of it."""
    among = partial(_elsewhere, world, account, flow_id, {})
    return build(
        several,
        partial(_declared, world),
        world.profile,
        name=name,
        id=flow_id,
        names=partial(_called, world, account),
        elsewhere=lambda wanted: wanted in rest or among(wanted),
    )


def _declared(world: World, kind: str) -> FlowAction | None:
    found: FlowAction | None = world.blueprint.action(kind)
    return found


def _resource(world: World, member: str) -> str:
    """The resource that a member of an option names: `queues` for `queue_id`; "" if none that is mocked."""
    if not member.endswith("_id"):
        return ""
    name = member.removesuffix("_id").rpartition("_")[2] + "s"
    return name if name in world.blueprint.resource_names() and member != "reference_id" else ""


def _row(world: World, member: str, id: str) -> Row | None:
    resource, wanted = _resource(world, member), parse_uuid(id)
    return world.store[resource].get(wanted) if resource and wanted else None


def _called(world: World, account: str, member: str, id: str) -> str:
    row = _row(world, member, id)
    return str(row.data.get("name") or "") if row is not None and row.account == account else ""


def _there(world: World, account: str | None, member: str, id: str) -> bool | None:
    if account is None or not _resource(world, member) or VARIABLE in id:
        return None
    row = _row(world, member, id)
    return row is not None and row.account == account


def _fetched(world: World, account: str, flow_id: str) -> Sequence[Action] | None:
    row = world.table(FLOWS).get(parse_uuid(flow_id) or "")
    return row.data["actions"] if row is not None and row.account == account else None


def _chain(world: World, flow_id: str) -> str:
    row = world.table(FLOWS).get(flow_id)
    return row.data["on_complete_flow_id"] if row is not None else NIL_UUID


def _elsewhere(world: World, account: str, flow_id: str, known: dict[str, set[str]], wanted: str) -> bool:
    """Whether a flow that fetches this one has an action of this id: a flow may lead back into it."""
    if not flow_id:
        return False
    if "ids" not in known:
        several = [row for row in world.table(FLOWS) if row.account == account and row.id != flow_id]
        fetching = [row.data["actions"] for row in several if any(map(partial(_fetches, flow_id), row.data["actions"]))]
        known["ids"] = {action["id"] for actions in fetching for action in actions}
    return wanted in known["ids"]


def _fetches(flow_id: str, action: Action) -> bool:
    return action["type"] == "fetch_flow" and (action.get("option") or {}).get("flow_id") == flow_id
