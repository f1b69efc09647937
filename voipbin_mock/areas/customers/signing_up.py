"""Becoming a customer: signing up, verifying the address, and setting a password by mail.

What is wrong with a request is answered 400 with an empty body, and whether an address is known is told nobody.
"""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts import accesskeys, agents
from voipbin_mock.areas.accounts.auth import LoginRefused
from voipbin_mock.areas.accounts.customers import view
from voipbin_mock.areas.accounts.differences import AGENT_TELLS
from voipbin_mock.areas.accounts.resources import ACCESSKEYS, AGENTS, CUSTOMERS
from voipbin_mock.areas.customers import mails, making, pages
from voipbin_mock.areas.customers.differences import TERMS_ARE_TOLD
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

KEY_LIFE = 365 * 86_400_000_000  # microseconds
LEAST_PASSWORD = 8  # bytes
TERMS = "2026-01-01"  # the version that is accepted


def signup(world: World, request: Request) -> Reply:
    """POST /auth/signup: a customer, and an access key that works at once."""
    values = request.values
    if not values["email"] or values["accepted_tos"] is not True:
        raise LoginRefused("email is needed, and accepted_tos must be true")
    if why := making.unusable(world, values["email"]):
        return _silent(f"nobody signed up: {why}")
    terms = {"terms_agreed_version": TERMS, "terms_agreed_ip": request.address or "127.0.0.1"}
    row = making.new(world, values, verified=False, **(terms if TERMS_ARE_TOLD.of(world) else {}))
    token, secrets = accesskeys.drawn(world)
    created = world.stamp_for(world.table(ACCESSKEYS), row.account)
    key = {"customer_id": row.id, "name": "default", **secrets, "tm_expire": created + KEY_LIFE}
    made = crud.made(world, ACCESSKEYS, row.account, key, created)
    mails.send(world, mails.VERIFY, row.data["email"], row, request.origin)
    shown = world.view(ACCESSKEYS, {**made.data, "token": token})
    return json_reply({"customer": view(world, row), "accesskey": shown})


def _silent(note: str) -> Reply:
    """What is answered whatever came of it; why nothing did is for the journal alone."""
    reply = json_reply({})
    reply.note = note
    return reply


def email_verify(world: World, request: Request) -> Reply:
    """POST /auth/email-verify: the customer is active, and is asked for a password by mail."""
    mail = mails.known(world, request.values["token"], mails.VERIFY)
    row = world.table(CUSTOMERS).get(mail.data["customer_id"])
    if row is None or row.deleted:
        raise LoginRefused("the customer is no more")
    mails.used(world, mail)
    state = {"status": "active"} if row.data["status"] == "initial" else {}
    row = crud.change(world, CUSTOMERS, row, {**state, "email_verified": True})
    mails.welcome(world, row, request.origin)
    return json_reply({"customer": view(world, row)})


def password_forgot(world: World, request: Request) -> Reply:
    """POST /auth/password-forgot: one more token each time, if there is such an agent."""
    username = request.values["username"]
    if not username:
        raise LoginRefused("username is needed")
    agent = next(iter(world.table(AGENTS).find("username", username)), None)
    customer = None if agent is None else world.table(CUSTOMERS).get(agent.account)
    if agent is None or customer is None:
        return _silent("no agent has this user name: no mail was sent")
    mails.send(world, mails.RESET, username, customer, request.origin, agent.id)
    return json_reply({})


def password_reset(world: World, request: Request) -> Reply:
    """POST /auth/password-reset: the old password is no good any more."""
    password = request.values["password"]
    if not agents.fits(password, LEAST_PASSWORD):
        raise LoginRefused(f"a password has {LEAST_PASSWORD} to {agents.LONGEST_PASSWORD} bytes")
    mail = mails.known(world, request.values["token"], mails.RESET, mails.WELCOME)
    agent = world.table(AGENTS).get(mail.data["agent_id"])
    if agent is None or agent.deleted:
        raise LoginRefused("the agent is no more")
    if agents.is_guest(agent):
        raise LoginRefused("the guest's password stays")
    mails.used(world, mail)
    _set_password(world, agent, password)
    return json_reply({})


def _set_password(world: World, agent: Row, password: str) -> None:
    crud.change(world, AGENTS, agent, {"password": password}, AGENT_TELLS.of(world))


# --- for browsers ------------------------------------------------------------------------------------


def email_verify_page(world: World, request: Request) -> Reply:
    return _page(request, pages.VERIFY)


def password_reset_page(world: World, request: Request) -> Reply:
    return _page(request, pages.RESET)


def _page(request: Request, template: str) -> Reply:
    """Where the link of a mail leads. Of the token only its look is asked for."""
    token = request.parameter("token") or ""
    if not mails.is_token(token):
        raise LoginRefused("token must be 64 lower-case hex digits")
    return Reply(200, pages.filled(template, token).encode(), pages.HTML)
