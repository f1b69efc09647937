"""`voipbin-mock ctl visit`, `chats`, and some of `inbound`: visitors of web chats, users of LINE and WhatsApp."""

from __future__ import annotations

import argparse
from urllib.parse import quote

from voipbin_mock.command.ctl_calls import Call, Subcommands, given, query_of, read_json


def add_chats(parts: Subcommands) -> None:
    _visit(parts)
    _threads(parts)
    actions = parts.group("chats", "what becomes of messages to users of LINE and WhatsApp: list, script, clear")
    actions.add("list", "the scripts", lambda _: Call("GET", "/chats"))
    actions.add("clear", "forget the scripts", lambda _: Call("DELETE", "/chats"))
    script = actions.add("script", "say what messages to a user meet", _script)
    script.add_argument("user", help="the id of a user, a pattern such as U*, default, or setup")
    script.add_argument("outcomes", nargs="+", metavar="OUTCOME", help="accepted, refused, or JSON")


def _threads(parts: Subcommands) -> None:
    actions = parts.group("threads", "what was written to and by everybody on the other side: list, show")
    listed = actions.add(
        "list", "whom, the newest first", lambda a: Call("GET", f"/threads{query_of(a, 'kind', 'limit')}")
    )
    listed.add_argument("--kind", help="text, mail, line, whatsapp or webchat")
    listed.add_argument("--limit", type=int, metavar="NUMBER", help="the newest few")
    show = actions.add("show", "what was written", lambda a: Call("GET", f"/threads/{quote(a.id, safe='')}"))
    show.add_argument("id", help="of the thread, as the list has it")


def _visit(parts: Subcommands) -> None:
    actions = parts.group("visit", "visitors of web chats: list, begin, show, say, leave")
    actions.add("list", "the newest visits", lambda _: Call("GET", "/visits"))
    begin = actions.add("begin", "somebody opens a page with a widget", _begin)
    begin.add_argument("widget", help="its id, or its direct hash")
    begin.add_argument("--page-url", metavar="URL", help="the page that it is in")
    begin.add_argument("--referrer", metavar="URL", help="where the visitor came from")
    show = actions.add("show", "what was said and heard", lambda a: Call("GET", _path(a)))
    say = actions.add("say", "write", lambda a: Call("POST", _path(a), {"say": a.text}))
    leave = actions.add("leave", "end the visit", lambda a: Call("POST", _path(a), {"leave": True}))
    for parser in (show, say, leave):
        parser.add_argument("id", help="of the session")
    say.add_argument("text", help="what")


def _path(arguments: argparse.Namespace) -> str:
    return f"/visits/{quote(arguments.id, safe='')}"


def _begin(arguments: argparse.Namespace) -> Call:
    return Call("POST", "/visits", {"widget": arguments.widget, **given(arguments, "page_url", "referrer")})


def add_inbound(parts: Subcommands) -> None:
    """To the group of what comes in."""
    for kind, whose in (("line", "LINE"), ("whatsapp", "WhatsApp")):
        parser = parts.add(kind, f"a user of {whose} writes", _comes_in)
        parser.add_argument("account", help="the id of the conversation account")
        parser.add_argument("user", help="the id of the user" if kind == "line" else "the digits of their number")
        parser.add_argument("text", nargs="?", help="what")
        parser.add_argument("--name", help="that the user shows")
        if kind == "line":
            parser.add_argument(
                "--follow", action="store_true", default=None, help="the user follows the account first"
            )
        else:
            parser.add_argument("--to", metavar="NUMBER", help="that is shown for the account")
        parser.set_defaults(kind=kind, **{"to" if kind == "line" else "follow": None})


def _comes_in(arguments: argparse.Namespace) -> Call:
    said = given(arguments, "text", "name", "follow", "to")
    return Call("POST", f"/inbound/{arguments.kind}", {"account": arguments.account, "user": arguments.user, **said})


def _script(arguments: argparse.Namespace) -> Call:
    outcomes = [read_json(text, "OUTCOME") if text.startswith("{") else text for text in arguments.outcomes]
    return Call("PUT", "/chats", {arguments.user: outcomes})
