"""Cases over the API: listed, read, attached to a contact, closed, continued."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import caller_of, permit
from voipbin_mock.api.lists import cut, kept, narrowed, page_reply, page_size, page_token
from voipbin_mock.api.operations import Request, Schema
from voipbin_mock.areas.accounts.bodies import ID
from voipbin_mock.areas.cases import casework
from voipbin_mock.areas.cases.differences import BAD_TOKEN, JUNK_REFUSED, TAKES_DELETED, UNRESOLVED_PAGED
from voipbin_mock.areas.cases.resources import CASES, OPEN
from voipbin_mock.areas.contacts.addresses import uuid_parameter
from voipbin_mock.areas.contacts.resources import CONTACTS
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.stamps import parse_stamp
from voipbin_mock.wire.values import NIL_UUID, Reply, parse_uuid, text_reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

FILTERS = ("status", "reference_id", "owner_type", "owner_id", "contact_id")


def list_(world: World, request: Request) -> Reply:
    """GET /contact_cases: open ones and closed ones. Whose they are is asked by both members or not at all (server)."""
    size = cut(world, page_size(request))
    wanted = {name: request.parameter(name) or "" for name in FILTERS[:3]}
    wanted |= {name: uuid_parameter(request, name) for name in FILTERS[3:]}
    if not (wanted["owner_type"] and wanted["owner_id"]):
        del wanted["owner_type"], wanted["owner_id"]
    caller = permit(request)
    asked = {name: value for name, value in wanted.items() if value}
    rows = kept(
        world.table(CASES),
        caller.account,
        token_of(world, request),
        size,
        lambda row: all(row.data[name] == value for name, value in asked.items()),
    )
    return page_reply(world, CASES, rows)


def token_of(world: World, request: Request) -> int | None:
    """Rows must be older than this (microseconds); None for the first page. Raises ApiError."""
    reason = BAD_TOKEN.of(world)
    text = request.parameter("page_token") or ""
    if reason == "INTERNAL" and text:
        try:
            moment = parse_stamp(text)
        except ValueError:
            moment = None
        if moment is None or text[10:11] != "T":
            raise ApiError(reason, hint=f"page_token is {text[:40]!r}, which is no moment in RFC 3339")
    return page_token(request)


def unresolved(world: World, request: Request) -> Reply:
    """GET /contact_cases/unresolved: open ones of which nobody has said whose they are."""

    def waits(row: Row) -> bool:
        return row.data["status"] == OPEN and row.data["contact_id"] is None

    if UNRESOLVED_PAGED.of(world):
        return narrowed(world, request, waits)
    page_size(request)  # it is read
    caller = permit(request)
    rows = sorted(filter(waits, world.table(CASES).listed(caller.account)), key=lambda row: row.id)
    return whole(world, CASES.name, rows)


def whole(world: World, name: str, rows: list[Row]) -> Reply:
    """A list that has no second page."""
    resource = world.blueprint.resource(name)
    return text_reply(f'{{"result":[{",".join([world.text(resource, row) for row in rows])}],"next_page_token":""}}')


def get(world: World, request: Request) -> Reply:
    """GET /contact_cases/{id}."""
    return crud.shown(world, CASES, of_path(world, request))


def of_path(world: World, request: Request) -> Row:
    """The case that a path names first. Raises ApiError."""
    caller, case_id = caller_of(request), request.path_ids[0]
    if case_id == NIL_UUID:
        raise ApiError("INVALID_ARGUMENT", hint="the id of the case is all zeros")
    row = casework.found(world, caller.account, case_id)
    permit(request)
    return row


def update(world: World, request: Request) -> Reply:
    """PUT /contact_cases/{id}: attaches a contact, or detaches it. It is no change of the case."""
    text = request.values["contact_id"]
    contact_id = parse_uuid(text)
    if contact_id is None and text and JUNK_REFUSED.of(world):
        violation = Violation("/contact_id", "is no UUID", "the id of a contact, or an empty text", text)
        raise ApiError("INVALID_ARGUMENT", violations=[violation])
    row = of_path(world, request)
    if contact_id is None or contact_id == NIL_UUID:
        return crud.shown(world, CASES, crud.keep(world, CASES, row, {"contact_id": None}))
    contact = world.table(CONTACTS).get(contact_id)
    if contact is None or contact.account != row.account or (contact.deleted and not TAKES_DELETED.of(world)):
        raise ApiError(CONTACTS.missing, hint=f"/contact_id: the customer has no contact {contact_id}")
    return crud.shown(world, CASES, crud.keep(world, CASES, row, {"contact_id": contact_id}))


def close(world: World, request: Request) -> Reply:
    """POST /contact_cases/{id}/close: by nobody in particular, if it is an access key that asks."""
    row = of_path(world, request)
    return crud.shown(world, CASES, casework.close(world, row, caller_of(request).agent_id or NIL_UUID))


def carry_on(world: World, request: Request) -> Reply:
    """POST /contact_cases/{id}/continue."""
    return crud.shown(world, CASES, casework.carry_on(world, of_path(world, request)))


def list_refusals(profile: Profile) -> tuple[str, ...]:
    return (BAD_TOKEN.by(profile),)


def body(profile: Profile, strict: bool) -> Schema:
    """What is asked beside the schema, for the OpenAPI document."""
    if not JUNK_REFUSED.by(profile):
        return {}
    return {"properties": {"contact_id": {"pattern": f"^({ID})?$"}}}


MISSING = ("INVALID_ARGUMENT", "RESOURCE_NOT_FOUND")
