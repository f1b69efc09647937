"""`voipbin-mock ctl requests` and `request`: what was asked of the mock."""

from __future__ import annotations

import argparse

from voipbin_mock.command.ctl_calls import Call, Subcommands, query_of

_CHOICES = ("limit", "after", "before", "method", "status", "op", "problem", "text", "brief")
_FORMS = ("curl", "python", "javascript", "stub")


def add_requests(parts: Subcommands) -> None:
    add = parts.add("requests", "the requests seen", _requests).add_argument
    add("--limit", type=int, metavar="N", help="the newest so many")
    add("--after", type=int, metavar="NUMBER", help="those since")
    add("--before", type=int, metavar="NUMBER", help="those before")
    add("--method", help="of this method")
    add("--status", help="answered so: 404, 4xx, or several: 404,5xx")
    add("--op", metavar="PATTERN", help="of an operation: outplans.*")
    add("--problem", choices=("yes", "no"), help="refused or with a warning, or not")
    add("--text", help="in which this stands")
    add("--brief", action="store_const", const="yes", help="without headers and bodies")
    add("--clear", action="store_true", help="forget them")
    group = parts.group("request", "one of the requests seen: show, again")
    show = group.add("show", "all that is known of it, or something to paste", _show)
    show.add_argument("number", type=int, help="of the request")
    show.add_argument("--as", dest="form", choices=_FORMS, help="as a line of shell, a test, or a stub")
    again = group.add("again", "send it once more", lambda a: Call("POST", f"/requests/{a.number}/again"))
    again.add_argument("number", type=int, help="of the request")


def _requests(arguments: argparse.Namespace) -> Call:
    if arguments.clear:
        return Call("DELETE", "/requests")
    return Call("GET", f"/requests{query_of(arguments, *_CHOICES)}")


def _show(arguments: argparse.Namespace) -> Call:
    return Call("GET", f"/requests/{arguments.number}" + (f"?as={arguments.form}" if arguments.form else ""))
