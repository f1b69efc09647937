"""`voipbin-mock ctl call`: calls that run flows."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import quote

from voipbin_mock.command.ctl_calls import (
    USAGE_ERROR,
    Call,
    Failed,
    Subcommands,
    given,
    read_json,
)

_WITH_VALUE = {"press": "press:1", "say": "say:hello", "wait": "wait:3s"}
_ACTIONS = "list, in, show, svg, hears, reaches, next, press, say, hangup, answer, refuse"
_STEPS = 'press:1, say:hello, wait:3s, hangup, hangup:busy, or JSON: {"press": "1"}'


def add_call(parts: Subcommands) -> None:
    actions = parts.group("call", f"calls that run flows: {_ACTIONS}")
    newest = "the newest calls that run or ran a flow, and those that go on"
    actions.add("list", newest, lambda _: Call("GET", "/calls"))
    into = actions.add("in", "somebody calls", _call_in)
    into.add_argument("to", help="a number of the account, or the id of a flow, queue or conference")
    into.add_argument("steps", nargs="*", metavar="STEP", help=_STEPS)
    into.add_argument("--from", dest="source", default="+15550100001", metavar="NUMBER", help="who (+15550100001)")
    _shown(actions)
    _wound(actions)
    _acted(actions)


def _shown(actions: Subcommands) -> None:
    for name, what in (("show", "its path, its trace, what was heard"), ("svg", "the call as a picture")):
        parser = actions.add(name, what, lambda a: Call("GET", _call_path(a) + ("/svg" if a.what == "svg" else "")))
        parser.add_argument("id", help="of the call")
        parser.set_defaults(what=name)


def _wound(actions: Subcommands) -> None:
    for name, what in (("hears", "wind the clock on until this is spoken"), ("reaches", "... until an action begins")):
        parser = actions.add(name, what, _call_until)
        parser.add_argument("id", help="of the call")
        shown, of = ("PATTERN", "what is spoken, or a part of it") if name == "hears" else ("TYPE", "of the action")
        parser.add_argument("value", metavar=shown, help=of)
        parser.add_argument("--within", metavar="DURATION", help="of virtual time (1h)")
        parser.set_defaults(what=name)
    what = "wind the clock to the next thing in the call"
    step = actions.add("next", what, lambda a: Call("POST", _call_path(a) + "/next"))
    step.add_argument("id", help="of the call")


def _acted(actions: Subcommands) -> None:
    for name, what, value in (
        ("press", "press keys now", "KEYS"),
        ("say", "speak now", "WORDS"),
        ("hangup", "hang up now", ""),
        ("answer", "whoever is called answers now", ""),
        ("refuse", "whoever is called turns it down now", "HOW"),
    ):
        parser = actions.add(name, what, _call_does)
        parser.add_argument("id", help="of the call")
        if name == "refuse":
            parser.add_argument("value", metavar=value, nargs="?", default=True, help="rejected (default), busy, ...")
        elif value:
            parser.add_argument("value", metavar=value, help="which")
        elif name == "hangup":
            parser.add_argument("--reason", help="normal, busy or noanswer, if nobody has answered yet")
        parser.set_defaults(what=name)


def _call_path(arguments: argparse.Namespace) -> str:
    return f"/calls/{quote(arguments.id, safe='')}"


def _call_in(arguments: argparse.Namespace) -> Call:
    steps = [_step(text) for text in arguments.steps]
    return Call("POST", "/calls", {"from": arguments.source, "to": arguments.to, "steps": steps})


def _step(text: str) -> Any:
    if text.startswith("{"):
        return read_json(text, "STEP")
    kind, _, value = text.partition(":")
    if not value and kind in _WITH_VALUE:
        raise Failed(f"{kind}: say what, as {_WITH_VALUE[kind]}", USAGE_ERROR)
    if kind == "hangup" and value:
        return {kind: True, "reason": value}
    return {kind: value or True}


def _call_does(arguments: argparse.Namespace) -> Call:
    act = {arguments.what: getattr(arguments, "value", True)}
    if getattr(arguments, "reason", None):
        act["reason"] = arguments.reason
    return Call("POST", _call_path(arguments), act)


def _call_until(arguments: argparse.Namespace) -> Call:
    body = {arguments.what: arguments.value, **given(arguments, "within")}
    return Call("POST", f"{_call_path(arguments)}/until", body)
