"""The mails that the service writes to its customers, and the tokens in them: good once, and for an hour."""

from __future__ import annotations

from hashlib import sha256

from voipbin_mock.api import crud
from voipbin_mock.areas.accounts.auth import LoginRefused
from voipbin_mock.areas.accounts.resources import AGENTS
from voipbin_mock.areas.customers.resources import ACCOUNT_MAILS
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

VERIFY, RESET, WELCOME = "verify", "reset", "welcome"
LIFE = 3_600_000_000  # microseconds; an hour
TOKEN_LENGTH = 64
_DIGITS = frozenset("0123456789abcdef")
_VERIFY_PATH, _RESET_PATH = "/auth/email-verify", "/auth/password-reset"
# Kind -> where its link leads, subject, and what it says before the link.
_TEXTS = {
    VERIFY: (_VERIFY_PATH, "Verify your e-mail address", "To verify your address, open this within an hour:"),
    RESET: (_RESET_PATH, "Reset your password", "To set another password, open this within an hour:"),
    WELCOME: (_RESET_PATH, "Welcome: set your password", "To set your password, open this within an hour:"),
}


def is_token(text: str) -> bool:
    """Whether it looks like one; that is all that the pages for browsers ask."""
    return len(text) == TOKEN_LENGTH and _DIGITS.issuperset(text)


def send(world: World, kind: str, recipient: str, customer: Row, origin: str, agent_id: str = NIL_UUID) -> Row:
    """Write to somebody. origin: what the link begins with. Who follows `account_mail_created` delivers it."""
    path, subject, said = _TEXTS[kind]
    token = sha256(world.ids.token().encode()).hexdigest()
    link = f"{origin}{path}?token={token}"
    values = {
        "customer_id": customer.id,
        "kind": kind,
        "recipient": recipient,
        "subject": subject,
        "text": f"{said}\n{link}",
        "link": link,
        "token": token,
        "agent_id": agent_id,
        "tm_expire": world.clock.microseconds() + LIFE,
    }
    return crud.made(world, ACCOUNT_MAILS, customer.account, values)


def welcome(world: World, customer: Row, origin: str) -> None:
    """Let a new customer's first agent set its password."""
    email = customer.data["email"]
    for agent in world.table(AGENTS).find("username", email):
        if agent.account == customer.account:
            send(world, WELCOME, email, customer, origin, agent.id)


def known(world: World, token: str, *kinds: str) -> Row:
    """The mail that a token came with. Raises LoginRefused for one that is unknown, used, or too old."""
    for row in world.table(ACCOUNT_MAILS).find("token", token):
        if row.data["kind"] not in kinds:
            raise LoginRefused(f"this token is for something else: {row.data['kind']}")
        if row.data["used"]:
            raise LoginRefused("this token was used already")
        if row.data["tm_expire"] <= world.clock.microseconds():
            raise LoginRefused("this token has expired: it is good for an hour")
        return row
    raise LoginRefused("no mail had this token")


def used(world: World, mail: Row) -> None:
    """Its token does nothing from now on."""
    crud.change(world, ACCOUNT_MAILS, mail, {"used": True}, "")
