"""Seeds as they are written: names, files and directories, and what they extend.

A seed is a name (a folder in `fixtures/`, with a document for each area), a path to a JSON file or to a directory
of them, or a dict of the same form: resource -> list of records in wire form, beside `extends` and `description`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from voipbin_mock.schema import files
from voipbin_mock.wire.errors import SeedError, shorten

Seed = str | os.PathLike[str] | Mapping[str, Any]
Document = tuple[str, Mapping[str, Any]]  # where it came from, and what it says

META = ("extends", "description", "version", "aliases")
# Credentials and nothing else: what a seed without customers of its own is put on.
GROUND = "empty"
MAX_ANCESTORS = 20


def is_ours(seed: Seed, fixtures: str | os.PathLike[str] | None) -> bool:
    """Whether a seed is one of the package's own, which its tests hold to the schemas."""
    return fixtures is None and isinstance(seed, str) and seed in files.seeds()


def read(
    seed: Seed, fixtures: str | os.PathLike[str] | None = None, heirs: tuple[str, ...] = (), *, named: bool = False
) -> list[Document]:
    """The documents of a seed with where each came from, those it extends first. Raises SeedError.

    named: whoever asks may name a seed, of the package or in `fixtures`, but no path.
    """
    if isinstance(seed, Mapping):
        documents = [("seed", dict(seed))]
    elif not isinstance(seed, (str, os.PathLike)):
        raise SeedError(f"a seed is a name, a path or a dict, not {shorten(seed)!r}")
    else:
        find = _named if named else _paths
        documents = [(str(path), _load(path)) for path in find(os.fspath(seed), fixtures)]
        named = False  # what the file says, whoever started this has given
    found: list[Document] = []
    for source, document in documents:
        parent = document.get("extends")
        if parent is not None:
            if not isinstance(parent, str):
                raise SeedError(f"{source}: /extends: must be the name of a seed")
            line = (*heirs, source)
            if len(line) > MAX_ANCESTORS:
                raise SeedError(f"{source}: /extends: seeds extend each other: {' -> '.join(line[:3])} ...")
            found += [item for item in read(parent, fixtures, line, named=named) if item not in found]
        found.append((source, document))
    if not heirs and not any(document.get("customers") for _, document in found) and seed != GROUND:
        found = [*read(GROUND), *found]
    return found


def _paths(name: str, fixtures: str | os.PathLike[str] | None) -> Sequence[Path | str]:
    """Where the documents of a seed lie: as a path, or as text for one of the package's own."""
    if fixtures is not None:
        given = Path(fixtures) / f"{name}.json"
        if _is(given.is_file):
            return [given]
    if os.sep not in name and name in files.seeds():
        return files.seed_documents(name)
    path = Path(name)
    if name and _is(path.is_dir):
        # What a seed says of itself comes first: what it extends stands before what it has.
        inside = sorted(path.glob("*.json"), key=lambda one: (one.stem != files.ABOUT, one.name))
        if not inside:
            raise SeedError(f"{name}: this directory has no .json file")
        return inside
    if _is(path.is_file):
        return [path]
    known = _names(fixtures)
    raise SeedError(
        f"no seed {shorten(name)!r}: it is neither a name ({', '.join(known)}) nor a file or directory"
        + _near(name, known)
    )


def _named(name: str, fixtures: str | os.PathLike[str] | None) -> Sequence[Path | str]:
    """The same by name alone: of a path it is not even told whether it exists."""
    if fixtures is not None:
        given = _listed(fixtures).get(name)
        if given is not None:
            return [given]
    if name in files.seeds():
        return files.seed_documents(name)
    known = _names(fixtures)
    raise SeedError(f"no seed is named {shorten(name)!r}; there are {', '.join(known)}{_near(name, known)}")


def _listed(fixtures: str | os.PathLike[str]) -> dict[str, Path]:
    """The seeds in a directory, by name; none that a link leads out of it for, and no device."""
    folder = os.path.realpath(fixtures)
    return {
        path.stem: path
        for path in sorted(Path(fixtures).glob("*.json"))
        if _is(path.is_file) and os.path.dirname(os.path.realpath(path)) == folder
    }


def _names(fixtures: str | os.PathLike[str] | None) -> list[str]:
    return [*files.seeds(), *(_listed(fixtures) if fixtures is not None else ())]


def _near(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _is(test: Callable[[], bool]) -> bool:
    """A text that cannot be a path is none."""
    try:
        return test()
    except (OSError, ValueError):
        return False


def _load(path: Path | str) -> dict[str, Any]:
    try:
        text = files.read(path).decode() if isinstance(path, str) else path.read_text(encoding="utf-8")
        document = json.loads(text, parse_constant=_no_constant)
    except OSError as error:
        raise SeedError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise SeedError(f"{path}: not JSON: {error}") from None
    if isinstance(document, list):  # a file named after its resource: outplans.json
        return {Path(path).stem: document}
    if not isinstance(document, dict):
        raise SeedError(f"{path}: must hold an object (resource -> records) or an array of records")
    return document


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")


# --- the package's own ---------------------------------------------------------------------------


def lineage(name: str) -> list[str]:
    """A seed of the package and those it extends, the oldest first."""
    line = [name]
    while (parent := files.seed_about(line[0]).get("extends")) is not None:
        line.insert(0, parent)
    return line


def of_area(line: list[str], area: str) -> list[Document]:
    """What the seeds of a lineage have for an area."""
    return [(path, _load(path)) for seed in line if (path := files.seed_document(seed, area)) is not None]
