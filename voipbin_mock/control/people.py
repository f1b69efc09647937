"""Who can be acted as: what a program needs to call the API by itself."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.operations import ADMIN, AGENT, MANAGER, SUPER_ADMIN, Request
from voipbin_mock.areas.accounts import auth
from voipbin_mock.areas.accounts.keys import credentials_of, hash_token
from voipbin_mock.areas.accounts.resources import ACCESSKEYS, AGENTS, CUSTOMERS
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

_ROLES = ((SUPER_ADMIN, "super admin"), (ADMIN, "admin"), (MANAGER, "manager"), (AGENT, "agent"))


def agents(world: World, request: Request) -> Reply:
    """Every agent that is not deleted: its customer, what it may, a login token, and its customer's access key.

    The seed's own admin is the first. Access keys are known only as far as the seed gave them; they may what an
    admin of their customer may. `accesskey` is empty for other customers' agents.
    """
    own = credentials_of(world)
    key = next((row for row in world.table(ACCESSKEYS).find("token_hash", hash_token(own.accesskey))), None)
    rows = [row for row in world.table(AGENTS) if not row.deleted]
    rows.sort(key=lambda row: (row.id != own.agent_id, row.created))
    return json_reply({"agents": [_shown(world, row, key, own.accesskey) for row in rows]})


def _shown(world: World, row: Row, key: Row | None, accesskey: str) -> dict[str, Any]:
    data, customer = row.data, world.table(CUSTOMERS).get(row.account)
    return {
        # First, so that a line of shell can cut them out of the answer, whatever else is in it.
        "accesskey": accesskey if key is not None and key.account == row.account else "",
        "token": auth.issue_token(world, row),
        "id": row.id,
        "username": data["username"],
        "name": data["name"],
        "customer_id": data["customer_id"],
        "customer": "" if customer is None else customer.data["name"],
        "role": next((role for bits, role in _ROLES if data["permission"] & bits), "none"),
        "status": data["status"],
    }
