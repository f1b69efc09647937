"""Where the profiles part in accounts: keys, agents, and logging in."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

YEAR = 31_536_000  # seconds

LOGIN_UNDER_PREFIX = Difference("D10", "logging in under /v1.0", documented=True, server=False, told=("logs in", "404"))
UNKNOWN_ACCESSKEY = Difference(
    "D13",
    "an access key that does not exist",
    documented="ACCESSKEY_NOT_FOUND",
    server="INVALID_ARGUMENT",
    told=("404 `ACCESSKEY_NOT_FOUND`", "400 `INVALID_ARGUMENT`"),
)
UNKNOWN_CUSTOMER = Difference(
    "ACC1",
    "a customer that does not exist",
    documented="CUSTOMER_NOT_FOUND",
    server="INVALID_ARGUMENT",
    told=("404 `CUSTOMER_NOT_FOUND`", "400 `INVALID_ARGUMENT`"),
)
# What is written down of when a customer goes: the moment itself (True), or when it was frozen.
DELETION_IS_NAMED = Difference(
    "ACC5",
    "`tm_deletion_scheduled` of a frozen customer",
    documented=True,
    server=False,
    told=("when it will be deleted, 30 days on", "when it was frozen"),
)
# Seconds an access key lives if its body does not say; None: it must say.
ACCESSKEY_LIFE: Difference[int | None] = Difference(
    "accesskey-life",
    "an access key whose body does not say how long it lives",
    documented=YEAR,
    server=None,
    told=("lives a year", "400"),
)
# The tutorials send readers to `GET /accesskeys` for a key, which shows only its prefix: accept it as the key.
PREFIX_WORKS = Difference(
    "D21",
    "the prefix of an access key, used as the key",
    documented=True,
    server=False,
    told=("works, with a lint warning", "401"),
)
# Who deletes an account still gets in (a defect of the server).
DEAD_CUSTOMERS_ENTER = Difference(
    "dead-customers",
    "credentials of a customer that was deleted, or has expired",
    documented=False,
    server=True,
    told=("401", "still work"),
)
# What the webhook page lists as an event, and the server keeps to itself.
KEPT_TO_ITSELF = Difference(
    "D23",
    "events of queues, and of agents that change",
    documented=True,
    server=False,
    told=(
        "`queue_created`, `queue_updated`, `queue_deleted`; `agent_updated` for every change",
        "none of queues; `agent_updated` for a change of the permission alone",
    ),
)
AGENT_TELLS = Difference("D23", KEPT_TO_ITSELF.about, documented="updated", server="")

# --- agents: what a new one must and may be ----------------------------------------------------------

AGENT_NEEDS_ADDRESS = Difference(
    "agent-addresses", "a new agent without an address", documented=False, server=True, told=("is taken", "400")
)
USERNAME_IS_EMAIL = Difference(
    "agent-usernames",
    "the user name of a new agent",
    documented=False,
    server=True,
    told=(
        "any that no other agent of the customer has (409)",
        "an e-mail address (400) that no agent of any customer has (409)",
    ),
)
RING_METHODS = Difference(
    "ring-methods",
    "how a new agent may be rung",
    documented=("ringall", "linear"),
    server=("ringall",),
    told=("`ringall`, `linear`", "`ringall`; `linear` is 400"),
)
# Anybody who may make agents can make a super admin (a defect of the server).
PROJECT_BITS_GUARDED = Difference(
    "project-bits",
    "project permissions of a new agent, given by who is no super admin",
    documented=True,
    server=False,
    told=("403", "are given"),
)
FIRST_AGENT_STAYS = Difference(
    "first-agent",
    "deleting the agent that came with its customer",
    documented=True,
    server=False,
    told=("500, ever", "500, unless there is another admin"),
)
HASH_AT_CREATION = Difference(
    "agent-hash",
    "the `direct_hash` of a new agent",
    documented=False,
    server=True,
    told=("empty, until it is made anew", "made with the agent"),
)

ALL = (
    LOGIN_UNDER_PREFIX,
    UNKNOWN_ACCESSKEY,
    UNKNOWN_CUSTOMER,
    DELETION_IS_NAMED,
    ACCESSKEY_LIFE,
    PREFIX_WORKS,
    DEAD_CUSTOMERS_ENTER,
    KEPT_TO_ITSELF,
    AGENT_NEEDS_ADDRESS,
    USERNAME_IS_EMAIL,
    RING_METHODS,
    PROJECT_BITS_GUARDED,
    FIRST_AGENT_STAYS,
    HASH_AT_CREATION,
)
