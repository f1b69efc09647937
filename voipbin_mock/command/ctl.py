"""`voipbin-mock ctl`: the control API of a running server, from a shell.

What the server says is printed as JSON. Needs nothing but the standard library.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from voipbin_mock.command.ctl_ai import add_ai
from voipbin_mock.command.ctl_billing import add_billing
from voipbin_mock.command.ctl_call import add_call
from voipbin_mock.command.ctl_calls import USAGE_ERROR, Call, Failed, Subcommands, add_all
from voipbin_mock.command.ctl_chats import add_chats
from voipbin_mock.command.ctl_messages import add_messages
from voipbin_mock.command.ctl_records import add_records
from voipbin_mock.command.ctl_requests import add_requests
from voipbin_mock.command.ctl_routing import add_routing
from voipbin_mock.command.ctl_trouble import add_trouble
from voipbin_mock.command.usage import env

DEFAULT_URL = "http://127.0.0.1:8484"
REFUSED, UNREACHABLE = 1, 3
SECONDS = 30.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_FLAGS = "reason|seconds|json|body|status|times|nth|probability|headers"
# What the server says in words of Python, and how a shell has it.
_SHELL_WORDS = (
    (re.compile(rf"\b({_FLAGS})=(?=[^;,\s])"), r"--\1 "),
    (re.compile(rf"\b({_FLAGS})="), r"--\1"),
    (re.compile(r"\bon="), "the operation "),
    (re.compile(r"\bkind="), "the kind "),
    (re.compile(r"\bfreeze\(at\)"), "--freeze MOMENT"),
)


def add_to(commands: Any) -> None:
    """Add the command to the command line's."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    add = common.add_argument
    add("--url", help=f"of the server ({DEFAULT_URL})")
    add("--port-file", metavar="PATH", help="in which serve wrote its port")
    add("--control-token", metavar="TOKEN", help="that the server asks")
    add("--session", metavar="KEY", help="of whose world to speak")
    ctl = commands.add_parser(
        "ctl",
        parents=[common],
        help="steer a running server: faults, stubs, clock, state, phones, webhooks, sessions",
        description="Steer a running server through its control API. Prints JSON. "
        f"Exit codes: 0 done, {REFUSED} the server refused, {USAGE_ERROR} wrong usage, {UNREACHABLE} no server.",
    )
    ctl.set_defaults(run=_run)
    parts = Subcommands(ctl, common)
    add_all(parts)
    add_messages(parts)
    add_billing(parts)
    add_records(parts)
    add_call(parts)
    add_chats(parts)
    add_ai(parts)
    add_requests(parts)
    add_routing(parts)
    add_trouble(parts)


def _run(arguments: argparse.Namespace) -> int:
    """The exit code."""
    try:
        token = getattr(arguments, "control_token", None) or env("CONTROL_TOKEN")
        session = getattr(arguments, "session", None) or env("SESSION")
        answer = send(_url(arguments), arguments.call(arguments), token, session)
    except Failed as error:
        from voipbin_mock.wire.redaction import redact_text

        print(f"voipbin-mock: {redact_text(str(error))}", file=sys.stderr)
        return error.code
    print(answer if isinstance(answer, str) else json.dumps(answer, indent=2, ensure_ascii=False))
    thrown_away = isinstance(answer, dict) and answer.keys() == {"dropped"}  # what came in led nowhere
    return REFUSED if thrown_away else 0


def _url(arguments: argparse.Namespace) -> str:
    """Of the server: as the flags say, or else the environment, whose variables are those of serve. Raises Failed."""
    url: str | None = getattr(arguments, "url", None)
    file: str | None = getattr(arguments, "port_file", None)
    if url and file:
        raise Failed("give --url or --port-file, not both", USAGE_ERROR)
    if not url and not file:
        url = env("URL")
        file = env("PORT_FILE") if not url else None
    if file:
        try:
            return f"http://127.0.0.1:{int(Path(file).read_text(encoding='ascii'))}"
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "there is no port in it"
            raise Failed(f"no server: --port-file {file}: {reason}", UNREACHABLE) from None
    return url or (f"http://127.0.0.1:{env('PORT')}" if env("PORT") not in (None, "", "0") else DEFAULT_URL)


def send(url: str, call: Call, token: str | None = None, session: str | None = None) -> Any:
    """Make the call; what the server says: JSON, or a text of another kind. Raises Failed."""
    parts = _server(url)
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import ProxyHandler, Request, build_opener

    base = parts.path.rstrip("/").removesuffix("/v1.0").removesuffix("/__mock__")
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if token and not token.isprintable():
        raise Failed("--control-token: has a line break, or another character that cannot be sent", USAGE_ERROR)
    if token:
        headers["X-VoIPBIN-Mock-Control-Token"] = token.encode("utf-8", "surrogateescape").decode("latin-1")
    if session:
        headers["X-VoIPBIN-Mock-Session"] = session
    body = None if call.body is None else json.dumps(call.body).encode("utf-8")
    try:
        request = Request(
            f"{parts.scheme}://{parts.netloc}{base}/__mock__{call.path}", body, headers, method=call.method
        )
        # A proxy has no way to a server of this machine.
        opener = build_opener(*([ProxyHandler({})] if parts.hostname in _LOOPBACK else []))
        with opener.open(request, timeout=SECONDS) as reply:
            return _answer(reply.read(), reply.headers.get_content_type(), url)
    except HTTPError as error:
        with error:
            raise Failed(_refusal(error.code, error.read(), url), REFUSED) from None
    except ValueError as error:
        raise Failed(f"--url {url}: {error}", USAGE_ERROR) from None
    except (URLError, OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise Failed(f"no server at {url}: {reason}", UNREACHABLE) from None


def _server(url: str) -> Any:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise Failed(f"--url {url}: give the server's address, such as {DEFAULT_URL}", USAGE_ERROR)
    return parts


def _answer(body: bytes, kind: str, url: str) -> Any:
    if kind in ("text/plain", "text/html", "image/svg+xml"):
        return body.decode("utf-8", "replace").rstrip("\n")
    try:
        return json.loads(body)
    except ValueError:
        raise Failed(f"{url} does not answer as voipbin-mock does", UNREACHABLE) from None


def _refusal(code: int, body: bytes, url: str) -> str:
    try:
        error = json.loads(body)["error"]
        said = f"{error['reason']}: {error['message']}"
    except (ValueError, KeyError, TypeError):
        return f"{url} answers {code}, and not as voipbin-mock does"
    for pythons, shells in _SHELL_WORDS:
        said = pythons.sub(shells, said)
    return said
