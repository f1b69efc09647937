"""The house: which module may import which, and what none of them may do."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from tests.support import floors
from tests.support.floors import (
    AREAS,
    BEHIND_THE_DOOR,
    DOOR,
    FLOORS,
    KNOWN_TO_ALL,
    MODULES,
    PAGE,
    area,
    circles,
    floor,
    fresh_page,
    imports,
    lines,
    picture,
    room,
    rooms_used,
    tree,
    used,
)

# Distribution -> the modules that may import it at all, and at their top level.
THIRD_PARTY = {
    "flask": ({"edge.app"}, {"edge.app"}),
    "werkzeug": (
        {"edge.app", "edge.environ", "edge.routes", "interception.clients", "wire.apps", "areas.storage.uploads"},
        {"edge.app", "edge.routes", "interception.clients"},
    ),
    "waitress": (
        {"server.request_parser", "server.live", "server.workers"},
        {"server.request_parser", "server.live", "server.workers"},
    ),
    "pytest": ({"pytest_plugin", "pytest_coverage"}, {"pytest_plugin", "pytest_coverage"}),
    "jsonschema": ({"schema.documents", "schema.parts"}, set()),
    "referencing": ({"schema.documents", "schema.parts"}, set()),
    "jwt": ({"areas.accounts.auth"}, set()),
    # A door imports its library where that is loaded already: inside what stands in a class of it.
    "httpx": ({"interception.clients", "interception.httpx"}, set()),
    "requests": ({"interception.clients", "interception.requests"}, set()),
    "urllib3": ({"interception.clients", "interception.urllib3"}, set()),
    "aiohttp": ({"interception.aiohttp"}, set()),
    "redis": ({"replication.redis_link"}, {"replication.redis_link"}),
    "simple_websocket": ({"delivery.websockets"}, set()),
    "wsproto": ({"delivery.websockets"}, set()),
}
TYPING_ONLY = {"_typeshed"}
MOST_LINES = 500


def names_in(module: str, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree(module)) if isinstance(node, kinds))


RULES: list[Callable[[str], None]] = []  # every one is held against every module


def every_module(check: Callable[[str], None]) -> Callable[[str], None]:
    RULES.append(check)
    return check


def test_every_module_keeps_the_rules_of_the_house() -> None:
    """All rules in one test: to read all modules takes longer than to look at them, and they are too large to keep."""
    failed = {}
    for module in sorted(MODULES):
        for rule in RULES:
            try:
                rule(module)
            except AssertionError as error:
                failed[f"{rule.__name__}: {module}"] = str(error)
        changed(module), containers(module)
    assert not failed, "\n".join(f"{rule}: {why}" for rule, why in failed.items())
    no_module_keeps_state()


def test_every_room_has_its_floor_and_every_floor_its_rooms() -> None:
    assert sorted([*(name for rooms in FLOORS for name in rooms), DOOR]) == sorted({room(module) for module in MODULES})
    assert sorted(name for rooms in AREAS for name in rooms) == sorted({area(module) for module in MODULES} - {""})


@every_module
def no_import_points_upward_or_sideways(module: str) -> None:
    if module == DOOR:
        assert used(module) <= BEHIND_THE_DOOR
        return
    for target in used(module):
        if room(target) != room(module):
            assert target != DOOR
            assert floor(room(target)) < floor(room(module)), f"imports {target}"


@every_module
def areas_import_those_below_them(module: str) -> None:
    for target in used(module):
        if area(module) and area(target) and area(target) != area(module):
            assert floor(area(target), AREAS) < floor(area(module), AREAS), f"imports {target}"


def test_there_is_no_circle_of_modules() -> None:
    found = circles({module: used(module) - {DOOR} for module in MODULES})
    assert not found


def test_there_is_no_circle_of_rooms() -> None:
    assert not circles(rooms_used())


def test_a_circle_is_found_where_there_is_one() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [{"a", "b", "c"}]
    assert not circles({"a": {"b", "c"}, "b": {"c"}, "c": set()})


@every_module
def annotations_look_up_to_the_world_at_most(module: str) -> None:
    if module == DOOR:
        return
    for target in used(module, typing=True) - KNOWN_TO_ALL:
        if room(target) != room(module):
            assert floor(room(target)) < floor(room(module)), f"names {target}"


def test_lint_needs_no_world_to_be_imported() -> None:
    assert "world.world" not in used("api.lint")


@every_module
def other_peoples_packages_are_imported_where_they_belong(module: str) -> None:
    for target, line, lazy, typing in imports(module):
        head = target.partition(".")[0]
        if head == "voipbin_mock" or head in sys.stdlib_module_names:
            continue
        if typing:
            assert head in TYPING_ONLY | THIRD_PARTY.keys(), f"{module}, line {line}: {head}"
            continue
        anywhere, at_the_top = THIRD_PARTY.get(head, (set(), set()))
        assert module in (anywhere if lazy else at_the_top), f"{module}, line {line}: {head}"


def test_the_server_knows_nothing_of_the_mock() -> None:
    assert not {target for module in MODULES if room(module) == "server" for target in used(module)} - {
        "_seconds", "server", "server.request_parser", "server.workers"
    }  # fmt: skip


@every_module
def relative_paths_to_data_are_known_to_one_module(module: str) -> None:
    uses = [node for node in names_in(module, ast.Name) if node.id == "__file__"]  # type: ignore[attr-defined]
    if module == f"areas.{area(module)}.area":  # but for the contract cases, which lie with their area
        beside = [ast.unparse(node) for node in names_in(module, ast.BinOp)]
        assert len(uses) == beside.count("Path(__file__).parent / 'cases'") == 1
        return
    assert not uses or module == "schema.files"


# --- time, chance and state ---------------------------------------------------------------------

CLOCKS = {
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "datetime.now", "datetime.utcnow",
    "datetime.today", "date.today", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today",
}  # fmt: skip
# A generator with a seed of its own is deterministic; the module's shared one, and the system's, are not.
CHANCE = {"os.urandom", "random.SystemRandom"} | {
    f"random.{name}"
    for name in ("random", "randint", "randrange", "choice", "choices", "shuffle", "sample", "seed", "randbytes")
}
SOURCES_OF_CHANCE = {"uuid", "secrets"}


@every_module
def time_and_identity_come_from_the_clock_module(module: str) -> None:
    if module in ("world.clock", "world.ids"):
        return
    named = {ast.unparse(node) for node in names_in(module, ast.Attribute)}
    targets = {i.target for i in imports(module)}
    assert not named & (CLOCKS | CHANCE)
    assert not targets & (CLOCKS | CHANCE)
    assert not {target.partition(".")[0] for target in targets} & SOURCES_OF_CHANCE


@every_module
def a_random_generator_has_a_seed(module: str) -> None:
    for call in names_in(module, ast.Call):
        if ast.unparse(call.func) in ("random.Random", "Random"):  # type: ignore[attr-defined]
            assert call.args, f"{module}, line {call.lineno}"  # type: ignore[attr-defined]


@every_module
def nobody_sleeps(module: str) -> None:
    assert "time.sleep" not in {ast.unparse(node) for node in names_in(module, ast.Attribute)}


CONTAINERS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
MAKERS = {"dict", "list", "set", "deque", "defaultdict", "OrderedDict", "Counter", "bytearray"}
CHANGERS = {
    "append", "extend", "insert", "remove", "pop", "popitem", "clear", "update", "setdefault", "add", "discard",
    "sort", "reverse", "appendleft", "popleft", "extendleft", "__setitem__", "__delitem__",
    "difference_update", "intersection_update", "symmetric_difference_update",
}  # fmt: skip


@cache
def containers(module: str) -> set[str]:
    """Names bound to a mutable container at a module's top level."""
    found: set[str] = set()
    for statement in tree(module).body:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            continue
        made = isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] in MAKERS
        if isinstance(value, CONTAINERS) or made:
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


@cache
def changed(module: str) -> set[str]:
    """Last names of everything that a module changes in place: `STOCK` for `numbers.STOCK["US"] = ...`."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGERS:
            found.add(_last_name(node.func.value))
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
            found.add(_last_name(node.value))
        elif isinstance(node, ast.AugAssign):
            found.add(_last_name(node.target))
        elif isinstance(node, ast.Global):
            found.update(node.names)
    return found


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def no_module_keeps_state() -> None:
    everywhere = set().union(*(changed(module) for module in MODULES))
    kept = {f"{module}.{name}" for module in MODULES for name in containers(module) & everywhere}
    assert not kept


@every_module
def no_module_rebinds_its_own_names(module: str) -> None:
    assert not list(names_in(module, ast.Global))


PROFILES = {"documented", "server"}
# Whatever is in these rooms asks a Difference, and does not look at the name itself.
ASKING = {"api", "areas", "delivery", "edge", "openapi", "schema", "trouble", "world"}


@every_module
def a_profiles_name_is_compared_nowhere_but_in_differences(module: str) -> None:
    if room(module) not in ASKING or module == "world.differences":
        return
    for node in names_in(module, ast.Compare):
        compared = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
        assert not compared & PROFILES, f"line {node.lineno}: ask a Difference"  # type: ignore[attr-defined]


@every_module
def modules_are_small_enough_to_read(module: str) -> None:
    assert lines(module) <= MOST_LINES


@every_module
def every_module_says_what_it_is_for(module: str) -> None:
    if module == "_version":
        return
    said = ast.get_docstring(tree(module))
    assert said
    assert said.splitlines()[0].endswith(".")


# --- the picture of it ---------------------------------------------------------------------------


def test_the_picture_names_every_room_and_every_area() -> None:
    shown = picture()
    names = [name for rooms in (*FLOORS, *AREAS) for name in rooms]
    assert not [name for name in names if f"{name} (" not in shown]
    assert max(map(len, shown.splitlines())) <= 100


def test_the_picture_is_printed_by_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["floors"])
    floors.main()
    assert capsys.readouterr().out == picture() + "\n"


def test_the_picture_in_the_page_for_contributors_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == fresh_page(), "run: python -m tests.support.floors --write"
