"""The two profiles, and how each of them writes values.

`documented` follows VoIPBIN's published documents where they speak and the server where they are
silent; `server` follows the server's source. Wherever else they part there is a `Difference`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voipbin_mock.schema.members import ADDRESS_KEYS, Member, arranger, ordered
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.stamps import documented_stamp, rfc3339_stamp, rfc3339_stamp_full
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.differences import FULL, Difference, chosen

if TYPE_CHECKING:
    from voipbin_mock.world.resource import Resource

NEVER = "9999-01-01 00:00:00.000000"
NEVER_RFC3339 = "9999-01-01T00:00:00.000000Z"
NEVERS = (NEVER, NEVER_RFC3339)


@dataclass(frozen=True, eq=False)
class Profile:
    """How values are written; each field is one point where documents and server disagree."""

    name: str
    # Whether bodies must satisfy the schemas unless the user says otherwise.
    strict: bool
    # Timestamps: a space and six digits, or RFC 3339 with zeros trimmed.
    stamp: Callable[[int], str]
    # Something that has not happened: the year 9999, or null.
    never: str | None
    # The page token is the last row's creation time, always with six digits.
    page_token: Callable[[int], str]
    # Addresses: all five members, or only those that are not empty.
    full_addresses: bool
    # An address that is not there (a target's unused destination): `{}`, or null (D5).
    null_slots: bool
    # Actions of a flow that a seed gives are shown with every member, or as they are given.
    full_actions: bool
    # Members that are left out while empty (`x-omit-empty` in the schemas).
    omits: frozenset[str]

    def show_slot(self, address: Mapping[str, str] | None) -> dict[str, str] | None:
        if address is None:
            return None if self.null_slots else {}
        return self.show_address(address)

    def show_actions(self, actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [_full_action(action) for action in actions] if self.full_actions and actions else actions

    def stamps(self, resource: Resource) -> Callable[[int], str]:
        """How the moments of a resource's records are written."""
        rfc3339 = chosen(resource.rfc3339, self)
        return (rfc3339_stamp_full if rfc3339 == FULL else rfc3339_stamp) if rfc3339 else self.stamp

    def show_stamps(self, resource: Resource, member: Member | None = None) -> Callable[[int | None], str | None]:
        """The same, of one member, with what stands there for a moment that has not come."""
        stamp, never = self.stamps(resource), self.shows_never(resource, member)
        return lambda microseconds: never if microseconds is None else stamp(microseconds)

    def show_address(self, address: Mapping[str, str]) -> dict[str, str]:
        if self.full_addresses:
            return {key: address.get(key, "") for key in ADDRESS_KEYS}
        return {key: address[key] for key in ADDRESS_KEYS if address.get(key)}

    def shows_never(self, resource: Resource, member: Member | None = None) -> str | None:
        """What stands in a resource's records for a moment that has not come."""
        null = chosen(resource.never_is_null, self) or (member is not None and member.null_if_never)
        if null or self.never is None:
            return None
        if member is not None and member.empty_if_never:
            return ""
        return NEVER_RFC3339 if chosen(resource.rfc3339, self) else self.never

    def _encoder(self, member: Member, resource: Resource) -> Callable[[Any], Any] | None:
        kind = member.kind
        if kind == "stamp":
            return self.show_stamps(resource, member)
        if kind == "uuid" and member.omitted in self.omits:
            return lambda uuid: "" if uuid == NIL_UUID else uuid
        if kind == "slot":
            return self.show_slot
        if kind == "actions":
            return self.show_actions
        if kind == "address":
            return self.show_address
        if kind == "addresses":
            return lambda addresses: [self.show_address(address) for address in addresses]
        if kind == "objects":
            shown = self._viewer(member.members, member.schema["items"], resource)
            return lambda several: [shown(each) for each in several]
        return arranger(member.schema, self.name) if kind in ("map", "any") else None

    def view(self, resource: Resource) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
        """A function that turns a stored record into the object that goes over the wire."""
        return self._viewer(resource.record.members, resource.record.schema, resource)

    def _viewer(
        self, members: Sequence[Member], schema: Mapping[str, Any], resource: Resource
    ) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
        encoders = [(member.name, self._encoder(member, resource)) for member in members]
        special = [(name, encoder) for name, encoder in encoders if encoder is not None]
        names = ordered(schema, members, self.name)
        omitted = [m.name for m in members if m.omitted in self.omits and m.omitted != "null"]
        absent = [m.name for m in members if m.omitted == "null"]

        def view(record: Mapping[str, Any]) -> dict[str, Any]:
            shown = {name: record[name] for name in names}
            for name, encoder in special:
                shown[name] = encoder(record[name])
            for name in omitted:
                if not shown[name]:
                    del shown[name]
            for name in absent:
                if shown[name] is None:
                    del shown[name]
            return shown

        return view


def _full_action(action: Mapping[str, Any]) -> dict[str, Any]:
    full = {"id": NIL_UUID, "next_id": NIL_UUID, "type": "", **action, "tm_execute": None}
    return {name: full[name] for name in ("id", "next_id", "type", "option", "tm_execute") if name in full}


DOCUMENTED = Profile(
    name="documented",
    strict=True,
    stamp=documented_stamp,
    never=NEVER,
    page_token=documented_stamp,
    full_addresses=True,
    null_slots=True,
    full_actions=False,
    omits=frozenset({"always", "null", "documented"}),
)

SERVER = Profile(
    name="server",
    strict=False,
    stamp=rfc3339_stamp,
    never=None,
    page_token=rfc3339_stamp_full,
    full_addresses=False,
    null_slots=False,
    full_actions=True,
    omits=frozenset({"always", "null", "server"}),
)

# The same points by name.
WRITTEN: tuple[Difference[object], ...] = (
    Difference(
        "D1",
        "the text of timestamps",
        documented_stamp,
        rfc3339_stamp,
        (
            "`2022-04-28 01:50:23.414000` (access keys, agents and customers: as the server)",
            "`2022-04-28T01:50:23.414Z`",
        ),
    ),
    Difference(
        "D2",
        "what stands for a moment that has not come",
        NEVER,
        None,
        (
            f"`{NEVER}` (access keys, agents, campaigns, campaigncalls, conferences, conferencecalls, customers, "
            "outdials, targets, and a number's `tm_purchase` and `tm_renew`: `null`; extensions: an empty text)",
            "`null` (left out for agents and calls)",
        ),
    ),
    Difference("D4", "members of an address that are empty", True, False, ("shown", "left out")),
    Difference("D5", "a destination that a target does not use", None, {}, ("`null`", "`{}`")),
    Difference(
        "D22",
        "members that the documents require, left out; values that they do not list",
        True,
        False,
        (
            "refused, but for what published clients leave out (`strict`: that as well)",
            "decoded by Go's rules: what is missing is zero",
        ),
    ),
    Difference(
        "actions", "members of a flow's actions that were not given", False, True, ("not shown", "shown, empty")
    ),
    Difference(
        "member-order",
        "the order of the members of cases, of the addresses of contacts, and inside what an AI finds or was told",
        "documented",
        "server",
        ("`id` first, as the pages print them", "as the server writes them"),
    ),
    Difference(
        "omitted-members",
        "members that are left out while they are empty",
        DOCUMENTED.omits,
        SERVER.omits,
        ("a flow's `direct_hash`", "most of access keys, calls, customers, flows and queues"),
    ),
)
PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (DOCUMENTED, SERVER)}


def get(name: str) -> Profile:
    try:
        return PROFILES[name]
    except (KeyError, TypeError):
        raise MockUsageError(f"unknown profile {name!r}; choose one of {', '.join(PROFILES)}") from None
