"""Mails on their way, and what becomes of them on the virtual clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.accounts import balance
from voipbin_mock.areas.accounts.addresses import Address, normalized
from voipbin_mock.areas.emails.differences import REFUSALS, TAKEN_IS_UPDATED
from voipbin_mock.areas.emails.outcomes import Mailboxes
from voipbin_mock.areas.emails.resources import EMAILS
from voipbin_mock.areas.messages.outbox import MAIL, record_sent
from voipbin_mock.areas.messages.sending import unverified
from voipbin_mock.schema.members import empty_address
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import PHONE
from voipbin_mock.world.world import World

# Every mail comes from the service itself.
SOURCE = {**empty_address(), "type": "email", "target": "service@voipbin.net", "target_name": "voipbin service"}
INITIATED = "initiated"
# What a provider tells of a mail that is no more on its way -> how the one it was for is doing.
DONE, FAILED = ("delivered", "open", "click", "unsubscribe", "spamreport"), ("bounce", "dropped")


def send(
    world: World,
    customer_id: str,
    destinations: Sequence[Address],
    subject: str,
    content: str,
    attachments: Sequence[Mapping[str, str]] = (),
) -> Row:
    """Mail somebody: the new e-mail, told of as `email_created`, and on its way.

    Raises ApiError, of the reason that POST /emails has in this profile; then nothing is stored.
    """
    account = world.account_of(customer_id)
    several = [normalized(each) for each in destinations]
    boxes = _mailboxes(several)
    why = unverified(world, account)
    if why:
        raise ApiError(REFUSALS.of(world)["identity"], hint=why)
    why = balance.why_not(world, account, "email", max(1, len(several)))
    if why:
        raise ApiError(REFUSALS.of(world)["balance"], hint=why)
    values = {"destinations": several, "subject": subject, "content": content, "attachments": list(attachments)}
    crud.check_columns(EMAILS, values)
    balance.pay(world, account, "email", len(several))
    more = {"customer_id": customer_id, "source": SOURCE, "status": INITIATED}
    row = crud.made(world, EMAILS, account, {**values, **more})
    _begin(world, row, boxes)
    return row


def _mailboxes(destinations: Sequence[Address]) -> list[str]:
    """The mailbox of each. Raises ApiError for one that is none."""
    boxes, violations = [], []
    for place, each in enumerate(destinations):
        pointer, kind = f"/destinations/{place}", each.get("type", "")
        if kind != "email":
            what = f'has the type "{kind}"' if kind else "has no type"
            violations.append(Violation(f"{pointer}/type", f'{what}: expected "email"', "email", kind))
            continue
        box = mailbox_of(each.get("target", ""))
        if box:
            boxes.append(box)
        else:
            wanted = "a mailbox such as ann@example.com, or Ann <ann@example.com>"
            what = f"is no mailbox: expected {wanted}"
            violations.append(Violation(f"{pointer}/target", what, wanted, each.get("target")))
    if violations:
        raise ApiError("INVALID_ARGUMENT", violations=violations)
    return boxes


def mailbox_of(target: str) -> str:
    """The address alone of an RFC 5322 mailbox, with or without a name; empty if it is none."""
    from email.errors import MessageDefect, NonASCIILocalPartDefect  # these take long to load, and only mails need them
    from email.headerregistry import AddressHeader

    found: dict[str, Any] = {"defects": []}
    try:
        AddressHeader.parse(target, found)
    except (MessageDefect, IndexError, ValueError):
        return ""
    defects = [each for each in found["defects"] if not isinstance(each, NonASCIILocalPartDefect)]
    boxes = [box for group in found["groups"] for box in group.addresses]
    if defects or len(boxes) != 1 or not boxes[0].domain or not boxes[0].username:
        return ""
    return str(boxes[0].addr_spec)


# --- on the clock ----------------------------------------------------------------------------------


def _begin(world: World, row: Row, boxes: Sequence[str]) -> None:
    """A new mail is on its way: what each mailbox does with it is settled, and noted in the outbox."""
    mailboxes, rank, accepted = world.part(Mailboxes), world.timers.draw(), False
    for box in boxes:
        outcome = mailboxes.meet(box)
        stages = outcome.stages()
        accepted = accepted or bool(stages)
        record_sent(
            world,
            MAIL,
            sender=SOURCE["target"],
            recipient=box,
            text=row.data["content"],
            subject=row.data["subject"],
            record=row,
            resource=EMAILS.name,
            arrives_in=outcome.arrives_in,
        )
        for after, status in stages:
            world.timers.call_in(after, "mail_comes_along", row.id, status, order=PHONE, rank=rank)
    if accepted and TAKEN_IS_UPDATED.of(world):
        world.timers.call_in(0, "mail_is_accepted", row.id, order=PHONE, rank=rank)


def comes_along(world: World, email_id: str, status: str) -> Row | None:
    """A provider tells what has become of a mail: its record, told of as `email_updated`. None if there is none."""
    row = world.table(EMAILS).get(email_id)
    return None if row is None else crud.change(world, EMAILS, row, {"status": status})


def is_accepted(world: World, email_id: str) -> None:
    """A provider has taken a mail: that is a change nobody is told of (server)."""
    row = world.table(EMAILS).get(email_id)
    if row is not None:
        crud.change(world, EMAILS, row, {}, "")


def _timer(world: World, email_id: str, status: str) -> None:
    comes_along(world, email_id, status)


TIMERS: Mapping[str, TimerHandler] = {"mail_comes_along": _timer, "mail_is_accepted": is_accepted}
