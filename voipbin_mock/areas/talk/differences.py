"""Where the profiles part in talk."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

# --- how it refuses --------------------------------------------------------------------------------

UNKNOWN_CHAT = Difference(
    "talk-chat-unknown",
    "a chat that there is not, or of another customer",
    documented="CHAT_NOT_FOUND",
    server="PERMISSION_DENIED",
    told=("404 `CHAT_NOT_FOUND`", "403; joining one that there is not is 500"),
)
UNKNOWN_MESSAGE = Difference(
    "talk-message-unknown",
    "a message of a chat that there is not",
    documented="TALK_MESSAGE_NOT_FOUND",
    server="INTERNAL",
    told=("404 `TALK_MESSAGE_NOT_FOUND`", "500 `INTERNAL`"),
)
# The server's gateway loses the status that its backend answered.
REFUSES_AS = Difference(
    "talk-refusals",
    "what talk does not take: a chat of no known type, a rename to nothing, a reply to nothing, a text too long",
    documented="INVALID_ARGUMENT",
    server="INTERNAL",
    told=("400 `INVALID_ARGUMENT`", "500 `INTERNAL`"),
)
# --- who is in a chat ------------------------------------------------------------------------------

CHAT_IS_KEPT = Difference(
    "talk-direct-twice",
    "a second `direct` chat between the same two",
    documented=True,
    server=False,
    told=("is the one there is", "is another one"),
)
JOINS_ONCE = Difference(
    "talk-member-twice",
    "adding somebody who is in the chat already",
    documented=True,
    server=False,
    told=("changes nothing", "gives a new id and `tm_joined`, and counts once more"),
)
AGENTS_ALONE = Difference(
    "talk-members",
    "who can be added to a chat",
    documented=True,
    server=False,
    told=("agents of the customer", "any id, of any type of owner"),
)
READ_BY_MEMBERS = Difference(
    "talk-readers",
    "reading a channel (a chat of type `talk`) that one has not joined",
    documented=True,
    server=False,
    told=("403", "works"),
)
# The server looks at the chat in the path, and removes whoever the id is of, in whatever chat.
REMOVES_HERE = Difference(
    "talk-removal",
    "removing a participant",
    documented=True,
    server=False,
    told=(
        "answers the participant; 404 `PARTICIPANT_NOT_FOUND` for one of another chat",
        "answers `null`, whoever it is; one of another chat is removed there",
    ),
)
ANSWERS_DELETED = Difference(
    "talk-chat-deleted",
    "the answer to deleting a chat, and what `chat_deleted` tells",
    documented=True,
    server=False,
    told=("the chat, deleted", "the chat as it was before"),
)

# --- messages --------------------------------------------------------------------------------------

LISTS_ALL_CHATS = Difference(
    "talk-message-list",
    "the list of messages",
    documented=True,
    server=False,
    told=("oldest first; of all the caller's chats without `chat_id`", "newest first; needs `chat_id`"),
)
MEDIA_HAS_ONE_VALUE = Difference(
    "talk-medias",
    "the media of a message",
    documented=True,
    server=False,
    told=(
        "have their type and what belongs to it",
        "have `address`, `agent_id` and `file_id` always; what is sent of an address or an agent is lost",
    ),
)

ALL = (
    UNKNOWN_CHAT, UNKNOWN_MESSAGE, REFUSES_AS, CHAT_IS_KEPT, JOINS_ONCE, AGENTS_ALONE, READ_BY_MEMBERS, REMOVES_HERE,
    ANSWERS_DELETED, LISTS_ALL_CHATS, MEDIA_HAS_ONE_VALUE,
)  # fmt: skip
