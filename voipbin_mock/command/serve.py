"""`voipbin-mock serve`: answer on a local port until interrupted."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from voipbin_mock._version import __version__
from voipbin_mock.command import interrupts, logbook
from voipbin_mock.command.port_file import PortFile
from voipbin_mock.command.usage import Usage, add_areas, areas_of, env, env_flag, env_list, given, no, strangers

if TYPE_CHECKING:
    from voipbin_mock.command.keeping import Kept
    from voipbin_mock.command.workers import Place
    from voipbin_mock.mock import Mock
    from voipbin_mock.replication.replica import Replica
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
        raise no(text, f"{str(text)!r} is no port; give 0 to 65535 (0 picks a free one)")
    return port


def _speed(text: str) -> float:
    from voipbin_mock.world.winding import MAX_SPEED

    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= MAX_SPEED:
        raise no(text, f"{str(text)!r} is no speed; give a number such as 60, at most {MAX_SPEED:,}")
    return speed


def _workers(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise no(text, f"{str(text)!r} is no number of workers; give 1 or more")
    return int(text)


def add_to(commands: Any) -> None:
    """Make the command known to the command line."""
    serve = commands.add_parser(
        "serve",
        help="answer on a local port until interrupted",
        description="Answer on a local port until interrupted. Every flag can be given as an environment "
        "variable too: VOIPBIN_MOCK_PORT=9000 for --port 9000.",
    )
    variables = {"STRICT", "LENIENT", "AREA", "URL", "SESSION"}  # the last two are read by ctl

    def add(flag: str, **how: Any) -> None:
        variables.add(flag[2:].replace("-", "_").upper())
        serve.add_argument(flag, **how)

    add("--host", default=env("HOST") or "127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    add("--port", type=_port, default=given("PORT") or str(DEFAULT_PORT), help="port; 0 picks a free one (8484)")
    add("--profile", default=env("PROFILE") or "documented", help="documented (default) or server")
    add("--seed", default=env("SEED"), help="records to start from: tutorial (default), account, empty, or a path")
    checks = serve.add_mutually_exclusive_group()
    checks.add_argument("--strict", dest="strict", action="store_true", default=None, help="hold bodies to the schemas")
    checks.add_argument("--lenient", dest="strict", action="store_false", help="decode bodies as the server does")
    add("--state", metavar="FILE", default=env("STATE"), help="keep all there is in this file, and go on from it")
    add("--shared", metavar="URL", default=env("SHARED"), help="be one mock with others: redis://HOST:PORT/DB")
    add("--workers", type=_workers, default=given("WORKERS") or "1", help="processes on the port, as one mock (1)")
    add("--name", default=env("NAME") or "default", help="of the mock that is shared (default)")
    add("--fixtures", metavar="DIR", default=env("FIXTURES"), help="directory of seeds of your own")
    add("--random-seed", default=env("RANDOM_SEED") or "0", help="ids and tokens are drawn from it (0)")
    add("--clock", metavar="MOMENT", default=env("CLOCK"), help="stand still at a moment (default: real time)")
    add("--speed", type=_speed, default=given("SPEED"), help="virtual seconds per second, from --clock or now (1)")
    add("--error", metavar="CODE", action="append", help="refuse requests with this lint warning, or all")
    add("--ignore", metavar="CODE", action="append", help="say nothing of this lint warning, or all")
    add("--talk-time", default=env("TALK_TIME") or "2s", help="how long it takes to speak a text: 2s, 60ms/character")
    add("--play-time", default=env("PLAY_TIME") or "5s", help="how long a file takes to be played (5s)")
    add("--rate-limits", nargs="?", const="true", metavar="JSON", default=env("RATE_LIMITS"), help="the service's own")
    add("--billing", nargs="?", const="true", metavar="JSON", default=env("BILLING"), help="let things cost money")
    add_areas(serve)
    add("--port-file", metavar="PATH", default=env("PORT_FILE"), help="write the port there once it answers")
    stdin = "stop when standard input ends, as it does when whoever started this is gone"
    add("--exit-with-stdin", action="store_true", default=None, help=stdin)
    add("--control-token", metavar="TOKEN", default=env("CONTROL_TOKEN"), help="ask it of control API calls")
    add("--no-console", action="store_true", default=None, help="without the page at /__mock__/console, and its stream")
    add("--json", action="store_true", default=None, help="make the first line one JSON object")
    add("--quiet", action="store_true", default=None, help="log warnings and errors only")
    serve.set_defaults(run=run, variables=variables)


def run(arguments: argparse.Namespace) -> int:
    """Serve until a signal comes; the exit code."""
    if arguments.workers > 1:
        from voipbin_mock.command import workers

        for line in strangers(arguments.variables):
            _warn(line)
        return workers.run(arguments, serve)
    return serve(arguments)


def serve(arguments: argparse.Namespace, place: Place | None = None) -> int:
    """The same, by this process alone, or as one of several workers."""
    stop = threading.Event()
    port_file = PortFile(arguments.port_file if place is None else None)

    def at_once(number: int) -> None:
        if place is not None:
            return  # a terminal tells it as well as the process that started it, which tells it once more
        port_file.remove()
        interrupts.end_at_once(number)

    with interrupts.heard(stop.set, at_once):  # before anything slow: an interrupt at start-up must end it cleanly too
        if place is not None:
            interrupts.let_go()
        return _serve_until(stop, arguments, port_file, place)


def _serve_until(stop: threading.Event, arguments: argparse.Namespace, port_file: PortFile, place: Place | None) -> int:
    from voipbin_mock.server.live import LiveServer, is_loopback
    from voipbin_mock.trouble.handles import ending
    from voipbin_mock.wire.values import max_taken

    if place is None:
        for line in strangers(arguments.variables):
            _warn(line)
    else:
        from voipbin_mock.command.workers import until_parent_ends

        until_parent_ends(place.parent, stop)
    kept = _kept(arguments, place)
    mock = _mock(arguments) if kept is None else kept.mock
    if kept is None and arguments.state:
        _load(mock, "--state", arguments.state)
        _warn(f"--state {arguments.state}: a state to start from, which nothing is kept in; --seed takes it, too")
    elif kept is None:
        _seed(mock, arguments)
    elif not kept.log.is_shared or (place is not None and not place.tells):
        kept.begin(partial(_seed, arguments=arguments))  # others hold the port, or nobody knows it yet
    if _said(arguments.exit_with_stdin, "EXIT_WITH_STDIN"):
        threading.Thread(target=_await_end, args=(stop,), name="voipbin-mock-stdin", daemon=True).start()
    beyond_loopback = not is_loopback(arguments.host)
    mock.door.control = _control(arguments, beyond_loopback)
    sys.setswitchinterval(SWITCH_INTERVAL)
    mock.door.observer = logbook.set_up(_said(arguments.quiet, "QUIET")).tell
    _allow_descriptors()
    if stop.is_set():
        if kept is not None:
            kept.end()
        return 0
    door = mock.door if kept is None else kept.door
    taken = None if place is None else place.listener
    try:
        server = LiveServer(door, host=arguments.host, port=arguments.port, max_body=max_taken, taken=taken)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Usage(f"cannot listen on {arguments.host}:{arguments.port}: {reason}") from None
    if kept is None:
        mock.keep_time()
    with server, port_file:
        if kept is not None and not kept.replica.ready:
            kept.begin(partial(_seed, arguments=arguments))  # until it has caught up, it answers 503
        port_file.write(server.port)
        if place is not None:
            os.write(place.ready, b"r")
        if place is None or place.tells:
            _announce(arguments, server, mock)
        if beyond_loopback and (place is None or place.tells):
            off = "" if arguments.control_token else "; the control API is off (--control-token turns it on)"
            _warn(f"{arguments.host} can be reached from other machines{off}")
        stop.wait()
        if kept is not None:
            server.stop()
            kept.end()
            return 0
        with ending(mock.world, "the server was stopped"):
            server.stop()
    return 0


def _kept(arguments: argparse.Namespace, place: Place | None) -> Kept | None:
    """A mock whose inputs are written down, if that is wanted. Raises Usage."""
    if place is None and not (arguments.shared or arguments.state):
        return None
    from voipbin_mock.command import keeping

    if place is None and not keeping.is_wanted(arguments):
        return None
    if arguments.shared and arguments.state:
        raise Usage("--shared and --state exclude each other: what is shared is kept in Redis")
    return keeping.Kept(arguments, partial(_mock, arguments), _settings(arguments), place.log if place else "")


def _settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """What a mock is made with, but for its clock's driver."""
    seed, fixtures = arguments.seed, arguments.fixtures
    if _is_state(seed):
        seed = None
    return {
        "profile": arguments.profile,
        # A directory of seeds without a word which: all of it.
        "seed": seed or fixtures or "tutorial",
        "strict": _strict(arguments),
        "clock": arguments.clock or None,
        "speed": arguments.speed,
        "random_seed": arguments.random_seed,
        "error": arguments.error or env_list("ERROR"),
        "ignore": arguments.ignore or env_list("IGNORE"),
        "rate_limits": arguments.rate_limits,
        "billing": arguments.billing,
        "talk_time": arguments.talk_time,
        "play_time": arguments.play_time,
        "areas": areas_of(arguments),
    }


def _mock(arguments: argparse.Namespace, driver: Replica | None = None, clock: str | None = None) -> Mock:
    from voipbin_mock.mock import Mock
    from voipbin_mock.wire.errors import MockUsageError, SeedError

    fixtures = arguments.fixtures
    if fixtures is not None and not Path(fixtures).is_dir():
        raise Usage(f"--fixtures {fixtures}: no such directory")
    settings = _settings(arguments)
    try:
        if driver is not None:
            from voipbin_mock.world.clock import Clock

            settings |= {"clock": Clock(settings["clock"], speed=settings["speed"], driver=driver), "speed": None}
        elif clock is not None:
            settings |= {"clock": clock, "speed": None}
        mock = Mock(**settings, fixtures=fixtures, coverage=True)
    except (MockUsageError, SeedError, ValueError) as error:
        raise Usage(str(error)) from None
    mock.world.owns_clock = True
    return mock


def _is_state(seed: str | None) -> bool:
    """Whether a seed is a file with a state, as `ctl state` prints it."""
    if not seed or not Path(seed).is_file():
        return False
    with open(seed, "rb") as file:
        return b'"voipbin-mock-state"' in file.read(256)


def _seed(mock: Mock, arguments: argparse.Namespace) -> None:
    """A state that was given as the seed, in place of a seed's records. Raises Usage."""
    if _is_state(arguments.seed):
        _load(mock, "--seed", arguments.seed)


def _load(mock: Mock, flag: str, name: str) -> None:
    """A kept state in place of the seed's records. Raises Usage."""
    from voipbin_mock.wire.errors import SeedError

    try:
        mock.load(json.loads(Path(name).read_text(encoding="utf-8")))
    except OSError as error:
        raise Usage(f"{flag} {name}: {error.strerror}") from None
    except (SeedError, ValueError, RecursionError) as error:
        raise Usage(f"{flag} {name}: {error}") from None


def _await_end(stop: threading.Event) -> None:
    """Until standard input ends, or is none."""
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    stop.set()


def _warn(text: str) -> None:
    if sys.stderr is not None:
        print(f"voipbin-mock: warning: {text}", file=sys.stderr)


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
    console = not _said(arguments.no_console, "NO_CONSOLE")
    return ControlPolicy(token is not None or not beyond_loopback, token, hosts, console)


def _announce(arguments: argparse.Namespace, server: LiveServer, mock: Mock) -> None:
    from voipbin_mock.wire.values import CONSOLE

    mock.origin = server.origin
    if arguments.host in ("0.0.0.0", "::"):
        mock.origin = f"http://127.0.0.1:{server.port}"
    if _said(arguments.json, "JSON"):
        facts = {
            "url": mock.url,
            "token": _token(mock),
            "accesskey": mock.accesskey,
            "username": mock.username,
            "password": mock.password,
            "control_url": f"{mock.origin}/__mock__",
            **({"console_url": mock.origin + CONSOLE} if mock.door.control.has_console else {}),
            "profile": mock.world.profile.name,
            "version": __version__,
        }
        _say(json.dumps(facts))
        return
    _say(f"voipbin-mock listening on {mock.url}")
    credential = f"accesskey={mock.accesskey}" if mock.accesskey else f"token={_token(mock)}"
    _say(f"curl '{mock.url}/outplans?{credential}'")
    if mock.door.control.has_console:
        _say(f"console at {mock.origin}{CONSOLE}{_to_a_terminal(arguments.control_token)}")


def _to_a_terminal(control_token: str | None) -> str:
    """The control token, where only a person reads it: behind a #, a browser keeps it to itself."""
    if not control_token or sys.stdout is None or not sys.stdout.isatty():
        return ""
    return "#token=" + quote(control_token.encode("utf-8", "surrogateescape"), safe="")


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
