"""The scripts of models: what an AI does in each AI call, turn by turn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from voipbin_mock.api import scripting
from voipbin_mock.api.scripting import DEFAULT, Rule, Scripts
from voipbin_mock.areas.ais import turns
from voipbin_mock.areas.ais.turns import Call, Hang, Say, Silence, Switch, Turn
from voipbin_mock.areas.calls.far_end import like
from voipbin_mock.world.store import Row

FAILING_KEY = "sk-mock-fail"  # an engine key with which no model ever answers
# What a text that begins so has a model do that nobody scripted.
SILENCE, STOP, TOOL, SWITCH = "!silence", "!stop", "!tool", "!switch"


class Models(Scripts[Turn]):
    """What the models of one world do. A rule is the id or the name of an AI, a pattern, or `default`.

    A script is used up in each AI call anew. Turns with `match` come first, whenever they fit, and are not used up.
    """

    name, rank = "ais", 34
    called, pattern_is = "ais", "id or name of an AI, pattern or default"

    def plain(self, address: str) -> str:
        return address.strip()

    def wrong(self, rule: str) -> str:
        return "" if rule else "say which AI: its id, its name, a pattern such as Sales*, or default"

    def magic(self, address: str) -> Sequence[Turn] | None:
        return None

    def checked_outcome(self, outcome: object) -> Any:
        return scripting.check(outcome, Turn, turns.EXAMPLE)

    def read_outcome(self, value: Any) -> Any:
        return turns.read(value)

    def turn(self, ai: Row, aicall_id: str, text: str, first: bool) -> Turn:
        """What it does when it hears this. first: it speaks before anybody has said anything."""
        if ai.data["key"] == FAILING_KEY:
            return Silence()
        rule, script = self._script_of(ai)
        if rule == DEFAULT:
            found = asked_for(text)
            if found is not None:
                return found
        for turn in script:
            if not first and isinstance(turn, Turn) and turn.match and like(text, turn.match):
                return turn
        rest = [turn for turn in script if not getattr(turn, "match", "")]
        if rest:
            return self.use(rule, rest, aicall_id)
        return Say(f"Hello, this is {ai.data['name']}." if first else f"You said: {text}")

    def _script_of(self, ai: Row) -> tuple[str, Sequence[Turn]]:
        for address in (ai.id, self.plain(ai.data["name"])):
            rule, script = self.rule_for(address)
            if rule != DEFAULT:
                return rule, script
        return DEFAULT, self._rules.get(DEFAULT, ())


def asked_for(text: str) -> Turn | None:
    """The turn that a text asks for itself."""
    word, _, rest = text.strip().partition(" ")
    if word == SILENCE:
        return Silence()
    if word == STOP:
        return Hang()
    if word == SWITCH and rest:
        return Switch(rest.strip())
    if word == TOOL and rest:
        name, _, given = rest.strip().partition(" ")
        try:
            arguments = json.loads(given or "{}")
        except ValueError:
            arguments = None
        if isinstance(arguments, dict):
            return Call(name, arguments)
    return None


class AiRule(Rule):
    """What the models of one rule do: `voipbin.ai("Sales*").script(Say("Hello."), Hang())`."""

    scripts, noun = Models, "AI"
