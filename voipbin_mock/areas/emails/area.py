"""E-mails: what is sent, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import own
from voipbin_mock.areas.emails import actions, control, differences, emails, hooks, sending
from voipbin_mock.areas.emails.outcomes import Mailboxes
from voipbin_mock.areas.emails.resources import EMAILS

AREA = Area(
    "emails",
    operations(
        EMAILS,
        plain=("list", "create", "get", "delete"),
        create=own(emails.create, summary="Mail somebody", refuses=emails.refusals),
        delete=own(note="The record alone: the mail arrives."),
    ),
    hooks.RECEIVE,
    timers=sending.TIMERS,
    actions=actions.ACTIONS,
    parts=(Mailboxes,),
    controls=control.CONTROLS,
    differences=differences.ALL,
    records="voipbin_mock.areas.emails.records",
    cases=Path(__file__).parent / "cases",
)
