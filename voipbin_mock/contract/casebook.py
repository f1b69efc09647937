"""Contract cases: what the service promises, as data.

A file holds cases about one resource (`cases.schema.json` beside this module is the format, described
member by member). The project's own lie with the areas that they are about; users add directories of theirs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Any

from voipbin_mock import catalog as catalogue
from voipbin_mock.api.area import Area
from voipbin_mock.api.catalog import Catalog
from voipbin_mock.contract.answers import is_shape
from voipbin_mock.contract.points import points_of
from voipbin_mock.contract.promises import MATCHERS
from voipbin_mock.schema import files
from voipbin_mock.schema.parts import SchemaPart
from voipbin_mock.wire.errors import MockUsageError, join_pointer, shorten

READS, WRITES, COSTS = "reads", "writes", "costs"
CREDENTIALS = ("any", "accesskey", "token", "none")
KNOWN = (*sorted(MATCHERS), "$merge", "$without")
_VARIABLE = re.compile(r"\$\{([A-Za-z0-9_]+)\}", re.ASCII)


class CaseError(MockUsageError):
    """A case file that cannot be used: which file, where in it, and why."""


@dataclass(frozen=True)
class Step:
    """One request with what is expected of its answer."""

    number: int  # from 1
    method: str
    path: str  # may name values: /v1.0/outplans/${outplan}
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any  # the request's, as JSON; see has_body
    text: str | None
    has_body: bool
    credential: Any
    expect: Mapping[str, Any]
    differs: Sequence[Mapping[str, Any]]
    keep: Mapping[str, str]
    needs: Sequence[str]

    @property
    def ask(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Case:
    """One promise: its name (`outplans/is-created-as-sent`), what it does to the target, and its steps."""

    name: str
    effect: str  # reads, writes or costs
    profile: str | None  # the only one that promises it
    point: str  # and at which point of difference
    values: Mapping[str, Any]
    steps: Sequence[Step]
    cleanup: Sequence[Step] = field(default_factory=tuple)
    source: str = ""  # the file

    def __str__(self) -> str:
        return self.name


def load(
    *directories: str | PathLike[str],
    only: str | Iterable[str] = (),
    own: bool = True,
    profile: str | None = None,
    catalog: Catalog | None = None,
    areas: Iterable[Area | str] = (),
) -> list[Case]:
    """The project's cases (own=True) and those of further directories, in a fixed order.

    only: names or patterns (`outplans/*`). profile: leave out what only the other one promises. catalog: whose
    areas bring their cases (the default one). areas: further areas, or names of modules that have one.
    Raises CaseError, a MockUsageError, naming file and place.
    """
    catalog = catalog or catalogue.having(areas)
    found = {case.name: case for case in _own_cases(catalog)} if own else {}
    for directory in map(Path, directories):
        if not directory.is_dir():
            raise CaseError(f"{directory}: no such directory of cases")
        for case in _in_folder(directory, catalog):
            if case.name in found:
                raise CaseError(f"{case.source}: there is a case {case.name} in {found[case.name].source} already")
            found[case.name] = case
    patterns = [only] if isinstance(only, str) else list(only)
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in found):
            raise CaseError(f"no case is called {pattern}")
    return [
        case
        for case in found.values()
        if (not patterns or any(fnmatchcase(case.name, pattern) for pattern in patterns))
        and case.profile in (None, profile or case.profile)
    ]


@lru_cache(maxsize=8)
def _own_cases(catalog: Catalog) -> tuple[Case, ...]:
    """The areas' cases, by what they are about; read once, never changed."""
    found = [case for area in catalog.areas() for case in _of_area(area, catalog)]
    found += _in_folder(files.package() / "contract" / "cases", catalog)
    return tuple(sorted(found, key=lambda case: case.name.partition("/")[0]))


def _of_area(area: Area, catalog: Catalog) -> Iterator[Case]:
    if isinstance(area.cases, Path):
        yield from _in_folder(area.cases, catalog)
        return
    for document in area.cases:
        yield from _checked(Path(f"area {area.name}"), document, catalog)


def _in_folder(folder: Path, catalog: Catalog) -> Iterator[Case]:
    for path in sorted(folder.glob("*.json")):
        yield from _read(path, catalog)


@lru_cache(maxsize=1)
def _file_part() -> SchemaPart:
    document = json.loads((files.package() / "contract" / "cases.schema.json").read_text(encoding="utf-8"))
    return SchemaPart("contract-cases", "file", document)


def _read(path: Path, catalog: Catalog) -> Iterator[Case]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CaseError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise CaseError(f"{path}: not JSON: {error}") from None
    yield from _checked(path, document, catalog)


def _checked(path: Path, document: Any, catalog: Catalog) -> Iterator[Case]:
    for violation in _file_part().violations(document):
        raise CaseError(f"{path}: {violation}")
    yield from _Reader(path, document, catalog).cases()


class _Reader:
    """One file that has the right form: whether it makes sense, and the cases in it."""

    def __init__(self, path: Path, document: Mapping[str, Any], catalog: Catalog) -> None:
        self.path, self.document, self.catalog = path, document, catalog
        self.points = points_of(catalog)

    def refuse(self, pointer: str, why: str) -> CaseError:
        return CaseError(f"{self.path}: {pointer}: {why}")

    def cases(self) -> Iterator[Case]:
        shared = self.document.get("values", {})
        for index, raw in enumerate(self.document["cases"]):
            pointer = f"/cases/{index}"
            steps = tuple(self.steps(raw["steps"], f"{pointer}/steps"))
            cleanup = tuple(self.steps(raw.get("cleanup", []), f"{pointer}/cleanup"))
            if ("profile" in raw) != ("point" in raw) or raw.get("point", "D1") not in self.points:
                raise self.refuse(pointer, f"profile goes with a point, one of {', '.join(self.points)}")
            if raw["effect"] == READS:
                self.reads_only(steps, pointer)
            for variant in raw.get("each", [{}]):
                label = f"[{variant['label']}]" if variant else ""
                yield Case(
                    name=f"{self.document['about']}/{raw['name']}{label}",
                    effect=raw["effect"],
                    profile=raw.get("profile"),
                    point=raw.get("point", ""),
                    values={**shared, **variant},
                    steps=steps,
                    cleanup=cleanup,
                    source=str(self.path),
                )

    def reads_only(self, steps: Iterable[Step], pointer: str) -> None:
        for step in steps:
            harmless = step.method in ("GET", "HEAD", "OPTIONS") or step.credential == "none"
            if not harmless and step.path not in ("/auth/login", "/v1.0/auth/login"):
                why = f"a case that only reads cannot ask {step.ask} with a credential"
                raise self.refuse(f"{pointer}/steps/{step.number - 1}/ask", why)

    def steps(self, raws: Iterable[Mapping[str, Any]], base: str) -> Iterator[Step]:
        for index, raw in enumerate(raws):
            pointer = f"{base}/{index}"
            method, _, path = raw["ask"].partition(" ")
            credential = raw.get("as", "any")
            if isinstance(credential, str) and credential not in CREDENTIALS:
                raise self.refuse(f"{pointer}/as", f"{credential!r} is none of {', '.join(CREDENTIALS)}")
            if isinstance(credential, dict) and (
                len(credential) != 1 or not credential.keys() <= {"token", "accesskey"}
            ):
                raise self.refuse(f"{pointer}/as", "must have one member, token or accesskey")
            if "body" in raw and "text" in raw:
                raise self.refuse(f"{pointer}/text", "a request has a body or a text, not both")
            differs = raw.get("differs", [])
            self.expectation(raw.get("expect", {}), f"{pointer}/expect")
            for number, entry in enumerate(differs):
                where = f"{pointer}/differs/{number}"
                if entry["point"] not in self.points:
                    raise self.refuse(f"{where}/point", f"{entry['point']!r} is none of {', '.join(self.points)}")
                for profile in ("documented", "server"):
                    self.expectation(entry[profile], f"{where}/{profile}")
            yield Step(
                number=index + 1,
                method=method,
                path=path,
                query=raw.get("query", {}),
                headers=raw.get("headers", {}),
                body=raw.get("body"),
                text=raw.get("text"),
                has_body="body" in raw,
                credential=credential,
                expect=raw.get("expect", {}),
                differs=differs,
                keep=raw.get("keep", {}),
                needs=raw.get("needs", ()),
            )

    def expectation(self, raw: Mapping[str, Any], pointer: str) -> None:
        shape = raw.get("shape")
        if isinstance(shape, str) and not is_shape(self.catalog, shape):
            raise self.refuse(f"{pointer}/shape", f"{shape!r} is no form of a body, such as outplans.record")
        self.matchers(raw.get("body"), f"{pointer}/body")
        self.matchers(raw.get("headers"), f"{pointer}/headers")

    def matchers(self, value: Any, pointer: str) -> None:
        if isinstance(value, list):
            for index, item in enumerate(value):
                self.matchers(item, join_pointer(pointer, index))
        elif isinstance(value, dict):
            for name, item in value.items():
                where = join_pointer(pointer, name)
                special = name.startswith("$") and not name.startswith("${")
                if special and (len(value) != 1 or name not in KNOWN):
                    raise self.refuse(where, f"{name} is no matcher; there are {', '.join(KNOWN)}")
                if name == "$text":
                    self.pattern(item, where)
                self.matchers(item, where)

    def pattern(self, text: Any, pointer: str) -> None:
        try:
            re.compile(_VARIABLE.sub("", text))
        except (re.error, TypeError) as error:
            raise self.refuse(pointer, f"{shorten(text)!r} is no regular expression: {error}") from None


# --- values ----------------------------------------------------------------------------------------


class Unkept(LookupError):
    """A value that is named and was never kept."""


def fill(template: Any, values: Mapping[str, Any]) -> Any:
    """The same with `${name}` replaced, and `$merge` and `$without` done. Raises Unkept."""
    if isinstance(template, str):
        whole = _VARIABLE.fullmatch(template)
        if whole:
            return fill(_value(whole[1], values), values)
        return _VARIABLE.sub(lambda match: str(_value(match[1], values)), template)
    if isinstance(template, list):
        return [fill(item, values) for item in template]
    if isinstance(template, dict):
        if "$merge" in template:
            merged: dict[str, Any] = {}
            for item in template["$merge"]:
                merged.update(fill(item, values))
            return merged
        if "$without" in template:
            whole_object, *names = fill(template["$without"], values)
            return {name: item for name, item in whole_object.items() if name not in names}
        return {fill(name, values): fill(item, values) for name, item in template.items()}
    return template


def _value(name: str, values: Mapping[str, Any]) -> Any:
    if name not in values:
        raise Unkept(name)
    return values[name]
