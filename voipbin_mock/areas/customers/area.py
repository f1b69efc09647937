"""Customers: those of the whole service, for super admins, and how one becomes a customer and ceases to be one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from voipbin_mock.api.answers import closed_object, file_of, plain
from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import ADMIN, SUPER_ADMIN, Access, Example, Handler, IdOf, Operation, Query
from voipbin_mock.api.operations import action as made
from voipbin_mock.areas.accounts.area import LOGIN
from voipbin_mock.areas.accounts.bodies import billing_account
from voipbin_mock.areas.accounts.resources import AUTH, BILLING_ACCOUNTS, CUSTOMERS
from voipbin_mock.areas.customers import (
    administering,
    bodies,
    delegating,
    differences,
    leaving,
    lifecycle,
    signing_up,
)
from voipbin_mock.areas.customers.resources import ACCOUNT_MAILS
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.resource import Resource

_ANY_CREDENTIAL = ("agent", "accesskey", "direct")
_DONE = plain({"type": "object", "maxProperties": 0})
_TEXT = {"type": "string"}


def _mail(profile: Profile) -> str:
    return "the token of a mail; `ctl outbox` shows them"


def _expendable(profile: Profile) -> str:
    return "an account that nobody needs any more"


def _frozen(profile: Profile) -> str:
    return "an account that is frozen"


def _auth(label: str, name: str, handler: Handler, resource: Resource, part: str | None = None, **members: Any) -> Any:
    """An operation below /auth: whatever is wrong is answered with an empty body."""
    method, _, path = label.partition(" ")
    usual: dict[str, Any] = {"bare_refusals": True, "rank": LOGIN}
    return Operation(f"auth.{name}", method, path, handler, resource, part, **{**usual, **members})


def _page(path: str, name: str, handler: Handler, summary: str) -> Operation:
    token = Query({**_TEXT, "pattern": "^[0-9a-f]{64}$", "examples": ["ab" * 32]}, "The token of the mail.")
    return _auth(  # type: ignore[no-any-return]
        f"GET {path}",
        name,
        handler,
        AUTH,
        public=True,
        summary=summary,
        query={"token": token},
        answers=file_of("text/html", "A page for browsers."),
    )


def _admin(label: str, name: str, handler: Handler, part: str | None = None, **members: Any) -> Operation:
    return made(label, name, handler, part, access=Access(SUPER_ADMIN), **members)


AREA = Area(
    "customers",
    operations(ACCOUNT_MAILS, plain=()),
    operations(
        CUSTOMERS,
        _admin("GET /customers", "list", administering.list_, summary="List all customers"),
        _admin(
            "POST /customers",
            "create",
            administering.create,
            "create",
            summary="Make a customer",
            note="With an agent, a billing account, and a mail to its address.",
            body=bodies.customer,
            refuses=lambda profile: ("INVALID_ARGUMENT", differences.BAD_EMAIL.by(profile)),
        ),
        _admin("GET /customers/{id}", "admin_get", administering.get, summary="Get any customer"),
        _admin(
            "PUT /customers/{id}",
            "admin_update",
            administering.update,
            "admin_update",
            summary="Replace what any customer says of itself",
        ),
        _admin(
            "DELETE /customers/{id}",
            "delete",
            administering.delete,
            summary="Delete a customer, and what it has",
            note="What the record says stays. Deleted already: nothing changes.",
        ),
        _admin(
            "PUT /customers/{id}/metadata",
            "admin_metadata",
            administering.metadata,
            "admin_metadata",
            summary="Replace the metadata of any customer",
        ),
        _admin(
            "PUT /customers/{id}/billing_account_id",
            "admin_billing_account_id",
            administering.billing_account_id,
            "admin_billing_account_id",
            body=billing_account,
            refuses=("INVALID_ID", BILLING_ACCOUNTS.missing, "RESOURCE_NOT_FOUND"),
            example=Example({"billing_account_id": IdOf("billing_accounts")}),
            summary="Replace the billing account of any customer",
        ),
        _admin(
            "POST /customers/{id}/freeze",
            "freeze",
            administering.freeze,
            summary="Freeze a customer",
            note="In 30 days it is deleted.",
            refuses=("INVALID_ARGUMENT",),
        ),
        _admin(
            "POST /customers/{id}/recover",
            "recover",
            administering.recover,
            summary="Take back that a customer was frozen",
            refuses=("INVALID_ARGUMENT",),
        ),
        plain=(),
    ).operations,
    _auth(
        "POST /auth/signup",
        "signup",
        signing_up.signup,
        CUSTOMERS,
        "signup",
        public=True,
        secret=True,
        summary="Become a customer",
        note="Answered with {} if there is such a customer, or it is no e-mail address.",
        body=bodies.signup,
        answers=bodies.signed_up(),
    ),
    _auth(
        "POST /auth/email-verify",
        "email_verify",
        signing_up.email_verify,
        CUSTOMERS,
        "email_verify",
        public=True,
        secret=True,
        summary="Verify a new customer's e-mail address",
        answers=bodies.verified(),
        example=Example(needs=_mail),
    ),
    _page(
        "/auth/email-verify",
        "email_verify_page",
        signing_up.email_verify_page,
        "The page that a mail to a new customer leads to",
    ),
    _auth(
        "POST /auth/password-forgot",
        "password_forgot",
        signing_up.password_forgot,
        AUTH,
        "password_forgot",
        public=True,
        summary="Ask for a mail with which a password can be set",
        answers=_DONE,
    ),
    _auth(
        "POST /auth/password-reset",
        "password_reset",
        signing_up.password_reset,
        AUTH,
        "password_reset",
        public=True,
        secret=True,
        summary="Set a password with the token of a mail",
        answers=_DONE,
        example=Example(needs=_mail),
    ),
    _page(
        "/auth/password-reset",
        "password_reset_page",
        signing_up.password_reset_page,
        "The page that a mail about a password leads to",
    ),
    _auth(
        "POST /auth/unregister",
        "unregister",
        leaving.unregister,
        CUSTOMERS,
        "unregister",
        access=Access(ADMIN, _ANY_CREDENTIAL),
        while_frozen=True,
        secret=True,
        bare_codes=differences.LEAVING_CODES,
        summary="Cease to be a customer",
        note="Frozen for 30 days, or deleted at once.",
        body=bodies.unregister,
        example=Example({"confirmation_phrase": "DELETE"}, needs=_expendable),
    ),
    _auth(
        "DELETE /auth/unregister",
        "come_back",
        leaving.come_back,
        CUSTOMERS,
        access=Access(ADMIN, _ANY_CREDENTIAL),
        while_frozen=True,
        bare_codes=differences.LEAVING_CODES,
        summary="Take back that one ceases to be a customer",
        example=Example(needs=_frozen),
    ),
    _auth(
        "POST /auth/delegate",
        "delegate",
        delegating.delegate,
        AUTH,
        "delegate",
        access=Access(SUPER_ADMIN, _ANY_CREDENTIAL),
        secret=True,
        bare_codes=(400, 403, 404, 422),
        summary="Act as a customer's admin",
        note="For super admins: a token of eight hours.",
        body=bodies.delegation,
        answers=plain(closed_object({"token": _TEXT, "customer_id": _TEXT, "expire": _TEXT})),
    ),
    timers=lifecycle.TIMERS,
    follows=lifecycle.FOLLOWS,
    differences=differences.ALL,
    records="voipbin_mock.areas.customers.records",
    cases=Path(__file__).parent / "cases",
)
