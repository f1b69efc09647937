"""The only module that knows where fixtures and schemas lie.

In a wheel they are inside the package (`_data/`); in a checkout and an editable install they are
the top-level folders beside it. Both have a folder for each area: `schemas/<area>/<resource>.json`; a seed is a
folder, `fixtures/<seed>/<area>.json`, with a word about itself in `seed.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parents[1]
# The folder beside the package is ours only if it holds this file: in site-packages, a `schemas`
# folder next to us could be anybody's.
_SENTINEL = "schemas/common.json"
ABOUT = "seed"


@lru_cache(maxsize=1)
def root() -> Path:
    """The folder that holds `fixtures/` and `schemas/`."""
    for candidate in (_PACKAGE / "_data", _PACKAGE.parent):
        if (candidate / _SENTINEL).is_file():
            return candidate
    raise FileNotFoundError(f"voipbin-mock is installed without its data: no {_SENTINEL} near {_PACKAGE}")


def load(path: Path) -> Any:
    """A fresh copy of one document."""
    return json.loads(path.read_text(encoding="utf-8"))


# --- schemas -------------------------------------------------------------------------------------


def schema(name: str) -> Path:
    """Where one schema document lies, found without a look at the others. Raises KeyError."""
    for folder in _schema_folders():
        path = folder / f"{name}.json"
        if path.is_file():
            return path
    raise KeyError(name)


@lru_cache(maxsize=1)
def _schema_folders() -> tuple[Path, ...]:
    top = root() / "schemas"
    return (top, *(path for path in top.iterdir() if path.is_dir()))


@lru_cache(maxsize=1)
def schemas() -> Mapping[str, Path]:
    """Name -> where it lies, of every schema document; in the order of the names."""
    folder = root() / "schemas"
    return {path.stem: path for path in sorted(folder.glob("**/*.json"), key=lambda path: path.stem)}


# --- seeds ---------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def seeds() -> tuple[str, ...]:
    """The names of the package's own."""
    return tuple(sorted(path.name for path in (root() / "fixtures").iterdir() if path.is_dir()))


@lru_cache(maxsize=16)
def seed_about(name: str) -> Mapping[str, Any]:
    """What a seed says of itself: its description, aliases of customers, what it extends."""
    about: Mapping[str, Any] = load(root() / "fixtures" / name / f"{ABOUT}.json")
    return about


def seed_documents(name: str) -> list[Path]:
    """All documents of a seed, the one about itself first."""
    folder = root() / "fixtures" / name
    about = folder / f"{ABOUT}.json"
    return [about, *sorted(path for path in folder.glob("*.json") if path != about)]


def seed_areas(name: str) -> list[str]:
    """The areas that a seed has records of."""
    return [path.stem for path in seed_documents(name)[1:]]


def seed_document(name: str, area: str) -> Path | None:
    """What a seed has for an area."""
    path = root() / "fixtures" / name / f"{area}.json"
    return path if path.is_file() else None


# --- the real API --------------------------------------------------------------------------------


def known_operations() -> dict[str, tuple[str, ...]]:
    """Path template -> methods, for every operation of the real API, mocked or not."""
    table: dict[str, tuple[str, ...]] = {}
    for line in (_PACKAGE / "operations.txt").read_text(encoding="ascii").splitlines():
        if line and not line.startswith("#"):
            template, *methods = line.split()
            table[template] = tuple(methods)
    return table


def package() -> Path:
    """The folder of the package itself."""
    return _PACKAGE
