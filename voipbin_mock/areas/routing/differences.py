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

ALL = (NUMBER_FAILURES, VIRTUAL_BY_NUMBER)
