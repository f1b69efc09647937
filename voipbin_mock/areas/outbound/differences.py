"""Where the profiles part in outbound configs."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

UPDATED_WHEN_MADE = Difference(
    "outbound-updated",
    "`tm_update` of a new outbound config",
    documented=False,
    server=True,
    told=("not yet", "as `tm_create`"),
)
LISTS_ALL = Difference(
    "outbound-list",
    "`GET /outbound_configs`",
    documented=True,
    server=False,
    told=("those of all customers, or of `customer_id`", "nothing, whatever there is"),
)
DELETED_BLOCKS = Difference(
    "outbound-again",
    "making an outbound config after it was deleted",
    documented=False,
    server=True,
    told=("is done", "409 for ever"),
)
BAD_VALUES = Difference(
    "outbound-values",
    "countries and codecs that there are not",
    documented="INVALID_ARGUMENT",
    server="INTERNAL",
    told=("400", "500"),
)
SOURCE_KEPT = Difference(
    "outbound-source",
    "`default_outgoing_source_number_id`",
    documented=True,
    server=False,
    told=("is set, to a normal number of the customer's own", "never changes, whatever is sent"),
)

ALL = (UPDATED_WHEN_MADE, LISTS_ALL, DELETED_BLOCKS, BAD_VALUES, SOURCE_KEPT)
