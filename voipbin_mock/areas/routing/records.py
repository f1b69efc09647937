"""Numbers as Python objects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from voipbin_mock.api.records import Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class Number(Stored):
    customer_id: str
    number: str
    type: str
    call_flow_id: str
    message_flow_id: str
    name: str
    detail: str
    status: str
    t38_enabled: bool
    emergency_enabled: bool
    metadata: dict[str, Any]
    tm_purchase: datetime | None
    tm_renew: datetime | None


TYPES: dict[str, type[Stored]] = {
    "numbers": Number,
}
