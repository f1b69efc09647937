"""The records of accounts: customers, agents, access keys, tags."""

from __future__ import annotations

from voipbin_mock.areas.accounts.differences import UNKNOWN_ACCESSKEY
from voipbin_mock.areas.accounts.keys import hashed, note_agent, note_key, signing
from voipbin_mock.world.differences import NEVER_IS_NULL, UPDATED_ON_CREATE
from voipbin_mock.world.resource import CONFLICT, Resource

ACCESSKEYS = Resource(
    "accesskeys",
    deleted=CONFLICT,
    unknown=UNKNOWN_ACCESSKEY,
    lookups=("token_hash", "token_prefix"),
    updated_on_create=UPDATED_ON_CREATE,
    completes=hashed,
    noted=note_key,
)
AGENTS = Resource("agents", lookups=("username",), events=True, noted=note_agent)
CUSTOMERS = Resource("customers", account="id", never_is_null=NEVER_IS_NULL, completes=signing)
TAGS = Resource("tags")
AUTH = Resource("auth", stored=False)
