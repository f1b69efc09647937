"""`python -m tests.benchmarks.before_after`: the rows of two checkouts side by side, driven in the same rounds.

`--before DIR` sets this checkout beside another. `--broad` sets it beside a copy of itself that has 60 resources more:
what a mock could do must not cost those who do not use it. Both are driven through their public surface only, so the
other may be laid out as it likes; the floors are this one's for both.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.benchmarks import breadth, floors, in_pytest, on_socket
from tests.benchmarks.measure import Effort, Times, calls_in_turns, compiled, in_turns, once


class Compared(NamedTuple):
    """A row: what each checkout has, in the order of `Sides`."""

    row: str
    found: tuple[float | None, ...]
    target: float
    unit: str = "x"


Sides = tuple[Path, Path]
Table = Iterator[Compared]
PROBE = Path(__file__).with_name("probe.py")
TARGETS = {"create": 1.08, "get": 0.97, "create through requests": 1.0, "an idle Mock()": 40}


def ratio(times: Times, ours: str, floor: str) -> float:
    return median(a / b for a, b in zip(times[ours], times[floor], strict=True))


def python(root: Path, *arguments: str) -> str:
    """What a Python process in a checkout says."""
    environment = {**compiled(), "PYTHONPATH": str(root)}
    return subprocess.check_output([sys.executable, *arguments], cwd=root, env=environment, text=True)


def fixture(sides: Sides, effort: Effort) -> Table:
    added = [adds for adds, _ in in_pytest.fixture_adds(effort, sides)]
    yield Compared(
        "fixture adds, of what `responses` adds", tuple(ratio(a, "voipbin", "responses") for a in added), 1.5
    )


def plugin(sides: Sides, effort: Effort) -> Table:
    times = in_pytest.plugin_loads(effort, sides)
    found = [1e3 * median(a - b for a, b in zip(times[str(root)], times["without"], strict=True)) for root in sides]
    yield Compared("plugin load adds", tuple(found), 6, "ms")


def start(sides: Sides, effort: Effort) -> Table:
    contenders: dict[str, Callable[[], float]] = {
        str(root): lambda root=root: on_socket.first_page(root)  # type: ignore[misc]
        for root in sides
    }
    times = in_turns({**contenders, "floor": on_socket.first_page_of_floor}, 3 * effort.spawns)
    yield Compared("serve to its first 200, of bare Flask", tuple(ratio(times, str(r), "floor") for r in sides), 1.15)


def first(sides: Sides, effort: Effort) -> Table:
    statement = "import voipbin_mock; voipbin_mock.Mock()"
    contenders: dict[str, Callable[[], float]] = {
        str(root): lambda root=root: once(lambda: python(root, "-c", statement))  # type: ignore[misc]
        for root in sides
    }
    contenders["flask"] = lambda: once(lambda: python(on_socket.ROOT, "-c", "import flask"))
    times = in_turns(contenders, 2 * effort.spawns)
    yield Compared("first Mock(), of `import flask`", tuple(ratio(times, str(root), "flask") for root in sides), 1.0)


def socket(sides: Sides, effort: Effort) -> Table:
    with ExitStack() as stack:
        floor = on_socket.first_line(stack.enter_context(on_socket.process(*on_socket.FLOOR))).strip()
        contenders = {"floor": on_socket.asking(floor, "POST", on_socket.PATH, {}, floors.BODY)}
        for root in sides:
            running = stack.enter_context(on_socket.process(*on_socket.SERVE, root=root))
            origin, headers = on_socket.served(running)
            contenders[str(root)] = on_socket.asking(origin, "POST", on_socket.PATH, headers, floors.BODY)
            contenders[f"{root} warned"] = on_socket.asking(origin, "POST", on_socket.PATH, headers, floors.WARNED)
        times = calls_in_turns(contenders, effort)
    yield Compared("create over a socket, of bare Flask", tuple(ratio(times, str(r), "floor") for r in sides), 1.12)
    warned = tuple(ratio(times, f"{root} warned", str(root)) for root in sides)
    yield Compared("the same with two warnings, of without", warned, 1.20)


def calls(sides: Sides, effort: Effort) -> Table:
    rounds: list[list[dict[str, float]]] = [[] for _ in sides]
    for _ in range(max(3, effort.spawns // 3)):
        for root, asked in zip(sides, rounds, strict=True):
            asked.append(json.loads(python(root, str(PROBE))))
    for row in rounds[1][0]:
        found = [median(one[row] for one in asked) if row in asked[0] else None for asked in rounds]
        what, _, unit = row.partition(", in ")
        yield Compared(what, tuple(found), TARGETS[what.partition(",")[0]], unit or "x")


ROWS: Mapping[str, Callable[[Sides, Effort], Table]] = {
    "fixture": fixture,
    "plugin": plugin,
    "start": start,
    "first": first,
    "socket": socket,
    "calls": calls,
}


def shown(name: str, cells: tuple[str, ...]) -> None:
    print(f"{name:<42}" + "".join(f"{cell:>11}" for cell in cells), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.before_after", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--before", type=Path, metavar="DIR", help="the other checkout")
    which.add_argument("--broad", action="store_true", help="a copy with 60 resources more is the other")
    parser.add_argument("--only", action="append", choices=list(ROWS), metavar="NAME", help=", ".join(ROWS))
    parser.add_argument("--quick", action="store_true", help="few and short rounds")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.broad:
            sides, titles = (on_socket.ROOT, breadth.broadened(Path(folder) / "broad")), ("as it is", "broadened")
        else:
            sides, titles = (arguments.before.resolve(), on_socket.ROOT), ("before", "after")
        for root in sides:
            python(root, "-c", "import compileall; compileall.compile_dir('voipbin_mock', quiet=1)")
        shown("row", (*titles, "change", "target"))
        for name in arguments.only or ROWS:
            for row, (one, other), target, unit in ROWS[name](sides, Effort.quick() if arguments.quick else Effort()):
                cells = ["-" if value is None else f"{value:.2f}{unit}" for value in (one, other)]
                change = "-"
                if one is not None and other is not None:  # a difference of two long times has no share to speak of
                    change = f"{other - one:+.2f}ms" if unit == "ms" else f"{100 * (other / one - 1):+.1f} %"
                shown(row, (*cells, change, f"<= {target:g}{unit}"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
