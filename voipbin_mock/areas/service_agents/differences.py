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

ALL = (CUSTOMER_IN_FULL,)
