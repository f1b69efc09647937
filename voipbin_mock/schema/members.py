"""Members of records and bodies: their kinds, their zeros, the members inside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from voipbin_mock.schema.documents import resolve
from voipbin_mock.wire.values import NIL_UUID

INT64 = _LOWEST, _HIGHEST = (-(1 << 63), (1 << 63) - 1)


_ARRAYS = frozenset({"addresses", "uuids", "typed_uuids", "actions", "array", "objects", "strings"})


ADDRESS_KEYS = ("type", "target", "target_name", "name", "detail")


class Member(NamedTuple):
    """One member of a record or body."""

    name: str
    kind: (
        str  # string, integer, number, boolean, uuid, typed_uuid, stamp, address, slot, object, any, or one of _ARRAYS
    )
    schema: Mapping[str, Any]
    members: tuple[Member, ...] = ()  # of an object, or of each in an array of objects

    def zero(self) -> Any:
        """What the service stores when the member is missing."""
        if self.kind == "address":
            return empty_address()
        if self.kind == "object":
            return {member.name: member.zero() for member in self.members}
        if self.kind in _ARRAYS:
            return []
        if self.kind == "action":
            return {member.name: member.zero() for member in ACTION_MEMBERS if member.name != "option"}
        return _ZEROS[self.kind]

    @property
    def default(self) -> Any:
        """What a new record has if nobody says: the schema's default, or its first choice; else None."""
        choices = self.schema.get("enum")
        first = choices[0] if choices and self.zero() not in choices else None
        return self.schema.get("default", first)

    @property
    def omitted(self) -> str:
        """When it is left out of the wire while empty: "", "documented", "server", "always"; "null": while null."""
        return str(self.schema.get("x-omit-empty", ""))

    @property
    def null_if_never(self) -> bool:
        """Whether null stands for this moment while it has not come, whatever does for others of the record."""
        return "x-never" in self.schema and self.schema["x-never"] is None

    @property
    def empty_if_never(self) -> bool:
        """Whether an empty text does, where the year 9999 would."""
        return self.schema.get("x-never") == ""


_ZEROS: Mapping[str, Any] = {
    "string": "",
    "integer": 0,
    "number": 0,
    "boolean": False,
    "uuid": NIL_UUID,
    "typed_uuid": NIL_UUID,  # refused where it is none, even if it is empty
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
        kind = _SEVERAL.get(item.get("x-kind", ""), "array")
    if not isinstance(kind, str) or kind not in {*_ZEROS, "address", *_ARRAYS, "object"}:
        raise ValueError(f"schema member {name!r} needs one type or an x-kind, not {kind!r}")
    inner = {"object": schema, "objects": schema.get("items", {})}.get(kind)
    return Member(name, kind, schema, () if inner is None else members_of(inner, home))


def ordered(schema: Mapping[str, Any], members: Sequence[Member], profile: str) -> list[str]:
    """The names of members in the order in which a profile writes them, if it has one of its own (`x-order`)."""
    found: list[str] | None = schema.get("x-order", {}).get(profile)
    return [member.name for member in members] if found is None else found


def arranger(schema: Mapping[str, Any], profile: str) -> Callable[[Any], Any] | None:
    """What puts the members of an object that is kept as it is given in the order in which a profile writes them;
    None where the schema asks for none (`x-order`). Members that it does not know come last."""
    asked = schema.get("x-order")
    first = () if asked is None else asked.get(profile) or tuple(schema["properties"])
    inside = {name: arranger(inner, profile) for name, inner in schema.get("properties", {}).items()}
    inner = {name: arrange for name, arrange in inside.items() if arrange is not None}
    each = arranger(schema["items"], profile) if "items" in schema else None
    if not (first or inner or each):
        return None

    def arrange(value: Any) -> Any:
        if isinstance(value, list):
            return value if each is None else [each(item) for item in value]
        if not isinstance(value, dict):
            return value
        names = [*(name for name in first if name in value), *(name for name in value if name not in first)]
        return {name: inner[name](value[name]) if name in inner else value[name] for name in names}

    return arrange


# What an array is whose items are of a kind.
_SEVERAL: Mapping[str, str] = {"address": "addresses", "uuid": "uuids", "typed_uuid": "typed_uuids"} | {
    "object": "objects"
}


ADDRESS_MEMBERS = tuple(Member(name, "string", {}) for name in ADDRESS_KEYS)


# A flow action, in the order of the wire.
ACTION_MEMBERS = (
    Member("id", "uuid", {}),
    Member("next_id", "uuid", {}),
    Member("type", "string", {}),
    Member("option", "any", {}),
    Member("tm_execute", "stamp", {}),
)
