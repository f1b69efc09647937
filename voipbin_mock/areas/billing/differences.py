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
PSTN_TAKES_CREDIT = Difference(
    "billing-pstn",
    "calling a telephone number with tokens and no credit, while billing is on",
    documented=True,
    server=False,
    told=("402", "is done, and the credit becomes negative"),
)
STATUS_AT_FIRST = Difference(
    "billing-status",
    "`status` and `plan_status` of a new customer's billing account",
    documented="active",
    server="",
    told=("`active`", "empty, until they first change"),
)

ALL = (NO_PORTAL, FORCED_SHOWS_ALL, PSTN_TAKES_CREDIT, STATUS_AT_FIRST)
