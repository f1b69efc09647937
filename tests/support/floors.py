"""The house as a table: which room stands on which floor, and who imports whom. A test holds the package against it.

`python -m tests.support.floors` prints the picture of it, and with `--write` puts it in the page for contributors.
"""

from __future__ import annotations

import ast
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import voipbin_mock
from tests.support.docs_tables import renewed

PACKAGE = Path(voipbin_mock.__file__).resolve().parent

# From the ground up. A room is a package or a module at the top; it imports lower floors only.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("_version", "_real_files", "_seconds"),
    ("wire", "server"),
    ("schema",),
    ("world",),
    ("api",),
    ("areas",),
    ("trouble", "delivery", "insight", "openapi"),
    ("edge",),
    ("control", "interception", "catalog", "handles"),
    ("replication",),
    ("mock", "ai", "records", "schemas", "pytest_coverage"),
    ("contract", "factory", "pytest_plugin"),
    ("command",),
    ("__main__",),
)
# The service's areas have an order of their own.
AREAS: tuple[tuple[str, ...], ...] = (
    ("accounts", "flows"),
    ("billing", "outbound", "routing", "contacts", "customers"),
    ("messages",),
    ("calls", "emails", "webchat"),
    ("queues", "conferences", "conversations"),
    ("campaigns", "timelines", "talk", "storage"),
    ("cases",),
    ("ais",),
    ("ai_jobs",),
    ("service_agents",),
)
# The door names everything and imports only this; the rest comes when it is asked for.
DOOR, BEHIND_THE_DOOR = "__init__", {"_version", "_real_files"}
# What a module below it may name in annotations: the state that every handler and rule is given.
KNOWN_TO_ALL = {"world.world"}
PAGE = PACKAGE.parent / "docs" / "adding-an-area.md"
MARK = "<!-- made by: python -m tests.support.floors -->"
WIDTH = 100


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
    """`voipbin_mock.world.clock.Clock` -> `world.clock`; None for what is not of the package."""
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


def rooms_used() -> dict[str, set[str]]:
    """Room -> the other rooms that it imports."""
    arrows: defaultdict[str, set[str]] = defaultdict(set)
    for module in MODULES:
        arrows[room(module)] |= {room(target) for target in used(module)} - {room(module), DOOR}
    return dict(arrows)


# --- the picture -----------------------------------------------------------------------------------


@cache
def lines(module: str) -> int:
    return len(MODULES[module].read_text(encoding="utf-8").splitlines())


def size(prefix: str) -> str:
    """How many lines there are of it; to the hundred, so that not every change is one of the picture too."""
    count = sum(lines(module) for module in MODULES if module == prefix or module.startswith(f"{prefix}."))
    return str(round(count, -2)) if count > 100 else "few"


def picture() -> str:
    """Floors from the top, each with its rooms (lines, to the hundred) and the floors below that it imports."""
    arrows, shown = rooms_used(), []
    for number in reversed(range(len(FLOORS))):
        below = {floor(target) for name in FLOORS[number] for target in arrows[name]}
        rooms = ", ".join(f"{name} ({size(name)})" for name in FLOORS[number])
        reached = " ".join(map(str, sorted(below, reverse=True)))
        shown += _row(f"{number:2}  ", f"{rooms}{f'  -> {reached}' if reached else ''}")
        if "areas" in FLOORS[number]:
            for level in reversed(range(len(AREAS))):
                names = ", ".join(f"{name} ({size(f'areas.{name}')})" for name in AREAS[level])
                shown += _row(f"      {level}  ", names)
    return "\n".join(shown)


def _row(head: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


def fresh_page() -> str:
    """The page for contributors with the picture as it is now. Raises ValueError if it has no place for one."""
    return renewed(PAGE.read_text(encoding="utf-8"), f"```text\n{picture()}\n```", MARK)


def main() -> None:
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(fresh_page(), encoding="utf-8")
    sys.stdout.write(picture() + "\n")


if __name__ == "__main__":
    main()
