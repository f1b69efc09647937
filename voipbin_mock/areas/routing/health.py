"""Whether providers can be reached: they are checked every 30 seconds, and a test says what is found.

Nothing is done at each check. What the last one found follows from the time that has passed, the record and the
scripts, and is worked out when somebody looks; so time can be wound on by years at no cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from voipbin_mock.api import scripting
from voipbin_mock.api.scripting import Rule, Scripts
from voipbin_mock.areas.routing.differences import CHECKS_LEAVE_UPDATE
from voipbin_mock.world.store import Row

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

EVERY = 30_000_000  # microseconds
UNKNOWN, HEALTHY, UNHEALTHY = "unknown", "healthy", "unhealthy"
NOWHERE = ".invalid"  # hosts that can never be reached


class Health(scripting.Settled):
    """What one check finds."""


class Healthy(Health):
    """The provider answers."""

    kind = HEALTHY


class Unhealthy(Health):
    """It does not, or not in time."""

    kind = UNHEALTHY


OUTCOMES: Mapping[str, type[Health]] = {one.kind: one for one in (Healthy, Unhealthy)}
EXAMPLE = "Healthy(), Unhealthy()"
MAGIC: Mapping[str, Any] = {f"*{NOWHERE}": [UNHEALTHY]}


class Hosts(Scripts[Health]):
    """What checks of providers find, by the host that these have."""

    name, rank = "providers", 33
    called, pattern_is = "providers", "host name, pattern or default"
    _quiet = False  # while scripts are brought back, with the records that go with them

    def plain(self, address: str) -> str:
        return address.strip().lower()

    def wrong(self, rule: str) -> str:
        return "" if rule else "say which provider: its host name, a pattern such as *.example.com, or default"

    def magic(self, address: str) -> Sequence[Health] | None:
        return (Unhealthy(),) if address.endswith(NOWHERE) else None

    def checked_outcome(self, outcome: object) -> Any:
        return scripting.check(outcome, Health, EXAMPLE)

    def read_outcome(self, value: Any) -> Any:
        return scripting.read_outcome(value, OUTCOMES, _made, UNHEALTHY)

    def found(self, host: str, times: int) -> str:
        """What the last of so many more checks of a host finds; empty if nobody says."""
        host = self.plain(host)
        rule, script = self.rule_for(host)
        return self.choose(host, script, self._used.get(rule, {}).get(host, 0) + times - 1).kind if script else ""

    def _note(self) -> None:
        super()._note()
        if not self._quiet:
            self._settle()

    def _settle(self) -> None:
        """The scripts are about to change: what was found by now stands."""
        world = self._world
        table = world.store["providers"]
        passed: dict[str, int] = {}
        for row in tuple(table):
            times = _times(world, row)
            if times:
                host = self.plain(row.data["hostname"])
                passed[host] = max(times, passed.get(host, 0))
                table.replace({**row.data, **settled(world, row)})
        for host, times in passed.items():
            used = self._used.setdefault(self.rule_for(host)[0], {})
            used[host] = used.get(host, 0) + times

    def load(self, document: Mapping[str, Any]) -> None:
        self._quiet = True
        try:
            super().load(document)
        finally:
            self._quiet = False


def _made(name: str, given: Mapping[str, Any]) -> Health:
    scripting.only(name, given, ())
    return OUTCOMES[name]()


class ProviderHost(Rule):
    """The host of a provider, or several of them: `voipbin.provider("sip.example.com").script(Unhealthy())`."""

    scripts, noun = Hosts, "provider"


# --- what is found ---------------------------------------------------------------------------------


def _since(row: Row) -> int:
    data = row.data
    since: int = data["checked_since"] or data["health_checked_at"] or row.created
    return since


def _times(world: World, row: Row) -> int:
    """How many checks there were that the record does not know of."""
    return 0 if row.deleted else max(0, (world.clock.microseconds() - _since(row)) // EVERY)


def _found(world: World, row: Row) -> dict[str, Any]:
    times = _times(world, row)
    if not times:
        return {}
    known, hosts = row.data["health_status"], world.part(Hosts)
    at = _since(row) + times * EVERY
    found = {
        # Nobody scripted it: what a seed says stays, and whoever was not checked before can be reached.
        "health_status": hosts.found(row.data["hostname"], times) or (HEALTHY if known == UNKNOWN else known),
        "health_checked_at": at,
    }
    return found if CHECKS_LEAVE_UPDATE.of(world) else {**found, "tm_update": max(at, row.data["tm_update"] or 0)}


def settled(world: World, row: Row) -> dict[str, Any]:
    """What the checks so far have made of a record, to be kept with it."""
    found = _found(world, row)
    return {**found, "checked_since": found["health_checked_at"]} if found else {}


def checked(world: World, row: Row) -> Row:
    """A provider as it is at this moment."""
    found = _found(world, row)
    return Row({**row.data, **found}, row.account) if found else row
