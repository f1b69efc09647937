"""Contract cases: what the service promises, as data.

A file holds cases about one resource (`cases.schema.json` beside this module is the format, described
member by member). The project's own lie with the areas that they are about; users add directories of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from os import PathLike
from pathlib import Path

from voipbin_mock import catalog as catalogue
from voipbin_mock.api.area import Area
from voipbin_mock.api.catalog import Catalog
from voipbin_mock.contract.case import Case, CaseError
from voipbin_mock.contract.casefiles import Found, in_document, in_folder
from voipbin_mock.schema import files

__all__ = ["Case", "CaseError", "load"]


def load(
    *directories: str | PathLike[str],
    only: str | Iterable[str] = (),
    own: bool = True,
    profile: str | None = None,
    catalog: Catalog | None = None,
    areas: Iterable[Area | str] = (),
    given: Iterable[str] = (),
    mistakes: list[CaseError] | None = None,
) -> list[Case]:
    """The project's cases (own=True) and those of further directories, in a fixed order.

    only: names or patterns (`outplans/*`). profile: leave out what only the other one promises. catalog: whose
    areas bring their cases (the default one). areas: further areas, or names of modules that have one.
    given: names of values that the target has. mistakes: what is wrong with a case is noted there, and the
    others are used; without it the first such is raised.
    Raises CaseError, a MockUsageError, naming file and place.
    """
    catalog = catalog or catalogue.having(areas)
    found = {case.name: case for case in _own_cases(catalog)} if own else {}
    for directory in map(Path, directories):
        if not directory.exists():
            raise CaseError(f"{directory}: no such directory of cases")
        for one in in_folder(directory, catalog, frozenset(given)):
            if isinstance(one, Case) and one.name in found:
                one = CaseError(f"{one.source}: there is a case {one.name} in {found[one.name].source} already")
            if isinstance(one, Case):
                found[one.name] = one
            elif mistakes is None:
                raise one
            else:
                mistakes.append(one)
    names = set(found)
    patterns = [only] if isinstance(only, str) else list(only)
    if patterns:
        names = {name for pattern in patterns for name in _matching(pattern, found)}
    return [case for case in found.values() if case.name in names and case.profile in (None, profile or case.profile)]


def _matching(pattern: str, names: Iterable[str]) -> list[str]:
    """The names that a pattern means. Brackets are part of a name; only where none has them so do they mean a set."""
    for meant in (pattern.replace("[", "[[]"), pattern):
        found = [name for name in names if fnmatchcase(name, meant)]
        if found:
            return found
    raise CaseError(f"no case is called {pattern}")


@lru_cache(maxsize=8)
def _own_cases(catalog: Catalog) -> tuple[Case, ...]:
    """The areas' cases, by what they are about; read once, never changed."""
    found = [case for area in catalog.areas() for case in _sound(_of_area(area, catalog))]
    found += _sound(in_folder(files.package() / "contract" / "cases", catalog))
    return tuple(sorted(found, key=lambda case: case.name.partition("/")[0]))


def _sound(found: Iterable[Found]) -> Iterator[Case]:
    for one in found:
        if isinstance(one, CaseError):
            raise one
        yield one


def _of_area(area: Area, catalog: Catalog) -> Iterator[Found]:
    if isinstance(area.cases, Path):
        if area.cases.is_dir():
            yield from in_folder(area.cases, catalog)
        return
    for document in area.cases:
        yield from in_document(Path(f"area {area.name}"), document, catalog)
