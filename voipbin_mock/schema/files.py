"""The only module that knows where fixtures and schemas lie.

In a wheel they are inside the package (`_data/`); in a checkout and an editable install they are
the top-level folders beside it.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parents[1]
# The folder beside the package is ours only if it holds this file: in site-packages, a `schemas`
# folder next to us could be anybody's.
_SENTINEL = "schemas/common.json"


@lru_cache(maxsize=1)
def root() -> Path:
    """The folder that holds `fixtures/` and `schemas/`."""
    for candidate in (_PACKAGE / "_data", _PACKAGE.parent):
        if (candidate / _SENTINEL).is_file():
            return candidate
    raise FileNotFoundError(f"voipbin-mock is installed without its data: no {_SENTINEL} near {_PACKAGE}")


@lru_cache(maxsize=2)
def names(kind: str) -> tuple[str, ...]:
    """The documents of a kind (`fixtures` or `schemas`), without `.json`."""
    return tuple(sorted(path.stem for path in (root() / kind).glob("*.json")))


def path(kind: str, name: str) -> Path:
    return root() / kind / f"{name}.json"


def load(kind: str, name: str) -> Any:
    """A fresh copy of one document."""
    return json.loads(path(kind, name).read_text(encoding="utf-8"))


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
