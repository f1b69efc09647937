"""Where the profiles part in e-mails."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.world.differences import Difference

# Why a mail is not sent -> the reason that it is answered with.
REFUSALS: Difference[Mapping[str, str]] = Difference(
    "email-refusals",
    "an e-mail of a customer who is not verified, or cannot pay",
    documented={"identity": "IDENTITY_VERIFICATION_REQUIRED", "balance": "INSUFFICIENT_BALANCE"},
    server=dict.fromkeys(("identity", "balance"), "INVALID_ARGUMENT"),
    told=("403 or 402 by cause", "400 `INVALID_ARGUMENT`"),
)
TAKEN_IS_UPDATED = Difference(
    "email-accepted",
    "`tm_update` of an e-mail that was only taken by a provider",
    documented=False,
    server=True,
    told=("is its `tm_create`", "is set, and nobody is told"),
)
IN_ORDER = Difference(
    "email-batches",
    "events of an e-mail that a provider tells at once",
    documented=True,
    server=False,
    told=("count in their order: the last one stays", "are worked from the last to the first: the first one stays"),
)

ALL = (REFUSALS, TAKEN_IS_UPDATED, IN_ORDER)
