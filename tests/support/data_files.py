"""The list of the package's own data: `python -m tests.support.data_files` writes it anew; a test holds it."""

from __future__ import annotations

from pathlib import Path

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").is_file())
PACKAGE = ROOT / "voipbin_mock"
LIST = PACKAGE / "data_files.txt"


def listed() -> str:
    """Every document of `fixtures/` and `schemas/`, and every file of the console, a line each."""
    found = sorted(path for folder in ("fixtures", "schemas") for path in (ROOT / folder).glob("**/*.json"))
    pages = sorted(path for path in (PACKAGE / "console").glob("**/*") if path.suffix in (".html", ".css", ".js"))
    names = [path.relative_to(PACKAGE) for path in pages] + [path.relative_to(ROOT) for path in found]
    return "".join(f"{name.as_posix()}\n" for name in names)


def main() -> None:
    LIST.write_text(listed(), encoding="ascii")


if __name__ == "__main__":
    main()
