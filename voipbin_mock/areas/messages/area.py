"""Messages: texts that go out and come in."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import Example, IdOf, own
from voipbin_mock.areas.messages import actions, control, delivery, differences, hooks, messages
from voipbin_mock.areas.messages.outbox import Lines, account_mail
from voipbin_mock.areas.messages.outcomes import Texts
from voipbin_mock.areas.messages.resources import MESSAGES

AREA = Area(
    "messages",
    operations(
        MESSAGES,
        plain=("list", "create", "get", "delete"),
        create=own(
            messages.create,
            summary="Text somebody",
            refuses=messages.refusals,
            example=Example({"source": {"type": "tel", "target": IdOf("numbers", "number")}}),
        ),
        get=own(messages.get, refuses=("RESOURCE_NOT_FOUND",)),
        delete=own(messages.delete, refuses=("RESOURCE_NOT_FOUND",), note="The record alone: the text arrives."),
    ),
    hooks.RECEIVE,
    timers=delivery.TIMERS,
    follows={"account_mail_created": account_mail},
    actions=actions.ACTIONS,
    parts=(Lines, Texts),
    controls=control.CONTROLS,
    differences=differences.ALL,
    records="voipbin_mock.areas.messages.records",
    cases=Path(__file__).parent / "cases",
)
