"""`voipbin-mock flow`: look at flows in files, before they run: what is wrong with them, and as pictures."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.command.usage import Usage, add_areas, areas_of

if TYPE_CHECKING:
    from voipbin_mock.areas.flows.callers import Press
    from voipbin_mock.areas.flows.findings import Finding
    from voipbin_mock.areas.flows.view import FlowView
    from voipbin_mock.command.flow_paths import Played
    from voipbin_mock.mock import Mock

FINE, FOUND = 0, 1
MOST_SHOWN = 30  # actions of a path
SEVERITIES = ("error", "warning", "hint")
FILES = 'JSON: a flow, its actions, several of them, or what has "flows" or "result" (a seed, an answer); "-" is stdin'


class Read(NamedTuple):
    """A flow of a file."""

    where: str
    name: str
    flow: dict[str, Any]
    pointer: str  # into the file
    bare: bool = False  # whether it is the actions alone

    def place(self, finding: Finding) -> str:
        """Of a finding, in the file."""
        return self.pointer + (finding.pointer.removeprefix("/actions") if self.bare else finding.pointer)


def add_to(commands: Any) -> None:
    """Make the command known to the command line."""
    flow = commands.add_parser("flow", help="look at flows before they run: lint, picture, paths")
    kinds = flow.add_subparsers(dest="flow", required=True, metavar="what")
    lint = _kind(kinds, "lint", "say what is wrong with flows", _lint)
    lint.add_argument(
        "--format", choices=("text", "json", "sarif"), default="text", help="text (default), json or sarif"
    )
    lint.add_argument("--ignore", metavar="CODE", action="append", default=[], help="a code that says nothing (again)")
    lint.add_argument(
        "--fail-on", choices=(*SEVERITIES, "never"), default="warning", help="exit 1 for this and worse (warning)"
    )
    paths = _kind(kinds, "paths", "show the callers that take every way through a flow", _paths)
    shapes = ("text", "json", "pytest")
    paths.add_argument("--format", choices=shapes, default="text", help="text (default), json or pytest")
    graph = _kind(kinds, "graph", "draw flows", _graph)
    graph.add_argument(
        "--format",
        choices=("text", "mermaid", "svg", "json"),
        default="text",
        help="text (default), mermaid, svg, json",
    )


def _kind(kinds: Any, name: str, help: str, run: Callable[[argparse.Namespace], int]) -> Any:
    parser = kinds.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}. FILE is {FILES}.")
    parser.add_argument("files", metavar="FILE", nargs="+")
    parser.add_argument("--profile", choices=("documented", "server"), default="documented", help="whose rules")
    add_areas(parser)
    parser.set_defaults(run=run)
    return parser


# --- reading -------------------------------------------------------------------------------------------


def read(file: str) -> list[Read]:
    """The flows of a file. Raises Usage."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        document = json.loads(text)
    except OSError as error:
        raise Usage(f"{file}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise Usage(f"{file}: no JSON: {error}") from None
    found = list(_flows(document, file, ""))
    if not found:
        raise Usage(f"{file}: there is no flow in it; it takes {FILES}")
    return found


def _flows(document: Any, where: str, pointer: str) -> Iterator[Read]:
    if isinstance(document, dict):
        if isinstance(document.get("actions"), list):
            yield Read(where, str(document.get("name") or ""), document, pointer)
            return
        for name in ("flows", "result", "records"):
            if isinstance(document.get(name), (dict, list)):
                yield from _flows(document[name], where, f"{pointer}/{name}")
    elif isinstance(document, list) and document:
        if isinstance(document[0], dict) and "type" in document[0] and "actions" not in document[0]:
            yield Read(where, "", {"actions": document}, pointer, bare=True)
            return
        for position, each in enumerate(document):
            yield from _flows(each, where, f"{pointer}/{position}")


def _mock(arguments: argparse.Namespace, **settings: Any) -> Mock:
    """One to look at flows in. Raises Usage."""
    from voipbin_mock.mock import Mock
    from voipbin_mock.wire.errors import MockUsageError

    try:
        return Mock(arguments.profile, areas=areas_of(arguments), **settings)
    except MockUsageError as error:
        raise Usage(str(error)) from None


def _several(arguments: argparse.Namespace) -> Iterator[tuple[Read, FlowView]]:
    """Each flow, as a mock of this profile has it."""
    from voipbin_mock.areas.flows.view import of_body

    with _mock(arguments, seed="empty") as mock:
        for file in arguments.files:
            for each in read(file):
                yield each, of_body(mock.world, each.flow)


# --- what is wrong -------------------------------------------------------------------------------------


def _lint(arguments: argparse.Namespace) -> int:
    _check_codes(arguments.ignore)
    told: list[tuple[Read, Finding]] = []
    count = 0
    for each, view in _several(arguments):
        count += 1
        told += [(each, finding) for finding in view.lint() if finding.code not in arguments.ignore]
    shapes = {"text": _as_text, "json": _as_json, "sarif": _as_sarif}
    print(shapes[arguments.format](told, count))
    least = -1 if arguments.fail_on == "never" else SEVERITIES.index(arguments.fail_on)
    return FOUND if any(SEVERITIES.index(finding.severity) <= least for _, finding in told) else FINE


def _check_codes(codes: list[str]) -> None:
    from voipbin_mock.areas.flows.findings import ALL_CODES

    for code in codes:
        if code not in ALL_CODES:
            raise Usage(f"--ignore {code}: there is no such code; they are {', '.join(ALL_CODES)}")


def _as_text(told: list[tuple[Read, Finding]], count: int) -> str:
    lines, before = [], None
    for each, finding in told:
        if each is not before:
            lines.append(f"{each.where}: flow {each.name}".rstrip() if each.name else f"{each.where}{each.pointer}:")
            before = each
        lines.append(f"  {finding}")
    flows = "1 flow" if count == 1 else f"{count} flows"
    numbers = [sum(finding.severity == kind for _, finding in told) for kind in SEVERITIES]
    said = ", ".join(f"{n} {kind}{'' if n == 1 else 's'}" for n, kind in zip(numbers, SEVERITIES, strict=True) if n)
    return "\n".join([*lines, f"{flows}: {said or 'nothing is wrong'}"])


def _as_json(told: list[tuple[Read, Finding]], count: int) -> str:
    findings = [
        {"file": each.where, "flow": each.name, **finding.as_dict(), "pointer": each.place(finding)}
        for each, finding in told
    ]
    return json.dumps({"flows": count, "findings": findings}, indent=1, ensure_ascii=False)


def _as_sarif(told: list[tuple[Read, Finding]], count: int) -> str:
    """For what shows findings beside code: GitHub, editors."""
    from voipbin_mock._version import __version__
    from voipbin_mock.areas.flows.findings import ALL_CODES

    levels = {"error": "error", "warning": "warning", "hint": "note"}
    used = sorted({finding.code for _, finding in told})
    results = [
        {
            "ruleId": finding.code,
            "level": levels[finding.severity],
            "message": {"text": f"{finding.message}; {finding.advice}"},
            "locations": [
                {
                    "physicalLocation": {"artifactLocation": {"uri": each.where}},
                    "logicalLocations": [{"fullyQualifiedName": each.place(finding)}],
                }
            ],
        }
        for each, finding in told
    ]
    rules = [{"id": code, "shortDescription": {"text": ALL_CODES[code]}} for code in used]
    driver = {"name": "voipbin-mock", "version": __version__, "rules": rules}
    return json.dumps(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{"tool": {"driver": driver}, "results": results}],
        },
        indent=1,
        ensure_ascii=False,
    )


# --- pictures ------------------------------------------------------------------------------------------


def _graph(arguments: argparse.Namespace) -> int:
    views = [view for _, view in _several(arguments)]
    form = arguments.format
    if form in ("svg", "json") and len(views) > 1:
        if form == "svg":
            raise Usage("--format svg draws one flow; these are several")
        print(json.dumps([view.as_dict() for view in views], indent=1, ensure_ascii=False))
        return FINE
    for view in views:
        print(
            json.dumps(view.as_dict(), indent=1, ensure_ascii=False) if form == "json" else _DRAWN[form](view).rstrip()
        )
    return FINE


_DRAWN: dict[str, Callable[[FlowView], str]] = {
    "text": lambda view: view.text(),
    "mermaid": lambda view: view.mermaid(),
    "svg": lambda view: view.svg(),
}


# --- callers -------------------------------------------------------------------------------------------


def _paths(arguments: argparse.Namespace) -> int:
    """Of each flow, made in a mock and called there."""
    from voipbin_mock.command import flow_paths

    told: list[Any] = []
    tested: list[flow_paths.Tested] = []
    with _mock(arguments, clock=flow_paths.NOON, ignore="all", intercept=False) as mock:
        for file in arguments.files:
            for each in read(file):
                view = _made(mock, each)
                played = list(flow_paths.played(mock, view))
                if arguments.format == "pytest":
                    pointer = each.pointer + ("" if each.bare else "/actions")
                    at = flow_paths.in_file(file, pointer) if file != "-" else flow_paths.in_text(each.flow["actions"])
                    tested.append(flow_paths.Tested(each.name or "unnamed", at, view, played))
                elif arguments.format == "json":
                    told.append({"flow": each.name, "callers": [one.as_dict(view) for one in played]})
                else:
                    told += _told(each, view, played)
    if arguments.format == "pytest":
        told = [flow_paths.as_tests(arguments.profile, tested).rstrip()]
    print(json.dumps(told, indent=1, ensure_ascii=False) if arguments.format == "json" else "\n".join(told))
    return FINE


def _made(mock: Mock, each: Read) -> FlowView:
    """The flow, made as a client makes it. Raises Usage if it is refused."""
    body = {"name": each.name, "detail": "", "actions": each.flow["actions"]}
    reply = mock.client.post("/v1.0/flows", json=body)
    if reply.status_code != 200:
        error = reply.json["error"]
        raise Usage(f"{each.where}: POST /flows is answered {error['reason']}: {error['message']}")
    return mock.flow(reply.json["id"])


def _told(each: Read, view: FlowView, played: list[Played]) -> Iterator[str]:
    callers = "1 caller takes" if len(played) == 1 else f"{len(played)} callers take"
    yield f"{each.where}: flow {each.name}: {callers} every way that can be taken"
    for number, one in enumerate(played, 1):
        pressed = [f"{press.keys} at {_place(press)}" for press in one.caller.presses]
        yield f"  {number}. presses {', '.join(pressed) or 'nothing'}"
        took = [view.outcome(*outcome) for outcome in view.graph.outcomes() if outcome in one.takes]
        if one.caller.needs:
            yield f"     if {', and '.join(one.caller.needs)}"
        if not one.as_planned:
            missed = [view.outcome(*outcome) for outcome in one.caller.takes if outcome not in one.takes]
            why = "something has to be arranged" if one.caller.needs else "the flow ends before"
            yield f"     not so by itself: for {', '.join(missed)} {why}"
            yield f"     by itself the path is {_folded(one.path)}"
            yield f"     and it {'ends: ' + one.ended if one.ended else 'goes on'}"
            continue
        if took:
            yield f"     takes {', '.join(took)}"
        yield f"     path {_folded(one.path)}"
        yield f"     {'ends: ' + one.ended if one.ended else 'goes on'}"


def _folded(path: list[str]) -> str:
    if len(path) > MOST_SHOWN:
        path = [*path[: MOST_SHOWN - 5], f"... ({len(path)} actions) ...", *path[-3:]]
    return " ".join(path)


def _place(press: Press) -> str:
    return f"action {press.position}" + (f", time {press.nth}" if press.nth > 1 else "")
