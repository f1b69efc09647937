"""What happened with somebody on the other side: calls, conversations and their messages, the newest first.

It is read off the histories of those records: whose address it is now, and not then, is asked (server).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from voipbin_mock.api.access import owned, permit
from voipbin_mock.api.lists import cut, page_size
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.cases.cases import token_of
from voipbin_mock.areas.cases.differences import BAD_TOKEN, DIRECT_DENIED, MILLISECONDS, TOKEN_AT_END
from voipbin_mock.areas.cases.resources import PEER_EVENTS
from voipbin_mock.areas.contacts import book
from voipbin_mock.areas.contacts.addresses import uuid_parameter
from voipbin_mock.areas.contacts.resources import CONTACT_ADDRESSES, CONTACTS
from voipbin_mock.areas.timelines.earlier import completed
from voipbin_mock.schema.members import empty_address
from voipbin_mock.wire.errors import ApiError, Reason
from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.wire.values import Reply, encode, text_reply
from voipbin_mock.world.history import Histories, Moment
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

INVALID_FILTER = Reason("INVALID_FILTER", "INVALID_ARGUMENT", "What is listed is said in exactly one way.")
NO_ADDRESSES = Reason("CONTACT_HAS_NO_ADDRESSES", "INVALID_ARGUMENT", "The contact has no addresses to look for.")
# What events are told of: resource, and what happened to it.
_PLAIN = ("created", "updated", "deleted")
KINDS: Mapping[str, tuple[str, ...]] = {
    "calls": (*_PLAIN, "dialing", "ringing", "progressing", "terminating", "canceling", "hangup"),
    "conversation_messages": _PLAIN,
    "conversations": _PLAIN,
}
Peers = set[tuple[str, str]]  # type and target


class Told(NamedTuple):
    """An event as it is listed. cursor: its moment (microseconds), at which pages are cut."""

    cursor: int
    resource: Resource
    moment: Moment


# --- asking --------------------------------------------------------------------------------------------


def interactions(world: World, request: Request) -> Reply:
    """GET /contact_interactions: of an address, a contact or a peer; half a peer finds nothing (server)."""
    size = cut(world, page_size(request))
    peer, contact_id, address_id = _peer(request), _id(request, "contact_id"), _id(request, "address_id")
    if sum(map(bool, (any(peer), contact_id, address_id))) != 1:
        raise ApiError(INVALID_FILTER, hint="give contact_id, address_id, or peer_type with peer_target")
    caller = permit(request)
    peers: Peers = {peer}
    if contact_id:
        contact = owned(world, caller.account, CONTACTS, contact_id)
        if contact is None:
            raise ApiError(CONTACTS.missing, hint=f"the customer has no contact {contact_id}")
        peers = {(row.data["type"], row.data["target"]) for row in book.of_contact(world, contact_id)}
        if not peers:
            raise ApiError(NO_ADDRESSES)
    if address_id:
        address = owned(world, caller.account, CONTACT_ADDRESSES, address_id)
        if address is None:
            raise ApiError(book.UNKNOWN, hint=f"the customer has no address {address_id}")
        peers = {(address.data["type"], address.data["target"])}
    return page(world, request, caller.account, peers, size, at_end=TOKEN_AT_END.of(world))


def peer_events(world: World, request: Request) -> Reply:
    """GET /contact_peer_events: of a contact or a peer."""
    size = cut(world, page_size(request))
    peer, contact_id = _peer(request), _id(request, "contact_id")
    if bool(any(peer)) == bool(contact_id):
        raise ApiError(INVALID_FILTER, hint="give contact_id, or peer_type with peer_target")
    caller = request.caller
    if caller is not None and caller.kind == "direct" and "direct" not in request.operation.access.credentials:
        raise ApiError(request.operation.access.stranger or DIRECT_DENIED.of(world))
    caller = permit(request)
    peers: Peers = {peer}
    if contact_id:
        contact = world.table(CONTACTS).get(contact_id)
        if contact is None or contact.deleted:
            raise ApiError(CONTACTS.missing, hint=f"there is no contact {contact_id}")
        if contact.account != caller.account:
            raise ApiError("RESOURCE_NOT_FOUND", hint="the contact belongs to another customer")
        rows = book.of_contact(world, contact_id)
        peers = {(row.data["type"], row.data["target"]) for row in rows if row.data["type"] in book.SHOWN}
    elif not all(peer):
        raise ApiError(INVALID_FILTER, hint="peer_type and peer_target go together")
    return page(world, request, caller.account, peers, size, at_end=False)


def _peer(request: Request) -> tuple[str, str]:
    return request.parameter("peer_type") or "", request.parameter("peer_target") or ""


def _id(request: Request, name: str) -> str:
    return uuid_parameter(request, name)


# --- answering -----------------------------------------------------------------------------------------


def page(
    world: World, request: Request, account: str, peers: Peers | None, size: int, *, at_end: bool, begin: int = 0
) -> Reply:
    """A page of the events with any of these, or all, since a moment (microseconds).

    at_end: whether the last page names one that follows, too.
    """
    before = token_of(world, request)
    told = [one for one in _told(world, _moments(world, account, peers)) if before is None or one.cursor < before]
    told = [one for one in told if one.cursor >= begin]
    shown = told[:size]
    body = ",".join([encode(world.view(PEER_EVENTS, _event(world, one))) for one in shown])
    more = len(told) > len(shown) or (at_end and bool(shown))
    token = rfc3339_stamp_full(shown[-1].cursor) if more else ""
    return text_reply(f'{{"result":[{body}],"next_page_token":{encode(token)}}}')


def _moments(world: World, account: str, peers: Peers | None) -> Iterator[tuple[Resource, Moment]]:
    histories = world.part(Histories)
    for name, kinds in KINDS.items():
        resource = world.blueprint.resource(name)
        types = {f"{resource.noun}_{kind}" for kind in kinds}
        for row in world.table(resource):
            if row.account == account and (peers is None or _concerns(row, peers)):
                for moment in completed(resource, row.data, histories.of(row.id)):
                    if moment.type in types:
                        yield resource, moment


def _concerns(row: Row, peers: Peers) -> bool:
    _, peer, _ = ends(row.data)
    return (peer.get("type", ""), peer.get("target", "")) in peers


def ends(data: Mapping[str, Any]) -> tuple[str, Mapping[str, str], Mapping[str, str]]:
    """The direction of a record, who is on the other side, and the customer's own end."""
    if "peer" in data:
        return "", data["peer"], data["self"]
    direction = data["direction"]
    if direction == "incoming":
        return direction, data["source"], data["destination"]
    if direction == "outgoing":
        return direction, data["destination"], data["source"]
    return "", {}, {}


def _told(world: World, moments: Iterator[tuple[Resource, Moment]]) -> list[Told]:
    """Events with a cursor each, the newest first."""
    found: list[Told] = []
    cursor = 0
    for resource, moment in sorted(moments, key=lambda one: (one[1].microseconds, one[1].number)):
        cursor = moment.microseconds // 1000 * 1000 if MILLISECONDS.of(world) else max(cursor + 1, moment.microseconds)
        found.append(Told(cursor, resource, moment))
    return found[::-1]


def _event(world: World, one: Told) -> dict[str, Any]:
    data = one.moment.data
    direction, peer, local = ends(data)
    return {
        "timestamp": one.cursor,
        "customer_id": data["customer_id"],
        "publisher": one.resource.noun,
        "event_type": one.moment.type,
        "reference_id": data["id"],
        "direction": direction,
        "peer": {**empty_address(), **peer},
        "local": {**empty_address(), **local},
        "data": world.view(one.resource, data),
    }


# --- what may be refused -------------------------------------------------------------------------------


def refusals(profile: Profile) -> tuple[str, ...]:
    return ("INVALID_REQUEST_PARAMETER", INVALID_FILTER.name, BAD_TOKEN.by(profile), CONTACTS.missing)


def interaction_refusals(profile: Profile) -> tuple[str, ...]:
    return (*refusals(profile), NO_ADDRESSES.name, book.UNKNOWN.name)


def peer_event_refusals(profile: Profile) -> tuple[str, ...]:
    return (*refusals(profile), "RESOURCE_NOT_FOUND", DIRECT_DENIED.by(profile))
