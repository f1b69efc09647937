"""Where the profiles part in routing: numbers, extensions and trunks, providers and routes."""

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
        "limit": "RESOURCE_LIMIT_EXCEEDED",
    },
    server=dict.fromkeys(("format", "taken", "balance", "flow", "limit"), "INTERNAL"),
    told=("400, 402, 409 or 429 by cause", "500 `INTERNAL`, always"),
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

# --- extensions and trunks -----------------------------------------------------------------------------

EXTENSION_HASH = Difference(
    "extension-hash",
    "the `direct_hash` of an extension",
    documented=False,
    server=True,
    told=("empty until it is made anew, then twelve digits", "made with the extension: `direct.` and twelve digits"),
)
EXTENSION_PREFIX = Difference("extension-hash", EXTENSION_HASH.about, documented="", server="direct.")
DOMAIN = Difference(
    "extension-domain",
    "the `domain_name` of an extension",
    documented=True,
    server=False,
    told=("the customer's id, and `.registrar.voipbin.net`", "the customer's id"),
)
CALLED_BY_NAME = Difference(
    "extension-name",
    "a call to an extension by the `name` of it, as `target_name`",
    documented=True,
    server=False,
    told=("reaches it", "is refused: it takes what the extension registers as"),
)
EXTENSION_FAILURES: Difference[Mapping[str, str]] = Difference(
    "extension-failures",
    "one extension more than the plan allows, or of a name that another has",
    documented={"limit": "RESOURCE_LIMIT_EXCEEDED", "taken": "STATE_INVALID"},
    server=dict.fromkeys(("limit", "taken"), "INTERNAL"),
    told=("429 `RESOURCE_LIMIT_EXCEEDED`, 409", "500 `INTERNAL`"),
)
TRUNK_FAILURES: Difference[Mapping[str, str]] = Difference(
    "trunk-failures",
    "one trunk more than the plan allows, or of a domain that is none, or another's",
    documented={"limit": "RESOURCE_LIMIT_EXCEEDED", "format": "INVALID_ARGUMENT", "taken": "STATE_INVALID"},
    server=dict.fromkeys(("limit", "format", "taken"), "INTERNAL"),
    told=("429 `RESOURCE_LIMIT_EXCEEDED`, 400, 409", "500 `INTERNAL`"),
)
OWN_PAGED = Difference(
    "desk-extensions",
    "GET /service_agents/extensions",
    documented=True,
    server=False,
    told=("has pages, the newest first", "shows all at once, in the order of the agent's addresses"),
)

# --- providers and routes ------------------------------------------------------------------------------

CHECKS_LEAVE_UPDATE = Difference(
    "provider-checks",
    "a check of a provider's health",
    documented=True,
    server=False,
    told=("leaves its `tm_update`", "is a change of it, by its `tm_update`"),
)
REJECTED_CODE = Difference(
    "provider-key", "a key that a carrier rejects", documented=422, server=400, told=("422", "400")
)
BY_PRIORITY = Difference(
    "route-order",
    "the order of several routes to a country",
    documented=True,
    server=False,
    told=("by `priority`, the lowest first", "the newest first, whatever its `priority`"),
)
DELETED_PROVIDERS = Difference(
    "route-deleted-provider",
    "a route to a provider that was deleted",
    documented=False,
    server=True,
    told=("is no route", "leads there"),
)

ALL = (
    NUMBER_FAILURES,
    VIRTUAL_BY_NUMBER,
    BOUGHT_IS_RENEWED,
    DUE_AT_ONCE,
    NO_MOMENT,
    EXTENSION_HASH,
    DOMAIN,
    CALLED_BY_NAME,
    EXTENSION_FAILURES,
    TRUNK_FAILURES,
    OWN_PAGED,
    CHECKS_LEAVE_UPDATE,
    REJECTED_CODE,
    BY_PRIORITY,
    DELETED_PROVIDERS,
)
