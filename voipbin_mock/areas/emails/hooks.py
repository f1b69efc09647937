"""What providers of mails call: payloads as they record them. Whatever becomes of them, they are answered alike."""

from __future__ import annotations

from voipbin_mock.api.operations import Request, action
from voipbin_mock.areas.emails import sending
from voipbin_mock.areas.emails.differences import IN_ORDER
from voipbin_mock.wire.payloads import empty_reply, objects, text_at
from voipbin_mock.wire.values import Reply, parse_json, parse_uuid
from voipbin_mock.world.world import World

PROVIDER = "sendgrid"  # what mailgun posts is dropped (server)


def receive(world: World, request: Request) -> Reply:
    """POST /v1.0/emails/{target} of the provider's host: always 200, with an empty body. What was dropped is in the
    journal.
    """
    return empty_reply(_dropped(world, request))


def _dropped(world: World, request: Request) -> str:
    """Takes events in; of those that are dropped, why."""
    if not request.path_ids[0].endswith(PROVIDER):
        return f"the path does not end in {PROVIDER}"
    try:
        events = [*objects(parse_json(request.body, ignore_trailing=True))]
    except ValueError as error:
        return str(error)
    if not events:
        return "there are no events in it"
    lost = []
    for event in events if IN_ORDER.of(world) else reversed(events):
        wanted = text_at(event, "voipbin_message_id")
        if sending.comes_along(world, parse_uuid(wanted) or "", text_at(event, "event")) is None:
            lost.append(f"there is no e-mail {wanted!r}")
    return "; ".join(lost)


RECEIVE = action("POST /emails/{target}", "email_hooks.receive", receive, public=True, hook=True, words=("target",))
