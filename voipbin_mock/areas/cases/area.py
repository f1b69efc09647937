"""Cases: what a customer deals with for somebody on the other side, notes on them, and what happened with whom."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.answers import MOMENT, closed_object, plain
from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.lists import DEFAULT_PAGE
from voipbin_mock.api.operations import Answers, Example, IdOf, Query, action, own
from voipbin_mock.areas.cases import actions, cases, casework, differences, events, messages, notes
from voipbin_mock.areas.cases.resources import CASES, NOTES, PEER_EVENTS
from voipbin_mock.schema.members import INT64

_TEXT = {"type": "string"}
_ID = {"type": "string", "format": "uuid"}
_WHOLE = Answers(
    "list",
    lambda shown: closed_object({"result": {"type": "array", "items": shown}, "next_page_token": {"const": ""}}),
    {"result": True, "next_page_token": False},
)
_PEER = {
    "peer_type": Query(_TEXT, "With `peer_target`: what kind of address the other side has: tel, email, ..."),
    "peer_target": Query(_TEXT, "The address itself, to the letter; a + is written %2B."),
    "contact_id": Query(_ID, "The other side is any address of this contact."),
}
_A_PEER = Example({"peer_type": "tel", "peer_target": "+15550100001"})

AREA = Area(
    "cases",
    operations(
        CASES,
        action(
            "GET /contact_cases/unresolved",
            "unresolved",
            cases.unresolved,
            summary="List the open cases of which nobody has said whose they are",
            query={
                "page_size": Query(
                    {"type": "integer", "minimum": INT64[0], "maximum": INT64[1], "default": DEFAULT_PAGE},
                    "How many at most, 1 to 100; anything else counts as 100.",
                ),
                "page_token": Query(
                    {"type": "string", "pattern": f"^({MOMENT})?$"}, "The `next_page_token` of the page before."
                ),
            },
            answers=_WHOLE._replace(
                schema=lambda shown: closed_object(
                    {"result": {"type": "array", "items": shown}, "next_page_token": {"type": "string"}}
                )
            ),
            refuses=("INVALID_REQUEST_PARAMETER", "INVALID_ARGUMENT"),
        ),
        action(
            "POST /contact_cases/{id}/close",
            "close",
            cases.close,
            summary="Close a case",
            note="One that is closed already stays as it is.",
            uuid_ids=True,
            tells="",
            refuses=cases.MISSING,
        ),
        action(
            "POST /contact_cases/{id}/continue",
            "continue",
            cases.carry_on,
            summary="Go on with a closed case",
            note="In a new one, or in the open one that there is with the same other side.",
            uuid_ids=True,
            tells="",
            refuses=(*cases.MISSING, casework.NOT_CLOSED.name),
        ),
        action(
            "POST /contact_cases/{id}/messages",
            "send",
            messages.send,
            "message",
            summary="Write to whom a case is about",
            note="The answer is the message, which is in a conversation.",
            uuid_ids=True,
            tells="",
            answers=plain({"type": "object", "description": "A message of a conversation."}),
            refuses=messages.refusals,
        ),
        plain=("list", "get", "update"),
        list=own(
            cases.list_,
            query={
                "status": Query(_TEXT, "Only these: open or closed."),
                "reference_id": Query(_TEXT, "Only those of this call or conversation."),
                "owner_type": Query(_TEXT, "With `owner_id`: agent."),
                "owner_id": Query(_ID, "Only those of this agent, if `owner_type` is given, too."),
                "contact_id": Query(_ID, "Only those about this contact."),
            },
            refuses=cases.list_refusals,
        ),
        get=own(cases.get, uuid_ids=True, refuses=cases.MISSING),
        update=own(
            cases.update,
            uuid_ids=True,
            tells="",
            summary="Attach a case to a contact, or detach it",
            body=cases.body,
            refuses=(*cases.MISSING, "CONTACT_NOT_FOUND"),
        ),
    ),
    operations(
        NOTES,
        action(
            "GET /contact_cases/{id}/notes",
            "list",
            notes.list_,
            summary="List the notes on a case",
            note="All of them, the oldest first.",
            uuid_ids=True,
            answers=_WHOLE,
            refuses=cases.MISSING,
            example=Example({"id": IdOf("contact_case_notes", "case_id")}),
        ),
        action(
            "POST /contact_cases/{id}/notes",
            "create",
            notes.create,
            "create",
            summary="Write a note on a case",
            uuid_ids=True,
            tells="",
            refuses=notes.create_refusals,
            example=Example({"id": IdOf("contact_cases")}),
        ),
        action(
            "DELETE /contact_cases/{id}/notes/{note_id}",
            "delete",
            notes.delete,
            summary="Delete a note on a case",
            uuid_ids=True,
            answers=plain(closed_object({})),
            refuses=cases.MISSING,
            example=Example({"id": IdOf("contact_case_notes", "case_id"), "note_id": IdOf("contact_case_notes")}),
        ),
        plain=(),
    ),
    operations(
        PEER_EVENTS,
        action(
            "GET /contact_interactions",
            "interactions",
            events.interactions,
            summary="List what happened with somebody on the other side, as one says who",
            query={**_PEER, "address_id": Query(_ID, "The other side is this address.")},
            answers=_WHOLE._replace(
                schema=lambda shown: closed_object(
                    {"result": {"type": "array", "items": shown}, "next_page_token": {"type": "string"}}
                )
            ),
            refuses=events.interaction_refusals,
            example=_A_PEER,
        ),
        action(
            "GET /contact_peer_events",
            "list",
            events.peer_events,
            summary="List what happened with somebody on the other side",
            query=_PEER,
            refuses=events.peer_event_refusals,
            example=_A_PEER,
        ),
        plain=(),
    ),
    actions=actions.ACTIONS,
    placed={CASES.name: casework.take_up},
    reasons=(
        casework.NOT_CLOSED,
        casework.IS_CLOSED,
        messages.NOT_ASSOCIATED,
        messages.NOT_OWNED,
        events.INVALID_FILTER,
        events.NO_ADDRESSES,
    ),
    differences=differences.ALL,
    records="voipbin_mock.areas.cases.records",
    cases=Path(__file__).parent / "cases",
)
