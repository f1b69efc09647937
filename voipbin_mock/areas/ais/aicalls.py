"""AI calls over the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voipbin_mock.api import crud
from voipbin_mock.api.access import admit, caller_of
from voipbin_mock.api.lists import cut, list_of, page_reply, page_size, page_token
from voipbin_mock.api.operations import Example, IdOf, Request
from voipbin_mock.areas.ais import ending, starting
from voipbin_mock.areas.ais.assistance import RESOURCES, TEAM, Assistance, assistance
from voipbin_mock.areas.ais.callers import named_aicall, scope_of, talker
from voipbin_mock.areas.ais.differences import CANNOT_START, LEAVES_REMAINS, SECOND_LIVE, STARTS_ANY
from voipbin_mock.areas.ais.resources import AICALLS, AIS, TEAMS
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.conversations.resources import CONVERSATIONS
from voipbin_mock.areas.flows import engine
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS
from voipbin_mock.wire.errors import ApiError, Reason, Violation, shorten
from voipbin_mock.wire.values import NIL_UUID, Reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

# An example: one that is written to.
WRITTEN = Example(
    {"assistance_type": "ai", "assistance_id": IdOf(AIS.name), "reference_type": "", "reference_id": NIL_UUID}
)
CHANNEL_NOT_FOUND = Reason("CHANNEL_NOT_FOUND", "NOT_FOUND", "The call has no channel: it is over.")


def list_(world: World, request: Request) -> Reply:
    """GET /aicalls: the customer's."""
    size = cut(world, page_size(request))
    account = talker(request).account
    return page_reply(world, AICALLS, world.table(AICALLS).page(account, page_token(request), size))


def get(world: World, request: Request) -> Reply:
    return crud.shown(world, AICALLS, named_aicall(world, request, request.id))


def delete(world: World, request: Request) -> Reply:
    """DELETE /aicalls/{id}: it is not listed any more, and goes on."""
    return crud.delete_row(world, request, named_aicall(world, request, request.id))


def participants(world: World, request: Request) -> Reply:
    """GET /aicalls/{id}/participants."""
    page_size(request)
    return list_of(world, request, "aicall_id", named_aicall(world, request, request.id).id)


def terminate(world: World, request: Request) -> Reply:
    """POST /aicalls/{id}/terminate: one that is over stays as it is."""
    row = named_aicall(world, request, request.id)
    return crud.shown(world, AICALLS, ending.terminate(world, row.id, "it was terminated by a request") or row)


# --- beginning -----------------------------------------------------------------------------------------


def create(world: World, request: Request) -> Reply:
    """POST /aicalls."""
    values = request.values
    talker_of_any(request)
    kind = {"ai_team": TEAM}.get(values["assistance_type"], values["assistance_type"])
    who = named_assistance(world, request, kind, values["assistance_id"])
    return started(world, request, who, values["reference_type"], values["reference_id"])


def talker_of_any(request: Request) -> None:
    """Visitors of other things than AIs are turned away first; what others may is asked of the AI."""
    if caller_of(request).kind == "direct":
        talker(request)


def named_assistance(world: World, request: Request, kind: str, row_id: str) -> Assistance:
    """The AI or team that a body names; a deleted one works. Raises ApiError."""
    if kind not in RESOURCES:
        problem = f"{shorten(kind)!r} is no assistance: expected ai or team"
        raise ApiError("INVALID_ARGUMENT", violations=[Violation("/assistance_type", problem, "ai or team", kind)])
    if row_id == NIL_UUID:
        problem = "nobody is named: expected the id of an AI or a team"
        raise ApiError("INVALID_ARGUMENT", violations=[Violation("/assistance_id", problem, "an id", row_id)])
    resource, caller = RESOURCES[kind], caller_of(request)
    row = world.table(resource).get(row_id)
    if row is None:
        raise ApiError(resource.missing, hint=f"/assistance_id: {row_id}")
    if caller.kind != "direct":
        admit(world, request, caller, resource, row)
    elif scope_of(caller) != (kind, row_id):
        raise ApiError("PERMISSION_DENIED", hint=f"the token is for {' '.join(scope_of(caller))}")
    who = assistance(world, kind, row)
    if who is None:
        raise ApiError(CANNOT_START.of(world), hint="the first member of the team is no AI that there is")
    return who


def started(world: World, request: Request, who: Assistance, reference_type: str, reference_id: str) -> Reply:
    """An AI call as the answer: a new one, or the one about this case that goes on. Raises ApiError."""
    crud.lint(world, request, request.values)
    if reference_type == starting.CASE:
        row = starting.going_on(world, who.ai.account, reference_type, reference_id)
        if row is not None:
            return crud.shown(world, AICALLS, row)
    begin = _BEGIN.get(reference_type)
    if begin is None or (reference_type in (starting.CONVERSATION, starting.TASK) and not STARTS_ANY.of(world)):
        raise ApiError(CANNOT_START.of(world), hint=f"/reference_type: nothing begins for {reference_type!r}")
    run = engine.start(world, who.ai.account, who.ai.data["customer_id"], engine.NOTHING, reference_type="api")
    row = begin(world, who, reference_id, run.id)
    return crud.shown(world, AICALLS, world.table(AICALLS).get(row.id) or row)


def _on_call(world: World, who: Assistance, call_id: str, run_id: str) -> Row:
    call = world.table(CALLS).get(call_id)
    over = call is not None and call.data["status"] == "hangup"
    if call is None or over or call.account != who.ai.account:
        reason: str | Reason = CHANNEL_NOT_FOUND if over else CALLS.missing
        if LEAVES_REMAINS.of(world):
            starting.begin(world, who, starting.CALL, call_id, run_id, api_made=True)
            run = world.table(ACTIVEFLOWS).get(run_id)
            if run is not None:
                run = world.table(ACTIVEFLOWS).replace({**run.data, **world.deletion(ACTIVEFLOWS)})
                crud.published(world, ACTIVEFLOWS, run, "deleted")
        raise ApiError(reason, hint=f"/reference_id: {call_id}", stands=LEAVES_REMAINS.of(world))
    if ending.live(world.table(AICALLS).get(call.data["aicall_id"])):
        raise ApiError(SECOND_LIVE.of(world), hint=f"the call talks to an AI already: {call.data['aicall_id']}")
    return starting.on_call(world, who, call, run_id, api_made=True)


def _on_conversation(world: World, who: Assistance, conversation_id: str, run_id: str) -> Row:
    conversation = world.table(CONVERSATIONS).get(conversation_id)
    if conversation is None or conversation.account != who.ai.account or conversation.deleted:
        raise ApiError(CONVERSATIONS.missing, hint=f"/reference_id: {conversation_id}")
    return starting.on_conversation(world, who, conversation_id, run_id, None, api_made=True)


_BEGIN: Mapping[str, Callable[[World, Assistance, str, str], Row]] = {
    "": starting.written,
    starting.CALL: _on_call,
    starting.CONVERSATION: _on_conversation,
    starting.TASK: lambda world, who, reference_id, run_id: starting.on_task(
        world, who, run_id, reference_id, api_made=True
    ),
    starting.CASE: starting.on_case,
}


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST /aicalls may be refused with."""
    conversations = (CONVERSATIONS.missing,) if STARTS_ANY.by(profile) else ()
    told = (AIS.missing, TEAMS.missing, CALLS.missing, CHANNEL_NOT_FOUND.name, *conversations)
    return ("INVALID_ARGUMENT", *told, CANNOT_START.by(profile), SECOND_LIVE.by(profile))
