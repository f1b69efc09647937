"""Where the profiles part in messages: what is asked of a text, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.world.differences import Difference

# Why a text is not sent -> the reason that it is answered with.
REFUSALS: Difference[Mapping[str, str]] = Difference(
    "message-refusals",
    "a text of a customer who is not verified, or cannot pay",
    documented={"identity": "IDENTITY_VERIFICATION_REQUIRED", "balance": "INSUFFICIENT_BALANCE"},
    server=dict.fromkeys(("identity", "balance"), "INTERNAL"),
    told=("403 or 402 by cause", "500 `INTERNAL`"),
)
OWN_SOURCE = Difference(
    "message-source",
    "a text from a number that is none of the customer's",
    documented=True,
    server=False,
    told=("400 `INVALID_ARGUMENT`", "is sent"),
)
RECEIPTS = Difference(
    "message-receipts",
    "what is told of a text that was sent",
    documented=True,
    server=False,
    told=(
        "`sent` after 1 s, and `delivered` after 3 s or what else comes of it, each with `message_updated`",
        "`sent` at once, and nothing more; its `targets` have only type and number then",
    ),
)
COUNTED_AT_ONCE = Difference(
    "message-parts",
    "`parts` and `tm_update` of a target of a new message",
    documented=True,
    server=False,
    told=("are there at once", "0 until it is sent, and `null` for ever"),
)
DELETED_AGAIN = Difference(
    "message-delete",
    "deleting a message that was deleted",
    documented=False,
    server=True,
    told=("404", "200, with fresh stamps"),
)

ALL = (REFUSALS, OWN_SOURCE, RECEIPTS, COUNTED_AT_ONCE, DELETED_AGAIN)
