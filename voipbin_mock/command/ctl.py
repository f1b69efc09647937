"""`voipbin-mock ctl`: the control API of a running server, from a shell.

What the server says is printed as JSON. Needs nothing but the standard library.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

DEFAULT_URL = "http://127.0.0.1:8484"
REFUSED, USAGE_ERROR, UNREACHABLE = 1, 2, 3
SECONDS = 30.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_CREDENTIALS = ("token", "accesskey", "agent", "customer")


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


def add_to(commands: Any) -> None:
    """Add the command to the command line's."""
    ctl = commands.add_parser(
        "ctl",
        help="steer a running server: faults, stubs, clock, state, sessions",
        description="Steer a running server through its control API. Prints JSON. "
        f"Exit codes: 0 done, {REFUSED} the server refused, {USAGE_ERROR} wrong usage, {UNREACHABLE} no server.",
    )
    environ = os.environ.get
    add = ctl.add_argument
    add("--url", default=environ("VOIPBIN_MOCK_URL") or DEFAULT_URL, help=f"of the server ({DEFAULT_URL})")
    add("--control-token", metavar="TOKEN", default=environ("VOIPBIN_MOCK_CONTROL_TOKEN"), help="that the server asks")
    add("--session", metavar="KEY", default=environ("VOIPBIN_MOCK_SESSION"), help="of whose world to speak")
    ctl.set_defaults(run=_run)
    parts = ctl.add_subparsers(dest="part", required=True, metavar="subcommand")
    _plain(parts)
    _clock(parts)
    _state(parts)
    _requests(parts)
    _fault(parts)
    _stub(parts)
    _limits(parts)
    _session(parts)


def _command(parts: Any, name: str, help: str, call: Callable[[argparse.Namespace], Call]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = parts.add_parser(name, help=help, description=help)
    parser.set_defaults(call=call)
    return parser


def _group(parts: Any, name: str, help: str) -> Any:
    return parts.add_parser(name, help=help, description=help).add_subparsers(
        dest="action", required=True, metavar="action"
    )


def _plain(parts: Any) -> None:
    _command(parts, "health", "whether it answers, and its settings", lambda _: Call("GET", "/health"))
    _command(parts, "reset", "back to the seed", lambda _: Call("POST", "/reset"))
    seed = _command(parts, "seed", "on to another seed", lambda a: Call("POST", "/seed", {"seed": _seed(a.seed)}))
    seed.add_argument("seed", help="a name, or a JSON file")
    _command(parts, "warnings", "every lint warning", lambda _: Call("GET", "/warnings"))
    _command(parts, "operations", "what is mocked, and what is not yet", lambda _: Call("GET", "/operations"))


def _clock(parts: Any) -> None:
    clock = _command(parts, "clock", "show the virtual time, or move it", _clock_call)
    clock.add_argument("--freeze", nargs="?", const=True, metavar="MOMENT", help="stand still, now or at a moment")
    clock.add_argument("--advance", type=float, metavar="SECONDS", help="move forward")
    clock.add_argument("--resume", action="store_true", default=None, help="run on")


def _clock_call(arguments: argparse.Namespace) -> Call:
    body = _given(arguments, "freeze", "advance", "resume")
    return Call("POST", "/clock", body) if body else Call("GET", "/clock")


def _state(parts: Any) -> None:
    state = _command(parts, "state", "print the whole state, or load one", _state_call)
    state.add_argument("--load", metavar="FILE", help='a state that was printed; "-" reads standard input')


def _state_call(arguments: argparse.Namespace) -> Call:
    return Call("GET", "/state") if arguments.load is None else Call("PUT", "/state", _json_file(arguments.load))


def _requests(parts: Any) -> None:
    requests = _command(parts, "requests", "the requests seen", _requests_call)
    requests.add_argument("--limit", type=int, metavar="N", help="the newest so many")
    requests.add_argument("--after", type=int, metavar="NUMBER", help="those since")
    requests.add_argument("--clear", action="store_true", help="forget them")


def _requests_call(arguments: argparse.Namespace) -> Call:
    query = urlencode(_given(arguments, "limit", "after"))
    if arguments.clear:
        return Call("DELETE", "/requests")
    return Call("GET", "/requests" + (f"?{query}" if query else ""))


def _aimed(parser: argparse.ArgumentParser) -> None:
    """What faults and stubs have in common."""
    parser.add_argument("--times", metavar="N", help="so often, or always")
    parser.add_argument("--nth", type=int, action="append", metavar="N", help="only this request, counted from 1")
    parser.add_argument("--probability", type=float, metavar="P", help="from 0 to 1, drawn from the random seed")
    for name in _CREDENTIALS:
        parser.add_argument(f"--for-{name}", dest=name, metavar=name.upper(), help=f"for requests of this {name} only")


def _aim(arguments: argparse.Namespace) -> dict[str, Any]:
    members = _given(arguments, "nth", "probability", *_CREDENTIALS)
    if arguments.times is not None:
        members["times"] = None if arguments.times == "always" else _count(arguments.times)
    return members


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Failed(f"--times {text}: give a number, or always", USAGE_ERROR)
    return int(text)


def _plans(parts: Any, name: str, what: str) -> Any:
    actions = _group(parts, name, f"{what}: add, list, clear")
    _command(actions, "list", "what is planned, and what was not met", lambda _: Call("GET", f"/{name}s"))
    clear = _command(actions, "clear", "forget one, or all", lambda a: Call("DELETE", f"/{name}s{_number(a)}"))
    clear.add_argument("number", nargs="?", type=int, help="of the one")
    return actions


def _number(arguments: argparse.Namespace) -> str:
    return "" if arguments.number is None else f"/{arguments.number}"


_FAULT_FLAGS: Mapping[str, tuple[type, str]] = {
    "reason": (str, "of an error: RATE_LIMIT_EXCEEDED, INTERNAL, ..."),
    "message": (str, "of an error"),
    "retry_after": (int, "of an error, in seconds"),
    "limited_by": (str, "of RATE_LIMIT_EXCEEDED: customer or ip"),
    "seconds": (float, "of latency, slow and error"),
    "after": (int, "of truncate: so many bytes of the body"),
    "pieces": (int, "of slow"),
    "content_type": (str, "of content_type"),
}


def _fault(parts: Any) -> None:
    actions = _plans(parts, "fault", "planned faults")
    add = _command(actions, "add", "plan a fault", _fault_call)
    add.add_argument("kind", help="error, latency, refuse, reset, truncate, malformed, slow or content_type")
    add.add_argument("on", nargs="?", default="any", help='"POST /outplans", outplans.create, or any (default)')
    for name, (kind, meaning) in _FAULT_FLAGS.items():
        add.add_argument(f"--{name.replace('_', '-')}", type=kind, help=meaning)
    add.add_argument("--after-commit", action="store_true", default=None, help="the request is handled first")
    add.add_argument("--midway", nargs="?", type=int, const=True, metavar="BYTES", help="of reset: within the body")
    _aimed(add)


def _fault_call(arguments: argparse.Namespace) -> Call:
    members = _given(arguments, "kind", "on", *_FAULT_FLAGS, "after_commit", "midway")
    return Call("POST", "/faults", members | _aim(arguments))


def _stub(parts: Any) -> None:
    actions = _plans(parts, "stub", "canned replies")
    add = _command(actions, "add", "plan a canned reply", _stub_call)
    add.add_argument("on", help='"GET /flows", or any other path')
    body = add.add_mutually_exclusive_group()
    body.add_argument("--json", metavar="JSON", help="the body, as JSON")
    body.add_argument("--body", metavar="TEXT", help="the body, as text")
    add.add_argument("--status", type=int, help="HTTP code (200)")
    add.add_argument("--header", action="append", default=[], metavar="NAME:VALUE", help="any number of times")
    add.add_argument("--content-type", help="of the body")
    _aimed(add)


def _stub_call(arguments: argparse.Namespace) -> Call:
    members = _given(arguments, "on", "body", "status", "content_type")
    if arguments.json is not None:
        members["json"] = _json(arguments.json, "--json")
    headers = {}
    for header in arguments.header:
        name, colon, value = header.partition(":")
        if not colon:
            raise Failed(f"--header {header}: write it as NAME:VALUE", USAGE_ERROR)
        headers[name.strip()] = value.strip()
    if headers:
        members["headers"] = headers
    return Call("POST", "/stubs", members | _aim(arguments))


def _limits(parts: Any) -> None:
    actions = _group(parts, "limits", "rate limits: list, set, clear")
    _command(actions, "list", "the limits in force, and the service's own", lambda _: Call("GET", "/limits"))
    _command(actions, "clear", "limit nothing", lambda _: Call("DELETE", "/limits"))
    put = _command(actions, "set", "limit as the service does, or by tiers", _limits_call)
    put.add_argument("tiers", nargs="?", metavar="JSON", help='{"customer": [17, 33]}: a second, and at once')


def _limits_call(arguments: argparse.Namespace) -> Call:
    tiers = True if arguments.tiers is None else _json(arguments.tiers, "limits set")
    return Call("PUT", "/limits", {"rate_limits": tiers})


def _session(parts: Any) -> None:
    actions = _group(parts, "session", "sessions: list, delete, clear")
    _command(actions, "list", "the sessions there are", lambda _: Call("GET", "/sessions"))
    delete = _command(
        actions, "delete", "forget a session", lambda a: Call("DELETE", f"/sessions/{quote(a.key, safe='')}")
    )
    delete.add_argument("key")
    _command(actions, "clear", "forget all sessions", lambda _: Call("DELETE", "/sessions"))


# --- the call ------------------------------------------------------------------------------------------


def _given(arguments: argparse.Namespace, *names: str) -> dict[str, Any]:
    return {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}


def _json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Failed(f"{what}: not JSON: {error}", USAGE_ERROR) from None


def _json_file(name: str) -> Any:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"{name}: cannot be read: {error}", USAGE_ERROR) from None
    return _json(text, name)


def _seed(name: str) -> Any:
    return _json_file(name) if name == "-" or name.endswith(".json") else name


def _run(arguments: argparse.Namespace) -> int:
    """The exit code."""
    try:
        answer = send(arguments.url, arguments.call(arguments), arguments.control_token, arguments.session)
    except Failed as error:
        print(f"voipbin-mock: {error}", file=sys.stderr)
        return error.code
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0


def send(url: str, call: Call, token: str | None = None, session: str | None = None) -> Any:
    """Make the call; what the server says. Raises Failed."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Failed(f"--url {url}: give the server's address, such as {DEFAULT_URL}", USAGE_ERROR)
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import ProxyHandler, Request, build_opener

    base = parts.path.rstrip("/").removesuffix("/v1.0").removesuffix("/__mock__")
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
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
            return _answer(reply.read(), url)
    except HTTPError as error:
        with error:
            raise Failed(_refusal(error.code, error.read(), url), REFUSED) from None
    except ValueError as error:
        raise Failed(f"--url {url}: {error}", USAGE_ERROR) from None
    except (URLError, OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise Failed(f"no server at {url}: {reason}", UNREACHABLE) from None


def _answer(body: bytes, url: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise Failed(f"{url} does not answer as voipbin-mock does", UNREACHABLE) from None


def _refusal(code: int, body: bytes, url: str) -> str:
    try:
        error = json.loads(body)["error"]
        return f"{error['reason']}: {error['message']}"
    except (ValueError, KeyError, TypeError):
        return f"{url} answers {code}, and not as voipbin-mock does"
