"""A call as a test sees it: what its flow did, what was heard, what the far end does next."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from voipbin_mock.areas.calls import far_end, scripts, upcoming, voice
from voipbin_mock.areas.calls.far_end import Step
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.flows import engine
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS
from voipbin_mock.areas.flows.runs import trace_of
from voipbin_mock.wire.durations import Duration, meant
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.stamps import rfc3339_stamp_full, to_datetime
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records
    from voipbin_mock.areas.calls.records import Call

MOST_ROWS = 30  # of a trace in a report
MOST_CALLS = 10  # in a report
_MICROSECONDS = 1000  # of a millisecond


@dataclass(frozen=True)
class TraceRow:
    """One action of a call's flow: when it came (milliseconds since the call began), and what came of it.

    option is as it was after substitution; came says why this action came next, why what led to its outcome. made:
    by the service, not by the flow (the bridge of a connect, the steps of a queue).
    """

    at: int
    stack: str
    id: str
    type: str
    option: Mapping[str, Any]
    came: str
    outcome: str
    why: str
    made: bool

    @property
    def skipped(self) -> bool:
        return self.outcome == "skipped"

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @property
    def time(self) -> str:
        return shown_time(self.at)


def shown_time(milliseconds: int) -> str:
    """`1:02.5`."""
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes}:{rest // 1000:02}.{rest % 1000 // 100}"


class Heard(list[str]):
    """What was spoken that is like a pattern; empty (and false) if nothing is, and then it tells what was."""

    def __init__(self, found: Iterable[str], pattern: str = "", spoken: Sequence[str] = (), more: str = "") -> None:
        super().__init__(found)
        self._pattern, self._spoken, self._more = pattern, spoken, more

    def __repr__(self) -> str:
        return (
            super().__repr__()
            if self or not self._pattern
            else f"<{upcoming.unheard(self._pattern, self._spoken, self._more)}>"
        )


class LiveCall:
    """One call, going on or over. Whatever it tells is told of this moment."""

    def __init__(self, world: World, call_id: str) -> None:
        self._world = world
        self.id = call_id
        if world.table(CALLS).get(call_id) is None:
            raise LookupError(f"there is no call {call_id}")

    # --- what the far end does ---------------------------------------------------------------------

    def press(self, keys: str) -> LiveCall:
        """Press keys now. Raises MockUsageError if the call is over."""
        far_end.checked_keys(keys)
        return self._does("press", lambda: voice.press(self._world, self.id, keys))

    def say(self, words: str) -> LiveCall:
        """Speak now."""
        return self._does("say", lambda: voice.says(self._world, self.id, words))

    def hang_up(self, reason: str = far_end.NORMAL) -> LiveCall:
        """Hang up now. reason: of a call that is not answered yet, `normal`, `busy` or `noanswer`."""
        far_end.checked_reason(reason)
        if reason != far_end.NORMAL and (why := voice.too_late(self._row)):
            raise MockUsageError(f"reason={reason!r}: {why}")
        return self._does("hang up", lambda: voice.hangs_up(self._world, self.id, reason))

    # --- winding the clock on ------------------------------------------------------------------------

    def hears(self, pattern: str, within: Duration = "1h") -> LiveCall:
        """Wind the clock on to the moment at which something like this begins to be spoken to the far end.

        It may have been spoken before: what an earlier `hears` of the call found is past, so a second one waits for
        the next time. within: of virtual time. Raises AssertionError, with what was spoken, if the call ends first, or
        nothing is to come any more.
        """
        __tracebackhide__ = True
        if not isinstance(pattern, str) or not pattern:
            raise ValueError(f"hears({pattern!r}): say what is spoken, or a part of it")
        if not self._until(lambda row: upcoming.heard(self._world, row, pattern), within):
            found = len(self.heard(pattern))
            told = upcoming.not_heard(self.spoken, pattern, found, self._after(within))
            raise AssertionError(f"{told}\n{self.text(MOST_ROWS)}")
        return self

    def reaches(self, at: str | None = None, *, on: Any = None, within: Duration = "1h") -> LiveCall:
        """Wind the clock on to the moment at which the call's flow begins an action: of this type, or `on` this id.

        As with `hears`, what an earlier `reaches` found, and what came before it, is past.
        """
        __tracebackhide__ = True
        (step,) = scripts.checked(self._world, [upcoming.Reaches(0, at=at, on=on)])
        if not step.waits_for:
            raise ValueError('reaches(): say the type of an action, such as "digits_receive", or on=: its id')
        if not self._until(lambda row: upcoming.reached(self._world, row, step), within):
            came = [(row.type, row.id) for row in self.trace if not row.skipped]
            raise AssertionError(f"{upcoming.not_reached(came, step, self._after(within))}\n{self.text(MOST_ROWS)}")
        return self

    def _until(self, found: Callable[[Row], bool], within: Duration) -> bool:
        return upcoming.winds(self._world, lambda: self._row, found, meant(within, "within"))

    def _after(self, within: Duration) -> str:
        return self._so_far() + ("" if self.over else f", within {within} of virtual time")

    def answer(self) -> LiveCall:
        """Answer now a call that rings, whatever the phone was scripted to do; it stays until somebody hangs up.

        Raises MockUsageError if it is answered or over, or came in: that one its flow answers.
        """
        return self._decide(lambda: voice.answers(self._world, self.id))

    def refuse(self, how: str = "rejected") -> LiveCall:
        """Turn down now a call that rings: rejected, busy, noanswer, unreachable, canceled or cleared."""
        return self._decide(lambda: voice.refuses(self._world, self.id, how))

    def next_step(self, limit: timedelta = timedelta(hours=1)) -> LiveCall:
        """Wind the clock on to the next thing that happens in the call: an action, a key, words, its end.

        Raises MockUsageError if the call is over, and TimeoutError if nothing happens within the limit.
        """
        with self._world.looking():
            self._live("wind it on")
            before = self._moment()
        self._world.clock.run_until(lambda: self._moment() != before, limit=limit)
        self._world.stir()
        return self

    def _moment(self) -> tuple[object, ...]:
        """Something else whenever something has happened in the call."""
        with self._world.lock:
            data = self._row.data
            run = engine.of(self._world, data["activeflow_id"])
        heard = data["heard"] or ()
        return data["status"], len(heard), heard[-1:], 0 if run is None else run.count

    def _decide(self, act: Callable[[], None]) -> LiveCall:
        with self._world.changing():
            try:
                act()
            except ValueError as error:
                raise MockUsageError(f"call {self.id}: {error}") from None
        return self

    def does(self, *steps: Step) -> LiveCall:
        """Steps from now on, in place of those that are left."""
        several = scripts.checked(self._world, steps)
        with self._world.changing():
            self._live("do more")
            scripts.give(self._world, self.id, several)
        return self

    def _does(self, what: str, act: Any) -> LiveCall:
        with self._world.changing():
            self._live(what)
            act()
        return self

    def _live(self, what: str) -> None:
        if voice.live(self._world, self.id) is None:
            raise MockUsageError(f"nobody can {what}: call {self.id} is over ({self.ended})")

    # --- what became of it ---------------------------------------------------------------------------

    @property
    def _row(self) -> Row:
        with self._world.looking():
            row = self._world.table(CALLS).get(self.id)
        if row is None:
            raise LookupError(f"there is no call {self.id} any more")
        return row

    @property
    def _run(self) -> Mapping[str, Any]:
        row = self._row
        with self._world.lock:
            run = self._world.table(ACTIVEFLOWS).get(row.data["activeflow_id"])
            return {} if run is None else dict(run.data)

    @property
    def record(self) -> Call:
        """The call's record."""
        from voipbin_mock.api.records import Records

        calls: Records[Call] = Records(self._world, CALLS)
        return calls.get(self.id)

    @property
    def status(self) -> str:
        """dialing, ringing, progressing, canceling, terminating or hangup."""
        return str(self._row.data["status"])

    @property
    def over(self) -> bool:
        return self.status == "hangup"

    @property
    def hangup_reason(self) -> str:
        return str(self._row.data["hangup_reason"])

    @property
    def hangup_by(self) -> str:
        """remote: the far end; local: the service."""
        return str(self._row.data["hangup_by"])

    @property
    def ended(self) -> str:
        """Why it is over, in words; empty while it goes on."""
        row = self._row
        if row.data["status"] != "hangup":
            return ""
        by = "the far end" if row.data["hangup_by"] == "remote" else "the service"
        why = self._run.get("ended_by", "")
        return f"hung up by {by}: {row.data['hangup_reason']}" + (f"; {why}" if why and "hung up by" not in why else "")

    @property
    def providers(self) -> list[str]:
        """The ids of the providers that its routes led to, the first of which took it; none without routes."""
        return list(self._row.data["provider_ids"])

    @property
    def began(self) -> datetime:
        return to_datetime(self._row.data["tm_create"])

    @property
    def lasted(self) -> timedelta:
        """From its beginning to its end, or until now."""
        row = self._row
        end = row.data["tm_hangup"]
        if end is None:
            end = self._world.clock.microseconds()
        return timedelta(milliseconds=round((end - row.data["tm_create"]) / _MICROSECONDS))

    @property
    def path(self) -> list[str]:
        """The types of the flow's actions that were done, in order: without those skipped or made by the service."""
        return [row.type for row in self.trace if not row.skipped and not row.made]

    @property
    def trace(self) -> list[TraceRow]:
        """Every action of its flow, also those skipped and those that the service made."""
        began = self._row.data["tm_create"]
        return [
            TraceRow(max(0, round((entry[0] - began) / _MICROSECONDS)), *entry[1:9])
            for entry in (trace_of(self._run) if self._run else ())
        ]

    @property
    def present(self) -> dict[str, Any]:
        """The action that lasts now, `{"id": ..., "type": ...}`; empty if there is none."""
        action = {} if self.over else self._run.get("present") or {}
        return {name: action[name] for name in ("id", "type") if action.get("type")}

    @property
    def variables(self) -> dict[str, str]:
        """The variables of its flow."""
        return dict(self._run.get("variables") or {})

    @property
    def spoken(self) -> list[str]:
        """What the service said to the far end, in order."""
        return [text for _, way, text in self._row.data["heard"] or () if way == "out"]

    @property
    def said(self) -> list[str]:
        """What the far end said."""
        return [text for _, way, text in self._row.data["heard"] or () if way == "in"]

    @property
    def pressed(self) -> str:
        """The keys that the far end pressed."""
        return "".join(text for _, way, text in self._row.data["heard"] or () if way == "key")

    def heard(self, pattern: str = "*") -> Heard:
        """What was spoken to the far end that is like this: part of it, or all of it by `*`."""
        spoken = self.spoken
        return Heard([text for text in spoken if far_end.like(text, pattern)], pattern, spoken, self._so_far())

    @property
    def legs(self) -> list[LiveCall]:
        """The calls that hang on this one."""
        return [LiveCall(self._world, each) for each in self._row.data["chained_call_ids"] or ()]

    @property
    def queuecalls(self) -> list[Any]:
        """The records of its waiting in queues."""
        return self._members("queuecalls")

    @property
    def conferencecalls(self) -> list[Any]:
        """The records of its being in conferences."""
        return self._members("conferencecalls")

    def _members(self, name: str) -> list[Any]:
        from voipbin_mock.api.records import Records

        try:
            resource = self._world.blueprint.resource(name)
        except KeyError:
            return []
        records: Records[Any] = Records(self._world, resource)
        return [one for one in reversed(records.list()) if one["reference_id"] == self.id]

    @property
    def steps_left(self) -> list[str]:
        """What the far end was to do and did not, each with what it waits for."""
        row = self._row
        several = [far_end.read_step(step) for step in scripts.left(row)]
        begun = [(row.data["keyed"], row.data["met"]), *((0, 0) for _ in several)]
        return [scripts.said(self._world, step, row, *how) for step, how in zip(several, begun, strict=False)]

    # --- assertions ----------------------------------------------------------------------------------

    def assert_heard(self, pattern: str) -> None:
        """Raises AssertionError, with what was spoken, unless something like this was spoken to the far end."""
        __tracebackhide__ = True
        if not self.heard(pattern):
            raise AssertionError(f"{upcoming.unheard(pattern, self.spoken, self._so_far())}\n{self.text(MOST_ROWS)}")

    def assert_never_heard(self, pattern: str) -> None:
        """Raises AssertionError if something like this was spoken to the far end."""
        __tracebackhide__ = True
        found = self.heard(pattern)
        if found:
            raise AssertionError(f"heard {found[0]!r}, which is like {pattern!r}\n{self.text(MOST_ROWS)}")

    def assert_path(self, *types: str) -> None:
        """Raises AssertionError, with where it parted, unless the flow's actions were these, by type."""
        __tracebackhide__ = True
        wanted = list(types[0]) if len(types) == 1 and not isinstance(types[0], str) else list(types)
        path = self.path
        if path == wanted:
            return
        same = next(
            (n for n, (a, b) in enumerate(zip(path, wanted, strict=False)) if a != b), min(len(path), len(wanted))
        )
        met = path[same] if same < len(path) else "nothing more"
        expected = wanted[same] if same < len(wanted) else "nothing more"
        trace = [row for row in self.trace if not row.skipped and not row.made]
        why = f" ({trace[same].came})" if same < len(trace) and trace[same].came else ""
        raise AssertionError(
            f"step {same + 1} of the path: expected {expected}, came {met}{why}\n"
            f"  expected: {', '.join(wanted)}\n  was: {', '.join(path)}\n{self.text(MOST_ROWS)}"
        )

    def assert_ended(self, reason: str | None = None, by: str | None = None) -> None:
        """Raises AssertionError unless it is over, for this reason, hung up by `remote` or `local`."""
        __tracebackhide__ = True
        row = self._row
        if row.data["status"] != "hangup":
            raise AssertionError(f"the call goes on{self._so_far()}\n{self.text(MOST_ROWS)}")
        for name, wanted in (("hangup_reason", reason), ("hangup_by", by)):
            if wanted is not None and row.data[name] != wanted:
                raise AssertionError(f"{name} is {row.data[name]!r}, not {wanted!r}\n{self.text(MOST_ROWS)}")

    def _so_far(self) -> str:
        if self.over:
            return f": the call ended after {shown_time(round(self.lasted / timedelta(milliseconds=1)))}"
        run = self._run
        present = (run.get("present") or {}).get("type", "")
        left = f", and {self.steps_left[0]}" if self.steps_left else ""
        return f": the call is in {present or 'no action'}{left}"

    # --- as text, data and picture ---------------------------------------------------------------------

    def text(self, rows: int | None = None) -> str:
        """The call as a table: when, which action, what came of it and why."""
        return "\n".join(self._lines(rows))

    def _lines(self, rows: int | None) -> Iterator[str]:
        data = self._row.data
        who = f"{data['source']['target'] or '?'} -> {data['destination']['target'] or '?'}"
        yield f"call {self.id[:8]} {data['direction']} {who}: {self.ended or data['status']}"
        folded = _folded(self.trace)
        if rows is not None and len(folded) > rows:
            yield f"  ... {len(folded) - rows} rows before"
            folded = folded[-rows:]
        for row, times in folded:
            option = _brief(row.option)
            result = " ".join(filter(None, [row.outcome, f"({row.why})" if row.why else ""]))
            often = f" x {times}" if times > 1 else ""
            mark = "+" if row.made else " "
            yield f"  {row.time:>7} {mark}{row.type:<22}{option:<40.40} {result}{often}".rstrip()
        for left in self.steps_left[:3]:
            yield f"  {'':>7}  not done: {left}"

    def __str__(self) -> str:
        return self.text()

    def as_dict(self) -> dict[str, Any]:
        """The call as JSON values: record, path, trace, what was heard, variables, what is left to be done."""
        row = self._row
        with self._world.lock:
            record = json.loads(self._world.text(CALLS, row))
        heard = [
            {"at": max(0, round((at - row.data["tm_create"]) / _MICROSECONDS)), "way": way, "text": text}
            for at, way, text in row.data["heard"] or ()
        ]
        return {
            "id": self.id,
            "call": record,
            "status": self.status,
            "ended": self.ended,
            "present": self.present,
            "path": self.path,
            "trace": [each.as_dict() for each in self.trace],
            "heard": heard,
            "variables": self.variables,
            "legs": [leg.id for leg in self.legs],
            "steps_left": scripts.left(row),
        }

    def brief(self) -> dict[str, Any]:
        """What a list of calls has of it."""
        data = self._row.data
        return {
            "id": self.id,
            "direction": data["direction"],
            "from": data["source"]["target"],
            "to": data["destination"]["target"],
            "began": rfc3339_stamp_full(data["tm_create"]),
            "status": self.status,
            "ended": self.ended,
            "flow_id": data["flow_id"],
            "present": self.present,
            "path": self.path,
        }

    def svg(self) -> str:
        """A picture: the call's actions and legs on an axis of time."""
        from voipbin_mock.areas.calls.picture import drawn

        return drawn(self)

    def __repr__(self) -> str:
        data = self._row.data
        return f"<call {self.id} {data['source']['target']} -> {data['destination']['target']}: {data['status']}>"


def _brief(option: Mapping[str, Any]) -> str:
    if "text" in option and isinstance(option["text"], str):
        return json.dumps(option["text"], ensure_ascii=False)
    return ", ".join(f"{name}={value}" for name, value in option.items() if value not in (None, "", [], {}))


def _folded(trace: Sequence[TraceRow]) -> list[tuple[TraceRow, int]]:
    """Rows that say the same one after the other are one."""
    found: list[tuple[TraceRow, int]] = []
    for row in trace:
        if found and _same(found[-1][0], row):
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((row, 1))
    return found


def _same(first: TraceRow, second: TraceRow) -> bool:
    return (first.id, first.outcome, first.why) == (second.id, second.outcome, second.why)
