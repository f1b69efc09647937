"""Where the profiles part in billing."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

NO_PORTAL = Difference(
    "billing-portal",
    "the portal of Paddle, of an account that Paddle does not know",
    documented="INVALID_ARGUMENT",
    server="INTERNAL",
    told=("400", "500"),
)
FORCED_SHOWS_ALL = Difference(
    "billing-forced",
    "what changing a balance by force answers with",
    documented=False,
    server=True,
    told=("the account as its customer sees it", "the account with its status, as super admins see it"),
)

ALL = (NO_PORTAL, FORCED_SHOWS_ALL)
