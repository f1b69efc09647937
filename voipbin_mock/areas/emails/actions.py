"""The flow action that mails somebody."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.flow_actions import ARRAY, STRING, ActionFailed, Done, FlowAction, Option, Result, Run
from voipbin_mock.areas.accounts.addresses import of_option
from voipbin_mock.areas.emails import sending
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import uuid_or_nil


def email_send(run: Run, option: Option) -> Result:
    """A mail as POST /emails makes it."""
    destinations = [of_option(each) for each in option.get("destinations") or ()]
    attachments = [_attachment(each) for each in option.get("attachments") or ()]
    subject, content = option.get("subject") or "", option.get("content") or ""
    try:
        row = sending.send(run.world, run.customer_id, destinations, subject, content, attachments)
    except ApiError as error:
        raise ActionFailed(f"the mail is refused: {error.told}") from None
    return Done("sent", f"e-mail {row.id}")


def _attachment(value: Any) -> dict[str, str]:
    given = value if isinstance(value, dict) else {}
    texts = {name: text for name in ("reference_type", "reference_id") if isinstance(text := given.get(name), str)}
    return {
        "reference_type": texts.get("reference_type", ""),
        "reference_id": uuid_or_nil(texts.get("reference_id", "")),
    }


ACTIONS = (
    FlowAction(
        "email_send",
        email_send,
        "send e-mails",
        option={"destinations": ARRAY, "subject": STRING, "content": STRING, "attachments": ARRAY},
        outcomes=("sent",),
    ),
)
