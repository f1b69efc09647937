"""The records of conferences, and of the callers in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.areas.conferences.differences import HASH_AT_CREATION, UNKNOWN_CONFERENCE, UNKNOWN_CONFERENCECALL
from voipbin_mock.areas.flows.differences import HASH_PREFIX
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.differences import NEVER_IS_NULL, UPDATED_ON_CREATE
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.resource import DirectHash, Resource


def completed(given: Mapping[str, Any], ids: Ids | None) -> Mapping[str, Any]:
    """What a conference has that a seed or a test does not give."""
    if ids is None:
        return {}
    missing: dict[str, Any] = {}
    if given.get("confbridge_id", NIL_UUID) == NIL_UUID:
        missing["confbridge_id"] = ids.uuid()
    if given.get("data") is None:
        missing["data"] = {}
    if not given.get("status"):
        missing["status"] = "progressing"
    return missing


CONFERENCES = Resource(
    "conferences",
    unknown=UNKNOWN_CONFERENCE,
    lookups=("confbridge_id",),
    on_delete={"direct_hash": ""},
    events=True,
    history="tm_end",
    direct_hash=DirectHash(made=HASH_AT_CREATION, prefix=HASH_PREFIX),
    never_is_null=NEVER_IS_NULL,
    updated_on_create=UPDATED_ON_CREATE,
    completes=completed,
)
# Nobody outside is told of them; other areas hear of conferencecall_joining, _joined, _leaving and _leaved.
CONFERENCECALLS = Resource(
    "conferencecalls",
    unknown=UNKNOWN_CONFERENCECALL,
    lookups=(("conference_id", "status"),),
    groups=("reference_id",),
    history="tm_delete",
    never_is_null=NEVER_IS_NULL,
)
