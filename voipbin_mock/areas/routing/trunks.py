"""Trunks: SIP domains that other systems call by."""

from __future__ import annotations

import re

from voipbin_mock.api import crud
from voipbin_mock.api.access import permit
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts.plans import Allowance, check_room
from voipbin_mock.areas.routing.differences import TRUNK_FAILURES
from voipbin_mock.areas.routing.resources import TRUNKS
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.world import World

MOST = Allowance(free=1, basic=5, professional=50)
DOMAIN = "[A-Za-z][A-Za-z0-9.-]{1,30}"
_DOMAIN = re.compile(DOMAIN, re.ASCII)


def create(world: World, request: Request) -> Reply:
    """POST /trunks: of a domain that no other live trunk has, whoever it belongs to, as far as the plan goes."""
    values, caller = request.values, permit(request)
    failures = TRUNK_FAILURES.of(world)
    check_room(world, caller.account, TRUNKS, MOST, failures["limit"])
    domain = values["domain_name"]
    if not _DOMAIN.fullmatch(domain):
        raise _refused(failures["format"], domain, "a letter, and 1 to 30 letters, digits, hyphens or dots")
    if any(not row.data["reprinted"] for row in world.table(TRUNKS).find("domain_name", domain)):
        raise _refused(failures["taken"], domain, "a domain that no other trunk has")
    return crud.shown(world, TRUNKS, crud.insert(world, request, caller, values))


def _refused(reason: str, domain: str, expected: str) -> ApiError:
    violation = Violation("/domain_name", f"cannot be a trunk's: expected {expected}", expected, domain)
    return ApiError(reason, violations=[violation])
