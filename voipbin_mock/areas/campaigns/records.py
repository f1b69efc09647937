"""Records of campaigns as Python objects."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.records import Address, Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class Outplan(Stored):
    customer_id: str
    name: str
    detail: str
    source: Address
    dial_timeout: int  # milliseconds
    try_interval: int  # milliseconds
    max_try_count_0: int
    max_try_count_1: int
    max_try_count_2: int
    max_try_count_3: int
    max_try_count_4: int


class Outdial(Stored):
    customer_id: str
    campaign_id: str
    name: str
    detail: str
    data: str


class Target(Stored):
    outdial_id: str
    name: str
    detail: str
    data: str
    status: str
    destination_0: Address | None
    destination_1: Address | None
    destination_2: Address | None
    destination_3: Address | None
    destination_4: Address | None
    try_count_0: int
    try_count_1: int
    try_count_2: int
    try_count_3: int
    try_count_4: int


class Campaign(Stored):
    customer_id: str
    type: str
    name: str
    detail: str
    status: str
    service_level: int  # percent
    end_handle: str
    actions: list[dict[str, Any]]
    outplan_id: str
    outdial_id: str
    queue_id: str
    next_campaign_id: str


class Campaigncall(Stored):
    customer_id: str
    campaign_id: str
    outplan_id: str
    outdial_id: str
    outdial_target_id: str
    queue_id: str
    activeflow_id: str
    flow_id: str
    reference_type: str
    reference_id: str
    status: str
    result: str
    source: Address
    destination: Address
    destination_index: int
    try_count: int


TYPES: dict[str, type[Stored]] = {
    "outplans": Outplan,
    "outdials": Outdial,
    "targets": Target,
    "campaigns": Campaign,
    "campaigncalls": Campaigncall,
}
