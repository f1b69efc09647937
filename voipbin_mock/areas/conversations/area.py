"""Conversations: what is written to and by the other side, and the accounts that lead to LINE and WhatsApp."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import Query, action, own
from voipbin_mock.areas.conversations import (
    accounts,
    actions,
    control,
    conversations,
    differences,
    hooks,
    mirroring,
    sending,
)
from voipbin_mock.areas.conversations.outcomes import Chats
from voipbin_mock.areas.conversations.resources import ACCOUNTS, CONVERSATIONS, MESSAGES

AREA = Area(
    "conversations",
    operations(
        CONVERSATIONS,
        action(
            "POST /conversations/{id}/unassign",
            "unassign",
            conversations.unassign,
            uuid_ids=True,
            summary="Take a conversation from its owner",
            note="The agent that owns it may do so, too.",
        ),
        plain=("list", "get", "update"),
        list=own(
            conversations.list_,
            query={"owner_id": Query({"type": "string", "format": "uuid"}, "Only those of this agent.")},
            note="An agent without these permissions may ask for its own.",
        ),
        update=own(
            conversations.update,
            zeros=differences.CHANGES_NOTHING,
            refuses=conversations.refusals,
            note="Members left out stay as they are.",
        ),
    ),
    operations(
        MESSAGES,
        plain=("list", "create"),
        create=own(
            sending.create,
            summary="Write into a conversation",
            refuses=(ACCOUNTS.missing, "RESOURCE_NOT_FOUND", "INTERNAL"),
        ),
    ),
    operations(
        ACCOUNTS,
        create=own(accounts.create, secret=True, refuses=("INVALID_ARGUMENT",)),
        update=own(
            accounts.update,
            secret=True,
            zeros=differences.CHANGES_NOTHING,
            refuses=("INVALID_ARGUMENT", "INTERNAL"),
            note="Members left out stay as they are.",
        ),
    ),
    *hooks.OPERATIONS,
    actions=actions.ACTIONS,
    parts=(Chats,),
    controls=control.CONTROLS,
    follows=mirroring.FOLLOWS,
    reasons=(conversations.AGENT_CUSTOMER_MISMATCH,),
    differences=differences.ALL,
    records="voipbin_mock.areas.conversations.records",
    cases=Path(__file__).parent / "cases",
)
