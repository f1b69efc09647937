"""Findings in the ways of a flow: where they lead, and where nobody gets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from voipbin_mock.api.flow_actions import CALLS, OTHERS
from voipbin_mock.areas.flows.conditions import DIGITS
from voipbin_mock.areas.flows.differences import CHAIN_ENDS, LIMITS
from voipbin_mock.areas.flows.findings import ERROR, HINT, TRAP, WARNING, Finding, Rule, Subject
from voipbin_mock.areas.flows.graph import END, NOWHERE, UNKNOWN, Graph, Node, Way
from voipbin_mock.wire.errors import shorten
from voipbin_mock.wire.values import NIL_UUID

MOST_ACTIONS = 100  # of one run
MOST_STEPS = 300  # that a silent caller is followed
MOST_FLOWS = 50  # of a circle
MOST_SAID = 2000  # characters of a prompt
# Their outcome depends on somebody else: what a silent caller meets after them cannot be told.
OPEN = ("ai_talk", "ai_task", "confbridge_join", "conference_join", "connect", "fetch", "fetch_flow", "queue_join")
# Done by the call, and in no time.
AT_ONCE = (
    "answer", "external_media_start", "external_media_stop", "hangup", "mute", "recording_start", "recording_stop",
    "transcribe_start", "transcribe_stop", "transcribe_recording",
)  # fmt: skip
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_KEY = rf"([0-9*#]|star|pound|hash|{'|'.join(_NUMBERS)})"
_SPOKEN = re.compile(rf"\b(?:press|dial) {_KEY}(?!\w)|\b{_KEY} (?:for|to)\b", re.IGNORECASE)
_KEYS = {"star": "*", "pound": "#", "hash": "#", **{word: str(n) for n, word in enumerate(_NUMBERS)}}


def targets(subject: Subject) -> Iterator[Finding]:
    """That are not there."""
    for way in subject.graph:
        if way.target != NOWHERE or way.dead or not (way.member or way.named):
            continue
        node = subject.graph.nodes[way.source]
        if way.named in ("", NIL_UUID):
            message = f"{node.type} names no action for {way.label}, and the flow ends there: a caller is cut off"
            advice = f"name an action in {way.member.partition('/')[0]}"
            default = way.outcome in ("default", "false")
            yield Finding("no-default" if default else "dangling-target", ERROR, way.pointer, message, advice)
        elif way.member:
            message = f'no action has the id "{shorten(way.named)}", and the flow ends there: a caller is cut off'
            yield Finding("dangling-target", ERROR, way.pointer, message, "name the id of an action of this flow")
        else:
            message = f'no action has the id "{shorten(way.named)}", and the flow ends here'
            yield Finding("dangling-target", ERROR, way.pointer, message, "leave next_id out for the next in the list")


def gotos(subject: Subject) -> Iterator[Finding]:
    for node in subject.graph.nodes:
        if node.type != "goto":
            continue
        count = node.option.get("loop_count")
        if count is None or (type(count) is int and count <= 0):
            said = "without loop_count" if count is None else f"with loop_count {count}"
            message = f"a goto {said} never jumps: the next action follows"
            where = f"{node.pointer}/option" + ("" if count is None else "/loop_count")
            yield Finding("goto-never", WARNING, where, message, "say how often it jumps, such as loop_count 3")
        elif type(count) is int:
            severity = TRAP.by(subject.profile)
            message = (
                f"the server loses the last of {count} jumps, so it jumps for ever: the call is cut off when it has"
                f" begun {MOST_ACTIONS + 1} actions"
            )
            advice = "count with a variable and condition_variable, or have another way out"
            yield Finding("goto-forever", severity, f"{node.pointer}/option/loop_count", message, advice)


def unreachable(subject: Subject) -> Iterator[Finding]:
    """Told once for those that stand together."""
    graph = subject.graph
    reached = graph.reached(dead=True)
    missing = [position for position in range(len(graph)) if position not in reached]
    for _, several in groupby(enumerate(missing), lambda pair: pair[1] - pair[0]):
        together = [position for _, position in several]
        first, last = together[0], together[-1]
        named = str(graph.nodes[first]) if first == last else f"actions {first} to {last}"
        pointer = graph.nodes[first].pointer
        yield Finding("unreachable-action", WARNING, pointer, f"no way leads to {named}", "lead to it, or leave it out")


# --- loops -------------------------------------------------------------------------------------------


def endless(subject: Subject) -> Iterator[Finding]:
    """Circles that no outcome leads out of."""
    graph = subject.graph
    reached = graph.reached()
    for circle in circles(graph):
        inside = set(circle)
        ways = [way for position in circle for way in graph.ways[position]]
        if not inside <= reached or any(_leads_out(graph, way, inside) for way in ways):
            continue
        message = f"{_around(graph, circle)} lead round and round: {_cut_off(subject, circle)}"
        node = graph.nodes[min(circle)]
        advice = "give it a way out: a goto with loop_count, or a condition"
        yield Finding("endless-loop", ERROR, node.pointer, message, advice)


def _leads_out(graph: Graph, way: Way, inside: set[int]) -> bool:
    """Whether it may be taken, and is no part of the circle. That a goto never runs out is a finding of its own."""
    passed = way.outcome == "passed" and graph.nodes[way.source].type == "goto"
    return way.target not in inside and (passed or not way.dead)


def _lasts(node: Node) -> bool:
    return node.declared is None or node.type in OPEN or (node.declared.by_call and node.type not in AT_ONCE)


def _cut_off(subject: Subject, circle: Sequence[int]) -> str:
    """When a run that goes round is ended, in words."""
    waits = sum(_lasts(subject.graph.nodes[position]) for position in circle)
    if not waits:
        return "they take no time, and the flow is ended at once"
    _, most, in_all = LIMITS.by(subject.profile)
    per_round, what = (len(circle), "begun {} actions") if in_all else (waits, "waited {} times")
    said = what.format(most + 1 if in_all else most)
    return f"the caller is cut off in round {most // per_round + 1}, when the flow has {said}"


def _around(graph: Graph, circle: Sequence[int]) -> str:
    shown = ", ".join(str(graph.nodes[position].type) for position in circle[:4])
    return f"actions {min(circle)} to {max(circle)} ({shown}{', ...' if len(circle) > 4 else ''})"


def circles(graph: Graph) -> list[list[int]]:
    """The largest sets of actions that all lead to each other (Tarjan), without recursion."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found: list[list[int]] = []
    leads = [[way.target for way in ways if way.target >= 0 and not way.dead] for ways in graph.ways]
    if not any(target <= position for position, several in enumerate(leads) for target in several):
        return []  # every way leads on
    for root in range(len(graph)):
        if root in index:
            continue
        work: list[tuple[int, Iterator[int]]] = [(root, iter(leads[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            position, rest = work[-1]
            target = next(rest, None)
            if target is None:
                work.pop()
                if work:
                    before = work[-1][0]
                    low[before] = min(low[before], low[position])
                if low[position] == index[position]:
                    circle = []
                    while True:
                        each = stack.pop()
                        on_stack.discard(each)
                        circle.append(each)
                        if each == position:
                            break
                    if len(circle) > 1 or position in leads[position]:
                        found.append(sorted(circle))
            elif target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                on_stack.add(target)
                work.append((target, iter(leads[target])))
            elif target in on_stack:
                low[position] = min(low[position], index[target])
    return sorted(found)


def silent(subject: Subject) -> Iterator[Finding]:
    """A caller who presses nothing, followed as far as what happens to them is certain."""
    graph = subject.graph
    seen: dict[tuple[int, tuple[tuple[int, int], ...]], int] = {}
    left: dict[int, int] = {}
    steps: list[int] = []
    position: int | None = 0 if graph.nodes else None
    while position is not None and len(steps) < MOST_STEPS:
        state = (position, tuple(sorted(left.items())))
        if state in seen:
            yield from _told_silent(subject, steps[seen[state] :])
            return
        seen[state] = len(steps)
        steps.append(position)
        position = _goes_on(graph, graph.nodes[position], left)


def _goes_on(graph: Graph, node: Node, left: dict[int, int]) -> int | None:
    """Where it goes on for a silent caller; None if it ends, or nobody can tell."""
    ways = graph.ways[node.position]
    outcome = ""
    if node.type in OPEN:
        return None
    if node.type == "branch":
        if not _by_digits(node):
            return None
        outcome = "" if "" in [way.outcome for way in ways if way.key] else "default"
    elif node.type == "condition_call_digits":
        outcome = "false"
    elif node.type == "digits_receive":
        outcome = "time"
    elif node.type == "goto":
        count = node.option.get("loop_count")
        now = left.setdefault(node.position, count if isinstance(count, int) else 0)
        outcome = "jumped" if now > 0 else "passed"
        left[node.position] = max(now - 1, 0)
    elif len({way.target for way in ways}) > 1:
        return None
    found = [way.target for way in ways if way.outcome == outcome] or [way.target for way in ways[:1]]
    return found[0] if found and found[0] >= 0 else None


def _told_silent(subject: Subject, round_: Sequence[int]) -> Iterator[Finding]:
    """Only if a key would lead out: else it is a loop for everybody."""
    graph, inside = subject.graph, set(round_)
    out = any(_leads_out(graph, way, inside) for position in round_ for way in graph.ways[position])
    if out and any(graph.nodes[position].type == "digits_receive" for position in round_):
        message = (
            f"a caller who presses nothing goes round actions {min(round_)} to {max(round_)}:"
            f" {_cut_off(subject, round_)}"
        )
        advice = "leave the loop after some rounds: a goto with loop_count, then a goodbye and a hangup"
        yield Finding("silent-loop", WARNING, graph.nodes[min(round_)].pointer, message, advice)


# --- what comes before what ------------------------------------------------------------------------------


def digits(subject: Subject) -> Iterator[Finding]:
    """Asked for before they are needed, and not twice."""
    for node, earlier in zip(subject.graph.nodes, _before(subject.graph), strict=True):
        if earlier is None:
            continue
        if node.type == "branch" and _by_digits(node) and not earlier & {ASKED, LASTED}:
            message = "nobody was asked for digits before, so the branch always takes its default"
            advice = "receive digits first, or say which variable"
            yield Finding("no-digits", WARNING, node.pointer, message, advice)
        if node.type == "digits_receive" and ASKED in earlier:
            message = "digits of an earlier digits_receive may be there, and on the server they end this one at once"
            advice = "branch by them first, or set voipbin.call.digits to an empty text"
            yield Finding("stale-digits", TRAP.by(subject.profile), node.pointer, message, advice)


ASKED, LASTED = "asked", "lasted"


def _by_digits(node: Node) -> bool:
    return (node.option.get("variable") or DIGITS) == DIGITS


def _before(graph: Graph) -> list[set[str] | None]:
    """What may have happened before each action; None where nobody gets."""
    known: list[set[str] | None] = [None] * len(graph)
    work = [(0, frozenset[str]())] if graph.nodes else []
    while work:
        position, happened = work.pop()
        have = known[position]
        if have is not None and happened <= have:
            continue
        known[position] = after = set(happened) | (have or set())
        node = graph.nodes[position]
        more = set(after)
        if node.type == "digits_receive":
            more.add(ASKED)
        elif node.type == "branch" and _by_digits(node):
            more -= {ASKED, LASTED}
        elif node.type == "variable_set" and node.option.get("key") == DIGITS:
            more -= {ASKED}
            more.add(LASTED)
        elif _lasts(node) and not node.type.startswith("condition_"):
            more.add(LASTED)  # a key that is pressed meanwhile is kept
        for way in graph.ways[position]:
            if way.target >= 0 and not way.dead:
                work.append((way.target, frozenset(more)))
    return known


def answered(subject: Subject) -> Iterator[Finding]:
    """Which matters for calls that come in."""
    graph = subject.graph
    for position in _straight(graph):
        node = graph.nodes[position]
        if node.type in ("answer", "talk", "connect", "conference_join", "confbridge_join", "queue_join"):
            return
        if node.type in ("digits_receive", "recording_start"):
            message = f"{node.type} before the call is answered"
            advice = "answer first, if calls come in to this flow"
            yield Finding("not-answered", HINT, node.pointer, message, advice)
            return


def _straight(graph: Graph) -> Iterator[int]:
    """From the first action on, as long as there is one way."""
    position, seen = 0 if graph.nodes else END, set[int]()
    while position >= 0 and position not in seen:
        seen.add(position)
        yield position
        places = {way.target for way in graph.ways[position]}
        position = places.pop() if len(places) == 1 else END


def ends(subject: Subject) -> Iterator[Finding]:
    """How a call's flow ends."""
    graph = subject.graph
    if not any(node.declared is not None and node.declared.runs_in == CALLS for node in graph.nodes):
        return
    reached = graph.reached()
    for node in graph.nodes:
        if node.position not in reached or (node.declared is not None and node.declared.last):
            continue
        if any(way.target == END and not way.dead for way in graph.ways[node.position]):
            if node.type in ("connect", "queue_join"):
                message = f"nothing follows this {node.type}: if nobody answers, the caller is hung up on"
                yield Finding("nothing-after", HINT, node.pointer, message, "say what is to follow")
            else:
                message = f"the flow ends after {node.type}, and the call is hung up by that"
                yield Finding(
                    "no-hangup", HINT, node.pointer, message, "end it with a hangup, to show that it is meant"
                )


def prompts(subject: Subject) -> Iterator[Finding]:
    """Keys that a menu names and its branch does not know."""
    graph = subject.graph
    for node in graph.nodes:
        said = node.option.get("text")
        if node.type != "talk" or not isinstance(said, str):
            continue
        words = [a or b for a, b in _SPOKEN.findall(" ".join(said[:MOST_SAID].split()))]
        spoken = [_KEYS.get(word.lower(), word) for word in words]
        branch = _branch_after(graph, node.position) if spoken else None
        if branch is None or any(way.target == UNKNOWN for way in graph.ways[branch]):
            continue
        known = {way.outcome for way in graph.ways[branch] if way.key}
        missing = [key for key in dict.fromkeys(spoken) if key not in known]
        if missing and known:
            message = f"it names {', '.join(missing)}, which the branch (action {branch}) does not know"
            advice = f"the branch knows {', '.join(sorted(known))}"
            yield Finding("prompt-key-unknown", HINT, f"{node.pointer}/option/text", message, advice)


def _branch_after(graph: Graph, position: int) -> int | None:
    """The branch that a menu leads to, straight on."""
    for _ in range(4):
        places = {way.target for way in graph.ways[position] if not way.dead}
        position = places.pop() if len(places) == 1 else END
        if position < 0:
            return None
        if graph.nodes[position].type == "branch":
            return position if _by_digits(graph.nodes[position]) else None
    return None


def classes(subject: Subject) -> Iterator[Finding]:
    """Actions that are skipped where the others run."""
    kinds = {
        node.declared.runs_in
        for node in subject.graph.nodes
        if node.declared is not None and isinstance(node.declared.runs_in, str)
    }
    if not {CALLS, OTHERS} <= kinds:
        return
    for node in subject.graph.nodes:
        if node.declared is not None and node.declared.runs_in == OTHERS:
            message = f"{node.type} is skipped in calls, and other actions of this flow run in calls only"
            yield Finding("skipped-action", WARNING, node.pointer, message, "make two flows of it")


def flows(subject: Subject) -> Iterator[Finding]:
    """Circles of flows that fetch, or follow, each other."""
    graph = subject.graph
    if not graph.id:
        return
    for node in graph.nodes:
        if node.type == "fetch_flow" and _comes_back(subject, str(node.option.get("flow_id") or "")):
            message = "the flow that is fetched fetches this one again, and so on"
            advice = "use a goto, or end the other one"
            yield Finding("flow-loop", WARNING, f"{node.pointer}/option/flow_id", message, advice)
    following, count = subject.on_complete, 0
    while following != NIL_UUID and count < MOST_FLOWS:
        if following == graph.id:
            said = "stops it after five runs" if CHAIN_ENDS.by(subject.profile) else "runs it for ever"
            message = f"the flow follows itself when it is complete; the service {said}"
            yield Finding("flow-loop", WARNING, "/on_complete_flow_id", message, "let the last be followed by none")
            return
        following, count = subject.chain(following), count + 1


def _comes_back(subject: Subject, flow_id: str) -> bool:
    open_, seen = [flow_id], set[str]()
    while open_ and len(seen) < MOST_FLOWS:
        wanted = open_.pop()
        if wanted == subject.graph.id:
            return True
        if wanted in seen:
            continue
        seen.add(wanted)
        for action in subject.fetched(wanted) or ():
            option = action.get("option")
            if action["type"] == "fetch_flow" and isinstance(option, dict):
                open_.append(str(option.get("flow_id") or ""))
    return False


def long(subject: Subject) -> Iterator[Finding]:
    """The fewest actions that any caller goes through."""
    graph = subject.graph
    fewest = {0: 1} if graph.nodes else {}
    open_ = list(fewest)
    for position in open_:
        for way in graph.ways[position]:
            if way.dead:
                continue
            if way.target < 0:
                if (count := fewest[position]) > MOST_ACTIONS:
                    message = f"the shortest way through has {count} actions; the server runs {MOST_ACTIONS + 1}"
                    yield Finding("too-long", HINT, graph.nodes[position].pointer, message, "leave some out")
                return
            if way.target not in fewest:
                fewest[way.target] = fewest[position] + 1
                open_.append(way.target)


def too_many(subject: Subject) -> Iterator[Finding]:
    """What nobody writes is looked at in part."""
    count = len(subject.graph)
    message = f"of {count + subject.cut} actions, the first {count} are looked at, and not how they follow each other"
    yield Finding("too-long", HINT, f"/actions/{count}", message, "make several flows of it")


LOCAL: tuple[Rule, ...] = (targets, gotos, prompts, classes, flows, too_many)  # of a part of a flow
RULES: tuple[Rule, ...] = (
    targets, gotos, unreachable, endless, silent, digits, answered, ends, prompts, classes, flows, long,
)  # fmt: skip
