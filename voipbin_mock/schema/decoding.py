"""Decoding a body as the service's own decoder does: types only; whatever is missing becomes zero."""

from __future__ import annotations

from typing import Any

from voipbin_mock.schema.members import ACTION_MEMBERS, ADDRESS_MEMBERS, INT64, Member
from voipbin_mock.wire.errors import Violation, join_pointer, shown
from voipbin_mock.wire.values import parse_uuid, uuid_or_nil

_LOWEST, _HIGHEST = INT64
_MISSING: Any = object()


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
        elif kind == "number":
            if type(value) is int or type(value) is float:
                return value
        elif kind == "boolean":
            if type(value) is bool:
                return value
        elif kind == "uuid":
            if type(value) is str:
                return uuid_or_nil(value)
        elif kind == "typed_uuid":
            if type(value) is str and (canonical := parse_uuid(value)) is not None:
                return canonical
        elif kind == "address":
            if type(value) is dict:
                return self.members(ADDRESS_MEMBERS, value, join_pointer(base, key or member.name))
        elif kind == "slot":
            if type(value) is dict:
                found = self.members(ADDRESS_MEMBERS, value, join_pointer(base, key or member.name))
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
            return self._items(member, value, join_pointer(base, key or member.name))
        self._mismatch(join_pointer(base, key or member.name), _EXPECTED[kind], value)
        return member.zero()

    def _items(self, several: Member, items: list[Any], pointer: str) -> list[Any]:
        kind = several.kind
        if kind == "array":
            return items
        item = Member("", kind.removesuffix("es" if kind == "addresses" else "s"), {}, several.members)
        decoded = []
        for index, value in enumerate(items):
            decoded.append(self.value(item, value, pointer, str(index)))
        return decoded

    def _action(self, raw: dict[str, Any], pointer: str) -> dict[str, Any]:
        """A flow action: an option is kept as it is, an empty one is dropped (server)."""
        action = self.members(ACTION_MEMBERS, raw, pointer)
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
    kind = "string " if isinstance(value, str) else "number " if type(value) in (int, float) else ""
    return Violation(pointer, f"expected {expected}, got {kind}{shown(value)}", expected, value)


_EXPECTED = {
    "string": "a string",
    "stamp": "a timestamp string",
    "integer": "an integer without fraction or exponent",
    "number": "a number",
    "boolean": "true or false",
    "uuid": "a UUID string",
    "typed_uuid": "a UUID string",
    "address": "an address object",
    "slot": "an address object or null",
    "action": "an action object",
    "object": "an object",
    "map": "an object or null",
    "addresses": "an array of address objects",
    "strings": "an array of strings",
    "uuids": "an array of UUID strings",
    "typed_uuids": "an array of UUID strings",
    "actions": "an array of action objects",
    "objects": "an array of objects",
    "array": "an array",
}
