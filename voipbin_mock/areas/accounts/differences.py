"""Where the profiles part in accounts: keys and logging in."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

YEAR = 31_536_000  # seconds

LOGIN_UNDER_PREFIX = Difference("D10", "logging in under /v1.0", documented=True, server=False, told=("logs in", "404"))
UNKNOWN_ACCESSKEY = Difference(
    "D13",
    "an access key that does not exist",
    documented="ACCESSKEY_NOT_FOUND",
    server="INVALID_ARGUMENT",
    told=("404 `ACCESSKEY_NOT_FOUND`", "400 `INVALID_ARGUMENT`"),
)
# Seconds an access key lives if its body does not say; None: it must say.
ACCESSKEY_LIFE: Difference[int | None] = Difference(
    "accesskey-life",
    "an access key whose body does not say how long it lives",
    documented=YEAR,
    server=None,
    told=("lives a year", "400"),
)
# The tutorials send readers to `GET /accesskeys` for a key, which shows only its prefix: accept it as the key.
PREFIX_WORKS = Difference(
    "D21",
    "the prefix of an access key, used as the key",
    documented=True,
    server=False,
    told=("works, with a lint warning", "401"),
)

ALL = (LOGIN_UNDER_PREFIX, UNKNOWN_ACCESSKEY, ACCESSKEY_LIFE, PREFIX_WORKS)
