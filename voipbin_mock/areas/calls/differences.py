"""Where the profiles part in calls: which of them are placed, and what is said of the others."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

ALL_OR_NONE = Difference(
    "call-refusals",
    "a destination that cannot be called",
    documented=True,
    server=False,
    told=("400, 402, 403 or 409 by cause, and nobody is called", "is left out; 500 `INTERNAL` if none is left"),
)
ANONYMOUS_CHECKED = Difference(
    "call-anonymous",
    "any other value than yes, no and auto for `anonymous` of POST /calls",
    documented=True,
    server=False,
    told=("400 `INVALID_ANONYMOUS_VALUE`", "counts as auto"),
)

ONE_DIGIT = Difference(
    "digits-length",
    "digits_receive without a `length`",
    documented=True,
    server=False,
    told=("takes one key", "has no limit: only `key` and `duration` end it"),
)
CLEARS_DIGITS = Difference(
    "digits-cleared",
    "the keys of an earlier digits_receive",
    documented=True,
    server=False,
    told=("are forgotten when the next one begins", "count for the next one"),
)

FAILED_CONNECT = Difference(
    "connect-failed",
    "connect, when nobody whom it calls answers",
    documented=True,
    server=False,
    told=("goes on at once with the next action", "goes on when the caller has waited for a minute"),
)

FIRST_ANSWER = Difference(
    "connect-several",
    "connect to several, when one of them answers",
    documented=True,
    server=False,
    told=("the others are called no more", "the others ring on, and join whoever talks there"),
)

ACTIONS_LATER: Difference[tuple[str, ...]] = Difference(
    "call-action-variables",
    "variables in the `actions` of the action `call`",
    documented=("actions",),
    server=(),
    told=("are those of the new call", "are those of the flow that makes the call"),
)

GROUP_SHOWN = Difference(
    "call-groupcall",
    "`groupcall_id` of a call",
    documented=True,
    server=False,
    told=("is its group call", "is all zeros"),
)
GROUP_REFUSALS = Difference(
    "groupcall-refusals",
    "a group call to nobody, or with an unknown `ring_method`",
    documented=True,
    server=False,
    told=("400 INVALID_ARGUMENT", "500 INTERNAL"),
)
ENDED_GROUPS = Difference(
    "groupcall-ended",
    "hanging up a group call that is over",
    documented=False,
    server=True,
    told=("changes nothing", "makes it `hangingup` for ever"),
)
DELETED_GROUPS = Difference(
    "groupcall-delete",
    "DELETE of a group call that goes on",
    documented=False,
    server=True,
    told=("leaves its calls as they are", "hangs up its calls first"),
)
AGENTS_FREE = Difference(
    "groupcall-agents",
    "agents whom a group call rang, when it is over",
    documented=True,
    server=False,
    told=("are available again", "stay ringing or busy"),
)
TRANSFER_REFUSALS = Difference(
    "transfer-refusals",
    "a transfer that cannot be: no bridge, no such type, nobody to be called",
    documented=True,
    server=False,
    told=("409 CALL_STATE_INVALID or 400 INVALID_ARGUMENT", "500 INTERNAL"),
)
SOURCELESS = Difference(
    "providercall-source",
    "a provider call without a `source`",
    documented=True,
    server=False,
    told=("is made; its `source` is null", "503 `SERVICE_UNAVAILABLE`"),
)
SAVED_AT_ONCE = Difference(
    "providercall-update",
    "`tm_update` of a new provider call",
    documented=True,
    server=False,
    told=("is its `tm_create`", "is null"),
)

OWN_NUMBERS = Difference(
    "own-numbers",
    "a call to a number of one's own",
    documented=True,
    server=False,
    told=("comes in there, and runs the number's flow", "is refused if the number is virtual (+899...)"),
)
UNROUTED = Difference(
    "call-unrouted",
    "a call to a country that no route leads to",
    documented="INVALID_ARGUMENT",
    server="SERVICE_UNAVAILABLE",
    told=("400 `INVALID_ARGUMENT`", "503 `SERVICE_UNAVAILABLE`"),
)

ALL = (
    OWN_NUMBERS,
    UNROUTED,
    ALL_OR_NONE,
    ANONYMOUS_CHECKED,
    ONE_DIGIT,
    CLEARS_DIGITS,
    FAILED_CONNECT,
    FIRST_ANSWER,
    ACTIONS_LATER,
    GROUP_SHOWN,
    GROUP_REFUSALS,
    ENDED_GROUPS,
    DELETED_GROUPS,
    AGENTS_FREE,
    TRANSFER_REFUSALS,
    SOURCELESS,
    SAVED_AT_ONCE,
)
