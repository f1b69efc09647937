"""Where the profiles part in AIs, teams, AI calls and AI messages."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

# --- AIs and teams -------------------------------------------------------------------------------------

SHOWS_KEY = Difference(
    "ai-engine-key",
    "the `engine_key` of an AI",
    documented=False,
    server=True,
    told=("is never shown", "is shown, and told to webhooks"),
)
KEEPS_VAD = Difference(
    "ai-vad",
    "`vad_config` and `smart_turn_enabled` of an AI",
    documented=True,
    server=False,
    told=("are kept", "are dropped; any PUT clears them"),
)
HASH_AT_CREATION = Difference(
    "ai-hash",
    "the `direct_hash` of a new AI",
    documented=False,
    server=True,
    told=("empty, until it is made anew", "made with the AI"),
)
UNFIT = Difference(
    "ai-validation",
    "an `engine_model`, `type`, `tts_type` or `stt_type` that there is not; members of a team that do not fit together",
    documented="INVALID_ARGUMENT",
    server="INTERNAL",
    told=("400 `INVALID_ARGUMENT`", "500 `INTERNAL`"),
)
UNFIT_RAG = Difference(
    "ai-rag",
    "a `rag_id` that there is not, or another customer's",
    documented=("RAG_NOT_FOUND", "RAG_NOT_FOUND"),
    server=("INTERNAL", "PERMISSION_DENIED"),
    told=("404 `RAG_NOT_FOUND`", "500 `INTERNAL`, 403 `PERMISSION_DENIED`"),
)
HISTORIES_UNPAGED = Difference(
    "ai-prompt-histories",
    "GET /ais/{id}/prompt_histories",
    documented=True,
    server=False,
    told=("is an array", "has pages"),
)
TEAMS_OF_OTHERS = Difference(
    "team-foreign-ai",
    "another customer's AI in a team",
    documented=False,
    server=True,
    told=("404", "is taken"),
)

# A token that a super admin has for one customer (a defect of the server).
DELEGATES_SEE_ALL = Difference(
    "aicall-delegate",
    "another customer's AI calls and AI messages, asked for with a delegate token",
    documented=False,
    server=True,
    told=("404", "are shown, and can be changed"),
)

# --- AI calls ------------------------------------------------------------------------------------------

STARTS_ANY = Difference(
    "aicall-references",
    "POST /aicalls with a `conversation` or a `task`",
    documented=True,
    server=False,
    told=("begins", "500 `INTERNAL`"),
)
CANNOT_START = Difference(
    "aicall-start",
    "POST /aicalls of a `reference_type` that there is not, or with a team that lacks its first AI",
    documented="INVALID_ARGUMENT",
    server="INTERNAL",
    told=("400 `INVALID_ARGUMENT`", "500 `INTERNAL`"),
)
SECOND_LIVE = Difference(
    "aicall-second",
    "POST /aicalls for a call that talks to an AI already",
    documented="STATE_INVALID",
    server="INTERNAL",
    told=("409 `STATE_INVALID`", "500 `INTERNAL`"),
)
LEAVES_REMAINS = Difference(
    "aicall-unknown-call",
    "POST /aicalls for a call that there is not, or that is over",
    documented=False,
    server=True,
    told=("404, and nothing is left of it", "404, and an AI call that is `initiating` for ever"),
)
RUN_ENDS = Difference(
    "aicall-run",
    "the activeflow that POST /aicalls makes, once the AI call is terminated",
    documented=True,
    server=False,
    told=("is `ended`", "is `running` for ever"),
)

# --- AI messages ---------------------------------------------------------------------------------------

USER_COMES_IN = Difference(
    "aimessage-direction",
    "`incoming` AI messages",
    documented=True,
    server=False,
    told=("are the user's", "are the model's"),
)
ROLE_COUNTS = Difference(
    "aimessage-role",
    "the `role` in POST /aimessages",
    documented=True,
    server=False,
    told=("is that of the message", "is not looked at: it is `user`"),
)
TOO_SOON = Difference(
    "aimessage-cooldown",
    "POST /aimessages within 3 seconds of the AI call's last change",
    documented="RATE_LIMIT_EXCEEDED",
    server="INTERNAL",
    told=("429 `RATE_LIMIT_EXCEEDED`", "500 `INTERNAL`"),
)
ANSWERS_AFTER_END = Difference(
    "aimessage-after-end",
    "POST /aimessages to an AI call that is `terminated`",
    documented=False,
    server=True,
    told=("409 `STATE_INVALID`", "is answered; of one that talked, 500 `INTERNAL`"),
)
DELETES_MESSAGES = Difference(
    "aimessage-delete",
    "DELETE /aimessages/{id}",
    documented=True,
    server=False,
    told=("deletes the message", "404 `RESOURCE_NOT_FOUND`"),
)
UNKNOWN_MESSAGE = Difference(
    "aimessage-unknown",
    "an AI message that there is not",
    documented="AIMESSAGE_NOT_FOUND",
    server="MESSAGE_NOT_FOUND",
    told=("404 `AIMESSAGE_NOT_FOUND`", "404 `MESSAGE_NOT_FOUND`"),
)

ALL = (
    SHOWS_KEY, KEEPS_VAD, HASH_AT_CREATION, UNFIT, UNFIT_RAG, HISTORIES_UNPAGED, TEAMS_OF_OTHERS,
    DELEGATES_SEE_ALL, STARTS_ANY, CANNOT_START, SECOND_LIVE, LEAVES_REMAINS, RUN_ENDS, USER_COMES_IN, ROLE_COUNTS,
    TOO_SOON, ANSWERS_AFTER_END, DELETES_MESSAGES, UNKNOWN_MESSAGE,
)  # fmt: skip
