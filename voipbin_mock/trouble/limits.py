"""Rate limits as the service has them: token buckets, in virtual time. Off unless asked for.

Source: server. A tier limits by address or by customer; an answer that passes says nothing of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.api.operations import PREFIX
from voipbin_mock.trouble.kinds import near
from voipbin_mock.wire.errors import ApiError, MockUsageError
from voipbin_mock.wire.stamps import SECOND, is_moment
from voipbin_mock.wire.switches import read_switch
from voipbin_mock.wire.values import Caller
from voipbin_mock.world.part import Part

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

MOST_BUCKETS = 10_000
# Of a tier: rates between the two, in requests a second, and at most so many at once.
SLOWEST, FASTEST, MOST_AT_ONCE = 1e-6, 1e9, 1_000_000_000


class Tier(NamedTuple):
    """So many requests a second on average, and so many at once."""

    rate: float
    burst: int


# Per address: public and protected paths under /auth, and all under /v1.0. Per customer under /v1.0:
# agents and access keys together, direct tokens, delegated ones.
TIERS: Mapping[str, Tier] = {
    "auth_ip": Tier(10, 20),
    "auth_protected_ip": Tier(10, 20),
    "ip": Tier(200, 400),
    "customer": Tier(17, 33),
    "direct": Tier(50, 100),
    "delegate": Tier(8, 16),
}
_PROTECTED = ("/auth/unregister", "/auth/delegate")


def read(asked: Any) -> dict[str, Tier]:
    """The tiers that a setting turns on: true, false, or `{"customer": [rate, burst]}`, as value or text.

    True for a tier gives it the service's own figures; a rate or burst of zero or less turns it off.
    Raises MockUsageError.
    """
    if isinstance(asked, str):
        asked = read_switch(asked)
    if asked is None or asked is False:
        return {}
    if asked is True:
        return dict(TIERS)
    if not isinstance(asked, Mapping):
        raise MockUsageError(f'rate_limits={asked!r}: give true, false or {{"customer": [17, 33]}}')
    tiers = {}
    for name, figures in asked.items():
        if name not in TIERS:
            raise MockUsageError(f"rate_limits: {name!r} is no tier{near(name, TIERS)}")
        tier = _tier(name, figures)
        if tier is not None:
            tiers[name] = tier
    return tiers


def _tier(name: str, figures: Any) -> Tier | None:
    if figures is True:
        return TIERS[name]
    if figures is None or figures is False:
        return None
    numbers = isinstance(figures, (list, tuple)) and len(figures) == 2
    if not numbers or not all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in figures):
        raise MockUsageError(f"rate_limits: {name}={figures!r}: give [requests a second, requests at once]")
    rate, burst = figures
    if not (rate <= FASTEST and burst <= MOST_AT_ONCE) or (0 < rate < SLOWEST):  # nor what is no number at all
        said = f"a rate from {SLOWEST:g} to {FASTEST:g}, at most {MOST_AT_ONCE:,} at once; the burst is a whole number"
        raise MockUsageError(f"rate_limits: {name}: give {said}")
    if rate <= 0 or burst <= 0:
        return None
    if burst != int(burst):
        raise MockUsageError(f"rate_limits: {name}={figures!r}: the burst is a whole number")
    return Tier(float(rate), int(burst))


def _bucket(bucket: Any, number: int) -> tuple[tuple[str, str], tuple[float, int]]:
    """A bucket as a dump has it: `[tier, key, tokens, since when]`. Raises MockUsageError."""
    if isinstance(bucket, list) and len(bucket) == 4:
        name, key, tokens, since = bucket
        texts = isinstance(name, str) and isinstance(key, str)
        numbers = type(tokens) in (int, float) and 0 <= tokens <= MOST_AT_ONCE and is_moment(since)
        if texts and numbers:
            return (name, key), (float(tokens), since)
    raise MockUsageError(f"buckets/{number}: must be [tier, key, tokens, microseconds since 1970]")


KeptLimits = tuple[dict[str, Tier], dict[tuple[str, str], tuple[float, int]]]


class Limits(Part):
    """The buckets of one world. `tiers` is empty while nothing is limited."""

    name, rank, survives = "limits", 60, True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._clock = world.clock
        self._initial = read(world.settings.rate_limits)
        self._buckets: dict[tuple[str, str], tuple[float, int]] = {}  # tokens, at what time
        self.tiers: dict[str, Tier] = {}
        self.changes = 0  # of the tiers, so far
        self._back_to_the_start()

    def set(self, asked: Any = True) -> None:
        """Limit from now on, with full buckets: as the setting `rate_limits`. Raises MockUsageError."""
        tiers = read(asked)
        with self._world.changing():
            self.tiers = tiers
            self._buckets.clear()
            self.changes += 1

    def clear(self) -> None:
        """Limit nothing."""
        self.set(False)

    def start_over(self) -> None:
        """Back to what the mock was made with."""
        self._back_to_the_start()
        self.changes += 1

    def _back_to_the_start(self) -> None:
        self.tiers = dict(self._initial)
        self._buckets.clear()

    @property
    def revision(self) -> int:
        return self.changes

    def dump(self) -> dict[str, Any]:
        """The tiers, and how full the buckets are."""
        buckets = [[*key, tokens, since] for key, (tokens, since) in self._buckets.items()]
        return {"tiers": self.as_dict(), "buckets": buckets}

    def keep(self) -> KeptLimits:
        """This moment."""
        return dict(self.tiers), dict(self._buckets)

    def load(self, document: Any) -> None:
        """Take back what `dump` gave. Raises MockUsageError."""
        if not isinstance(document, Mapping) or not isinstance(document.get("tiers", {}), Mapping):
            raise MockUsageError("must be an object with tiers and buckets")
        buckets = document.get("buckets", [])
        if not isinstance(buckets, list) or len(buckets) > MOST_BUCKETS:
            raise MockUsageError(f"buckets: must be an array of at most {MOST_BUCKETS:,}")
        kept = dict(_bucket(bucket, number) for number, bucket in enumerate(buckets))
        self.bring_back((read(document.get("tiers", {})), kept))

    def bring_back(self, kept: KeptLimits) -> None:
        self.tiers, self._buckets = dict(kept[0]), dict(kept[1])
        self.changes += 1

    def as_dict(self) -> dict[str, list[float]]:
        return {name: list(tier) for name, tier in self.tiers.items()}

    def check_address(self, path: str, address: str) -> None:
        """Before anybody looks at a credential. Raises ApiError."""
        if path.startswith(PREFIX + "/"):
            self._take("ip", address, "ip")
        elif path.startswith("/auth/"):
            self._take("auth_protected_ip" if path in _PROTECTED else "auth_ip", address, "ip")

    def check_caller(self, path: str, caller: Caller) -> None:
        """Once the caller is known. Raises ApiError."""
        if path.startswith(PREFIX + "/"):
            tier = caller.kind if caller.kind in ("direct", "delegate") else "customer"
            self._take(tier, caller.customer_id, "customer")

    def _take(self, name: str, key: str, limited_by: str) -> None:
        tier = self.tiers.get(name)
        if tier is None:
            return
        now = self._clock.microseconds()
        tokens, since = self._buckets.get((name, key), (float(tier.burst), now))
        # A clock that was set back gives nothing, and takes nothing.
        tokens = min(float(tier.burst), tokens + max(0, now - since) / SECOND * tier.rate)
        if tokens < 1:
            self._buckets[name, key] = (tokens, now)
            wait = math.ceil(round((1 - tokens) / tier.rate, 6))
            raise ApiError(
                "RATE_LIMIT_EXCEEDED",
                details=[{"limited_by": limited_by}],
                hint=f"rate_limits: {name} is {tier.rate:g} a second, {tier.burst} at once",
                retry_after=max(1, wait),
            )
        if len(self._buckets) >= MOST_BUCKETS and (name, key) not in self._buckets:
            self._buckets.pop(next(iter(self._buckets)))
        self._buckets[name, key] = (tokens - 1, now)
