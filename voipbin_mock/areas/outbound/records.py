"""Records of outbound configs as Python objects."""

from __future__ import annotations

from voipbin_mock.api.records import Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class OutboundConfig(Stored):
    customer_id: str
    name: str
    detail: str
    destination_whitelist: list[str]
    codecs: str
    default_outgoing_source_number_id: str


TYPES: dict[str, type[Stored]] = {"outbound_configs": OutboundConfig}
