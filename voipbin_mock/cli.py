"""The command line: `voipbin-mock serve`."""

from __future__ import annotations

import argparse
import ipaddress
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voipbin_mock import replay
from voipbin_mock._version import __version__
from voipbin_mock.clock import MAX_SPEED

if TYPE_CHECKING:
    from voipbin_mock.mock import Mock
    from voipbin_mock.server import LiveServer
    from voipbin_mock.wire import Exchange

DEFAULT_PORT = 8484
USAGE_ERROR = 2
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def _env(name: str) -> str | None:
    return os.environ.get(f"VOIPBIN_MOCK_{name}")


def _env_flag(name: str) -> bool | None:
    text = _env(name)
    if text is None:
        return None
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise _Usage(f"VOIPBIN_MOCK_{name} must be true or false, not {text!r}")


class _Usage(Exception):
    """Something the user said cannot be done: one line, exit 2."""


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give 0 to 65535 (0 picks a free one)")
    return port


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= MAX_SPEED:
        raise argparse.ArgumentTypeError(f"{text!r} is no speed; give a number such as 60, at most {MAX_SPEED:,}")
    return speed


def _env_list(name: str) -> list[str]:
    return [code for code in (_env(name) or "").replace(",", " ").split() if code]


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="voipbin-mock", description="A mock of the VoIPBIN API for tests.")
    parser.add_argument("--version", action="version", version=f"voipbin-mock {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    serve = commands.add_parser(
        "serve",
        help="answer on a local port until interrupted",
        description="Answer on a local port until interrupted. Every flag can be given as an environment "
        "variable too: VOIPBIN_MOCK_PORT=9000 for --port 9000.",
    )
    add: Callable[..., Any] = serve.add_argument
    add("--host", default=_env("HOST") or "127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    add("--port", type=_port, default=_env("PORT") or str(DEFAULT_PORT), help="port; 0 picks a free one (8484)")
    add("--profile", default=_env("PROFILE") or "documented", help="documented (default) or server")
    add("--seed", default=_env("SEED"), help="records to start from: tutorial (default), account, empty, or a path")
    checks = serve.add_mutually_exclusive_group()
    checks.add_argument("--strict", dest="strict", action="store_true", default=None, help="hold bodies to the schemas")
    checks.add_argument("--lenient", dest="strict", action="store_false", help="decode bodies as the server does")
    add("--fixtures", metavar="DIR", default=_env("FIXTURES"), help="directory of seeds of your own")
    add("--random-seed", default=_env("RANDOM_SEED") or "0", help="ids and tokens are drawn from it (0)")
    add("--clock", metavar="MOMENT", default=_env("CLOCK"), help="stand still at a moment (default: real time)")
    add("--speed", type=_speed, default=_env("SPEED"), help="virtual seconds per second, from --clock or now (1)")
    add("--error", metavar="CODE", action="append", help="refuse requests with this lint warning, or all")
    add("--ignore", metavar="CODE", action="append", help="say nothing of this lint warning, or all")
    add("--port-file", metavar="PATH", default=_env("PORT_FILE"), help="write the port there once it answers")
    add("--control-token", metavar="TOKEN", default=_env("CONTROL_TOKEN"), help="ask it of control API calls")
    add("--json", action="store_true", default=None, help="make the first line one JSON object")
    add("--quiet", action="store_true", default=None, help="log warnings and errors only")
    serve.set_defaults(run=_serve)
    replay.add_to(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code. 2 is for what the user can mend: arguments, seeds, a taken port."""
    try:
        arguments = build_parser().parse_args(argv)
        code: int = arguments.run(arguments)
        return code
    except _Usage as error:
        print(f"voipbin-mock: {error}", file=sys.stderr)
        return USAGE_ERROR


def _serve(arguments: argparse.Namespace) -> int:
    # Before anything slow: an interrupt at start-up must end it cleanly too.
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    from voipbin_mock.server import LiveServer

    mock = _mock(arguments)
    beyond_loopback = not _is_loopback(arguments.host)
    mock.app.control = _control(arguments, beyond_loopback)
    mock.app.observer = lambda environ, exchange: _log(exchange)
    _set_up_logging(quiet=_said(arguments.quiet, "QUIET"))
    try:
        server = LiveServer(mock.app, host=arguments.host, port=arguments.port)
    except OSError as error:
        reason = error.strerror or str(error)
        raise _Usage(f"cannot listen on {arguments.host}:{arguments.port}: {reason}") from None
    mock.keep_time()
    with server:
        _announce(arguments, server, mock)
        if beyond_loopback:
            off = "" if arguments.control_token else "; the control API is off (--control-token turns it on)"
            print(f"voipbin-mock: warning: {arguments.host} can be reached from other machines{off}", file=sys.stderr)
        while not stop.wait(3600):
            pass
    return 0


def _mock(arguments: argparse.Namespace) -> Mock:
    from voipbin_mock.errors import MockUsageError, SeedError
    from voipbin_mock.mock import Mock

    seed, fixtures = arguments.seed, arguments.fixtures
    if fixtures is not None and not Path(fixtures).is_dir():
        raise _Usage(f"--fixtures {fixtures}: no such directory")
    strict = arguments.strict
    if strict is None:
        strict = _env_flag("STRICT")
    if strict is None and _env_flag("LENIENT") is not None:
        strict = not _env_flag("LENIENT")
    try:
        return Mock(
            arguments.profile,
            # A directory of seeds without a word which: all of it.
            seed=seed or fixtures or "tutorial",
            strict=strict,
            clock=arguments.clock or None,
            speed=arguments.speed,
            random_seed=arguments.random_seed,
            error=arguments.error or _env_list("ERROR"),
            ignore=arguments.ignore or _env_list("IGNORE"),
            fixtures=fixtures,
        )
    except (MockUsageError, SeedError, ValueError) as error:
        raise _Usage(str(error)) from None


def _said(flag: bool | None, name: str) -> bool:
    return bool(_env_flag(name) if flag is None else flag)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _control(arguments: argparse.Namespace, beyond_loopback: bool) -> Any:
    from voipbin_mock.pipeline import ControlPolicy

    token = arguments.control_token or None
    return ControlPolicy(enabled=token is not None or not beyond_loopback, token=token)


def _announce(arguments: argparse.Namespace, server: LiveServer, mock: Mock) -> None:
    mock.origin = server.origin
    if arguments.port_file:
        path = Path(arguments.port_file)
        try:
            fresh = path.with_name(path.name + ".new")
            fresh.write_text(f"{server.port}\n", encoding="ascii")
            fresh.replace(path)  # whoever waits for the file finds it whole
        except OSError as error:
            raise _Usage(f"--port-file {path}: {error.strerror}") from None
    if _said(arguments.json, "JSON"):
        facts = {
            "url": mock.url,
            "token": mock.token,
            "accesskey": mock.accesskey,
            "username": mock.username,
            "password": mock.password,
            "control_url": f"{server.origin}/__mock__",
            "profile": mock.world.profile.name,
            "version": __version__,
        }
        print(json.dumps(facts), flush=True)
        return
    print(f"voipbin-mock listening on {mock.url}", flush=True)
    # The token comes after the line that others wait for: signing it loads a library.
    print(f"curl '{mock.url}/outplans?token={mock.token}'", flush=True)


def _set_up_logging(quiet: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("voipbin_mock")
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING if quiet else logging.INFO)
    logger.propagate = False


def _log(exchange: Exchange) -> None:
    logger = logging.getLogger("voipbin_mock")
    first, *rest = exchange.explain()
    logger.info("%s", first)
    for line in rest:
        logger.warning("%s", line)
