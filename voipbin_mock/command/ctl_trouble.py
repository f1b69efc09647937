"""`voipbin-mock ctl fault`, `stub`, `limits` and `modes`: trouble on purpose."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any

from voipbin_mock.command.ctl_calls import (
    USAGE_ERROR,
    Call,
    Failed,
    Subcommands,
    given,
    read_json,
    seconds_of,
)

_CREDENTIALS = ("token", "accesskey", "agent", "customer")


def add_trouble(parts: Subcommands) -> None:
    _fault(parts)
    _stub(parts)
    _limits(parts)
    _modes(parts)


def _aimed(parser: argparse.ArgumentParser) -> None:
    """What faults and stubs have in common."""
    parser.add_argument("--times", metavar="N", help="so often, or always")
    parser.add_argument("--nth", type=int, action="append", metavar="N", help="only this request, counted from 1")
    parser.add_argument("--probability", type=float, metavar="P", help="from 0 to 1, drawn from the random seed")
    for name in _CREDENTIALS:
        parser.add_argument(f"--for-{name}", dest=name, metavar=name.upper(), help=f"for requests of this {name} only")


def _aim(arguments: argparse.Namespace) -> dict[str, Any]:
    members = given(arguments, "nth", "probability", *_CREDENTIALS)
    if arguments.times is not None:
        members["times"] = None if arguments.times == "always" else _count(arguments.times)
    return members


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Failed(f"--times {text}: give a number, or always", USAGE_ERROR)
    return int(text)


def _plans(parts: Subcommands, name: str, what: str) -> Subcommands:
    actions = parts.group(name, f"{what}: add, list, clear")
    actions.add("list", "what is planned, and what was not met", lambda _: Call("GET", f"/{name}s"))
    clear = actions.add("clear", "forget one, or all", lambda a: Call("DELETE", f"/{name}s{_number(a)}"))
    clear.add_argument("number", nargs="?", type=int, help="of the one")
    return actions


def _number(arguments: argparse.Namespace) -> str:
    return "" if arguments.number is None else f"/{arguments.number}"


_FAULT_FLAGS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "reason": (str, "of an error: RATE_LIMIT_EXCEEDED, INTERNAL, ..."),
    "message": (str, "of an error"),
    "retry_after": (int, "of an error, in seconds"),
    "limited_by": (str, "of RATE_LIMIT_EXCEEDED: customer or ip"),
    "after": (int, "of truncate: so many bytes of the body"),
    "pieces": (int, "of slow"),
    "content_type": (str, "of content_type"),
}


def _fault(parts: Subcommands) -> None:
    actions = _plans(parts, "fault", "planned faults")
    add = actions.add("add", "plan a fault", _fault_call)
    add.add_argument("kind", help="error, latency, refuse, reset, truncate, malformed, slow or content_type")
    add.add_argument("on", nargs="?", default="any", help='"POST /outplans", outplans.create, or any (default)')
    for name, (kind, meaning) in _FAULT_FLAGS.items():
        add.add_argument(f"--{name.replace('_', '-')}", type=kind, help=meaning)
    add.add_argument("--seconds", type=seconds_of, metavar="DURATION", help="of latency, slow and error")
    add.add_argument("--after-commit", action="store_true", default=None, help="the request is handled first")
    add.add_argument("--midway", nargs="?", type=int, const=True, metavar="BYTES", help="of reset: within the body")
    _aimed(add)


def _fault_call(arguments: argparse.Namespace) -> Call:
    members = given(arguments, "kind", "on", *_FAULT_FLAGS, "seconds", "after_commit", "midway")
    return Call("POST", "/faults", members | _aim(arguments))


def _stub(parts: Subcommands) -> None:
    actions = _plans(parts, "stub", "canned replies")
    add = actions.add("add", "plan a canned reply", _stub_call)
    add.add_argument("on", help='"GET /flows", or any other path')
    body = add.add_mutually_exclusive_group()
    body.add_argument("--json", metavar="JSON", help="the body, as JSON")
    body.add_argument("--body", metavar="TEXT", help="the body, as text")
    add.add_argument("--status", type=int, help="HTTP code (200)")
    add.add_argument("--header", action="append", default=[], metavar="NAME:VALUE", help="any number of times")
    add.add_argument("--content-type", help="of the body")
    _aimed(add)


def _stub_call(arguments: argparse.Namespace) -> Call:
    members = given(arguments, "on", "body", "status", "content_type")
    if arguments.json is not None:
        members["json"] = read_json(arguments.json, "--json")
    headers = []
    for header in arguments.header:
        name, colon, value = header.partition(":")
        if not colon:
            raise Failed(f"--header {header}: write it as NAME:VALUE", USAGE_ERROR)
        headers.append([name.strip(), value.strip()])
    if headers:
        members["headers"] = headers
    return Call("POST", "/stubs", members | _aim(arguments))


def _limits(parts: Subcommands) -> None:
    actions = parts.group("limits", "rate limits: list, set, clear")
    actions.add("list", "the limits in force, and the service's own", lambda _: Call("GET", "/limits"))
    actions.add("clear", "limit nothing", lambda _: Call("DELETE", "/limits"))
    put = actions.add("set", "limit as the service does, or by tiers", _limits_call)
    put.add_argument("tiers", nargs="?", metavar="JSON", help='{"customer": [17, 33]}: a second, and at once')


def _limits_call(arguments: argparse.Namespace) -> Call:
    tiers = True if arguments.tiers is None else read_json(arguments.tiers, "limits set")
    return Call("PUT", "/limits", {"rate_limits": tiers})


def _modes(parts: Subcommands) -> None:
    modes = parts.add("modes", "which modes are on, or put them on; what is left out is off then", _modes_call)
    modes.add_argument("--pages-of", type=int, metavar="N", help="lists of so many records at most")
    modes.add_argument("--forward-compatible", action="store_true", default=None, help="answers of a later version")
    modes.add_argument("--off", action="store_true", help="all off")


def _modes_call(arguments: argparse.Namespace) -> Call:
    modes = given(arguments, "pages_of", "forward_compatible")
    return Call("PUT", "/modes", modes) if modes or arguments.off else Call("GET", "/modes")
