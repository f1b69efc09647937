"""`voipbin-mock ctl records` and `agents`: the records there are, and who may change them."""

from __future__ import annotations

import argparse
from urllib.parse import quote

from voipbin_mock.command.ctl_calls import Call, Subcommands, given, query_of


def add_records(parts: Subcommands) -> None:
    records = parts.add(
        "records", "how many records there are; those of a resource; or one, and what changed it", _look
    )
    records.add_argument("resource", nargs="?", help="outplans, calls, ...")
    records.add_argument("id", nargs="?", help="of one")
    records.add_argument("--find", metavar="TEXT", help="those that have it in them")
    records.add_argument("--limit", type=int, metavar="N", help="the newest so many (100)")
    records.add_argument("--after", metavar="ID", help="those behind it")
    storage = parts.add("storage", "how much uploaded files hold; or how much they may", _storage)
    storage.add_argument("--quota", type=int, metavar="BYTES", help="that all files of a customer may have together")
    storage.add_argument("--signs", choices=("yes", "no"), help="whether links to files can be signed")
    parts.add("agents", "who can be acted as, each with its credentials", lambda _: Call("GET", "/agents"))


def _look(arguments: argparse.Namespace) -> Call:
    words = [quote(word, safe="") for word in (arguments.resource, arguments.id) if word is not None]
    query = query_of(arguments, "find", "limit", "after") if len(words) == 1 else ""
    return Call("GET", "/".join(["/records", *words]) + query)


def _storage(arguments: argparse.Namespace) -> Call:
    signs = {} if arguments.signs is None else {"signs": arguments.signs == "yes"}
    body = {**given(arguments, "quota"), **signs}
    return Call("PUT", "/storage", body) if body else Call("GET", "/storage")
