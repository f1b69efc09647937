"""Where the profiles part in conversations."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

# --- what is asked of them -----------------------------------------------------------------------------

MAIL_HAS_MOMENT = Difference(
    "conversation-mail-moment",
    "`tm_create` in the answer to POST /conversations/{id}/messages of mails",
    documented=True,
    server=False,
    told=("is when it was written", "is `null`"),
)
CHANGES_NOTHING = Difference(
    "conversation-put-nothing",
    "PUT of a conversation or an account that gives none of the members",
    documented=False,
    server=True,
    told=("answers with the record as it is", "answers with a record of zeros, and nothing is changed"),
)
OWNER_TYPE_ALONE = Difference(
    "conversation-owner-type",
    "`owner_type` in PUT of a conversation, without `owner_id`",
    documented=False,
    server=True,
    told=("is not looked at", "is stored as it is"),
)
UNFIT_OWNER = Difference(
    "conversation-owner",
    "an owner of a conversation that is no agent, or another customer's",
    documented=("INVALID_ARGUMENT", "INVALID_ARGUMENT"),
    server=("AGENT_NOT_FOUND", "AGENT_CUSTOMER_MISMATCH"),
    told=("400 `INVALID_ARGUMENT`", "400 `AGENT_NOT_FOUND`, 400 `AGENT_CUSTOMER_MISMATCH`"),
)
CHALLENGE_COMES_BACK = Difference(
    "whatsapp-challenge",
    "verifying the webhook of a WhatsApp account",
    documented=True,
    server=False,
    told=("the challenge comes back", "500, unless the challenge is empty or in double quotes"),
)

# --- who is in which -----------------------------------------------------------------------------------

ONE_CUSTOMERS = Difference(
    "conversation-customers",
    "two customers who write with one mail address, LINE user or WhatsApp user",
    documented=True,
    server=False,
    told=("have a conversation each", "share the first one's"),
)
EMPTY_ENDS_MEET = Difference(
    "conversation-ends",
    "a conversation of addresses without type or target",
    documented=True,
    server=False,
    told=("is found again", "is a new one each time"),
)
ONE_FOR_EACH_PEER = Difference(
    "conversation-bulk",
    "a text to several destinations",
    documented=True,
    server=False,
    told=(
        "is a message in the conversation with each",
        "is a message in the first conversation, changed for each of the others; theirs have none",
    ),
)
LINE_LINKED = Difference(
    "line-account",
    "conversations with LINE users",
    documented=True,
    server=False,
    told=(
        "know their account, and are found again; a first message opens one",
        "know no account, so that no flow runs and writing to them is 404 `CONVERSATION_ACCOUNT_NOT_FOUND`; each "
        "follow opens another, and a message without one is dropped",
    ),
)
UNNAMED_LINE_USER = Difference(
    "line-title",
    "the name of a conversation with a LINE user who shows none",
    documented="Unknown",
    server="",
    told=("`LINE · Unknown`", "`LINE · ` and the user's id"),
)

# --- what is written -----------------------------------------------------------------------------------

ANSWERED_AT_ONCE = Difference(
    "conversation-message-status",
    "the answer to POST /conversations/{id}/messages of LINE, WhatsApp and web chats",
    documented="progressing",
    server="done",
    told=("is `progressing`", "is `done`"),
)
NAMES_USER = Difference(
    "conversation-reference",
    "`reference_id` of a message of LINE or WhatsApp",
    documented=True,
    server=False,
    told=("is the user's id there", "is all zeros"),
)
REACHES_ENDED = Difference(
    "conversation-ended-session",
    "writing into the conversation of a web chat session that has ended",
    documented=False,
    server=True,
    told=("404", "reaches the session"),
)

ALL = (
    MAIL_HAS_MOMENT, CHANGES_NOTHING, OWNER_TYPE_ALONE, UNFIT_OWNER, CHALLENGE_COMES_BACK, ONE_CUSTOMERS,
    EMPTY_ENDS_MEET, ONE_FOR_EACH_PEER, LINE_LINKED, UNNAMED_LINE_USER, ANSWERED_AT_ONCE, NAMES_USER, REACHES_ENDED,
)  # fmt: skip
