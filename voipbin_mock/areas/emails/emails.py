"""What is asked of e-mails."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.api.access import permit
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.emails import sending
from voipbin_mock.areas.emails.differences import REFUSALS
from voipbin_mock.wire.values import Reply
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.world import World


def refusals(profile: Profile) -> tuple[str, ...]:
    """What POST /emails may be refused with."""
    return tuple(dict.fromkeys(("INVALID_ARGUMENT", *REFUSALS.by(profile).values())))


def create(world: World, request: Request) -> Reply:
    """POST /emails: one mail, to all of its destinations; none is none to be sent."""
    caller, values = permit(request), request.values
    row = sending.send(
        world,
        caller.customer_id,
        values["destinations"],
        values["subject"],
        values["content"],
        values["attachments"],
    )
    return crud.shown(world, request.resource, row)
