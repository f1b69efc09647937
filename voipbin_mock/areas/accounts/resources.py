"""The records of accounts: customers and who pays for them, agents, access keys, tags."""

from __future__ import annotations

from voipbin_mock.areas.accounts.differences import HASH_AT_CREATION, UNKNOWN_ACCESSKEY, UNKNOWN_CUSTOMER
from voipbin_mock.areas.accounts.keys import hashed, note_agent, note_key, signing
from voipbin_mock.world.differences import LISTS_DELETED, NEVER_IS_NULL, STAMPS_RFC3339, UPDATED_ON_CREATE
from voipbin_mock.world.resource import CONFLICT, GONE, DirectHash, Resource

ACCESSKEYS = Resource(
    "accesskeys",
    deleted=CONFLICT,
    unknown=UNKNOWN_ACCESSKEY,
    lookups=("token_hash", "token_prefix"),
    rfc3339=STAMPS_RFC3339,
    never_is_null=NEVER_IS_NULL,
    updated_on_create=UPDATED_ON_CREATE,
    completes=hashed,
    noted=note_key,
)
AGENTS = Resource(
    "agents",
    lookups=("username",),
    on_delete={"addresses": []},  # they are others' to have again
    events=True,
    direct_hash=DirectHash(made=HASH_AT_CREATION),
    rfc3339=STAMPS_RFC3339,
    never_is_null=NEVER_IS_NULL,
    noted=note_agent,
)
# Declared by the area of billing; all who ask whether a customer can pay look at them.
BILLING_ACCOUNTS = Resource("billing_accounts", deleted=GONE, rfc3339=STAMPS_RFC3339, never_is_null=NEVER_IS_NULL)
CUSTOMERS = Resource(
    "customers",
    account="id",
    unknown=UNKNOWN_CUSTOMER,
    on_delete={"status": "deleted"},
    rfc3339=STAMPS_RFC3339,
    never_is_null=NEVER_IS_NULL,
    updated_on_create=UPDATED_ON_CREATE,
    completes=signing,
)
TAGS = Resource("tags", lists_deleted=LISTS_DELETED)
AUTH = Resource("auth", stored=False)
