"""The list of the package's own data: `python -m tests.support.data_files` writes it anew; a test holds it."""

from __future__ import annotations

from pathlib import Path

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").is_file())
LIST = ROOT / "voipbin_mock" / "data_files.txt"


def listed() -> str:
    """Every document of `fixtures/` and `schemas/`, a line each."""
    found = sorted(path for folder in ("fixtures", "schemas") for path in (ROOT / folder).glob("**/*.json"))
    return "".join(f"{path.relative_to(ROOT).as_posix()}\n" for path in found)


def main() -> None:
    LIST.write_text(listed(), encoding="ascii")


if __name__ == "__main__":
    main()
