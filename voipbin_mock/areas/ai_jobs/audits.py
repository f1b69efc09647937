"""Audits over the API."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.answers import result_of
from voipbin_mock.api.lists import id_parameter
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.ai_jobs import auditing, jobs, paths
from voipbin_mock.areas.ai_jobs.differences import AUDITS_TWICE, DELETED_IS_SHOWN
from voipbin_mock.areas.ai_jobs.languages import is_language
from voipbin_mock.areas.ai_jobs.resources import AUDITS
from voipbin_mock.areas.ais.resources import AICALLS
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import NIL_UUID, Reply, text_reply
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

# The answer to POST /aiaudits: an audit for each AI.
BEGUN = result_of()._replace(shape="begun")
MOST = 10  # of a customer that go on


def list_(world: World, request: Request) -> Reply:
    """GET /aiaudits: all, or those of one AI call or one AI."""
    return paths.listed(world, request, **{name: id_parameter(request, name) for name in ("aicall_id", "ai_id")})


def create(world: World, request: Request) -> Reply:
    """POST /aiaudits: one for each AI that took part, the newest first."""
    asked, aicall_id = request.values["language"], request.values["aicall_id"]
    if asked and not is_language(asked):
        wanted = "a language such as en-US"
        raise ApiError("INVALID_ARGUMENT", violations=[Violation("/language", f"expected {wanted}", wanted, asked)])
    if aicall_id == NIL_UUID:
        raise ApiError("INVALID_ID", violations=[Violation("/aicall_id", "is no UUID", "a UUID", aicall_id)])
    aicall = find(world, request, AICALLS, aicall_id)
    if aicall.data["status"] != "terminated":
        raise ApiError("INVALID_ARGUMENT", "The AI call is not over.", hint=f"it is {aicall.data['status']}")
    several = auditing.judged(world, aicall)
    if len(auditing.going_on(world, aicall.account)) >= MOST:
        raise ApiError("RATE_LIMIT_EXCEEDED", hint=f"{MOST} audits of this customer go on already")
    for ai_id in several:
        known = auditing.of(world, aicall.id, ai_id)
        if known is not None and not known.deleted and known.data["status"] == "progressing":
            if AUDITS_TWICE.of(world) and asked and asked != known.data["language"]:
                continue
            raise ApiError("STATE_INVALID", "The AI call is being audited.", hint=f"by {known.id}")
    rows = [auditing.begin(world, aicall, ai_id, asked) for ai_id in several]
    text = ",".join([world.text(AUDITS, row) for row in rows])
    return jobs.accepted(text_reply(f'{{"result":[{text}]}}'))


def delete(world: World, request: Request) -> Reply:
    """DELETE /aiaudits/{id}: nothing more comes of it."""
    paths.check(request)
    row = find(world, request)
    auditing.leaving(world, row)
    return deleted(world, request, AUDITS, row)


def deleted(world: World, request: Request, resource: Resource, row: Row) -> Reply:
    """A record is deleted: the answer is as it is then, or (server) as it was before."""
    permit(request)
    shown = crud.delete_row(world, request, row)
    return shown if DELETED_IS_SHOWN.of(world) else text_reply(world.text(resource, row))
