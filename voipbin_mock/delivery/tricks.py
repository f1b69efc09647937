"""Tricks on deliveries: what networks do to them, as planned by a test. They are kept with the world's state."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.world.part import Attached, Part, Unmet, planned_at
from voipbin_mock.world.world import World

DROP, DUPLICATE, DELAY, REORDER = "drop", "duplicate", "delay", "reorder"
KINDS = (DROP, DUPLICATE, DELAY, REORDER)
JSON = "application/json"
LONGEST_DELAY = 31_536_000  # seconds
MOST_TRICKS = 1000
MOST_HELD = 1000  # deliveries that one reorder waits for
MOST_HELD_BYTES = 32 * 1024 * 1024  # of their bodies; then it waits for no more


class Parcel(NamedTuple):
    """What is to be delivered, as plain values: it travels through timers."""

    type: str
    customer_id: str
    url: str
    method: str
    body: str
    attempt: int = 1
    content_type: str = JSON
    code: int = 0  # the HTTP code of the answer, if that is known already


class Step(NamedTuple):
    """A parcel on its way through the tricks."""

    parcel: Parcel
    milliseconds: int = 0  # how much later it is to be delivered
    met: tuple[str, ...] = ()  # kinds of tricks: of each kind, one is played on it at most


class Played(NamedTuple):
    """What tricks made of a delivery."""

    steps: list[Step]  # to be delivered, in order
    dropped: list[Parcel]


class Trick(NamedTuple):
    """Something done to deliveries on purpose. It never changes: what is played on puts another in its place."""

    kind: str
    left: int
    types: str  # a glob over event types
    milliseconds: int = 0
    times: int = 0  # planned at first
    where: tuple[str, int] | None = None
    held: tuple[Step, ...] = ()  # of a reorder: what waits for its companions

    def takes(self, step: Step) -> bool:
        return self.left > 0 and self.kind not in step.met and fnmatchcase(step.parcel.type, self.types)

    def explain(self) -> str:
        """What it waits for."""
        of = "" if self.types == "*" else f" of {self.types}"
        if self.held:
            came = len(self.held)
            return f"webhooks.reorder({self.times}){of}: holds {came} of {self.times}; flush() delivers what it holds"
        return f"webhooks.{self.kind}({self.times}){of}: no such delivery came"

    def as_dict(self) -> dict[str, Any]:
        """What is left of it: `{"kind": "drop", "left": 1, "types": "*"}`; seconds of a delay, what a reorder holds."""
        told: dict[str, Any] = {"kind": self.kind, "left": self.left, "types": self.types}
        if self.kind == DELAY:
            told["seconds"] = self.milliseconds / 1000
        return {**told, "held": len(self.held)} if self.kind == REORDER else told

    @property
    def unmet(self) -> bool:
        return bool(self.held) or self.left == self.times > 0


class Tricks(Part):
    """The tricks of one world, in the order they were planned, and whether deliveries are signed."""

    name, rank = "tricks", 60

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.planned: tuple[Trick, ...] = ()
        self.signed = True
        self._changes = 0

    def plan(self, kind: str, times: int, types: str, milliseconds: int = 0) -> None:
        """Raises MockUsageError."""
        if type(times) is not int or times < 1:
            raise MockUsageError(f"{kind}: times must be a number, at least 1, not {times!r}")
        if not isinstance(types, str):
            raise MockUsageError(f"{kind}: types is an event type or a glob such as campaigncall_*, not {types!r}")
        if kind == REORDER and times > MOST_HELD:
            raise MockUsageError(f"reorder: count must be at most {MOST_HELD}, not {times}")
        if len(self.planned) >= MOST_TRICKS:
            raise MockUsageError(f"{MOST_TRICKS} tricks are planned already; clear() forgets them")
        self._set((*self.planned, Trick(kind, times, types, milliseconds, times, planned_at())))

    def sign(self, signed: bool) -> None:
        self.signed = signed
        self._changes += 1

    def clear(self) -> None:
        self._set(())

    def play(self, parcel: Parcel) -> Played:
        """Let a delivery pass all of them. Of each kind the first that takes it is played, in the order planned."""
        played = Played([Step(parcel)], [])
        planned = list(self.planned)
        for position in range(len(planned)):
            passed: list[Step] = []
            for step in played.steps:
                trick = planned[position]
                if trick.takes(step):
                    planned[position], steps = _played_on(trick, step, played.dropped)
                    passed += steps
                else:
                    passed.append(step)
            played.steps[:] = passed
        self._set(tuple(trick for trick in planned if trick.left or trick.held))
        return played

    def release(self) -> list[Parcel]:
        """What waits for companions, the last one first; it waits no longer."""
        held = [step.parcel for trick in self.planned for step in trick.held[::-1]]
        self._set(tuple(trick for trick in self.planned if not trick.held))
        return held

    @property
    def waiting(self) -> int:
        return sum(len(trick.held) for trick in self.planned)

    def _set(self, planned: tuple[Trick, ...]) -> None:
        if planned != self.planned:
            self.planned = planned
            self._changes += 1

    # --- what was planned in vain ------------------------------------------------------------------

    def unmet(self) -> list[Unmet]:
        return [Unmet(trick.where, trick.explain()) for trick in self.planned if trick.unmet]

    def forget_planned(self) -> None:
        self.clear()

    # --- at another time -----------------------------------------------------------------------------

    def keep(self) -> tuple[tuple[Trick, ...], bool]:
        return self.planned, self.signed

    def bring_back(self, kept: tuple[tuple[Trick, ...], bool]) -> None:
        self.planned, self.signed = kept
        self._changes += 1

    @property
    def revision(self) -> int:
        return self._changes

    def dump(self) -> dict[str, Any] | None:
        if not self.planned and self.signed:
            return None
        return {"signed": self.signed, "planned": [_shown(trick) for trick in self.planned]}

    def load(self, document: Any) -> None:
        """What `dump` gave. Raises ValueError."""
        if not isinstance(document, Mapping) or not isinstance(document.get("planned"), list):
            raise ValueError('/planned: must be an array, and "signed" true or false')
        if type(document.get("signed", True)) is not bool:
            raise ValueError("/signed: must be true or false")
        planned = tuple(_read(shown, f"/planned/{n}") for n, shown in enumerate(document["planned"]))
        self.planned, self.signed = planned, document.get("signed", True)
        self._changes += 1


class HasTricks(Attached):
    """What plays tricks on the deliveries of a world."""

    @property
    def _tricks(self) -> Tricks:
        return self._world.part(Tricks)

    def drop(self, times: int = 1, *, types: str = "*") -> None:
        """Let the next deliveries get lost, all their attempts. types: an event type or a glob of them."""
        self._play(DROP, times, types)

    def duplicate(self, times: int = 1, *, types: str = "*") -> None:
        """Deliver the next ones twice. With `delay(5, 1)` planned after it, the first of the two comes late."""
        self._play(DUPLICATE, times, types)

    def delay(self, seconds: float, times: int = 1, *, types: str = "*") -> None:
        """Deliver the next ones so many virtual seconds later."""
        if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not 0 <= seconds <= LONGEST_DELAY:
            raise MockUsageError(f"delay: seconds must be a number from 0 to {LONGEST_DELAY}, not {seconds!r}")
        self._play(DELAY, times, types, milliseconds=round(seconds * 1000))

    def reorder(self, count: int = 2, *, types: str = "*") -> None:
        """Hold the next `count` deliveries back until all are there, then deliver the last one first."""
        if type(count) is not int or count < 2:
            raise MockUsageError(f"reorder: count must be a number, at least 2, not {count!r}")
        self._play(REORDER, count, types)

    def _play(self, kind: str, times: int, types: str, milliseconds: int = 0) -> None:
        with self._world.changing():
            self._tricks.plan(kind, times, types, milliseconds)

    @property
    def signed(self) -> bool:
        """Whether deliveries are signed; may be set to False."""
        tricks = self._world.has(Tricks)
        return tricks is None or tricks.signed

    @signed.setter
    def signed(self, signed: bool) -> None:
        with self._world.changing():
            self._tricks.sign(bool(signed))


def _played_on(trick: Trick, step: Step, dropped: list[Parcel]) -> tuple[Trick, list[Step]]:
    """What becomes of the trick and of the delivery."""
    met = step._replace(met=(*step.met, trick.kind))
    trick = trick._replace(left=trick.left - 1)
    if trick.kind == DROP:
        dropped.append(step.parcel)
        return trick, []
    if trick.kind == DELAY:
        return trick, [met._replace(milliseconds=step.milliseconds + trick.milliseconds)]
    if trick.kind == DUPLICATE:
        return trick, [met, met]
    held = (*trick.held, met)
    if trick.left and sum(len(one.parcel.body) for one in held) <= MOST_HELD_BYTES:
        return trick._replace(held=held), []
    return trick._replace(left=0, held=()), list(held[::-1])


def _shown(trick: Trick) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "kind": trick.kind, "left": trick.left, "times": trick.times, "types": trick.types,
    }  # fmt: skip
    if trick.kind == DELAY:
        shown["milliseconds"] = trick.milliseconds
    if trick.held:
        shown["held"] = [
            {**step.parcel._asdict(), "milliseconds": step.milliseconds, "met": list(step.met)} for step in trick.held
        ]
    return shown


def _read(shown: Any, pointer: str) -> Trick:
    if not isinstance(shown, Mapping) or shown.get("kind") not in KINDS:
        raise ValueError(f"{pointer}/kind: must be one of {', '.join(KINDS)}")
    counts = {name: shown.get(name, 0) for name in ("left", "times", "milliseconds")}
    for name, count in counts.items():
        if type(count) is not int or not 0 <= count <= LONGEST_DELAY * 1000:
            raise ValueError(f"{pointer}/{name}: must be a count")
    types, held = shown.get("types", "*"), shown.get("held", [])
    if not isinstance(types, str) or not isinstance(held, list):
        raise ValueError(f"{pointer}: types must be a text, and held an array")
    steps = tuple(_read_step(one, f"{pointer}/held/{n}") for n, one in enumerate(held))
    return Trick(shown["kind"], counts["left"], types, counts["milliseconds"], counts["times"], None, steps)


def _read_step(shown: Any, pointer: str) -> Step:
    names = ("type", "customer_id", "url", "method", "body")
    if not isinstance(shown, Mapping) or not all(isinstance(shown.get(name), str) for name in names):
        raise ValueError(f"{pointer}: must be an object with the texts {', '.join(names)}")
    attempt, milliseconds, met = shown.get("attempt", 1), shown.get("milliseconds", 0), shown.get("met", [])
    if not all(type(n) is int and 0 <= n <= LONGEST_DELAY * 1000 for n in (attempt, milliseconds)):
        raise ValueError(f"{pointer}: attempt and milliseconds must be counts")
    if not isinstance(met, list) or not all(kind in KINDS for kind in met):
        raise ValueError(f"{pointer}/met: must be an array of {', '.join(KINDS)}")
    kind, code = shown.get("content_type", JSON), shown.get("code", 0)
    if not isinstance(kind, str) or type(code) is not int:
        raise ValueError(f"{pointer}: content_type must be a text, and code an HTTP code")
    parcel = Parcel(**{name: shown[name] for name in names}, attempt=attempt, content_type=kind, code=code)
    return Step(parcel, milliseconds, tuple(met))
