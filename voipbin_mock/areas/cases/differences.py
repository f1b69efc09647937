"""Where the profiles part in cases, notes, and what is listed of somebody on the other side."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

UNRESOLVED_PAGED = Difference(
    "case-unresolved",
    "GET /contact_cases/unresolved",
    documented=True,
    server=False,
    told=("is a page, newest first", "has them all, whatever `page_size`"),
)
BAD_TOKEN = Difference(
    "case-page-token",
    "a `page_token` that is none, of cases and of events with others",
    documented="INVALID_ARGUMENT",
    server="INTERNAL",
    told=("400 `INVALID_ARGUMENT`", "500 `INTERNAL`, as for one that is not written in RFC 3339"),
)
JUNK_REFUSED = Difference(
    "case-contact",
    "PUT /contact_cases/{id} without a `contact_id`, or with one that is no UUID",
    documented=True,
    server=False,
    told=("400 `INVALID_ARGUMENT`; only an empty text detaches", "detaches the contact"),
)
TAKES_DELETED = Difference(
    "case-contact-deleted",
    "PUT /contact_cases/{id} with a contact that was deleted",
    documented=False,
    server=True,
    told=("404 `CONTACT_NOT_FOUND`", "attaches it, and nothing can be sent from the case any more"),
)
CHATS_REFUSED = Difference(
    "case-message-chat",
    "POST /contact_cases/{id}/messages of a case with a user of LINE or WhatsApp",
    documented="SOURCE_NOT_OWNED",
    server="",
    told=("400 `SOURCE_NOT_OWNED`", "404 `CONVERSATION_ACCOUNT_NOT_FOUND`, once its source is an own number"),
)
FROM_TELEPHONE = Difference(
    "case-message-source",
    "the `phone_number` of the customer as the `source` of a case's message, if it is none of its numbers",
    documented=True,
    server=False,
    told=("is taken: a page writes from there", "400 `SOURCE_NOT_OWNED`"),
)
UNKNOWN_NOTE = Difference(
    "case-note-unknown",
    "DELETE /contact_cases/{id}/notes/{note_id} of a note that there is not",
    documented="RESOURCE_NOT_FOUND",
    server="",
    told=("404 `RESOURCE_NOT_FOUND`", "200 `{}`"),
)
DIRECT_DENIED = Difference(
    "peer-events-direct",
    "GET /contact_peer_events with a direct token",
    documented="DIRECT_ACCESS_NOT_SUPPORTED",
    server="PERMISSION_DENIED",
    told=("403 `DIRECT_ACCESS_NOT_SUPPORTED`", "403 `PERMISSION_DENIED`"),
)
MILLISECONDS = Difference(
    "peer-events-moment",
    "the `timestamp` of an event with somebody on the other side",
    documented=False,
    server=True,
    told=("to the microsecond, no two alike", "to the millisecond: pages lose those of one moment"),
)
TOKEN_AT_END = Difference(
    "interactions-token",
    "`next_page_token` of the last page of GET /contact_interactions",
    documented=False,
    server=True,
    told=("empty", "is there as long as the page has events"),
)

ALL = (
    UNRESOLVED_PAGED, BAD_TOKEN, JUNK_REFUSED, TAKES_DELETED, CHATS_REFUSED, FROM_TELEPHONE, UNKNOWN_NOTE,
    DIRECT_DENIED, MILLISECONDS, TOKEN_AT_END,
)  # fmt: skip
