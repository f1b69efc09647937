"""What an agent may do to itself, and is told of its customer: paths without an id."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.operations import Handler, Request, Schema
from voipbin_mock.areas.accounts import agents, customers
from voipbin_mock.areas.service_agents.differences import CUSTOMER_IN_FULL
from voipbin_mock.wire.values import NIL_UUID, Reply, encode, text_reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.world import World


def mine(handler: Handler) -> Handler:
    """The same about the caller, who is in no path."""

    def about_the_caller(world: World, request: Request) -> Reply:
        request.path_ids = (permit(request).agent_id or NIL_UUID,)
        return handler(world, request)

    return about_the_caller


def update(world: World, request: Request) -> Reply:
    """PUT /service_agents/me: what is left out is emptied, the ring method too."""
    row = find(world, request)
    agents.check_name(request.values["name"])
    return crud.save(world, request, row, request.values)


def password(world: World, request: Request) -> Reply:
    """PUT /service_agents/me/password: may be empty. Tokens from before stay good."""
    row = find(world, request)
    agents.check_password(request.values["password"], least=0)
    return crud.save(world, request, row, request.values)


def password_body(profile: Profile, strict: bool) -> Schema:
    """For OpenAPI: what is asked of a password at the desk."""
    return {"properties": {"password": {"maxLength": agents.LONGEST_PASSWORD}}}


def customer(world: World, request: Request) -> Reply:
    """GET /service_agents/customer: never with the webhook secret."""
    resource, row = request.resource, customers.own(world, request)
    if CUSTOMER_IN_FULL.of(world):
        return text_reply(encode(customers.view(world, row)))
    kept = ("id", "name", "detail", "tm_create", "tm_update", "tm_delete")
    shown = {**resource.blank, **{name: row.data[name] for name in kept}}
    return text_reply(encode(world.view(resource, shown)))
