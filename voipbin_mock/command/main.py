"""The command line: `voipbin-mock serve`."""

from __future__ import annotations

import argparse
import json
import logging
import os
import queue
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voipbin_mock._version import __version__
from voipbin_mock.command import contract as contract
from voipbin_mock.command import ctl, describe, interrupts, replay
from voipbin_mock.world.clock import MAX_SPEED

if TYPE_CHECKING:
    from voipbin_mock.mock import Mock
    from voipbin_mock.server.live import LiveServer
    from voipbin_mock.wire.exchange import Exchange

DEFAULT_PORT = 8484
# Requests are short, and let go of the interpreter by themselves when they wait. Taking it from each other
# more often than this (seconds) only makes the threads queue up for it.
SWITCH_INTERVAL = 0.05
USAGE_ERROR = 2
DESCRIPTORS = 1024
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
    add("--rate-limits", nargs="?", const="true", metavar="JSON", default=_env("RATE_LIMITS"), help="the service's own")
    add("--port-file", metavar="PATH", default=_env("PORT_FILE"), help="write the port there once it answers")
    add("--control-token", metavar="TOKEN", default=_env("CONTROL_TOKEN"), help="ask it of control API calls")
    add("--json", action="store_true", default=None, help="make the first line one JSON object")
    add("--quiet", action="store_true", default=None, help="log warnings and errors only")
    serve.set_defaults(run=_serve)
    replay.add_to(commands)
    ctl.add_to(commands)
    describe.add_to(commands)
    contract.add_to(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code. 2 is for what the user can mend: arguments, seeds, a taken port."""
    try:
        arguments = build_parser().parse_args(argv)
        code: int = arguments.run(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read what this printed (head, less) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except _Usage as error:
        print(f"voipbin-mock: {error}", file=sys.stderr)
        return USAGE_ERROR


def _serve(arguments: argparse.Namespace) -> int:
    stop = threading.Event()
    with interrupts.heard(stop.set):  # before anything slow: an interrupt at start-up must end it cleanly too
        return _serve_until(stop, arguments)


def _serve_until(stop: threading.Event, arguments: argparse.Namespace) -> int:
    from voipbin_mock.server.live import LiveServer, is_loopback
    from voipbin_mock.wire.values import max_body

    mock = _mock(arguments)
    beyond_loopback = not is_loopback(arguments.host)
    mock.app.control = _control(arguments, beyond_loopback)
    mock.app.observer = lambda environ, exchange: _log(exchange)
    sys.setswitchinterval(SWITCH_INTERVAL)
    _set_up_logging(quiet=_said(arguments.quiet, "QUIET"))
    _allow_descriptors()
    if stop.is_set():
        return 0
    try:
        server = LiveServer(mock.app, host=arguments.host, port=arguments.port, max_body=max_body)
    except OSError as error:
        reason = error.strerror or str(error)
        raise _Usage(f"cannot listen on {arguments.host}:{arguments.port}: {reason}") from None
    mock.keep_time()
    with server:
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
        raise _Usage(f"--fixtures {fixtures}: no such directory")
    strict = arguments.strict
    if strict is None:
        strict, lenient = _env_flag("STRICT"), _env_flag("LENIENT")
        if strict is not None and strict == lenient:
            raise _Usage("VOIPBIN_MOCK_STRICT and VOIPBIN_MOCK_LENIENT contradict each other; set one of them")
        if strict is None and lenient is not None:
            strict = not lenient
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
            coverage=True,
            rate_limits=arguments.rate_limits,
        )
    except (MockUsageError, SeedError, ValueError) as error:
        raise _Usage(str(error)) from None


def _said(flag: bool | None, name: str) -> bool:
    return bool(_env_flag(name) if flag is None else flag)


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
    from voipbin_mock.edge.pipeline import ControlPolicy

    token = arguments.control_token or None
    hosts = frozenset() if beyond_loopback else frozenset({arguments.host.lower()})
    return ControlPolicy(enabled=token is not None or not beyond_loopback, token=token, hosts=hosts)


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
        _say(json.dumps(facts))
        return
    _say(f"voipbin-mock listening on {mock.url}")
    # The token comes after the line that others wait for: signing it loads a library.
    _say(f"curl '{mock.url}/outplans?token={mock.token}'")


def _say(line: str) -> None:
    try:
        print(line, flush=True)
    except OSError:
        # Whoever read the first line has closed the pipe, or the disk is full: no reason to stop serving.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Scribe(logging.Handler):
    """Writes lines to stderr from a thread of its own.

    A worker that wrote by itself would hold the handler's lock while it waits for the interpreter's: with
    many clients all workers would queue up behind that.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="voipbin-mock-log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.put(self.format(record))

    def close(self) -> None:
        """Write what is left; called when Python ends."""
        self._lines.put(None)
        self._thread.join(2)
        super().close()

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                print(line, file=sys.stderr, flush=True)
            except (OSError, ValueError):  # nobody reads; the requests are answered all the same
                continue


def _set_up_logging(quiet: bool) -> None:
    handler = _Scribe()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("voipbin_mock")
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING if quiet else logging.INFO)
    logger.propagate = False


def _log(exchange: Exchange) -> None:
    logger = logging.getLogger("voipbin_mock")
    first, *rest = exchange.explain()
    # What is to be told of a request stands below it, also where the rest is quiet.
    level = logging.WARNING if rest else logging.INFO
    for line in (first, *rest):
        logger.log(level, "%s", line)
