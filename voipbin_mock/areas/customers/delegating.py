"""POST /auth/delegate: a super admin acts as a customer's admin for eight hours.

Whatever is wrong is answered with an empty body, each kind of it with a status of its own.
"""

from __future__ import annotations

from voipbin_mock.api.access import caller_of
from voipbin_mock.api.operations import SUPER_ADMIN, Request
from voipbin_mock.areas.accounts import auth
from voipbin_mock.areas.accounts.auth import LoginRefused
from voipbin_mock.areas.accounts.resources import CUSTOMERS
from voipbin_mock.wire.values import NIL_UUID, Reply, json_reply, parse_uuid
from voipbin_mock.world.world import World

SHORTEST, LONGEST = 10, 200  # characters of a reason


def delegate(world: World, request: Request) -> Reply:
    caller, wanted, reason = caller_of(request), request.values["customer_id"], request.values["reason"]
    if not wanted or not reason:
        raise LoginRefused("customer_id and reason are needed")
    customer_id = parse_uuid(wanted)
    if customer_id in (None, NIL_UUID):
        raise LoginRefused("customer_id is no UUID, or all zeros", 422)
    if not caller.permission & SUPER_ADMIN or caller.kind != "agent":
        raise LoginRefused("only a super admin may, and not by a delegate token", 403)
    if not (SHORTEST <= len(reason) <= LONGEST and reason.isascii() and reason.isprintable()):
        raise LoginRefused(f"a reason has {SHORTEST} to {LONGEST} printable ASCII characters", 422)
    row = world.table(CUSTOMERS).get(world.account_of(customer_id or ""))
    if row is None or row.deleted:
        raise LoginRefused("there is no such customer, or it was deleted", 404)
    token = auth.issue_delegate_token(world, caller.agent_id or "", row.id)
    return json_reply({"token": token, "customer_id": row.id, "expire": auth.expiry(world, auth.DELEGATE_LIFE)})
