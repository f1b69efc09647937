"""POST /auth/boot: visitors without an account come in by the direct hash of a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from voipbin_mock.api.answers import plain
from voipbin_mock.api.operations import Answers, Request, Schema
from voipbin_mock.areas.accounts.auth import DIRECT_LIFE, expiry, issue_direct_token
from voipbin_mock.areas.accounts.resources import CUSTOMERS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


class Scope(NamedTuple):
    """What a token is for: a kind of record, and the member of it that anybody may see, if there is one."""

    type: str
    shown: str = ""


# Of the hashes of other resources (agents, queues, flows, conferences) nobody gets a token.
SCOPES: Mapping[str, Scope] = {
    "webchat_widgets": Scope("webchat_widget", "theme_config"),
    "ais": Scope("ai"),
    "teams": Scope("ai_team"),
}


def boot(world: World, request: Request) -> Reply:
    """A token for whoever knows a direct hash. Every failure is a bare 400: that is the service's way."""
    direct_hash = request.values["direct_hash"]
    row, scope = _found(world, direct_hash)
    customer = world.table(CUSTOMERS).get(row.account)
    if customer is None or customer.data["status"] != "active":
        status = customer.data["status"] if customer is not None else "not there"
        raise ApiError("INVALID_ARGUMENT", hint=f"the customer is {status}, and not active")
    answer = {
        "token": issue_direct_token(world, row.data["customer_id"], scope.type, row.id),
        "type": "direct",
        "resource_type": scope.type,
        "resource_id": row.id,
        "customer_id": row.data["customer_id"],
        "expire": expiry(world, DIRECT_LIFE),
    }
    if scope.shown and row.data[scope.shown] is not None:
        answer["resource_data"] = {"public_display_config": row.data[scope.shown]}
    return json_reply(answer)


def _found(world: World, direct_hash: str) -> tuple[Row, Scope]:
    for name, scope in SCOPES.items():
        for row in world.store[name].find("direct_hash", direct_hash) if direct_hash else ():
            return row, scope
    raise ApiError("INVALID_ARGUMENT", hint="no widget, AI or team has this direct hash: a former one, or one deleted?")


def answers() -> Answers:
    text: Schema = {"type": "string"}
    members = dict.fromkeys(("token", "type", "resource_type", "resource_id", "customer_id", "expire"), text)
    members["expire"] = {**text, "examples": ["2026-03-01T13:00:00.000000Z"]}
    config = {"type": "object", "properties": {"public_display_config": {"type": "object"}}}
    return plain(
        {
            "type": "object",
            "properties": {**members, "resource_data": config},
            "required": [*members],
            "additionalProperties": False,
        }
    )
