"""Sessions: a visitor comes, is idle or not, and leaves."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.api import crud
from voipbin_mock.api.access import permit
from voipbin_mock.api.lists import id_parameter, list_, list_of
from voipbin_mock.api.operations import Request, Schema
from voipbin_mock.areas.webchat.differences import SESSIONS_AGE
from voipbin_mock.areas.webchat.resources import SESSIONS, WIDGETS, ends_of
from voipbin_mock.areas.webchat.visitors import named, named_widget
from voipbin_mock.areas.webchat.widgets import IDLE
from voipbin_mock.wire.errors import ApiError, Reason, Violation, shorten
from voipbin_mock.wire.values import NIL_UUID, Reply, parse_uuid
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import MILLISECOND, PHONE
from voipbin_mock.world.world import World

LONGEST_URL = 2048  # bytes
SECOND = 1_000_000  # microseconds
ENDS = "webchat_idle"
INVALID_WIDGET_ID = Reason("INVALID_WIDGET_ID", "INVALID_ARGUMENT", "widget_id must be the id of a widget.")


def wanted(request: Request, member: str, reason: Reason) -> str:
    """An id that a member of the body must be. Raises ApiError."""
    value = request.values[member]
    found = parse_uuid(value)
    if found is None or found == NIL_UUID:
        problem = f"{shorten(value)!r} is no UUID" if found is None else "is all zeros"
        raise ApiError(reason, violations=[Violation(f"/{member}", problem, "a UUID, not all zeros", value)])
    return found


def all_(world: World, request: Request) -> Reply:
    """GET /webchat_sessions: all, or a widget's."""
    widget_id = id_parameter(request, "widget_id")
    if widget_id is None:
        return list_(world, request)
    permit(request)
    return list_of(world, request, "widget_id", named_widget(world, request, widget_id).id)


def create(world: World, request: Request) -> Reply:
    """POST /webchat_sessions: always a new one."""
    widget_id = wanted(request, "widget_id", INVALID_WIDGET_ID)
    for member in ("page_url", "referrer"):
        check_url(member, request.values[member])
    widget = named_widget(world, request, widget_id)
    crud.lint(world, request, request.values)
    return crud.shown(world, SESSIONS, begun(world, widget, **{n: request.values[n] for n in ("page_url", "referrer")}))


def begun(world: World, widget: Row, page_url: str = "", referrer: str = "") -> Row:
    """A new session with a widget."""
    session_id = world.ids.uuid()
    created = world.stamp_for(world.table(SESSIONS), widget.account)
    values = {
        "page_url": page_url,
        "referrer": referrer,
        "id": session_id,
        "customer_id": widget.data["customer_id"],
        "tm_last_activity": created,
        **ends_of(session_id, widget.id),
    }
    row = crud.made(world, SESSIONS, widget.account, values, created)
    _wait(world, row)
    return row


def check_url(member: str, url: str) -> None:
    """Raises ApiError for what is no URL of a page."""
    size = len(url.encode("utf-8", "surrogatepass"))
    if size > LONGEST_URL or (url and not url.startswith(("http://", "https://"))):
        expected = f"http:// or https://, at most {LONGEST_URL} bytes"
        problem = f"{size} bytes" if size > LONGEST_URL else f"{shorten(url)!r} is no such URL"
        violation = Violation(f"/{member}", f"{problem}: expected {expected}", expected, url)
        raise ApiError("INVALID_ARGUMENT", violations=[violation])


def get(world: World, request: Request) -> Reply:
    return crud.shown(world, SESSIONS, named(world, request))


def delete(world: World, request: Request) -> Reply:
    return crud.delete_row(world, request, named(world, request))


def end(world: World, request: Request) -> Reply:
    """POST /webchat_sessions/{id}/end: nothing more is said in it. It may be ended again."""
    return crud.shown(world, SESSIONS, ended(world, named(world, request)))


def ended(world: World, row: Row) -> Row:
    if row.data["idle_timer"]:
        world.timers.cancel(row.data["idle_timer"])
    moment = {"tm_end": world.clock.microseconds()} if SESSIONS_AGE.of(world) else {}
    return crud.change(world, SESSIONS, row, {"status": "ended", "idle_timer": 0, **moment}, "ended")


# --- being idle --------------------------------------------------------------------------------------


def spoken_in(world: World, session_id: str, moment: int) -> None:
    """Something was said: the time until it ends begins anew."""
    row = world.table(SESSIONS).get(session_id)
    if row is not None and _ages(world, row):
        row = crud.keep(world, SESSIONS, row, {"tm_last_activity": moment})
        if not row.data["idle_timer"]:
            _wait(world, row)


def _ages(world: World, row: Row) -> bool:
    return SESSIONS_AGE.of(world) and row.data["status"] == "active" and not row.deleted


def _due(world: World, row: Row) -> int:
    """When it will have been idle for long enough."""
    widget = world.table(WIDGETS).get(row.data["widget_id"])
    seconds = widget.data["session_idle_timeout"] if widget is not None else IDLE
    last = row.data["tm_last_activity"] or row.created
    return int(last - last % MILLISECOND + seconds * SECOND)  # stamps are ahead of their moment by microseconds


def _wait(world: World, row: Row) -> Row:
    """Look again when nothing will have been said for long enough."""
    if not _ages(world, row):
        return row
    timer = world.timers.call_at(_due(world, row), ENDS, row.id, order=PHONE)
    return crud.keep(world, SESSIONS, row, {"idle_timer": timer})


def placed(world: World, row: Row) -> Row:
    """A session that no request made: one that should have ended long ago goes on until something is said in it."""
    if row.data["idle_timer"] or not _ages(world, row) or _due(world, row) <= world.clock.microseconds():
        return row
    return _wait(world, row)


def idle(world: World, session_id: str) -> None:
    """The timer: if nothing was said since it was set, the session ends."""
    row = world.table(SESSIONS).get(session_id)
    if row is None or not _ages(world, row):
        return
    row = crud.keep(world, SESSIONS, row, {"idle_timer": 0})
    if _due(world, row) > world.clock.microseconds():
        _wait(world, row)
    else:
        ended(world, row)


TIMERS: Mapping[str, TimerHandler] = {ENDS: idle}


def body(profile: Profile, strict: bool) -> Schema:
    """For OpenAPI: what is asked of a session beside its schema."""
    url = {"type": "string", "maxLength": LONGEST_URL, "pattern": "^(https?://[ -~]*)?$"}
    return {"properties": {"widget_id": id_form(), "page_url": url, "referrer": url}, "required": ["widget_id"]}


def id_form() -> Schema:
    return {"type": "string", "format": "uuid", "not": {"const": NIL_UUID}}
