"""The only module that knows where fixtures and schemas lie.

In a wheel they are inside the package (`_data/`); in a checkout and an editable install they are
the top-level folders beside it. Both have a folder for each area: `schemas/<area>/<resource>.json`; a seed is a
folder, `fixtures/<seed>/<area>.json`, with a word about itself in `seed.json`.

They are read as Python reads modules, and what there is stands in a list: so it is found in a zip file, and in a test
that has a fake file system instead of the real one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import lru_cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

_PACKAGE = str(__import__("voipbin_mock").__path__[0])
_BESIDE = _PACKAGE[: -len("/voipbin_mock")]
# The folder beside the package is ours only if it holds this file: in site-packages, a `schemas`
# folder next to us could be anybody's.
_SENTINEL = "schemas/common.json"
_LIST = "data_files.txt"  # written by `python -m tests.support.data_files`
ABOUT = "seed"


def read(path: str) -> bytes:
    """What is in a file of the package's. Raises OSError."""
    loader: Any = __spec__.loader if __spec__ is not None else None
    if not hasattr(loader, "archive"):  # a zip file reads its own; any other loader may be a hook of the test run
        loader = SourceFileLoader(__name__, path)
    data: bytes = loader.get_data(path)
    return data


def load(path: str) -> Any:
    """A fresh copy of one document."""
    return json.loads(read(path))


@lru_cache(maxsize=1)
def _root() -> str:
    for candidate in (f"{_PACKAGE}/_data", _BESIDE, os.path.dirname(os.path.realpath(_PACKAGE))):
        try:
            read(f"{candidate}/{_SENTINEL}")
        except OSError:
            continue
        return candidate
    raise FileNotFoundError(f"voipbin-mock is installed without its data: no {_SENTINEL} near {_PACKAGE}")


def root() -> Path:
    """The folder that holds `fixtures/` and `schemas/`."""
    return Path(_root())


@lru_cache(maxsize=1)
def _listed() -> tuple[tuple[str, ...], ...]:
    """Every document, as the names on the way to it."""
    return tuple(tuple(line.split("/")) for line in read(f"{_PACKAGE}/{_LIST}").decode("ascii").split())


def _path(*names: str) -> str:
    return "/".join((_root(), *names))


# --- schemas -------------------------------------------------------------------------------------


def schema(name: str) -> str:
    """Where one schema document lies. Raises KeyError."""
    return schemas()[name]


@lru_cache(maxsize=1)
def schemas() -> Mapping[str, str]:
    """Name -> where it lies, of every schema document; in the order of the names."""
    found = {names[-1].removesuffix(".json"): _path(*names) for names in _listed() if names[0] == "schemas"}
    return {name: found[name] for name in sorted(found)}


# --- seeds ---------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def seeds() -> tuple[str, ...]:
    """The names of the package's own."""
    return tuple(sorted({names[1] for names in _listed() if names[0] == "fixtures"}))


@lru_cache(maxsize=16)
def seed_about(name: str) -> Mapping[str, Any]:
    """What a seed says of itself: its description, aliases of customers, what it extends."""
    about: Mapping[str, Any] = load(_path("fixtures", name, f"{ABOUT}.json"))
    return about


def seed_documents(name: str) -> list[str]:
    """Where all documents of a seed lie, the one about itself first."""
    return [_path("fixtures", name, f"{one}.json") for one in (ABOUT, *seed_areas(name))]


@lru_cache(maxsize=16)
def seed_areas(name: str) -> tuple[str, ...]:
    """The areas that a seed has records of."""
    inside = (names[-1].removesuffix(".json") for names in _listed() if names[:2] == ("fixtures", name))
    return tuple(sorted(area for area in inside if area != ABOUT))


def seed_document(name: str, area: str) -> str | None:
    """Where what a seed has for an area lies."""
    return _path("fixtures", name, f"{area}.json") if area in seed_areas(name) else None


# --- the console ---------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def console() -> Mapping[str, str]:
    """Name -> where it lies, of every file of the console's page."""
    return {"/".join(names[1:]): "/".join((_PACKAGE, *names)) for names in _listed() if names[0] == "console"}


# --- the real API --------------------------------------------------------------------------------


def known_operations() -> dict[str, tuple[str, ...]]:
    """Path template -> methods, for every operation of the real API, mocked or not."""
    table: dict[str, tuple[str, ...]] = {}
    for line in read(f"{_PACKAGE}/operations.txt").decode("ascii").splitlines():
        if line and not line.startswith("#"):
            template, *methods = line.split()
            table[template] = tuple(methods)
    return table


def package() -> Path:
    """The folder of the package itself."""
    return Path(_PACKAGE)
