"""Mails over the control API."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.api import crud
from voipbin_mock.api.control import object_of
from voipbin_mock.api.operations import Handler, Request
from voipbin_mock.api.scripting_control import script_controls
from voipbin_mock.areas.emails.outcomes import DOMAINS, MAGIC, Mailboxes
from voipbin_mock.areas.emails.resources import EMAILS
from voipbin_mock.areas.emails.sending import comes_along
from voipbin_mock.wire.errors import ApiError, shorten
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.world import World


def inbound(world: World, request: Request) -> Reply:
    """{"email": "<its id>", "event": "bounce"}: a provider tells what has become of a mail. The mail."""
    body = object_of(request)
    email, event = body.get("email"), body.get("event")
    if body.keys() != {"email", "event"} or not isinstance(email, str) or not isinstance(event, str) or not event:
        raise ApiError("INVALID_ARGUMENT", 'Send {"email": "<its id>", "event": "bounce"}.')
    row = comes_along(world, email, event)
    if row is None:
        raise ApiError(EMAILS.missing, f"email: {shorten(email)!r} is no e-mail's id.")
    return crud.shown(world, EMAILS, row)


CONTROLS: Mapping[str, Handler] = {
    "POST /__mock__/inbound/mail": inbound,
    **script_controls(
        "mailboxes",
        Mailboxes,
        {"domains": list(DOMAINS), "names": {n: [one.as_dict() for one in several] for n, several in MAGIC.items()}},
    ),
}
