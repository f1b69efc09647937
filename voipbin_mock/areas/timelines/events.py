"""Events of one record, and all those of one run of a flow: pages, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from voipbin_mock.api.access import caller_of, find, referred
from voipbin_mock.api.lists import cut, page_size, page_token
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.timelines.differences import ANSWERED, BAD_CALL_ID, KEYS_ADMITTED, LAST_PAGE, TAKES_IN_MORE
from voipbin_mock.areas.timelines.earlier import completed
from voipbin_mock.wire.errors import ApiError, Reason
from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.wire.values import NIL_UUID, Caller, Reply, encode, parse_uuid, printable, text_reply
from voipbin_mock.world.history import Histories, Moment
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.resource import RUN, Resource
from voipbin_mock.world.shown import view_of
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

TYPES = ("calls", "conferences", "flows", "activeflows")
MOST = 1000  # events of a page
INVALID_TYPE = Reason("INVALID_RESOURCE_TYPE", "INVALID_ARGUMENT", f"There are timelines of {', '.join(TYPES)}.")
INVALID_CALL = Reason("INVALID_CALL_ID", "INVALID_ARGUMENT", "call_id is not a UUID.")
INVALID_RUN = Reason("INVALID_ACTIVEFLOW_ID", "INVALID_ARGUMENT", "activeflow_id is not a UUID.")
REASONS = (INVALID_TYPE, INVALID_CALL, INVALID_RUN)


class Told(NamedTuple):
    """An event as it is listed. cursor: its moment in the page token, which no other of the list has."""

    cursor: int
    resource: Resource
    moment: Moment


def of_record(world: World, request: Request) -> Reply:
    """GET /timelines/{resource_type}/{resource_id}/events."""
    size = cut(world, page_size(request, MOST))
    name, row_id = request.path_ids
    if name not in TYPES:
        raise ApiError(INVALID_TYPE, hint=f"{printable(name[:80])!r} is none of them")
    admitted(world, request)
    resource = world.blueprint.resource(name)
    row = find(world, request, resource, row_id)
    seen = world.part(Histories).of(row.id)
    return _page(world, request, size, [(name, moment) for moment in completed(resource, row.data, seen)])


def of_run(world: World, request: Request) -> Reply:
    """GET /aggregated-events?activeflow_id= or ?call_id=: one of the two."""
    size = cut(world, page_size(request, MOST))
    run_id, call_id = (_id(world, request, name) for name in (RUN, "call_id"))
    if bool(run_id) == bool(call_id) or NIL_UUID in (run_id, call_id):
        raise ApiError("INVALID_ARGUMENT", f"Either {RUN} or call_id must be given, and be no nil UUID.")
    admitted(world, request)
    if call_id:
        run_id = there(world, request, "calls", call_id, "call_id").data[RUN]
        if run_id == NIL_UUID:
            raise ApiError("RESOURCE_NOT_FOUND", hint="this call runs no flow")
    run = there(world, request, "activeflows", run_id, RUN)
    return _page(world, request, size, within(world, run))


def _id(world: World, request: Request, name: str) -> str:
    """The id that a query parameter holds; empty if it is not given."""
    values = request.query.get(name)
    if values is None:
        return ""
    found = parse_uuid(values[0]) if len(values) == 1 else None
    if found is None:
        bad = INVALID_RUN if name == RUN else INVALID_CALL
        raise ApiError(bad if BAD_CALL_ID.of(world) else "INVALID_REQUEST_PARAMETER", f"{name} must be one UUID.")
    return found


def there(world: World, request: Request, name: str, row_id: str, member: str) -> Row:
    """A record that is asked about, that is not deleted, and the caller's. Raises ApiError."""
    resource = world.blueprint.resource(name)
    row = world.table(resource).get(row_id)
    if row is None or row.deleted:
        said = f"was deleted: {row_id}" if row is not None else f"is not there: {row_id}"
        raise ApiError("RESOURCE_NOT_FOUND", hint=f"this {resource.noun} {said}")
    return referred(world, request, resource, row_id, member)


def admitted(world: World, request: Request) -> Caller:
    """Who asks, if it may ask about timelines at all. Raises ApiError."""
    caller = caller_of(request)
    if caller.kind == "accesskey" and not KEYS_ADMITTED.of(world):
        raise ApiError("AGENT_AUTH_REQUIRED", hint="timelines are for login tokens; the server takes access keys, too")
    return caller


def within(world: World, run: Row) -> list[tuple[str, Moment]]:
    """What happened in a run of a flow, the newest first."""
    histories = world.part(Histories)

    def belongs(name: str, record: Mapping[str, Any]) -> bool:
        if run.id in (record["id"], record.get(RUN)):
            return True
        return TAKES_IN_MORE.of(world) and _leader(world, record) == run.id

    seen = histories.all(belongs)
    led = world.store["calls"].get(run.data["reference_id"])
    for name, row in (("activeflows", run), ("calls", led)):
        if row is not None and (row is run or row.data[RUN] == run.id):
            mine = histories.of(row.id)
            resource = world.blueprint.resource(name)
            seen += [(name, moment) for moment in completed(resource, row.data, mine)[len(mine) :]]
    return sorted(seen, key=lambda one: one[1][:2], reverse=True)


def _leader(world: World, record: Mapping[str, Any]) -> str:
    """The run that a record belongs to by the transcribe or the call that it is about; empty if none."""
    if "transcribe_id" in record:
        row = world.store["transcribes"].get(record["transcribe_id"])
        record = {} if row is None else row.data
    run_id = record.get(RUN, NIL_UUID)
    if run_id == NIL_UUID and record.get("reference_type") == "call":
        row = world.store["calls"].get(record["reference_id"])
        run_id = NIL_UUID if row is None else row.data[RUN]
    return str(run_id)


# --- pages -------------------------------------------------------------------------------------------


def _page(world: World, request: Request, size: int, moments: Iterable[tuple[str, Moment]]) -> Reply:
    before = page_token(request)
    told = [one for one in _told(world, moments) if before is None or one.cursor < before]
    page = told[:size]
    body = ",".join([_text(world, one) for one in page])
    more = len(told) > len(page)
    if not more and not LAST_PAGE.of(world):
        return text_reply(f'{{"result":[{body}]}}')
    token = rfc3339_stamp_full(page[-1].cursor) if more else ""
    return text_reply(f'{{"result":[{body}],"next_page_token":{encode(token)}}}')


def _told(world: World, moments: Iterable[tuple[str, Moment]]) -> list[Told]:
    """Events with a cursor each, the newest first: pages are cut there, and many happen in one instant."""
    found: list[Told] = []
    cursor = 0
    for name, moment in reversed(list(moments)):
        cursor = max(cursor + 1, moment.microseconds)
        found.append(Told(cursor, world.blueprint.resource(name), moment))
    return found[::-1]


def _text(world: World, one: Told) -> str:
    moment = one.moment
    kind = ANSWERED.of(world) if moment.type == ANSWERED.server else moment.type
    stamp = rfc3339_stamp_full(moment.microseconds)
    data = encode(view_of(one.resource, world.profile)(moment.data))
    return f'{{"timestamp":"{stamp[:-4]}Z","event_type":{encode(kind)},"data":{data}}}'


# --- what may be refused -------------------------------------------------------------------------------


def _nobody(profile: Profile) -> tuple[str, ...]:
    """Reasons that have to do with who asks."""
    keys = () if KEYS_ADMITTED.by(profile) else ("AGENT_AUTH_REQUIRED",)
    return ("DIRECT_ACCESS_NOT_SUPPORTED", *keys, "PERMISSION_DENIED")


def record_refusals(profile: Profile) -> tuple[str, ...]:
    unknown = tuple(f"{name.removesuffix('s').upper()}_NOT_FOUND" for name in TYPES)
    asked = ("INVALID_REQUEST_PARAMETER", "INVALID_ARGUMENT", INVALID_TYPE.name)
    return (*asked, *_nobody(profile), *unknown, "RESOURCE_NOT_FOUND", "STATE_INVALID")


def run_refusals(profile: Profile) -> tuple[str, ...]:
    bad = (INVALID_CALL.name, INVALID_RUN.name) if BAD_CALL_ID.by(profile) else ()
    return ("INVALID_REQUEST_PARAMETER", "INVALID_ARGUMENT", *bad, *_nobody(profile), "RESOURCE_NOT_FOUND")


def call_refusals(profile: Profile) -> tuple[str, ...]:
    return ("INVALID_REQUEST_PARAMETER", *_nobody(profile), "RESOURCE_NOT_FOUND")
