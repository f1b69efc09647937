"""The subcommands of `voipbin-mock ctl`, and the call of the control API that each makes."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

USAGE_ERROR = 2
_CHOICES = ("after", "limit", "brief")
_TRICKS = ("drop", "duplicate", "reorder", "delay")


class Failed(Exception):
    """One line for the user, and the exit code."""

    def __init__(self, said: str, code: int) -> None:
        super().__init__(said)
        self.code = code


class Call(NamedTuple):
    """One call of the control API."""

    method: str
    path: str  # below /__mock__
    body: Any = None


class Subcommands:
    """Adds subcommands; each takes the flags that all of them have, wherever they stand."""

    def __init__(self, root: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
        self._common = common
        self._parts = root.add_subparsers(dest="part", required=True, metavar="subcommand")
        self._actions: Any = None

    def add(self, name: str, help: str, call: Callable[[argparse.Namespace], Call]) -> argparse.ArgumentParser:
        """A subcommand, or an action of the newest group."""
        parts = self._parts if self._actions is None else self._actions
        parser: argparse.ArgumentParser = parts.add_parser(name, help=help, description=help, parents=[self._common])
        parser.set_defaults(call=call)
        return parser

    def group(self, name: str, help: str) -> Subcommands:
        """The same below a subcommand: `fault add`."""
        below = Subcommands.__new__(Subcommands)
        parser = self._parts.add_parser(name, help=help, description=help, parents=[self._common])
        below._common, below._parts = self._common, self._parts
        below._actions = parser.add_subparsers(dest="action", required=True, metavar="action")
        return below


def add_all(parts: Subcommands) -> None:
    _plain(parts)
    _clock(parts)
    _state(parts)
    _snapshots(parts)
    _logs(parts)
    _campaigns(parts)
    _flow(parts)
    _phones(parts)
    _replies(parts)
    _webhooks(parts)
    _session(parts)
    _any(parts)


def _plain(parts: Subcommands) -> None:
    parts.add("calls", "the calls of the control API that there are", lambda _: Call("GET", ""))
    parts.add("health", "whether it answers, and its settings", lambda _: Call("GET", "/health"))
    parts.add("reset", "back to the seed", lambda _: Call("POST", "/reset"))
    seed = parts.add("seed", "on to another seed", lambda a: Call("POST", "/seed", {"seed": _seed(a.seed)}))
    seed.add_argument("seed", help="a name, or a JSON file")
    parts.add("warnings", "every lint warning", lambda _: Call("GET", "/warnings"))
    operations = parts.add("operations", "what is mocked, and what is not yet; or how one is called", _operations_call)
    operations.add_argument("name", nargs="?", help="of one: outplans.create")
    operations.add_argument("--summaries", action="store_const", const="yes", help="a few words of each")
    operations.add_argument("--area", metavar="AREA", help="those of one area, such as calls")
    parts.add("websockets", "what each websocket is subscribed to", lambda _: Call("GET", "/websockets"))
    notices = parts.add("notices", "that something changed", lambda a: Call("GET", f"/notices{query_of(a, 'after')}"))
    notices.add_argument("--after", type=int, metavar="N", help="those since")
    parts.add("docs", "the API as an HTML page", lambda _: Call("GET", "/docs"))
    coverage = parts.add("coverage", "what of the API was exercised", _coverage_call)
    coverage.add_argument("--clear", action="store_true", help="count from nothing again")


def _operations_call(arguments: argparse.Namespace) -> Call:
    if arguments.name is not None:
        return Call("GET", f"/operations/{quote(arguments.name, safe='')}")
    return Call("GET", f"/operations{query_of(arguments, 'summaries', 'area')}")


def _coverage_call(arguments: argparse.Namespace) -> Call:
    return Call("DELETE" if arguments.clear else "GET", "/coverage")


def _clock(parts: Subcommands) -> None:
    clock = parts.add("clock", "show the virtual time, or move it", _clock_call)
    add = clock.add_argument
    add("--freeze", nargs="?", const=True, metavar="MOMENT", help="stand still, now or at a moment")
    add("--advance", type=seconds_of, metavar="DURATION", help="move forward: seconds, or 2h, 1m30s, 250ms")
    add(
        "--until-idle",
        nargs="?",
        const=True,
        type=seconds_of,
        metavar="DURATION",
        help="until nothing is due, at most so long",
    )
    add("--next", action="store_true", default=None, help="to what is due next")
    add("--resume", action="store_true", default=None, help="run on")
    add("--patience", type=float, metavar="SECONDS", help="of the machine, that winding on may take from now on")
    add("--speed", type=float, metavar="FACTOR", help="run so many times as fast as the machine's clock")


def _clock_call(arguments: argparse.Namespace) -> Call:
    body = given(arguments, "freeze", "advance", "next", "until_idle", "resume", "speed", "patience")
    return Call("POST", "/clock", body) if body else Call("GET", "/clock")


def _state(parts: Subcommands) -> None:
    state = parts.add("state", "print the whole state, or load one", _state_call)
    state.add_argument("--load", metavar="FILE", help='a state that was printed; "-" reads standard input')


def _state_call(arguments: argparse.Namespace) -> Call:
    return Call("GET", "/state") if arguments.load is None else Call("PUT", "/state", _json_file(arguments.load))


def _snapshots(parts: Subcommands) -> None:
    actions = parts.group("snapshot", "kept moments, for as long as the server runs: list, take, back, forget, clear")
    actions.add("list", "those there are", lambda _: Call("GET", "/snapshots"))
    take = actions.add("take", "keep this moment", lambda a: Call("POST", "/snapshots", {"name": a.name}))
    back = actions.add("back", "go back to one; undo is what the last reset replaced", _snapshot_call("POST"))
    forget = actions.add("forget", "one, or all", _snapshot_call("DELETE"))
    for parser in (take, back):
        parser.add_argument("name")
    forget.add_argument("name", nargs="?")
    actions.add("clear", "forget all", lambda _: Call("DELETE", "/snapshots"))


def _snapshot_call(method: str) -> Callable[[argparse.Namespace], Call]:
    def call(arguments: argparse.Namespace) -> Call:
        name = "" if arguments.name is None else f"/{quote(arguments.name, safe='')}"
        return Call(method, f"/snapshots{name}")

    return call


def _logs(parts: Subcommands) -> None:
    events = parts.add(
        "events", "every event that was published", lambda a: Call("GET", f"/events{query_of(a, 'after')}")
    )
    events.add_argument("--after", type=int, metavar="NUMBER", help="those since")


def _campaigns(parts: Subcommands) -> None:
    plan = parts.add("plan", "what a campaign would come to, if it ran now", lambda a: _of_campaign(a, "plan"))
    timeline = parts.add("timeline", "what a campaign did", lambda a: _of_campaign(a, "timeline"))
    for parser in (plan, timeline):
        parser.add_argument("id", help="of the campaign")
    timeline.add_argument("--format", choices=("json", "text", "svg"), help="json (default), a table, or a picture")


def _flow(parts: Subcommands) -> None:
    flow = parts.add("flow", "a flow before it runs: its graph, and what is wrong with it", _flow_call)
    flow.add_argument("id", help="of the flow")
    flow.add_argument("--format", choices=("json", "text", "mermaid", "svg"), help="json (default), or as it is shown")


def _flow_call(arguments: argparse.Namespace) -> Call:
    return Call("GET", f"/flows/{quote(arguments.id, safe='')}/graph{query_of(arguments, 'format')}")


def _of_campaign(arguments: argparse.Namespace, what: str) -> Call:
    query = query_of(arguments, "format") if what == "timeline" else ""
    return Call("GET", f"/campaigns/{quote(arguments.id, safe='')}/{what}{query}")


def _phones(parts: Subcommands) -> None:
    add_scripts(parts, "phones", "number", "what a number does when it is called", "busy, noanswer, ...")


def add_scripts(parts: Subcommands, word: str, one: str, what: str, outcomes: str) -> None:
    """List, script and clear, for one kind of address. word: of the calls of the control API."""
    path, example = f"/{word}", outcomes.partition(",")[0]

    def script_call(arguments: argparse.Namespace) -> Call:
        several = [read_json(text, "OUTCOME") if text.startswith("{") else text for text in arguments.outcomes]
        return Call("PUT", path, {arguments.address: several})

    actions = parts.group(word, f"{word}: list, script, clear")
    actions.add("list", f"the scripts, and each {one} that behaves by itself", lambda _: Call("GET", path))
    actions.add("clear", "forget the scripts", lambda _: Call("DELETE", path))
    script = actions.add("script", f"say {what}", script_call)
    script.add_argument("address", metavar=one, help=f"a {one}, a pattern with * in it, or default")
    script.add_argument(
        "outcomes", nargs="+", metavar="OUTCOME", help=f'{outcomes} or JSON: {{"outcome": "{example}"}}'
    )


def _replies(parts: Subcommands) -> None:
    actions = parts.group("replies", "what answers to flows that reach outside: list, add, clear")
    actions.add("list", "the planned replies, and what flows asked", lambda _: Call("GET", "/replies"))
    actions.add("clear", "forget both", lambda _: Call("DELETE", "/replies"))
    add = actions.add("add", "plan one", _replies_call)
    add.add_argument("asked", metavar="URL", help="in which * stands for anything")  # --url is the server's
    body = add.add_mutually_exclusive_group()
    body.add_argument("--json", metavar="JSON", help="the body, as JSON")
    body.add_argument("--body", metavar="TEXT", help="the body, as text")
    add.add_argument("--status", type=int, help="HTTP code (200)")
    add.add_argument("--times", type=int, help="how often it answers (always)")


def _replies_call(arguments: argparse.Namespace) -> Call:
    members = {"url": arguments.asked, **given(arguments, "body", "status", "times")}
    if arguments.json is not None:
        members["json"] = read_json(arguments.json, "--json")
    return Call("POST", "/replies", members)


def _webhooks(parts: Subcommands) -> None:
    actions = parts.group("webhooks", "webhooks: list, show, again, flush, trick, clear")
    log = actions.add(
        "list", "every delivery, and how many are to come", lambda a: Call("GET", f"/webhooks{query_of(a, *_CHOICES)}")
    )
    log.add_argument("--after", type=int, metavar="NUMBER", help="those since")
    log.add_argument("--limit", type=int, metavar="N", help="the newest so many")
    log.add_argument("--brief", action="store_const", const="yes", help="without headers and bodies")
    show = actions.add("show", "one delivery", lambda a: Call("GET", f"/webhooks/{a.number}"))
    show.add_argument("number", type=int, help="of the delivery")
    actions.add("flush", "make every attempt now that waits for its time", lambda _: Call("POST", "/webhooks/flush"))
    actions.add("clear", "forget the deliveries", lambda _: Call("DELETE", "/webhooks"))
    again = actions.add("again", "make a delivery once more", lambda a: Call("POST", f"/webhooks/{a.number}/again"))
    again.add_argument("number", type=int, help="of the delivery")
    trick = actions.add("trick", "drop, double, reorder or delay the next deliveries", _trick_call)
    trick.add_argument("kind", choices=_TRICKS)
    trick.add_argument("count", type=int, help="how many of them")
    trick.add_argument("--seconds", type=seconds_of, metavar="DURATION", help="of delay")
    trick.add_argument("--types", metavar="GLOB", help="of these events only, such as number_*")


def _trick_call(arguments: argparse.Namespace) -> Call:
    return Call("POST", "/webhooks/tricks", {arguments.kind: arguments.count, **given(arguments, "seconds", "types")})


def _session(parts: Subcommands) -> None:
    actions = parts.group("session", "sessions: list, delete, clear")
    actions.add("list", "the sessions there are", lambda _: Call("GET", "/sessions"))
    delete = actions.add("delete", "forget a session", lambda a: Call("DELETE", f"/sessions/{quote(a.key, safe='')}"))
    delete.add_argument("key")
    actions.add("clear", "forget all sessions", lambda _: Call("DELETE", "/sessions"))


def _any(parts: Subcommands) -> None:
    for method in ("get", "post", "put", "delete"):
        parser = parts.add(method, f"{method.upper()} any path of the control API", _any_call)
        parser.add_argument("path", help="below /__mock__: webhooks, /phones, campaigns/ID/plan, ...")
        if method in ("post", "put"):
            parser.add_argument("body", nargs="?", metavar="JSON", help='the body; "-" reads standard input')


def _any_call(arguments: argparse.Namespace) -> Call:
    path = "/" + arguments.path.strip("/").removeprefix("__mock__").lstrip("/")
    text = getattr(arguments, "body", None)
    body = None if text is None else _json_file("-") if text == "-" else read_json(text, "JSON")
    return Call(arguments.part.upper(), "" if path == "/" else path, body)


# --- what is given -----------------------------------------------------------------------------------


def given(arguments: argparse.Namespace, *names: str) -> dict[str, Any]:
    return {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}


def query_of(arguments: argparse.Namespace, *names: str) -> str:
    """What was given by flags of these names, as a query."""
    query = urlencode(given(arguments, *names))
    return f"?{query}" if query else ""


def seconds_of(text: str) -> float:
    """Seconds, or a duration such as 2h."""
    from voipbin_mock.wire.durations import read_milliseconds

    try:
        return float(text)
    except ValueError:
        pass
    try:
        return read_milliseconds(text) / 1000
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration; give seconds, or 2h, 1m30s, 250ms") from None


def read_json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Failed(f"{what}: not JSON: {error}", USAGE_ERROR) from None


def _json_file(name: str) -> Any:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"{name}: cannot be read: {error}", USAGE_ERROR) from None
    return read_json(text, name)


def _seed(name: str) -> Any:
    return _json_file(name) if name == "-" or name.endswith(".json") else name
