"""Where the profiles part in contacts: what addresses must be, whose they are, and how they are changed."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

# --- contacts ----------------------------------------------------------------------------------------

ADDED = Difference(
    "contact-added",
    "the status of POST /contacts/{id}/addresses and /contacts/{id}/tags",
    documented=200,
    server=201,
    told=("200", "201"),
)
LOOKUP_UNCLAIMED = Difference(
    "contact-lookup",
    "GET /contacts/lookup with an address that is no contact's yet",
    documented="CONTACT_NOT_FOUND",
    server="INVALID_ARGUMENT",
    told=("404 `CONTACT_NOT_FOUND`", "400 `INVALID_ARGUMENT`"),
)
TOO_LONG = Difference(
    "contact-columns",
    "texts of contacts, addresses and notes that are longer than their columns",
    documented="INVALID_ARGUMENT",
    server="INTERNAL",
    told=("400 `INVALID_ARGUMENT`", "500 `INTERNAL`"),
)
TAGS_CHECKED = Difference(
    "contact-tags",
    "tags of contacts",
    documented=True,
    server=False,
    told=(
        "one that there is not cannot be added, one that a contact has not cannot be removed: 404",
        "any UUID can be added; removing what is not there is 200",
    ),
)
FORMER_SHOWS = Difference(
    "contact-former-owner",
    "GET /contacts/{id} of who has lost an address to a forced claim",
    documented=False,
    server=True,
    told=("shows it no more", "still shows it, for a day or until the contact changes"),
)

# --- what an address must be ---------------------------------------------------------------------------

PRIMARY_PER_TYPE = Difference(
    "contact-primary",
    "addresses that are `is_primary`",
    documented=True,
    server=False,
    told=("one of each type, of a contact", "one, of a contact; the last one set"),
)
TYPES = Difference(
    "contact-address-types",
    "the type of an address that POST /contacts/{id}/addresses adds",
    documented=("tel", "email"),
    server=("tel", "email", "web_session"),
    told=("`tel`, `email`", "`tel`, `email`; a `web_session` is kept, and no contact shows it"),
)
UNCLAIMED_CHECKED = Difference(
    "contact-address-unclaimed",
    "POST /contact_addresses without a contact",
    documented=True,
    server=False,
    told=("its type is checked, its target normalised", "neither its type nor its target is looked at"),
)
TAKEN_IS_CONFLICT = Difference(
    "contact-address-taken",
    "an address that there is already",
    documented=True,
    server=False,
    told=(
        "409 `ADDRESS_ALREADY_EXISTS`",
        "409 if it is the contact's own or no contact's; another's, or to change one into it: 500 `INTERNAL`",
    ),
)

# --- changing them -------------------------------------------------------------------------------------

LABELS_CHANGE = Difference(
    "contact-address-labels",
    "`name` and `detail` in a PUT of an address",
    documented=True,
    server=False,
    told=("are changed", "are dropped without a word"),
)
ADDRESS_BELONGS = Difference(
    "contact-address-of-another",
    "PUT and DELETE of /contacts/{id}/addresses/{address_id} with the address of another contact",
    documented=True,
    server=False,
    told=("404 `ADDRESS_NOT_FOUND`", "changes it all the same, and answers the contact of the path"),
)
UNKNOWN_CHANGED = Difference(
    "contact-address-unknown",
    "PUT and DELETE of an address that there is not, under a contact",
    documented="ADDRESS_NOT_FOUND",
    server="INTERNAL",
    told=("404 `ADDRESS_NOT_FOUND`", "PUT 500 `INTERNAL`, DELETE 400 `INVALID_ARGUMENT`"),
)
UNKNOWN_REMOVED = Difference(
    "contact-address-unknown", UNKNOWN_CHANGED.about, documented="ADDRESS_NOT_FOUND", server="INVALID_ARGUMENT"
)
UNCLAIMED_CHANGES = Difference(
    "contact-address-unclaimed-changes",
    "PUT and DELETE of /contact_addresses/{id} that is no contact's",
    documented=True,
    server=False,
    told=("are done; it cannot be `is_primary`", "PUT 500 `INTERNAL`, DELETE 400 `INVALID_ARGUMENT`"),
)
DELETED_IS_SHOWN = Difference(
    "contact-address-deleted",
    "the answer to DELETE /contact_addresses/{id}",
    documented=True,
    server=False,
    told=("is the address", "has the contact's id, and nothing of the address"),
)
CLAIM_STEPS_DOWN = Difference(
    "contact-address-claim",
    "claiming an address that is `is_primary` of another, for a contact that has one, or from one that was deleted",
    documented=True,
    server=False,
    told=("200; where the contact has one of the type, it is not any more", "500 `INTERNAL`"),
)

# --- lists ---------------------------------------------------------------------------------------------

ADDRESSES_UNPAGED = Difference(
    "contact-address-list",
    "GET /contact_addresses",
    documented=False,
    server=True,
    told=("is a page", "is a bare array of 20 at most, whatever `page_size`"),
)
ADDRESSES_FILTERED = Difference(
    "contact-address-filters",
    "`unresolved` and `target` of GET /contact_addresses",
    documented=True,
    server=False,
    told=("narrow it; `unresolved=true` beats `contact_id`", "are read, and change nothing"),
)

ALL = (
    ADDED, LOOKUP_UNCLAIMED, TOO_LONG, TAGS_CHECKED, FORMER_SHOWS, PRIMARY_PER_TYPE, TYPES, UNCLAIMED_CHECKED,
    TAKEN_IS_CONFLICT, LABELS_CHANGE, ADDRESS_BELONGS, UNKNOWN_CHANGED, UNCLAIMED_CHANGES, DELETED_IS_SHOWN,
    CLAIM_STEPS_DOWN, ADDRESSES_UNPAGED, ADDRESSES_FILTERED,
)  # fmt: skip
