"""An AI call as a test sees it: what was said, by whom, and which tools the model called."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voipbin_mock.areas.ais import writing
from voipbin_mock.areas.ais.resources import AICALLS, AIS
from voipbin_mock.areas.ais.writing import ASSISTANT, NOTIFICATION, SYSTEM, TOOL, USER
from voipbin_mock.areas.calls.far_end import like
from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from voipbin_mock.areas.ais.records import Aicall

_MICROSECONDS = 1000  # of a millisecond


@dataclass(frozen=True)
class Line:
    """One line of a transcript: milliseconds since the AI call began, whose words, and the words.

    ai: the name of the AI whose turn it was. tool: that was called, with `arguments`; result: what it gave back.
    """

    at: int
    role: str
    text: str
    ai: str
    tool: str = ""
    arguments: Mapping[str, Any] | None = None
    result: Mapping[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def __str__(self) -> str:
        told = self.text.replace("\n", " ")
        if self.tool:
            told = f"{self.tool}({json.dumps(dict(self.arguments or {}), ensure_ascii=False)})"
        elif self.role == TOOL and self.result is not None:
            told = f"-> {self.result.get('result', '')}: {self.result.get('message', '')}"
        return f"{self.at / 1000:8.1f}  {self.role:<12} {told}".rstrip()


class LiveAicall:
    """One AI call, going on or over. Whatever it tells is told of this moment."""

    def __init__(self, world: World, aicall_id: str) -> None:
        self._world, self.id = world, aicall_id
        if world.table(AICALLS).get(aicall_id) is None:
            raise LookupError(f"there is no AI call {aicall_id}")

    @property
    def _row(self) -> Row:
        with self._world.looking():
            row = self._world.table(AICALLS).get(self.id)
        if row is None:
            raise LookupError(f"there is no AI call {self.id} any more")
        return row

    @property
    def record(self) -> Aicall:
        """The AI call's record."""
        from voipbin_mock.api.records import Records

        aicalls: Records[Aicall] = Records(self._world, AICALLS)
        return aicalls.get(self.id)

    @property
    def status(self) -> str:
        """initiating, progressing or terminated."""
        return str(self._row.data["status"])

    @property
    def over(self) -> bool:
        return self.status == "terminated"

    @property
    def ai(self) -> str:
        """The name of the AI whose turn it is."""
        return _name(self._world, self._row.data["active_ai_id"])

    @property
    def transcript(self) -> list[Line]:
        """All of it, the oldest first; also what the model was told at the beginning, as `system`."""
        began = self._row.data["tm_create"]
        with self._world.lock:
            return [_line(self._world, row, began) for row in writing.of_aicall(self._world, self.id)]

    @property
    def said(self) -> list[str]:
        """What the model said."""
        return [line.text for line in self.transcript if line.role == ASSISTANT and not line.tool]

    @property
    def heard(self) -> list[str]:
        """What was said to it."""
        return [line.text for line in self.transcript if line.role == USER]

    @property
    def told(self) -> list[str]:
        """What it was told at the beginning: what the service tells all, its prompt, its parameter as JSON."""
        return [line.text for line in self.transcript if line.role == SYSTEM]

    @property
    def tools(self) -> list[tuple[str, dict[str, Any]]]:
        """The tools that it called, with their arguments."""
        return [(line.tool, dict(line.arguments or {})) for line in self.transcript if line.tool]

    # --- assertions ------------------------------------------------------------------------------------

    def assert_said(self, pattern: str) -> None:
        """Raises AssertionError, with the transcript, unless the model said something like this."""
        __tracebackhide__ = True
        if not any(like(text, pattern) for text in self.said):
            raise AssertionError(f"the model never said anything like {pattern!r}\n{self.text()}")

    def assert_called(self, tool: str, **arguments: Any) -> None:
        """Raises AssertionError, with the transcript, unless the model called this tool, with these among others."""
        __tracebackhide__ = True
        for name, given in self.tools:
            if name == tool and all(key in given and given[key] == value for key, value in arguments.items()):
                return
        wanted = f"{tool}({json.dumps(arguments, ensure_ascii=False)})" if arguments else tool
        raise AssertionError(f"the model never called {wanted}\n{self.text()}")

    # --- as text and data --------------------------------------------------------------------------------

    def text(self) -> str:
        """The transcript as a table: seconds, who, what."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        data = self._row.data
        about = f" on {data['reference_type']} {data['reference_id'][:8]}" if data["reference_type"] else ""
        yield f"AI call {self.id[:8]} of {self.ai or 'nobody'}{about}: {data['status']}"
        for line in self.transcript:
            if line.role != SYSTEM:
                yield str(line)

    def __str__(self) -> str:
        return self.text()

    def brief(self) -> dict[str, Any]:
        """What a list of AI calls has of it."""
        data = self._row.data
        names = ("status", "assistance_type", "assistance_id", "reference_type", "reference_id", "activeflow_id")
        told = {name: data[name] for name in names}
        return {"id": self.id, "ai": self.ai, "began": rfc3339_stamp_full(data["tm_create"]), **told}

    def as_dict(self) -> dict[str, Any]:
        """The AI call as JSON values: record and transcript."""
        row = self._row
        with self._world.lock:
            record = json.loads(self._world.text(AICALLS, row))
        return {**self.brief(), "aicall": record, "transcript": [line.as_dict() for line in self.transcript]}

    def __repr__(self) -> str:
        return f"<AI call {self.id} of {self.ai}: {self.status}>"


def _name(world: World, ai_id: str) -> str:
    row = world.table(AIS).get(ai_id)
    return "" if row is None else str(row.data["name"])


def _line(world: World, row: Row, began: int) -> Line:
    data = row.data
    at = max(0, round((row.created - began) / _MICROSECONDS))
    role, text, ai = data["role"], data["content"], _name(world, data["active_ai_id"])
    if data["tool_calls"]:
        function = data["tool_calls"][0]["function"]
        return Line(at, role, text, ai, tool=function["name"], arguments=_json(function["arguments"]))
    if role in (TOOL, NOTIFICATION):
        return Line(at, role, text, ai, result=_json(text))
    return Line(at, role, text, ai)


def _json(text: str) -> Mapping[str, Any]:
    """An object that was written as text; empty for what is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
