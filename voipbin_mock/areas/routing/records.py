"""Numbers, extensions, trunks, providers and routes as Python objects."""

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


class Extension(Stored):
    customer_id: str
    name: str
    detail: str
    extension: str
    domain_name: str
    username: str
    password: str
    direct_hash: str


class Trunk(Stored):
    customer_id: str
    name: str
    detail: str
    domain_name: str
    auth_types: list[str]
    username: str
    password: str
    allowed_ips: list[str]


class Provider(Stored):
    type: str
    hostname: str
    tech_prefix: str
    tech_postfix: str
    tech_headers: dict[str, Any]
    name: str
    detail: str
    metadata: dict[str, Any]
    codecs: str
    health_status: str
    health_checked_at: datetime | None


class Route(Stored):
    customer_id: str
    name: str
    detail: str
    provider_id: str
    priority: int
    target: str


TYPES: dict[str, type[Stored]] = {
    "extensions": Extension,
    "numbers": Number,
    "providers": Provider,
    "routes": Route,
    "trunks": Trunk,
}
