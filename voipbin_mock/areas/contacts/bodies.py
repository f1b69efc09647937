"""What handlers of contacts ask of a body beside its schema, for the OpenAPI document."""

from __future__ import annotations

from voipbin_mock.api.operations import BodyRule, Schema
from voipbin_mock.areas.contacts import book
from voipbin_mock.areas.contacts.addresses import TYPES as ALL_TYPES
from voipbin_mock.areas.contacts.contacts import ADDRESS_COLUMNS, COLUMNS
from voipbin_mock.areas.contacts.differences import TYPES, UNCLAIMED_CHECKED
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.profiles import Profile

_FITS: Schema = {name: {"maxLength": most} for name, most in COLUMNS.items()}
_ADDRESS_FITS: Schema = {name: {"maxLength": most} for name, most in ADDRESS_COLUMNS.items() if name != "target_name"}


def contact(profile: Profile, strict: bool) -> Schema:
    words: Schema = {name: {"maxLength": most} for name, most in ADDRESS_COLUMNS.items()}
    words |= {"type": {"enum": list(book.SHOWN)}, "target": {"minLength": 1, "maxLength": book.LONGEST}}
    plain: Schema = {"type": "string"} if strict else {"type": ["string", "null"]}
    properties = {name: {**plain, **words[name]} for name in ("type", *ADDRESS_COLUMNS)}
    properties |= {"is_primary": {"type": "boolean" if strict else ["boolean", "null"]}}
    items = {"type": "object", "properties": properties, "required": ["type", "target"]}
    return {"properties": {**_FITS, "addresses": {"items": items}}}


def contact_update(profile: Profile, strict: bool) -> Schema:
    return {"properties": {name: rule for name, rule in _FITS.items() if name != "source"}}


def contact_address(profile: Profile, strict: bool) -> Schema:
    return {"properties": {**_ADDRESS_FITS, "type": {"enum": list(TYPES.by(profile))}}, "required": ["type"]}


def address(profile: Profile, strict: bool) -> Schema:
    if not UNCLAIMED_CHECKED.by(profile):
        return {"properties": dict(_ADDRESS_FITS)}
    return {"properties": {**_ADDRESS_FITS, "type": {"enum": list(ALL_TYPES)}}, "required": ["type"]}


def address_update(profile: Profile, strict: bool) -> Schema:
    return {"properties": dict(_ADDRESS_FITS)}


def names(member: str) -> BodyRule:
    """An id that must be there, and not be all zeros."""
    return lambda profile, strict: {"properties": {member: {"not": {"enum": [NIL_UUID, None]}}}, "required": [member]}
