"""Notes on cases over the API. Nobody outside ever hears of them."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import owned
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.cases import casework
from voipbin_mock.areas.cases.cases import MISSING, of_path, whole
from voipbin_mock.areas.cases.differences import UNKNOWN_NOTE
from voipbin_mock.areas.cases.resources import NOTES
from voipbin_mock.areas.contacts import book
from voipbin_mock.areas.contacts.differences import TOO_LONG
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID, Reply, json_reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.world import World

LONGEST_TYPE = 32  # characters of a column


def list_(world: World, request: Request) -> Reply:
    """GET /contact_cases/{id}/notes: all of them, the oldest first."""
    return whole(world, NOTES.name, casework.notes_of(world, of_path(world, request)))


def create(world: World, request: Request) -> Reply:
    """POST /contact_cases/{id}/notes: whether there is such an author nobody asks (server)."""
    case = of_path(world, request)
    values = request.values
    book.check_columns(world, values, {"author_type": LONGEST_TYPE})
    author = None if values["author_id"] == NIL_UUID else values["author_id"]
    return crud.shown(world, NOTES, casework.note(world, case, values["author_type"], author, values["text"]))


def delete(world: World, request: Request) -> Reply:
    """DELETE /contact_cases/{id}/notes/{note_id}: whoever wrote it."""
    case = of_path(world, request)
    row = owned(world, case.account, NOTES, request.id)
    if row is None or row.data["case_id"] != case.id:
        reason = UNKNOWN_NOTE.of(world)
        if reason:
            raise ApiError(reason, hint=f"the case has no note {request.id}")
    else:
        crud.delete_row(world, request, row)
    return json_reply({})


def create_refusals(profile: Profile) -> tuple[str, ...]:
    return (*MISSING, TOO_LONG.by(profile))
