"""Writing to whom a case is about."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.resources import CUSTOMERS
from voipbin_mock.areas.cases import casework
from voipbin_mock.areas.cases.cases import of_path
from voipbin_mock.areas.cases.differences import CHATS_REFUSED, FROM_TELEPHONE
from voipbin_mock.areas.cases.resources import OPEN
from voipbin_mock.areas.contacts import book
from voipbin_mock.areas.contacts.resources import CONTACTS
from voipbin_mock.areas.conversations import opening, sending
from voipbin_mock.areas.conversations.resources import MESSAGES
from voipbin_mock.areas.routing.resources import NUMBERS
from voipbin_mock.wire.errors import ApiError, Reason
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

NOT_ASSOCIATED = Reason(
    "DESTINATION_NOT_ASSOCIATED", "INVALID_ARGUMENT", "The destination is none of whom the case is about."
)
NOT_OWNED = Reason("SOURCE_NOT_OWNED", "INVALID_ARGUMENT", "The source is no number of the customer's own.")
CHATS = ("line", "whatsapp")
TYPES = (*CHATS, "email")  # of peers, that are types of conversations, too


def send(world: World, request: Request) -> Reply:
    """POST /contact_cases/{id}/messages: answers the message, which a conversation holds."""
    case = of_path(world, request)
    if case.data["status"] != OPEN:
        raise ApiError(casework.IS_CLOSED)
    source, destination = request.values["source"], request.values["destination"]
    _check_destination(world, case, destination)
    peer, local = case.data["peer"], case.data["local"]
    if peer["type"] in CHATS and CHATS_REFUSED.of(world):
        raise ApiError(NOT_OWNED, hint=f"users of {peer['type']} are not written to from cases")
    _check_source(world, case, source)
    conversation = opening.opened(
        world,
        case.account,
        case.data["customer_id"],
        peer["type"] if peer["type"] in TYPES else "message",
        {"type": local["type"], "target": source},
        {"type": peer["type"], "target": destination},
    )
    return crud.shown(world, MESSAGES, sending.send(world, conversation, request.values["text"]))


def _check_destination(world: World, case: Row, destination: str) -> None:
    """Raises ApiError unless it is one of the contact's, or without a contact the peer itself; to the letter."""
    contact_id, peer = case.data["contact_id"], case.data["peer"]["target"]
    known = [peer]
    if contact_id is not None:
        contact = world.table(CONTACTS).get(contact_id)
        gone = contact is None or contact.deleted
        rows = [] if gone else book.of_contact(world, contact_id)
        known = [row.data["target"] for row in rows if row.data["type"] in book.SHOWN]
    if destination not in known:
        raise ApiError(NOT_ASSOCIATED, hint=f"{destination!r} is none of {', '.join(known) or 'no addresses'}")


def _check_source(world: World, case: Row, source: str) -> None:
    rows = [row for row in world.table(NUMBERS).find("number", source) if row.account == case.account]
    customer = world.table(CUSTOMERS).get(case.account)
    if FROM_TELEPHONE.of(world) and customer is not None and source and customer.data["phone_number"] == source:
        return
    if not any(row.data["status"] == "active" and row.data["type"] == "normal" for row in rows):
        raise ApiError(NOT_OWNED, hint=f"{source!r} is no active, normal number of the customer's (GET /numbers)")


def refusals(profile: Profile) -> tuple[str, ...]:
    own = (casework.IS_CLOSED.name, NOT_ASSOCIATED.name, NOT_OWNED.name)
    chats = () if CHATS_REFUSED.by(profile) else ("CONVERSATION_ACCOUNT_NOT_FOUND",)
    return ("INVALID_ARGUMENT", "RESOURCE_NOT_FOUND", *own, *chats, "INTERNAL")
