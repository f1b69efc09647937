"""What brings webhooks about beside events: a delivery that has fallen due, and what a flow sends."""

from __future__ import annotations

from voipbin_mock.delivery.receivers import SENT_BY_FLOW
from voipbin_mock.delivery.tricks import JSON, Parcel
from voipbin_mock.delivery.webhooks import Webhooks
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def attempt(
    world: World,
    type: str,
    customer_id: str,
    url: str,
    method: str,
    body: str,
    attempt: int = 1,
    content_type: str = JSON,
    code: int = 0,
) -> None:
    """A delivery has fallen due: a retry, or one that was delayed. Its values are those of a `Parcel`."""
    if world.hears:
        world.part(Webhooks).due(type, customer_id, url, method, body, attempt, content_type, code)


def sent_by_flow(world: World, row: Row) -> None:
    """A flow sends something: the row has what a `Parcel` is made of."""
    if not world.hears:
        return
    sent = row.data
    world.part(Webhooks).send(
        Parcel(
            SENT_BY_FLOW,
            sent["customer_id"],
            sent["url"],
            sent["method"],
            sent["body"],
            content_type=sent["content_type"],
            code=sent["code"],
        )
    )
