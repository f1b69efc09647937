"""Where the profiles part at the agents' desk."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

CUSTOMER_IN_FULL = Difference(
    "desk-customer",
    "GET /service_agents/customer",
    documented=True,
    server=False,
    told=("is the whole customer, but for the webhook secret", "names the customer, and leaves the rest empty"),
)

ADDRESSES_FOR_ALL = Difference(
    "desk-addresses",
    "GET /service_agents/contact_addresses",
    documented=True,
    server=False,
    told=("is for all agents", "is for admins and managers"),
)
HISTORY_OF_ALL = Difference(
    "desk-interactions",
    "GET /service_agents/contact_interactions that does not say with whom",
    documented=True,
    server=False,
    told=("lists what happened with everybody, `since` so many days", "400 `INVALID_FILTER`"),
)

FOREIGN_CASE = Difference(
    "desk-foreign-case",
    "POST /service_agents/aicalls about another customer's case",
    documented="PERMISSION_DENIED",
    server="RESOURCE_NOT_FOUND",
    told=("403 `PERMISSION_DENIED`", "404 `RESOURCE_NOT_FOUND`"),
)

ALL = (CUSTOMER_IN_FULL, ADDRESSES_FOR_ALL, HISTORY_OF_ALL, FOREIGN_CASE)
