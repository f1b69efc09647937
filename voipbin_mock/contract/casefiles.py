"""Files of contract cases, read and looked through: what cannot be used is told with its file and place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from voipbin_mock.api.catalog import Catalog
from voipbin_mock.contract.answers import is_shape
from voipbin_mock.contract.case import CREDENTIALS, GIVEN, READS, Case, CaseError, Step
from voipbin_mock.contract.filling import (
    MERGE,
    VARIABLE,
    WITHOUT,
    Unfillable,
    Unkept,
    Values,
    circle,
    fill,
    grown,
    reached,
)
from voipbin_mock.contract.points import points_of
from voipbin_mock.contract.promises import ARGUMENTS, MATCHERS
from voipbin_mock.schema import files
from voipbin_mock.schema.parts import SchemaPart
from voipbin_mock.wire.errors import join_pointer, shorten
from voipbin_mock.wire.values import encode

KNOWN = (*sorted(MATCHERS), MERGE, WITHOUT)
DEEPEST = 50  # levels of a file
OTHER_FORMS = (".yaml", ".yml", ".json5", ".jsonc", ".toml")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_UNKNOWN: Any = object()

Found = Case | CaseError


def in_folder(folder: Path, catalog: Catalog, given: frozenset[str] = frozenset()) -> Iterator[Found]:
    """The cases of a directory, or of one file, and what is wrong with others. given: names that the target knows."""
    if folder.is_file():
        yield from _in_file(folder, catalog, given)
        return
    paths = sorted(folder.iterdir())
    cases = [path for path in paths if path.suffix.lower() == ".json" and path.is_file()]
    for path in paths:
        if path.suffix.lower() in OTHER_FORMS:
            yield CaseError(f"{path}: cases are JSON files whose names end in .json; this one is not read")
    if not cases:
        yield CaseError(f"{folder}: there is no case file (*.json) in it")
    for path in cases:
        yield from _in_file(path, catalog, given)


def _in_file(path: Path, catalog: Catalog, given: frozenset[str]) -> Iterator[Found]:
    try:
        document = _read(path)
    except CaseError as error:
        yield error
        return
    yield from in_document(path, document, catalog, given)


def in_document(path: Path, document: Any, catalog: Catalog, given: frozenset[str] = frozenset()) -> Iterator[Found]:
    """The cases of one document; what is wrong with one of them leaves the others as they are."""
    try:
        shell = {**document, "cases": []} if _has_cases(document) else document
        for violation in _part("file").violations(shell):
            raise CaseError(f"{path}: {violation}")
        reader = _Reader(path, document, catalog, given)
    except CaseError as error:
        yield error
        return
    except RecursionError:
        yield CaseError(f"{path}: nested too deeply")
        return
    for index in range(len(document["cases"])):
        try:
            yield from list(reader.case(index))
        except CaseError as error:
            yield error
        except RecursionError:
            yield CaseError(f"{path}: /cases/{index}: nested too deeply")


def _has_cases(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("cases"), list)


@lru_cache(maxsize=4)
def _part(name: str) -> SchemaPart:
    document = json.loads((files.package() / "contract" / "cases.schema.json").read_text(encoding="utf-8"))
    return SchemaPart("contract-cases", name, document)


class _Twice(dict[str, Any]):
    """An object that has a member twice."""

    name = ""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    twice = _Twice(found)
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            twice.name = name
            break
        seen.add(name)
    return twice


def _read(path: Path) -> Any:
    def no_number(text: str) -> Any:
        raise ValueError(f"{text} is no JSON number")

    try:
        text = path.read_bytes().decode("utf-8-sig")
        document = json.loads(text, object_pairs_hook=_pairs, parse_constant=no_number)
    except OSError as error:
        raise CaseError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CaseError(f"{path}: not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise CaseError(f"{path}: not JSON: nested too deeply") from None
    except ValueError as error:
        raise CaseError(f"{path}: not JSON: {error}") from None
    for pointer, why in _oddities(document):
        raise CaseError(f"{path}: {pointer or '(body)'}: {why}")
    return document


def _oddities(document: Any) -> Iterator[tuple[str, str]]:
    """What Python reads without a word, and nobody can mean."""
    waiting: list[tuple[Any, str, int]] = [(document, "", 0)]
    while waiting:
        value, pointer, depth = waiting.pop()
        if isinstance(value, str) and not value.isascii():
            try:
                value.encode("utf-8")
            except UnicodeEncodeError:
                yield pointer, "has half a surrogate pair, which is no character; write such a body as `text`"
        elif isinstance(value, float) and value in (float("inf"), float("-inf")):
            yield pointer, "is too large a number"
        elif isinstance(value, (dict, list)):
            if depth == DEEPEST:
                yield pointer, f"is nested deeper than {DEEPEST} levels"
                continue
            if isinstance(value, _Twice):
                yield join_pointer(pointer, value.name), "stands there twice"
            items = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += [(item, join_pointer(pointer, name), depth + 1) for name, item in items]
            if isinstance(value, dict):
                waiting += [(name, join_pointer(pointer, name), depth + 1) for name in value if not name.isascii()]


class _Reader:
    """One file that has the right form: whether its cases make sense."""

    def __init__(self, path: Path, document: Mapping[str, Any], catalog: Catalog, given: frozenset[str]) -> None:
        self.path, self.document, self.catalog = path, document, catalog
        self.ours = files.package() in path.parents  # held to the schema by the project's tests
        self.given = {*GIVEN, *given}
        self.points = points_of(catalog)
        self.shared: Mapping[str, Any] = document.get("values", {})
        self.templates(self.shared, "/values")

    def refuse(self, pointer: str, why: str) -> CaseError:
        return CaseError(f"{self.path}: {pointer}: {why}")

    def templates(self, values: Mapping[str, Any], pointer: str) -> None:
        """Refuse values that cannot be filled, whatever they are filled with."""
        round_trip = circle(values)
        if round_trip:
            raise self.refuse(join_pointer(pointer, round_trip[0]), f"names itself: {' -> '.join(round_trip)}")
        too_long = grown(values)
        if too_long:
            raise self.refuse(join_pointer(pointer, too_long), "becomes too long when it is filled in")
        for name, value in values.items():
            self.merges(value, join_pointer(pointer, name))

    def case(self, index: int) -> Iterator[Case]:
        pointer, raw = f"/cases/{index}", self.document["cases"][index]
        for violation in () if self.ours else _part("case").violations(raw):
            raise CaseError(f"{self.path}: {pointer}{violation.pointer}: {violation.message}")
        steps = tuple(self.steps(raw["steps"], f"{pointer}/steps"))
        cleanup = tuple(self.steps(raw.get("cleanup", []), f"{pointer}/cleanup"))
        if ("profile" in raw) != ("point" in raw) or raw.get("point", "D1") not in self.points:
            raise self.refuse(pointer, f"profile goes with a point, one of {', '.join(self.points)}")
        if raw["effect"] == READS:
            self.reads_only(steps, pointer)
        for number, variant in enumerate(raw.get("each", [{}])):
            label = f"[{variant['label']}]" if variant else ""
            values = {**self.shared, **variant}
            if variant:
                self.templates(values, f"{pointer}/each/{number}")
            case = Case(
                name=f"{self.document['about']}/{raw['name']}{label}",
                effect=raw["effect"],
                profile=raw.get("profile"),
                point=raw.get("point", ""),
                values=values,
                steps=steps,
                cleanup=cleanup,
                source=str(self.path),
            )
            _Sense(self, case, pointer).look()
            yield case

    def reads_only(self, steps: Iterable[Step], pointer: str) -> None:
        for step in steps:
            harmless = step.method in ("GET", "HEAD", "OPTIONS") or step.credential == "none"
            if not harmless and step.path not in ("/auth/login", "/v1.0/auth/login"):
                why = f"a case that only reads cannot ask {step.ask} with a credential"
                raise self.refuse(f"{pointer}/steps/{step.number - 1}/ask", why)

    def steps(self, raws: Iterable[Mapping[str, Any]], base: str) -> Iterator[Step]:
        for index, raw in enumerate(raws):
            pointer = f"{base}/{index}"
            self.request(raw, pointer)
            self.expectations(raw, pointer)
            method, _, path = raw["ask"].partition(" ")
            yield Step(
                number=index + 1,
                method=method,
                path=path,
                query=raw.get("query", {}),
                headers=raw.get("headers", {}),
                body=raw.get("body"),
                text=raw.get("text"),
                has_body="body" in raw,
                credential=raw.get("as", "any"),
                expect=raw.get("expect", {}),
                differs=raw.get("differs", []),
                keep=raw.get("keep", {}),
                needs=raw.get("needs", ()),
                after=raw.get("after", 0),
                wait=raw.get("wait", 0),
            )

    def request(self, raw: Mapping[str, Any], pointer: str) -> None:
        credential = raw.get("as", "any")
        if isinstance(credential, str) and credential not in CREDENTIALS:
            raise self.refuse(f"{pointer}/as", f"{credential!r} is none of {', '.join(CREDENTIALS)}")
        if isinstance(credential, dict) and (len(credential) != 1 or not credential.keys() <= {"token", "accesskey"}):
            raise self.refuse(f"{pointer}/as", "must have one member, token or accesskey")
        if "body" in raw and "text" in raw:
            raise self.refuse(f"{pointer}/text", "a request has a body or a text, not both")
        for part in ("keep", "needs"):
            for name in raw.get(part, ()):
                if not VARIABLE.fullmatch(f"${{{name}}}"):
                    why = f"{shorten(name)!r} is no name: letters, digits and _"
                    raise self.refuse(f"{pointer}/{part}", why)
        self.merges(raw.get("body"), f"{pointer}/body", sent=True)

    def expectations(self, raw: Mapping[str, Any], pointer: str) -> None:
        self.expectation(raw.get("expect", {}), f"{pointer}/expect")
        for number, entry in enumerate(raw.get("differs", [])):
            where = f"{pointer}/differs/{number}"
            if entry["point"] not in self.points:
                raise self.refuse(f"{where}/point", f"{entry['point']!r} is none of {', '.join(self.points)}")
            for profile in ("documented", "server"):
                self.expectation(entry[profile], f"{where}/{profile}")

    def expectation(self, raw: Mapping[str, Any], pointer: str) -> None:
        shape = raw.get("shape")
        if isinstance(shape, str) and not VARIABLE.search(shape) and not is_shape(self.catalog, shape):
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
                if _is_special(name):
                    self.matcher(value, name, where)
                self.matchers(item, where)

    def matcher(self, whole: Mapping[str, Any], name: str, where: str) -> None:
        if name not in KNOWN:
            raise self.refuse(where, f"{name} is no matcher; there are {', '.join(KNOWN)}")
        if len(whole) != 1:
            others = ", ".join(other for other in whole if other != name)
            raise self.refuse(where, f"a matcher stands alone in its object; beside {name} stand {others}")
        argument = whole[name]
        if name in (MERGE, WITHOUT):
            self.merge(name, argument, where)
            return
        if name == "$text" and isinstance(argument, str):
            self.pattern(argument, where)
        takes, words = ARGUMENTS.get(name, (None, ""))
        if takes is not None and not _mentions(argument) and not takes(argument):
            raise self.refuse(where, f"{name} takes {words}, not {shorten(argument)!r}")

    def pattern(self, text: str, pointer: str) -> None:
        try:
            re.compile(VARIABLE.sub("", text))
        except (re.error, OverflowError, RecursionError) as error:
            raise self.refuse(pointer, f"{shorten(text)!r} is no regular expression: {error}") from None

    def merges(self, value: Any, pointer: str, sent: bool = False) -> None:
        """What is put together in a value; sent: it is a body, so there is nothing to match in it."""
        if isinstance(value, list):
            for index, item in enumerate(value):
                self.merges(item, join_pointer(pointer, index), sent)
        elif isinstance(value, dict):
            for name, item in value.items():
                where = join_pointer(pointer, name)
                if name in (MERGE, WITHOUT):
                    self.matcher(value, name, where)
                elif sent and name in MATCHERS:
                    raise self.refuse(where, f"{name} is for what is expected; a request holds values")
                self.merges(item, where, sent)

    def merge(self, name: str, argument: Any, where: str) -> None:
        if not isinstance(argument, list) or not argument:
            raise self.refuse(where, f"{name} takes an array, not {shorten(argument)!r}")
        objects = argument if name == MERGE else argument[:1]
        for index, item in enumerate(objects):
            if not isinstance(item, dict) and not (isinstance(item, str) and VARIABLE.fullmatch(item)):
                raise self.refuse(join_pointer(where, index), f"{shorten(item)!r} is no object, nor the name of one")
        for index, item in enumerate(argument[1:] if name == WITHOUT else (), 1):
            if not isinstance(item, str):
                raise self.refuse(join_pointer(where, index), f"{shorten(item)!r} is no name of a member")


def _is_special(name: str) -> bool:
    return name.startswith("$") and not name.startswith("${")


def _mentions(argument: Any) -> bool:
    """Whether a value is only known when it is filled in."""
    items = argument if isinstance(argument, list) else [argument]
    return any(isinstance(item, str) and VARIABLE.search(item) is not None for item in items)


class _Sense:
    """Whether one case can be asked: every name is given by somebody, and what can be foretold can be sent."""

    def __init__(self, reader: _Reader, case: Case, pointer: str) -> None:
        self.reader, self.case, self.pointer = reader, case, pointer
        self.values = Values(case.values, {name: name for name in GIVEN})

    def look(self) -> None:
        known = {*self.reader.given, *self.case.values}
        for step in self.case.steps:
            where = f"{self.pointer}/steps/{step.number - 1}"
            known |= set(step.needs)
            self.names(step, where, known)
            self.request(step, where)
            known |= set(step.keep)
        for step in self.case.cleanup:
            where = f"{self.pointer}/cleanup/{step.number - 1}"
            self.names(step, where, known)
            self.request(step, where)

    def names(self, step: Step, where: str, known: set[str]) -> None:
        for part, template in _parts(step):
            unknown = sorted(reached(template, self.case.values) - known)
            if unknown:
                why = (
                    f"nothing gives ${{{unknown[0]}}}: it is no value of the file, and no earlier step keeps it; "
                    "what the target is to give belongs into `needs`"
                )
                raise self.reader.refuse(where + part, why)

    def request(self, step: Step, where: str) -> None:
        for part, look in _LOOKS:
            template = getattr(step, part)
            filled = self.filled(template, f"{where}/{'ask' if part in ('method', 'path') else part}")
            if filled is _UNKNOWN:
                continue
            for pointer, why in look(filled):
                raise self.reader.refuse(f"{where}/{pointer}", why)
        for name, expect in [("expect", step.expect), *_sides(step)]:
            filled = self.filled(dict(expect), f"{where}/{name}")
            if filled is not _UNKNOWN:
                self.reader.expectation(filled, f"{where}/{name}")

    def filled(self, template: Any, where: str) -> Any:
        try:
            return fill(template, self.values)
        except Unkept:
            return _UNKNOWN
        except Unfillable as error:
            raise self.reader.refuse(where, str(error)) from None


def _sides(step: Step) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, entry in enumerate(step.differs):
        for profile in ("documented", "server"):
            yield f"differs/{number}/{profile}", entry[profile]


def _parts(step: Step) -> Iterator[tuple[str, Any]]:
    yield "/ask", step.ask
    yield "/query", step.query
    yield "/headers", step.headers
    yield ("/body" if step.has_body else "/text"), step.body if step.has_body else step.text
    yield "/as", step.credential
    yield "/expect", step.expect
    yield "/differs", step.differs


def _method(method: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(method, str) or not re.fullmatch("[A-Z]+", method, re.ASCII):
        yield "ask", f"{shorten(method)!r} is no method, such as GET"


def _path(path: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(path, str) or not path.startswith("/"):
        yield "ask", f"{shorten(path)!r} is no path, such as /v1.0/outplans"
    elif "?" in path or "#" in path:
        yield "ask", "a path has no ? and no #; parameters belong into `query`"
    elif not path.isascii() or not path.isprintable() or " " in path:
        yield "ask", f"{shorten(path)!r} is no path: percent-encode what is no plain character"


def _query(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in query.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, bool) or not isinstance(item, (str, int, float)):
                yield (
                    join_pointer("query", name),
                    f"{shorten(item)!r} is neither a text nor a number, nor a list of such",
                )


def _headers(headers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        where = join_pointer("headers", name)
        if not _HEADER_NAME.fullmatch(name):
            yield where, f"{shorten(name)!r} is no name of a header"
        text = str(value)
        try:
            text.encode("latin-1")
        except UnicodeEncodeError:
            yield where, "a header is written in Latin-1"
        if any(character in text for character in "\r\n\0"):
            yield where, "a header has no line break"


def _text(text: Any) -> Iterator[tuple[str, str]]:
    if text is not None and not isinstance(text, str):
        yield "text", f"{shorten(text)!r} is no text"


def _body(body: Any) -> Iterator[tuple[str, str]]:
    try:
        encode(body).encode("utf-8")
    except ValueError as error:
        yield "body", f"cannot be sent as JSON: {error}"


_LOOKS: tuple[tuple[str, Callable[[Any], Iterator[tuple[str, str]]]], ...] = (
    ("method", _method),
    ("path", _path),
    ("query", _query),
    ("headers", _headers),
    ("text", _text),
    ("body", _body),
)
