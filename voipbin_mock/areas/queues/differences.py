"""Where the profiles part in queues: who is served, when that begins, and how it ends."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

# --- what is asked of them ---------------------------------------------------------------------------

KICKS_WAITING = Difference(
    "queue-leave-waiting",
    "kicking a caller who waits in a queue, and the queue's `wait_timeout`",
    documented=True,
    server=False,
    told=("it is `abandoned`, and its flow goes on", "500 `INTERNAL`, and nothing: the wait flow is in the way"),
)
KICKS_SERVICE = Difference(
    "queue-leave-service",
    "kicking a caller who talks to an agent, and the queue's `service_timeout`",
    documented=True,
    server=False,
    told=("both leave, `done`", "200 and nothing: they go on talking"),
)
KICKS_ENDED = Difference(
    "queue-kick-ended",
    "kicking a caller who has left the queue",
    documented=True,
    server=False,
    told=("200, and nothing", "500 `INTERNAL`"),
)
UNKNOWN_REFERENCE = Difference(
    "queue-kick-reference",
    "kicking by the id of a call that is in no queue",
    documented="QUEUECALL_NOT_FOUND",
    server="RESOURCE_NOT_FOUND",
    told=("404 `QUEUECALL_NOT_FOUND`", "404 `RESOURCE_NOT_FOUND`"),
)
ENDED_IS_DELETED = Difference(
    "queuecall-tm-delete",
    "`tm_delete` of a queuecall",
    documented=True,
    server=False,
    told=("when it ended, or was deleted; the list leaves out the deleted ones alone", "when it was deleted"),
)

# --- waiting -------------------------------------------------------------------------------------------

JOINS_DELETED = Difference(
    "queue-join-deleted",
    "`queue_join` of a queue that was deleted",
    documented=False,
    server=True,
    told=("ends the flow", "joins it, and agents are looked for again"),
)
WAITS_IN_SILENCE = Difference(
    "queue-without-flow",
    "a queue without a `wait_flow_id`",
    documented=True,
    server=False,
    told=("callers wait in silence", "ends the flow of who joins it"),
)
WAITING_COUNTS = Difference(
    "queue-waiting-counts",
    "the actions of a queue's wait flow",
    documented=False,
    server=True,
    told=("do not count: a caller may wait for any time", "count: after about a hundred the flow ends"),
)
TIMEOUT_UNIT = Difference(
    "queue-timeout-variables",
    "`voipbin.queuecall.timeout_wait` and `timeout_service`",
    documented=1000,
    server=1,
    told=("seconds", "milliseconds"),
)
OLDEST_FIRST = Difference(
    "queue-order",
    "the caller whom a queue serves first",
    documented=True,
    server=False,
    told=("who waits longest", "who came last"),
)
OTHER_METHODS = Difference(
    "queue-other-methods",
    "a queue whose `routing_method` is not `random` any more",
    documented="waits",
    server="dies",
    told=("chooses nobody until it is", "never chooses anybody again"),
)

# --- service -------------------------------------------------------------------------------------------

ANSWER_SERVES = Difference(
    "queue-service",
    "`service` begins when",
    documented=True,
    server=False,
    told=("the agent answers; one who does not leaves it `abandoned`", "an agent was chosen, who may never answer"),
)
SERVICE_FROM_SERVICE = Difference(
    "queue-duration",
    "`duration_service` is the time",
    documented=True,
    server=False,
    told=("with an agent", "from creation to the end"),
)
COUNTS_ABANDONED = Difference(
    "queue-abandoned-count",
    "`total_abandoned_count`",
    documented=True,
    server=False,
    told=("counts them", "stays 0"),
)

ALL = (
    KICKS_WAITING, KICKS_SERVICE, KICKS_ENDED, UNKNOWN_REFERENCE, ENDED_IS_DELETED, JOINS_DELETED, WAITS_IN_SILENCE,
    WAITING_COUNTS, TIMEOUT_UNIT, OLDEST_FIRST, OTHER_METHODS, ANSWER_SERVES, SERVICE_FROM_SERVICE, COUNTS_ABANDONED,
)  # fmt: skip
