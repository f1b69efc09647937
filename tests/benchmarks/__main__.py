"""`python -m tests.benchmarks`: run the measurements and print a table."""

from __future__ import annotations

import argparse
import compileall
import json
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from os import cpu_count
from pathlib import Path

import voipbin_mock
from tests.benchmarks import (
    callers,
    campaign,
    growth,
    in_process,
    in_pytest,
    leftovers,
    listeners,
    load,
    on_socket,
    through_clients,
)
from tests.benchmarks.measure import Effort, Row

BENCHMARKS: Mapping[str, Callable[[Effort], Iterator[Row]]] = {
    "create": in_process.create,
    "httpx": in_process.create_httpx,
    "requests": in_process.create_requests,
    "get": in_process.get,
    "rejected": in_process.rejected,
    "page": in_process.page,
    "reset": in_process.reset,
    "memory": in_process.memory,
    "leftovers": leftovers.leftovers,
    "growth": growth.growth,
    "campaign": campaign.campaign,
    "callers": callers.callers,
    "fixture": in_pytest.fixture,
    "plugin": in_pytest.plugin,
    "import": in_pytest.imports,
    "clients": through_clients.clients,
    "entering": through_clients.entering,
    "socket": on_socket.over_socket,
    "load": load.load,
    "listeners": listeners.listeners,
    "start": on_socket.start_stop,
    "serve": on_socket.cold_start,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few and short rounds")
    parser.add_argument("--large", action="store_true", help="growth up to a million records (some 3 GB)")
    parser.add_argument("--only", action="append", choices=list(BENCHMARKS), metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the results there too")
    arguments = parser.parse_args()
    effort = Effort.quick() if arguments.quick else Effort()
    chosen = {name: BENCHMARKS[name] for name in arguments.only or BENCHMARKS}
    if arguments.large and "growth" in chosen:
        chosen["growth"] = growth.large
    if arguments.large and "campaign" in chosen:
        chosen["campaign"] = campaign.large
    # As pip does when it installs; a checkout may have no bytecode, and then a start is mostly compiling.
    for package in (*voipbin_mock.__path__, str(Path(__file__).parent)):
        compileall.compile_dir(package, quiet=1)
    print(machine())
    print(line("measurement", "ours", "floor", "result", "quartiles", "target", ""))
    rows = []
    for name, benchmark in chosen.items():
        try:
            for row in benchmark(effort):
                rows.append(row)
                print(shown(row), flush=True)
        except ModuleNotFoundError as missing:
            print(f"{name}: left out, {missing.name} is not installed")
    if arguments.json:
        document = {"machine": machine(), "rows": [row.as_dict() for row in rows]}
        arguments.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


def line(*cells: str) -> str:
    name, *numbers, note = cells
    return f"{name:<32}" + "".join(f"{cell:>14}" for cell in numbers) + f"  {note}"


def shown(row: Row) -> str:
    """A row of the table. A target that is missed is marked."""
    amount = AMOUNTS[row.unit]
    target = "" if row.target is None else f"<= {amount(row.target)}{'' if row.reached else ' !'}"
    quartiles = "" if row.spread == (0.0, 0.0) else f"{amount(row.spread[0])}-{amount(row.spread[1])}"
    ours, floor = ("" if value is None else seconds(value) for value in (row.ours, row.floor))
    return line(row.name, ours, floor, amount(row.value), quartiles, target, row.note)


def seconds(value: float) -> str:
    return f"{value * 1e6:.1f} us" if abs(value) < 1e-3 else f"{value * 1e3:.1f} ms"


AMOUNTS: Mapping[str, Callable[[float], str]] = {
    "x": "{:.2f}x".format,
    "s": seconds,
    "": "{:.0f}".format,
    "us": "{:.1f} us".format,
    "KB": "{:.1f} KB".format,
}


def machine() -> str:
    versions = " ".join(f"{name} {_version(name)}" for name in ("flask", "werkzeug", "waitress", "jsonschema"))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{_processor()}, {cpu_count()} cores, {platform.system()} {platform.release()}, {python}, {versions}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(missing)"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [text.partition(":")[2].strip() for text in lines if text.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    sys.exit(main())
