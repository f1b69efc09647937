"""JSON Schemas, made ready for use: how a body is decoded, checked and stored.

A `Part` is one `$defs` entry of a resource's schema document. It knows three ways to look at a body:

* `decode` reads it as the service's own decoder does (types only; whatever is missing becomes zero);
* `surely_valid` is a check compiled from the schema, some twenty times faster than the library. It
  may say "not sure" about a valid body, but never "sure" about an invalid one;
* `violations` asks jsonschema, which words what is wrong. It is imported only then: it is dear.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from voipbin_mock.schema.checks import Check, compile_check
from voipbin_mock.schema.documents import BASE_URI, registry, resolve
from voipbin_mock.wire.errors import MAX_FAULTS, Violation, join_pointer, shorten
from voipbin_mock.wire.values import NIL_UUID, uuid_or_nil

INT64 = _LOWEST, _HIGHEST = (-(1 << 63), (1 << 63) - 1)
_ARRAYS = frozenset({"addresses", "uuids", "actions", "array"})
ADDRESS_KEYS = ("type", "target", "target_name", "name", "detail")

_MISSING: Any = object()
_GO_NAMES = {str: "string", bool: "boolean", int: "number", float: "number", dict: "object", list: "array"}


class Member(NamedTuple):
    """One member of a record or body."""

    name: str
    kind: str  # string, integer, boolean, uuid, stamp, address, slot, object, any, or one of _ARRAYS
    schema: Mapping[str, Any]
    members: tuple[Member, ...] = ()  # of an object

    def zero(self) -> Any:
        """What the service stores when the member is missing."""
        if self.kind == "address":
            return empty_address()
        if self.kind == "object":
            return {member.name: member.zero() for member in self.members}
        if self.kind in _ARRAYS:
            return []
        if self.kind == "action":
            return {member.name: member.zero() for member in _ACTION_MEMBERS if member.name != "option"}
        return _ZEROS[self.kind]

    @property
    def default(self) -> Any:
        """What a new record has if nobody says: the schema's default, or its first choice; else None."""
        choices = self.schema.get("enum")
        if choices and self.zero() in choices:
            return None
        return self.schema.get("default", choices[0] if choices else None)

    @property
    def omitted(self) -> str:
        """When the member is left out of the wire while empty: "", "documented", "server" or "always"."""
        return str(self.schema.get("x-omit-empty", ""))


_ZEROS: Mapping[str, Any] = {
    "string": "",
    "integer": 0,
    "boolean": False,
    "uuid": NIL_UUID,
    "stamp": None,
    "slot": None,  # an address that may be empty
    "map": None,  # an object of the user's own, kept as it is given
    "any": None,
}


def empty_address() -> dict[str, str]:
    return dict.fromkeys(ADDRESS_KEYS, "")


def members_of(schema: Mapping[str, Any], home: Mapping[str, Any]) -> tuple[Member, ...]:
    schema, home = resolve(schema, home)
    return tuple(_member(name, sub, home) for name, sub in schema.get("properties", {}).items())


def _member(name: str, schema: Mapping[str, Any], home: Mapping[str, Any]) -> Member:
    schema, home = resolve(schema, home)
    kind = schema.get("x-kind") or schema.get("type")
    if isinstance(kind, list):  # kept as it is given
        kind = "map" if kind == ["object", "null"] else "any"
    if kind == "array":  # without an x-kind of its own
        item, _ = resolve(schema.get("items", {}), home)
        kind = {"address": "addresses", "uuid": "uuids"}.get(item.get("x-kind", ""), "array")
    if not isinstance(kind, str) or kind not in {*_ZEROS, "address", *_ARRAYS, "object"}:
        raise ValueError(f"schema member {name!r} needs one type or an x-kind, not {kind!r}")
    return Member(name, kind, schema, members_of(schema, home) if kind == "object" else ())


# --- decoding, as the service's decoder does it -------------------------------------------------


class Decoder:
    """Reads a body into zero-filled values; collects what the service could not decode."""

    __slots__ = ("problems",)

    def __init__(self) -> None:
        self.problems: list[Violation] = []

    def members(self, members: tuple[Member, ...], raw: Any, pointer: str) -> dict[str, Any]:
        if raw is None:
            raw = {}
        elif type(raw) is not dict:
            self._mismatch(pointer, "an object", raw)
            raw = {}
        values: dict[str, Any] = {}
        found, told = 0, len(self.problems)
        for member in members:
            name, kind, _, _ = member
            value = raw.get(name, _MISSING)
            if value is _MISSING:
                values[name] = member.zero()
                continue
            found += 1
            # The two commonest first, without a call.
            if (kind == "string" and type(value) is str) or (
                kind == "integer" and type(value) is int and _LOWEST <= value <= _HIGHEST
            ):
                values[name] = value
            else:
                values[name] = self.value(member, value, pointer)
        if found != len(raw):
            self._other_letter_case(members, raw, values, pointer, told)
        return values

    def _other_letter_case(
        self, members: tuple[Member, ...], raw: dict[str, Any], values: dict[str, Any], pointer: str, told: int
    ) -> None:
        """The service matches member names without regard to case, the last one given winning."""
        by_folded = {member.name: member for member in members}
        given = {key: key.casefold() for key in raw}
        if any(key not in by_folded and folded in by_folded for key, folded in given.items()):
            del self.problems[told:]  # all are read again, in the order given
            for key, folded in given.items():
                if folded in by_folded:
                    values[folded] = self.value(by_folded[folded], raw[key], pointer, key)

    def value(self, member: Member, value: Any, base: str, key: str | None = None) -> Any:
        kind = member.kind
        if value is None:
            return member.zero()
        if kind == "any":
            return value
        if kind == "string" or kind == "stamp":
            if type(value) is str:
                return value
        elif kind == "integer":
            if type(value) is int and INT64[0] <= value <= INT64[1]:
                return value
        elif kind == "boolean":
            if type(value) is bool:
                return value
        elif kind == "uuid":
            if type(value) is str:
                return uuid_or_nil(value)
        elif kind == "address":
            if type(value) is dict:
                return self.members(_ADDRESS_MEMBERS, value, join_pointer(base, key or member.name))
        elif kind == "slot":
            if type(value) is dict:
                found = self.members(_ADDRESS_MEMBERS, value, join_pointer(base, key or member.name))
                return found if any(found.values()) else None
        elif kind == "action":
            if type(value) is dict:
                return self._action(value, join_pointer(base, key or member.name))
        elif kind == "map":
            if type(value) is dict:
                return value
        elif kind == "object":
            if type(value) is dict:
                return self.members(member.members, value, join_pointer(base, key or member.name))
        elif type(value) is list:
            return self._items(kind, value, join_pointer(base, key or member.name))
        self._mismatch(join_pointer(base, key or member.name), _EXPECTED[kind], value)
        return member.zero()

    def _items(self, kind: str, items: list[Any], pointer: str) -> list[Any]:
        if kind == "array":
            return items
        item = Member("", kind.removesuffix("es" if kind == "addresses" else "s"), {})
        decoded = []
        for index, value in enumerate(items):
            decoded.append(self.value(item, value, pointer, str(index)))
        return decoded

    def _action(self, raw: dict[str, Any], pointer: str) -> dict[str, Any]:
        """A flow action: an option is kept as it is, an empty one is dropped (server)."""
        action = self.members(_ACTION_MEMBERS, raw, pointer)
        option = action["option"]
        if option is not None and type(option) is not dict:
            self._mismatch(f"{pointer}/option", _EXPECTED["object"], option)
            option = None
        if not option:
            del action["option"]
        action["tm_execute"] = None
        return action

    def _mismatch(self, pointer: str, expected: str, value: Any) -> None:
        self.problems.append(type_violation(pointer, expected, value))


def type_violation(pointer: str, expected: str, value: Any) -> Violation:
    got = _GO_NAMES.get(type(value), "null")
    quoted = shorten(value)
    shown = f'"{quoted}"' if isinstance(quoted, str) and got == "string" else str(quoted)
    message = f"expected {expected}, got {got}" + ("" if value is None else f" {shown}")
    return Violation(pointer, message, expected, value)


_EXPECTED = {
    "string": "a string",
    "stamp": "a timestamp string",
    "integer": "an integer without fraction or exponent",
    "boolean": "true or false",
    "uuid": "a UUID string",
    "address": "an address object",
    "slot": "an address object or null",
    "action": "an action object",
    "object": "an object",
    "map": "an object or null",
    "addresses": "an array of address objects",
    "uuids": "an array of UUID strings",
    "actions": "an array of action objects",
    "array": "an array",
}
_ADDRESS_MEMBERS = tuple(Member(name, "string", {}) for name in ADDRESS_KEYS)
# A flow action, in the order of the wire.
_ACTION_MEMBERS = (
    Member("id", "uuid", {}),
    Member("next_id", "uuid", {}),
    Member("type", "string", {}),
    Member("option", "any", {}),
    Member("tm_execute", "stamp", {}),
)


# --- the verdict of jsonschema, in words --------------------------------------------------------


def _words(error: Any, pointer: str, home: Mapping[str, Any]) -> Iterator[Violation]:
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    expected = str(schema.get("x-expected", ""))
    word, argument, value = error.validator, error.validator_value, error.instance
    if word == "required":
        # jsonschema reports one missing member at a time; name each of them once.
        missing = next(name for name in argument if error.message.startswith(repr(name)))
        sub = schema.get("properties", {}).get(missing, {})
        try:
            sub, _ = resolve(sub, home)
        except LookupError:  # written in another document than the part
            sub = {}
        wanted = str(sub.get("x-expected") or _type_words(sub.get("type")))
        yield Violation(join_pointer(pointer, missing), f'"{missing}" is missing', wanted)
    elif word == "type":
        yield type_violation(pointer, expected or _type_words(argument), value)
    elif word == "additionalProperties":
        for name in sorted(set(value) - set(schema.get("properties", {}))):
            yield Violation(join_pointer(pointer, name), f'unknown member "{shorten(name)}"', "no such member")
    else:
        wanted = expected or _LIMIT_WORDS.get(word, "{}").format(_listed(argument))
        shown = shorten(value)
        shown = f'"{shown}"' if isinstance(value, str) else shown
        yield Violation(pointer, f"{shown} is not acceptable: expected {wanted}", wanted, value)


_LIMIT_WORDS = {
    "enum": "one of {}",
    "const": "{}",
    "minimum": "a number not below {}",
    "maximum": "a number not above {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "pattern": "text that matches {}",
}


def _listed(argument: Any) -> str:
    if isinstance(argument, list):
        return ", ".join(f'"{item}"' if isinstance(item, str) else str(item) for item in argument)
    return str(argument)


def _type_words(argument: Any) -> str:
    names = [argument] if isinstance(argument, str) else list(argument or ["value"])
    words = {"string": "a string", "integer": "an integer", "boolean": "true or false", "null": "null"}
    return " or ".join(words.get(name, f"an {name}" if name[0] in "aeio" else f"a {name}") for name in names)


class Part:
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

    @cached_property
    def surely_valid(self) -> Check:
        """True for values that are valid beyond doubt. Compiled for the first body: most parts never see one."""
        return compile_check(self.schema, self.home)

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
            home = self.home if self.home.get("$id") else {**self.home, "$id": base}
            resources = registry().with_contents([(base, home)])
            from jsonschema import Draft202012Validator

            self._validator = Draft202012Validator({"$ref": f"{base}#/$defs/{self.name}"}, registry=resources)
        return self._validator

    def violations(self, raw: Any) -> list[Violation]:
        """Everything that is wrong with a body by its schema; empty if it is valid."""
        if self.surely_valid(raw):
            return []
        found: list[Violation] = []
        first = islice(self.validator().iter_errors(raw), MAX_FAULTS)
        errors = sorted(first, key=lambda e: [str(token) for token in e.absolute_path])
        mistyped: dict[str, int] = {}  # pointer -> where it is told
        for error in errors:
            pointer = join_pointer("", *error.absolute_path)
            for violation in _words(error, pointer, self.home):
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
        return _ADDRESS_MEMBERS
    return _ACTION_MEMBERS if member.kind == "actions" else member.members


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
