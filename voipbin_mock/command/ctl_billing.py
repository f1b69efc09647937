"""`voipbin-mock ctl billing`: what things cost, and what there is left."""

from __future__ import annotations

import argparse
from urllib.parse import quote

from voipbin_mock.command.ctl_calls import Call, Subcommands, given, query_of, read_json

_PADDLE = "subscribe PLAN, renew, cancel, buy USD, refund USD"


def add_billing(parts: Subcommands) -> None:
    actions = parts.group("billing", "money: show, on, off, charges, set, paddle")
    actions.add("show", "the rates, and what each account has", lambda _: Call("GET", "/billing"))
    on = actions.add("on", "let things cost what the service takes, or by other rates", _on)
    on.add_argument("rates", nargs="?", metavar="JSON", help='{"sms": 20000, "recording": [3, 30000]}')
    actions.add("off", "let nothing cost anything", lambda _: Call("PUT", "/billing", {"on": False}))
    charges = actions.add("charges", "what was charged", _charges)
    charges.add_argument("--kind", help="sms, call_pstn_outgoing, ...")
    charges.add_argument("--of", metavar="ID", help="of the record that was charged for")
    charges.add_argument("--account", metavar="ID", help="of the billing account")
    put = actions.add("set", "what an account has from now on", _set)
    put.add_argument("account", metavar="ID", help="of the billing account")
    put.add_argument("--credit", type=int, metavar="MILLIONTHS", help="of a US dollar")
    put.add_argument("--tokens", type=int, metavar="N", help="tokens")
    put.add_argument("--plan", help="free, basic, professional or unlimited")
    put.add_argument("--status", help="active or frozen")
    paddle = actions.add("paddle", f"what the payment provider tells: {_PADDLE}", _paddle)
    paddle.add_argument("account", metavar="ID", help="of the billing account")
    paddle.add_argument("do", metavar="WHAT", help=_PADDLE)
    paddle.add_argument("value", nargs="?", metavar="VALUE", help="the plan, or US dollars")


def _on(arguments: argparse.Namespace) -> Call:
    rates = {} if arguments.rates is None else {"rates": read_json(arguments.rates, "billing on")}
    return Call("PUT", "/billing", {"on": True, **rates})


def _charges(arguments: argparse.Namespace) -> Call:
    return Call("GET", f"/billing/charges{query_of(arguments, 'kind', 'of', 'account')}")


def _account(arguments: argparse.Namespace) -> str:
    return f"/billing/accounts/{quote(arguments.account, safe='')}"


def _set(arguments: argparse.Namespace) -> Call:
    return Call("PUT", _account(arguments), given(arguments, "credit", "tokens", "plan", "status"))


def _paddle(arguments: argparse.Namespace) -> Call:
    body: dict[str, object] = {"do": arguments.do}
    if arguments.value is not None:
        plan = arguments.do == "subscribe"
        body |= {"plan": arguments.value} if plan else {"usd": read_json(arguments.value, "billing paddle")}
    return Call("POST", f"{_account(arguments)}/paddle", body)
