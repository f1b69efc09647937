"""`voipbin-mock ctl ai`: what models say, and what was said to them."""

from __future__ import annotations

import argparse
from urllib.parse import quote

from voipbin_mock.command.ctl_calls import Call, Subcommands, query_of, read_json


def add_ai(parts: Subcommands) -> None:
    actions = parts.group("ai", "what models say and do: list, script, clear; AI calls: calls, show")
    actions.add("list", "the scripts", lambda _: Call("GET", "/ais"))
    actions.add("clear", "forget the scripts", lambda _: Call("DELETE", "/ais"))
    script = actions.add("script", "say what an AI does, turn by turn", _script)
    script.add_argument("ai", help="its id or name, a pattern such as Sales*, or default")
    script.add_argument("turns", nargs="+", metavar="TURN", help="what it says, silence, hang, or JSON")
    calls = actions.add("calls", "the newest AI calls", lambda a: Call("GET", f"/aicalls{query_of(a, 'limit')}"))
    calls.add_argument("--limit", type=int, help="how many (100)")
    show = actions.add("show", "one of them, with what was said", lambda a: Call("GET", f"/aicalls/{quote(a.id)}"))
    show.add_argument("id", help="of the AI call")


def _script(arguments: argparse.Namespace) -> Call:
    turns = [read_json(text, "TURN") if text.startswith("{") else text for text in arguments.turns]
    return Call("PUT", "/ais", {arguments.ai: turns})
