"""The one place that says how the two profiles differ.

`documented` follows VoIPBIN's published documents where they speak and the server where they are
silent; `server` follows the server's source. Handlers ask a profile, and never which profile it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from voipbin_mock.schema.parts import ADDRESS_KEYS, Member
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.stamps import documented_stamp, rfc3339_stamp, rfc3339_stamp_full
from voipbin_mock.wire.values import NIL_UUID

NEVER = "9999-01-01 00:00:00.000000"
YEAR = 31_536_000  # seconds
RING_LIMIT = 60_000  # milliseconds that a call rings at most, if nobody says


@dataclass(frozen=True, eq=False)
class Profile:
    """What a request meets; each field is one point where documents and server disagree."""

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
    # Resources for which it is null all the same: their pages print it so (D2).
    null_never: frozenset[str]
    # Resources whose `tm_update` is set at creation already (their documents print it so).
    updated_on_create: frozenset[str]
    # Soft-deleted rows stay in the lists of the resources that keep them readable.
    lists_deleted: bool
    # Another customer's record: refused as missing, or as forbidden.
    foreign_is_missing: bool
    # A record asked for under another parent than its own: refused as that, or as missing.
    wrong_parent: str | None
    # What must not be empty in a new outdial (D8).
    outdial_needs: tuple[str, ...]
    # Deleting a campaign that runs, or a campaigncall that is not done: refused, or answered with a
    # record of zeros and not done (a defect of the server).
    refuses_early_delete: bool
    # Dialing. A destination that is empty is dialed, and refused (D5).
    dials_empty_slots: bool
    # A call that nobody answers ends after the outplan's `dial_timeout`, or after a minute always (D11).
    ring_limit: Callable[[int], int]  # milliseconds
    # A target whose last try failed is done, or idle for ever (D15).
    exhausted_is_done: bool
    # An answered campaigncall is `progressing`, or `dialing` until it ends (D16).
    answered_is_progressing: bool
    # `next_campaign_id` starts when a campaign has run out of targets (D17).
    chains_campaigns: bool
    # (available agents, calls that are dialing, service level) -> is there room for another call (D18).
    has_capacity: Callable[[int, int, int], bool]
    # The reason for an access key that does not exist.
    unknown_accesskey: str
    # Seconds an access key lives if its body does not say; None: it must say.
    accesskey_default_expire: int | None
    # The tutorials send readers to `GET /accesskeys` for a key, which shows only its prefix: accept
    # the prefix as the key (with a lint warning).
    accesskey_prefix_works: bool
    # Why buying or changing a number failed -> the reason it is answered with.
    number_failures: Mapping[str, str]
    # A number of the virtual range is virtual although the body does not say so (overview page).
    virtual_by_number: bool
    # A JSON body that cannot be decoded: the server's framework lets the type be guessed.
    undecodable_body_is_text: bool
    # Websocket frames: the webhook's envelope, or the bare record.
    ws_envelope: bool
    # Login answers under /v1.0 as well, as some published pages have it.
    login_under_prefix: bool

    def show_slot(self, address: Mapping[str, str] | None) -> dict[str, str] | None:
        if address is None:
            return None if self.null_slots else {}
        return self.show_address(address)

    def show_actions(self, actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [_full_action(action) for action in actions] if self.full_actions and actions else actions

    def show_stamp(self, microseconds: int | None) -> str | None:
        return self.never if microseconds is None else self.stamp(microseconds)

    def show_stamp_or_null(self, microseconds: int | None) -> str | None:
        return None if microseconds is None else self.stamp(microseconds)

    def show_address(self, address: Mapping[str, str]) -> dict[str, str]:
        if self.full_addresses:
            return {key: address.get(key, "") for key in ADDRESS_KEYS}
        return {key: address[key] for key in ADDRESS_KEYS if address.get(key)}

    def _encoder(self, kind: str, resource: str) -> Callable[[Any], Any] | None:
        if kind == "stamp":
            return self.show_stamp_or_null if resource in self.null_never else self.show_stamp
        if kind == "slot":
            return self.show_slot
        if kind == "actions":
            return self.show_actions
        if kind == "address":
            return self.show_address
        if kind == "addresses":
            return lambda addresses: [self.show_address(address) for address in addresses]
        return None

    def view(self, resource: str, members: tuple[Member, ...]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
        """A function that turns a stored record into the object that goes over the wire."""
        encoders = [(member.name, self._encoder(member.kind, resource)) for member in members]
        special = [(name, encoder) for name, encoder in encoders if encoder is not None]
        names = [name for name, _ in encoders]
        omitted = [m.name for m in members if m.omitted in self.omits]

        def view(record: Mapping[str, Any]) -> dict[str, Any]:
            shown = {name: record[name] for name in names}
            for name, encoder in special:
                shown[name] = encoder(record[name])
            for name in omitted:
                if shown[name] in ("", None):
                    del shown[name]
            return shown

        return view


def _given_ring_limit(dial_timeout: int) -> int:
    return dial_timeout if dial_timeout > 0 else RING_LIMIT


def _fixed_ring_limit(dial_timeout: int) -> int:
    return RING_LIMIT


def _documented_capacity(agents: int, dialing: int, level: int) -> bool:
    return agents * 100 > dialing * level


def _server_capacity(agents: int, dialing: int, level: int) -> bool:
    return agents * level // 100 > dialing


def _full_action(action: Mapping[str, Any]) -> dict[str, Any]:
    full = {"id": NIL_UUID, "next_id": NIL_UUID, "type": "", **action, "tm_execute": None}
    return {name: full[name] for name in ("id", "next_id", "type", "option", "tm_execute") if name in full}


DOCUMENTED = Profile(
    name="documented",
    strict=True,
    stamp=documented_stamp,
    never=NEVER,
    null_never=frozenset({"campaigns", "campaigncalls", "customers", "flows", "outdials", "targets"}),
    page_token=documented_stamp,
    full_addresses=True,
    null_slots=True,
    full_actions=False,
    omits=frozenset({"always", "documented"}),
    updated_on_create=frozenset({"accesskeys"}),
    lists_deleted=False,
    foreign_is_missing=True,
    wrong_parent=None,
    outdial_needs=("name", "detail"),
    refuses_early_delete=True,
    dials_empty_slots=False,
    ring_limit=_given_ring_limit,
    exhausted_is_done=True,
    answered_is_progressing=True,
    chains_campaigns=True,
    has_capacity=_documented_capacity,
    unknown_accesskey="ACCESSKEY_NOT_FOUND",
    accesskey_default_expire=YEAR,
    accesskey_prefix_works=True,
    number_failures={
        "format": "INVALID_ARGUMENT",
        "taken": "STATE_INVALID",
        "balance": "INSUFFICIENT_BALANCE",
        "flow": "INVALID_ARGUMENT",
    },
    virtual_by_number=True,
    undecodable_body_is_text=False,
    ws_envelope=True,
    login_under_prefix=True,
)

SERVER = Profile(
    name="server",
    strict=False,
    stamp=rfc3339_stamp,
    never=None,
    null_never=frozenset(),
    page_token=rfc3339_stamp_full,
    full_addresses=False,
    null_slots=False,
    full_actions=True,
    omits=frozenset({"always", "server"}),
    updated_on_create=frozenset({"targets"}),
    lists_deleted=True,
    foreign_is_missing=False,
    wrong_parent="INVALID_ARGUMENT",
    outdial_needs=("campaign_id", "name", "detail", "data"),
    refuses_early_delete=False,
    dials_empty_slots=True,
    ring_limit=_fixed_ring_limit,
    exhausted_is_done=False,
    answered_is_progressing=False,
    chains_campaigns=False,
    has_capacity=_server_capacity,
    unknown_accesskey="INVALID_ARGUMENT",
    accesskey_default_expire=None,
    accesskey_prefix_works=False,
    number_failures=dict.fromkeys(("format", "taken", "balance", "flow"), "INTERNAL"),
    virtual_by_number=False,
    undecodable_body_is_text=True,
    ws_envelope=False,
    login_under_prefix=False,
)

PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (DOCUMENTED, SERVER)}


def get(name: str) -> Profile:
    try:
        return PROFILES[name]
    except (KeyError, TypeError):
        raise MockUsageError(f"unknown profile {name!r}; choose one of {', '.join(PROFILES)}") from None
