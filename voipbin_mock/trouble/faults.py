"""Planned trouble: faults that befall a request, and stubs that answer in an operation's place.

A plan is a value: what it is, as JSON, and how often it was met. The pipeline asks `choose` once for a
request, and only while something is planned.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.api.catalog import Catalog, catalog_of
from voipbin_mock.api.operations import PREFIX, Request
from voipbin_mock.trouble.kinds import STUB, check
from voipbin_mock.trouble.targets import resolve
from voipbin_mock.wire.errors import ApiError, MockUsageError
from voipbin_mock.wire.values import JSON_TYPE, Caller, Disruption, Reply, encode
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.part import Part, Unmet, planned_at

if TYPE_CHECKING:
    from types import TracebackType

    from voipbin_mock.world.world import World

MOST_PLANS = 1000
# What is planned, how often each was aimed and met, and what ended unmet.
KeptFaults = tuple[list[tuple["PlannedFault", int, int]], list["PlannedFault"]]


class Asked(NamedTuple):
    """A request, as far as plans look at it."""

    request: Request
    label: str
    cookies: Mapping[str, str]
    caller: Callable[[], Caller | None]
    agent_id: Callable[[str], str]  # of an agent given by id or user name

    def credential(self, name: str) -> str:
        found = self.cookies.get(name) or self.request.parameter(name) or ""
        if not found and name == "token":
            found = self.request.headers.get("authorization", "").partition("Bearer ")[2]
        return found


class PlannedFault:
    """One planned fault or stub. As a context manager it lasts as long as the block at most."""

    def __init__(self, plans: PlannedFaults, number: int, spec: dict[str, Any], where: tuple[str, int] | None) -> None:
        self._plans = plans
        self.number = number
        self.spec = spec
        self.where = where  # file and line that planned it, if that is known
        self.seen = 0  # requests it was aimed at
        self.met = 0  # of these, the ones it befell
        self.target = resolve(spec["on"], plans.catalog, unknown=spec["kind"] == STUB)
        nth = spec.get("nth")
        self._nth = frozenset(nth) if nth is not None else None
        self._times: int | None = spec["times"]

    @property
    def kind(self) -> str:
        return str(self.spec["kind"])

    @property
    def spent(self) -> bool:
        return self._times is not None and self.met >= self._times

    @property
    def unused(self) -> bool:
        """Whether less came of it than was planned. What is left to chance need only have had its chance."""
        if self.spec.get("probability") is not None:
            return self.seen == 0
        return self.met == 0 if self._times is None else self.met < self._times

    @property
    def handles(self) -> bool:
        """Whether the request still reaches its operation."""
        if self.kind in ("error", "reset"):
            return bool(self.spec.get("after_commit")) or self.breaks_midway
        return self.kind not in ("refuse", STUB)

    @property
    def breaks_midway(self) -> bool:
        return self.spec.get("midway", False) is not False  # 0 is a place: before the first byte of the body

    def aimed_at(self, asked: Asked) -> bool:
        if not self.target.meets(asked.request, asked.label):
            return False
        for name in ("token", "accesskey"):
            if name in self.spec and asked.credential(name) != self.spec[name]:
                return False
        if "agent" not in self.spec and "customer" not in self.spec:
            return True
        caller = asked.caller()
        if caller is None:
            return False
        if "agent" in self.spec and caller.agent_id != asked.agent_id(self.spec["agent"]):
            return False
        customer = self.spec.get("customer")
        return customer is None or customer in (caller.customer_id, caller.account)

    def due(self, ids: Ids, ahead: int = 0) -> bool:
        """Whether it is this request's turn, after `seen` was counted; or that of one so many ahead."""
        seen = self.seen + ahead
        if self._nth is not None and seen not in self._nth:
            return False
        probability = self.spec.get("probability")
        if probability is None:
            return True
        drawn = int.from_bytes(ids.secret(f"plan {self.number}, request {seen}")[:7], "big")
        return bool(drawn < probability * (1 << 56))

    @property
    def plans(self) -> PlannedFaults:
        return self._plans

    def of(self, plans: PlannedFaults) -> PlannedFault:
        """The same in another world."""
        return PlannedFault(plans, self.number, self.spec, self.where)

    def cancel(self) -> None:
        """Take it back; it is not reported as unused."""
        self._plans.remove(self)

    def as_dict(self) -> dict[str, Any]:
        return {"number": self.number, **self.spec, "seen": self.seen, "met": self.met}

    def __str__(self) -> str:
        what = self.spec.get("reason") or self.spec.get("status") or ""
        return f"{self.kind}{f' {what}' if what else ''} on {self.spec['on']}"

    def __repr__(self) -> str:
        return f"<planned {self}, met {self.met} times>"

    def explain(self) -> str:
        """Why it counts as unused."""
        planned = "" if self._times is None else f" of {self._times}"
        came = "no such request came" if self.seen == 0 else f"{self.seen} such requests came"
        return f"{self}: met {self.met}{planned} times; {came}"

    # --- what it does ------------------------------------------------------------------------------

    @property
    def note(self) -> str:
        """For the journal."""
        if self.kind == STUB:
            return f"a stub, planned on {self.spec['on']}"
        fate = ""
        if not self.handles:
            fate = "; the request was not handled"
        elif self.kind in ("error", "reset"):
            fate = "; the request was handled and its answer lost"
        return f"a planned fault: {self}{fate}"

    def error(self, catalog: Catalog, path: str) -> ApiError:
        spec, reason = self.spec, self.spec["reason"]
        retry_after, details = spec.get("retry_after"), []
        if reason == "RATE_LIMIT_EXCEEDED":
            retry_after = 1 if retry_after is None else retry_after
            tier = "customer" if path.startswith(PREFIX) else "ip"
            details = [{"limited_by": spec.get("limited_by", tier)}]
        return ApiError(
            catalog.reason(reason), spec.get("message"), details=details, hint=self.note, retry_after=retry_after
        )

    def canned(self) -> Reply:
        """A stub's reply."""
        spec = self.spec
        if "json" in spec:
            body, content_type = encode(spec["json"]).encode("utf-8"), JSON_TYPE
        else:
            body = base64.b64decode(spec["body_base64"]) if "body_base64" in spec else spec.get("body", "").encode()
            content_type = "text/plain; charset=utf-8"
        given = spec.get("headers", {})
        headers = [(name, value) for name, value in (given.items() if isinstance(given, Mapping) else given)]
        named = [value for name, value in headers if name.lower() == "content-type"]
        kind = spec.get("content_type") or (named[0] if named else content_type if body else None)
        headers = [(name, value) for name, value in headers if name.lower() != "content-type"]
        return Reply(spec.get("status", 200), body, kind, headers, note=self.note)

    def refusal(self) -> Reply:
        """What stands for the answer to a request that was not handled."""
        return Reply(0, b"", None, note=self.note, disruption=Disruption(self.kind))

    def disturb(self, reply: Reply) -> None:
        """Damage an answer that was made."""
        spec, size = self.spec, len(reply.body)
        if self.kind == "malformed":
            reply.body = reply.body[: max(1, size // 2)] if size > 1 else b'{"'
        elif self.kind == "content_type":
            reply.content_type = spec.get("content_type", "text/html; charset=utf-8")
        elif self.kind == "truncate":
            reply.disruption = Disruption("truncate", after=min(spec.get("after", size // 2), max(0, size - 1)))
        elif self.kind == "slow":
            piece = max(1, math.ceil(size / spec.get("pieces", 4)))
            reply.disruption = Disruption("slow", spec.get("seconds", 1.0), piece)
        elif self.kind == "reset" and self.breaks_midway:
            midway = spec["midway"]
            reply.disruption = Disruption("reset_midway", after=size // 2 if midway is True else min(midway, size))
        elif self.kind == "reset":
            reply.disruption = Disruption("reset")
        elif spec.get("seconds"):
            reply.disruption = Disruption("delay", spec["seconds"])

    # --- as a context manager ----------------------------------------------------------------------

    def __enter__(self) -> PlannedFault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._plans.remove(self, report=kind is None)


class Numbers(Part):
    """How many faults and stubs were ever planned: what is left to chance is drawn by their numbers."""

    name, rank, survives = "planned", 55, True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.given = 0

    def start_over(self) -> None:
        self.given = 0

    def keep(self) -> int:
        return self.given

    def bring_back(self, kept: int) -> None:
        self.given = kept

    def dump(self) -> int | None:
        return self.given or None

    def load(self, document: Any) -> None:
        if type(document) is not int or document < 0:
            raise MockUsageError("must be a count")
        self.given = document

    @property
    def revision(self) -> int:
        return self.given


class PlannedFaults(Part):
    """Everything planned in one world, stubs too: `active` is empty when nothing is."""

    name, rank, survives = "plans", 50, True  # tests hold what they planned

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.catalog = catalog_of(world)
        self.active: list[PlannedFault] = []
        self.missed: list[PlannedFault] = []  # ended with a block, and not met
        self._lock = world.lock
        self.changes = 0  # of what is planned, so far

    def add(self, spec: Mapping[str, Any]) -> PlannedFault:
        """PlannedFault something. Raises MockUsageError for what cannot be."""
        checked = check(spec, self.catalog)
        world = self._world
        with world.changing():
            if len(self.active) >= MOST_PLANS:
                raise MockUsageError(f"{MOST_PLANS} faults and stubs are planned already; clear some")
            numbers = world.part(Numbers)
            # A state of an earlier version tells only those that were still planned.
            numbers.given = max([numbers.given, *(plan.number for plan in self.active)]) + 1
            self.changes += 1
            plan = PlannedFault(self, numbers.given, checked, planned_at())
            self._enlist(plan)
        return plan

    def _enlist(self, plan: PlannedFault) -> None:
        """What ends by itself is used up first, in order; of what stays, the newest has the word."""
        if plan.spec["times"] is None:
            lasting = (i for i, other in enumerate(self.active) if other.spec["times"] is None)
            self.active.insert(next(lasting, len(self.active)), plan)
        else:
            ending = sum(other.spec["times"] is not None for other in self.active)
            self.active.insert(ending, plan)

    def remove(self, plan: PlannedFault, report: bool = False) -> None:
        with self._world.changing():
            self.changes += 1
            if plan in self.active:
                self.active.remove(plan)
                if report and plan.unused:
                    self.missed = [*self.missed[1 - MOST_PLANS :], plan]

    def clear(self, stubs: bool | None = None) -> None:
        """Forget all plans, or only the faults (False) or the stubs (True). None of them is reported."""
        with self._world.changing():
            self._forget(stubs)

    def _forget(self, stubs: bool | None = None) -> None:
        self.changes += 1
        self.active = [plan for plan in self.active if stubs is not None and (plan.kind == STUB) is not stubs]
        self.missed = [plan for plan in self.missed if stubs is not None and (plan.kind == STUB) is not stubs]

    def start_over(self) -> None:
        self._forget()

    def unused(self) -> list[PlannedFault]:
        """What was planned and has not been met, or not as often as planned."""
        with self._lock:
            return sorted([*self.missed, *(p for p in self.active if p.unused)], key=lambda plan: plan.number)

    def up_to_date(self) -> None:
        """Let be done what was due: a receiver of webhooks may ask for something, and meet what is planned."""
        self._world.catch_up()

    def unmet(self) -> list[Unmet]:
        return [Unmet(plan.where, plan.explain()) for plan in self.unused()]

    def forget_planned(self) -> None:
        self.start_over()

    def listed(self, stubs: bool) -> list[PlannedFault]:
        with self._lock:
            return sorted((p for p in self.active if (p.kind == STUB) is stubs), key=lambda plan: plan.number)

    def choose(self, asked: Asked, ids: Ids) -> tuple[PlannedFault | None, PlannedFault | None]:
        """The fault and the stub that this request meets. To be called under the world's lock."""
        fault: PlannedFault | None = None
        stub: PlannedFault | None = None
        for plan in self.active:
            if not plan.aimed_at(asked):
                continue
            plan.seen += 1
            if plan.kind == STUB:
                stub = plan if stub is None and plan.due(ids) else stub
            elif fault is None and plan.due(ids):
                fault = plan
        if fault is not None and not fault.handles:
            stub = None
        for met in (fault, stub):
            if met is not None:
                met.met += 1
                if met.spent:
                    self.active.remove(met)
        return fault, stub

    def refuses(self, asked: Asked, ids: Ids) -> bool:
        """Whether this request would be refused a connection; it is not counted. To be called under the lock."""
        for plan in self.active:
            if plan.kind != STUB and plan.aimed_at(asked) and plan.due(ids, ahead=1):
                return plan.kind == "refuse"
        return False

    # --- at another time ---------------------------------------------------------------------------

    def keep(self) -> KeptFaults:
        """This moment, to be brought back in the same process: the plans stay the objects that tests hold."""
        return [(plan, plan.seen, plan.met) for plan in self.active], list(self.missed)

    def bring_back(self, kept: KeptFaults) -> None:
        with self._lock:
            counted, missed = kept
            if any(plan.plans is not self for plan, _, _ in counted):  # kept in a twin of this world
                counted = [(plan.of(self), seen, met) for plan, seen, met in counted]
            self.active, self.missed = [plan for plan, _, _ in counted], list(missed)
            for plan, seen, met in counted:
                plan.seen, plan.met = seen, met
            self.changes += 1

    @property
    def revision(self) -> int:
        return self.changes

    # --- in a dump ---------------------------------------------------------------------------------

    def dump(self) -> list[dict[str, Any]]:
        return [plan.as_dict() for plan in self.active]

    def load(self, documents: Any) -> None:
        """What `dump` gave, in place of all that was planned. Raises MockUsageError."""
        if not isinstance(documents, list) or not all(isinstance(document, dict) for document in documents):
            raise MockUsageError("must be a list of objects")
        fresh = []
        for document in documents:
            counts = {name: document.get(name, 0) for name in ("number", "seen", "met")}
            if not all(type(count) is int and count >= 0 for count in counts.values()):
                raise MockUsageError("number, seen and met must be counts")
            spec = {name: value for name, value in document.items() if name not in counts}
            plan = PlannedFault(self, counts["number"], check(spec, self.catalog), None)
            plan.seen, plan.met = counts["seen"], counts["met"]
            fresh.append(plan)
        with self._lock:
            self.active, self.missed = fresh, []
            self.changes += 1


# --- the doors -------------------------------------------------------------------------------------
