"""Ceasing to be a customer: POST /auth/unregister, and DELETE for who thinks better of it.

Whatever is wrong is answered with an empty body.
"""

from __future__ import annotations

from voipbin_mock.api.access import caller_of, may
from voipbin_mock.api.operations import ADMIN, Request
from voipbin_mock.areas.accounts.auth import LoginRefused
from voipbin_mock.areas.accounts.customers import view
from voipbin_mock.areas.accounts.resources import AGENTS, CUSTOMERS
from voipbin_mock.areas.customers import lifecycle
from voipbin_mock.areas.customers.differences import UNREGISTER_REFUSED
from voipbin_mock.wire.values import Reply, encode, text_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

PHRASE = "DELETE"


def unregister(world: World, request: Request) -> Reply:
    """POST /auth/unregister: frozen for 30 days, or deleted at once (`immediate`)."""
    _check_intent(world, request)
    row = _own(world, request)
    try:
        row = lifecycle.freeze(world, row)
    except lifecycle.NotNow as refusal:
        raise LoginRefused(str(refusal)) from None
    if request.values["immediate"]:
        row = lifecycle.erase(world, row)
    return text_reply(encode(view(world, row)))


def come_back(world: World, request: Request) -> Reply:
    """DELETE /auth/unregister: as if nothing had been."""
    try:
        row = lifecycle.recover(world, _own(world, request))
    except lifecycle.NotNow as refusal:
        raise LoginRefused(str(refusal)) from None
    return text_reply(encode(view(world, row)))


def _check_intent(world: World, request: Request) -> None:
    """The caller's own password, or the phrase; and not both."""
    password, phrase = request.values["password"], request.values["confirmation_phrase"]
    if bool(password) == bool(phrase):
        raise LoginRefused("send exactly one of password and confirmation_phrase")
    if phrase and phrase != PHRASE:
        raise LoginRefused(f"the phrase is {PHRASE}")
    if password:
        agent = world.table(AGENTS).get(caller_of(request).agent_id or "")
        if agent is None or agent.data["password"] != password:
            raise LoginRefused("this is not the caller's password; an access key has none, and sends the phrase")


def _own(world: World, request: Request) -> Row:
    caller = caller_of(request)
    if caller.kind == "direct" or not may(caller, caller.account, ADMIN):
        raise LoginRefused("only an admin of the customer may", UNREGISTER_REFUSED.of(world))
    row = world.table(CUSTOMERS).get(caller.account)
    if row is None:
        raise LoginRefused("the seed has no record for the caller's customer")
    return row
