"""AI calls at the desk: whoever looks into a case asks the customer's insight AI."""

from __future__ import annotations

from voipbin_mock.api.access import caller_of, permit
from voipbin_mock.api.lists import cut, kept, page_reply, page_size, page_token
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.ais import aicalls, aimessages, starting
from voipbin_mock.areas.ais.ais import insight
from voipbin_mock.areas.ais.assistance import AI, TEAM
from voipbin_mock.areas.ais.resources import AICALLS
from voipbin_mock.areas.cases.resources import CASES
from voipbin_mock.areas.service_agents.differences import FOREIGN_CASE
from voipbin_mock.wire.errors import ApiError, Reason, Violation, shorten
from voipbin_mock.wire.values import NIL_UUID, Reply, parse_uuid
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

INVALID_REFERENCE_FILTER = Reason(
    "INVALID_REFERENCE_FILTER", "INVALID_ARGUMENT", "reference_type and reference_id must be given together."
)
FILTERS = ("reference_type", "reference_id", "status")


def list_(world: World, request: Request) -> Reply:
    """GET /service_agents/aicalls: the customer's, all or those about one thing."""
    size = cut(world, page_size(request))
    given = {name: request.parameter(name) or "" for name in FILTERS}
    wanted = parse_uuid(given["reference_id"]) if given["reference_id"] else NIL_UUID
    if wanted is None:
        raise ApiError("INVALID_REQUEST_PARAMETER", "reference_id must be one UUID.")
    account, before = permit(request).account, page_token(request)
    if bool(given["reference_type"]) != (wanted != NIL_UUID):
        raise ApiError(INVALID_REFERENCE_FILTER)
    looked = {name: given[name] for name in ("reference_type", "status") if given[name]}
    if wanted != NIL_UUID:
        looked["reference_id"] = wanted

    def fits(row: Row) -> bool:
        return all(row.data[name] == value for name, value in looked.items())

    return page_reply(world, AICALLS, kept(world.table(AICALLS), account, before, size, fits))


def create(world: World, request: Request) -> Reply:
    """POST /service_agents/aicalls."""
    values, account = request.values, permit(request).account
    kind, wanted, about = values["assistance_type"], values["assistance_id"], values["reference_type"]
    if about == starting.CASE:
        case = world.table(CASES).get(values["reference_id"])
        if case is None or case.account != account or case.deleted:
            foreign = case is not None and case.account != account
            reason = FOREIGN_CASE.of(world) if foreign else "RESOURCE_NOT_FOUND"
            raise ApiError(reason, hint=f"/reference_id: the customer has no case {values['reference_id']}")
    if kind == AI and wanted == NIL_UUID and about == starting.CASE:
        found = insight(world, account)
        if found is None:
            raise ApiError("RESOURCE_NOT_FOUND", hint="the customer has no AI of type insight")
        wanted = found.id
    if kind not in (AI, TEAM):
        problem = f"{shorten(kind)!r} is no assistance: expected ai or team"
        raise ApiError("INVALID_ARGUMENT", violations=[Violation("/assistance_type", problem, "ai or team", kind)])
    who = aicalls.named_assistance(world, request, kind, wanted)
    return aicalls.started(world, request, who, about, values["reference_id"])


def messages(world: World, request: Request) -> Reply:
    """GET /service_agents/aimessages?aicall_id=."""
    given = request.parameter("aicall_id")
    if not given:
        raise ApiError("MISSING_REQUEST_PARAMETER", "aicall_id must be given.")
    if parse_uuid(given) is None:
        raise ApiError("INVALID_REQUEST_PARAMETER", "aicall_id must be one UUID.")
    caller_of(request)
    return aimessages.all_(world, request)


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST /service_agents/aicalls may be refused with."""
    return (*aicalls.refusals(profile), FOREIGN_CASE.by(profile), "RESOURCE_NOT_FOUND")
