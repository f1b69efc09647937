"""Contacts: who a customer deals with, and the numbers and e-mail addresses that they are found by."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.cascades import gone_with_customer
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import Example, IdOf, Query, action, own
from voipbin_mock.areas.contacts import addresses, bodies, book, contacts, differences
from voipbin_mock.areas.contacts.resources import CONTACT_ADDRESSES, CONTACTS
from voipbin_mock.world.profiles import Profile

_TEXT = {"type": "string"}
_LOOKED_UP = {"type": "email", "target": "ann@example.org"}


def _contact(profile: Profile) -> str:
    return "a contact that has this address"


def _address(profile: Profile) -> str:
    return "the id of one of the contact's addresses"


_ONE_OF_ITS = Example({"address_id": "b2c3d4e5-f6a7-8901-bcde-f12345678901"}, needs=_address)

AREA = Area(
    "contacts",
    operations(
        CONTACTS,
        action(
            "GET /contacts/lookup",
            "lookup",
            contacts.lookup,
            summary="Find the contact that has a number or an e-mail address",
            note="One of the two must be given; `phone` counts if both are. A + in a query is written %2B.",
            query={"phone": Query(_TEXT, "The number."), "email": Query(_TEXT, "The e-mail address.")},
            refuses=contacts.lookup_refusals,
            example=Example({"email": _LOOKED_UP["target"]}, needs=_contact),
        ),
        action(
            "POST /contacts/{id}/addresses",
            "add_address",
            contacts.add_address,
            "added_address",
            summary="Add an address to a contact",
            uuid_ids=True,
            done=differences.ADDED,
            tells="",
            body=bodies.contact_address,
            refuses=contacts.addition_refusals,
            example=Example({"type": "tel", "target": "+15550100096", "id": IdOf("contacts", made=True)}),
        ),
        action(
            "PUT /contacts/{id}/addresses/{address_id}",
            "change_address",
            contacts.change_address,
            "changed_address",
            summary="Change an address of a contact",
            uuid_ids=True,
            tells="",
            body=bodies.address_update,
            refuses=contacts.change_refusals,
            example=_ONE_OF_ITS,
        ),
        action(
            "DELETE /contacts/{id}/addresses/{address_id}",
            "remove_address",
            contacts.remove_address,
            summary="Remove an address of a contact",
            uuid_ids=True,
            tells="",
            refuses=contacts.removal_refusals,
            example=_ONE_OF_ITS,
        ),
        action(
            "POST /contacts/{id}/tags",
            "add_tag",
            contacts.add_tag,
            "tag",
            summary="Give a contact a tag",
            done=differences.ADDED,
            tells="",
            body=bodies.names("tag_id"),
            refuses=contacts.tag_refusals,
            example=Example({"tag_id": IdOf("tags", made=True), "id": IdOf("contacts", made=True)}),
        ),
        action(
            "DELETE /contacts/{id}/tags/{tag_id}",
            "remove_tag",
            contacts.remove_tag,
            summary="Take a tag from a contact",
            tells="",
            refuses=contacts.untag_refusals,
            example=Example({"tag_id": IdOf("tags")}, first="contacts.add_tag"),
        ),
        create=own(
            contacts.create,
            done=201,
            body=bodies.contact,
            refuses=contacts.create_refusals,
            note="An address that there is already is left out without a word.",
            example=Example({"addresses": [_LOOKED_UP]}),
        ),
        get=contacts.get,
        update=own(
            contacts.update,
            body=bodies.contact_update,
            refuses=contacts.update_refusals,
            note="What is left out, or null, stays as it is.",
        ),
        delete=own(note="Its addresses are free for others."),
    ),
    operations(
        CONTACT_ADDRESSES,
        action(
            "POST /contact_addresses/{id}/claim",
            "claim",
            addresses.claim,
            "claim",
            summary="Make an address a contact's",
            note='`"force": true` takes it from another contact.',
            uuid_ids=True,
            tells="",
            body=bodies.names("contact_id"),
            refuses=addresses.claim_refusals,
            example=Example({"contact_id": IdOf("contacts", made=True), "force": True}),
        ),
        list=own(
            addresses.list_,
            unpaged=differences.ADDRESSES_UNPAGED,
            query={
                "contact_id": Query({"type": "string", "format": "uuid"}, "Only those of this contact."),
                "type": Query(_TEXT, "Only those of this type: tel, email or web_session."),
                "unresolved": Query({"type": "boolean"}, "Only those that are no contact's."),
                "target": Query(_TEXT, "Only this address."),
            },
        ),
        create=own(
            addresses.create,
            done=201,
            body=bodies.address,
            refuses=addresses.create_refusals,
            note="Without a `contact_id` it is nobody's until it is claimed.",
            example=Example({"type": "tel", "contact_id": IdOf("contacts", made=True), "is_primary": False}),
        ),
        get=own(addresses.get, uuid_ids=True, refuses=("INVALID_ID",)),
        update=own(
            addresses.update,
            uuid_ids=True,
            body=bodies.address_update,
            refuses=addresses.update_refusals,
            note="What is left out, or null, stays as it is.",
        ),
        delete=own(addresses.delete, uuid_ids=True, refuses=("INVALID_ID", "INVALID_ARGUMENT")),
    ),
    placed={CONTACTS.name: book.take_up_contact, CONTACT_ADDRESSES.name: book.take_up_address},
    follows={"customer_deleted": gone_with_customer(CONTACT_ADDRESSES, CONTACTS)},
    leaving={CONTACT_ADDRESSES.name: book.remove},
    reasons=(*contacts.REASONS, *addresses.REASONS),
    differences=differences.ALL,
    records="voipbin_mock.areas.contacts.records",
    cases=Path(__file__).parent / "cases",
)
