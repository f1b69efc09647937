"""Addresses by themselves: those of contacts, and those of which nobody knows yet whose they are."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import caller_of, find, owned, permit
from voipbin_mock.api.lists import kept, narrowed, page_of
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.contacts import book, contacts
from voipbin_mock.areas.contacts.differences import (
    ADDRESSES_FILTERED,
    ADDRESSES_UNPAGED,
    CLAIM_STEPS_DOWN,
    DELETED_IS_SHOWN,
    FORMER_SHOWS,
    TOO_LONG,
    UNCLAIMED_CHANGES,
    UNCLAIMED_CHECKED,
)
from voipbin_mock.areas.contacts.resources import CONTACT_ADDRESSES, CONTACTS
from voipbin_mock.wire.errors import ApiError, Reason, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply, json_reply, parse_uuid, text_reply
from voipbin_mock.world.differences import chosen
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

TYPES = ("tel", "email", "web_session")
MOST = 20  # rows of a list that has no pages
INVALID_CONTACT = Reason("INVALID_CONTACT_ID", "INVALID_ARGUMENT", "An address is claimed for a contact.")
ALREADY_CLAIMED = Reason("ADDRESS_ALREADY_CLAIMED", "ALREADY_EXISTS", "The address is another contact's.")
REASONS = (INVALID_CONTACT, ALREADY_CLAIMED)
TRUE, FALSE = ("1", "t", "T", "true", "TRUE", "True"), ("0", "f", "F", "false", "FALSE", "False")


def list_(world: World, request: Request) -> Reply:
    """GET /contact_addresses."""
    wanted = {name: request.parameter(name) or "" for name in ("type", "target")}
    contact_id = uuid_parameter(request, "contact_id")
    unresolved = _boolean(request, "unresolved")
    filtered = ADDRESSES_FILTERED.of(world)
    if unresolved and filtered:
        contact_id = NIL_UUID

    def keeps(row: Row) -> bool:
        data = row.data
        if wanted["type"] and data["type"] != wanted["type"]:
            return False
        if wanted["target"] and filtered:
            return bool(data["matched"] == book.normalised(data["type"], wanted["target"]).casefold())
        return True

    def all_of(row: Row) -> bool:
        return contact_id in ("", row.data["contact_id"]) and keeps(row)

    if not ADDRESSES_UNPAGED.of(world):
        return narrowed(world, request, all_of)
    caller, _, before = page_of(world, request)
    rows = kept(world.table(CONTACT_ADDRESSES), caller.account, before, MOST, all_of)
    return text_reply(f"[{','.join([world.text(CONTACT_ADDRESSES, row) for row in rows])}]")


def uuid_parameter(request: Request, name: str) -> str:
    """The id that a query parameter holds; empty if it is not given, or all zeros. Raises ApiError."""
    values = request.query.get(name)
    if values is None:
        return ""
    found = parse_uuid(values[0]) if len(values) == 1 else None
    if found is None:
        raise ApiError("INVALID_REQUEST_PARAMETER", f"{name} must be one UUID.")
    return "" if found == NIL_UUID else found


def _boolean(request: Request, name: str) -> bool:
    values = request.query.get(name)
    if values is not None and (len(values) > 1 or values[0] not in (*TRUE, *FALSE)):
        raise ApiError("INVALID_REQUEST_PARAMETER", f"{name} must be true or false.")
    return values is not None and values[0] in TRUE


def create(world: World, request: Request) -> Reply:
    """POST /contact_addresses: of a contact, or of nobody yet."""
    contact_id = request.values["contact_id"]
    if contact_id == NIL_UUID and request.values["is_primary"]:
        violation = Violation("/is_primary", "is true, and contact_id names no contact", "false, or a contact", True)
        raise ApiError(contacts.INVALID_PRIMARY, violations=[violation])
    permit(request)
    contact, types = None, None
    if contact_id != NIL_UUID:
        contact = find(world, request, CONTACTS, contact_id)
    if contact is not None or UNCLAIMED_CHECKED.of(world):
        types = TYPES
    row = contacts.place(world, request, contact, types)
    reply = crud.shown(world, CONTACT_ADDRESSES, row)
    reply.http_code = chosen(request.operation.done, world.profile)
    return reply


def get(world: World, request: Request) -> Reply:
    """GET /contact_addresses/{id}: who may not is told before anybody looks."""
    permit(request)
    return crud.shown(world, CONTACT_ADDRESSES, _own(world, request))


def _own(world: World, request: Request) -> Row:
    """The address of the path: another customer's is none, whoever asks. Raises ApiError."""
    if request.id == NIL_UUID:
        raise ApiError("INVALID_ID", hint="the id in the path is all zeros")
    row = owned(world, caller_of(request).account, CONTACT_ADDRESSES, request.id)
    if row is None:
        raise ApiError("RESOURCE_NOT_FOUND", hint=f"the customer has no address {request.id}")
    return row


def update(world: World, request: Request) -> Reply:
    """PUT /contact_addresses/{id}: what is left out stays."""
    row = _own(world, request)
    permit(request)
    _check_owner(world, row, "INTERNAL")
    values = contacts.changes(world, request)
    if book.unclaimed(row) and values.get("is_primary"):
        raise ApiError(contacts.INVALID_PRIMARY, hint="claim the address for a contact first")
    return crud.shown(world, CONTACT_ADDRESSES, contacts.alter(world, row, values))


def _check_owner(world: World, row: Row, failure: str) -> None:
    if book.unclaimed(row):
        if not UNCLAIMED_CHANGES.of(world):
            raise ApiError(failure, hint="this address is no contact's, which the server fails at")
    elif book.given_up(world, row):
        raise ApiError(failure, hint=f"its contact {row.data['contact_id']} was deleted")


def delete(world: World, request: Request) -> Reply:
    """DELETE /contact_addresses/{id}."""
    row = _own(world, request)
    permit(request)
    _check_owner(world, row, "INVALID_ARGUMENT")
    shown = crud.shown(world, CONTACT_ADDRESSES, row)
    contact = book.owner(world, row)
    book.remove(world, row)
    book.told(world, row.data["contact_id"])
    if DELETED_IS_SHOWN.of(world) or contact is None:
        return shown
    return json_reply(world.view(CONTACT_ADDRESSES, _squeezed(contact)))


def _squeezed(contact: Row) -> dict[str, Any]:
    """A contact, read as an address (server)."""
    known = {name: contact.data[name] for name in ("id", "customer_id", "tm_create")}
    return {**CONTACT_ADDRESSES.blank, **known}


# --- claiming ------------------------------------------------------------------------------------------


def claim(world: World, request: Request) -> Reply:
    """POST /contact_addresses/{id}/claim: the address is the contact's from now on, and what came of it, too."""
    contact_id = request.values["contact_id"]
    if contact_id == NIL_UUID:
        violation = Violation("/contact_id", "names no contact", "the id of a contact", contact_id)
        raise ApiError(INVALID_CONTACT, violations=[violation])
    caller = permit(request)
    row = _own(world, request)
    contact = world.table(CONTACTS).get(contact_id)
    if contact is None or contact.deleted:
        raise ApiError(CONTACTS.missing, hint=f"/contact_id: there is no contact {contact_id}")
    if contact.account != caller.account:
        raise ApiError("RESOURCE_NOT_FOUND", hint="/contact_id: the contact belongs to another customer")
    return crud.shown(world, CONTACT_ADDRESSES, _claimed(world, row, contact, request.values["force"]))


def _claimed(world: World, row: Row, contact: Row, force: bool) -> Row:
    former = row.data["contact_id"]
    if former != contact.id:
        free = book.unclaimed(row) or book.given_up(world, row)
        if not free and not force:
            raise ApiError(ALREADY_CLAIMED, hint=f'it is contact {former}\'s; "force": true takes it all the same')
        values = {"contact_id": contact.id, "is_primary": _stays_primary(world, row, contact)}
        row = crud.change(world, CONTACT_ADDRESSES, row, values, "")
        if free or not FORMER_SHOWS.of(world):
            book.refreshed(world, former)
        else:
            book.lags(world, former)
    book.told(world, contact.id)
    return row


def _stays_primary(world: World, row: Row, contact: Row) -> bool:
    """Whether a claimed address goes on being the one to use first. Raises ApiError where it cannot (server)."""
    if not row.data["is_primary"]:
        return False
    mine = book.of_contact(world, contact.id)
    rival = any(one.data["is_primary"] and book.rivals(world, one, row.data["type"]) for one in mine)
    if (rival or book.given_up(world, row)) and not CLAIM_STEPS_DOWN.of(world):
        raise ApiError("INTERNAL", hint="an address that is_primary cannot be claimed here; take that from it first")
    return not rival


# --- what may be refused -------------------------------------------------------------------------------


def create_refusals(profile: Profile) -> tuple[str, ...]:
    types = (contacts.TYPE_INVALID.name, contacts.INVALID_PRIMARY.name)
    return (*types, book.ALREADY_EXISTS.name, CONTACTS.missing, TOO_LONG.by(profile))


def update_refusals(profile: Profile) -> tuple[str, ...]:
    return ("INVALID_ID", contacts.INVALID_PRIMARY.name, book.ALREADY_EXISTS.name, "INTERNAL")


def claim_refusals(profile: Profile) -> tuple[str, ...]:
    in_the_way = () if CLAIM_STEPS_DOWN.by(profile) else ("INTERNAL",)
    return ("INVALID_ID", INVALID_CONTACT.name, ALREADY_CLAIMED.name, CONTACTS.missing, *in_the_way)
