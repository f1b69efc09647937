"""What handlers of campaigns ask of a body beside its schema, for the OpenAPI document."""

from __future__ import annotations

from voipbin_mock.api.operations import Schema
from voipbin_mock.areas.accounts.bodies import ID
from voipbin_mock.areas.campaigns.dialing_order import DESTINATIONS
from voipbin_mock.areas.campaigns.differences import OUTDIAL_NEEDS, TARGET_NEEDS
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.profiles import Profile

_TEXT = {"type": "string", "minLength": 1}


def outdial(profile: Profile, strict: bool) -> Schema:
    some_id = {"type": "string", "pattern": f"^{ID}$", "not": {"const": NIL_UUID}}
    properties = {name: dict(some_id if name.endswith("_id") else _TEXT) for name in OUTDIAL_NEEDS.by(profile)}
    return {"properties": properties, "required": list(properties)}


def target(profile: Profile, strict: bool) -> Schema:
    names = TARGET_NEEDS.by(profile)
    # Said by what is refused: generators of clients make a class of each schema in an anyOf, and none of a not.
    nowhere = {"type": ["object", "null"], "properties": {"target": {"type": ["string", "null"], "maxLength": 0}}}
    return {
        "properties": {name: dict(_TEXT) for name in names},
        "required": list(names),
        "not": {"properties": dict.fromkeys(DESTINATIONS, nowhere)},
    }


def next_campaign(profile: Profile, strict: bool) -> Schema:
    return {"properties": {"next_campaign_id": {"pattern": f"^({ID})?$"}}}
