"""Where the profiles part in routing: buying and changing numbers."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.world.differences import Difference

# Why buying or changing a number failed -> the reason it is answered with.
NUMBER_FAILURES: Difference[Mapping[str, str]] = Difference(
    "number-failures",
    "why a number could not be bought",
    documented={
        "format": "INVALID_ARGUMENT",
        "taken": "STATE_INVALID",
        "balance": "INSUFFICIENT_BALANCE",
        "flow": "INVALID_ARGUMENT",
    },
    server=dict.fromkeys(("format", "taken", "balance", "flow"), "INTERNAL"),
    told=("400, 402 or 409 by cause", "500 `INTERNAL`, always"),
)
# A number of the virtual range is virtual although the body does not say so (overview page).
VIRTUAL_BY_NUMBER = Difference(
    "virtual-by-number",
    "a number of the virtual range whose type is not said",
    documented=True,
    server=False,
    told=("it is virtual", "500 `INTERNAL`: nobody sells it"),
)
# The documents' `tm_renew` is the last renewal, so a number that was only bought has none.
BOUGHT_IS_RENEWED = Difference(
    "D24",
    "`tm_renew` of a normal number that was only bought",
    documented=False,
    server=True,
    told=("`null`", "when it was bought"),
)
# The pages renew a number up to the very moment that it was last renewed at; the server only those renewed before.
DUE_AT_ONCE = Difference(
    "renewal-due",
    "renewing up to the very moment that a number was last renewed at",
    documented=True,
    server=False,
    told=("renews it", "leaves it alone"),
)
NO_MOMENT = Difference(
    "renewal-moment",
    "renewing without a moment",
    documented="INVALID_ARGUMENT",
    server="INTERNAL",
    told=("400", "500 `INTERNAL`"),
)

ALL = (NUMBER_FAILURES, VIRTUAL_BY_NUMBER, BOUGHT_IS_RENEWED, DUE_AT_ONCE, NO_MOMENT)
