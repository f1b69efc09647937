"""Where the profiles part in how one becomes a customer, and ceases to be one."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

NEW_IS_UNVERIFIED = Difference(
    "ACC2",
    "a customer that a super admin makes",
    documented=True,
    server=False,
    told=("is `initial`, and has to verify its address", "is `active`, and counts as verified"),
)
TERMS_ARE_TOLD = Difference(
    "ACC3",
    "the terms that a customer accepted",
    documented=True,
    server=False,
    told=("super admins are told: `terms_agreed_version`, `terms_agreed_ip`", "nobody is told"),
)
BAD_EMAIL = Difference(
    "ACC4",
    "a customer that a super admin makes with a bad e-mail address, or another's",
    documented="INVALID_ARGUMENT",
    server="INTERNAL",
    told=("400", "500"),
)
# What is left of a customer that is deleted for good.
ANONYMOUS_IS_BLANK = Difference(
    "ACC6",
    "what is left of a customer that unregistered, once it is deleted",
    documented=True,
    server=False,
    told=("nothing personal", "a name and an address made of its id; what is not personal stays"),
)
UNREGISTER_REFUSED = Difference(
    "ACC7",
    "unregistering, or coming back, as somebody who is no admin",
    documented=400,
    server=403,
    told=("400", "403"),
)
LEAVING_CODES = Difference("ACC7", UNREGISTER_REFUSED.about, documented=(400,), server=(400, 403))
DEFAULT_AGENT = Difference(
    "ACC9",
    "the first agent of a new customer",
    documented="guest agent",
    server="default admin",
    told=("is called `guest agent`", "is called `default admin`"),
)
# An agent is left behind, and nobody else can have its user name (a defect of the server).
EXPIRY_FREES_EMAIL = Difference(
    "expired-signup",
    "signing up again with an address that was never verified",
    documented=True,
    server=False,
    told=("works once the first try has expired", "is answered with `{}` for ever"),
)

ALL = (
    NEW_IS_UNVERIFIED,
    TERMS_ARE_TOLD,
    BAD_EMAIL,
    ANONYMOUS_IS_BLANK,
    UNREGISTER_REFUSED,
    DEFAULT_AGENT,
    EXPIRY_FREES_EMAIL,
)
