"""`python -m tests.support.clients_matrix`: the tests of interception against the oldest and newest client libraries.

Each row gets a virtual environment of its own in a temporary directory. Takes some minutes and needs PyPI;
continuous integration runs the newest row with the whole suite anyway.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = (
    "tests/interception/test_intercept.py",
    "tests/trouble/test_disruptions.py",
    "tests/interception/test_neighbours.py",
)
USUAL = ("hypothesis", "pytest-xdist", "freezegun", "time-machine")
# Row -> what is installed, and the tests that are run.
ROWS = {
    "oldest": (
        (
            "requests==2.31.0", "urllib3==1.26.18", "httpx==0.27.0", "aiohttp==3.9.0", "responses==0.25.0",
            "respx==0.21.0", "pytest-httpx==0.34.0", "pytest==8.0.0",
        ),
        TESTS,
    ),
    "urllib3-2": (
        (
            "requests==2.31.0", "urllib3==2.0.2", "httpx==0.27.2", "aiohttp==3.10.0", "responses", "respx",
            "pytest-httpx", "pytest<9",
        ),
        TESTS,
    ),
    "newest": (("requests", "urllib3", "httpx", "aiohttp", "responses", "respx", "pytest-httpx"), TESTS),
    "published": (("voipbin-mcp", "simple-websocket"), ("tests/support/published_client.py",)),
}  # fmt: skip


def run(row: str, python_tests: tuple[str, ...], packages: tuple[str, ...], folder: Path) -> bool:
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-e", ROOT, *USUAL, *packages], check=True)
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format=freeze"], check=True, capture_output=True, text=True
    )
    names = {"requests", "urllib3", "httpx", "httpcore", "aiohttp", "responses", "respx", "pytest-httpx", "voipbin-mcp"}
    shown = [line for line in listed.stdout.splitlines() if line.partition("==")[0] in names]
    print(f"== {row}: {' '.join(shown)}", flush=True)
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *python_tests]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; all, if none is named")
    chosen = parser.parse_args().rows or list(ROWS)
    failed = []
    with tempfile.TemporaryDirectory() as name:
        for row in chosen:
            packages, python_tests = ROWS[row]
            if not run(row, python_tests, packages, Path(name) / row):
                failed.append(row)
    print(f"failed: {', '.join(failed)}" if failed else f"passed: {', '.join(chosen)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
