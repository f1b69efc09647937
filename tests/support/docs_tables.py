"""The tables of the documents that are made from the code: `python -m tests.support.docs_tables` writes them anew.

Each stands between `MARK` and `END` in its page; a test says so if it is out of date.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.support import data_files
from voipbin_mock import catalog
from voipbin_mock.api.operations import PREFIX
from voipbin_mock.contract.points import order
from voipbin_mock.openapi.told import counted
from voipbin_mock.wire.errors import STATUSES

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").is_file())
MARK = "<!-- made by: python -m tests.support.docs_tables -->"
END = "<!-- end -->"


def reasons() -> str:
    """The error reasons by HTTP code, and all statuses."""
    rows = sorted(
        (STATUSES[status], status, reason, text) for reason, (status, text) in catalog.default().reasons.items()
    )
    lines = ["| HTTP | `status` | `reason` | meaning |", "|---|---|---|---|"]
    lines += [f"| {code} | `{status}` | `{reason}` | {text} |" for code, status, reason, text in rows]
    statuses = "Every status: " + ", ".join(f"`{status}` ({code})" for status, code in STATUSES.items()) + "."
    return "\n".join([*lines, "", *textwrap.wrap(statuses, 120, break_on_hyphens=False)])


def differences() -> str:
    """Every point where the profiles part, with what each of them does there."""
    points = catalog.default().differences
    rows = [(name, points[name].about, *points[name].told) for name in sorted(points, key=order)]
    return "\n".join(
        ["| point | | `documented` | `server` |", "|---|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    )


def mocked() -> str:
    """Every operation of the API, counted by area, with the paths that lead there."""
    rows = ["| area | operations | below |", "|---|---|---|"]
    for area in catalog.default().areas():
        there = [operation.template for operation in area.operations if operation.listed]
        if there:
            below = ", ".join(f"`{path}`" for path in sorted({_first(path) for path in there}))
            rows.append(f"| {area.name} | {len(there)} | {below} |")
    told = counted(catalog.default())
    api, missing, beside = told["api"], told["not_mocked_yet"], told["beside_the_api"]["mocked"]
    listed = ", ".join(f"`{label}`" for label in beside)
    sentence = (
        f"Of the {api['operations']} operations that the service documents, {api['mocked']} are mocked; "
        f"not mocked yet: {', '.join(missing) or 'none'}. Beside them: {listed}."
    )
    return "\n".join([*textwrap.wrap(sentence, 120, break_on_hyphens=False, break_long_words=False), "", *rows])


def _first(path: str) -> str:
    """The beginning of a path by which it is known: two words at the agents' desk, else one."""
    words = path.removeprefix(PREFIX).split("/")[1:]
    return "/" + "/".join(words[: 2 if words[0] == "service_agents" else 1])


TABLES: Mapping[str, Callable[[], str]] = {
    "docs/errors.md": reasons,
    "docs/profiles.md": differences,
    "docs/what-is-mocked.md": mocked,
}


def renewed(page: str, table: str, mark: str = MARK) -> str:
    """The page with its marked section made anew."""
    before, found, rest = page.partition(mark)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise ValueError(f"there is no {mark} ... {END}")
    return f"{before}{mark}\n\n{table}\n\n{END}{after}"


def main() -> None:
    data_files.main()
    for name, make in TABLES.items():
        page = ROOT / name
        text = page.read_text(encoding="utf-8")
        fresh = renewed(text, make())
        sys.stdout.write(f"{name}: {'as it was' if fresh == text else 'written anew'}\n")
        page.write_text(fresh, encoding="utf-8")


if __name__ == "__main__":
    main()
