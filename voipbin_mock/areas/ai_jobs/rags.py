"""Knowledge bases over the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.ai_jobs import indexing, paths
from voipbin_mock.areas.ai_jobs.differences import (
    FILE_OWNER,
    OTHERS_SOURCE,
    SOURCE_TWICE,
    SOURCES_TOUCH,
    UNKNOWN_SOURCE,
)
from voipbin_mock.areas.ai_jobs.indexing import Source
from voipbin_mock.areas.ai_jobs.resources import RAGS
from voipbin_mock.areas.storage.resources import FILES
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

_WANTED = "storage_file_ids or source_urls with at least one entry"


def adding(profile: Profile) -> tuple[str, ...]:
    """What may be refused of sources."""
    return ("INVALID_ARGUMENT", SOURCE_TWICE.by(profile), *((FILES.missing,) if FILE_OWNER.by(profile) else ()))


def removing(profile: Profile) -> tuple[str, ...]:
    return ("INVALID_ARGUMENT", *dict.fromkeys((UNKNOWN_SOURCE.by(profile), OTHERS_SOURCE.by(profile))))


def create(world: World, request: Request) -> Reply:
    """POST /rags: it is read in the background."""
    caller, values = permit(request), request.values
    if not values["name"]:
        what = "a name that is not empty"
        raise ApiError("INVALID_ARGUMENT", violations=[Violation("/name", f"expected {what}", what, values["name"])])
    sources = _given(world, request, caller.customer_id, caller.account, ())
    told = {"name": values["name"], "description": values["description"], "sources": sources}
    row = crud.insert(world, request, caller, {**told, "status": indexing.status_of(sources)})
    return crud.shown(world, RAGS, indexing.take_up(world, row))


def _given(
    world: World, request: Request, customer_id: str, account: str, known: tuple[Source, ...]
) -> list[dict[str, Any]]:
    """The sources that a body has. Raises ApiError."""
    files, urls = request.values["storage_file_ids"], request.values["source_urls"]
    if not files and not urls:
        raise ApiError("INVALID_ARGUMENT", violations=[Violation("", f"expected {_WANTED}", _WANTED, None)])
    taken = {(each["storage_file_id"], each["source_url"]) for each in known}
    found = [indexing.source(world, customer_id, file_id=file_id) for file_id in files]
    found += [indexing.source(world, customer_id, url=url) for url in urls]
    for each in found:
        named = each["storage_file_id"], each["source_url"]
        if named in taken:
            raise ApiError(SOURCE_TWICE.of(world), hint=f"a source is there already: {named[1] or named[0]}")
        taken.add(named)
    for file_id in files if FILE_OWNER.of(world) else ():
        file = world.table(FILES).get(file_id)
        if file is not None and file.account != account:
            raise ApiError(FILES.missing, hint=f"/storage_file_ids: {file_id} is a file of another customer")
    return found


def update(world: World, request: Request) -> Reply:
    """PUT /rags/{id}: what is given; the answer has neither status nor sources."""
    paths.check(request)
    given = {name: request.values[name] for name in ("name", "description") if request.values[name]}
    if not given:
        what = "a name or a description"
        raise ApiError("INVALID_ARGUMENT", violations=[Violation("", f"expected {what}", what, None)])
    row = find(world, request)
    crud.check_columns(RAGS, given)
    row = crud.change(world, RAGS, row, given)
    return crud.shown(world, RAGS, Row({**row.data, "status": "", "sources": []}, row.account))


def delete(world: World, request: Request) -> Reply:
    """DELETE /rags/{id}: with its sources. The answer is as it was before."""
    paths.check(request)
    row = find(world, request)
    leaving(world, row)
    crud.delete_row(world, request, row)
    return crud.shown(world, RAGS, row)


def leaving(world: World, row: Row) -> Row:
    """It is about to be deleted: nothing of it is read any more."""
    indexing.forget(world, row, [each["id"] for each in row.data["sources"]])
    return row


def add(world: World, request: Request) -> Reply:
    """POST /rags/{id}/sources."""
    paths.check(request)
    row = find(world, request)
    known = tuple(row.data["sources"])
    sources = [*known, *_given(world, request, row.data["customer_id"], row.account, known)]
    return crud.shown(world, RAGS, indexing.take_up(world, _with(world, row, sources)))


def remove(world: World, request: Request) -> Reply:
    """DELETE /rags/{id}/sources/{source_id}."""
    paths.check(request)
    row = find(world, request, RAGS, request.path_ids[0])
    source_id = request.path_ids[1]
    left = [each for each in row.data["sources"] if each["id"] != source_id]
    if len(left) == len(row.data["sources"]):
        others = any(each["id"] == source_id for other in world.table(RAGS) for each in _live(other))
        raise ApiError((OTHERS_SOURCE if others else UNKNOWN_SOURCE).of(world), hint=f"it has no source {source_id}")
    indexing.forget(world, row, [source_id])
    return crud.shown(world, RAGS, _with(world, row, left))


def _live(row: Row) -> tuple[Mapping[str, Any], ...]:
    return () if row.deleted else tuple(row.data["sources"])


def _with(world: World, row: Row, sources: list[Source]) -> Row:
    values = indexing.with_sources(row, sources)
    if SOURCES_TOUCH.of(world):
        return crud.change(world, RAGS, row, values)
    return crud.keep(world, RAGS, row, values)
