"""The records of contacts, and of the addresses that they are found by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.world.differences import NEVER_IS_NULL, STAMPS_RFC3339
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.resource import MISSING, Resource

TEXTS = ("first_name", "last_name", "display_name", "company", "job_title", "external_id", "notes")
LABELS = ("target_name", "name", "detail")


def _matched(given: Mapping[str, Any], ids: Ids | None) -> Mapping[str, Any]:
    """What an address is found by: the database does not tell letter cases apart (server)."""
    return {"matched": str(given["target"]).casefold()} if "target" in given else {}


CONTACTS = Resource("contacts", deleted=MISSING, rfc3339=STAMPS_RFC3339, never_is_null=NEVER_IS_NULL)
CONTACT_ADDRESSES = Resource(
    "contact_addresses",
    singular="contact_address",
    unknown="RESOURCE_NOT_FOUND",
    lookups=(("type", "matched"),),
    groups=("contact_id",),
    rfc3339=STAMPS_RFC3339,
    never_is_null=NEVER_IS_NULL,
    completes=_matched,
)
