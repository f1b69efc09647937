"""The records of routing: numbers and those on offer; phones and trunks; providers, and which calls they take."""

from __future__ import annotations

from voipbin_mock.areas.routing.differences import EXTENSION_HASH, EXTENSION_PREFIX
from voipbin_mock.areas.routing.health import checked
from voipbin_mock.world.differences import STAMPS_RFC3339_FULL
from voipbin_mock.world.resource import GONE, DirectHash, Resource

NUMBERS = Resource("numbers", deleted=GONE, lookups=("number",), on_delete={"status": "deleted"}, events=True)
AVAILABLE_NUMBERS = Resource("available_numbers", stored=False)
# What happens to these is told to nobody outside.
EXTENSIONS = Resource(
    "extensions", lookups=("extension",), direct_hash=DirectHash(made=EXTENSION_HASH, prefix=EXTENSION_PREFIX)
)
TRUNKS = Resource("trunks", lookups=("domain_name",), rfc3339=STAMPS_RFC3339_FULL)
# They belong to nobody.
PROVIDERS = Resource("providers", seen=checked)
ROUTES = Resource("routes")
