"""`voipbin-mock serve`: answer on a local port until interrupted."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voipbin_mock._version import __version__
from voipbin_mock.command import interrupts, logbook
from voipbin_mock.command.port_file import PortFile
from voipbin_mock.command.usage import Usage, add_areas, areas_of, env, env_flag, env_list

if TYPE_CHECKING:
    from voipbin_mock.mock import Mock
    from voipbin_mock.server.live import LiveServer

DEFAULT_PORT = 8484
# Requests are short, and let go of the interpreter by themselves when they wait. Taking it from each other
# more often than this (seconds) only makes the threads queue up for it.
SWITCH_INTERVAL = 0.05
DESCRIPTORS = 1024


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give 0 to 65535 (0 picks a free one)")
    return port


def _speed(text: str) -> float:
    from voipbin_mock.world.clock import MAX_SPEED

    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= MAX_SPEED:
        raise argparse.ArgumentTypeError(f"{text!r} is no speed; give a number such as 60, at most {MAX_SPEED:,}")
    return speed


def add_to(commands: Any) -> None:
    """Make the command known to the command line."""
    serve = commands.add_parser(
        "serve",
        help="answer on a local port until interrupted",
        description="Answer on a local port until interrupted. Every flag can be given as an environment "
        "variable too: VOIPBIN_MOCK_PORT=9000 for --port 9000.",
    )
    add: Callable[..., Any] = serve.add_argument
    add("--host", default=env("HOST") or "127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    add("--port", type=_port, default=env("PORT") or str(DEFAULT_PORT), help="port; 0 picks a free one (8484)")
    add("--profile", default=env("PROFILE") or "documented", help="documented (default) or server")
    add("--seed", default=env("SEED"), help="records to start from: tutorial (default), account, empty, or a path")
    checks = serve.add_mutually_exclusive_group()
    checks.add_argument("--strict", dest="strict", action="store_true", default=None, help="hold bodies to the schemas")
    checks.add_argument("--lenient", dest="strict", action="store_false", help="decode bodies as the server does")
    add("--fixtures", metavar="DIR", default=env("FIXTURES"), help="directory of seeds of your own")
    add("--random-seed", default=env("RANDOM_SEED") or "0", help="ids and tokens are drawn from it (0)")
    add("--clock", metavar="MOMENT", default=env("CLOCK"), help="stand still at a moment (default: real time)")
    add("--speed", type=_speed, default=env("SPEED"), help="virtual seconds per second, from --clock or now (1)")
    add("--error", metavar="CODE", action="append", help="refuse requests with this lint warning, or all")
    add("--ignore", metavar="CODE", action="append", help="say nothing of this lint warning, or all")
    add("--rate-limits", nargs="?", const="true", metavar="JSON", default=env("RATE_LIMITS"), help="the service's own")
    add_areas(serve)
    add("--port-file", metavar="PATH", default=env("PORT_FILE"), help="write the port there once it answers")
    add("--control-token", metavar="TOKEN", default=env("CONTROL_TOKEN"), help="ask it of control API calls")
    add("--json", action="store_true", default=None, help="make the first line one JSON object")
    add("--quiet", action="store_true", default=None, help="log warnings and errors only")
    serve.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until a signal comes; the exit code."""
    stop = threading.Event()
    port_file = PortFile(arguments.port_file)

    def at_once(number: int) -> None:
        port_file.remove()
        interrupts.end_at_once(number)

    with interrupts.heard(stop.set, at_once):  # before anything slow: an interrupt at start-up must end it cleanly too
        return _serve_until(stop, arguments, port_file)


def _serve_until(stop: threading.Event, arguments: argparse.Namespace, port_file: PortFile) -> int:
    from voipbin_mock.server.live import LiveServer, is_loopback
    from voipbin_mock.wire.values import max_body

    mock = _mock(arguments)
    beyond_loopback = not is_loopback(arguments.host)
    mock.door.control = _control(arguments, beyond_loopback)
    sys.setswitchinterval(SWITCH_INTERVAL)
    mock.door.observer = logbook.set_up(_said(arguments.quiet, "QUIET")).tell
    _allow_descriptors()
    if stop.is_set():
        return 0
    try:
        server = LiveServer(mock.door, host=arguments.host, port=arguments.port, max_body=max_body)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Usage(f"cannot listen on {arguments.host}:{arguments.port}: {reason}") from None
    mock.keep_time()
    with server, port_file:
        port_file.write(server.port)
        _announce(arguments, server, mock)
        if beyond_loopback:
            off = "" if arguments.control_token else "; the control API is off (--control-token turns it on)"
            print(f"voipbin-mock: warning: {arguments.host} can be reached from other machines{off}", file=sys.stderr)
        stop.wait()
    return 0


def _mock(arguments: argparse.Namespace) -> Mock:
    from voipbin_mock.mock import Mock
    from voipbin_mock.wire.errors import MockUsageError, SeedError

    seed, fixtures = arguments.seed, arguments.fixtures
    if fixtures is not None and not Path(fixtures).is_dir():
        raise Usage(f"--fixtures {fixtures}: no such directory")
    try:
        return Mock(
            arguments.profile,
            # A directory of seeds without a word which: all of it.
            seed=seed or fixtures or "tutorial",
            strict=_strict(arguments),
            clock=arguments.clock or None,
            speed=arguments.speed,
            random_seed=arguments.random_seed,
            error=arguments.error or env_list("ERROR"),
            ignore=arguments.ignore or env_list("IGNORE"),
            fixtures=fixtures,
            coverage=True,
            rate_limits=arguments.rate_limits,
            areas=areas_of(arguments),
        )
    except (MockUsageError, SeedError, ValueError) as error:
        raise Usage(str(error)) from None


def _strict(arguments: argparse.Namespace) -> bool | None:
    """As the flags have it, or else the environment; None is as the profile has it."""
    strict: bool | None = arguments.strict
    if strict is not None:
        return strict
    strict, lenient = env_flag("STRICT"), env_flag("LENIENT")
    if strict is not None and strict == lenient:
        raise Usage("VOIPBIN_MOCK_STRICT and VOIPBIN_MOCK_LENIENT contradict each other; set one of them")
    return not lenient if strict is None and lenient is not None else strict


def _said(flag: bool | None, name: str) -> bool:
    return bool(env_flag(name) if flag is None else flag)


def _allow_descriptors() -> None:
    """As many open connections as a server has use for; some systems start programs with 256 descriptors."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _control(arguments: argparse.Namespace, beyond_loopback: bool) -> Any:
    from voipbin_mock.edge.incoming import ControlPolicy

    token = arguments.control_token or None
    hosts = frozenset() if beyond_loopback else frozenset({arguments.host.lower()})
    return ControlPolicy(enabled=token is not None or not beyond_loopback, token=token, hosts=hosts)


def _announce(arguments: argparse.Namespace, server: LiveServer, mock: Mock) -> None:
    mock.origin = server.origin
    if _said(arguments.json, "JSON"):
        facts = {
            "url": mock.url,
            "token": _token(mock),
            "accesskey": mock.accesskey,
            "username": mock.username,
            "password": mock.password,
            "control_url": f"{server.origin}/__mock__",
            "profile": mock.world.profile.name,
            "version": __version__,
        }
        _say(json.dumps(facts))
        return
    _say(f"voipbin-mock listening on {mock.url}")
    credential = f"accesskey={mock.accesskey}" if mock.accesskey else f"token={_token(mock)}"
    _say(f"curl '{mock.url}/outplans?{credential}'")


def _token(mock: Mock) -> str:
    """A token of the seed's first admin; "" if it has none. Signing one loads a library."""
    try:
        return mock.token
    except LookupError:
        return ""


def _say(line: str) -> None:
    try:
        print(line, flush=True)
    except OSError:
        # Whoever read the first line has closed the pipe, or the disk is full: no reason to stop serving.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
