"""Talk: agents write to each other, in chats of two, in groups, and in channels that all may join."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from voipbin_mock.api.answers import array_of
from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import DESK, SERVICE_AGENTS, Answers, Example, IdOf, Query, action, own
from voipbin_mock.areas.talk import chats, differences, messages
from voipbin_mock.areas.talk.resources import CHATS, MESSAGES, PARTICIPANTS
from voipbin_mock.world.profiles import Profile

CHAT = "/service_agents/talk_chats/{id}"
MESSAGE = "/service_agents/talk_messages/{id}"
OF_CHAT = IdOf("talk_chats", made=True)
# The server answers null.
NULL_OR_RECORD = Answers("", lambda shown: {"anyOf": [shown, {"type": "null"}]})
A_CHANNEL = Example(needs=lambda profile: "a chat of type `talk`")


def refusals(profile: Profile) -> tuple[str, ...]:
    """What joining a channel may be refused with."""
    server = () if differences.UNKNOWN_CHAT.by(profile) == "CHAT_NOT_FOUND" else ("INTERNAL",)
    return (*chats.unknown_chat(profile), "INVALID_ARGUMENT", *server)


CHANNELS = replace(
    action(
        "GET /service_agents/talk_channels",
        "talk_channels.list",
        chats.channels,
        summary="List the channels of the customer, joined or not",
        query={},
    ),
    resource=CHATS,
    access=DESK,
)
AREA = Area(
    "talk",
    (CHANNELS,),
    operations(
        CHATS,
        under=SERVICE_AGENTS,
        access=DESK,
        list=own(chats.mine, summary="List the chats that the caller is in"),
        create=own(chats.create, summary="Open a chat", refuses=chats.changes, told_as_json=True),
        get=own(chats.get, refuses=chats.unknown_chat, example=Example({"id": OF_CHAT})),
        update=own(chats.update, refuses=chats.changes, told_as_json=True, note="Only what is given changes."),
        delete=own(chats.delete, refuses=chats.unknown_chat, note="By anybody in it. Messages stay."),
    ),
    operations(
        PARTICIPANTS,
        action(
            f"POST {CHAT}/join",
            "join",
            chats.join,
            summary="Join a channel",
            refuses=refusals,
            example=A_CHANNEL,
        ),
        action(
            f"GET {CHAT}/participants",
            "all",
            chats.participants,
            summary="List who is in a chat",
            answers=array_of("Who joined last first."),
            refuses=chats.unknown_chat,
            example=Example({"id": OF_CHAT}),
        ),
        action(
            f"POST {CHAT}/participants",
            "create",
            chats.add,
            "create",
            summary="Add somebody to a chat",
            refuses=chats.changes,
            told_as_json=True,
            example=Example({"id": OF_CHAT, "owner_type": "agent", "owner_id": IdOf("agents")}),
        ),
        action(
            f"DELETE {CHAT}/participants/{{participant_id}}",
            "delete",
            chats.remove,
            summary="Remove somebody from a chat, or leave it",
            refuses=chats.removals,
            answers=NULL_OR_RECORD,
            example=Example({"id": OF_CHAT, "participant_id": IdOf("talk_participants", made=True)}),
        ),
        plain=(),
        access=DESK,
    ),
    operations(
        MESSAGES,
        action(
            f"POST {MESSAGE}/reactions",
            "react",
            messages.react,
            "reactions",
            summary="React to a message",
            refuses=messages.refusals,
            told_as_json=True,
        ),
        plain=("list", "create", "get", "delete"),
        under=SERVICE_AGENTS,
        access=DESK,
        list=own(
            messages.list_,
            query={"chat_id": Query({"type": "string", "format": "uuid"}, "The chat.")},
            refuses=messages.list_refusals,
            example=Example({"chat_id": OF_CHAT}),
        ),
        create=own(
            messages.create,
            summary="Say something in a chat",
            refuses=messages.create_refusals,
            told_as_json=True,
            example=Example({"chat_id": OF_CHAT}),
        ),
        get=own(messages.get, refuses=messages.refusals, example=Example({"id": IdOf("talk_messages", made=True)})),
        delete=own(messages.delete, refuses=messages.refusals, note="By who wrote it. Replies stay."),
    ),
    differences=differences.ALL,
    records="voipbin_mock.areas.talk.records",
    cases=Path(__file__).parent / "cases",
)
