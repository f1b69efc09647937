"""What a scripted model does at its turn: says something, calls a tool, hands over, keeps silent, or ends.

Times are milliseconds from the moment that it was spoken or written to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import scripting
from voipbin_mock.wire.durations import Duration, meant, written

USUAL = "1s"  # until a model answers
BETWEEN = 200  # milliseconds from one part of a message to the next
MOST_PARTS = 100
SUCCESS, FAILED = "success", "failed"
EXAMPLE = 'Say("Hello."), Call("send_message", {...}), Switch("transfer_to_billing"), Silence(), Hang()'


class Turn(scripting.Outcome):
    """One turn of a model. match: the words that it answers, if not any: part of them, or all of them by `*`."""

    after: int = 0
    match: str = ""

    def _members(self) -> dict[str, Any]:
        """Those that are its own, in JSON form."""
        return {}

    def _time(self) -> dict[str, Any]:
        return {} if self.after == meant(USUAL, "after") else {"after": written(self.after)}

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), **self._members(), **({"match": self.match} if self.match else {})}

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash(json.dumps(self.as_dict(), sort_keys=True))

    def __repr__(self) -> str:
        given = {name: value for name, value in self.as_dict().items() if name != "outcome"}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in given.items())})"


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name}: {value!r} is no text")
    return value


def _then(value: object) -> Say | None:
    if value is not None and not isinstance(value, Say):
        raise ValueError(f'then: {value!r} is no Say("...")')
    return value


class Say(Turn):
    """It says this. parts: in so many pieces, each told of as `aimessage_intermediate`, 200 ms apart."""

    kind = "say"

    def __init__(self, text: str, after: Duration = USUAL, parts: int = 1, *, match: str = "") -> None:
        self.text, self.after, self.match = _text(text, "text"), meant(after, "after"), _text(match, "match")
        if type(parts) is not int or not 1 <= parts <= MOST_PARTS:
            raise ValueError(f"parts: {parts!r} is no number of parts; give 1 to {MOST_PARTS}")
        self.parts = parts

    def _members(self) -> dict[str, Any]:
        return {"text": self.text, **self._time(), **({"parts": self.parts} if self.parts > 1 else {})}


class Call(Turn):
    """It calls a tool, which is done in the mock: `Call("set_variables", {"variables": {"seat": "12A"}})`.

    then: what it says of the result; without it, some tools have it say so anyway. result: `"failed"` for a tool that
    does nothing, and says so.
    """

    kind = "call"

    def __init__(
        self,
        tool: str,
        arguments: Mapping[str, Any] | None = None,
        then: Say | None = None,
        *,
        result: str = SUCCESS,
        after: Duration = USUAL,
        match: str = "",
    ) -> None:
        self.tool, self.after, self.match = _text(tool, "tool"), meant(after, "after"), _text(match, "match")
        if not tool:
            raise ValueError("tool: say which, such as send_message")
        if not isinstance(arguments or {}, Mapping):
            raise ValueError(f"arguments: {arguments!r} is no object")
        self.arguments: Mapping[str, Any] = dict(arguments or {})
        self.then = _then(then)
        if result not in (SUCCESS, FAILED):
            raise ValueError(f'result: {result!r} is neither "{SUCCESS}" nor "{FAILED}"')
        self.result = result

    def _members(self) -> dict[str, Any]:
        then = {} if self.then is None else {"then": self.then.as_dict()}
        failed = {} if self.result == SUCCESS else {"result": self.result}
        return {"tool": self.tool, "arguments": dict(self.arguments), **then, **failed, **self._time()}


class Switch(Turn):
    """It hands over to another member of its team, by the function of a transition."""

    kind = "switch"

    def __init__(
        self, function_name: str, then: Say | None = None, *, after: Duration = USUAL, match: str = ""
    ) -> None:
        self.function_name, self.then = _text(function_name, "function_name"), _then(then)
        self.after, self.match = meant(after, "after"), _text(match, "match")

    def _members(self) -> dict[str, Any]:
        then = {} if self.then is None else {"then": self.then.as_dict()}
        return {"function_name": self.function_name, **then, **self._time()}


class Silence(Turn):
    """It never answers."""

    kind = "silence"

    def __init__(self, *, match: str = "") -> None:
        self.match = _text(match, "match")


class Hang(Turn):
    """It ends the AI call, by the tool stop_service."""

    kind = "hang"

    def __init__(self, *, after: Duration = USUAL, match: str = "") -> None:
        self.after, self.match = meant(after, "after"), _text(match, "match")

    def _members(self) -> dict[str, Any]:
        return self._time()


TURNS: Mapping[str, type[Turn]] = {one.kind: one for one in (Say, Call, Switch, Silence, Hang)}
_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "say": ("text", "after", "parts", "match"),
    "call": ("tool", "arguments", "then", "result", "after", "match"),
    "switch": ("function_name", "then", "after", "match"),
    "silence": ("match",),
    "hang": ("after", "match"),
}


def read(value: Any) -> Any:
    """A turn from its JSON form; a text that is no name of one is what is said. Raises ValueError."""
    if isinstance(value, str) and value not in TURNS:
        return Say(value)
    return scripting.read_outcome(value, TURNS, _made, Silence.kind)


def _made(name: str, given: Mapping[str, Any]) -> Turn:
    scripting.only(name, given, _ALLOWED[name])
    members = dict(given)
    if members.get("then") is not None:
        members["then"] = read(members["then"])
    missing = {"say": "text", "call": "tool", "switch": "function_name"}.get(name)
    if missing and missing not in members:
        raise ValueError(f"{name} needs {missing!r}")
    return TURNS[name](**members)
