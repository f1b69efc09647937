"""Where the profiles part in flows, and in how they run."""

from __future__ import annotations

from voipbin_mock.api.flow_actions import ANY, OTHERS
from voipbin_mock.world.differences import Difference

HASH_PREFIX = Difference(
    "flow-hash",
    "the `direct_hash` of a flow, or a conference",
    documented="",
    server="direct.",
    told=("twelve hex digits", "`direct.` and twelve hex digits"),
)
DELETED_RUN = Difference(
    "activeflow-delete",
    "DELETE of an activeflow",
    documented=204,
    server=200,
    told=("204 without a body; one that runs goes on", "the record; one that runs is stopped first"),
)
MADE_RUN = Difference(
    "activeflow-made",
    "the answer to POST /activeflows",
    documented=True,
    server=False,
    told=("shows its first action, and `tm_update`", "shows the start marker, and no `tm_update`"),
)
DROPS_VARIABLES = Difference(
    "activeflow-variables",
    "too many or too long `variables` in POST /activeflows",
    documented=True,
    server=False,
    told=("all of them are dropped", "400 INVALID_VARIABLES"),
)
GOTOS_RUN_OUT = Difference(
    "goto-count",
    "a goto with a positive `loop_count`",
    documented=True,
    server=False,
    told=("jumps so often, then goes on", "jumps for ever: its last count is lost"),
)
NOW_FIRST = Difference(
    "datetime-order",
    "the order in which condition_datetime compares",
    documented=True,
    server=False,
    told=("now with the option", "the option with now"),
)
TIME_FIELDS = Difference(
    "datetime-fields",
    "how condition_datetime reads its fields",
    documented=True,
    server=False,
    told=(
        "given ones together, as one moment; -1 (month: 0) for any",
        "one by one; hour and minute unless negative, day and month if above 0",
    ),
)
NUMBERS_AS_TEXTS = Difference(
    "list-substitution",
    "numbers in the lists of an option, such as `weekdays`",
    documented=False,
    server=True,
    told=("stay numbers", "become texts: a condition_datetime with weekdays ends the flow"),
)
NAMED_CONDITIONS = Difference(
    "condition-names",
    "conditions by name, such as `equal`",
    documented=True,
    server=False,
    told=("are understood", "are false"),
)
BARE_VARIABLES = Difference(
    "condition-variable",
    "a bare name in `variable` of condition_variable",
    documented=True,
    server=False,
    told=("is the variable's value", "is compared as the text that it is"),
)
LENGTH_IN_BYTES = Difference(
    "variable-length",
    "the length that condition_variable compares",
    documented=False,
    server=True,
    told=("in characters", "in bytes"),
)
FAILURES_COMPLETE = Difference(
    "on-complete-failed",
    "`on_complete_flow_id` of a flow that failed",
    documented=False,
    server=True,
    told=("is not run", "is run as after any other end"),
)
CHAIN_ENDS = Difference(
    "on-complete-chain",
    "a chain of `on_complete_flow_id`",
    documented=True,
    server=False,
    told=("ends after five runs", "goes on after a run that fails at once"),
)
AFTER_A_CALL = Difference(
    "on-complete-call",
    "actions of a call in a flow that runs after the call",
    documented=True,
    server=False,
    told=("are skipped", "wait for ever for the call to do them"),
)
LIMITS = Difference(
    "flow-limits",
    "how many actions a run may begin",
    documented=(1000, 100, False),
    server=(1000, 100, True),
    told=("1000 without waiting, and it may wait 100 times", "101 in all"),
)
POPS_BELOW = Difference(
    "flow-pop",
    "leaving a queue or an AI while another list of actions runs within it",
    documented=True,
    server=False,
    told=("is done", "is refused"),
)
FETCHED = Difference(
    "fetch-answer",
    "what a `fetch` is answered with",
    documented=True,
    server=False,
    told=(
        "actions, which need no ids; or an object, whose members become variables beside its `actions`",
        "actions; without an id the first passes over all, a later one ends the flow",
    ),
)
SYNC_REPLY = Difference(
    "webhook-sync",
    "the JSON answer to a `webhook_send` with `sync`",
    documented=True,
    server=False,
    told=("its members become variables", "is ignored"),
)
SUMMARIES: Difference[str] = Difference(
    "summary-in-calls",
    "`ai_summary` in a flow that leads a call",
    documented=ANY,
    server=OTHERS,
    told=("is done", "is skipped"),
)

ALL = (
    HASH_PREFIX, DELETED_RUN, MADE_RUN, DROPS_VARIABLES, GOTOS_RUN_OUT, NOW_FIRST, TIME_FIELDS, NUMBERS_AS_TEXTS,
    NAMED_CONDITIONS, BARE_VARIABLES, LENGTH_IN_BYTES, FAILURES_COMPLETE, CHAIN_ENDS, AFTER_A_CALL, LIMITS, POPS_BELOW,
    FETCHED, SYNC_REPLY, SUMMARIES,
)  # fmt: skip
