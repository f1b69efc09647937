"""Contacts over the API: made, found by an address, changed; their addresses and their tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import caller_of, find, owned, permit
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.resources import TAGS
from voipbin_mock.areas.contacts import book
from voipbin_mock.areas.contacts.differences import (
    ADDRESS_BELONGS,
    LABELS_CHANGE,
    LOOKUP_UNCLAIMED,
    TAGS_CHECKED,
    TOO_LONG,
    TYPES,
    UNKNOWN_CHANGED,
    UNKNOWN_REMOVED,
)
from voipbin_mock.areas.contacts.resources import CONTACT_ADDRESSES, CONTACTS, LABELS
from voipbin_mock.wire.errors import ApiError, Reason, Violation, value_at
from voipbin_mock.wire.values import NIL_UUID, Reply
from voipbin_mock.world.differences import chosen
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

INVALID_TYPE = Reason("INVALID_ADDRESS_TYPE", "INVALID_ARGUMENT", "An address of a contact is of type tel or email.")
INVALID_TARGET = Reason("INVALID_ADDRESS_TARGET", "INVALID_ARGUMENT", "An address of a contact has a target.")
TYPE_INVALID = Reason("ADDRESS_TYPE_INVALID", "INVALID_ARGUMENT", "There is no such type of address.")
INVALID_PRIMARY = Reason(
    "INVALID_IS_PRIMARY", "INVALID_ARGUMENT", "An address that is no contact's cannot be the one to use first."
)
NO_TAG = Reason("CONTACT_TAG_NOT_FOUND", "NOT_FOUND", "The contact has no such tag.")
REASONS = (INVALID_TYPE, INVALID_TARGET, TYPE_INVALID, INVALID_PRIMARY, NO_TAG, book.UNKNOWN, book.ALREADY_EXISTS)
COLUMNS: Mapping[str, int] = {
    **dict.fromkeys(("first_name", "last_name", "job_title"), 100),
    **dict.fromkeys(("display_name", "company"), 200),
    "source": 50,
    "external_id": 255,
}  # characters that fit
ADDRESS_COLUMNS: Mapping[str, int] = dict.fromkeys(("target", *LABELS), book.LONGEST)

# --- contacts ------------------------------------------------------------------------------------------


def create(world: World, request: Request) -> Reply:
    """POST /contacts: an address that there is already is left out without a word (server)."""
    values = dict(request.values)
    addresses = values.pop("addresses")
    for place, address in enumerate(addresses):
        _check_address(address, f"/addresses/{place}")
    caller = permit(request)
    book.check_columns(world, values, COLUMNS)
    values["source"] = values["source"] or "manual"
    values["tag_ids"] = list(dict.fromkeys(values["tag_ids"]))
    row = crud.insert(world, request, caller, values)
    for address in addresses:
        book.check_columns(world, address, ADDRESS_COLUMNS)
        kept = {**address, "target": book.normalised(address["type"], address["target"])}
        try:
            book.add(world, row, (caller.customer_id, caller.account), kept)
        except book.Taken:
            continue
    book.refreshed(world, row.id)
    return answer(world, request, row)


def _check_address(address: Mapping[str, Any], pointer: str) -> None:
    if address["type"] not in book.SHOWN:
        violation = Violation(f"{pointer}/type", "is no type of address", " or ".join(book.SHOWN), address["type"])
        raise ApiError(INVALID_TYPE, violations=[violation])
    if not address["target"]:
        raise ApiError(INVALID_TARGET, violations=[Violation(f"{pointer}/target", "is empty", "a text", "")])


def get(world: World, request: Request) -> Reply:
    """GET /contacts/{id}."""
    return crud.shown(world, CONTACTS, book.read(world, find(world, request)))


def update(world: World, request: Request) -> Reply:
    """PUT /contacts/{id}: what is left out, or null, stays."""
    row = find(world, request)
    values = given(request)
    book.check_columns(world, values, COLUMNS)
    return crud.save(world, request, row, {**values, "lagging": None})


def lookup(world: World, request: Request) -> Reply:
    """GET /contacts/lookup: the contact that has this number, or else this e-mail address."""
    phone, mail = request.parameter("phone") or "", request.parameter("email") or ""
    if not phone and not mail:
        raise ApiError("INVALID_ARGUMENT", "Either phone or email must be given.")
    caller = permit(request)
    type, text = (book.NUMBER, phone) if phone else (book.MAIL, mail)
    target = book.normalised(type, text)
    address = book.held(world, caller.account, type, target)
    if address is not None and book.unclaimed(address):
        raise ApiError(LOOKUP_UNCLAIMED.of(world), hint=f"{target} is an address that nobody has claimed")
    contact = None if address is None else book.owner(world, address)
    if contact is None or contact.deleted:
        blank = "; a + in a query is written %2B: as it is, it stands for a blank" if text.startswith(" ") else ""
        raise ApiError(CONTACTS.missing, hint=f"no contact has the {type} address {target!r}{blank}")
    return crud.shown(world, CONTACTS, contact)


# --- their addresses -----------------------------------------------------------------------------------


def add_address(world: World, request: Request) -> Reply:
    """POST /contacts/{id}/addresses: answers the contact."""
    contact = find(world, request)
    place(world, request, contact, TYPES.of(world))
    return answer(world, request, contact)


def place(world: World, request: Request, contact: Row | None, types: tuple[str, ...] | None) -> Row:
    """A new address as a body has it. types: those that it may have; None: any, and it is kept as it is."""
    values = {**request.values, "contact_id": NIL_UUID}
    if types is not None:
        if values["type"] not in types:
            violation = Violation("/type", "is no type of address", " or ".join(types), values["type"])
            raise ApiError(TYPE_INVALID, violations=[violation])
        values["target"] = book.normalised(values["type"], values["target"])
    book.check_columns(world, values, ADDRESS_COLUMNS)
    caller = caller_of(request)
    whose = (caller.customer_id, caller.account) if contact is None else (contact.data["customer_id"], contact.account)
    try:
        row = book.add(world, contact, whose, values)
    except book.Taken as taken:
        contact_id = "" if contact is None else contact.id
        if contact is not None:
            book.refreshed(world, contact.id)
        raise book.refused(world, taken, contact_id, primary=values["is_primary"]) from None
    if contact is not None:
        book.told(world, contact.id)
    return row


def change_address(world: World, request: Request) -> Reply:
    """PUT /contacts/{id}/addresses/{address_id}: answers the contact of the path."""
    contact = find(world, request, CONTACTS, request.path_ids[0])
    row = _address_of(world, contact, request.id, _unknown(UNKNOWN_CHANGED.of(world)))
    values = changes(world, request)
    if values.get("is_primary"):
        if book.unclaimed(row):
            raise ApiError("INTERNAL", hint="this address is no contact's, so that it cannot be the one to use first")
        book.step_down(world, contact.id, row.data["type"], but=row.id)
        book.refreshed(world, contact.id)
    alter(world, row, values)
    return answer(world, request, contact)


def changes(world: World, request: Request) -> dict[str, Any]:
    """What the body of a PUT changes of an address."""
    values = given(request)
    if not LABELS_CHANGE.of(world):
        values = {name: value for name, value in values.items() if name not in LABELS}
    book.check_columns(world, values, ADDRESS_COLUMNS)
    return values


def alter(world: World, row: Row, values: dict[str, Any]) -> Row:
    """An address with these values, and its contact as it is then. Raises ApiError."""
    if "target" in values:
        values["target"] = book.normalised(row.data["type"], values["target"])
    try:
        row = book.change(world, row, values)
    except book.Taken as taken:
        raise book.refused(world, taken, "") from None
    book.told(world, row.data["contact_id"])
    return row


def remove_address(world: World, request: Request) -> Reply:
    """DELETE /contacts/{id}/addresses/{address_id}: answers the contact of the path."""
    contact = find(world, request, CONTACTS, request.path_ids[0])
    row = book.remove(world, _address_of(world, contact, request.id, _unknown(UNKNOWN_REMOVED.of(world))))
    book.told(world, row.data["contact_id"])
    return answer(world, request, contact)


def _unknown(reason: str) -> str | Reason:
    return book.UNKNOWN if reason == book.UNKNOWN.name else reason


def _address_of(world: World, contact: Row, address_id: str, unknown: str | Reason) -> Row:
    """An address below a contact, though the server does not ask whether it is that contact's. Raises ApiError."""
    row = owned(world, contact.account, CONTACT_ADDRESSES, address_id)
    if row is None:
        raise ApiError(unknown, hint=f"there is no address {address_id}")
    if row.data["contact_id"] != contact.id and ADDRESS_BELONGS.of(world):
        raise ApiError(unknown, hint=f"address {address_id} is not this contact's")
    return row


# --- their tags ----------------------------------------------------------------------------------------


def add_tag(world: World, request: Request) -> Reply:
    """POST /contacts/{id}/tags: answers the contact."""
    tag_id = request.values["tag_id"]
    if tag_id == NIL_UUID:
        raise ApiError("INVALID_ID", violations=[Violation("/tag_id", "is no tag", "the id of a tag", tag_id)])
    contact = find(world, request)
    if TAGS_CHECKED.of(world) and owned(world, contact.account, TAGS, tag_id) is None:
        raise ApiError(TAGS.missing, hint=f"/tag_id: there is no tag {tag_id}; make it first (POST /tags)")
    if tag_id in contact.data["tag_ids"]:
        raise ApiError("INTERNAL", hint=f"the contact has the tag {tag_id} already, which the service fails at")
    return _tagged(world, request, contact, [*contact.data["tag_ids"], tag_id])


def remove_tag(world: World, request: Request) -> Reply:
    """DELETE /contacts/{id}/tags/{tag_id}: answers the contact."""
    contact = find(world, request, CONTACTS, request.path_ids[0])
    left = [tag_id for tag_id in contact.data["tag_ids"] if tag_id != request.id]
    if len(left) == len(contact.data["tag_ids"]) and TAGS_CHECKED.of(world):
        raise ApiError(NO_TAG, hint=f"the contact has no tag {request.id}")
    return _tagged(world, request, contact, left)


def _tagged(world: World, request: Request, contact: Row, tag_ids: list[str]) -> Reply:
    crud.keep(world, CONTACTS, contact, {"tag_ids": tag_ids})
    book.told(world, contact.id)
    return answer(world, request, contact)


# --- what handlers here have in common -----------------------------------------------------------------


def answer(world: World, request: Request, contact: Row) -> Reply:
    """A contact as it is by now, with the status that the operation answers."""
    reply = crud.shown(world, CONTACTS, world.table(CONTACTS).get(contact.id) or contact)
    reply.http_code = chosen(request.operation.done, world.profile)
    return reply


def given(request: Request) -> dict[str, Any]:
    """The members that a body gives: what is left out, or null, is to stay."""
    sent = {name.casefold() for name in request.sent}
    return {
        name: value
        for name, value in request.values.items()
        if name in sent and value_at(request.raw, f"/{name}") is not None
    }


def create_refusals(profile: Profile) -> tuple[str, ...]:
    return (INVALID_TYPE.name, INVALID_TARGET.name, TOO_LONG.by(profile))


def update_refusals(profile: Profile) -> tuple[str, ...]:
    return (TOO_LONG.by(profile),)


def addition_refusals(profile: Profile) -> tuple[str, ...]:
    return (TYPE_INVALID.name, book.ALREADY_EXISTS.name, TOO_LONG.by(profile))


def change_refusals(profile: Profile) -> tuple[str, ...]:
    taken = (book.ALREADY_EXISTS.name, book.UNKNOWN.name) if ADDRESS_BELONGS.by(profile) else ()
    return (*taken, TOO_LONG.by(profile))


def tag_refusals(profile: Profile) -> tuple[str, ...]:
    return ("INVALID_ID", "INTERNAL", *((TAGS.missing,) if TAGS_CHECKED.by(profile) else ()))


def untag_refusals(profile: Profile) -> tuple[str, ...]:
    return (NO_TAG.name,) if TAGS_CHECKED.by(profile) else ()


def removal_refusals(profile: Profile) -> tuple[str, ...]:
    return (UNKNOWN_REMOVED.by(profile),)


def lookup_refusals(profile: Profile) -> tuple[str, ...]:
    return ("INVALID_ARGUMENT", CONTACTS.missing)
