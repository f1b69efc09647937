"""Who can be acted as, and how an operation is called: what a program needs to call the API by itself."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.operations import ADMIN, AGENT, MANAGER, SUPER_ADMIN, Request
from voipbin_mock.areas.accounts import auth
from voipbin_mock.areas.accounts.keys import credentials_of, hash_token
from voipbin_mock.areas.accounts.resources import ACCESSKEYS, AGENTS, CUSTOMERS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.matching import near_name
from voipbin_mock.wire.values import Reply, json_reply, printable
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
        "id": row.id,
        "username": data["username"],
        "name": data["name"],
        "customer_id": data["customer_id"],
        "customer": "" if customer is None else customer.data["name"],
        "role": next((role for bits, role in _ROLES if data["permission"] & bits), "none"),
        "status": data["status"],
        "accesskey": accesskey if key is not None and key.account == row.account else "",
        "token": auth.issue_token(world, row),
    }


def operation(world: World, request: Request) -> Reply:
    """How an operation is called: its path, a sample body, and which parameters it takes."""
    from voipbin_mock.openapi import document as openapi
    from voipbin_mock.openapi.samples import sample

    document = openapi.document(catalog_of(world), world.profile, world.strict)
    known: dict[str, tuple[str, str, Any]] = {
        described["operationId"]: (method.upper(), path, described)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    }
    if request.id not in known:
        near = near_name(request.id, known)
        hint = f"; did you mean {near!r}?" if near else "; GET /openapi.json has them all, as operationId"
        raise ApiError("RESOURCE_NOT_FOUND", f"There is no operation {printable(request.id[:80])!r}{hint}")
    method, path, described = known[request.id]
    body = described.get("requestBody")
    schema = body["content"]["application/json"]["schema"] if body else None
    parameters = [one for one in described.get("parameters", ()) if one["in"] == "query"]
    return json_reply(
        {
            "operation": request.id,
            "call": f"{method} {path}",
            "summary": described["summary"],
            "query": {one["name"]: one["description"] for one in parameters},
            "body": None if schema is None else sample(schema, document["components"]["schemas"]),
        }
    )
