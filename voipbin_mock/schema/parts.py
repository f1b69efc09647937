"""JSON Schemas, made ready for use: how a body is decoded, checked and stored.

A `SchemaPart` is one `$defs` entry of a resource's schema document. It knows three ways to look at a body:

* `decode` reads it as the service's own decoder does (types only; whatever is missing becomes zero);
* `surely_valid` is a check compiled from the schema, some twenty times faster than the library. It
  may say "not sure" about a valid body, but never "sure" about an invalid one;
* `violations` asks jsonschema, which words what is wrong. It is imported only then: it is dear.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from voipbin_mock._real_files import real_files
from voipbin_mock.schema.checks import Check, compile_check
from voipbin_mock.schema.decoding import Decoder
from voipbin_mock.schema.documents import BASE_URI, known_as_met
from voipbin_mock.schema.members import ACTION_MEMBERS, ADDRESS_MEMBERS, INT64, Member, members_of, ordered
from voipbin_mock.schema.tolerance import Gap, gaps, tolerant
from voipbin_mock.schema.wording import place, words
from voipbin_mock.wire.errors import MAX_FAULTS, Violation, join_pointer


class SchemaPart:
    """One `$defs` entry of a schema document."""

    def __init__(self, resource: str, name: str, home: Mapping[str, Any]) -> None:
        self.resource, self.name = resource, name
        self.home = home
        self.schema: Mapping[str, Any] = self.home["$defs"][name]
        self.members = members_of(self.schema, self.home)
        self.names = frozenset(member.name for member in self.members)
        # Columns of the service's database: what does not fit is refused whatever the strictness.
        self.limits = tuple(_limits(self.members))
        # Members with members of their own, and the names known in there.
        self._inside = tuple(
            (member.name, frozenset(inner.name for inner in _inner(member)))
            for member in self.members
            if _inner(member)
        )
        self._validator: Any = None

    def order(self, profile: str) -> list[str]:
        """The names of the members, as a profile orders them."""
        return ordered(self.schema, self.members, profile)

    @cached_property
    def surely_valid(self) -> Check:
        """True for values that are valid beyond doubt. Compiled for the first body: most parts never see one."""
        return compile_check(self.schema, self.home)

    @cached_property
    def surely_tolerable(self) -> Check:
        """True for values in which beyond doubt nothing is wrong but gaps."""
        return compile_check(tolerant(self.schema, self.home), self.home)

    def judge(self, raw: Any) -> tuple[list[Violation], list[Gap]]:
        """What is wrong with a body that is told off for its gaps, and no more; and those gaps.

        A body that gives none of the members has no gaps: then everything that is required is missing.
        """
        if self.surely_valid(raw):
            return [], []
        found = [] if type(raw) is not dict or self.names.isdisjoint(raw) else list(gaps(self.schema, self.home, raw))
        if found and self.surely_tolerable(raw):
            return [], found
        return self.violations(raw, {gap.pointer for gap in found}), found

    def knows(self, raw: Mapping[str, Any]) -> bool:
        """Whether a body surely has no members but known ones."""
        if not self.names.issuperset(raw):
            return False
        for name, known in self._inside:
            value = raw.get(name)
            if value and (type(value) is not dict or not known.issuperset(value)):
                return False
        return True

    def strangers(self, raw: Any) -> Iterator[tuple[str, str, list[str]]]:
        """Members that are not known: the pointer to their object, their name, the names known there."""
        return _strangers(self.members, raw, "")

    def miswritten(self, raw: Any) -> Iterator[tuple[str, str]]:
        """Member names in another letter case than the schema's, with the right ones."""
        for name in raw if type(raw) is dict else ():
            folded = name.casefold()
            if name != folded and folded in self.names and folded not in raw:
                yield name, folded

    def decode(self, raw: Any) -> tuple[dict[str, Any], list[Violation]]:
        """The values as the service would read them, and what it could not read."""
        decoder = Decoder()
        return decoder.members(self.members, raw, ""), decoder.problems

    def validator(self) -> Any:
        """A jsonschema validator for this part."""
        if self._validator is None:
            base = BASE_URI + f"{self.resource}.json"
            with real_files():  # they read their own schemas when they are loaded
                from jsonschema import Draft202012Validator
                from referencing import Registry
                from referencing.jsonschema import DRAFT202012

            # One of the user's may call itself what it likes, or nothing: what it refers to is found beside ours.
            home = DRAFT202012.create_resource({**self.home, "$id": base})
            documents: Any = Registry(retrieve=known_as_met)  # type: ignore[call-arg]  # attrs names it without _
            resources = documents.with_resource(base, home)
            self._validator = Draft202012Validator({"$ref": f"{base}#/$defs/{self.name}"}, registry=resources)
        return self._validator

    def violations(self, raw: Any, but: Container[str] = ()) -> list[Violation]:
        """Everything that is wrong with a body by its schema; empty if it is valid. `but` are pointers of gaps."""
        if self.surely_valid(raw):
            return []
        found: list[Violation] = []
        first = islice((error for error in self.validator().iter_errors(raw) if place(error) not in but), MAX_FAULTS)
        errors = sorted(first, key=lambda e: [str(token) for token in e.absolute_path])
        mistyped: dict[str, int] = {}  # pointer -> where it is told
        for error in errors:
            pointer = join_pointer("", *error.absolute_path)
            for violation in words(error, pointer, self.home):
                if error.validator == "type" and pointer in mistyped:
                    if "x-expected" in error.schema:  # told already, but this says it better
                        found[mistyped[pointer]] = violation
                elif violation not in found:
                    if error.validator == "type":
                        mistyped[pointer] = len(found)
                    found.append(violation)
        return found

    def over_limits(self, values: Mapping[str, Any]) -> list[Violation]:
        """Values that do not fit the service's columns."""
        found = []
        for name, low, high, length in self.limits:
            value = values.get(name)
            if isinstance(value, str):
                if len(value) > length:
                    wanted = f"at most {length} characters"
                    found.append(Violation(f"/{name}", f"{len(value)} characters: expected {wanted}", wanted, value))
            elif value is not None and not low <= value <= high:
                wanted = f"an integer from {low} to {high}"
                found.append(Violation(f"/{name}", f"{value} does not fit: expected {wanted}", wanted, value))
        return found


def _inner(member: Member) -> tuple[Member, ...]:
    if member.kind in ("address", "addresses", "slot"):
        return ADDRESS_MEMBERS
    return ACTION_MEMBERS if member.kind == "actions" else member.members


def _strangers(members: tuple[Member, ...], raw: Any, pointer: str) -> Iterator[tuple[str, str, list[str]]]:
    if type(raw) is not dict:
        return
    known = {member.name.casefold(): member for member in members}
    for name, value in raw.items():
        member = known.get(name.casefold())
        if member is None:
            yield pointer, name, [member.name for member in members]
        elif inner := _inner(member):
            at = join_pointer(pointer, name)
            for index, item in enumerate(value) if type(value) is list else [("", value)]:
                yield from _strangers(inner, item, join_pointer(at, index) if index != "" else at)


def _limits(members: tuple[Member, ...]) -> Iterator[tuple[str, int, int, int]]:
    for member in members:
        if member.kind == "integer":
            low, high = member.schema.get("minimum", INT64[0]), member.schema.get("maximum", INT64[1])
            if (low, high) != INT64:
                yield member.name, low, high, 0
        elif member.kind == "string" and "maxLength" in member.schema:
            yield member.name, 0, 0, member.schema["maxLength"]
