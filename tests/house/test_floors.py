"""The house: which module may import which, and what none of them may do."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import voipbin_mock

PACKAGE = Path(voipbin_mock.__file__).resolve().parent

# From the ground up. A room is a package or a module at the top; it imports lower floors only.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("_version",),
    ("wire", "server"),
    ("schema",),
    ("world",),
    ("api",),
    ("areas", "trouble", "delivery", "insight", "openapi"),
    ("edge",),
    ("control", "interception", "catalog"),
    ("mock", "records", "schemas", "pytest_coverage"),
    ("contract", "pytest_plugin"),
    ("command",),
    ("__main__",),
)
# The service's areas have an order of their own.
AREAS: tuple[tuple[str, ...], ...] = (
    ("accounts", "flows"),
    ("routing", "calls"),
    ("campaigns",),
)
# The rooms that stand in a circle still.
CIRCLE = {"world", "api", "areas", "trouble", "delivery", "insight", "openapi", "edge", "control", "catalog"}
# The door names everything and imports only this; the rest comes when it is asked for.
DOOR, BEHIND_THE_DOOR = "__init__", {"_version"}
# What a module below it may name in annotations: the state that every handler and rule is given.
KNOWN_TO_ALL = {"world.world"}

# Distribution -> the modules that may import it at all, and at their top level.
THIRD_PARTY = {
    "flask": ({"edge.app"}, {"edge.app"}),
    "werkzeug": (
        {"edge.app", "edge.carrier", "interception.clients", "delivery.receivers"},
        {"edge.app", "edge.carrier", "interception.clients"},
    ),
    "waitress": (
        {"server.request_parser", "server.live", "server.workers"},
        {"server.request_parser", "server.live", "server.workers"},
    ),
    "pytest": ({"pytest_plugin", "pytest_coverage"}, {"pytest_plugin", "pytest_coverage"}),
    "jsonschema": ({"schema.parts"}, set()),
    "referencing": ({"schema.documents"}, set()),
    "jwt": ({"areas.accounts.auth"}, set()),
    # A door imports its library where that is loaded already: inside what stands in a class of it.
    "httpx": ({"interception.clients", "interception.httpx"}, set()),
    "requests": ({"interception.clients", "interception.requests"}, set()),
    "urllib3": ({"interception.clients", "interception.urllib3"}, set()),
    "aiohttp": ({"interception.aiohttp"}, set()),
    "simple_websocket": ({"delivery.websockets"}, set()),
    "wsproto": ({"delivery.websockets"}, set()),
}
TYPING_ONLY = {"_typeshed"}
MOST_LINES = 500


class Import(NamedTuple):
    target: str
    line: int
    lazy: bool  # inside a function
    typing: bool  # under TYPE_CHECKING


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imports(module: str) -> list[Import]:
    return list(_imports(tree(module), lazy=False, typing=False))


def _imports(node: ast.AST, lazy: bool, typing: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, child.lineno, lazy, typing)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"line {child.lineno}: imports are absolute here"
            for alias in child.names:
                yield Import(f"{child.module}.{alias.name}", child.lineno, lazy, typing)
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for statement in child.body:
                yield from _imports(ast.Module([statement], []), lazy, True)
            yield from _imports(ast.Module(child.orelse, []), lazy, typing)
        else:
            inside = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            yield from _imports(child, lazy or inside, typing)


def ours(target: str) -> str | None:
    """`voipbin_mock.clock.Clock` -> `clock`; None for what is not of the package."""
    head, _, rest = target.partition(".")
    if head != "voipbin_mock":
        return None
    while rest and rest not in MODULES:
        rest = rest.rpartition(".")[0]
    return rest or DOOR


def room(module: str) -> str:
    return module.partition(".")[0]


def floor(name: str, floors: tuple[tuple[str, ...], ...] = FLOORS) -> int:
    return next(index for index, rooms in enumerate(floors) if name in rooms)


def area(module: str) -> str:
    """`calls` for `areas.calls.phones`; "" for what belongs to no area."""
    return module.split(".")[1] if module.startswith("areas.") else ""


def used(module: str, *, typing: bool = False) -> set[str]:
    """The modules of ours that a module imports, lazily or not; with typing, those it only names in annotations."""
    return {found for i in imports(module) if i.typing is typing and (found := ours(i.target)) is not None}


def circles(arrows: Mapping[str, set[str]]) -> list[set[str]]:
    """Every set of nodes that lead to each other (Tarjan's strongly connected components of more than one)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(node: str) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        for following in sorted(arrows.get(node, ())):
            if following not in order:
                visit(following)
                low[node] = min(low[node], low[following])
            elif following in stack:
                low[node] = min(low[node], order[following])
        if low[node] == order[node]:
            members = set(stack[stack.index(node) :])
            del stack[stack.index(node) :]
            if len(members) > 1:
                found.append(members)

    for node in sorted(arrows):
        if node not in order:
            visit(node)
    return found


def names_in(module: str, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree(module)) if isinstance(node, kinds))


def every_module(check: Callable[[str], None]) -> Callable[[], None]:
    """A test that holds a check against every module, and names all those that fail it."""

    def test() -> None:
        failed = {}
        for module in sorted(MODULES):
            try:
                check(module)
            except AssertionError as error:
                failed[module] = str(error)
        assert not failed

    test.__name__, test.__doc__ = check.__name__, check.__doc__
    return test


def test_every_room_has_its_floor_and_every_floor_its_rooms() -> None:
    assert sorted([*(name for rooms in FLOORS for name in rooms), DOOR]) == sorted({room(module) for module in MODULES})
    assert sorted(name for rooms in AREAS for name in rooms) == sorted({area(module) for module in MODULES} - {""})


@every_module
def test_no_import_points_upward_or_sideways(module: str) -> None:
    if module == DOOR:
        assert used(module) <= BEHIND_THE_DOOR
        return
    for target in used(module):
        if room(target) == room(module) or {room(target), room(module)} <= CIRCLE:
            continue
        assert target != DOOR
        assert floor(room(target)) < floor(room(module)), f"imports {target}"


@every_module
def test_areas_import_those_below_them(module: str) -> None:
    for target in used(module):
        if area(module) and area(target) and area(target) != area(module):
            assert floor(area(target), AREAS) < floor(area(module), AREAS), f"imports {target}"


def test_there_is_no_circle_of_modules() -> None:
    found = circles({module: used(module) - {DOOR} for module in MODULES})
    assert not found


def test_the_circle_of_rooms_is_the_known_one() -> None:
    arrows: dict[str, set[str]] = {}
    for module in MODULES:
        arrows.setdefault(room(module), set()).update({room(target) for target in used(module)} - {room(module)})
    assert all(members <= CIRCLE for members in circles(arrows))


def test_a_circle_is_found_where_there_is_one() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [{"a", "b", "c"}]
    assert not circles({"a": {"b", "c"}, "b": {"c"}, "c": set()})


@every_module
def test_annotations_look_up_to_the_world_at_most(module: str) -> None:
    if module == DOOR:
        return
    for target in used(module, typing=True) - KNOWN_TO_ALL:
        if room(target) != room(module) and not {room(target), room(module)} <= CIRCLE:
            assert floor(room(target)) < floor(room(module)), f"names {target}"


def test_lint_needs_no_world_to_be_imported() -> None:
    assert "world.world" not in used("api.lint")


@every_module
def test_other_peoples_packages_are_imported_where_they_belong(module: str) -> None:
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
        "server", "server.request_parser", "server.workers"
    }  # fmt: skip


@every_module
def test_relative_paths_to_data_are_known_to_one_module(module: str) -> None:
    uses = [node for node in names_in(module, ast.Name) if node.id == "__file__"]  # type: ignore[attr-defined]
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
def test_time_and_identity_come_from_the_clock_module(module: str) -> None:
    if module in ("world.clock", "world.ids"):
        return
    named = {ast.unparse(node) for node in names_in(module, ast.Attribute)}
    targets = {i.target for i in imports(module)}
    assert not named & (CLOCKS | CHANCE)
    assert not targets & (CLOCKS | CHANCE)
    assert not {target.partition(".")[0] for target in targets} & SOURCES_OF_CHANCE


@every_module
def test_a_random_generator_has_a_seed(module: str) -> None:
    for call in names_in(module, ast.Call):
        if ast.unparse(call.func) in ("random.Random", "Random"):  # type: ignore[attr-defined]
            assert call.args, f"{module}, line {call.lineno}"  # type: ignore[attr-defined]


@every_module
def test_nobody_sleeps(module: str) -> None:
    assert "time.sleep" not in {ast.unparse(node) for node in names_in(module, ast.Attribute)}


CONTAINERS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
MAKERS = {"dict", "list", "set", "deque", "defaultdict", "OrderedDict", "Counter", "bytearray"}
CHANGERS = {
    "append", "extend", "insert", "remove", "pop", "popitem", "clear", "update", "setdefault", "add", "discard",
    "sort", "reverse", "appendleft", "popleft", "extendleft", "__setitem__", "__delitem__",
    "difference_update", "intersection_update", "symmetric_difference_update",
}  # fmt: skip


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


def test_no_module_keeps_state() -> None:
    everywhere = set().union(*(changed(module) for module in MODULES))
    kept = {f"{module}.{name}" for module in MODULES for name in containers(module) & everywhere}
    assert not kept


@every_module
def test_no_module_rebinds_its_own_names(module: str) -> None:
    assert not list(names_in(module, ast.Global))


@every_module
def test_modules_are_small_enough_to_read(module: str) -> None:
    lines = len(MODULES[module].read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES


@every_module
def test_every_module_says_what_it_is_for(module: str) -> None:
    if module == "_version":
        return
    said = ast.get_docstring(tree(module))
    assert said
    assert said.splitlines()[0].endswith(".")
