"""The callers that a flow needs: for each outcome of its actions, the shortest way there, and what is pressed on it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from voipbin_mock.areas.flows.conditions import DIGITS
from voipbin_mock.areas.flows.graph import UNKNOWN, Graph, Node, Way

MOST_STATES = 20_000  # that are looked at
MOST_JUMPS = 9  # of a goto that are followed
KEYS = "9876543210*#"

Outcome = tuple[int, str]  # the position of an action, and what comes of it


class Press(NamedTuple):
    """Keys that are pressed when the caller is at this action. nth: for the how manieth time, from 1."""

    position: int
    keys: str
    nth: int = 1


class Caller(NamedTuple):
    """One way through a flow. takes: its outcomes. needs: what has to be arranged beside, in words. over: whether it
    is followed to an end."""

    positions: tuple[int, ...]
    takes: tuple[Outcome, ...]
    presses: tuple[Press, ...]
    needs: tuple[str, ...]
    over: bool


class _State(NamedTuple):
    """Where a caller is. digits: how many keys are there that nobody has looked at, or `#` for any that end with it.
    silent: whether nothing was pressed when something was asked for: nothing is from then on."""

    position: int
    digits: str = ""
    silent: bool = False
    left: tuple[tuple[int, int], ...] = ()  # jumps of gotos


class _Move(NamedTuple):
    """One way that is taken, and what it needs."""

    way: Way
    after: _State
    keys: str = ""  # what the digits have to be, that were asked for before
    need: str = ""


def callers(graph: Graph, missing: Collection[Outcome] | None = None) -> list[Caller]:
    """Few that take every outcome that can be taken, or these; the longest ways first. An action that no outcome
    leads to is on the way of some."""
    if not graph.nodes:
        return []
    before = _explored(graph, _State(0))
    first: dict[Outcome, tuple[_State, _Move]] = {}
    for reached in filter(None, before.values()):
        state, move = reached
        first.setdefault((move.way.source, move.way.outcome), (state, move))
    ends = _ends(graph, before)
    first |= {outcome: found for outcome, found in ends.items() if outcome not in first}
    wanted = set(graph.outcomes()) if missing is None else set(missing)
    if not graph.outcomes() and missing is None:
        return [_caller(graph, _to_an_end(graph, _State(0)))]
    found: list[Caller] = []
    depth = {outcome: len(_moves_to(before, *first[outcome])) for outcome in wanted if outcome in first}
    for outcome in sorted(depth, key=lambda each: (-depth[each], each)):
        if outcome in wanted:
            moves = _moves_to(before, *first[outcome])
            caller = _caller(graph, [*moves, *_to_an_end(graph, moves[-1].after)])
            found.append(caller)
            wanted -= set(caller.takes)
    return _few(found)


def _few(several: list[Caller]) -> list[Caller]:
    """Without those all of whose outcomes others take, too."""
    kept = list(several)
    for each in several:
        others = {outcome for other in kept if other is not each for outcome in other.takes}
        if len(kept) > 1 and others >= set(each.takes):
            kept.remove(each)
    return kept


Reached = tuple[_State, _Move] | None


def _explored(graph: Graph, start: _State, stop: Callable[[_Move], bool] = lambda move: False) -> dict[_State, Reached]:
    """Every state that there is from here, nearest first, with what led to it."""
    before: dict[_State, Reached] = {start: None}
    open_ = [start]
    for state in open_:
        if len(before) > MOST_STATES:
            break
        for move in _moves(graph, state):
            if move.after not in before:
                before[move.after] = (state, move)
                if stop(move):
                    return before
                if move.after.position >= 0:
                    open_.append(move.after)
    return before


def _ends(graph: Graph, before: Mapping[_State, Reached]) -> dict[Outcome, tuple[_State, _Move]]:
    """Outcomes that another one had led to the same state before."""
    found: dict[Outcome, tuple[_State, _Move]] = {}
    for state in before:
        for move in _moves(graph, state) if state.position >= 0 else ():
            found.setdefault((move.way.source, move.way.outcome), (state, move))
    return found


def _moves_to(before: Mapping[_State, Reached], state: _State, move: _Move) -> list[_Move]:
    moves = [move]
    while (reached := before[state]) is not None:
        state, earlier = reached
        moves.append(earlier)
    return moves[::-1]


def _to_an_end(graph: Graph, start: _State) -> list[_Move]:
    """The shortest way on to an end; none if there is none."""
    if start.position < 0:
        return []
    before = _explored(graph, start, lambda move: move.after.position < 0)
    last = next((reached for state, reached in before.items() if state.position < 0 and reached is not None), None)
    return [] if last is None else _moves_to(before, *last)


# --- one step ------------------------------------------------------------------------------------------


def _moves(graph: Graph, state: _State) -> Iterator[_Move]:
    node = graph.nodes[state.position]
    ways = [way for way in graph.ways[state.position] if not way.dead and way.target != UNKNOWN]
    rule = _RULES.get(node.type)
    if rule is not None and not (node.type == "branch" and (node.option.get("variable") or DIGITS) != DIGITS):
        yield from (move for way in ways for move in rule(graph, node, way, state))
        return
    open_ = len({way.target for way in ways}) > 1 or len(ways) > 1
    for way in ways:
        need = f"{node.type} (action {node.position}) comes to {way.label}" if open_ and way.outcome else ""
        yield _Move(way, state._replace(position=way.target), need=need)


def _receive(graph: Graph, node: Node, way: Way, state: _State) -> Iterator[_Move]:
    if way.outcome == "time":
        # Keys that nobody has looked at are forgotten when the next ones are asked for (documents).
        yield _Move(way, state._replace(position=way.target, silent=True, digits=""))
    elif not state.silent and not state.digits:
        length, key = node.option.get("length"), node.option.get("key")
        many = length if type(length) is int and 0 < length <= 50 else 1
        digits = str(key)[0] if way.outcome == "key" and key else "." * many
        yield _Move(way, state._replace(position=way.target, digits=digits))


def _branch(graph: Graph, node: Node, way: Way, state: _State) -> Iterator[_Move]:
    known = [each.outcome for each in graph.ways[node.position] if each.key]
    after = state._replace(position=way.target, digits="")
    if way.key:
        if _fits(state.digits, way.outcome):
            yield _Move(way, after, keys=way.outcome)
    elif not state.digits:
        if "" not in known:
            yield _Move(way, after)
    elif (other := _other(state.digits, known)) is not None:
        yield _Move(way, after, keys=other)


def _fits(digits: str, key: str) -> bool:
    """Whether digits of this kind may be these."""
    if digits.startswith(".") or not digits:
        return len(key) == len(digits)
    return key.endswith(digits) and key.count(digits) == 1


def _other(digits: str, known: Collection[str]) -> str | None:
    """Digits of this kind that are none of the known ones."""
    length = len(digits) if digits.startswith(".") else 2
    several = (key * length if digits.startswith(".") else key + digits for key in KEYS if key != digits)
    return next((each for each in several if each not in known), None)


def _digits(graph: Graph, node: Node, way: Way, state: _State) -> Iterator[_Move]:
    length = node.option.get("length")
    enough = state.digits.startswith(".") and type(length) is int and 0 < length <= len(state.digits)
    if (way.outcome == "true") == (enough or (bool(state.digits) and state.digits == node.option.get("key"))):
        yield _Move(way, state._replace(position=way.target))


def _goto(graph: Graph, node: Node, way: Way, state: _State) -> Iterator[_Move]:
    left = dict(state.left)
    now = left.get(node.position, node.option.get("loop_count") or 0)
    jumps = way.outcome == "jumped"
    if jumps == (now > 0) and (not jumps or len(left) <= MOST_JUMPS):
        after = tuple(sorted({**left, node.position: now - 1}.items())) if jumps else state.left
        yield _Move(way, state._replace(position=way.target, left=after))


_RULES: Mapping[str, Callable[[Graph, Node, Way, _State], Iterator[_Move]]] = {
    "branch": _branch,
    "condition_call_digits": _digits,
    "digits_receive": _receive,
    "goto": _goto,
}


# --- what it is to a caller ------------------------------------------------------------------------------


def _caller(graph: Graph, moves: list[_Move]) -> Caller:
    asked: tuple[int, int] | None = None  # where digits were asked for that nobody has looked at, and how often by then
    presses: list[Press] = []
    visits: dict[int, int] = {}
    chosen = set(graph.outcomes())
    for move in moves:
        source = move.way.source
        visits[source] = visits.get(source, 0) + 1
        if graph.nodes[source].type == "digits_receive" and move.way.outcome != "time":
            kind = move.after.digits
            presses.append(Press(source, _other(kind, ()) or "1", visits[source]))
            asked = source, len(presses) - 1
        elif move.keys and asked is not None:
            presses[asked[1]] = presses[asked[1]]._replace(keys=move.keys)
            asked = None
    return Caller(
        tuple(move.way.source for move in moves),
        tuple(dict.fromkeys(each for move in moves if (each := (move.way.source, move.way.outcome)) in chosen)),
        tuple(presses),
        tuple(dict.fromkeys(move.need for move in moves if move.need)),
        bool(moves) and moves[-1].after.position < 0,
    )
