"""Where the profiles part in campaigns: what may be asked of them, and how they dial."""

from __future__ import annotations

from voipbin_mock.areas.calls.simulation import RING_LIMIT
from voipbin_mock.world.differences import Difference

# Deleting a campaign that runs, or a campaigncall that is not done: refused, or answered with a record of zeros
# and not done (a defect of the server).
EARLY_DELETE = Difference(
    "early-delete",
    "deleting a campaign that runs, or a campaigncall that is not done",
    documented=False,
    server=True,
    told=("409 `STATE_INVALID`", "200 with a record of zeros, and nothing is deleted"),
)
OUTDIAL_NEEDS = Difference(
    "D8",
    "what a new outdial must have",
    documented=("name", "detail"),
    server=("campaign_id", "name", "detail", "data"),
    told=("`name` and `detail`", "`campaign_id`, `name`, `detail` and `data`"),
)
TARGET_NEEDS = Difference(
    "D8-targets",
    "what a new target must have beside a destination",
    documented=("name", "detail"),
    server=("name", "detail", "data"),
    told=("`name` and `detail`; `data` may be empty", "`name`, `detail` and `data`"),
)


# --- dialing: times in milliseconds ----------------------------------------------------------------


def _given_ring_limit(dial_timeout: int) -> int:
    return dial_timeout if dial_timeout > 0 else RING_LIMIT


def _fixed_ring_limit(dial_timeout: int) -> int:
    return RING_LIMIT


def _documented_capacity(agents: int, dialing: int, level: int) -> bool:
    return agents * 100 > dialing * level


def _server_capacity(agents: int, dialing: int, level: int) -> bool:
    return agents * level // 100 > dialing


EMPTY_SLOTS = Difference(
    "D5-dialing",
    "a destination without an address that has tries",
    documented=False,
    server=True,
    told=("never dialed", "dialed, refused, and the campaign ends"),
)
RING_LIMITS = Difference(
    "D11",
    "how long a campaign's call rings",
    documented=_given_ring_limit,
    server=_fixed_ring_limit,
    told=("`dial_timeout`; 0 is a minute", "a minute, always"),
)
EXHAUSTED = Difference(
    "D15",
    "a target whose last try failed",
    documented="done",
    server="idle",
    told=("`done`", "`idle`; higher counts revive it"),
)
ANSWERED = Difference(
    "D16",
    "an answered campaigncall of type `call`",
    documented="progressing",
    server="dialing",
    told=("`progressing`", "`dialing` until it ends"),
)
CHAINS = Difference(
    "D17",
    "`next_campaign_id`",
    documented=True,
    server=False,
    told=("starts when the campaign has run out of targets and rests", "never starts"),
)
# (available agents, calls that are dialing, service level) -> is there room for another call.
CAPACITY = Difference(
    "D18",
    "with a queue it dials while",
    documented=_documented_capacity,
    server=_server_capacity,
    told=("agents × 100 > dialing × service level", "⌊agents × service level / 100⌋ > dialing"),
)

ALL = (EARLY_DELETE, OUTDIAL_NEEDS, TARGET_NEEDS, EMPTY_SLOTS, RING_LIMITS, EXHAUSTED, ANSWERED, CHAINS, CAPACITY)
