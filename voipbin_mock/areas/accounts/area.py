"""Accounts: who there is, and who is asking."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.answers import closed_object, plain
from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import ADMIN, ANYONE, PREFIX, Access, Example, IdOf, Operation, Query, action, own
from voipbin_mock.areas.accounts import accesskeys, agents, auth, bodies, boot, customers, differences
from voipbin_mock.areas.accounts.bodies import ID
from voipbin_mock.areas.accounts.resources import ACCESSKEYS, AGENTS, AUTH, BILLING_ACCOUNTS, CUSTOMERS, TAGS

PING, LOGIN = 1, 4  # where they stand in lists of operations
# Registered by the service under the version prefix too, where they always answer 404.
UNROUTED = (
    "POST /auth/boot",
    "POST /auth/email-verify",
    "POST /auth/password-forgot",
    "GET /auth/password-reset",
    "POST /auth/password-reset",
    "POST /auth/signup",
    "POST /auth/unregister",
    "DELETE /auth/unregister",
)
_BARE = "Whatever is wrong with a login, the answer is 400 with an empty body."


def _login(name: str, path: str, summary: str, **members: object) -> Operation:
    return Operation(
        f"auth.{name}",
        "POST",
        path,
        auth.login,
        AUTH,
        "login",
        public=True,
        bare_refusals=True,
        secret=True,
        rank=LOGIN,
        summary=summary,
        note=_BARE,
        **members,  # type: ignore[arg-type]
    )


def _unrouted(label: str) -> Operation:
    method, _, path = label.partition(" ")
    return Operation(f"auth.unrouted:{label}", method, PREFIX + path, auth.unrouted, dead=True, rank=LOGIN)


AREA = Area(
    "accounts",
    operations(
        ACCESSKEYS,
        access=Access(ADMIN),
        create=own(
            accesskeys.create,
            secret=True,
            body=bodies.accesskey,
            refuses=("INVALID_ARGUMENT",),
            note="The whole token is in this answer alone.",
        ),
        get=own(accesskeys.get, refuses=("RESOURCE_NOT_FOUND",)),
        update=own(accesskeys.update, refuses=("RESOURCE_NOT_FOUND",)),
        delete=own(accesskeys.delete, refuses=("RESOURCE_NOT_FOUND",)),
    ),
    operations(
        AGENTS,
        action(
            "GET /me",
            "me",
            agents.me,
            summary="Get the agent whose login token this is",
            refuses=("AGENT_AUTH_REQUIRED", "AGENT_NOT_FOUND"),
            access=Access(ANYONE, ("agent", "accesskey", "direct")),
        ),
        facets=("addresses", "tag_ids", "status", "permission", "password"),
        list=own(
            agents.list_,
            refuses=(agents.INVALID_TAG_IDS.name,),
            query={
                "status": Query({"type": "string"}, "Only agents of this status."),
                "tag_ids": Query(
                    {"type": "string", "pattern": f"^{ID}(,{ID})*$"},
                    "Only agents with any of these tags: UUIDs, separated by commas.",
                ),
            },
        ),
        create=own(
            agents.create,
            secret=True,
            lints=(agents.same_username,),
            body=bodies.agent,
            refuses=("INVALID_ARGUMENT", "INTERNAL", *(reason.name for reason in agents.REASONS[1:])),
            note="A new agent is offline. Only a super admin gives project permissions.",
        ),
        get=agents.get,
        update=own(agents.update, tells=differences.AGENT_TELLS, refuses=("INVALID_ARGUMENT",)),
        delete=own(agents.delete, refuses=("INTERNAL",), note="Not the customer's last admin."),
        addresses=own(
            agents.replace_addresses,
            tells=differences.AGENT_TELLS,
            body=bodies.agent_addresses,
            example=Example({"addresses": [{"type": "tel", "target": "+15550100002"}]}),
            refuses=("INVALID_ARGUMENT",),
        ),
        tag_ids=own(tells=differences.AGENT_TELLS),
        status=own(agents.status, tells="status_updated"),
        permission=own(agents.permission, refuses=("INVALID_ARGUMENT",), note="The customer's last admin stays one."),
        password=own(
            agents.password,
            secret=True,
            tells=differences.AGENT_TELLS,
            body=bodies.required("password", minLength=1, maxLength=agents.LONGEST_PASSWORD),
            refuses=("INVALID_ARGUMENT",),
        ),
    ),
    operations(
        CUSTOMERS,
        action(
            "GET /customer",
            "get",
            customers.get,
            secret=True,
            refuses=(CUSTOMERS.missing,),
            summary="Get the caller's own customer",
            note="The only answer that shows the webhook secret.",
        ),
        action(
            "PUT /customer",
            "update",
            customers.update,
            "update",
            access=Access(ADMIN),
            refuses=(CUSTOMERS.missing,),
            summary="Replace what the caller's own customer says of itself",
        ),
        action(
            "PUT /customer/metadata",
            "metadata",
            customers.metadata,
            "metadata",
            access=Access(ADMIN),
            refuses=(CUSTOMERS.missing,),
            summary="Replace the metadata of the caller's own customer",
        ),
        action(
            "PUT /customer/billing_account_id",
            "billing_account_id",
            customers.billing_account_id,
            "billing_account_id",
            access=Access(ADMIN),
            body=bodies.billing_account,
            refuses=("INVALID_ID", CUSTOMERS.missing, BILLING_ACCOUNTS.missing, "RESOURCE_NOT_FOUND"),
            example=Example({"billing_account_id": IdOf("billing_accounts")}),
            summary="Replace the billing account of the caller's own customer",
        ),
        plain=(),
    ),
    operations(TAGS),
    operations(AUTH, plain=()),
    Operation(
        "ping",
        "GET",
        "/ping",
        auth.ping,
        public=True,
        probe=True,
        rank=PING,
        summary="Whether the service answers",
        answers=plain(closed_object({"message": {"const": "pong"}})),
    ),
    _login("login", "/auth/login", "Log in as an agent"),
    # Some published pages log in under the prefix; the server has no such route.
    _login(
        "login_v1",
        PREFIX + "/auth/login",
        "Log in as an agent, under the version prefix",
        served=differences.LOGIN_UNDER_PREFIX,
    ),
    Operation(
        "auth.boot",
        "POST",
        "/auth/boot",
        boot.boot,
        AUTH,
        "boot",
        public=True,
        bare_refusals=True,
        secret=True,
        rank=LOGIN,
        summary="Come in by a direct hash",
        note="A token of four hours. Whatever is wrong, the answer is 400 with an empty body.",
        answers=boot.answers(),
        example=Example(needs=lambda profile: "the direct hash of a widget that is here"),
    ),
    *map(_unrouted, UNROUTED),
    placed={CUSTOMERS.name: customers.placed},
    leaving={CUSTOMERS.name: customers.leaving},
    lints={
        "accesskey-prefix": "the prefix of an access key was used as the key; the real service refuses it",
        "duplicate-username": "another agent has this user name; the real service refuses it",
    },
    reasons=agents.REASONS,
    differences=differences.ALL,
    records="voipbin_mock.areas.accounts.records",
    cases=Path(__file__).parent / "cases",
)
