"""The flow action that texts somebody."""

from __future__ import annotations

from voipbin_mock.api.flow_actions import (
    ARRAY,
    ENDS,
    OBJECT,
    STRING,
    ActionFailed,
    Done,
    FlowAction,
    Option,
    Result,
    Run,
)
from voipbin_mock.areas.accounts.addresses import of_option
from voipbin_mock.areas.messages import sending
from voipbin_mock.wire.errors import ApiError


def message_send(run: Run, option: Option) -> Result:
    """A message as POST /messages makes it."""
    destinations = [of_option(each) for each in option.get("destinations") or ()]
    if not destinations:
        raise ActionFailed("option/destinations is empty: there is nobody to text")
    source, text = of_option(option.get("source") or {}), option.get("text") or ""
    try:
        row = sending.send(run.world, run.customer_id, source, destinations, text)
    except ApiError as error:
        raise ActionFailed(f"the message is refused: {error.told}") from None
    return Done("sent", f"message {row.id}")


ACTIONS = (
    FlowAction(
        "message_send",
        message_send,
        "send a message to each destination",
        on_failure=ENDS,
        option={"source": OBJECT, "destinations": ARRAY, "text": STRING},
        outcomes=("sent",),
    ),
)
