"""Mails of the account: what the service itself writes to its customers, and the tokens in them."""

from __future__ import annotations

from voipbin_mock.world.resource import Resource

# No operation shows them: they are for tests, which have no mailbox to look into.
ACCOUNT_MAILS = Resource("account_mails", lookups=("token",))
