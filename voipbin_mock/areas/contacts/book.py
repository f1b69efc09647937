"""The addresses at work: which there are, whose they are, and what contacts show of them.

No address is twice in a customer's book. The addresses of a contact stand in its record as they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.contacts.differences import PRIMARY_PER_TYPE, TAKEN_IS_CONFLICT, TOO_LONG
from voipbin_mock.areas.contacts.resources import CONTACT_ADDRESSES, CONTACTS, LABELS
from voipbin_mock.wire.errors import ApiError, Reason, SeedError
from voipbin_mock.wire.stamps import rfc3339_stamp
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

SHOWN = ("tel", "email")  # types that contacts show
NUMBER, MAIL = SHOWN
EMBEDDED = ("id", "customer_id", "contact_id", "type", "target", *LABELS, "is_primary")  # in the record of a contact
LONGEST = 255  # characters of a column
DAY = 86_400_000_000  # microseconds
UNKNOWN = Reason("ADDRESS_NOT_FOUND", "NOT_FOUND", "There is no such address.")
ALREADY_EXISTS = Reason("ADDRESS_ALREADY_EXISTS", "ALREADY_EXISTS", "There is such an address already.")
_DIGITS = frozenset("0123456789")


class Taken(Exception):
    """There is such an address already: this row."""

    def __init__(self, row: Row) -> None:
        super().__init__(row.id)
        self.row = row


# --- finding -----------------------------------------------------------------------------------------


def normalised(type: str, target: str) -> str:
    """An address as it is kept: of a number a leading + and the digits, of an e-mail address all in lower case.

    Nothing adds a + that is missing (server).
    """
    if type == NUMBER:
        text = target.strip()
        digits = "".join(filter(_DIGITS.__contains__, text))
        return ("+" if text.startswith("+") else "") + digits if digits else target
    return target.strip().lower() if type == MAIL else target


def held(world: World, account: str, type: str, target: str) -> Row | None:
    """The one address of a customer's that is this, whoever has it."""
    rows = world.table(CONTACT_ADDRESSES).find(("type", "matched"), (type, target.casefold()))
    return next((row for row in rows if row.account == account), None)


def owner(world: World, address: Row) -> Row | None:
    """The contact whose address it is, even a deleted one."""
    return world.table(CONTACTS).get(address.data["contact_id"])


def unclaimed(address: Row) -> bool:
    return bool(address.data["contact_id"] == NIL_UUID)


def given_up(world: World, address: Row) -> bool:
    """Whether its contact was deleted: the next one may have it."""
    contact = owner(world, address)
    return not unclaimed(address) and (contact is None or contact.deleted)


def of_contact(world: World, contact_id: str) -> list[Row]:
    """A contact's addresses, the oldest first."""
    table = world.table(CONTACT_ADDRESSES)
    return table.group("contact_id", contact_id, None, len(table))[::-1]


# --- changing ----------------------------------------------------------------------------------------


def told(world: World, contact_id: str) -> None:
    """A contact's addresses or tags are others: it shows them, and areas that follow hear. No stamp of it is set."""
    contact = refreshed(world, contact_id)
    if contact is not None:
        crud.published(world, CONTACTS, contact, "updated")


def refreshed(world: World, contact_id: str) -> Row | None:
    """A contact, which shows its addresses as they are now."""
    contact = world.table(CONTACTS).get(contact_id)
    if contact is None:
        return None
    rows = [row for row in of_contact(world, contact_id) if row.data["type"] in SHOWN]
    rows.sort(key=lambda row: not row.data["is_primary"])
    shown = [{**{name: row.data[name] for name in EMBEDDED}, "tm_create": rfc3339_stamp(row.created)} for row in rows]
    if contact.data["addresses"] == shown and not contact.data["lagging"]:
        return contact
    return crud.keep(world, CONTACTS, contact, {"addresses": shown, "lagging": None})


def lags(world: World, contact_id: str) -> None:
    """The same, but who reads it by its id gets the addresses that it had, for a day or until it changes (server)."""
    before = world.table(CONTACTS).get(contact_id)
    after = refreshed(world, contact_id)
    if before is not None and after is not None:
        shown = {"addresses": before.data["addresses"], "until": world.clock.microseconds() + DAY}
        crud.keep(world, CONTACTS, after, {"lagging": shown})


def read(world: World, contact: Row) -> Row:
    """A contact as it is read by its id."""
    lagging = contact.data["lagging"]
    if not lagging or world.clock.microseconds() >= lagging["until"]:
        return contact
    return Row({**contact.data, "addresses": lagging["addresses"]}, contact.account)


def add(world: World, contact: Row | None, caller: tuple[str, str], values: Mapping[str, Any]) -> Row:
    """A new address, of a contact or of nobody yet. caller: customer and account. Raises Taken.

    A server makes the contact's others give way before it knows whether there is room for this one.
    """
    customer_id, account = caller
    holder = held(world, account, values["type"], values["target"])
    taken = holder is not None and (contact is None or not given_up(world, holder))
    if contact is not None and values["is_primary"] and not (taken and PRIMARY_PER_TYPE.of(world)):
        step_down(world, contact.id, values["type"])
    if holder is not None:
        if taken:
            raise Taken(holder)
        remove(world, holder)
    table = world.table(CONTACT_ADDRESSES)
    record = {
        **CONTACT_ADDRESSES.initial,
        **values,
        "id": values.get("id") or world.ids.uuid(),
        "customer_id": customer_id,
        "contact_id": NIL_UUID if contact is None else contact.id,
        "matched": values["target"].casefold(),
        "tm_create": world.stamp_for(table, account),
    }
    return table.insert(record, account)


def change(world: World, row: Row, values: Mapping[str, Any]) -> Row:
    """An address with other values. Raises Taken."""
    values = dict(values)
    if "target" in values:
        values["matched"] = values["target"].casefold()
        holder = held(world, row.account, row.data["type"], values["target"])
        if holder is not None and holder.id != row.id:
            if not given_up(world, holder):
                raise Taken(holder)
            remove(world, holder)
    if values.get("is_primary"):
        step_down(world, row.data["contact_id"], row.data["type"])
    return crud.change(world, CONTACT_ADDRESSES, world.table(CONTACT_ADDRESSES).get(row.id) or row, values, "")


def remove(world: World, row: Row) -> Row:
    """An address that is not there any more. Nothing else becomes the one to use first."""
    row = world.table(CONTACT_ADDRESSES).replace({**row.data, **world.deletion(CONTACT_ADDRESSES)})
    refreshed(world, row.data["contact_id"])
    return row


def step_down(world: World, contact_id: str, type: str, but: str = "") -> None:
    """None of a contact's addresses, of this type if each type has one, is the one to use first; but for one."""
    for row in of_contact(world, contact_id):
        if row.data["is_primary"] and row.id != but and rivals(world, row, type):
            crud.change(world, CONTACT_ADDRESSES, row, {"is_primary": False}, "")


def rivals(world: World, row: Row, type: str) -> bool:
    """Whether an address of this type and that one cannot both be used first."""
    return row.data["type"] == type or not PRIMARY_PER_TYPE.of(world)


# --- what seeds and tests put in place -----------------------------------------------------------------


def take_up_contact(world: World, row: Row) -> Row:
    """A contact was put in place: those of its addresses that are not in the book come into it."""
    table = world.table(CONTACT_ADDRESSES)
    for given in row.data["addresses"]:
        if table.get(given["id"]) is None:
            address = {name: given[name] for name in EMBEDDED if given[name] != NIL_UUID}
            address["target"] = normalised(address["type"], address["target"])
            try:
                add(world, row, (row.data["customer_id"], row.account), address)
            except Taken as taken:
                said = f"contact: /addresses: {address['target']} is another's already: address {taken.row.id}"
                raise SeedError(said) from None
    return refreshed(world, row.id) or row


def take_up_address(world: World, row: Row) -> Row:
    """An address was put in place, or made another contact's."""
    had = [one.id for one in world.table(CONTACTS) if any(each.get("id") == row.id for each in one.data["addresses"])]
    for contact_id in {*had, row.data["contact_id"]}:
        refreshed(world, contact_id)
    return row


# --- refusing ----------------------------------------------------------------------------------------


def refused(world: World, taken: Taken, contact_id: str, *, primary: bool = False) -> ApiError:
    """Why there is no such address. contact_id: of the contact that it would be; empty if a change made it.

    primary: whether others gave way to it, which stands (server).
    """
    holder = taken.row.data["contact_id"]
    conflict = TAKEN_IS_CONFLICT.of(world) or (contact_id not in ("", NIL_UUID) and holder in (contact_id, NIL_UUID))
    whose = "no contact's yet" if holder == NIL_UUID else f"contact {holder}'s"
    stands = primary and not PRIMARY_PER_TYPE.of(world)
    hint = f"{taken.row.data['target']} is the address {taken.row.id}, {whose}"
    return ApiError(ALREADY_EXISTS if conflict else "INTERNAL", hint=hint, stands=stands)


def check_columns(world: World, values: Mapping[str, Any], columns: Mapping[str, int]) -> None:
    """Raises ApiError for a text that does not fit: nobody looks before the database does (server)."""
    for name, most in columns.items():
        if len(values.get(name) or "") > most:
            raise ApiError(TOO_LONG.of(world), hint=f"/{name} has {len(values[name])} characters, and {most} fit")
