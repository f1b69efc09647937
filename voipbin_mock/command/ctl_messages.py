"""The subcommands of `voipbin-mock ctl` for what is sent, and for what comes in."""

from __future__ import annotations

import argparse

from voipbin_mock.command.ctl_calls import Call, Subcommands, add_scripts, given, query_of
from voipbin_mock.command.ctl_chats import add_inbound


def add_messages(parts: Subcommands) -> None:
    _outbox(parts)
    add_scripts(parts, "texts", "number", "what becomes of a text to a number", "failed, delivered, ...")
    add_scripts(parts, "mailboxes", "mailbox", "what becomes of a mail to a mailbox", "bounce, mail, ...")
    add_scripts(parts, "jobs", "kind of job", "what becomes of audits, rags and the like", "failed, done")
    _inbound(parts)


def _outbox(parts: Subcommands) -> None:
    outbox = parts.add("outbox", "what was sent to whom: texts, mails, lines of chats", _outbox_call)
    outbox.add_argument("--to", metavar="ADDRESS", help="to one recipient")
    outbox.add_argument("--kind", help="text, mail, line, whatsapp, webchat or account")
    outbox.add_argument("--after", type=int, metavar="NUMBER", help="those since")
    outbox.add_argument("--arrived", action="store_const", const="true", help="what can be read by now")
    outbox.add_argument("--clear", action="store_true", help="forget it")


def _outbox_call(arguments: argparse.Namespace) -> Call:
    if arguments.clear:
        return Call("DELETE", "/outbox")
    return Call("GET", f"/outbox{query_of(arguments, 'to', 'kind', 'after', 'arrived')}")


def _inbound(parts: Subcommands) -> None:
    actions = parts.group("inbound", "what comes in: sms, mail, line, whatsapp")
    add_inbound(actions)
    sms = actions.add("sms", "a text to a number of the account", _sms_call)
    sms.add_argument("source", metavar="FROM", help="who sends it")
    sms.add_argument("to", metavar="TO", help="a number of the account")
    sms.add_argument("text", metavar="TEXT")
    sms.add_argument("--parts", type=int, help="how many parts it had (counted)")
    mail = actions.add(
        "mail",
        "a provider tells what has become of a mail",
        lambda a: Call("POST", "/inbound/mail", given(a, "email", "event")),
    )
    mail.add_argument("email", metavar="ID", help="of the e-mail")
    mail.add_argument("event", metavar="EVENT", help="delivered, bounce, open, ...")


def _sms_call(arguments: argparse.Namespace) -> Call:
    return Call("POST", "/inbound/sms", {"from": arguments.source, **given(arguments, "to", "text", "parts")})


def _mail_call(arguments: argparse.Namespace) -> Call:
    return Call("POST", "/inbound/mail", given(arguments, "email", "event"))
