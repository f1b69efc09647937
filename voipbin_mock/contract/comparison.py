"""The same cases asked of two targets, and where their answers differ.

Ids, timestamps and values that a case keeps are compared by the part they play: the id of the record
that step 1 made is the same on both sides, whatever it is.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from voipbin_mock.contract.answers import json_of, nothing
from voipbin_mock.contract.case import READS, Case, Step
from voipbin_mock.contract.filling import names_in
from voipbin_mock.contract.pointers import at
from voipbin_mock.contract.points import DOCUMENTED, SERVER, Orders, is_order, order, orders_of, points_of
from voipbin_mock.contract.promises import show
from voipbin_mock.contract.report import Row, junit_of, to_json
from voipbin_mock.contract.runner import AUTO, FAILED, PASSED, SKIPPED, Allowed, Asked, Result, Runner
from voipbin_mock.contract.targets import Target
from voipbin_mock.schema.members import ADDRESS_KEYS
from voipbin_mock.wire.errors import join_pointer
from voipbin_mock.wire.matching import MISSING
from voipbin_mock.wire.redaction import is_secret
from voipbin_mock.wire.stamps import parse_stamp
from voipbin_mock.wire.values import NIL_UUID, parse_uuid, printable
from voipbin_mock.world.profiles import NEVER

# Members that are each target's own: only whether they are there is compared.
_OWN = frozenset({"message", "request_id", "token_prefix", "direct_hash", "details", "uri_download"})
_INDEX = re.compile(r"/\d+(?=/|$)")
SHORTEST_UNIQUE = 6
OMITTED = "omitted-members"  # the point of members that one of the profiles leaves out
# Members that the profiles write otherwise wherever they are shown: the resource, the member -> the point.
_WRITTEN_OTHERWISE = {
    ("aimessages", "direction"): "aimessage-direction",
    ("ais", "vad_config"): "ai-vad",
    ("ais", "smart_turn_enabled"): "ai-vad",
    ("customers", "status"): "ACC2",
    ("customers", "email_verified"): "ACC2",
    ("extensions", "domain_name"): "extension-domain",
    ("outbound_configs", "next_page_token"): "outbound-list",
}
_NEVER = NEVER[:10]  # it is written in the form of the stamps beside it


class Disagreement(NamedTuple):
    """One place where two answers differ."""

    case: str
    step: int
    request: str
    pointer: str  # JSON pointer into the body, "status", or the name of a header
    first: str
    second: str
    point: str  # the point of difference that explains it; "" if none does


@dataclass
class Comparison:
    """What two targets answered differently."""

    first: str
    second: str
    differences: list[Disagreement] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)  # case -> why
    left_behind: list[str] = field(default_factory=list)
    points: Mapping[str, str] = field(default_factory=dict)  # what each point is about
    seconds: dict[str, float] = field(default_factory=dict)  # case -> how long both took
    interrupted: bool = False
    refused: list[str] = field(default_factory=list)  # cases whose file cannot be used, and why

    def about(self, point: str) -> str:
        return self.points.get(point, "")

    @property
    def same(self) -> bool:
        return not self.differences

    @property
    def ok(self) -> bool:
        """They answered the same, they were asked, and nothing is left behind."""
        clean = self.same and not self.left_behind and not self.refused and not self.interrupted
        return clean and self.checked > 0

    @property
    def checked(self) -> int:
        """How many cases both were asked."""
        return len(self.cases) - len(self.left_out)

    @property
    def unexplained(self) -> list[Disagreement]:
        return [difference for difference in self.differences if not difference.point]


class Comparing:
    """Two targets side by side. After an interrupt, `found` is what came of it until then."""

    def __init__(self, first: Target, second: Target, allowed: Iterable[Allowed | None] = (None, None)) -> None:
        self.targets = (first, second)
        limits = zip(self.targets, allowed, strict=True)
        self.runners = [Runner(target, AUTO, judge=False, allowed=may) for target, may in limits]
        self.found = Comparison(first.name, second.name, points=points_of(self.runners[0].catalog))
        self.orders = orders_of(self.runners[0].catalog)
        _share_unique(first, second)

    def run(self, cases: Iterable[Case], told: Callable[[Result], None] = lambda result: None) -> Comparison:
        """Ask both. Raises TargetError."""
        for target in self.targets:
            target.log_in()
        try:
            for case in cases:
                self._case(case, told)
        except KeyboardInterrupt:
            self.found.interrupted = True
            self.found.left_behind = [left for runner in self.runners for left in runner.left_behind]
            raise
        return self.found

    def _case(self, case: Case, told: Callable[[Result], None]) -> None:
        found = self.found
        found.cases.append(case.name)
        forbidden = next(filter(None, (runner.forbidden(case) for runner in self.runners)), "")
        if forbidden:  # to one of them, so it would only show that
            found.left_out[case.name] = forbidden
            return
        began = time.perf_counter()
        results = [runner.case(case) for runner in self.runners]
        found.seconds[case.name] = time.perf_counter() - began
        for result in results:
            told(result)
            found.left_behind += result.left_behind
        uniques = [target.values.get("unique") for target in self.targets]
        found.differences += _between(case, results[0], results[1], uniques, self.orders)
        skipped = [(t.name, r) for t, r in zip(self.targets, results, strict=True) if r.outcome == SKIPPED]
        if skipped:  # one side cannot be asked it all, so that is no difference between the two
            name, result = skipped[0]
            found.left_out[case.name] = result.why if len(skipped) == 2 else result.why.replace("the target", name)


def compare(
    first: Target,
    second: Target,
    cases: Iterable[Case],
    *,
    allowed: Iterable[Allowed | None] = (None, None),
    told: Callable[[Result], None] = lambda result: None,
) -> Comparison:
    """Ask both, and put the answers side by side. Raises TargetError."""
    return Comparing(first, second, allowed).run(cases, told)


def _share_unique(first: Target, second: Target) -> None:
    """What makes names unique is the same for both where one of them has nothing that could be found in a text."""
    uniques = [str(target.values.get("unique", "")) for target in (first, second)]
    if min(map(len, uniques)) < SHORTEST_UNIQUE:
        for target in (first, second):
            target.values["unique"] = max(uniques, key=len)


# --- two answers -----------------------------------------------------------------------------------


class _Roles:
    """What ids, moments and kept values stand for in one side's answers to a case."""

    def __init__(self, unique: Any = None) -> None:
        self.known: dict[str, dict[str, None]] = {}  # several, if it came at several places at once
        self.unique = unique if isinstance(unique, str) and len(unique) >= SHORTEST_UNIQUE else None

    def plain(self, text: str) -> str:
        """The text with what is unique to this side as it is written in a case."""
        return text if self.unique is None else text.replace(self.unique, "${unique}")

    def learn(self, asked: Asked) -> None:
        self._walk(json_of(asked.answer), f"step {asked.step.number}", "")

    def _walk(self, value: Any, where: str, pointer: str) -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                # A list's rows may be anybody's, and its token depends on them: what a case makes is seen alone first.
                if name not in ("result", "next_page_token"):
                    self._walk(item, where, join_pointer(pointer, name))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                self._walk(item, where, join_pointer(pointer, index))
        elif isinstance(value, str):
            key = _key(value)
            if key is not None:
                self._add(key, where, f"{where} {pointer}")

    def keep(self, name: str, value: Any) -> None:
        if isinstance(value, str) and value:
            self._add(_key(value) or value, "${", f"${{{name}}}")

    def _add(self, key: str, where: str, part: str) -> None:
        if next(iter(self.known.get(key, ())), where).startswith(where):
            self.known.setdefault(key, {})[part] = None

    def all_of(self, value: Any) -> Mapping[str, None]:
        return self.known.get(_key(value) or value, {}) if isinstance(value, str) else {}

    def of(self, value: Any) -> str | None:
        return next(iter(self.all_of(value)), None)


def _key(value: str) -> str | None:
    """Ids as they are, moments whatever their form."""
    if value == NIL_UUID or value.startswith(_NEVER):
        return None
    if parse_uuid(value) == value:
        return value
    moment = _moment(value)
    return None if moment is None else f"@{moment}"


def _moment(value: Any) -> int | None:
    if not isinstance(value, str) or len(value) < 19 or value.startswith(_NEVER):
        return None
    try:
        return parse_stamp(value)
    except ValueError:
        return None


def _between(
    case: Case, first: Result, second: Result, uniques: Iterable[Any], orders: Orders
) -> Iterator[Disagreement]:
    one_unique, other_unique = uniques
    roles = (_Roles(one_unique), _Roles(other_unique))
    anybodys: set[str] = set()  # values kept from a list, whose rows may be anybody's
    for one, other in zip(first.asked, second.asked, strict=False):
        named = {*names_in(one.step.path), *names_in(one.step.query)}
        if anybodys & named and one.answer.status == other.answer.status:
            continue
        anybodys |= {name for name, pointer in one.step.keep.items() if _is_anybodys(case, one.step, pointer)}
        for side, asked in zip(roles, (one, other), strict=True):
            side.learn(asked)
            for name, pointer in asked.step.keep.items():
                if name in anybodys and pointer.endswith("/id"):
                    continue
                side.keep(name, at(json_of(asked.answer), pointer))
        for pointer, left, right, point in _Pair(roles, orders).answers(one, other):
            known = point if point != OMITTED else ""
            point = known or _named(one, pointer) or point or case.point
            yield Disagreement(case.name, one.step.number, one.line, pointer, left, right, point)
    if len(first.asked) != len(second.asked) and SKIPPED not in (first.outcome, second.outcome):
        longer = max(first.asked, second.asked, key=len)[min(len(first.asked), len(second.asked))]
        sides = [longer.line if longer in asked else "not asked" for asked in (first.asked, second.asked)]
        why = first.why or second.why
        yield Disagreement(case.name, longer.step.number, longer.line, "", sides[0], f"{sides[1]} ({why})", case.point)


def _is_anybodys(case: Case, step: Step, pointer: str) -> bool:
    """Whether what stands there depends on records that no step of the case made."""
    listed = step.method == "GET" and pointer.startswith("/result/")
    return listed or (case.effect == READS and pointer == "/next_page_token")


def _named(asked: Asked, pointer: str) -> str:
    """The point that the case itself names for a difference there."""
    word = {"status": "status", "/error/reason": "reason", "": "shape"}.get(pointer)
    for entry in asked.step.differs:
        bodies = [entry[name].get("body", {}) for name in (DOCUMENTED, SERVER)]
        if word == "shape" and len({type(body) for body in bodies}) > 1:  # an array, and a page
            return str(entry["point"])
        if word is not None:
            if any(word in entry[name] for name in (DOCUMENTED, SERVER)):
                return str(entry["point"])
        elif any(isinstance(body, dict) and pointer.split("/")[1:2] == [name] for body in bodies for name in body):
            return str(entry["point"])
    resource = "" if asked.operation is None or asked.operation.resource is None else asked.operation.resource.name
    return _WRITTEN_OTHERWISE.get((resource, pointer.rpartition("/")[2]), "")


Found = tuple[str, str, str, str]  # pointer, first, second, point


class _Pair:
    def __init__(self, roles: tuple[_Roles, _Roles], orders: Orders) -> None:
        self.roles, self.orders = roles, orders

    def answers(self, one: Asked, other: Asked) -> Iterator[Found]:
        first, second = one.answer, other.answer
        values = json_of(first), json_of(second)
        if first.status != second.status:
            texts = [_status(answer.status, value) for answer, value in zip((first, second), values, strict=True)]
            yield "status", texts[0], texts[1], ""
            return
        kinds = first.header("content-type"), second.header("content-type")
        if kinds[0] != kinds[1]:
            yield "Content-Type", str(kinds[0]), str(kinds[1]), "undecodable-type" if first.status == 400 else ""
        if one.step.expect.get("shape") is False:
            return  # the case makes no promise of its form
        if values[0] is nothing() or values[1] is nothing():
            if first.body != second.body:
                yield "", show(first.body.decode("utf-8", "replace")), show(second.body.decode("utf-8", "replace")), ""
            return
        yield from self.values(values[0], values[1], "", "")

    def values(self, a: Any, b: Any, pointer: str, name: str) -> Iterator[Found]:
        if name in _OWN or is_secret(name):
            if (a is MISSING) != (b is MISSING) and name != "details":
                yield pointer, show(a), show(b), OMITTED
            return
        if isinstance(a, dict) and isinstance(b, dict):
            yield from self.objects(a, b, pointer)
        elif isinstance(a, list) and isinstance(b, list):
            yield from self.lists(a, b, pointer, name)
        elif isinstance(a, str) and isinstance(b, str):
            yield from self.texts(a, b, pointer, name)
        elif type(a) is not type(b) or a != b:
            yield pointer, show(a), show(b), _explained(a, b, pointer, name)

    def texts(self, a: str, b: str, pointer: str, name: str) -> Iterator[Found]:
        if a == b or self.roles[0].plain(a) == self.roles[1].plain(b):
            return
        moments = _moment(a), _moment(b)
        if None not in moments:
            if _form(a) != _form(b):
                yield pointer, show(a), show(b), "D1"
            parts = self.roles[0].of(a), self.roles[1].of(b)
            alike = parts == (None, None) or self.roles[0].all_of(a).keys() & self.roles[1].all_of(b).keys()
            if not alike and moments[0] != moments[1] and name != "next_page_token":
                yield pointer, f"{a} ({parts[0]})", f"{b} ({parts[1]})", "D3" if name == "tm_update" else ""
            return
        parts = self.roles[0].of(a), self.roles[1].of(b)
        if parts[0] is None or parts[0] != parts[1]:
            yield pointer, show(a), show(b), _explained(a, b, pointer, name)

    def objects(self, a: Mapping[str, Any], b: Mapping[str, Any], pointer: str) -> Iterator[Found]:
        if not a and not b:
            return
        both = [name for name in a if name in b]
        if both != [name for name in b if name in a]:
            yield pointer, f"members in the order {', '.join(a)}", ", ".join(b), self._order(a, b)
        is_address = a.keys() | b.keys() <= set(ADDRESS_KEYS)
        for name in dict.fromkeys([*a, *b]):
            left, right = a.get(name, MISSING), b.get(name, MISSING)
            where = join_pointer(pointer, name)
            if is_address and MISSING in (left, right) and "" in (left, right):
                yield where, show(left), show(right), "D4"
            elif left is MISSING or right is MISSING:
                yield from self.values(left, right, where, name)
            else:
                yield from self.values(left, right, where, name)

    def _order(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> str:
        """The point that two orders are about, if they are those that are declared."""
        pairs = [pair for both in self.orders for pair in (both, both[::-1])]
        known = any(is_order(list(a), one) and is_order(list(b), other) for one, other in pairs)
        return "member-order" if known else ""

    def lists(self, a: list[Any], b: list[Any], pointer: str, name: str) -> Iterator[Found]:
        if name != "result" or not all(isinstance(item, dict) and "id" in item for item in [*a, *b]):
            if len(a) != len(b) and name != "result":
                yield pointer, f"{len(a)} items", f"{len(b)} items", ""
            for index, (left, right) in enumerate(zip(a, b, strict=False)):
                where = join_pointer(pointer, index)
                if name != "result":
                    yield from self.values(left, right, where, "")
                elif list(left) != list(right):  # what is on offer is anybody's guess
                    yield where, f"the members {', '.join(left)}", ", ".join(right), ""
            return
        rows = {self.roles[0].of(row["id"]) or row["id"]: row for row in a}
        others = {self.roles[1].of(row["id"]) or row["id"]: row for row in b}
        for index, part in enumerate(dict.fromkeys([*rows, *others])):
            where = join_pointer(pointer, index)
            left, right = rows.get(part, MISSING), others.get(part, MISSING)
            if left is not MISSING and right is not MISSING:
                yield from self.values(left, right, where, "")
            elif _moment((right if left is MISSING else left).get("tm_delete")) is not None:
                yield where, _row(left, "deleted, and listed"), _row(right, "deleted, and listed"), "D7"
            elif _is_role(part):  # made in this case, so it should be known to both
                yield where, _row(left, f"the record of {part}"), _row(right, f"the record of {part}"), ""
        common = [part for part in rows if part in others and _is_role(part)]
        if common != [part for part in others if part in rows and _is_role(part)]:
            yield pointer, f"rows in the order {', '.join(common)}", "another order", ""


def _is_role(part: str) -> bool:
    """Whether a record was met in this case before; else it is anybody's."""
    return " " in part or part.startswith("$")


def _row(row: Any, shown: str) -> str:
    return "not listed" if row is MISSING else shown


def _status(status: int, value: Any) -> str:
    inside = value.get("error") if isinstance(value, dict) else None
    return f"{status} {inside['reason']}" if isinstance(inside, dict) and "reason" in inside else str(status)


def _form(stamp: str) -> str:
    return DOCUMENTED if " " in stamp else SERVER


def _explained(a: Any, b: Any, pointer: str, name: str) -> str:
    """The point that two different values are about, by what they are."""
    one, other = (a, b) if _moment(a) is None else (b, a)
    if name.startswith("tm_") or name == "next_page_token":
        if _is_never(one) and _is_never(other):
            return "D2"
        if _is_never(one) and _moment(other) is not None:
            return {"tm_update": "D3", "tm_renew": "D24"}.get(name, "")
        if "/actions/" in pointer and MISSING in (a, b):
            return "actions"
    if {type(a), type(b)} == {type(None), dict} and name.startswith("destination_") and not (a or b):
        return "D5"
    if "/actions/" in pointer and MISSING in (a, b):
        return "actions"
    if MISSING in (a, b) and any(value in (None, "", 0, [], {}, NIL_UUID) for value in (a, b)):
        return OMITTED
    return ""


def _is_never(value: Any) -> bool:
    return value in (MISSING, None, "") or (isinstance(value, str) and value.startswith(_NEVER))


# --- showing it ------------------------------------------------------------------------------------


def render(found: Comparison, form: str, every: bool = False) -> str:
    if form == "json":
        return to_json(_as_dict(found))
    if form == "junit":
        return junit_of(f"voipbin-mock contract compare ({found.first}, {found.second})", _rows(found))
    return "\n".join(_text(found, every)) + "\n"


def _as_dict(found: Comparison) -> dict[str, Any]:
    return {
        "format": "voipbin-contract-comparison",
        "version": 1,
        "first": found.first,
        "second": found.second,
        "same": found.same,
        "cases": len(found.cases),
        "left_out": found.left_out,
        "left_behind": found.left_behind,
        "interrupted": found.interrupted,
        "refused": found.refused,
        "differences": [{**d._asdict(), "about": found.about(d.point)} for d in found.differences],
    }


def _rows(found: Comparison) -> Iterator[Row]:
    told: dict[str, list[str]] = defaultdict(list)
    for difference in found.differences:
        told[difference.case].append(_line(difference, found))
    for case in found.cases:
        outcome = FAILED if told[case] else SKIPPED if case in found.left_out else PASSED
        yield Row(case, outcome, found.left_out.get(case, ""), told[case], found.seconds.get(case, 0.0))
    left = [*(f"LEFT BEHIND: {left}" for left in found.left_behind), *(f"REFUSED: {why}" for why in found.refused)]
    if left:
        yield Row("comparison/left-behind", FAILED, "", left)


def _line(difference: Disagreement, found: Comparison) -> str:
    sides = f"{found.first}: {difference.first} | {found.second}: {difference.second}"
    return printable(f"step {difference.step} {difference.request}: {difference.pointer or '(body)'}: {sides}")


def _text(found: Comparison, every: bool) -> Iterator[str]:
    grouped: dict[str, list[Disagreement]] = {}
    for difference in found.differences:
        grouped.setdefault(difference.point, []).append(difference)
    width = max(len(found.first), len(found.second)) + 1
    for point in sorted(grouped, key=order):
        members = grouped[point]
        about = f"{point} ({found.about(point)})" if point else "Not explained by the profiles"
        yield f"{about}: {len(members)} differences"
        shown: set[tuple[str, str]] = set()
        for difference in members:
            kind = (_INDEX.sub("/*", difference.pointer), "" if point else difference.case)
            if kind in shown and not every and point:
                continue
            shown.add(kind)
            where = f"{difference.case}, step {difference.step}: {difference.request}"
            yield f"  {difference.pointer or '(body)'}  in {printable(where)}"
            yield f"    {found.first + ':':{width}} {printable(difference.first)}"
            yield f"    {found.second + ':':{width}} {printable(difference.second)}"
    for why in sorted(set(found.left_out.values())):
        count = list(found.left_out.values()).count(why)
        yield f"left out: {count} ({why})"
    for left in found.left_behind:
        yield f"LEFT BEHIND: {printable(left)}"
    for why in found.refused:
        yield f"REFUSED {printable(why)}"
    if found.interrupted:
        yield "interrupted: only the first cases were asked"
    verdict = "no difference" if found.same else f"{len(found.differences)} differences at {len(grouped)} points"
    yield f"{found.first} and {found.second}: {found.checked} cases, {verdict}"
